"""The list of what is in a box of old parts: to be printed, laid in, and signed at both ends."""

from dataclasses import asdict, dataclass

from claimbot.claims.words import Lang
from claimbot.documents.paper import set_paper


@dataclass(frozen=True, slots=True)
class BoxList:
    """All that stands on it, in the words of its language; `rows` are as wide as `heads`."""

    lang: Lang
    title: str
    facts: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    signed: tuple[str, ...]


def box_list(paper: BoxList) -> bytes:
    return set_paper("box_list.typ", asdict(paper))
