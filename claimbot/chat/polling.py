"""Long polling that confirms an update only when it has been answered, so that a crash in between loses nothing.

Telegram forgets every update below the offset that is asked for. The offset here is the lowest update still under
way; those that come again meanwhile are recognised by their number and not begun twice.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from claimbot.errors import SettingsError

log = structlog.get_logger("claimbot.chat")

MOST_UNDER_WAY: Final = 100
_LONGEST_PAUSE: Final = 30.0
_GRACE: Final = 10.0


class Poller:
    """Fetches updates and has each handled; whose turn it is is decided by whoever handles them."""

    def __init__(
        self,
        bot: Bot,
        handle: Callable[[Update], Awaitable[None]],
        *,
        wait_for: int = 10,
        allowed_updates: Sequence[str] = (),
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._wait_for = wait_for
        self._allowed = list(allowed_updates)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._next = 0
        self._stopping = asyncio.Event()
        self._conflict_told = False

    async def run(self) -> None:
        """Until `stop`. Raises SettingsError when Telegram does not know the token."""
        pause = 0.0
        while not self._stopping.is_set():
            if len(self._under_way) >= MOST_UNDER_WAY:
                await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
                continue
            try:
                updates = await self._fetch()
            except InvalidToken:
                raise SettingsError("TELEGRAM_TOKEN is refused by Telegram: check it with BotFather.") from None
            except TelegramError as error:
                pause = await self._recover(error, pause)
                continue
            pause, self._conflict_told = 0.0, False
            if not self._begin(updates) and self._under_way:
                await asyncio.wait(self._under_way.values(), timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        await self._finish()

    async def stop(self) -> None:
        self._stopping.set()

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    @property
    def _offset(self) -> int:
        return min(self._under_way, default=self._next)

    async def _fetch(self) -> Sequence[Update]:
        """What is new; while something is under way, without waiting for more than a moment."""
        wait_for = 0 if self._under_way else self._wait_for
        fetch = asyncio.ensure_future(
            self._bot.get_updates(
                offset=self._offset,
                limit=100,
                timeout=wait_for,
                read_timeout=wait_for + 10.0,
                allowed_updates=self._allowed,
            )
        )
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({fetch, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not fetch.done():
                fetch.cancel()
                return ()
            return fetch.result()
        finally:
            stopping.cancel()

    def _begin(self, updates: Sequence[Update]) -> bool:
        """Starts what is new; whether anything was."""
        fresh = [update for update in updates if update.update_id >= self._next]
        for update in fresh:
            self._next = update.update_id + 1
            task = asyncio.ensure_future(self._one(update))
            self._under_way[update.update_id] = task
        return bool(fresh)

    async def _one(self, update: Update) -> None:
        try:
            await self._handle(update)
        except Exception:
            log.exception("update.failed", update=update.update_id)
        finally:
            self._under_way.pop(update.update_id, None)

    async def _recover(self, error: TelegramError, pause: float) -> float:
        """Waits before the next try; the wait that came out of it."""
        if isinstance(error, Conflict):
            if not self._conflict_told:
                log.error("poll.conflict", mend="another process polls with this token; stop one of the two")
                self._conflict_told = True
            pause = 5.0
        elif isinstance(error, RetryAfter):
            wait = error.retry_after
            pause = float(wait) if isinstance(wait, int | float) else wait.total_seconds()
        else:
            pause = min(max(pause * 2, 0.5), _LONGEST_PAUSE)
            log.warning("poll.failed", error=type(error).__name__, again_in=round(pause, 1))
        waited = pause * random.uniform(0.8, 1.2)  # noqa: S311  spreads retries, guards nothing
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), waited)
        return pause

    async def _finish(self) -> None:
        """Lets what is under way end, and confirms it."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=_GRACE)
        try:
            await self._bot.get_updates(offset=self._offset, limit=1, timeout=0)
        except NetworkError as error:
            log.info("poll.unconfirmed", error=type(error).__name__)
        except TelegramError as error:
            log.info("poll.unconfirmed", error=type(error).__name__)
