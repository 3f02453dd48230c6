"""At the desk: what was told is kept, colleagues do not undo each other, and a site's desk is its own."""

import pytest

from claimbot.store import Tx, claims, people
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import answers, claims_labour, desk_up_to, on_to, report_up_to, step


async def clerk_too(world: World, user: int) -> None:
    def work(tx: Tx) -> None:
        person = people.lock_by_telegram_id(tx, user)
        site = people.site_by_code(tx, "SH01")
        assert person is not None
        assert site is not None
        people.give_role(tx, person.id, site.id, "clerk")

    await world.database.turn(work)


async def test_what_the_clerk_told_is_kept_when_they_stop_midway(world: World) -> None:
    await desk_up_to(world, "lines")
    assert "内容都在" in await world.tap(CLERK, "✖️ 退出")
    await world.tap(CLERK, "▶️ 继续")
    assert await step(world, CLERK) == "lines"
    await world.tap(CLERK, "✖️ 退出")
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📝")
    assert await step(world, CLERK) == "lines"


async def test_two_clerks_at_the_same_claim_do_not_undo_each_other_unseen(world: World) -> None:
    await clerk_too(world, SUPERVISOR)
    await desk_up_to(world, "desk_explanation")
    await world.say(SUPERVISOR, "/queue")
    await world.tap(SUPERVISOR, "📂")
    await world.tap(SUPERVISOR, "📝")
    await on_to(world, "lines", SUPERVISOR)
    await world.say(SUPERVISOR, "labour 999")
    await world.tap(SUPERVISOR, "That is all")
    await on_to(world, "desk_explanation", SUPERVISOR)
    await world.tap(SUPERVISOR, "✅ Keep")
    answer = await world.tap(CLERK, "✅ 保存")
    assert "Chen Wei 已修改" in answer
    assert "费用明细" in answer
    await world.say(CLERK, "/queue")
    await world.tap(CLERK, "📂")
    assert "¥999.00" in world.last(CLERK)
    await world.tap(CLERK, "📝")
    await claims_labour(world, CLERK, "500")
    assert "已补全" in await world.tap(CLERK, "✅ 保存")


async def test_a_photo_that_came_while_the_clerk_typed_stays_with_the_claim(world: World) -> None:
    await desk_up_to(world, "lines")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, "📁 SH01")
    await world.tap(TECHNICIAN, "车架号铭牌")
    await world.tap(TECHNICIAN, "拍完了")

    def slots(tx: Tx) -> object:
        claim = claims.claim_by_number(tx, "SH01-2026-0001")
        assert claim is not None
        assert claim.facts.photos is not None
        return claim.facts.photos.slots

    with_it = await world.database.turn(slots)
    await on_to(world, "desk_explanation", CLERK)
    await world.tap(CLERK, "✅ 保存")
    assert await world.database.turn(slots) == with_it


async def test_photos_that_two_people_add_at_once_are_all_kept(world: World) -> None:
    number = await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "🖼 照片")
    await world.tap(CLERK, "📷 补照片")
    await world.photo(CLERK, "odometer")
    await world.tap(CLERK, "里程表")

    def slots(tx: Tx) -> dict[str, tuple[str, ...]]:
        claim = claims.claim_by_number(tx, number)
        assert claim is not None
        assert claim.facts.photos is not None
        return dict(claim.facts.photos.slots)

    before_both = await world.database.turn(slots)
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, f"📁 {number}")
    await world.tap(TECHNICIAN, "车架号铭牌")
    await world.tap(TECHNICIAN, "拍完了")
    technicians = (await world.database.turn(slots))["vin_plate"]
    await world.tap(CLERK, "拍完了")
    after_both = await world.database.turn(slots)
    assert before_both["vin_plate"] != technicians
    assert after_both["vin_plate"] == technicians
    assert after_both["odometer"] != before_both["odometer"]
    assert {*after_both} == {*before_both}


async def test_an_answer_begun_for_one_request_does_not_answer_the_next(world: World) -> None:
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "❓")
    await world.tap(CLERK, "💬 文字回答")
    await world.say(CLERK, "缸压多少?")
    await world.tap(TECHNICIAN, "↩️ 答复")
    await world.tap(TECHNICIAN, "✖️ 退出")
    await clerk_too(world, TECHNICIAN)
    await clerk_too(world, SECOND)

    def answered(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, "SH01-2026-0001")
        assert claim is not None
        claims.keep_facts(tx, claim, {"request_words": "油压多少?"}, world.clock.now())

    await world.database.turn(answered)
    await world.tap(TECHNICIAN, "📂")
    await world.tap(TECHNICIAN, "↩️ 答复")
    assert (await answers(world))["request_words"] == "油压多少?"


