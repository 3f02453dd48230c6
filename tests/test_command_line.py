"""The command line: what is wrong is one clear sentence, and nothing of anybody's is taken away by mistake."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

from claimbot.__main__ import DEMO_BOT, DEMO_TOKEN
from claimbot.demo.clock import MovableClock
from tests.conftest import stand_in

ROOT = Path(__file__).parent.parent
SITE = ("site", "add", "--code", "SH01", "--name", "示例店", "--zone", "Asia/Shanghai")
INVITE = ("staff", "invite", "--role", "administrator", "--site", "SH01")


def typed(folder: Path, *words: str, **settings: str) -> tuple[int, str, str]:
    """Exit status, what it printed, and what it said of mistakes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMBOT_", "TELEGRAM_"))}
    done = subprocess.run(
        (sys.executable, "-m", "claimbot", *words),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **settings},
    )
    return done.returncode, done.stdout, done.stderr


def one_sentence(said: str) -> bool:
    return "Traceback" not in said and said.count("\n") == 1


def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, _, said = typed(tmp_path, "demo", "--port", port, "--folder", "demo")
    assert status == 1
    assert one_sentence(said), said
    assert said.startswith(f"--port: {port} cannot be used: Address already in use.")


def test_a_port_that_is_none_is_told(tmp_path: Path) -> None:
    status, _, said = typed(tmp_path, "demo", "--port", "99999")
    assert status == 2
    assert "99999 is no port" in said


def test_starting_anew_takes_no_folder_away_that_is_no_demo(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("years of it", encoding="utf-8")
    status, _, said = typed(tmp_path, "demo", "--reset", "--folder", "mine")
    assert status == 1
    assert one_sentence(said), said
    assert (tmp_path / "mine" / "work.txt").read_text(encoding="utf-8") == "years of it"


def test_a_folder_for_evidence_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, _, said = typed(tmp_path, "run", TELEGRAM_TOKEN=DEMO_TOKEN, CLAIMBOT_EVIDENCE="file/evidence")
    assert status == 1
    assert one_sentence(said), said
    assert said.startswith("CLAIMBOT_EVIDENCE: file/evidence cannot be used")


def test_an_invitation_without_a_bot_says_how_to_get_a_link(tmp_path: Path) -> None:
    typed(tmp_path, *SITE)
    status, printed, said = typed(tmp_path, *INVITE)
    assert status == 0
    assert printed.startswith("/start ")
    assert "--bot NAME" in said
    assert typed(tmp_path, *INVITE, "--bot", "@ClaimsBot")[1].startswith("https://t.me/ClaimsBot?start=")


async def test_an_invitation_is_a_link_to_the_bot_whose_token_is_set(tmp_path: Path) -> None:
    telegram = stand_in(MovableClock(None))
    port = await telegram.start()
    where = {"TELEGRAM_TOKEN": DEMO_TOKEN, "TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
    try:
        await asyncio.to_thread(typed, tmp_path, *SITE)
        status, printed, said = await asyncio.to_thread(lambda: typed(tmp_path, *INVITE, **where))
    finally:
        await telegram.stop()
    assert (status, said) == (0, "")
    assert printed.startswith(f"https://t.me/{DEMO_BOT}?start=")
