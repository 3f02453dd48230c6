"""Clocks: what is due when, who is told at which rung of the ladder, and what stops it.

Counting is pure: a clock's start, its deadline and the office's calendar go in, the next rung comes out. A ladder is
walked by position: a rung that repeats takes as many positions as it rings, the last one may ring for ever. Rungs that
fell due while nobody could ring them collapse into the latest: after a holiday or a power cut people are told once.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks.events import Recorded
from claimbot.claims.clocks.following import Follow, Happened
from claimbot.claims.facts import Facts
from claimbot.claims.life import Life
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, dated_problems, template_problems
from claimbot.claims.words import Words

Tells = Literal["responsible", "author", "clerk", "supervisor", "another_supervisor", "administrator", "asked"]
NAMES: Final = frozenset({"claim", "car", "since"})
"""What a rung's words may use: the claim's number, its car, and since when it waits."""
LIMIT_NAMES: Final = NAMES | {"clock", "due_on", "days", "basis", "on_miss"}
"""The same for a time limit: also its name and article, its last day, the days to or since that, what is at stake."""
SILENT: Final = "none"
"""The ladder of a time limit that is shown on its claim and pushed to nobody: nobody here has to act on it."""


_NEEDED: Final = frozenset({"ours", "theirs", "own", "asked", "submission", "appeal"})
"""Whose clocks name no other ladder: our own and the other side's acts, what people set, makers' windows, appeals."""
_UNIT_WORDS: Final = {
    "hours": ("hour", "小时"),
    "working_hours": ("working hour", "个工作小时"),
    "days": ("day", "天"),
    "working_days": ("working day", "个工作日"),
    "weeks": ("week", "周"),
}


class Span(Strict):
    """A length of time in one unit. Working hours and days are the office's."""

    hours: Annotated[int, Field(gt=0)] | None = None
    working_hours: Annotated[int, Field(gt=0)] | None = None
    days: Annotated[int, Field(gt=0)] | None = None
    working_days: Annotated[int, Field(gt=0)] | None = None
    weeks: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("give one of hours, working_hours, days, working_days, weeks")
        return self

    @property
    def words(self) -> Words:
        """As people say it: "4 working hours"."""
        (unit,) = self.model_fields_set
        number = getattr(self, unit)
        en, zh = _UNIT_WORDS[unit]
        return Words(en=f"{number} {en}{'s' if number != 1 else ''}", zh=f"{number} {zh}")

    def after(self, instant: dt.datetime, calendar: OfficeCalendar) -> dt.datetime:
        """Days and weeks keep the hour of the office's wall clock."""
        if self.hours is not None:
            return instant + dt.timedelta(hours=self.hours)
        if self.working_hours is not None:
            return calendar.add_working_hours(instant, self.working_hours)
        if self.working_days is not None:
            return calendar.add_working_days(instant, self.working_days)
        days = dt.timedelta(days=(self.days or 0) + 7 * (self.weeks or 0))
        return calendar.at(calendar.day_of(instant) + days, instant.astimezone(calendar.where).time())


class Days(Strict):
    """Whole days to or since a deadline; 0 is its own day."""

    days: Annotated[int, Field(ge=0)]


class Rung(Strict):
    """One time to speak up, said in one of four ways.

    `after`: so long after the rung before (the first: after the start). `at: next_morning`: the morning of the next
    working day after it. `before` and `past`: so many days before or after the deadline's day, in the morning; a day
    off moves `before` back to the working day ahead of it and `past` on to the one behind it. With `every`, the rung
    comes again in that rhythm, `times` in all or until the clock stops.
    """

    after: Span | None = None
    at: Literal["next_morning"] | None = None
    before: Days | None = None
    past: Days | None = None
    every: Span | None = None
    times: Annotated[int, Field(ge=2)] | None = None
    tells: Tells
    words: Words

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [each for each in (self.after, self.at, self.before, self.past) if each is not None]
        if len(ways) > 1 or (not ways and self.every is None):
            raise ValueError("give one of after, at, before, past (or only every)")
        if self.times is not None and self.every is None:
            raise ValueError("times needs every")
        return self

    @property
    def rings(self) -> int | None:
        """How often; None: until the clock stops."""
        return 1 if self.every is None else self.times


class Starts(Strict):
    """What sets a clock going: a claim coming into one of these states."""

    states: Annotated[tuple[str, ...], Field(min_length=1)]


class Stops(Strict):
    """What ends a clock: one of these moves, or a claim standing in one of these states."""

    moves: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


