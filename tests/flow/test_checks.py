"""What a flow's lines must agree on: a good flow passes, then one small broken flow for each mistake."""
# ruff: noqa: E501  one mistake a line

from pathlib import Path

import pytest

from claimbot.claims.life import Life
from claimbot.claims.rules import RULES
from claimbot.claims.words import Words
from claimbot.flow.checks import RESERVED, check_flows, check_words
from claimbot.flow.model import Flow
from claimbot.flow.reading import Read, into, read_file
from tests.conftest import FLOWS

GOOD = """\
flow: people.trial
title: {en: "Trial", zh: "试用"}
for: [technician]
starts: {command: trial, describe: {en: "Try", zh: "试"}, button: {en: "Try", zh: "试"}}
move: submit
steps:
  remedy:
    ask: choice
    label: {en: "Remedy", zh: "方式"}
    text: {en: "Which <b>way</b>?", zh: "<b>方式</b>?"}
    choices: {repaired: {en: "Repaired", zh: "维修"}, replaced: {en: "Replaced", zh: "更换"}}
    example: replaced
    next: right
  right:
    ask: confirm
    label: {en: "Right", zh: "核对"}
    text: {en: "Right?", zh: "对吗?"}
    example: true
    about: remedy
    otherwise: remedy
    renewed_by: [remedy]
    next:
      - {when: was_replaced, go: cause}
      - {go: done}
  cause:
    ask: text
    label: {en: "Cause", zh: "原因"}
    text: {en: "Cause?", zh: "原因?"}
    check: {rule: remedy_agrees_with_story, otherwise: {en: "No.", zh: "不符。"}}
    example: "漏油"
    next: done
  done:
    end: keep
"""


@pytest.fixture(scope="module")
def life() -> Life:
    made = into(read_file(FLOWS, FLOWS / "warranty" / "life.yaml"), Life)
    assert made is not None
    return made


def read_flow(folder: Path, text: str, name: str = "trial.yaml") -> tuple[Read, Flow]:
    (folder / name).write_text(text, encoding="utf-8")
    read = read_file(folder, folder / name)
    flow = into(read, Flow)
    assert flow is not None, read.wrong
    return read, flow


def told(folder: Path, text: str, life: Life) -> list[str]:
    read, flow = read_flow(folder, text)
    check_flows([(read, flow)], life)
    return [each.removeprefix("trial.yaml:") for each in read.wrong]


def test_a_good_flow_has_no_problem(tmp_path: Path, life: Life) -> None:
    assert told(tmp_path, GOOD, life) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("next: right", "next: write", "13: there is no step “write”; name a step of this flow"),
        ("otherwise: remedy", "otherwise: remdy", "20: there is no step “remdy”; name a step of this flow"),
        ("about: remedy", "about: remdy", "19: there is no step “remdy”; name a step of this flow"),
        ("ask: text\n", "ask: date\n    not_before: remedy\n", "27: “remedy” asks for no day; name a step with `ask: date`"),
        ("renewed_by: [remedy]", "renewed_by: [remdy]", "21: there is no step “remdy”; name a step of this flow"),
        ("go: cause", "go: done", "25: no way leads to “cause”; lead to it, or remove it"),
        ("next: done", "next: cause", "25: from “cause” no end can be reached; lead to an `end:` step"),
        ("next: right", "next: []", "13: there is no way on; name the step that is next"),
        ("- {go: done}", "- {when: was_replaced, go: done}", "24: the last way has a `when`; add a last way that has none"),
        ("when: was_replaced, ", "", "23: ways after this one are never taken; give it a `when`, or move it to the end"),
        ("when: was_replaced", "when: was_replacd", "23: there is no rule “was_replacd”; did you mean “was_replaced”?"),
        ("when: was_replaced", "when: zzz", f"23: there is no rule “zzz”; known rules: {', '.join(sorted(RULES))}"),
        ("rule: remedy_agrees_with_story", "rule: zzz", f"29: there is no rule “zzz”; known rules: {', '.join(sorted(RULES))}"),
        ("next: right", "next: right\n    optional: true", "24: “was_replaced” needs the answer “remedy”, which may be skipped; take `optional` out there, or use another rule"),
        ('    choices: {repaired: {en: "Repaired", zh: "维修"}, replaced: {en: "Replaced", zh: "更换"}}\n', "", "7: there is nothing to choose; add `choices:` or `options:`"),
        ("example: replaced", 'example: replaced\n    sure: {en: "Sure", zh: "确认"}', "13: nothing can be typed there; add `typed: true`, or take it out"),
        ("example: replaced", "example: painted", "12: “painted” is not among the choices; use one of them"),
        ('en: "Cause?"', f'en: "{"x" * 1501}"', "28: 1501 characters are too many; use 1500 at most"),
        ('en: "Repaired"', f'en: "{"x" * 41}"', "11: 41 characters are too many; use 40 at most"),
        ('button: {en: "Try"', f'button: {{en: "{"x" * 41}"', "4: 41 characters are too many; use 40 at most"),
        ("<b>way</b>", "<b>way", "10: the tag <b> is not closed; use b, i, u, s or code, close each, and write a lone < as &lt;"),
        ("<b>way</b>", "way</b>", "10: the tag </b> closes nothing; use b, i, u, s or code, close each, and write a lone < as &lt;"),
        ("<b>way</b>", "<h1>way</h1>", "10: the tag <h1> is not known to Telegram; use b, i, u, s or code, close each, and write a lone < as &lt;"),
        ("<b>way</b>", "way < 5", "10: a < stands alone; use b, i, u, s or code, close each, and write a lone < as &lt;"),
        ("Cause?", "{car}?", "28: {car} is in one language only; use the same names in both"),
        ("Cause?", "car}?", "28: its braces { } do not match; write each name as {name}"),
        ('"Cause?", zh: "', '"{car}?", zh: "{car}', "28: nothing is filled in for {car} here; write the words without it"),
        ('"不符。"', '" "', "29: the translation “zh” is empty; write it"),
        (', describe: {en: "Try", zh: "试"}', "", "4: /trial has no line for the command menu; add `describe:`"),
        ("move: submit", "move: approve", "5: nobody of technician may make the move “approve”; change one of the two"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_how_to_mend_it(
    tmp_path: Path, life: Life, old: str, new: str, expected: str
) -> None:
    assert old in GOOD
    assert expected in told(tmp_path, GOOD.replace(old, new, 1), life)


def test_a_rule_that_reads_answers_of_another_flow_is_left_to_the_claim(tmp_path: Path, life: Life) -> None:
    assert told(tmp_path, GOOD.replace("when: was_replaced", "when: closing_after_opening"), life) == []


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ("[{when: wants_photo, go: remedy}, {go: remedy}]", None),
        ("[{go: remdy}]", "6: there is no step “remdy”; name a step of this flow"),
        ("[{go: cause}]", "8: no way leads to “remedy”; lead to it, or remove it"),
        ("[{when: wants_photo, go: remedy}]", "6: the last way has a `when`; add a last way that has none"),
        ("[{when: zzz, go: cause}, {go: remedy}]", f"6: there is no rule “zzz”; known rules: {', '.join(sorted(RULES))}"),
        ("[{when: was_replaced, go: cause}, {go: remedy}]", "6: “was_replaced” needs the answer “remedy”, which may not be asked yet; ask it before, on every way"),
    ],
)  # fmt: skip
def test_a_flow_may_begin_at_one_of_several_steps_by_what_is_known_before(
    tmp_path: Path, life: Life, begins: str, expected: str | None
) -> None:
    wrong = told(tmp_path, GOOD.replace("steps:", f"begins: {begins}\nsteps:", 1), life)
    assert wrong == [] if expected is None else expected in wrong


