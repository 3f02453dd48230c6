"""Whatever is deleted, renamed or replaced in an office's file, it is told in words and breaks nothing."""

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from claimbot.claims.clocks import ClockRules, Form
from claimbot.claims.coverage import MakerTerms
from claimbot.claims.life import Life
from claimbot.claims.problem import Problem
from claimbot.flow.checks import check_flows, check_words
from claimbot.flow.drawing import draw_flow
from claimbot.flow.model import Flow
from claimbot.flow.office import _FORM_FOLDERS, _SHEETS, Phrases
from claimbot.flow.reading import Read, into, read_file
from tests.conftest import FLOWS

FORMS: dict[str, type[BaseModel]] = {
    path.relative_to(FLOWS).as_posix(): Form for folder in _FORM_FOLDERS for path in (FLOWS / folder).glob("*.yaml")
}
SHEETS: dict[str, type[BaseModel]] = {**_SHEETS, **FORMS, "warranty/makers/example.yaml": MakerTerms}
FILES = {name: read_file(FLOWS, FLOWS / name) for name in SHEETS}
FLOW_FILES = {
    path.relative_to(FLOWS).as_posix(): read_file(FLOWS, path)
    for path in sorted(FLOWS.rglob("*.yaml"))
    if path.relative_to(FLOWS).as_posix() not in SHEETS
}
ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, "", "x", 0, -1, 1.5, 10**40, True, [], {}, [1], {"a": 1}, [[]], {"en": "a"}, "{", "<b>"]
)
TEXT = (FLOWS / "warranty" / "intake.yaml").read_text(encoding="utf-8")


def places(here: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
    for key, value in inner:
        yield (*at, key)
        yield from places(value, (*at, key))


def changed(data: st.DataObject, read: Read) -> Read:
    """The file's values with one to three of them gone, under another name, or something else."""
    values = copy.deepcopy(read.data)
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(values))
        if not found:
            break
        *way, key = data.draw(st.sampled_from(found))
        here = values
        for part in way:
            here = here[part]
        what = data.draw(st.sampled_from(["gone", "renamed", "odd"]))
        value = here.pop(key) if what == "gone" or (what == "renamed" and isinstance(here, dict)) else None
        if what == "odd":
            here[key] = copy.deepcopy(data.draw(ODD))
        elif what == "renamed" and isinstance(here, dict):
            here[data.draw(st.sampled_from([f"{key}x", str(key)[1:], 7, "en"]))] = value
    return Read(read.name, read.text, values, read.lines)


def well_told(read: Read) -> None:
    for problem in read.wrong:
        name, line, rest = problem.split(":", 2)
        assert name == read.name
        assert 1 <= int(line) <= read.text.count("\n") + 1
        assert ";" in rest


@pytest.mark.parametrize("name", sorted(SHEETS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_sheet_is_read_or_told(name: str, data: st.DataObject) -> None:
    read = changed(data, FILES[name])
    made: Any = into(read, SHEETS[name])
    if isinstance(made, Phrases):
        check_words(read, made.phrases)
    elif made is not None:
        life = into(FILES["warranty/life.yaml"], Life)
        found: tuple[Problem, ...] = made.problems(life) if isinstance(made, ClockRules) else made.problems()
        read.problems(found)
    else:
        assert read.wrong
    well_told(read)


@pytest.mark.parametrize("name", sorted(FLOW_FILES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_changed_flow_is_read_or_told(name: str, data: st.DataObject) -> None:
    read = changed(data, FLOW_FILES[name])
    flow = into(read, Flow)
    if flow is None:
        assert read.wrong
    else:
        check_flows([(read, flow)], into(FILES["warranty/life.yaml"], Life))
        assert draw_flow(flow) == draw_flow(flow)
    well_told(read)


@settings(max_examples=25, deadline=None)
@given(
    start=st.integers(0, len(TEXT)),
    length=st.integers(1, 40),
    put=st.text(alphabet="{}[]:,-&*!%#'\"\n\t a", max_size=5),
)
def test_a_file_with_a_hole_in_its_text_is_read_or_told(start: int, length: int, put: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "intake.yaml"
        path.write_text(TEXT[:start] + put + TEXT[start + length :], encoding="utf-8")
        read = read_file(path.parent, path)
        assert into(read, Flow) is not None or read.wrong
        well_told(read)
