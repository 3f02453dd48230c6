"""Figures are written beside everything else: one at a time, in a thread of its own, with a sign of life in the chat.

Nothing is lost when the bot stops in the middle: the wish is a row, and is taken up again.
"""

import asyncio
import datetime as dt
import hashlib
import tempfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import ExtBot

from claimbot.assistant import reporting
from claimbot.assistant.house import House
from claimbot.assistant.reporting import Interrupted, Made, Order
from claimbot.evidence import EvidenceFolder
from claimbot.store import Database, Tx
from claimbot.store.messages import Message
from claimbot.store.reports import hold_report, release_reports

log = structlog.get_logger("claimbot.chat")

_SIGN_EVERY: Final = 4.0
"""Seconds; Telegram shows an action for five. The lease is renewed as often."""


class Reporter:
    """Writes what was asked for, whenever it is woken, until nothing waits."""

    def __init__(
        self,
        bot: "ExtBot[Any]",
        database: Database,
        folder: EvidenceFolder,
        now: Callable[[], dt.datetime],
        house: Callable[[], House],
        deliver: Callable[[Sequence[Message]], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._database = database
        self._folder = folder
        self._now = now
        self._house = house
        self._deliver = deliver
        self._woken = False
        self._stopping = threading.Event()
        self._work: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        if self._database.is_alone:
            await self._database.turn(release_reports)
        await self._database.turn(lambda tx: reporting.write_all(tx, self._house(), self._now()))

    @property
    def busy(self) -> bool:
        return self._work is not None and not self._work.done()

    def wake(self) -> None:
        self._woken = True
        if not self.busy and not self._stopping.is_set():
            self._work = asyncio.ensure_future(self._write_all())

    async def stop(self) -> None:
        """What is being counted is broken off; what is being sent is sent."""
        self._stopping.set()
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    async def _write_all(self) -> None:
        try:
            while self._woken and not self._stopping.is_set():
                self._woken = False
                while (order := await self._database.turn(self._take)) is not None:
                    await self._write(order)
        except Interrupted:
            log.info("report.interrupted")
        except Exception:
            log.exception("reports.failed")

    def _take(self, tx: Tx) -> Order | None:
        return reporting.take(tx, self._house(), self._now())

    async def _write(self, order: Order) -> None:
        began, wants = self._now(), order.report.wants
        signs = asyncio.ensure_future(self._show_life(order))
        try:
            made = await self._database.look(lambda tx: self._make(tx, order))
        except Interrupted:
            raise
        except Exception:
            log.exception("report.failed", report=order.report.id, wants=wants)
            reply = await self._database.turn(lambda tx: reporting.failed(tx, self._house(), order, self._now()))
        else:
            reply = await self._database.turn(lambda tx: reporting.finish(tx, self._house(), order, made, self._now()))
        finally:
            signs.cancel()
            with suppress(asyncio.CancelledError):
                await signs
        log.info("report.written", report=order.report.id, wants=wants, seconds=(self._now() - began).total_seconds())
        await self._deliver(reply.messages)

    def _make(self, tx: Tx, order: Order) -> Made:
        """In a thread: counted, drawn, written, and kept where messages find their files."""
        with tempfile.TemporaryDirectory(prefix="claimbot-figures-") as folder:
            made = reporting.make(tx, self._house(), order, Path(folder), self._go_on)
        for data in (made.chart, made.tables):
            if data is not None:
                self._folder.keep(data, hashlib.sha256(data).hexdigest())
        return made

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Interrupted

    async def _show_life(self, order: Order) -> None:
        """“sending a file…” for as long as it takes; the lease is held meanwhile."""
        action = ChatAction.UPLOAD_DOCUMENT if order.report.wants == "sheet" else ChatAction.TYPING
        while True:
            if order.report.wants != "monthly":
                try:
                    await self._bot.send_chat_action(order.person.telegram_id, action)
                except TelegramError as error:
                    log.info("sign.failed", error=type(error).__name__)
            await asyncio.sleep(_SIGN_EVERY)
            await self._database.turn(lambda tx: hold_report(tx, order.report, self._now()))
