"""What the desk's screens cost over an archive of 100,000 claims with 500,000 lines, beside one of a tenth.

A queue is measured as a person gets it, in words and with its buttons: a clerk's at one site, and a supervisor's over
ten sites. Queues grow with the archive (one claim in twenty is open), and so does what `/stats` counts: of the last
thirty days, and of all time, in three rounds only. The rounds of both archives alternate.

    python -m benchmarks.desk
    python -m benchmarks.desk --claims 2000 --rounds 3
"""

import argparse
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.archive import LINES_EACH, NOW, SITES, Archive, lay_down
from benchmarks.stage import ROOT, machine, postgres
from claimbot.assistant.figures import Asked, as_text, count
from claimbot.assistant.house import House
from claimbot.assistant.old_parts import parts_screen
from claimbot.assistant.screens import queue_screen
from claimbot.claims.figures import Period
from claimbot.flow.office import load_office
from claimbot.store import people
from claimbot.store.database import snapshot

MOST_TIMES = 2.0
_FEW_ROUNDS = 3
_EVERYWHERE = tuple(range(1, SITES + 1))
_MONTH = Period(NOW.date() - dt.timedelta(days=29), NOW.date())


def queue(house: House, archive: Archive, person_id: int) -> None:
    with archive.engine.begin() as tx:
        queue_screen(tx, house, people.person(tx, person_id), NOW)


def parts(house: House, archive: Archive) -> None:
    with archive.engine.begin() as tx:
        parts_screen(tx, house, people.person(tx, archive.clerk), NOW)


def stats(house: House, archive: Archive, site_ids: tuple[int, ...], period: Period) -> None:
    with snapshot(archive.engine) as tx:
        as_text(count(tx, house, Asked("zh", site_ids, period, NOW)))


Work = Callable[[Archive], None]


def works(house: House) -> Mapping[str, tuple[Work, bool]]:
    """What is measured, and whether it must not grow."""
    return {
        "queue, clerk of one site": (lambda each: queue(house, each, each.clerk), True),
        "queue, supervisor of ten": (lambda each: queue(house, each, each.supervisor), True),
        "/parts, clerk of one site": (lambda each: parts(house, each), True),
        "/stats, 30 days, one site": (lambda each: stats(house, each, (1,), _MONTH), False),
        "/stats, 30 days, ten sites": (lambda each: stats(house, each, _EVERYWHERE, _MONTH), False),
        "/stats, all, ten sites": (lambda each: stats(house, each, _EVERYWHERE, Period()), False),
    }


def milliseconds(work: Work, archive: Archive) -> float:
    began = time.perf_counter()
    work(archive)
    return (time.perf_counter() - began) * 1000


def compare(kind: str, urls: Sequence[str], claims: int, rounds: int, house: House) -> bool:
    few, many = lay_down(urls[0], claims // 10), lay_down(urls[1], claims)
    print(f"{kind}, medians in ms of {rounds} rounds {claims // 10:>9,}   {claims:>9,} claims")
    well = True
    for name, (work, judged) in works(house).items():
        for archive in (few, many):
            work(archive)
        often = rounds if judged else min(rounds, _FEW_ROUNDS)
        times = [(milliseconds(work, few), milliseconds(work, many)) for _ in range(often)]
        small, large = (statistics.median(each[place] for each in times) for place in (0, 1))
        told = ""
        if judged:
            met = large / small <= MOST_TIMES
            well, told = well and met, f", goal {MOST_TIMES:.0f}: {'met' if met else 'NOT met'}"
        print(f"  {name:<28} {small:>14.1f} {large:>11.1f}   {large / small:.2f} times{told}", flush=True)
    few.engine.dispose()
    many.engine.dispose()
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print(f"{machine()}; {LINES_EACH} lines a claim")
    house = House(load_office(ROOT / "flows"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimbot-desk-")))
        urls = [f"sqlite:///{folder / name}.db" for name in ("few", "many")]
        met = compare("SQLite", urls, options.claims, options.rounds, house)
        servers = stack.enter_context(postgres(folder, "few", "many"))
        if servers:
            met = compare("PostgreSQL", servers, options.claims, options.rounds, house) and met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
