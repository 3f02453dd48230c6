"""Lines filled into a table: read whole, or refused with each row and why."""

import datetime as dt
from decimal import Decimal

import pytest

from claimbot.claims.line_table import LineTable, read_line_table
from claimbot.claims.lines import MOST_LINES, RateLine
from claimbot.claims.table import Cell, Misfit, Row, Table
from claimbot.claims.words import Words

RATE = RateLine.model_validate(
    {
        "currency": "CNY",
        "labour_hour": "160",
        "tax_percent": "13",
        "from": dt.date(2020, 1, 1),
        "source": Words(en="x", zh="x"),
    }
)
HEAD = ("类别", "代码", "说明", "数量", "单价", "税率 %", "金额")


def table(*rows: tuple[Cell, ...], misfits: tuple[Misfit, ...] = ()) -> Table:
    return Table(tuple(Row(number, cells) for number, cells in enumerate(rows, 1)), misfits)


def read(*rows: tuple[Cell, ...], rate: RateLine | None = RATE, head: tuple[Cell, ...] = HEAD) -> LineTable:
    return read_line_table(table(head, *rows), rate, {}, {})


def told(found: LineTable) -> str:
    lines = [
        f"{each.kind} {each.code or '-'} {each.text or '-'} {each.quantity:f} {each.unit_price} {each.tax_percent:f}"
        for each in found.lines
    ]
    return "; ".join([*lines, *(f"{each.row}!{each.why} {each.said}".strip() for each in found.troubles)])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("配件", "gx-1001", "水泵", Decimal(2), Decimal("380.5"), Decimal(6), None), "part GX-1001 水泵 2 380.50 6"),
        (("", "GX-1001", "", "2", "￥1,234.50", "", ""), "part GX-1001 - 2 1234.50 13"),
        ((None, "GX-1001", None, None, "1.234,50", "0"), "part GX-1001 - 1 1234.50 0"),
        (("工时", "OP-1", None, Decimal("2.5")), "labour OP-1 - 2.50 160 13"),
        (("人工费", None, None, "2.5", "120", "13%"), "labour - - 2.5 120.00 13"),
        (("Towing", None, None, None, "350", Decimal("0.06")), "towing - - 1 350.00 6"),
        (("Sublet", "INV-7", "paint", None, "500", Decimal("0.005")), "sublet INV-7 paint 1 500.00 0.5"),
        (("代步车", None, None, "3", "100", "0", "300"), "loaner - - 3 100.00 0"),
        (("配件", "GX-1", None, "2", "100", "13", "200"), "part GX-1 - 2 100.00 13"),
        (("配件", "GX-1", None, "2", "100", "13", "226.00"), "part GX-1 - 2 100.00 13"),
        (("配件", "GX-1", None, "2", "100", "13", "230"), "2!sum 230"),
        (("油漆", "GX-1", None, "2", "100"), "2!kind 油漆"),
        ((None, None, "水泵", "2", "100"), "2!kind"),
        (("配件", "GX-1", None, "两", "100"), "2!quantity 两"),
        (("配件", "GX-1", None, "-2", "100"), "2!amount"),
        (("配件", "GX-1", None, "0", "100"), "2!amount"),
        (("配件", "GX-1", None, Decimal("0.125"), "100"), "2!amount"),
        (("配件", "GX-1", None, "2", "一百"), "2!price_unread 一百"),
        (("配件", "GX-1", None, "2", "-100"), "2!price_unread -100"),
        (("配件", "GX-1", None, "2"), "2!price"),
        (("配件", "GX-1", None, "2", "100", "x"), "2!tax x"),
        (("配件", "GX-1", None, "2", "100", "0.5"), "2!tax 0.5"),
        (("配件", "X" * 65, None, "2", "100"), f"2!code {'X' * 60}"),
    ],
)
def test_a_row_is_a_line_or_told_what_is_wrong(row: tuple[Cell, ...], said: str) -> None:
    assert told(read(row)) == said


def test_a_price_of_an_hour_is_asked_for_where_the_maker_names_none() -> None:
    assert told(read(("工时", None, None, "2"), rate=None)) == "2!rate"
    assert told(read(("工时", None, None, "2", "120"), rate=None)) == "labour - - 2 120.00 0"


@pytest.mark.parametrize(
    "head",
    [
        ("Kind", "Part No.", "Description", "Qty", "Unit price (CNY)", "VAT %", "Amount"),
        ("类型", "配件编号", "配件名称", "数量", "单价（元）", "税率", "金额（元）"),
    ],
)
def test_columns_are_known_by_the_names_that_programs_give_them(head: tuple[Cell, ...]) -> None:
    found = read_line_table(table(("维修清单",), head, ("配件", "GX-1", "水泵", "2", "100", "13", "226")), None, {}, {})
    assert told(found) == "part GX-1 水泵 2 100.00 13"


def test_what_the_office_calls_a_column_or_a_kind_counts_too() -> None:
    rows = table(("Was", "Preis"), ("Teil", "5"))
    found = read_line_table(rows, None, {"was": "kind", "preis": "price"}, {"teil": "part"})
    assert told(found) == "part - - 1 5.00 0"


def test_other_columns_are_no_lines_and_what_was_seen_is_told() -> None:
    found = read(("a", "b"), head=("姓名", "电话"))
    assert found.seen == ("姓名", "电话")
    assert not found.lines


def test_a_total_below_is_checked_with_the_tax_or_without_it_and_is_no_line() -> None:
    line = ("配件", "GX-1", None, "2", "100", "13", None)
    for total in ("200", "226.00", None):
        assert told(read(line, ("合计", None, None, None, None, None, total))) == "part GX-1 - 2 100.00 13"
    wrong = read(line, ("合计", None, None, None, None, None, "230"))
    assert [(each.row, each.why, each.wanted) for each in wrong.troubles] == [(3, "total", Decimal("226.00"))]


def test_a_row_that_cannot_be_read_is_told_once_and_the_sum_that_follows_from_it_is_not() -> None:
    found = read(("配件", "GX-1", None, "2", "x"), ("合计", None, None, None, None, None, "200"))
    assert told(found) == "2!price_unread x"


def test_a_formula_is_told_by_its_cell_and_one_in_a_title_is_no_harm() -> None:
    misfits = (Misfit("formula", 1, "A1", "=NOW()"), Misfit("formula", 3, "E3", "=C3*2"))
    rows = table((None, "x"), HEAD, ("配件", "GX-1", None, "2", None), misfits=misfits)
    assert told(read_line_table(rows, RATE, {}, {})) == "3!formula E3 =C3*2"


def test_so_many_lines_as_a_claim_holds_are_taken_and_one_more_is_told() -> None:
    row = ("拖车", None, None, None, "1")
    assert not read(*[row] * MOST_LINES).troubles
    assert [each.why for each in read(*[row] * (MOST_LINES + 1)).troubles] == ["many"]
