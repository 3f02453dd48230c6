"""Message text and its entities: Telegram's HTML read in, and what Telegram finds in plain words by itself.

Offsets and lengths count UTF-16 units, as the Bot API does. Refusals are in the words of TDLib's parser.
Knows nothing of messages.
"""

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
ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
FOUND = re.compile(
    r"(?P<url>(?:https?://|\bt\.me/)[^\s<>\"，。；！？）】」]*[^\s<>\"，。；！？）】」.,;:!?)'])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?u:(?<![\w/<]))(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?u:(?![\w/]))"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})",
    re.ASCII,
)
FOUND_BY = re.compile(r"[/@]|t\.me")  # without any of these there is nothing to be found
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|(lt|gt|amp|quot));?")


class MarkupError(ValueError):
    """The text is not the markup it claims to be; the words are Telegram's."""


def units(text: str) -> int:
    """Length in UTF-16 units."""
    if text.isascii():
        return len(text)
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
            kind = "end" if source.startswith("</", at) else "start"
            raise MarkupError(f"Unclosed {kind} tag at byte offset {offset}")
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
    if name == "span":
        if attributes.get("class") != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
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
    if entity.get("url") == "" or (expected == "code" and stack and "language" in stack[-1][2]):
        return []
    length = units(text) - begin
    return [{"offset": begin, "length": length, **entity}] if length else []


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Telegram strips white space around a message; the entities move along."""
    bare = text.strip()
    if bare == text:
        return text, entities
    cut = units(text) - units(text.lstrip())
    text = bare
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
    if FOUND_BY.search(text) is None:
        return entities
    found = []
    for match in FOUND.finditer(text):
        begin, length = units(text[: match.start()]), units(match.group())
        taken = any(
            entity["type"] in {"code", "pre", "text_link", "url", "bot_command"}
            and entity["offset"] < begin + length
            and begin < entity["offset"] + entity["length"]
            for entity in entities
        )
        # A letter of any script beside it makes it no command: 8年/12万公里
        beside = text[max(match.start() - 1, 0) : match.start()] + text[match.end() : match.end() + 1]
        if match.lastgroup == "bot_command" and any(map(str.isalnum, beside)):
            continue
        if not taken:
            found.append({"type": match.lastgroup, "offset": begin, "length": length})
    return sorted([*entities, *found], key=lambda entity: (entity["offset"], -entity["length"]))
