"""Tables written and read back: what was typed stays text, many rows fit, money is to the cent."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from claimbot.documents.chart import Bars, draw_bars
from claimbot.documents.sheets import Book

HOSTILE = [
    "=cmd()",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "https://example.org",
    "\tx",
    "a\x00b\x1fc",
    "\ud800",
    "'=1",
    "💥" * 20_000,
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_was_typed_is_text_and_never_a_formula_or_a_link(tmp_path: Path, typed: str) -> None:
    path = tmp_path / "a.xlsx"
    with Book(path) as book:
        book.sheet("Sheet", [("Text", 10)]).add((typed,))
    sheet = load_workbook(path)["Sheet"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].hyperlink is None
    if typed.isprintable():
        assert str(sheet["A2"].value).startswith(typed[:20])


def test_amounts_days_and_instants_come_back_as_they_were(tmp_path: Path) -> None:
    path, at = tmp_path / "a.xlsx", dt.datetime(2026, 9, 9, 10, 30, tzinfo=dt.UTC)
    with Book(path) as book:
        sheet = book.sheet("Sheet", [("A", 8)] * 5)
        sheet.add((Decimal("999999999.99"), 7, at.date(), at, None))
    _, row = load_workbook(path)["Sheet"].iter_rows(values_only=True)
    assert Decimal(str(row[0])) == Decimal("999999999.99")
    assert row[1:] == (7, dt.datetime(2026, 9, 9), dt.datetime(2026, 9, 9, 10, 30), None)  # noqa: DTZ001  a sheet has no zones


def test_a_full_sheet_goes_on_on_the_next_and_two_are_written_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Book(path, most_rows=4) as book:
        one, other = book.sheet("One", [("A", 8)]), book.sheet("Other", [("A", 8)])
        for number in range(7):
            one.add((number,))
        other.add(("x",))
    book = load_workbook(path)
    held = [
        row[0]
        for name in book.sheetnames
        if name.startswith("One")
        for row in book[name].iter_rows(2, values_only=True)
    ]
    assert held == list(range(7))
    assert book["Other"]["A2"].value == "x"


def test_a_chart_is_a_picture_whatever_names_it_is_given() -> None:
    parts = [Bars("按技师 $x", [("小李 <b>💥\n" * 9, 3.0, "3"), ("", 0.0, "–")], "–"), Bars("Nothing", [], "–")]
    assert draw_bars("2026-09-01 至 2026-09-30", parts).startswith(b"\x89PNG")
