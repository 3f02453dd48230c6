"""Tables that people send as a file (XLSX, CSV): bytes in; rows of cells with their numbers out, or what is wrong.

Nothing in a file is ever run or guessed: a formula, an error, a merged cell is told by its place. Sizes are judged
before anything is unpacked.
"""

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from claimbot.claims.table import HEADS_WITHIN, Cell, Misfit, Row, Table, Unfit
from claimbot.errors import Refusal

MOST_BYTES: Final = 5_000_000
_FEW_BYTES: Final = 500_000
"""A table of some hundred rows has a tenth of it."""
_FEW_ROWS: Final = 500
_UNPACKED_TIMES: Final = 20
"""How much larger than it came a workbook may be unpacked; XML shrinks to a tenth."""
_MOST_PARTS: Final = 500
_MOST_COLUMNS: Final = 60
_LAST_ROW: Final = 1_048_576
"""Of any sheet; a row with a higher number is a lie."""
_LONGEST_CELL: Final = 1000
_CHUNK: Final = 1 << 20
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]{0,200}?\bref="([A-Z0-9:]{2,30})"')
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def read_table(data: bytes, *, most_rows: int, most_bytes: int = MOST_BYTES) -> Table:
    """Raises Refusal where the file as a whole cannot be taken: no table, too large, locked, too many rows."""
    if len(data) > most_bytes:
        raise _too_big(most_bytes)
    if data.startswith(_OLD_EXCEL):
        raise Refusal("table_old_excel")  # the old format, or a new one behind a password
    if data.startswith(b"PK"):
        return _read_workbook(data, most_rows, most_bytes)
    return _read_csv(data, most_rows)


def read_few(data: bytes) -> Table | Refusal:
    """A table that somebody filled in by hand (500 rows, 500 kB), read while they wait; or why it is none."""
    try:
        return read_table(data, most_rows=_FEW_ROWS, most_bytes=_FEW_BYTES)
    except Refusal as refusal:
        return refusal


def _too_big(most_bytes: int) -> Refusal:
    return Refusal("table_too_big", {"most": Decimal(most_bytes) / 1_000_000})


# workbooks


def _read_workbook(data: bytes, most_rows: int, most_bytes: int) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _refuse_bombs(packed, most_bytes)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions that it leaves out
                return _read_first_sheet(packed, data, most_rows)
    except Refusal:
        raise
    except Exception as error:  # a broken or hostile file breaks its reader in any way at all
        raise Refusal("table_broken") from error


def _refuse_bombs(packed: zipfile.ZipFile, most_bytes: int) -> None:
    """By what the archive says of itself: no more than that is ever unpacked of a part."""
    parts = packed.infolist()
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Refusal("table_unknown")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > most_bytes * _UNPACKED_TIMES:
        raise _too_big(most_bytes)
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
        misfits: list[Misfit] = []
        for number, held in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
            if number > _LAST_ROW:
                raise Refusal("table_broken")
            cells: list[Cell] = []
            for column, cell in enumerate(held, 1):
                if cell.data_type in {"f", "e"} and cell.value is not None:
                    why: Unfit = "formula" if cell.data_type == "f" else "error"
                    said = str(getattr(cell.value, "text", cell.value))[:40]
                    misfits.append(Misfit(why, number, f"{get_column_letter(column)}{number}", said))
                    cells.append(None)
                else:
                    cells.append(_cell(cell.value))
            _add(rows, number, cells, most_rows, keep=bool(misfits) and misfits[-1].row == number)
        with packed.open(sheet._worksheet_path) as part:  # noqa: SLF001  merged cells are left out by a reading by rows
            misfits += _merged(part)
        return Table(tuple(rows), tuple(sorted(misfits, key=lambda each: each.row)))
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
    if len(rows) > most_rows + HEADS_WITHIN:
        raise Refusal("table_too_long", {"most": most_rows})
    rows.append(Row(number, tuple(cells)))


def _merged(part: IO[bytes]) -> Iterator[Misfit]:
    """Looked for in the sheet's own text, piece by piece: it may be long."""
    held, seen = b"", set[bytes]()
    while piece := part.read(_CHUNK):
        held = held[-300:] + piece
        for found in _MERGED.finditer(held):
            if found[1] not in seen and len(seen) < 100:
                seen.add(found[1])
                place = found[1].decode()
                yield Misfit("merged", int(range_boundaries(place)[3]), place)


# comma-separated


def _read_csv(data: bytes, most_rows: int) -> Table:
    text = _decoded(data)
    if "\0" in text:
        raise Refusal("table_unknown")
    rows: list[Row] = []
    misfits: list[Misfit] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 1
    try:
        for raw in reader:
            cells: list[Cell] = []
            for column, said in enumerate(raw[:_MOST_COLUMNS], 1):
                if said.lstrip().startswith("="):
                    place = f"{get_column_letter(column)}{number}"
                    misfits.append(Misfit("formula", number, place, said.strip()[:40]))
                    cells.append(None)
                else:
                    cells.append(said.strip()[:_LONGEST_CELL] or None)
            _add(rows, number, cells, most_rows, keep=bool(misfits) and misfits[-1].row == number)
            number = reader.line_num + 1
    except csv.Error:
        misfits.append(Misfit("quotes", number))
    return Table(tuple(rows), tuple(misfits))


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
    sample = [line for line in text[:20_000].splitlines()[:HEADS_WITHIN] if line.strip()]
    counts = {mark: [line.count(mark) for line in sample] for mark in ("\t", ";", ",")}
    return max(counts, key=lambda mark: (sum(bool(count) for count in counts[mark]), sum(counts[mark])))
