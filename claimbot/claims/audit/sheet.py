"""The office's sheet of the pre-audit: each rule with its level, its source, its words and the step that mends it.

Which reasons a rule can give, and which values each carries, stands in `REASONS`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from claimbot.claims.facts import ClaimType, InServiceProof
from claimbot.claims.odometer import OdometerLimits
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, dated_problems, in_force, template_problems
from claimbot.claims.words import Words
from claimbot.claims.work import TRIGGERS, Trigger

AuditName = Literal[
    "coverage_time",
    "coverage_distance",
    "submission_window",
    "vin_plausible",
    "car_sold",
    "claim_type",
    "odometer_plausible",
    "duplicate",
    "repeat_repair",
    "evidence_complete",
    "story_agrees",
    "cause_complete",
    "labour_fits",
    "labour_remedy",
    "labour_hours",
    "part_quantity",
    "sublet_invoice",
    "preauthorised",
    "old_parts_back",
]
Outcome = Literal["pass", "fail", "skipped"]
Level = Literal["error", "warning"]
Place = Literal["technician", "desk"]

_TIME: Final = "family months in_service_on proof ends_on judged_on"
_DISTANCE: Final = "family km most"
_WINDOW: Final = "closed_on days due_on"
_CODES: Final = "codes"
_NO_LINES: Final[Mapping[str, tuple[Outcome, str]]] = {"lines_unknown": ("skipped", "")}
_BY_TYPE: Final[Mapping[str, tuple[Outcome, str]]] = {
    "by_type": ("skipped", "type because"),
    "fitting_unknown": ("skipped", ""),
}
REASONS: Final[Mapping[AuditName, Mapping[str, tuple[Outcome, str]]]] = {
    "coverage_time": {
        "within": ("pass", _TIME),
        "no_limit": ("pass", "family"),
        "over": ("fail", f"{_TIME} days_over"),
        "before_start": ("fail", "in_service_on proof judged_on"),
        "fault_unknown": ("skipped", ""),
        "in_service_unknown": ("skipped", ""),
        "proof_unknown": ("skipped", "in_service_on"),
        "no_terms": ("skipped", "family in_service_on"),
        **_BY_TYPE,
    },
    "coverage_distance": {
        "within": ("pass", _DISTANCE),
        "no_limit": ("pass", "family"),
        "over": ("fail", f"{_DISTANCE} over_km"),
        "fault_unknown": ("skipped", ""),
        "odometer_unknown": ("skipped", ""),
        "in_service_unknown": ("skipped", ""),
        "no_terms": ("skipped", "family in_service_on"),
        **_BY_TYPE,
    },
    "submission_window": {
        "within": ("pass", f"{_WINDOW} days_left"),
        "over": ("fail", f"{_WINDOW} days_late on_miss"),
        "closed_unknown": ("skipped", ""),
        "no_terms": ("skipped", "closed_on"),
        "by_type": ("skipped", "type because"),
    },
    "vin_plausible": {
        "good": ("pass", "vin"),
        "not_decisive": ("pass", "vin"),
        "malformed": ("fail", "vin"),
        "other_maker": ("fail", "vin maker"),
        "built_later": ("fail", "vin year in_service_on"),
        "vin_unknown": ("skipped", ""),
    },
    "car_sold": {
        "sold": ("pass", "in_service_on"),
        "not_yet": ("pass", "type"),
        "no_date": ("fail", ""),
        "desk_unknown": ("skipped", ""),
    },
    "claim_type": {
        "fits": ("pass", "type"),
        "sold_already": ("fail", "type in_service_on judged_on"),
        "not_sold_yet": ("fail", "type in_service_on judged_on"),
        "campaign_missing": ("fail", "type"),
        "shares_missing": ("fail", "type"),
        "fitting_missing": ("fail", "type"),
        "fitted_later": ("fail", "type"),
        "earlier_missing": ("fail", "type"),
        "opened_unknown": ("skipped", "type"),
        "in_service_unknown": ("skipped", "type"),
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
        "found": ("fail", "claim part repair_order"),
        "part_unknown": ("skipped", ""),
        "order_unknown": ("skipped", ""),
    },
    "repeat_repair": {
        "none": ("pass", ""),
        "marked": ("pass", "claim"),
        "found": ("fail", "claim part reported_on"),
        "not_found": ("fail", "claim"),
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
    "cause_complete": {
        "complete": ("pass", "part number"),
        "part_missing": ("fail", ""),
        "number_missing": ("fail", "part"),
        "cause_unknown": ("skipped", ""),
    },
    "labour_fits": {
        "none": ("pass", ""),
        "fits": ("pass", "count"),
        "other_fault": ("fail", _CODES),
        "other_model": ("fail", f"{_CODES} vin"),
        "not_listed": ("skipped", _CODES),
        "no_code": ("skipped", _CODES),
        "no_table": ("skipped", ""),
        "fault_unknown": ("skipped", ""),
        "vin_unknown": ("skipped", ""),
        **_NO_LINES,
    },
    "labour_remedy": {
        "none": ("pass", ""),
        "agrees": ("pass", "remedy"),
        "differs": ("fail", f"{_CODES} remedy"),
        "not_listed": ("skipped", _CODES),
        "no_code": ("skipped", _CODES),
        "no_table": ("skipped", ""),
        "remedy_unknown": ("skipped", ""),
        **_NO_LINES,
    },
    "labour_hours": {
        "none": ("pass", ""),
        "within": ("pass", "hours"),
        "over": ("fail", _CODES),
        "not_listed": ("skipped", _CODES),
        "no_code": ("skipped", _CODES),
        "no_table": ("skipped", ""),
        **_NO_LINES,
    },
    "part_quantity": {
        "none": ("pass", ""),
        "within": ("pass", "count"),
        "over": ("fail", _CODES),
        "not_listed": ("skipped", _CODES),
        "no_table": ("skipped", ""),
        **_NO_LINES,
    },
    "sublet_invoice": {
        "none": ("pass", ""),
        "there": ("pass", "count"),
        "missing": ("fail", "count"),
        "photos_unknown": ("skipped", ""),
        **_NO_LINES,
    },
    "preauthorised": {
        "not_needed": ("pass", ""),
        "granted": ("pass", "number until amount"),
        "missing": ("fail", "why"),
        "requested": ("fail", "why"),
        "refused": ("fail", "why"),
        "expired": ("fail", "number until"),
        "too_little": ("fail", "number amount total"),
        "no_terms": ("skipped", "judged_on"),
        "amount_unknown": ("skipped", ""),
        "no_amount": ("skipped", "currency"),
        "part_unknown": ("skipped", ""),
        "use_unknown": ("skipped", ""),
        **_NO_LINES,
    },
    "old_parts_back": {
        "none": ("pass", ""),
        "overdue": ("fail", "count claims due_on"),
        "not_kept": ("skipped", ""),
    },
}
"""Every reason of every rule: what it comes to, and the names that its words may use."""


class LimitLine(Dated):
    """From which readings on an odometer is questioned."""

    km_per_day: Annotated[int, Field(gt=0)]
    most_km: Annotated[int, Field(gt=0)]


class TypeRule(Strict):
    """A type of claim: how coverage is judged, and for what reason otherwise than by the car's own terms.

    `none`: not at all. `fitted_part`: as that part family, from the day the part was fitted.
    """

    words: Words
    coverage: Literal["terms", "none", "fitted_part"] = "terms"
    window: Literal["terms", "none"] = "terms"
    """Whether it must be reported in the maker's window; none: as the maker grants it."""
    family: str | None = None
    because: Words | None = None
    source: Words | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.coverage != "terms" and (self.because is None or self.source is None):
            raise ValueError("give because and source where coverage is not judged by the terms")
        if (self.coverage == "fitted_part") != (self.family is not None):
            raise ValueError("give family with fitted_part, and only then")
        return self


