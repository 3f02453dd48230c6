"""Cuts what is said to Telegram's sizes: code points, never inside a tag or an entity, tags closed and opened again."""

import re
from typing import Final

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
_PIECE: Final = re.compile(r"<(/?)([a-z-]+)[^>]*>|&[a-z#0-9]+;|\n|[^<&\n]", re.IGNORECASE | re.DOTALL)


def visible_length(html: str) -> int:
    """UTF-16 units that Telegram counts, once tags are gone and entities are one character."""
    plain = re.sub(r"&[a-z#0-9]+;", "x", re.sub(r"<[^>]+>", "", html), flags=re.IGNORECASE)
    return len(plain.encode("utf-16-le")) // 2


def split_html(html: str, limit: int = TEXT_LIMIT) -> tuple[str, ...]:
    """The text in parts that Telegram takes, cut at the last line end where there is one."""
    if visible_length(html) <= limit:
        return (html,)
    parts: list[str] = []
    opened: list[str] = []
    current, length = "", 0
    cut: tuple[int, tuple[str, ...]] | None = None
    for found in _PIECE.finditer(html):
        piece = found.group()
        size = 0 if piece.startswith("<") else 1 if piece.startswith("&") else len(piece.encode("utf-16-le")) // 2
        if length + size > limit:
            if cut is None or cut[0] < len(current) // 2:
                cut = (len(current), tuple(opened))
            head, rest, tags = current[: cut[0]], current[cut[0] :].lstrip("\n"), cut[1]
            parts.append(head + "".join(f"</{_name(tag)}>" for tag in reversed(tags)))
            current = "".join(tags) + rest
            length, cut = visible_length(current), None
        if found.group(2):
            if found.group(1):
                if opened:
                    opened.pop()
            else:
                opened.append(piece)
        current += piece
        length += size
        if piece == "\n":
            cut = (len(current), tuple(opened))
    parts.append(current)
    return tuple(part for part in parts if visible_length(part.strip()) > 0)


def _name(tag: str) -> str:
    return tag[1:-1].split(maxsplit=1)[0]
