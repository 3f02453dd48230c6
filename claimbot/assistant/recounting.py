"""Counting a claim's time limits anew, and telling those whom a moved day concerns.

Counting again without a change changes nothing, so it may be done at any time: after a move, an event noted or struck
out, a limit that was missed, another calendar or rule.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from claimbot.assistant.house import House
from claimbot.assistant.letters import Letter, key
from claimbot.assistant.presence import may_hear_at
from claimbot.assistant.reminders import begin_anew, named, start
from claimbot.assistant.timekeeping import Timetable, limit_of, office_calendar, timetable
from claimbot.claims.clocks import FormClock
from claimbot.claims.words import Html, Words
from claimbot.store import Tx, claims, clocks, messages, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import NOT_COUNTED, Clock
from claimbot.store.messages import USUAL, Message
from claimbot.store.people import Person

_STOPPED: Final[Mapping[str, str]] = {"met": "met", "met_late": "late", "over": "over", "paused": "paused"}
_TOLD_AFTER: Final = dt.timedelta(seconds=30)
"""What moves within so short a time is told in one message."""
_MOST_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Shift:
    """A limit whose last day is another one, or that began or ended. None: it does not run before, or after."""

    clock_id: int
    title: Words
    before: dt.date | None
    after: dt.date | None


def recount(tx: Tx, house: House, claim: Claim, now: dt.datetime) -> tuple[Shift, ...]:
    """Brings the rows of a claim's limits to what its events, the rules and the calendar say now."""
    if claim.number is None:
        return ()
    table = timetable(tx, house, claim, now)
    wanted = table.running(house)
    shifts: list[Shift] = []
    there: set[tuple[str, str]] = set()
    for row in clocks.running_clocks(tx, claim.id):
        if row.form in NOT_COUNTED:
            continue
        counted = wanted.get((row.form, row.rule))
        if counted is None or counted.due is None:
            if not _is_in_doubt(table, row):
                shifts.append(_end(tx, house, table, row))
            continue
        there.add((row.form, row.rule))
        shifts.extend(_move(tx, house, claim, table, row, counted, now))
    for place, counted in wanted.items():
        if place not in there:
            shifts.append(_begin(tx, house, claim, table, place, counted, now))
    return tuple(shifts)


def _is_in_doubt(table: Timetable, row: Clock) -> bool:
    """Whether it is only not counted as its events contradict each other: then it goes on, rather than being missed."""
    counted = table.named(row.form, row.rule)
    return row.form in table.doubtful and (counted is None or counted.standing == "waiting")


def _end(tx: Tx, house: House, table: Timetable, row: Clock) -> Shift:
    counted = table.named(row.form, row.rule)
    clocks.stop_clock(tx, row.id, "void" if counted is None else _STOPPED.get(counted.standing, "void"))
    form = house.office.forms.get(row.form)
    editions = () if form is None else form.versions(row.rule.partition("#")[0])
    title = editions[-1].title if editions else Words(en=row.rule, zh=row.rule)
    return Shift(row.id, title, row.due_on, None)


def _fields(counted: FormClock) -> dict[str, object]:
    if counted.due is None:
        raise ValueError(f"{counted.key} does not run")
    return {
        "due_at": counted.due.due_at,
        "due_on": counted.due.due_on,
        "provisional": int(counted.due.provisional),
    }


def _move(
    tx: Tx, house: House, claim: Claim, table: Timetable, row: Clock, counted: FormClock, now: dt.datetime
) -> tuple[Shift, ...]:
    fields, started_at = _fields(counted), counted.started_at(table.calendar)
    same_day = (row.due_at, row.started_at) == (fields["due_at"], started_at)
    if same_day and row.provisional == bool(fields["provisional"]) and row.due_on == fields["due_on"]:
        return ()
    clocks.change_clock(tx, row.id, started_at=started_at, **fields)
    if same_day:
        return ()
    running = counted.running(house.office.ladders, house.office.clocks.morning, table.calendar)
    if running is not None:
        begin_anew(tx, claim, running, clocks.clock(tx, row.id), now)
    after = None if counted.due is None else counted.due.due_on
    return (Shift(row.id, counted.rule.title, row.due_on, after),) if row.due_at != fields["due_at"] else ()


