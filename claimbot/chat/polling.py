"""Long polling that confirms an update only when it has been answered, so that a crash in between loses nothing.

Telegram forgets every update below the offset that is asked for. The offset here is the lowest update still under
way; those that come again meanwhile are recognised by their number and not begun twice.
"""

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from claimbot.chat.arriving import Given
from claimbot.chat.request import call
from claimbot.errors import SettingsError

log = structlog.get_logger("claimbot.chat")

MOST_UNDER_WAY: Final = 100
"""Also the most that Telegram gives at once."""
_READ_FOR: Final = 10.0
"""Beyond the long poll itself, for the network."""
_SHORTEST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_CONFLICT_PAUSE: Final = 5.0
_SHORTEST_LOOK: Final = 0.1
_LONGEST_LOOK: Final = 0.3
"""Between two short polls while something is under way: a long one would return at once with what is known."""
_BREATH: Final = 0.02
_PATIENCE: Final = 60.0
"""So long may one slow update hold back the offset when nothing new fits beside it any more."""
_GRACE: Final = 10.0


class Poller:
    """Fetches updates and has each handled; whose turn it is is decided by whoever handles them. Times are seconds."""

    def __init__(
        self,
        bot: Bot,
        handle: Callable[[Given], Awaitable[None]],
        *,
        timeout: float = 10.0,
        allowed_updates: Sequence[str] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._handle = handle
        self._timeout = int(timeout)
        self._allowed = list(allowed_updates)
        self._sleep = sleep
        self._under_way: dict[int, asyncio.Task[None]] = {}
        # Handled, but not confirmed yet: a slower one stands before them.
        self._handled: set[int] = set()
        # Under way for so long that the offset no longer waits for them.
        self._passed: set[int] = set()
        self._next = 0
        self._pause = 0.0
        self._look = _SHORTEST_LOOK
        self._stood_for = 0.0
        self._stopping = asyncio.Event()
        self._one_ended = asyncio.Event()
        self._all_ended = asyncio.Event()
        self._conflict_told = False

    async def run(self) -> None:
        """Until `stop`. Raises SettingsError when Telegram does not know the token."""
        while not self._stopping.is_set():
            if len(self._under_way) >= MOST_UNDER_WAY:
                await self._one_ends()
                continue
            asked = self._offset
            try:
                updates = await self._fetch(asked)
            except InvalidToken:
                self._stopping.set()
                await self._settle()
                raise SettingsError("TELEGRAM_TOKEN is refused by Telegram: check it with BotFather.") from None
            except (TelegramError, ValueError, LookupError, TypeError) as error:  # also an answer that makes no sense
                await self._recover(error)
                continue
            self._pause = 0.0
            if self._begin(updates, asked):
                self._look, self._stood_for = _SHORTEST_LOOK, 0.0
                await self._breathe()
            elif self._under_way:
                await self._look_later(full=len(updates) >= MOST_UNDER_WAY)
        await self._settle()
        await self._confirm()

    async def stop(self) -> None:
        """Begins nothing more; `run` returns when what is under way has ended, or ten seconds later."""
        self._stopping.set()

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def _offset(self) -> int:
        return min(self._under_way.keys() - self._passed, default=self._next)

    async def _fetch(self, offset: int) -> Mapping[int, Given]:
        """Updates by their number, not read yet: most of them come again and again while others are under way."""
        timeout = 0 if self._under_way else self._timeout
        asked = {"offset": offset, "limit": 100, "timeout": timeout, "allowed_updates": self._allowed}
        fetch = asyncio.ensure_future(call(self._bot, "getUpdates", asked, _READ_FOR + timeout))
        try:
            await self._until(fetch)
            return {int(update["update_id"]): update for update in fetch.result()} if fetch.done() else {}
        finally:
            await _end(fetch)

    def _begin(self, updates: Mapping[int, Given], asked: int) -> bool:
        """Starts what is new; whether anything was. What lies below the offset asked for is confirmed and forgotten."""
        self._handled = {number for number in self._handled if number >= asked}
        fresh = [number for number in updates if number not in self._under_way and number not in self._handled]
        for number in fresh:
            # After a week of silence Telegram may begin to count anywhere, also lower: "next" follows it down.
            self._next = number + 1 if number < asked else max(self._next, number + 1)
            self._under_way[number] = asyncio.ensure_future(self._one(number, updates[number]))
        if fresh:
            self._all_ended.clear()
        return bool(fresh)

    async def _one(self, number: int, update: Given) -> None:
        """An update broken off by stopping is not handled: it stays unconfirmed and comes again at the next start."""
        try:
            await self._handle(update)
        except asyncio.CancelledError:
            if self._stopping.is_set():
                raise
            log.error("update.failed", update=number, error="CancelledError")  # noqa: TRY400  no bug's trace
        except Exception:
            log.exception("update.failed", update=number)
        del self._under_way[number]
        self._passed.discard(number)
        self._handled.add(number)
        self._one_ended.set()
        if not self._under_way:
            self._all_ended.set()

    async def _breathe(self) -> None:
        """Until all has ended, but not for long: asking at once would bring little but the same updates again."""
        await self._until(self._all_ended.wait(), at_most=_BREATH)

    async def _one_ends(self, at_most: float | None = None) -> None:
        self._one_ended.clear()
        await self._until(self._one_ended.wait(), at_most=at_most)
        if self._under_way:
            await self._breathe()

    async def _look_later(self, *, full: bool) -> None:
        """Nothing new came while something is under way: waits a little, each time a little longer."""
        if full and self._stood_for >= _PATIENCE:
            slow = self._offset
            log.error("update.passed_by", update=slow, under_way=len(self._under_way))
            self._passed.add(slow)
            self._stood_for = 0.0
            return
        await self._one_ends(self._look)
        self._stood_for = self._stood_for + self._look if full else 0.0
        self._look = min(self._look * 2, _LONGEST_LOOK)

    async def _recover(self, error: Exception) -> None:
        """Waits before the next try: never shorter than Telegram asked for."""
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            wait_for = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
            log.warning("poll.held", again_in=wait_for)
        elif isinstance(error, Conflict):
            if not self._conflict_told:
                log.error("poll.conflict", mend="another process polls with this token; stop one of the two")
                self._conflict_told = True
            wait_for = _CONFLICT_PAUSE
        else:
            self._pause = min(max(self._pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
            wait_for = self._pause
            log.warning("poll.failed", error=type(error).__name__, again_in=round(wait_for, 1))
        await self._until(at_most=wait_for * random.uniform(1.0, 1.2))  # noqa: S311  spreads retries, guards nothing

    async def _until(self, *ends: Awaitable[Any], at_most: float | None = None) -> None:
        """Until one of these ends, the time is over, or `stop`; a coroutine among them is then cancelled."""
        all_ends: set[asyncio.Future[Any]] = {asyncio.ensure_future(each) for each in (*ends, self._stopping.wait())}
        if at_most is not None:
            all_ends.add(_after(self._sleep(at_most)))
        try:
            await asyncio.wait(all_ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in all_ends.difference(ends):
                one.cancel()

    async def _settle(self) -> None:
        """Lets what is under way end; what does not is broken off, and will come again."""
        if not self._under_way:
            return
        ended: asyncio.Future[Any] = asyncio.gather(*self._under_way.values(), return_exceptions=True)
        clock = _after(self._sleep(_GRACE))
        try:
            await asyncio.wait({ended, clock}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(clock)
            if not ended.done():
                log.warning("poll.broken_off", under_way=len(self._under_way))
                await _end(ended)

    async def _confirm(self) -> None:
        offset = min(self._under_way, default=self._next)
        try:
            await call(self._bot, "getUpdates", {"offset": offset, "limit": 1, "timeout": 0}, _READ_FOR)
        except TelegramError as error:
            log.info("poll.unconfirmed", error=type(error).__name__)


def _after(sleep: Awaitable[None]) -> asyncio.Future[Any]:
    return asyncio.ensure_future(sleep)


async def _end(future: asyncio.Future[Any]) -> None:
    """Cancels it and waits for it to be gone, so that no two requests for updates are ever open at once."""
    if not future.done():
        future.cancel()
        await asyncio.wait({future})
    if not future.cancelled():
        future.exception()
