"""Hand-counted: month ends, leap days, first days that count, holidays of three more countries, moved clocks, zones."""
# ruff: noqa: E501  a case and its count stand on one line

import datetime as dt
from dataclasses import replace

import pytest

from claimbot.claims.calendar import CalendarSheet, OfficeCalendar, calendar_of
from claimbot.claims.clocks import Counting, Due, Paused, count, set_by_hand
from claimbot.claims.clocks.rules import Unit
from claimbot.claims.words import Words
from tests.claims.counted import assert_told, calendar, local, moment

ZONES = {
    "CN": "Asia/Shanghai", "US": "America/New_York", "GB": "Europe/London", "GB-SCT": "Europe/London",
    "DE": "Europe/Berlin", "DE-BY": "Europe/Berlin", "EG": "Africa/Cairo",
}  # fmt: skip
UNITS: dict[str, Unit] = {"h": "hours", "d": "days", "wd": "working_days", "w": "weeks", "m": "months"}


def counted(length: str, start: str, country: str, zone: str = "", paused: str = "") -> Due:
    """`length` as "28 d", "10 wd"; behind it "first" where the first day counts, "roll", "close"."""
    number, unit, *more = length.split()
    where = zone or ZONES[country]
    counting = Counting(
        int(number),
        UNITS[unit],
        include_first="first" in more,
        roll="next_working_day" if "roll" in more else "none",
        cutoff="close_of_business" if "close" in more else "24:00",
        roll_basis=Words(en="the law", zh="法律") if "roll" in more else None,
    )
    stretches = [
        Paused(moment(a, where), moment(b, where)) for a, _, b in (each.partition("/") for each in paused.split())
    ]
    due = count(counting, moment(start, where), calendar(country, where), paused=stretches)
    assert_told(due)
    return due


