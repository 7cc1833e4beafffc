"""Files as people send them: encodings, delimiters, quotes, and rows that don't fit the header."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wonward.errors import Invalid, Missing
from wonward.records.importing import table as reading
from wonward.records.importing.table import Row, Table, open_table

CAST = "navn,by\nSøren Ågård,Æbeltoft\nNordisk Måleri A/S,Århus\n"


def table(folder: Path, content: str | bytes) -> Table:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_table(path)


def cells(found: Table) -> list[list[str]]:
    return [row.cells for row in found.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_danish_letters_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    found = table(tmp_path, CAST.encode(encoding))
    assert found.header == ("navn", "by")
    assert cells(found) == [["Søren Ågård", "Æbeltoft"], ["Nordisk Måleri A/S", "Århus"]]


def test_a_letter_on_the_edge_of_two_blocks_is_still_utf_8(tmp_path: Path) -> None:
    found = table(tmp_path, "a,b\n" + "x" * ((1 << 20) - 5) + "å,1\n")
    assert found.encoding == "utf-8-sig"


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00", codecs.BOM_UTF16_LE + "a;b".encode("utf-16-le")])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid, match="save it as CSV in UTF-8"):
        table(tmp_path, content)


def test_bytes_of_neither_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="neither UTF-8 nor Windows-1252"):
        table(tmp_path, b"a,b\n\x81,\xe5\n")


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 1 << 20)
    with pytest.raises(Invalid, match="larger than 1 MB; split it"):
        table(tmp_path, "a\n" + "x" * (1 << 20))


def test_a_file_that_isnt_there(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="There is no file"):
        open_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2,5;3\n", ";"),
        ("a\tb\n1,2\t3;4\n", "\t"),
        ("navn;note\nSøren;hej, du, der\n", ";"),
        ("name,note;kind\nx,y;z\n", ","),
        ("only\none\n", ","),
        ('a,b\n"x;y;z",2\n', ","),
        ("sep=|\na|b\n1|2\n", "|"),
    ],
)
def test_the_delimiter_is_found(tmp_path: Path, content: str, delimiter: str) -> None:
    assert table(tmp_path, content).delimiter == delimiter


def test_a_line_that_names_the_delimiter_is_no_header(tmp_path: Path) -> None:
    found = table(tmp_path, "sep=;\r\na;b\r\n1;2\r\n")
    assert found.header == ("a", "b")
    assert [(row.line, row.cells) for row in found.rows()] == [(3, ["1", "2"])]


def test_a_quoted_cell_may_hold_new_lines_and_lines_are_counted_through(tmp_path: Path) -> None:
    found = table(tmp_path, 'name,note\nSøren,"første\nanden"\nÅse,"sagde ""hej"""\n')
    assert list(found.rows()) == [
        Row(0, 2, ["Søren", "første\nanden"]),
        Row(1, 4, ["Åse", 'sagde "hej"']),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(tmp_path: Path, end: str) -> None:
    assert cells(table(tmp_path, f"a,b{end}1,2{end}{end}3,4")) == [["1", "2"], ["3", "4"]]


def test_cells_too_many_or_too_few_are_told_with_their_line(tmp_path: Path) -> None:
    found = list(table(tmp_path, "a,b\n1,2\n1\n\n1,2,3\n,,\n4,5\n").rows())
    assert [(row.line, bool(row.problem)) for row in found] == [(2, False), (3, True), (5, True), (7, False)]
    assert found[1].problem == "The row has 1 cell and the header 2; put what holds a delimiter in quotes"


def test_quotes_that_dont_match_spoil_their_own_row_alone(tmp_path: Path) -> None:
    found = list(table(tmp_path, 'a,b\n1,2\n"x" y,3\n4,5\n6,"7\n8,9\n').rows())
    assert [(row.line, bool(row.problem)) for row in found] == [(2, False), (3, True), (4, False), (5, True)]
    assert found[1].cells == ['"x" y,3']


def test_a_quote_never_closed_is_given_up_before_it_swallows_the_file(tmp_path: Path) -> None:
    found = list(table(tmp_path, 'a,b\n1,"2\n' + "3,4\n" * 50_000).rows())
    assert found[0].problem
    assert "is a quote not closed?" in found[0].problem
    assert found[-1].cells == ["3", "4"]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("", "no header"),
        ("\n\n", "no header"),
        (",,\n1,2,3\n", "no header"),
        ("a,b,a\n1,2,3\n", "'a' more than once"),
        ('"a\n', "no header"),
    ],
)
def test_a_header_that_names_nothing_or_twice_is_refused(tmp_path: Path, content: str, match: str) -> None:
    with pytest.raises(Invalid, match=match):
        table(tmp_path, content)


def test_a_column_without_a_name_gets_its_place(tmp_path: Path) -> None:
    assert table(tmp_path, "a,,c\n1,2,3\n").header == ("a", "column 2", "c")


def test_reading_begins_at_any_row(tmp_path: Path) -> None:
    found = table(tmp_path, "a\n0\n\n1\n2\n")
    assert [(row.number, row.line, row.cells) for row in found.rows(1)] == [(1, 4, ["1"]), (2, 5, ["2"])]


def test_a_file_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    found = table(tmp_path, "a\n1\n")
    found.path.write_text("a\n1\n2\n", encoding="utf-8")
    with pytest.raises(Invalid, match="was changed"):
        list(found.rows())


def test_the_same_bytes_have_the_same_digest(tmp_path: Path) -> None:
    first, second = table(tmp_path, "a\n1\n"), table(tmp_path, "a\n2\n")
    assert first.digest != second.digest
    assert first.digest == table(tmp_path, "a\n1\n").digest


@given(st.binary(max_size=400))
def test_no_bytes_make_reading_fail(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    try:
        found = table(tmp_path_factory.mktemp("bytes"), content)
    except Invalid:
        return
    for row in found.rows():
        assert row.problem or len(row.cells) == len(found.header)
