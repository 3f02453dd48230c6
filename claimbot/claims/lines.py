"""The lines of a claim: what is claimed, piece by piece, each to the cent; and how people type one in a hurry."""

import re
from collections.abc import Mapping, Sequence
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
_LEAD: Final = re.compile(r"(?:[0-9]{1,3}[)、]|[-•])\s+")


def kind_named(word: str) -> LineKind | None:
    """The kind that a word means, in small letters."""
    return _KIND_WORDS.get(word)


LineTrouble = Literal["kind", "price", "twice", "amount", "rate"]
"""Why a typed line is none: no kind can be told, no price, something told twice, a number out of bounds, no rate."""


def read_lines(text: str, rate: RateLine | None) -> tuple[tuple[Line, ...], tuple[tuple[str, LineTrouble], ...]]:
    """Lines as typed, one each row (or parted by semicolons), and those that are none, with what is wrong.

    "GX-1001 ×2 380", "2.5h", "OP-1 2.5h 120", "拖车 350", "sublet INV-77 repaint 500 +6%". `rate`: the price of an
    hour and the tax where none is typed; None where the maker names none.
    """
    lines: list[Line] = []
    troubles: list[tuple[str, LineTrouble]] = []
    for raw in _APART.split(text):
        typed = _LEAD.sub("", raw.strip(), count=1) if _LEAD.match(raw.strip()) else raw.strip()
        if not typed:
            continue
        read = _read_line(typed, rate)
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
    tax_percent: Decimal | None = None

    def take(self, word: str) -> None:
        kind = kind_named(word.casefold().rstrip(":："))
        if kind is not None and self.kind is None and not self.words:
            self.kind = kind
        elif (tax := _TAX.fullmatch(word)) is not None:
            self.tax_percent = Decimal(tax[1])
        elif (counted := _counted(word)) is not None:
            self.quantities.append(counted[0])
            self.kind = self.kind or counted[1]
        elif (amount := read_amount(word)) is not None and not self._is_number_of_part():
            self.prices.append(amount)
        elif self.code is None and _CODE.fullmatch(word):
            self.code = word.upper()
        else:
            self.words.append(word)

    def _is_number_of_part(self) -> bool:
        """Behind the word "part" comes its number, though it may be all digits."""
        return self.kind == "part" and self.code is None and not self.prices


def _read_line(typed: str, rate: RateLine | None) -> Line | LineTrouble:
    told = _Told()
    for word in _words_of(typed):
        told.take(word)
    kind = told.kind or ("part" if told.code is not None else None)
    if kind is None:
        return "kind"
    if len(told.prices) > 1 or len(told.quantities) > 1:
        return "twice"
    words = " ".join(told.words)[:200] or None
    price = told.prices[0] if told.prices else None
    quantity = told.quantities[0] if told.quantities else None
    return reckoned(kind, told.code, words, quantity, price, told.tax_percent, rate)


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


def _words_of(typed: str) -> list[str]:
    """Its words; a unit or a times sign that stands apart goes with its number ("× 2", "2.5 h")."""
    folded = fold(typed)
    folded = re.sub(r"([x×*])\s+(?=[0-9])", r"\1", folded, flags=re.IGNORECASE)
    folded = re.sub(
        r"(?<=[0-9])\s+(?=(?:h|hrs?|hours?|小时|工时|km|公里|d|days?|天|pcs?|pieces?|件|个)(?:\s|$))",
        "",
        folded,
        flags=re.IGNORECASE,
    )
    folded = re.sub(r"\s+(?=元(?:\s|$))", "", folded)
    return folded.split()


def _counted(word: str) -> tuple[Decimal, LineKind | None] | None:
    for pattern, kind in _UNITS:
        found = pattern.fullmatch(word)
        if found is not None:
            number = read_number(next(each for each in found.groups() if each is not None))
            return None if number is None else (number, kind)
    return None
