"""An `Update` of Telegram's becomes an `Arrival` of ours; a photo or file is fetched, examined and kept before that."""

import datetime as dt
import unicodedata
from asyncio import sleep, to_thread
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

from telegram import Bot, Message, PhotoSize, Update, User
from telegram.constants import ChatMemberStatus, ChatType, FileSizeLimit
from telegram.error import BadRequest, TelegramError

from claimbot.assistant.house import Arrival, Barred, Command, Edited, Exhibit, Refused, Tap, What
from claimbot.chat.sending import waiting_time
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder, examine
from claimbot.flow.kinds.asking import Said, Sent, Showed

_OTHERS: Final = (
    "animation",
    "audio",
    "checklist",
    "contact",
    "dice",
    "game",
    "invoice",
    "location",
    "paid_media",
    "poll",
    "sticker",
    "story",
    "venue",
    "video",
    "video_note",
    "voice",
)
_PAUSES: Final = (0.2, 1.0)
"""Seconds before a photo that could not be fetched is asked for again; a hiccup must not cost a photo."""
_LONGEST_WAIT: Final = 10.0
_TURNS_ROUND: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that make what follows run backwards: on a card they would turn other people's words round."""
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that show nothing; some people are called so."""
_LONGEST_NAME: Final = 80
_LONGEST_FILE_NAME: Final = 200


async def arrival_of(
    update: Update,
    bot: Bot,
    folder: EvidenceFolder,
    now: Callable[[], dt.datetime],
    works_here: Callable[[int], Awaitable[bool]],
) -> Arrival | None:
    """What came, and from whom; None for what concerns nobody (channel posts, groups, the service's own notes).

    A file of somebody who does not work here is neither fetched nor kept.

    It came when it was all there: what is answered is leased from that moment on, and fetching may have taken long.
    """
    user, chat = update.effective_user, update.effective_chat
    if user is None or user.is_bot or (chat is not None and chat.type != ChatType.PRIVATE):
        return None
    message = update.message
    if message is not None and (message.photo or message.document) and not await works_here(user.id):
        return Arrival(update.update_id, user.id, _name(user), user.language_code, now(), Sent("file"))
    what = await _what(update, bot, folder)
    if what is None:
        return None
    return Arrival(update.update_id, user.id, _name(user), user.language_code, now(), what)


def plain(text: str) -> str:
    """What a person wrote, without what can be neither shown nor kept: controls, halves of letters, turning marks."""
    return "".join(
        each
        for each in text
        if each in "\n\t" or not (each in _TURNS_ROUND or unicodedata.category(each) in {"Cc", "Cs"})
    )


def _name(user: User) -> str:
    """Never empty, never long: it stands on cards and on a button."""
    for said in (user.full_name, user.username or ""):
        shown = " ".join("".join(each for each in plain(said) if each not in _BLANK).split())
        if any(unicodedata.category(each)[0] in "LNPS" for each in shown):
            return shown[:_LONGEST_NAME]
    return "?"


async def _what(update: Update, bot: Bot, folder: EvidenceFolder) -> What | None:
    if update.my_chat_member is not None:
        return Barred(update.my_chat_member.new_chat_member.status in {ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})
    if update.callback_query is not None:
        message = update.callback_query.message
        return Tap(update.callback_query.data or "", None if message is None else message.message_id)
    if update.edited_message is not None:
        # A live location that moves is an edit too, every few seconds.
        return None if update.edited_message.location is not None else Edited()
    return None if update.message is None else await _message(update.message, bot, folder)


async def _message(message: Message, bot: Bot, folder: EvidenceFolder) -> What | None:
    if message.text is not None:
        return _words(plain(message.text))
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
    head, *rest = text.split(maxsplit=1) or [""]
    name = head[1:].partition("@")[0].lower()
    if head.startswith("/") and name.replace("_", "").isalnum():
        return Command(name, "".join(rest).strip())
    return Said(text)


async def _evidence(message: Message, bot: Bot, folder: EvidenceFolder, photo: PhotoSize | None) -> What:
    file = photo or message.document
    if file is None:
        return Sent("file")
    named = None if photo is not None or message.document is None else message.document.file_name
    name = None if named is None else " ".join(plain(named).split())[-_LONGEST_FILE_NAME:]
    said = "image/jpeg" if photo is not None or message.document is None else message.document.mime_type
    if file.file_size is not None and file.file_size > FileSizeLimit.FILESIZE_DOWNLOAD:
        return Refused("file_too_big", {"most": 20})
    try:
        data = await _fetched(bot, file.file_id)
    except BadRequest as error:
        return (
            Refused("file_too_big", {"most": 20}) if "too big" in error.message.lower() else Refused("file_not_fetched")
        )
    except TelegramError:
        return Refused("file_not_fetched")
    try:
        examined = await to_thread(examine, data, name=name, said_mime=said)
        await to_thread(folder.keep, data, examined.sha256)
    except Refusal as refusal:
        return Refused(refusal.phrase, refusal.values)
    showed = Showed(examined.sha256, message.media_group_id is not None, plain(message.caption or ""))
    fields = asdict(examined)
    fields["blurred"] = int(examined.blurred)
    return Exhibit(showed, fields, file.file_id, name, photo is None)


async def _fetched(bot: Bot, file_id: str) -> bytes:
    """Raises what the last try raised; what Telegram refuses, or puts off for long, is not asked for again."""
    for pause in _PAUSES:
        try:
            return await _fetched_once(bot, file_id)
        except TelegramError as error:
            wanted = waiting_time(error)
            if isinstance(error, BadRequest) or wanted > _LONGEST_WAIT:
                raise
            await sleep(max(pause, wanted))
    return await _fetched_once(bot, file_id)


async def _fetched_once(bot: Bot, file_id: str) -> bytes:
    return bytes(await (await bot.get_file(file_id)).download_as_bytearray())
