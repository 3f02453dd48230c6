"""A maker's credit note as a table: read whole, or refused with the row and why."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims import credit
from claimbot.claims.credit import CreditRow, CreditTable, called, keyed

D = Decimal
HEAD = ("索赔单号", "金额")


def read_table(rows: list[tuple[str, ...]]) -> CreditTable:
    return credit.read_table(enumerate(rows, 1))


def rows_of(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> list[tuple[str, ...]]:
    return [head, *rows]


@pytest.mark.parametrize(
    "head",
    [
        ("Claim No.", "Amount (CNY)"),
        ("claim_number", "Paid amount"),
        ("Dealer Claim No.", "Credit Amount"),
        ("本店单号", "实付金额"),
        ("厂家单号", "结算金额（元）"),
        ("受理号", "价税合计"),
        ("MAKER REFERENCE", "NET AMOUNT"),
        (" OEM  claim number ", "Ｐａｙｍｅｎｔ"),
    ],
)
def test_columns_are_known_by_the_names_that_makers_use(head: tuple[str, ...]) -> None:
    table = read_table(rows_of(("SH01-2026-0001", "10"), head=head))
    assert [(each.names, each.amount) for each in table.rows] == [(("SH01-2026-0001",), D(10))]


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("￥1234.5", "1234.50"),
        ("1.234,50", "1234.50"),
        ("¥ 1234.50", "1234.50"),
        ("１２３", "123"),
    ],
)
def test_amounts_are_read_as_they_are_written_in_several_countries(said: str, amount: str) -> None:
    assert [each.amount for each in read_table(rows_of(("A-1", said))).rows] == [D(amount)]


def test_a_letterhead_above_blank_rows_and_a_note_said_once_are_no_trouble() -> None:
    table = read_table(
        [
            ("Example Motors", "", "", ""),
            ("", "", "", ""),
            ("结算单号", "厂家单号", "行号", "金额"),
            ("N-7", "wc-88 123", "2", "100"),
            ("", "", "", ""),
            ("", "WC-99", "", "50"),
            ("合计", "", "", "150.00"),
        ]
    )
    assert table.troubles == ()
    assert table.rows == (
        CreditRow(4, ("WC-88123",), 2, D("100.00"), "N-7"),
        CreditRow(6, ("WC-99",), None, D("50.00"), "N-7"),
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("", "10"), "no_claim"),
        (("A-1", ""), "no_amount"),
        (("A-1", "ten"), "no_amount"),
        (("A-1", "1.2345"), "no_amount"),
        (("A-1", "-10"), "negative"),
        (("A-1", "(10.00)"), "negative"),
        (("total", "31"), "total"),
        (("合计", ""), "total"),
        (("小计", "29.99"), "subtotal"),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_number_and_why(row: tuple[str, str], why: str) -> None:
    table = read_table(rows_of(("A-0", "30"), row))
    assert [(each.row, each.why) for each in table.troubles] == [(3, why)]


def test_labour_parts_and_other_must_be_the_amount() -> None:
    head = ("claim", "labour", "parts", "other", "amount")
    good, bad = ("A-1", "10", "20.50", "", "30.50"), ("A-2", "10", "20", "1", "30")
    table = read_table(rows_of(good, bad, head=head))
    assert [each.row for each in table.rows] == [2]
    assert [(each.row, each.why, each.wanted) for each in table.troubles] == [(3, "parts", D("30.00"))]


def test_subtotals_are_of_the_rows_since_the_last_one() -> None:
    table = read_table(rows_of(("A", "10"), ("小计", "10"), ("B", "5"), ("小计", "5"), ("总计", "15")))
    assert table.troubles == ()
    assert table.sum == D(15)


def test_a_line_that_is_no_number_is_told() -> None:
    table = read_table(rows_of(("A-1", "0", "5"), ("A-1", "zwei", "5"), head=("claim", "line", "amount")))
    assert [(each.row, each.why) for each in table.troubles] == [(2, "line"), (3, "line")]


def test_without_the_needed_columns_it_is_told_what_was_seen() -> None:
    table = read_table([("Date", "VIN", "Sum of money"), ("2026-09-01", "LSVAA4182E2184847", "10")])
    assert table.rows == ()
    assert table.seen == ("Date", "VIN", "Sum of money")


def test_the_same_note_has_the_same_keys_in_whatever_file_and_no_two_rows_share_one() -> None:
    rows = read_table(
        rows_of(("N", "A-1", "5"), ("N", "A-1", "5"), ("N", "B-2", "5"), head=("note", "claim", "amount"))
    ).rows
    by_reference = read_table(
        rows_of(("X-1", "N", "5.00"), ("", "N", ""), ("X-1", "N", "5"), head=("reference", "note", "amount"))
    )
    assert len(set(keyed(rows, [1, 1, 2]))) == 3
    assert keyed(by_reference.rows, [1, 1]) == keyed(rows, [1, 1, 2])[:2]
    assert keyed(rows, [1, None, 2])[1] is None


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(1, 5)), min_size=1, max_size=30))
def test_keys_are_never_shared_and_hang_on_nothing_but_the_rows(said: list[tuple[str, int]]) -> None:
    rows = read_table(rows_of(*((name, str(amount)) for name, amount in said))).rows
    about = [ord(row.names[0]) for row in rows]
    keys = keyed(rows, about)
    assert len(set(keys)) == len(rows)
    assert keys == keyed(rows, about)


@given(st.text(max_size=40))
def test_a_number_is_compared_without_case_width_or_blanks(text: str) -> None:
    assert called(called(text)) == called(text)
