"""What the maker answers, and how its money lies on the lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.lines import Line
from claimbot.claims.maker import (
    Answer,
    AskedLine,
    Booked,
    LineAnswer,
    answer_problem,
    how_paid,
    outcome,
    paid_by_line,
    spread,
)

D = Decimal
amounts = st.decimals(min_value=0, max_value=100_000, places=2)
weights = st.dictionaries(st.integers(1, 30), amounts, min_size=1, max_size=12)


def asked(number: int, amount: str) -> AskedLine:
    return AskedLine(number=number, line=Line(kind="part", code=f"P-{number}", unit_price=D(amount)), asked=D(amount))


def said(number: int, answer: Answer, amount: str | None = None, reason: str | None = "R01") -> LineAnswer:
    return LineAnswer(number=number, answer=answer, amount=None if amount is None else D(amount), reason=reason)


TWO = (asked(1, "100"), asked(2, "50"))


@pytest.mark.parametrize(
    ("given_answers", "problem"),
    [
        ((said(1, "approved", "100", None), said(2, "approved", "50", None)), None),
        ((said(1, "cut", "99.99"), said(2, "refused", "0")), None),
        ((said(1, "returned"), said(2, "approved", "50", None)), None),
        ((said(1, "approved", "100"),), (2, "missing")),
        ((said(1, "approved", "100"), said(1, "approved", "100"), said(2, "refused", "0")), (1, "twice")),
        ((said(1, "approved", "100"), said(3, "approved", "50")), (3, "unknown")),
        ((said(1, "cut", "100.01"), said(2, "approved", "50")), (1, "too_much")),
        ((said(1, "cut", "100"), said(2, "approved", "50")), (1, "not_cut")),
        ((said(1, "cut", "0"), said(2, "approved", "50")), (1, "not_cut")),
        ((said(1, "approved", "99"), said(2, "approved", "50")), (1, "not_cut")),
        ((said(1, "refused", "1"), said(2, "approved", "50")), (1, "not_cut")),
        ((said(1, "returned", "1"), said(2, "approved", "50")), (1, "not_cut")),
        ((said(1, "cut", "60", None), said(2, "approved", "50")), (1, "no_reason")),
        ((said(1, "refused", "0", "  "), said(2, "approved", "50")), (1, "no_reason")),
    ],
)
def test_each_line_is_answered_once_with_no_more_than_was_asked_and_why(
    given_answers: tuple[LineAnswer, ...], problem: tuple[int, str] | None
) -> None:
    assert answer_problem(TWO, given_answers) == problem


@pytest.mark.parametrize(
    ("answers", "made"),
    [
        ((said(1, "approved", "100"), said(2, "approved", "50")), "accept"),
        ((said(1, "refused", "0"), said(2, "cut", "1")), "accept"),
        ((said(1, "refused", "0"), said(2, "refused", "0")), "refuse"),
        ((said(1, "approved", "100"), said(2, "returned")), "return"),
        ((said(1, "refused", "0"), said(2, "returned")), "return"),
    ],
)
def test_one_returned_line_sends_all_back_and_it_is_a_no_only_where_nothing_is_paid(
    answers: tuple[LineAnswer, ...], made: str
) -> None:
    assert outcome(answers) == made


@pytest.mark.parametrize(
    ("amount", "lines", "shares"),
    [
        ("100", {1: "75", 2: "25"}, {1: "75.00", 2: "25.00"}),
        ("100", {1: "1", 2: "1", 3: "1"}, {1: "33.33", 2: "33.33", 3: "33.34"}),
        ("0.02", {1: "1", 2: "1", 3: "1"}, {1: "0.00", 2: "0.00", 3: "0.02"}),
        ("10", {1: "0", 2: "0"}, {1: "5.00", 2: "5.00"}),
        ("10", {1: "2", 2: "1", 3: "0"}, {1: "6.66", 2: "3.34", 3: "0.00"}),
        ("10", {}, {}),
    ],
)
def test_a_sum_goes_over_the_lines_in_proportion_and_the_rest_to_the_last_that_gets_any(
    amount: str, lines: dict[int, str], shares: dict[int, str]
) -> None:
    assert spread(D(amount), {number: D(each) for number, each in lines.items()}) == {
        number: D(each) for number, each in shares.items()
    }


@given(amount=amounts, over=weights)
def test_however_it_is_spread_not_a_cent_is_lost_or_made_and_nobody_owes(
    amount: Decimal, over: dict[int, Decimal]
) -> None:
    shares = spread(amount, over)
    assert sum(shares.values()) == amount
    assert all(share >= 0 and share == share.quantize(D("0.01")) for share in shares.values())


@given(over=weights, booked=st.lists(st.tuples(st.none() | st.integers(1, 40), amounts), max_size=8))
def test_what_the_lines_have_got_is_what_came_to_the_cent(
    over: dict[int, Decimal], booked: list[tuple[int | None, Decimal]]
) -> None:
    got = paid_by_line(over, [Booked(line, amount) for line, amount in booked])
    assert got.keys() == over.keys()
    assert sum(got.values()) == sum((amount for _, amount in booked), D(0))


@given(over=weights)
def test_a_claim_paid_in_full_is_paid_in_full_on_every_line(over: dict[int, Decimal]) -> None:
    whole = sum(over.values(), D(0))
    assert not whole or paid_by_line(over, [Booked(None, whole)]) == over


def test_money_for_the_whole_claim_goes_where_money_is_missing() -> None:
    assert paid_by_line({1: D(100), 2: D(50)}, [Booked(1, D(100)), Booked(None, D(50))]) == {1: D(100), 2: D(50)}


@pytest.mark.parametrize(
    ("paid", "how"),
    [("99", "full"), ("98.99", "short"), ("100", "full"), ("101", "full"), ("101.01", "over"), ("0", "short")],
)
def test_a_small_difference_is_nothing_to_run_after(paid: str, how: str) -> None:
    assert how_paid(D(100), D(paid), D(1)) == how
