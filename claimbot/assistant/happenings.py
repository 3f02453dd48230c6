"""What the desk tells of a claim beside its facts: what happened on which day, and what it sets itself to do.

An event is noted with the day it really happened, in the past too; all limits are counted anew, and whoever has to see
to one that moved hears of it. What cannot be (in the future, twice, before what it answers) is asked again.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from claimbot.assistant.doing import Doing
from claimbot.assistant.due import clocks_screen
from claimbot.assistant.house import House
from claimbot.assistant.letters import post
from claimbot.assistant.recounting import recount, tell_shifts
from claimbot.assistant.reminders import NOTED_ELSEWHERE, may_snooze, snooze, start
from claimbot.assistant.timekeeping import Timetable, limit_of, office_calendar, timetable
from claimbot.claims.clocks import Recorded, Running, event_words, set_by_hand
from claimbot.claims.words import Words
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Choice
from claimbot.store import Tx, claims, clocks, old_parts, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import OWN, Contract

_MOST_OFFERED = 40


def moment_of(value: object) -> dt.date | dt.datetime:
    """A day or an instant, as a `moment` step keeps it."""
    text = str(value)
    return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)


def events_offered(tx: Tx, house: House, claim: Claim, now: dt.datetime) -> tuple[Choice, ...]:
    """What may be noted on a claim: first what ends a limit that runs, then what sets one going, then the rest."""
    table = timetable(tx, house, claim, now)
    known = {each.event for each in table.noted}
    ending: dict[str, None] = {}
    starting: dict[str, None] = {}
    other: dict[str, None] = {}
    for some in table.clocks.values():
        for clock in some:
            events = clock.rule.stops.events
            if clock.standing in {"running", "paused"}:
                ending.update(dict.fromkeys(events))
            else:
                other.update(dict.fromkeys(events))
            (starting if clock.standing == "waiting" else other).update(dict.fromkeys(clock.rule.starts.events))
            other.update(dict.fromkeys(name for pause in clock.rule.pauses for name in (pause.begins, pause.ends)))
    from_facts = {recorded.event for recorded, noted in table.noted.items() if noted.event_id is None}
    elsewhere = from_facts | NOTED_ELSEWHERE.keys()
    offered = [name for name in dict.fromkeys((*ending, *starting, *other)) if name not in elsewhere]
    fresh = sorted(offered, key=lambda name: name in known)
    return tuple(Choice(name, event_words(name)) for name in fresh[:_MOST_OFFERED])


def note_event(doing: Doing, claim: Claim, answers: Answers) -> None:
    """Raises a Refusal that asks again when it cannot have happened so."""
    record(doing, claim, Recorded(str(answers["event"]), moment_of(answers["event_on"])), again="event_on")
    doing.reply.toast = doing.house.label("event_noted", doing.lang)
    _show(doing, claim)


def record(doing: Doing, claim: Claim, recorded: Recorded, *, again: str) -> int:
    """The event's number; all limits are counted anew. Raises a Refusal that asks `again` when it cannot be so."""
    before = timetable(doing.tx, doing.house, claim, doing.now)
    if recorded in before.noted:
        raise Refusal("event_there", {"event": event_words(recorded.event)}, again=again)
    after = timetable(doing.tx, doing.house, claim, doing.now, also=recorded)
    refuse_new_problem(before, after, again=again)
    event, at = recorded.event, recorded.at
    number = clocks.add_event(doing.tx, claim.id, event, at, person_id=doing.person.id, now=doing.now)
    _changed(doing, claim, "noted", {"event": event, "at": at.isoformat()})
    return number


def refuse_new_problem(before: Timetable, after: Timetable, *, again: str) -> None:
    """Raises a Refusal that asks `again` for what makes the events contradict each other."""
    for problem in after.problems:
        if problem not in before.problems:
            raise Refusal("event_cannot_be", {"what": problem.what, "mend": problem.mend}, again=again)


def strike_event(doing: Doing, claim: Claim, event_id: int) -> None:
    """Takes back what was noted by mistake."""
    _refuse_outsiders(doing, claim)
    noted = next((each for each in clocks.events_of(doing.tx, claim.id) if each.id == event_id), None)
    if noted is None or not clocks.strike_event(doing.tx, claim.id, event_id, doing.now):
        raise Refusal("event_gone")
    old_parts.forget(doing.tx, event_id, doing.now)
    _changed(doing, claim, "struck", {"event": noted.event, "at": noted.at.isoformat()})
    _show(doing, claim)


def _refuse_outsiders(doing: Doing, claim: Claim) -> None:
    if not any(doing.person.has(role, claim.site_id) for role in ("clerk", "supervisor")):
        raise Refusal("not_yours")


def _changed(doing: Doing, claim: Claim, what: str, detail: Mapping[str, object]) -> None:
    claims.write_entry(doing.tx, claim.id, what, detail, person_id=doing.person.id, now=doing.now)
    shifts = recount(doing.tx, doing.house, claim, doing.now)
    tell_shifts(doing.tx, claim, shifts, doing.now, but=doing.person.id)


