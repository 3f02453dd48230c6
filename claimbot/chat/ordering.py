"""One person's updates in the order in which they came; different people's at once."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from telegram.ext import BaseUpdateProcessor
from typing_extensions import override

from claimbot.chat.arriving import person_of


class PerPerson(BaseUpdateProcessor):
    """A lock for each person who has something under way; gone when nothing is."""

    __slots__ = ("_locks", "_waiting")

    def __init__(self, most_at_once: int) -> None:
        super().__init__(most_at_once)
        self._locks: dict[int, asyncio.Lock] = {}
        self._waiting: dict[int, int] = {}

    @override
    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        who = _person(update)
        lock = self._locks.setdefault(who, asyncio.Lock())
        self._waiting[who] = self._waiting.get(who, 0) + 1
        begun = False
        try:
            async with lock:
                begun = True
                await coroutine
        finally:
            if not begun and isinstance(coroutine, Coroutine):
                coroutine.close()  # cancelled while still waiting for its turn
            self._waiting[who] -= 1
            if not self._waiting[who]:
                del self._waiting[who], self._locks[who]

    @override
    async def initialize(self) -> None:
        """Nothing to open."""

    @override
    async def shutdown(self) -> None:
        """Nothing to close."""


def _person(update: object) -> int:
    """Of whom nobody is known: a number that is nobody's."""
    user = person_of(update) if isinstance(update, Mapping) else None
    return 0 if user is None else int(user["id"])
