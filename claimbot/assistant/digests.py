"""The morning's digest: one message at the site's hour, worst first, with only what needs an act.

A row like any other whose hour has not come: when one has gone out, or had nothing to say, the next is written. It
takes the place of the reminders that fall due with it; those of them that it did not name go out for themselves.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from claimbot.assistant import reminders
from claimbot.assistant.due import GROUPS, Due, Listing, all_due
from claimbot.assistant.house import House
from claimbot.assistant.knowing import deciders
from claimbot.assistant.letters import Letter
from claimbot.assistant.presence import may_hear_at
from claimbot.assistant.timekeeping import office_calendar
from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.life import Role
from claimbot.store import Tx, claims, clocks, messages, people
from claimbot.store.clocks import ASKED, OFFICE, OWN
from claimbot.store.messages import DIGEST, TOLD_BY_DIGEST, Message
from claimbot.store.people import Person, Site

ROLES: Final[tuple[Role, ...]] = ("clerk", "supervisor")
"""Whose day begins with a digest; a technician hears of each question by itself."""
_AHEAD: Final = dt.timedelta(days=60)
"""A ladder may speak up so long before the last day."""
_MOST: Final = 15
_MOST_EACH: Final = 5


def write_next(tx: Tx, house: House, person: Person, site: Site, now: dt.datetime) -> None:
    """The row of the next working day's digest, for somebody whose day there begins with one; once."""
    if not any(person.has(role, site.id) for role in ROLES):
        return
    calendar = office_calendar(house, site)
    hour = dt.time.fromisoformat(site.digest_at)
    day = calendar.first_working_day(calendar.day_of(now))
    if calendar.at(day, hour) <= now:
        day = calendar.next_working_day(day)
    dedupe_key = reminders.digest_key(person.id, site.id, day)
    if messages.keyed(tx, dedupe_key) is not None:
        return
    messages.add_message(
        tx,
        {
            "person_id": person.id,
            "kind": "digest",
            "body": {"site": site.id},
            "urgency": DIGEST,
            "state": "waiting",
            "due_at": calendar.at(day, hour),
            "dedupe_key": dedupe_key,
            "made_at": now,
        },
    )


def write_all(tx: Tx, house: House, now: dt.datetime, site: Site | None = None) -> None:
    """Everybody's next digest, where it is not written yet; of one site after its hour was changed, anew."""
    for each in people.all_sites(tx) if site is None else (site,):
        if site is not None:
            messages.drop_keyed(tx, f"digest:%:{site.id}:%", "another hour")
        for person in people.staff_of(tx, each.id, ROLES):
            write_next(tx, house, person, each, now)


@dataclass(frozen=True, slots=True)
class _Morning:
    """One person's morning at one site: what waits for them, and for a supervisor what is late in the team."""

    mine: tuple[Due, ...]
    team: Mapping[str, tuple[Due, ...]]

    def needs_an_act(self, now: dt.datetime) -> bool:
        return bool(self.team) or any(_presses(each, now) for each in self.mine)


def _presses(due: Due, now: dt.datetime) -> bool:
    """Whether it is late, falls due today, or has a rung of its ladder to say this morning."""
    return due.group(now) in {"due_overdue", "due_today"} or due.clock.rung_at <= now


def compose(tx: Tx, house: House, message: Message, now: dt.datetime) -> Mapping[str, object] | None:
    """What the digest says now; None when there is nothing, or not now."""
    person = people.person(tx, message.person_id)
    site = people.site(tx, int(str(message.body["site"])))
    calendar = office_calendar(house, site)
    if person.blocked or not any(person.has(role, site.id) for role in ROLES):
        _drop(tx, house, message, "blocked" if person.blocked else "left", now)
        return None
    today = calendar.day_of(now)
    if calendar.day_of(message.due_at) < today and not _is_morning(site, calendar, now):
        _drop(tx, house, message, "overtaken", now)  # it comes late, and the next one comes at its hour
        return None
    if clocks.absence_on(tx, person.id, today) is not None:
        _drop(tx, house, message, "away", now)
        return None
    allowed_at = may_hear_at(person, site, now)
    if allowed_at > now:
        messages.put_off(tx, message.id, allowed_at, "quiet hours")
        return None
    morning = _morning(tx, house, person, site, calendar, now)
    if not (morning.needs_an_act(now) or site.digest_always):
        _drop(tx, house, message, "nothing to do", now)
        return None
    listed = [each.clock.id for each in (*morning.mine, *(due for some in morning.team.values() for due in some))]
    body = {"site": site.id, "clocks": listed}
    messages.keep_body(tx, message.id, body)
    return {**_letter(tx, house, person, site, morning, now).body(tx), **body}


def _is_morning(site: Site, calendar: OfficeCalendar, now: dt.datetime) -> bool:
    """Whether today is worked and its digest's hour has come."""
    today = calendar.day_of(now)
    return calendar.is_working_day(today) and calendar.at(today, dt.time.fromisoformat(site.digest_at)) <= now


