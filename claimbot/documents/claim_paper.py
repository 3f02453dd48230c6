"""A claim on paper, as it goes to the maker: facts, lines to the cent, photos.

Our own pre-audit and decisions are not the maker's to read.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from claimbot.claims.words import Lang
from claimbot.documents.paper import set_paper


@dataclass(frozen=True, slots=True)
class Photo:
    """`name`: of the picture among those handed over; None where it has none that can be shown (a PDF)."""

    name: str | None
    shows: str
    told: str


@dataclass(frozen=True, slots=True)
class ClaimPaper:
    """All that stands on it, in the words of its language. A `head` names each part; a part without rows is left out.

    `lines` and `sums` are as wide as `line_heads`.
    """

    lang: Lang
    title: str
    state: str
    facts: tuple[tuple[str, str], ...]
    line_head: str
    line_heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, str], ...]
    photo_head: str
    photos: tuple[Photo, ...]


def claim_paper(paper: ClaimPaper, pictures: Mapping[str, bytes]) -> bytes:
    return set_paper("claim_paper.typ", asdict(paper), pictures)