DAYS = [
    # months end on the day of the same number, else on the last (Civil Code 202)
    ("1 m", "2026-01-31", "CN", "2026-02-28", "no 31 February"),
    ("1 m", "2028-01-31", "CN", "2028-02-29", "a leap February"),
    ("1 m", "2028-01-30", "CN", "2028-02-29", "no 30 February even then"),
    ("1 m", "2026-03-31", "CN", "2026-04-30", "no 31 April"),
    ("1 m", "2026-02-28", "CN", "2026-03-28", "the same number, not the month's last"),
    ("6 m", "2026-08-31", "CN", "2027-02-28", "no 31 February"),
    ("2 m", "2026-12-15", "CN", "2027-02-15", "over New Year"),
    ("12 m", "2028-02-29", "CN", "2029-02-28", "no 29 February in 2029"),
    ("48 m", "2028-02-29", "CN", "2032-02-29", "four years on there is one"),
    ("1 m", "2026-12-31", "CN", "2027-01-31", "31 to 31"),
    # the first day counts
    ("28 d first", "2026-09-03", "CN", "2026-09-30", "3 September is day 1: 3 + 27"),
    ("1 d first", "2026-09-03", "CN", "2026-09-03", "it is itself the last"),
    ("1 w first", "2026-09-07", "CN", "2026-09-13", "Monday to Sunday"),
    ("1 m first", "2026-03-03", "CN", "2026-04-02", "the day before the same number"),
    ("1 m first", "2026-03-01", "CN", "2026-03-31", "the whole of March"),
    ("1 m first", "2026-01-31", "CN", "2026-02-28", "no 31 February, so its last day"),
    ("1 wd first", "2026-09-02", "CN", "2026-09-02", "a Wednesday"),
    ("1 wd first", "2026-09-05", "CN", "2026-09-07", "a Saturday does not count, Monday does"),
    ("5 wd first", "2026-11-02", "CN", "2026-11-06", "Monday to Friday"),
    # leap days and New Year
    ("1 d", "2028-02-28", "CN", "2028-02-29", "there is a 29th"),
    ("1 d", "2027-02-28", "CN", "2027-03-01", "there is none"),
    ("365 d", "2027-03-01", "CN", "2028-02-29", "366 would be 1 March: the leap day is among them"),
    ("1 d", "2026-12-31", "CN", "2027-01-01", "over New Year"),
    ("52 w", "2027-06-01", "CN", "2028-05-30", "364 days of a year that has 366 till 1 June: two short"),
    # United States
    ("30 d roll", "2026-06-04", "US", "2026-07-06", "26 left, 4 more: Saturday the 4th, Independence Day; Monday"),
    ("29 d roll", "2026-06-04", "US", "2026-07-06", "Friday the 3rd, when it is observed; Monday"),
    ("30 d roll", "2026-10-27", "US", "2026-11-27", "4 left, 26 more: Thanksgiving; the Friday is worked"),
    ("30 d roll", "2026-08-08", "US", "2026-09-08", "23 left, 7 more: Labor Day; Tuesday"),
    ("14 d roll", "2025-12-18", "US", "2026-01-02", "13 left, 1 more: New Year; Friday"),
    ("14 d roll", "2021-12-17", "US", "2022-01-03", "14 left: 31 December 2021, when New Year is observed; Monday"),
    ("10 wd", "2026-11-20", "US", "2026-12-07", "23 24 25 | 27 | 30 1 2 3 4 | 7 December"),
    ("5 wd", "2026-05-21", "US", "2026-05-29", "22 | 26 27 28 29: Memorial Day is the 25th"),
    # England and Wales, Scotland
    ("7 d roll", "2026-03-27", "GB", "2026-04-07", "Good Friday, weekend, Easter Monday; Tuesday"),
    ("7 d roll", "2026-08-24", "GB", "2026-09-01", "31 August is the summer bank holiday; Tuesday"),
    ("7 d roll", "2026-08-24", "GB-SCT", "2026-08-31", "which is not one in Scotland"),
    ("7 d roll", "2025-12-26", "GB-SCT", "2026-01-05", "2 January is one there, a Friday; Monday"),
    ("7 d roll", "2025-12-26", "GB", "2026-01-02", "and is none in England"),
    ("14 d roll", "2026-12-11", "GB", "2026-12-29", "Christmas Friday, Boxing Saturday, Sunday, its substitute Monday; Tuesday"),
    ("10 wd", "2026-03-30", "GB", "2026-04-15", "31 1 2 | 7 8 9 10 | 13 14 15 April"),
    ("5 wd", "2026-05-01", "GB", "2026-05-11", "Monday the 4th is May Day: 5 6 7 8 | 11"),
    # Germany, Bavaria
    ("7 d roll", "2026-04-24", "DE", "2026-05-04", "1 May is a Friday; Monday"),
    ("7 d roll", "2026-05-07", "DE", "2026-05-15", "Ascension Thursday; Friday"),
    ("14 d roll", "2026-09-19", "DE", "2026-10-05", "Unity Day on a Saturday; Monday"),
    ("7 d roll", "2025-06-12", "DE-BY", "2025-06-20", "Corpus Christi in Bavaria; Friday"),
    ("7 d roll", "2025-06-12", "DE", "2025-06-19", "a working Thursday elsewhere"),
    ("10 wd", "2026-12-18", "DE", "2027-01-05", "21-24 | 28-31 | 4 5 January"),
    ("5 wd", "2026-03-31", "DE", "2026-04-09", "1 2 | 7 8 9: Good Friday and Easter Monday between"),
]  # fmt: skip
INSTANTS = [
    # hours run through a moved clock
    ("24 h", "2026-03-28T12:00", "DE", "", "2026-03-29 13:00:00", "the night was an hour short"),
    ("24 h", "2026-10-24T12:00", "DE", "", "2026-10-25 11:00:00", "the night was an hour long"),
    ("72 h", "2026-03-06T12:00", "US", "", "2026-03-09 13:00:00", "clock put forward on the 8th"),
    ("24 h", "2026-10-31T12:00", "US", "", "2026-11-01 11:00:00", "clock put back on the 1st"),
    ("48 h", "2026-09-30T18:00", "CN", "", "2026-10-02 18:00:00", "no holiday stops hours"),
    ("24 h", "2026-03-29T02:30", "DE", "", "2026-03-30 03:30:00", "02:30 was left out: it is 03:30"),
    ("1 h", "2026-10-25T02:30", "DE", "", "2026-10-25 02:30:00", "02:30 comes twice: from the first to the second"),
    ("24 h", "2026-09-03", "CN", "", "2026-09-04 00:00:00", "no hour: from midnight"),
    # days end at 24:00 of the wall clock
    ("1 d", "2026-03-28", "DE", "", "2026-03-29 23:59:59", "a day of 23 hours"),
    ("1 d", "2026-10-24", "DE", "", "2026-10-25 23:59:59", "a day of 25 hours"),
    ("1 d", "2026-10-28", "EG", "", "2026-10-29 23:59:59", "the hour before midnight comes twice: its second end"),
    ("1 d", "2026-04-22", "EG", "", "2026-04-23 23:59:59", "the hour after midnight is left out: it ends before it"),
    # close of business
    ("28 d roll close", "2026-09-03", "CN", "", "2026-10-08 17:30:00", "1 October rolls to the 8th, open until 17:30"),
    ("1 w close", "2026-10-20", "DE", "", "2026-10-27 17:30:00", "the wall clock's 17:30, on winter time"),
    # the day of an instant is the zone's
    ("1 d", "2026-09-03T15:59+00:00", "CN", "", "2026-09-04 23:59:59", "23:59 of the 3rd in Shanghai"),
    ("1 d", "2026-09-03T16:00+00:00", "CN", "", "2026-09-05 23:59:59", "00:00 of the 4th in Shanghai"),
    ("1 d", "2026-09-03T05:00+00:00", "US", "Pacific/Honolulu", "2026-09-03 23:59:59", "19:00 of the 2nd in Honolulu"),
    ("1 d", "2026-09-03T11:00+00:00", "US", "Pacific/Kiritimati", "2026-09-05 23:59:59", "01:00 of the 4th on Kiritimati"),
    ("1 d", "2026-12-31T23:00+00:00", "DE", "", "2027-01-02 23:59:59", "already New Year in Berlin"),
    ("1 m", "2026-01-31T23:30+00:00", "GB", "", "2026-02-28 23:59:59", "still 31 January in London"),
    ("1 m", "2026-01-31T23:30+00:00", "DE", "", "2026-03-01 23:59:59", "1 February in Berlin: 1 March"),
]  # fmt: skip
PAUSES = [
    ("28 d", "2026-09-03", "2026-09-10/2026-09-15", "2026-10-06", "1 October and the 5 days from the 11th to the 15th"),
    ("28 d", "2026-09-03", "2026-09-10/2026-09-15 2026-10-03/2026-10-05", "2026-10-08", "the sixth, and 2 days that the second one takes before it"),
    ("28 d", "2026-09-03", "2026-10-01/2026-10-05", "2026-10-01", "it begins on the last day, which has come"),
    ("28 d", "2026-09-03", "2026-09-01/2026-09-05", "2026-10-03", "only its 2 days after the start"),
    ("1 m", "2026-01-31", "2026-02-10/2026-02-20", "2026-03-10", "28 February and 10 days"),
    ("5 wd", "2026-11-02", "2026-11-04/2026-11-06", "2026-11-11", "3 4 | 9 10 11: Thursday and Friday do not count"),
    ("2 w", "2026-11-02", "2026-11-05/2026-11-06", "2026-11-17", "Monday the 16th and a day"),
]  # fmt: skip


