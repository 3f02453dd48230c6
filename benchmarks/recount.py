"""How long it takes to count a hundred thousand open clocks anew, after a year's days off were taken in.

Each claim has three limits that run (its maker's window, and the two of a customer's demand for a refund); all last
days fall into a year that is not announced, until an announcement moves those of a third of the claims. The work is
done as the running bot does it: a few claims a turn, so that other people's turns come in between.

    python -m benchmarks.recount
    python -m benchmarks.recount --clocks 300
"""

import argparse
import asyncio
import datetime as dt
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path

import structlog
from sqlalchemy import func, select

from benchmarks.stage import ROOT, machine
from claimbot.assistant.counting_anew import count_all_anew
from claimbot.assistant.house import House
from claimbot.assistant.recounting import recount
from claimbot.clockwork import take_in
from claimbot.flow.office import load_office
from claimbot.store import Database, Tx, claims, clocks, people
from claimbot.store.tables import clocks as clock_rows

NOW = dt.datetime(2026, 12, 31, 2, 0, tzinfo=dt.UTC)
CLOCKS_EACH = 3
AT_ONCE = 200
ANNOUNCED = """\
country: CN
year: 2027
holidays:
  - name: {en: "Made-up holiday", zh: "虚构假期"}
    days: [2027-01-01, 2027-01-14, 2027-01-15, 2027-01-18, 2027-01-28, 2027-01-29]
working_days: []
source: {en: "made up", zh: "虚构"}
"""


def open_claims(tx: Tx, house: House, site: int, person: int, first: int, count: int) -> None:
    for number in range(first, first + count):
        claim = claims.add_claim(tx, site_id=site, author_id=person, currency="CNY", now=NOW)
        claims.keep_facts(tx, claims.claim(tx, claim), {"closed_at": "2026-12-30T08:00:00+00:00"}, NOW)
        held = claims.claim(tx, claim)
        claims.make_move(
            tx, held, "submit", "submitted", person_id=person, now=NOW, number=f"X-{number}", clerk_id=person
        )
        clocks.add_event(tx, claim, "refund.demanded", NOW.date(), person_id=person, now=NOW)
        recount(tx, house, claims.claim(tx, claim), NOW)


def open_site(tx: Tx) -> tuple[int, int]:
    site = people.add_site(
        tx, code="SH01", name="Site", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
    )
    person = people.add_person(tx, 1, "Clerk", "en")
    people.give_role(tx, person, site, "clerk")
    return site, person


async def measure(count: int, folder: Path) -> bool:
    flows = folder / "flows"
    shutil.copytree(ROOT / "flows", flows)
    house = House(load_office(flows))
    async with Database(f"sqlite:///{folder / 'claims.db'}") as database:
        site, person = await database.turn(open_site)
        for first in range(0, count // CLOCKS_EACH, AT_ONCE):
            some = min(AT_ONCE, count // CLOCKS_EACH - first)
            await database.turn(lambda tx, first=first, some=some: open_claims(tx, house, site, person, first, some))  # type: ignore[misc]  # bound now
        running = select(func.count()).where(clock_rows.c.state == "running")
        there = await database.turn(lambda tx: tx.execute(running).scalar_one())
        again = await count_all_anew(database, house, lambda: NOW)  # the mark is set
        announced = folder / "CN-2027.yaml"
        announced.write_text(ANNOUNCED, encoding="utf-8")
        take_in(announced, flows)
        changed = House(load_office(flows))
        began = time.perf_counter()
        done = await count_all_anew(database, changed, lambda: NOW)
        took = time.perf_counter() - began
    if done is None or again is None:
        raise RuntimeError("nothing was counted")
    print(f"{there:,} open clocks of {done.claims:,} claims: {took:.1f} s, {there / took:,.0f} clocks/s,", end=" ")
    print(f"{done.moved:,} last days moved; without a change {again.moved} moved")
    return again.moved == 0 and done.moved > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=100_000)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(machine())
    with tempfile.TemporaryDirectory(prefix="claimbot-recount-") as folder:
        return 0 if asyncio.run(measure(options.clocks, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
