"""A maker's credit note as a table: which column is what, what each row pays, and what does not add up.

A table is believed whole or not at all: one row that cannot be read, or one sum that does not fit, and nothing of it
counts. Which claim a row is about is looked up elsewhere.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from claimbot.claims.amounts import read_amount
from claimbot.claims.numbers import fold
from claimbot.claims.table import Trouble, find_heads, named

Column = Literal["number", "reference", "either", "line", "amount", "note", "labour", "parts", "other"]
MOST_ROWS: Final = 200_000
_MOST_TROUBLES: Final = 1000

_NAMES: Final[Mapping[Column, tuple[str, ...]]] = {
    "number": (
        "claim", "claim number", "claim no", "claim id", "dealer claim", "dealer claim no", "dealer claim number",
        "our number", "your number", "索赔单", "索赔单号", "索赔号", "本店单号", "经销商单号", "服务站单号", "店方单号",
    ),
    "reference": (
        "reference", "ref", "maker reference", "maker claim no", "maker claim number", "oem claim number",
        "oem reference", "manufacturer reference", "factory claim no", "厂家单号", "厂家编号", "厂家索赔号",
        "厂家索赔单号", "厂家受理号", "受理号", "受理编号", "参考号", "参考编号",
    ),
    "either": ("单号", "number"),
    "line": ("line", "line no", "line number", "item", "item no", "行", "行号", "项次", "明细行", "明细行号"),
    "amount": (
        "amount", "paid", "paid amount", "amount paid", "credit", "credit amount", "payment", "payment amount",
        "net amount", "total", "total amount", "金额", "支付金额", "付款金额", "结算金额", "实付金额", "实结金额",
        "赔付金额", "核准金额", "价税合计", "合计", "合计金额",
    ),
    "note": (
        "credit note", "credit note no", "credit note number", "note", "note no", "note number", "settlement no",
        "statement no", "结算单", "结算单号", "贷项通知单", "贷项通知单号", "贷记单号", "付款单号", "红字发票号",
    ),
    "labour": ("labour", "labor", "labour amount", "labor amount", "工时费", "人工费", "人工", "工时金额"),
    "parts": ("parts", "part", "parts amount", "material", "materials", "配件费", "材料费", "配件金额", "材料金额"),
    "other": ("other", "others", "sublet", "other amount", "其他", "其它", "其他费用", "其它费用", "外协费", "附加费"),
}  # fmt: skip
_BY_NAME: Final[Mapping[str, Column]] = {name: column for column, names in _NAMES.items() for name in names}
_WHOLE: Final = frozenset({"total", "grand total", "sum", "合计", "总计", "总额", "合计金额"})
_PART: Final = frozenset({"subtotal", "sub-total", "小计", "本页小计"})

Wrong = Literal["no_claim", "no_amount", "negative", "line", "parts", "subtotal", "total", "two_claims"]
"""Why a row is none: nothing says which claim, the amount is none, money goes back, the line is no number, labour,
parts and other are not the amount, a sum in the table is not what its rows come to, or it names two claims."""
CreditTrouble: TypeAlias = Trouble[Wrong]


@dataclass(frozen=True, slots=True)
class CreditRow:
    """Money for one claim, or one line of it. `names`: what the row calls the claim by, ours or the maker's."""

    row: int
    names: tuple[str, ...]
    line: int | None
    amount: Decimal
    note: str | None


@dataclass(frozen=True, slots=True)
class CreditTable:
    """All rows of a table, or why it is none. `seen`: the names of columns where the needed ones were not found."""

    rows: tuple[CreditRow, ...] = ()
    troubles: tuple[CreditTrouble, ...] = ()
    head: int = 0
    """The row of the columns' names."""
    seen: tuple[str, ...] | None = None

    @property
    def sum(self) -> Decimal:
        return sum((each.amount for each in self.rows), Decimal(0))


def called(text: str) -> str:
    """A number as it is compared: "sh01－2026－0001 " is SH01-2026-0001."""
    return "".join(fold(text).upper().split())


