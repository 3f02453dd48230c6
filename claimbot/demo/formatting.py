"""Message text and its entities: Telegram's HTML read in, safe HTML for the page written out.

Offsets and lengths count UTF-16 units, as the Bot API does.
"""

import html
import re
from typing import Any

Json = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
SHOWN_AS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
FOUND = re.compile(r"(?P<url>https?://[^\s<>\"，。；！？）】」]+)|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64})")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|(lt|gt|amp|quot));?")


class MarkupError(ValueError):
    """The text is not the markup it claims to be; the words are Telegram's."""


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return NAMED[name]
        number = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(number) if 0 < number < 0x110000 else match.group()

    return REFERENCE.sub(one, text)


def read_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities; raises MarkupError where Telegram refuses."""
    text = ""
    entities: list[Json] = []
    stack: list[tuple[str, int, Json]] = []
    at = 0
    while at < len(source):
        if source[at] != "<":
            end = source.find("<", at)
            end = len(source) if end < 0 else end
            text += _unescape(source[at:end])
            at = end
            continue
        offset = len(source[:at].encode())
        close = source.find(">", at)
        if close < 0:
            raise MarkupError(f"Unclosed start tag at byte offset {offset}")
        inside = source[at + 1 : close]
        at = close + 1
        if inside.startswith("/"):
            entities += _end_tag(inside[1:].strip().lower(), stack, text, offset)
        else:
            stack.append(_start_tag(inside, stack, text, offset))
    if stack:
        name = stack[-1][0]
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{name}"')
    return _trim(text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])))


def _start_tag(inside: str, stack: list[tuple[str, int, Json]], text: str, offset: int) -> tuple[str, int, Json]:
    name = (re.match(r"[^\s]*", inside) or [""])[0].lower()
    attributes = {
        match[1].lower(): _unescape(match[2] or match[3] or match[4] or "")
        for match in ATTRIBUTE.finditer(inside[len(name) :])
    }
    entity: Json = {}
    if name == "span" and attributes.get("class") == "tg-spoiler":
        entity["type"] = "spoiler"
    elif name in TAGS:
        entity["type"] = TAGS[name]
    else:
        raise MarkupError(f'Unsupported start tag "{name}" at byte offset {offset}')
    if name == "a":
        entity["url"] = attributes.get("href", "")
    if name == "blockquote" and "expandable" in attributes:
        entity["type"] = "expandable_blockquote"
    language = attributes.get("class", "")
    if name == "code" and stack and stack[-1][0] == "pre" and language.startswith("language-"):
        stack[-1][2]["language"] = language.removeprefix("language-")
    return name, units(text), entity


def _end_tag(name: str, stack: list[tuple[str, int, Json]], text: str, offset: int) -> list[Json]:
    if not stack:
        raise MarkupError(f"Unexpected end tag at byte offset {offset}")
    expected, begin, entity = stack.pop()
    if name not in {"", expected}:
        raise MarkupError(
            f'Unmatched end tag at byte offset {offset}, expected "</{expected}>", found "</{name}>"',
        )
    if entity.get("url") == "":
        return []
    length = units(text) - begin
    return [{"offset": begin, "length": length, **entity}] if length else []


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Telegram strips white space around a message; the entities move along."""
    cut = units(text) - units(text.lstrip())
    text = text.strip()
    whole = units(text)
    kept = []
    for entity in entities:
        begin = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] + entity["length"] - cut, whole)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return text, kept


def read_plain(text: str, entities: list[Json] | None = None) -> tuple[str, list[Json]]:
    return _trim(text, list(entities or []))


def with_found(text: str, entities: list[Json]) -> list[Json]:
    """The entities, and what Telegram finds by itself: links and commands outside of code and links."""
    found = []
    for match in FOUND.finditer(text):
        kind = "url" if match["url"] else "bot_command"
        begin, length = units(text[: match.start()]), units(match.group())
        taken = any(
            entity["type"] in {"code", "pre", "text_link", "url", "bot_command"}
            and entity["offset"] < begin + length
            and begin < entity["offset"] + entity["length"]
            for entity in entities
        )
        if not taken:
            found.append({"type": kind, "offset": begin, "length": length})
    return sorted([*entities, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def write_html(text: str, entities: list[Json]) -> str:
    """Safe HTML for the page: every character of people is escaped, links are http(s), tg or mailto only."""
    raw = text.encode("utf-16-le", "surrogatepass")

    def piece(begin: int, end: int) -> str:
        return raw[begin * 2 : end * 2].decode("utf-16-le", "replace")

    def render(begin: int, end: int, inner: list[Json]) -> str:
        out, at = "", begin
        while inner:
            first, *rest = inner
            start, stop = max(first["offset"], at), min(first["offset"] + first["length"], end)
            if stop <= start:
                inner = rest
                continue
            within = [entity for entity in rest if entity["offset"] < stop]
            out += html.escape(piece(at, start))
            out += _wrap(first, render(start, stop, within), piece(start, stop))
            at = stop
            inner = [entity for entity in rest if entity["offset"] + entity["length"] > stop]
        return out + html.escape(piece(at, end))

    return render(0, len(raw) // 2, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])))


def _wrap(entity: Json, inner: str, text: str) -> str:
    kind = entity["type"]
    if kind in SHOWN_AS:
        return f"<{SHOWN_AS[kind]}>{inner}</{SHOWN_AS[kind]}>"
    if kind == "expandable_blockquote":
        return f"<blockquote>{inner}</blockquote>"
    if kind == "spoiler":
        return f'<span class="spoiler">{inner}</span>'
    if kind == "bot_command":
        return f'<a class="command" data-command="{html.escape(text)}">{inner}</a>'
    if kind in {"url", "text_link"}:
        url = str(entity.get("url", text))
        if re.match(r"(https?://|tg://|mailto:)", url):
            return f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">{inner}</a>'
    return inner
