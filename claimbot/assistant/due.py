"""What is due, worst first, and why: each running clock with its rule, its count, and what happens when it is missed.

A clock without a deadline of its own is due when its first reminder comes: so long the office gives itself.
"""

import datetime as dt
from dataclasses import dataclass

from claimbot.assistant.house import House
from claimbot.assistant.letters import Letter, key
from claimbot.assistant.reminders import car_of, office_calendar, rule_of
from claimbot.assistant.screens import act_buttons
from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks import ClockRule, Running, days_to
from claimbot.claims.coverage import window_of
from claimbot.claims.words import Html, Words
from claimbot.errors import Refusal
from claimbot.store import Tx, claims, messages, people
from claimbot.store.claims import Claim
from claimbot.store.messages import Clock
from claimbot.store.people import Person, Site

_MOST = 20
_WEEK = 7
_GROUPS = ("due_overdue", "due_today", "due_week", "due_later")


@dataclass(frozen=True, slots=True)
class Due:
    """A clock that runs, and the instant that it runs to."""

    clock: Clock
    claim: Claim
    rule: ClockRule
    at: dt.datetime
    calendar: OfficeCalendar

    def group(self, now: dt.datetime) -> str:
        days = days_to(self.at, now, self.calendar)
        if self.at < now:
            return "due_overdue"
        return "due_today" if days == 0 else "due_week" if days <= _WEEK else "due_later"


def _known(tx: Tx, house: House, clock: Clock) -> Due | None:
    claim = claims.claim(tx, clock.claim_id)
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    rule = rule_of(house, clock, calendar)
    if rule is None:
        return None
    first = Running(rule, house.office.clocks.morning, clock.started_at, clock.due_at, calendar).first()
    at = clock.due_at or (None if first is None else first.at)
    return None if at is None else Due(clock, claim, rule, at, calendar)


def _concerns(house: House, person: Person, claim: Claim) -> bool:
    """Their own drafts and questions; and at the desk whatever is no draft any more."""
    if claim.author_id == person.id and claim.state in {house.office.life.first, "asked"}:
        return True
    if claim.state == house.office.life.first:
        return False
    roles = house.office.life.states[claim.state].waits_for
    watches = any(person.has(role, claim.site_id) for role in ("supervisor", "administrator"))
    return watches or (person.has("clerk", claim.site_id) and roles != ("supervisor",))


def due_screen(tx: Tx, house: House, person: Person, now: dt.datetime, ahead: int | None) -> Letter:
    """Overdue, today, this week, later. `ahead`: only so many days from now."""
    lang = person.language
    desk = [site for site, role in person.roles if role != "technician"]
    known = (_known(tx, house, clock) for clock in messages.clocks_about(tx, desk, person.id))
    due = sorted(
        (
            each
            for each in known
            if each is not None
            and _concerns(house, person, each.claim)
            and (ahead is None or days_to(each.at, now, each.calendar) <= ahead)
        ),
        key=lambda each: each.at,
    )
    if not due:
        return Letter(house.words("due_none", lang))
    lines: list[Html] = []
    rows: list[tuple[tuple[str, str], ...]] = []
    for name in _GROUPS:
        some = [each for each in due[:_MOST] if each.group(now) == name]
        if some:
            lines.append(house.words(name, lang, {"count": len(some)}))
        for each in some:
            lines.append(_line(tx, house, person, each, now))
            number = each.claim.number or house.label("draft_without_number", lang)
            act = next(iter(act_buttons(tx, house, person, each.claim, now)), ())
            to_it = act[0] if each.claim.number is None and act else (f"📂 {number}", f"c:{key(each.claim.id)}")
            rows.append((to_it, (house.label("due_why", lang), f"y:{key(each.clock.id)}")))
    if len(due) > _MOST:
        lines.append(house.words("listing_more", lang, {"count": len(due) - _MOST}))
    return Letter(Html("\n".join(lines)), tuple(rows))


def _line(tx: Tx, house: House, person: Person, due: Due, now: dt.datetime) -> Html:
    lang, local = person.language, due.at.astimezone(due.calendar.where)
    number = due.claim.number or house.words("draft_without_number", lang)
    values = {
        "title": due.rule.title,
        "claim": number,
        "car": car_of(tx, house, due.claim, lang),
        "at": local if due.clock.due_at is None else local.date(),
        "days": abs(days_to(due.at, now, due.calendar)),
    }
    late = due.at < now and days_to(due.at, now, due.calendar) < 0
    return house.words("due_line_late" if late else "due_line", lang, values)


def why_screen(tx: Tx, house: House, person: Person, clock_id: int, now: dt.datetime) -> Letter:
    """One clock explained. Raises Refusal when it no longer runs, or is not this person's to see."""
    clock = messages.clock(tx, clock_id)
    due = _known(tx, house, clock) if clock.state == "running" else None
    if due is None:
        raise Refusal("reminder_done")
    if not _concerns(house, person, due.claim):
        raise Refusal("not_yours")
    lang, site = person.language, people.site(tx, due.claim.site_id)
    source, on_miss, count = _count(house, due, site)
    recorded = claims.move_at(tx, due.claim.id, clock.started_at)
    by = "–" if recorded is None or recorded[1] is None else people.person(tx, recorded[1]).name
    told = messages.waiting_for(tx, clock.id)
    names = tuple(people.person(tx, each).name for each, _ in told)
    values = {
        "title": due.rule.title,
        "claim": due.claim.number or house.words("draft_without_number", lang),
        "source": source,
        "since": clock.started_at.astimezone(due.calendar.where),
        "name": by,
        "count": count,
        "on_miss": on_miss,
        "told": names or ("–",),
        "at": min((at for _, at in told), default=due.at).astimezone(due.calendar.where),
    }
    rows = (
        *act_buttons(tx, house, person, due.claim, now),
        ((house.label("open_claim", lang), f"c:{key(due.claim.id)}"),),
    )
    if due.claim.number is None:
        rows = rows[:-1]
    return Letter(house.words("why_screen", lang, values), rows, claim_id=due.claim.id)


def _count(house: House, due: Due, site: Site) -> tuple[Words, Words, Words]:
    """Source, consequence and the count written out."""
    if due.rule.due == "submission_window":
        window = window_of(house.office.makers[site.maker], due.clock.started_at, site.zone, site.country)
        if window is not None:
            return window.source, window.on_miss, window.sum
    begun = due.clock.started_at.astimezone(due.calendar.where)
    at = due.at.astimezone(due.calendar.where)
    span = due.rule.rungs[0].after
    length = Words(en="first reminder", zh="首次提醒") if span is None else span.words
    sum_words = Words(
        en=f"{length.en} from {begun:%Y-%m-%d %H:%M} → {at:%Y-%m-%d %H:%M}",
        zh=f"自 {begun:%Y-%m-%d %H:%M} 起 {length.zh} → {at:%Y-%m-%d %H:%M}",
    )
    return due.rule.source, due.rule.on_miss, sum_words
