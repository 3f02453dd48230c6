"""The first verdict: each rule of the office's sheet asked of a claim, answered pass, fail or skipped, always with why.

A rule that lacks a fact is skipped and says which; one that breaks is a bug and raises. The words of every answer are
the office's (`audit.yaml`); which reasons a rule can give, and which values each carries, stands in `REASONS`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field

from claimbot.claims.coverage import MakerTerms, coverage_of, family_of, window_of
from claimbot.claims.evidence_plan import EvidencePlans, plan_for, unfilled
from claimbot.claims.facts import EarlierClaim, Facts, InServiceProof, Known
from claimbot.claims.odometer import OdometerLimits, judge_odometer
from claimbot.claims.problem import Problem
from claimbot.claims.rules import RULES
from claimbot.claims.sheet import Dated, Strict, dated_problems, in_force, template_problems
from claimbot.claims.vin import describe_vin, read_vin
from claimbot.claims.words import Words

AuditName = Literal[
    "coverage_time",
    "coverage_distance",
    "submission_window",
    "vin_plausible",
    "odometer_plausible",
    "duplicate",
    "evidence_complete",
    "story_agrees",
]
Outcome = Literal["pass", "fail", "skipped"]
Place = Literal["technician", "desk"]

_TIME: Final = "family months in_service_on proof ends_on judged_on"
_DISTANCE: Final = "family km most"
_WINDOW: Final = "closed_on days due_on"
REASONS: Final[Mapping[str, Mapping[str, tuple[Outcome, str]]]] = {
    "coverage_time": {
        "within": ("pass", _TIME),
        "no_limit": ("pass", "family"),
        "over": ("fail", f"{_TIME} days_over"),
        "before_start": ("fail", "in_service_on proof judged_on"),
        "fault_unknown": ("skipped", ""),
        "in_service_unknown": ("skipped", ""),
        "proof_unknown": ("skipped", "in_service_on"),
        "no_terms": ("skipped", "family in_service_on"),
    },
    "coverage_distance": {
        "within": ("pass", _DISTANCE),
        "no_limit": ("pass", "family"),
        "over": ("fail", f"{_DISTANCE} over_km"),
        "fault_unknown": ("skipped", ""),
        "odometer_unknown": ("skipped", ""),
        "in_service_unknown": ("skipped", ""),
        "no_terms": ("skipped", "family in_service_on"),
    },
    "submission_window": {
        "within": ("pass", f"{_WINDOW} days_left"),
        "over": ("fail", f"{_WINDOW} days_late on_miss"),
        "closed_unknown": ("skipped", ""),
        "no_terms": ("skipped", "closed_on"),
    },
    "vin_plausible": {
        "good": ("pass", "vin"),
        "not_decisive": ("pass", "vin"),
        "malformed": ("fail", "vin"),
        "other_maker": ("fail", "vin maker"),
        "built_later": ("fail", "vin year in_service_on"),
        "vin_unknown": ("skipped", ""),
    },
    "odometer_plausible": {
        "good": ("pass", "km last_km last_on"),
        "first_reading": ("pass", "km"),
        "falling": ("fail", "km last_km last_on claim"),
        "leaping": ("fail", "km last_km last_on claim a_day days"),
        "implausible": ("fail", "km most"),
        "odometer_unknown": ("skipped", ""),
    },
    "duplicate": {
        "none": ("pass", ""),
        "found": ("fail", "claim part reported_on"),
        "part_unknown": ("skipped", ""),
    },
    "evidence_complete": {
        "complete": ("pass", "count"),
        "missing": ("fail", "slots"),
        "explained": ("fail", "slots"),
        "photos_unknown": ("skipped", ""),
        "fault_unknown": ("skipped", ""),
        "remedy_unknown": ("skipped", ""),
    },
    "story_agrees": {
        "agrees": ("pass", "remedy"),
        "differs": ("fail", "remedy"),
        "remedy_unknown": ("skipped", ""),
        "cause_unknown": ("skipped", ""),
    },
}
"""Every reason of every rule: what it comes to, and the names that its words may use."""

_REMEDIES: Final = {"repaired": Words(en="repaired", zh="维修"), "replaced": Words(en="replaced", zh="更换")}


class LimitLine(Dated):
    """From which readings on an odometer is questioned."""

    km_per_day: Annotated[int, Field(gt=0)]
    most_km: Annotated[int, Field(gt=0)]


class AuditRule(Strict):
    """One rule as the office words it. `fix`: the step in which a failure can be mended."""

    title: Words
    severity: Literal["error", "warning"]
    at: Literal["technician", "desk", "both"] = "both"
    fix: str | None = None
    source: Words
    says: dict[str, Words]


class AuditSheet(Strict):
    """All rules in the order in which they are told, the numbers they need, and the words for proofs of a date."""

    limits: Annotated[tuple[LimitLine, ...], Field(min_length=1)]
    duplicate_ignores: tuple[str, ...]
    """States of another claim that make it no duplicate."""
    proofs: dict[InServiceProof, Words]
    rules: dict[AuditName, AuditRule]

    def odometer_limits(self, on: dt.date) -> OdometerLimits:
        line = in_force(self.limits, on)
        if line is None:
            return OdometerLimits()
        return OdometerLimits(km_per_day=line.km_per_day, most_km=line.most_km)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from dated_problems([(("limits", index), line) for index, line in enumerate(self.limits)])
        for proof in get_args(InServiceProof):
            if proof not in self.proofs:
                yield Problem(("proofs",), f"the proof {proof} has no words", "add it in both languages")
        for name in get_args(AuditName):
            if name not in self.rules:
                yield Problem(("rules",), f"the rule {name} is missing", "add it; a rule is never left out silently")
        for name, rule in self.rules.items():
            yield from _rule_problems(name, rule)


def _rule_problems(name: str, rule: AuditRule) -> Iterator[Problem]:
    at = ("rules", name)
    yield from template_problems((*at, "title"), rule.title, frozenset())
    yield from template_problems((*at, "source"), rule.source, frozenset())
    for reason, (outcome, names) in REASONS[name].items():
        if reason not in rule.says:
            may = " ".join(f"{{{each}}}" for each in names.split())
            yield Problem(
                (*at, "says"), f"the reason {reason} ({outcome}) has no words", f"add it; it may use: {may or '–'}"
            )
        else:
            yield from template_problems((*at, "says", reason), rule.says[reason], frozenset(names.split()))
    for reason in sorted(rule.says.keys() - REASONS[name].keys()):
        yield Problem((*at, "says", reason), f"the rule never says {reason}", f"it says: {', '.join(REASONS[name])}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's answer. Its text is `phrase(verdict.words, lang, verdict.values)`."""

    rule: AuditName
    outcome: Outcome
    reason: str
    values: Mapping[str, object]
    words: Words
    source: Words
    severity: Literal["error", "warning"]
    fix: str | None
    explained: bool = False
    """A failure whose reason the technician has given already, as for a picture that could not be taken."""


