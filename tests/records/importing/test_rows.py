"""Rows become records: values, owners, associations, keys; what is wrong is told with its line, the rest goes in."""

import csv
from pathlib import Path

import pytest

from wonward import clock
from wonward.accounts.models import Member, Portal
from wonward.errors import Conflict, Invalid
from wonward.records.importing.summary import Preview, Result
from wonward.records.models import ImportRun

from .conftest import Importer


def owner(first: str, last: str, email: str | None = None, **fields: object) -> Member:
    now = clock.now()
    return Member.objects.create(
        portal=Portal.objects.get(name="starter"),
        first_name=first,
        last_name=last,
        email=email,
        created_at=now,
        updated_at=now,
        **fields,
    )


def problems(result: Result | Preview) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.message) for each in result.problems]


def counts(result: Result | Preview) -> tuple[int, int, int, int, int]:
    each = result.counts
    return each.created, each.updated, each.unchanged, each.refused, each.incomplete


def test_a_file_whose_headers_are_labels_needs_no_map(importer: Importer) -> None:
    owner("Søren", "Ågård")
    importer.create("company", {"name": "Nordisk Måleri A/S"})
    text = (
        "Opportunity ID;Deal name;Amount;Close date;Engage date;Deal stage;Deal owner;Company\n"
        "N1;Facade;1.250,50;31-12-17;01.10.2017;Won;søren ågård;Nordisk Måleri A/S\n"
        "N2;Tag;;;;;;\n"
    )
    assert counts(importer.run(text, "deals")) == (2, 0, 0, 0, 0)
    columns = ("dealname", "amount", "closedate", "engage_date", "dealstage", "pipeline", "company.name")
    assert importer.records("deal", *columns) == [
        (
            "Facade",
            "1250.5",
            "2017-12-31T00:00:00.000Z",
            "2017-10-01",
            "closedwon",
            "default",
            "Nordisk Måleri A/S",
        ),
        ("Tag", None, None, None, "prospecting", "default", None),
    ]


def test_owners_by_name_by_address_and_by_number(importer: Importer) -> None:
    soren, ase = owner("Søren", "Ågård", "soren@example.com"), owner("Åse", "Bæk")
    owner("Bo", "Holm")
    owner("Bo", "Holm")
    owner("Chef", "Ejer", owns_records=False)
    found = importer.run(
        "opportunity_id,dealname,deal owner\n"
        f"1,a,SØREN  Ågård\n2,b,Soren@Example.com\n3,c,{ase.id}\n4,d,Søren Ågard\n5,e,Bo Holm\n6,f,Chef Ejer\n",
        "deal",
    )
    assert importer.records("deal", "hubspot_owner_id") == [
        (str(soren.id),),
        (str(soren.id),),
        (str(ase.id),),
    ]
    messages = [message for _, _, message in problems(found)]
    assert messages[0] == "There is no owner 'Søren Ågard' for Deal owner; did you mean 'Søren Ågård'?"
    assert messages[1].startswith("2 owners are called 'Bo Holm'; write the email address or the id (")
    assert messages[2] == "There is no owner 'Chef Ejer' for Deal owner; import the owners first"


def test_references_that_name_nobody_or_several(importer: Importer) -> None:
    importer.create(
        "product", {"name": "GTX Pro"}, {"name": "GTX Plus Pro"}, {"name": "Twin"}, {"name": "Twin"}
    )
    found = importer.run(
        "opportunity_id,dealname,product\n1,a,GTX Pro\n2,b,GTXPro\n3,c,Twin\n4,d,\n5,e,Kranbil\n", "deal"
    )
    assert counts(found) == (2, 0, 0, 3, 0)
    assert problems(found) == [
        (3, "product", "There is no product whose name is 'GTXPro'; did you mean 'GTX Pro'?"),
        (
            4,
            "product",
            (
                "2 products have the name 'Twin'; give the one that is meant a name of its own, "
                "or refer to it by a unique property"
            ),
        ),
        (6, "product", "There is no product whose name is 'Kranbil'"),
    ]
    assert importer.records("deal", "dealname", "product.name") == [("a", "GTX Pro"), ("d", None)]


