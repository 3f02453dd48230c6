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
_GROUP_EVERY: Final = 3.0
_TIDY_ABOVE: Final = 1_000
_LATE: Final = 0.25
"""The part of a gap that may be made good when a sleep ends late; a whole one would let two go at once."""
_Asked = tuple[int, int, int, int, asyncio.Future[None]]
"""Minus the urgency, the number of the asking, the chat, how much it leaves free, and what the asker waits for."""


class Pacer:
    """Gives each message its moment: the urgent first, then in the order of asking. `per_second=None`: no limits.

    A chat is remembered only until its own pace would let it send freely again.
    """

    def __init__(
        self,
        per_second: float | None = PER_SECOND,
        chat_burst: int = 3,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = 0.0 if per_second is None else 1.0 / per_second
        self._off = per_second is None
        self._burst = chat_burst
        self._clock = clock
        self._sleep = sleep
        self._next_at = float("-inf")
        self._free_at: dict[int, float] = {}
        self._ready: list[_Asked] = []
        self._later: list[tuple[float, _Asked]] = []
        self._number = count()
        self._worker: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()

    async def turn(self, chat_id: int, *, urgency: int, spare: int = 0) -> None:
        """Returns when this chat may be written to; of two that may, the greater urgency goes first.

        `spare`: so many more may be written to it at once even then.
        """
        if self._off:
            return
        now = self._clock()
        if not self._ready and not self._later and self._next_at <= now and self._chat_at(chat_id, spare) <= now:
            self._take(chat_id, now)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._ready, (-urgency, next(self._number), chat_id, spare, waiting))
        self._asked.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.ensure_future(self._serve())
        await waiting

    def hold(self, seconds: float) -> None:
        """Nothing goes out for so long: Telegram asked for it."""
        self._next_at = max(self._next_at, self._clock() + seconds)

    def _chat_at(self, chat_id: int, spare: int) -> float:
        """When this chat's own pace allows one more; a person may get a few at once, a group may not."""
        ahead = max(self._burst - 1 - spare, 0) * _PERSON_EVERY if chat_id > 0 else 0.0
        return self._free_at.get(chat_id, float("-inf")) - ahead

    def _take(self, chat_id: int, now: float) -> None:
        every = _PERSON_EVERY if chat_id > 0 else _GROUP_EVERY
        self._next_at = max(self._next_at, now - self._gap * _LATE) + self._gap
        self._free_at[chat_id] = max(self._free_at.get(chat_id, now), now) + every
        if len(self._free_at) > _TIDY_ABOVE:
            self._free_at = {chat: at for chat, at in self._free_at.items() if at > now}

    async def _serve(self) -> None:
        while self._ready or self._later:
            self._asked.clear()
            now = self._clock()
            while self._later and self._later[0][0] <= now:
                heapq.heappush(self._ready, heapq.heappop(self._later)[1])
            if not self._ready:
                await self._rest(self._later[0][0] - now)
            elif self._next_at > now:
                await self._sleep(self._next_at - now)
            else:
                self._serve_one(heapq.heappop(self._ready), now)

    def _serve_one(self, asked: _Asked, now: float) -> None:
        _, _, chat_id, spare, waiting = asked
        if waiting.done():
            return  # the asker was cancelled: nobody's moment is spent on it
        chat_at = self._chat_at(chat_id, spare)
        if chat_at > now:
            heapq.heappush(self._later, (chat_at, asked))
            return
        self._take(chat_id, now)
        waiting.set_result(None)

    async def _rest(self, seconds: float) -> None:
        """Until then, or until somebody asks whose chat may be free."""
        resting = asyncio.ensure_future(self._sleep(seconds))
        asked = asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait({resting, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            resting.cancel()
            asked.cancel()