@dataclass(frozen=True, slots=True)
class _Answer:
    reason: str
    values: Mapping[str, object]
    source: Words | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    facts: Facts
    known: Known
    sheet: AuditSheet
    terms: MakerTerms
    plans: EvidencePlans

    @property
    def judged_on(self) -> dt.date:
        """The day the car came in; today while nobody has said when."""
        opened = self.facts.opened_at
        return self.known.today if opened is None else opened.astimezone(ZoneInfo(self.known.zone)).date()


def judge(
    facts: Facts,
    known: Known,
    *,
    sheet: AuditSheet,
    terms: MakerTerms,
    plans: EvidencePlans,
    at: Place | None = None,
) -> tuple[Verdict, ...]:
    """All verdicts in the sheet's order; with `at`, only those told at that place."""
    case = _Case(facts, known, sheet, terms, plans)
    verdicts = []
    for name, rule in sheet.rules.items():
        if at is None or rule.at in {at, "both"}:
            answer = _ASKED[name](case)
            outcome, _ = REASONS[name][answer.reason]
            verdicts.append(
                Verdict(
                    rule=name,
                    outcome=outcome,
                    reason=answer.reason,
                    values=answer.values,
                    words=rule.says[answer.reason],
                    source=answer.source or rule.source,
                    severity=rule.severity,
                    fix=rule.fix,
                    explained=answer.reason == "explained",
                )
            )
    return tuple(verdicts)


