"""Forms: all clocks of one contract form, statute or maker, and how they stand for what has happened so far.

The same events always give the same clocks, in whatever order they were entered. Nothing is remembered: when an event,
a rule or a calendar changes, everything is counted anew.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field

from claimbot.claims.calendar import Country, OfficeCalendar, is_country
from claimbot.claims.clocks.counting import Due, Moment, Paused, count, counting_of, day_of, instant_of
from claimbot.claims.clocks.events import (
    EventProblem,
    Moved,
    Recorded,
    answers_to,
    event_problems,
    events_named,
    in_order,
    is_before,
    shown,
)
from claimbot.claims.clocks.ladders import SILENT, Ladders, Running
from claimbot.claims.clocks.rules import Conventions, CountingRule, Name, event_words
from claimbot.claims.life import Life
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, dated_problems, template_problems
from claimbot.claims.words import Words

STANDINGS: Final[Mapping[str, Words]] = {
    "waiting": Words(en="not begun", zh="未起算"),
    "if_missed": Words(en="only if the one before is missed", zh="前项逾期才起算"),
    "running": Words(en="running", zh="计时中"),
    "paused": Words(en="paused", zh="暂停中"),
    "met": Words(en="met", zh="已按时完成"),
    "met_late": Words(en="met too late", zh="逾期完成"),
    "over": Words(en="over", zh="已结束"),
}
Standing = Literal["waiting", "if_missed", "running", "paused", "met", "met_late", "over"]
"""waiting: its event has not come. if_missed: it begins only when another clock is missed. over: nobody needs it."""

_MOST_TIMES: Final = 1200
"""A monthly clock of a hundred years: more is a mistake."""


class Form(Strict):
    """One file of clocks. `counting`: the convention that holds where a rule names no other."""

    form: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$"), BeforeValidator(str)]
    title: Words
    counting: Name
    country: Country | None = None
    """Whose public holidays count where no site says so (`claimbot clocks explain`)."""
    zone: str | None = None
    clocks: Annotated[tuple[CountingRule, ...], Field(min_length=1)]

    def names(self) -> tuple[str, ...]:
        """The clocks' names, each once, in the order of the file."""
        return tuple(dict.fromkeys(rule.name for rule in self.clocks))

    def of_its_own(self, recorded: Sequence[Recorded]) -> tuple[Recorded, ...]:
        """Of all that happened what this form's clocks use; the rest concerns other forms."""
        used = {name for rule in self.clocks for name in events_named(rule)}
        used |= {name.rpartition(".")[2] for name in used}
        return tuple(each for each in recorded if each.event in used)

    def first_stop(self, kind: str) -> str | None:
        """What a kind alone (`sent`) ends: the first thing of the file that ends with it (`notice.sent`)."""
        stops = (event for rule in self.clocks for event in rule.stops.events)
        return next((event for event in stops if event.rpartition(".")[2] == kind), None)

    def versions(self, name: str) -> tuple[CountingRule, ...]:
        return tuple(rule for rule in self.clocks if rule.name == name)

    def basis(self, rule: CountingRule) -> Words:
        """Form and article, "FIDIC 2017, 20.2.1"."""
        form = rule.basis.form or self.title
        place = rule.basis.place
        return Words(en=f"{form.en}, {place.en}", zh=f"{form.zh} {place.zh}")

    def problems(
        self, conventions: Conventions | None = None, life: Life | None = None, ladders: Ladders | None = None
    ) -> tuple[Problem, ...]:
        """Mistakes of the file by itself, and with the others also of what it names there."""
        return (*self._problems(conventions, life), *self._ladder_problems(ladders))

    def _ladder_problems(self, ladders: Ladders | None) -> Iterator[Problem]:
        for index, rule in enumerate(self.clocks):
            if ladders is not None and rule.ladder is not None and rule.ladder not in {SILENT, *ladders.ladders}:
                what = f"there is no ladder {rule.ladder}"
                yield Problem(("clocks", index, "ladder"), what, f"known: {', '.join((*ladders.ladders, SILENT))}")

    def _problems(self, conventions: Conventions | None, life: Life | None) -> Iterator[Problem]:
        yield from template_problems(("title",), self.title, frozenset())
        if self.zone is not None and self.zone not in available_timezones():
            yield Problem(("zone",), f"there is no time zone {self.zone}", "one looks like Asia/Shanghai")
        if self.country is not None and not is_country(self.country):
            yield Problem(("country",), "its public holidays are not known", "use a code like CN or DE")
        known = {} if conventions is None else conventions.conventions
        names = self.names()
        if conventions is not None and self.counting not in known:
            yield Problem(("counting",), f"there is no way of counting {self.counting}", f"known: {', '.join(known)}")
        lines: dict[str, list[tuple[tuple[str | int, ...], Dated]]] = {}
        for index, rule in enumerate(self.clocks):
            at = ("clocks", index)
            lines.setdefault(rule.name, []).append((at, rule))
            yield from rule.problems(at, life)
            if conventions is not None and rule.counting is not None and rule.counting not in known:
                what = f"there is no way of counting {rule.counting}"
                yield Problem((*at, "counting"), what, f"known: {', '.join(known)}")
            before = rule.starts.due_of
            if before is not None and before not in names:
                what = f"there is no clock {before} in this file"
                yield Problem((*at, "starts", "due_of"), what, f"known: {', '.join(names)}")
            elif before is not None and self._comes_back_to(rule.name):
                what = f"{rule.name} waits for itself in the end"
                yield Problem((*at, "starts", "due_of"), what, "let the first of them start with an event")
        for versions in lines.values():
            yield from dated_problems(versions)

    def _comes_back_to(self, name: str) -> bool:
        seen, todo = set[str](), [name]
        while todo:
            for rule in self.versions(todo.pop()):
                before = rule.starts.due_of
                if before == name:
                    return True
                if before is not None and before not in seen:
                    seen.add(before)
                    todo.append(before)
        return False


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom a form is counted: whose changes hold (`overrides`)."""

    contract: str | None = None
    site: str | None = None
    maker: str | None = None


@dataclass(frozen=True, slots=True)
class FormClock:
    """How one clock of a form stands. `number`: the how manieth, where it comes more than once."""

    rule: CountingRule
    basis: Words
    standing: Standing
    number: int
    started_by: Recorded | None
    stopped_by: Recorded | None
    due: Due | None
    sum: Words
    """The count, or what it waits for."""
    changed_by: Words | None = None
    """Who says otherwise than the form."""

    @property
    def key(self) -> str:
        """Its name among the clocks of one claim, the same however often everything is counted anew."""
        return self.rule.name if self.number == 1 else f"{self.rule.name}#{self.number}"

    def running(self, ladders: Ladders, morning: dt.time, calendar: OfficeCalendar) -> Running | None:
        """Its ladder, from which the next rung is asked; None unless it runs, and where nobody is told of it.

        Reminders go by the site's own calendar and mornings, whatever calendar counted the due day.
        """
        if self.standing != "running" or self.due is None or self.rule.ladder == SILENT:
            return None
        ladder = ladders.ladders[self.rule.ladder or self.rule.side]
        return Running(ladder, morning, self.started_at(calendar), self.due.due_at, calendar)

    def started_at(self, calendar: OfficeCalendar) -> dt.datetime:
        """The instant of what set it going; the first one of its day where no hour is known."""
        if self.started_by is not None:
            return instant_of(self.started_by.at, calendar)
        if self.due is None:
            raise ValueError(f"{self.key} does not run")
        return calendar.at(self.due.started_on, dt.time(0))

    def is_overdue(self, now: dt.datetime) -> bool:
        return self.standing == "running" and self.due is not None and now > self.due.due_at


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All clocks of a form in the order of the file, and what of the events cannot be."""

    clocks: tuple[FormClock, ...]
    problems: tuple[EventProblem, ...]


