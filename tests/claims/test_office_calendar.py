import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.calendar import CalendarSheet, OfficeCalendar, calendar_of, quiet_until

BERLIN = OfficeCalendar("Europe/Berlin", "DE", dt.time(8, 0), dt.time(17, 0))
instants = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2028, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001  naive ends, aware between


def at(calendar: OfficeCalendar, text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=calendar.where).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ((2026, 1, 4), True),  # a Sunday, worked for 2 January
        ((2026, 2, 14), True),  # a Saturday, worked for the Spring Festival
        ((2026, 2, 17), False),
        ((2026, 10, 1), False),
        ((2026, 10, 10), True),
        ((2026, 11, 21), False),
        ((2026, 11, 24), True),
    ],
)
def test_swapped_saturdays_and_sundays_are_worked_in_china(
    shanghai: OfficeCalendar, day: tuple[int, int, int], *, worked: bool
) -> None:
    assert shanghai.is_working_day(dt.date(*day)) is worked


def test_a_year_not_announced_yet_is_provisional(shanghai: OfficeCalendar) -> None:
    assert not shanghai.provisional(dt.date(2026, 12, 31))
    assert shanghai.provisional(dt.date(2027, 1, 1))
    assert not BERLIN.provisional(dt.date(2040, 1, 1))


def test_ten_working_days_run_over_the_national_holiday(shanghai: OfficeCalendar) -> None:
    end = shanghai.add_working_days(at(shanghai, "2026-09-28 10:00"), 10)
    assert end == at(shanghai, "2026-10-16 10:00")


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        ("2026-11-24 09:00", 4, "2026-11-24 13:00"),
        ("2026-11-24 16:30", 4, "2026-11-25 11:30"),
        ("2026-11-24 07:00", 4, "2026-11-24 12:30"),
        ("2026-11-24 20:00", 4, "2026-11-25 12:30"),
        ("2026-11-27 16:30", 4, "2026-11-30 11:30"),
        ("2026-11-24 13:30", 4, "2026-11-24 17:30"),
        ("2026-09-30 16:30", 2, "2026-10-08 09:30"),
    ],
)
def test_working_hours_are_those_in_which_the_office_is_open(
    shanghai: OfficeCalendar, begin: str, hours: int, end: str
) -> None:
    assert shanghai.add_working_hours(at(shanghai, begin), hours) == at(shanghai, end)


@given(instant=instants, one=st.integers(0, 60), two=st.integers(0, 60))
def test_working_hours_add_up(shanghai: OfficeCalendar, instant: dt.datetime, one: int, two: int) -> None:
    for calendar in (shanghai, BERLIN):
        in_two = calendar.add_working_hours(calendar.add_working_hours(instant, one), two)
        assert in_two == calendar.add_working_hours(instant, one + two)
        assert in_two >= instant


@given(instant=instants, hours=st.integers(1, 60))
def test_a_time_counted_in_working_hours_ends_while_the_office_is_open(
    shanghai: OfficeCalendar, instant: dt.datetime, hours: int
) -> None:
    end = shanghai.add_working_hours(instant, hours).astimezone(shanghai.where)
    assert shanghai.is_working_day(end.date())
    assert shanghai.opens < end.time() <= shanghai.closes


@given(day=st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))
def test_the_next_working_day_is_worked_later_and_the_first_such(shanghai: OfficeCalendar, day: dt.date) -> None:
    following = shanghai.next_working_day(day)
    assert following > day
    assert shanghai.is_working_day(following)
    between = [day + dt.timedelta(days=each) for each in range(1, (following - day).days)]
    assert not any(shanghai.is_working_day(each) for each in between)


@pytest.mark.parametrize(
    ("instant", "morning"),
    [
        ("2026-11-24 16:00", "2026-11-25 08:30"),
        ("2026-11-24 02:00", "2026-11-25 08:30"),
        ("2026-11-27 16:00", "2026-11-30 08:30"),
    ],
)
def test_next_morning_is_that_of_the_next_working_day(shanghai: OfficeCalendar, instant: str, morning: str) -> None:
    assert shanghai.next_morning(at(shanghai, instant), dt.time(8, 30)) == at(shanghai, morning)


