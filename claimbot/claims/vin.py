"""Vehicle identification numbers: read as typed and mended where only one thing can be meant, checked, and explained.

The check digit decides for China (L, H) and North America (1 to 5), where it is law; elsewhere makers use the ninth
place as they like, so a failure only warns.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field
from vininfo.dicts import COUNTRIES, WMI

from claimbot.claims.numbers import fold
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Strict
from claimbot.claims.words import Words

LENGTH: Final = 17
ENFORCED: Final = frozenset("LH12345")

Mended = Literal["full_width", "lower_case", "spaces", "letter_i", "letter_o", "letter_q"]
VinProblem = Literal["too_short", "too_long", "bad_characters", "check_digit"]
CheckDigit = Literal["passed", "failed_enforced", "failed_warned", "not_used"]

_LABEL: Final = re.compile(r"^(?:VIN码?|车架号|车辆识别代号)\s*[:.#]?\s*", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s\-._·*]+")
_ALLOWED: Final = re.compile(r"[A-HJ-NPR-Z0-9]*")
_VALUES: Final = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)),
}
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR_LETTERS: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_FIRST_YEAR: Final = 1980


@dataclass(frozen=True, slots=True)
class VinReading:
    """What was understood: the VIN or why there is none, what was mended on the way, and what the check digit says."""

    vin: str | None
    mended: tuple[Mended, ...]
    problem: VinProblem | None
    check: CheckDigit


@dataclass(frozen=True, slots=True)
class VinMeaning:
    """What a VIN tells of its car. The year letter repeats every 30 years: all years it may mean, the latest first."""

    maker: Words | None
    country: Words | None
    years: tuple[int, ...]


class WmiTable(Strict):
    """The office's own names for makers (the first three characters of a VIN) and countries (the first one or two)."""

    makers: dict[Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{2,3}$")], Words]
    countries: dict[Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{1,2}$")], Words] = Field(default_factory=dict)

    def problems(self) -> tuple[Problem, ...]:
        named = (("makers", self.makers), ("countries", self.countries))
        return tuple(
            Problem((part, key), "a name is empty", "write it in both languages")
            for part, table in named
            for key, words in table.items()
            if not (words.en.strip() and words.zh.strip())
        )


def read_vin(text: str) -> VinReading:
    """The VIN in a text. Letters that no VIN has are taken for the digits they look like."""
    plain = fold(text)
    bare = _BETWEEN.sub("", _LABEL.sub("", plain))
    upper = bare.upper()
    vin = upper.replace("I", "1").replace("O", "0").replace("Q", "0")
    steps: tuple[tuple[Mended, bool], ...] = (
        ("full_width", any(0xFF01 <= ord(each) <= 0xFF5E and fold(each).isalnum() for each in text)),
        ("lower_case", upper != bare),
        ("spaces", bare != _LABEL.sub("", plain)),
        ("letter_i", "I" in upper),
        ("letter_o", "O" in upper),
        ("letter_q", "Q" in upper),
    )
    mended = tuple(name for name, done in steps if done)
    problem: VinProblem | None = None
    if not _ALLOWED.fullmatch(vin):
        problem = "bad_characters"
    elif len(vin) != LENGTH:
        problem = "too_short" if len(vin) < LENGTH else "too_long"
    if problem is not None:
        return VinReading(None, mended, problem, "not_used")
    check = judge_check_digit(vin)
    if check == "failed_enforced":
        return VinReading(None, mended, "check_digit", check)
    return VinReading(vin, mended, None, check)


def judge_check_digit(vin: str) -> CheckDigit:
    """The verdict on the ninth character (ISO 3779 as in 49 CFR 565.15). `vin` has 17 permitted characters."""
    if vin[8] == check_digit(vin):
        return "passed"
    if vin[0] in ENFORCED:
        return "failed_enforced"
    return "failed_warned" if vin[8] in "0123456789X" else "not_used"


def check_digit(vin: str) -> str:
    """The ninth character that the other sixteen ask for."""
    rest = sum(_VALUES[each] * weight for each, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def describe_vin(vin: str, on: dt.date, table: WmiTable | None = None) -> VinMeaning:
    """What the VIN tells as of that day: the office's own names first, then vininfo's (English only)."""
    makers = table.makers if table is not None else {}
    countries = table.countries if table is not None else {}
    maker = makers.get(vin[:3]) or _listed(WMI.get(vin[:3])) or makers.get(vin[:2]) or _listed(WMI.get(vin[:2]))
    country = countries.get(vin[:2]) or countries.get(vin[:1]) or _listed(COUNTRIES.get(vin[:2]))
    return VinMeaning(maker, country, _years(vin[9], on))


def short_vin(vin: str) -> str:
    """The end of a VIN, by which workshops call a car; in one row, as nothing may be broken at a word joiner."""
    return f"…\u2060{vin[-6:]}"


def _listed(entry: object) -> Words | None:
    name = entry if isinstance(entry, str) else getattr(entry, "manufacturer", None)
    return Words(en=str(name), zh=str(name)) if name else None


def _years(letter: str, on: dt.date) -> tuple[int, ...]:
    if letter not in _YEAR_LETTERS:
        return ()
    first = _FIRST_YEAR + _YEAR_LETTERS.index(letter)
    return tuple(range(first, on.year + 2, len(_YEAR_LETTERS)))[::-1]