def _coverage_time(case: _Case) -> _Answer:  # noqa: PLR0911  one way out a reason
    facts = case.facts
    if facts.fault_family is None:
        return _Answer("fault_unknown", {})
    if facts.in_service_on is None:
        return _Answer("in_service_unknown", {})
    if facts.in_service_proof is None:
        return _Answer("proof_unknown", {"in_service_on": facts.in_service_on})
    proof = case.sheet.proofs[facts.in_service_proof]
    coverage = coverage_of(case.terms, facts.fault_family, facts.failed_part, facts.in_service_on)
    if coverage is None:
        family = family_of(case.terms, facts.fault_family, facts.failed_part)
        return _Answer("no_terms", {"family": family.words, "in_service_on": facts.in_service_on})
    if case.judged_on < facts.in_service_on:
        values = {"in_service_on": facts.in_service_on, "proof": proof, "judged_on": case.judged_on}
        return _Answer("before_start", values, coverage.source)
    if coverage.ends_on is None:
        return _Answer("no_limit", {"family": coverage.family}, coverage.source)
    values = {
        "family": coverage.family,
        "months": coverage.months,
        "in_service_on": facts.in_service_on,
        "proof": proof,
        "ends_on": coverage.ends_on,
        "judged_on": case.judged_on,
    }
    over = (case.judged_on - coverage.ends_on).days
    return (
        _Answer("over", {**values, "days_over": over}, coverage.source)
        if over > 0
        else _Answer("within", values, coverage.source)
    )


def _coverage_distance(case: _Case) -> _Answer:  # noqa: PLR0911  one way out a reason
    facts = case.facts
    if facts.fault_family is None:
        return _Answer("fault_unknown", {})
    if facts.odometer_km is None:
        return _Answer("odometer_unknown", {})
    family = family_of(case.terms, facts.fault_family, facts.failed_part)
    if facts.in_service_on is not None:
        line = in_force(family.versions, facts.in_service_on)
    elif len({each.km for each in family.versions}) == 1:
        line = family.versions[-1]  # the date cannot make a difference
    else:
        return _Answer("in_service_unknown", {})
    if line is None:
        return _Answer("no_terms", {"family": family.words, "in_service_on": facts.in_service_on})
    if line.km is None:
        return _Answer("no_limit", {"family": family.words}, line.source)
    values = {"family": family.words, "km": facts.odometer_km, "most": line.km}
    if facts.odometer_km > line.km:
        return _Answer("over", {**values, "over_km": facts.odometer_km - line.km}, line.source)
    return _Answer("within", values, line.source)


def _submission_window(case: _Case) -> _Answer:
    if case.facts.closed_at is None:
        return _Answer("closed_unknown", {})
    window = window_of(case.terms, case.facts.closed_at, case.known.zone)
    if window is None:
        closed_on = case.facts.closed_at.astimezone(ZoneInfo(case.known.zone)).date()
        return _Answer("no_terms", {"closed_on": closed_on})
    values = {"closed_on": window.closed_on, "days": window.days, "due_on": window.due_on}
    left = (window.due_on - (case.known.reported_on or case.known.today)).days
    if left < 0:
        return _Answer("over", {**values, "days_late": -left, "on_miss": window.on_miss}, window.source)
    return _Answer("within", {**values, "days_left": left}, window.source)


def _vin_plausible(case: _Case) -> _Answer:
    vin, in_service_on = case.facts.vin, case.facts.in_service_on
    if vin is None:
        return _Answer("vin_unknown", {})
    reading = read_vin(vin)
    if reading.vin is None:
        return _Answer("malformed", {"vin": vin})
    if case.terms.wmis and not vin.startswith(case.terms.wmis):
        return _Answer("other_maker", {"vin": vin, "maker": case.terms.maker})
    years = describe_vin(vin, case.known.today).years
    if in_service_on is not None and years and min(years) > in_service_on.year + 1:
        return _Answer("built_later", {"vin": vin, "year": str(min(years)), "in_service_on": in_service_on})
    return _Answer("good" if reading.check == "passed" else "not_decisive", {"vin": vin})


