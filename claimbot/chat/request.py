"""The wire: HTTP to a Bot API server, on aiohttp: about three times the updates of the default on one core.

No address is ever logged or put into an error: it holds the token. aiohttp's own errors name the address, so none of
them is kept as a cause or a context of what is raised here.
"""

import asyncio
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.request import getproxies_environment

import aiohttp
import orjson
from telegram import Bot
from telegram._utils.defaultvalue import DEFAULT_NONE, DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from typing_extensions import override
from yarl import URL

READ_FOR: Final = 20.0
WRITE_FOR: Final = 20.0
CONNECT_FOR: Final = 10.0
MEDIA_FOR: Final = 120.0
_CONNECTIONS: Final = 256
_JSON: Final = {"Content-Type": "application/json"}


class Values(RequestData):  # type: ignore[misc]  # final only for those who do not carry it themselves
    """What a method of the Bot API is given, as plain JSON; the library's own way costs several times as much."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__()
        self.values = values


async def call(bot: Bot, method: str, values: Mapping[str, object], read_timeout: float = READ_FOR) -> Any:  # noqa: ANN401  JSON
    """What Telegram answers, as it came: for what is asked so often that the library's objects would cost too much.

    Raises what the library's own methods raise.
    """
    return await bot.request.post(f"{bot.base_url}/{method}", Values(values), read_timeout=read_timeout)


class AiohttpRequest(BaseRequest):
    """One pool of connections. Times are seconds."""

    __slots__ = ("_session",)

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    @override
    def read_timeout(self) -> float | None:
        return READ_FOR

    @override
    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=bool(getproxies_environment()),  # looking for a proxy costs something each time
            )

    @override
    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    @override
    def parse_json_payload(payload: bytes) -> Any:
        """Half a surrogate pair or a broken byte, which orjson refuses, must not stop all other updates."""
        try:
            return orjson.loads(payload)
        except orjson.JSONDecodeError:
            pass
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None

    @override
    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = DEFAULT_NONE,
        write_timeout: ODVInput[float] = DEFAULT_NONE,
        connect_timeout: ODVInput[float] = DEFAULT_NONE,
        pool_timeout: ODVInput[float] = DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Raises TimedOut and NetworkError, also for an error page that is not the Bot API's own (a proxy's)."""
        if self._session is None:
            raise NetworkError("the request was not initialised")
        data: aiohttp.FormData | bytes | None = None
        read_for, write_for = _seconds(read_timeout, READ_FOR), _seconds(write_timeout, WRITE_FOR)
        if request_data is not None and request_data.contains_files:
            data = _form(request_data)
            read_for, write_for = _at_least(read_for, MEDIA_FOR), _at_least(write_for, MEDIA_FOR)
        elif request_data is not None:
            data = _body(request_data)
        timeout = _timeout(_seconds(connect_timeout, CONNECT_FOR), write_for, read_for)
        failed: TelegramError
        try:
            async with self._session.request(
                method,
                _url(url),
                data=data,
                headers=_JSON if isinstance(data, bytes) else None,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                status, body = answer.status, await answer.read()
        except TimeoutError:
            failed = TimedOut()
        except (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
            failed = NetworkError(f"aiohttp.{type(error).__name__}")
        else:
            if 200 <= status < 300 or body.lstrip()[:1] == b"{":
                return status, body
            failed = NetworkError(f"answer {status}, and not from a Bot API server")
        raise failed


def _body(request_data: RequestData) -> bytes:
    try:
        return orjson.dumps(request_data.values if isinstance(request_data, Values) else request_data.parameters)
    except orjson.JSONEncodeError:
        raise BadRequest("this cannot be written as JSON") from None


def _seconds(given: ODVInput[float], otherwise: float) -> float | None:
    """None, as everywhere in python-telegram-bot: as long as it takes."""
    return otherwise if isinstance(given, DefaultValue) else given


def _at_least(given: float | None, least: float) -> float | None:
    return None if given is None else max(given, least)


@lru_cache(maxsize=64)
def _url(url: str) -> URL:
    return URL(url, encoded=True)


@lru_cache(maxsize=64)
def _timeout(connect_for: float | None, write_for: float | None, read_for: float | None) -> aiohttp.ClientTimeout:
    """There is no limit for writing alone in aiohttp: the sum of all keeps a stalled upload from lasting for ever."""
    total = None
    if connect_for is not None and write_for is not None and read_for is not None:
        total = connect_for + write_for + read_for
    return aiohttp.ClientTimeout(total=total, sock_connect=connect_for, sock_read=read_for)


def _form(request_data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # Telegram shows a file name as it came: percent signs and all
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime) in (request_data.multipart_data or {}).items():
        # As a stream it is written piece by piece; bytes in one go would hold up everybody else.
        body = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, body, filename=file_name, content_type=mime)
    return form
