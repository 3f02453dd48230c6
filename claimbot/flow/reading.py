"""YAML files become plain values, with the line of every key, and every mistake is told in plain words.

Duplicate keys, anchors and tags are refused: what a person reads in the file is what the program reads.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from claimbot.claims.problem import Problem

Path_ = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Read:
    """One file as it was read: its name from the folder's top, its values, the line of each, what is wrong so far."""

    name: str
    text: str = ""
    data: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def line(self, at: Path_) -> int:
        """The line of that place, or of the nearest one around it."""
        for length in range(len(at), -1, -1):
            if at[:length] in self.lines:
                return self.lines[at[:length]]
        return 1

    def problem(self, at: Path_, what: str, mend: str) -> None:
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
    try:
        node = YAML(typ="rt").compose(read.text)
        for at, line in _lines(node, ()):
            read.lines.setdefault(at, line)
        for line in _aliases(read.text):
            read.wrong.append(f"{read.name}:{line}: anchors and aliases are not used here; write the value again")
        read.data = YAML(typ="safe", pure=True).load(read.text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        read.wrong.append(f"{read.name}:{line}: this key is there twice; keep one of them")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        read.wrong.append(f"{read.name}:{line}: this is not YAML ({error.problem}); look at indents, quotes and colons")
    if read.data is None and not read.wrong:
        read.problem((), "the file is empty", "write it, or remove it")
    return read


def _aliases(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.split("#", 1)[0].split():
            if len(word) > 1 and word[0] in "&*" and word[1:].isidentifier() and '"' not in line:
                yield number


def _lines(node: Node | None, at: Path_) -> Iterator[tuple[Path_, int]]:
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


def into(read: Read, model: type[M], data: object = None) -> M | None:
    """The values as that model; None, and every mistake noted, when they do not fit."""
    if read.data is None or read.wrong:
        return None
    try:
        return model.model_validate(read.data if data is None else data)
    except ValidationError as error:
        for each in error.errors():
            at = _place(read.data, each["loc"])
            what, mend = _plain(each, at, model)
            read.problem(at, what, mend)
        return None


def _place(data: object, loc: tuple[int | str, ...]) -> Path_:
    """The place in the file: what pydantic adds of its own (tags of a union) is left out."""
    at: list[int | str] = []
    here = data
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(here, dict) and (part in here or last):
            at.append(part)
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            at.append(part)
            here = here[part]
    return tuple(at)


def _plain(each: ErrorDetails, at: Path_, model: type[BaseModel]) -> tuple[str, str]:  # noqa: PLR0911  one a kind
    """What is wrong and how to mend it, for somebody who does not program."""
    key = str(at[-1]) if at else ""
    match each["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(key, _known_keys(model), 1)
            return f"the key “{key}” is not known here", f"did you mean “{near[0]}”?" if near else "remove it"
        case "missing" if each["loc"][-1] in {"en", "zh"}:
            return f"the translation “{each['loc'][-1]}” is missing", "add it"
        case "missing":
            return f"“{each['loc'][-1]}” is missing", "add it"
        case "union_tag_invalid" | "union_tag_not_found":
            return "the kind of step is missing or unknown", "give `ask:` one of the known kinds, or `end:`"
        case "literal_error" | "enum":
            return f"“{each['input']}” is not one of the values known for “{key}”", f"use {each['ctx']['expected']}"
        case "value_error":
            return f"“{key}”: {each['msg'].removeprefix('Value error, ')}", "mend it as it says"
        case _:
            return f"“{key}” is not right: {each['msg'][:1].lower()}{each['msg'][1:]}", "change its value"


def _known_keys(model: type[BaseModel]) -> list[str]:
    known: set[str] = set()
    todo: list[Any] = [model.model_json_schema()]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            known.update(part.get("properties", {}))
            todo.extend(part.values())
        elif isinstance(part, list):
            todo.extend(part)
    return sorted(known)
