"""Tables that people send: their rows, what in them cannot be taken, and which column is called what.

What a row means is its reader's business; here is only what all readers share.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Generic, Literal, Never, TypeAlias, TypeVar, get_args

from claimbot.claims.numbers import fold

Cell: TypeAlias = str | Decimal | dt.datetime | dt.date | None
"""As it was typed: text, a number, a day; None is empty."""
Unfit = Literal["formula", "error", "merged", "quotes"]
"""Why a cell or row of a file is not taken as it is: what it shows was reckoned, is an error, belongs to several rows,
or its quotation marks do not close."""
HEADS_WITHIN: Final = 30
"""The names of the columns stand in one of so many first rows: above them people put titles and letterheads."""
_BRACKETS: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_APART: Final = re.compile(r"[\s_.:：*%]+")
_C = TypeVar("_C", bound=str)
_W_co = TypeVar("_W_co", bound=str, covariant=True)


@dataclass(frozen=True, slots=True)
class Misfit:
    """What cannot be taken, in which row, in which cell ("C7"), and what stands there."""

    why: Unfit
    row: int
    place: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Trouble(Generic[_W_co]):
    """A row that cannot be, counted as the person's own program counts; what stands there, and what it should be."""

    row: int
    why: _W_co | Unfit
    said: str = ""
    wanted: Decimal | None = None

    def phrase(self, reader: str) -> str:
        """The name of the words for it: the reader's own, or those of every table."""
        return f"{'table' if self.why in get_args(Unfit) else reader}_wrong_{self.why}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty; `number` as the person's own program shows it, from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of the first sheet, and what in it cannot be taken."""

    rows: tuple[Row, ...]
    misfits: tuple[Misfit, ...] = ()

    def texts(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every row by its number, its cells as text."""
        return ((row.number, tuple(map(text_of, row.cells))) for row in self.rows)

    def unfit_below(self, head: int) -> tuple[Trouble[Never], ...]:
        """What cannot be taken below that row: above it a title may be whatever it is."""
        found = (each for each in self.misfits if each.row > head)
        return tuple(Trouble(each.row, each.why, f"{each.place} {each.said}".strip()) for each in found)


def text_of(cell: Cell) -> str:
    """As somebody would type it: a number without a needless ".0", and never with three decimals: that is thousands."""
    match cell:
        case None:
            return ""
        case Decimal():
            if cell == cell.to_integral_value():
                return f"{cell.to_integral_value():f}"
            return f"{cell:.2f}" if cell == round(cell, 2) else f"{cell:.6f}"
        case str():
            return " ".join(cell.split())
        case _:
            return cell.isoformat()


def named(cell: str) -> str:
    """A name without its unit, currency, marks and pictures: "金额（元）", "Amount (CNY)", "Claim No.", "🔧 Labour"."""
    bare = "".join(each for each in _BRACKETS.sub(" ", fold(cell)) if unicodedata.category(each) not in {"So", "Mn"})
    return _APART.sub(" ", bare.casefold()).strip()


def find_heads(
    rows: Iterator[tuple[int, Sequence[str]]], by_name: Mapping[str, _C], enough: Sequence[Collection[str]]
) -> tuple[int, Mapping[_C, int] | None, tuple[str, ...]]:
    """The number of the row of heads, and where each column stands; else the names that were seen instead, at most 12.

    A row is that of the heads where it names one column at least of each of `enough`. `rows` stands behind it then.
    """
    seen: tuple[str, ...] = ()
    for row, cells in rows:
        found: dict[_C, int] = {}
        for place, cell in enumerate(cells):
            column = by_name.get(named(cell))
            if column is not None:
                found.setdefault(column, place)
        if not any(found.keys().isdisjoint(some) for some in enough):
            return row, found, ()
        heads = tuple(" ".join(cell.split())[:40] for cell in cells if cell.strip())
        seen = heads if len(heads) > len(seen) else seen
        if row >= HEADS_WITHIN:
            break
    return 0, None, seen[:12]
