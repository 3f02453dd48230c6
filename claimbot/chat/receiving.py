"""The bot as the library has it, but one update that it cannot read stops nobody else's.

The library reads all that came in one go and raises for the whole; asked again it would get the same again, for ever,
and it logs what it could not read, which is what somebody wrote.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import structlog
from telegram import Update
from telegram._utils.defaultvalue import DEFAULT_NONE, DefaultValue
from telegram._utils.types import JSONDict, ODVInput
from telegram.ext import ExtBot
from typing_extensions import override

from claimbot.chat.request import READ_FOR

log = structlog.get_logger("claimbot.chat")


class ReadingBot(ExtBot[None]):
    """What cannot be read comes as an update that holds nothing but its number: it is confirmed like any other."""

    __slots__ = ()

    @override
    async def get_updates(
        self,
        offset: int | None = None,
        limit: int | None = None,
        timeout: int | dt.timedelta | None = None,
        allowed_updates: Sequence[str] | None = None,
        *,
        read_timeout: ODVInput[float] = DEFAULT_NONE,
        write_timeout: ODVInput[float] = DEFAULT_NONE,
        connect_timeout: ODVInput[float] = DEFAULT_NONE,
        pool_timeout: ODVInput[float] = DEFAULT_NONE,
        api_kwargs: JSONDict | None = None,
    ) -> tuple[Update, ...]:
        seconds = timeout.total_seconds() if isinstance(timeout, dt.timedelta) else timeout or 0
        read_for = READ_FOR if isinstance(read_timeout, DefaultValue) else read_timeout
        asked = {"offset": offset, "limit": limit, "timeout": timeout, "allowed_updates": allowed_updates}
        given: Any = await self._post(
            "getUpdates",
            asked,
            read_timeout=None if read_for is None else read_for + seconds,
            write_timeout=write_timeout,
            connect_timeout=connect_timeout,
            pool_timeout=pool_timeout,
            api_kwargs=api_kwargs,
        )
        return tuple(self._read(each) for each in given)

    def _read(self, given: JSONDict) -> Update:
        try:
            return Update.de_json(given, self)
        except Exception as error:  # noqa: BLE001  whatever it holds that the library does not know
            log.error("update.unreadable", update=given["update_id"], error=type(error).__name__)  # noqa: TRY400  private
            return Update(int(given["update_id"]))
