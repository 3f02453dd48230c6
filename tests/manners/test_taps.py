"""Taps: twice, from two devices, stale, forged, of other people, after a restart; each is answered and counts once."""

import pytest

from claimbot.store import Tx, people
from tests.conftest import CLERK, SECOND, STRANGER, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import answers, report_up_to, step

FORGED = (
    "",
    ":",
    "q",
    "q:",
    "q:1",
    "q:1:vin",
    "q:1:vin:pick",
    "q:1:nowhere:pick:x",
    "q:1::",
    "q:zzzzzzzzzzzzzzzzzzzzzz:vin:pick:x",
    "q:-1:vin:back",
    "q:é:vin:back",
    "m:",
    "m:rubbish",
    "c:",
    "c:zz",
    "c:zzzzzzzzzzzzzzzzzzzzzzzz",
    "c:-1",
    "p:1",
    "p:zzzz",
    "b:",
    "b:warranty.desk",
    "b:warranty.desk:zz",
    "b:nothing:1",
    "b:people.join:1",
    "v:1",
    "v:zz",
    "a:1",
    "a:1:approve",
    "a:zzzzzzzzzzzzzzzzzzzzz:approve",
    "a:1:nonsense",
    "d:1",
    "d:zzzzzzzzzzzzzzzzzzzzzz",
    "x:1",
    "x:nothing",
    "s:1",
    "s:1:1h",
    "s:zzzz:tomorrow",
    "s:zzzzzzzzzzzzzzzzzzzzzz:1h",
    "n:",
    "n:d1",
    "n:dzzzzzzzzzzzzzzzzzzzzzzz",
    "n:c1",
    "n:zzz",
    "rubbish",
    "x" * 64,
    "😀",
    "\x00",
    "q:1:vin:pick:\x00",
)


def answered(world: World) -> int:
    return len(world.telegram.answers)


async def test_a_double_tap_answers_one_step(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "是" in label)
    before = answered(world)
    world.telegram.tap(TECHNICIAN, *yes)
    world.telegram.tap(TECHNICIAN, *yes)  # the other thumb, or the other device
    await world.settled()
    assert await step(world) == "odometer_km"
    assert sum("里程表读数" in message["text"] for message in world.shown(TECHNICIAN)) == 1
    assert [each["text"] for each in world.telegram.answers[before:]] == ["", "这一步已经答过了。"]


async def test_a_button_of_a_question_answered_long_ago_changes_nothing(world: World) -> None:
    await report_up_to(world, "car_right")
    no = next(place for label, place in world.buttons(TECHNICIAN).items() if "不是" in label)
    await world.tap(TECHNICIAN, "✔️ 是")
    await world.say(TECHNICIAN, "23456")
    world.telegram.tap(TECHNICIAN, *no)
    await world.settled()
    assert world.telegram.answers[-1]["text"] == "这一步已经答过了。"
    assert await step(world) == "complaint"
    assert (await answers(world))["car_right"] is True


async def test_a_tapped_question_shows_the_choice_and_loses_its_buttons(world: World) -> None:
    await report_up_to(world, "fault_family")
    await world.tap(TECHNICIAN, "发动机")
    asked = next(message for message in world.shown(TECHNICIAN) if "✔️ 故障系统" in message["text"])
    assert "发动机" in asked["text"]
    assert "reply_markup" not in asked


