"""A maker's terms for the work itself: its operations, its part catalogue, and what it wants to be asked before.

All of it is dated. What is not listed cannot be judged, and is told so: these tables need not be whole to be of use.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from claimbot.claims.facts import CarStanding, ClaimType, FaultFamily, Remedy
from claimbot.claims.sheet import Dated, Strict
from claimbot.claims.words import Words

Code = Annotated[str, Field(pattern=r"^[A-Z0-9](?:[A-Z0-9./-]{0,38}[A-Z0-9])?$")]
"""Of an operation or a part, upper case as it is kept."""
PartName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Trigger = Literal["amount", "part", "labour", "second_assembly", "claim_type", "car_standing"]
TRIGGERS: Final[dict[Trigger, str]] = {
    "amount": "total limit",
    "part": "part",
    "labour": "codes",
    "second_assembly": "part claim",
    "claim_type": "type",
    "car_standing": "",
}
"""Why the maker wants to be asked before, and what the words for it may use."""


class Operation(Strict):
    """A labour operation; an empty list means any. `vins`: how the VINs of the models begin that it fits."""

    words: Words
    hours: Annotated[Decimal, Field(gt=0)]
    faults: tuple[FaultFamily, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    vins: tuple[Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{1,8}$")], ...] = ()


class LabourTable(Dated):
    """The maker's operations while this edition holds."""

    operations: dict[Code, Operation]


class CataloguePart(Strict):
    """A part number, and how many of it one car has."""

    words: Words
    per_vehicle: Annotated[int, Field(gt=0)]


class Catalogue(Dated):
    """The maker's parts while this edition holds."""

    parts: dict[Code, CataloguePart]


class PreauthLine(Dated):
    """When the maker must agree beforehand: over an amount, for some parts and operations, types of claim."""

    amount_over: dict[Currency, Annotated[Decimal, Field(ge=0)]] = Field(default_factory=dict)
    parts: tuple[PartName, ...] = ()
    labour: tuple[Code, ...] = ()
    second_assembly: tuple[PartName, ...] = ()
    """Listed parts that are assemblies: the second replacement of one on the same car is asked for."""
    claim_types: tuple[ClaimType, ...] = ()
    car_standing: CarStanding | None = None
    """From which warning on of the statute on swap and refund."""


def words_of_work(
    labour: tuple[LabourTable, ...], catalogue: tuple[Catalogue, ...]
) -> Iterator[tuple[tuple[str | int, ...], Words]]:
    """All words of these tables, each with its place."""
    for index, table in enumerate(labour):
        for code, operation in table.operations.items():
            yield ("labour", index, "operations", code, "words"), operation.words
    for index, edition in enumerate(catalogue):
        for number, part in edition.parts.items():
            yield ("catalogue", index, "parts", number, "words"), part.words
