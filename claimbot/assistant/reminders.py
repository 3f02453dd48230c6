"""The reminders that push clocks: rows like any other message, whose hour has not come.

The reminder of a clock's next rung lies ready for everyone whom the rung names; when it has gone out, the rung after it
is written. What it says is put into words only then, and not in quiet hours; who is away, has left or blocked the bot
is skipped, and the next one responsible is told.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from claimbot.assistant.claim_buttons import act_buttons
from claimbot.assistant.flow_names import DEDUCTION, DEDUCTION_ANSWER, INTAKE, RETURN
from claimbot.assistant.house import House
from claimbot.assistant.knowing import deciders, may_see
from claimbot.assistant.letters import Data, Letter, key
from claimbot.assistant.presence import is_away, may_hear_at, stand_in, today_at, works_at
from claimbot.assistant.timekeeping import Limit, limit_of, office_calendar
from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks import ClockRule, Rung, RungDue, Running, Tells, days_to
from claimbot.claims.vin import short_vin
from claimbot.claims.words import Html, Lang, days, phrase
from claimbot.errors import Refusal
from claimbot.store import Tx, claims, clocks, conversations, messages, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import ASKED, OFFICE, OWN, PREAUTH, Clock
from claimbot.store.messages import TOLD_BY_DIGEST, USUAL, Keyed, Message
from claimbot.store.people import Person

DRAFT = "draft_unfinished"
SNOOZES: Mapping[str, dt.timedelta | None] = {"1h": dt.timedelta(hours=1), "tomorrow": None}
"""How long; None: until the next working day's morning."""
_DIGEST_WITHIN = dt.timedelta(minutes=5)
_AFTER_DIGEST = dt.timedelta(minutes=10)
_JUST = dt.timedelta(hours=1)


# the office's own clocks: how long it lets a claim wait


def after_move(tx: Tx, house: House, claim: Claim, move: str, before: str, now: dt.datetime) -> None:
    """Stops the office's clocks that this move ends, and starts those that the new state sets going."""
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    going = set()
    for clock in clocks.running_clocks(tx, claim.id):
        if clock.form in {OWN, PREAUTH} and not house.office.life.states[claim.state].open:
            clocks.stop_clock(tx, clock.id, "over")
        if clock.form != OFFICE:
            continue
        rule = house.office.clocks.named(clock.rule, calendar.day_of(clock.started_at))
        if rule is not None and rule.stopped_by(move, claim.state):
            clocks.stop_clock(tx, clock.id, "met")
        else:
            going.add(clock.rule)
    for rule in house.office.clocks.clocks:
        started = rule.name not in going and rule.started_by(before, claim.state)
        if started and rule.holds_on(calendar.day_of(now)):
            _start(tx, house, claim, rule, calendar, now)


def as_the_sheet_says(tx: Tx, house: House, claim: Claim, now: dt.datetime) -> None:
    """The office changed its sheet: a clock that it has no more ends, and no open claim is left without any."""
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    going = False
    for clock in clocks.running_clocks(tx, claim.id):
        if clock.form == OFFICE:
            if house.office.clocks.named(clock.rule, calendar.day_of(clock.started_at)) is None:
                clocks.stop_clock(tx, clock.id, "void")
            else:
                going = True
    for rule in house.office.clocks.clocks:
        if not going and claim.state in rule.starts.states and rule.holds_on(calendar.day_of(now)):
            _start(tx, house, claim, rule, calendar, now)


def draft_touched(tx: Tx, house: House, claim_id: int, now: dt.datetime) -> None:
    """A draft that somebody works on is not forgotten: its clock begins anew."""
    claim = claims.claim(tx, claim_id)
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    rule = house.office.clocks.named(DRAFT, calendar.day_of(now))
    if rule is None or claim.state != house.office.life.first:
        return
    first = Running(rule, house.office.clocks.morning, now, None, calendar).first()
    for clock in clocks.running_clocks(tx, claim_id):
        if clock.rule == DRAFT and clock.form == OFFICE:
            if first is not None and clock.rung == 0 and messages.shift_waiting(tx, clock.id, first.at):
                clocks.change_clock(tx, clock.id, started_at=now, rung_at=first.at)
                return
            clocks.stop_clock(tx, clock.id, "restarted")
    _start(tx, house, claim, rule, calendar, now)


