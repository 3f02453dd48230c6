"""What is read from an update as it came."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from claimbot.assistant.house import Barred, Command, Edited, Tap, What
from claimbot.chat.arriving import arrival_of
from claimbot.evidence import EvidenceFolder
from claimbot.flow.kinds.asking import Said, Sent

NOW = dt.datetime(2026, 9, 9, tzinfo=dt.UTC)
WEI = {"id": 7, "is_bot": False, "first_name": "Wei", "language_code": "en"}
ALONE = {"id": 7, "type": "private"}
GROUP = {"id": -5, "type": "group"}
STICKER = {"file_id": "a"}


def message(**more: object) -> dict[str, Any]:
    return {"message_id": 1, "date": 1788919200, "from": WEI, "chat": ALONE, **more}


def change(status: str) -> dict[str, Any]:
    return {"my_chat_member": {"from": WEI, "chat": ALONE, "new_chat_member": {"status": status}}}


async def works_here(_: int) -> bool:
    return True


async def read(tmp_path: Path, update: dict[str, Any]) -> tuple[str, What] | None:
    bot = Bot("1:made-up")
    folder = EvidenceFolder(tmp_path)
    arrival = await arrival_of({"update_id": 5, **update}, bot, folder, lambda: NOW, works_here)
    return None if arrival is None else (arrival.name, arrival.what)


@pytest.mark.parametrize(
    ("update", "what"),
    [
        ({"message": message(text="怠速抖动")}, Said("怠速抖动")),
        ({"message": message(text="/CANCEL@bot now")}, Command("cancel", "now")),
        ({"message": message(sticker=STICKER)}, Sent("sticker")),
        ({"message": message(animation=STICKER, document=STICKER)}, Sent("animation")),
        ({"edited_message": message(text="other")}, Edited()),
        ({"callback_query": {"id": "1", "from": WEI, "data": "q:1", "message": message()}}, Tap("q:1", 1)),
        ({"callback_query": {"id": "1", "from": WEI, "game_short_name": "x"}}, Tap("", None)),
        (change("kicked"), Barred(blocked=True)),
        (change("member"), Barred(blocked=False)),
    ],
)
async def test_each_kind_of_update_is_read(tmp_path: Path, update: dict[str, Any], what: What) -> None:
    assert await read(tmp_path, update) == ("Wei", what)


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"channel_post": message(text="news")},
        {"kind_of_tomorrow": {"from": WEI}},
        {"message": message(text="hello", chat=GROUP)},
        {"message": message(text="hello", **{"from": {**WEI, "is_bot": True}})},
        {"message": {"message_id": 1, "chat": GROUP, "text": "from nobody"}},
        {"message": message(new_chat_title="x")},
        {"edited_message": message(location={})},
        {"callback_query": {"id": "1", "from": WEI, "data": "q:1", "message": message(chat=GROUP)}},
    ],
)
async def test_what_concerns_nobody_is_left_aside(tmp_path: Path, update: dict[str, Any]) -> None:
    assert await read(tmp_path, update) is None


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"first_name": "小", "last_name": "李"}, "小 李"),
        ({"first_name": "\u3164", "username": "wei"}, "wei"),
        ({"first_name": "\u202eevil"}, "evil"),
        ({}, "?"),
    ],
)
async def test_everybody_has_a_name(tmp_path: Path, user: dict[str, str], name: str) -> None:
    assert await read(tmp_path, {"message": message(text="x", **{"from": {"id": 7, **user}})}) == (name, Said("x"))
