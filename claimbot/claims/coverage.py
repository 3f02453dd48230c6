"""A maker's terms: what is covered for how long and how far, which parts there are, and by when to report.

A car keeps the terms under which it went into service; the window for reporting is the one in force when the repair
was closed. "Within" includes the last day and the last kilometre. The first day is not counted: a year from 3 March
ends with 3 March.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import Field, model_validator

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks.counting import Counting, count
from claimbot.claims.clocks.forms import Form
from claimbot.claims.clocks.rules import Basis, CountingRule, Starts, StopsAt
from claimbot.claims.dates import add_months
from claimbot.claims.facts import FaultFamily
from claimbot.claims.lines import RateLine
from claimbot.claims.maker import Answer, AnswerReason, Term, TermLine, ToleranceLine
from claimbot.claims.numbers import fold
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, dated_problems, in_force, template_problems
from claimbot.claims.words import Words
from claimbot.claims.work import Catalogue, LabourTable, PartName, PreauthLine, words_of_work

_D = TypeVar("_D", bound=Dated)
System = Literal[
    "engine",
    "transmission",
    "traction_battery",
    "drive_motor",
    "steering",
    "brakes",
    "suspension",
    "driveline",
    "emission",
    "body",
]
"""The systems of a car whose assemblies or main parts are counted towards a swap or refund (SAMR Order 43, art. 24)."""


class CoverageLine(Dated):
    """So many months or so many kilometres, whichever comes first; one of them may be left open."""

    months: Annotated[int, Field(gt=0)] | None = None
    km: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if self.months is None and self.km is None:
            raise ValueError("give months, km or both")
        return self


class PartFamily(Strict):
    """Parts that share a coverage, which changes from date to date."""

    words: Words
    wear: bool = False
    versions: Annotated[tuple[CoverageLine, ...], Field(min_length=1)]


class Part(Strict):
    """A part that fails often enough for a button. `family` only where it differs from the fault family's.

    `assembly`: it is the whole of that system; `main_part`: one of its main parts, as the maker's voucher lists them.
    """

    words: Words
    family: str | None = None
    assembly: System | None = None
    main_part: System | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.assembly is not None and self.main_part is not None:
            raise ValueError("it is an assembly or a main part: they are never added together")
        return self


class FaultParts(Strict):
    """What covers a fault family, and its common parts in the order of their buttons."""

    family: str
    parts: Annotated[dict[PartName, Part], Field(min_length=1)]


class WindowLine(Dated):
    """Within so many days after the repair was closed the claim must be with the maker."""

    days: Annotated[int, Field(gt=0)]
    on_miss: Words


class OldPartTerms(Strict):
    """Within so many days of the repair the old part must be back; so long we may object to what is deducted for it."""

    returned_within: Annotated[tuple[WindowLine, ...], Field(min_length=1)]
    objected_within: tuple[WindowLine, ...] = ()


class MakerTerms(Strict):
    """All dated terms of one maker. `old_parts`: left out where the maker does not want them back."""

    maker: Words
    wmis: tuple[Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{2,3}$")], ...] = ()
    part_families: Annotated[dict[PartName, PartFamily], Field(min_length=1)]
    faults: dict[FaultFamily, FaultParts]
    submission_window: Annotated[tuple[WindowLine, ...], Field(min_length=1)]
    labour: tuple[LabourTable, ...] = ()
    catalogue: tuple[Catalogue, ...] = ()
    preauthorisation: tuple[PreauthLine, ...] = ()
    old_parts: OldPartTerms | None = None
    rates: tuple[RateLine, ...] = ()
    answer_reasons: tuple[AnswerReason, ...] = ()
    after_filing: tuple[TermLine, ...] = ()
    short_tolerance: tuple[ToleranceLine, ...] = ()

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from self._problems_of_dates()
        known = ", ".join(self.part_families)
        labels: dict[tuple[str, str], str] = {}
        for fault, parts in self.faults.items():
            at = ("faults", fault)
            if parts.family not in self.part_families:
                yield Problem((*at, "family"), f"there is no part family {parts.family}", f"known: {known}")
            for name, part in parts.parts.items():
                here = (*at, "parts", name)
                yield from template_problems((*here, "words"), part.words, frozenset())
                if part.family is not None and part.family not in self.part_families:
                    yield Problem((*here, "family"), f"there is no part family {part.family}", f"known: {known}")
                for label in {_plain(part.words.en), _plain(part.words.zh)}:
                    if labels.setdefault((fault, label), name) != name:
                        yield Problem((*here, "words"), f"{labels[fault, label]} has the same name", "tell them apart")
        for missing in sorted({"other"} - self.faults.keys()):
            yield Problem(("faults",), f"the fault family {missing} has no entry", "add it; it also serves the rest")
        yield from self._work_problems()

    def _work_problems(self) -> Iterator[Problem]:
        for key, lines in (
            ("labour", self.labour),
            ("catalogue", self.catalogue),
            ("preauthorisation", self.preauthorisation),
        ):
            yield from dated_problems([((key, index), line) for index, line in enumerate(lines)])
        for at, words in words_of_work(self.labour, self.catalogue):
            yield from template_problems(at, words, frozenset())
        listed = {name for parts in self.faults.values() for name in parts.parts}
        codes = {code for table in self.labour for code in table.operations}
        for index, line in enumerate(self.preauthorisation):
            for key, names, known in (
                ("parts", line.parts, listed),
                ("second_assembly", line.second_assembly, listed),
                ("labour", line.labour, codes),
            ):
                for place, name in enumerate(names):
                    if name not in known:
                        at = ("preauthorisation", index, key, place)
                        yield Problem(at, f"there is no {name} in this file", "look for a typing mistake, or list it")

    def rate_on(self, day: dt.date, currency: str) -> RateLine | None:
        return in_force([line for line in self.rates if line.currency == currency], day)

    def operations_on(self, day: dt.date) -> frozenset[str]:
        """The codes of its labour operations."""
        table = in_force(self.labour, day)
        return frozenset() if table is None else frozenset(table.operations)

    def _problems_of_dates(self) -> Iterator[Problem]:
        for name, family in self.part_families.items():
            versions = [(("part_families", name, "versions", i), line) for i, line in enumerate(family.versions)]
            yield from dated_problems(versions)
        yield from dated_problems([(("submission_window", i), line) for i, line in enumerate(self.submission_window)])
        for name, lines in () if self.old_parts is None else self.old_parts:
            yield from dated_problems([(("old_parts", name, i), line) for i, line in enumerate(lines)])
        for currency in sorted({line.currency for line in self.rates}):
            priced = [(("rates", i), line) for i, line in enumerate(self.rates) if line.currency == currency]
            yield from dated_problems(priced)
        yield from _dated_by("answer_reasons", self.answer_reasons, lambda line: line.code)
        yield from _dated_by("after_filing", self.after_filing, lambda line: line.term)
        yield from _dated_by("short_tolerance", self.short_tolerance, lambda line: line.currency)

    def reasons_on(self, day: dt.date, answer: Answer | None = None) -> tuple[AnswerReason, ...]:
        """The maker's codes in force that day, of one kind of answer or all."""
        held = (line for line in self.answer_reasons if line.holds_on(day))
        return tuple(line for line in held if answer is None or answer in line.answers)

    def reason_named(self, code: str) -> AnswerReason | None:
        """The latest words of a code, whether it is still in use or not."""
        return next((line for line in reversed(self.answer_reasons) if line.code == code), None)

    def tolerance_on(self, day: dt.date, currency: str) -> Decimal:
        line = in_force([line for line in self.short_tolerance if line.currency == currency], day)
        return Decimal(0) if line is None else line.amount

    def parts_of(self, fault: FaultFamily) -> dict[str, Part]:
        """The common parts of a fault family, for its buttons."""
        return self.faults[fault if fault in self.faults else "other"].parts

    def part_named(self, text: str, fault: FaultFamily | None = None) -> "NamedPart | None":
        """The listed part that a text names by key or in either language, looked for in its fault family first."""
        first = [fault] if fault is not None and fault in self.faults else []
        for each in [*first, *self.faults]:
            for name, part in self.faults[each].parts.items():
                if _plain(text) in {_plain(part.words.en), _plain(part.words.zh), name}:
                    family = part.family or self.faults[each].family
                    return NamedPart(name, part.words, family, part.assembly, part.main_part)
        return None


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A listed part: its key, its words, the part family that covers it, and of which system it is a weighty part."""

    name: str
    words: Words
    family: str
    assembly: System | None = None
    main_part: System | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The terms that hold for one part of one car, and the last day they cover (None: no limit in time)."""

    family: Words
    wear: bool
    months: int | None
    km: int | None
    ends_on: dt.date | None
    source: Words


