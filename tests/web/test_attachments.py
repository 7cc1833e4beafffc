"""Files on a record's page: attached, listed, given out safely, removed and put back; only to those who may."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.attachments.conftest import use
from tests.attachments.samples import PDF, PNG

from wonward.accounts import users
from wonward.accounts.models import Portal
from wonward.attachments.models import Attachment

from .conftest import Cast

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder for the files, and one for those on their way."""
    use(settings, "", tmp_path / "files")
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    yield tmp_path / "files"
    assert [name for name in os.listdir(tmp_path) if name.endswith(".upload")] == []


def upload(pages: Client, address: str, name: str, content: bytes, **more: Any) -> Any:
    return pages.post(address, {"file": SimpleUploadedFile(name, content)}, **more)


def words(html: str) -> str:
    found = re.search(r'<section class="group files".*?</section>', html, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_a_file_is_attached_listed_and_told(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    assert "Drop files here" in words(pages.get(deal).content.decode())
    response = upload(pages, f"{deal}/files", "Måleraftale Ågård.pdf", PDF, headers=htmx)
    assert (response.status_code, response["HX-Trigger"]) == (200, "record-changed")
    listed = words(response.content.decode())
    assert "Files 1" in listed
    assert re.search(r"pdf Måleraftale Ågård\.pdf 23 bytes · Ada Holm · ", listed)
    assert words(pages.get(deal).content.decode()) == listed
    timeline = pages.get(f"{deal}/timeline").content.decode()
    story = " ".join(re.sub(r"<[^>]+>", " ", timeline).split())
    assert "Ada Holm attached Måleraftale Ågård.pdf (23 bytes)" in story.replace("&nbsp;", " ")


def test_a_file_is_given_out_for_saving_and_can_run_nothing(pages: Client, cast: Cast) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    upload(pages, f"{deal}/files", "Måler.pdf", PDF)
    address = f"{deal}/files/{Attachment.objects.get().pk}"
    response = pages.get(address)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''M%C3%A5ler.pdf"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
    again = pages.get(address, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    shown = pages.get(f"{address}?show")
    assert b"".join(shown.streaming_content) == PDF
    assert shown["Content-Disposition"].startswith("attachment"), "only pictures are shown"


def test_a_picture_is_shown_in_the_list(pages: Client, cast: Cast) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    upload(pages, f"{deal}/files", "facade.png", PNG)
    address = f"{deal}/files/{Attachment.objects.get().pk}"
    assert f'<img src="{address}?show"' in pages.get(deal).content.decode()
    response = pages.get(f"{address}?show")
    assert b"".join(response.streaming_content) == PNG
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("virus.exe", b"MZ\x90\0", "Files ending in .exe can&#39;t be attached"),
        ("side.html", b"<script>alert(1)</script>", "Files ending in .html can&#39;t be attached"),
        ("faktura.pdf", b"MZ\x90\0", "isn&#39;t a .pdf file inside"),
        ("tom.pdf", b"", "tom.pdf is empty"),
        ("stor.pdf", PDF + b"0" * MEGABYTE, "stor.pdf is too large; a file may have 1 MB at most"),
        ("uhyre.pdf", PDF + b"0" * 5 * MEGABYTE, "is too large; a file may have 1 MB at most"),
    ],
)
def test_what_cant_be_attached_is_refused_with_the_reason(
    pages: Client, cast: Cast, htmx: dict[str, str], settings: Any, name: str, content: bytes, why: str
) -> None:
    settings.WONWARD_FILE_MEGABYTES = 1
    response = upload(pages, f"/p/starter/deals/{cast.facade}/files", name, content, headers=htmx)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert not Attachment.objects.exists()


def test_a_form_without_a_file_says_so_and_without_scripts_all_works_too(pages: Client, cast: Cast) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    page = pages.post(f"{deal}/files", {}, follow=True)
    assert "Choose a file first" in page.content.decode()
    page = upload(pages, f"{deal}/files", "plan.pdf", PDF, follow=True)
    assert "plan.pdf" in words(page.content.decode())
    page = pages.post(f"{deal}/files/{Attachment.objects.get().pk}/remove", follow=True)
    assert "Removed plan.pdf." in page.content.decode()
    assert "plan.pdf" not in words(page.content.decode())


def test_a_removed_file_can_be_put_back_at_once(pages: Client, cast: Cast, htmx: dict[str, str]) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    upload(pages, f"{deal}/files", "plan.pdf", PDF)
    address = f"{deal}/files/{Attachment.objects.get().pk}"
    removed = pages.post(f"{address}/remove", headers=htmx)
    assert "Removed plan.pdf. Undo" in words(removed.content.decode())
    assert pages.get(address).status_code == 404
    assert pages.post(f"{address}/remove", headers=htmx).status_code == 404
    restored = pages.post(f"{address}/restore", headers=htmx)
    assert "Files 1" in words(restored.content.decode())
    assert b"".join(pages.get(address).streaming_content) == PDF


def test_files_of_an_archived_record_can_be_read_and_nothing_else(pages: Client, cast: Cast) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    upload(pages, f"{deal}/files", "plan.pdf", PDF)
    address = f"{deal}/files/{Attachment.objects.get().pk}"
    pages.post(f"{deal}/archive")
    html = pages.get(deal).content.decode()
    assert "plan.pdf" in words(html)
    assert "data-uploads" not in html
    assert b"".join(pages.get(address).streaming_content) == PDF
    assert upload(pages, f"{deal}/files", "b.pdf", PDF).status_code == 404
    assert pages.post(f"{address}/remove").status_code == 404


def test_a_file_is_found_under_its_own_record_alone(pages: Client, cast: Cast) -> None:
    upload(pages, f"/p/starter/deals/{cast.facade}/files", "plan.pdf", PDF)
    number = Attachment.objects.get().pk
    for other in (f"deals/{cast.roof}", f"companies/{cast.nordisk}", f"companies/{cast.facade}"):
        assert pages.get(f"/p/starter/{other}/files/{number}").status_code == 404
        assert pages.post(f"/p/starter/{other}/files/{number}/remove").status_code == 404


def test_strangers_get_nothing_and_leave_nothing(pages: Client, cast: Cast, settings: Any) -> None:
    deal = f"/p/starter/deals/{cast.facade}"
    upload(pages, f"{deal}/files", "plan.pdf", PDF)
    address = f"{deal}/files/{Attachment.objects.get().pk}"
    anyone = Client()
    assert anyone.get(address).status_code == 302
    assert upload(anyone, f"{deal}/files", "b.pdf", PDF).status_code == 302
    users.create("bo@example.com", "Bo Berg", "correct horse battery staple", [])
    bo = Client()
    bo.force_login(
        users.User.objects.get(email="bo@example.com"), backend=settings.AUTHENTICATION_BACKENDS[0]
    )
    assert bo.get(address).status_code == 404
    assert upload(bo, f"{deal}/files", "b.pdf", PDF).status_code == 404
    assert Attachment.objects.count() == 1
    assert Portal.objects.count() == 1


def test_routes_that_want_no_files_write_none(pages: Client, cast: Cast, monkeypatch: Any) -> None:
    """Nor does the sign-in page, which anyone may send something to."""
    begun: list[str] = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.TemporaryFileUploadHandler.new_file",
        lambda *given, **_: begun.append(given[2]),
    )
    for client, address in ((Client(), "/sign-in"), (pages, f"/p/starter/deals/{cast.facade}/edit")):
        upload(client, address, "bombe.bin", b"0" * MEGABYTE)
    assert begun == []
