"""A message of ours becomes calls of Telegram's; what Telegram answers becomes an outcome."""

import asyncio
from collections.abc import Sequence
from html import escape

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
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

_SURELY_FITS = 2000
"""Characters: so few are one message, however they are counted."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


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


async def send(bot: Bot, folder: EvidenceFolder, message: Message) -> int | None:
    """Sends it; Telegram's id of the (last) message, which carries the buttons. Raises DeliveryError."""
    try:
        return await _send(bot, folder, message)
    except RetryAfter as error:
        wait = error.retry_after
        seconds = wait.total_seconds() if hasattr(wait, "total_seconds") else float(wait)
        raise DeliveryError("too many requests", permanent=False, retry_after=seconds) from error
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


async def _send(bot: Bot, folder: EvidenceFolder, message: Message) -> int | None:
    chat, html = message.telegram_id, str(message.body["html"])
    commands = message.body.get("commands")
    if isinstance(commands, list):
        menu = [BotCommand(name, words) for name, words in commands]
        await bot.set_my_commands(menu, scope=BotCommandScopeChat(chat))
        return None
    if not message.body.keys() & {"edits", "pictures"} and 0 < len(html) <= _SURELY_FITS:
        return await _say(bot, chat, html, message.body.get("rows"))
    rows = keyboard(message.body.get("rows"))
    edits = message.body.get("edits")
    if isinstance(edits, int):
        await bot.edit_message_text(
            html, chat, edits, parse_mode=ParseMode.HTML, reply_markup=rows, link_preview_options=_NO_PREVIEW
        )
        return None
    pictures = message.body.get("pictures")
    if isinstance(pictures, list) and pictures:
        fits = visible_length(html) <= CAPTION_LIMIT
        if len(pictures) == 1:
            sha, file_id, named = pictures[0]
            sent = await bot.send_photo(
                chat,
                await _picture(folder, sha, file_id),
                caption=(html or escape(named, quote=False) or None) if fits else None,
                parse_mode=ParseMode.HTML,
                reply_markup=rows if fits else None,
            )
            if fits:
                return sent.message_id
        else:
            await _album(bot, folder, chat, pictures)
    last = None
    parts = split_html(html) if html else ()
    for part in parts:
        sent = await bot.send_message(
            chat,
            part,
            parse_mode=ParseMode.HTML,
            reply_markup=rows if part is parts[-1] else None,
            link_preview_options=_NO_PREVIEW,
        )
        last = sent.message_id
    return last


async def _say(bot: Bot, chat: int, html: str, rows: object) -> int:
    """What nearly every message is: one text, and buttons."""
    values = {"chat_id": chat, "text": html, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    return int((await call(bot, "sendMessage", {**values, **plain_keyboard(rows)}))["message_id"])


async def _album(bot: Bot, folder: EvidenceFolder, chat: int, pictures: Sequence[Sequence[str]]) -> None:
    for start in range(0, len(pictures), 10):
        some = pictures[start : start + 10]
        media = [
            InputMediaPhoto(await _picture(folder, sha, file_id), caption=named or None) for sha, file_id, named in some
        ]
        if len(media) == 1:
            await bot.send_photo(chat, media[0].media, caption=media[0].caption)
        else:
            await bot.send_media_group(chat, media)


async def _picture(folder: EvidenceFolder, sha: str, file_id: str) -> str | bytes:
    """Telegram's own id where there is one; else the screen copy."""
    if file_id:
        return file_id
    view = await asyncio.to_thread(folder.view, sha)
    return view if view is not None else await asyncio.to_thread(folder.open, sha)
