"""A claim's lines as a table: which column is what, what each row claims, and what of it cannot be.

A table is taken whole or not at all: one row that cannot be read, or one sum that does not fit, and nothing of it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

from claimbot.claims.amounts import read_amount
from claimbot.claims.lines import MOST_LINES, Line, LineKind, RateLine, kind_named, reckoned
from claimbot.claims.numbers import read_number
from claimbot.claims.table import Table, Trouble, find_heads, named

Column = Literal["kind", "code", "text", "quantity", "price", "tax", "amount"]
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
"""In the order in which a form to fill in shows them; the amount is no question, it is only checked."""

_NAMES: Final[Mapping[Column, tuple[str, ...]]] = {
    "kind": ("kind", "type", "category", "line type", "类别", "类型", "费用类别", "费用类型", "项目类别"),
    "code": (
        "code", "number", "part", "part no", "part number", "operation", "op code", "operation code",
        "labour operation", "labor operation", "代码", "编码", "编号", "零件号", "零件编号", "配件号", "配件编号",
        "配件编码", "备件号", "备件编号", "工时代码", "工时编号", "操作代码", "作业代码", "发票号",
    ),
    "text": (
        "text", "words", "description", "name", "part name", "remark", "remarks", "说明", "名称", "描述", "备注",
        "项目", "项目名称", "零件名称", "配件名称", "备件名称", "工时名称", "作业名称",
    ),
    "quantity": (
        "quantity", "qty", "count", "hours", "units", "数量", "工时", "工时数", "小时", "小时数", "公里", "公里数",
        "天数",
    ),
    "price": (
        "price", "unit price", "rate", "price each", "单价", "工时单价", "零件单价", "配件单价", "不含税单价",
    ),
    "tax": ("tax", "tax rate", "vat", "vat rate", "税率", "增值税率"),
    "amount": (
        "amount", "total", "line total", "net amount", "claimed", "金额", "合计金额", "价税合计", "索赔金额",
    ),
}  # fmt: skip
_BY_NAME: Final[Mapping[str, Column]] = {name: column for column, names in _NAMES.items() for name in names}
_LARGEST_TAX: Final = 30
"""Per cent; no country's sales tax is higher, so a 0.5 is neither taken for 50 % nor for a half."""
_WHOLE: Final = frozenset({"total", "grand total", "sum", "合计", "总计", "总额"})

Wrong = Literal["kind", "code", "quantity", "price", "price_unread", "tax", "rate", "amount", "sum", "total", "many"]
"""Why a row is no line: no kind can be told, the number is too long, a count, a price or a tax is none, no price or no
rate is there, a number is out of bounds; its amount, or the total below, is not what it comes to; or there are more
rows than a claim has lines."""
LineTableTrouble: TypeAlias = Trouble[Wrong]


@dataclass(frozen=True, slots=True)
class LineTable:
    """All lines of a table, or why it is none. `seen`: the names of columns where the needed ones were not found."""

    lines: tuple[Line, ...] = ()
    troubles: tuple[LineTableTrouble, ...] = ()
    seen: tuple[str, ...] | None = None


def read_line_table(
    table: Table,
    rate: RateLine | None,
    heads: Mapping[str, Column],
    kinds: Mapping[str, LineKind],
    operations: Collection[str] = (),
) -> LineTable:
    """The lines of its rows. `heads` and `kinds`: what the office itself calls a column and a kind, as `named` has it.

    `rate`: the price of an hour and the tax where none is told. `operations`: the maker's codes of labour.
    """
    rows = table.texts()
    head, columns, seen = find_heads(rows, {**_BY_NAME, **heads}, ({"kind", "code"}, {"price", "quantity"}))
    if columns is None:
        return LineTable(seen=seen)
    troubles: list[LineTableTrouble] = list(table.unfit_below(head))
    unfit = {each.row for each in troubles}
    lines: list[Line] = []
    for row, cells in rows:
        said = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        first = next((named(each) for each in cells if each), "")
        if row in unfit or not first:
            continue
        read: Line | LineTableTrouble | None
        if first in _WHOLE:
            read = None if troubles else _total(row, said.get("amount", ""), lines)
        else:
            read = _line(row, said, rate, kinds, operations)
        if isinstance(read, Line):
            lines.append(read)
        elif read is not None:
            troubles.append(read)
    if len(lines) > MOST_LINES:
        troubles.append(Trouble(0, "many", wanted=Decimal(MOST_LINES)))
    return LineTable(tuple(lines), tuple(sorted(troubles, key=lambda each: each.row)))


def _line(  # noqa: PLR0911  one answer a mistake
    row: int,
    said: Mapping[Column, str],
    rate: RateLine | None,
    kinds: Mapping[str, LineKind],
    operations: Collection[str],
) -> Line | LineTableTrouble:
    code = " ".join(said.get("code", "").upper().split()) or None
    if code is not None and len(code) > 64:
        return Trouble(row, "code", code[:60])
    called = named(said.get("kind", ""))
    kind = kinds.get(called) or kind_named(called)
    if not called and code is not None:
        kind = "labour" if code in operations else "part"
    if kind is None:
        return Trouble(row, "kind", said.get("kind", ""))
    quantity = read_number(said.get("quantity", ""))
    if quantity is None and said.get("quantity"):
        return Trouble(row, "quantity", said["quantity"])
    price = read_amount(said.get("price", ""))
    if price is None and said.get("price"):
        return Trouble(row, "price_unread", said["price"])
    tax = _share(said.get("tax", ""))
    if tax is None and said.get("tax"):
        return Trouble(row, "tax", said["tax"])
    text = said.get("text", "")[:200] or None
    line = reckoned(kind, code, text, quantity, price, tax, rate)
    if not isinstance(line, Line):
        return Trouble(row, line)
    amount = said.get("amount", "")
    if amount and read_amount(amount) not in {line.net, line.amount}:
        return Trouble(row, "sum", amount, line.amount)
    return line


def _total(row: int, said: str, lines: Sequence[Line]) -> LineTableTrouble | None:
    """The sum below: with the tax or without it; where no amount stands there, it says nothing."""
    net = sum((each.net for each in lines), Decimal(0))
    whole = sum((each.amount for each in lines), Decimal(0))
    return Trouble(row, "total", said, whole) if said and read_amount(said) not in {net, whole} else None


def _share(said: str) -> Decimal | None:
    """Per cent: "13%" and 13, and 0.13, which is how a workbook holds what it shows as 13%."""
    number = read_number(said.replace("%", "").replace("％", ""))
    if number is None or number < 0:
        return None
    if number >= 1 or "%" in said or number == 0:
        return number
    share = (number * 100).normalize()
    return share if share <= _LARGEST_TAX else None
