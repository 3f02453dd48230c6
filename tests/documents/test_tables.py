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

from claimbot.documents.tables import (
    MOST_BYTES,
    Cell,
    amount_of,
    number_of,
    read_table,
    text_of,
    under_heads,
)
from claimbot.errors import Refusal

HEADS = {"kind": ("kind", "类别"), "price": ("price", "单价")}


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
    ("cell", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("￥1234.5", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1234.5元", "1234.50"),
        (Decimal("160.5"), "160.50"),
        (Decimal("160.125"), None),
        (Decimal(-1), None),
        ("-5", None),
        ("abc", None),
        (None, None),
        (dt.date(2026, 1, 1), None),
    ],
)
def test_money_is_read_as_people_write_it_and_to_the_cent(cell: Cell, amount: str | None) -> None:
    assert amount_of(cell) == (None if amount is None else Decimal(amount))


def test_numbers_and_text_of_cells() -> None:
    assert number_of("2.5") == number_of(Decimal("2.5")) == Decimal("2.5")
    assert number_of("1.234") == Decimal("1.234"), "hours, not thousands"
    assert text_of(Decimal("1001.0")) == "1001"
    assert text_of(Decimal("1E+3")) == "1000"
    assert text_of("  a \n b ") == "a b"


def test_a_formula_an_error_and_a_merged_cell_are_told_by_their_place() -> None:
    data = workbook(("kind", "price"), ("part", "=1+1"), ("part", "#REF!"), ("part", 3), ("x", None), merge="A4:A5")
    read = under_heads(read_table(data, most_rows=200), HEADS, ["kind", "price"])
    assert [(each.why, each.row, each.place) for each in read.troubles] == [
        ("formula", 2, "B2"),
        ("error", 3, "B3"),
        ("merged", 5, "A4:A5"),
    ]
    assert read.troubles[0].said == "=1+1"
    csv = under_heads(read_table(b"kind,price\n=cmd|' /C calc'!A0,3", most_rows=9), HEADS, ["kind"])
    assert [(each.why, each.place) for each in csv.troubles] == [("formula", "A2")]


def test_a_merged_title_above_the_heads_is_no_harm() -> None:
    data = workbook(("Credit note", None), ("Kind *", "Price (CNY)", "more"), ("part", 5, "x"), merge="A1:B1")
    read = under_heads(read_table(data, most_rows=200), HEADS, ["kind", "price"])
    assert not read.troubles
    assert read.rows == ((3, {"kind": "part", "price": Decimal(5)}),)


def test_a_column_that_is_missing_renamed_or_there_twice_is_told() -> None:
    read = under_heads(read_table("类别,价钱\n配件,5".encode(), most_rows=9), HEADS, ["kind", "price"])
    assert [(each.why, each.said) for each in read.troubles] == [("missing", "price")]
    twice = under_heads(read_table(b"kind,price,price\na,1,2", most_rows=9), HEADS, ["kind"])
    assert [(each.why, each.place) for each in twice.troubles] == [("twice", "C1")]
    none = under_heads(read_table(b"a,b\n1,2", most_rows=9), HEADS, ["kind"])
    assert [each.why for each in none.troubles] == ["no_heads"]
    assert [each.why for each in under_heads(read_table(b"", most_rows=9), HEADS, ["kind"]).troubles] == ["no_heads"]


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
        under_heads(read_table(data, most_rows=50), HEADS, ["kind"])
