"""A paper from its template and its values: typst sets it, with the one font and nothing of the machine's own."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

import typst

from claimbot.documents.font import font_file

NO_PICTURES: Final[Mapping[str, bytes]] = MappingProxyType({})


def set_paper(template: str, values: object, pictures: Mapping[str, bytes] = NO_PICTURES) -> bytes:
    """The PDF of a template of this folder. `values` reach it as JSON: text in them stays text, whatever it holds.

    `pictures` (JPEG) by the plain name under which the values call them; nothing else of the machine can be read.
    """
    with TemporaryDirectory() as held:
        room = Path(held)
        paper = room / template
        paper.write_bytes(Path(__file__).with_name(template).read_bytes())
        for name, data in pictures.items():
            (room / Path(name).name).write_bytes(data)
        return typst.compile(
            paper,
            root=room,
            format="pdf",
            font_paths=[font_file().parent],
            ignore_system_fonts=True,
            sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
        )
