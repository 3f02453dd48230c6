# ruff: noqa: E501  a row of the table is one line
"""The office's files: a good folder passes, each mistake is told in exact words, all of them at once."""

import shutil
from pathlib import Path

import pytest

from claimbot.errors import FlowError
from claimbot.flow.drawing import draw_flow, stale_drawings, write_drawings
from claimbot.flow.office import Office, check_folder, load_office
from claimbot.flow.schema import flow_schema
from tests.conftest import FLOWS

GOOD = """\
flow: people.trial
title: {en: "Trial", zh: "试用"}
steps:
  colour:
    ask: choice
    label: {en: "Colour", zh: "颜色"}
    text: {en: "Which colour?", zh: "什么颜色?"}
    choices:
      red: {en: "Red", zh: "红"}
    example: red
    next: done
  done:
    end: keep
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office's own copy of the shipped files."""
    copy = tmp_path / "flows"
    shutil.copytree(FLOWS, copy)
    return copy


def test_the_shipped_office_has_no_problem() -> None:
    assert check_folder(FLOWS) == ()


def test_a_good_flow_more_is_read(folder: Path) -> None:
    (folder / "people" / "trial.yaml").write_text(GOOD, encoding="utf-8")
    assert load_office(folder).flows["people.trial"].first == "colour"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("next: done", "next: dome", "11: there is no step “dome”; name a step of this flow"),
        ("example: red", "example: blue", "10: “blue” is not among the choices; use one of them"),
        ('zh: "颜色"', "", "6: the translation “zh” is missing; add it"),
        ("    example: red\n", "", "4: “example” is missing; add it"),
        ("end: keep", "end: burn", "13: “burn” is not one of the values known for “end”"),
        ("ask: choice", "asks: choice", "4: the kind of step is missing or unknown"),
        ("    example: red", "    exampel: red\n    example: red", "10: the key “exampel” is not known here; did you mean “example”?"),
        ("Which colour?", "Which <b>colour?", "7: the tag <b> is not closed"),
        ("Which colour?", "Which {car}?", "7: {car} is in one language only"),
        ("flow: people.trial", "flow: people.trail", "1: the flow is called people.trail; in this file it must be people.trial"),
        ("title:", "flow: again\ntitle:", "2: this key is there twice; keep one of them"),
        ("next: done", "next: [{when: is_blue, go: done}, {go: done}]", "11: there is no rule “is_blue”"),
        ("next: done", "next: [{when: was_replaced, go: done}]", "11: the last way has a `when`; add a last way that has none"),
        ("title:", "starts: {command: help, describe: {en: a, zh: b}}\ntitle:", "2: /help is the bot's own; choose another command"),
        ("title:", "starts: {command: new, describe: {en: a, zh: b}}\ntitle:", "/new starts people.trial already"),
        ("title:", "move: fly\ntitle:", "2: there is no move “fly”"),
        ("next: done", "next: colour", "12: no way leads to “done”; lead to it, or remove it"),
        ("next: done", "next: colour", "4: from “colour” no end can be reached; lead to an `end:` step"),
        ('en: "Red"', f'en: "{"R" * 41}"', "9: 41 characters are too many; use 40 at most"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_how_to_mend_it(folder: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    (folder / "people" / "trial.yaml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    problems = check_folder(folder)
    assert any(told in problem for problem in problems), problems


def test_all_mistakes_of_all_files_are_told_at_once(folder: Path) -> None:
    (folder / "people" / "trial.yaml").write_text(GOOD.replace("next: done", "next: dome"), encoding="utf-8")
    (folder / "words.yaml").write_text("phrases: {yes: {en: Yes}}", encoding="utf-8")
    (folder / "people" / "notes.yaml").write_text("", encoding="utf-8")
    (folder / "warranty" / "audit.yaml").unlink()
    with pytest.raises(FlowError) as caught:
        load_office(folder)
    files = {problem.split(":")[0] for problem in caught.value.problems}
    assert files >= {"people/trial.yaml", "words.yaml", "people/notes.yaml", "warranty/audit.yaml"}


def test_a_drawing_shows_steps_and_ways_and_goes_stale_with_its_flow(office: Office, tmp_path: Path) -> None:
    drawn = draw_flow(office.flows["warranty.approval"])
    assert "decision_ -->|decision_needs_reason| decision_reason_" in drawn
    write_drawings(office, tmp_path)
    assert stale_drawings(office, tmp_path) == ()
    (tmp_path / "people.join.md").write_text("old", encoding="utf-8")
    (tmp_path / "gone.md").write_text("old", encoding="utf-8")
    assert stale_drawings(office, tmp_path) == ("gone.md", "people.join.md")


def test_the_schema_names_every_kind_of_question() -> None:
    text = str(flow_schema())
    for kind in ("text", "choice", "vin", "photos", "review", "fault_codes", "instant"):
        assert f"'const': '{kind}'" in text