@pytest.mark.parametrize(("length", "start", "country", "due_on", "how"), DAYS)
def test_days_weeks_months_and_working_days(length: str, start: str, country: str, due_on: str, how: str) -> None:
    due = counted(length, start, country)
    assert f"{due.due_on}" == due_on, how
    assert local(due, ZONES[country]) == f"{due_on} 23:59:59"


@pytest.mark.parametrize(("length", "start", "country", "zone", "due_at", "how"), INSTANTS)
def test_hours_midnights_and_zones(length: str, start: str, country: str, zone: str, due_at: str, how: str) -> None:
    assert local(counted(length, start, country, zone), zone or ZONES[country]) == due_at, how


@pytest.mark.parametrize(("length", "start", "paused", "due_on", "how"), PAUSES)
def test_paused_days_are_not_counted(length: str, start: str, paused: str, due_on: str, how: str) -> None:
    assert f"{counted(length, start, 'CN', paused=paused).due_on}" == due_on, how


def test_a_last_day_of_25_hours_ends_an_hour_later_in_utc() -> None:
    assert counted("1 d", "2026-10-24", "DE").due_at == dt.datetime(2026, 10, 25, 22, 59, 59, tzinfo=dt.UTC)
    assert counted("1 d", "2026-03-28", "DE").due_at == dt.datetime(2026, 3, 29, 21, 59, 59, tzinfo=dt.UTC)
    # Cairo, 29 October: 23:59:59 of summer time, and again an hour later; only then the day is over.
    assert counted("1 d", "2026-10-28", "EG").due_at == dt.datetime(2026, 10, 29, 21, 59, 59, tzinfo=dt.UTC)


def test_paused_hours_lengthen_a_count_of_hours() -> None:
    due = counted("48 h", "2026-09-01T10:00", "CN", paused="2026-09-02T10:00/2026-09-02T16:00")
    assert local(due, "Asia/Shanghai") == "2026-09-03 16:00:00"
    assert "without 6 hours that do not count" in due.sum.en


