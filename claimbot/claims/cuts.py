"""What is approved of a claim, line by line: all as it was claimed, except for the lines that were cut, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from claimbot.claims.amounts import read_amount
from claimbot.claims.lines import Line
from claimbot.claims.numbers import read_number

MOST_REASON: Final = 200
"""Characters of a reason in one's own words."""


class Cut(BaseModel):
    """A line that is approved with less than was claimed, or not at all. `reason`: a listed one's key, or words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line_no: Annotated[int, Field(ge=1)]
    approved: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]


@dataclass(frozen=True, slots=True)
class TypedCut:
    """A cut as far as it was typed."""

    line_no: int
    approved: Decimal | None
    reason: str


def read_cut(text: str) -> TypedCut | None:
    """The number of a line; behind it, what it is approved with; behind that, why. None where it is none of these."""
    words = text.split(maxsplit=2)
    number = read_number(words[0].rstrip(".:、：)")) if words else None
    if number is None or number != int(number) or number < 1:
        return None
    approved = read_amount(words[1]) if len(words) > 1 else None
    if approved is None and len(words) > 1:
        return None
    return TypedCut(int(number), approved, words[2] if len(words) > 2 else "")


def fits(cut: Cut, lines: Sequence[Line]) -> bool:
    """Whether there is such a line, and it was claimed with more."""
    return cut.line_no <= len(lines) and cut.approved < lines[cut.line_no - 1].amount


def approved_amounts(lines: Sequence[Line], cuts: Sequence[Cut]) -> tuple[Decimal, ...]:
    """What each line is approved with, to the cent. Raises ValueError for what cuts nothing, or one line twice."""
    cut = {each.line_no: each for each in cuts if fits(each, lines)}
    if len(cut) < len(cuts):
        raise ValueError("a cut of no line, of one line twice, or to no less than was claimed")
    return tuple(cut[place].approved if place in cut else line.amount for place, line in enumerate(lines, 1))
