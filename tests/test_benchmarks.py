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


def test_a_look_among_many_rows_takes_all_that_is_due() -> None:
    assert "SQLite, medians in ms" in run("benchmarks.sweep", "--waiting", "2000", "--due", "20", "--rounds", "1")


def test_counting_anew_without_a_change_moves_nothing() -> None:
    told = run("benchmarks.recount", "--clocks", "30")
    assert "30 open clocks of 10 claims" in told
    assert "without a change 0 moved" in told


def test_reminders_that_are_due_at_once_arrive_once_each() -> None:
    told = run("benchmarks.waiting_reminders", "--due", "12", "--waiting", "200", "--ticks", "3")
    assert "12 due at once: 12 arrived at 12 people" in told


def test_finding_among_few_and_many_claims_is_compared_kind_by_kind() -> None:
    told = run("benchmarks.finding", "--claims", "300")
    assert "sqlite, median ms: 30 claims → 300 claims" in told
    assert "technician, surname" in told


def test_the_desks_screens_are_measured_over_two_archives() -> None:
    told = run("benchmarks.desk", "--claims", "400", "--rounds", "1")
    assert "queue, clerk of one site" in told
    assert "/stats, all, ten sites" in told


def test_an_export_is_measured_in_a_process_of_its_own() -> None:
    assert "600 rows" in run("benchmarks.export", "--rows", "600")


def test_a_credit_note_is_shown_and_booked_whole_while_others_work() -> None:
    assert "SQLite: 300 rows shown after" in run("benchmarks.credit", "--rows", "300")
