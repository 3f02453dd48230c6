"""Tables as an XLSX file, row by row: any number of rows in little memory, and whatever was typed stays text."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | dt.date | dt.datetime | None
"""An instant is written as the wall clock that it carries."""

_MOST_ROWS: Final = 1_048_576
_MOST_CHARACTERS: Final = 32_767
_MOST_TITLE: Final = 31
_NOT_WRITABLE: Final = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
"""What no XML file may hold; other control characters are written by their numbers."""


class Sheet:
    """One table under a title and a line of headings; when it is full, it goes on on a further sheet."""

    def __init__(self, book: "Book", title: str, headings: Sequence[tuple[str, int]], most: int) -> None:
        self._book = book
        self._title = title
        self._headings = headings
        self._most = most
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        name = self._title if self._count == 1 else f"{self._title[: _MOST_TITLE - 4]} {self._count}"
        self._sheet: Worksheet = self._book.workbook.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, (heading, width) in enumerate(self._headings):
            self._sheet.set_column(place, place, width)
            self._sheet.write_string(0, place, heading, self._book.bold)
        self._row = 0

    def add(self, cells: Sequence[Cell]) -> None:
        if self._row + 1 >= self._most:
            self._begin()
        self._row += 1
        for place, cell in enumerate(cells):
            self._write(place, cell)

    def _write(self, place: int, cell: Cell) -> None:
        sheet, row, book = self._sheet, self._row, self._book
        match cell:
            case None:
                pass
            case str():
                sheet.write_string(row, place, _NOT_WRITABLE.sub("�", cell)[:_MOST_CHARACTERS])
            case int():
                sheet.write_number(row, place, cell)
            case Decimal():
                sheet.write_number(row, place, float(cell), book.money)
            case dt.datetime():
                sheet.write_datetime(row, place, cell.replace(tzinfo=None), book.instant)
            case dt.date():
                sheet.write_datetime(row, place, cell, book.day)


class Book:
    """An XLSX file under way; it is whole once it is left."""

    def __init__(self, path: Path, most_rows: int = _MOST_ROWS) -> None:
        self.workbook = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self.bold = self.workbook.add_format({"bold": True, "bg_color": "#E7EEF7", "text_wrap": True})
        self.money = self.workbook.add_format({"num_format": "#,##0.00"})
        self.day = self.workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.instant = self.workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._most = most_rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.workbook.close()

    def sheet(self, title: str, headings: Sequence[tuple[str, int]]) -> Sheet:
        """Headings with their widths in characters."""
        return Sheet(self, title[:_MOST_TITLE], headings, self._most)
