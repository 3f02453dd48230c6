"""A step takes its own example, and one person never sees two buttons of the same words."""
# ruff: noqa: E501  one mistake a line

from pathlib import Path

import pytest

from claimbot.flow.checks import check_flows
from claimbot.flow.model import Flow
from claimbot.flow.office import check_folder
from claimbot.flow.reading import Read, into, read_file

FLOW = """\
flow: people.trial
title: {en: "Trial", zh: "试用"}
for: [technician]
starts: {button: {en: "Try", zh: "试"}}
steps:
  one:
    ask: KIND
    label: {en: "One", zh: "一"}
    text: {en: "One?", zh: "一?"}
    example: EXAMPLE
    next: done
  done:
    end: keep
"""


def read_flow(folder: Path, text: str, name: str = "trial.yaml") -> tuple[Read, Flow]:
    (folder / name).write_text(text, encoding="utf-8")
    read = read_file(folder, folder / name)
    flow = into(read, Flow)
    assert flow is not None, read.wrong
    return read, flow


def told(folder: Path, kind: str, example: str) -> list[str]:
    read, flow = read_flow(folder, FLOW.replace("KIND", kind).replace("EXAMPLE", example))
    check_flows([(read, flow)], None)
    return [each.removeprefix("trial.yaml:") for each in read.wrong]


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        ("text", '"漏油"'),
        ("number", "7"),
        ("number\n    minimum: 5\n    maximum: 9\n    decimals: 1", "8.5"),
        ("number", "1e30"),
        ("vin", "LSVAA4182E2184847"),
        ("part_number", '"06A-905-161 B"'),
        ("odometer", "23456"),
        ("money", "120.50"),
        ("date", '"2026-09-03"'),
        ("instant", '"2026-09-03 08:30"'),
        ("fault_codes", "[P0300, P0171]"),
    ],
)
def test_an_example_that_a_person_could_send_is_taken(tmp_path: Path, kind: str, example: str) -> None:
    assert told(tmp_path, kind, example) == []


@pytest.mark.parametrize(
    ("kind", "example", "expected"),
    [
        ("text\n    max_length: 3", '"leaks"', "11: the example has 5 characters; use 1 to 3"),
        ("text\n    min_length: 9\n    max_length: 3", '"leaks"', "8: “min_length” 9 is more than “max_length” 3; change one of the two"),
        ("number\n    minimum: 5\n    maximum: 9", "12", "12: the example 12 is outside what is allowed; use one between the two limits"),
        ("number\n    minimum: 9\n    maximum: 5", "7", "8: “minimum” 9 is more than “maximum” 5; change one of the two"),
        ("number", "7.5", "10: the example 7.5 has too many decimals; use 0 at most"),
        ("vin", "LSVAA4182E2184848", "10: the example is not read as a VIN with its check digit; give one that a person could send"),
        ("part_number", '"?"', "10: the example is not read as a part number; give one that a person could send"),
        ("odometer", "-5", "10: the example is not read as kilometres; give one that a person could send"),
        ("money", "-1", "10: the example is not read as an amount; give one that a person could send"),
        ("date", '"soon"', "10: the example is not read as a day; give one that a person could send"),
        ("instant", '"2026-09-03"', "10: the example is not read as a day and an hour; give one that a person could send"),
        ("fault_codes", "[P0300, leak]", "10: the example is not read as fault codes; give one that a person could send"),
        ("fault_codes", "[]", "10: the example is not read as fault codes; give one that a person could send"),
    ],
)  # fmt: skip
def test_an_example_that_its_own_step_would_refuse_is_told(
    tmp_path: Path, kind: str, example: str, expected: str
) -> None:
    found = told(tmp_path, kind, example)
    assert len(found) == 1
    assert found[0].endswith(expected.split(": ", 1)[1])
    assert found == [expected]


def buttons_told(folder: Path, first: str, second: str) -> list[str]:
    text = FLOW.replace("KIND", "text").replace("EXAMPLE", "x")
    one = read_flow(folder, text.replace("{button", f"{{{first}button"), "one.yaml")
    changed = text.replace("people.trial", "people.two").replace("for: [technician]", f"for: [{second}]")
    two = read_flow(folder, changed, "two.yaml")
    check_flows([one, two], None)
    assert one[0].wrong == []
    return two[0].wrong


@pytest.mark.parametrize("roles", ["technician", "technician, clerk", ""])
def test_two_buttons_of_the_same_words_before_one_person_are_told(tmp_path: Path, roles: str) -> None:
    assert buttons_told(tmp_path, "", roles) == [
        "two.yaml:4: the button “Try” starts people.trial already; use other words",
        "two.yaml:4: the button “试” starts people.trial already; use other words",
    ]


def test_the_same_words_for_another_role_or_in_another_place_are_fine(tmp_path: Path) -> None:
    assert buttons_told(tmp_path, "", "supervisor") == []
    assert buttons_told(tmp_path, "about: claim, ", "technician") == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("renewed_by", "[one]", "11: “one” would be asked again for its own answer; take it out of the list"),
        ("renewed_by", "[done]", "11: “done” is an end, which has no answer; name a step that asks"),
        ("about", "done", "11: “done” is an end, which has no answer; name a step that asks"),
        ("otherwise", "done", "11: “done” is an end, which has no answer; name a step that asks"),
    ],
)
def test_a_step_names_only_answers_that_there_can_be(tmp_path: Path, key: str, value: str, expected: str) -> None:
    assert told(tmp_path, "confirm", f"true\n    {key}: {value}") == [expected]


def test_brackets_without_end_are_told_and_break_nothing(tmp_path: Path) -> None:
    (tmp_path / "deep.yaml").write_text("a: " + "[" * 3000 + "]" * 3000, encoding="utf-8")
    read = read_file(tmp_path, tmp_path / "deep.yaml")
    assert read.wrong == ["deep.yaml:1: there are brackets within brackets without end; write it flatter"]


def test_a_step_whose_name_is_a_number_is_told(tmp_path: Path) -> None:
    text = FLOW.replace("KIND", "text").replace("EXAMPLE", "x").replace("  done:", "  12:")
    (tmp_path / "trial.yaml").write_text(text, encoding="utf-8")
    read = read_file(tmp_path, tmp_path / "trial.yaml")
    assert into(read, Flow) is None
    assert read.wrong == ["trial.yaml:12: the name “12” cannot be used here; begin it with a letter"]


def test_a_folder_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    assert check_folder(tmp_path / "flos") == (
        f"{tmp_path / 'flos'}: there is no folder of this name; look at CLAIMBOT_FLOWS, or at what was typed",
    )


def test_a_flow_file_cannot_set_its_own_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    text = "fingerprint: abc\n" + FLOW.replace("KIND", "text").replace("EXAMPLE", "x")
    (tmp_path / "people" / "trial.yaml").write_text(text, encoding="utf-8")
    assert "people/trial.yaml:1: the key “fingerprint” is not known here; take it out" in check_folder(tmp_path)
