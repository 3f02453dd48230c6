"""Tables that people send as a file (XLSX, CSV): bytes in; rows of cells with their numbers out, or what is wrong.

Nothing in a file is ever run or guessed: a formula, an error, a merged cell is told by its place. Sizes are judged
before anything is unpacked. What a row *means* is the reader's business; here is only how it is found under its head.
"""

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Final, Literal, TypeAlias

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from claimbot.claims.amounts import read_amount
from claimbot.claims.numbers import fold, read_decimal
from claimbot.errors import Refusal

MOST_BYTES: Final = 5_000_000
_MOST_UNPACKED: Final = 100_000_000
_MOST_PARTS: Final = 500
_MOST_COLUMNS: Final = 60
_LAST_ROW: Final = 1_048_576
"""Of any sheet; a row with a higher number is a lie."""
_HEADS_WITHIN: Final = 20
"""Rows in which the heads are looked for: a title or a date may stand above them."""
_LONGEST_CELL: Final = 1000
_CHUNK: Final = 1 << 20
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]{0,200}?\bref="([A-Z0-9:]{2,30})"')
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_CENT: Final = Decimal("0.01")

Cell: TypeAlias = str | Decimal | dt.datetime | dt.date | None
"""As it was typed: text, a number, a day; None is empty."""
Trouble = Literal["formula", "error", "merged", "missing", "twice", "no_heads", "quotes"]


