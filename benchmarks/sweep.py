"""What a look for what is due costs among a million waiting rows, beside a thousand, and beside APScheduler's store.

A look takes what is due with a lease and commits; with a thousand due, all are taken and then noted as sent. The peer
is APScheduler's own SQLAlchemyJobStore with as many date jobs, asked as its scheduler asks it: the jobs that are due,
each one removed as it has run, and when the next one is. Both write to the same kind of database with its defaults, but
for ours on SQLite, which waits for the disk at every commit (synchronous=FULL in WAL mode).

    python -m benchmarks.sweep
    python -m benchmarks.sweep --waiting 5000 --due 20 --rounds 2
"""

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine, insert, text

from benchmarks.stage import machine, postgres
from claimbot.store import messages, people
from claimbot.store.database import migrate, open_engine
from claimbot.store.tables import messages as message_rows

FEW = 1_000
MOST_TIMES = 1.5
LEAST_LESS = 20.0
NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
_COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
_FUTURE = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2026-10-09', '+' || i || ' seconds')",
    "postgresql": "timestamp '2026-10-09' + i * interval '1 second'",
}


@dataclass(frozen=True, slots=True)
class Took:
    """Medians in milliseconds: a look with nothing due, and one with many due until all are done with."""

    nothing: float
    due: float


def median_ms(work: Callable[[], None], rounds: int, before: Callable[[], None] = lambda: None) -> float:
    took = []
    for _ in range(rounds):
        before()
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


# ours


def ours(url: str, waiting: int, due: int, rounds: int) -> Took:
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as tx:
        person = people.add_person(tx, 1, "somebody", "en")
        future = _FUTURE[engine.dialect.name]
        rows = f"SELECT :person, 'reminder', '{{}}', 20, 'waiting', {future}, {future}, 0 FROM n"  # noqa: S608  our own
        into = "INSERT INTO messages (person_id, kind, body, urgency, state, due_at, made_at, attempts) "
        tx.execute(text(into + _COUNTED + rows), {"count": waiting, "person": person})
    settle(engine)

    def make_due() -> None:
        row = {"person_id": person, "kind": "reminder", "body": {}, "urgency": 20, "state": "waiting"}
        with engine.begin() as tx:
            tx.execute(insert(message_rows), [{**row, "due_at": NOW, "made_at": NOW} for _ in range(due)])

    def look() -> None:
        with engine.begin() as tx:
            taken = messages.take_due(tx, NOW, due)
        if taken:
            with engine.begin() as tx:
                messages.note_sent(tx, {each.id: each.id for each in taken}, NOW)

    look()
    nothing = median_ms(look, rounds * 20)
    with_due = median_ms(look, rounds, make_due)
    engine.dispose()
    return Took(nothing, with_due)


def settle(engine: Engine) -> None:
    """What a database does for itself after many rows came."""
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


# the peer


def said() -> None:
    """What each job would do."""


def theirs(url: str, waiting: int, due: int, rounds: int) -> Took:
    store = SQLAlchemyJobStore(url=url)
    scheduler = BackgroundScheduler(timezone=dt.UTC)
    store.start(scheduler, "default")
    state = {"trigger": DateTrigger(NOW, dt.UTC), "executor": "default", "func": said, "args": (), "kwargs": {}}
    shared = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1, "name": "said"}

    def job(number: int, at: dt.datetime) -> Job:
        return Job(scheduler, id=str(number), next_run_time=at, **state, **shared)

    store.add_job(job(0, NOW + dt.timedelta(days=30)))
    with store.engine.begin() as tx:
        into = "INSERT INTO apscheduler_jobs (id, next_run_time, job_state) "
        rows = "SELECT 'w' || i, next_run_time + i, job_state FROM n, apscheduler_jobs WHERE id = '0'"
        tx.execute(text(into + _COUNTED + rows), {"count": waiting})
    settle(store.engine)

    def make_due() -> None:
        for number in range(due):
            store.add_job(job(number + 1, NOW))

    def look() -> None:
        for each in store.get_due_jobs(NOW):
            store.remove_job(each.id)
        store.get_next_run_time()

    look()
    nothing = median_ms(look, rounds * 20)
    with_due = median_ms(look, rounds, make_due)
    store.shutdown()
    return Took(nothing, with_due)


# the report


def compare(kind: str, urls: Sequence[str], waiting: int, due: int, rounds: int) -> bool:
    few, many = ours(urls[0], FEW, due, rounds), ours(urls[1], waiting, due, rounds)
    peer = theirs(urls[2], waiting, due, rounds)
    print(f"{kind}, medians in ms          nothing due   {due:,} due")
    for name, took in ((f"ours, {FEW:,} waiting", few), (f"ours, {waiting:,} waiting", many)):
        print(f"  {name:<28} {took.nothing:>12.2f} {took.due:>11.1f}")
    print(f"  {f'APScheduler, {waiting:,} waiting':<28} {peer.nothing:>12.2f} {peer.due:>11.1f}")
    times = many.nothing / few.nothing, many.due / few.due
    less = peer.nothing / many.nothing, peer.due / many.due
    met = max(times) <= MOST_TIMES
    told = "met" if met else "NOT met"
    print(f"  to {FEW:,} waiting: {times[0]:.2f} and {times[1]:.2f} times, goal {MOST_TIMES}: {told}")
    enough = less[1] >= LEAST_LESS
    print(
        f"  APScheduler takes {less[0]:.1f} and {less[1]:.1f} times as long,"
        f" goal {LEAST_LESS:.0f} with {due:,} due: {'met' if enough else 'NOT met'}",
        flush=True,
    )
    return met and enough


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimbot-sweep-")))
        urls = [f"sqlite:///{folder / name}.db" for name in ("few", "many", "peer")]
        met = compare("SQLite", urls, options.waiting, options.due, options.rounds)
        servers = stack.enter_context(postgres(folder, "few", "many", "peer"))
        if servers:
            met = compare("PostgreSQL", servers, options.waiting, options.due, options.rounds) and met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
