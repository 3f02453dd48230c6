"""One claim as the pre-audit's rules see it, and what a rule answers."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from claimbot.claims.audit.sheet import AuditSheet, TypeRule
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.evidence_plan import EvidencePlans
from claimbot.claims.facts import EarlierClaim, Facts, Known
from claimbot.claims.words import Words


@dataclass(frozen=True, slots=True)
class Answer:
    """A reason of the rule, what fills its words, and its source where that is not the rule's own."""

    reason: str
    values: Mapping[str, object]
    source: Words | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at."""

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

    @property
    def type(self) -> TypeRule:
        return self.sheet.types[self.facts.claim_type]

    @property
    def standing(self) -> tuple[EarlierClaim, ...]:
        """The other claims on this car that were not given up, newest first."""
        there = [each for each in self.known.earlier if each.state not in self.sheet.duplicate_ignores]
        return tuple(sorted(there, key=lambda each: (each.reported_on, each.number), reverse=True))

    @property
    def part(self) -> Words | str:
        """The failed part, in both languages where the maker lists it."""
        facts = self.facts
        listed = None if facts.failed_part is None else self.terms.part_named(facts.failed_part)
        return facts.failed_part or facts.part_number or "–" if listed is None else listed.words

    def is_same_part(self, other: EarlierClaim) -> bool:
        """Same number, or same part by name in either language: a new number of the same part is the same part."""
        facts = self.facts
        if facts.part_number is not None and facts.part_number == other.part_number:
            return True
        if facts.failed_part is None or other.failed_part is None:
            return False
        mine, theirs = (self.terms.part_named(text) for text in (facts.failed_part, other.failed_part))
        if mine is not None and theirs is not None:
            return mine.name == theirs.name
        return " ".join(facts.failed_part.casefold().split()) == " ".join(other.failed_part.casefold().split())
