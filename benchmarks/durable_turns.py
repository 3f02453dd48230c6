"""Durable turns per second: our bot in one process against what people use, in one run on one machine.

A number of people fill in a form of ten steps at the same time: the command that opens it and ten answers, all typed;
each person says the next thing as soon as the bot has sent them a message. So eleven updates and eleven answers a
person, the same words for every bot. The stand-in Telegram is a process of its own and has no limits here.

ours     a flow of ten steps through the real door; SQLite with synchronous=FULL; every turn is committed before it
         is answered, every answer is a row that is noted when it went out
ptb      python-telegram-bot's echo bot, every setting the default: keeps nothing
aiogram  the same form on aiogram's FSM with its state in Redis, which writes nothing to disk

Each round starts all bots anew, in turn; the medians of the rounds are compared.

    python -m benchmarks.durable_turns                 all three; the peers get a venv of their own in the cache
    python -m benchmarks.durable_turns --only ours -n 5 -r 1
"""

import argparse
import hashlib
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.our_bot import FIRST_PERSON, answers
from benchmarks.peers.own_redis import own_redis
from benchmarks.stage import TOKEN, cpu_seconds, machine, process, stand_in

PEERS = Path(__file__).parent / "peers"
WARMING_UP = 10
PLAYED_FOR = 120.0
GOALS = {"ptb": 2.5, "aiogram": 1.5}
NAMES = ("ours", "ptb", "aiogram")


@dataclass(frozen=True, slots=True)
class Round:
    """What one bot did in one round."""

    turns: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.turns / self.seconds

    @property
    def cost(self) -> float:
        """The bot's own CPU time for a turn, in milliseconds."""
        return self.cpu_seconds / self.turns * 1000


def play_round(name: str, command: Callable[[str, Path], Sequence[str]], people: int) -> Round:
    """One bot, from its start to its end. Raises RuntimeError when an answer is missing or too many."""
    said = answers()
    everybody = range(FIRST_PERSON, FIRST_PERSON + WARMING_UP + people)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimbot-turns-")))
        telegram = stack.enter_context(stand_in(limits=False))
        bot = stack.enter_context(process(command(telegram.url, folder), log=folder / "log"))
        telegram.play(dict.fromkeys(everybody[:WARMING_UP], said), bot, PLAYED_FOR)
        used_before, sent_before = cpu_seconds(bot), telegram.ask("state")["bot_messages"]
        turns = people * len(said)
        seconds = telegram.play(dict.fromkeys(everybody[WARMING_UP:], said), bot, PLAYED_FOR)
        used = cpu_seconds(bot) - used_before
        sent = telegram.ask("state")["bot_messages"] - sent_before
        if sent != turns:
            raise RuntimeError(f"{name}: {turns} turns, but {sent} answers")
        if name == "ours":
            check_ours(folder / "claimbot.db", len(everybody))
        return Round(turns, seconds, used)


def check_ours(database: Path, people: int) -> None:
    """Every form is in the database, whole, and every update once. Raises RuntimeError otherwise."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as look:
        done = look.execute(
            "select count(*) from conversations, json_each(answers) where state = 'done' and flow = 'people.form'"
        ).fetchone()[0]
        handled = look.execute("select count(*) from handled").fetchone()[0]
    if done != people * 10 or handled != people * 11:
        raise RuntimeError(f"the database holds {done} answers of {people * 10}, {handled} updates of {people * 11}")


def ours(url: str, folder: Path, people: int) -> Sequence[str]:
    where = ["--base-url", url, "--folder", str(folder), "--people", str(people + WARMING_UP)]
    return [sys.executable, "-m", "benchmarks.our_bot", *where]


def peers_python() -> Path:
    """The python of the peers' venv, made at the first run and kept in the cache."""
    wanted = PEERS / "requirements.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "claimbot"
    home = cache / f"peers-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        print(f"the peers' packages are fetched once, into {home}", flush=True)
        venv.create(home, clear=True, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(wanted)], check=True)
        (home / "ready").touch()
    return python


def commands(names: Sequence[str], people: int, stack: ExitStack) -> dict[str, Callable[[str, Path], Sequence[str]]]:
    """How each bot is started, given the stand-in's address and a folder."""
    python = str(peers_python()) if set(names) != {"ours"} else ""
    redis = stack.enter_context(own_redis()) if "aiogram" in names else ""
    echo, form = str(PEERS / "ptb_echo.py"), str(PEERS / "aiogram_form.py")
    every: dict[str, Callable[[str, Path], Sequence[str]]] = {
        "ours": lambda url, folder: ours(url, folder, people),
        "ptb": lambda url, _: [python, echo, "--base-url", url, "--token", TOKEN],
        "aiogram": lambda url, _: [python, form, "--base-url", url, "--token", TOKEN, "--redis", redis],
    }
    return {name: every[name] for name in names}


def measure(names: Sequence[str], people: int, rounds: int) -> dict[str, list[Round]]:
    measured: dict[str, list[Round]] = {name: [] for name in names}
    print(f"{people} people, {len(answers())} turns each; {machine()}")
    print(f"{'round':>5}  {'bot':<8}{'turns/s':>9}{'CPU ms/turn':>13}", flush=True)
    with ExitStack() as stack:
        start = commands(names, people, stack)
        for number in range(1, rounds + 1):
            for name in names:
                played = play_round(name, start[name], people)
                measured[name].append(played)
                print(f"{number:>5}  {name:<8}{played.per_second:>9.0f}{played.cost:>13.2f}", flush=True)
    return measured


def report(measured: dict[str, list[Round]]) -> bool:
    """Tells medians and ratios; whether every goal is met.

    The ratio for CPU time is told beside it, as it changes less when others are at work on the machine.
    """
    medians = {name: statistics.median(each.per_second for each in played) for name, played in measured.items()}
    used = {name: statistics.median(each.cost for each in played) for name, played in measured.items()}
    print("medians: " + ", ".join(f"{name} {median:.0f}/s, {used[name]:.2f} ms" for name, median in medians.items()))
    met = True
    for name, goal in GOALS.items():
        if name in medians and "ours" in medians:
            ratio = medians["ours"] / medians[name]
            met = met and ratio >= goal
            saved = used[name] / used["ours"] if used["ours"] else 0.0
            told = "met" if ratio >= goal else "NOT met"
            print(f"ours : {name} = {ratio:.2f}, goal {goal}: {told} (turns for the same CPU time: {saved:.2f})")
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--people", type=int, default=150)
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=NAMES, help="may be given several times")
    options = parser.parse_args()
    return 0 if report(measure(options.only or NAMES, options.people, options.rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
