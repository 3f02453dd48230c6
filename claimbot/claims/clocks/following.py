"""Whose time limits a claim follows, and which of its facts set them going.

A claim of a site follows what the office's sheet names for it: the site's maker, the statutes of its country, or of
that site alone. What is not known from the claim's own facts, people record as events.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from claimbot.claims.calendar import Country
from claimbot.claims.clocks.rules import Event
from claimbot.claims.facts import CarUse, Facts, InServiceProof, Remedy
from claimbot.claims.sheet import Strict

MAKER: Final = "maker"
"""Stands for the terms of the site's own maker."""


class Follow(Strict):
    """A form, statute or maker whose limits hold: for all sites, or for those of some countries or codes.

    `uses`: only for cars of these uses; `clocks`: only these of it, by name; left out: all.
    """

    form: Annotated[str, Field(min_length=1)]
    countries: tuple[Country, ...] = ()
    sites: tuple[str, ...] = ()
    uses: tuple[CarUse, ...] = ()
    clocks: tuple[str, ...] = ()

    def holds_for(self, site: str, country: str, use: CarUse) -> bool:
        here = (not self.countries or country in self.countries) and (not self.sites or site in self.sites)
        return here and (not self.uses or use in self.uses)

    def named(self, maker: str) -> str:
        """The form's name at a site of that maker."""
        return maker if self.form == MAKER else self.form


class Happened(Strict):
    """A fact of a claim that is an event.

    `proof`: only where that is what proves the in-service date. `remedy`: only of such a repair.
    """

    event: Event
    fact: Literal["opened_at", "closed_at", "in_service_on"]
    proof: InServiceProof | None = None
    remedy: Remedy | None = None

    @model_validator(mode="after")
    def _proof_of_service(self) -> Self:
        if self.proof is not None and self.fact != "in_service_on":
            raise ValueError("only in_service_on has a proof")
        return self

    def holds(self, facts: Facts) -> bool:
        return self.proof in {None, facts.in_service_proof} and self.remedy in {None, facts.remedy}
