"""A message of ours becomes calls of Telegram's; what Telegram answers becomes an outcome.

A picture that cannot be shown never takes the words and buttons beside it with it: Telegram's own id of it may have
gone (another token), its shape may be one that Telegram shows only as a file, it may be a paper, or it may be lost.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from html import escape
from typing import Any, Final, TypeAlias

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from claimbot.chat.request import call
from claimbot.chat.wording import CAPTION_LIMIT, split_html, visible_length
from claimbot.errors import DeliveryError
from claimbot.evidence import EvidenceFolder
from claimbot.store.messages import Message

log = structlog.get_logger("claimbot.chat")

Picture: TypeAlias = tuple[str, str, str]
"""Its SHA-256, Telegram's own id where it came as a photo, and what it shows where that is said under it."""

_MOST_IN_AN_ALBUM: Final = 10  # Bot API, sendMediaGroup: 2-10 items
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_SURELY_FITS: Final = 2000
"""Characters: so few are one message, however they are counted."""


def plain_keyboard(rows: object) -> dict[str, object]:
    if not isinstance(rows, list) or not rows:
        return {}
    buttons = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    return {"reply_markup": {"inline_keyboard": buttons}}


def keyboard(rows: object) -> InlineKeyboardMarkup | None:
    if not isinstance(rows, list) or not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


def waiting_time(error: TelegramError) -> float:
    """The seconds that Telegram wants us to wait; 0 where it says nothing of it."""
    if not isinstance(error, RetryAfter):
        return 0.0
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)


async def send(bot: Bot, folder: EvidenceFolder, message: Message) -> int | None:
    """Sends it; Telegram's id of the (last) message, which carries the buttons. Raises DeliveryError."""
    try:
        return await _send(bot, folder, message)
    except RetryAfter as error:
        raise DeliveryError("too many requests", permanent=False, retry_after=waiting_time(error)) from error
    except Forbidden as error:
        raise DeliveryError("blocked", permanent=True) from error
    except BadRequest as error:
        if "not modified" in error.message.lower():
            return None
        gone = "chat not found" in error.message.lower()
        raise DeliveryError("blocked" if gone else error.message, permanent=True) from error
    except InvalidToken as error:
        raise DeliveryError("token refused", permanent=False) from error
    except TelegramError as error:
        raise DeliveryError(type(error).__name__, permanent=False) from error
    except OSError as error:
        raise DeliveryError("evidence lost", permanent=True) from error


async def _send(bot: Bot, folder: EvidenceFolder, message: Message) -> int | None:
    chat, html = message.telegram_id, str(message.body["html"])
    commands = message.body.get("commands")
    if isinstance(commands, list):
        menu = [{"command": name, "description": words} for name, words in commands]
        await call(bot, "setMyCommands", {"commands": menu, "scope": {"type": "chat", "chat_id": chat}})
        return None
    if not message.body.keys() & {"edits", "pictures", "file"} and 0 < len(html) <= _SURELY_FITS:
        return await _say(bot, chat, html, message.body.get("rows"))
    rows = keyboard(message.body.get("rows"))
    edits = message.body.get("edits")
    if isinstance(edits, int):
        # a long card went out in parts; the last one carries the buttons, and is the one that is known
        carries_buttons = split_html(html)[-1]
        await bot.edit_message_text(
            carries_buttons, chat, edits, parse_mode=ParseMode.HTML, reply_markup=rows, link_preview_options=_NO_PREVIEW
        )
        return None
    file = message.body.get("file")
    if isinstance(file, list):
        return await _file(bot, folder, chat, (str(file[0]), str(file[1])), html, rows)
    pictures = _pictures(message.body.get("pictures"))
    fits = len(pictures) == 1 and visible_length(html) <= CAPTION_LIMIT
    try:
        if fits:
            return await _one(bot, folder, chat, pictures[0], html, rows)
        await _album(bot, folder, chat, pictures)
    except (BadRequest, OSError) as error:
        log.warning("picture.not_shown", message=message.id, error=type(error).__name__)
        if not html:
            raise
    return await _text(bot, chat, html, rows)


async def _text(bot: Bot, chat: int, html: str, rows: InlineKeyboardMarkup | None) -> int | None:
    """Words in as many messages as they need; the last one carries the buttons."""
    last = None
    parts = split_html(html) if html else ()
    for place, part in enumerate(parts, start=1):
        sent = await bot.send_message(
            chat,
            part,
            parse_mode=ParseMode.HTML,
            reply_markup=rows if place == len(parts) else None,
            link_preview_options=_NO_PREVIEW,
        )
        last = sent.message_id
    return last


async def _file(
    bot: Bot, folder: EvidenceFolder, chat: int, file: tuple[str, str], html: str, rows: InlineKeyboardMarkup | None
) -> int | None:
    """A kept file under its name, with its words under it; words that are too long for that follow it."""
    sha, name = file
    data = await asyncio.to_thread(folder.open, sha)
    if visible_length(html) > CAPTION_LIMIT:
        await bot.send_document(chat, data, filename=name)
        return await _text(bot, chat, html, rows)
    words: dict[str, Any] = {"caption": html or None, "parse_mode": ParseMode.HTML, "reply_markup": rows}
    return (await bot.send_document(chat, data, filename=name, **words)).message_id


async def _say(bot: Bot, chat: int, html: str, rows: object) -> int:
    """What nearly every message is: one text, and buttons."""
    values = {"chat_id": chat, "text": html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    return int((await call(bot, "sendMessage", {**values, **plain_keyboard(rows)}))["message_id"])


def _pictures(given: object) -> tuple[Picture, ...]:
    return (
        tuple((str(sha), str(file_id), str(named)) for sha, file_id, named in given) if isinstance(given, list) else ()
    )


async def _one(
    bot: Bot, folder: EvidenceFolder, chat: int, picture: Picture, html: str, rows: InlineKeyboardMarkup | None
) -> int:
    """One picture with its words under it: by Telegram's id, else as a photo, else as a file. Raises the last no."""
    sha, file_id, named = picture
    words: dict[str, Any] = {
        "caption": html or escape(named, quote=False) or None,
        "parse_mode": ParseMode.HTML,
        "reply_markup": rows,
    }
    if file_id:
        with suppress(BadRequest):
            return (await bot.send_photo(chat, file_id, **words)).message_id
    view = await asyncio.to_thread(folder.view, sha)
    if view is not None:
        with suppress(BadRequest):
            return (await bot.send_photo(chat, view, **words)).message_id
    data = await asyncio.to_thread(folder.open, sha)
    name = "evidence.pdf" if view is None else "evidence.jpg"
    return (await bot.send_document(chat, data if view is None else view, filename=name, **words)).message_id


async def _album(bot: Bot, folder: EvidenceFolder, chat: int, pictures: Sequence[Picture]) -> None:
    """Photos together, as many as Telegram takes; papers, and what it refuses together, each for itself."""
    together: list[tuple[Picture, str | bytes]] = []
    for picture in pictures:
        sha, file_id, _ = picture
        media: str | bytes | None = file_id or await asyncio.to_thread(folder.view, sha)
        if media is None:
            await _one(bot, folder, chat, picture, "", None)
        else:
            together.append((picture, media))
    for start in range(0, len(together), _MOST_IN_AN_ALBUM):
        some = together[start : start + _MOST_IN_AN_ALBUM]
        with suppress(BadRequest):
            if len(some) > 1:
                media_group = [InputMediaPhoto(media, caption=picture[2] or None) for picture, media in some]
                await bot.send_media_group(chat, media_group)
                continue
        for picture, _ in some:
            await _one(bot, folder, chat, picture, "", None)
