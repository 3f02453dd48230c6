"""The page that is the phones: its files, its live stream, and what a person does on it.

Owns the routes under `/` and `/page/`; whoever asks was already found to be on this machine. What is true lives in
the exchange.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import parse_qs, unquote

import orjson
from aiohttp import web

from claimbot.demo.exchange import Exchange, Json, News
from claimbot.demo.photos import PhotoError
from claimbot.demo.samples import SLOTS, draw_sample

PAGE = Path(__file__).parent / "page"
PAGE_FILES = {"/": "index.html", "/page/page.css": "page.css", "/page/page.js": "page.js"}
SHOWN = 300  # messages a phone on the page holds
NEW_NUMBERS = 900_000_000  # people added on the page come after this one
SAMPLE_VIN = "LSVNV2187E2100001"
SAMPLE_KM = 38_450
ANSWERED_WITHIN = 3.0  # seconds; what an example waits for the bot
VIN_WRITTEN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])")
KM_WRITTEN = re.compile(r"\d{3,6}")
ALIVE_EVERY = 15.0  # seconds; a line that says nothing falls asleep
SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


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


def add_phone(exchange: Exchange, phone: Phone) -> None:
    exchange.add_person(
        {
            "id": phone.user_id,
            "first_name": phone.first_name,
            "last_name": phone.last_name,
            "username": phone.username,
            "language_code": phone.language,
            "role": phone.role,
        },
    )


class PhonesPage:
    """What the page shows and does."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        zone: str,
        example: Callable[[int], Awaitable[Example | None]] | None,
        on_skip: Callable[[], None] | None,
    ) -> None:
        self._exchange = exchange
        self._zone = zone
        self._example = example
        self._on_skip = on_skip
        self._samples = 0
        self._answering: dict[int, asyncio.Lock] = {}
        self._streams: set[Stream] = set()
        exchange.watchers.append(self._tell)

    def close(self) -> None:
        for stream in self._streams:
            stream.end()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = unquote(request.raw_path.partition("?")[0])
        if request.method == "GET":
            if path in PAGE_FILES:
                return web.FileResponse(PAGE / PAGE_FILES[path], headers=SAFE)
            if path == "/page/events":
                return await self._events(request)
            if path.startswith("/page/file/"):
                return self._show_file(path.removeprefix("/page/file/"))
        if request.method == "POST" and path.startswith("/page/"):
            return await self._do(path.removeprefix("/page/"), request)
        raise web.HTTPNotFound

    # --- the live stream

    def _tell(self, chat_id: int, news: News) -> None:
        for stream in self._streams:
            stream.add(chat_id, news, self._exchange.answers[-1] if news == "answer" else None)

    def _phone_state(self, user_id: int) -> Json:
        return {
            "person": self._exchange.person(user_id),
            "messages": self._exchange.messages(user_id, SHOWN),
            "unread": self._exchange.unread(user_id),
            "commands": self._exchange.commands_for(user_id),
        }

    def _clock_state(self) -> Json:
        clock = self._exchange.clock
        return {
            "now": clock.now().timestamp() * 1000,
            "offset": clock.offset.total_seconds(),
            "zone": self._zone,
        }

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
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
            pass  # the page was closed
        finally:
            self._streams.discard(stream)
        return response

    async def _pass_on(self, stream: "Stream", response: web.StreamResponse) -> None:
        heard = await stream.wait()
        changed = self._exchange.people if 0 in heard.changed else heard.changed
        for user_id in [one for one in changed if one in self._exchange.people]:
            await response.write(_event("phone", self._phone_state(user_id)))
        for answer in heard.answers:
            await response.write(_event("answer", answer))
        for user_id in heard.typing:
            await response.write(_event("typing", {"user_id": user_id}))
        if heard.clock:
            await response.write(_event("clock", self._clock_state()))
        await response.write(b": alive\n\n")

    def _show_file(self, file_id: str) -> web.StreamResponse:
        file = self._exchange.files.get(file_id)
        content = self._exchange.content(file["path"]) if file else None
        if file is None or content is None:
            raise web.HTTPNotFound
        # Only photos that were drawn anew are shown in place; a person's file is handed over as a file.
        shown = file["path"].startswith("photos/")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
        if not shown:
            headers["Content-Disposition"] = "attachment"
        kind = "image/jpeg" if shown else "application/octet-stream"
        return web.Response(body=content, content_type=kind, headers=headers)

    # --- what a person does

    async def _do(self, deed: str, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if deed == "upload":
                return await self._upload(request)
            asked = orjson.loads(await request.read() or b"{}")
            if deed.startswith("skip-"):
                return self._skip(deed)
            if deed == "phone":
                return _json({"user_id": self._new_phone(asked)})
            user_id = int(asked["user_id"])
            self._exchange.person(user_id)
            if deed == "example":
                return _json({"done": await self._answer_with_example(user_id)})
            return _json(self._personal(deed, user_id, asked))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error

    def _personal(self, deed: str, user_id: int, asked: Json) -> Json:
        exchange = self._exchange
        match deed:
            case "say":
                if str(asked["text"]).strip():
                    exchange.say(user_id, str(asked["text"])[:4096])
            case "tap":
                return {"callback_query_id": exchange.tap(user_id, int(asked["message_id"]), str(asked["data"]))}
            case "edit":
                exchange.edit(user_id, int(asked["message_id"]), str(asked["text"])[:4096])
            case "block":
                exchange.block(user_id)
            case "unblock":
                exchange.unblock(user_id)
                exchange.say(user_id, "/start")
            case "other":
                exchange.send_other(user_id, str(asked["what"]))
            case "sample":
                self._send_sample(user_id, str(asked["slot"]))
            case "language":
                language = "zh" if asked["language"] == "zh" else "en"
                exchange.speak(user_id, "zh-hans" if language == "zh" else "en")
                exchange.say(user_id, f"/language {language}")
            case _:
                raise web.HTTPNotFound
        return {}

    def _new_phone(self, asked: Json) -> int:
        user_id = max([*self._exchange.people, NEW_NUMBERS]) + 1
        language = "zh-hans" if asked.get("language") == "zh" else "en"
        name = str(asked.get("first_name") or "").strip()[:64] or ("新同事" if language != "en" else "New colleague")
        add_phone(self._exchange, Phone(user_id, name, None, None, language, "guest"))
        if asked.get("start") is not None:
            self._exchange.say(user_id, f"/start {asked['start']}".strip())
        return user_id

    def _skip(self, deed: str) -> web.StreamResponse:
        clock = self._exchange.clock
        match deed:
            case "skip-hour":
                clock.skip(timedelta(hours=1))
            case "skip-morning":
                clock.skip_to_morning(self._zone)
            case "skip-week":
                clock.skip(timedelta(days=7))
            case _:
                raise web.HTTPNotFound
        for stream in self._streams:
            stream.add_clock()
        if self._on_skip is not None:
            self._on_skip()
        return _json(self._clock_state())

    def _send_sample(self, user_id: int, value: str) -> None:
        slot, _, query = value.partition("?")
        asked = parse_qs(query)
        self._samples += 1
        seed = self._samples + int(self._exchange.clock.now().timestamp())
        vin, km = car_spoken_of(self._exchange.messages(user_id))
        vin, km = asked.get("vin", [vin])[0], int(asked.get("km", [str(km)])[0])
        picture = draw_sample(slot, vin=vin, km=km, seed=seed)
        self._exchange.send_photos(user_id, [picture], None, album=False)

    async def _answer_with_example(self, user_id: int) -> bool:
        """One at a time, and only when the bot has read what was sent before: its next question is then known."""
        async with self._answering.setdefault(user_id, asyncio.Lock()):
            await self._until(lambda: all(one.chat_id != user_id for one in self._exchange.updates.values()))
            example = await self._example(user_id) if self._example else None
            if example is None:
                return False
            match example.kind:
                case "text":
                    self._exchange.say(user_id, example.value)
                case "photo":
                    self._send_sample(user_id, example.value)
                case "tap":
                    await self._until(lambda: self._where(user_id, example.value) > 0)
                    message_id = self._where(user_id, example.value)
                    if not message_id:
                        return False
                    self._exchange.tap(user_id, message_id, example.value)
            return True

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Wait for the bot, but not for long: it may be away."""
        give_up = time.monotonic() + ANSWERED_WITHIN
        while not holds() and time.monotonic() < give_up:  # noqa: ASYNC110  what ends it is told by no single event
            await asyncio.sleep(0.05)

    def _where(self, user_id: int, data: str) -> int:
        """The newest message with a button of this data, else 0."""
        for message in reversed(self._exchange.chats[user_id].values()):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            if any(button.get("callback_data") == data for row in rows for button in row):
                return int(message["message_id"])
        return 0

    async def _upload(self, request: web.BaseRequest) -> web.StreamResponse:
        """`as`: photo (several become albums of ten), separate (photos one by one) or file."""
        form = await request.post()
        user_id, caption = int(str(form["user_id"])), str(form.get("caption", "")) or None
        self._exchange.person(user_id)
        photos: list[bytes] = []
        for file in [value for value in form.getall("file", []) if isinstance(value, web.FileField)]:
            content = file.file.read()
            if form.get("as") == "file":
                name = PurePosixPath(file.filename.replace("\\", "/")).name
                self._exchange.send_file(user_id, name, content, file.content_type, caption)
            else:
                photos.append(content)
        at_once = 1 if form.get("as") == "separate" else 10
        try:
            for first in range(0, len(photos), at_once):
                album = photos[first : first + at_once]
                self._exchange.send_photos(user_id, album, caption if first == 0 else None, album=len(album) > 1)
        except PhotoError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return _json({})


def car_spoken_of(messages: Sequence[Json]) -> tuple[str, int]:
    """VIN and kilometres as they were last written in a chat, so that a sample photo shows what was said."""
    vin, km = "", 0
    for message in reversed(messages):
        words = message["text"].strip()
        if not km and not message["from_bot"] and KM_WRITTEN.fullmatch(words):
            km = int(words)
        if found := VIN_WRITTEN.search(words):
            vin = found[0]
            break
    return vin or SAMPLE_VIN, km or SAMPLE_KM


@dataclass(slots=True)
class Heard:
    """What is new since one looked last; many changes to one phone are one."""

    changed: dict[int, None]
    typing: dict[int, None]
    answers: list[Json]
    clock: bool = False


class Stream:
    """What one open page has not been told yet."""

    def __init__(self) -> None:
        self._heard = Heard({}, {}, [])
        self._awake = asyncio.Event()
        self.ended = False

    def add(self, chat_id: int, news: News, answer: Json | None) -> None:
        match news:
            case "typing":
                self._heard.typing[chat_id] = None
            case "answer":
                if answer is not None:
                    self._heard.answers.append(answer)
            case "change" | "bot message" | "read":
                self._heard.changed[chat_id] = None
        self._awake.set()

    def add_clock(self) -> None:
        self._heard.clock = True
        self._awake.set()

    def end(self) -> None:
        self.ended = True
        self._awake.set()

    async def wait(self) -> Heard:
        """What is new, or nothing after a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), ALIVE_EVERY)
        self._awake.clear()
        heard, self._heard = self._heard, Heard({}, {}, [])
        return heard


def _json(value: Json) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def _event(name: str, value: Json) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(value) + b"\n\n"
