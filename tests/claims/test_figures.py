"""Figures: periods as people name them, what is counted of a claim, and that all sums are one sum."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.figures import (
    PERIOD_NAMES,
    Case,
    Figures,
    Group,
    Period,
    Sums,
    Waits,
    period_named,
    read_period,
    short_of,
    spread,
)

TODAY = dt.date(2026, 2, 14)
NOON = dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC)


def made(**fields: object) -> Case:
    values = {
        "id": 1, "number": "A-1", "site_id": 1, "state": "approved", "author_id": 1, "maker": "example", "part": None,
        "currency": "CNY", "reported_on": TODAY, "stands_since": NOON, "closed_at": None, "filed_at": None,
        "answered_at": None, "paid_at": None, "approvals": 0, "send_backs": 0, "rejections": 0, "sums": Sums(),
    }  # fmt: skip
    return Case(**{**values, **fields})  # type: ignore[arg-type]  # of many kinds


@pytest.mark.parametrize(
    ("said", "begins_on", "ends_on"),
    [
        ("month", dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
        ("last", dt.date(2026, 1, 1), dt.date(2026, 1, 31)),
        ("quarter", dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        ("year", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        ("all", None, None),
        ("2026-01-01 2026-06-30", dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        ("20260101-20260630", dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        ("2026年1月1日至2026年6月30日", dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        ("２０２６-０１-０１ ２０２６-０６-３０", dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        ("2026-02-14", dt.date(2026, 2, 14), dt.date(2026, 2, 14)),
        ("2026-11", dt.date(2026, 11, 1), dt.date(2026, 11, 30)),
        ("2026年2月", dt.date(2026, 2, 1), dt.date(2026, 2, 28)),
        ("2025-11 至 2026-02", dt.date(2025, 11, 1), dt.date(2026, 2, 28)),
        ("2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        ("上月", dt.date(2026, 1, 1), dt.date(2026, 1, 31)),
        ("本季度", dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        ("Last Month", dt.date(2026, 1, 1), dt.date(2026, 1, 31)),
        ("2026/1/5 to 2026/1/9", dt.date(2026, 1, 5), dt.date(2026, 1, 9)),
    ],
)
def test_a_period_is_read_as_it_is_named_or_typed(
    said: str, begins_on: dt.date | None, ends_on: dt.date | None
) -> None:
    assert read_period(said, TODAY) == Period(begins_on, ends_on)


@pytest.mark.parametrize(
    "said",
    [
        "2026-06-30 2026-01-01",
        "2026-13-01",
        "2026-02-30",
        "soon",
        "2026-13",
        "202611",
        "2026-01-01 2026-02-01 2026-03-01",
        "=",
    ],
)
def test_what_is_no_period_is_none(said: str) -> None:
    assert read_period(said, TODAY) is None


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), st.sampled_from([n for n in PERIOD_NAMES if n != "last"]))
def test_each_named_period_holds_today_but_last_month(today: dt.date, name: str) -> None:
    assert period_named(name, today).holds(today)  # type: ignore[arg-type]  # one of the names
    last, this = period_named("last", today), period_named("month", today)
    assert last.ends_on is not None
    assert last.ends_on + dt.timedelta(days=1) == this.begins_on


def test_the_slowest_tenth_begins_with_a_time_that_was() -> None:
    assert spread([]) is None
    found = spread([Decimal(day) for day in range(1, 21)])
    assert found is not None
    assert (found.count, found.median, found.slowest) == (20, Decimal("10.5"), Decimal(18))
    one = spread([Decimal("3.4")])
    assert one is not None
    assert (one.median, one.slowest) == (Decimal("3.4"), Decimal("3.4"))


def test_days_are_told_from_the_end_of_the_repair_and_never_below_nothing() -> None:
    case = made(closed_at=NOON)
    assert case.days_to(NOON + dt.timedelta(hours=30)) == Decimal("1.3")
    assert case.days_to(NOON - dt.timedelta(hours=30)) == 0
    assert case.days_to(None) is None
    assert made().days_to(NOON) is None


@pytest.mark.parametrize(
    ("approvals", "send_backs", "rejections", "decided", "passed"),
    [(0, 0, 0, 0, 0), (1, 0, 0, 1, 1), (1, 1, 0, 1, 0), (0, 1, 0, 1, 0), (0, 0, 1, 1, 0), (2, 0, 0, 1, 1)],
)
def test_first_pass_is_approved_and_never_sent_back(
    approvals: int, send_backs: int, rejections: int, decided: int, passed: int
) -> None:
    group = Group()
    group.add(made(approvals=approvals, send_backs=send_backs, rejections=rejections))
    assert (group.decided, group.passed_first) == (decided, passed)


@pytest.mark.parametrize(
    ("expected", "paid", "short"),
    [(100, None, None), (100, 80, 20), (100, 100, 0), (100, 120, 0)],
)
def test_short_is_what_the_maker_was_to_pay_and_did_not(expected: int, paid: int | None, short: int | None) -> None:
    found = short_of(Decimal(expected), None if paid is None else Decimal(paid))
    assert found == (None if short is None else Decimal(short))


@pytest.mark.parametrize(
    ("days", "place"), [(0, 0), (3, 0), (4, 1), (7, 1), (8, 2), (14, 2), (15, 3), (30, 3), (31, 4)]
)
def test_the_ages_of_what_is_open_meet_without_a_gap(days: int, place: int) -> None:
    waits = Waits()
    waits.add(days)
    assert waits.ages.index(1) == place
    assert (waits.count, waits.oldest) == (1, days)


_AMOUNT = st.decimals(0, 10**7, places=2)
_SUMS = st.builds(Sums, _AMOUNT, *[st.none() | _AMOUNT] * 4)
_CASES = st.lists(
    st.builds(
        made,
        state=st.sampled_from(["approved", "rejected", "filed"]),
        maker=st.sampled_from(["a", "b"]),
        part=st.none() | st.sampled_from(["injector", "=cmd()"]),
        author_id=st.integers(1, 3),
        currency=st.sampled_from(["CNY", "EUR"]),
        sums=_SUMS,
    ),
    max_size=12,
)


@given(_CASES)
def test_the_sums_by_state_maker_part_and_technician_are_one_sum(cases: list[Case]) -> None:
    figures = Figures()
    for case in cases:
        figures.add(case)
    for groups in (figures.by_state, figures.by_maker, figures.by_part, figures.by_author):
        together: dict[str, Sums] = {}
        for group in groups.values():
            for currency, sums in group.sums.items():
                together[currency] = together.get(currency, Sums()) + sums
        assert together == figures.total.sums
        assert sum(group.count for group in groups.values()) == len(cases)
    for currency, sums in figures.total.sums.items():
        assert sums.claimed == sum(case.sums.claimed for case in cases if case.currency == currency)
