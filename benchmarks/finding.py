"""How long `/find` takes among ten thousand and among a hundred thousand claims, and how much that grows.

Each claim has a car, a plate, a repair order, a part and a customer; cars come back, some parts and names are common.
Looked for is by every kind of word and by state, by a clerk of one site and by a technician; what is measured is the
question itself, with the claims that it finds read. The goal is a growth of no more than two.

    python -m benchmarks.finding
    python -m benchmarks.finding --claims 2000
"""

import argparse
import datetime as dt
import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Engine, insert

from benchmarks.stage import machine, postgres
from claimbot.claims.facts import Facts
from claimbot.claims.finding import Sought, found_words, seek
from claimbot.claims.words import Words
from claimbot.store import Tx, claims, finding, people
from claimbot.store.database import migrate, open_engine
from claimbot.store.finding import Scope
from claimbot.store.tables import claims as claim_rows
from claimbot.store.tables import found_by

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
STATES = {"submitted": Words(en="At the desk", zh="待索赔员处理"), "approved": Words(en="Approved", zh="审批通过")}
SURNAMES, NAMES = "王李张刘陈杨赵黄周吴", "芳伟敏静丽强磊军洋勇艳杰娟涛明超"
PARTS = ("喷油器", "高压油泵", "水泵", "节温器", "中控屏", "转向机", "动力电池总成", "电芯", "车门", "半轴")
SITES, AUTHORS, AT_ONCE, LOOKS, MOST, GOAL = 5, 20, 2000, 40, 10, 2.0
CHARACTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


class Made:
    """An office with so many claims, and words of them to look for."""

    def __init__(self, tx: Tx) -> None:
        self.random = random.Random(7)  # noqa: S311  the same claims every time
        self.sites = [
            people.add_site(
                tx, code=f"S{n}", name="x", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
            )
            for n in range(SITES)
        ]
        self.authors = [people.add_person(tx, n + 1, "x", "zh") for n in range(AUTHORS)]
        self.count = 0
        self.facts: list[tuple[str, Facts]] = []

    def add(self, tx: Tx, count: int) -> None:
        rows, words = [], []
        for _ in range(count):
            self.count += 1
            author = self.random.randrange(AUTHORS)
            site, number = self.sites[author % SITES], f"S{author % SITES}-2026-{self.count:06d}"
            facts = self._facts()
            whose = {"site_id": site, "author_id": self.authors[author]}
            at = NOW - dt.timedelta(minutes=self.count)
            state = "approved" if self.random.random() < 0.8 else "submitted"
            rows.append(
                {
                    **whose,
                    "id": self.count,
                    "number": number,
                    "kind": "warranty",
                    "state": state,
                    "currency": "CNY",
                    "vin": facts.vin,
                    "facts": facts.model_dump(mode="json", exclude_none=True),
                    "made_at": at,
                    "changed_at": at,
                    "reported_on": at.date(),
                }
            )
            words += [
                {**whose, "claim_id": self.count, "kind": kind, "word": word}
                for kind, word in found_words(number, facts)
            ]
            if self.count % 97 == 0 or not self.facts:
                self.facts.append((number, facts))
        tx.execute(insert(claim_rows), rows)
        tx.execute(insert(found_by), words)

    def _facts(self) -> Facts:
        pick = self.random
        part = PARTS[min(int(pick.expovariate(0.5)), len(PARTS) - 1)]
        serial = pick.randrange(self.count // 3 + 1)
        return Facts(
            vin=f"LSVAA4182E{serial:07d}",
            plate=f"沪A{serial:05d}",
            repair_order=f"RO-{self.count:08d}",
            part_number=f"EX-{pick.randrange(500):05d}",
            failed_part=part,
            customer=pick.choice(SURNAMES) + pick.choice(NAMES) + pick.choice(NAMES),
        )


def looks(made: Made) -> dict[str, list[str]]:
    some = [made.random.choice(made.facts) for _ in range(LOOKS)]
    return {
        "number": [number for number, _ in some],
        "VIN, last six": [str(facts.vin)[-6:] for _, facts in some],
        "plate": [str(facts.plate) for _, facts in some],
        "repair order": [str(facts.repair_order) for _, facts in some],
        "part number": [str(facts.part_number) for _, facts in some],
        "part": [str(facts.failed_part) for _, facts in some],
        "customer": [str(facts.customer) for _, facts in some],
        "surname": [str(facts.customer)[0] for _, facts in some],
        "state": ["审批通过", "at the desk"] * (LOOKS // 2),
        "nothing": [f"X{made.random.choice(CHARACTERS)}{number[-3:]}Q" for number, _ in some],
    }


def _sought(text: str) -> Sought:
    found = seek(text, STATES)
    if found is None:
        raise ValueError(text)
    return found


def measure(engine: Engine, made: Made) -> dict[str, float]:
    """The median of each kind in milliseconds, for a clerk and for a technician."""
    medians: dict[str, float] = {}
    scopes = {"clerk": Scope(0, made.sites[:1]), "technician": Scope(made.authors[0], ())}
    for who, scope in scopes.items():
        for kind, texts in looks(made).items():
            spent = []
            for text in texts:
                with engine.begin() as tx:
                    began = time.perf_counter()
                    for claim_id in finding.find(tx, scope, _sought(text), MOST):
                        claims.claim(tx, claim_id)
                    spent.append((time.perf_counter() - began) * 1000)
            medians[f"{who}, {kind}"] = statistics.median(spent)
    return medians


def compare(url: str, most: int) -> bool:
    engine = open_engine(url)
    migrate(engine)
    with engine.begin() as tx:
        made = Made(tx)
    found: list[dict[str, float]] = []
    for count in (most // 10, most):
        while made.count < count:
            with engine.begin() as tx:
                made.add(tx, min(AT_ONCE, count - made.count))
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        measure(engine, made)  # once for the caches
        found.append(measure(engine, made))
    engine.dispose()
    few, many = found
    print(f"{engine.dialect.name}, median ms: {most // 10:,} claims → {most:,} claims, growth")
    for kind, ms in many.items():
        print(f"  {kind:28} {few[kind]:7.2f} → {ms:7.2f}   {ms / few[kind]:.2f}×")
    growth = statistics.median(many.values()) / statistics.median(few.values())
    worst = max(many[kind] / few[kind] for kind in many)
    print(f"  in the middle {growth:.2f}×, at worst {worst:.2f}×; the goal is {GOAL:.0f}× at the most")
    return worst <= GOAL


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=100_000)
    options = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimbot-finding-")))
        met = compare(f"sqlite:///{folder / 'claims.db'}", options.claims)
        for url in stack.enter_context(postgres(folder, "finding")):
            met = compare(url, options.claims) and met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
