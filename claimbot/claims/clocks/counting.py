"""Counting: from the day a clock was set going to its last day and hour, with the count written out in words.

A day is counted where the claim lives: an instant is first turned into the day that the zone's wall clock shows. The
sum ends with the due day, so whoever reads it sees the whole way: "28 days from 2026-09-03, first day not counted →
2026-10-01, National Day holiday → 2026-10-08, next working day, Civil Code 203". Hours, and the begun days of a
repair, are counted through from instant to instant: no holiday moves them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks.rules import Convention, CountingRule, Cutoff, Roll, Unit
from claimbot.claims.dates import add_months, instant_at
from claimbot.claims.words import Words

Moment = dt.date | dt.datetime
"""A day alone, or an aware instant. A day alone has no hour, and stays that day in every zone."""

_DAY: Final = dt.timedelta(days=1)
_HOUR: Final = dt.timedelta(hours=1)
_SECOND: Final = dt.timedelta(seconds=1)
_UNITS: Final[dict[Unit, tuple[str, str]]] = {
    "hours": ("hour", "小时"),
    "days": ("day", "天"),
    "working_days": ("working day", "个工作日"),
    "weeks": ("week", "周"),
    "months": ("month", "个月"),
    "repair_days": ("repair day", "个维修日"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and why.

    `due_on`: the last day, in the zone that counted. `due_at`: the last second in which it is still in time, in UTC;
    for hours and repair days the instant itself. `provisional`: the days off of a year that the count went through are
    not announced yet. `sum`: the count in words; the last date in it is `due_on`.
    """

    started_on: dt.date
    due_on: dt.date
    due_at: dt.datetime
    provisional: bool
    sum: Words


@dataclass(frozen=True, slots=True)
class Paused:
    """One stretch of time that is not counted, its first and last moment; see `Pause` for `between_stays`."""

    begins: Moment
    ends: Moment
    between_stays: bool = False


@dataclass(frozen=True, slots=True)
class Counting:
    """A rule and its convention made into one."""

    length: int
    unit: Unit
    include_first: bool
    roll: Roll
    cutoff: Cutoff
    roll_basis: Words | None = None
    """Who says that the last day rolls."""
    public_days_off: bool = True


def counting_of(rule: CountingRule, convention: Convention, says: Words | None = None) -> Counting:
    """How that rule is counted. `says`: who changed it; named as the ground of a roll that only the change brought."""
    roll = rule.roll or convention.roll
    basis = rule.roll_basis or convention.roll_basis or says or rule.source
    return Counting(
        length=rule.length,
        unit=rule.unit,
        include_first=convention.include_first if rule.include_first is None else rule.include_first,
        roll=roll,
        roll_basis=basis if roll != "none" else None,
        cutoff=rule.cutoff or convention.cutoff,
        public_days_off=convention.days_off == "public",
    )


def day_of(moment: Moment, calendar: OfficeCalendar) -> dt.date:
    """The day itself, or the one that the wall clock shows at that instant."""
    return calendar.day_of(moment) if isinstance(moment, dt.datetime) else moment


def instant_of(moment: Moment, calendar: OfficeCalendar) -> dt.datetime:
    """The instant itself, or the first one of the day: the earliest it can have been."""
    return moment if isinstance(moment, dt.datetime) else _begins(moment, calendar)


def count(
    counting: Counting,
    start: Moment,
    calendar: OfficeCalendar,
    *,
    zone: str | None = None,
    paused: Sequence[Paused] = (),
    times: int = 1,
    because: Words | None = None,
) -> Due:
    """The due day and hour of a clock that `start` set going.

    `zone`: where it is counted, the calendar's when left out. `paused`: stretches that are over, none within another.
    `times`: the how manieth time of a clock that repeats, always counted from its start. `because`: said behind the
    start's day. Raises ValueError for an instant without a zone.
    """
    if isinstance(start, dt.datetime) and start.tzinfo is None:
        raise ValueError("an instant without a zone says nothing")
    where = calendar.public if counting.public_days_off else calendar
    where = where if zone is None else replace(where, zone=zone)
    tally = _Tally(counting, start, where, sorted(paused, key=lambda each: instant_of(each.begins, where)))
    tally.begin(times, because)
    match counting.unit:
        case "hours":
            due_at = tally.hours(counting.length * times)
            due_on = where.day_of(due_at)
            tally.end(due_on, due_at)
        case "repair_days":
            due_at = tally.repair_days(counting.length)
            due_on = where.day_of(due_at)
            tally.end(due_on, due_at)
        case "working_days":
            due_on = tally.working_days(counting.length * times)
            due_at = tally.by(due_on)
        case _:
            due_on = tally.rolled(tally.calendar_days(counting.length * times))
            due_at = tally.by(due_on)
    return Due(tally.started_on, due_on, due_at, tally.provisional, Words(en="".join(tally.en), zh="".join(tally.zh)))


