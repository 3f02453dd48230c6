"""The first verdict: each rule of the office's sheet asked of a claim, answered pass, fail or skipped, always with why.

A rule that lacks a fact is skipped and says which; one that breaks is a bug and raises.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from claimbot.claims.audit import cover, story, work
from claimbot.claims.audit.case import Answer, Case
from claimbot.claims.audit.sheet import REASONS, AuditName, AuditSheet, Place, Verdict
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.facts import Facts, Known

_ASKED: Final[Mapping[AuditName, Callable[[Case], Answer]]] = {
    "coverage_time": cover.coverage_time,
    "coverage_distance": cover.coverage_distance,
    "submission_window": cover.submission_window,
    "vin_plausible": cover.vin_plausible,
    "car_sold": cover.car_sold,
    "claim_type": cover.claim_type,
    "odometer_plausible": cover.odometer_plausible,
    "duplicate": story.duplicate,
    "repeat_repair": story.repeat_repair,
    "evidence_complete": story.evidence_complete,
    "story_agrees": story.story_agrees,
    "cause_complete": story.cause_complete,
    "labour_fits": work.labour_fits,
    "labour_remedy": work.labour_remedy,
    "labour_hours": work.labour_hours,
    "part_quantity": work.part_quantity,
    "sublet_invoice": work.sublet_invoice,
    "preauthorised": work.preauthorised,
    "old_parts_back": work.old_parts_back,
}


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
    case = Case(facts, known, sheet, terms, plans)
    verdicts = []
    for name, rule in sheet.rules.items():
        if at is None or rule.at in {at, "both"}:
            answer = _ASKED[name](case)
            outcome, _ = REASONS[name][answer.reason]
            explained = answer.reason == "explained"
            verdicts.append(
                Verdict(
                    rule=name,
                    outcome=outcome,
                    reason=answer.reason,
                    values=answer.values,
                    words=rule.says[answer.reason],
                    source=answer.source or rule.source,
                    severity="warning" if explained else rule.severity,
                    fixes=rule.fixes,
                    explained=explained,
                )
            )
    return tuple(verdicts)


def in_the_way(verdicts: Sequence[Verdict], facts: Facts) -> tuple[Verdict, ...]:
    """What keeps a claim at the desk: every error, and every warning that the desk has not explained; errors first."""
    unexplained = (each for each in verdicts if each.wants_words and each.finding not in facts.explained)
    return (*(each for each in verdicts if each.blocks), *unexplained)
