"""What is asked of the story: was it claimed before, is it shown, does it agree with itself and name its cause."""

from collections.abc import Mapping
from typing import Final

from claimbot.claims.audit.case import Answer, Case
from claimbot.claims.evidence_plan import plan_for, unfilled
from claimbot.claims.rules import RULES
from claimbot.claims.words import Words

REMEDIES: Final[Mapping[str, Words]] = {
    "repaired": Words(en="repaired", zh="维修"),
    "replaced": Words(en="replaced", zh="更换"),
}


def duplicate(case: Case) -> Answer:
    """The same part on the same repair order was claimed already: one of the two has to go."""
    facts = case.facts
    if facts.failed_part is None and facts.part_number is None:
        return Answer("part_unknown", {})
    if facts.repair_order is None:
        return Answer("order_unknown", {})
    for other in case.standing:
        if case.is_same_part(other) and _plain(other.repair_order) == _plain(facts.repair_order):
            values = {"claim": other.number, "part": case.part, "repair_order": facts.repair_order}
            return Answer("found", values)
    return Answer("none", {})


def _plain(order: str | None) -> str:
    return "".join((order or "").casefold().split())


def repeat_repair(case: Case) -> Answer:
    """The same part failed before: that is a repeat repair, and names the claim before."""
    facts = case.facts
    if facts.claim_type == "repeat_repair" and facts.earlier_claim is not None:
        met = {each.number for each in case.known.earlier}
        known = {"claim": facts.earlier_claim}
        return Answer("marked" if facts.earlier_claim in met else "not_found", known)
    if facts.failed_part is None and facts.part_number is None:
        return Answer("part_unknown", {})
    for other in case.standing:
        if case.is_same_part(other):
            values = {"claim": other.number, "part": case.part, "reported_on": other.reported_on}
            return Answer("found", values)
    return Answer("none", {})


def evidence_complete(case: Case) -> Answer:
    facts = case.facts
    if facts.photos is None:
        return Answer("photos_unknown", {})
    if facts.fault_family is None:
        return Answer("fault_unknown", {})
    if facts.remedy is None:
        return Answer("remedy_unknown", {})
    empty = unfilled(plan_for(case.plans, facts, case.known), facts.photos)
    gaps = facts.photos.gaps
    bare = tuple(slot.words for slot in empty if not gaps.get(slot.name, "").strip())
    if bare:
        return Answer("missing", {"slots": bare})
    if empty:
        told = tuple(_with_reason(slot.words, case.plans.reason(gaps[slot.name])) for slot in empty)
        return Answer("explained", {"slots": told})
    return Answer("complete", {"count": sum(len(held) for held in facts.photos.slots.values())})


def _with_reason(slot: Words, reason: Words | str) -> Words:
    en, zh = (reason.en, reason.zh) if isinstance(reason, Words) else (reason, reason)
    return Words(en=f"{slot.en} ({en})", zh=f"{slot.zh}（{zh}）")


def story_agrees(case: Case) -> Answer:
    facts = case.facts
    if facts.remedy is None:
        return Answer("remedy_unknown", {})
    if facts.cause is None:
        return Answer("cause_unknown", {})
    agrees = RULES["remedy_agrees_with_story"].holds(facts, case.known)
    return Answer("agrees" if agrees else "differs", {"remedy": REMEDIES[facts.remedy]})


def cause_complete(case: Case) -> Answer:
    """A cause is one only with the part that caused it, by name and number."""
    facts = case.facts
    if facts.cause is None:
        return Answer("cause_unknown", {})
    if facts.failed_part is None:
        return Answer("part_missing", {})
    if facts.part_number is None:
        return Answer("number_missing", {"part": case.part})
    return Answer("complete", {"part": case.part, "number": facts.part_number})
