"""Clocks of claims, and the reminders that push them: rows like any other message, whose hour has not come.

A claim's moves start and stop its clocks. The reminder of the next rung lies ready for everyone whom the rung names;
when it has gone out, the rung after it is written. What it says is put into words only then, and not in quiet hours.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from claimbot.assistant.house import House
from claimbot.assistant.knowing import deciders
from claimbot.assistant.letters import USUAL, Letter, key
from claimbot.assistant.screens import INTAKE, act_buttons
from claimbot.claims.calendar import CalendarSheet, OfficeCalendar, calendar_of, quiet_until
from claimbot.claims.clocks import ClockRule, Rung, RungDue, Running, days_to
from claimbot.claims.coverage import window_of
from claimbot.claims.words import Html, Lang, phrase
from claimbot.errors import Refusal
from claimbot.store import Tx, claims, conversations, messages, people
from claimbot.store.claims import Claim
from claimbot.store.messages import Clock, Message
from claimbot.store.people import Person, Site

DRAFT = "draft_unfinished"
_SNOOZES = {"1h": dt.timedelta(hours=1)}


def after_move(tx: Tx, house: House, claim: Claim, move: str, before: str, now: dt.datetime) -> None:
    """Stops the clocks that this move ends, and starts those that the new state or a new fact sets going."""
    site = people.site(tx, claim.site_id)
    calendar = office_calendar(house, site)
    running = messages.running_clocks(tx, claim.id)
    for clock in running:
        rule = rule_of(house, clock, calendar)
        if rule is not None and rule.stopped_by(move, claim.state):
            messages.stop_clock(tx, clock.id, "met")
    going = {clock.rule for clock in messages.running_clocks(tx, claim.id)}
    for rule in house.office.clocks.clocks:
        if rule.name in going or not rule.holds_on(calendar.day_of(now)):
            continue
        if rule.started_by(before, claim.state):
            _start(tx, house, claim, rule, site, started_at=now, now=now)
        elif (
            rule.starts.fact == "closed_at"
            and claim.facts.closed_at is not None
            and not rule.stopped_by(move, claim.state)
        ):
            _start(tx, house, claim, rule, site, started_at=claim.facts.closed_at, now=now)


def draft_touched(tx: Tx, house: House, claim_id: int, now: dt.datetime) -> None:
    """A draft that somebody works on is not forgotten: its clock begins anew."""
    claim = claims.claim(tx, claim_id)
    site = people.site(tx, claim.site_id)
    calendar = office_calendar(house, site)
    rule = house.office.clocks.named(DRAFT, calendar.day_of(now))
    if rule is None or claim.state != house.office.life.first:
        return
    for clock in messages.running_clocks(tx, claim_id):
        if clock.rule == DRAFT:
            messages.stop_clock(tx, clock.id, "restarted")
    _start(tx, house, claim, rule, site, started_at=now, now=now)


def office_calendar(house: House, site: Site) -> OfficeCalendar:
    sheet: CalendarSheet = house.office.calendars
    return calendar_of(
        sheet,
        site.code,
        zone=site.zone,
        country=site.country,
        opens=dt.time.fromisoformat(site.opens),
        closes=dt.time.fromisoformat(site.closes),
    )


def rule_of(house: House, clock: Clock, calendar: OfficeCalendar) -> ClockRule | None:
    """The version of its rule that held when the clock was started."""
    return house.office.clocks.named(clock.rule, calendar.day_of(clock.started_at))


def _start(
    tx: Tx, house: House, claim: Claim, rule: ClockRule, site: Site, *, started_at: dt.datetime, now: dt.datetime
) -> None:
    due_at = None
    if rule.due == "submission_window":
        window = window_of(house.office.makers[site.maker], started_at, site.zone)
        if window is None:
            return
        due_at = window.due_at
    first = Running(rule, house.office.clocks.morning, started_at, due_at, office_calendar(house, site)).first(now)
    if first is None:
        return
    number = messages.start_clock(
        tx,
        {
            "rule": rule.name,
            "claim_id": claim.id,
            "person_id": claim.author_id,
            "started_at": started_at,
            "due_at": due_at,
            "rung": first.index,
            "rung_at": first.at,
        },
    )
    _write_rung(tx, claim, rule, messages.clock(tx, number), first, now)


def _write_rung(tx: Tx, claim: Claim, rule: ClockRule, clock: Clock, due: RungDue, now: dt.datetime) -> None:
    """One row for everybody whom the rung names; nobody twice for one rung."""
    rung = rule.rung(due.index)
    if rung is None:
        return
    messages.set_rung(tx, clock.id, due.index, due.at)
    for person in _named(tx, claim, rung):
        _write(tx, claim, clock, due.index, person, due.at, now, tried=(person.id,))


def _write(  # noqa: PLR0913  a reminder is these things
    tx: Tx,
    claim: Claim,
    clock: Clock,
    rung: int,
    person: Person,
    due_at: dt.datetime,
    now: dt.datetime,
    *,
    tried: Sequence[int],
) -> None:
    messages.add_message(
        tx,
        {
            "person_id": person.id,
            "kind": "reminder",
            "body": {"rung": rung, "tried": list(tried)},
            "urgency": USUAL,
            "state": "waiting",
            "due_at": due_at,
            "dedupe_key": f"clock:{clock.id}:{rung}:{person.id}",
            "claim_id": claim.id,
            "clock_id": clock.id,
            "made_at": now,
        },
    )


def _named(tx: Tx, claim: Claim, rung: Rung) -> tuple[Person, ...]:
    """Whom a rung names, as far as they can be reached; where nobody can, the next one responsible.

    Never nobody: the row of a rung that reaches no one still leads to the rung after it.
    """
    author = people.person(tx, claim.author_id)
    desk = people.holders(tx, claim.site_id, "clerk")
    own = tuple(each for each in desk if each.id == claim.clerk_id) or desk
    approval = claims.approval_of(tx, claim.id)
    may_decide = _deciders(tx, claim)
    signed = set() if approval is None else {each.person_id for each in claims.signatures_of(tx, approval.id)}
    waiting = tuple(each for each in may_decide if each.id not in signed)
    reachable: tuple[Person, ...] = () if author.blocked else (author,)
    named: tuple[Person, ...]
    match rung.tells:
        case "author":
            named = reachable
        case "responsible" if claim.state == "in_approval":
            named = waiting[:1]
        case "responsible" if claim.state in {"draft", "asked"}:
            named = reachable
        case "responsible" | "clerk":
            named = own
        case "another_supervisor":
            named = waiting[1:] or waiting
        case "supervisor":
            named = may_decide
        case "administrator":
            named = ()
    return named or own or may_decide or people.holders(tx, claim.site_id, "administrator") or (author,)


def _next_responsible(tx: Tx, claim: Claim, tried: Sequence[int]) -> Person | None:
    """Whoever has not been tried yet: for a decision another who may decide; else the desk, then its supervisors."""
    desk = people.holders(tx, claim.site_id, "clerk")
    may_decide = _deciders(tx, claim)
    first, second = (may_decide, desk) if claim.state == "in_approval" else (desk, may_decide)
    everybody = (*first, *second, *people.holders(tx, claim.site_id, "administrator"))
    return next((person for person in everybody if person.id not in tried), None)


def _deciders(tx: Tx, claim: Claim) -> tuple[Person, ...]:
    approval = claims.approval_of(tx, claim.id)
    return deciders(tx, claim, None if approval is None else approval.sent_by)


# at its hour


def compose(tx: Tx, house: House, message: Message, now: dt.datetime) -> Mapping[str, object] | None:
    """What a due reminder says now; None when it need not be said, or not yet."""
    if message.clock_id is None:
        raise LookupError(f"reminder {message.id} has no clock")
    clock = messages.clock(tx, message.clock_id)
    claim = claims.claim(tx, clock.claim_id)
    site = people.site(tx, claim.site_id)
    calendar = office_calendar(house, site)
    rule = rule_of(house, clock, calendar)
    person = people.person(tx, message.person_id)
    if clock.state != "running" or rule is None:
        messages.give_up(tx, message.id, "dropped", "clock stopped")
        return None
    place = int(str(message.body["rung"]))
    now_due = Running(rule, house.office.clocks.morning, clock.started_at, clock.due_at, calendar).caught_up(
        RungDue(clock.rung, clock.rung_at), now
    )
    if now_due.index != clock.rung:
        _write_rung(tx, claim, rule, clock, now_due, now)
    rung = rule.rung(place)
    if rung is None or (place < now_due.index and now_due.at <= now):
        messages.give_up(tx, message.id, "dropped", "overtaken")
        return None
    if person.blocked:
        messages.give_up(tx, message.id, "failed", "blocked")
        hand_on(tx, house, message, now)
        return None
    begins, ends = dt.time.fromisoformat(person.quiet_from), dt.time.fromisoformat(person.quiet_until)
    allowed_at = quiet_until(now, begins, ends, site.zone)
    if allowed_at > now:
        messages.put_off(tx, message.id, allowed_at, "quiet hours")
        return None
    return {**_letter(tx, house, person, claim, clock, rung, now).body(tx), **message.body}


def _letter(tx: Tx, house: House, person: Person, claim: Claim, clock: Clock, rung: Rung, now: dt.datetime) -> Letter:
    lang = person.language
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    values: dict[str, object] = {
        "claim": claim.number or house.words("draft_without_number", lang),
        "car": car_of(tx, house, claim, lang),
        "since": clock.started_at.astimezone(calendar.where),
    }
    if clock.due_at is not None:
        values["due_on"] = calendar.day_of(clock.due_at)
        values["days"] = abs(days_to(clock.due_at, now, calendar))
    html = house.words("reminder", lang, {"what": _filled(rung, lang, values)})
    look = () if claim.number is None else (((house.label("open_claim", lang), f"c:{key(claim.id)}"),),)
    snoozes = (
        (house.label("snooze_hour", lang), f"s:{key(clock.id)}:1h"),
        (house.label("snooze_tomorrow", lang), f"s:{key(clock.id)}:tomorrow"),
    )
    rows = (*act_buttons(tx, house, person, claim, now), *look, snoozes)
    return Letter(html, rows, claim_id=claim.id, clock_id=clock.id)


def car_of(tx: Tx, house: House, claim: Claim, lang: Lang) -> str:
    """The car's last six characters; those of a draft lie in its conversation."""
    draft = conversations.unfinished_about(tx, claim.author_id, claim.id, INTAKE) if claim.facts.vin is None else None
    vin = claim.facts.vin if draft is None else draft.stand.answers.get("vin")
    return f"…{vin[-6:]}" if isinstance(vin, str) else house.label("draft_no_car", lang)