def _drop(tx: Tx, house: House, message: Message, why: str, now: dt.datetime) -> None:
    messages.give_up(tx, message.id, "dropped", why)
    over(tx, house, message, now)


def over(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """It was said, or never will be: the next one is written; the rungs that it told of need not be said again."""
    person = people.person(tx, message.person_id)
    write_next(tx, house, person, people.site(tx, int(str(message.body["site"]))), now)


def told(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """It went out, and with it the rungs of its clocks that were to be said to this person this morning."""
    listed = message.body.get("clocks")
    told_of = messages.reminders_told(tx, message.person_id, listed if isinstance(listed, list) else [], now)
    for waiting in sorted(told_of, key=lambda each: (each.claim_id or 0, each.clock_id or 0)):
        messages.give_up(tx, waiting.id, "sent", TOLD_BY_DIGEST)
        reminders.went_out(tx, house, waiting, now)
    over(tx, house, message, now)


def _morning(tx: Tx, house: House, person: Person, site: Site, calendar: OfficeCalendar, now: dt.datetime) -> _Morning:
    due = all_due(tx, house, (site.id,), until=now + _AHEAD)
    today = calendar.day_of(now)
    for_whom = {person.id, *clocks.acted_for(tx, person.id, today)}
    desk = people.holders(tx, site.id, "clerk") if due else ()
    signed = claims.signed_by(tx, person.id)
    mine: list[Due] = []
    team: dict[str, list[Due]] = {}
    watches = person.has("supervisor", site.id)
    for each in due:
        cares = _who_cares(tx, house, each, desk)
        theirs = each.clock.form == OFFICE and each.claim.id in signed  # the second signature is another's, not theirs
        if ({person.id} if theirs else for_whom) & {other.id for other in cares} and (
            _presses(each, now) or each.group(now) == "due_week"
        ):
            mine.append(each)
        elif watches and each.group(now) in {"due_overdue", "due_today"} and each.claim.number is not None:
            names = [other.name for other in cares[:1]] if len(cares) == 1 else []
            team.setdefault(names[0] if names else "", []).append(each)
    return _Morning(tuple(mine), {name: tuple(some) for name, some in sorted(team.items(), reverse=True)})


def _who_cares(tx: Tx, house: House, due: Due, desk: Sequence[Person]) -> tuple[Person, ...]:
    """Whose act it waits for: a decision's deciders, the one asked, or at the desk the claim's own clerk, else all."""
    claim = due.claim
    if due.clock.form in {OWN, ASKED} and due.clock.person_id is not None:
        return (people.person(tx, due.clock.person_id),)
    waits_for = house.office.life.states[claim.state].waits_for
    if waits_for == ("supervisor",):
        asked = claims.approval_of(tx, claim.id)
        given = claims.signatures_of(tx, asked.id) if asked is not None and claim.state == "in_approval" else ()
        signed = {each.person_id for each in given}
        there = deciders(tx, claim, None if asked is None else asked.sent_by)
        deciding = tuple(each for each in there if each.id not in signed)
        if due.clock.form == OFFICE:
            return deciding
        return (*deciding, *_own_clerk(due, desk))
    if due.clock.form == OFFICE and waits_for == ("author",):
        return (people.person(tx, claim.author_id),)
    return _own_clerk(due, desk)


def _own_clerk(due: Due, desk: Sequence[Person]) -> tuple[Person, ...]:
    return tuple(each for each in desk if each.id == due.claim.clerk_id) or tuple(desk)


def _letter(tx: Tx, house: House, person: Person, site: Site, morning: _Morning, now: dt.datetime) -> Letter:
    lang = person.language
    if not (morning.mine or morning.team):
        return Letter(house.words("digest_nothing", lang, {"site": site.name}))
    team = sum(len(theirs) for theirs in morning.team.values())
    listing = Listing(tx, house, person, now, many=len(morning.mine) + team > 1)
    heading = "digest_heading" if morning.mine else "digest_heading_team"
    listing.lines.append(house.words(heading, lang, {"site": site.name, "count": len(morning.mine)}))
    for name in GROUPS:
        some = [each for each in morning.mine if each.group(now) == name]
        listing.add(house.words(name, lang, {"count": len(some)}), some, most=_MOST - listing.count)
    if morning.mine and morning.team:
        listing.lines.append(house.words("digest_team", lang))
    for who, theirs in morning.team.items():
        said = {"name": who or house.label("digest_desk", lang), "count": len(theirs)}
        listing.add(house.words("digest_person", lang, said), theirs, most=min(_MOST_EACH, _MOST - listing.count))
    if len(morning.mine) + team > listing.count:
        listing.lines.append(house.words("digest_more", lang, {"count": len(morning.mine) + team - listing.count}))
    return listing.letter()