def _begin(
    tx: Tx,
    house: House,
    claim: Claim,
    table: Timetable,
    place: tuple[str, str],
    counted: FormClock,
    now: dt.datetime,
) -> Shift:
    running = counted.running(house.office.ladders, house.office.clocks.morning, table.calendar)
    if running is None or counted.due is None:
        raise ValueError(f"{counted.key} does not run")
    form, rule = place
    number = start(tx, claim, running, {"form": form, "rule": rule, **_fields(counted)}, now)
    return Shift(number, counted.rule.title, None, counted.due.due_on)


# telling


class News(BaseModel):
    """The body of a message of news: each moved clock with its last day before and now, and how many in all."""

    model_config = ConfigDict(frozen=True)

    told: tuple[tuple[int, dt.date | None, dt.date | None], ...] = ()
    count: int = 0


def tell_shifts(tx: Tx, claim: Claim, shifts: Sequence[Shift], now: dt.datetime, *, but: int | None = None) -> None:
    """Everybody who has to see to these limits hears of them; `but`: the one who did it knows."""
    if shifts:
        for person, _ in named(tx, claim, "responsible", now):
            if person.id != but:
                _add_to_news(tx, person, claim, shifts, now)


def moved(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """Those that ran before and run on, to another day. What a move of the claim begins or ends is no news."""
    return tuple(each for each in shifts if each.before is not None and each.after is not None)


def _add_to_news(tx: Tx, person: Person, claim: Claim, shifts: Sequence[Shift], now: dt.datetime) -> None:
    """One message of news that has not gone out yet takes in more: the first ones by name, of the others how many."""
    settle_key = f"news:{person.id}"
    waiting = News.model_validate(messages.settling(tx, settle_key) or {})
    room = max(0, _MOST_TOLD - len(waiting.told))
    fresh = tuple((each.clock_id, each.before, each.after) for each in shifts[:room])
    news = News(told=(*waiting.told, *fresh), count=waiting.count + len(shifts))
    fields = {
        "person_id": person.id,
        "kind": "news",
        "body": news.model_dump(mode="json"),
        "urgency": USUAL,
        "state": "waiting",
        "due_at": may_hear_at(person, people.site(tx, claim.site_id), now + _TOLD_AFTER),
        "made_at": now,
    }
    messages.settle_message(tx, settle_key, fields)


def compose_news(tx: Tx, house: House, message: Message) -> Mapping[str, object] | None:
    """What moved, in words; None when nothing of it is left to tell."""
    news, person = News.model_validate(message.body), people.person(tx, message.person_id)
    lang = person.language
    lines, rows = [house.words("news_heading", lang, {"count": news.count})], []
    for clock_id, before, after in news.told:
        clock = clocks.clock(tx, clock_id)
        claim = claims.claim(tx, clock.claim_id)
        limit = limit_of(house, clock, office_calendar(house, people.site(tx, claim.site_id)))
        if (clock.state == "running") != (after is not None):
            continue  # it has changed once more since
        title = Words(en=clock.rule, zh=clock.rule) if limit is None else limit.title  # the office gave up its rule
        said = "news_ended" if after is None else "news_begun" if before is None else "news_line"
        values = {"claim": claim.number or "", "clock": title, "before": before, "after": after}
        lines.append(house.words(said, lang, values))
        look = (f"📂 {claim.number}", f"c:{key(claim.id)}")
        why = (house.label("due_why", lang), f"y:{key(clock.id)}")
        rows.append((look,) if after is None else (look, why))
    if not rows:
        messages.give_up(tx, message.id, "dropped", "nothing left of it")
        return None
    if news.count > len(news.told):
        lines.append(house.words("listing_more", lang, {"count": news.count - len(news.told)}))
    return Letter(Html("\n".join(lines)), tuple(rows)).body(tx)
