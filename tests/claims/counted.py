"""How the tables of hand-counted cases are asked: a form's clock, or one count by itself, and what came out."""

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from claimbot.claims.calendar import OfficeCalendar, calendar_of
from claimbot.claims.clocks import Due, Form, FormClock, Moment, Recorded, Whose, clocks_of
from claimbot.claims.dates import instant_at
from claimbot.flow.office import Office, load_office
from tests.conftest import FLOWS

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=1)
def office() -> Office:
    return load_office(FLOWS)


@lru_cache(maxsize=1)
def forms() -> dict[str, Form]:
    return dict(office().forms)


@lru_cache(maxsize=64)
def calendar(country: str, zone: str) -> OfficeCalendar:
    """A country's calendar with the shipped office's days, open 08:30 to 17:30."""
    return calendar_of(office().calendars, "", zone=zone, country=country, opens=dt.time(8, 30), closes=dt.time(17, 30))


def moment(text: str, zone: str) -> Moment:
    """A day, an instant with its offset, or the zone's wall clock."""
    if len(text) == 10:
        return dt.date.fromisoformat(text)
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is not None:
        return instant.astimezone(dt.UTC)
    return instant_at(instant.date(), instant.time(), ZoneInfo(zone))


def recorded(text: str, zone: str) -> tuple[Recorded, ...]:
    """`aware=2026-09-03 notice.sent=2026-09-10` as events."""
    pairs = [each.partition("=") for each in text.split()]
    return tuple(Recorded(name, moment(when, zone)) for name, _, when in pairs)


def clock_of(form: str, name: str, events: str, zone: str = "") -> FormClock:
    """That clock of a shipped form for these events."""
    of = forms()[form]
    where = zone or of.zone or "UTC"
    reckoning = clocks_of(
        of, office().counting, recorded(events, where), calendar(of.country or "CN", where), whose=Whose()
    )
    assert reckoning.problems == ()
    return next(clock for clock in reckoning.clocks if clock.key == name)


def due_of(form: str, name: str, events: str, zone: str = "") -> Due:
    due = clock_of(form, name, events, zone).due
    assert due is not None
    assert_told(due)
    return due


def assert_told(due: Due) -> None:
    """Both languages tell the same days, and end with the due day."""
    en, zh = DATE.findall(due.sum.en), DATE.findall(due.sum.zh)
    assert en == zh
    assert en[-1] == f"{due.due_on}"


def local(due: Due, zone: str) -> str:
    return f"{due.due_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