def test_what_cells_say_is_corrected_before_all_else(importer: Importer) -> None:
    importer.create("product", {"name": "GTX Pro"})
    importer.run(
        "opportunity_id,product,deal_stage\n1,GTXPro,Vundet\n2,,Vundet\n",
        "deal",
        columns={
            "product": {"association": "product", "options": {"GTXPro": "GTX Pro"}},
            "deal_stage": {"property": "dealstage", "options": {"Vundet": "Won"}},
        },
        set={"dealname": "{product} nr. {opportunity_id}", "pipeline": "Sales"},
    )
    assert importer.records("deal", "dealname", "dealstage", "product.name") == [
        ("GTX Pro nr. 1", "closedwon", "GTX Pro"),
        ("2", "closedwon", None),
    ]


def test_yes_and_no_in_danish(importer: Importer) -> None:
    found = importer.run(
        "name,publicly traded\nA,Ja\nB,nej\nC,YES\nD,false\nE,måske\n", "company", key="name"
    )
    assert importer.records("company", "is_public") == [("true",), ("false",), ("true",), ("false",)]
    assert [line for line, _, _ in problems(found)] == [6]


def test_all_that_is_wrong_with_a_rows_cells_is_told_at_once(importer: Importer) -> None:
    found = importer.run(
        "Name,Site,Staff,Kind\nA,http://a.example,12,Partner\nB,no address,many,Partnr\n",
        "company",
        key="name",
        columns={"site": "website", "staff": "numberofemployees", "kind": "type"},
    )
    option = (
        "'Partnr' is no option of Type; did you mean 'Partner'? "
        "Mend the cell, or say it in the map: options: {Partnr: PARTNER}"
    )
    assert problems(found) == [
        (3, "Site", "no address is not a web address; write it as https://example.com"),
        (3, "Staff", "'many' is no number for Number of employees; the column is read with a decimal point"),
        (3, "Kind", option),
    ]


def test_problems_of_the_write_path_are_told_by_column(importer: Importer) -> None:
    importer.create("contact", {"email": "ase@example.com"})
    found = importer.run(
        "lastname,Mail\nBæk,bo@example.com\nÅgård,ASE@example.com\n",
        "contact",
        key="lastname",
        columns={"mail": "email"},
    )
    ((line, column, message),) = problems(found)
    assert (line, column) == (3, "Mail")
    assert message.startswith("Contact already exists. Existing ID: ")
    nameless = importer.run("opportunity_id,stage\n1,Won\n", "deal", columns={"stage": "dealstage"})
    assert problems(nameless) == [(2, "", "Deal name is required; give it a value")]


# --- keys -----------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing_and_logs_nothing(importer: Importer) -> None:
    importer.create("company", {"name": "Nordisk Måleri A/S"})
    text = "opportunity_id,dealname,amount,company\n1,Facade,10.50,Nordisk Måleri A/S\n2,Tag,20.00,\n"
    assert counts(importer.run(text, "deal")) == (2, 0, 0, 0, 0)
    before = importer.records("deal", "hs_lastmodifieddate")
    assert counts(importer.run(text, "deal")) == (0, 0, 2, 0, 0)
    assert importer.records("deal", "hs_lastmodifieddate") == before


def test_a_key_that_isnt_unique_finds_the_one_record_that_has_it(importer: Importer) -> None:
    importer.create("company", {"name": "Åse & Co"}, {"name": "Tvilling"}, {"name": "Tvilling"})
    found = importer.run(
        "name,city\nÅse & Co,Århus\nTvilling,Ribe\nNy,Ry\nny,Rø\n,Nibe\n", "company", key="name"
    )
    assert counts(found) == (2, 1, 0, 2, 0)
    assert importer.records("company", "name", "city") == [
        ("Åse & Co", "Århus"),
        ("Tvilling", None),
        ("Tvilling", None),
        ("Ny", "Ry"),
        ("ny", "Rø"),
    ]
    assert [message.partition(" (ids")[0] for _, _, message in problems(found)] == [
        "2 companies have the company name 'Tvilling'",
        "Company name is empty; it says which company is meant",
    ]


def test_a_key_stands_in_a_file_once(importer: Importer, small_chunks: int) -> None:
    found = importer.run("name,city\nA,x\nB,x\nC,x\nD,x\nA,y\n", "company", key="name")
    assert problems(found) == [
        (6, "name", "Company name 'A' stands on line 2 already; a file has each company once")
    ]
    assert importer.records("company", "name", "city")[0] == ("A", "x")


