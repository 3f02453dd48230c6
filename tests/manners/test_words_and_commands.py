"""What people write, forward, edit and send where words are wanted, and commands in the middle of everything."""

import datetime as dt

import pytest

from claimbot.chat.arriving import plain
from claimbot.claims.words import Html
from claimbot.demo.exchange import SENT
from claimbot.store import Tx, people
from tests.conftest import CLERK, STRANGER, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import answers, desk_up_to, report_up_to, stand, step

OTHERS = ("sticker", "voice", "contact", "location", "video", "animation", "venue", "poll", "dice", "story")


# several at once


async def test_three_answers_forwarded_in_the_same_instant_fill_three_steps(world: World) -> None:
    await report_up_to(world, "odometer_km")
    for text in ("23456", "怠速抖动,故障灯亮", "发动机"):
        world.telegram.say(TECHNICIAN, text, forwarded_from="老张")
    await world.settled()
    assert await step(world) == "fault_codes"
    told = await answers(world)
    assert (told["odometer_km"], told["complaint"], told["fault_family"]) == (23456, "怠速抖动,故障灯亮", "engine")


async def test_two_devices_of_one_person_are_one_conversation(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    world.telegram.say(TECHNICIAN, "LSVAA4182E2184847")
    world.telegram.say(TECHNICIAN, "LSVAA4182E2184847")  # the same from the tablet: there "yes or no?" stands by now
    await world.settled()
    assert await step(world) == "car_right"
    assert "是还是不是" in world.last(TECHNICIAN)


# other things than words


@pytest.mark.parametrize("what", OTHERS)
async def test_where_words_are_wanted_anything_else_gets_the_question_again(world: World, what: str) -> None:
    await report_up_to(world, "complaint")
    world.telegram.send_other(TECHNICIAN, what)
    await world.settled()
    assert "请用文字输入" in world.last(TECHNICIAN)
    assert "客户怎么说" in world.last(TECHNICIAN)
    assert await step(world) == "complaint"


@pytest.mark.parametrize("what", ["animation", "video", "sticker"])
async def test_a_moving_picture_is_no_photo_and_the_photo_is_named_that_is_wanted(world: World, what: str) -> None:
    await report_up_to(world, "photos")
    world.telegram.send_other(TECHNICIAN, what)
    await world.settled()
    assert "请发照片：车架号铭牌" in world.last(TECHNICIAN)


@pytest.mark.parametrize("what", OTHERS)
async def test_out_of_the_blue_anything_else_gets_what_can_be_done(world: World, what: str) -> None:
    world.telegram.send_other(TECHNICIAN, what)
    await world.settled()
    assert "没看懂。您可以" in world.last(TECHNICIAN)
    assert any("故障报修" in label for label in world.buttons(TECHNICIAN))


@pytest.mark.parametrize("text", ["😀😀😀", "……", "\u202e", "?\x00", "？", "\u200b\u200b"])
async def test_words_without_a_word_in_them_are_asked_for_again(world: World, text: str) -> None:
    await report_up_to(world, "complaint")
    await world.say(TECHNICIAN, text)
    assert await step(world) == "complaint"
    assert "系统出错" not in world.last(TECHNICIAN)


async def test_marks_that_turn_text_round_and_zero_bytes_do_not_reach_anybody_else(world: World) -> None:
    await report_up_to(world, "complaint")
    await world.say(TECHNICIAN, "异响\u202eoediv\u202c\x00 <b>很响</b> & 抖动")
    assert (await answers(world))["complaint"] == "异响oediv <b>很响</b> & 抖动"
    for _ in range(30):
        answer = await world.example(TECHNICIAN)
        if answer.value.endswith(":send") and "SH01-" in world.last(TECHNICIAN):
            break
    await world.tap(CLERK, "📂")
    assert "异响oediv <b>很响</b> & 抖动" in world.last(CLERK)


async def test_what_another_version_of_the_server_sends_is_answered_too(world: World) -> None:
    world.telegram.send_other(STRANGER, "poll", {"options": [{"text": "a", "voter_count": 0}]})
    await world.settled()
    assert len(world.shown(STRANGER)) == 1


async def test_an_update_that_nobody_can_read_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SENT, "document", {"file_name": "it has no id.pdf"})
    world.telegram.send_other(STRANGER, "document")
    await world.say(TECHNICIAN, "/help")
    assert "您的角色" in world.last(TECHNICIAN)
    assert world.telegram.waiting == 0
    assert len(world.shown(STRANGER)) == 1