def _odometer_plausible(case: _Case) -> _Answer:
    km, readings = case.facts.odometer_km, case.known.readings
    if km is None:
        return _Answer("odometer_unknown", {})
    limits = case.sheet.odometer_limits(case.judged_on)
    for doubt in judge_odometer(km, readings, case.judged_on, limits):
        return _Answer(doubt.doubt, doubt.values)
    earlier = [each for each in readings if each.read_on <= case.judged_on]
    if not earlier:
        return _Answer("first_reading", {"km": km})
    last = max(earlier, key=lambda each: (each.read_on, each.odometer_km))
    return _Answer("good", {"km": km, "last_km": last.odometer_km, "last_on": last.read_on})


def _duplicate(case: _Case) -> _Answer:
    facts = case.facts
    if facts.failed_part is None and facts.part_number is None:
        return _Answer("part_unknown", {})
    same = [
        each for each in case.known.earlier if each.state not in case.sheet.duplicate_ignores and _same_part(case, each)
    ]
    if not same:
        return _Answer("none", {})
    latest = max(same, key=lambda each: (each.reported_on, each.number))
    listed = None if facts.failed_part is None else case.terms.part_named(facts.failed_part)
    part = facts.failed_part or facts.part_number if listed is None else listed.words
    return _Answer("found", {"claim": latest.number, "part": part, "reported_on": latest.reported_on})


def _same_part(case: _Case, other: EarlierClaim) -> bool:
    """Same number, or same part by name in either language: a new number of the same part is the same part."""
    facts = case.facts
    if facts.part_number is not None and facts.part_number == other.part_number:
        return True
    if facts.failed_part is None or other.failed_part is None:
        return False
    mine, theirs = (case.terms.part_named(text) for text in (facts.failed_part, other.failed_part))
    if mine is not None and theirs is not None:
        return mine.name == theirs.name
    return " ".join(facts.failed_part.casefold().split()) == " ".join(other.failed_part.casefold().split())


def _evidence_complete(case: _Case) -> _Answer:
    facts = case.facts
    if facts.photos is None:
        return _Answer("photos_unknown", {})
    if facts.fault_family is None:
        return _Answer("fault_unknown", {})
    if facts.remedy is None:
        return _Answer("remedy_unknown", {})
    empty = unfilled(plan_for(case.plans, facts, case.known), facts.photos)
    gaps = facts.photos.gaps
    bare = tuple(slot.words for slot in empty if not gaps.get(slot.name, "").strip())
    if bare:
        return _Answer("missing", {"slots": bare})
    if empty:
        told = tuple(_with_reason(slot.words, case.plans.reason(gaps[slot.name])) for slot in empty)
        return _Answer("explained", {"slots": told})
    return _Answer("complete", {"count": sum(len(held) for held in facts.photos.slots.values())})


def _with_reason(slot: Words, reason: Words | str) -> Words:
    en, zh = (reason.en, reason.zh) if isinstance(reason, Words) else (reason, reason)
    return Words(en=f"{slot.en} ({en})", zh=f"{slot.zh}（{zh}）")


def _story_agrees(case: _Case) -> _Answer:
    facts = case.facts
    if facts.remedy is None:
        return _Answer("remedy_unknown", {})
    if facts.cause is None:
        return _Answer("cause_unknown", {})
    agrees = RULES["remedy_agrees_with_story"].holds(facts, case.known)
    return _Answer("agrees" if agrees else "differs", {"remedy": _REMEDIES[facts.remedy]})


_ASKED: Final[Mapping[AuditName, Callable[[_Case], _Answer]]] = {
    "coverage_time": _coverage_time,
    "coverage_distance": _coverage_distance,
    "submission_window": _submission_window,
    "vin_plausible": _vin_plausible,
    "odometer_plausible": _odometer_plausible,
    "duplicate": _duplicate,
    "evidence_complete": _evidence_complete,
    "story_agrees": _story_agrees,
}