async def test_an_answered_button_of_another_draft_does_not_lead_away_from_the_question_in_hand(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    await world.tap(TECHNICIAN, "✔️ 是")
    await report_up_to(world, "complaint")
    world.telegram.tap(TECHNICIAN, *yes)
    await world.settled()
    assert world.telegram.answers[-1]["text"] == "这一步已经答过了。"
    assert await step(world) == "complaint"
    await world.say(TECHNICIAN, "怠速抖动")
    assert (await answers(world))["complaint"] == "怠速抖动"


async def test_an_answered_button_of_a_draft_does_not_lead_back_into_it_unseen(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    await world.tap(TECHNICIAN, "✔️ 是")
    await world.say(TECHNICIAN, "/cancel")
    world.telegram.tap(TECHNICIAN, *yes)
    await world.settled()
    assert await step(world) == ""
    assert "没看懂" in await world.say(TECHNICIAN, "23456")


async def test_a_standing_button_of_another_draft_leads_to_that_draft(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    await report_up_to(world, "complaint")
    world.telegram.tap(TECHNICIAN, *yes)
    await world.settled()
    assert await step(world) == "odometer_km"
    assert "里程表读数" in world.last(TECHNICIAN)


async def test_a_button_of_a_finished_or_thrown_away_report_is_answered(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    await world.say(TECHNICIAN, "/cancel")
    await world.tap(TECHNICIAN, "🗑")
    world.telegram.tap(TECHNICIAN, *yes)
    await world.settled()
    assert world.telegram.answers[-1]["text"] == "这一步已经答过了。"
    assert await step(world) == ""


@pytest.mark.parametrize("user", [TECHNICIAN, SUPERVISOR, SECOND, STRANGER])
async def test_forged_buttons_are_answered_change_nothing_and_are_no_bug(world: World, user: int) -> None:
    number = await world.report()
    await world.say(user, "/help")
    message = world.shown(user)[-1]["message_id"]
    before = answered(world)
    for data in FORGED:
        world.telegram.tap(user, message, data)
    await world.settled()
    assert answered(world) == before + len(FORGED)
    for each in (user, CLERK):
        shown = [message["text"] for message in world.shown(each)]
        assert not any("系统出错" in text or "went wrong" in text for text in shown), shown
    await world.say(CLERK, f"/claim {number}")
    assert "待索赔员处理" in world.last(CLERK)


@pytest.mark.parametrize("user", [CLERK, STRANGER])
async def test_another_persons_button_is_answered_and_moves_nobody(world: World, user: int) -> None:
    await report_up_to(world, "car_right")
    message, data = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    world.telegram.tap(user, message, data)
    await world.settled()
    assert world.telegram.answers[-1]["text"] in {"该按钮已失效。", "That button is no longer valid."}
    assert world.telegram.answers[-1]["user_id"] == user
    assert await step(world) == "car_right"
    assert await step(world, user) == ""


async def test_who_is_no_supervisor_decides_nothing_with_a_supervisors_button(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    message, data = next(place for label, place in world.buttons(SUPERVISOR).items() if "✅ Approve" in label)
    for user in (TECHNICIAN, CLERK, STRANGER):
        world.telegram.tap(user, message, data)
    await world.settled()
    assert not any("批准" in text["text"] for text in world.shown(TECHNICIAN))
    assert "没有此项权限" in world.last(TECHNICIAN)
    assert any("✅ Approve" in label for label in world.buttons(SUPERVISOR))


# the answer to the tap


async def test_a_tap_on_a_message_that_is_too_old_or_gone_still_counts(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    world.telegram.delete(TECHNICIAN, yes[0])
    world.telegram.tap(TECHNICIAN, *yes)
    await world.settled()
    assert await step(world) == "odometer_km"


async def test_a_query_that_is_too_old_costs_nothing_else(world: World) -> None:
    await report_up_to(world, "car_right")
    yes = next(place for label, place in world.buttons(TECHNICIAN).items() if "✔️ 是" in label)
    world.telegram.tap(TECHNICIAN, *yes)
    world.skip(minutes=20)  # before the bot has looked
    await world.settled()
    assert await step(world) == "odometer_km"
    assert "里程表读数" in world.last(TECHNICIAN)
    assert not any("too old" in message["text"] for message in world.shown(TECHNICIAN))


@pytest.mark.parametrize("how", ["502", "reset", "429", "lost answer"])
async def test_a_tap_is_answered_also_when_the_wire_fails_once(world: World, how: str) -> None:
    await report_up_to(world, "car_right")
    before = answered(world)
    world.telegram.fail_next("answerCallbackQuery", how)  # type: ignore[arg-type]  # one of the ways
    await world.tap(TECHNICIAN, "✔️ 是")
    assert answered(world) >= before + 1
    assert await step(world) == "odometer_km"


async def test_not_modified_is_shown_to_nobody(world: World) -> None:
    await report_up_to(world, "fault_family")
    message, data = next(place for label, place in world.buttons(TECHNICIAN).items() if "发动机" in label)
    await world.tap(TECHNICIAN, "发动机")
    for _ in range(2):  # back to the question, and the same choice by the same old button
        await world.tap(TECHNICIAN, "上一步")
        world.telegram.tap(TECHNICIAN, message, data)
        await world.settled()
    assert await step(world) == "fault_codes"
    told = " ".join(text["text"] for text in world.shown(TECHNICIAN))
    assert "modified" not in told
    assert "系统出错" not in told


@pytest.mark.parametrize("method", ["editMessageText", "editMessageReplyMarkup", "sendMessage", "setMyCommands"])
async def test_what_fails_beside_the_answer_to_a_tap_leaves_it_answered(world: World, method: str) -> None:
    await report_up_to(world, "car_right")
    before = answered(world)
    world.telegram.fail_next(method, "502")
    await world.tap(TECHNICIAN, "✔️ 是")
    assert answered(world) == before + 1
    assert await step(world) == "odometer_km"
    world.skip(seconds=6)
    await world.tick()
    assert "里程表读数" in world.last(TECHNICIAN)


# bugs


async def test_a_bug_is_told_with_a_number_in_ones_own_language_and_the_tap_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.say(SUPERVISOR, "/language zh")
    message = world.shown(SUPERVISOR)[-1]["message_id"]
    before = answered(world)

    def bug(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr("claimbot.chat.door.take", bug)
        world.telegram.tap(SUPERVISOR, message, "m:queue")
        await world.settled()
    assert answered(world) == before + 1
    assert "系统出错了，内容没有丢失，请再试一次。编号" in world.last(SUPERVISOR)
    assert "RuntimeError" not in world.last(SUPERVISOR)
    world.telegram.tap(SUPERVISOR, message, "m:queue")
    await world.settled()
    assert "没有待办" in world.last(SUPERVISOR)


async def test_a_bug_deep_in_a_tapped_question_is_a_bug_and_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await report_up_to(world, "car_right")
    before = answered(world)

    def bug(*_: object) -> None:
        raise KeyError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr("claimbot.assistant.conversing.engine.advance", bug)
        await world.tap(TECHNICIAN, "✔️ 是")
    assert "系统出错" in world.last(TECHNICIAN), "it is not passed off as a button that is no longer valid"
    assert answered(world) == before + 1
    await world.tap(TECHNICIAN, "✔️ 是")
    assert await step(world) == "odometer_km"


async def test_a_bug_for_one_person_stops_nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = people.lock_by_telegram_id

    def bug(tx: Tx, telegram_id: int) -> people.Person | None:
        if telegram_id == TECHNICIAN:
            raise RuntimeError("a bug of ours")
        return known(tx, telegram_id)

    with monkeypatch.context() as patched:
        patched.setattr("claimbot.assistant.turns.people.lock_by_telegram_id", bug)
        for user in (TECHNICIAN, CLERK, TECHNICIAN, SUPERVISOR, SECOND):
            world.telegram.say(user, "/help")
        await world.settled()
    assert sum("系统出错" in message["text"] for message in world.shown(TECHNICIAN)) == 2
    for user in (CLERK, SUPERVISOR, SECOND):
        assert sum("/language" in message["text"] for message in world.shown(user)) == 2, "hello and help"


async def test_a_refusal_that_ends_a_conversation_leaves_no_dead_buttons_under_its_question(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "🗑 撤回")
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "↩️ Send back")
    asked = world.shown(SUPERVISOR)[-1]
    labels = set(world.buttons(SUPERVISOR))
    await world.say(CLERK, "客户自费维修")  # withdrawn while the supervisor thinks of a reason
    reason = next(label for label, place in world.buttons(SUPERVISOR).items() if place[0] == asked["message_id"])
    await world.tap(SUPERVISOR, reason)
    assert "withdrawn meanwhile" in world.last(SUPERVISOR)
    assert reason in labels - set(world.buttons(SUPERVISOR))


async def test_a_refusal_leaves_the_tapped_message_its_buttons(world: World) -> None:
    await world.report()
    await world.complete()
    world.telegram.block(SUPERVISOR)
    world.telegram.block(SECOND)
    await world.settled()
    assert "目前只有 0 位" in await world.tap(CLERK, "📤")
    assert any("📤" in label for label in world.buttons(CLERK))
