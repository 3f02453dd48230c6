"""A claim's card at the desk: few buttons, the act first, each thing once, the rest behind one of them."""

from claimbot.store import Tx, claims
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World
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
