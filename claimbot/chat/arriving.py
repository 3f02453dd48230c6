"""An update of Telegram's becomes an `Arrival` of ours; a photo or file is fetched, examined and kept before that.

It is read as it came, as JSON: the library makes objects of all that it may hold before anybody has asked, which costs
more than all else that happens to a message here, and can read none of what is newer than the library.
"""

import datetime as dt
import unicodedata
from asyncio import sleep, to_thread
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Final, TypeAlias

from telegram import Bot
from telegram.constants import ChatMemberStatus, ChatType, FileSizeLimit, UpdateType
from telegram.error import BadRequest, TelegramError

from claimbot.assistant.house import Arrival, Barred, Command, Edited, Exhibit, Refused, Tap, What
from claimbot.chat.sending import waiting_time
from claimbot.documents.tables import read_few
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder, examine
from claimbot.flow.kinds.asking import Said, Sent, Showed

Given: TypeAlias = Mapping[str, Any]
"""An object of the Bot API as it came."""

WANTED: Final = (UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER)
"""The kinds of update that Telegram is asked for."""
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


def person_of(update: Given) -> Given | None:
    """Who did what came; None where that is nobody, or of a kind that was not asked for."""
    return next((update[kind].get("from") for kind in WANTED if kind in update), None)


def chat_of(update: Given) -> Given | None:
    """Where; None with a button that has no message any more."""
    came: Given = next((update[kind] for kind in WANTED if kind in update), {})
    where: Given | None = came.get("chat") or came.get("message", {}).get("chat")
    return where


async def arrival_of(
    update: Given,
    bot: Bot,
    folder: EvidenceFolder,
    now: Callable[[], dt.datetime],
    works_here: Callable[[int], Awaitable[bool]],
) -> Arrival | None:
    """What came, and from whom; None for what concerns nobody (channel posts, groups, the service's own notes).

    A file of somebody who does not work here is neither fetched nor kept.

    It came when it was all there: what is answered is leased from that moment on, and fetching may have taken long.
    """
    user, chat = person_of(update), chat_of(update)
    if user is None or user.get("is_bot") or (chat is not None and chat["type"] != ChatType.PRIVATE):
        return None
    shows_something = not update.get("message", {}).keys().isdisjoint({"photo", "document"})
    stranger = shows_something and not await works_here(user["id"])
    what = Sent("file") if stranger else await _what(update, bot, folder)
    if what is None:
        return None
    code, username = user.get("language_code"), user.get("username")
    return Arrival(update["update_id"], user["id"], _name(user), username, code, now(), what)


def plain(text: str) -> str:
    """What a person wrote, without what can be neither shown nor kept: controls, halves of letters, turning marks."""
    return "".join(
        each
        for each in text
        if each in "\n\t" or not (each in _TURNS_ROUND or unicodedata.category(each) in {"Cc", "Cs"})
    )


def _name(user: Given) -> str:
    """Never empty, never long: it stands on cards and on a button."""
    full = f"{user.get('first_name', '')} {user.get('last_name', '')}"
    for said in (full, user.get("username", "")):
        shown = " ".join("".join(each for each in plain(said) if each not in _BLANK).split())
        if any(unicodedata.category(each)[0] in "LNPS" for each in shown):
            return shown[:_LONGEST_NAME]
    return "?"


async def _what(update: Given, bot: Bot, folder: EvidenceFolder) -> What | None:
    match update:
        case {"message": message}:
            return await _message(message, bot, folder)
        case {"callback_query": tap}:
            return Tap(tap.get("data", ""), tap.get("message", {}).get("message_id"))
        case {"edited_message": message}:
            # A live location that moves is an edit too, every few seconds.
            return None if "location" in message else Edited()
        case {"my_chat_member": change}:
            return Barred(change["new_chat_member"]["status"] in {ChatMemberStatus.BANNED, ChatMemberStatus.LEFT})
        case _:
            return None


async def _message(message: Given, bot: Bot, folder: EvidenceFolder) -> What | None:
    match message:
        case {"text": text}:
            return _words(plain(text))
        case {"photo": [_, *_] as sizes}:
            largest = max(sizes, key=lambda size: int(size["width"] * size["height"]))
            return await _evidence(message, bot, folder, largest, as_file=False)
        case {"document": document} if "animation" not in message:
            return await _evidence(message, bot, folder, document, as_file=True)
        case _:
            return next((Sent(what) for what in _OTHERS if what in message), None)


def _words(text: str) -> What:
    """`/CANCEL@bot now` is the command cancel with "now"; anything else is what the person said."""
    head, *rest = text.split(maxsplit=1) or [""]
    name = head[1:].partition("@")[0].lower()
    if head.startswith("/") and name.replace("_", "").isalnum():
        return Command(name, "".join(rest).strip())
    return Said(text)


async def _evidence(message: Given, bot: Bot, folder: EvidenceFolder, file: Given, *, as_file: bool) -> What:
    named = file.get("file_name") if as_file else None
    name = None if named is None else " ".join(plain(named).split())[-_LONGEST_FILE_NAME:]
    said = file.get("mime_type") if as_file else "image/jpeg"
    if file.get("file_size", 0) > FileSizeLimit.FILESIZE_DOWNLOAD:
        return Refused("file_too_big", {"most": 20})
    try:
        data = await _fetched(bot, file["file_id"])
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
    sheet = await to_thread(read_few, data) if examined.is_table else None
    paper = examined.width is None
    showed = Showed(examined.sha256, "media_group_id" in message, plain(message.get("caption", "")), sheet, paper)
    fields = {name: int(value) if isinstance(value, bool) else value for name, value in asdict(examined).items()}
    return Exhibit(showed, fields, file["file_id"], name, as_file)


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