def read_table(table: Iterable[tuple[int, Sequence[str]]]) -> CreditTable:
    """Reads every row, each with its number; blank ones are passed over. It may be long: it is gone through once."""
    numbered = iter(table)
    head, columns, seen = find_heads(numbered, _BY_NAME, ({"amount"}, {"number", "reference", "either"}))
    if columns is None:
        return CreditTable(seen=seen)
    reader = _Reader(columns)
    for row, cells in numbered:
        reader.take(row, cells)
        if len(reader.troubles) >= _MOST_TROUBLES:
            break
    return CreditTable(tuple(reader.rows), tuple(reader.troubles), head)


@dataclass(slots=True)
class _Reader:
    """Goes through the rows below the heading, and keeps their sums."""

    columns: Mapping[Column, int]
    rows: list[CreditRow] = field(default_factory=list)
    troubles: list[CreditTrouble] = field(default_factory=list)
    whole: Decimal = Decimal(0)
    part: Decimal = Decimal(0)
    below: str | None = None
    """The note's number of the row above: makers leave it out where it repeats."""

    def take(self, row: int, cells: Sequence[str]) -> None:
        said = {name: cells[at].strip() if at < len(cells) else "" for name, at in self.columns.items()}
        if not any(said.values()) and not any(cell.strip() for cell in cells):
            return
        label = next((named(cell) for cell in cells if cell.strip()), "")
        if label in _WHOLE or label in _PART:
            self._check_sum(row, said["amount"], "total" if label in _WHOLE else "subtotal")
            return
        read = self._read(row, said)
        if isinstance(read, Trouble):
            self.troubles.append(read)
            return
        self.rows.append(read)
        self.whole += read.amount
        self.part += read.amount

    def _check_sum(self, row: int, said: str, which: Literal["total", "subtotal"]) -> None:
        wanted = self.whole if which == "total" else self.part
        self.part = Decimal(0)
        # a row that could not be read is missing from the sum: it alone is told, and not what follows from it
        if _amount(said) != wanted and not self.troubles:
            self.troubles.append(Trouble(row, which, said, wanted))

    def _read(self, row: int, said: Mapping[Column, str]) -> CreditRow | CreditTrouble:
        names = tuple(dict.fromkeys(called(said[each]) for each in ("number", "reference", "either") if said.get(each)))
        if not names:
            return Trouble(row, "no_claim")
        amount = _amount(said["amount"])
        if amount is None:
            return Trouble(row, "no_amount", said["amount"])
        if amount < 0:
            return Trouble(row, "negative", said["amount"])
        parts = [said[each] for each in ("labour", "parts", "other") if said.get(each)]
        if parts:
            sums = [_amount(each) for each in parts]
            whole = sum((each for each in sums if each is not None), Decimal(0))
            if None in sums or whole != amount:
                return Trouble(row, "parts", " + ".join(parts), amount)
        line = said.get("line", "")
        if line and not (line.isascii() and line.isdecimal() and len(line) <= 4 and int(line)):
            return Trouble(row, "line", line)
        self.below = called(said.get("note", ""))[:60] or self.below
        return CreditRow(row, names, int(line) if line else None, amount, self.below)


def _amount(text: str) -> Decimal | None:
    """Signed: "-12.50" and "(12.50)" take money back."""
    bare = fold(text)
    back = bare.startswith("-") or (bare.startswith("(") and bare.endswith(")"))
    amount = read_amount(bare.strip("()").lstrip("-").strip() if back else bare)
    return None if amount is None else -amount if back else amount


def keyed(rows: Sequence[CreditRow], about: Sequence[int | None]) -> tuple[str | None, ...]:
    """One key for each row whose claim is known, the same when the same note comes again; no two rows share one.

    Where the table names no credit note, it is itself the note: the same rows are the same note, in whatever file.
    """
    whole = _digest([[list(each.names), each.line, str(each.amount)] for each in rows])
    met: Counter[str] = Counter()
    keys: list[str | None] = []
    for each, claim in zip(rows, about, strict=True):
        if claim is None:
            keys.append(None)
            continue
        same = _digest([each.note or whole, claim, each.line, str(each.amount)])
        met[same] += 1
        keys.append(f"{same}.{met[same]}")
    return tuple(keys)


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:40]