def _show(doing: Doing, claim: Claim) -> None:
    screen = clocks_screen(doing.tx, doing.house, doing.person, claims.claim(doing.tx, claim.id), doing.now)
    post(doing.tx, doing.reply, doing.person, screen, doing.now)


def forms_offered(house: House) -> tuple[Choice, ...]:
    """The contract forms that the office has."""
    return tuple(Choice(name, house.office.forms[name].title) for name in sorted(house.office.contract_forms))


def follow_contract(doing: Doing, claim: Claim, answers: Answers) -> None:
    """From now on the limits of a contract form hold for a claim, as that contract may change them.

    Raises a Refusal that asks again when what has happened cannot have been under a contract of that day: the limits
    that hang on it would stop.
    """
    name, signed_on = answers.get("contract_name"), answers.get("contract_on")
    followed = Contract(
        str(answers["contract_form"]),
        None if name is None else str(name),
        None if signed_on is None else dt.date.fromisoformat(str(signed_on)),
    )
    before = timetable(doing.tx, doing.house, claim, doing.now)
    clocks.follow_contract(doing.tx, claim.id, followed)
    refuse_new_problem(before, timetable(doing.tx, doing.house, claim, doing.now), again="contract_on")
    detail = {"form": followed.form, "contract": followed.contract, "signed_on": signed_on}
    _changed(doing, claim, "follows", detail)
    _show(doing, claim)


def leave_contract(doing: Doing, claim: Claim, form: str) -> None:
    """The claim is not under that form after all: its limits end."""
    _refuse_outsiders(doing, claim)
    if not clocks.leave_contract(doing.tx, claim.id, form):
        raise Refusal("event_gone")
    _changed(doing, claim, "follows_not", {"form": form})
    _show(doing, claim)


# clocks of one's own


def set_clock(doing: Doing, claim: Claim, answers: Answers) -> None:
    """A clock that nothing counts and nothing moves: "ask the maker again on the 14th"."""
    words, day = str(answers["own_words"]), dt.date.fromisoformat(str(answers["own_on"]))
    calendar = office_calendar(doing.house, people.site(doing.tx, claim.site_id))
    if day < calendar.day_of(doing.now):
        raise Refusal("own_is_past", {"day": day}, again="own_on")
    due = set_by_hand(day, calendar)
    running = Running(
        doing.house.office.ladders.ladders["own"], doing.house.office.clocks.morning, doing.now, due.due_at, calendar
    )
    number = clocks.own_count(doing.tx, claim.id) + 1
    fields = {"form": OWN, "rule": f"own#{number}", "words": words, "person_id": doing.person.id, "due_on": day}
    start(doing.tx, claim, running, fields, doing.now)
    detail = {"words": words, "on": day.isoformat()}
    claims.write_entry(doing.tx, claim.id, "clock_set", detail, person_id=doing.person.id, now=doing.now)
    doing.say("own_set", {"words": words, "day": day, "number": claim.number or ""}, claim=claim)


def clock_done(doing: Doing, clock_id: int) -> None:
    clock = clocks.lock_clock(doing.tx, clock_id)
    claim = claims.claim(doing.tx, clock.claim_id)
    if not any(site == claim.site_id for site, _ in doing.person.roles):
        raise Refusal("not_yours")
    if clock.form != OWN or clock.state != "running":
        raise Refusal("reminder_done")
    clocks.stop_clock(doing.tx, clock.id, "met")
    detail = {"words": clock.words}
    claims.write_entry(doing.tx, claim.id, "clock_done", detail, person_id=doing.person.id, now=doing.now)
    doing.say("own_done", {"words": clock.words or "", "number": claim.number or ""}, claim=claim)


def stopping_events(tx: Tx, house: House, clock_id: int) -> Sequence[str]:
    """The events that end a clock, the likeliest first."""
    clock = clocks.clock(tx, clock_id)
    claim = claims.claim(tx, clock.claim_id)
    limit = limit_of(house, clock, office_calendar(house, people.site(tx, claim.site_id)))
    return () if limit is None or clock.state != "running" else limit.stops_with


# putting off


def put_off(doing: Doing, answers: Answers, reason: str | Words) -> None:
    """Not now: the same rung again later, and why, which the case file keeps."""
    put_off_clock(doing, int(str(answers["clock"])), str(answers["how_long"]), reason)


def put_off_clock(doing: Doing, clock_id: int, how_long: str, reason: str | Words | None) -> None:
    clock = may_snooze(doing.tx, doing.person, clock_id)
    claim = claims.claim(doing.tx, clock.claim_id)
    kept = f"{reason.zh} / {reason.en}" if isinstance(reason, Words) else reason  # whoever reads it later
    later = snooze(doing.tx, doing.house, doing.person, clock_id, how_long, kept, doing.now)
    calendar = office_calendar(doing.house, people.site(doing.tx, claim.site_id))
    doing.reply.toast = doing.house.label("snoozed", doing.lang)
    if reason is not None:
        doing.say("snoozed_until", {"at": later.astimezone(calendar.where), "reason": reason})
