"""Files on a record in the browser: chosen, dropped, refused, removed and put back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.attachments.conftest import use
from tests.attachments.samples import PDF, PNG

Visit = Callable[..., Page]

DROP = """([card, files]) => {
  const carried = new DataTransfer();
  for (const [name, text] of files) carried.items.add(new File([text], name));
  const at = (kind) => new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried });
  card.dispatchEvent(at("dragover"));
  if (!card.classList.contains("target")) throw new Error("the card doesn't show that it takes files");
  document.querySelector(".timeline").dispatchEvent(at("drop"));
}"""


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    """A folder for the files."""
    use(settings, "", tmp_path / "files")


@pytest.mark.parametrize("shape", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}])
def test_files_are_chosen_dropped_refused_removed_and_put_back(
    visit: Visit, sales: dict[str, int], shape: dict[str, int], settings: Any
) -> None:
    settings.WONWARD_FILE_MEGABYTES = 1
    page = visit(viewport=shape)
    page.goto(f"/p/starter/deals/{sales['facade']}")
    card = page.get_by_role("region", name="Files")
    expect(card).to_contain_text("Drop files here")
    card.get_by_label("Attach files").set_input_files(
        [
            {"name": "Måleraftale Ågård.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "facade.png", "mimeType": "image/png", "buffer": PNG},
            {"name": "faktura.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\0"},
            {"name": "stor.pdf", "mimeType": "application/pdf", "buffer": PDF + b"0" * 1024 * 1024},
        ]
    )
    expect(card.locator(".file")).to_have_count(2)
    refused = card.locator(".upload.failed")
    expect(refused).to_have_count(2)
    expect(refused.filter(has_text="stor.pdf")).to_contain_text("a file may have 1 MB at most")
    expect(refused.filter(has_text="faktura.pdf")).to_contain_text("isn't a .pdf file inside")
    expect(page.locator(".story").first).to_contain_text("Ada Holm attached facade.png")
    picture = card.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1

    page.evaluate(DROP, [card.element_handle(), [["note.txt", "Hej Søren"]]])
    expect(card.locator(".file")).to_have_count(3)
    expect(card.get_by_role("alert")).to_have_count(0)
    with page.expect_download() as download:
        card.get_by_role("link", name="Måleraftale Ågård.pdf").click()
    assert download.value.suggested_filename == "Måleraftale Ågård.pdf"
    assert Path(download.value.path()).read_bytes() == PDF

    card.get_by_role("button", name="Remove note.txt").focus()
    page.keyboard.press("Enter")
    expect(card.locator(".file")).to_have_count(2)
    undo = card.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.locator(".file")).to_have_count(3)
    expect(page.locator(".story").first).to_contain_text("attached note.txt")
