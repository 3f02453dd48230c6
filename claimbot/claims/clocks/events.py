"""What really happened, and what of it cannot be: in the future, before what it answers, twice where once is all.

Nothing here is an exception: what people enter is wrong now and then, and they are asked back in words.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks.counting import Moment, day_of, instant_of
from claimbot.claims.clocks.rules import CountingRule, event_words
from claimbot.claims.words import Words

YEARS = range(1990, 2101)
"""An event of another year is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Something that happened, on a day or at an instant. `event`: one of `EVENTS`, its paper before it or not."""

    event: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that the claim made, and the state it came to."""

    move: str
    state: str
    at: Moment


@dataclass(frozen=True, slots=True)
class EventProblem:
    """Which event cannot be as it was entered, why, and what to do, in both languages."""

    event: str
    what: Words
    mend: Words


def answers_to(event: str, recorded: Sequence[Recorded], calendar: OfficeCalendar) -> tuple[Recorded, ...]:
    """What was recorded of that event, earliest first; where its paper was not named, the kind alone does."""
    found = [each for each in recorded if each.event == event]
    if not found:
        found = [each for each in recorded if each.event == event.rpartition(".")[2]]
    return tuple(sorted(found, key=lambda each: in_order(each.at, calendar)))


def in_order(moment: Moment, calendar: OfficeCalendar) -> tuple[dt.datetime, bool]:
    """For sorting: a day alone comes at its beginning."""
    return instant_of(moment, calendar), isinstance(moment, dt.datetime)


def is_before(one: Moment, other: Moment, calendar: OfficeCalendar) -> bool:
    """Whether it was earlier; where one of them is a day alone, only days are compared."""
    if isinstance(one, dt.datetime) and isinstance(other, dt.datetime):
        return one < other
    return day_of(one, calendar) < day_of(other, calendar)


def shown(moment: Moment, calendar: OfficeCalendar) -> str:
    """The day, with the hour where it is known."""
    if isinstance(moment, dt.datetime):
        return f"{moment.astimezone(calendar.where):%Y-%m-%d %H:%M}"
    return f"{moment}"


def event_problems(
    rules: Sequence[CountingRule],
    recorded: Sequence[Recorded],
    calendar: OfficeCalendar,
    *,
    now: dt.datetime | None = None,
    contract_on: dt.date | None = None,
) -> tuple[EventProblem, ...]:
    """Everything that cannot be. `now`: what is later lies in the future. `contract_on`: what is earlier, before it."""
    found = [
        *_unknown(rules, recorded),
        *_out_of_time(recorded, calendar, now, contract_on),
        *_twice(rules, recorded, calendar),
        *_before_its_cause(rules, recorded, calendar),
    ]
    return tuple(dict.fromkeys(found))


def _unknown(rules: Sequence[CountingRule], recorded: Sequence[Recorded]) -> Iterator[EventProblem]:
    known = {name for rule in rules for name in events_named(rule)}
    for name in dict.fromkeys(each.event for each in recorded):
        if name not in known and name not in {each.rpartition(".")[2] for each in known}:
            names = ", ".join(sorted(known))
            yield EventProblem(
                name,
                Words(en=f"no clock of this form knows the event {name}", zh=f"本合同文本的时限不使用事件 {name}"),
                Words(en=f"use one of {names}", zh=f"可用的事件：{names}"),
            )


def events_named(rule: CountingRule) -> Iterator[str]:
    """Every event that a clock uses, in any way."""
    yield from rule.starts.events
    yield from rule.stops.events
    for pause in rule.pauses:
        yield from (pause.begins, pause.ends)
    if rule.repeats is not None:
        yield from rule.repeats.until