def test_a_unique_property_besides_the_key_stands_in_a_file_once_too(importer: Importer) -> None:
    found = importer.run("firstname,email\nÅse,a@example.com\nBo,A@EXAMPLE.COM\n", "contact", key="firstname")
    assert problems(found) == [
        (3, "email", "Email 'a@example.com' stands on line 2 already; a file has each contact once")
    ]


def test_records_by_their_id(importer: Importer) -> None:
    (number,) = importer.create("company", {"name": "Gammel"})
    found = importer.run(f"Record ID,name\n{number},Ny\n1,Ingen\n", "company", key="hs_object_id")
    assert counts(found) == (0, 1, 0, 1, 0)
    assert problems(found) == [(3, "Record ID", "There is no company 1")]
    assert importer.records("company", "name") == [("Ny",)]


def test_empty_cells_leave_values_alone(importer: Importer) -> None:
    importer.run("name,city\nA,Århus\n", "company", key="name")
    assert counts(importer.run("name,city\nA,\n", "company", key="name")) == (0, 0, 1, 0, 0)
    assert importer.records("company", "city") == [("Århus",)]


@pytest.mark.parametrize(
    ("object_type", "text", "said", "message"),
    [
        ("note", "hs_note_body\nhej\n", {}, "Notes have no key; name in the map"),
        ("company", "name\nA\n", {}, "The key Company domain (domain) is in no column of the file"),
        ("company", "name\nA\n", {"key": "nam"}, "no property 'nam' to be the key; did you mean 'name'?"),
        (
            "company",
            "name,parent company\nA,B\n",
            {"key": "none"},
            "Column parent company refers to other companies of the file, which needs a key",
        ),
        (
            "company",
            "name\nA\n",
            {"key": "name", "set": {"nme": "x"}},
            "set: 'nme' is no property of Company",
        ),
        ("company", "name\nA\n", {"key": "name", "set": {"name": "x"}}, "given by the column 'name' already"),
        ("company", "name\nA\n", {"key": "name", "set": {"city": "{town}"}}, "the file has no column 'town'"),
        ("company", "name\nA\n", {"key": "name", "set": {"createdate": "1"}}, "kept by the system"),
    ],
)
def test_a_file_that_cant_be_planned_is_refused_whole(
    importer: Importer, object_type: str, text: str, said: dict[str, str], message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        importer.run(text, object_type, **said)
    assert message in str(refused.value)
    assert not ImportRun.objects.exists()


def test_a_file_without_a_key_is_taken_once(importer: Importer) -> None:
    text = "hs_note_body,hs_timestamp\nHej,2017-12-31\nHej,2017-12-31\n"
    assert counts(importer.run(text, "note", key="none")) == (2, 0, 0, 0, 0)
    for again in (importer.run, importer.preview):
        with pytest.raises(Conflict, match=r"file.csv was imported already on .* would double them"):
            again(text, "note", key="none")
    assert counts(importer.run(text + "Og hej,2018-01-01\n", "note", key="none")) == (3, 0, 0, 0, 0)


def test_a_map_for_another_type_is_refused(importer: Importer) -> None:
    from wonward.records.importing import run

    said = importer.map("company", key="name")
    with pytest.raises(Invalid, match="reads company records, not deals"):
        run.run(importer.open_work, importer.file("name\nA\n"), "deal", said)


# --- rows that refer to one another ---------------------------------------------------------------


def test_a_row_may_refer_to_one_further_down(importer: Importer, small_chunks: int) -> None:
    importer.create("company", {"name": "Stammen"})
    text = "name,parent company\nA,E\nB,A\nC,Stammen\nD,\nE,\nF,D\n"
    assert counts(importer.preview(text, "company", key="name")) == (6, 0, 0, 0, 0)
    assert counts(importer.run(text, "company", key="name")) == (6, 0, 0, 0, 0)
    assert counts(importer.run(text, "company", key="name")) == (0, 0, 6, 0, 0)
    assert parents(importer) == {"A": "E", "B": "A", "C": "Stammen", "F": "D"}


def test_another_parent_takes_the_place_of_the_one_before(importer: Importer) -> None:
    importer.run("name,parent company\nA,B\nB,\nC,\n", "company", key="name")
    assert counts(importer.run("name,parent company\nA,C\n", "company", key="name")) == (0, 1, 0, 0, 0)
    assert parents(importer) == {"A": "C"}


def test_another_product_takes_the_place_of_the_one_before(importer: Importer) -> None:
    importer.create("product", {"name": "GTX Pro"}, {"name": "MG Special"})
    importer.run("opportunity_id,dealname,product\n1,a,GTX Pro\n", "deal")
    assert counts(importer.run("opportunity_id,dealname,product\n1,a,MG Special\n", "deal")) == (
        0,
        1,
        0,
        0,
        0,
    )
    assert importer.records("deal", "product.name") == [("MG Special",)]


def test_a_row_that_refers_to_a_refused_one_is_told_so(importer: Importer, small_chunks: int) -> None:
    text = "name,parent company,employees\nA,B,1\nB,,many\nC,C,2\nD,Nobody,3\nE,A,4\n"
    said = {"key": "name", "columns": {"employees": "numberofemployees"}}
    assert counts(importer.preview(text, "company", **said)) == (2, 0, 0, 3, 1)
    found = importer.run(text, "company", **said)
    assert counts(found) == (2, 0, 0, 3, 1)
    assert [(line, message) for line, _, message in problems(found)] == [
        (2, "Imported, but: There is no company whose company name is 'B'"),
        (3, "'many' is no number for Number of employees; the column is read with a decimal point"),
        (4, "The row refers to itself"),
        (5, "There is no company whose company name is 'Nobody'"),
    ]
    assert parents(importer) == {"E": "A"}


def parents(importer: Importer) -> dict[str, str]:
    from psycopg import sql

    work = importer.work()
    found = work.rows(
        sql.SQL("""
            select c.name, p.name from {links} a join {company} c on c._id = a.from_id
            join {company} p on p._id = a.to_id where 14 = any(a.labels)""").format(
            links=work.table("_association"), company=work.table("company")
        )
    )
    return dict(found)


# --- what a preview shows -------------------------------------------------------------------------


def test_a_preview_tells_what_a_run_would_do_and_does_nothing(importer: Importer, small_chunks: int) -> None:
    importer.run("name,city\nA,Århus\nB,Ribe\n", "company", key="name")
    text = "name,city,weather,engaged\nA,Århus,wet,01-02-17\nB,Ry,dry,03-04-17\nC,Rø,,\nA,x,,\nD,,,\n,y,,\n"
    said = {"key": "name", "columns": {"engaged": "closedate"}}
    before = (importer.records("company", "name", "city"), ImportRun.objects.count())
    found = importer.preview(text, "company", **said)
    assert (importer.records("company", "name", "city"), ImportRun.objects.count()) == before
    assert (found.rows, counts(found)) == (6, (2, 2, 0, 2, 0))
    assert [(each.header, each.target, each.note) for each in found.not_imported] == [
        ("weather", "", "no property or association has this name")
    ]
    engaged = found.columns[3]
    assert engaged.written == "day-month-year, as in 01-02-17"
    assert engaged.note == (
        "nothing decides it; if month-day-year is meant, say in the map engaged: {date: mdy}"
    )
    done = importer.run(text, "company", **said)
    assert (done.counts, done.problems) == (found.counts, found.problems)


def test_the_map_decides_on_dates_and_numbers(importer: Importer) -> None:
    text = "name,closed,revenue\nA,01-02-17,1.500\nB,12-31-17,2.000\n"
    said = {
        "key": "name",
        "columns": {"closed": {"property": "closedate", "date": "mdy"}, "revenue": {"number": "comma"}},
    }
    found = importer.preview(text, "company", **said)
    assert [each.written for each in found.columns] == [
        "",
        "month-day-year, as the map says",
        "decimal comma, as the map says",
    ]
    importer.run(text, "company", **said)
    assert importer.records("company", "closedate", "revenue") == [
        ("2017-01-02T00:00:00.000Z", "1500"),
        ("2017-12-31T00:00:00.000Z", "2000"),
    ]


def test_a_column_written_in_two_ways_is_refused_until_the_map_decides(importer: Importer) -> None:
    text = "name,closedate\nA,31-12-17\nB,12-31-17\n"
    with pytest.raises(Invalid) as refused:
        importer.run(text, "company", key="name")
    assert str(refused.value) == (
        "Column closedate has '31-12-17' (line 2) and '12-31-17' (line 3), which can't be written the same way; "
        "say in the map which is meant: closedate: {date: dmy | mdy}"
    )
    found = importer.run(text, "company", key="name", columns={"closedate": {"date": "dmy"}})
    assert problems(found) == [
        (3, "closedate", "'12-31-17' is no date for Close date; the column is read as day-month-year")
    ]


# --- the file of errors ---------------------------------------------------------------------------


def test_the_rows_with_problems_can_be_mended_and_imported(importer: Importer, small_chunks: int) -> None:
    text = (
        "name;city;phone;staff\n"
        "Nordisk Måleri A/S;Århus;+45 12345678;12\n"
        "Bæk;=cmd|' /C calc'!A0;+45 87654321;many\n"
        "Cø;Ribe;;-5\n"
        "Dam;Ry\n"
        "Eg;Rø;;1;2;3\n"
        "Fa;'=x;-1;x,5\n"
    )
    said = {"key": "name", "columns": {"staff": "numberofemployees"}}
    found = importer.run(text, "company", **said)
    assert counts(found) == (2, 0, 0, 4, 0)
    assert found.errors_file == importer.folder / "file.errors.csv"
    with found.errors_file.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    assert header == ["name", "city", "phone", "staff", "error line", "error column", "error message"]
    assert [row[:6] for row in rows] == [
        ["Bæk", "'=cmd|' /C calc'!A0", "'+45 87654321", "many", "3", "staff"],
        ["Dam", "Ry", "", "", "5", ""],
        ["Eg", "Rø", "", "1", "6", ""],
        ["Fa", "''=x", "-1", "x,5", "7", "phone; staff"],
    ]
    assert rows[2][7:] == ["2", "3"]
    mended = found.errors_file.read_text(encoding="utf-8-sig").replace("many", "7")
    again = importer.run(importer.file(mended, "file.errors.csv"), "company", **said)
    assert counts(again) == (2, 0, 0, 2, 0)
    assert [column.how for column in again.columns[4:]] == ["error column"] * 3
    assert ("Bæk", "=cmd|' /C calc'!A0", "+45 87654321", "7") in importer.records(
        "company", "name", "city", "phone", "numberofemployees"
    )


def test_a_header_that_looks_like_a_formula_comes_through_as_well(importer: Importer) -> None:
    said = {"key": "name", "columns": {"=1+1": "skip", "staff": "numberofemployees"}}
    found = importer.run("name,=1+1,staff\nÅse & Co,=2,many\n", "company", **said)
    assert found.errors_file
    text = found.errors_file.read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "name,'=1+1,staff,error line,error column,error message"
    mended = importer.file(text.replace("many", "2"), "file.errors.csv")
    assert importer.run(mended, "company", **said).counts.created == 1


def test_errors_go_where_they_are_wanted(importer: Importer) -> None:
    from wonward.records.importing import run

    target = importer.folder / "elsewhere.csv"
    found = run.run(
        importer.open_work,
        importer.file('name\nA\n"\n'),
        "company",
        importer.map("company", key="name"),
        errors_to=target,
    )
    assert (found.errors_file, target.exists()) == (target, True)


def test_without_problems_there_is_no_file_of_errors(importer: Importer) -> None:
    assert importer.run("name\nA\n", "company", key="name").errors_file is None
    assert [path.name for path in Path(importer.folder).iterdir()] == ["file.csv"]


def test_a_row_that_a_gate_stops_is_told_with_its_line(importer: Importer, salg: str) -> None:
    """BEY-1: an import meets the gate that a person does; what lacks stands in the errors, the rest goes in."""
    importer.create(
        "deal",
        {"dealname": "Facade", "pipeline": "salg", "opportunity_id": "N1"},
        {"dealname": "Tag", "pipeline": "salg", "opportunity_id": "N2"},
    )
    text = (
        "Opportunity ID;Deal name;Deal stage;Deal type\n"
        "N1;Facade;Møde booket;\n"
        "N2;Tag;Møde booket;New business\n"
        "N3;Tårn;Møde booket;New business\n"
    )
    result = importer.run(text, "deal")
    assert problems(result) == [
        (2, "Deal type", "Deal type is needed in Møde booket"),
        (4, "Deal stage", "Salg begins in Dialog indledt; put it there first"),
    ]
    assert sorted(importer.records("deal", "opportunity_id", "dealstage")) == [
        ("N1", "dialog"),
        ("N2", "moede"),
    ]
