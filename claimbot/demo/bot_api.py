"""The Bot API as a bot meets it: methods, their parameters in three encodings, and Telegram's refusals.

Owns the rate limits, the long poll and the failures a test asks for. What is true lives in the exchange.
"""

import asyncio
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote

import orjson
from aiohttp import web

from claimbot.demo.exchange import (
    PHOTO_LIMIT,
    ApiError,
    Exchange,
    Json,
    News,
    bad_request,
    caption_content,
    text_content,
)
from claimbot.demo.formatting import MarkupError, read_html, read_plain, units
from claimbot.demo.photos import PhotoError

TEXT_LIMIT = 4096  # Bot API, sendMessage: after entities parsing
CAPTION_LIMIT = 1024
ALBUM_LIMIT = 10
DATA_LIMIT = 64  # bytes of callback_data
BUTTON_LIMIT = 100
UPLOAD_LIMIT = 50 * 1024 * 1024  # Bot API, sendDocument
COMMAND_LIMIT = 100
POLL_LIMIT = 50  # seconds, as Telegram's own server cuts it
HUNG_FOR = 3600.0
BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
CALLS_KEPT = 50_000

How = Literal["502", "reset", "429", "lost answer", "hang"]


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
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        return "" if value is None else orjson.dumps(value).decode()

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


async def read_call(method: str, request: web.BaseRequest) -> Call:
    values: Json = {}
    uploads: dict[str, Upload] = {}
    _, _, query = request.raw_path.partition("?")
    if query:
        values.update(parse_qsl(query, keep_blank_values=True))
    if not request.body_exists:
        return Call(method, values, uploads)
    kind = request.headers.get("Content-Type", "")
    try:
        if kind.startswith("multipart/form-data"):
            await _read_form(request, values, uploads)
        elif kind.startswith("application/json"):
            _read_json(await request.read(), values)
        elif kind.startswith("application/x-www-form-urlencoded"):
            values.update(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large() from error
    return Call(method, values, uploads)


def _read_json(body: bytes, values: Json) -> None:
    if body:
        try:
            values.update(orjson.loads(body))
        except (orjson.JSONDecodeError, TypeError, ValueError) as error:
            raise bad_request("can't parse JSON object") from error


async def _read_form(request: web.BaseRequest, values: Json, uploads: dict[str, Upload]) -> None:
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            content = value.file.read()
            if len(content) > UPLOAD_LIMIT:
                raise too_large()
            uploads[name] = Upload(value.filename, value.content_type, content)
        elif isinstance(value, bytes | bytearray):
            values[name] = bytes(value).decode()
        else:
            values[name] = value


def too_large() -> ApiError:
    return ApiError(413, "Request Entity Too Large")


def too_many(seconds: float) -> ApiError:
    after = max(1, math.ceil(seconds))
    return ApiError(429, f"Too Many Requests: retry after {after}", {"retry_after": after})


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
    tree = _markup_tree(call)
    rows = tree.get("inline_keyboard") if tree else None
    if not rows:
        return {}
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse reply keyboard markup: Field "inline_keyboard" must be of type Array')
    if sum(map(len, rows)) > BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"reply_markup": {"inline_keyboard": [row for row in rows if row]}}


def keyboard(call: Call) -> Json | None:
    """The reply keyboard to show, or the wish to remove it; None when nothing was said of it."""
    tree = _markup_tree(call)
    if not tree or not ("keyboard" in tree or tree.get("remove_keyboard")):
        return None
    rows = []
    for row in tree.get("keyboard") or []:
        buttons = [{"text": button} if isinstance(button, str) else button for button in row]
        if any(not isinstance(button, dict) or not button.get("text") for button in buttons):
            raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
        rows.append(buttons)
    if sum(map(len, rows)) > 3 * BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    return {**tree, "keyboard": rows} if "keyboard" in tree else tree


def _markup_tree(call: Call) -> Json | None:
    if "reply_markup" not in call.values:
        return None
    tree = call.tree("reply_markup")
    if tree is None:
        return None
    if not isinstance(tree, dict):
        raise bad_request("object expected as reply markup")
    return tree


