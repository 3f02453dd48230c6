"""Every shipped flow, walked by people's own words in both languages; nothing of a flow may stay unwalked."""

import asyncio
import logging
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
import structlog

from claimbot.claims.words import LANGS
from claimbot.flow.office import Office, load_office
from tests.conftest import FLOWS
from tests.dialogue import Played, play, ways_of

FOLDER = Path(__file__).parent / "dialogues"
FILES = sorted(FOLDER.glob("*.txt"))
TEXTS = {file: file.read_text("utf-8") for file in FILES}

_played: dict[Path, Played] = {}


async def played(file: Path, office: Office, folder: Path) -> Played:
    """Each dialogue is played once in a run, whoever asks first."""
    if file not in _played:
        place = folder / file.stem
        place.mkdir()
        _played[file] = await play(TEXTS[file], file.name, office, place)
    return _played[file]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_the_dialogue_goes_as_it_is_written(file: Path, office: Office, tmp_path: Path) -> None:
    done = await played(file, office, tmp_path)
    assert not done.failure, done.failure


async def test_every_step_and_branch_of_every_shipped_flow_is_walked_in_both_languages(
    office: Office, tmp_path: Path
) -> None:
    walked = set().union(*[(await played(file, office, tmp_path)).walked for file in FILES])
    unwalked = [
        f"{way} ({lang})"
        for flow in office.flows.values()
        for way in sorted(ways_of(flow))
        for lang in LANGS
        if (lang, way) not in walked
    ]
    assert not unwalked, "no dialogue walks:\n" + "\n".join(unwalked)


def test_every_dialogue_is_there_in_both_languages() -> None:
    names = {file.name.partition(".")[0] for file in FILES}
    wanted = {f"{name}.{lang}.txt" for name in names for lang in LANGS}
    assert {file.name for file in FILES} == wanted


def _said_by_people(office: Office) -> set[str]:
    """Chinese that an English reader may meet: examples, names, and what is bilingual on purpose."""
    known = {"示例汽车上海店", "用哪种语言?", "中文"}
    for flow in office.flows.values():
        for step in flow.steps.values():
            example = getattr(step, "example", None)
            known |= {example} if isinstance(example, str) else set()
    return known


async def test_nothing_is_said_to_an_english_reader_in_chinese(office: Office, tmp_path: Path) -> None:
    known = sorted(_said_by_people(office), key=len, reverse=True)
    strange = set()
    for file in FILES:
        if ".en." not in file.name or file.name.startswith("language_"):
            continue
        for who, said in (await played(file, office, tmp_path)).said:
            rest = said if who.endswith("<") else ""
            for words in known:
                rest = rest.replace(words, "")
            strange |= {f"{file.name}: {line}" for line in rest.splitlines() if re.search(r"[\u3400-\u9fff]", line)}
    assert not strange, "\n".join(sorted(strange))


SHORTEST = [file for file in FILES if file.stem.startswith("shortest_claim")]


@pytest.mark.parametrize("file", SHORTEST, ids=lambda file: file.stem)
async def test_a_full_report_costs_few_taps_and_little_typing(file: Path, office: Office, tmp_path: Path) -> None:
    done = await played(file, office, tmp_path)
    effort = done.effort["technician"]
    assert not done.failure, done.failure
    assert effort.photos == 8, "a part was replaced and there is a code: every photo of the plan"
    assert effort.taps <= 25, effort
    assert effort.typed <= 120, effort


TINY = """
flow: people.tiny
title: {en: Tiny, zh: 小}
for: [technician]
starts: {command: tiny, describe: {en: Tiny, zh: 小}}
steps:
  request_kind:
    ask: choice
    label: {en: Kind, zh: 种类}
    text: {en: "Which?", zh: "哪种？"}
    choices: {photo: {en: Photo, zh: 照片}, words: {en: Words, zh: 文字}}
    example: photo
    next: [{when: wants_photo, go: sure}, {go: request_words}]
  request_words:
    ask: text
    label: {en: Words, zh: 文字}
    text: {en: "What?", zh: "什么？"}
    optional: true
    example: x
    next: sure
  sure:
    ask: confirm
    label: {en: Sure, zh: 确定}
    text: {en: "Sure?", zh: "确定？"}
    otherwise: request_kind
    example: true
    next: over
  over:
    end: keep
"""


