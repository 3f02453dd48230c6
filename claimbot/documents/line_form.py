"""The table in which somebody fills in a claim's lines in a spreadsheet, and sends it back."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xlsxwriter import Workbook

from claimbot.claims.lines import MOST_LINES, Line

_WIDTHS: Final = (12, 22, 34, 10, 14, 9)


@dataclass(frozen=True, slots=True)
class LineForm:
    """What stands in it: the heads of kind, code, words, quantity, unit price and tax; each line with its kind's name.

    `kinds`: what may be chosen in the first column; `hints`: said where somebody stands on a cell, by column.
    """

    title: str
    heads: Sequence[str]
    kinds: Sequence[str]
    hints: Sequence[str]
    rows: Sequence[tuple[str, Line]]


def line_form(form: LineForm) -> bytes:
    """The XLSX. Numbers of parts stay text as they were typed, whatever they look like."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(form.title[:31])
        head = book.add_format({"bold": True, "bg_color": "#E7EEF7", "text_wrap": True, "border": 1})
        text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "0.##"})
        money = book.add_format({"num_format": "0.00"})
        sheet.freeze_panes(1, 0)
        formats = (text, text, text, number, money, number)
        for place, (name, width, written) in enumerate(zip(form.heads, _WIDTHS, formats, strict=True)):
            sheet.set_column(place, place, width, written)
            sheet.write_string(0, place, name, head)
        for row, (kind, line) in enumerate(form.rows, 1):
            for place, said in enumerate((kind, line.code, line.text)):
                if said:
                    sheet.write_string(row, place, said, text)
            sheet.write_number(row, 3, float(line.quantity), number)
            sheet.write_number(row, 4, float(line.unit_price), money)
            sheet.write_number(row, 5, float(line.tax_percent), number)
        for place, hint in enumerate(form.hints):
            rule: dict[str, object] = {"validate": "any", "input_message": hint[:255]}
            if place == 0:
                rule = {"validate": "list", "source": list(form.kinds), "input_message": hint[:255]}
            if hint or place == 0:
                sheet.data_validation(1, place, MOST_LINES, place, rule)
    return out.getvalue()
