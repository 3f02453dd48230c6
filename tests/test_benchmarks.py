"""The benchmarks run, in little: what they measure is not judged here, only what must be true of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode in {0, 1}, done.stderr  # 1: a goal was missed, which says nothing at this size
    return done.stdout


def test_a_round_of_durable_turns_ends_with_every_form_whole_in_the_database() -> None:
    assert "medians: ours" in run("benchmarks.durable_turns", "--only", "ours", "-n", "5", "-r", "1")


def test_reminders_that_are_due_at_once_arrive_once_each() -> None:
    told = run("benchmarks.waiting_reminders", "--due", "12", "--waiting", "200", "--ticks", "3")
    assert "12 due at once: 12 arrived at 12 people" in told
