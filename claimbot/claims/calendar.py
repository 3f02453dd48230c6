"""An office's calendar: working days and hours, public holidays, mornings and quiet hours.

Instants go in and come out aware and in UTC; the office's zone is applied within. Hours of an office are its wall
clock's, so a day on which the clock is moved is simply an hour shorter or longer outside them. China's 调休 (working
Saturdays and Sundays) come from the yearly announcement; a year not announced yet is counted by the law's holidays
alone and is `provisional`.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from holidays import HolidayBase, country_holidays, list_supported_countries
from pydantic import Field

from claimbot.claims.dates import instant_at
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Strict
from claimbot.claims.words import Words

_DAY = dt.timedelta(days=1)
_LONGEST_CLOSURE = 60
"""No office is closed for so many days in a row: then its own days are wrong."""

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class OwnDays(Strict):
    """Days that go before the public calendar: of a whole country, or of one site."""

    closed_days: frozenset[dt.date] = frozenset()
    open_days: frozenset[dt.date] = frozenset()
    announced_until: Annotated[int, Field(ge=2000, le=2200)] | None = None
    """The last year whose swap days are announced; later ones are provisional. Left out: no year is."""
    source: Words | None = None


class CalendarSheet(Strict):
    """The office's own days by country and by site (its code)."""

    countries: dict[Country, OwnDays] = Field(default_factory=dict)
    sites: dict[str, OwnDays] = Field(default_factory=dict)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for country in self.countries:
            if country not in _countries():
                yield Problem(("countries", country), "its public holidays are not known", "use a code like CN or DE")
        for part, table in (("countries", self.countries), ("sites", self.sites)):
            for key, days in table.items():
                for day in sorted(days.closed_days & days.open_days):
                    yield Problem((part, key, "open_days"), f"{day} is both open and closed", "keep one of the two")
                if (days.closed_days or days.open_days) and days.source is None:
                    yield Problem((part, key), "no source is given", "say who announced these days")


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """When one office works."""

    zone: str
    country: str
    opens: dt.time = dt.time(8, 30)
    closes: dt.time = dt.time(17, 30)
    closed_days: frozenset[dt.date] = frozenset()
    open_days: frozenset[dt.date] = frozenset()
    announced_until: int | None = None

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"the office opens at {self.opens} and closes at {self.closes}: it must close later")
        if self.country not in _countries():
            raise ValueError(f"the public holidays of {self.country} are not known")
        if self.zone not in available_timezones():
            raise ValueError(f"there is no time zone {self.zone}")

    @property
    def where(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def day_of(self, instant: dt.datetime) -> dt.date:
        return instant.astimezone(self.where).date()

    def at(self, day: dt.date, hour: dt.time) -> dt.datetime:
        """That wall-clock hour of the office, in UTC."""
        return instant_at(day, hour, self.where)

    def provisional(self, day: dt.date) -> bool:
        """Whether the swap days of that year are not announced yet, so that the count may still change."""
        return self.announced_until is not None and day.year > self.announced_until

    def is_working_day(self, day: dt.date) -> bool:
        if day in self.closed_days:
            return False
        return day in self.open_days or _public(self.country, day.year).is_working_day(day)

    def next_working_day(self, day: dt.date) -> dt.date:
        """The first working day after that day."""
        return self._working(day + _DAY, _DAY)

    def last_working_day(self, day: dt.date) -> dt.date:
        """That day if it is worked, else the working day before it."""
        return self._working(day, -_DAY)

    def first_working_day(self, day: dt.date) -> dt.date:
        """That day if it is worked, else the working day after it."""
        return self._working(day, _DAY)

    def add_working_days(self, instant: dt.datetime, days: int) -> dt.datetime:
        """The same hour so many working days later; the day itself is not counted. No days: unchanged."""
        day = start = self.day_of(instant)
        for _ in range(days):
            day = self.next_working_day(day)
        return instant if day == start else self.at(day, instant.astimezone(self.where).time())

    def add_working_hours(self, instant: dt.datetime, hours: float) -> dt.datetime:
        """The instant by which so many hours of opening time have gone by. No hours: unchanged."""
        left = dt.timedelta(hours=hours)
        if left <= dt.timedelta():
            return instant
        now, day = instant, self.first_working_day(self.day_of(instant))
        while True:
            begins = max(now, self.at(day, self.opens))
            ends = self.at(day, self.closes)
            if begins < ends:
                if left <= ends - begins:
                    return begins + left
                left -= ends - begins
            day = self.next_working_day(day)

    def next_morning(self, instant: dt.datetime, hour: dt.time) -> dt.datetime:
        """That hour on the next working day after the instant's own day."""
        return self.at(self.next_working_day(self.day_of(instant)), hour)

    def _working(self, day: dt.date, step: dt.timedelta) -> dt.date:
        for count in range(_LONGEST_CLOSURE):
            if self.is_working_day(day + step * count):
                return day + step * count
        raise ValueError(f"no working day within {_LONGEST_CLOSURE} days of {day}: check the closed days")


def calendar_of(
    sheet: CalendarSheet, site: str, *, zone: str, country: str, opens: dt.time, closes: dt.time
) -> OfficeCalendar:
    """A site's calendar: its own days before its country's, these before the public ones."""
    common, own = sheet.countries.get(country, OwnDays()), sheet.sites.get(site, OwnDays())
    return OfficeCalendar(
        zone=zone,
        country=country,
        opens=opens,
        closes=closes,
        closed_days=(common.closed_days - own.open_days) | own.closed_days,
        open_days=(common.open_days - own.closed_days) | own.open_days,
        announced_until=common.announced_until,
    )


def quiet_until(instant: dt.datetime, begins: dt.time, ends: dt.time, zone: str) -> dt.datetime:
    """When it may be said: the instant itself, or the end of the quiet hours it is in. Equal hours: never quiet."""
    where = ZoneInfo(zone)
    local = instant.astimezone(where)
    hour = local.time()
    if begins < ends:
        quiet, wakes = begins <= hour < ends, local.date()
    else:
        quiet = begins != ends and (hour >= begins or hour < ends)
        wakes = local.date() + _DAY if hour >= begins else local.date()
    return max(instant, instant_at(wakes, ends, where)) if quiet else instant


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(list_supported_countries())


@lru_cache(maxsize=256)
def _public(country: str, year: int) -> HolidayBase:
    return country_holidays(country, years=year, expand=False)