def _filled(rung: Rung, lang: Lang, values: dict[str, object]) -> Html:
    return phrase(rung.words, lang, values)


def went_out(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """Writes the rung after the one that has just been said, unless somebody's was said before."""
    clock = messages.clock(tx, int(str(message.clock_id)))
    rung = int(str(message.body.get("rung", clock.rung)))
    if clock.state != "running" or clock.rung != rung:
        return
    claim = claims.claim(tx, clock.claim_id)
    site = people.site(tx, claim.site_id)
    calendar = office_calendar(house, site)
    rule = rule_of(house, clock, calendar)
    if rule is None:
        return
    running = Running(rule, house.office.clocks.morning, clock.started_at, clock.due_at, calendar)
    following = running.following(clock.rung, now, now)
    if following is not None:
        _write_rung(tx, claim, rule, clock, following, now)


def hand_on(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """Gives a reminder that could not reach its person to the next one responsible; else its ladder goes on."""
    if message.kind != "reminder" or message.clock_id is None:
        return
    clock = messages.clock(tx, message.clock_id)
    claim = claims.claim(tx, clock.claim_id)
    raw = message.body.get("tried")
    tried = [int(str(each)) for each in raw] if isinstance(raw, list) else [message.person_id]
    rung = int(str(message.body["rung"]))
    following = _next_responsible(tx, claim, (*tried, *messages.reminded(tx, clock.id, rung)))
    if following is None:
        went_out(tx, house, message, now)
        return
    _write(tx, claim, clock, rung, following, now, now, tried=(*tried, following.id))


def snooze(tx: Tx, house: House, person: Person, clock_id: int, how_long: str, now: dt.datetime) -> None:
    """Says the same rung again to this person, in an hour or next morning."""
    clock = messages.clock(tx, clock_id)
    claim = claims.claim(tx, clock.claim_id)
    if clock.state != "running":
        raise Refusal("reminder_done")
    if claim.author_id != person.id and not any(site == claim.site_id for site, _ in person.roles):
        raise Refusal("not_yours")
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    later = (
        now + _SNOOZES[how_long] if how_long in _SNOOZES else calendar.next_morning(now, house.office.clocks.morning)
    )
    messages.drop_waiting(tx, {"clock_id": clock_id, "person_id": person.id}, "snoozed")
    messages.add_message(
        tx,
        {
            "person_id": person.id,
            "kind": "reminder",
            "body": {"rung": clock.rung, "tried": [person.id]},
            "urgency": USUAL,
            "state": "waiting",
            "due_at": later,
            "claim_id": claim.id,
            "clock_id": clock_id,
            "made_at": now,
        },
    )
