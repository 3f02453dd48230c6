import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from PIL import Image
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    error,
)
from telegram.constants import ParseMode

from claimbot.demo.clock import MovableClock
from claimbot.demo.exchange import Json
from claimbot.demo.formatting import MarkupError, read_html, with_found
from claimbot.demo.phones import SAMPLE_KM, SAMPLE_VIN, car_spoken_of
from claimbot.demo.samples import SLOTS, draw_sample
from claimbot.demo.server import Example, Phone, StandIn
from claimbot.flow.office import Office

TOKEN = "7000000001:stand-in"
WEI = 1001
ANNA = 1002
PHONES = (Phone(WEI, "Wei", "Zhang", "wei", "zh", "clerk"), Phone(ANNA, "Anna", None, None, "en", "manager"))
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])


def make(folder: Path | None = None, clock: MovableClock | None = None, *, limits: bool = False) -> StandIn:
    return StandIn(
        folder=folder,
        token=TOKEN,
        bot_username="claims_demo_bot",
        clock=clock or MovableClock(),
        zone="Asia/Shanghai",
        phones=PHONES,
        limits=limits,
    )


class Door:
    """The Bot API without a bot library, for what a library would never send."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self.session = session
        self.base = f"http://127.0.0.1:{port}"

    async def ask(self, method: str, token: str = TOKEN, **values: object) -> Json:
        async with self.session.post(f"{self.base}/bot{token}/{method}", json=values) as response:
            answer: Json = await response.json()
            assert answer["ok"] == (response.status == 200)
            return answer

    async def post(self, path: str, headers: dict[str, str] | None = None, **values: object) -> tuple[int, str]:
        async with self.session.post(f"{self.base}{path}", json=values, headers=headers) as response:
            return response.status, await response.text()


@pytest.fixture(autouse=True)
def _waits_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def stand_in(clock: MovableClock) -> AsyncIterator[StandIn]:
    one = make(clock=clock)
    yield one
    await one.stop()


@pytest.fixture
async def port(stand_in: StandIn) -> int:
    return await stand_in.start()


@pytest.fixture
async def door(port: int) -> AsyncIterator[Door]:
    async with aiohttp.ClientSession() as session:
        yield Door(session, port)


@pytest.fixture
async def bot(port: int) -> AsyncIterator[Bot]:
    base = f"http://127.0.0.1:{port}"
    async with Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as one:
        yield one


def refusal_cases() -> list[tuple[str, Json, int, str]]:
    def button(**what: object) -> Json:
        return {"inline_keyboard": [[{"text": "x", **what}]]}

    parse = "Bad Request: can't parse entities: "
    return [
        ("sendMessage", {"text": ""}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"text": "<b> </b>", "parse_mode": "HTML"}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"text": "x" * 4097}, 400, "Bad Request: message is too long"),
        ("sendMessage", {"text": "😀" * 2049}, 400, "Bad Request: message is too long"),
        (
            "sendMessage",
            {"text": "<b>x", "parse_mode": "HTML"},
            400,
            parse + 'Can\'t find end tag corresponding to start tag "b"',
        ),
        (
            "sendMessage",
            {"text": "保<x>y</x>", "parse_mode": "HTML"},
            400,
            parse + 'Unsupported start tag "x" at byte offset 3',
        ),
        (
            "sendMessage",
            {"text": "<b>x</i>", "parse_mode": "HTML"},
            400,
            parse + 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("sendMessage", {"text": "x", "chat_id": 5}, 400, "Bad Request: chat not found"),
        ("sendMessage", {"text": "x", "chat_id": ANNA}, 400, "Bad Request: chat not found"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": button(callback_data="保" * 22)},
            400,
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": button()},
            400,
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ("sendMessage", {"text": "x", "reply_to_message_id": 99}, 400, "Bad Request: message to be replied not found"),
        ("editMessageText", {"text": "x", "message_id": 99}, 400, "Bad Request: message to edit not found"),
        ("editMessageText", {"text": "x", "message_id": 1}, 400, "Bad Request: message can't be edited"),
        ("deleteMessage", {"message_id": 99}, 400, "Bad Request: message to delete not found"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        ("getFile", {"file_id": "x"}, 400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        ("sendDice", {}, 404, "Not Found"),
        ("sendMessage", {"text": "x", "chat_id": "²"}, 400, "Bad Request: chat not found"),
        ("sendMessage", {"text": "x", "parse_mode": "BB"}, 400, "Bad Request: unsupported parse_mode"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y"}] * 101]}},
            400,
            "Bad Request: reply markup is too long",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": button(callback_data="")},
            400,
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": button(url="nowhere")},
            400,
            "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        ("sendPhoto", {"photo": "x"}, 400, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://x.example/y"}, 400, "Bad Request: failed to get HTTP URL content"),
        ("sendPhoto", {"photo": "x", "caption": "y" * 1025}, 400, "Bad Request: message caption is too long"),
        ("sendDocument", {}, 400, "Bad Request: there is no document in the request"),
        ("sendMediaGroup", {"media": []}, 400, "Bad Request: there are no messages to send"),
        (
            "sendMediaGroup",
            {"media": [{"type": "photo", "media": "x"}] * 11},
            400,
            "Bad Request: too many messages to send as an album",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "New", "description": "x"}]},
            400,
            "Bad Request: BOT_COMMAND_INVALID",
        ),
        ("getChat", {"chat_id": 5}, 400, "Bad Request: chat not found"),
    ]


@pytest.mark.parametrize(("method", "values", "code", "words"), refusal_cases())
async def test_refuses_in_telegrams_words(
    stand_in: StandIn, door: Door, method: str, values: Json, code: int, words: str
) -> None:
    assert stand_in.say(WEI, "/start") == 1
    answer = await door.ask(method, **{"chat_id": WEI, **values})
    assert (answer["error_code"], answer["description"]) == (code, words)


async def test_a_wrong_token_is_unauthorized(door: Door) -> None:
    answer = await door.ask("getMe", token="1:x")
    assert (answer["error_code"], answer["description"]) == (401, "Unauthorized")


async def test_length_is_counted_after_parsing(stand_in: StandIn, door: Door) -> None:
    stand_in.say(WEI, "hi")
    text = "<b>" + "&amp;" * 4096 + "</b>"
    answer = await door.ask("sendMessage", chat_id=WEI, text=text, parse_mode="HTML")
    assert answer["result"]["text"] == "&" * 4096


async def test_an_offset_confirms_what_came_before_and_a_negative_one_counts_from_the_end(
    stand_in: StandIn, door: Door
) -> None:
    for text in ("one", "two", "three"):
        stand_in.say(WEI, text)
    everything = (await door.ask("getUpdates"))["result"]
    assert [update["message"]["text"] for update in everything] == ["one", "two", "three"]
    assert (await door.ask("getUpdates"))["result"] == everything
    later = (await door.ask("getUpdates", offset=everything[1]["update_id"]))["result"]
    assert later == everything[1:]
    assert (await door.ask("getUpdates", offset=-1))["result"] == everything[2:]
    assert (await door.ask("getUpdates"))["result"] == everything[2:]
    assert (await door.ask("getUpdates", offset=everything[2]["update_id"] + 1))["result"] == []


async def test_a_long_poll_ends_with_the_first_news(stand_in: StandIn, door: Door) -> None:
    waiting = asyncio.create_task(door.ask("getUpdates", timeout=20))
    while not stand_in.is_polled:  # noqa: ASYNC110 the poll must be waiting before one speaks
        await asyncio.sleep(0.005)
    stand_in.say(WEI, "/start abc")
    (update,) = (await waiting)["result"]
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_a_second_poller_ends_the_first(stand_in: StandIn, door: Door) -> None:
    waiting = asyncio.create_task(door.ask("getUpdates", timeout=20))
    while not stand_in.is_polled:  # noqa: ASYNC110 the poll must be waiting before one speaks
        await asyncio.sleep(0.005)
    assert (await door.ask("getUpdates", timeout=0))["result"] == []
    answer = await waiting
    assert answer["error_code"] == 409
    assert answer["description"].startswith("Conflict: terminated by other getUpdates request")


async def test_updates_not_asked_for_are_never_queued(stand_in: StandIn, door: Door) -> None:
    await door.ask("getUpdates", allowed_updates=["message"])
    message = stand_in.say(WEI, "hi")
    stand_in.edit(WEI, message, "ho")
    assert [set(update) for update in (await door.ask("getUpdates"))["result"]] == [{"update_id", "message"}]


async def test_a_real_bot_sends_edits_and_answers(stand_in: StandIn, bot: Bot) -> None:
    assert (await bot.get_me()).username == "claims_demo_bot"
    stand_in.say(WEI, "/start")
    sent = await bot.send_message(
        WEI, "<b>保修</b> &lt;ok&gt; 😀 <i>x</i>", parse_mode=ParseMode.HTML, reply_markup=KEYBOARD
    )
    assert sent.text_html == "<b>保修</b> &lt;ok&gt; 😀 <i>x</i>"
    shown = stand_in.messages(WEI)[-1]
    assert (shown["text"], shown["from_bot"]) == ("保修 <ok> 😀 x", True)
    callback_id = stand_in.tap(WEI, sent.message_id, "yes")
    update = (await bot.get_updates())[-1]
    assert update.callback_query is not None
    assert (update.callback_query.id, update.callback_query.data) == (callback_id, "yes")
    assert await bot.answer_callback_query(callback_id, text="noted")
    assert stand_in.answers[-1]["text"] == "noted"
    await bot.edit_message_text("done", WEI, sent.message_id)
    assert "reply_markup" not in stand_in.messages(WEI)[-1]
    with pytest.raises(error.BadRequest, match=r"(?i)message is not modified: specified new message content"):
        await bot.edit_message_text("done", WEI, sent.message_id)
    await bot.edit_message_reply_markup(WEI, sent.message_id, reply_markup=KEYBOARD)
    assert stand_in.messages(WEI)[-1]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Yes"
    assert await bot.delete_message(WEI, sent.message_id)
    assert len(stand_in.messages(WEI)) == 1
    assert await bot.send_chat_action(WEI, "typing")
    assert "sendMessage" in [name for name, _ in stand_in.calls]


async def test_photos_albums_and_files_travel_both_ways(stand_in: StandIn, bot: Bot) -> None:
    picture = draw_sample("vin_plate", vin="LSVNV2182E2100001", km=10)
    stand_in.send_album(WEI, [picture, draw_sample("odometer", vin="L", km=5)], "two")
    stand_in.send_file(WEI, "合同.pdf", b"%PDF", "application/pdf")
    first, second, file = (update.message for update in await bot.get_updates())
    assert first is not None
    assert second is not None
    assert file is not None
    assert first.media_group_id == second.media_group_id is not None
    assert (first.caption, second.caption) == ("two", None)
    sizes = [size.width for size in first.photo]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 1280
    content = bytes(await (await bot.get_file(first.photo[-1].file_id)).download_as_bytearray())
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.size == (1280, 960)
        assert not opened.getexif()
    assert file.document is not None
    assert bytes(await (await file.document.get_file()).download_as_bytearray()) == b"%PDF"

    photo = await bot.send_photo(WEI, picture, caption="<b>x</b>", parse_mode=ParseMode.HTML)
    again = await bot.send_photo(WEI, photo.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    album = await bot.send_media_group(WEI, [InputMediaPhoto(picture), InputMediaPhoto(first.photo[-1].file_id)])
    assert len({message.media_group_id for message in album}) == 1
    document = await bot.send_document(WEI, b"report", filename="report.txt")
    assert document.document is not None
    assert document.document.file_name == "report.txt"
    changed = await bot.edit_message_caption(WEI, photo.message_id, caption="y")
    assert not isinstance(changed, bool)
    assert changed.caption == "y"


async def test_a_photo_is_turned_upright_and_loses_its_exif(stand_in: StandIn, bot: Bot) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1600, 800), "red").save(out, "JPEG", exif=exif)
    stand_in.send_photo(WEI, out.getvalue())
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert (update.message.photo[-1].width, update.message.photo[-1].height) == (640, 1280)


async def test_a_file_over_20_mb_cannot_be_fetched(stand_in: StandIn, bot: Bot) -> None:
    stand_in.send_file(WEI, "big.bin", bytes(20 * 1024 * 1024 + 1), "application/octet-stream")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    with pytest.raises(error.BadRequest, match="File is too big"):
        await update.message.document.get_file()


async def test_a_blocked_bot_is_forbidden_and_told(stand_in: StandIn, bot: Bot) -> None:
    stand_in.say(WEI, "hi")
    stand_in.block(WEI)
    with pytest.raises(error.Forbidden, match="bot was blocked by the user"):
        await bot.send_message(WEI, "x")
    stand_in.unblock(WEI)
    await bot.send_message(WEI, "x")
    _, blocked, back = await bot.get_updates()
    assert blocked.my_chat_member is not None
    assert back.my_chat_member is not None
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert back.my_chat_member.new_chat_member.status == "member"


async def test_too_many_messages_to_one_chat_must_wait() -> None:
    stand_in = make(limits=True)
    port = await stand_in.start()
    stand_in.say(WEI, "hi")
    base = f"http://127.0.0.1:{port}"
    async with Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
        for number in range(5):
            await bot.send_message(WEI, str(number))
        with pytest.raises(error.RetryAfter) as refused:
            await bot.send_message(WEI, "more")
    assert refused.value.retry_after in (1, timedelta(seconds=1))
    await stand_in.stop()


async def test_failures_asked_for_happen_once(stand_in: StandIn, bot: Bot) -> None:
    stand_in.say(WEI, "hi")
    stand_in.fail_next("sendMessage", "502", 1)
    stand_in.fail_next("sendMessage", "reset", 1)
    stand_in.fail_next("sendMessage", "429", 1)
    stand_in.fail_next("sendMessage", "lost answer", 1)
    with pytest.raises(error.NetworkError, match="Bad Gateway"):
        await bot.send_message(WEI, "a")
    with pytest.raises(error.NetworkError):
        await bot.send_message(WEI, "b")
    with pytest.raises(error.RetryAfter):
        await bot.send_message(WEI, "c")
    with pytest.raises(error.NetworkError):
        await bot.send_message(WEI, "d")
    await bot.send_message(WEI, "e")
    assert [message["text"] for message in stand_in.messages(WEI)] == ["hi", "d", "e"]


async def test_old_taps_and_old_messages_are_out_of_reach(clock: MovableClock, stand_in: StandIn, bot: Bot) -> None:
    stand_in.say(WEI, "hi")
    sent = await bot.send_message(WEI, "x", reply_markup=KEYBOARD)
    callback_id = stand_in.tap(WEI, sent.message_id, "yes")
    clock.skip(timedelta(hours=49))
    with pytest.raises(error.BadRequest, match="Query is too old"):
        await bot.answer_callback_query(callback_id)
    with pytest.raises(error.BadRequest, match="can't be deleted"):
        await bot.delete_message(WEI, sent.message_id)


async def test_other_kinds_are_understood_by_the_library(stand_in: StandIn, bot: Bot) -> None:
    for what in ("voice", "sticker", "contact", "location", "video"):
        stand_in.send_other(WEI, what)
    updates = await bot.get_updates()
    kinds = [update.message.effective_attachment for update in updates if update.message]
    assert len(kinds) == 5
    assert None not in kinds


async def test_the_menu_follows_scope_and_language(stand_in: StandIn, bot: Bot) -> None:
    await bot.set_my_commands([("start", "Begin")])
    await bot.set_my_commands([("start", "开始")], language_code="zh")
    assert [command.description for command in await bot.get_my_commands(language_code="zh")] == ["开始"]
    assert stand_in._exchange.commands_for(WEI)[0]["description"] == "开始"  # noqa: SLF001 what the page is given
    assert stand_in._exchange.commands_for(ANNA)[0]["description"] == "Begin"  # noqa: SLF001 what the page is given
    await bot.delete_my_commands(language_code="zh")
    assert await bot.get_my_commands(language_code="zh") == ()


async def test_all_outlives_a_restart(tmp_path: Path) -> None:
    first = make(tmp_path)
    first.send_photo(WEI, draw_sample("generic", vin="L", km=1))
    message_id = first.say(WEI, "<hello>")
    second = make(tmp_path)
    assert [message["text"] for message in second.messages(WEI)] == ["", "<hello>"]
    port = await second.start()
    base = f"http://127.0.0.1:{port}"
    async with Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
        updates = await bot.get_updates()
        assert updates[-1].effective_message is not None
        assert updates[-1].effective_message.message_id == message_id
        assert updates[0].message is not None
        assert await (await bot.get_file(updates[0].message.photo[0].file_id)).download_as_bytearray()
    await second.stop()


async def test_the_page_drives_phones_and_other_sites_do_not(stand_in: StandIn, door: Door) -> None:
    async with door.session.get(door.base + "/") as response:
        assert "/page/page.js" in await response.text()
    assert (await door.post("/page/say", user_id=WEI, text="hi"))[0] == 200
    assert (await door.post("/page/say", {"Origin": "http://evil.example"}, user_id=WEI, text="x"))[0] == 403
    assert (await door.post("/page/say", {"Host": "evil.example"}, user_id=WEI, text="x"))[0] == 403
    assert (await door.post("/page/say", user_id=5, text="x"))[0] == 400
    assert (await door.post("/page/sample", user_id=WEI, slot="odometer"))[0] == 200
    assert (await door.post("/page/language", user_id=WEI, language="en"))[0] == 200
    assert [message["text"] for message in stand_in.messages(WEI)] == ["hi", "", "/language en"]
    form = aiohttp.FormData({"user_id": str(WEI), "as": "photo"})
    for name in ("a.jpg", "b.jpg"):
        form.add_field("file", draw_sample("generic", vin=name, km=1), filename=name, content_type="image/jpeg")
    async with door.session.post(door.base + "/page/upload", data=form) as response:
        assert response.status == 200
    assert "media_group_id" in stand_in.messages(WEI)[-1]
    assert (await door.post("/page/phone", language="en", start="tok"))[0] == 200
    assert stand_in.messages(900_000_001)[0]["text"] == "/start tok"


async def test_the_live_stream_tells_all_then_each_change(stand_in: StandIn, door: Door) -> None:
    async with door.session.get(door.base + "/page/events") as response:
        assert await response.content.readline() == b"event: all\n"
        await response.content.readuntil(b"\n\n")
        stand_in.say(WEI, "hi")
        assert await response.content.readline() == b"event: phone\n"


async def test_the_example_is_carried_out() -> None:
    asked = [Example("text", "hello"), Example("photo", "odometer?vin=LX&km=5"), Example("tap", "yes"), None]

    async def example(_user_id: int) -> Example | None:
        await asyncio.sleep(0)
        return asked.pop(0)

    skipped: list[bool] = []
    stand_in = StandIn(
        folder=None,
        token=TOKEN,
        bot_username="b",
        clock=MovableClock(),
        zone="Asia/Shanghai",
        phones=PHONES,
        example=example,
        on_skip=lambda: skipped.append(True),
    )
    port = await stand_in.start()
    async with aiohttp.ClientSession() as session:
        door = Door(session, port)
        kinds: list[set[str]] = []

        async def answered() -> str:
            _, done = await door.post("/page/example", user_id=WEI)
            for update in (await door.ask("getUpdates"))["result"]:
                kinds.append(set(update) - {"update_id"})
                await door.ask("getUpdates", offset=update["update_id"] + 1)
            return done

        assert [await answered(), await answered()] == ['{"done":true}', '{"done":true}']
        keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
        await door.ask("sendMessage", chat_id=WEI, text="sure?", reply_markup=keyboard)
        assert [await answered(), await answered()] == ['{"done":true}', '{"done":false}']
        assert kinds == [{"message"}, {"message"}, {"callback_query"}]
        assert (await door.post("/page/skip-week"))[0] == 200
    assert skipped == [True]
    await stand_in.stop()


async def test_two_hasty_examples_answer_two_questions() -> None:
    """The second is asked for only when the bot has confirmed the first, and has moved on."""
    waiting: list[int] = []

    async def example(_user_id: int) -> Example | None:
        await asyncio.sleep(0)
        waiting.append(alone.waiting)
        return Example("text", f"answer {len(waiting)}")

    alone = StandIn(
        folder=None,
        token=TOKEN,
        bot_username="b",
        clock=MovableClock(),
        zone="Asia/Shanghai",
        phones=PHONES,
        example=example,
    )
    port = await alone.start()
    async with aiohttp.ClientSession() as session:
        door = Door(session, port)
        both = asyncio.gather(*(door.post("/page/example", user_id=WEI) for _ in range(2)))
        [first] = (await door.ask("getUpdates", timeout=5))["result"]
        assert first["message"]["text"] == "answer 1"
        [second] = (await door.ask("getUpdates", offset=first["update_id"] + 1, timeout=5))["result"]
        assert second["message"]["text"] == "answer 2"
        assert waiting == [0, 0]
        await both
    await alone.stop()


def test_a_sample_shows_the_car_and_the_kilometres_that_were_written(stand_in: StandIn) -> None:
    stand_in.say(WEI, "LSVNV2189E2100002")
    stand_in.say(WEI, "12 345")
    stand_in.say(WEI, "23456")
    assert car_spoken_of(stand_in.messages(WEI)) == ("LSVNV2189E2100002", 23456)
    assert car_spoken_of(stand_in.messages(ANNA)) == (SAMPLE_VIN, SAMPLE_KM)


async def test_a_script_says_the_next_text_when_the_bot_has_answered(stand_in: StandIn, door: Door) -> None:
    async def answer_all() -> None:
        offset = 0
        while True:
            for update in (await door.ask("getUpdates", offset=offset, timeout=5))["result"]:
                offset = update["update_id"] + 1
                await door.ask("sendMessage", chat_id=update["message"]["chat"]["id"], text="ok")

    answering = asyncio.create_task(answer_all())
    status, body = await door.post("/control/script", users={"51": ["a", "b"], "52": ["c"]})
    answering.cancel()
    assert (status, body.startswith('{"seconds":')) == (200, True)
    assert [message["text"] for message in stand_in.messages(51)] == ["a", "ok", "b", "ok"]


def test_the_clock_keeps_its_offset_and_finds_the_next_morning(tmp_path: Path) -> None:
    clock = MovableClock(tmp_path / "clock")
    clock.skip(timedelta(days=7))
    again = MovableClock(tmp_path / "clock")
    assert abs(again.now() - datetime.now(UTC) - timedelta(days=7)) < timedelta(seconds=5)
    zone = ZoneInfo("Asia/Shanghai")
    day = again.now().astimezone(zone).date()
    morning = again.skip_to_morning("Asia/Shanghai").astimezone(zone)
    assert (morning.date(), morning.hour, morning.minute) == (day + timedelta(days=1), 8, 30)
    with pytest.raises(ValueError, match="forward"):
        again.skip(timedelta(hours=-1))


@pytest.mark.parametrize(
    ("source", "text", "marks"),
    [
        ("<b>a<i>b</i></b>c", "abc", [("bold", 0, 2), ("italic", 1, 1)]),
        ("&lt;script&gt; &#x4fdd;&quot;", '<script> 保"', []),
        ("  <code>😀</code> y ", "😀 y", [("code", 0, 2)]),
        (
            "<strong>a</strong><em>b</em><ins>c</ins><del>d</del>",
            "abcd",
            [("bold", 0, 1), ("italic", 1, 1), ("underline", 2, 1), ("strikethrough", 3, 1)],
        ),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', "st", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
        ("<a>no address</a>", "no address", []),
    ],
)
def test_markup_becomes_text_and_marks_in_utf16_units(
    source: str, text: str, marks: list[tuple[str, int, int]]
) -> None:
    read, entities = read_html(source)
    assert read == text
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in entities] == marks


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("保<b>x</b", "Unclosed end tag at byte offset 7"),
        ("a < b", "Unclosed start tag at byte offset 2"),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_markup_is_refused_with_its_place(source: str, words: str) -> None:
    with pytest.raises(MarkupError) as refused:
        read_html(source)
    assert str(refused.value) == words


def test_telegram_finds_commands_links_and_addresses_by_itself() -> None:
    text = "/new@claims_bot see https://t.me/x?start=1, a@b.example and @wei_zhang; 1/2 and a/b are nothing"
    found = [(one["type"], text[one["offset"] : one["offset"] + one["length"]]) for one in with_found(text, [])]
    assert found == [
        ("bot_command", "/new@claims_bot"),
        ("url", "https://t.me/x?start=1"),
        ("email", "a@b.example"),
        ("mention", "@wei_zhang"),
    ]


def test_a_stroke_between_letters_or_figures_of_any_script_begins_no_command() -> None:
    assert with_found("8年/12万公里", []) == []
    assert [one["offset"] for one in with_found("草稿在 /drafts。/claims 查看", [])] == [4, 12]


def test_each_slot_has_its_own_picture_and_each_seed_its_own_bytes() -> None:
    pictures = {draw_sample(slot, vin="LSVNV2182E2100001", km=7) for slot in SLOTS}
    pictures.add(draw_sample("generic", vin="LSVNV2182E2100001", km=7, seed=1))
    assert len(pictures) == len(SLOTS) + 1
    with Image.open(io.BytesIO(pictures.pop())) as opened:
        assert (opened.format, opened.size) == ("JPEG", (1600, 1200))


async def test_a_group_knows_people_whom_the_bot_may_not_write_to_and_moves_to_a_supergroup(
    stand_in: StandIn, door: Door
) -> None:
    group = stand_in.add_group("Workshop", [WEI, ANNA])
    stand_in.say(ANNA, "/new@claims_demo_bot", chat_id=group)
    answer = await door.ask("sendMessage", chat_id=ANNA, text="x")
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    sent = (await door.ask("sendMessage", chat_id=group, text="x"))["result"]
    assert sent["chat"] == {"id": group, "title": "Workshop", "type": "group"}
    moved = stand_in.migrate(group)
    answer = await door.ask("sendMessage", chat_id=group, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": moved}
    assert (await door.ask("sendMessage", chat_id=moved, text="x"))["ok"]


async def test_a_group_hears_twenty_messages_a_minute() -> None:
    stand_in = make(limits=True)
    port = await stand_in.start()
    group = stand_in.add_group("Workshop", [WEI])
    async with aiohttp.ClientSession() as session:
        door = Door(session, port)
        answers = [await door.ask("sendMessage", chat_id=group, text="x") for _ in range(21)]
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
    assert answers[-1]["parameters"]["retry_after"] in {2, 3}
    await stand_in.stop()


async def test_a_deleted_account_is_forbidden(stand_in: StandIn, door: Door) -> None:
    stand_in.say(WEI, "hi")
    stand_in.deactivate(WEI)
    answer = await door.ask("sendMessage", chat_id=WEI, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: user is deactivated")


async def test_a_photo_of_an_impossible_shape_or_size_is_refused(stand_in: StandIn, bot: Bot) -> None:
    stand_in.say(WEI, "hi")
    out = io.BytesIO()
    Image.new("RGB", (4000, 100)).save(out, "PNG")
    with pytest.raises(error.BadRequest, match=r"(?i)PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(WEI, out.getvalue())
    with pytest.raises(error.BadRequest, match=r"(?i)IMAGE_PROCESS_FAILED"):
        await bot.send_photo(WEI, b"no picture")
    with pytest.raises(error.BadRequest, match="too big for a photo"):
        await bot.send_photo(WEI, bytes(10 * 1024 * 1024 + 1))


async def test_an_upload_over_50_mb_is_too_large(stand_in: StandIn, door: Door) -> None:
    stand_in.say(WEI, "hi")
    form = aiohttp.FormData({"chat_id": str(WEI)})
    form.add_field("document", io.BytesIO(bytes(50 * 1024 * 1024 + 1)), filename="big.bin")
    async with door.session.post(f"{door.base}/bot{TOKEN}/sendDocument", data=form) as response:
        assert (response.status, (await response.json())["description"]) == (413, "Request Entity Too Large")


async def test_methods_take_any_case_and_three_encodings(stand_in: StandIn, door: Door) -> None:
    stand_in.say(WEI, "hi")
    url = f"{door.base}/bot{TOKEN}"
    async with door.session.get(f"{url}/SENDMESSAGE", params={"chat_id": WEI, "text": "a b"}) as response:
        assert (await response.json())["result"]["text"] == "a b"
    async with door.session.post(f"{url}/sendmessage", data={"chat_id": WEI, "text": "保+"}) as response:
        assert (await response.json())["result"]["text"] == "保+"
    async with door.session.post(f"{url}/sendMessage", data=b"{", headers={"Content-Type": "application/json"}) as got:
        assert (await got.json())["description"] == "Bad Request: can't parse JSON object"
    assert (await door.ask("sendMessage", chat_id=WEI, text="x", parse_mode=None))["ok"]


async def test_a_media_is_replaced_by_another(stand_in: StandIn, bot: Bot) -> None:
    stand_in.say(WEI, "hi")
    one, other = (draw_sample(slot, vin="L", km=1) for slot in ("odometer", "new_part"))
    sent = await bot.send_photo(WEI, one, caption="a")
    changed = await bot.edit_message_media(InputMediaPhoto(other, caption="b"), WEI, sent.message_id)
    assert not isinstance(changed, bool)
    assert changed.caption == "b"
    assert changed.photo[-1].file_unique_id != sent.photo[-1].file_unique_id


async def test_a_reply_keyboard_stays_on_the_phone_until_it_is_removed(stand_in: StandIn, bot: Bot) -> None:
    stand_in.say(WEI, "hi")
    rows: list[list[str | KeyboardButton]] = [["Yes", KeyboardButton("Where I am", request_location=True)]]
    sent = await bot.send_message(WEI, "?", reply_markup=ReplyKeyboardMarkup(rows, one_time_keyboard=True))
    assert sent.reply_markup is None
    person = stand_in._exchange.person(WEI)  # noqa: SLF001 what the page is given
    assert [key["text"] for key in person["keyboard"]["keyboard"][0]] == ["Yes", "Where I am"]
    stand_in.say(WEI, "Yes")
    assert "keyboard" not in person, "a one-time keyboard is gone once used"
    await bot.send_message(WEI, "?", reply_markup=ReplyKeyboardMarkup(rows))
    await bot.send_message(WEI, "done", reply_markup=ReplyKeyboardRemove())
    assert "keyboard" not in person


async def test_a_tap_on_a_deleted_message_and_a_late_answer(stand_in: StandIn, bot: Bot, clock: MovableClock) -> None:
    stand_in.say(WEI, "hi")
    sent = await bot.send_message(WEI, "?", reply_markup=KEYBOARD)
    await bot.delete_message(WEI, sent.message_id)
    callback_id = stand_in.tap(WEI, sent.message_id, "yes")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert not query.message.is_accessible
    clock.skip(timedelta(hours=1))
    with pytest.raises(error.BadRequest, match=r"(?i)query is too old and response timeout expired"):
        await bot.answer_callback_query(callback_id)


async def test_an_update_tells_what_was_true_when_it_happened(stand_in: StandIn, bot: Bot) -> None:
    message = stand_in.say(WEI, "before")
    stand_in.edit(WEI, message, "after")
    first, second = await bot.get_updates()
    assert first.message is not None
    assert second.edited_message is not None
    assert (first.message.text, second.edited_message.text) == ("before", "after")


async def test_an_animation_is_a_document_too_and_a_forward_names_its_origin(stand_in: StandIn, bot: Bot) -> None:
    stand_in.send_other(WEI, "animation")
    stand_in.say(WEI, "seen", forwarded_from="Somebody")
    animation, forwarded = (update.message for update in await bot.get_updates())
    assert animation is not None
    assert animation.animation is not None
    assert animation.document is not None
    assert forwarded is not None
    assert forwarded.forward_origin is not None


async def test_with_a_webhook_set_nobody_polls(door: Door) -> None:
    assert (await door.ask("setWebhook", url="http://x"))["error_code"] == 400
    assert (await door.ask("setWebhook", url="https://bot.example/hook"))["ok"]
    assert (await door.ask("getUpdates"))["error_code"] == 409
    assert (await door.ask("deleteWebhook"))["ok"]
    assert (await door.ask("getUpdates"))["ok"]


async def test_a_call_that_hangs_ends_when_the_stand_in_stops(stand_in: StandIn, door: Door) -> None:
    stand_in.fail_next("getMe", "hang")
    hanging = asyncio.create_task(door.ask("getMe"))
    while not stand_in.calls:  # noqa: ASYNC110 the call must have arrived
        await asyncio.sleep(0.005)
    assert not hanging.done()
    await stand_in.stop()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_the_controls_drive_everything(stand_in: StandIn, door: Door) -> None:
    async def control(name: str, **values: object) -> Json:
        status, body = await door.post(f"/control/{name}", None, **values)
        assert status == 200, body
        answer: Json = json.loads(body)
        return answer

    await control("phone", user_id=77, first_name="Zoe")
    assert (await control("texts", texts=[[77, "a"], [78, "b"]]))["count"] == 2
    first = (await control("say", user_id=77, text="c"))["message_id"]
    await control("edit", user_id=77, message_id=first, text="d")
    await control("photo", user_id=77, slot="odometer", caption="e")
    assert len((await control("album", user_id=77, slots=["odometer", "vin_plate"]))["message_ids"]) == 2
    assert [one["text"] for one in (await control("messages", user_id=77))["messages"]] == ["a", "d", "e", "", ""]
    await control("block", user_id=77)
    await control("unblock", user_id=77)
    assert (await control("state"))["waiting"] == stand_in.waiting == 9
    await control("fault", method="getMe", how="502")
    async with door.session.get(f"{door.base}/bot{TOKEN}/getMe") as response:
        assert (response.status, response.content_type) == (502, "text/html")
    assert (await control("calls"))["calls"] == [["getMe", {}]]
    assert (await door.post("/control/fault", method="getMe", how="fire"))[0] == 400
    assert (await door.post("/control/say", user_id=5, text="x"))[0] == 400
    assert (await door.post("/control/nothing"))[0] == 404


async def test_a_script_taps_what_it_finds(stand_in: StandIn, door: Door) -> None:
    async def answer_all() -> None:
        offset = 0
        keyboard = {"inline_keyboard": [[{"text": "No", "callback_data": "n"}, {"text": "Yes", "callback_data": "y"}]]}
        while True:
            for update in (await door.ask("getUpdates", offset=offset, timeout=5))["result"]:
                offset = update["update_id"] + 1
                await door.ask("sendMessage", chat_id=51, text="sure?", reply_markup=keyboard)

    answering = asyncio.create_task(answer_all())
    status, body = await door.post("/control/script", users={"51": ["a", {"tap": "^Ye"}, {"tap": "^n$"}]})
    assert (status, json.loads(body)["steps"]) == (200, 3)
    assert [one["data"] for one in stand_in._exchange.callbacks.values()] == ["y", "n"]  # noqa: SLF001 nowhere else
    status, body = await door.post("/control/script", users={"51": [{"tap": "nothing"}]})
    answering.cancel()
    assert (status, "no button" in body) == (400, True)


async def test_a_killed_process_keeps_what_was_said(tmp_path: Path) -> None:
    for kept in (["one"], ["one", "two"]):
        command = [sys.executable, "-m", "claimbot.demo", "--token", TOKEN, "--folder", str(tmp_path)]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        async with aiohttp.ClientSession() as session:
            door = Door(session, int(line.rsplit(":", 1)[1]))
            await door.post("/control/phone", user_id=77)
            await door.post("/control/say", user_id=77, text=kept[-1])
            waiting = (await door.ask("getUpdates"))["result"]
            assert [update["message"]["text"] for update in waiting] == kept
        process.kill()
        await process.wait()


def test_the_stand_in_can_go_on_after_a_stop(tmp_path: Path) -> None:
    async def twice() -> None:
        stand_in = make(tmp_path)
        for _ in range(2):
            await stand_in.start()
            stand_in.say(WEI, "hi")
            await stand_in.stop()
        stand_in.say(WEI, "and after")

    asyncio.run(twice())
    assert [one["text"] for one in make(tmp_path).messages(WEI)] == ["hi", "hi", "and after"]


def test_a_clock_that_is_killed_while_it_writes_keeps_the_time_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    MovableClock(tmp_path / "clock").skip(timedelta(hours=5))

    def killed(_path: Path, _target: Path) -> Path:
        raise KeyboardInterrupt

    clock = MovableClock(tmp_path / "clock")
    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        clock.skip(timedelta(hours=1))
    assert MovableClock(tmp_path / "clock").offset == timedelta(hours=5)


def test_every_photo_that_a_plan_may_ask_for_has_a_drawing_of_its_own(office: Office) -> None:
    plans = office.evidence
    assert set(plans.slots) <= set(SLOTS)