def set_by_hand(day: dt.date, calendar: OfficeCalendar, cutoff: Cutoff = "24:00") -> Due:
    """A day that somebody chose ("ask the maker again on the 14th"): nothing is counted and nothing moves it."""
    due_at = _begins(day + _DAY, calendar) - _SECOND
    if cutoff == "close_of_business":
        due_at = calendar.at(day, calendar.closes)
    return Due(day, day, due_at, provisional=False, sum=Words(en=f"set by hand → {day}", zh=f"人工设定 → {day}"))


@dataclass(slots=True)
class _Tally:
    """One count while it is made: what was said so far, and whether it went through a year not announced yet."""

    counting: Counting
    start: Moment
    calendar: OfficeCalendar
    paused: Sequence[Paused]
    provisional: bool = False
    en: list[str] = field(default_factory=list)
    zh: list[str] = field(default_factory=list)

    @property
    def started_on(self) -> dt.date:
        return day_of(self.start, self.calendar)

    def say(self, en: str, zh: str) -> None:
        self.en.append(en)
        self.zh.append(zh)

    def begin(self, times: int, because: Words | None) -> None:
        length, (en, zh) = self.counting.length, _UNITS[self.counting.unit]
        many = f"{length} {en}{'s' if length != 1 else ''}"
        by_hours = self.counting.unit in {"hours", "repair_days"}
        since = self._clock(instant_of(self.start, self.calendar)) if by_hours else f"{self.started_on}"
        self.say(
            f"{f'{times} × ' if times > 1 else ''}{many} from {since}",
            f"自 {since} 起{f' {times} ×' if times > 1 else ''} {length} {zh}",
        )
        if because is not None:
            self.say(f" ({because.en})", f"（{because.zh}）")
        if by_hours:
            if not isinstance(self.start, dt.datetime):
                self.say(", hour not recorded", "，未记录钟点")
        elif self.counting.include_first:
            self.say(", first day counted", "，首日计入")
        else:
            self.say(", first day not counted", "，首日不计")

    # the units

    def hours(self, length: int) -> dt.datetime:
        begun = instant_of(self.start, self.calendar)
        return self._lengthened(begun, begun + _HOUR * length, self.paused)

    def repair_days(self, length: int) -> dt.datetime:
        """The instant from which more than so many days of repair have begun (SAMR Order 43, art. 40)."""
        begun, used, said = instant_of(self.start, self.calendar), 0, list[int]()
        within = [each for each in self.paused if not each.between_stays]
        for stretch in (each for each in self.paused if each.between_stays):
            left, back = self._stretch(stretch)
            days = -(-self._spent(begun, left, within) // _DAY)
            if used + days > length:
                break
            used += days
            said.append(days)
            begun = back
        if said:
            stays = " + ".join(map(str, said))
            self.say(f", earlier stays {stays} days", f"，此前各次维修 {stays} 天")
        return self._lengthened(begun, begun + _DAY * (length - used), within)

    def working_days(self, length: int) -> dt.date:
        day, left = self.started_on, length
        off: list[dt.date] = []
        swapped: list[dt.date] = []
        paused = 0
        if self.counting.include_first and self._worked(day):
            left -= 1
        while left:
            day += _DAY
            if self._is_paused(day):
                paused += 1
            elif self._worked(day):
                left -= 1
                if self.calendar.is_swap_day(day):
                    swapped.append(day)
            else:
                off.append(day)
        self._say_days(off, swapped, paused)
        self._not_announced()
        self.end(day)
        return day

    def calendar_days(self, length: int) -> dt.date:
        """The last day before any roll; weeks are seven days, months end on the day of the same number or the last."""
        start, first = self.started_on, self.counting.include_first
        clamped = False
        if self.counting.unit == "months":
            due = add_months(start, length)
            clamped = due.day != start.day
            due -= _DAY if first and not clamped else dt.timedelta()
        else:
            due = start + _DAY * (length * (7 if self.counting.unit == "weeks" else 1) - (1 if first else 0))
        paused = 0
        for stretch in self.paused:
            begins, ends = day_of(stretch.begins, self.calendar), day_of(stretch.ends, self.calendar)
            if begins < due and ends > start:
                paused += (ends - max(begins, start)).days
                due += ends - max(begins, start)
        self._say_days((), (), paused)
        self.end(due)
        if clamped:
            self.say(f", that month has no {_ordinal(start.day)}", f"，当月没有 {start.day} 日")
        return due

    # the last day

    def rolled(self, due: dt.date) -> dt.date:
        """The day itself, or the first working day after it where the rule moves a last day that is a day off."""
        if self.counting.roll == "none":
            if not self.calendar.provisional(due) and (why := self.calendar.day_off(due)) is not None:
                self.say(f" ({why.en}; the last day is not moved)", f"（{why.zh}，末日不顺延）")
            return due
        reasons: list[Words] = []
        day = due
        while not self._worked(day):
            why = self.calendar.day_off(day)
            weekend = why is not None and self.calendar.is_weekend(day)
            if why is not None and why not in reasons and not (reasons and weekend):
                reasons.append(why)
            day += _DAY
        if day != due:
            basis = self.counting.roll_basis
            by_en, by_zh = ("", "") if basis is None else (f", {basis.en}", f"，{basis.zh}")
            self.say(", " + ", ".join(each.en for each in reasons), "，" + "、".join(each.zh for each in reasons))
            self.say(f" → {day}, next working day{by_en}", f" → {day}，顺延至下一工作日{by_zh}")
        self._not_announced()
        return day

    def by(self, due: dt.date) -> dt.datetime:
        """The last second of that day in which it is in time."""
        if self.counting.cutoff == "24:00":
            return _begins(due + _DAY, self.calendar) - _SECOND
        self.say(f", by close of business {self.calendar.closes:%H:%M}", f"，{self.calendar.closes:%H:%M} 停止营业前")
        return self.calendar.at(due, self.calendar.closes)

    def end(self, due: dt.date, due_at: dt.datetime | None = None) -> None:
        said = f"{due}" if due_at is None else self._clock(due_at)
        self.say(f" → {said}", f" → {said}")

    # within

    def _worked(self, day: dt.date) -> bool:
        self.provisional = self.provisional or self.calendar.provisional(day)
        return self.calendar.is_working_day(day)

    def _is_paused(self, day: dt.date) -> bool:
        return any(day_of(each.begins, self.calendar) < day <= day_of(each.ends, self.calendar) for each in self.paused)

    def _stretch(self, stretch: Paused) -> tuple[dt.datetime, dt.datetime]:
        return instant_of(stretch.begins, self.calendar), instant_of(stretch.ends, self.calendar)

    def _lengthened(self, begun: dt.datetime, due: dt.datetime, paused: Iterable[Paused]) -> dt.datetime:
        """The due instant moved on by what was paused before it."""
        lost = dt.timedelta()
        for stretch in paused:
            begins, ends = self._stretch(stretch)
            if begins < due and ends > begun:
                lost += ends - max(begins, begun)
                due += ends - max(begins, begun)
        if lost:
            self.say(f", without {_hours(lost)} hours that do not count", f"，扣除不计入的 {_hours(lost)} 小时")
        return due

    def _spent(self, begun: dt.datetime, end: dt.datetime, stretches: Iterable[Paused]) -> dt.timedelta:
        spent = max(end - begun, dt.timedelta())
        for stretch in stretches:
            begins, ends = self._stretch(stretch)
            spent -= max(min(ends, end) - max(begins, begun), dt.timedelta())
        return spent

    def _say_days(self, off: Sequence[dt.date], swapped: Sequence[dt.date], paused: int) -> None:
        if off:
            kinds: dict[tuple[str, str], int] = {}
            for day in off:
                why = self.calendar.day_off(day)
                weekend = why is None or self.calendar.is_weekend(day)
                kind = ("weekend", "周末") if weekend or why is None else (why.en, why.zh)
                kinds[kind] = kinds.get(kind, 0) + 1
            many = f"{len(off)} day{'s' if len(off) != 1 else ''} off"
            self.say(
                f", without {many} ({', '.join(f'{en} {n}' for (en, _), n in kinds.items())})",
                f"，扣除 {len(off)} 个休息日（{'、'.join(f'{zh} {n} 天' for (_, zh), n in kinds.items())}）",
            )
        if swapped:
            days = ", ".join(map(str, swapped))
            self.say(f", {days} worked in exchange", f"，{days.replace(', ', '、')} 调休上班计入")
        if paused:
            self.say(f", without {paused} day{'s' if paused != 1 else ''} paused", f"，扣除暂停 {paused} 天")

    def _not_announced(self) -> None:
        if self.provisional:
            self.say(", provisional: its days off are not announced yet", "，暂定：相关年度的放假安排尚未公布")

    def _clock(self, instant: dt.datetime) -> str:
        return f"{instant.astimezone(self.calendar.where):%Y-%m-%d %H:%M}"


def _begins(day: dt.date, calendar: OfficeCalendar) -> dt.datetime:
    return instant_at(day, dt.time(0), calendar.where)


def _hours(length: dt.timedelta) -> str:
    return f"{length / _HOUR:.1f}".removesuffix(".0")


def _ordinal(number: int) -> str:
    ending = "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