def test_working_days_keep_the_wall_clocks_hour_when_the_clock_is_moved() -> None:
    assert BERLIN.add_working_days(at(BERLIN, "2026-03-27 09:00"), 1) == at(BERLIN, "2026-03-30 09:00")
    assert BERLIN.add_working_hours(at(BERLIN, "2026-10-23 16:00"), 2) == at(BERLIN, "2026-10-26 09:00")


@pytest.mark.parametrize(
    ("local", "begins", "ends", "said"),
    [
        ("2026-11-24 20:59", 21, 8, "2026-11-24 20:59"),
        ("2026-11-24 21:00", 21, 8, "2026-11-25 08:00"),
        ("2026-11-25 07:59", 21, 8, "2026-11-25 08:00"),
        ("2026-11-25 08:00", 21, 8, "2026-11-25 08:00"),
        ("2026-11-25 12:30", 12, 14, "2026-11-25 14:00"),
        ("2026-11-25 14:00", 12, 14, "2026-11-25 14:00"),
        ("2026-11-25 03:00", 8, 8, "2026-11-25 03:00"),
        ("2026-03-28 23:00", 21, 8, "2026-03-29 08:00"),
        ("2026-10-24 23:00", 21, 8, "2026-10-25 08:00"),
    ],
)
def test_quiet_hours_put_off_until_their_end(local: str, begins: int, ends: int, said: str) -> None:
    until = quiet_until(at(BERLIN, local), dt.time(begins), dt.time(ends), "Europe/Berlin")
    assert until == at(BERLIN, said)


hours = st.times().map(lambda time: time.replace(second=0, microsecond=0))


@given(instants, hours, hours, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]))
def test_what_may_be_said_is_never_earlier_never_a_day_later_and_stays_put(
    instant: dt.datetime, begins: dt.time, ends: dt.time, zone: str
) -> None:
    until = quiet_until(instant, begins, ends, zone)
    assert instant <= until <= instant + dt.timedelta(hours=25)
    local = until.astimezone(ZoneInfo(zone))
    assert (
        until == instant or local.time() >= ends or local.utcoffset() != instant.astimezone(ZoneInfo(zone)).utcoffset()
    )


def test_a_sites_own_days_go_before_the_countrys_and_these_before_the_public_ones() -> None:
    sheet = CalendarSheet.model_validate(
        {
            "countries": {"CN": {"closed_days": [dt.date(2026, 11, 24)], "open_days": [dt.date(2026, 11, 22)]}},
            "sites": {"SH01": {"open_days": [dt.date(2026, 11, 24)], "closed_days": [dt.date(2026, 11, 22)]}},
        }
    )

    def made(site: str) -> OfficeCalendar:
        opens, closes = dt.time(8, 30), dt.time(17, 30)
        return calendar_of(sheet, site, zone="Asia/Shanghai", country="CN", opens=opens, closes=closes)

    assert not made("BJ01").is_working_day(dt.date(2026, 11, 24))
    assert made("BJ01").is_working_day(dt.date(2026, 11, 22))
    assert made("SH01").is_working_day(dt.date(2026, 11, 24))
    assert not made("SH01").is_working_day(dt.date(2026, 11, 22))
    assert [each.what for each in sheet.problems()] == ["no source is given"] * 2


def test_mistakes_in_the_calendar_sheet_are_told(calendars: CalendarSheet) -> None:
    assert calendars.problems() == ()
    day = dt.date(2026, 11, 24)
    wrong = {"countries": {"XX": {}}, "sites": {"SH01": {"closed_days": [day], "open_days": [day]}}}
    told = [each.what for each in CalendarSheet.model_validate(wrong).problems()]
    assert told == ["its public holidays are not known", "2026-11-24 is both open and closed", "no source is given"]


@pytest.mark.parametrize(
    ("zone", "country", "closes", "what"),
    [
        ("Asia/Nowhere", "CN", 17, "there is no time zone"),
        ("Asia/Shanghai", "XX", 17, "not known"),
        ("Asia/Shanghai", "CN", 8, "must close later"),
    ],
)
def test_an_impossible_office_is_refused(zone: str, country: str, closes: int, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        OfficeCalendar(zone, country, dt.time(8), dt.time(closes))


def test_an_office_that_never_works_is_a_mistake_not_an_endless_loop() -> None:
    closed = frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=each) for each in range(365))
    never = OfficeCalendar("UTC", "DE", closed_days=closed)
    with pytest.raises(ValueError, match="check the closed days"):
        never.next_working_day(dt.date(2026, 2, 1))
