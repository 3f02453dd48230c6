from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.amounts import read_amount
from claimbot.claims.numbers import read_number
from claimbot.claims.part_numbers import read_part_number

amounts = st.decimals(0, Decimal("999999999.99"), places=2)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("￥1234.5", "1234.50"),
        ("¥ 1 234,50", "1234.50"),
        ("1.234,56", "1234.56"),
        ("1,234,567.8", "1234567.80"),
        ("1.234.567", "1234567.00"),
        ("１２３", "123.00"),
        ("1234元", "1234.00"),
        ("1234.5 元整", "1234.50"),
        ("CNY 1,234", "1234.00"),
        ("人民币1234", "1234.00"),
        ("$99.90", "99.90"),
        ("99,9 €", "99.90"),
        ("1.234", "1234.00"),
        ("1,234", "1234.00"),
        ("1.23", "1.23"),
        ("0.12", "0.12"),
        ("1.2万", "12000.00"),
        ("1.2345万元", "12345.00"),
        ("2k", "2000.00"),
        ("1’234.50", "1234.50"),
        ("0", "0.00"),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, amount: str) -> None:
    assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    ["", "-5", "(5)", "+5", "1234.567", "0.123", "1,23,456", "1,2345", "12 34", "1.2.3,4,5", "abc", "¥", "元", "5 or 6",
     "1000000000", "1,234.5.6", "1e5", "٣", "NaN", "Infinity", "1 234.567,8", "五"],
)  # fmt: skip
def test_what_is_no_clear_amount_is_refused(typed: str) -> None:
    assert read_amount(typed) is None


@given(amounts)
def test_a_formatted_amount_reads_back_whatever_the_style(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    french = english.replace(",", " ").replace(".", ",")
    wide = english.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    for style in (english, german, french, wide, f"¥{english}", f"{german} EUR", f"{amount:.2f}元"):
        assert read_amount(style) == amount


@given(st.text(max_size=30))
def test_any_text_gives_an_amount_with_two_decimals_or_none(text: str) -> None:
    amount = read_amount(text)
    assert amount is None or (amount >= 0 and amount.as_tuple().exponent == -2)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("3.652", "3.652"),
        ("３．６５２", "3.652"),
        ("-4", "-4"),
        ("- 4,5", "-4.5"),
        ("1,234", "1234"),
        ("12.000", "12.000"),
    ],
)
def test_a_measurement_takes_a_dot_for_the_decimal_mark(typed: str, number: str) -> None:
    assert read_number(typed) == Decimal(number)


@given(st.decimals(-10_000, 10_000, places=3))
def test_a_measurement_reads_back_as_it_was_written(number: Decimal) -> None:
    assert read_number(str(number)) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06h 905 110 g", "06H905110G"),
        ("０６Ｈ９０５１１０Ｇ", "06H905110G"),
        ("P/N: 8K0-123.456/A", "8K0-123.456/A"),
        ("零件号：ab12", "AB12"),
        ("PN12345", "PN12345"),
        ("12", "12"),
    ],
)
def test_a_part_number_is_upper_case_without_spaces(typed: str, number: str) -> None:
    assert read_part_number(typed) == number


@pytest.mark.parametrize("typed", ["", "unknown", "没有", "1", "-12", "12_3", "A" * 40 + "1", "<b>12</b>"])
def test_what_is_no_part_number_is_refused(typed: str) -> None:
    assert read_part_number(typed) is None


@given(st.text(max_size=50))
def test_a_part_number_read_again_is_the_same(text: str) -> None:
    number = read_part_number(text)
    assert number is None or read_part_number(number) == number
