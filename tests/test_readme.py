"""The README says what is there: its commands, settings and kinds of question are those of the code."""

import argparse
import re
from pathlib import Path
from typing import get_args

from claimbot.__main__ import command_line
from claimbot.flow.checks import RESERVED
from claimbot.flow.model import AskingStep
from claimbot.flow.office import Office
from claimbot.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _rows(first: str) -> list[list[str]]:
    """The cells of every table row whose first cell looks so."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if re.match(rf"\| `{first}", line)
    ]


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (sub,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    return dict(sub.choices)


def test_it_opens_with_the_two_commands_and_make_knows_them() -> None:
    opening = README.split("```")[1]
    assert re.findall(r"^make (\w+)", opening, re.MULTILINE) == ["demo", "test"]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_every_command_is_told_and_no_other() -> None:
    told = {row[0].strip("`").removeprefix("claimbot ") for row in _rows("claimbot ")}
    assert told == set(_commands(command_line()))


def test_the_parts_of_a_command_are_told() -> None:
    said = {row[0].strip("`").removeprefix("claimbot "): row[1] for row in _rows("claimbot ")}
    for name, parser in _commands(command_line()).items():
        if any(isinstance(action, argparse._SubParsersAction) for action in parser._actions):  # noqa: SLF001
            assert set(re.findall(r"`([a-z]+)`", said[name])) == set(_commands(parser)), name
        options = {word for action in parser._actions for word in action.option_strings} - {"-h", "--help"}  # noqa: SLF001
        assert set(re.findall(r"`(--[a-z-]+)", said[name])) <= options, name


def test_every_setting_is_told_and_no_other() -> None:
    told = {row[0].strip("`") for row in _rows("[A-Z_]+`")}
    assert told == {name.upper() for name in Settings.model_fields}


def test_every_kind_of_question_is_told(office: Office) -> None:
    (line,) = (line for line in README.splitlines() if "# text, part_number" in line)
    told = {word.strip() for word in line.partition("#")[2].split(",")}
    kinds = {get_args(step.model_fields["ask"].annotation)[0] for step in get_args(AskingStep)}
    assert told == kinds
    assert office.flows, "the office that it speaks of can be read"


def test_every_command_of_the_chat_is_told(office: Office) -> None:
    (line,) = (line for line in README.splitlines() if line.startswith("In the chat:"))
    told = set(re.findall(r"`/([a-z]+)", line))
    from_flows = {flow.starts.command for flow in office.flows.values() if flow.starts.command is not None}
    assert told == from_flows | (RESERVED - {"start"})


def test_every_file_and_folder_that_it_names_is_there() -> None:
    for name in re.findall(r"`((?:claimbot|flows|docs|tests)/[\w/.*-]+)`", README):
        assert list(ROOT.glob(name.rstrip("/"))), name
