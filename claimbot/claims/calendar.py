"""An office's calendar: working days and hours, public holidays and their names, mornings and quiet hours.

Instants go in and come out aware and in UTC; the office's zone is applied within. Hours of an office are its wall
clock's, so a day on which the clock is moved is simply an hour shorter or longer outside them. China's 调休 (working
Saturdays and Sundays) come from the yearly announcement, as the `holidays` library has it or as the office imported
it; a year not announced yet is counted by the law's holidays alone and is `provisional`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

from holidays import HolidayBase, country_holidays, list_supported_countries
from pydantic import Field

from claimbot.claims.dates import instant_at
from claimbot.claims.holiday_names import WEEKDAYS, holiday_words
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Strict
from claimbot.claims.words import Words

_DAY = dt.timedelta(days=1)
_SATURDAY: Final = 5
_LONGEST_CLOSURE = 60
"""No office is closed for so many days in a row: then its own days are wrong."""
_PARTS: Final[Mapping[str, str]] = {"GB": "GB-ENG"}
"""Whose days are meant by a country that has none in common: contracts in English law go by England and Wales."""

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""ISO 3166: a country (CN), or a part of one that has holidays of its own (DE-BY, GB-SCT)."""


class OwnDays(Strict):
    """Days that go before the public calendar: of a whole country, or of one site."""

    closed_days: frozenset[dt.date] = frozenset()
    open_days: frozenset[dt.date] = frozenset()
    announced_until: Annotated[int, Field(ge=2000, le=2200)] | None = None
    """The last year whose swap days are announced; later ones are provisional. Left out: as the library knows it."""
    source: Words | None = None


class AnnouncedHoliday(Strict):
    """One holiday of an announcement with all its days off, those at a weekend too."""

    name: Words
    days: Annotated[frozenset[dt.date], Field(min_length=1)]


class Announcement(Strict):
    """A year's public holidays as a government announced them: they stand in for the library's of that year."""

    country: Country
    year: Annotated[int, Field(ge=2000, le=2100)]
    holidays: Annotated[tuple[AnnouncedHoliday, ...], Field(min_length=1)]
    working_days: frozenset[dt.date] = frozenset()
    """Saturdays and Sundays that are worked instead."""
    source: Words

    @property
    def closed_days(self) -> frozenset[dt.date]:
        return frozenset(day for each in self.holidays for day in each.days)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if self.country not in _countries():
            yield Problem(("country",), "its public holidays are not known", "use a code like CN or DE")
        if not (self.source.en.strip() and self.source.zh.strip()):
            yield Problem(("source",), "no source is given", "name the announcement")
        for index, each in enumerate(self.holidays):
            for day in sorted(each.days):
                if abs(day.year - self.year) > 1 or (day.year != self.year and day.month not in {1, 12}):
                    yield Problem(("holidays", index, "days"), f"{day} is not of {self.year}", "look at its year")
        for day in sorted(self.working_days):
            if day.weekday() < _SATURDAY:
                yield Problem(("working_days",), f"{day} is worked anyway", "only Saturdays and Sundays stand here")
        for day in sorted(self.closed_days & self.working_days):
            yield Problem(("working_days",), f"{day} is both off and worked", "keep one of the two")


