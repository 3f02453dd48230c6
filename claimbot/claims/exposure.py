"""How near a car is to what its owner may demand by the statute on swap and refund (SAMR Order 43), with the count.

Counted is what the claims of one car tell: how long it stood in the workshop, how often the same fault came back, what
was replaced. Several claims of one visit are one repair. The time of one repair is in hours; each full 24 are a day and
the rest counts as one more (art. 40). Assemblies and main parts are never added together (art. 24). "Within" includes
the last day and kilometre, "more than" begins behind it. What cannot be judged is a doubt with its reason, no "no".
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from claimbot.claims.calendar import Country
from claimbot.claims.coverage import NamedPart, System
from claimbot.claims.dates import add_months
from claimbot.claims.facts import CarStanding, CarUse, Facts, SafetyFault
from claimbot.claims.life import Life
from claimbot.claims.numbers import fold
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import D, Dated, Strict, dated_problems, in_force, template_problems
from claimbot.claims.words import LANGS, Money, Words, fill, show

Counted = Literal["repair_days", "single_repair", "same_fault", "safety_repairs", "assemblies", "main_parts"]
WindowName = Literal["early_swap", "early_safety", "early_assembly"]
Standing = CarStanding
Doubt = Literal["hours_unknown", "part_not_listed", "in_service_unknown", "no_numbers"]
"""Why something was not judged."""
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
_WARNINGS: Final[tuple[Standing, ...]] = ("first", "second", "last")
_DAY: Final = dt.timedelta(days=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_CENT: Final = Decimal("0.01")


class LimitLine(Dated):
    """The statute's number, whether it is reached with it or only above it, and up to three earlier warnings."""

    value: Annotated[int, Field(gt=0)]
    reached: Literal["at", "above"]
    warn: Annotated[tuple[int, ...], Field(min_length=1, max_length=3)]
    says: Words
    """How near it is; may use {count}, {limit} and {part}."""
    then: Words
    """What the customer may demand once it is reached."""

    @model_validator(mode="after")
    def _warns_earlier(self) -> Self:
        if list(self.warn) != sorted(set(self.warn)) or self.warn[0] < 1:
            raise ValueError("warn: let each number be larger than the one before, from 1 on")
        if self.warn[-1] >= self.first_reached:
            raise ValueError(f"warn: {self.warn[-1]} is no warning, the limit is reached with {self.first_reached}")
        return self

    @property
    def first_reached(self) -> int:
        return self.value if self.reached == "at" else self.value + 1

    def standing(self, count: int) -> Standing:
        """The last warning is always the third, however few there are."""
        if count >= self.first_reached:
            return "reached"
        passed = sum(count >= each for each in self.warn)
        return _WARNINGS[len(_WARNINGS) - len(self.warn) + passed - 1] if passed else "well"


class WindowLine(Dated):
    """The first so many days, and kilometres where there are any, in which some faults give a right at once."""

    days: Annotated[int, Field(gt=0)]
    km: Annotated[int, Field(gt=0)] | None = None
    opens: Words
    """While it is open and nothing of that kind has happened; may use {until} and {km}."""
    says: Words
    """When it has; may use {part} and {until}."""
    then: Words

    def ends_on(self, in_service_on: dt.date) -> dt.date:
        """The last day; the first one is not counted."""
        return in_service_on + _DAY * self.days


class PeriodLine(Dated):
    """How long the rights last, whichever comes first."""

    months: Annotated[int, Field(gt=0)]
    km: Annotated[int, Field(gt=0)]


class CompensationLine(Dated):
    """Of the price, so much at the most for every thousand kilometres driven."""

    most_percent: Annotated[Decimal, Field(gt=0, le=100)]


