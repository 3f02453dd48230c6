"""What waiting reminders cost, and whether a thousand due at once all arrive, once each, at Telegram's pace.

First: what a tick of the real door costs when nothing is due, with 100 and with 100,000 reminders waiting; both are
measured in turn, on SQLite and, where its test server is installed, on PostgreSQL. The goal: less than 2 ms more.

Then: 1,000 people have an unfinished draft, and the reminder of each is due at the same moment. The real door sends
them, at its own pace, to a stand-in Telegram that refuses more than 30 a second. The goal: all arrive, none twice.

    python -m benchmarks.waiting_reminders
    python -m benchmarks.waiting_reminders --ticks 20 --due 20 --waiting 1000
"""

import argparse
import asyncio
import collections
import datetime as dt
import logging
import statistics
import sys
import tempfile
import time
import urllib.request
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import func, insert, select

from benchmarks.stage import ROOT, TOKEN, StandIn, machine, postgres, stand_in
from claimbot.assistant.house import House
from claimbot.assistant.reminders import draft_touched
from claimbot.chat.door import Door, build_application
from claimbot.chat.pacing import Pacer
from claimbot.evidence import EvidenceFolder
from claimbot.flow.office import load_office
from claimbot.store import Database, Tx, claims, people
from claimbot.store.tables import messages

FEW = 100
MOST_MORE = 0.002  # seconds
FIRST_PERSON = 6_000_001
MORNING = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)  # ten in Shanghai, on a Wednesday
AT_ONCE = 5_000


def add_drafts(tx: Tx, house: House, count: int) -> None:
    """So many people with a draft each, whose clock runs: the first reminder comes after two hours."""
    site = people.add_site(
        tx, code="SH01", name="Site", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
    )
    for number in range(FIRST_PERSON, FIRST_PERSON + count):
        person = people.add_person(tx, number, f"User {number}", "en")
        people.change_person(tx, person, joined_at=MORNING)
        people.give_role(tx, person, site, "technician")
        claim = claims.add_claim(tx, site_id=site, author_id=person, currency="CNY", now=MORNING)
        draft_touched(tx, house, claim, MORNING)


def add_waiting(tx: Tx, count: int) -> None:
    """So many reminders more, spread over the years to come."""
    like = tx.execute(select(messages).where(messages.c.kind == "reminder").limit(1)).mappings().one()
    for start in range(0, count, AT_ONCE):
        rows = [
            {
                **{name: like[name] for name in ("person_id", "kind", "body", "urgency", "state", "claim_id")},
                "clock_id": like["clock_id"],
                "made_at": MORNING,
                "due_at": MORNING + dt.timedelta(days=30, minutes=number),
            }
            for number in range(start, min(start + AT_ONCE, count))
        ]
        tx.execute(insert(messages), rows)


def a_door(url: str, house: House, database: Database, folder: Path, clock: "Clock") -> Door:
    return Door(build_application(TOKEN, url), house, database, EvidenceFolder(folder), clock.now, Pacer())


class Clock:
    """Runs as fast as any, but begins where it is told."""

    def __init__(self, start: dt.datetime) -> None:
        self._ahead = start - dt.datetime.now(dt.UTC)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self._ahead


async def measure_ticks(house: House, urls: tuple[str, str], folder: Path, waiting: int, ticks: int) -> float:
    """Seconds that a tick costs more with many waiting than with few."""
    async with AsyncExitStack() as stack:
        doors: dict[int, Door] = {}
        for url, count in zip(urls, (FEW, waiting), strict=True):
            database = await stack.enter_async_context(Database(url))
            await database.turn(lambda tx: add_drafts(tx, house, 1))
            await database.turn(partial(add_waiting, count=count))
            doors[count] = a_door("http://127.0.0.1:9", house, database, folder, Clock(MORNING))
        took: dict[int, list[float]] = {count: [] for count in doors}
        for number in range(ticks + 5):
            for count, door in doors.items():
                began = time.perf_counter()
                await door.tick()
                if number >= 5:  # the first ones warm up
                    took[count].append(time.perf_counter() - began)
        medians = {count: statistics.median(each) for count, each in took.items()}
        told = ", ".join(f"{count:,} waiting: {median * 1000:.2f} ms" for count, median in medians.items())
        more = medians[waiting] - medians[FEW]
        print(f"  {told}; {more * 1000:+.2f} ms: {'met' if more < MOST_MORE else 'NOT met'}", flush=True)
        return more