async def walk_tiny(tmp_path: Path, *lines: str) -> list[str]:
    """What of the tiny flow one dialogue leaves unwalked, in Chinese; its last line stands before the end."""
    folder = tmp_path / "flows"
    shutil.copytree(FLOWS, folder)
    (folder / "people" / "tiny.yaml").write_text(TINY, "utf-8")
    office = load_office(folder)
    said = "\n".join(f"technician> {line}" for line in lines)
    done = await play(f"{said}\nclerk> /help\n", "tiny.zh.txt", office, tmp_path)
    assert not done.failure, done.failure
    return sorted(way for way in ways_of(office.flows["people.tiny"]) if ("zh", way) not in done.walked)


async def test_a_branch_that_no_dialogue_walks_is_named(tmp_path: Path) -> None:
    assert await walk_tiny(tmp_path, "/tiny", "[照片]", "[不是]", "[照片]") == [
        "people.tiny, step over",
        "people.tiny, step request_kind: on to request_words otherwise",
        "people.tiny, step request_words",
        "people.tiny, step request_words: skipped",
        "people.tiny, step sure",
    ]


async def test_a_step_that_is_only_looked_at_or_left_again_is_not_walked(tmp_path: Path) -> None:
    unwalked = await walk_tiny(tmp_path, "/tiny", "[文字]", "(voice)", "[上一步]", "/cancel")
    assert "people.tiny, step request_words" in unwalked
    assert "people.tiny, step request_kind: on to request_words otherwise" not in unwalked


@pytest.mark.parametrize(
    ("written", "failure"),
    [
        (
            "technician> /new\nbot> 哪辆马车",
            "a.zh.txt:2: technician should be told '哪辆马车' (from here on), but was told:",
        ),
        ("technician> /new\nbot> 来过的车\nbot> 哪台车", "a.zh.txt:3: technician should be told '哪台车'"),
        ("technician> /new\nbot! 哪台车", "a.zh.txt:2: technician must not be told '哪台车'"),
        ("technician> /new\nbot> [提交]", "a.zh.txt:2: technician should be offered [提交]"),
        (
            "technician> /new\nclerk< 报修",
            "a.zh.txt:2: clerk should be told '报修' (from here on), but was told: nothing",
        ),
        ("technician> /new\n\ntechnician> [提交]", "a.zh.txt:3: there is no button [提交]"),
        ("technician> (dance)", "a.zh.txt:1: (dance) is nothing that a person can do"),
        ("(it rains)", "a.zh.txt:1: (it rains) is nothing that can happen"),
        ("# ok\nthe bot says hello", "a.zh.txt:2: 'the bot says hello' is no line of a dialogue"),
        ("bot< hello", "a.zh.txt:1: 'bot< hello' is no line of a dialogue"),
    ],
)
async def test_a_dialogue_that_goes_otherwise_tells_its_line_and_what_was_said(
    written: str, failure: str, office: Office, tmp_path: Path
) -> None:
    done = await play(written, "a.zh.txt", office, tmp_path)
    assert done.failure.startswith(failure), done.failure


def show(*names: str) -> None:
    """Prints what was said in some dialogues, as in `python -m tests.test_dialogues desk.zh`.

    With --count: only what the shortest claim costs.
    """
    office, counting = load_office(FLOWS), "--count" in names
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for file in SHORTEST if counting else [FOLDER / f"{name.removesuffix('.txt')}.txt" for name in names]:
        with tempfile.TemporaryDirectory() as folder:
            done = asyncio.run(play(TEXTS[file], file.name, office, Path(folder)))
        effort = done.effort["technician"]
        cost = f"{effort.taps} taps, {effort.typed} typed characters, {effort.photos} photos"
        said = [] if counting else [f"{who} {what}".strip() for who, what in done.said]
        sys.stdout.write("\n".join([f"== {file.name}: {cost}", *said, done.failure, ""]))


if __name__ == "__main__":
    show(*sys.argv[1:])
