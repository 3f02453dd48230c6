"""What is known of a claim's clocks: by which calendar they go, what their rules say, how they stand.

Nothing is remembered here: the events, the rules and the calendar of the moment give every last day.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from claimbot.assistant.house import House
from claimbot.claims.calendar import OfficeCalendar, calendar_of
from claimbot.claims.clocks import (
    SILENT,
    EventProblem,
    Form,
    FormClock,
    Moved,
    Recorded,
    Running,
    Whose,
    clocks_of,
)
from claimbot.claims.words import Words
from claimbot.store import Tx, clocks, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import ASKED, OFFICE, OWN, PREAUTH, Clock
from claimbot.store.people import Site

_BY_HAND = Words(en="set by hand", zh="手工设定")
_ASKED = Words(en="asked by the desk", zh="索赔部门询问")
_NO_ANSWER = Words(en="The claim goes on without the answer.", zh="索赔单缺少这项答复。")
_NO_LOSS = Words(en="Nothing by itself: it is a reminder of the desk's own.", zh="无直接后果，是本部门自设的提醒。")


def office_calendar(house: House, site: Site) -> OfficeCalendar:
    return calendar_of(
        house.office.calendars,
        site.code,
        zone=site.zone,
        country=site.country,
        opens=dt.time.fromisoformat(site.opens),
        closes=dt.time.fromisoformat(site.closes),
    )


@dataclass(frozen=True, slots=True)
class Limit:
    """What its rule says of a running clock: its name, where it stands, what is at stake, and its ladder under way."""

    title: Words
    basis: Words
    on_miss: Words
    running: Running
    stops_with: tuple[str, ...] = ()
    """The events that end it."""
    moves_end_it: bool = False
    """Whether moving the claim on ends it, too."""


def limit_of(  # noqa: PLR0911  one way out a kind of clock
    house: House, clock: Clock, calendar: OfficeCalendar
) -> Limit | None:
    """None where the office's files have no such rule any more, or push it to nobody."""
    morning, ladders = house.office.clocks.morning, house.office.ladders.ladders
    if clock.form in {OWN, ASKED}:
        words = clock.words or ""
        running = Running(ladders[clock.form], morning, clock.started_at, clock.due_at, calendar)
        basis, on_miss = (_BY_HAND, _NO_LOSS) if clock.form == OWN else (_ASKED, _NO_ANSWER)
        return Limit(Words(en=words, zh=words), basis, on_miss, running)
    if clock.form == PREAUTH:
        said = house.office.words
        running = Running(ladders["preauthorisation"], morning, clock.started_at, clock.due_at, calendar)
        return Limit(said["preauth_clock"], said["preauth_basis"], said["preauth_on_miss"], running)
    if clock.form == OFFICE:
        own = house.office.clocks.named(clock.rule, calendar.day_of(clock.started_at))
        if own is None:
            return None
        return Limit(
            own.title, own.source, own.on_miss, Running(own, morning, clock.started_at, clock.due_at, calendar)
        )
    form = house.office.forms.get(clock.form)
    editions = () if form is None else form.versions(clock.rule.partition("#")[0])
    if form is None or not editions:
        return None
    day = calendar.day_of(clock.started_at)
    rule = next((each for each in editions if each.holds_on(day)), editions[-1])
    if rule.ladder == SILENT:
        return None
    running = Running(ladders[rule.ladder or rule.side], morning, clock.started_at, clock.due_at, calendar)
    moves_end_it = bool(rule.stops.moves or rule.stops.states)
    return Limit(rule.title, form.basis(rule), rule.on_miss, running, rule.stops.events, moves_end_it)


@dataclass(frozen=True, slots=True)
class Noted:
    """Who made an event known, and when; `event_id`: only of one that was noted by itself and can be struck out."""

    person_id: int | None
    at: dt.datetime
    event_id: int | None


@dataclass(frozen=True, slots=True)
class Timetable:
    """All time limits of one claim as they stand, by form; what set them going; and what of it cannot be."""

    calendar: OfficeCalendar
    clocks: Mapping[str, tuple[FormClock, ...]]
    noted: Mapping[Recorded, Noted]
    problems: tuple[EventProblem, ...]
    doubtful: frozenset[str] = frozenset()
    """The forms whose events contradict each other: what is not counted of them may run all the same."""

    def running(self, house: House) -> dict[tuple[str, str], FormClock]:
        """Those that run and are pushed to somebody, by form and key."""
        morning, ladders = house.office.clocks.morning, house.office.ladders
        return {
            (form, clock.key): clock
            for form, some in self.clocks.items()
            for clock in some
            if clock.running(ladders, morning, self.calendar) is not None
        }

    def named(self, form: str, key: str) -> FormClock | None:
        return next((clock for clock in self.clocks.get(form, ()) if clock.key == key), None)


def timetable(
    tx: Tx,
    house: House,
    claim: Claim,
    now: dt.datetime,
    *,
    instead: Form | None = None,
    also: Recorded | None = None,
) -> Timetable:
    """`instead` stands in for the office's form of that name, `also` for one event more: to see what they change."""
    site = people.site(tx, claim.site_id)
    calendar = office_calendar(house, site)
    noted = _noted(tx, house, claim)
    if also is not None:
        noted.setdefault(also, Noted(None, now, None))
    moved = tuple(Moved(each.move, each.state, each.at) for each in clocks.moves_of(tx, claim.id))
    standing: dict[str, tuple[FormClock, ...]] = {}
    problems: dict[EventProblem, None] = {}
    doubtful: set[str] = set()
    for followed in _followed(tx, house, claim, site):
        form = instead if instead is not None and instead.form == followed.form else house.office.forms[followed.form]
        reckoning = clocks_of(
            form,
            house.office.counting,
            form.of_its_own(tuple(noted)),
            calendar,
            whose=Whose(contract=followed.contract, site=site.code, maker=site.maker),
            moved=moved,
            now=now,
            contract_on=followed.signed_on,
        )
        only = followed.clocks
        standing[form.form] = tuple(clock for clock in reckoning.clocks if not only or clock.rule.name in only)
        problems.update(dict.fromkeys(reckoning.problems))
        doubtful |= {form.form} if reckoning.problems else set()
    return Timetable(calendar, standing, noted, tuple(problems), frozenset(doubtful))


@dataclass(frozen=True, slots=True)
class Followed:
    """A form that a claim follows, and of it only these clocks, where some are named."""

    form: str
    clocks: tuple[str, ...] = ()
    contract: str | None = None
    signed_on: dt.date | None = None


def _followed(tx: Tx, house: House, claim: Claim, site: Site) -> tuple[Followed, ...]:
    """Whose limits hold: what the office's sheet names for the site, and the contracts that the claim is under."""
    sheet = (
        Followed(each.named(site.maker), each.clocks)
        for each in house.office.clocks.follows
        if each.holds_for(site.code, site.country, claim.facts.car_use or "unknown")
    )
    under = (
        Followed(each.form, contract=each.contract, signed_on=each.signed_on)
        for each in clocks.contracts_of(tx, claim.id)
    )
    return tuple(each for each in (*sheet, *under) if each.form in house.office.forms)


def _noted(tx: Tx, house: House, claim: Claim) -> dict[Recorded, Noted]:
    """What has happened: of the claim's own facts, and of what people noted."""
    happened = clocks.events_of(tx, claim.id)
    noted = {Recorded(each.event, each.at): Noted(each.person_id, each.noted_at, each.id) for each in happened}
    for recorded in house.office.clocks.events_of(claim.facts):
        noted.setdefault(recorded, Noted(claim.clerk_id or claim.author_id, claim.changed_at, None))
    return noted