def _start(tx: Tx, house: House, claim: Claim, rule: ClockRule, calendar: OfficeCalendar, now: dt.datetime) -> None:
    running = Running(rule, house.office.clocks.morning, now, None, calendar)
    start(tx, claim, running, {"form": OFFICE, "rule": rule.name, "person_id": claim.author_id}, now)


# rungs


def start(tx: Tx, claim: Claim, running: Running, fields: Mapping[str, object], now: dt.datetime) -> int:
    """A clock begins: its row, whose id is told, and the reminder of its first rung."""
    first = _first(running, now)
    if first is None:
        raise ValueError("a ladder without rungs reminds nobody")
    instants = {"started_at": running.started_at, "due_at": running.due_at}
    number = clocks.start_clock(
        tx, {**fields, **instants, "claim_id": claim.id, "rung": first.index, "rung_at": first.at}
    )
    write_rung(tx, claim, running, clocks.clock(tx, number), first, now)
    return number


def begin_anew(tx: Tx, claim: Claim, running: Running, clock: Clock, now: dt.datetime) -> None:
    """The clock's last day is another one: what waits to be said of the old one is dropped."""
    messages.drop_waiting(tx, {"clock_id": clock.id}, "counted anew")
    first = _first(running, now)
    if first is not None:
        write_rung(tx, claim, running, clock, first, now)


def _first(running: Running, now: dt.datetime) -> RungDue | None:
    """The first rung; one whose hour had passed before the clock began is said next morning, if that is in time."""
    first = running.first(now)
    if first is None or first.at > now or running.due_at is None:
        return first
    morning = running.calendar.next_morning(now, running.morning)
    return RungDue(first.index, morning if morning < running.due_at else now)


def write_rung(tx: Tx, claim: Claim, running: Running, clock: Clock, due: RungDue, now: dt.datetime) -> None:
    """One row for everybody whom the rung names; nobody twice for one rung."""
    rung = running.rule.rung(due.index)
    if rung is None:
        return
    clocks.change_clock(tx, clock.id, rung=due.index, rung_at=due.at)
    for person, absent in named(tx, claim, rung.tells, max(due.at, now), asked=clock.person_id):
        _write(tx, claim, clock, due.index, person, due.at, now, tried=(person.id,), absent=absent)


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
    absent: Person | None,
) -> None:
    dedupe_key = f"clock:{clock.id}:{rung}:{person.id}"
    if messages.keyed(tx, dedupe_key) is not None:
        dedupe_key += f":{int(now.timestamp() * 1000)}"  # said, or dropped, before the last day moved
    messages.add_message(
        tx,
        {
            "person_id": person.id,
            "kind": "reminder",
            "body": {"rung": rung, "tried": list(tried), **({"in_place_of": absent.id} if absent else {})},
            "urgency": USUAL,
            "state": "waiting",
            "due_at": due_at,
            "dedupe_key": dedupe_key,
            "claim_id": claim.id,
            "clock_id": clock.id,
            "made_at": now,
        },
    )


# whom


def named(
    tx: Tx, claim: Claim, tells: Tells, at: dt.datetime, *, asked: int | None = None
) -> tuple[tuple[Person, Person | None], ...]:
    """Whom a rung names, or who acts for them then; where nobody can be reached, the next one responsible.

    Each with the one in whose place they are told, if they are. Never nobody: the row of a rung that reaches no one
    still leads to the rung after it. `asked`: whose answer the clock waits for.
    """
    missed: Person | None = None
    for some in _in_question(tx, claim, tells, asked):
        there: dict[int, tuple[Person, Person | None]] = {}
        for person in some:
            each = stand_in(tx, person, claim, at)
            if each is not None and (each.id not in there or each.id == person.id):
                there[each.id] = (each, missed if each.id == person.id else person)
        if there:
            return tuple(there.values())
        missed = missed or next(iter(some), None)
    return ((people.person(tx, claim.author_id), None),)


