"""An `Update` of Telegram's becomes an `Arrival` of ours; a photo or file is fetched, examined and kept before that."""

import asyncio
import datetime as dt
from dataclasses import asdict
from typing import Final

from telegram import Bot, Message, PhotoSize, Update
from telegram.constants import ChatMemberStatus, ChatType, FileSizeLimit
from telegram.error import BadRequest, TelegramError

from claimbot.assistant.house import Arrival, Barred, Command, Edited, Exhibit, Refused, Tap, What
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder, examine
from claimbot.flow.kinds.asking import Said, Sent, Showed

_OTHERS: Final = (
    "animation",
    "audio",
    "contact",
    "dice",
    "game",
    "location",
    "poll",
    "sticker",
    "venue",
    "video",
    "video_note",
    "voice",
)


async def arrival_of(update: Update, bot: Bot, folder: EvidenceFolder, now: dt.datetime) -> Arrival | None:
    """What came, and from whom; None for what concerns nobody (channel posts, groups, the service's own notes)."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or user.is_bot or (chat is not None and chat.type != ChatType.PRIVATE):
        return None
    what = await _what(update, bot, folder)
    if what is None:
        return None
    return Arrival(update.update_id, user.id, user.full_name, user.language_code, now, what)


async def _what(update: Update, bot: Bot, folder: EvidenceFolder) -> What | None:
    if update.my_chat_member is not None:
        return Barred(update.my_chat_member.new_chat_member.status in {ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})
    if update.callback_query is not None:
        message = update.callback_query.message
        return Tap(update.callback_query.data or "", None if message is None else message.message_id)
    if update.edited_message is not None:
        return Edited()
    return None if update.message is None else await _message(update.message, bot, folder)


async def _message(message: Message, bot: Bot, folder: EvidenceFolder) -> What | None:
    if message.text is not None:
        return _words(message.text)
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return await _evidence(message, bot, folder, largest)
    if message.document is not None and message.animation is None:
        return await _evidence(message, bot, folder, None)
    for what in _OTHERS:
        if getattr(message, what) is not None:
            return Sent(what)
    return None


def _words(text: str) -> What:
    """`/CANCEL@bot now` is the command cancel with "now"; anything else is what the person said."""
    head, _, rest = text.partition(" ")
    name = head[1:].partition("@")[0].lower()
    if head.startswith("/") and name and name.replace("_", "").isalnum():
        return Command(name, rest.strip())
    return Said(text)


async def _evidence(message: Message, bot: Bot, folder: EvidenceFolder, photo: PhotoSize | None) -> What:
    file = photo or message.document
    if file is None:
        return Sent("file")
    name = None if photo is not None or message.document is None else message.document.file_name
    said = "image/jpeg" if photo is not None or message.document is None else message.document.mime_type
    if file.file_size is not None and file.file_size > FileSizeLimit.FILESIZE_DOWNLOAD:
        return Refused("file_too_big", {"most": 20})
    try:
        data = bytes(await (await bot.get_file(file.file_id)).download_as_bytearray())
    except BadRequest as error:
        return (
            Refused("file_too_big", {"most": 20}) if "too big" in error.message.lower() else Refused("file_not_fetched")
        )
    except TelegramError:
        return Refused("file_not_fetched")
    try:
        examined = await asyncio.to_thread(examine, data, name=name, said_mime=said)
        await asyncio.to_thread(folder.keep, data, examined.sha256)
    except Refusal as refusal:
        return Refused(refusal.phrase, refusal.values)
    showed = Showed(examined.sha256, message.media_group_id is not None, message.caption or "")
    fields = asdict(examined)
    fields["blurred"] = int(examined.blurred)
    return Exhibit(showed, fields, file.file_id, name, photo is None)
