"""Tables that others made, XLSX or CSV, as rows of plain text.

What a person sees in a cell is what is read: a formula's last result, a merged cell in every place that it covers. A
file is believed no further than its limits, however small it was packed.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from claimbot.errors import Refusal

MOST_COLUMNS: Final = 200
MOST_TEXT: Final = 1000
"""Characters of one cell; what is longer is no number, name or amount."""
_MOST_UNPACKED: Final = 400_000_000
_MOST_MERGED: Final = 5_000
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_MARKS_OF_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS: Final = ",;\t"
_MERGED: Final = re.compile(rb'<mergeCell\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')

_Merged = dict[int, list[tuple[int, int, int, int]]]
"""By the first row of each: first column, last column, last row, counted from 1; and the row itself."""


def read_rows(data: bytes) -> Iterator[tuple[str, ...]]:
    """Every row of the first sheet, the blank ones too. Raises Refusal where it cannot be read, also midway."""
    return _workbook(data) if data.startswith(b"PK") else _separated(data)


def _separated(data: bytes) -> Iterator[tuple[str, ...]]:
    text = _decoded(data)
    first = text[:4000].splitlines()[:20]
    separator = max(_SEPARATORS, key=lambda mark: sum(line.count(mark) for line in first))
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield tuple(cell[:MOST_TEXT] for cell in row[:MOST_COLUMNS])
    except csv.Error as error:
        raise Refusal("table_broken") from error


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if data.startswith(_MARKS_OF_UTF16) else _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("table_broken")


def _workbook(data: bytes) -> Iterator[tuple[str, ...]]:
    try:
        _check_size(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # makers' programs write them wrong, and rows would be missing
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                merged = _merged(parts.read(sheet._worksheet_path))  # noqa: SLF001  the library tells it nowhere else
            yield from _filled(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), merged)
        finally:
            book.close()
    except Refusal:
        raise
    except Exception as error:  # a workbook of somebody else's raises anything at all
        raise Refusal("table_broken") from error


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(each.file_size for each in parts.infolist()) > _MOST_UNPACKED:
            raise Refusal("table_too_large")


def _merged(sheet: bytes) -> _Merged:
    found: _Merged = {}
    for number, reference in enumerate(_MERGED.findall(sheet)):
        if number >= _MOST_MERGED:
            raise Refusal("table_too_large")
        left, top, right, bottom = range_boundaries(reference.decode())
        found.setdefault(top, []).append((left, right, bottom, top))
    return found


def _filled(rows: Iterator[tuple[object, ...]], merged: _Merged) -> Iterator[tuple[str, ...]]:
    """A merged cell says the same in every row that it covers; to the right of itself it says nothing twice."""
    held: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(rows, 1):
        cells = [_said(value) for value in row]
        for left, _, bottom, top in merged.get(number, ()):
            if bottom > top and left <= len(cells):
                held[left] = (bottom, cells[left - 1])
        for column, (bottom, said) in list(held.items()):
            if number > bottom:
                del held[column]
            elif column <= len(cells) and not cells[column - 1]:
                cells[column - 1] = said
        yield tuple(cells)


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case bool() | int():
            return str(value)
        case float():
            return _number(value)
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)[:MOST_TEXT].strip()


def _number(value: float) -> str:
    """With two decimals or, where it has more, with four and more: never with three, which would read as thousands."""
    exact = Decimal(repr(round(value, 6)))
    decimals = exact.as_tuple().exponent
    if not isinstance(decimals, int):
        return ""
    return f"{exact:.2f}" if decimals >= -2 else f"{exact:.{max(-decimals, 4)}f}"
