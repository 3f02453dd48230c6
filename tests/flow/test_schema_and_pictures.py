"""The schema takes good flows and refuses bad ones as the reading does; a picture is what it was."""

import re
from typing import Any

import pytest

from claimbot.claims.words import Words
from claimbot.flow.drawing import draw_flow, drawings
from claimbot.flow.model import Flow
from claimbot.flow.office import Office
from claimbot.flow.reading import read_file
from claimbot.flow.schema import flow_schema
from tests.conftest import FLOWS

SCHEMA = flow_schema()
FLOW_FILES = sorted(path for part in ("people", "warranty") for path in (FLOWS / part).glob("*.yaml"))
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "object": (dict,),
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def fits(value: Any, schema: Any) -> bool:  # noqa: ANN401, PLR0911  what YAML and JSON hold, one rule a line
    """As much of JSON Schema as the flow format uses."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return any(fits(value, each) for each in schema["anyOf"])
    if "oneOf" in schema:
        return sum(fits(value, each) for each in schema["oneOf"]) == 1
    if not isinstance(value, TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        return False
    if ("const" in schema and value != schema["const"]) or ("enum" in schema and value not in schema["enum"]):
        return False
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return all(fits(each, schema["items"]) for each in value)
    if isinstance(value, dict):
        return _object_fits(value, schema)
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def _object_fits(value: dict[str, Any], schema: dict[str, Any]) -> bool:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    if not set(schema.get("required", ())) <= value.keys() or len(value) < schema.get("minProperties", 0):
        return False
    for key, each in value.items():
        fitting = [known[key]] if key in known else [one for name, one in patterns.items() if re.search(name, key)]
        if not fitting and schema.get("additionalProperties") is False:
            return False
        if not all(fits(each, one) for one in fitting):
            return False
    return True


def shipped() -> dict[str, Any]:
    return {path.stem: data for path in FLOW_FILES if "steps" in (data := read_file(FLOWS, path).data)}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_schema_takes_every_shipped_flow(name: str) -> None:
    assert fits(shipped()[name], SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"steps": {}},
        {"titel": {"en": "a", "zh": "b"}},
        {"title": {"en": "a"}},
        {"for": ["boss"]},
        {"fingerprint": "abc"},
        {"steps": {"a": {"ask": "txt"}, "b": {"end": "keep"}}},
        {"steps": {"a": {"end": "burn"}, "b": {"end": "keep"}}},
    ],
)
def test_the_schema_refuses_what_the_reading_refuses(change: dict[str, Any]) -> None:
    assert not fits({**shipped()["intake"], **change}, SCHEMA)


def test_an_editor_finds_each_kind_of_step_by_one_fixed_value() -> None:
    (kinds,) = SCHEMA["properties"]["steps"]["patternProperties"].values()
    asked = [SCHEMA["$defs"][each["$ref"].rsplit("/", 1)[1]]["properties"] for each in kinds["oneOf"]]
    fixed = [each["ask"]["const"] for each in asked if "ask" in each]
    assert len(fixed) == len(set(fixed)) == len(asked) - 1
    assert [sorted(each) for each in asked if "ask" not in each] == [["end"]]


def small_flow(label: Words) -> Flow:
    said = {"en": "Say", "zh": "说"}
    ways = [{"when": "was_replaced", "go": "more"}, {"go": "done"}]
    steps = {
        "one": {"ask": "text", "text": said, "label": label, "example": "x", "next": ways},
        "more": {"ask": "text", "text": said, "label": said, "example": "x", "next": "done", "optional": True},
        "done": {"end": "keep"},
    }
    return Flow.model_validate({"flow": "people.trial", "title": said, "steps": steps})


def test_a_small_flow_is_drawn_as_it_always_was() -> None:
    assert draw_flow(small_flow(Words(en="One", zh="一"))) == (
        "flowchart TD\n"
        '    one_["一 · One"]\n'
        "    one_ -->|was_replaced| more_\n"
        "    one_ --> done_\n"
        '    more_["说 · Say"]\n'
        "    more_ --> done_\n"
        "    style more_ stroke-dasharray: 4 3\n"
        '    done_(["keep"])'
    )


def test_what_mermaid_takes_for_its_own_signs_is_written_another_way() -> None:
    drawn = draw_flow(small_flow(Words(en='"No. #1"; <b>`', zh="一")))
    assert "    one_[\"一 · 'No. #35;1'#59; ‹b›'\"]\n" in drawn


def test_the_same_office_is_drawn_the_same_and_its_page_lists_every_picture(office: Office) -> None:
    made = drawings(office)
    assert made == drawings(office)
    assert set(re.findall(r"\]\((.*?)\)", made["README.md"])) == made.keys() - {"README.md"}