def test_what_can_be_neither_kept_nor_shown_is_left_out() -> None:
    assert plain("a\x00b\ud83dc\u202ed\u2067e\tf\ng👨‍👩‍👧") == "abcde\tf\ng👨‍👩‍👧"


# edits


async def test_an_edited_message_changes_no_answer_and_it_is_said_how_to(world: World) -> None:
    await report_up_to(world, "complaint")
    message = world.telegram.say(TECHNICIAN, "怠速抖动")
    await world.settled()
    world.telegram.edit(TECHNICIAN, message, "加速无力")
    await world.settled()
    assert "请在核对页修改" in world.last(TECHNICIAN)
    assert (await answers(world))["complaint"] == "怠速抖动"
    assert await step(world) == "fault_family"


async def test_a_live_location_that_moves_is_not_answered_each_time(world: World) -> None:
    message = world.telegram.send_location(TECHNICIAN, 31.2, 121.4)
    await world.settled()
    before = len(world.shown(TECHNICIAN))
    for step_north in range(4):
        world.telegram.move_location(TECHNICIAN, message, 31.2 + step_north / 1000, 121.4)
    await world.settled()
    assert world.telegram.waiting == 0
    assert len(world.shown(TECHNICIAN)) == before


# commands


@pytest.mark.parametrize(
    "command", ["/cancel", "/CANCEL", "/Cancel@claimbot_demo_bot", "/cancel please", "/cancel\nplease", " /cancel "]
)
async def test_cancel_in_any_spelling_keeps_the_draft(world: World, command: str) -> None:
    await report_up_to(world, "complaint")
    assert "已存为草稿" in await world.say(TECHNICIAN, command)
    await world.say(TECHNICIAN, "/drafts")
    assert "客户怎么说" in await world.tap(TECHNICIAN, "▶️")


@pytest.mark.parametrize("command", ["/start", "/help", "/START@claimbot_demo_bot", "/start@claimbot_demo_bot "])
async def test_start_midway_tells_what_can_be_done_and_the_answers_go_on(world: World, command: str) -> None:
    await report_up_to(world, "complaint")
    assert "客户怎么说" in await world.say(TECHNICIAN, command), "the question comes again"
    assert "您的角色" in world.shown(TECHNICIAN)[-2]["text"]
    await world.say(TECHNICIAN, "怠速抖动")
    assert await step(world) == "fault_family"


@pytest.mark.parametrize("command", ["/rubbish", "/取消", "/" + "x" * 300, "/stop_it"])
async def test_an_unknown_command_midway_is_no_answer_and_the_question_stands(world: World, command: str) -> None:
    await report_up_to(world, "complaint")
    assert "没看懂。当前步骤" in await world.say(TECHNICIAN, command)
    assert await step(world) == "complaint"
    assert "complaint" not in await answers(world)


@pytest.mark.parametrize("text", ["/", "//", "/5W-30机油渗漏", "/ 抖动抖动"])
async def test_a_slash_alone_makes_no_command(world: World, text: str) -> None:
    await report_up_to(world, "complaint")
    assert "没看懂" not in await world.say(TECHNICIAN, text)


async def test_cancel_where_nothing_goes_on_shows_what_can_be_done(world: World) -> None:
    assert "当前没有进行中的流程" in await world.say(TECHNICIAN, "/cancel")
    assert world.buttons(TECHNICIAN)


# names


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("<b>&", None, "<b>&"),
        ("\u202eevE", "\u2066X", "evE X"),
        ("😀🚗", None, "😀🚗"),
        ("王", None, "王"),
        ("长" * 64, "名" * 64, "长" * 64 + " " + "名" * 15),
        ("\u3164", None, "?"),
        ("a\x00b\nc", None, "ab c"),
    ],
)
async def test_any_name_can_join_and_is_shown_harmlessly(
    world: World, first: str, last: str | None, shown: str
) -> None:
    await invited(world, 3001, first, last, "zh-hans")
    await world.tap(3001, "中文")
    assert "怎么称呼" in world.last(3001)
    await world.tap(3001, shown)
    assert f"👋 {shown}，" in world.last(3001)
    assert "\u202e" not in world.last(3001)


