"""YAML files become plain values, with the line of every key, and every mistake is told in plain words.

Duplicate keys, anchors, aliases and tags are refused: what a person reads in the file is what the program reads.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from claimbot.claims.problem import Problem
from claimbot.claims.words import LANGS, Words
from claimbot.flow.model import Flow

Place = tuple[str | int, ...]
Told = tuple[Place, str, str]
M = TypeVar("M", bound=BaseModel)

_NO_KIND: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})
_SHAPES: Final[Mapping[str, str]] = {
    "string_type": "text, in quotes if it looks like a number or a day",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": "a day, as 2026-09-03",
    "date_parsing": "a day, as 2026-09-03",
    "date_from_datetime_parsing": "a day, as 2026-09-03",
    "date_from_datetime_inexact": "a day, as 2026-09-03",
    "time_type": 'an hour, as "08:30"',
    "time_parsing": 'an hour, as "08:30"',
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "none_required": "left out",
}
"""Mistakes of shape: the value is not the sort of thing that belongs there; in words, what does."""


@dataclass(slots=True)
class Read:
    """One file as it was read: its name from the folder's top, its values, the line of each, what is wrong so far."""

    name: str
    text: str = ""
    data: Any = None
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def line(self, at: Place) -> int:
        """The line of that place, or of the nearest one around it."""
        key = _key(at)
        return next((self.lines[key[:end]] for end in range(len(key), -1, -1) if key[:end] in self.lines), 1)

    def problem(self, at: Place, what: str, mend: str) -> None:
        self.wrong.append(f"{self.name}:{self.line(at)}: {what}; {mend}")

    def problems(self, found: tuple[Problem, ...]) -> None:
        for each in found:
            self.problem(each.at, each.what, each.mend)


def read_file(folder: Path, path: Path) -> Read:
    """The file's values and lines; what cannot be read at all is among its problems."""
    read = Read(path.relative_to(folder).as_posix())
    try:
        read.text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        read.problem((), "this is not UTF-8 text", "save the file as UTF-8")
        return read
    _parse(read)
    if read.data is None and not read.wrong:
        read.problem((), "the file is empty", "write it, or remove it")
    return read


def _parse(read: Read) -> None:  # noqa: C901  one a mistake
    node: Node | None = None
    try:
        # Before anything is followed: an alias may lead round in a circle.
        for line, what, mend in _fancies(read.text):
            read.wrong.append(f"{read.name}:{line}: {what}; {mend}")
        if read.wrong:
            return
        node = YAML(typ="rt").compose(read.text)
        for at, line in _lines(node, ()):
            read.lines.setdefault(_key(at), line)
        for line, what, mend in _twice(node):
            read.wrong.append(f"{read.name}:{line}: {what}; {mend}")
        if not read.wrong:
            read.data = YAML(typ="safe", pure=True).load(read.text)
    except RecursionError:
        read.wrong.append(f"{read.name}:1: there are brackets within brackets without end; write it flatter")
    except ValueError:
        for line, what, mend in _no_days(node):
            read.wrong.append(f"{read.name}:{line}: {what}; {mend}")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        why = str(error.problem).replace("\t", "a tab")
        read.wrong.append(f"{read.name}:{line}: this is not YAML ({why}); look at indents, quotes and colons")
    except ReaderError as error:
        line = read.text.count("\n", 0, error.position) + 1
        read.wrong.append(f"{read.name}:{line}: there is a character that cannot be seen; write the line again")


def _key(at: Place) -> tuple[str, ...]:
    """A place as it is written: a key 1 of the values is a key "1" in the file."""
    return tuple(str(part) for part in at)


def _fancies(text: str) -> Iterator[tuple[int, str, str]]:
    """What YAML can do and an office file may not: each makes the program read something that is not written there."""
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            rows = text.splitlines()
            line = next((number for number, row in enumerate(rows, 1) if row.startswith("%")), line)
            yield line, "lines that begin with % are not used here", "take the line out"
        if not isinstance(event, NodeEvent):
            continue
        if event.anchor is not None:
            sign = "*" if isinstance(event, AliasEvent) else "&"
            yield line, f"{sign}{event.anchor}: anchors and aliases are not used here", "write the value again"
        if getattr(event, "tag", None) is not None:
            yield line, "tags (words with !) are not used here", "take it out, or put the text in quotes"
        if isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]:
            yield line, "<< is not used here", "write the values again"