class Ladder(Strict):
    """Rungs, one after another."""

    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]

    def rung(self, position: int) -> Rung | None:
        """The rung at that position of the ladder; None past its end."""
        for rung in self.rungs:
            if rung.rings is None or position < rung.rings:
                return rung
            position -= rung.rings
        return None

    def begins_at(self, position: int) -> bool:
        """Whether a rung rings there for the first time."""
        return position == 0 or self.rung(position) is not self.rung(position - 1)


class Ladders(Strict):
    """`ladders.yaml`: how people are told of the clocks of forms, statutes and contracts, by name."""

    ladders: Annotated[dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")], Ladder], Field(min_length=1)]

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for missing in sorted(_NEEDED - self.ladders.keys()):
            yield Problem(("ladders",), f"the ladder {missing} is missing", "add it, clocks that name no other use it")
        if SILENT in self.ladders:
            yield Problem(("ladders", SILENT), f"“{SILENT}” means that nobody is told", "call the ladder otherwise")
        for name, ladder in self.ladders.items():
            yield from _rung_problems(("ladders", name, "rungs"), ladder, LIMIT_NAMES, has_deadline=True)


class ClockRule(Dated, Ladder):
    """One clock of the office's own, with its ladder: how long it lets a claim wait. It has no deadline."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
    title: Words
    starts: Starts
    stops: Stops
    on_miss: Words

    def started_by(self, before: str | None, after: str) -> bool:
        """Whether coming from one state into another sets it going."""
        return after in self.starts.states and before not in self.starts.states

    def stopped_by(self, move: str, after: str) -> bool:
        """Whether that move, leading to that state, ends it."""
        return move in self.stops.moves or after in self.stops.states


class ClockRules(Strict):
    """All clocks of a kind of claim: the office's own, and whose time limits it follows; when mornings begin.

    `happened`: which of a claim's facts are events that those limits count from.
    """

    morning: dt.time
    follows: tuple[Follow, ...] = ()
    happened: tuple[Happened, ...] = ()
    clocks: Annotated[tuple[ClockRule, ...], Field(min_length=1)]

    def events_of(self, facts: Facts) -> tuple[Recorded, ...]:
        """What the claim's facts say has happened, in the order of the sheet."""
        found = ((each, getattr(facts, each.fact)) for each in self.happened if each.holds(facts))
        return tuple(Recorded(each.event, at) for each, at in found if at is not None)

    def named(self, name: str, on: dt.date) -> ClockRule | None:
        """The version of a clock that holds on that day."""
        return next((clock for clock in self.clocks if clock.name == name and clock.holds_on(on)), None)

    def problems(self, life: Life | None = None) -> tuple[Problem, ...]:
        """Mistakes of the sheet by itself, and with a life also of the states and moves it names."""
        return tuple(self._problems(life))

    def _problems(self, life: Life | None) -> Iterator[Problem]:
        versions: dict[str, list[tuple[tuple[str | int, ...], Dated]]] = {}
        for index, clock in enumerate(self.clocks):
            at = ("clocks", index)
            versions.setdefault(clock.name, []).append((at, clock))
            yield from template_problems((*at, "title"), clock.title, frozenset())
            yield from template_problems((*at, "on_miss"), clock.on_miss, frozenset())
            if not (clock.stops.moves or clock.stops.states):
                yield Problem((*at, "stops"), "nothing stops this clock", "name the moves or states that end it")
            yield from _rung_problems((*at, "rungs"), clock, NAMES, has_deadline=False)
            if life is not None:
                yield from _life_problems(at, clock, life)
        for lines in versions.values():
            yield from dated_problems(lines)


def _rung_problems(
    at: tuple[str | int, ...], ladder: Ladder, allowed: frozenset[str], *, has_deadline: bool
) -> Iterator[Problem]:
    distance: int | None = None
    for index, rung in enumerate(ladder.rungs):
        here = (*at, index)
        yield from template_problems((*here, "words"), rung.words, allowed)
        if rung.rings is None and index < len(ladder.rungs) - 1:
            yield Problem((*here, "every"), "it rings for ever, so what follows never comes", "say how many `times`")
        if (rung.before or rung.past) and not has_deadline:
            mend = "say `after` or `every`; what has a deadline is a rule of a form"
            yield Problem(here, "it counts from a deadline, but the clock has none", mend)
        days = -rung.before.days if rung.before else rung.past.days if rung.past else None
        if days is not None and distance is not None and days <= distance:
            yield Problem(here, "it comes no later than the rung above it", "put the rungs in the order of time")
        distance = days if days is not None else distance


def _life_problems(at: tuple[str | int, ...], clock: ClockRule, life: Life) -> Iterator[Problem]:
    for part, states in (("starts", clock.starts.states), ("stops", clock.stops.states)):
        for index, state in enumerate(states):
            if state not in life.states:
                known = ", ".join(life.states)
                yield Problem((*at, part, "states", index), f"there is no state {state}", f"known states: {known}")
    for index, stop in enumerate(clock.stops.moves):
        if stop not in life.moves:
            known = ", ".join(life.moves)
            yield Problem((*at, "stops", "moves", index), f"there is no move {stop}", f"known moves: {known}")
    for state in clock.starts.states:
        if state in clock.stops.states:
            yield Problem((*at, "stops", "states"), f"{state} both starts and stops it", "keep one of the two")
    for name, move in life.moves.items():
        if move.to is not None and not life.states[move.to].open and not clock.stopped_by(name, move.to):
            what = f"it goes on after {name}, when the claim is {move.to} and nobody acts any more"
            yield Problem((*at, "stops"), what, f"add {move.to} to its states")


@dataclass(frozen=True, slots=True)
class RungDue:
    """The next time to speak up: where in the ladder, and when."""

    index: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs: its rule or ladder, its start, its deadline if it has one, and whose calendar counts."""

    rule: Ladder
    morning: dt.time
    started_at: dt.datetime
    due_at: dt.datetime | None
    calendar: OfficeCalendar

    def first(self, now: dt.datetime | None = None) -> RungDue | None:
        """The first rung; of several before the start, or before `now` (a claim that came late), the latest."""
        begin = self._at(0, self.started_at)
        return (
            None if begin is None else self.caught_up(RungDue(0, begin), max(self.started_at, now or self.started_at))
        )

    def following(self, index: int, previous_at: dt.datetime, now: dt.datetime) -> RungDue | None:
        """The rung after the one at `index`, said at `previous_at`; what was missed until `now` collapses into one.

        A rung about the deadline that fell due before `previous_at` and tells the same people is not said again: they
        have just heard how many days are left.
        """
        at = self._at(index + 1, previous_at)
        if at is None:
            return None
        due = self.caught_up(RungDue(index + 1, at), now)
        if not self._heard(due, index, previous_at):
            return due
        after = self._at(due.index + 1, due.at)
        return None if after is None else RungDue(due.index + 1, after)

    def caught_up(self, due: RungDue, now: dt.datetime) -> RungDue:
        """The latest rung that is due by now, where `due` was not said in time; `due` itself while it is ahead."""
        while due.at <= now:
            at = self._at(due.index + 1, due.at)
            if at is None or at > now:
                break
            due = RungDue(due.index + 1, at)
        return due

    def _heard(self, due: RungDue, index: int, said_at: dt.datetime) -> bool:
        rung, said = self.rule.rung(due.index), self.rule.rung(index)
        if rung is None or said is None or (rung.before is None and rung.past is None):
            return False
        if not self.rule.begins_at(due.index):  # one that comes again is meant to be said again
            return False
        return rung.tells == said.tells and self._by_deadline(rung) <= said_at

    def _at(self, index: int, previous_at: dt.datetime) -> dt.datetime | None:
        """When the rung at that position rings, never before the one ahead of it."""
        rung = self.rule.rung(index)
        if rung is None:
            return None
        if rung.every is not None and not (self.rule.begins_at(index) and self._has_own_start(rung)):
            return rung.every.after(previous_at, self.calendar)
        if rung.after is not None:
            return rung.after.after(previous_at, self.calendar)
        if rung.at is not None:
            return self.calendar.next_morning(previous_at, self.morning)
        return max(self._by_deadline(rung), previous_at)

    @staticmethod
    def _has_own_start(rung: Rung) -> bool:
        return any(each is not None for each in (rung.after, rung.at, rung.before, rung.past))

    def _by_deadline(self, rung: Rung) -> dt.datetime:
        if self.due_at is None:
            raise ValueError("the clock counts from a deadline, and none was given")
        due_on = self.calendar.day_of(self.due_at)
        if rung.before is not None:
            day = due_on - dt.timedelta(days=rung.before.days)
            day = self.calendar.last_working_day(day) if rung.before.days else day
        else:
            day = due_on + dt.timedelta(days=rung.past.days if rung.past is not None else 0)
            day = self.calendar.first_working_day(day)
        return self.calendar.at(day, self.morning)


def days_to(due_at: dt.datetime, now: dt.datetime, calendar: OfficeCalendar) -> int:
    """Days from today to the deadline's day, negative once it has passed."""
    return (calendar.day_of(due_at) - calendar.day_of(now)).days
