"""A maker's credit note of 100,000 rows: seconds until it is shown and until it is booked, memory, and who waits.

The claims are with the maker, a row of the CSV for each. It is read and booked beside the turns, as `claimbot run` does
it; meanwhile somebody else's turn is begun every twentieth of a second, and the longest wait for one is told.

    python -m benchmarks.credit
    python -m benchmarks.credit --rows 2000
"""

import argparse
import asyncio
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.archive import LINES_EACH, NOW, lay_down
from benchmarks.export import memory_mb
from benchmarks.stage import ROOT, machine, postgres, process
from claimbot.assistant import crediting
from claimbot.assistant.doing import Doing
from claimbot.assistant.house import House, Reply
from claimbot.evidence import EvidenceFolder, examine
from claimbot.flow.office import load_office
from claimbot.store import Database, Tx, claims, payments, people
from claimbot.store.messages import Message

_PAUSE = 0.05


def lay_out(url: str, rows: int) -> None:
    """So many claims, all answered by the maker, at ten sites where one clerk works."""
    archive = lay_down(url, rows)
    with archive.engine.begin() as tx:
        tx.execute(text("UPDATE claims SET state = 'answered'"))
        for site in people.all_sites(tx)[1:]:
            people.give_role(tx, archive.clerk, site.id, "clerk")
    archive.engine.dispose()


def note_of(rows: int) -> bytes:
    """What the maker approved of each claim, to the cent, so that all of it can be booked."""
    cents = ((i, i % 90000 * LINES_EACH) for i in range(1, rows + 1))
    paid = (f"X-{i},{each // 100}.{each % 100:02},N-2026-09" for i, each in cents)
    return "\n".join(["索赔单号,金额,结算单号", *paid]).encode("gb18030")


async def bring(database: Database, folder: EvidenceFolder, data: bytes) -> int:
    examined = examine(data, name="note.csv", said_mime="text/csv")
    folder.keep(data, examined.sha256)

    def write(tx: Tx) -> int:
        clerk = next(each.id for each in people.everybody(tx) if each.has("clerk"))
        claims.add_evidence(
            tx, {"sha256": examined.sha256, "size": examined.size, "mime": examined.mime, "kept_at": NOW}
        )
        return payments.add_note(tx, clerk, examined.sha256, NOW)

    return await database.turn(write)


async def others(database: Database) -> float:
    """Turns of somebody else until told to stop; the longest that one took, in seconds."""
    longest = 0.0
    try:
        while True:
            began = time.perf_counter()
            await database.turn(lambda tx: people.person(tx, 2))
            longest = max(longest, time.perf_counter() - began)
            await asyncio.sleep(_PAUSE)
    except asyncio.CancelledError:
        return longest


def tap(tx: Tx, note_id: int, house: House) -> None:
    """The button under what is shown: book all of it."""
    note = payments.note(tx, note_id)
    if note is None:
        raise LookupError(note_id)
    if not crediting.book(Doing(tx, house, Reply(), people.person(tx, note.person_id), NOW), note_id):
        raise ValueError("more was paid than was approved")


async def book(url: str, path: Path, rows: int) -> None:
    """In a process of its own: seconds to the preview, to the end, MB at the most, the longest wait, rows booked."""

    async def deliver(_: Sequence[Message]) -> None:
        return None

    house, folder = House(load_office(ROOT / "flows")), EvidenceFolder(path)
    async with Database(url) as database:
        note = await bring(database, folder, note_of(rows))
        desk = crediting.Desk(database, folder, house, lambda: dt.datetime.now(dt.UTC), deliver)
        elsewhere = asyncio.create_task(others(database))
        began = time.perf_counter()
        await crediting.work_off(desk)
        shown = time.perf_counter() - began
        await database.turn(partial(tap, note_id=note, house=house))
        began = time.perf_counter()
        await crediting.work_off(desk)
        booked = time.perf_counter() - began
        elsewhere.cancel()
        waited = await elsewhere
        count, _, _ = await database.turn(partial(payments.count_rows, note_id=note))
        left = await database.turn(lambda tx: payments.count_left(tx, note))
    print(f"{shown:.1f} {booked:.1f} {memory_mb():.0f} {waited:.2f} {count - left}", flush=True)


def measure(kind: str, url: str, folder: Path, rows: int) -> bool:
    lay_out(url, rows)
    command = [sys.executable, "-m", "benchmarks.credit", "--rows", str(rows), "--url", url, "--folder", str(folder)]
    with process(command, stdout=-1) as booker:
        told = booker.communicate()[0].decode().splitlines()[-1].split()
    shown, booked, most, waited = (float(each) for each in told[:4])
    print(
        f"{kind}: {rows:,} rows shown after {shown:.1f} s, {told[4]} booked in {booked:.1f} s more;"
        f" {most:.0f} MB at the most; another turn waited {waited:.2f} s at the longest",
        flush=True,
    )
    return int(told[4]) == rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.url is not None:
        asyncio.run(book(options.url, options.folder, options.rows))
        return 0
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimbot-credit-")))
        well = measure("SQLite", f"sqlite:///{folder / 'claims.db'}", folder / "evidence", options.rows)
        for url in stack.enter_context(postgres(folder, "credit")):
            well = measure("PostgreSQL", url, folder / "evidence", options.rows) and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