def make_known(telegram: StandIn, due: int) -> None:
    """Everybody has once written to the bot, and it has read it: else it may not write to them."""
    telegram.ask("texts", texts=[[FIRST_PERSON + number, "hello"] for number in range(due)])
    forget = f"{telegram.url}/bot{TOKEN}/deleteWebhook?drop_pending_updates=true"
    urllib.request.urlopen(forget, timeout=10).close()  # noqa: S310  our own address


async def hand_over(house: House, folder: Path, telegram: StandIn, due: int) -> bool:
    """Sends them all; whether each person got exactly one."""
    await asyncio.to_thread(make_known, telegram, due)
    async with Database(f"sqlite:///{folder / 'due.db'}") as database:
        await database.turn(lambda tx: add_drafts(tx, house, due))
        at = await database.turn(lambda tx: tx.execute(select(func.max(messages.c.due_at))).scalar_one())
        door = a_door(telegram.url, house, database, folder, Clock(at + dt.timedelta(seconds=1)))
        running = asyncio.create_task(door.run(1.0))
        began = time.perf_counter()
        sent, give_up_at = 0, began + 60 + due / 10
        while sent < due and time.perf_counter() < give_up_at:
            await asyncio.sleep(0.2)
            sent = (await asyncio.to_thread(telegram.ask, "state"))["bot_messages"]
        took = time.perf_counter() - began
        await asyncio.sleep(3)  # whatever would be said twice, would be said in the next ticks
        await door.stop()
        await running
        noted = await database.turn(
            lambda tx: tx.execute(select(func.count()).where(messages.c.state == "sent")).scalar_one()
        )
    state = await asyncio.to_thread(telegram.ask, "state")
    calls = (await asyncio.to_thread(telegram.ask, "calls"))["calls"]
    to = collections.Counter(int(values["chat_id"]) for method, values in calls if method == "sendMessage")
    refused = sum(to.values()) - state["bot_messages"]
    whole = bool(len(to) == due == state["bot_messages"] == noted)
    print(f"  {due:,} due at once: {state['bot_messages']:,} arrived at {len(to):,} people in {took:.1f} s,", end=" ")
    print(f"{refused} refused for the pace, {noted:,} noted as sent: {'met' if whole else 'NOT met'}")
    return whole


async def measure(due: int, waiting: int, ticks: int) -> bool:
    house = House(load_office(ROOT / "flows"), "claims_demo_bot")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimbot-reminders-")))
        print(machine())
        print(f"a tick with nothing due, SQLite, median of {ticks}:")
        urls = (f"sqlite:///{folder / 'few.db'}", f"sqlite:///{folder / 'many.db'}")
        more = [await measure_ticks(house, urls, folder, waiting, ticks)]
        servers = stack.enter_context(postgres(folder, "few", "many"))
        if servers:
            print(f"a tick with nothing due, PostgreSQL, median of {ticks}:")
            more.append(await measure_ticks(house, (servers[0], servers[1]), folder, waiting, ticks))
        print("handed over to a stand-in that refuses more than 30 a second:")
        telegram = stack.enter_context(stand_in(limits=True))
        whole = await hand_over(house, folder, telegram, due)
    return whole and all(each < MOST_MORE for each in more)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--ticks", type=int, default=300)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that takes longer than a second is skipped
    return 0 if asyncio.run(measure(options.due, options.waiting, options.ticks)) else 1


if __name__ == "__main__":
    sys.exit(main())