def test_an_unknown_move_is_told_with_those_that_there_are(tmp_path: Path, life: Life) -> None:
    known = ", ".join(life.moves)
    assert told(tmp_path, GOOD.replace("move: submit", "move: fly"), life) == [
        f"5: there is no move “fly”; known moves: {known}"
    ]


def test_a_rule_may_not_read_an_answer_that_some_way_goes_past(tmp_path: Path, life: Life) -> None:
    """`cause` is asked on one of two ways only; after them nobody may rely on it."""
    late = GOOD.replace("- {go: done}", "- {go: photos_seen}").replace(
        "  done:\n",
        "  photos_seen:\n"
        "    ask: confirm\n"
        '    label: {en: "Seen", zh: "已阅"}\n'
        '    text: {en: "Seen?", zh: "看过?"}\n'
        "    example: true\n"
        "    next: [{when: remedy_agrees_with_story, go: done}, {go: done}]\n"
        "  done:\n",
    )
    (problem,) = told(tmp_path, late, life)
    assert (
        problem
        == "37: “remedy_agrees_with_story” needs the answer “cause”, which may not be asked yet; ask it before, on every way"
    )


def test_a_step_that_only_a_no_leads_to_is_reached(tmp_path: Path, life: Life) -> None:
    only_no = GOOD.replace("otherwise: remedy", "otherwise: cause").replace("when: was_replaced, go: cause", "go: done")
    assert not [each for each in told(tmp_path, only_no, life) if "no way leads" in each]


def test_a_button_whose_names_are_too_long_for_telegram_is_told(tmp_path: Path, life: Life) -> None:
    step, choice = "s" * 24, "c" * 24
    long = GOOD.replace("remedy:\n", f"{step}:\n", 1).replace("remedy", step).replace("repaired:", f"{choice}:", 1)
    long = long.replace(f"rule: {step}_agrees", "rule: remedy_agrees")
    assert told(tmp_path, long, life) == ["11: its button would hold 65 bytes; shorten the names to 64"]


@pytest.mark.parametrize("command", sorted(RESERVED))
def test_the_bots_own_commands_are_taken(tmp_path: Path, life: Life, command: str) -> None:
    text = GOOD.replace("command: trial", f"command: {command}")
    assert told(tmp_path, text, life) == [f"4: /{command} is the bot's own; choose another command"]


def test_two_flows_cannot_have_one_command(tmp_path: Path, life: Life) -> None:
    first = read_flow(tmp_path, GOOD, "one.yaml")
    other = GOOD.replace("people.trial", "people.two").replace(
        'button: {en: "Try", zh: "试"}', 'button: {en: "Two", zh: "二"}'
    )
    second = read_flow(tmp_path, other, "two.yaml")
    check_flows([first, second], life)
    assert first[0].wrong == []
    assert second[0].wrong == ["two.yaml:4: /trial starts people.trial already; choose another command"]


def test_without_a_life_moves_are_not_judged(tmp_path: Path) -> None:
    read, flow = read_flow(tmp_path, GOOD.replace("move: submit", "move: fly"))
    check_flows([(read, flow)], None)
    assert read.wrong == []


def test_shared_phrases_may_have_names_but_the_same_in_both_languages() -> None:
    read = Read("words.yaml", lines={("phrases", "bye"): 3})
    check_words(read, {"hello": Words(en="Hi {name}", zh="{name} 您好"), "bye": Words(en="Bye {name}", zh="再见")})
    assert read.wrong == ["words.yaml:3: {name} is in one language only; use the same names in both"]
