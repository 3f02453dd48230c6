"""How near a car is to a swap or refund: every number of the statute at, below and above it, each counted by hand."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from claimbot.claims.coverage import MakerTerms, Part
from claimbot.claims.exposure import (
    Counted,
    Exposure,
    ExposureSheet,
    Finding,
    LimitLine,
    Repair,
    Standing,
    WindowName,
    compensation_of,
    exposure_of,
    repair_days,
)
from claimbot.claims.facts import CarUse, Facts, FaultFamily, Remedy, SafetyFault
from claimbot.claims.life import Life
from claimbot.claims.words import Money, Words

FLOWS = Path(__file__).parents[2] / "flows"
BOUGHT = dt.date(2026, 1, 10)
NOW = dt.datetime(2026, 11, 28, 2, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MORNING = dt.datetime(2026, 6, 1, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sheet() -> ExposureSheet:
    return ExposureSheet.model_validate(YAML(typ="safe").load(FLOWS / "warranty/exposure.yaml"))


def repair(
    number: int,
    *,
    begun: dt.datetime | None = MORNING,
    lasts: dt.timedelta | None = HOUR,
    part: str | None = None,
    remedy: Remedy = "repaired",
    safety: SafetyFault = "none",
    use: CarUse | None = "household",
    bought: dt.date | None = BOUGHT,
    km: int = 5000,
    order: str | None = None,
    family: FaultFamily = "engine",
    left_out: tuple[tuple[dt.datetime, dt.datetime], ...] = (),
    terms: MakerTerms | None = None,
) -> Repair:
    facts = Facts(
        opened_at=begun,
        closed_at=None if begun is None or lasts is None else begun + lasts,
        failed_part=part,
        remedy=remedy,
        safety_fault=safety,
        car_use=use,
        in_service_on=bought,
        odometer_km=km,
        repair_order=order,
        fault_family=family,
    )
    named = None if terms is None or part is None else terms.part_named(part)
    day = MORNING.date() if begun is None else begun.date()
    return Repair(f"C{number}", day, facts, named, left_out)


def at(sheet: ExposureSheet, *repairs: Repair, now: dt.datetime = NOW) -> Exposure:
    return exposure_of(sheet, repairs, now, "Asia/Shanghai")


def found(exposure: Exposure, name: Counted | WindowName) -> Finding | None:
    return next((each for each in exposure.findings if each.name == name), None)


def standing(exposure: Exposure, name: Counted | WindowName) -> Standing:
    finding = found(exposure, name)
    return "well" if finding is None else finding.standing


def visits(count: int, **more: object) -> list[Repair]:
    """So many repairs of an hour, a week apart."""
    return [repair(n, begun=MORNING + n * 7 * DAY, **more) for n in range(count)]  # type: ignore[arg-type]  # as typed


# repair days


@pytest.mark.parametrize(
    ("spent", "days", "counted"),
    [
        (0 * HOUR, 0, "nothing"),
        (dt.timedelta(minutes=1), 1, "the rest alone is a day"),
        (24 * HOUR - dt.timedelta(seconds=1), 1, "not yet a full day: the rest counts"),
        (24 * HOUR, 1, "one full day, no rest"),
        (24 * HOUR + dt.timedelta(seconds=1), 2, "24 h and a rest"),
        (48 * HOUR, 2, "2 × 24 h"),
        (49 * HOUR, 3, "2 × 24 h and 1 h"),
    ],
)
def test_each_full_twenty_four_hours_are_a_day_and_the_rest_one_more(
    spent: dt.timedelta, days: int, counted: str
) -> None:
    assert repair_days(spent) == days, counted


@given(st.lists(st.integers(min_value=1, max_value=100_000), min_size=1, max_size=8))
def test_the_sum_of_several_repairs_is_never_less_than_their_hours_and_rounds_each_by_itself(
    minutes: list[int],
) -> None:
    each = [repair_days(dt.timedelta(minutes=n)) for n in minutes]
    assert sum(each) * 24 * 60 >= sum(minutes)
    assert sum(each) < sum(minutes) / 60 / 24 + len(minutes)


@pytest.mark.parametrize(
    ("hours", "days", "stands"),
    [
        ((14 * 24,), 14, "well"),
        ((14 * 24, 1), 15, "first"),  # 14 + 1: the hour is a day of its own
        ((22 * 24,), 22, "first"),
        ((22 * 24 + 1,), 23, "second"),  # 22 full days and a rest
        ((27 * 24, 0.5), 28, "last"),
        ((30 * 24,), 30, "last"),  # "more than 30": not with the thirtieth
        ((29 * 24 + 1, 0.1), 31, "reached"),  # 30 + 1
        ((30 * 24 + 0.02,), 31, "reached"),
    ],
)
def test_more_than_thirty_repair_days_in_all_is_warned_of_three_times_before(
    sheet: ExposureSheet, hours: tuple[float, ...], days: int, stands: Standing
) -> None:
    repairs = [repair(n, begun=MORNING + n * 60 * DAY, lasts=each * HOUR) for n, each in enumerate(hours)]
    days_found = found(at(sheet, *repairs), "repair_days")
    assert days_found is not None
    assert (days_found.count, days_found.standing) == (days, stands)


def test_the_count_of_the_days_is_written_out(sheet: ExposureSheet) -> None:
    first, second = repair(1, lasts=73 * HOUR), repair(2, begun=MORNING + 30 * DAY, lasts=49.5 * HOUR)
    days = found(at(sheet, first, second), "repair_days")
    assert days is not None
    assert days.sum == Words(
        en="C1 73 h → 4 d, C2 49 h 30 min → 3 d; 4 + 3 = 7", zh="C1 73 小时→4 日，C2 49 小时 30 分→3 日；4 + 3 = 7"
    )


def test_claims_of_one_visit_are_one_repair_whether_by_their_order_or_by_their_hours(sheet: ExposureSheet) -> None:
    by_order = [repair(1, lasts=30 * HOUR, order="RO-1"), repair(2, begun=None, lasts=None, order="ro-1")]
    by_hours = [repair(1, lasts=30 * HOUR), repair(2, begun=MORNING + 2 * HOUR, lasts=50 * HOUR)]
    one, two = (found(at(sheet, *some), "repair_days") for some in (by_order, by_hours))
    assert one is not None
    assert two is not None
    assert one.count == 2, "30 h"
    assert two.count == 3, "from the first hour to 2 + 50 h = 52 h"


def test_what_begins_when_the_other_ends_is_another_repair(sheet: ExposureSheet) -> None:
    two = found(at(sheet, repair(1), repair(2, begun=MORNING + HOUR)), "repair_days")
    assert two is not None
    assert two.count == 2, "1 h + 1 h, each a day"


def test_transport_of_special_parts_and_rescue_travel_are_left_out_once(sheet: ExposureSheet) -> None:
    stretch = (MORNING + 10 * HOUR, MORNING + 40 * HOUR)
    overlapping = (MORNING + 30 * HOUR, MORNING + 50 * HOUR)
    days = found(at(sheet, repair(1, lasts=64 * HOUR, left_out=(stretch, overlapping))), "repair_days")
    assert days is not None
    assert days.count == 1, "64 h − (50 − 10) h = 24 h"
    beyond = found(at(sheet, repair(1, lasts=20 * HOUR, left_out=(stretch,))), "repair_days")
    assert beyond is not None
    assert beyond.count == 1, "20 h − (20 − 10) h = 10 h"


# the repair under way


@pytest.mark.parametrize(
    ("hours", "stands", "counted"),
    [
        (48, "well", "2 days"),
        (48.1, "first", "the third day has begun"),
        (72.1, "second", "the fourth"),
        (96.1, "last", "the fifth: a day ahead of the loaner"),
        (120, "last", "5 × 24 h: five days, not more"),
        (120.1, "reached", "day 6"),
    ],
)
def test_a_repair_that_goes_on_warns_before_its_sixth_day_waiting_for_parts_included(
    sheet: ExposureSheet, hours: float, stands: Standing, counted: str
) -> None:
    waiting = (MORNING + HOUR, MORNING + 90 * HOUR)
    under_way = at(sheet, repair(1, lasts=None, left_out=(waiting,)), now=MORNING + hours * HOUR)
    assert standing(under_way, "single_repair") == stands, counted


def test_a_repair_that_is_over_asks_for_no_loaner_any_more(sheet: ExposureSheet) -> None:
    assert found(at(sheet, repair(1, lasts=8 * DAY)), "single_repair") is None


# how often


@pytest.mark.parametrize(("count", "stands"), [(1, "well"), (2, "first"), (3, "second"), (4, "last"), (5, "reached")])
def test_the_same_fault_repaired_more_than_four_times(sheet: ExposureSheet, count: int, stands: Standing) -> None:
    assert standing(at(sheet, *visits(count, part="喷油器")), "same_fault") == stands


def test_a_listed_part_is_the_same_in_either_language_and_another_part_is_another_fault(
    sheet: ExposureSheet, terms: MakerTerms
) -> None:
    said = ("喷油器", "Injector", "水泵")
    repairs = [repair(n, begun=MORNING + n * 7 * DAY, part=part, terms=terms) for n, part in enumerate(said)]
    same = found(at(sheet, *repairs), "same_fault")
    assert same is not None
    assert (same.count, same.sum.en) == (2, "C0, C1")


@pytest.mark.parametrize(("count", "stands"), [(0, "well"), (1, "second"), (2, "last"), (3, "reached")])
def test_two_repairs_of_severe_safety_faults_did_not_help_when_the_third_comes(
    sheet: ExposureSheet, count: int, stands: Standing
) -> None:
    faults: list[SafetyFault] = ["brakes", "fuel", "other"]
    repairs = [repair(n, begun=MORNING + n * 7 * DAY, safety=fault) for n, fault in enumerate(faults[:count])]
    assert standing(at(sheet, repair(9, begun=MORNING + 90 * DAY), *repairs), "safety_repairs") == stands


@pytest.mark.parametrize(("count", "stands"), [(0, "well"), (1, "last"), (2, "reached"), (3, "reached")])
def test_an_assembly_or_a_main_part_replaced_twice(
    sheet: ExposureSheet, terms: MakerTerms, count: int, stands: Standing
) -> None:
    packs = visits(count, part="动力电池总成", remedy="replaced", terms=terms)
    cells = visits(count, part="电芯", remedy="replaced", terms=terms)
    assert standing(at(sheet, *packs), "assemblies") == stands
    assert standing(at(sheet, *cells), "main_parts") == stands


def test_assemblies_and_main_parts_and_two_different_ones_are_not_added_together(
    sheet: ExposureSheet, terms: MakerTerms
) -> None:
    said = ("动力电池总成", "电芯", "电机轴承", "驱动电机总成")
    repairs = [
        repair(n, begun=MORNING + n * 7 * DAY, part=part, remedy="replaced", terms=terms) for n, part in enumerate(said)
    ]
    several = at(sheet, *repairs)
    assert {each.count for each in several.findings if each.name in {"assemblies", "main_parts"}} == {1}


def test_a_repaired_part_and_one_that_is_no_main_part_are_not_replaced_ones(
    sheet: ExposureSheet, terms: MakerTerms
) -> None:
    repaired = visits(3, part="动力电池总成", terms=terms)
    injectors = visits(3, part="喷油器", remedy="replaced", terms=terms)
    assert found(at(sheet, *repaired), "assemblies") is None
    assert found(at(sheet, *injectors), "main_parts") is None


def test_no_part_is_an_assembly_and_a_main_part() -> None:
    with pytest.raises(ValidationError, match="never added together"):
        Part(words=Words(en="a", zh="甲"), assembly="engine", main_part="engine")


# the first days


@pytest.mark.parametrize(
    ("days", "km", "name", "stands", "counted"),
    [
        (7, 100, "early_swap", "reached", "the seventh day is within"),
        (8, 100, "early_swap", "well", "the eighth is not"),
        (7, 99_000, "early_swap", "well", "no kilometres are named for it, but the rights end with 50,000"),
        (60, 3000, "early_assembly", "reached", "both the last day and the last kilometre are within"),
        (61, 3000, "early_assembly", "well", "a day late"),
        (60, 3001, "early_assembly", "well", "a kilometre late"),
        (60, 3000, "early_safety", "reached", "both within"),
        (61, 3000, "early_safety", "well", "a day late"),
        (60, 3001, "early_safety", "well", "a kilometre late"),
    ],
)
def test_the_first_days_and_kilometres_include_their_last(
    sheet: ExposureSheet,
    terms: MakerTerms,
    days: int,
    km: int,
    name: WindowName,
    stands: Standing,
    counted: str,
) -> None:
    begun = dt.datetime.combine(BOUGHT + days * DAY, dt.time(4), tzinfo=dt.UTC)
    failed = repair(1, begun=begun, part="电芯", remedy="replaced", safety="battery_fire", km=km, terms=terms)
    assert standing(at(sheet, failed, now=begun + HOUR), name) == stands, counted


def test_while_the_first_days_last_it_is_said_what_a_fault_would_mean(sheet: ExposureSheet) -> None:
    begun = dt.datetime(2026, 1, 12, 4, tzinfo=dt.UTC)
    seen = at(sheet, repair(1, begun=begun, km=100), now=begun + HOUR)
    assert [standing(seen, name) for name in ("early_swap", "early_safety", "early_assembly")] == ["first"] * 3
    late = at(sheet, repair(1, begun=begun, km=100), now=begun + 90 * DAY)
    assert standing(late, "early_safety") == "well"


# the period, the use


@pytest.mark.parametrize(
    ("bought", "km", "ended"),
    [
        (dt.date(2024, 11, 28), 50_000, None),  # two years end with the same day
        (dt.date(2024, 11, 27), 50_000, "time"),
        (dt.date(2024, 11, 28), 50_001, "distance"),
    ],
)
def test_two_years_and_fifty_thousand_kilometres_are_within(
    sheet: ExposureSheet, bought: dt.date, km: int, ended: str | None
) -> None:
    seen = at(sheet, *visits(5, part="喷油器", bought=bought, km=km))
    assert seen.ended == ended
    assert standing(seen, "same_fault") == ("well" if ended else "reached")


def test_a_repair_behind_the_period_does_not_count_but_those_within_do(sheet: ExposureSheet) -> None:
    bought = dt.date(2024, 6, 10)
    within, behind = MORNING, dt.datetime(2026, 6, 11, 1, tzinfo=dt.UTC)
    both = (repair(1, begun=within, bought=bought), repair(2, begun=behind, bought=bought))
    days = found(at(sheet, *both, now=dt.datetime(2026, 6, 10, 10, tzinfo=dt.UTC)), "repair_days")
    assert days is not None
    assert days.sum.en == "C1 1 h → 1 d"


def test_a_commercial_car_is_never_warned_of_and_an_unknown_one_says_that_it_is_unknown(sheet: ExposureSheet) -> None:
    commercial = at(sheet, *visits(6, part="喷油器", use="commercial"))
    unknown = at(sheet, *visits(6, part="喷油器", use=None))
    assert (commercial.use, commercial.warned) == ("commercial", ())
    assert unknown.use == "unknown"
    assert unknown.warned


def test_what_was_said_last_of_the_use_holds(sheet: ExposureSheet) -> None:
    first, last = repair(1, use="household"), repair(2, begun=MORNING + DAY, use="commercial")
    assert at(sheet, last, first, repair(3, begun=MORNING + 2 * DAY, use=None)).use == "commercial"


def test_what_is_not_known_is_told_with_its_claims(sheet: ExposureSheet) -> None:
    unknown = at(sheet, repair(1, begun=None, lasts=None, part="xyz", remedy="replaced", bought=None))
    assert unknown.doubts == {"hours_unknown": ("C1",), "part_not_listed": ("C1",), "in_service_unknown": ()}


def test_a_car_from_before_the_statute_has_no_numbers(sheet: ExposureSheet) -> None:
    old = at(sheet, *visits(6, part="喷油器", bought=dt.date(2021, 12, 31)))
    assert old.doubts == {"no_numbers": ()}
    assert old.findings == ()


def test_the_worst_comes_first(sheet: ExposureSheet) -> None:
    seen = at(sheet, *visits(5, part="喷油器", safety="fuel"), repair(9, begun=NOW - 70 * HOUR, lasts=None))
    stands = [each.standing for each in seen.warned]
    order = ["reached", "last", "second", "first"]
    assert stands == sorted(stands, key=order.index)
    assert stands[0] == "reached"


# the sheet


@pytest.mark.parametrize(
    ("value", "reached", "warn"), [(30, "above", [15, 31]), (2, "at", [2]), (30, "above", [20, 20]), (30, "above", [0])]
)
def test_a_warning_that_comes_no_earlier_than_the_limit_or_out_of_order_is_refused(
    value: int, reached: str, warn: list[int]
) -> None:
    words = {"en": "x", "zh": "x"}
    line = {"value": value, "reached": reached, "warn": warn, "says": words, "then": words}
    with pytest.raises(ValidationError, match="warn"):
        LimitLine.model_validate({**line, "from": "2022-01-01", "source": words})


def test_a_warning_of_the_last_day_before_more_than_is_one(sheet: ExposureSheet) -> None:
    line = sheet.limits["repair_days"][0].model_copy(update={"warn": (30,)})
    assert LimitLine.model_validate(line.model_dump(by_alias=True)).standing(30) == "last"


def test_the_sheet_tells_what_it_lacks_and_names_that_nobody_fills(sheet: ExposureSheet, life: Life) -> None:
    said = sheet.limits["main_parts"][0].model_copy(update={"says": Words(en="{km}", zh="{km}")})
    broken = sheet.model_copy(update={"limits": {"main_parts": (said,)}, "windows": {}, "ignores": ("draft", "gone")})
    told = [each.what for each in broken.problems(life)]
    assert "repair_days is missing" in told
    assert "early_swap is missing" in told
    assert "there is no state gone" in told
    assert any("{km} is not known here" in each for each in told)
    assert sheet.problems(life) == ()


# compensation


@pytest.mark.parametrize(
    ("price", "km", "percent", "amount"),
    [
        ("150000", 12_000, "0.5", "9000.00"),  # 150,000 × 12 × 0.5 %
        ("150000", 12_000, "0.4", "7200.00"),
        ("99999.99", 1, "0.5", "0.50"),  # 0.49999995, half up
        ("150000", 0, "0.5", "0.00"),
        ("123456.78", 7_890, "0.35", "3409.26"),  # 3,409.2589…
    ],
)
def test_the_compensation_is_price_by_kilometres_by_thousand_by_n(
    sheet: ExposureSheet, price: str, km: int, percent: str, amount: str
) -> None:
    owed = compensation_of(
        sheet, Money(amount=Decimal(price), currency="CNY"), km, Decimal(percent), dt.date(2026, 11, 28)
    )
    assert owed is not None
    assert owed.amount == Money(amount=Decimal(amount), currency="CNY")


def test_the_compensation_shows_its_sum(sheet: ExposureSheet) -> None:
    price = Money(amount=Decimal(150_000), currency="CNY")
    owed = compensation_of(sheet, price, 12_000, Decimal("0.5"), dt.date(2026, 11, 28))
    assert owed is not None
    assert owed.sum.zh == "¥150,000.00 × 12,000 公里 ÷ 1,000 × 0.5 % = ¥9,000.00"


@pytest.mark.parametrize(("percent", "allowed"), [("0.49", True), ("0.5", True), ("0.51", False), ("-0.1", False)])
def test_n_is_half_a_percent_at_the_most(sheet: ExposureSheet, percent: str, *, allowed: bool) -> None:
    price = Money(amount=Decimal(150_000), currency="CNY")
    owed = compensation_of(sheet, price, 12_000, Decimal(percent), dt.date(2026, 11, 28))
    assert (owed is not None) == allowed


def test_before_the_statute_there_is_no_compensation_by_it(sheet: ExposureSheet) -> None:
    price = Money(amount=Decimal(150_000), currency="CNY")
    assert compensation_of(sheet, price, 12_000, Decimal("0.5"), dt.date(2021, 12, 31)) is None
