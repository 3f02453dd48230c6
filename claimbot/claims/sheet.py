"""What all of the office's sheets share: no unknown keys, and dated lines that follow one another without a hole."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from claimbot.claims.problem import Problem
from claimbot.claims.words import Words, names_in

_DAY = dt.timedelta(days=1)


class Strict(BaseModel):
    """A part of a sheet, as it is written there: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Dated(Strict):
    """A rule that holds from one day until another, both included, and who says so."""

    since: dt.date = Field(alias="from")
    until: dt.date | None = None
    source: Words

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


D = TypeVar("D", bound=Dated)


def in_force(lines: Sequence[D], day: dt.date) -> D | None:
    """The line that holds on that day."""
    return next((line for line in lines if line.holds_on(day)), None)


def dated_problems(lines: Sequence[tuple[tuple[str | int, ...], Dated]]) -> Iterator[Problem]:
    """Mistakes in lines of the same thing, each with its place: no source, turned dates, overlaps and holes."""
    for at, line in lines:
        if not (line.source.en.strip() and line.source.zh.strip()):
            yield Problem(
                (*at, "source"), "no source is given", "name the contract, law or letter the number comes from"
            )
        if line.until is not None and line.until < line.since:
            yield Problem((*at, "until"), f"ends on {line.until}, before it begins", "let `until` be `from` or later")
    for (_, earlier), (at, later) in pairwise(sorted(lines, key=lambda each: each[1].since)):
        if earlier.until is None or earlier.until >= later.since:
            mend = f"end the earlier one with `until: {later.since - _DAY}`"
            yield Problem((*at, "from"), f"overlaps the line that holds from {earlier.since}", mend)
        elif earlier.until + _DAY < later.since:
            mend = f"begin with `from: {earlier.until + _DAY}`, or lengthen the earlier line"
            yield Problem((*at, "from"), f"leaves a hole after {earlier.until}: no line holds in between", mend)


def template_problems(at: tuple[str | int, ...], words: Words, allowed: frozenset[str]) -> Iterator[Problem]:
    """Names in braces that nobody fills, and braces that do not match, in each language."""
    for lang, template in (("en", words.en), ("zh", words.zh)):
        if not template.strip():
            yield Problem((*at, lang), "there are no words", "write what people are to read")
        try:
            unknown = sorted(names_in(template) - allowed)
        except ValueError:
            yield Problem((*at, lang), "its braces do not match", "write each name as {name}")
            continue
        for name in unknown:
            may = ", ".join(f"{{{each}}}" for each in sorted(allowed)) or "none"
            yield Problem((*at, lang), f"{{{name}}} is not known here", f"what can be used: {may}")