def test_an_instant_without_a_zone_is_refused() -> None:
    counting = Counting(1, "days", include_first=False, roll="none", cutoff="24:00")
    with pytest.raises(ValueError, match="without a zone"):
        count(counting, dt.datetime(2026, 9, 3, 10), calendar("CN", "UTC"))  # noqa: DTZ001  the point


def test_a_count_may_be_made_in_another_zone_than_the_calendars() -> None:
    counting = Counting(1, "days", include_first=False, roll="none", cutoff="24:00")
    instant = dt.datetime(2026, 9, 3, 20, tzinfo=dt.UTC)
    assert count(counting, instant, calendar("CN", "UTC")).due_on == dt.date(2026, 9, 4)
    assert count(counting, instant, calendar("CN", "UTC"), zone="Asia/Shanghai").due_on == dt.date(2026, 9, 5)


def sites_own(day: dt.date) -> OfficeCalendar:
    sheet = CalendarSheet.model_validate({"sites": {"SH01": {"closed_days": [day], "source": {"en": "a", "zh": "甲"}}}})
    return calendar_of(sheet, "SH01", zone="Asia/Shanghai", country="CN", opens=dt.time(8, 30), closes=dt.time(17, 30))


def test_a_site_that_takes_stock_moves_its_own_clocks_and_no_legal_one() -> None:
    own = sites_own(dt.date(2026, 11, 24))
    legal = Counting(7, "days", include_first=False, roll="next_working_day", cutoff="24:00")
    offices = Counting(7, "days", include_first=False, roll="next_working_day", cutoff="24:00", public_days_off=False)
    start = dt.date(2026, 11, 17)
    assert count(legal, start, own).due_on == dt.date(2026, 11, 24)
    due = count(offices, start, own)
    assert due.due_on == dt.date(2026, 11, 25)
    assert "closed by the site" in due.sum.en
    assert "本站休息日" in due.sum.zh


@pytest.mark.parametrize(
    ("country", "start", "en", "zh"),
    [
        ("US", "2026-10-27", "Thanksgiving Day holiday", "感恩节假期"),
        ("GB", "2026-08-01", "Late Summer Bank Holiday", "夏季银行假日"),
        ("DE", "2026-04-01", "Labor Day holiday", "劳动节假期"),
        ("CN", "2026-09-06", "National Day holiday", "国庆节假期"),  # a day off in exchange bears the holiday's name
        ("CN", "2025-12-03", "New Year's Day holiday", "元旦假期"),
    ],
)
def test_the_sum_names_the_holiday_in_both_languages(country: str, start: str, en: str, zh: str) -> None:
    due = counted("30 d roll", start, country)
    assert f", {en} → " in due.sum.en
    assert f"，{zh} → " in due.sum.zh


def test_a_last_day_off_that_is_not_moved_is_named_so_that_nobody_wonders() -> None:
    assert counted("28 d", "2026-09-03", "CN").sum.en.endswith(
        "→ 2026-10-01 (National Day holiday; the last day is not moved)"
    )


def test_a_month_without_that_day_is_explained() -> None:
    due = counted("1 m", "2026-01-31", "CN")
    assert due.sum.en.endswith("→ 2026-02-28, that month has no 31st")
    assert due.sum.zh == "自 2026-01-31 起 1 个月，首日不计 → 2026-02-28，当月没有 31 日"


def test_one_unannounced_year_on_the_way_is_enough_to_make_a_date_provisional() -> None:
    where = replace(calendar("CN", "Asia/Shanghai"), announced_years=frozenset({2028}))
    counting = Counting(5, "working_days", include_first=False, roll="none", cutoff="24:00")
    due = count(counting, dt.date(2027, 12, 29), where)
    assert (due.due_on.year, due.provisional) == (2028, True)
    assert not count(counting, dt.date(2027, 12, 31), where).provisional


def test_a_day_set_by_hand_stays_that_day_even_when_it_is_a_holiday() -> None:
    due = set_by_hand(dt.date(2026, 10, 1), calendar("CN", "Asia/Shanghai"))
    assert (f"{due.due_on}", local(due, "Asia/Shanghai")) == ("2026-10-01", "2026-10-01 23:59:59")
    assert_told(due)
    closing = set_by_hand(dt.date(2026, 10, 14), calendar("CN", "Asia/Shanghai"), "close_of_business")
    assert local(closing, "Asia/Shanghai") == "2026-10-14 17:30:00"
