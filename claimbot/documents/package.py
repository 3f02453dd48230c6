"""What goes to the maker, in one ZIP: the claim on paper and as data, its photos by slot, and an index of them.

No name in it comes from a person: a file is called after its place and slot. What a person typed stands in the index
only, where a spreadsheet takes it for text.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from claimbot.documents.claim_data import ClaimData, Picture
from claimbot.documents.claim_paper import ClaimPaper, Photo, claim_paper

MOST_BYTES: Final = 40_000_000
"""Of originals; beyond that their screen copies go in: Telegram takes 50 MB."""
_ENDINGS: Final[Mapping[str, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence: its slot by name and in words, its bytes' facts, and what is told of it."""

    slot: str
    shows: str
    sha256: str
    size: int
    mime: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """Everything but the bytes of the evidence. The paper's and the data's photos are filled in here, from `exhibits`.

    `heads`: of the index; file, slot, what it shows, SHA-256, then one for each thing that is told of an exhibit.
    """

    paper: ClaimPaper
    data: ClaimData
    exhibits: tuple[Exhibit, ...]
    heads: tuple[str, ...]
    at: dt.datetime


def pack(package: Package, original: Callable[[str], bytes], screen_copy: Callable[[str], bytes | None]) -> bytes:
    """`original` and `screen_copy` give the bytes of an exhibit by its SHA-256; a lost one is left out of the files."""
    whole = sum(each.size for each in package.exhibits) <= MOST_BYTES
    files: dict[str, bytes] = {}
    pictures: dict[str, bytes] = {}
    photos: list[Photo] = []
    listed: list[Picture] = []
    rows: list[Sequence[str]] = [package.heads]
    for place, each in enumerate(package.exhibits, 1):
        copy = screen_copy(each.sha256)
        stem = f"{place:02d}-{re.sub(r'[^a-z0-9_]', '', each.slot) or 'photo'}"
        name = f"{stem}.{_ENDINGS.get(each.mime, 'bin')}" if whole or copy is None else f"{stem}.jpg"
        try:
            files[f"photos/{name}"] = original(each.sha256) if whole or copy is None else copy
        except OSError:
            name = ""
        if copy is not None:
            pictures[f"{place}.jpg"] = copy
        photos.append(
            Photo(None if copy is None else f"{place}.jpg", each.shows, " · ".join(filter(None, (name, *each.told))))
        )
        if name:
            listed.append(Picture(file=f"photos/{name}", slot=each.slot, sha256=each.sha256))
        rows.append((name, each.slot, each.shows, each.sha256, *each.told))
    paper = replace(package.paper, photos=tuple(photos))
    stamp = package.at.timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in (
            ("claim.pdf", claim_paper(paper, pictures)),
            ("claim.json", package.data.model_copy(update={"photos": tuple(listed)}).to_bytes()),
            ("index.csv", _index(rows)),
            *files.items(),
        ):
            stored = zipfile.ZIP_STORED if name.startswith("photos/") else zipfile.ZIP_DEFLATED
            packed.writestr(zipfile.ZipInfo(name, stamp), data, stored)
    return out.getvalue()


def _index(rows: Sequence[Sequence[str]]) -> bytes:
    """As spreadsheets open it: UTF-8 with its mark; nothing in it is taken for a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs, however it begins."""
    return f"'{cell}" if cell.lstrip()[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r", "\n"} else cell
