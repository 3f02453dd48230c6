"""The lines of a claim: what is claimed, piece by piece, each to the cent; and how people type one in a hurry."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from claimbot.claims.amounts import read_amount
from claimbot.claims.numbers import fold, read_number
from claimbot.claims.sheet import Dated

LineKind = Literal["labour", "part", "sublet", "travel", "towing", "loaner"]
LINE_KINDS: Final[tuple[LineKind, ...]] = get_args(LineKind)
MOST_LINES: Final = 200
"""More belong into several claims; one message and one paper still show so many."""

_CENT: Final = Decimal("0.01")
_MOST: Final = Decimal(100_000)
Share = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
Quantity = Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=2)]
Price = Annotated[Decimal, Field(ge=0, lt=Decimal(1_000_000_000), decimal_places=2)]


def cents(amount: Decimal) -> Decimal:
    """To the cent, half a cent upwards, as invoices do."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


class Line(BaseModel):
    """One position. `quantity` counts hours (labour), pieces (part), km (travel), days (loaner); elsewhere it is 1.

    `code` is the labour operation, the part number or, for work done elsewhere, the number of its invoice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: LineKind
    code: Annotated[str, Field(max_length=64)] | None = None
    text: Annotated[str, Field(max_length=200)] | None = None
    quantity: Quantity = Decimal(1)
    unit_price: Price
    tax_percent: Share = Decimal(0)

    @property
    def net(self) -> Decimal:
        return cents(self.quantity * self.unit_price)

    @property
    def tax(self) -> Decimal:
        return cents(self.net * self.tax_percent / 100)

    @property
    def amount(self) -> Decimal:
        """What is claimed for it, tax included."""
        return self.net + self.tax


class RateLine(Dated):
    """What the maker pays for an hour of labour, and the tax that goes on top of every line, in one currency."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    labour_hour: Price
    tax_percent: Share = Decimal(0)


def totals(lines: Sequence[Line]) -> Mapping[LineKind, Decimal]:
    """The amounts by kind, in the order of the kinds; kinds that do not occur are left out."""
    sums: dict[LineKind, Decimal] = {}
    for kind in LINE_KINDS:
        held = [line.amount for line in lines if line.kind == kind]
        if held:
            sums[kind] = sum(held, Decimal(0))
    return MappingProxyType(sums)


def in_three(lines: Sequence[Line]) -> tuple[Decimal, Decimal, Decimal]:
    """Labour, parts, and everything else: the three that are told of every claim."""
    sums = totals(lines)
    rest = sum((amount for kind, amount in sums.items() if kind not in {"labour", "part"}), Decimal(0))
    return sums.get("labour", Decimal(0)), sums.get("part", Decimal(0)), rest


# as people type them

_KIND_WORDS: Final[Mapping[str, LineKind]] = {
    **dict.fromkeys(("labour", "labor", "work", "人工", "人工费", "工时", "工时费"), "labour"),
    **dict.fromkeys(("part", "parts", "配件", "配件费", "零件", "材料", "材料费"), "part"),
    **dict.fromkeys(("sublet", "外协", "外协费", "外包", "外加工"), "sublet"),
    **dict.fromkeys(("travel", "外出", "外出费", "差旅", "路费"), "travel"),
    **dict.fromkeys(("tow", "towing", "拖车", "拖车费", "救援"), "towing"),
    **dict.fromkeys(("loaner", "rental", "代步车", "代步费", "备用车"), "loaner"),
}
_NUMBER: Final = r"([0-9][0-9.,]*)"
_UNITS: Final[tuple[tuple[re.Pattern[str], LineKind | None], ...]] = (
    (re.compile(rf"{_NUMBER}\s*(?:h|hr|hrs|hours?|小时|工时|个?钟头)", re.IGNORECASE), "labour"),
    (re.compile(rf"{_NUMBER}\s*(?:km|公里|千米)", re.IGNORECASE), "travel"),
    (re.compile(rf"{_NUMBER}\s*(?:d|days?|天|日)", re.IGNORECASE), "loaner"),
    (re.compile(rf"(?:[x×*]\s*{_NUMBER}|{_NUMBER}\s*(?:pcs?|pieces?|件|个|只|支|套|条|片|块儿))", re.IGNORECASE), None),
)
_TAX: Final = re.compile(r"\+?([0-9]{1,2}(?:\.[0-9]{1,2})?)%")
_CODE: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Z0-9][A-Z0-9./-]{2,39}", re.IGNORECASE)
_APART: Final = re.compile(r"[\n;；]+")
_COMMA: Final = re.compile(r"[,，、](?!\d)|(?<!\d)[,，、]")
"""One that stands in no number."""
_LEAD: Final = re.compile(r"[0-9]{1,3}(?:[)）、]\s*|\.\s+)|[-•]\s+")
_MONEY_WORD: Final = "费"
"""A labour word that ends so means money, not hours."""
_BARE: Final = re.compile(r"[0-9.,]+")
_UNCLEAR: Final = re.compile(r"[x×*]?[\W\d_]*|(?:税率?|tax|vat)[:+]*[0-9].*", re.IGNORECASE)
"""A word that is no text: a mark, a number, a tax that is none."""
_BETWEEN: Final = re.compile(r"[-:=@/|,.+]+")
"""Marks by which people part things; they say nothing."""
_MOST_HOURS: Final = 100
"""A bare number above it is money: no line has so many hours."""
_SMALL: Final = 20
"""A whole number up to it that stands before a price is a count."""