class AuditRule(Strict):
    """One rule as the office words it. `severity`: an error blocks, a warning needs a word of explanation.

    `fix`: the step in which a failure can be mended, or several, the likeliest first; `step=choice`: so answered.
    """

    title: Words
    severity: Level
    at: Literal["technician", "desk", "both"] = "both"
    fix: str | tuple[str, ...] = ()
    source: Words
    says: dict[str, Words]

    @property
    def fixes(self) -> tuple[str, ...]:
        return (self.fix,) if isinstance(self.fix, str) else self.fix


class AuditSheet(Strict):
    """All rules in the order in which they are told, the numbers they need, and the words that they share."""

    limits: Annotated[tuple[LimitLine, ...], Field(min_length=1)]
    duplicate_ignores: tuple[str, ...]
    """States of another claim that make it no duplicate."""
    proofs: dict[InServiceProof, Words]
    fitting: Words
    """What proves the start where coverage runs from the fitting of a part."""
    types: dict[ClaimType, TypeRule]
    triggers: dict[Trigger, Words]
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
        for key, names, there, what in (
            ("proofs", get_args(InServiceProof), self.proofs.keys(), "proof"),
            ("types", get_args(ClaimType), self.types.keys(), "type"),
            ("triggers", tuple(TRIGGERS), self.triggers.keys(), "trigger"),
        ):
            for name in names:
                if name not in there:
                    yield Problem((key,), f"the {what} {name} has no words", "add it in both languages")
        for trigger, words in self.triggers.items():
            yield from template_problems(("triggers", trigger), words, frozenset(TRIGGERS[trigger].split()))
        for kind, of_type in self.types.items():
            yield from template_problems(("types", kind, "words"), of_type.words, frozenset())
        for name in get_args(AuditName):
            if name not in self.rules:
                yield Problem(("rules",), f"the rule {name} is missing", "add it; a rule is never left out silently")
        for name, rule in self.rules.items():
            yield from _rule_problems(name, rule)


def _rule_problems(name: AuditName, rule: AuditRule) -> Iterator[Problem]:
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
    severity: Level
    fixes: tuple[str, ...]
    explained: bool = False
    """A failure whose reason was given already, as for a picture that could not be taken: it weighs as a warning."""

    @property
    def finding(self) -> str:
        """What was found, so that it is known again once somebody has explained it."""
        return f"{self.rule} {self.reason}"

    @property
    def blocks(self) -> bool:
        """Whether the claim may not go on before this is mended."""
        return self.outcome == "fail" and self.severity == "error"

    @property
    def wants_words(self) -> bool:
        """Whether it may go on once somebody has explained it."""
        return self.outcome == "fail" and self.severity == "warning" and not self.explained
