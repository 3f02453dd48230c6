"""Tables as people send them: each way of writing is read, each thing that cannot be taken is told by its place."""

import datetime as dt
import io
import zipfile
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from claimbot.claims.table import Cell, find_heads, text_of
from claimbot.documents.tables import MOST_BYTES, read_few, read_table
from claimbot.errors import Refusal

HEADS = {"kind": "kind", "类别": "kind", "price": "price", "单价": "price"}


def workbook(*rows: tuple[object, ...], merge: str = "") -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes) -> list[tuple[Cell, ...]]:
    return [row.cells for row in read_table(data, most_rows=200).rows]


def test_a_workbook_gives_text_numbers_and_days_as_they_were_typed() -> None:
    data = workbook(("类别", "单价"), ("part", 380.1), (None, None), ("labour", dt.date(2026, 9, 8)))
    rows = read_table(data, most_rows=200).rows
    assert [row.number for row in rows] == [1, 2, 4]
    assert rows[1].cells == ("part", Decimal("380.1"))
    assert rows[2].cells == ("labour", dt.date(2026, 9, 8))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_every_encoding_that_programs_save_in(encoding: str) -> None:
    assert cells("类别,单价\r\n配件,380\r\n".encode(encoding)) == [("类别", "单价"), ("配件", "380")]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("kind;price\npart;1.234,50", ("part", "1.234,50")),
        ("kind\tprice\npart\t1,234.50", ("part", "1,234.50")),
        ('kind,price\npart,"1,234.50"', ("part", "1,234.50")),
        ('kind,price\n"part\nnew",5', ("part\nnew", "5")),
    ],
)
def test_the_mark_between_cells_is_found(text: str, row: tuple[str, ...]) -> None:
    assert cells(text.encode())[-1] == row


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Decimal("1001.0"), "1001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("160.5"), "160.50"),
        (Decimal("0.125"), "0.125000"),
        ("  a \n b ", "a b"),
        (dt.date(2026, 1, 1), "2026-01-01"),
        (None, ""),
    ],
)
def test_a_cell_as_text_reads_as_what_it_is(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_a_formula_an_error_and_a_merged_cell_are_told_by_their_place() -> None:
    data = workbook(("kind", "price"), ("part", "=1+1"), ("part", "#REF!"), ("part", 3), ("x", None), merge="A4:A5")
    read = read_table(data, most_rows=200)
    assert [(each.why, each.row, each.place) for each in read.misfits] == [
        ("formula", 2, "B2"),
        ("error", 3, "B3"),
        ("merged", 5, "A4:A5"),
    ]
    assert read.misfits[0].said == "=1+1"
    csv = read_table(b"kind,price\n=cmd|' /C calc'!A0,3", most_rows=9)
    assert [(each.why, each.place) for each in csv.misfits] == [("formula", "A2")]


def test_the_heads_are_found_below_a_title_and_by_any_of_their_names() -> None:
    data = workbook(("Credit note", None), ("Kind *", "Price (CNY)", "more"), ("part", 5, "x"), merge="A1:B1")
    rows = read_table(data, most_rows=200).texts()
    assert find_heads(rows, HEADS, ({"kind"}, {"price"})) == (2, {"kind": 0, "price": 1}, ())
    assert list(rows) == [(3, ("part", "5", "x"))], "what is left of the rows stands below the heads"


def test_where_a_needed_column_is_missing_the_names_that_are_there_are_told() -> None:
    rows = read_table("类别,价钱\n配件,5".encode(), most_rows=9).texts()
    assert find_heads(rows, HEADS, ({"kind"}, {"price"})) == (0, None, ("类别", "价钱"))
    assert find_heads(iter(()), HEADS, ({"kind"},)) == (0, None, ())


def test_of_two_columns_of_one_name_the_first_counts() -> None:
    rows = read_table(b"kind,price,price\na,1,2", most_rows=9).texts()
    assert find_heads(rows, HEADS, ({"kind"},)) == (1, {"kind": 0, "price": 1}, ())


def test_a_table_filled_in_by_hand_is_read_at_once_and_a_long_one_left() -> None:
    few = read_few(b"kind,price\npart,5")
    assert not isinstance(few, Refusal)
    assert len(few.rows) == 2
    for data, phrase in ((b"kind\n" + b"a\n" * 600, "table_too_long"), (b"x" * 600_000, "table_too_big")):
        long = read_few(data)
        assert isinstance(long, Refusal)
        assert long.phrase == phrase


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 110_000_000)
    return out.getvalue()


def entity() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(
            "xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>'
        )
    return out.getvalue()


def plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "a")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "phrase"),
    [
        (b"x" * (MOST_BYTES + 1), "table_too_big"),
        (bomb(), "table_too_big"),
        (entity(), "table_broken"),
        (b"PK\x03\x04 and nothing more", "table_broken"),
        (plain_zip(), "table_unknown"),
        (b"\xd0\xcf\x11\xe0 old", "table_old_excel"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "table_unknown"),
        (b"kind\n" + b"a\n" * 300, "table_too_long"),
    ],
    ids=["big", "bomb", "entity", "torn", "no workbook", "old", "picture", "long"],
)
def test_what_cannot_be_taken_as_a_whole_is_refused(data: bytes, phrase: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_table(data, most_rows=200)
    assert refused.value.phrase == phrase


def test_a_row_that_claims_to_lie_far_below_does_not_keep_us_busy() -> None:
    data = workbook(("kind", "price"), ("part", 5))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as there, zipfile.ZipFile(out, "w") as packed:
        for part in there.infolist():
            text = there.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                text = text.replace(b'<row r="2"', b'<row r="99999999999"')
            packed.writestr(part.filename, text)
    with pytest.raises(Refusal):
        read_table(out.getvalue(), most_rows=200)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_read_or_refused(data: bytes) -> None:
    with suppress(Refusal):
        find_heads(read_table(data, most_rows=50).texts(), HEADS, ({"kind"},))
