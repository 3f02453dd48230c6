"""A claim's card at the desk: few buttons, the act first, each thing once, the rest behind one of them."""

from claimbot.store import Tx, claims
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import desk_up_to
from tests.test_after_it_left import NUMBER, filed, opened, refused


def buttons(world: World, user: int = CLERK) -> list[list[str]]:
    """The rows of the newest message."""
    rows = world.shown(user)[-1].get("reply_markup", {}).get("inline_keyboard", [])
    return [[button["text"] for button in row] for row in rows]


async def change(world: World, facts: dict[str, object]) -> None:
    def work(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        claims.keep_facts(tx, claim, facts, world.clock.now())

    await world.database.turn(work)


async def test_a_claim_that_is_ready_has_four_rows_and_sending_it_stands_alone_above(world: World) -> None:
    await world.report()
    await world.complete()
    await opened(world)
    assert buttons(world) == [
        ["📤 送审"],
        ["📝 补全", "❓ 问技师"],
        ["✏️ 更正报修", "🖼 照片 8/8"],
        ["🚗 车辆履历", "⋯ 更多"],
    ]


async def test_what_is_in_the_way_stands_above_completing(world: World) -> None:
    await world.report()
    await world.complete()
    await change(world, {"in_service_on": "2022-06-01"})
    await opened(world)
    first, second, *_ = buttons(world)
    assert "🔧 保修起始日" in first
    assert second == ["📝 补全", "❓ 问技师"]


async def test_the_rest_is_behind_one_button_of_the_same_message_and_back_again(world: World) -> None:
    await world.report()
    await world.complete()
    await opened(world)
    front, count = buttons(world), len(world.shown(CLERK))
    await world.tap(CLERK, "⋯ 更多")
    assert buttons(world) == [
        ["🏷 类型：普通索赔", "🔏 预授权"],
        ["⏱ 时限", "📨 问其他部门"],
        ["🔩 旧件", "🗑 撤回索赔单"],
        ["⬅️ 返回"],
    ]
    await world.tap(CLERK, "⬅️ 返回")
    assert buttons(world) == front
    assert len(world.shown(CLERK)) == count


async def test_what_a_verdict_wants_is_not_offered_a_second_time_behind(world: World) -> None:
    await world.report()
    await world.complete()
    await change(world, {"claim_type": "goodwill", "goodwill_maker": "50", "goodwill_dealer": "30"})
    await opened(world)
    front = [label for row in buttons(world) for label in row]
    await world.tap(CLERK, "⋯ 更多")
    behind = [label for row in buttons(world) for label in row]
    assert sum("预授权" in label for label in (*front, *behind)) == 1
    assert "🔧 预授权" in front


async def test_a_claim_opened_at_the_desk_brings_no_photos_until_they_are_wanted(world: World) -> None:
    await world.report()
    await world.complete()
    before = len(world.telegram.calls)
    await world.say(CLERK, "/queue")
    await world.tap(CLERK, "📂")
    assert "sendMediaGroup" not in [method for method, _ in world.telegram.calls[before:]]
    said = await world.tap(CLERK, "🖼 照片")
    assert "sendMediaGroup" in [method for method, _ in world.telegram.calls[before:]]
    assert "8/8" in said
    assert buttons(world) == [["📷 补照片"]]
    await world.tap(CLERK, "📤")
    before = len(world.telegram.calls)
    await opened(world, SUPERVISOR)
    assert "sendMediaGroup" in [method for method, _ in world.telegram.calls[before:]]


async def test_a_refused_claim_says_on_its_buttons_how_long_there_is_to_appeal(world: World) -> None:
    await filed(world)
    await refused(world)
    world.skip(days=3)
    await opened(world)
    assert buttons(world)[:2] == [
        ["⚖️ 申诉 · 剩 12 天", "🔧 修改重报 · 剩 27 天"],
        ["🗄 申请核销", "📥 更正厂家答复"],
    ]


async def test_an_approved_claim_is_taken_back_or_withdrawn_from_behind(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    await opened(world)
    assert ["↩️ 从审批收回"] in buttons(world)
    await world.tap(SUPERVISOR, "✅ Approve")
    await opened(world)
    assert buttons(world) == [["📦 申报资料包", "📤 已报厂家"], ["🖼 照片 8/8", "🚗 车辆履历"], ["⋯ 更多"]]
    await world.tap(CLERK, "⋯ 更多")
    assert ["🔩 旧件", "↩️ 从审批收回"] in buttons(world)
    assert "已收回" in await world.tap(CLERK, "↩️ 从审批收回")


async def test_a_technician_has_no_buttons_of_the_desk(world: World) -> None:
    await world.report()
    await opened(world, TECHNICIAN)
    assert buttons(world, TECHNICIAN) == [["📷 补照片", "🖼 照片 8/8"]]


async def test_a_question_to_the_technician_is_no_dead_end_for_the_desk(world: World) -> None:
    await world.report()
    await opened(world)
    await world.tap(CLERK, "❓ 问技师")
    await world.tap(CLERK, "📷 重拍照片")
    await world.tap(CLERK, "零件标签")
    await world.say(CLERK, "批次号看不清")
    assert "❓ 已问 小李：零件标签“批次号看不清”" in await opened(world)
    assert buttons(world)[0] == ["✍️ 代填答复", "↩️ 不问了"]
    said = await world.tap(CLERK, "↩️ 不问了")
    assert "已回到待处理" in said
    assert "待索赔员处理" in said
    assert "不再需要您答复" in world.last(TECHNICIAN)


async def test_an_answer_by_telephone_is_entered_and_stands_on_every_card(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "❓ 问技师")
    await world.tap(CLERK, "💬 文字回答")
    await world.say(CLERK, "是维修还是更换？")
    await opened(world)
    assert "是维修还是更换？" in await world.tap(CLERK, "✍️ 代填答复")
    said = await world.say(CLERK, "是更换，点错了")
    assert "答复已记录" in said
    assert "💬 小李（王芳 代填）：是更换，点错了" in said
    await world.tap(CLERK, "📤")
    assert "是更换，点错了" in world.last(SUPERVISOR)


async def test_labour_that_contradicts_the_repair_offers_the_repair_to_be_mended(world: World) -> None:
    await world.report()
    await world.complete()
    labour = {"kind": "labour", "code": "EX-L102", "quantity": "1", "unit_price": "160", "tax_percent": "0"}
    await change(world, {"lines": [labour], "remedy": "replaced"})
    assert "工时却是另一类" in await opened(world)
    assert buttons(world)[0][:2] == ["🔧 维修方式", "🔧 费用明细"]
    assert "维修还是更换" in await world.tap(CLERK, "🔧 维修方式")


async def test_what_is_over_the_mileage_is_offered_as_goodwill_before_its_reading_is_touched(world: World) -> None:
    await world.report()
    await world.complete()
    await change(world, {"odometer_km": 180_000})
    await opened(world)
    assert buttons(world)[0] == ["🏷 改为善意索赔", "🔧 里程"]
    assert "厂家承担百分之几" in await world.tap(CLERK, "🏷 改为善意索赔")
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], "fix:claim_type=anything:1")
    await world.settled()
    assert "按钮已失效" in world.telegram.answers[-1]["text"]