@dataclass(frozen=True, slots=True)
class Window:
    """Until when a claim must be with the maker. `due_at`: the last second of its last day, in UTC."""

    days: int
    closed_on: dt.date
    due_on: dt.date
    due_at: dt.datetime
    source: Words
    on_miss: Words
    sum: Words


def family_of(terms: MakerTerms, fault: FaultFamily, failed_part: str | None) -> PartFamily:
    """The part family that covers a failed part; a part that is not listed goes with its fault family."""
    named = terms.part_named(failed_part, fault) if failed_part else None
    faults = terms.faults[fault if fault in terms.faults else "other"]
    return terms.part_families[named.family if named is not None else faults.family]


def coverage_of(
    terms: MakerTerms, fault: FaultFamily, failed_part: str | None, in_service_on: dt.date
) -> Coverage | None:
    """The coverage of that part in a car that went into service that day; None where the sheet does not reach back."""
    return coverage_from(family_of(terms, fault, failed_part), in_service_on)


def coverage_from(family: PartFamily, start: dt.date) -> Coverage | None:
    """The terms of that family counted from that day: of the car's service, or of a spare part's fitting."""
    line = in_force(family.versions, start)
    if line is None:
        return None
    ends_on = add_months(start, line.months) if line.months is not None else None
    return Coverage(family.words, family.wear, line.months, line.km, ends_on, line.source)


