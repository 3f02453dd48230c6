"""Evidence plans: which pictures a claim needs, by its fault family and its facts, and what makes a good one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from claimbot.claims.facts import ClaimType, Facts, FaultFamily, Known, PhotoSheet
from claimbot.claims.problem import Problem
from claimbot.claims.rules import RULES, RuleError
from claimbot.claims.sheet import Strict, template_problems
from claimbot.claims.words import Words

SlotName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")]


class Slot(Strict):
    """What one picture must show, and in one short line what makes it a good one. `many`: more than one."""

    words: Words
    good: Words
    many: bool = False


class PlanLine(Strict):
    """A slot of a plan. `when`: in it only while the rule holds; `required_when`: else the picture is optional."""

    slot: SlotName
    required: bool = True
    when: str | None = None
    required_when: str | None = None


class TypePlan(Strict):
    """What a type of claim needs besides its fault family's plan, and what of that it can do without."""

    also: tuple[PlanLine, ...] = ()
    without: tuple[SlotName, ...] = ()


class GapReason(Strict):
    """Why a picture cannot be taken. `slots`: of which pictures that may be said; empty for all."""

    words: Words
    slots: tuple[SlotName, ...] = ()


class EvidencePlans(Strict):
    """All slots, the usual plan, those of fault families and types of claim, and reasons to leave a slot empty."""

    slots: Annotated[dict[SlotName, Slot], Field(min_length=1)]
    usual: Annotated[tuple[PlanLine, ...], Field(min_length=1)]
    families: dict[FaultFamily, tuple[PlanLine, ...]] = Field(default_factory=dict)
    always: tuple[PlanLine, ...] = ()
    """What every plan has besides."""
    types: dict[ClaimType, TypePlan] = Field(default_factory=dict)
    gap_reasons: Annotated[dict[SlotName, GapReason], Field(min_length=1)]

    @property
    def many(self) -> frozenset[str]:
        """The slots that hold more than one picture."""
        return frozenset(name for name, slot in self.slots.items() if slot.many)

    def reasons_for(self, slot: str) -> dict[str, Words]:
        """The reasons that can be given for leaving this slot empty."""
        return {key: why.words for key, why in self.gap_reasons.items() if not why.slots or slot in why.slots}

    def reason(self, given: str) -> Words | str:
        """A reason in both languages where it is one of ours; else what the person wrote."""
        known = self.gap_reasons.get(given)
        return given if known is None else known.words

    @property
    def reads(self) -> frozenset[str]:
        """The facts that must be known before a plan can be made."""
        lines = (line for _, plan in self._plans() for line in plan)
        rules = [RULES[name] for line in lines for name in (line.when, line.required_when) if name and name in RULES]
        return frozenset({"fault_family"}).union(*(rule.reads for rule in rules))

    def lines_for(self, fault: FaultFamily, claim_type: ClaimType) -> tuple[PlanLine, ...]:
        """The plan of a fault family as that type of claim needs it; of a slot named twice the later line holds."""
        of_type = self.types.get(claim_type, TypePlan())
        lines = (*self.families.get(fault, self.usual), *self.always, *of_type.also)
        plan = {line.slot: line for line in lines}
        return tuple(
            line.model_copy(update={"required": False}) if line.slot in of_type.without else line
            for line in plan.values()
        )

    def _plans(self) -> Iterator[tuple[tuple[str | int, ...], tuple[PlanLine, ...]]]:
        """All plans and parts of plans, each with its place."""
        yield ("usual",), self.usual
        yield from ((("families", key), plan) for key, plan in self.families.items())
        yield ("always",), self.always
        yield from ((("types", key, "also"), of_type.also) for key, of_type in self.types.items())

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        plans = tuple(self._plans())
        used = {line.slot for _, plan in plans for line in plan}
        yield from self._without_problems(used)
        for at, plan in plans:
            yield from self._plan_problems(at, plan)
        for name, slot in self.slots.items():
            yield from template_problems(("slots", name, "words"), slot.words, frozenset())
            yield from template_problems(("slots", name, "good"), slot.good, frozenset())
            if name not in used:
                yield Problem(("slots", name), f"no plan uses the slot {name}", "add it to a plan or take it out")
        for key, why in self.gap_reasons.items():
            yield from template_problems(("gap_reasons", key, "words"), why.words, frozenset())
            for index, name in enumerate(why.slots):
                if name not in self.slots:
                    known = ", ".join(self.slots)
                    yield Problem(
                        ("gap_reasons", key, "slots", index), f"there is no slot {name}", f"known slots: {known}"
                    )
        for name in self.slots:
            if not self.reasons_for(name):
                yield Problem(("slots", name), f"no reason fits the slot {name}", "add one under gap_reasons")

    def _without_problems(self, used: set[str]) -> Iterator[Problem]:
        for kind, of_type in self.types.items():
            for index, name in enumerate(of_type.without):
                if name not in used:
                    mend = "look for a typing mistake, or take it out"
                    yield Problem(("types", kind, "without", index), f"no plan has the slot {name}", mend)

    def _plan_problems(self, at: tuple[str | int, ...], plan: tuple[PlanLine, ...]) -> Iterator[Problem]:
        seen: set[str] = set()
        for index, line in enumerate(plan):
            here = (*at, index)
            if line.slot not in self.slots:
                known = ", ".join(self.slots)
                yield Problem(
                    (*here, "slot"), f"there is no slot {line.slot}", f"describe it under slots; known: {known}"
                )
            if line.slot in seen:
                yield Problem((*here, "slot"), f"{line.slot} stands twice in this plan", "keep one of the two")
            seen.add(line.slot)
            if line.required_when is not None and not line.required:
                yield Problem(here, "both `required: false` and `required_when`", "keep one of the two")
            for key, rule in (("when", line.when), ("required_when", line.required_when)):
                if rule is not None and rule not in RULES:
                    yield Problem((*here, key), f"there is no rule {rule}", f"known rules: {', '.join(RULES)}")


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot as this claim needs it."""

    name: str
    words: Words
    good: Words
    required: bool
    many: bool = False


def plan_for(plans: EvidencePlans, facts: Facts, known: Known) -> tuple[PlannedSlot, ...]:
    """The claim's plan, in the order of the sheet. Raises `RuleError` before the fault family is known."""
    if facts.fault_family is None:
        raise RuleError("evidence plan", ("fault_family",))
    lines = plans.lines_for(facts.fault_family, facts.claim_type)
    return tuple(
        planned(plans, line.slot, required=_required(line, facts, known))
        for line in lines
        if line.when is None or RULES[line.when].holds(facts, known)
    )


def planned(plans: EvidencePlans, name: str, *, required: bool = True) -> PlannedSlot:
    """One slot outside a plan, as when a clerk asks for it."""
    slot = plans.slots[name]
    return PlannedSlot(name, slot.words, slot.good, required, slot.many)


def counted(plan: tuple[PlannedSlot, ...]) -> tuple[PlannedSlot, ...]:
    """The slots that "7 of 8" counts: not those that merely hold whatever else is shown."""
    return tuple(slot for slot in plan if slot.required or not slot.many)


def missing(plan: tuple[PlannedSlot, ...], sheet: PhotoSheet) -> tuple[PlannedSlot, ...]:
    """Required slots with neither a picture nor a reason."""
    return tuple(slot for slot in unfilled(plan, sheet) if not sheet.gaps.get(slot.name, "").strip())


def unfilled(plan: tuple[PlannedSlot, ...], sheet: PhotoSheet) -> tuple[PlannedSlot, ...]:
    """Required slots without a picture, whether or not a reason is given."""
    return tuple(slot for slot in plan if slot.required and not sheet.slots.get(slot.name))


def _required(line: PlanLine, facts: Facts, known: Known) -> bool:
    return line.required and (line.required_when is None or RULES[line.required_when].holds(facts, known))