def _out_of_time(
    recorded: Sequence[Recorded], calendar: OfficeCalendar, now: dt.datetime | None, contract_on: dt.date | None
) -> Iterator[EventProblem]:
    for each in recorded:
        words, at = event_words(each.event), shown(each.at, calendar)
        day = day_of(each.at, calendar)
        if day.year not in YEARS:
            yield EventProblem(
                each.event,
                Words(en=f"“{words.en}” on {at}: that year cannot be meant", zh=f"“{words.zh}”{at}：年份不对"),
                Words(en="look at the year", zh="请检查年份"),
            )
        elif now is not None and is_before(now, each.at, calendar):
            yield EventProblem(
                each.event,
                Words(en=f"“{words.en}” on {at} lies in the future", zh=f"“{words.zh}”{at} 还没到"),
                Words(en="enter it when it has happened", zh="请在发生后再记录"),
            )
        elif contract_on is not None and day < contract_on:
            yield EventProblem(
                each.event,
                Words(
                    en=f"“{words.en}” on {at} is before the contract of {contract_on}",
                    zh=f"“{words.zh}”{at} 早于合同签订日 {contract_on}",
                ),
                Words(en="look at the day, or at the contract's", zh="请核对日期或合同签订日"),
            )


def _twice(
    rules: Sequence[CountingRule], recorded: Sequence[Recorded], calendar: OfficeCalendar
) -> Iterator[EventProblem]:
    often = {name for rule in rules for name in _may_come_again(rule)}
    often |= {name.rpartition(".")[2] for name in often}
    for name in dict.fromkeys(each.event for each in recorded):
        days = [shown(each.at, calendar) for each in answers_to(name, recorded, calendar) if each.event == name]
        if len(days) > 1 and (name not in often or len(set(days)) < len(days)):
            words = event_words(name)
            yield EventProblem(
                name,
                Words(
                    en=f"“{words.en}” is there {len(days)} times: {', '.join(days)}",
                    zh=f"“{words.zh}”记录了 {len(days)} 次：{'、'.join(days)}",
                ),
                Words(en="keep the one that counts", zh="请只保留有效的一次"),
            )


def _may_come_again(rule: CountingRule) -> Iterator[str]:
    for pause in rule.pauses:
        yield from (pause.begins, pause.ends)
    if rule.starts.each or rule.repeats is not None:
        yield from rule.stops.events
    if rule.starts.each:
        yield from rule.starts.events


def _before_its_cause(
    rules: Sequence[CountingRule], recorded: Sequence[Recorded], calendar: OfficeCalendar
) -> Iterator[EventProblem]:
    """A kind alone (`sent`) is judged as the first thing of the form that it starts something with, else ends."""
    plain = {each.event for each in recorded if "." not in each.event}
    meant = {kind: _meant(kind, rules) for kind in plain}
    for rule in rules:
        pairs = [(rule.starts.events, stop) for stop in rule.stops.events if _answers(rule, stop)]
        # a car comes in, goes out and comes in again: there the first end has no beginning
        pairs += [((one.begins,), one.ends) for one in rule.pauses if one.ends not in rule.starts.events]
        for causes, after in pairs:
            first = _first(causes, recorded, calendar)
            for each in answers_to(after, recorded, calendar):
                is_meant = "." in each.event or after in {each.event, meant[each.event]}
                if first is not None and each != first and is_meant and is_before(each.at, first.at, calendar):
                    yield _too_early(each, first, calendar)


def _answers(rule: CountingRule, stop: str) -> bool:
    """Whether that end answers the beginning; a stay in the workshop is also ended by what was there before it."""
    if rule.unit != "repair_days":
        return True
    return stop.rpartition(".")[0] in {name.rpartition(".")[0] for name in rule.starts.events}


def _meant(kind: str, rules: Sequence[CountingRule]) -> str | None:
    started = [name for rule in rules for name in rule.starts.events]
    stopped = [name for rule in rules for name in rule.stops.events]
    return next((name for name in (*started, *stopped) if name.rpartition(".")[2] == kind), None)


def _first(names: Sequence[str], recorded: Sequence[Recorded], calendar: OfficeCalendar) -> Recorded | None:
    found = [each for name in names for each in answers_to(name, recorded, calendar)]
    return min(found, key=lambda each: in_order(each.at, calendar), default=None)


def _too_early(answer: Recorded, cause: Recorded, calendar: OfficeCalendar) -> EventProblem:
    one, two = event_words(answer.event), event_words(cause.event)
    at, after = shown(answer.at, calendar), shown(cause.at, calendar)
    return EventProblem(
        answer.event,
        Words(
            en=f"“{one.en}” on {at} comes before “{two.en}” on {after}, which it answers",
            zh=f"“{one.zh}”{at} 早于它所对应的“{two.zh}”{after}",
        ),
        Words(en="look at both days", zh="请核对两个日期"),
    )