async def test_a_missing_invoice_is_asked_for_by_its_name_and_is_the_next_photo(world: World) -> None:
    await world.report()
    await world.complete()
    sublet = {"kind": "sublet", "text": "镀铬", "quantity": "1", "unit_price": "350", "tax_percent": "0"}
    await change(world, {"lines": [sublet], "fault_codes": None})
    await opened(world)
    assert "🔧 外协发票" in buttons(world)[0]
    assert "下一张：外协发票" in await world.tap(CLERK, "🔧 外协发票")
    await world.photo(CLERK, "sublet_invoice")
    assert "👍 外协发票" in world.last(CLERK)


async def test_what_was_begun_at_the_desk_is_found_again_on_the_card_and_among_the_drafts(world: World) -> None:
    await world.report()
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📝 补全")
    await world.say(CLERK, "沪A12345")
    await world.tap(CLERK, "✖️ 退出")
    await opened(world)
    assert buttons(world)[0][0].startswith("📝 继续 2/")
    assert NUMBER in await world.say(CLERK, "/drafts")
    assert "客户（车主）姓名" in await world.tap(CLERK, f"▶️ 继续 {NUMBER}")


async def test_photos_added_at_the_desk_end_on_the_card(world: World) -> None:
    await world.report()
    await opened(world)
    await world.tap(CLERK, "🖼 照片")
    await world.tap(CLERK, "📷 补照片")
    await world.tap(CLERK, "➕ 其他照片")
    await world.photo(CLERK, "generic")
    await world.tap(CLERK, "拍完了")
    assert "照片已补入" in world.last(CLERK)
    assert ["📝 补全", "❓ 问技师"] in buttons(world)


async def test_a_pre_authorisation_recorded_anew_keeps_with_a_tap_what_did_not_change(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "🔏 预授权")
    await world.tap(CLERK, "📨 已申请")
    said = await world.tap(CLERK, "📋 用本单明细")
    assert "合计 ¥1,600.50" in said
    await world.tap(CLERK, "就这些")
    await world.tap(CLERK, "🔏 预授权")
    await world.tap(CLERK, "✅ 已批准")
    await world.say(CLERK, "PA-1")
    await world.tap(CLERK, "60 天后")
    await world.say(CLERK, "12000")
    await world.tap(CLERK, "跳过")
    await world.tap(CLERK, "🔏 预授权")
    await world.tap(CLERK, "✅ 已批准")
    await world.tap(CLERK, "↩️ 不改：PA-1")
    await world.tap(CLERK, "↩️ 不改：2026-11-08")
    await world.say(CLERK, "15000")
    said = await world.tap(CLERK, "跳过")
    assert "PA-1" in said
    assert "¥15,000.00" in said


async def test_compensation_takes_the_reading_of_the_report_and_doubts_a_lower_one(world: World) -> None:
    await world.report()
    await world.complete()
    await change(world, {"odometer_km": 30_000})
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], "b:warranty.compensation:1")
    await world.settled()
    await world.say(CLERK, "150000")
    assert ["↩️ 30,000 公里"] in buttons(world)
    assert "比以前少" in await world.say(CLERK, "2")
    await world.say(CLERK, "30000")
    assert "🧮 三包凭证" in world.last(CLERK)


async def test_the_review_judges_old_parts_as_the_card_does(world: World) -> None:
    await desk_up_to(world, "desk_explanation")
    assert "厂家文件未要求" not in world.last(CLERK)
    assert "旧件" in world.last(CLERK)