def _check_button(button: object) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not str(button.get("text", "")):
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not set(button) - {"text", "style", "icon_custom_emoji_id"}:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 0 < len(str(button["callback_data"]).encode()) <= DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not re.match(r"(https?|tg)://", str(button["url"])):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


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
    given = call.rows("entities") if "entities" in call.values else []
    text, entities = words(call.text("text"), call.text("parse_mode"), given)
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
    """The bot's door. One bot, one token; `calls` holds the newest of all that was asked except getUpdates."""

    def __init__(self, exchange: Exchange, token: str, *, limits: bool) -> None:
        self._exchange = exchange
        self._token = token
        self._limits = limits
        self._all = Bucket(30, 30)
        self._chats: dict[int, Bucket] = {}
        self._poller: asyncio.Future[str] | None = None
        self._failures: list[tuple[str, How]] = []
        self._closed = asyncio.Event()
        self.calls: list[tuple[str, Json]] = []
        exchange.watchers.append(self._news)
        named: dict[str, Callable[[Call], object]] = {
            "getMe": self._get_me,
            "logOut": self._accept,
            "close": self._accept,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook,
            "getChat": self._get_chat,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendMediaGroup": self._send_media_group,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageMedia": self._edit_media,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete_message,
            "answerCallbackQuery": self._answer,
            "getFile": self._get_file,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "deleteMyCommands": self._delete_commands,
            "setMyName": self._accept,
            "setMyDescription": self._accept,
            "setMyShortDescription": self._accept,
            "setChatMenuButton": self._accept,
            "setMyDefaultAdministratorRights": self._accept,
        }
        # Telegram reads method names without regard to case.
        self._methods = {name.lower(): (name, ask) for name, ask in named.items()}

    @property
    def is_polled(self) -> bool:
        return self._poller is not None

    def fail_next(self, method: str, how: How, times: int = 1) -> None:
        """Let the next calls of `method` ("*" for any, "file" for a download) fail.

        "lost answer" does the work and cuts the line.
        """
        self._failures += [(method, how)] * times

    def open(self) -> None:
        self._closed.clear()

    def close(self) -> None:
        """Let the waiting poller and whoever hangs go."""
        self._closed.set()
        self._end_poll("closed")

    # --- the wire

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """`/bot<token>/<method>`."""
        path = request.raw_path.partition("?")[0]
        token, _, method = unquote(path[4:]).partition("/")
        if token != self._token:
            return _refuse(ApiError(401, "Unauthorized"))
        try:
            return await self._serve(request, method.lower())
        except PhotoError as error:
            return _refuse(bad_request(str(error)))
        except ApiError as error:
            return _refuse(error)

    async def _serve(self, request: web.BaseRequest, asked: str) -> web.StreamResponse:
        if asked == "getupdates":
            how = self._take_failure("getUpdates")
            if how is not None:
                return await self._broken(request, how)
            return _answer(await self._get_updates(await read_call("getUpdates", request)))
        if asked not in self._methods:
            raise ApiError(404, "Not Found")
        name, ask = self._methods[asked]
        call = await read_call(name, request)
        self._note(call)
        how = self._take_failure(name) if self._failures else None
        if how not in (None, "lost answer"):
            return await self._broken(request, how)
        result = ask(call)
        return await self._broken(request, how) if how else _answer(orjson.dumps(result))

    def _note(self, call: Call) -> None:
        names = {key: file.name for key, file in call.uploads.items()}
        self.calls.append((call.method, {**call.values, **names} if names else call.values))
        if len(self.calls) > CALLS_KEPT:
            del self.calls[: CALLS_KEPT // 2]

    def _take_failure(self, method: str) -> How | None:
        for number, (wanted, how) in enumerate(self._failures):
            if wanted in {method, "*"}:
                del self._failures[number]
                return how
        return None

    async def _broken(self, request: web.BaseRequest, how: How | None) -> web.StreamResponse:
        match how:
            case "502":
                page = (
                    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>"
                )
                return web.Response(status=502, text=page, content_type="text/html")
            case "429":
                return _refuse(too_many(1))
            case "hang":
                closed = asyncio.ensure_future(self._closed.wait())
                await asyncio.wait({closed}, timeout=HUNG_FOR)
                closed.cancel()
            case _:
                pass
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def download(self, request: web.BaseRequest) -> web.StreamResponse:
        """`/file/bot<token>/<path>`."""
        token, _, path = unquote(request.raw_path.partition("?")[0].removeprefix("/file/bot")).partition("/")
        how = self._take_failure("file") if self._failures else None
        if how is not None:
            return await self._broken(request, how)
        content = self._exchange.content(path)
        if token != self._token or content is None:
            return _refuse(ApiError(404, "Not Found"))
        return web.Response(body=content, content_type="application/octet-stream")

    # --- the long poll

    def _news(self, _chat_id: int, _news: News) -> None:
        if self._poller is not None and self._exchange.updates:
            self._end_poll("news")

    def _end_poll(self, why: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(why)

    async def _get_updates(self, call: Call) -> bytes:
        if self._exchange.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._end_poll("conflict")
        allowed = call.tree("allowed_updates")
        if isinstance(allowed, list):
            self._exchange.set_up(allowed=[str(kind) for kind in allowed])
        offset, limit = call.number("offset"), max(1, min(call.number("limit") or 100, 100))
        found = self._exchange.take_updates(offset, limit)
        seconds = min(call.number("timeout") or 0, POLL_LIMIT)
        if found or seconds <= 0:
            return found or b"[]"
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poller = waiting
        try:
            why = await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return b"[]"
        finally:
            if self._poller is waiting:
                self._poller = None
        if why == "conflict":
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        return self._exchange.take_updates(offset, limit) or b"[]"

    # --- who and where

    def _get_me(self, _call: Call) -> Json:
        return {
            **self._exchange.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _accept(self, _call: Call) -> bool:
        return True

    def _set_webhook(self, call: Call) -> bool:
        """The address is remembered, and getUpdates refused; nothing is delivered there."""
        url = call.text("url")
        if url and not url.startswith("https://"):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        self._exchange.set_up(webhook=url)
        return True

    def _delete_webhook(self, call: Call) -> bool:
        self._exchange.set_up(webhook="")
        if call.yes("drop_pending_updates"):
            self._exchange.forget_updates()
        return True

    def _webhook(self, _call: Call) -> Json:
        waiting = len(self._exchange.updates)
        return {"url": self._exchange.webhook, "has_custom_certificate": False, "pending_update_count": waiting}

    def _get_chat(self, call: Call) -> Json:
        chat_id = self._place(call)
        self._exchange.reach(chat_id)
        return {**self._exchange.chat(chat_id), "accent_color_id": 0, "max_reaction_count": 11} | {
            "accepted_gift_types": {
                "unlimited_gifts": False,
                "limited_gifts": False,
                "unique_gifts": False,
                "premium_subscription": False,
                "gifts_from_channels": False,
            }
        }

    def _place(self, call: Call) -> int:
        chat = call.text("chat_id")
        if not chat:
            raise bad_request("chat_id is empty")
        if not _CHAT_ID.fullmatch(chat):
            raise bad_request("chat not found")
        return int(chat)

    def _open(self, call: Call) -> int:
        """The chat, once it may be written to and the limits let one more pass."""
        chat_id = self._place(call)
        self._exchange.reach(chat_id)
        if self._limits:
            # Telegram's FAQ: about one a second in a chat, short bursts allowed; 20 a minute in a group; 30 in all.
            one = self._chats.get(chat_id)
            if one is None:
                one = self._chats[chat_id] = Bucket(1, 5) if chat_id > 0 else Bucket(20 / 60, 20)
            seconds = max(one.wait(), self._all.wait())
            if seconds > 0:
                raise too_many(seconds)
            one.left -= 1
            self._all.left -= 1
        return chat_id

    def _reply_to(self, call: Call, chat_id: int) -> int | None:
        if "reply_parameters" not in call.values and "reply_to_message_id" not in call.values:
            return None
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
        shown = keyboard(call)
        chat_id = self._open(call)
        return self._exchange.send(chat_id, [content], self._reply_to(call, chat_id), shown)[0]

    def _media(self, kind: str, given: object, call: Call) -> Json:
        """A photo or document from an upload, an attach:// name or a file_id seen before."""
        name = str(given or "").removeprefix("attach://")
        upload = call.uploads.get(name)
        if upload is not None:
            if not upload.content:
                raise bad_request("file must be non-empty")
            if kind == "photo":
                if len(upload.content) > PHOTO_LIMIT:
                    size = f"file of size {len(upload.content)} bytes"
                    raise bad_request(f"{size} is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes")
                return {"photo": self._exchange.keep_photo(upload.content)}
            return {"document": self._exchange.keep_document(upload.content, upload.name, upload.mime)}
        if not name:
            raise bad_request(f"there is no {kind} in the request")
        if name.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        known = self._exchange.sent_before(kind, name)
        if known is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return known

    def _send_one(self, call: Call, kind: str) -> Json:
        caption = message_caption(call.text("caption"), call.text("parse_mode"), call.rows("caption_entities"))
        buttons, shown = markup(call), keyboard(call)
        chat_id = self._open(call)
        media = self._media(kind, kind if kind in call.uploads else call.text(kind), call)
        return self._exchange.send(chat_id, [{**media, **caption, **buttons}], self._reply_to(call, chat_id), shown)[0]

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
        captions = [_item_caption(item) for item in items]
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
        self._exchange.tell(chat_id, "typing")
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

    def _edit_media(self, call: Call) -> Json:
        item = call.tree("media")
        if not isinstance(item, dict) or item.get("type") not in {"photo", "document"}:
            raise bad_request("can't parse InputMedia: type must be photo or document here")
        caption, buttons = _item_caption(item), markup(call)
        chat_id = self._open(call)
        content = {**self._media(str(item["type"]), item.get("media"), call), **caption, **buttons}
        return self._exchange.change(chat_id, self._message(call), content, what="media")

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
        if len(commands) > COMMAND_LIMIT:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 0 < len(str(command.get("description", "")).strip()) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._exchange.set_commands(scope_key(call), commands)
        return True

    def _get_commands(self, call: Call) -> list[Json]:
        return self._exchange.commands.get(scope_key(call), [])

    def _delete_commands(self, call: Call) -> bool:
        self._exchange.set_commands(scope_key(call), None)
        return True


def _item_caption(item: Json) -> Json:
    mode, entities = str(item.get("parse_mode") or ""), item.get("caption_entities") or []
    return message_caption(str(item.get("caption") or ""), mode, entities)


_CHAT_ID = re.compile(r"-?[0-9]{1,18}")
_JSON = {"Content-Type": "application/json"}


def _answer(result: bytes) -> web.Response:
    return web.Response(body=b'{"ok":true,"result":' + result + b"}", headers=_JSON)


def _refuse(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.words}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.Response(status=error.code, body=orjson.dumps(body), headers=_JSON)
