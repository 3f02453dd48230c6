"""The main job, through a real application: a fault is reported, completed, approved, and everybody is told."""

from claimbot.demo.samples import draw_sample
from tests.conftest import CLERK, SECOND, STRANGER, SUPERVISOR, TECHNICIAN, World


async def test_a_fault_goes_from_the_technicians_phone_to_the_supervisors_decision(world: World) -> None:
    number = await world.report()
    assert number == "SH01-2026-0001"
    assert any("小李 报修" in message["text"] for message in world.shown(CLERK))
    await world.complete()
    await world.tap(CLERK, "📤")
    assert number in world.last(SUPERVISOR)
    assert "1,600.50" in world.last(SUPERVISOR)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert any("approved" in message["text"] for message in world.shown(SUPERVISOR))
    assert "批准" in world.last(TECHNICIAN)
    assert "批准" in world.last(CLERK)
    assert any("Chen Wei 已批准" in message["text"] for message in world.shown(SECOND)), "the other card says it"
    assert not any("批准" in label for label in world.buttons(SECOND)), "and has no buttons any more"


async def test_two_supervisors_tapping_at_once_decide_once(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    first = next(place for label, place in world.buttons(SUPERVISOR).items() if "✅ Approve" in label)
    second = next(place for label, place in world.buttons(SECOND).items() if "⛔️" in label)
    world.telegram.tap(SUPERVISOR, *first)
    world.telegram.tap(SUPERVISOR, *first)
    world.telegram.tap(SECOND, *second)
    await world.settled()
    told = [message["text"] for message in world.shown(TECHNICIAN) if "批准" in message["text"]]
    assert len(told) == 1, told


async def test_a_claim_that_is_sent_back_reaches_the_desk_with_its_reason(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "↩️ Send back")
    await world.say(SUPERVISOR, "Please add the second label")
    assert "Please add the second label" in world.last(CLERK)


async def test_the_technician_answers_exactly_what_the_desk_asked_for(world: World) -> None:
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "❓")
    await world.tap(CLERK, "📷")
    await world.tap(CLERK, "零件标签")
    await world.say(CLERK, "标签看不清")
    assert "标签看不清" in world.last(TECHNICIAN)
    await world.tap(TECHNICIAN, "↩️")
    await world.photo(TECHNICIAN, "part_label")
    assert "已转给索赔员" in world.last(TECHNICIAN)
    assert "小李 答复" in world.last(CLERK)


async def test_a_stranger_learns_that_an_invitation_is_needed_and_nothing_else(world: World) -> None:
    for text in ("hello", "/new", "/queue", "/start nonsense"):
        answer = await world.say(STRANGER, text)
        assert "invitation" in answer


async def test_a_photo_out_of_the_blue_finds_its_claim(world: World) -> None:
    await world.photo(TECHNICIAN)
    assert "属于哪一单" in world.last(TECHNICIAN)
    await world.tap(TECHNICIAN, "➕ 新建报修")
    assert "已收到" in world.last(TECHNICIAN)
    await world.example(TECHNICIAN)
    assert "这台车" in world.last(TECHNICIAN)


async def test_an_album_gets_one_answer_and_keeps_every_photo(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    while "张待归类" not in world.last(TECHNICIAN):
        answer = await world.example(TECHNICIAN)
        if answer.kind == "photo":
            break
    before = len(world.shown(TECHNICIAN))
    pictures = [draw_sample("failed_part", vin="LSVAA4182E2184847", km=1, seed=100 + n) for n in range(4)]
    world.telegram.send_album(TECHNICIAN, pictures)
    await world.settled()
    assert len(world.shown(TECHNICIAN)) == before, "the answer waits for the last photo"
    world.skip(seconds=2)
    await world.tick()
    assert len(world.shown(TECHNICIAN)) == before + 1
    assert "4" in str(world.shown(TECHNICIAN)[-1]["caption"])


async def test_a_reminder_of_an_unfinished_draft_comes_after_two_hours_and_can_be_snoozed(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    await world.tick()
    before = len(world.shown(TECHNICIAN))
    world.skip(hours=2, minutes=1)
    await world.tick()
    assert "提醒" in world.last(TECHNICIAN)
    assert len(world.shown(TECHNICIAN)) == before + 1
    await world.tap(TECHNICIAN, "1 小时后")
    world.skip(hours=1, minutes=1)
    await world.tick()
    assert sum("提醒" in message["text"] for message in world.shown(TECHNICIAN)) == 2


async def test_reminders_wait_while_it_is_night(world: World) -> None:
    world.skip(hours=9, minutes=30)  # 19:30 in Shanghai
    await world.say(TECHNICIAN, "/new")
    world.skip(hours=3)  # 22:30
    await world.tick()
    assert "提醒" not in world.last(TECHNICIAN)
    world.skip(hours=10)  # 08:30
    await world.tick()
    assert "提醒" in world.last(TECHNICIAN)


async def test_a_pause_and_cancel_keep_the_draft(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    await world.example(TECHNICIAN)
    assert "草稿" in await world.say(TECHNICIAN, "/CANCEL@claimbot_demo_bot")
    await world.say(TECHNICIAN, "/drafts")
    assert "这台车" in await world.tap(TECHNICIAN, "▶️")


async def test_blocking_marks_the_person_and_the_reminder_goes_to_the_next(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    world.telegram.block(TECHNICIAN)
    await world.settled()
    world.skip(hours=2, minutes=1)
    await world.tick()
    assert "提醒" in world.last(CLERK)


async def test_every_tap_is_answered_even_a_forged_one(world: World) -> None:
    message = world.shown(TECHNICIAN)[-1]["message_id"]
    before = len(world.telegram.answers)
    for data in ("q:zzzz:vin:pick:x", "a:1:approve", "c:zz", "rubbish", "b:warranty.desk:1", "s:1:1h"):
        world.telegram.tap(TECHNICIAN, message, data)
        await world.settled()
    assert len(world.telegram.answers) == before + 6