@pytest.mark.parametrize(
    ("code", "said"),
    [("zh-hans", "您好"), ("zh", "您好"), ("ZH-TW", "您好"), ("pt-br", "Hello"), ("", "Hello"), (None, "Hello")],
)
async def test_a_strangers_language_is_their_phones_or_english(world: World, code: str | None, said: str) -> None:
    world.telegram.add_person(3002, "Someone", None, code)
    assert (await world.say(3002, "hi")).startswith(said)


async def invited(world: World, user: int, first: str, last: str | None, code: str | None) -> None:
    """Somebody new opens the link of an invitation."""
    token = f"token-of-{user}"

    def invite(tx: Tx) -> None:
        site = people.site_by_code(tx, "SH01")
        assert site is not None
        later = world.clock.now() + dt.timedelta(days=1)
        people.add_invite(tx, token, site_id=site.id, role="technician", expires_at=later, made_by=None)

    await world.database.turn(invite)
    world.telegram.add_person(user, first, last, code)
    await world.say(user, f"/start {token}")


# numbers and days as people type them


@pytest.mark.parametrize(
    ("text", "km"),
    [("１２３４５", 12345), ("23,456", 23456), ("2.3万", 23000), ("23456公里", 23456), ("２３４５６ｋｍ", 23456)],
)
async def test_kilometres_are_read_as_people_type_them(world: World, text: str, km: int) -> None:
    await report_up_to(world, "odometer_km")
    await world.say(TECHNICIAN, text)
    assert (await answers(world)).get("odometer_km") == km, world.last(TECHNICIAN)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("￥１２８０。５", "1280.50"),
        ("1280.5元", "1280.50"),
        ("三百", None),
        ("-5", None),
        ("12.345,6,7", None),
    ],
)
async def test_money_is_read_as_people_type_it_or_asked_again(world: World, text: str, amount: str | None) -> None:
    await desk_up_to(world, "lines")
    await world.tap(CLERK, "🚛 拖车")
    await world.say(CLERK, text)
    if amount is None:
        assert "请输入金额" in world.last(CLERK)
        return
    await world.tap(CLERK, "✅ 就这些")
    kept = (await answers(world, CLERK))["lines"]
    assert isinstance(kept, list)
    assert [line["unit_price"] for line in kept if isinstance(line, dict)] == [amount]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("yesterday", "2026-09-08"),
        ("昨天", "2026-09-08"),
        ("31.3.", "2026-03-31"),
        ("２０２５年３月１５日", "2025-03-15"),
        ("15/3/2025", "2025-03-15"),
        ("31.2.", None),
        ("31.2.2025", None),
        ("3/4/2025", None),
        ("soon", None),
        ("2027-01-01", None),
    ],
)
async def test_days_are_read_as_people_type_them_or_asked_again(world: World, text: str, day: str | None) -> None:
    await desk_up_to(world, "in_service_on")
    await world.say(CLERK, text)
    assert (await answers(world, CLERK)).get("in_service_on") == day
    if day is None:
        assert await step(world, CLERK) == "in_service_on"
        assert any(word in world.last(CLERK) for word in ("请输入日期", "还没到"))


# strangers, and those who are in nothing


async def test_a_stranger_may_send_anything_and_gets_one_line(world: World) -> None:
    for what in OTHERS:
        world.telegram.send_other(STRANGER, what)
    world.telegram.send_file(STRANGER, "a.exe", b"MZ" + bytes(60), "application/x-msdownload")
    message = world.telegram.say(STRANGER, "/cancel")
    world.telegram.edit(STRANGER, message, "/new")
    await world.settled()
    said = {message["text"] for message in world.shown(STRANGER)}
    assert said == {str(Html("Hello. To work here you need an invitation from your site's administrator."))}
    assert len(world.shown(STRANGER)) == len(OTHERS) + 3


async def test_words_out_of_the_blue_get_what_this_person_can_do(world: World) -> None:
    await world.say(SUPERVISOR, "what now?")
    assert "I did not understand that" in world.last(SUPERVISOR)
    assert await stand(world, SUPERVISOR) is None