def window_of(terms: MakerTerms, closed_at: dt.datetime, zone: str, country: str = "CN") -> Window | None:
    """The reporting window of a repair closed at that instant; None where the sheet has no line for that day.

    `country`: whose days off the sum may name; none of them moves the last day.
    """
    calendar = OfficeCalendar(zone, country)
    closed_on = calendar.day_of(closed_at)
    line = in_force(terms.submission_window, closed_on)
    if line is None:
        return None
    counting = Counting(line.days, "days", include_first=False, roll="none", cutoff="24:00")
    due = count(counting, closed_at, calendar)
    return Window(line.days, closed_on, due.due_on, due.due_at, line.source, line.on_miss, due.sum)


RETURN_CLOCK, OBJECTION_CLOCK = "old_part_return", "old_part_objection"


def maker_form(name: str, terms: MakerTerms) -> Form:
    """What the maker wants by when, as a form of clocks: reporting, old parts, what comes after filing."""
    nobody_needs_it = ("rejected", "withdrawn", "discarded")
    clocks = [
        _maker_clock(
            terms,
            line,
            "submission_window",
            Words(en="Maker's submission window", zh="厂家申报期限"),
            "repair.closed",
            StopsAt(events=("claim.sent",), states=("filed", *nobody_needs_it)),
        ).model_copy(update={"ladder": "submission"})
        for line in terms.submission_window
    ]
    old_parts = terms.old_parts
    if old_parts is not None:
        clocks += [
            _maker_clock(
                terms,
                line,
                RETURN_CLOCK,
                Words(en="Return of the old part", zh="旧件返厂"),
                "old_part.removed",
                StopsAt(events=("old_part.returned",), states=nobody_needs_it),
            )
            for line in old_parts.returned_within
        ]
        clocks += [
            _maker_clock(
                terms,
                line,
                OBJECTION_CLOCK,
                Words(en="Objection to an old-part deduction", zh="旧件扣款异议"),
                "deduction.received",
                StopsAt(events=("deduction.answered",)),
                each=True,
            )
            for line in old_parts.objected_within
        ]
    clocks += [rule for line in terms.after_filing for rule in _rules_after_filing(terms, line)]
    return Form(form=name, title=terms.maker, counting="as_written", clocks=tuple(clocks))


