"""Telegram's pace: so many messages a second in all, one a second to one person, twenty a minute to a group."""

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final

PER_SECOND: Final = 29.0
"""Of Telegram's 30: measured, 29 a second steadily were all accepted, at 30 a third were refused."""
_PERSON_EVERY: Final = 1.0
_PERSON_BURST: Final = 4
_GROUP_EVERY: Final = 3.0
_FORGET_ABOVE: Final = 5_000


class Pacer:
    """Gives each message its moment: the urgent first, then in the order of asking. `per_second=None`: no limits."""

    def __init__(
        self,
        per_second: float | None = PER_SECOND,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._next_at = 0.0
        self._chats: dict[int, float] = {}
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._number = count()
        self._worker: asyncio.Task[None] | None = None

    async def turn(self, chat_id: int, *, urgency: int) -> None:
        """Returns when this chat may be written to."""
        if self._per_second is None:
            return
        await self._chat(chat_id)
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (-urgency, next(self._number), waiting))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.ensure_future(self._serve())
        await waiting

    def hold(self, seconds: float) -> None:
        """Nothing goes out for so long: Telegram asked for it."""
        self._next_at = max(self._next_at, self._clock() + seconds)

    async def _chat(self, chat_id: int) -> None:
        """Waits until this chat's own pace allows one more; a person may get a few at once."""
        every, burst = (_PERSON_EVERY, _PERSON_BURST) if chat_id > 0 else (_GROUP_EVERY, 1)
        now = self._clock()
        paid = max(self._chats.get(chat_id, 0.0), now - every * burst) + every
        self._chats[chat_id] = paid
        if len(self._chats) > _FORGET_ABOVE:
            self._chats = {chat: until for chat, until in self._chats.items() if until > now - 60}
        if paid > now:
            await self._sleep(paid - now)

    async def _serve(self) -> None:
        every = 1.0 / (self._per_second or PER_SECOND)
        while self._queue:
            now = self._clock()
            if self._next_at > now:
                await self._sleep(self._next_at - now)
                continue
            _, _, waiting = heapq.heappop(self._queue)
            if waiting.cancelled():
                continue
            self._next_at = max(self._next_at, now - every) + every
            waiting.set_result(None)
            await asyncio.sleep(0)
