"""The stand-in as one thing to start: Bot API and page on 127.0.0.1, and a person's hands for tests.

Owns the page's routes and its live stream; what is true lives in the exchange.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import orjson
from aiohttp import web

from claimbot.demo.bot_api import BotApi, Handler, How
from claimbot.demo.clock import MovableClock
from claimbot.demo.exchange import Exchange, Json
from claimbot.demo.photos import PhotoError
from claimbot.demo.samples import SLOTS, draw_sample

PAGE = Path(__file__).parent / "page"
SHOWN = 300  # messages a phone on the page holds
SAMPLE_VIN = "LSVNV2182E2100001"
SAMPLE_KM = 38_450
UPLOAD_LIMIT = 60 * 1024 * 1024  # above the 50 MB a bot may send
SCRIPT_TIMEOUT = 1800.0
LOCAL = {"127.0.0.1", "localhost"}


@dataclass(frozen=True, slots=True)
class Phone:
    """A person of the demo and the part they play."""

    user_id: int
    first_name: str
    last_name: str | None
    username: str | None
    language: str
    role: str


@dataclass(frozen=True, slots=True)
class Example:
    """What a person might answer next. A photo's value is a slot, or `slot?vin=...&km=...`."""

    kind: Literal["text", "tap", "photo"]
    value: str


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
        self._clock = clock
        self._zone = zone
        self._example = example
        self._on_skip = on_skip
        self._samples = 0
        self._runner: web.AppRunner | None = None
        self._streams: set[Stream] = set()
        self._exchange = Exchange(clock, bot_username, folder)
        self._api = BotApi(self._exchange, token, limits=limits)
        self._exchange.changed.append(self._tell)
        for phone in phones:
            self.add_phone(phone)

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1 and tell the port."""
        app = web.Application(client_max_size=UPLOAD_LIMIT, middlewares=[_only_from_here])
        app.add_routes(self._api.routes())
        app.add_routes(
            [
                web.get("/", _page_file("index.html")),
                web.get("/page/page.css", _page_file("page.css")),
                web.get("/page/page.js", _page_file("page.js")),
                web.get("/page/events", self._events),
                web.get("/page/file/{file_id}", self._show_file),
                web.post("/page/upload", self._upload),
                web.post("/page/example", self._answer_with_example),
                web.post("/page/{deed}", self._deed),
                web.post("/control/script", self._script),
            ],
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self._runner = runner
        return int(runner.addresses[0][1])

    async def stop(self) -> None:
        self._api.close()
        for stream in self._streams:
            stream.end()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- a person's hands

    def add_phone(self, phone: Phone) -> None:
        self._exchange.add_person(
            {
                "id": phone.user_id,
                "first_name": phone.first_name,
                "last_name": phone.last_name,
                "username": phone.username,
                "language_code": phone.language,
                "role": phone.role,
            },
        )

    def say(self, user_id: int, text: str) -> int:
        return self._exchange.say(user_id, text)

    def tap(self, user_id: int, message_id: int, data: str) -> str:
        """Tap a button and tell the callback's id."""
        return self._exchange.tap(user_id, message_id, data)

    def send_photo(self, user_id: int, content: bytes, caption: str | None = None) -> int:
        return self._exchange.send_photos(user_id, [content], caption, album=False)[0]

    def send_album(self, user_id: int, contents: list[bytes], caption: str | None = None) -> list[int]:
        return self._exchange.send_photos(user_id, contents, caption, album=True)

    def send_file(self, user_id: int, name: str, content: bytes, mime: str) -> int:
        return self._exchange.send_file(user_id, name, content, mime)

    def send_other(self, user_id: int, what: str) -> int:
        return self._exchange.send_other(user_id, what)

    def edit(self, user_id: int, message_id: int, text: str) -> None:
        self._exchange.edit(user_id, message_id, text)

    def block(self, user_id: int) -> None:
        self._exchange.block(user_id)

    def unblock(self, user_id: int) -> None:
        self._exchange.unblock(user_id)

    def messages(self, user_id: int) -> list[Json]:
        return self._exchange.messages(user_id)

    @property
    def answers(self) -> list[Json]:
        return self._exchange.answers

    @property
    def calls(self) -> list[tuple[str, Json]]:
        """What the bot asked for, in order; getUpdates is left out."""
        return self._api.calls

    def fail_next(self, method: str, how: How, times: int = 1) -> None:
        self._api.fail_next(method, how, times)

    # --- the page's live stream

    def _tell(self, user_id: int, what: str) -> None:
        for stream in self._streams:
            stream.add(user_id, what)

    def _phone_state(self, user_id: int) -> Json:
        return {
            "person": self._exchange.person(user_id),
            "messages": self._exchange.messages(user_id)[-SHOWN:],
            "commands": self._exchange.commands_for(user_id),
        }

    def _clock_state(self) -> Json:
        now = self._clock.now()
        return {"now": now.timestamp() * 1000, "offset": self._clock.offset.total_seconds(), "zone": self._zone}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        await response.prepare(request)
        stream = Stream()
        self._streams.add(stream)
        try:
            everything = {
                "bot": self._exchange.bot["username"],
                "samples": SLOTS,
                "example": self._example is not None,
                "clock": self._clock_state(),
                "phones": [self._phone_state(user_id) for user_id in self._exchange.people],
            }
            await response.write(_event("all", everything))
            while not stream.ended:
                await self._pass_on(stream, response)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._streams.discard(stream)
        return response

    async def _pass_on(self, stream: "Stream", response: web.StreamResponse) -> None:
        for user_id, what in await stream.wait():
            if what == "typing":
                await response.write(_event("typing", {"user_id": user_id}))
            elif what == "clock":
                await response.write(_event("clock", self._clock_state()))
            elif what == "answer":
                await response.write(_event("answer", self._exchange.answers[-1]))
            elif user_id:
                await response.write(_event("phone", self._phone_state(user_id)))
            elif what == "change":
                for known in self._exchange.people:
                    await response.write(_event("phone", self._phone_state(known)))
        await response.write(b": alive\n\n")

    async def _show_file(self, request: web.Request) -> web.StreamResponse:
        file = self._exchange.files.get(request.match_info["file_id"])
        content = self._exchange.content(file["path"]) if file else None
        if file is None or content is None:
            raise web.HTTPNotFound
        # Only photos Telegram made itself are shown in place; a person's file is handed over as a file.
        shown = file["path"].startswith("photos/")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
        if not shown:
            headers["Content-Disposition"] = "attachment"
        kind = "image/jpeg" if shown else "application/octet-stream"
        return web.Response(body=content, content_type=kind, headers=headers)

    # --- what the page can do

    async def _deed(self, request: web.Request) -> web.StreamResponse:
        deed = request.match_info["deed"]
        try:
            asked = orjson.loads(await request.read() or b"{}")
            if deed.startswith("skip-"):
                return self._skip(deed)
            if deed == "phone":
                return _json({"user_id": self._new_phone(asked)})
            return self._personal_deed(deed, int(asked["user_id"]), asked)
        except (KeyError, ValueError, TypeError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error

    def _personal_deed(self, deed: str, user_id: int, asked: Json) -> web.StreamResponse:
        match deed:
            case "say":
                if str(asked["text"]).strip():
                    self.say(user_id, str(asked["text"])[:4096])
            case "tap":
                return _json({"callback_query_id": self.tap(user_id, int(asked["message_id"]), str(asked["data"]))})
            case "edit":
                self.edit(user_id, int(asked["message_id"]), str(asked["text"]))
            case "block":
                self.block(user_id)
            case "unblock":
                self.unblock(user_id)
            case "other":
                self.send_other(user_id, str(asked["what"]))
            case "sample":
                self._send_sample(user_id, str(asked["slot"]))
            case "language":
                language = "zh" if asked["language"] == "zh" else "en"
                self._exchange.person(user_id)["language_code"] = language
                self.say(user_id, f"/language {language}")
            case _:
                raise web.HTTPNotFound
        return _json({})

    def _new_phone(self, asked: Json) -> int:
        user_id = max([*self._exchange.people, 900_000_000]) + 1
        language = "zh" if asked.get("language") == "zh" else "en"
        name = str(asked.get("first_name") or "").strip()[:64] or ("新手机" if language == "zh" else "New phone")
        self.add_phone(Phone(user_id, name, None, None, language, ""))
        if asked.get("start") is not None:
            self.say(user_id, f"/start {asked['start']}".strip())
        return user_id

    def _skip(self, deed: str) -> web.StreamResponse:
        match deed:
            case "skip-hour":
                self._clock.skip(timedelta(hours=1))
            case "skip-morning":
                self._clock.skip_to_morning(self._zone)
            case "skip-week":
                self._clock.skip(timedelta(days=7))
            case _:
                raise web.HTTPNotFound
        self._tell(0, "clock")
        if self._on_skip is not None:
            self._on_skip()
        return _json(self._clock_state())

    def _send_sample(self, user_id: int, value: str) -> None:
        slot, _, query = value.partition("?")
        asked = parse_qs(query)
        self._samples += 1
        seed = self._samples + self._exchange.next_message * 1000
        vin, km = asked.get("vin", [SAMPLE_VIN])[0], int(asked.get("km", [str(SAMPLE_KM)])[0])
        self.send_photo(user_id, draw_sample(slot, vin=vin, km=km, seed=seed))

    async def _answer_with_example(self, request: web.Request) -> web.StreamResponse:
        user_id = int(orjson.loads(await request.read())["user_id"])
        example = await self._example(user_id) if self._example else None
        if example is None:
            return _json({"done": False})
        match example.kind:
            case "text":
                self.say(user_id, example.value)
            case "photo":
                self._send_sample(user_id, example.value)
            case "tap":
                for message in reversed(self.messages(user_id)):
                    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
                    if any(button.get("callback_data") == example.value for row in rows for button in row):
                        self.tap(user_id, message["message_id"], example.value)
                        return _json({"done": True})
                return _json({"done": False})
        return _json({"done": True})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        user_id, caption = int(str(form["user_id"])), str(form.get("caption", "")) or None
        files = [value for value in form.getall("file", []) if isinstance(value, web.FileField)]
        photos: list[bytes] = []
        for file in files:
            content = file.file.read()
            if form.get("as") == "photo":
                photos.append(content)
            else:
                self.send_file(user_id, Path(file.filename).name, content, file.content_type)
        try:
            for first in range(0, len(photos), 10):
                album = photos[first : first + 10]
                self._exchange.send_photos(user_id, album, caption if first == 0 else None, album=len(album) > 1)
        except PhotoError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return _json({})

    async def _script(self, request: web.Request) -> web.StreamResponse:
        """Let many people talk at once: each says the next text when the bot has written to them."""
        asked = orjson.loads(await request.read())
        script = Script(self, {int(key): [str(text) for text in texts] for key, texts in asked["users"].items()})
        for user_id in script.left:
            if user_id not in self._exchange.people:
                self.add_phone(Phone(user_id, f"User {user_id}", None, None, "en", ""))
        began = time.perf_counter()
        self._exchange.changed.append(script.heard)
        try:
            await asyncio.wait_for(script.play(), SCRIPT_TIMEOUT)
        except TimeoutError as error:
            raise web.HTTPGatewayTimeout(text=f"{len(script.left)} people still wait") from error
        finally:
            self._exchange.changed.remove(script.heard)
        return _json({"seconds": time.perf_counter() - began})


class Script:
    """People with their texts still to say; one who has said all and was answered is no longer in `left`."""

    def __init__(self, stand_in: StandIn, left: dict[int, list[str]]) -> None:
        self.left = left
        self._stand_in = stand_in
        self._done = asyncio.Event()

    async def play(self) -> None:
        for user_id in list(self.left):
            self._go_on(user_id)
        if self.left:
            await self._done.wait()

    def heard(self, user_id: int, what: str) -> None:
        if what == "bot message":
            # After the answer to the bot is on its way, not inside its call.
            asyncio.get_running_loop().call_soon(self._go_on, user_id)

    def _go_on(self, user_id: int) -> None:
        if self.left.get(user_id):
            self._stand_in.say(user_id, self.left[user_id].pop(0))
        elif self.left.pop(user_id, None) is not None and not self.left:
            self._done.set()


class Stream:
    """What one open page has not been told yet; many changes to one phone become one."""

    def __init__(self) -> None:
        self._news: dict[tuple[int, str], None] = {}
        self._awake = asyncio.Event()
        self.ended = False

    def add(self, user_id: int, what: str) -> None:
        if what == "confirmed":
            return
        if what == "answer":
            self._news[user_id, "change"] = None
        self._news[user_id, "change" if what == "bot message" else what] = None
        self._awake.set()

    def end(self) -> None:
        self.ended = True
        self._awake.set()

    async def wait(self) -> list[tuple[int, str]]:
        """What is new, or nothing after a while: the line must not fall asleep."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), 15)
        self._awake.clear()
        news = list(self._news)
        self._news.clear()
        return news


@web.middleware
async def _only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another site open in the same browser must not drive the phones."""
    origin = request.headers.get("Origin")
    if (urlsplit(f"//{request.host}").hostname not in LOCAL) or (origin and urlsplit(origin).netloc != request.host):
        raise web.HTTPForbidden
    return await handler(request)


def _page_file(name: str) -> Handler:
    async def show(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE / name, headers={"Cache-Control": "no-cache"})

    return show


def _json(value: Json) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def _event(name: str, value: Json) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(value) + b"\n\n"
