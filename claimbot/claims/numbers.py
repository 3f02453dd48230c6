"""Numbers as people type them: full-width digits, grouping marks of several countries, 万 and k.

Marks are read so: where both `.` and `,` occur, the later one is the decimal mark; a mark that occurs several times
groups thousands; a single mark with exactly three digits behind it and one to three before it (no leading zero) groups
thousands too, as "1.234" and "1,234" nearly always do in money and kilometres. Measurements are the exception
(3.652 V): `read_number` takes a single dot as the decimal mark, always. Groups that are not threes are refused.
"""

import re
from decimal import Decimal
from typing import Final

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLDED: Final = {
    **_FULL_WIDTH,
    0xFFE5: 0xA5,  # ￥
    0x3002: 0x2E,  # 。typed for a dot
    0x3001: 0x2C,  # 、
    **dict.fromkeys((0x3000, 0xA0, 0x2007, 0x2009, 0x202F), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), 0x2D),
    **dict.fromkeys((0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF), None),
}
_SCALES: Final = {"万": 10_000, "千": 1_000, "k": 1_000}
_PLAIN: Final = re.compile(r"[0-9]+")
_LONGEST: Final = 30


def fold(text: str) -> str:
    """The text with full-width forms, odd spaces and odd dashes as their plain ones, and nothing around it."""
    return text.translate(_FOLDED).strip()


def read_decimal(text: str, *, dot_is_decimal: bool = False) -> Decimal | None:
    """A number without a sign, folded already. `dot_is_decimal`: a single dot is never a thousands mark."""
    if not text or len(text) > _LONGEST:
        return None
    scale = _SCALES.get(text[-1].lower())
    body = text[:-1].rstrip() if scale is not None else text
    plain = _without_groups(body, dot_is_decimal=dot_is_decimal or scale is not None)
    return None if plain is None else Decimal(plain) * (scale or 1)


def read_number(text: str) -> Decimal | None:
    """A measurement or count; may be negative."""
    body = fold(text)
    negative = body.startswith("-")
    number = read_decimal(body.lstrip("+-").lstrip() if body[:1] in {"+", "-"} else body, dot_is_decimal=True)
    if number is None:
        return None
    return -number if negative else number


def _without_groups(text: str, *, dot_is_decimal: bool) -> str | None:
    """The number with at most a dot left in it, or None where its marks do not make a number."""
    marks = [each for each in text if each in ",."]
    decimal = _decimal_mark(text, marks, dot_is_decimal=dot_is_decimal)
    whole, dot, rest = text.rpartition(decimal) if decimal else (text, "", "")
    if dot and not _PLAIN.fullmatch(rest):
        return None
    groups = re.split(r"[ ,.'’]", whole)
    if len({each for each in whole if not each.isalnum()}) > 1:
        return None
    if not all(_PLAIN.fullmatch(each) for each in groups):
        return None
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(each) != 3 for each in groups[1:])):
        return None
    return "".join(groups) + (f".{rest}" if dot else "")


def _decimal_mark(text: str, marks: list[str], *, dot_is_decimal: bool) -> str | None:
    if not marks:
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return None
    if dot_is_decimal and marks == ["."]:
        return "."
    whole, _, rest = text.partition(marks[0])
    return None if re.fullmatch(r"[1-9][0-9]{0,2}", whole) and re.fullmatch(r"[0-9]{3}", rest) else marks[0]