class CalendarSheet(Strict):
    """The office's own days by country and by site (its code)."""

    countries: dict[Country, OwnDays] = Field(default_factory=dict)
    sites: dict[str, OwnDays] = Field(default_factory=dict)
    announcements: tuple[Announcement, ...] = ()
    """Imported ones (`flows/calendars/*.yaml`)."""

    def announced(self, country: str) -> tuple[Announcement, ...]:
        return tuple(each for each in self.announcements if each.country == country)

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
        for index, each in enumerate(self.announcements):
            for problem in each.problems():
                yield Problem(("announcements", index, *problem.at), problem.what, problem.mend)


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """When one office works.

    `closed_days` and `open_days` are the country's, `own_…` the site's: what a law counts by its legal holidays never
    moves because one site takes stock (`public`).
    """

    zone: str
    country: str
    opens: dt.time = dt.time(8, 30)
    closes: dt.time = dt.time(17, 30)
    closed_days: frozenset[dt.date] = frozenset()
    open_days: frozenset[dt.date] = frozenset()
    announced_until: int | None = None
    own_closed_days: frozenset[dt.date] = frozenset()
    own_open_days: frozenset[dt.date] = frozenset()
    announced_years: frozenset[int] = frozenset()
    """Years whose days off are all among `closed_days`: the library is not asked for them."""
    names: Mapping[dt.date, Words] = field(default_factory=dict, compare=False)
    """What the country's closed days are called, where an announcement says so."""

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"the office opens at {self.opens} and closes at {self.closes}: it must close later")
        if self.country not in _countries():
            raise ValueError(f"the public holidays of {self.country} are not known")
        if self.zone not in _zones():
            raise ValueError(f"there is no time zone {self.zone}")

    @property
    def where(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def day_of(self, instant: dt.datetime) -> dt.date:
        return instant.astimezone(self.where).date()

    def at(self, day: dt.date, hour: dt.time) -> dt.datetime:
        """That wall-clock hour of the office, in UTC."""
        return instant_at(day, hour, self.where)

    @property
    def public(self) -> "OfficeCalendar":
        """The same without the site's own days."""
        if not (self.own_closed_days or self.own_open_days):
            return self
        return replace(self, own_closed_days=frozenset(), own_open_days=frozenset())

    def provisional(self, day: dt.date) -> bool:
        """Whether the days off of that year are not announced yet, so that the count may still change."""
        if day.year in self.announced_years:
            return False
        if not _known(self.country, day.year):
            return True
        until = self.announced_until if self.announced_until is not None else _announced_until(self.country)
        return until is not None and day.year > until

    def is_working_day(self, day: dt.date) -> bool:
        if day in self.own_closed_days or day in self.own_open_days:
            return day in self.own_open_days
        if day in self.closed_days or day in self.open_days:
            return day in self.open_days
        if day.year in self.announced_years:
            return day.weekday() not in _weekend(self.country, day.year)
        return _public(self.country, day.year).is_working_day(day)

    def is_swap_day(self, day: dt.date) -> bool:
        """Whether it falls on a weekend and is worked nevertheless."""
        return day.weekday() in _weekend(self.country, day.year) and self.is_working_day(day)

    def is_weekend(self, day: dt.date) -> bool:
        """Whether it is off as a day of the week only: no holiday by name, no closed day."""
        return not self.is_working_day(day) and day not in self.own_closed_days and self._name(day) is None

    def day_off(self, day: dt.date) -> Words | None:
        """Why the office does not work that day ("National Day holiday", "Sunday"); None when it does."""
        if self.is_working_day(day):
            return None
        if day in self.own_closed_days:
            return Words(en="closed by the site", zh="本站休息日")
        name = self._name(day)
        if name is None:
            return WEEKDAYS[day.weekday()]
        en = name.en if name.en.casefold().endswith("holiday") else f"{name.en} holiday"
        return Words(en=en, zh=name.zh if name.zh.endswith("假日") else f"{name.zh}假期")

    def _name(self, day: dt.date) -> Words | None:
        """The holiday that gives that day off: its own, or the one that a day in exchange lengthens."""
        if day in self.names:
            return self.names[day]
        if day in self.closed_days:
            return Words(en="public", zh="公众")
        if day.year in self.announced_years or not (said := _public(self.country, day.year).get(day)):
            return None
        if (words := holiday_words(said)) is not None:
            return words
        for step in (-_DAY, _DAY):  # a day off in exchange: it is called like the holiday beside it
            beside = day + step
            while not self.is_working_day(beside):
                said = _public(self.country, beside.year).get(beside)
                if said and (words := holiday_words(said)) is not None:
                    return words
                beside += step
        return Words(en="public", zh="公众")

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
    """A site's calendar: its own days before its country's, these before what was announced, that before the library's.

    A site of no days of its own, or "", gives the country's calendar.
    """
    common, own = sheet.countries.get(country, OwnDays()), sheet.sites.get(site, OwnDays())
    announced = sheet.announced(country)
    closed = frozenset(day for each in announced for day in each.closed_days)
    worked = frozenset(day for each in announced for day in each.working_days)
    return OfficeCalendar(
        zone=zone,
        country=country,
        opens=opens,
        closes=closes,
        closed_days=(closed - common.open_days) | common.closed_days,
        open_days=(worked - common.closed_days) | common.open_days,
        announced_until=common.announced_until,
        own_closed_days=own.closed_days,
        own_open_days=own.open_days,
        announced_years=frozenset(each.year for each in announced),
        names={day: one.name for each in announced for one in each.holidays for day in one.days},
    )


def is_country(code: str) -> bool:
    """Whether its public holidays are known: a country, or a part of one (DE-BY)."""
    return code in _countries()


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
    known = list_supported_countries()
    return frozenset(known) | {f"{country}-{part}" for country, parts in known.items() for part in parts}


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Asked of the system once: it walks through a folder of files each time."""
    return frozenset(available_timezones())


@lru_cache(maxsize=256)
def _public(country: str, year: int) -> HolidayBase:
    """The library's days off of a year; English names where it has them."""
    code, _, part = _PARTS.get(country, country).partition("-")
    known = _library(code)
    language = "en_US" if "en_US" in known.supported_languages else None
    return country_holidays(code, subdiv=part or None, years=year, expand=False, language=language)


@lru_cache(maxsize=64)
def _library(code: str) -> HolidayBase:
    return country_holidays(code, expand=False)


def _weekend(country: str, year: int) -> set[int]:
    return _public(country, year).weekend


def _known(country: str, year: int) -> bool:
    """Whether the library knows any days of that year: beyond, it would silently give none."""
    known = _library(country.partition("-")[0])
    return known.start_year <= year <= known.end_year


@lru_cache(maxsize=256)
def _announced_until(country: str) -> int | None:
    """The last year whose swap days the library has; None where nothing is swapped."""
    known = _library(country.partition("-")[0])
    if not known.has_substituted_holidays:
        return None
    return max(getattr(known, "special_public_holidays", {}), default=known.start_year)