def _maker_clock(
    terms: MakerTerms, line: WindowLine, name: str, title: Words, event: str, stops: StopsAt, *, each: bool = False
) -> CountingRule:
    return CountingRule(
        name=name,
        title=title,
        side="ours",
        starts=Starts(event=event, each=each),
        length=line.days,
        unit="days",
        stops=stops,
        on_miss=line.on_miss,
        basis=Basis(form=terms.maker, article=line.source),
        since=line.since,
        until=line.until,
        source=line.source,
        grade="A",
    )


@dataclass(frozen=True, slots=True)
class _After:
    """A clock that runs after a claim has left: its name, its title, what starts it and what ends it.

    By the first of its stops it is met; by the others there is nothing left to do.
    """

    name: str
    title: Words
    starts: str
    stops: tuple[str, ...]
    states: tuple[str, ...] = ()


_AFTER_FILING: Final[Mapping[Term, tuple[_After, ...]]] = {
    "answer": (
        _After("maker_answer", Words(en="Maker's answer", zh="厂家答复"), "claim.sent", ("claim.answered",)),
        _After(
            "maker_answer_again",
            Words(en="Maker's answer to the resubmission", zh="厂家答复重新申报"),
            "resubmission.sent",
            ("resubmission.answered",),
        ),
        _After(
            "appeal_answer",
            Words(en="Maker's answer to the appeal", zh="厂家答复申诉"),
            "appeal.sent",
            ("appeal.answered",),
        ),
    ),
    "resubmission": (
        _After(
            "resubmission",
            Words(en="Resubmission", zh="重新申报期限"),
            "rejection.received",
            ("resubmission.sent", "appeal.sent", "approval.received"),
        ),
    ),
    "appeal": (
        _After(
            "appeal",
            Words(en="Appeal against the rejection", zh="拒赔申诉期限"),
            "rejection.received",
            ("appeal.sent", "resubmission.sent", "approval.received"),
        ),
        _After("appeal_cut", Words(en="Appeal against the cut", zh="核减申诉期限"), "cut.received", ("appeal.sent",)),
    ),
    "payment": (
        _After(
            "payment",
            Words(en="Maker's payment", zh="厂家付款"),
            "approval.received",
            ("claim.paid", "rejection.received"),
            ("appealed", "short"),
        ),
    ),
}
_LADDERS: Final[Mapping[Term, str | None]] = {"answer": None, "resubmission": None, "appeal": "appeal", "payment": None}
"""A right that may be left alone has a ladder that ends; the others go by their side."""


def _rules_after_filing(terms: MakerTerms, line: TermLine) -> Iterator[CountingRule]:
    for each in _AFTER_FILING[line.term]:
        yield CountingRule(
            name=each.name,
            title=each.title,
            side="theirs" if line.term in {"answer", "payment"} else "ours",
            starts=Starts(event=each.starts, each=each.starts != "claim.sent"),
            length=line.days,
            unit="days",
            stops=StopsAt(
                events=each.stops, does=each.stops[:1], states=(*each.states, "paid", "written_off", "withdrawn")
            ),
            on_miss=line.on_miss,
            basis=Basis(form=terms.maker, article=line.source),
            since=line.since,
            until=line.until,
            source=line.source,
            grade="A",
            ladder=_LADDERS[line.term],
        )


def _dated_by(place: str, lines: Sequence[_D], what: Callable[[_D], str]) -> Iterator[Problem]:
    """Mistakes in lines of several things, each thing by itself."""
    for name in sorted({what(line) for line in lines}):
        yield from dated_problems([((place, i), line) for i, line in enumerate(lines) if what(line) == name])


def _plain(text: str) -> str:
    return " ".join(fold(text).casefold().split())