def _in_question(tx: Tx, claim: Claim, tells: Tells, asked: int | None) -> Iterator[tuple[Person, ...]]:
    """Those whom a rung names, then those who are told where none of them can be reached; asked for as needed."""
    match tells:
        case "author":
            yield (people.person(tx, claim.author_id),)
        case "responsible" if claim.state == "in_approval":
            yield _waiting(tx, claim)[:1]
        case "responsible" if claim.state in {"draft", "asked"}:
            yield (people.person(tx, claim.author_id),)
        case "asked" if asked is not None:
            yield (people.person(tx, asked),)
        case "responsible" | "clerk" | "asked":
            pass
        case "another_supervisor":
            waiting = _waiting(tx, claim)
            yield waiting[1:] or waiting
        case "supervisor":
            yield _deciders(tx, claim)
        case "administrator":
            yield people.holders(tx, claim.site_id, "administrator")
    if tells == "administrator":
        yield _deciders(tx, claim)
    desk = people.holders(tx, claim.site_id, "clerk")
    yield () if claim.clerk_id is None else _own_clerk(tx, claim, claim.clerk_id)
    yield desk
    yield _deciders(tx, claim)
    yield people.holders(tx, claim.site_id, "administrator")


def _own_clerk(tx: Tx, claim: Claim, clerk_id: int) -> tuple[Person, ...]:
    """Who has the claim at the desk, reachable or not; not who does other work now."""
    clerk = people.person(tx, clerk_id)
    return (clerk,) if clerk.has("clerk", claim.site_id) or not works_at(clerk, claim) else ()


def _waiting(tx: Tx, claim: Claim) -> tuple[Person, ...]:
    """Of those who may decide, those who have not signed yet."""
    approval = claims.approval_of(tx, claim.id)
    signed = set() if approval is None else {each.person_id for each in claims.signatures_of(tx, approval.id)}
    return tuple(each for each in _deciders(tx, claim) if each.id not in signed)


def _next_responsible(tx: Tx, claim: Claim, tried: Sequence[int], now: dt.datetime) -> Person | None:
    """Whoever has not been tried yet: for a decision another who may decide; else the desk, then its supervisors."""
    desk = people.holders(tx, claim.site_id, "clerk")
    may_decide = _deciders(tx, claim)
    first, second = (may_decide, desk) if claim.state == "in_approval" else (desk, may_decide)
    for person in (*first, *second, *people.holders(tx, claim.site_id, "administrator")):
        there = stand_in(tx, person, claim, now)
        if there is not None and there.id not in tried:
            return there
    return None


def _deciders(tx: Tx, claim: Claim) -> tuple[Person, ...]:
    approval = claims.approval_of(tx, claim.id)
    return deciders(tx, claim, None if approval is None else approval.sent_by)


# at its hour


def compose(tx: Tx, house: House, message: Message, now: dt.datetime) -> Mapping[str, object] | None:
    """What a due reminder says now; None when it need not be said, or not yet, or to somebody else."""
    if message.clock_id is None:
        raise LookupError(f"reminder {message.id} has no clock")
    clock = clocks.lock_clock(tx, message.clock_id)
    claim = claims.claim(tx, clock.claim_id)
    limit = limit_of(house, clock, office_calendar(house, people.site(tx, claim.site_id)))
    if clock.state != "running" or limit is None:
        messages.give_up(tx, message.id, "dropped", "clock stopped")
        return None
    place = int(str(message.body["rung"]))
    if place > clock.rung or (place == clock.rung and clock.rung_at > now and "says" not in message.body):
        messages.give_up(tx, message.id, "dropped", "counted anew")  # taken for a last day that has moved since
        return None
    now_due = limit.running.caught_up(RungDue(clock.rung, clock.rung_at), now)
    if now_due.index != clock.rung:
        write_rung(tx, claim, limit.running, clock, now_due, now)
    rung = limit.running.rule.rung(int(str(message.body.get("says", place))))
    if rung is None or (place < now_due.index and now_due.at <= now):
        messages.give_up(tx, message.id, "dropped", "overtaken")
        return None
    person = people.person(tx, message.person_id)
    if (why := _cannot_hear(tx, person, claim, now)) is not None:
        messages.give_up(tx, message.id, "failed", why)
        hand_on(tx, house, message, now)
        return None
    if _waits(tx, house, message, person, claim, now):
        return None
    absent = _in_place_of(tx, message)
    return {**_letter(tx, house, person, claim, clock, limit, rung, absent=absent, now=now).body(tx), **message.body}


def _in_place_of(tx: Tx, message: Message) -> Person | None:
    """Whom a reminder was for before it came to the one who hears it now."""
    number = message.body.get("in_place_of")
    return None if number is None else people.person(tx, int(str(number)))