def _nodes(node: Node | None) -> Iterator[Node]:
    if node is None:
        return
    yield node
    if isinstance(node, MappingNode):
        for pair in node.value:
            for each in pair:
                yield from _nodes(each)
    elif isinstance(node, SequenceNode):
        for each in node.value:
            yield from _nodes(each)


def _twice(node: Node | None) -> Iterator[tuple[int, str, str]]:
    for mapping in _nodes(node):
        if not isinstance(mapping, MappingNode):
            continue
        seen: dict[str, int] = {}
        for key, _ in mapping.value:
            if isinstance(key, ScalarNode):
                line = key.start_mark.line + 1
                if key.value in seen:
                    mend = f"keep one of them (the first “{key.value}” is on line {seen[key.value]})"
                    yield line, "this key is there twice", mend
                seen.setdefault(key.value, line)


def _no_days(node: Node | None) -> Iterator[tuple[int, str, str]]:
    """Days that look like one and are in no calendar: YAML itself stumbles over them."""
    for each in _nodes(node):
        if isinstance(each, ScalarNode) and str(each.tag).endswith(":timestamp"):
            try:
                YAML(typ="safe", pure=True).load(each.value)
            except ValueError:
                yield each.start_mark.line + 1, f"there is no day {each.value}", "write year-month-day"


def _lines(node: Node | None, at: Place) -> Iterator[tuple[Place, int]]:
    if node is None:
        return
    yield at, node.start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else str(key.value)
            yield (*at, name), key.start_mark.line + 1
            yield from _lines(value, (*at, name))
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*at, index))


def into(read: Read, model: type[M]) -> M | None:
    """The values as that model; None, and every mistake noted, when they do not fit."""
    if read.data is None or read.wrong:
        return None
    try:
        return model.model_validate(read.data)
    except ValidationError as error:
        found = [(_place(read.data, each, model), each) for each in error.errors()]
        for at, what, mend in _told(found, read.data, model):
            read.problem(at, what, mend)
        return None


def _place(data: object, each: ErrorDetails, model: type[BaseModel]) -> Place:
    """The place in the file: what pydantic adds of its own (tags of a union, "[key]") is left out."""
    loc = list(each["loc"])
    if issubclass(model, Flow) and loc[:1] == ["steps"] and len(loc) > 2 and each["type"] not in _NO_KIND:
        del loc[2]  # the kind of the step; a step may have a key of the same name
    at: list[int | str] = []
    here = data
    for index, part in enumerate(loc):
        if isinstance(here, dict) and (written := _written(here, part)) is not None:
            at.append(part)
            here = here[written]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            at.append(part)
            here = here[part]
        elif each["type"] == "missing" and index == len(loc) - 1:
            at.append(part)
    if each["type"] == "union_tag_not_found" and isinstance(here, dict):
        at.extend(difflib.get_close_matches("ask", map(str, here), 1))  # the line of a mistyped `ask`
    return tuple(at)


def _written(here: dict[Any, Any], part: int | str) -> Any:  # noqa: ANN401  a key is what YAML made of it
    """The key itself for what pydantic calls it."""
    return next((key for key in here if key == part or str(key) == part), None)


def _told(found: Sequence[tuple[Place, ErrorDetails]], data: object, model: type[BaseModel]) -> Iterator[Told]:
    """Each mistake once. Where a value may be one of two things, only the one that was meant is told about."""
    shapes: dict[Place, list[str]] = {}
    for at, each in found:
        inside = any(other[: len(at)] == at and rest["type"] not in _SHAPES for other, rest in found)
        deeper = any(other[: len(at)] == at and len(other) > len(at) for other, _ in found)
        if each["loc"][-1:] == ("[key]",) and each["type"] in _SHAPES:
            yield at, f"the name “{at[-1]}” cannot be used here", "begin it with a letter"
        elif each["type"] not in _SHAPES:
            yield (at, *_plain(each, at, data, model))
        elif not inside and not deeper:
            shape = "written in both languages, as {en: …, zh: …}" if _wants_words(each) else _SHAPES[each["type"]]
            shapes.setdefault(at, []).append(shape)
    for at, wanted in shapes.items():
        what = f"“{_name(at)}”" if at else "the file"
        yield at, f"{what} must be {' or '.join(dict.fromkeys(wanted))}", "write it so"


def _name(at: Place) -> str:
    """The key that the place has, or the list that it is in."""
    return next((part for part in reversed(at) if isinstance(part, str)), "")


