"""The stand-in as one thing to start: Bot API, page and controls on 127.0.0.1, and a person's hands for tests.

Owns the address and who may call it. What is true lives in the exchange; the three doors are `bot_api`, `phones`
and `control`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from claimbot.demo.bot_api import BotApi, How
from claimbot.demo.clock import MovableClock
from claimbot.demo.control import Control
from claimbot.demo.exchange import Exchange, Json
from claimbot.demo.phones import Example, Phone, PhonesPage, add_phone

__all__ = ["Example", "Phone", "StandIn"]

BODY_LIMIT = 60 * 1024 * 1024  # above the 50 MB a bot may send, so that the refusal is Telegram's own
LOCAL = {"127.0.0.1", "localhost"}


class StandIn:
    """A whole Telegram for one bot on one machine."""

    def __init__(  # noqa: PLR0913 each is a separate choice of the one who starts it
        self,
        *,
        folder: Path | None,
        token: str,
        bot_username: str,
        clock: MovableClock,
        zone: str,
        phones: Sequence[Phone] = (),
        example: Callable[[int], Awaitable[Example | None]] | None = None,
        on_skip: Callable[[], None] | None = None,
        limits: bool = True,
    ) -> None:
        self._exchange = Exchange(clock, bot_username, folder)
        self._api = BotApi(self._exchange, token, limits=limits)
        self._page = PhonesPage(self._exchange, zone=zone, example=example, on_skip=on_skip)
        self._control = Control(self._exchange, self._api)
        self._runner: web.ServerRunner | None = None
        for phone in phones:
            self.add_phone(phone)

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1 and tell the port."""
        self._api.open()
        server = web.Server(self._handle, request_factory=_request, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        self._runner = runner
        return int(runner.addresses[0][1])

    async def stop(self) -> None:
        self._api.close()
        self._page.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._exchange.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """No router: the Bot API is hammered by benchmarks, and three doors need none."""
        path = request.raw_path
        if not _is_from_here(request):
            raise web.HTTPForbidden
        if path.startswith("/bot"):
            return await self._api.handle(request)
        if path.startswith("/file/bot"):
            return await self._api.download(request)
        if path.startswith("/control/"):
            return await self._control.handle(request)
        return await self._page.handle(request)

    # --- a person's hands

    def add_phone(self, phone: Phone) -> None:
        add_phone(self._exchange, phone)

    def add_person(self, user_id: int, first_name: str, last_name: str | None, language_code: str | None) -> None:
        """Somebody with whatever name, and with no language where their app tells none."""
        person = {"id": user_id, "first_name": first_name, "last_name": last_name, "language_code": language_code}
        self._exchange.add_person({**person, "role": ""})

    def add_group(self, title: str, members: Sequence[int]) -> int:
        """A group of these people and the bot; its id."""
        return self._exchange.add_group(title, members)

    def migrate(self, group_id: int) -> int:
        """The group becomes a supergroup; the new id."""
        return self._exchange.migrate(group_id)

    def say(self, user_id: int, text: str, *, chat_id: int = 0, forwarded_from: str = "") -> int:
        """Write to the bot, or in a group when its id is given; the message's id."""
        return self._exchange.say(user_id, text, chat_id=chat_id, forwarded_from=forwarded_from)

    def tap(self, user_id: int, message_id: int, data: str) -> str:
        """Tap a button and tell the callback's id."""
        return self._exchange.tap(user_id, message_id, data)

    def send_photo(self, user_id: int, content: bytes, caption: str | None = None) -> int:
        return self._exchange.send_photos(user_id, [content], caption, album=False)[0]

    def send_album(
        self, user_id: int, contents: Sequence[bytes], caption: str | None = None, group: str = ""
    ) -> list[int]:
        """`group`: the album's number, for one that comes in pieces."""
        return self._exchange.send_photos(user_id, contents, caption, album=True, group=group)

    def send_file(self, user_id: int, name: str, content: bytes, mime: str, caption: str | None = None) -> int:
        return self._exchange.send_file(user_id, name, content, mime, caption)

    def send_location(self, user_id: int, latitude: float, longitude: float) -> int:
        return self._exchange.send_other(user_id, "location", {"latitude": latitude, "longitude": longitude})

    def move_location(self, user_id: int, message_id: int, latitude: float, longitude: float) -> None:
        """A live location moves, which Telegram tells as an edit."""
        self._exchange.move_location(user_id, message_id, {"latitude": latitude, "longitude": longitude})

    def send_other(self, user_id: int, what: str, given: Json | None = None) -> int:
        """A voice, sticker, video, animation, contact, location, venue, poll, dice or story."""
        return self._exchange.send_other(user_id, what, given)

    def edit(self, user_id: int, message_id: int, text: str) -> None:
        self._exchange.edit(user_id, message_id, text)

    def delete(self, user_id: int, message_id: int) -> None:
        """Somebody deletes a message in their chat with the bot."""
        self._exchange.delete(user_id, message_id)

    def block(self, user_id: int) -> None:
        self._exchange.block(user_id)

    def unblock(self, user_id: int) -> None:
        self._exchange.unblock(user_id)

    def deactivate(self, user_id: int) -> None:
        """The person deletes their account."""
        self._exchange.deactivate(user_id)

    def forget_files(self) -> None:
        """No file_id is known any more, as for a bot with another token."""
        self._exchange.forget_files()

    def commands_for(self, user_id: int) -> list[Json]:
        """The command menu as this phone shows it."""
        return self._exchange.commands_for(user_id)

    def messages(self, chat_id: int) -> list[Json]:
        """What the chat shows now, oldest first: as in the Bot API, with `from_bot`, and a caption as `text` too."""
        return self._exchange.messages(chat_id)

    @property
    def answers(self) -> list[Json]:
        """What the bot answered to taps, in order."""
        return self._exchange.answers

    @property
    def calls(self) -> list[tuple[str, Json]]:
        """What the bot asked for, in order; getUpdates is left out."""
        return self._api.calls

    @property
    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        return len(self._exchange.updates)

    @property
    def is_polled(self) -> bool:
        """Whether a bot waits in getUpdates just now."""
        return self._api.is_polled

    def fail_next(self, method: str, how: How, times: int = 1) -> None:
        self._api.fail_next(method, how, times)


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT)


def _is_from_here(request: web.BaseRequest) -> bool:
    """Another site open in the same browser must not drive the phones, under any name it gives this machine."""
    headers = request.headers
    host = headers.get("Host", "")
    if urlsplit(f"//{host}").hostname not in LOCAL:
        return False
    origin = headers.get("Origin")
    if origin and urlsplit(origin).netloc != host:
        return False
    return headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