def _waits(tx: Tx, house: House, message: Message, person: Person, claim: Claim, now: dt.datetime) -> bool:
    """Whether it is not said now: these are quiet hours, or the morning's digest tells it."""
    site = people.site(tx, claim.site_id)
    allowed_at = may_hear_at(person, site, now)
    if allowed_at > now:
        messages.put_off(tx, message.id, allowed_at, "quiet hours")
        return True
    today = office_calendar(house, site).day_of(now)
    digest = None if claim.number is None else messages.keyed(tx, digest_key(person.id, site.id, today))
    if digest is None:
        return False
    if digest.state in {"waiting", "leased"} and digest.due_at <= now + _DIGEST_WITHIN:
        messages.put_off(tx, message.id, now + _AFTER_DIGEST, TOLD_BY_DIGEST)
        return True
    if not _has_just_told(digest, message.clock_id, now):
        return False
    messages.give_up(tx, message.id, "sent", TOLD_BY_DIGEST)
    went_out(tx, house, message, now)
    return True


def _has_just_told(digest: Keyed, clock_id: int | None, now: dt.datetime) -> bool:
    told = digest.body.get("clocks")
    listed = isinstance(told, list) and clock_id in told
    return listed and digest.sent_at is not None and now - digest.sent_at < _JUST


def _cannot_hear(tx: Tx, person: Person, claim: Claim, now: dt.datetime) -> str | None:
    """Why somebody else must be told, where somebody else can be."""
    if person.blocked:
        return "blocked"
    if not works_at(person, claim):
        return "left"
    away = is_away(tx, person, today_at(tx, claim.site_id, now))
    return "away" if away and _next_responsible(tx, claim, (person.id,), now) is not None else None


def digest_key(person_id: int, site_id: int, day: dt.date) -> str:
    """A digest's dedupe key: one a day for each person and site."""
    return f"digest:{person_id}:{site_id}:{day}"


def _letter(  # noqa: PLR0913  a reminder is these things
    tx: Tx,
    house: House,
    person: Person,
    claim: Claim,
    clock: Clock,
    limit: Limit,
    rung: Rung,
    *,
    absent: Person | None,
    now: dt.datetime,
) -> Letter:
    """`absent`: whom it was for, where somebody else hears it."""
    lang, calendar = person.language, limit.running.calendar
    values: dict[str, object] = {
        "claim": claim.number or house.words("draft_without_number", lang),
        "car": car_of(tx, house, claim, lang),
        "since": clock.started_at.astimezone(calendar.where),
        "clock": limit.title,
        "basis": limit.basis,
        "on_miss": limit.on_miss,
    }
    if clock.due_at is not None:
        values["due_on"] = calendar.day_of(clock.due_at)
        values["days"] = days(abs(days_to(clock.due_at, now, calendar)))
    html = house.words("reminder", lang, {"what": phrase(rung.words, lang, values)})
    if absent is not None:
        html = Html(f"{html}\n{house.words('reminder_in_place', lang, {'name': absent.name})}")
    look = (
        ()
        if claim.number is None or not may_see(person, claim)
        else (((house.label("open_claim", lang), f"c:{key(claim.id)}"),),)
    )
    rows = (*ending_buttons(tx, house, person, claim, clock, limit, now), *look, *snooze_buttons(house, lang, clock))
    return Letter(Html(html), rows, claim_id=claim.id, clock_id=clock.id)


def ending_buttons(
    tx: Tx, house: House, person: Person, claim: Claim, clock: Clock, limit: Limit, now: dt.datetime
) -> Data:
    """What may end this clock, the likeliest first: where moving the claim on ends it, that; else what happened."""
    stops, acts = stop_buttons(house, person, clock, limit), act_buttons(tx, house, person, claim, now)
    return (*acts, *stops) if limit.moves_end_it else (*stops, *acts)


NOTED_ELSEWHERE: Final[Mapping[str, str]] = {
    "old_part.returned": RETURN,
    "deduction.received": DEDUCTION,
    "deduction.answered": DEDUCTION_ANSWER,
}
"""Events with more to them than their day: the flow that asks for all of it."""


def stop_buttons(house: House, person: Person, clock: Clock, limit: Limit) -> Data:
    """What ends this clock, one tap away: done, or the event that it waits for."""
    lang = person.language
    if clock.form == OWN:
        return (((house.label("clock_done", lang), f"k:{key(clock.id)}"),),)
    if clock.form == ASKED:
        return (((house.label("inquiry_reply", lang), f"e:{key(clock.id)}"),),)
    if limit.stops_with and any(role in {"clerk", "supervisor", "administrator"} for _, role in person.roles):
        flow = house.office.flows.get(NOTED_ELSEWHERE.get(limit.stops_with[0], ""))
        button = None if flow is None else flow.starts.button
        label = house.label("clock_event", lang) if button is None else button.to(lang)
        return (((label, f"e:{key(clock.id)}"),),)
    return ()