def kind_named(word: str) -> LineKind | None:
    """The kind that a word means, in small letters."""
    return _KIND_WORDS.get(word)


LineTrouble = Literal["kind", "price", "hours", "twice", "left", "amount", "rate"]
"""Why a typed line is none: no kind can be told, no price, a number that may be hours or money, something told twice,
a number or mark that means nothing, a number out of bounds, no rate."""


def read_lines(
    text: str, rate: RateLine | None, operations: Collection[str] = ()
) -> tuple[tuple[Line, ...], tuple[tuple[str, LineTrouble], ...]]:
    """Lines as typed, one each row (or parted by semicolons or commas), and those that are none, with what is wrong.

    "GX-1001 ×2 380", "2.5h", "OP-1 2.5h 120", "拖车 350", "sublet INV-77 repaint 500 +6%". `rate`: the price of an
    hour and the tax where none is typed; None where the maker names none. `operations`: the maker's codes of labour.
    """
    lines: list[Line] = []
    troubles: list[tuple[str, LineTrouble]] = []
    for raw in _APART.split(text):
        typed = _LEAD.sub("", raw.strip(), count=1) if _LEAD.match(raw.strip()) else raw.strip()
        if not typed:
            continue
        several = [_read_line(each, rate, operations) for each in _COMMA.split(typed) if each.strip()]
        if len(several) > 1 and all(isinstance(each, Line) for each in several):
            lines += [each for each in several if isinstance(each, Line)]
            continue
        read = _read_line(_COMMA.sub(" ", typed), rate, operations)
        if isinstance(read, Line):
            lines.append(read)
        else:
            troubles.append((typed, read))
    return tuple(lines), tuple(troubles)


@dataclass(slots=True)
class _Told:
    """What the words of one typed line mean, each on its own."""

    kind: LineKind | None = None
    code: str | None = None
    words: list[str] = field(default_factory=list)
    quantities: list[Decimal] = field(default_factory=list)
    prices: list[Decimal] = field(default_factory=list)
    bare: bool = False
    """Whether the first price has no sign of money: it may be a count, or hours."""
    tax_percent: Decimal | None = None
    is_fee: bool = False
    is_unclear: bool = False

    def take(self, word: str) -> None:
        said = word.casefold().rstrip(":：")
        kind = kind_named(said)
        if kind is not None and self.kind is None and not self.words:
            self.kind, self.is_fee = kind, said.endswith(_MONEY_WORD)
        elif (tax := _TAX.fullmatch(word)) is not None:
            self.tax_percent = Decimal(tax[1])
        elif (counted := _counted(word)) is not None:
            self.quantities.append(counted[0])
            self.kind = self.kind or counted[1]
        elif (amount := read_amount(word)) is not None and not self._is_number_of_part():
            self.bare = _BARE.fullmatch(word) is not None if not self.prices else self.bare
            self.prices.append(amount)
        elif self.code is None and _CODE.fullmatch(word):
            self.code = word.upper()
        elif not _BETWEEN.fullmatch(word):
            self.is_unclear = self.is_unclear or _UNCLEAR.fullmatch(word) is not None
            self.words.append(word)

    def _is_number_of_part(self) -> bool:
        """Behind the word "part" comes its number, though it may be all digits."""
        return self.kind == "part" and self.code is None and not self.prices

    def is_money(self) -> bool:
        """Whether the one number is no count of hours, by its sign, by the word before it, or as it is so large."""
        return bool(self.prices) and (self.is_fee or not self.bare or self.prices[0] > _MOST_HOURS)

    def count_glued(self) -> None:
        """The count that was typed on to a part's number ("GX-1001x2"), where no other count was told."""
        glued = None if self.code is None or self.quantities else _GLUED.fullmatch(self.code)
        if glued is not None:
            self.code = glued[1]
            self.quantities.append(Decimal(glued[2]))

    def count_before_price(self, kind: LineKind) -> None:
        """Of two numbers the first is the count, where it is small and bare: "GX-1001 2 380", "工时 2.5 160"."""
        if len(self.prices) != 2 or self.quantities or not self.bare or kind in {"sublet", "towing"}:
            return
        first = self.prices[0]
        if 0 < first <= _SMALL and (kind == "labour" or first == first.to_integral_value()):
            self.quantities.append(Decimal(f"{self.prices.pop(0).normalize():f}"))
            self.bare = False