class ExposureSheet(Strict):
    """`exposure.yaml`: the statute's numbers as dated data, when is warned before them, and how each is said."""

    statute: Words
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    """Of which sites."""
    ignores: tuple[str, ...]
    """States of a claim whose repair does not count."""
    whole_assemblies: Annotated[tuple[System, ...], Field(min_length=1)]
    """The systems whose assembly or main part gives a right in the first days."""
    early_safety: Annotated[tuple[SafetyFault, ...], Field(min_length=1)]
    period: Annotated[tuple[PeriodLine, ...], Field(min_length=1)]
    limits: dict[Counted, Annotated[tuple[LimitLine, ...], Field(min_length=1)]]
    windows: dict[WindowName, Annotated[tuple[WindowLine, ...], Field(min_length=1)]]
    compensation: Annotated[tuple[CompensationLine, ...], Field(min_length=1)]

    def problems(self, life: Life | None = None) -> tuple[Problem, ...]:
        """Mistakes of the sheet by itself, and with a life also of the states it names."""
        return tuple(self._problems(life))

    def _problems(self, life: Life | None) -> Iterator[Problem]:
        for place, names, held in (
            ("limits", get_args(Counted), self.limits),
            ("windows", get_args(WindowName), self.windows),
        ):
            for name in names:
                if name not in held:
                    yield Problem((place,), f"{name} is missing", "add it, nothing is left out silently")
        for index, state in enumerate(self.ignores):
            if life is not None and state not in life.states:
                known = ", ".join(life.states)
                yield Problem(("ignores", index), f"there is no state {state}", f"known states: {known}")
        groups: list[tuple[tuple[str | int, ...], Sequence[Dated]]] = [
            (("period",), self.period),
            (("compensation",), self.compensation),
            *((("limits", name), lines) for name, lines in self.limits.items()),
            *((("windows", name), window) for name, window in self.windows.items()),
        ]
        for at, lines in groups:
            yield from dated_problems([((*at, index), line) for index, line in enumerate(lines)])
            for index, line in enumerate(lines):
                yield from _word_problems((*at, index), line)


def _word_problems(at: tuple[str | int, ...], line: Dated) -> Iterator[Problem]:
    match line:
        case LimitLine():
            yield from template_problems((*at, "says"), line.says, frozenset({"count", "limit", "part"}))
            yield from template_problems((*at, "then"), line.then, frozenset())
        case WindowLine():
            yield from template_problems((*at, "opens"), line.opens, frozenset({"until", "km"}))
            yield from template_problems((*at, "says"), line.says, frozenset({"part", "until"}))
            yield from template_problems((*at, "then"), line.then, frozenset())
        case _:
            pass


# what is known


@dataclass(frozen=True, slots=True)
class Repair:
    """What one claim tells of a repair.

    `part`: its failed part, where the maker lists it; `left_out`: stretches that art. 24 does not count.
    """

    claim: str
    reported_on: dt.date
    facts: Facts
    part: NamedPart | None = None
    left_out: tuple[tuple[dt.datetime, dt.datetime], ...] = ()

    @property
    def fault(self) -> str | None:
        """What tells one fault from another: the listed part, else its name or number as it was written."""
        if self.part is not None:
            return self.part.name
        said = self.facts.failed_part or self.facts.part_number
        return None if said is None else " ".join(fold(said).casefold().split())

    @property
    def part_words(self) -> Words | str:
        return self.part.words if self.part is not None else self.facts.failed_part or self.facts.part_number or "–"

    @property
    def replaced(self) -> bool:
        return self.facts.remedy == "replaced"


@dataclass(frozen=True, slots=True)
class Finding:
    """One limit or window as it stands for a car: how many, in words, and how that was counted."""

    name: Counted | WindowName
    standing: Standing
    count: int
    said: Words
    then: Words
    source: Words
    sum: Words


@dataclass(frozen=True, slots=True)
class Exposure:
    """All of a car's. `ended`: why the rights are over, if they are; `doubts`: what was not judged, of which claims."""

    statute: Words
    use: CarUse
    in_service_on: dt.date | None
    ends_on: dt.date | None
    most_km: int | None
    ended: Literal["time", "distance"] | None
    findings: tuple[Finding, ...]
    doubts: Mapping[Doubt, tuple[str, ...]]

    @property
    def warned(self) -> tuple[Finding, ...]:
        """What has come near or is reached, the worst first; nothing for a car that the statute does not protect."""
        if self.use == "commercial":
            return ()
        return tuple(each for each in self.findings if each.standing != "well")


