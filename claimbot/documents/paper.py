"""A paper from its template and its values: typst sets it, with the one font and nothing of the machine's own."""

import json
from pathlib import Path

import typst

from claimbot.documents.font import font_file


def set_paper(template: str, values: object) -> bytes:
    """The PDF of a template of this folder. `values` reach it as JSON: text in them stays text, whatever it holds."""
    return typst.compile(
        Path(__file__).with_name(template),
        format="pdf",
        font_paths=[font_file().parent],
        ignore_system_fonts=True,
        sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
    )
