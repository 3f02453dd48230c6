"""The office's files: a good folder passes, each mistake is told in exact words, all of them at once."""
# ruff: noqa: E501  one mistake a line

import shutil
from pathlib import Path

import pytest

from claimbot.errors import FlowError
from claimbot.flow.drawing import draw_flow, draw_life, stale_drawings, write_drawings
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
        ("ask: choice", "asks: choice", "5: the kind of step is missing or unknown"),
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


def test_a_file_that_ends_in_yml_and_one_of_an_unknown_name_are_told(folder: Path) -> None:
    (folder / "people" / "trial.yml").write_text(GOOD, encoding="utf-8")
    (folder / "notes.yaml").write_text(GOOD, encoding="utf-8")
    assert check_folder(folder) == (
        "notes.yaml:1: nobody reads a file of this name here; look for a typing mistake, or move it",
        "people/trial.yml:1: only .yaml files are read; rename it",
    )


def test_an_empty_folder_lacks_every_sheet_and_says_which(tmp_path: Path) -> None:
    told = check_folder(tmp_path)
    assert "words.yaml:1: the file is missing; add it, the shipped one is a good start" in told
    assert list(told) == sorted(told)
    with pytest.raises(FlowError):
        load_office(tmp_path)


def test_a_mistake_within_a_sheet_is_told_at_its_line(folder: Path) -> None:
    life = folder / "warranty" / "life.yaml"
    text = life.read_text(encoding="utf-8").replace("to: submitted", "to: submited", 1)
    life.write_text(text, encoding="utf-8")
    line = text[: text.index("to: submited")].count("\n") + 1
    assert any(
        each.startswith(f"warranty/life.yaml:{line}: there is no state submited") for each in check_folder(folder)
    )


def test_a_failed_rule_whose_button_chooses_what_there_is_not_is_told_at_its_line(folder: Path) -> None:
    audit = folder / "warranty" / "audit.yaml"
    text = audit.read_text(encoding="utf-8").replace("claim_type=goodwill", "claim_type=good_will", 1)
    audit.write_text(text, encoding="utf-8")
    line = text[: text.index("claim_type=good_will")].count("\n") + 1
    (told,) = check_folder(folder)
    assert told.startswith(f"warranty/audit.yaml:{line}: “claim_type” has no choice “good_will”; known: normal, ")


def test_a_failed_rule_whose_button_leads_nowhere_is_told_at_its_line(folder: Path) -> None:
    audit = folder / "warranty" / "audit.yaml"
    text = audit.read_text(encoding="utf-8").replace("fix: odometer_km", "fix: odometer", 1)
    audit.write_text(text, encoding="utf-8")
    line = text[: text.index("fix: odometer\n")].count("\n") + 1
    told = f"warranty/audit.yaml:{line}: no flow about a claim asks “odometer”; name a step of one, or take it out"
    assert check_folder(folder) == (told,)


def test_mistakes_in_a_makers_tables_of_work_are_told(folder: Path) -> None:
    maker = folder / "warranty" / "makers" / "example.yaml"
    text = maker.read_text(encoding="utf-8")
    for old, new in (("parts: [battery_pack,", "parts: [batery_pack,"), ("labour: [EX-L301]", "labour: [EX-L999]")):
        assert old in text
        text = text.replace(old, new, 1)
    maker.write_text(text, encoding="utf-8")
    told = [problem.partition(": ")[2] for problem in check_folder(folder)]
    mend = "look for a typing mistake, or list it"
    assert told == [f"there is no {name} in this file; {mend}" for name in ("batery_pack", "EX-L999")]


def test_two_files_that_claim_one_name_are_both_checked(folder: Path) -> None:
    for name in ("one", "two"):
        bad = GOOD.replace("people.trial", "people.one").replace("next: done", "next: dome")
        (folder / "people" / f"{name}.yaml").write_text(bad, encoding="utf-8")
    told = check_folder(folder)
    assert [each.split(":")[0] for each in told if "“dome”" in each] == ["people/one.yaml", "people/two.yaml"]


def test_a_flow_is_found_by_its_command_and_has_the_mark_of_its_text(folder: Path) -> None:
    office = load_office(folder)
    flow = office.flow_for_command("new")
    assert flow is not None
    assert flow.flow == "warranty.intake"
    assert len(flow.fingerprint) == 12
    assert office.flow_for_command("nothing") is None
    path = folder / "warranty" / "intake.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    assert load_office(folder).flows["warranty.intake"].fingerprint != flow.fingerprint


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
    assert "decision_ -->|decision_rejects| reject_reason_" in drawn
    write_drawings(office, tmp_path)
    assert stale_drawings(office, tmp_path) == ()
    (tmp_path / "people.join.md").write_text("old", encoding="utf-8")
    (tmp_path / "gone.md").write_text("old", encoding="utf-8")
    assert stale_drawings(office, tmp_path) == ("gone.md", "people.join.md")


def test_drawing_again_removes_what_is_gone_but_never_in_a_folder_of_something_else(
    office: Office, tmp_path: Path
) -> None:
    write_drawings(office, tmp_path / "flows")
    (tmp_path / "flows" / "gone.md").write_text("old", encoding="utf-8")
    write_drawings(office, tmp_path / "flows")
    assert not (tmp_path / "flows" / "gone.md").exists()
    (tmp_path / "README.md").write_text("# Mine", encoding="utf-8")
    with pytest.raises(FlowError, match="pages of something else"):
        write_drawings(office, tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "# Mine"


def test_the_life_is_drawn_with_every_state_and_move(office: Office) -> None:
    drawn = draw_life(office.life)
    assert drawn.startswith(f"stateDiagram-v2\n    [*] --> {office.life.first}\n")
    for name in office.life.states:
        assert f"    {name}: " in drawn
    for name, move in office.life.moves.items():
        assert f"    {move.states[0]} --> {move.to or move.states[0]}: {name}" in drawn


def test_the_schema_is_of_a_flow_and_asks_for_nothing_that_the_loader_sets() -> None:
    schema = flow_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"flow", "title", "steps", "for"} <= schema["properties"].keys()
    assert "fingerprint" not in schema["properties"]


def test_the_schema_names_every_kind_of_question() -> None:
    text = str(flow_schema())
    for kind in ("text", "choice", "vin", "photos", "review", "fault_codes", "instant"):
        assert f"'const': '{kind}'" in text