@dataclass(frozen=True, slots=True)
class _Stay:
    """One visit to the workshop, with all its claims. `begun` None: nobody has told the hours."""

    repairs: tuple[Repair, ...]
    begun: dt.datetime | None
    ended: dt.datetime | None

    @property
    def claims(self) -> str:
        return "/".join(each.claim for each in self.repairs)

    def spent(self, now: dt.datetime) -> dt.timedelta:
        """How long it lasted, still lasting until now, without what art. 24 leaves out."""
        if self.begun is None:
            return dt.timedelta()
        end = self.ended or now
        left_out = dt.timedelta()
        for begins, ends in _merged(each for repair in self.repairs for each in repair.left_out):
            left_out += max(min(ends, end) - max(begins, self.begun), dt.timedelta())
        return max(end - self.begun - left_out, dt.timedelta())


def repair_days(spent: dt.timedelta) -> int:
    """Each full 24 hours are a day, and the rest is one more (art. 40)."""
    return -(-spent // _DAY)


def exposure_of(sheet: ExposureSheet, repairs: Sequence[Repair], now: dt.datetime, zone: str) -> Exposure:
    """`repairs`: all that count, in any order. The car's use and its first day are what was last known of them."""
    newest = sorted(repairs, key=lambda each: (each.reported_on, each.claim), reverse=True)
    said = (each.facts.car_use for each in newest)
    use: CarUse = next((each for each in said if each in {"household", "commercial"}), "unknown")
    in_service_on = next((each.facts.in_service_on for each in newest if each.facts.in_service_on is not None), None)
    return _Case(sheet, newest, now, ZoneInfo(zone), use, in_service_on).exposure()


@dataclass(frozen=True, slots=True)
class _Case:
    sheet: ExposureSheet
    repairs: Sequence[Repair]
    now: dt.datetime
    zone: ZoneInfo
    use: CarUse
    in_service_on: dt.date | None

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    @property
    def km(self) -> int:
        return max((each.facts.odometer_km or 0 for each in self.repairs), default=0)

    def exposure(self) -> Exposure:
        period = self._held(self.sheet.period)
        ends_on = (
            None if period is None or self.in_service_on is None else add_months(self.in_service_on, period.months)
        )
        ended: Literal["time", "distance"] | None = None
        if ends_on is not None and self.today > ends_on:
            ended = "time"
        elif period is not None and self.km > period.km:
            ended = "distance"
        counted = [each for each in self.repairs if self._within(each, ends_on, None if period is None else period.km)]
        found = [*self._single(_stays(self.repairs))]
        if ended is None:
            found += [*self._counted(_stays(counted)), *self._windows(counted)]
        found.sort(key=lambda each: -STANDINGS.index(each.standing))
        most_km = None if period is None else period.km
        return Exposure(
            self.sheet.statute,
            self.use,
            self.in_service_on,
            ends_on,
            most_km,
            ended,
            tuple(found),
            self._doubts(period, counted),
        )

    def _held(self, lines: Sequence[D]) -> D | None:
        """A car keeps the numbers under which it went into service; today's hold while that day is not known."""
        return in_force(lines, self.in_service_on or self.today)

    def _day(self, repair: Repair) -> dt.date:
        opened = repair.facts.opened_at
        return repair.reported_on if opened is None else opened.astimezone(self.zone).date()

    def _within(self, repair: Repair, ends_on: dt.date | None, most_km: int | None) -> bool:
        in_time = ends_on is None or self._day(repair) <= ends_on
        return in_time and (most_km is None or (repair.facts.odometer_km or 0) <= most_km)

    def _doubts(self, period: PeriodLine | None, counted: Sequence[Repair]) -> dict[Doubt, tuple[str, ...]]:
        doubts: dict[Doubt, tuple[str, ...]] = {
            "hours_unknown": tuple(each.claim for each in counted if each.facts.opened_at is None),
            "part_not_listed": tuple(each.claim for each in counted if each.replaced and each.part is None),
        }
        found = {reason: claims for reason, claims in doubts.items() if claims}
        if period is None:
            return {"no_numbers": ()}
        if self.in_service_on is None and self.repairs:
            found["in_service_unknown"] = ()
        return found

    # limits

    def _finding(self, name: Counted, count: int, reckoned: Words, part: Words | str = "–") -> Iterator[Finding]:
        line = self._held(self.sheet.limits[name])
        if line is not None:
            said = _filled(line.says, {"count": count, "limit": line.value, "part": part})
            yield Finding(name, line.standing(count), count, said, line.then, line.source, reckoned)

    def _single(self, stays: Sequence[_Stay]) -> Iterator[Finding]:
        """A repair that still goes on: waiting for parts counts, and nothing is left out (art. 21)."""
        for stay in stays:
            if stay.begun is None or stay.ended is not None:
                continue
            spent = max(self.now - stay.begun, dt.timedelta())
            for found in self._finding("single_repair", repair_days(spent), _told_days([(stay, spent)])):
                if found.standing != "well":
                    yield found

    def _counted(self, stays: Sequence[_Stay]) -> Iterator[Finding]:
        spent = [(stay, stay.spent(self.now)) for stay in stays if stay.begun is not None]
        yield from self._finding("repair_days", sum(repair_days(each) for _, each in spent), _told_days(spent))
        safety = [stay for stay in stays if any(_is_unsafe(each) for each in stay.repairs)]
        wanted: list[tuple[Counted, list[_Stay], Words | str]] = [("safety_repairs", safety, "–")]
        for fault in dict.fromkeys(each.fault for stay in stays for each in stay.repairs if each.fault is not None):
            of_it = [(stay, each) for stay in stays for each in stay.repairs if each.fault == fault]
            words = of_it[0][1].part_words
            wanted.append(("same_fault", _once(stay for stay, _ in of_it), words))
            changed = [(stay, each) for stay, each in of_it if each.replaced and each.part is not None]
            if changed and (part := changed[0][1].part) is not None and part.main_part is not None:
                wanted.append(("main_parts", _once(stay for stay, _ in changed), words))
        for system in self.sheet.whole_assemblies:
            whole = [
                (stay, each)
                for stay in stays
                for each in stay.repairs
                if each.replaced and each.part is not None and each.part.assembly == system
            ]
            if whole:
                wanted.append(("assemblies", _once(stay for stay, _ in whole), whole[0][1].part_words))
        for name, of_it_stays, words in wanted:
            for found in self._finding(name, len(of_it_stays), _told_times(of_it_stays), words):
                if found.standing != "well":
                    yield found

    # the first days

    def _windows(self, repairs: Sequence[Repair]) -> Iterator[Finding]:
        if self.in_service_on is None:
            return
        for name, lines in self.sheet.windows.items():
            line = self._held(lines)
            if line is None:
                continue
            until = line.ends_on(self.in_service_on)
            hits = [
                each
                for each in repairs
                if self.in_service_on <= self._day(each) <= until
                and (line.km is None or (each.facts.odometer_km or 0) <= line.km)
                and self._gives_right(name, each)
            ]
            counted = Words(
                en=f"{self.in_service_on} + {line.days} days → {until}",
                zh=f"{self.in_service_on} + {line.days} 日 → {until}",
            )
            if hits:
                said = _filled(line.says, {"part": hits[-1].part_words, "until": until})
                yield Finding(name, "reached", len(hits), said, line.then, line.source, counted)
            elif self.today <= until and (line.km is None or self.km <= line.km):
                said = _filled(line.opens, {"until": until, "km": line.km or "–"})
                yield Finding(name, "first", 0, said, line.then, line.source, counted)

    def _gives_right(self, name: WindowName, repair: Repair) -> bool:
        part, whole = repair.part, self.sheet.whole_assemblies
        match name:
            case "early_safety":
                return repair.facts.safety_fault in self.sheet.early_safety
            case "early_assembly":
                return part is not None and part.main_part in whole
            case "early_swap":
                return repair.replaced and part is not None and (part.main_part in whole or part.assembly in whole)


def _is_unsafe(repair: Repair) -> bool:
    return repair.facts.safety_fault not in {None, "none"}


def _stays(repairs: Sequence[Repair]) -> list[_Stay]:
    """The visits: claims of one repair order, or whose times overlap, are one."""
    stays: list[_Stay] = []
    for repair in sorted(repairs, key=lambda each: (each.facts.opened_at or _midnight(each.reported_on), each.claim)):
        opened = repair.facts.opened_at
        place = next((i for i, stay in enumerate(stays) if _same_order(stay, repair) or _overlap(stay, opened)), None)
        if place is None:
            stays.append(_stay((repair,)))
        else:
            stays[place] = _stay((*stays[place].repairs, repair))
    return stays


def _stay(repairs: tuple[Repair, ...]) -> _Stay:
    """From when its first claim says to when its last one does; not over while one of them is not."""
    timed = [(each.facts.opened_at, each.facts.closed_at) for each in repairs if each.facts.opened_at is not None]
    begun = min((opened for opened, _ in timed), default=None)
    ends = [closed for _, closed in timed if closed is not None]
    return _Stay(repairs, begun, max(ends) if ends and len(ends) == len(timed) else None)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), tzinfo=dt.UTC)


