"""Whether a step would take its own example: what the docs, the demo and the tests answer with must be an answer."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from claimbot.claims.amounts import read_amount
from claimbot.claims.cuts import read_cut
from claimbot.claims.dates import read_date, read_instant
from claimbot.claims.fault_codes import read_codes
from claimbot.claims.lines import read_lines
from claimbot.claims.odometer import read_km
from claimbot.claims.part_numbers import read_part_number
from claimbot.claims.vin import read_vin
from claimbot.flow.model import (
    AskingStep,
    ChoiceStep,
    CodesStep,
    CutsStep,
    DateStep,
    InstantStep,
    LinesStep,
    MomentStep,
    MoneyStep,
    NumberStep,
    OdometerStep,
    PartNumberStep,
    TextStep,
    VinStep,
)

_SOME_DAY: Final = dt.date(2026, 1, 1)
_SOME_INSTANT: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Only whether an example is a day or an hour is asked here, not whether it has passed: any day will do."""


def wrong_examples(step: AskingStep) -> Iterator[tuple[str, str, str]]:
    """The key at fault, what is wrong there, and how to mend it."""
    match step:
        case TextStep():
            yield from _of_text(step)
        case NumberStep():
            yield from _of_number(step)
        case ChoiceStep():
            if step.choices and step.options is None and not step.typed and step.example not in step.choices:
                yield "example", f"“{step.example}” is not among the choices", "use one of them"
        case _ if not _is_read(step):
            yield "example", f"the example is not read as {_MEANT[step.ask]}", "give one that a person could send"
        case _:
            pass


_MEANT: Final = {
    "part_number": "a part number",
    "odometer": "kilometres",
    "money": "an amount",
    "date": "a day",
    "instant": "a day and an hour",
    "moment": "a day, or a day and an hour",
    "vin": "a VIN with its check digit",
    "fault_codes": "fault codes",
    "lines": "lines with their prices",
    "cuts": "a line, an amount and a reason",
}


def _is_read(step: AskingStep) -> bool:  # noqa: C901, PLR0911  one a kind
    """By the same functions that read what a person sends."""
    match step:
        case PartNumberStep(example=said):
            return read_part_number(said) is not None
        case OdometerStep(example=km):
            return read_km(str(km)) is not None
        case MoneyStep(example=amount):
            return read_amount(str(amount)) is not None
        case DateStep(example=said):
            return read_date(said, _SOME_DAY) is not None
        case MomentStep(example=said):
            instant = read_instant(said, _SOME_INSTANT, "UTC")
            return read_date(said, _SOME_DAY) is not None or instant is not None
        case InstantStep(example=said):
            return read_instant(said, _SOME_INSTANT, "UTC") is not None
        case VinStep(example=said):
            return read_vin(said).vin is not None
        case CodesStep(example=codes):
            return bool(codes) and all(read_codes(code).codes for code in codes)
        case LinesStep(example=said):
            # an hour's price is the maker's, who is not known here
            troubles = [why for each in said for _, why in read_lines(each, None)[1]]
            return bool(said) and set(troubles) <= {"rate"}
        case CutsStep(example=said):
            cuts = (read_cut(each) for each in (said.en, said.zh))
            return all(cut is not None and cut.approved is not None and cut.reason for cut in cuts)
        case _:
            return True


def _of_text(step: TextStep) -> Iterator[tuple[str, str, str]]:
    if step.min_length > step.max_length:
        what = f"“min_length” {step.min_length} is more than “max_length” {step.max_length}"
        yield "min_length", what, "change one of the two"
        return
    said = (step.example,) if isinstance(step.example, str) else (step.example.en, step.example.zh)
    for length in (len(each.strip()) for each in said):
        if not step.min_length <= length <= step.max_length:
            what = f"the example has {length} characters"
            yield "example", what, f"use {step.min_length} to {step.max_length}"


def _of_number(step: NumberStep) -> Iterator[tuple[str, str, str]]:
    low, high = step.minimum, step.maximum
    if low is not None and high is not None and low > high:
        yield "minimum", f"“minimum” {low} is more than “maximum” {high}", "change one of the two"
    elif (low is not None and step.example < low) or (high is not None and step.example > high):
        yield "example", f"the example {step.example} is outside what is allowed", "use one between the two limits"
    elif isinstance(exponent := step.example.normalize().as_tuple().exponent, int) and -exponent > step.decimals:
        yield "example", f"the example {step.example} has too many decimals", f"use {step.decimals} at most"
