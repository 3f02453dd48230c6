"""The Bot API as a bot meets it: methods, their parameters in three encodings, and Telegram's refusals.

Owns the rate limits, the long poll and the failures a test asks for. What is true lives in the exchange.
"""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

import orjson
from aiohttp import web

from claimbot.demo.exchange import ApiError, Exchange, Json, bad_request, caption_content, text_content
from claimbot.demo.formatting import MarkupError, read_html, read_plain, units
from claimbot.demo.photos import PhotoError

TEXT_LIMIT = 4096  # Bot API, sendMessage: after entities parsing
CAPTION_LIMIT = 1024
ALBUM_LIMIT = 10
DATA_LIMIT = 64  # bytes of callback_data

How = Literal["502", "reset", "429", "lost answer"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came inside the request."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One method call: values as sent (text or JSON), and the files beside them."""

    method: str
    values: Json
    uploads: dict[str, Upload]

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def number(self, name: str) -> int | None:
        value = self.values.get(name)
        if value in (None, ""):
            return None
        try:
            return int(str(value))
        except ValueError as error:
            raise bad_request(f"invalid {name} specified") from error

    def yes(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in {"true", "1", "yes"}

    def tree(self, name: str) -> object:
        """A value that is itself JSON, whether sent as JSON or as its text."""
        value: object = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            parsed: object = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise bad_request(f"can't parse {name}: object expected") from error
        return parsed

    def rows(self, name: str) -> list[Json]:
        value = self.tree(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name}: expected an Array")
        return value


async def read_call(method: str, request: web.Request) -> Call:
    values: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        body = await request.read()
        if body:
            try:
                values |= orjson.loads(body)
            except (orjson.JSONDecodeError, TypeError) as error:
                raise bad_request("can't parse JSON object") from error
    elif request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            elif isinstance(value, bytes | bytearray):
                values[name] = bytes(value).decode()
            else:
                values[name] = value
    return Call(method, values, uploads)


@dataclass(slots=True)
class Bucket:
    """So many at once, then so many a second; in real seconds, whatever the demo's clock shows."""

    rate: float
    burst: float
    left: float = field(init=False)
    seen: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.burst
        self.seen = time.monotonic()

    def wait(self) -> float:
        """Seconds until one more may pass; nothing is taken."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.seen) * self.rate)
        self.seen = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.rate


def scope_key(call: Call) -> str:
    scope = call.tree("scope")
    kind = scope.get("type", "default") if isinstance(scope, dict) else "default"
    place = f"chat:{scope['chat_id']}" if isinstance(scope, dict) and kind == "chat" else kind
    return f"{place}|{call.text('language_code')}"


def markup(call: Call) -> Json:
    """The inline keyboard as a message holds it; other keyboards belong to no message."""
    tree = call.tree("reply_markup")
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise bad_request("object expected as reply markup")
    rows = tree.get("inline_keyboard")
    if not rows:
        return {}
    for button in (button for row in rows for button in row):
        if not str(button.get("text", "")):
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
        if not set(button) - {"text", "style", "icon_custom_emoji_id"}:
            raise bad_request(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            )
        if "callback_data" in button and not 0 < len(str(button["callback_data"]).encode()) <= DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
        if "url" in button and not re.match(r"(https?|tg)://", str(button["url"])):
            raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return {"reply_markup": {"inline_keyboard": [row for row in rows if row]}}


def words(source: str, parse_mode: str, entities: list[Json]) -> tuple[str, list[Json]]:
    match parse_mode.lower():
        case "":
            return read_plain(source, entities)
        case "html":
            try:
                return read_html(source)
            except MarkupError as error:
                raise bad_request(f"can't parse entities: {error}") from error
        case _:
            raise bad_request("unsupported parse_mode")


def message_text(call: Call) -> Json:
    text, entities = words(call.text("text"), call.text("parse_mode"), call.rows("entities"))
    if not text:
        raise bad_request("message text is empty")
    if units(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text_content(text, entities)


def message_caption(source: str, parse_mode: str, given: list[Json]) -> Json:
    text, entities = words(source, parse_mode, given)
    if units(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return caption_content(text, entities)


class BotApi:
    """The bot's door. One bot, one token; `calls` holds all that was asked except getUpdates."""

    def __init__(self, exchange: Exchange, token: str, *, limits: bool) -> None:
        self._exchange = exchange
        self._token = token
        self._limits = limits
        self._all = Bucket(30, 30)
        self._chats: dict[int, Bucket] = {}
        self._poller: asyncio.Future[str] | None = None
        self._failures: list[tuple[str, How]] = []
        self.calls: list[tuple[str, Json]] = []
        exchange.changed.append(self._news)
        named: dict[str, Callable[[Call], object]] = {
            "getMe": self._get_me,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendMediaGroup": self._send_media_group,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete_message,
            "answerCallbackQuery": self._answer,
            "getFile": self._get_file,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "deleteMyCommands": self._delete_commands,
        }
        # Telegram reads method names without regard to case.
        self._methods = {name.lower(): (name, ask) for name, ask in named.items()}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token}/{method}", self._handle),
            web.get("/file/bot{token}/{path:.+}", self._download),
        ]

    def fail_next(self, method: str, how: How, times: int = 1) -> None:
        """Let the next calls of `method` ("*" for any) fail; "lost answer" does the work and cuts the line."""
        self._failures += [(method, how)] * times

    def close(self) -> None:
        """Let the waiting poller go."""
        self._end_poll("closed")

    # --- the wire

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self._token:
            return _refuse(ApiError(401, "Unauthorized"))
        try:
            return await self._serve(request, request.match_info["method"].lower())
        except PhotoError as error:
            return _refuse(bad_request(str(error)))
        except ApiError as error:
            return _refuse(error)

    async def _serve(self, request: web.Request, asked: str) -> web.StreamResponse:
        if asked == "getupdates":
            how = self._take_failure("getUpdates")
            if how is not None:
                return self._broken(request, how)
            return _answer(await self._get_updates(await read_call("getUpdates", request)))
        if asked not in self._methods:
            raise ApiError(404, "Not Found")
        name, ask = self._methods[asked]
        call = await read_call(name, request)
        self.calls.append((name, {**call.values, **{key: file.name for key, file in call.uploads.items()}}))
        how = self._take_failure(name)
        if how not in (None, "lost answer"):
            return self._broken(request, how)
        result = ask(call)
        return self._broken(request, how) if how else _answer(result)

    def _take_failure(self, method: str) -> How | None:
        for number, (wanted, how) in enumerate(self._failures):
            if wanted in {method, "*"}:
                del self._failures[number]
                return how
        return None

    def _broken(self, request: web.Request, how: How | None) -> web.StreamResponse:
        match how:
            case "502":
                return web.Response(
                    status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html"
                )
            case "429":
                return _refuse(ApiError(429, "Too Many Requests: retry after 1", 1))
            case _:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=500)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        content = self._exchange.content(request.match_info["path"])
        if request.match_info["token"] != self._token or content is None:
            return _refuse(ApiError(404, "Not Found"))
        return web.Response(body=content, content_type="application/octet-stream")

    # --- the long poll

    def _news(self, _user_id: int, _what: str) -> None:
        if self._exchange.updates:
            self._end_poll("news")

    def _end_poll(self, why: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(why)

    async def _get_updates(self, call: Call) -> list[Json]:
        self._end_poll("conflict")
        allowed = call.tree("allowed_updates")
        if isinstance(allowed, list):
            self._exchange.allowed = [str(kind) for kind in allowed]
        offset, limit = call.number("offset"), call.number("limit") or 100
        found = self._exchange.take_updates(offset, limit)
        seconds = min(call.number("timeout") or 0, 50)
        if found or seconds <= 0:
            return found
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poller = waiting
        try:
            why = await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return []
        finally:
            if self._poller is waiting:
                self._poller = None
        if why == "conflict":
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        return self._exchange.take_updates(offset, limit)

    # --- who and where

    def _get_me(self, _call: Call) -> Json:
        return {
            **self._exchange.bot,
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _delete_webhook(self, call: Call) -> bool:
        if call.yes("drop_pending_updates"):
            self._exchange.updates.clear()
            self._exchange.keep()
        return True

    def _webhook(self, _call: Call) -> Json:
        return {"url": "", "has_custom_certificate": False, "pending_update_count": len(self._exchange.updates)}

    def _place(self, call: Call) -> int:
        chat = call.text("chat_id")
        if not chat:
            raise bad_request("chat_id is empty")
        if not chat.lstrip("-").isdigit():
            raise bad_request("chat not found")
        return int(chat)

    def _open(self, call: Call) -> int:
        """The chat, once it may be written to and the limits let one more pass."""
        chat_id = self._place(call)
        self._exchange.reach(chat_id)
        if self._limits:
            one = self._chats.setdefault(chat_id, Bucket(1, 5))
            seconds = max(one.wait(), self._all.wait())
            if seconds > 0:
                after = max(1, math.ceil(seconds))
                raise ApiError(429, f"Too Many Requests: retry after {after}", after)
            one.left -= 1
            self._all.left -= 1
        return chat_id

    def _reply_to(self, call: Call, chat_id: int) -> int | None:
        given = call.tree("reply_parameters")
        parameters = given if isinstance(given, dict) else {}
        number = parameters.get("message_id") or call.number("reply_to_message_id")
        if number is None or int(number) in self._exchange.chats[chat_id]:
            return None if number is None else int(number)
        if parameters.get("allow_sending_without_reply") or call.yes("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")

    # --- sending

    def _send_message(self, call: Call) -> Json:
        content = {**message_text(call), **markup(call)}
        chat_id = self._open(call)
        return self._exchange.send(chat_id, [content], self._reply_to(call, chat_id))[0]

    def _media(self, kind: str, given: object, call: Call) -> Json:
        """A photo or document from an upload, an attach:// name or a file_id seen before."""
        name = str(given or "").removeprefix("attach://")
        upload = call.uploads.get(name)
        if upload is not None:
            if not upload.content:
                raise bad_request("file must be non-empty")
            if kind == "photo":
                return {"photo": self._exchange.keep_photo(upload.content)}
            return {"document": self._exchange.keep_document(upload.content, upload.name, upload.mime)}
        if not name:
            raise bad_request(f"there is no {kind} in the request")
        for chat in self._exchange.chats.values():
            for message in chat.values():
                if kind == "photo" and any(size["file_id"] == name for size in message.get("photo", [])):
                    return {"photo": message["photo"]}
                if kind == "document" and message.get("document", {}).get("file_id") == name:
                    return {"document": message["document"]}
        raise bad_request("wrong remote file identifier specified: Wrong string length")

    def _send_one(self, call: Call, kind: str) -> Json:
        caption = message_caption(call.text("caption"), call.text("parse_mode"), call.rows("caption_entities"))
        buttons = markup(call)
        chat_id = self._open(call)
        media = self._media(kind, kind if kind in call.uploads else call.text(kind), call)
        return self._exchange.send(chat_id, [{**media, **caption, **buttons}], self._reply_to(call, chat_id))[0]

    def _send_photo(self, call: Call) -> Json:
        return self._send_one(call, "photo")

    def _send_document(self, call: Call) -> Json:
        return self._send_one(call, "document")

    def _send_media_group(self, call: Call) -> list[Json]:
        items = call.rows("media")
        if not items:
            raise bad_request("there are no messages to send")
        if len(items) > ALBUM_LIMIT:
            raise bad_request("too many messages to send as an album")
        kinds = {str(item.get("type")) for item in items}
        if not kinds <= {"photo", "document"}:
            raise bad_request("can't parse InputMedia: type must be photo or document here")
        if len(kinds) > 1:
            raise bad_request("document can't be mixed with other media types")
        captions = [
            message_caption(
                str(item.get("caption") or ""),
                str(item.get("parse_mode") or ""),
                item.get("caption_entities") or [],
            )
            for item in items
        ]
        chat_id = self._open(call)
        group = {"media_group_id": str(time.time_ns())}
        contents = [
            {**self._media(str(item["type"]), item.get("media"), call), **caption, **group}
            for item, caption in zip(items, captions, strict=True)
        ]
        return self._exchange.send(chat_id, contents, self._reply_to(call, chat_id))

    def _send_chat_action(self, call: Call) -> bool:
        chat_id = self._place(call)
        self._exchange.reach(chat_id)
        self._exchange.keep(chat_id, "typing")
        return True

    # --- changing

    def _message(self, call: Call) -> int:
        number = call.number("message_id")
        if number is None:
            raise bad_request("message identifier is not specified")
        return number

    def _edit_text(self, call: Call) -> Json:
        content = {**message_text(call), **markup(call)}
        return self._exchange.change(self._open(call), self._message(call), content, what="text")

    def _edit_caption(self, call: Call) -> Json:
        caption = message_caption(call.text("caption"), call.text("parse_mode"), call.rows("caption_entities"))
        content = {**caption, **markup(call)}
        return self._exchange.change(self._open(call), self._message(call), content, what="caption")

    def _edit_markup(self, call: Call) -> Json:
        return self._exchange.change(self._open(call), self._message(call), markup(call), what="markup")

    def _delete_message(self, call: Call) -> bool:
        self._exchange.delete(self._place(call), self._message(call))
        return True

    def _answer(self, call: Call) -> bool:
        text = call.text("text")
        if units(text) > 200:  # Bot API, answerCallbackQuery
            raise bad_request("MESSAGE_TOO_LONG")
        self._exchange.answer(call.text("callback_query_id"), text, alert=call.yes("show_alert"))
        return True

    def _get_file(self, call: Call) -> Json:
        return self._exchange.get_file(call.text("file_id"))

    # --- the menu

    def _set_commands(self, call: Call) -> bool:
        commands = call.rows("commands")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
                raise bad_request("BOT_COMMAND_INVALID")
            if not str(command.get("description", "")).strip():
                raise bad_request("command description is empty")
        self._exchange.commands[scope_key(call)] = commands
        self._exchange.keep()
        return True

    def _get_commands(self, call: Call) -> list[Json]:
        return self._exchange.commands.get(scope_key(call), [])

    def _delete_commands(self, call: Call) -> bool:
        self._exchange.commands.pop(scope_key(call), None)
        self._exchange.keep()
        return True


def _answer(result: object) -> web.Response:
    return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


def _refuse(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.words}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    return web.Response(status=error.code, body=orjson.dumps(body), content_type="application/json")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