_GLUED: Final = re.compile(r"([A-Z0-9][A-Z0-9./-]{2,}[A-Z0-9])X([1-9][0-9]?)")
"""A short one, as M10X25, is a size."""


def _read_line(typed: str, rate: RateLine | None, operations: Collection[str]) -> Line | LineTrouble:
    told = _Told()
    for word in _words_of(typed):
        told.take(word)
    if told.code not in operations:
        told.count_glued()
    of_code: LineKind = "labour" if told.code in operations else "part"
    kind = told.kind or (of_code if told.code is not None else None)
    if told.is_unclear:
        return "left"
    if kind is None:
        return "kind"
    told.count_before_price(kind)
    if len(told.prices) > 1 or len(told.quantities) > 1:
        return "twice"
    if kind == "labour" and not told.quantities and not told.is_money():
        return "hours"
    text = " ".join(told.words)[:200] or None
    price = told.prices[0] if told.prices else None
    quantity = told.quantities[0] if told.quantities else None
    return reckoned(kind, told.code, text, quantity, price, told.tax_percent, rate)


def reckoned(
    kind: LineKind,
    code: str | None,
    text: str | None,
    quantity: Decimal | None,
    unit_price: Decimal | None,
    tax_percent: Decimal | None,
    rate: RateLine | None,
) -> Line | Literal["price", "rate", "amount"]:
    """A line of what was told of it; what was not comes from the maker's rate, and without a count it is one."""
    if unit_price is None and not (kind == "labour" and quantity is not None):
        return "price"
    if unit_price is None:
        if rate is None:
            return "rate"
        unit_price = rate.labour_hour
    if tax_percent is None:
        tax_percent = Decimal(0) if rate is None else rate.tax_percent
    return made(kind, code, text, unit_price, Decimal(1) if quantity is None else quantity, tax_percent) or "amount"


def made(
    kind: LineKind,
    code: str | None,
    text: str | None,
    unit_price: Decimal,
    quantity: Decimal,
    tax_percent: Decimal,
) -> Line | None:
    """A line of these, or None where a number is out of bounds."""
    try:
        return Line(kind=kind, code=code, text=text, quantity=quantity, unit_price=unit_price, tax_percent=tax_percent)
    except ValueError:
        return None


_KIND_FIRST: Final = "|".join(sorted(_KIND_WORDS, key=len, reverse=True))
_GLUE: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (rf"^({_KIND_FIRST})(?=[0-9¥$€£半])", r"\1 "),
        (r"([0-9])\s*个半(?:小时|钟头)", r"\1.5h"),
        (r"(?<!\S)半个?(?:小时|钟头)", "0.5h"),
        (r"(?:增值税|税率|税|\btax|\bvat)\s*:?\s*\+?(?=[0-9.]+%)", "+"),
        (r"(?<=%)\s*(?:增值税|税|tax\b|vat\b)", ""),
        (r"(?<!\S)([1-9]|1[0-9]|20)(\s*)[x×*]\2(?=[0-9]{2})", r"×\1 "),  # "2×380" is how many, and at how much
        (r"(?<!\S)((?=[^×*\s]*[A-Z])[A-Z0-9./-]{3,40})(?=[×*][0-9])", r"\1 "),
        (r"([x×*])\s+(?=[0-9])", r"\1"),
        (
            r"(?<=[0-9])\s+(?=(?:h|hrs?|hours?|小时|工时|km|公里|d|days?|天|pcs?|pieces?|件|个)(?:\s|$))",
            "",
        ),
        (r"\s+(?=(?:元|块|CNY|RMB|USD|EUR|GBP|HKD)(?:\s|$))", ""),
        (r"([¥$€£])\s+(?=[0-9])", r"\1"),
    )
)
"""What people type together or apart, and what it is."""


def _words_of(typed: str) -> list[str]:
    """Its words; a unit or a times sign that stands apart goes with its number ("× 2", "2.5 h"), a kind does not."""
    folded = fold(typed)
    for pattern, said in _GLUE:
        folded = pattern.sub(said, folded)
    return folded.split()


def _counted(word: str) -> tuple[Decimal, LineKind | None] | None:
    for pattern, kind in _UNITS:
        found = pattern.fullmatch(word)
        if found is not None:
            number = read_number(next(each for each in found.groups() if each is not None))
            return None if number is None else (number, kind)
    return None