async def test_a_clerk_at_two_sites_sees_both_queues_and_each_site_has_its_own_supervisors(world: World) -> None:
    def second_site(tx: Tx) -> None:
        clerk, supervisor = (people.lock_by_telegram_id(tx, user) for user in (CLERK, SECOND))
        assert clerk is not None
        assert supervisor is not None
        site = people.add_site(
            tx, code="BJ02", name="北京店", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        people.give_role(tx, clerk.id, site, "clerk")
        people.give_role(tx, clerk.id, site, "technician")
        people.give_role(tx, supervisor.id, site, "supervisor")

    await world.database.turn(second_site)
    await world.report()
    await world.say(CLERK, "/new")
    await world.tap(CLERK, "BJ02")
    for _ in range(40):
        await world.example(CLERK)
        if world.last(CLERK).startswith("✅ 已提交"):
            break
    await world.say(CLERK, "/queue")
    assert {"📂 SH01-2026-0001", "📂 BJ02-2026-0001"} <= {*world.buttons(CLERK)}
    await world.tap(CLERK, "📂 BJ02-2026-0001")
    await world.tap(CLERK, "📝")
    await on_to(world, "desk_explanation", CLERK)
    await world.tap(CLERK, "✅ 保存")
    await world.say(CLERK, "两店同一台车，另一处维修")
    assert "已送 赵敏 审批" in await world.tap(CLERK, "📤")
    assert "needs a decision" not in world.last(SUPERVISOR)
    assert "no claim BJ02-2026-0001" in await world.say(SUPERVISOR, "/claim BJ02-2026-0001")


@pytest.mark.parametrize("user", [TECHNICIAN, SECOND])
async def test_the_clerk_is_told_at_once_when_who_was_asked_has_left_without_a_word(world: World, user: int) -> None:
    await desk_up_to(world, "desk_explanation")
    await world.tap(CLERK, "✅ 保存")
    world.telegram.deactivate(user)
    if user == TECHNICIAN:
        await world.tap(CLERK, "❓")
        await world.tap(CLERK, "💬 文字回答")
        await world.say(CLERK, "缸压多少?")
    else:
        await world.tap(CLERK, "📤")
    await world.tick()
    assert sum("收不到消息" in message["text"] for message in world.shown(CLERK)) == 1


async def test_a_photo_more_does_not_put_a_claim_last_in_the_queue(world: World) -> None:
    oldest = await world.report()
    world.skip(days=2)
    await world.report()
    await world.say(CLERK, f"/claim {oldest}")
    await world.tap(CLERK, "🖼 照片")
    await world.tap(CLERK, "📷 补照片")
    await world.photo(CLERK, "odometer")
    await world.tap(CLERK, "里程表")
    await world.tap(CLERK, "拍完了")
    waiting = (await world.say(CLERK, "/queue")).splitlines()
    assert oldest in waiting[1]
    assert "已等 2 天" in waiting[1]
    assert "已等" not in waiting[2]


async def test_a_car_is_offered_by_the_plate_that_the_desk_wrote_down(world: World) -> None:
    await world.report()
    await world.complete()
    await world.say(TECHNICIAN, "/new")
    assert "是这台车吗" in await world.tap(TECHNICIAN, "沪A12345 · …")


async def asked_midway(world: World) -> None:
    """The desk asks about a claim while its technician is at the complaint of the next report."""
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "❓")
    await world.tap(CLERK, "💬 文字回答")
    await world.say(CLERK, "缸压多少?")
    await report_up_to(world, "complaint")
    await world.tap(TECHNICIAN, "↩️ 答复")


async def test_whoever_answers_the_desk_in_the_middle_of_a_report_goes_on_with_it(world: World) -> None:
    await asked_midway(world)
    assert "客户怎么说" in await world.say(TECHNICIAN, "缸压正常")
    assert "故障在哪个系统" in await world.say(TECHNICIAN, "怠速抖动，故障灯亮")


async def test_a_report_goes_on_too_where_the_answer_was_not_needed_any_more_or_not_given(world: World) -> None:
    await asked_midway(world)
    await world.tap(TECHNICIAN, "✖️ 退出")
    assert await step(world) == "complaint"
    await world.tap(TECHNICIAN, "↩️ 答复")
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "撤回")
    await world.say(CLERK, "客户自费")
    assert "客户怎么说" in await world.say(TECHNICIAN, "缸压正常")
    assert await step(world) == "complaint"


async def test_a_photo_where_words_are_asked_for_finds_its_way_into_the_claim(world: World) -> None:
    number = await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "❓")
    await world.tap(CLERK, "💬 文字回答")
    await world.say(CLERK, "缸压多少?")
    await world.tap(TECHNICIAN, "↩️ 答复")
    assert "属于哪一单" in await world.photo(TECHNICIAN, "generic")
    await world.tap(TECHNICIAN, f"📁 {number}")
    await world.tap(TECHNICIAN, "其他照片")
    await world.tap(TECHNICIAN, "拍完了")
    assert await step(world) == "reply_words", "and the answer in words is asked for again"
    held = await world.database.turn(lambda tx: claims.claim(tx, 1).facts.photos)
    assert held is not None
    assert len(held.slots["other_photo"]) == 1


async def test_what_was_broken_into_is_not_asked_any_more_when_its_claim_has_moved_on(world: World) -> None:
    await desk_up_to(world, "lines")
    await world.say(CLERK, "/claim SH01-2026-0001")
    await world.tap(CLERK, "撤回")
    assert "已撤回" in await world.say(CLERK, "客户自费")
    assert await step(world, CLERK) == ""


async def test_a_second_report_tells_where_the_first_one_is(world: World) -> None:
    assert "/drafts" not in await world.say(TECHNICIAN, "/new")
    assert "/drafts" not in await world.say(TECHNICIAN, "/new"), "nothing was told in the first"
    await on_to(world, "complaint", TECHNICIAN)
    assert "上一单已存为草稿（/drafts）。" in await world.say(TECHNICIAN, "/new")
