import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.facts import CarReading
from claimbot.claims.odometer import LARGEST_KM, OdometerLimits, judge_odometer, read_km

TODAY = dt.date(2026, 11, 24)


def reading(days_ago: int, km: int) -> CarReading:
    return CarReading(claim="W-1", read_on=TODAY - dt.timedelta(days=days_ago), odometer_km=km)


@pytest.mark.parametrize(
    ("typed", "km"),
    [
        ("52340", 52_340),
        ("５２３４０", 52_340),
        ("52,340", 52_340),
        ("52.340", 52_340),
        ("52 340 km", 52_340),
        ("5.2万公里", 52_000),
        ("5.2万", 52_000),
        ("52340公里", 52_340),
        ("里程：52340", 52_340),
        ("52k", 52_000),
        ("52340.7", 52_340),
        ("0", 0),
        ("2000000", 2_000_000),
    ],
)
def test_an_odometer_is_read_in_whole_kilometres(typed: str, km: int) -> None:
    assert read_km(typed) == km


@pytest.mark.parametrize("typed", ["", "-5", "2000001", "32,000 mi", "52.34", "many", "5万2", "52,34,0", "P0301"])
def test_what_is_no_reading_is_refused(typed: str) -> None:
    assert read_km(typed) is None


@given(st.integers(0, LARGEST_KM))
def test_a_reading_reads_back_with_and_without_groups(km: int) -> None:
    assert {read_km(f"{km}"), read_km(f"{km:,} km"), read_km(f"{km:,}公里".replace(",", " "))} == {km}


@pytest.mark.parametrize(
    ("km", "readings", "doubts"),
    [
        (50_000, (), []),
        (50_000, (reading(10, 50_000),), []),
        (49_999, (reading(10, 50_000),), ["falling"]),
        (65_000, (reading(10, 50_000),), []),
        (65_001, (reading(10, 50_000),), ["leaping"]),
        (51_500, (reading(0, 50_000),), []),
        (51_501, (reading(0, 50_000),), ["leaping"]),
        (1_000_000, (), []),
        (1_000_001, (), ["implausible"]),
        (40_000, (reading(30, 39_000), reading(100, 45_000)), ["falling"]),
        (40_000, (reading(-5, 45_000),), []),
    ],
)
def test_a_reading_is_questioned_below_above_and_not_at_each_limit(
    km: int, readings: tuple[CarReading, ...], doubts: list[str]
) -> None:
    assert [each.doubt for each in judge_odometer(km, readings, TODAY)] == doubts


def test_a_claim_begun_later_on_the_same_day_makes_no_reading_fall() -> None:
    later = reading(0, 25_000).model_copy(update={"later": True})
    assert judge_odometer(23_456, (later,), TODAY) == ()
    (doubt,) = judge_odometer(23_456, (later,), TODAY + dt.timedelta(days=1))
    assert doubt.doubt == "falling"


def test_a_doubt_carries_what_its_words_need() -> None:
    (doubt,) = judge_odometer(80_000, (reading(10, 50_000),), TODAY)
    assert doubt.values == {
        "km": 80_000, "last_km": 50_000, "last_on": dt.date(2026, 11, 14), "claim": "W-1", "a_day": 3000, "days": 10,
    }  # fmt: skip


def test_the_office_sets_its_own_limits() -> None:
    limits = OdometerLimits(km_per_day=100, most_km=60_000)
    doubts = judge_odometer(60_001, (reading(1, 59_900),), TODAY, limits)
    assert [each.doubt for each in doubts] == ["leaping", "implausible"]


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, LARGEST_KM)), max_size=5), st.integers(0, LARGEST_KM))
def test_a_reading_is_falling_exactly_when_an_earlier_one_is_higher(earlier: list[tuple[int, int]], km: int) -> None:
    doubts = {each.doubt for each in judge_odometer(km, tuple(reading(*each) for each in earlier), TODAY)}
    assert ("falling" in doubts) == any(each > km for _, each in earlier)
