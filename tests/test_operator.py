"""Whoever starts the program: a wrong setting is one sentence, a site and an invitation are what they should be."""

import asyncio
import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from claimbot.__main__ import main
from claimbot.store import Database, messages

TOKEN = "123456789:" + "A" * 35


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In an empty folder without settings; the command's own log goes with it."""
    logs = structlog.get_config()
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "TELEGRAM_API_URL", "CLAIMBOT_DATA", "CLAIMBOT_DATABASE", "CLAIMBOT_FLOWS"):
        monkeypatch.delenv(name, raising=False)
    yield
    structlog.configure(**logs)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "TELEGRAM_TOKEN is missing: set it to the token that BotFather gave you."),
        ({"TELEGRAM_TOKEN": "abc"}, "TELEGRAM_TOKEN is not a bot token: it looks like 123456789:AbC… with no spaces."),
        (
            {"TELEGRAM_TOKEN": f"{TOKEN} {TOKEN}"},
            "TELEGRAM_TOKEN is not a bot token: it looks like 123456789:AbC… with no spaces.",
        ),
        ({"TELEGRAM_API_URL": "foo"}, "TELEGRAM_API_URL: it must begin with http:// or https://."),
        ({"CLAIMBOT_FLOWS": "none"}, "CLAIMBOT_FLOWS: there is no folder none."),
        ({"TELEGRAM_TOKEN": TOKEN, "CLAIMBOT_DATABASE": "sqlite:////proc/no/bot.db"}, "CLAIMBOT_DATABASE: its folder"),
        (
            {"TELEGRAM_TOKEN": TOKEN, "CLAIMBOT_DATABASE": "postgresql://u:secret@127.0.0.1:1/x"},
            "CLAIMBOT_DATABASE cannot be opened: ",
        ),
        ({"TELEGRAM_TOKEN": TOKEN, "CLAIMBOT_EVIDENCE": "/proc/no"}, "CLAIMBOT_EVIDENCE: /proc/no cannot be used"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence_without_secrets(
    settings: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert main(["run"]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith(sentence)
    assert len(said.splitlines()) == 1
    assert "secret" not in said


def test_settings_stand_in_a_file_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_API_URL=ftp://x\n", encoding="utf-8")
    assert main(["site", "list"]) == 1
    assert "TELEGRAM_API_URL" in capsys.readouterr().err


def add_site(*more: str) -> int:
    return main(["site", "add", "--name", "上海店", "--zone", "Asia/Shanghai", *more])


def test_a_sites_code_is_fit_for_claim_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert add_site("--code", "sh01") == 0
    assert main(["site", "list"]) == 0
    assert "SH01\t上海店" in capsys.readouterr().out
    for code in ("", "SH 01", "SH/01", "店", "ABCDEFGHI", "SH01"):
        assert add_site("--code", code) == 1
        assert "--code" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [("--currency", "yuan"), ("--country", "China"), ("--zone", "Peking"), ("--name", " "), ("--maker", "x")]
)
def test_what_is_wrong_with_a_site_is_told_by_its_option(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert add_site("--code", "BJ02", *wrong) == 1
    assert wrong[0] in capsys.readouterr().err


def test_an_invitation_is_a_link_of_its_own_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    add_site("--code", "SH01")
    links = set()
    for _ in range(2):
        capsys.readouterr()
        assert main(["staff", "invite", "--role", "administrator", "--site", "sh01", "--bot", "YourBot"]) == 0
        links.add(capsys.readouterr().out.strip())
    assert len(links) == 2
    assert all(link.startswith("https://t.me/YourBot?start=") for link in links)
    assert main(["staff", "invite", "--role", "clerk", "--site", "XX"]) == 1
    assert "claimbot site add" in capsys.readouterr().err


@pytest.mark.parametrize(("ago", "status"), [(None, 1), (30, 0), (600, 1)])
def test_health_tells_whether_the_tick_was_seen_lately(
    ago: int | None, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def beat(seconds: int) -> None:
        at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)
        async with Database(f"sqlite:///{tmp_path / 'data' / 'claimbot.db'}") as database:
            await database.turn(lambda tx: messages.beat(tx, "tick", at))

    if ago is not None:
        asyncio.run(beat(ago))
    assert main(["health"]) == status
    assert ("alive" if status == 0 else "last seen") in capsys.readouterr().out
