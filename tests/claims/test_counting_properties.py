"""What must hold of every count, whatever the rule, the day and the calendar."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks import Counting, Moment, Paused, Recorded, clocks_of, count
from claimbot.claims.clocks.rules import Unit
from tests.claims.counted import assert_told, calendar, forms, office

COUNTRIES = ("CN", "US", "GB", "DE", "DE-BY", "GB-SCT")
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Europe/Berlin", "Africa/Cairo", "Pacific/Kiritimati")
UNITS: tuple[Unit, ...] = ("hours", "days", "working_days", "weeks", "months", "repair_days")
DAY = dt.timedelta(days=1)

days = st.dates(dt.date(2019, 1, 1), dt.date(2030, 12, 31))
instants = st.datetimes(dt.datetime(2019, 1, 1), dt.datetime(2030, 12, 31), timezones=st.just(dt.UTC))  # noqa: DTZ001  naive ends, aware between
moments: st.SearchStrategy[Moment] = st.one_of(days, instants)
calendars = st.builds(calendar, st.sampled_from(COUNTRIES), st.sampled_from(ZONES))


@st.composite
def countings(draw: st.DrawFn, units: tuple[Unit, ...] = UNITS) -> Counting:
    unit = draw(st.sampled_from(units))
    most = {"hours": 2000, "days": 400, "working_days": 60, "weeks": 60, "months": 40, "repair_days": 60}[unit]
    return Counting(
        draw(st.integers(1, most)),
        unit,
        include_first=draw(st.booleans()),
        roll=draw(st.sampled_from(("none", "next_working_day"))),
        cutoff=draw(st.sampled_from(("24:00", "close_of_business"))),
        public_days_off=draw(st.booleans()),
    )


@given(countings(), moments, calendars)
def test_the_last_date_of_the_sum_is_the_due_day_in_both_languages(
    counting: Counting, start: Moment, where: OfficeCalendar
) -> None:
    due = count(counting, start, where)
    assert_told(due)
    assert where.day_of(due.due_at) == due.due_on
    assert due.due_on >= due.started_on


@given(countings(), instants, st.integers(0, 5000), calendars)
def test_a_later_start_is_never_due_earlier(
    counting: Counting, start: dt.datetime, minutes: int, where: OfficeCalendar
) -> None:
    later = start + dt.timedelta(minutes=minutes)
    assert count(counting, start, where).due_at <= count(counting, later, where).due_at


@given(countings(("days", "weeks", "working_days", "months")), days, calendars)
def test_a_longer_length_is_never_due_earlier(counting: Counting, start: dt.date, where: OfficeCalendar) -> None:
    longer = replace(counting, length=counting.length + 1)
    assert count(counting, start, where).due_at <= count(longer, start, where).due_at


@given(countings(), moments, calendars, st.frozensets(st.integers(0, 500), max_size=25))
def test_a_closed_day_more_never_makes_anything_due_earlier(
    counting: Counting, start: Moment, where: OfficeCalendar, off: frozenset[int]
) -> None:
    before = count(counting, start, where)
    closed = frozenset(before.started_on + DAY * each for each in off)
    for changed in (
        replace(where, closed_days=where.closed_days | closed, open_days=where.open_days - closed),
        replace(where, own_closed_days=closed),
    ):
        after = count(counting, start, changed)
        assert after.due_at >= before.due_at
        if counting.public_days_off and changed.own_closed_days:
            assert after == before


@given(countings(("days", "weeks", "months", "working_days")), days, calendars)
def test_what_rolls_ends_on_a_working_day_and_never_before_what_does_not(
    counting: Counting, start: dt.date, where: OfficeCalendar
) -> None:
    rolled = count(replace(counting, roll="next_working_day", include_first=False), start, where)
    fixed = count(replace(counting, roll="none", include_first=False), start, where)
    assert where.is_working_day(rolled.due_on)
    assert fixed.due_on <= rolled.due_on <= fixed.due_on + DAY * 14
    between = [fixed.due_on + DAY * each for each in range((rolled.due_on - fixed.due_on).days)]
    assert not any(where.is_working_day(each) for each in between)


@given(st.integers(1, 90), st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)), calendars)
def test_working_days_are_counted_one_by_one(length: int, start: dt.date, where: OfficeCalendar) -> None:
    counting = Counting(length, "working_days", include_first=False, roll="none", cutoff="24:00")
    due_on = count(counting, start, where).due_on
    worked = [day for each in range(1, (due_on - start).days + 1) if where.is_working_day(day := start + DAY * each)]
    assert len(worked) == length
    assert worked[-1] == due_on


@given(countings(("days", "weeks", "months", "working_days")), st.dates(dt.date(2025, 6, 1), dt.date(2028, 6, 1)))
def test_provisional_just_when_the_calendar_of_an_unannounced_year_is_asked(counting: Counting, start: dt.date) -> None:
    where = calendar("CN", "Asia/Shanghai")
    due = count(counting, start, where)
    if counting.unit == "working_days":
        asked = {start.year if counting.include_first else (start + DAY).year, due.due_on.year}
    elif counting.roll == "none":
        asked = set()
    else:
        asked = {count(replace(counting, roll="none"), start, where).due_on.year, due.due_on.year}
    assert due.provisional == any(year > 2026 for year in asked)
    announced = replace(where, announced_years=frozenset(range(2027, 2040)))
    assert not count(counting, start, announced).provisional


@given(countings(("days", "weeks", "months")), days, st.integers(0, 60), st.integers(0, 30), calendars)
def test_a_pause_makes_nothing_due_earlier_and_no_later_than_it_lasted(
    counting: Counting, start: dt.date, after: int, lasting: int, where: OfficeCalendar
) -> None:
    fixed = replace(counting, roll="none")
    begins = start + DAY * after
    before = count(fixed, start, where)
    paused = count(fixed, start, where, paused=[Paused(begins, begins + DAY * lasting)])
    later = (paused.due_on - before.due_on).days
    assert later == (lasting if begins < before.due_on else 0)


@given(st.dates(dt.date(2019, 1, 1), dt.date(2030, 1, 1)), st.integers(1, 36))
def test_every_month_is_counted_from_the_beginning_so_that_the_31st_comes_back(start: dt.date, times: int) -> None:
    counting = Counting(1, "months", include_first=False, roll="none", cutoff="24:00")
    due_on = count(counting, start, calendar("GB", "Europe/London"), times=times).due_on
    assert (due_on.year * 12 + due_on.month) - (start.year * 12 + start.month) == times
    assert due_on.day == start.day or (due_on + DAY).day == 1


EVENTS = ("aware", "should_be_aware", "notice.sent", "claim.sent", "claim.received", "claim.answered")
happened = st.dictionaries(st.sampled_from(EVENTS), moments, max_size=len(EVENTS))


@given(st.sampled_from(["fidic-2017", "fidic-1999", "gf-2017-0201"]), happened, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_entered_does_not_matter(
    form: str, events: dict[str, Moment], luck: "object"
) -> None:
    recorded = [Recorded(name, at) for name, at in events.items()]
    where = calendar("CN", "Asia/Shanghai")
    one = clocks_of(forms()[form], office().counting, recorded, where)
    shuffle = getattr(luck, "shuffle")  # noqa: B009  hypothesis gives a Random
    shuffle(recorded)
    two = clocks_of(forms()[form], office().counting, recorded, where)
    assert one.clocks == two.clocks
    assert set(one.problems) == set(two.problems)


@given(st.sampled_from(sorted(forms())), st.lists(st.tuples(st.sampled_from(
    ("aware", "occurred", "sent", "received", "answered", "demanded", "delivered", "invoiced", "closed", "ended",
     "car.handed_in", "car.handed_back", "transport.begun", "transport.ended", "update.sent", "assessment.sent",
     "nonsense", "notice.sent"),
), moments), max_size=8), st.one_of(st.none(), instants))  # fmt: skip
def test_whatever_is_entered_the_answer_is_clocks_and_words(
    form: str, events: list[tuple[str, Moment]], now: dt.datetime | None
) -> None:
    reckoning = clocks_of(
        forms()[form],
        office().counting,
        [Recorded(name, at) for name, at in events],
        calendar("CN", "Asia/Shanghai"),
        now=now,
    )
    assert {clock.rule.name for clock in reckoning.clocks} <= set(forms()[form].names())
    assert len({clock.key for clock in reckoning.clocks}) == len(reckoning.clocks)
    for clock in reckoning.clocks:
        assert clock.sum.en
        assert clock.sum.zh
        assert (clock.due is None) == (clock.standing in {"waiting", "paused"})
    for problem in reckoning.problems:
        assert problem.what.en
        assert problem.mend.zh