def _same_order(stay: _Stay, repair: Repair) -> bool:
    order = _order(repair)
    return order is not None and any(_order(each) == order for each in stay.repairs)


def _order(repair: Repair) -> str | None:
    written = repair.facts.repair_order
    return None if written is None else fold(written).upper()


def _overlap(stay: _Stay, opened: dt.datetime | None) -> bool:
    if stay.begun is None or opened is None:
        return False
    return stay.ended is None or opened < stay.ended


def _merged(stretches: Iterable[tuple[dt.datetime, dt.datetime]]) -> list[tuple[dt.datetime, dt.datetime]]:
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for begins, ends in sorted(stretches):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _once(stays: Iterable[_Stay]) -> list[_Stay]:
    return list({id(each): each for each in stays}.values())


# words


def _filled(words: Words, values: Mapping[str, object]) -> Words:
    said = {lang: str(fill(words.to(lang), lang, values)) for lang in LANGS}
    return Words(en=said["en"], zh=said["zh"])


def _spent(spent: dt.timedelta) -> Words:
    """Hours and minutes; a begun minute counts."""
    hours, minutes = divmod(-(-spent // _MINUTE), 60)
    return Words(
        en=f"{hours} h {minutes} min" if minutes else f"{hours} h",
        zh=f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时",
    )


def _told_days(spent: Sequence[tuple[_Stay, dt.timedelta]]) -> Words:
    """Every stay with its hours and days, and the sum."""
    days = [repair_days(each) for _, each in spent]
    en = ", ".join(f"{stay.claims} {_spent(each).en} → {n} d" for (stay, each), n in zip(spent, days, strict=True))
    zh = "，".join(f"{stay.claims} {_spent(each).zh}→{n} 日" for (stay, each), n in zip(spent, days, strict=True))
    if len(days) == 1:
        return Words(en=en, zh=zh)
    total = f"{' + '.join(map(str, days))} = {sum(days)}" if days else "0"
    return Words(en=f"{en}; {total}" if en else total, zh=f"{zh}；{total}" if zh else total)


def _told_times(stays: Sequence[_Stay]) -> Words:
    claims = [stay.claims for stay in stays]
    return Words(en=", ".join(claims), zh="、".join(claims))


# compensation


@dataclass(frozen=True, slots=True)
class Compensation:
    """What the customer pays for the use of a car that is swapped or taken back, and the sum written out (art. 27)."""

    amount: Money
    sum: Words
    source: Words


def compensation_of(sheet: ExposureSheet, price: Money, km: int, percent: Decimal, on: dt.date) -> Compensation | None:
    """Price × kilometres ÷ 1000 × n, to the cent; None where n is more than the statute allows, or no line holds."""
    line = in_force(sheet.compensation, on)
    if line is None or not 0 <= percent <= line.most_percent:
        return None
    amount = (price.amount * km * percent / Decimal(100_000)).quantize(_CENT, ROUND_HALF_UP)
    owed = Money(amount=amount, currency=price.currency)
    said = {
        lang: f"{show(price, lang)} × {show(km, lang)} {'公里' if lang == 'zh' else 'km'} ÷ {show(1000, lang)}"
        f" × {show(percent, lang)} %"
        f" = {show(owed, lang)}"
        for lang in LANGS
    }
    return Compensation(owed, Words(en=said["en"], zh=said["zh"]), line.source)