@dataclass(frozen=True, slots=True)
class TableTrouble:
    """What is wrong, in which row (0: in none), in which cell ("C7") or under which head, and what stands there."""

    why: Trouble
    row: int = 0
    place: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty; `number` as the person's own program shows it, from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of the first sheet, and what in it cannot be taken."""

    rows: tuple[Row, ...]
    troubles: tuple[TableTrouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Headed:
    """What stands under each head, row by row; or what is wrong."""

    rows: tuple[tuple[int, Mapping[str, Cell]], ...]
    troubles: tuple[TableTrouble, ...]


def read_table(data: bytes, *, most_rows: int) -> Table:
    """Raises Refusal where the file as a whole cannot be taken: no table, too large, locked, too many rows."""
    if len(data) > MOST_BYTES:
        raise Refusal("table_too_big", {"most": MOST_BYTES // 1_000_000})
    if data.startswith(_OLD_EXCEL):
        raise Refusal("table_old_excel")  # the old format, or a new one behind a password
    if data.startswith(b"PK"):
        return _read_workbook(data, most_rows)
    return _read_csv(data, most_rows)


# workbooks


def _read_workbook(data: bytes, most_rows: int) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _refuse_bombs(packed)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions that it leaves out
                return _read_first_sheet(packed, data, most_rows)
    except Refusal:
        raise
    except Exception as error:  # a broken or hostile file breaks its reader in any way at all
        raise Refusal("table_broken") from error


def _refuse_bombs(packed: zipfile.ZipFile) -> None:
    """By what the archive says of itself: no more than that is ever unpacked of a part."""
    parts = packed.infolist()
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Refusal("table_unknown")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise Refusal("table_too_big", {"most": MOST_BYTES // 1_000_000})
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with packed.open(part) as opened:
                if b"<!DOCTYPE" in opened.read(2000):
                    raise Refusal("table_broken")


def _read_first_sheet(packed: zipfile.ZipFile, data: bytes, most_rows: int) -> Table:
    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False, rich_text=False)
    try:
        sheet = next((each for each in book.worksheets if each.sheet_state == "visible"), None)
        if sheet is None:
            raise Refusal("table_unknown")
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        rows: list[Row] = []
        troubles: list[TableTrouble] = []
        for number, held in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
            if number > _LAST_ROW:
                raise Refusal("table_broken")
            cells: list[Cell] = []
            for column, cell in enumerate(held, 1):
                if cell.data_type in {"f", "e"} and cell.value is not None:
                    why: Trouble = "formula" if cell.data_type == "f" else "error"
                    said = str(getattr(cell.value, "text", cell.value))[:40]
                    troubles.append(TableTrouble(why, number, f"{get_column_letter(column)}{number}", said))
                    cells.append(None)
                else:
                    cells.append(_cell(cell.value))
            _add(rows, number, cells, most_rows, keep=bool(troubles) and troubles[-1].row == number)
        with packed.open(sheet._worksheet_path) as part:  # noqa: SLF001  merged cells are left out by a reading by rows
            troubles += _merged(part)
        return Table(tuple(rows), tuple(sorted(troubles, key=lambda each: each.row)))
    finally:
        book.close()


def _cell(value: object) -> Cell:
    match value:
        case None:
            return None
        case bool():
            return str(value)
        case int() | float():
            return Decimal(repr(value))  # 380.1 as it was typed, not as the machine holds it
        case dt.datetime() if value.time() == dt.time():
            return value.date()
        case dt.datetime() | dt.date():
            return value
        case _:
            return str(value).strip()[:_LONGEST_CELL] or None


def _add(rows: list[Row], number: int, cells: Sequence[Cell], most_rows: int, *, keep: bool = False) -> None:
    while cells and cells[-1] is None:
        cells = cells[:-1]
    if not cells and not keep:
        return
    if len(rows) > most_rows + _HEADS_WITHIN:
        raise Refusal("table_too_long", {"most": most_rows})
    rows.append(Row(number, tuple(cells)))


def _merged(part: IO[bytes]) -> Iterator[TableTrouble]:
    """Looked for in the sheet's own text, piece by piece: it may be long."""
    held, seen = b"", set[bytes]()
    while piece := part.read(_CHUNK):
        held = held[-300:] + piece
        for found in _MERGED.finditer(held):
            if found[1] not in seen and len(seen) < 100:
                seen.add(found[1])
                place = found[1].decode()
                yield TableTrouble("merged", int(range_boundaries(place)[3]), place)


# comma-separated


def _read_csv(data: bytes, most_rows: int) -> Table:
    text = _decoded(data)
    if "\0" in text:
        raise Refusal("table_unknown")
    rows: list[Row] = []
    troubles: list[TableTrouble] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 1
    try:
        for raw in reader:
            cells: list[Cell] = []
            for column, said in enumerate(raw[:_MOST_COLUMNS], 1):
                if said.lstrip().startswith("="):
                    place = f"{get_column_letter(column)}{number}"
                    troubles.append(TableTrouble("formula", number, place, said.strip()[:40]))
                    cells.append(None)
                else:
                    cells.append(said.strip()[:_LONGEST_CELL] or None)
            _add(rows, number, cells, most_rows, keep=bool(troubles) and troubles[-1].row == number)
            number = reader.line_num + 1
    except csv.Error:
        troubles.append(TableTrouble("quotes", number))
    return Table(tuple(rows), tuple(troubles))


def _decoded(data: bytes) -> str:
    """UTF-8 or UTF-16 where the file says so, or is; else GB18030, in which Chinese programs save."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("table_unknown")


def _delimiter(text: str) -> str:
    """The mark that parts the first rows most evenly: "1.234,50" must not be parted where a semicolon does it."""
    sample = [line for line in text[:20_000].splitlines()[:_HEADS_WITHIN] if line.strip()]
    counts = {mark: [line.count(mark) for line in sample] for mark in ("\t", ";", ",")}
    return max(counts, key=lambda mark: (sum(bool(count) for count in counts[mark]), sum(counts[mark])))


# under heads


def under_heads(table: Table, heads: Mapping[str, Sequence[str]], needed: Sequence[str]) -> Headed:
    """The rows below the heads, each cell under its column's name. `heads`: all that each may be called.

    The heads are the row that names most of them; a column nobody knows is left aside, one that is needed is missed.
    """
    known = {_plain(called): name for name, some in heads.items() for called in some}
    best = max(table.rows[:_HEADS_WITHIN], key=lambda row: len(_named(row, known)), default=None)
    found = [] if best is None else _named(best, known)
    if best is None or not found:
        return Headed((), (TableTrouble("no_heads", said=", ".join(heads[name][0] for name in needed)),))
    columns = {name: place for place, name in reversed(found)}
    troubles = [each for each in table.troubles if each.row >= best.number]
    for place, name in found:
        if columns[name] != place:
            called = str(best.cells[place])
            troubles.append(TableTrouble("twice", best.number, f"{get_column_letter(place + 1)}{best.number}", called))
    troubles += [TableTrouble("missing", best.number, said=heads[name][0]) for name in needed if name not in columns]
    rows = tuple(
        (
            row.number,
            {name: row.cells[place] if place < len(row.cells) else None for name, place in columns.items()},
        )
        for row in table.rows
        if row.number > best.number
    )
    return Headed(rows, tuple(troubles))


def _named(row: Row, known: Mapping[str, str]) -> list[tuple[int, str]]:
    named = ((place, known.get(_plain(str(cell)))) for place, cell in enumerate(row.cells) if cell is not None)
    return [(place, name) for place, name in named if name is not None]


def _plain(head: str) -> str:
    """A head without spaces, marks of its own ("*", ":") and what stands in brackets behind it."""
    return re.sub(r"[\s*:_·/-]+", "", re.sub(r"[(\[（【].*", "", fold(head))).casefold()


# cells


def text_of(cell: Cell) -> str | None:
    """As text: a number without a needless ".0"."""
    match cell:
        case Decimal():
            return f"{cell:f}" if cell != cell.to_integral_value() else f"{cell.to_integral_value():f}"
        case None:
            return None
        case str():
            return " ".join(cell.split()) or None
        case _:
            return cell.isoformat()


def amount_of(cell: Cell) -> Decimal | None:
    """Money: a number to the cent, or typed ("1,234.50", "￥1234.5", "1.234,50"); None for anything unclear."""
    if isinstance(cell, Decimal):
        exact = cell.quantize(_CENT) if 0 <= cell < 10**9 else None
        return exact if exact == cell else None
    return read_amount(cell) if isinstance(cell, str) else None


def number_of(cell: Cell) -> Decimal | None:
    """A count or a measure, not below zero; None for anything unclear."""
    if isinstance(cell, Decimal):
        return cell if cell >= 0 else None
    return read_decimal(fold(cell), dot_is_decimal=True) if isinstance(cell, str) else None