def clocks_of(  # noqa: PLR0913  a reckoning is these things
    form: Form,
    conventions: Conventions,
    recorded: Sequence[Recorded],
    calendar: OfficeCalendar,
    *,
    whose: Whose | None = None,
    moved: Sequence[Moved] = (),
    now: dt.datetime | None = None,
    contract_on: dt.date | None = None,
) -> Reckoning:
    """Every clock of the form as it stands for these events, counted in the calendar's zone.

    `now`: events later than that are problems, and a clock that begins when another is missed begins only then;
    without it nothing is late yet and nothing lies in the future. While there are problems no clock is to be believed.
    """
    problems = event_problems(form.clocks, recorded, calendar, now=now, contract_on=contract_on)
    doubtful = {each.event for each in problems}
    sound = tuple(each for each in recorded if each.event not in doubtful)
    case = _Case(form, conventions, sound, calendar, whose or Whose(), tuple(moved), now)
    clocks: dict[str, tuple[FormClock, ...]] = {}
    wrong: list[EventProblem] = list(problems)
    todo = list(form.names())
    while todo:
        name = todo.pop(0)
        before = {rule.starts.due_of for rule in form.versions(name)} - {None}
        if any(each not in clocks for each in before):
            todo.append(name)
            continue
        found, missing = case.clocks(name, clocks)
        clocks[name] = found
        wrong.extend(missing)
    ordered = tuple(clock for name in form.names() for clock in clocks[name])
    return Reckoning(ordered, tuple(dict.fromkeys(wrong)))


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A clock that stands otherwise than before: its key, and how it stood and stands; None where there was none."""

    key: str
    before: FormClock | None
    after: FormClock | None


def changes(before: Reckoning, after: Reckoning) -> tuple[ClockChange, ...]:
    """What an event, a rule or a calendar moved: every clock whose standing or due instant is another."""
    old, new = ({clock.key: clock for clock in each.clocks} for each in (before, after))
    found = (ClockChange(key, old.get(key), new.get(key)) for key in dict.fromkeys((*new, *old)))
    return tuple(each for each in found if _at_a_glance(each.before) != _at_a_glance(each.after))


def _at_a_glance(clock: FormClock | None) -> object:
    if clock is None:
        return None
    return clock.standing, clock.due and (clock.due.due_at, clock.due.provisional)


@dataclass(frozen=True, slots=True)
class _Started:
    """What set a clock going; `because` says which of several it was."""

    at: Moment
    by: Recorded | None
    because: Words | None = None
    provisional: bool = False
    if_missed: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """A form and what has happened."""

    form: Form
    conventions: Conventions
    recorded: Sequence[Recorded]
    calendar: OfficeCalendar
    whose: Whose
    moved: Sequence[Moved]
    now: dt.datetime | None

    def clocks(
        self, name: str, others: Mapping[str, tuple[FormClock, ...]]
    ) -> tuple[tuple[FormClock, ...], tuple[EventProblem, ...]]:
        """The clocks of that name: none, one, or one for each event that starts one."""
        versions = self.form.versions(name)
        starts: dict[tuple[dt.datetime, bool], list[tuple[CountingRule, _Started]]] = {}
        for rule in versions:
            for started in self._starts(rule, others):
                starts.setdefault(in_order(started.at, self.calendar), []).append((rule, started))
        if not starts:
            rule = versions[-1]
            return (FormClock(rule, self.form.basis(rule), "waiting", 1, None, None, None, _waits_for(rule, self)),), ()
        found: list[FormClock] = []
        missing: list[EventProblem] = []
        used: set[Recorded] = set()
        for number, key in enumerate(sorted(starts), 1):
            day = day_of(starts[key][0][1].at, self.calendar)
            held = next(((rule, began) for rule, began in starts[key] if rule.holds_on(day)), None)
            if held is None:
                rule, started = starts[key][0]
                missing.append(_no_edition(rule, versions, started, day))
                continue
            clock = self._clock(*held, number, used)
            used |= {clock.stopped_by} if clock.stopped_by is not None and held[0].starts.each else set()
            found.append(clock)
        return tuple(found), tuple(missing)

    # what starts it

    def _starts(self, rule: CountingRule, others: Mapping[str, tuple[FormClock, ...]]) -> Iterator[_Started]:
        starts = rule.starts
        if starts.due_of is not None:
            yield from self._after_due(others[starts.due_of])
        elif starts.event is not None:
            happened = answers_to(starts.event, self.recorded, self.calendar)
            for each in happened if starts.each else happened[:1]:
                yield _Started(each.at, each)
        else:
            known = [found[0] for name in starts.events if (found := answers_to(name, self.recorded, self.calendar))]
            if not known:
                return
            if starts.later_of:
                chosen = max(known, key=lambda each: in_order(each.at, self.calendar))
            elif starts.earlier_of:
                chosen = min(known, key=lambda each: in_order(each.at, self.calendar))
            else:
                chosen = known[0]
            yield _Started(chosen.at, chosen, self._because(rule, chosen, known))

    def _because(self, rule: CountingRule, chosen: Recorded, known: Sequence[Recorded]) -> Words | None:
        """Which of several it was, and which are not recorded."""
        words = event_words(chosen.event)
        others = [each for each in known if each != chosen]
        which = {True: ("later than", "晚于"), False: ("earlier than", "早于")}[bool(rule.starts.later_of)]
        if rule.starts.first_of and others:
            en, zh = f"{words.en}, which goes before", f"{words.zh}，优先于"
        elif others:
            en, zh = f"{words.en}, {which[0]}", f"{words.zh}，{which[1]}"
        elif rule.starts.later_of:
            lacking = [event_words(name) for name in rule.starts.events if name != chosen.event]
            said_en, said_zh = " and ".join(each.en for each in lacking), "、".join(each.zh for each in lacking)
            return Words(en=f"{words.en}; “{said_en}” is not recorded", zh=f"{words.zh}；“{said_zh}”未记录")
        else:
            return None
        pairs = [(event_words(each.event), shown(each.at, self.calendar)) for each in others]
        return Words(
            en=f"{en} {' and '.join(f'“{word.en}” {at}' for word, at in pairs)}",
            zh=f"{zh}{'、'.join(f'“{word.zh}”{at}' for word, at in pairs)}",
        )

    def _after_due(self, before: Sequence[FormClock]) -> Iterator[_Started]:
        for clock in before:
            if clock.due is None or clock.standing not in {"running", "met_late", "if_missed"}:
                continue
            because = Words(en=f"last day of “{clock.rule.title.en}”", zh=f"“{clock.rule.title.zh}”的最后一天")
            ahead = clock.standing == "if_missed" or (
                clock.standing == "running" and (self.now is None or self.now <= clock.due.due_at)
            )
            yield _Started(clock.due.due_on, None, because, clock.due.provisional, ahead)

    # how it stands

    def _clock(self, rule: CountingRule, started: _Started, number: int, used: set[Recorded]) -> FormClock:
        day = day_of(started.at, self.calendar)
        rule, says = rule.changed(day, contract=self.whose.contract, site=self.whose.site, maker=self.whose.maker)
        convention = self.conventions.conventions[rule.counting or self.form.counting]
        counting = counting_of(rule, convention, says)
        basis = self.form.basis(rule)
        if says is not None:
            basis = Words(en=f"{basis.en}, as changed by {says.en}", zh=f"{basis.zh}（按{says.zh}修改）")
        paused, still = self._paused(rule, started)
        stops = [each for each in self._stops(rule, started) if each not in used]
        over = self._over(rule, started)
        times = len(stops) + 1 if rule.repeats is not None else 1
        due = count(
            counting, started.at, self.calendar, paused=paused, times=min(times, _MOST_TIMES), because=started.because
        )
        if started.provisional and not due.provisional:
            due = replace(due, provisional=True)
        standing: Standing = "running"
        stopped = None if rule.repeats is not None else next(iter(stops), None)
        if stopped is not None:
            standing = "met_late" if self._late(stopped.at, due) else "met"
            if not self._does(rule, stopped):
                standing = "over"
        elif over is not None:
            standing, stopped = "over", over
        elif started.if_missed:
            standing = "if_missed"
        elif still is not None and not self._late(still.at, due):
            words = _is_paused(still, self.calendar)
            return FormClock(rule, basis, "paused", number, started.by, None, None, words, says)
        return FormClock(rule, basis, standing, number, started.by, stopped, due, due.sum, says)

    def _late(self, at: Moment, due: Due) -> bool:
        return at > due.due_at if isinstance(at, dt.datetime) else at > due.due_on

    def _stops(self, rule: CountingRule, started: _Started) -> list[Recorded]:
        """What ended it, earliest first; what came before its start ends nothing."""
        found = [
            each
            for name in rule.stops.events
            for each in answers_to(name, self.recorded, self.calendar)
            if each.event == name or self.form.first_stop(each.event) == name  # "sent" alone ends one thing, not all
        ]
        found += [
            Recorded(each.move, each.at)
            for each in self.moved
            if each.move in rule.stops.moves or each.state in rule.stops.states
        ]
        after = [each for each in found if each != started.by and not is_before(each.at, started.at, self.calendar)]
        return sorted(dict.fromkeys(after), key=lambda each: in_order(each.at, self.calendar))

    def _does(self, rule: CountingRule, stopped: Recorded) -> bool:
        does = rule.stops.does
        return does is None or stopped.event in does or self.form.first_stop(stopped.event) in does

    def _over(self, rule: CountingRule, started: _Started) -> Recorded | None:
        """What ended a clock that repeats."""
        names = () if rule.repeats is None else rule.repeats.until
        found = [each for name in names for each in answers_to(name, self.recorded, self.calendar)]
        after = [each for each in found if not is_before(each.at, started.at, self.calendar)]
        return min(after, key=lambda each: in_order(each.at, self.calendar), default=None)

    def _paused(self, rule: CountingRule, started: _Started) -> tuple[tuple[Paused, ...], Recorded | None]:
        """The stretches that are over, laid together where they overlap, and what paused it until now."""
        stretches: list[Paused] = []
        still: Recorded | None = None
        for pause in rule.pauses:
            begun = answers_to(pause.begins, self.recorded, self.calendar)
            ended = [
                each
                for each in answers_to(pause.ends, self.recorded, self.calendar)
                if each != started.by  # the first stay's beginning ends no pause
            ]
            for begins in begun:
                ends = next((each for each in ended if not is_before(each.at, begins.at, self.calendar)), None)
                if is_before(begins.at, started.at, self.calendar) and ends is None:
                    continue
                if ends is None:
                    still = begins
                else:
                    stretches.append(Paused(begins.at, ends.at, pause.between_stays))
        return _laid_together(stretches, self.calendar), still


def _laid_together(stretches: Sequence[Paused], calendar: OfficeCalendar) -> tuple[Paused, ...]:
    joined: list[Paused] = []
    for each in sorted(stretches, key=lambda one: (instant_of(one.begins, calendar), instant_of(one.ends, calendar))):
        last = joined[-1] if joined else None
        if last is not None and instant_of(each.begins, calendar) < instant_of(last.ends, calendar):
            ends = max(last.ends, each.ends, key=lambda one: instant_of(one, calendar))
            joined[-1] = Paused(last.begins, ends, last.between_stays or each.between_stays)
        else:
            joined.append(each)
    return tuple(joined)


def _waits_for(rule: CountingRule, case: _Case) -> Words:
    if rule.starts.due_of is not None:
        title = case.form.versions(rule.starts.due_of)[-1].title
        return Words(en=f"begins only when “{title.en}” is missed", zh=f"仅在“{title.zh}”逾期后起算")
    words = [event_words(name) for name in rule.starts.events]
    return Words(
        en=f"waits for: {' or '.join(each.en for each in words)}", zh=f"等待：{'或'.join(each.zh for each in words)}"
    )


def _is_paused(by: Recorded, calendar: OfficeCalendar) -> Words:
    words, at = event_words(by.event), shown(by.at, calendar)
    return Words(en=f"paused since “{words.en}” on {at}", zh=f"自“{words.zh}”{at} 起暂停计算")


def _no_edition(rule: CountingRule, versions: Sequence[CountingRule], started: _Started, day: dt.date) -> EventProblem:
    first = min(each.since for each in versions)
    last = max((each.until or dt.date.max) for each in versions)
    end_en, end_zh = (f" until {last}", f"至 {last}") if last != dt.date.max else ("", "")
    return EventProblem(
        started.by.event if started.by is not None else rule.name,
        Words(
            en=f"no edition of “{rule.title.en}” holds on {day}; it is known from {first}{end_en}",
            zh=f"“{rule.title.zh}”在 {day} 没有生效的版本；已知版本自 {first} 起{end_zh}",
        ),
        Words(en="look at the day, or add the edition to the file", zh="请核对日期，或在规则文件中补上该版本"),
    )
