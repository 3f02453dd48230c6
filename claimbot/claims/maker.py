"""What the maker makes of a claim that has left: its answer by line, why, and whether the money is all there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from claimbot.claims.lines import Line, Price
from claimbot.claims.sheet import Dated
from claimbot.claims.words import Words

Answer = Literal["approved", "cut", "returned", "refused"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
Outcome = Literal["accept", "return", "refuse"]
"""The move that an answer makes: something is paid, something is to be mended, nothing is paid."""
Term = Literal["answer", "resubmission", "appeal", "payment"]
_CENT: Final = Decimal("0.01")
MOST_WORDS: Final = 200


# the maker's own terms


class AnswerReason(Dated):
    """Why a maker cuts, returns or refuses a line, by its own code."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,11}$")]
    words: Words
    answers: Annotated[tuple[Answer, ...], Field(min_length=1)]


class TermLine(Dated):
    """How long something may take after a claim has left: the maker's answer or payment, our second or last word."""

    term: Term
    days: Annotated[int, Field(gt=0)]
    on_miss: Words


class ToleranceLine(Dated):
    """A difference up to which money counts as paid in full."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    amount: Price


# the answer


class LineAnswer(BaseModel):
    """What the maker says of one line. `amount`: what it pays for it, None where it has not decided (`returned`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    answer: Answer
    amount: Annotated[Decimal, Field(ge=0)] | None = None
    reason: Annotated[str, Field(max_length=MOST_WORDS)] | None = None
    """A code of the maker's, or the person's own words."""


class AskedLine(BaseModel):
    """A line as it went to the maker: its number in the claim, what was asked for it, and what was answered before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    line: Line
    asked: Annotated[Decimal, Field(gt=0)]
    earlier: LineAnswer | None = None

    def approved(self) -> LineAnswer:
        return LineAnswer(number=self.number, answer="approved", amount=self.asked)


def outcome(answers: Sequence[LineAnswer]) -> Outcome:
    """Anything returned sends the claim back; else it is a no only where no line gets anything."""
    if any(each.answer == "returned" for each in answers):
        return "return"
    return "accept" if any(each.amount for each in answers) else "refuse"


AnswerProblem = Literal["missing", "twice", "unknown", "too_much", "not_cut", "no_reason"]


def answer_problem(asked: Sequence[AskedLine], answers: Sequence[LineAnswer]) -> tuple[int, AnswerProblem] | None:
    """The first line whose answer cannot be: every line is answered once, with no more than was asked, and why."""
    sums = {each.number: each.asked for each in asked}
    seen: set[int] = set()
    for each in answers:
        if each.number not in sums:
            return each.number, "unknown"
        if each.number in seen:
            return each.number, "twice"
        seen.add(each.number)
        wrong = _wrong(each, sums[each.number])
        if wrong is not None:
            return each.number, wrong
    left = sorted(sums.keys() - seen)
    return (left[0], "missing") if left else None


def _wrong(given: LineAnswer, asked: Decimal) -> AnswerProblem | None:
    amount = given.amount
    if amount is not None and amount > asked:
        return "too_much"
    fits = {
        "approved": amount == asked,
        "cut": amount is not None and 0 < amount < asked,
        "returned": amount is None,
        "refused": amount == 0,
    }[given.answer]
    if not fits:
        return "not_cut"
    return "no_reason" if given.answer != "approved" and not (given.reason or "").strip() else None


# the money


@dataclass(frozen=True, slots=True)
class Booked:
    """Money that came: for one line, or for the claim as a whole (None)."""

    line: int | None
    amount: Decimal


def spread(amount: Decimal, weights: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """A sum over lines in the proportion of their weights, each down to the cent; what is left goes to the last one."""
    whole = sum(weights.values(), Decimal(0))
    even = {number: Decimal(1) for number in weights}
    shares, whole = (weights, whole) if whole else (even, Decimal(len(even)))
    given = {number: (amount * weight / whole).quantize(_CENT, ROUND_DOWN) for number, weight in shares.items()}
    if given:
        last = max(number for number, weight in shares.items() if weight)
        given[last] += amount - sum(given.values(), Decimal(0))
    return given


def paid_by_line(weights: Mapping[int, Decimal], booked: Iterable[Booked]) -> dict[int, Decimal]:
    """What each line has got; money for no line, or for one that is no more, is spread over all. To the cent, always.

    What is spread goes first to where money is still missing, so that a line that was paid by itself gets none of it.
    """
    own = dict.fromkeys(weights, Decimal(0))
    loose = Decimal(0)
    for each in booked:
        if each.line in own:
            own[each.line] += each.amount
        else:
            loose += each.amount
    if not loose:
        return own
    missing = {number: max(weight - own[number], Decimal(0)) for number, weight in weights.items()}
    shares = spread(loose, missing if sum(missing.values(), Decimal(0)) else weights)
    return {number: own[number] + shares[number] for number in own}


Money3 = Literal["short", "full", "over"]


def how_paid(expected: Decimal, paid: Decimal, tolerance: Decimal) -> Money3:
    """Whether what came is what was promised, but for a difference that nobody runs after."""
    if paid > expected + tolerance:
        return "over"
    return "short" if paid < expected - tolerance else "full"
