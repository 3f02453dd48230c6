"""Cuts what is said to Telegram's sizes: code points, never inside a tag or an entity, tags closed and opened again."""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Final, NamedTuple

from claimbot.flow.checks import TAGS

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
_TAG: Final = re.compile(rf"</?(?:{'|'.join(sorted(TAGS))})(?:\s[^<>]*)?>", re.IGNORECASE)
"""What Telegram knows as a tag; anything else in angles is a word like any other."""
_ENTITY: Final = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9a-f]+);", re.IGNORECASE)  # all that Telegram knows
_PIECE: Final = re.compile(f"{_TAG.pattern}|{_ENTITY.pattern}|.", re.IGNORECASE | re.DOTALL)


class _Piece(NamedTuple):
    """A tag, an entity or a code point; its size as Telegram counts, and the tags that are open behind it."""

    text: str
    size: int
    opened: tuple[str, ...]


def visible_length(html: str) -> int:
    """UTF-16 units that Telegram counts, once tags are gone and entities are their characters."""
    return _units(_ENTITY.sub(lambda found: unescape(found.group()), _TAG.sub("", html)))


def split_html(html: str, limit: int = TEXT_LIMIT) -> tuple[str, ...]:
    """The text in parts that Telegram takes, cut at the last line end where there is one in a part's second half."""
    if visible_length(html) <= limit:
        return (html,)
    pieces, start = list(_pieces(html)), 0
    parts: list[str] = []
    before: tuple[str, ...] = ()
    while start < len(pieces):
        end = _cut(pieces, start, limit)
        opened = pieces[end - 1].opened
        kept = "".join(piece.text for piece in pieces[start:end])
        parts.append("".join(before) + kept + "".join(f"</{_name(tag)}>" for tag in reversed(opened)))
        before, start = opened, end
    return tuple(part for part in parts if visible_length(part.strip()) > 0)


def _pieces(html: str) -> Iterator[_Piece]:
    opened: tuple[str, ...] = ()
    for found in _PIECE.finditer(html):
        text = found.group()
        if not _TAG.fullmatch(text):
            yield _Piece(text, visible_length(text), opened)
            continue
        opened = opened[:-1] if text.startswith("</") else (*opened, text)
        yield _Piece(text, 0, opened)


def _cut(pieces: Sequence[_Piece], start: int, limit: int) -> int:
    """Where the part that begins at `start` ends."""
    length, line_end = 0, None
    for place in range(start, len(pieces)):
        length += pieces[place].size
        if length > limit and place > start:
            return place if line_end is None else line_end
        if pieces[place].text == "\n" and length * 2 >= limit:
            line_end = place + 1
    return len(pieces)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _name(tag: str) -> str:
    return tag[1:-1].split(maxsplit=1)[0]
