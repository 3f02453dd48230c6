"""How one file is read: what is refused, on which line, and in which words."""
# ruff: noqa: E501  one mistake a line

import json
from pathlib import Path

import pytest

from claimbot.flow.model import Flow
from claimbot.flow.reading import Read, into, read_file

GOOD = """\
flow: people.trial
title: {en: "Trial", zh: "试用"}
steps:
  name:
    ask: text
    label: {en: "Name", zh: "姓名"}
    text: {en: "Your name?", zh: "您的姓名?"}
    example: "王芳"
    next: done
  done:
    end: keep
"""


def told(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "trial.yaml").write_text(text, encoding="utf-8")
    read = read_file(tmp_path, tmp_path / "trial.yaml")
    into(read, Flow)
    return read.wrong


def test_a_good_file_is_read_with_the_line_of_every_key(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(GOOD, encoding="utf-8")
    read = read_file(tmp_path, tmp_path / "trial.yaml")
    flow = into(read, Flow)
    assert read.wrong == []
    assert flow is not None
    assert flow.first == "name"
    assert read.line(("steps", "name", "next")) == 9
    assert read.line(("steps", "name", "nowhere", 7)) == 4


def test_a_file_saved_by_windows_is_read_too(tmp_path: Path) -> None:
    assert told(tmp_path, "\ufeff" + GOOD.replace("\n", "\r\n")) == []


def test_yes_and_no_are_words_as_in_yaml_1_2(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text("yes: no", encoding="utf-8")
    assert read_file(tmp_path, tmp_path / "trial.yaml").data == {"yes": "no"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1: the file is empty; write it, or remove it"),
        ("a: &x 5\nb: 6", "1: &x: anchors and aliases are not used here; write the value again"),
        ('a: &x "5"\nb: 6', "1: &x: anchors and aliases are not used here; write the value again"),
        ("a: !!str 5", "1: tags (words with !) are not used here; take it out, or put the text in quotes"),
        ("a: 1\nb: {<<: {c: 2}}", "2: << is not used here; write the values again"),
        ("%YAML 1.1\n---\na: 1", "1: lines that begin with % are not used here; take the line out"),
        ("a: 1\nb: 2\na: 3", "3: this key is there twice; keep one of them (the first “a” is on line 1)"),
        ("a: 1\nb: 2025-13-45", "2: there is no day 2025-13-45; write year-month-day"),
        ("a: b: c", "1: this is not YAML (mapping values are not allowed here); look at indents, quotes and colons"),
        ("a: 1\nb: \x07", "2: there is a character that cannot be seen; write the line again"),
    ],
)
def test_what_yaml_can_do_and_people_do_not_expect_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert told(tmp_path, text) == [f"trial.yaml:{words}"]


def test_an_alias_that_leads_round_in_a_circle_is_refused_and_not_followed(tmp_path: Path) -> None:
    assert [each.split(";")[0] for each in told(tmp_path, "a: &x\n  b: *x")] == [
        "trial.yaml:1: &x: anchors and aliases are not used here",
        "trial.yaml:2: *x: anchors and aliases are not used here",
    ]


def test_a_sign_within_words_is_no_anchor(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD.replace('"Your name?"', "Name &nickname *if_any")) == []


def test_text_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_bytes("a: 试用".encode("gb18030"))
    read = read_file(tmp_path, tmp_path / "trial.yaml")
    assert read.wrong == ["trial.yaml:1: this is not UTF-8 text; save the file as UTF-8"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("next: done", "nxet: done", "9: the key “nxet” is not known here; did you mean “next”?"),
        ("next: done", "next: done\n    columns: 2", "10: the key “columns” is not known here; take it out"),
        ("end: keep", "end: keep\n    text: {en: a, zh: b}", "12: the key “text” is not known here; take it out"),
        ('"试用"}', '"试用", de: "x"}', "2: the key “de” is not known here; take it out"),
        ("ask: text", "ask: txt", "4: the step “name” asks for “txt”, which is no kind of answer; did you mean “text”?"),
        ("    ask: text\n", "", "4: the kind of step is missing or unknown; give the step `ask:` with a kind, or `end:`"),
        (', zh: "您的姓名?"', "", "7: the translation “zh” is missing; add it"),
        ("    next: done\n", "", "4: “next” is missing; add it"),
        ("end: keep", "end: keeep", "11: “keeep” is not one of the values known for “end”; did you mean “keep”?"),
        (
            '"王芳"',
            "2026-09-03",
            (
                "8: “example” must be text, in quotes if it looks like a number or a day "
                "or written in both languages, as {en: …, zh: …}; write it so"
            ),
        ),
        ('{en: "Trial", zh: "试用"}', "Trial", "2: “title” must be written in both languages, as {en: …, zh: …}; write it so"),
        ("next: done", "next: {go: done}", "9: “next” must be text, in quotes if it looks like a number or a day or a list; write it so"),
        ("next: done", "next: [{goo: done}]", "9: the key “goo” is not known here; did you mean “go”?"),
        ("next: done", "next: Done", "9: the name “Done” cannot be used here; use small letters, digits and _ and begin with a letter"),
        ("next: done", "next: done\n    max_length: many", "10: “max_length” must be a whole number; write it so"),
        ("next: done", "next: done\n    optional: perhaps", "10: “optional” must be true or false; write it so"),
        ("  done:\n    end: keep\n", "", "3: “steps” has too few entries; give at least 2"),
        ("title:", "for: [boss]\ntitle:", "2: “boss” is not one of the values known for “for”; use one of technician, clerk, supervisor or administrator"),
        (GOOD, "- 1", "1: the file must be keys with values; write it so"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_plain_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert f"trial.yaml:{words}" in told(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize("value", ["", "5", "x", "[1]", "{a: b}", "null", "1.5", "2026-09-03", "{ask: [a]}", "true"])
@pytest.mark.parametrize("key", ["title", "steps", "starts", "for", "move", "flow"])
def test_no_value_anywhere_breaks_the_reading_or_speaks_of_pydantic(tmp_path: Path, key: str, value: str) -> None:
    lines = {"flow": "people.trial", "title": "{en: a, zh: b}", "steps": "{a: {end: keep}, b: {end: keep}}", key: value}
    for text in ("".join(f"{name}: {what}\n" for name, what in lines.items()), GOOD.replace('"王芳"', value, 1)):
        for problem in told(tmp_path, text):
            for jargon in ("Input", "validat", "instance", "str_type", "tuple", "dictionary", "pydantic"):
                assert jargon not in problem


def test_every_mistake_is_told_and_none_twice(tmp_path: Path) -> None:
    text = GOOD.replace(', zh: "试用"', "").replace("ask: text", "ask: text\n    exampel: 1").replace("keep", "burn")
    problems = told(tmp_path, text)
    assert [each.split(":")[1] for each in problems] == ["2", "6", "12"]


def test_a_number_as_a_key_has_its_line_too() -> None:
    read = Read("x.yaml", data={1: "x"}, lines={("1",): 7})
    assert read.line((1, "en")) == 7
    assert json.dumps(read.data) == '{"1": "x"}'