def snooze_buttons(house: House, lang: Lang, clock: Clock) -> Data:
    return (
        (
            (house.label("snooze_hour", lang), f"s:{key(clock.id)}:1h"),
            (house.label("snooze_tomorrow", lang), f"s:{key(clock.id)}:tomorrow"),
        ),
    )


def car_of(tx: Tx, house: House, claim: Claim, lang: Lang) -> str:
    """The car's last six characters; those of a draft lie in its conversation."""
    draft = conversations.unfinished_about(tx, claim.author_id, claim.id, INTAKE) if claim.facts.vin is None else None
    vin = claim.facts.vin if draft is None else draft.stand.answers.get("vin")
    return short_vin(vin) if isinstance(vin, str) else house.label("draft_no_car", lang)


def went_out(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """Writes the rung after the one that has just been said, unless somebody's was said before."""
    clock = clocks.lock_clock(tx, int(str(message.clock_id)))
    rung = int(str(message.body.get("rung", clock.rung)))
    if clock.state != "running" or clock.rung != rung:
        return
    claim = claims.claim(tx, clock.claim_id)
    limit = limit_of(house, clock, office_calendar(house, people.site(tx, claim.site_id)))
    following = None if limit is None else limit.running.following(clock.rung, now, now)
    if limit is not None and following is not None:
        write_rung(tx, claim, limit.running, clock, following, now)


def hand_on(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """Gives a reminder that could not reach its person to the next one responsible; else its ladder goes on."""
    if message.kind != "reminder" or message.clock_id is None:
        return
    clock = clocks.lock_clock(tx, message.clock_id)
    claim = claims.claim(tx, clock.claim_id)
    raw = message.body.get("tried")
    tried = [int(str(each)) for each in raw] if isinstance(raw, list) else [message.person_id]
    rung = int(str(message.body["rung"]))
    already = (*tried, *messages.reminded(tx, clock.id, rung))
    following = stand_in(tx, people.person(tx, message.person_id), claim, now)
    if following is None or following.id in already:
        following = _next_responsible(tx, claim, already, now)
    if following is None:
        went_out(tx, house, message, now)
        return
    absent = _in_place_of(tx, message) or people.person(tx, message.person_id)
    _write(tx, claim, clock, rung, following, now, now, tried=(*tried, following.id), absent=absent)


def may_snooze(tx: Tx, person: Person, clock_id: int) -> Clock:
    """The clock, if it runs and concerns them. Raises Refusal."""
    clock = clocks.lock_clock(tx, clock_id)
    claim = claims.claim(tx, clock.claim_id)
    if clock.state != "running":
        raise Refusal("reminder_done")
    if claim.author_id != person.id and not works_at(person, claim):
        raise Refusal("not_yours")
    return clock


def snooze(
    tx: Tx, house: House, person: Person, clock_id: int, how_long: str, reason: str | None, now: dt.datetime
) -> dt.datetime:
    """Says the same rung again to this person, in an hour or next morning: when. The case file keeps why.

    What was to be said until then is left out; a rung whose hour comes later comes all the same.
    """
    clock = may_snooze(tx, person, clock_id)
    claim = claims.claim(tx, clock.claim_id)
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    span = SNOOZES[how_long]
    later = calendar.next_morning(now, house.office.clocks.morning) if span is None else now + span
    said = clock.rung if clock.rung_at <= now or clock.rung == 0 else clock.rung - 1
    stands_for = clock.rung if clock.rung_at <= later else clock.rung - 1
    messages.drop_waiting(tx, {"clock_id": clock_id, "person_id": person.id}, "snoozed", until=later)
    messages.add_message(
        tx,
        {
            "person_id": person.id,
            "kind": "reminder",
            "body": {"rung": stands_for, "says": said, "tried": [person.id]},
            "urgency": USUAL,
            "state": "waiting",
            "due_at": later,
            "claim_id": claim.id,
            "clock_id": clock_id,
            "made_at": now,
        },
    )
    detail = {"clock": f"{clock.form}/{clock.rule}", "until": later.isoformat(), "reason": reason}
    claims.write_entry(tx, claim.id, "snoozed", detail, person_id=person.id, now=now)
    return later
