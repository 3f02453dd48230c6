"""What goes wrong between us and Telegram: every message goes out at least once, every state changes once."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from claimbot.__main__ import DEMO_TOKEN
from claimbot.assistant import reminders
from claimbot.assistant.delivery import MOST_ATTEMPTS
from claimbot.assistant.house import House, Reply
from claimbot.assistant.letters import Letter, post
from claimbot.chat.door import Door, build_application
from claimbot.chat.pacing import Pacer
from claimbot.chat.sending import send
from claimbot.claims.words import Html
from claimbot.demo.bot_api import How
from claimbot.demo.samples import draw_sample
from claimbot.evidence import EvidenceFolder, examine
from claimbot.store import Database, Tx, messages, people
from claimbot.store.messages import URGENT, USUAL, Message
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import answers, report_up_to, step

TRANSIENT: tuple[How, ...] = ("502", "reset", "429")


async def letters(
    world: World, *to: int, letter: Letter | None = None, waiting: bool = False, urgency: int = USUAL
) -> list[Message]:
    """One message to each of them, as a turn leaves them; `waiting`: for the tick to take."""

    def write(tx: Tx) -> list[Message]:
        reply = Reply()
        for user in to:
            person = people.lock_by_telegram_id(tx, user)
            assert person is not None
            post(tx, reply, person, letter or Letter(Html(f"an alle, {user}")), world.clock.now(), urgency=urgency)
        if waiting:
            messages.release_leases(tx)
        return reply.messages

    return await world.database.turn(write)


def heard(world: World, user: int, words: str = "an alle") -> int:
    return sum(words in message["text"] for message in world.shown(user))


# sending


@pytest.mark.parametrize("how", TRANSIENT)
async def test_a_question_that_did_not_go_out_comes_a_little_later(world: World, how: How) -> None:
    await report_up_to(world, "odometer_km")
    world.telegram.fail_next("sendMessage", how)
    await world.say(TECHNICIAN, "23456")
    assert "客户怎么说" not in world.last(TECHNICIAN)
    world.skip(seconds=6)
    await world.tick()
    assert "客户怎么说" in world.last(TECHNICIAN)
    assert heard(world, TECHNICIAN, "客户怎么说") == 1


async def test_a_send_that_timed_out_but_arrived_is_said_twice_and_counts_once(world: World) -> None:
    await report_up_to(world, "odometer_km")
    world.telegram.fail_next("sendMessage", "lost answer")
    await world.say(TECHNICIAN, "23456")
    world.skip(seconds=6)
    await world.tick()
    assert heard(world, TECHNICIAN, "客户怎么说") == 2
    assert await step(world) == "complaint"
    assert (await answers(world))["odometer_km"] == 23456


async def test_a_send_that_hangs_is_given_up_and_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await report_up_to(world, "odometer_km")
    monkeypatch.setattr("claimbot.chat.request.READ_FOR", 0.2)
    world.telegram.fail_next("sendMessage", "hang")
    world.telegram.say(TECHNICIAN, "23456")
    world.telegram.say(CLERK, "/help")
    await world.until(lambda: heard(world, CLERK, "您的角色") == 2, "the clerk's answer meanwhile")
    await world.settled()
    world.skip(seconds=6)
    await world.tick()
    assert heard(world, TECHNICIAN, "客户怎么说") == 1


async def test_telegrams_waiting_time_holds_back_everything(world: World) -> None:
    held: list[float] = []
    world.door._pacer.hold = held.append  # type: ignore[method-assign, assignment]  # noqa: SLF001  looks on
    await report_up_to(world, "car_right")
    for method in ("answerCallbackQuery", "editMessageText", "sendMessage"):
        world.telegram.fail_next(method, "429")
    await world.tap(TECHNICIAN, "✔️ 是")
    assert held == [1.0, 1.0, 1.0]
    world.skip(seconds=6)
    await world.tick()
    assert "里程表读数" in world.last(TECHNICIAN)


async def test_what_waits_longer_than_its_lease_is_said_once(world: World) -> None:
    waiting = await letters(world, CLERK)
    gate = asyncio.Event()
    pacer = world.door._pacer  # noqa: SLF001

    async def turn(_chat: int, *, urgency: int) -> None:
        assert urgency
        await gate.wait()

    free, pacer.turn = pacer.turn, turn  # type: ignore[method-assign, assignment]  # a hold of minutes
    slow = asyncio.ensure_future(world.door.deliver(waiting))
    await asyncio.sleep(0)
    world.skip(minutes=5)
    pacer.turn = free  # type: ignore[method-assign]
    await world.tick()
    gate.set()
    await slow
    assert heard(world, CLERK) == 1


async def test_one_that_must_wait_is_not_overtaken_by_those_behind_it(world: World) -> None:
    sent = [(await letters(world, CLERK, letter=Letter(Html(f"brief {number}"))))[0] for number in range(3)]
    world.telegram.fail_next("sendMessage", "reset")
    await world.door.deliver(sent)
    assert heard(world, CLERK, "brief") == 0
    world.skip(seconds=6)
    await world.tick()
    assert [message["text"] for message in world.shown(CLERK)[-3:]] == ["brief 0", "brief 1", "brief 2"]


async def test_the_next_answer_does_not_overtake_a_question_that_must_wait(world: World) -> None:
    await report_up_to(world, "odometer_km")
    world.telegram.fail_next("sendMessage", "429")
    await world.say(TECHNICIAN, "23456")
    await world.say(TECHNICIAN, "怠速抖动，故障灯亮")
    assert await step(world) == "fault_family"
    assert "里程表读数" in world.last(TECHNICIAN), "neither is there yet"
    await world.say(CLERK, "/help")
    assert heard(world, CLERK, "您的角色") == 2, "nobody else waits for it"
    world.skip(seconds=1.5)  # Telegram had said one second
    await world.tick()
    asked = [message["text"] for message in world.shown(TECHNICIAN)[-2:]]
    assert "客户怎么说" in asked[0]
    assert "故障在哪个系统" in asked[1]
    await world.tap(TECHNICIAN, "发动机")
    assert "故障码" in world.last(TECHNICIAN)


async def test_whenever_telegram_wants_a_pause_everybody_is_told_everything_in_its_order(world: World) -> None:
    dice = random.Random(7)  # noqa: S311  which way it goes, and the same again
    told: dict[int, list[str]] = {CLERK: [], SUPERVISOR: []}
    for number in range(60):
        if dice.random() < 0.3:
            world.telegram.fail_next("sendMessage", "429")
        to = dice.choice((CLERK, SUPERVISOR))
        told[to].append(f"brief {number}")
        urgent = dice.random() < 0.5
        letter = Letter(Html(f"brief {number}"))
        await world.door.deliver(await letters(world, to, letter=letter, urgency=URGENT if urgent else USUAL))
        if dice.random() < 0.4:
            world.skip(seconds=dice.choice((0.5, 1.5, 3)))
            await world.door.tick()
    for _ in range(8):
        world.skip(seconds=1.5)
        await world.door.tick()
    for user, briefs in told.items():
        assert [each["text"] for each in world.shown(user) if each["text"].startswith("brief")] == briefs


async def test_one_that_was_held_back_and_is_never_said_keeps_nothing_back_for_long(world: World) -> None:
    world.telegram.fail_next("sendMessage", "429")
    (lost,) = await letters(world, CLERK, letter=Letter(Html("brief 0")))
    await world.door.deliver([lost])
    await world.database.turn(lambda tx: messages.give_up(tx, lost.id, "dropped", "overtaken"))
    await world.door.deliver(await letters(world, CLERK, letter=Letter(Html("brief 1"))))
    assert heard(world, CLERK, "brief") == 0
    world.skip(seconds=12)
    await world.tick()
    assert world.last(CLERK) == "brief 1"


async def test_a_mark_counts_in_telegrams_pace_and_takes_no_questions_moment(world: World) -> None:
    await report_up_to(world, "car_right")
    pacer, asked = world.door._pacer, []  # noqa: SLF001  looks on
    free = pacer.turn

    async def turn(chat_id: int, *, urgency: int, spare: int = 0) -> None:
        asked.append((chat_id, urgency, spare))
        await free(chat_id, urgency=urgency, spare=spare)

    pacer.turn = turn  # type: ignore[method-assign]
    await world.tap(TECHNICIAN, "✔️ 是")
    assert sorted(asked) == [(TECHNICIAN, 0, 1), (TECHNICIAN, URGENT, 0)]


async def test_a_message_that_telegram_never_takes_is_given_up_and_keeps_nobody_waiting(world: World) -> None:
    bad = Letter(Html("<b>broken"))
    sent = [*await letters(world, CLERK, letter=bad), *await letters(world, CLERK, SUPERVISOR)]
    await world.door.deliver(sent)
    for _ in range(12):
        world.skip(minutes=30)
        await world.tick()
    assert heard(world, CLERK) == 1
    assert heard(world, SUPERVISOR) == 1
    tried = sum(values.get("text") == "<b>broken" for _, values in world.telegram.calls)
    assert tried == 1


async def test_a_bug_in_one_message_is_tried_a_few_times_and_silences_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0

    async def buggy(bot: object, folder: object, message: Message) -> int | None:
        nonlocal tried
        if "poison" in str(message.body["html"]):
            tried += 1
            raise RuntimeError("a bug of ours")
        return await send(bot, folder, message)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr("claimbot.chat.door.send", buggy)
    await letters(world, CLERK, letter=Letter(Html("poison")), waiting=True)
    await letters(world, CLERK, SUPERVISOR, SECOND, waiting=True)
    for _ in range(20):
        await world.tick()
        world.skip(minutes=20)
    assert tried == MOST_ATTEMPTS - 1, "the first was the turn's, which ended before it"
    assert [heard(world, user) for user in (CLERK, SUPERVISOR, SECOND)] == [1, 1, 1]


async def test_a_reminder_that_cannot_be_put_into_words_silences_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await report_up_to(world, "complaint")

    def bug(*_: object) -> None:
        raise LookupError("a bug of ours")

    monkeypatch.setattr(reminders, "compose", bug)
    world.skip(hours=3)
    await letters(world, CLERK, SUPERVISOR, waiting=True)
    await world.tick()
    assert [heard(world, user) for user in (CLERK, SUPERVISOR)] == [1, 1]


async def test_a_caption_over_1024_follows_its_photo_as_a_text_with_the_buttons(world: World) -> None:
    drawn = draw_sample("odometer", vin="LSVAA4182E2184847", km=1)
    sha = examine(drawn, name=None, said_mime=None).sha256
    EvidenceFolder(world.folder / "evidence").keep(drawn, sha)
    long = Letter(Html("<b>长</b>" * 1100), ((("Ja", "m:help"),),), (sha,))
    await world.door.deliver(await letters(world, CLERK, letter=long))
    photo, text = world.shown(CLERK)[-2:]
    assert photo["text"] == ""
    assert "reply_markup" not in photo
    assert text["text"] == "长" * 1100
    assert "Ja" in world.buttons(CLERK)


# blocked and deleted


async def test_of_a_broadcast_the_blocked_and_the_deleted_miss_it_and_the_rest_get_theirs(world: World) -> None:
    world.telegram.block(CLERK)
    await world.settled()
    world.telegram.deactivate(SUPERVISOR)
    await letters(world, CLERK, SUPERVISOR, TECHNICIAN, SECOND, waiting=True)
    await world.tick()
    assert [heard(world, user) for user in (TECHNICIAN, SECOND)] == [1, 1]
    before = len(world.telegram.calls)
    world.skip(hours=1)
    await world.tick()
    assert not [call for call in world.telegram.calls[before:] if call[0] == "sendMessage"], "and it is not tried again"


async def test_when_all_at_the_desk_have_blocked_the_clock_climbs_to_who_can_be_reached(world: World) -> None:
    await world.report()
    world.telegram.block(CLERK)
    world.telegram.block(TECHNICIAN)
    world.telegram.deactivate(SUPERVISOR)
    await world.settled()
    with capture_logs() as logs:
        for _ in range(14):
            world.skip(days=1)
            await world.tick()
    assert heard(world, SECOND, "SH01-2026-0001") > 0
    assert not [each for each in logs if each["log_level"] == "error"], logs
    refused = [values for method, values in world.telegram.calls if str(values.get("chat_id")) == str(SUPERVISOR)]
    assert sum("SH01-2026-0001" in str(values.get("text")) for values in refused) == 1, "once, and never again"


async def test_a_clock_whose_people_all_blocked_is_handed_on_once_to_each_and_ends(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    for user in (SUPERVISOR, CLERK, TECHNICIAN, SECOND):
        world.telegram.deactivate(user)
    with capture_logs() as logs:
        for _ in range(30):
            world.skip(days=1)
            await world.tick()
    assert not [each for each in logs if each["log_level"] == "error"], logs
    later = len(world.telegram.calls)
    for _ in range(3):
        world.skip(hours=2)
        await world.tick()
    assert len(world.telegram.calls) <= later + 3


async def test_who_lets_the_bot_speak_again_is_spoken_to_again(world: World) -> None:
    world.telegram.block(CLERK)
    await world.settled()
    world.telegram.unblock(CLERK)
    await world.settled()
    await world.report()
    assert any("小李 报修" in message["text"] for message in world.shown(CLERK))


# updates


async def test_an_update_that_comes_twice_or_out_of_order_counts_once(world: World) -> None:
    await report_up_to(world, "odometer_km")

    def update(number: int, text: str) -> dict[str, Any]:
        person = {"id": TECHNICIAN, "is_bot": False, "first_name": "小李", "language_code": "zh-hans"}
        chat = {"id": TECHNICIAN, "type": "private", "first_name": "小李"}
        message = {"message_id": number, "date": 1788919200, "from": person, "chat": chat, "text": text}
        return {"update_id": number, "message": message}

    later, earlier = update(900_002, "23456"), update(900_001, "怠速抖动,故障灯亮")
    for each in (later, later, earlier, later, earlier):
        await world.door._process(each)  # noqa: SLF001  as a webhook would
    assert await step(world) == "fault_family"
    assert heard(world, TECHNICIAN, "客户怎么说") == 1


@pytest.mark.parametrize("how", TRANSIENT)
async def test_polling_goes_on_after_whatever_came_instead_of_updates(
    world: World, monkeypatch: pytest.MonkeyPatch, how: How
) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(world.door._poller, "_sleep", rest)  # noqa: SLF001
    world.telegram.fail_next("getUpdates", how, 3)
    world.telegram.say(CLERK, "/help")
    await world.until(lambda: heard(world, CLERK, "您的角色") == 2, "the answer")
    await world.until(lambda: world.telegram.waiting == 0, "the confirmation")


async def test_two_bots_with_one_token_are_told_of_once_and_nothing_is_answered_twice(world: World) -> None:
    port = world.door._bot.base_url.split(":")[2].split("/")[0]  # noqa: SLF001
    other = build_application(DEMO_TOKEN, f"http://127.0.0.1:{port}")
    async with Database(f"sqlite:///{world.folder / 'claimbot.db'}") as database:
        evidence = EvidenceFolder(world.folder / "evidence")
        second = Door(other, House(world.house.office), database, evidence, world.clock.now, Pacer(None))
        with capture_logs() as logs:
            running = asyncio.ensure_future(second.run(3600))
            await world.until(lambda: any(each["event"] == "poll.conflict" for each in logs), "the word of it")
            before = heard(world, CLERK, "您的角色")
            world.telegram.say(CLERK, "/help")
            await world.until(lambda: heard(world, CLERK, "您的角色") > before, "the answer")
            await world.until(lambda: world.telegram.waiting == 0, "its confirmation")
            await second.stop()
            await asyncio.wait_for(running, 20)
        assert heard(world, CLERK, "您的角色") == before + 1
        told = [each for each in logs if each["event"] == "poll.conflict"]
        assert 1 <= len(told) <= 2, "once by each"
        assert "stop one of the two" in told[0]["mend"]


async def test_two_processes_that_deliver_at_once_say_it_once(world: World, tmp_path: Path) -> None:
    port = world.door._bot.base_url.split(":")[2].split("/")[0]  # noqa: SLF001
    await letters(world, CLERK, SUPERVISOR, TECHNICIAN, SECOND, waiting=True)
    await report_up_to(world, "complaint")
    world.skip(hours=2, minutes=1)
    other = build_application(DEMO_TOKEN, f"http://127.0.0.1:{port}")
    async with other, Database(f"sqlite:///{world.folder / 'claimbot.db'}") as database:
        evidence = EvidenceFolder(tmp_path / "evidence")
        second = Door(other, House(world.house.office), database, evidence, world.clock.now, Pacer(None))
        await asyncio.gather(*(door.tick() for door in (second, world.door, second, world.door)))
    assert [heard(world, user) for user in (CLERK, SUPERVISOR, TECHNICIAN, SECOND)] == [1, 1, 1, 1]
    assert heard(world, TECHNICIAN, "提醒") == 1


async def test_somebody_whose_photo_takes_long_sees_that_something_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimbot.chat.door._SIGN_AFTER", 0)
    await report_up_to(world, "photos")
    before = len(world.telegram.calls)
    await world.photo(TECHNICIAN)
    signs = [values for method, values in world.telegram.calls[before:] if method == "sendChatAction"]
    assert [(str(each["chat_id"]), each["action"]) for each in signs] == [(str(TECHNICIAN), "typing")]


async def test_an_answer_that_comes_at_once_needs_no_sign(world: World) -> None:
    await report_up_to(world, "photos")
    assert not any(method == "sendChatAction" for method, _ in world.telegram.calls)


async def test_a_sign_that_fails_costs_no_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimbot.chat.door._SIGN_AFTER", 0)
    await report_up_to(world, "photos")
    world.telegram.fail_next("sendChatAction", "502")
    assert "👍 车架号铭牌" in await world.photo(TECHNICIAN)