def _wants_words(each: ErrorDetails) -> bool:
    return each["type"] == "model_type" and each.get("ctx", {}).get("class_name") == Words.__name__


def _plain(each: ErrorDetails, at: Place, data: object, model: type[BaseModel]) -> tuple[str, str]:  # noqa: PLR0911, PLR0912, C901  one a kind
    """What is wrong and how to mend it, for somebody who does not program."""
    key = _name(at)
    ctx = each.get("ctx", {})
    match each["type"]:
        case "extra_forbidden":
            others = [known for known in _known_keys(model, data, at[:-1]) if known != key]
            near = difflib.get_close_matches(key, others, 1)
            return f"the key “{key}” is not known here", f"did you mean “{near[0]}”?" if near else "take it out"
        case "missing" if key in LANGS:
            return f"the translation “{key}” is missing", "add it"
        case "missing":
            return f"“{key}” is missing", "add it"
        case "union_tag_not_found":
            return "the kind of step is missing or unknown", "give the step `ask:` with a kind, or `end:`"
        case "union_tag_invalid":
            kinds = str(ctx["expected_tags"]).replace("'", "").split(", ")
            asked, kinds = str(ctx["tag"]), [kind for kind in kinds if kind != "end"]
            near = difflib.get_close_matches(asked, kinds, 1)
            mend = f"did you mean “{near[0]}”?" if near else f"use one of {', '.join(kinds)}"
            return f"the step “{key}” asks for “{asked}”, which is no kind of answer", mend
        case "literal_error" | "enum":
            known = str(ctx["expected"]).replace("'", "")
            near = difflib.get_close_matches(str(each["input"]), re.split(r", | or ", known), 1)
            mend = f"did you mean “{near[0]}”?" if near else f"use one of {known}"
            return f"“{each['input']}” is not one of the values known for “{key}”", mend
        case "string_pattern_mismatch":
            mend = "use small letters, digits and _ and begin with a letter"
            if "A-Z" in str(ctx["pattern"]):
                mend = "write it as in the shipped file"
            return f"the name “{each['input']}” cannot be used here", mend
        case "too_short":
            return f"“{key}” has too few entries", f"give at least {ctx['min_length']}"
        case "greater_than_equal":
            return f"“{key}” is too small", f"give at least {ctx['ge']}"
        case "less_than_equal":
            return f"“{key}” is too large", f"give at most {ctx['le']}"
        case "value_error":
            return f"“{key}”: {each['msg'].removeprefix('Value error, ')}", "mend it as it says"
        case _:
            said = re.sub(r"^Input should", "it should", each["msg"])
            return f"“{key}” does not fit: {said}", "change its value"


def _known_keys(model: type[BaseModel], data: object, at: Place) -> list[str]:
    """The keys that may still be written at that place."""
    schema = model.model_json_schema()
    meant, here = _meant(schema, [schema], data), data
    for part in at:
        inner: list[dict[str, Any]] = []
        for each in meant:
            named = each.get("properties", {}).get(part)
            others = (each.get("additionalProperties"), each.get("items"), *each.get("patternProperties", {}).values())
            inner.extend(one for one in ((named,) if named else others) if isinstance(one, dict))
        if isinstance(here, dict):
            here = here.get(_written(here, part))
        elif isinstance(here, list) and isinstance(part, int):
            here = here[part]
        meant = _meant(schema, inner, here)
    return sorted({key for each in meant for key in each.get("properties", {})})


def _meant(schema: dict[str, Any], parts: list[dict[str, Any]], data: object) -> list[dict[str, Any]]:
    """The parts with references followed; of alternatives with a fixed value (`ask: text`), the one written there."""
    meant: list[dict[str, Any]] = []
    todo = list(parts)
    while todo:
        part = todo.pop()
        if "$ref" in part:
            todo.append(schema["$defs"][part["$ref"].rsplit("/", 1)[1]])
            continue
        todo.extend(part.get("anyOf", []) + part.get("oneOf", []) + part.get("allOf", []))
        fixed = {key: one["const"] for key, one in part.get("properties", {}).items() if "const" in one}
        needed = {key: value for key, value in fixed.items() if key in part.get("required", ())}
        keyed = isinstance(data, dict) and all(data.get(key) == value for key, value in needed.items())
        if keyed or (isinstance(data, list) and "items" in part):
            meant.append(part)
    return meant
