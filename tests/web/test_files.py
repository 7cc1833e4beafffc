"""The pages of imports and exports: from choosing a file to undoing, and from a list to its file."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from wonward.accounts import memberships, users
from wonward.accounts.models import Portal, User
from wonward.blueprints import apply
from wonward.records.exporting import background as exporting
from wonward.records.importing import background as importing
from wonward.records.models import ExportRun, ImportRun
from wonward.web import exports, imports
from wonward.worker import jobs

from .conftest import BACKEND

State = ImportRun.State
FILE = "Kunde;Domain;By;Noter\nNordisk Måleri A/S;nordisk.example;Ribe;x\nBæk & Søn;baek.example;Århus;\n;;Ribe;\n"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.WONWARD_DATA = tmp_path


def send(pages: Client, text: str = FILE, name: str = "kunder.csv") -> Any:
    return pages.post("/p/starter/companies/import", {"file": SimpleUploadedFile(name, text.encode())})


def test_a_file_is_imported_step_by_step_and_undone(pages: Client, cast: Any, htmx: dict[str, str]) -> None:
    assert "names the columns" in pages.get("/p/starter/companies/import").content.decode()
    sent = send(pages)
    run = ImportRun.objects.get()
    address = f"/p/starter/imports/{run.pk}"
    assert sent["Location"] == address
    html = pages.get(address).content.decode()
    assert "Bæk &amp; Søn" in html
    assert "columns between semicolons" in html
    form = {
        "key": "domain",
        "mode": "create_or_update",
        "column-0": "p:name",
        "column-1": "p:domain",
        "column-2": "p:city",
    }
    pages.post(f"{address}/columns", form)
    assert 'hx-trigger="every 1s"' in pages.get(address).content.decode()
    assert pages.get(f"{address}?progress", headers=htmx).content.decode().startswith("<section")
    jobs.carry_on_import(run.pk)
    assert pages.get(f"{address}?progress", headers=htmx)["HX-Refresh"] == "true"
    html = pages.get(address).content.decode()
    assert "Import 3 rows" in html
    assert "Company domain is empty" in html
    pages.post(f"{address}/go")
    jobs.carry_on_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created, run.updated, run.refused) == (State.DONE, 1, 1, 1)
    html = pages.get(address).content.decode()
    assert "Undo this import" in html
    file = pages.get(f"{address}/refused")
    assert file["Content-Disposition"] == 'attachment; filename="kunder.errors.csv"'
    assert "Company domain is empty" in b"".join(file).decode()
    pages.post(f"{address}/undo")
    jobs.carry_on_import(run.pk)
    html = pages.get(address).content.decode()
    assert "1 records archived, 1 as they were before" in html
    assert "kunder.csv" in pages.get("/p/starter/imports").content.decode()


def test_a_file_that_cant_be_read_says_so_where_it_was_chosen(pages: Client) -> None:
    answer = send(pages, "x", "kunder.pdf")
    assert answer.status_code == 422
    assert "save it as .xlsx or .csv" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_columns_for_one_property_are_refused_at_the_columns(pages: Client) -> None:
    send(pages)
    run = ImportRun.objects.get()
    pages.post(
        f"/p/starter/imports/{run.pk}/columns", {"key": "domain", "column-0": "p:city", "column-2": "p:city"}
    )
    jobs.carry_on_import(run.pk)
    assert "both give City" in pages.get(f"/p/starter/imports/{run.pk}").content.decode()


def test_what_doesnt_go_together_is_refused(pages: Client) -> None:
    send(pages)
    address = f"/p/starter/imports/{ImportRun.objects.get().pk}"
    assert pages.post(f"{address}/go").status_code == 400
    assert pages.post(f"{address}/undo").status_code == 400
    assert pages.post(f"{address}/nonsense").status_code == 404
    pages.post(f"{address}/cancel")
    assert "Cancelled" in pages.get(address).content.decode()


def test_others_dont_see_an_export_nor_another_portals_import(
    pages: Client, cast: Any, ada: Any, starter: str
) -> None:
    from wonward.accounts import users

    users.create(
        "bo@example.com", "Bo Vesterlund", "correct horse battery staple", [Portal.objects.get(name=starter)]
    )
    other = Client()
    other.force_login(
        User.objects.get(email="bo@example.com"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    run = ExportRun.objects.create(
        portal_id=ada.portal_id,
        object_type="company",
        actor=f"user:{ada.user_id}",
        asked={},
        file_name="x.csv",
        started_at=ada.created_at,
    )
    assert pages.get(f"/p/starter/exports/{run.pk}").status_code == 200
    assert other.get(f"/p/starter/exports/{run.pk}").status_code == 404
    assert other.get(f"/p/starter/exports/{run.pk}/file").status_code == 404
    elsewhere = Portal.objects.create(name="elsewhere", label="x", schema="x", created_at=ada.created_at)
    foreign = ImportRun.objects.create(
        portal=elsewhere,
        object_type="company",
        file_name="x.csv",
        digest="",
        rows=0,
        started_at=ada.created_at,
    )
    assert pages.get(f"/p/starter/imports/{foreign.pk}").status_code == 404


def test_a_small_list_comes_at_once_as_it_is_filtered(pages: Client, cast: Any) -> None:
    html = pages.get("/p/starter/deals/export?where=amount+%3E+1000&sort=-amount").content.decode()
    assert 'value="amount &gt; 1000"' in html
    form = {
        "where": "amount > 1000",
        "sort": "-amount",
        "columns": ["dealname", "amount"],
        "form": "csv",
        "heads": "names",
    }
    answer = pages.post("/p/starter/deals/export", form)
    assert b"".join(answer).decode("utf-8-sig").splitlines() == [
        "hs_object_id (starter),dealname,amount",
        f"{cast.facade},Facade,1200.5",
    ]
    assert pages.post("/p/starter/deals/export", {**form, "where": "amount >"}).status_code == 422


def test_a_long_list_is_written_by_a_job(
    pages: Client, cast: Any, monkeypatch: pytest.MonkeyPatch, htmx: dict[str, str]
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    answer = pages.post(
        "/p/starter/deals/export", {"columns": ["dealname"], "form": "xlsx", "heads": "labels"}
    )
    run = ExportRun.objects.get()
    assert answer["Location"] == f"/p/starter/exports/{run.pk}"
    assert "Writing the file" in pages.get(answer["Location"]).content.decode()
    jobs.write_export(run.pk)
    assert pages.get(f"{answer['Location']}?progress", headers=htmx)["HX-Refresh"] == "true"
    assert "2 records" in pages.get(answer["Location"]).content.decode()
    file = io.BytesIO(b"".join(pages.get(f"{answer['Location']}/file")))
    assert file.read(2) == b"PK"


DANISH = {"accept-language": "da"}


def test_a_file_is_the_same_whoever_reads_and_comes_back(pages: Client, cast: Any) -> None:
    asked = {
        "columns": ["name", "lifecyclestage"],
        "associated": ["contact"],
        "form": "csv",
        "heads": "labels",
    }
    english, danish = (
        b"".join(pages.post("/p/starter/companies/export", asked, headers={"accept-language": each}))
        for each in ("en", "da")
    )
    assert danish == english
    heading = danish.decode("utf-8-sig").splitlines()[0]
    assert heading == "Record ID (starter),Company name,Lifecycle stage,Contact ids,Contact names"
    send(pages, danish.decode("utf-8-sig"), "virksomheder.csv")
    html = pages.get(f"/p/starter/imports/{ImportRun.objects.get().pk}", headers=DANISH).content.decode()
    assert _chosen(html) == ["p:hs_object_id", "p:name", "p:lifecyclestage", "a:contact/hs_object_id/", ""]


def test_danish_headings_are_understood_by_who_reads_danish(pages: Client) -> None:
    send(pages, "Virksomhedsnavn;Domain;By;Moderselskab;Kontakter\nBæk & Søn;baek.example;Århus;;\n")
    address = f"/p/starter/imports/{ImportRun.objects.get().pk}"
    html = pages.get(address, headers=DANISH).content.decode()
    assert "(Moderselskab)" in html
    chosen = _chosen(html)
    assert chosen == [
        "p:name",
        "p:domain",
        "p:city",
        "a:company/name/Parent company",
        "a:contact/email/",
    ]
    form = {"key": "domain", **{f"column-{place}": each for place, each in enumerate(chosen)}}
    pages.post(f"{address}/columns", form, headers=DANISH)
    run = ImportRun.objects.get()
    jobs.carry_on_import(run.pk)
    run.refresh_from_db()
    assert run.state == State.WAITING, "the job, which reads no Danish, understands what was chosen"


def _chosen(html: str) -> list[str]:
    """Return what each column of a file is to become, as the page has it."""
    selects = re.findall(r'<select name="column-[0-9]+".*?</select>', html, re.DOTALL)
    return [(re.findall(r'<option value="([^"]*)" selected', each) or [""])[0] for each in selects]


def test_more_than_an_import_may_have_is_refused(pages: Client, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(imports, "LARGEST", 10)
    answer = send(pages)
    assert answer.status_code == 422
    assert "split it and import the parts" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_page_that_takes_no_file_stores_none(pages: Client, cast: Any) -> None:
    sent = {"file": SimpleUploadedFile("a.csv", b"x")}
    answer = pages.post("/p/starter/companies/export", sent)
    answer.close()
    assert not answer.wsgi_request.FILES


def test_both_jobs_are_entered() -> None:
    from procrastinate.contrib.django import app

    assert {importing.JOB, exporting.JOB, "delete_files"} <= app.tasks.keys()


def test_a_file_with_sensitive_columns_is_for_its_sender_and_those_with_the_right(
    pages: Client, cast: Any, starter: str
) -> None:
    pages.post(
        "/p/starter/contacts/import",
        {"file": SimpleUploadedFile("a.csv", b"email,CPR\nx@a.dk,010190-1234\n")},
    )
    run = ImportRun.objects.get()
    address = f"/p/starter/imports/{run.pk}"
    users.create(
        "soren@example.com", "Søren Ågård", "correct horse battery", [Portal.objects.get(name=starter)]
    )
    soren = Client()
    soren.force_login(User.objects.get(email="soren@example.com"), backend=BACKEND)
    assert "010190-1234" in soren.get(address).content.decode()  # nothing is sensitive here yet
    wanted = {("property", "contact.cpr"): {"label": "CPR", "type": "text", "sensitive": True}}
    apply.define(starter, wanted, actor="user:1")
    assert "010190-1234" in pages.get(address).content.decode()
    for hidden in (soren.get(address), soren.get(f"{address}/refused"), soren.post(f"{address}/cancel")):
        assert hidden.status_code == 404
    listed = soren.get("/p/starter/imports").content.decode()
    assert "a.csv" in listed
    assert address not in listed
    memberships.let_see_sensitive(Portal.objects.get(name=starter), "soren@example.com", True)
    assert "010190-1234" in soren.get(address).content.decode()
