"""Decisions that hold up: who may decide, what a card that is older than its claim does, and two signatures."""

from claimbot.store import Tx, people
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World


def card_button(world: World, user: int, label: str) -> tuple[int, str]:
    return next(place for text, place in world.buttons(user).items() if label in text)


async def in_approval(world: World, *, labour: str | None = None) -> str:
    number = await world.report()
    await world.complete()
    if labour is not None:
        await world.tap(CLERK, "📝")
        await world.tap(CLERK, "✏️ 工时费")
        await world.say(CLERK, labour)
        await world.tap(CLERK, "✅ 保存")
    await world.tap(CLERK, "📤")
    return number


async def test_above_the_limit_a_second_different_supervisor_must_agree(world: World) -> None:
    number = await in_approval(world, labour="8000")
    assert "需签批人数：2" in world.last(SECOND)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert "1 more needed" in world.last(SUPERVISOR) or any(
        "1 more needed" in message["text"] for message in world.shown(SUPERVISOR)
    )
    assert not any("批准" in message["text"] for message in world.shown(TECHNICIAN))
    assert not any("Approve" in label for label in world.buttons(SUPERVISOR)), "who has signed is not asked again"
    assert any("Chen Wei 已签批" in message["text"] for message in world.shown(SECOND))
    await world.tap(SECOND, "✅ 批准")
    assert f"{number}：赵敏 已批准" in world.last(TECHNICIAN)
    assert any("赵敏" in message["text"] and "approved" in message["text"] for message in world.shown(SUPERVISOR))


async def test_the_same_supervisor_cannot_give_both_signatures_by_a_stale_button(world: World) -> None:
    await in_approval(world, labour="8000")
    approve = card_button(world, SUPERVISOR, "✅ Approve")
    world.telegram.tap(SUPERVISOR, *approve)
    world.telegram.tap(SUPERVISOR, *approve)
    await world.settled()
    assert "signed this already" in world.last(SUPERVISOR)
    assert not any("批准" in message["text"] for message in world.shown(TECHNICIAN))


async def test_nobody_decides_a_claim_that_they_reported_or_sent(world: World) -> None:
    async def give(user: int) -> None:
        def work(tx: Tx) -> None:
            person = people.lock_by_telegram_id(tx, user)
            assert person is not None
            people.give_role(tx, person.id, next(iter(person.site_ids)), "supervisor")

        await world.database.turn(work)

    await give(TECHNICIAN)
    await give(CLERK)
    await in_approval(world)
    approve = card_button(world, SUPERVISOR, "✅ Approve")
    for user in (TECHNICIAN, CLERK):
        assert not any("批准" in label for label in world.buttons(user)), "they are not asked"
        world.telegram.tap(user, world.shown(user)[-1]["message_id"], approve[1])
        await world.settled()
        assert "不能审批自己的索赔单" in world.last(user)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert "批准" in world.last(CLERK)


async def test_a_claim_taken_back_says_so_on_every_card_and_can_be_sent_again(world: World) -> None:
    number = await in_approval(world)
    stale = card_button(world, SUPERVISOR, "✅ Approve")
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "从审批收回")
    assert any("taken back" in message["text"] for message in world.shown(SUPERVISOR))
    assert not any("Approve" in label for label in world.buttons(SUPERVISOR))
    world.telegram.tap(SUPERVISOR, *stale)
    await world.settled()
    assert "Nothing was decided" in world.last(SUPERVISOR)
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "✅ Approve")
    assert "批准" in world.last(TECHNICIAN)


async def test_a_claim_changed_after_the_card_was_sent_is_not_decided_by_that_card(world: World) -> None:
    number = await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    stale = card_button(world, SECOND, "✅ 批准")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, f"📁 {number}")
    await world.tap(TECHNICIAN, "🗑")
    await world.tap(TECHNICIAN, "拍完了")
    assert f"照片已补入 {number}" in world.last(TECHNICIAN)
    assert f"给 {number} 补了照片" in world.last(CLERK)
    world.telegram.tap(SECOND, *stale)
    await world.settled()
    assert "本次未作决定" in world.last(SECOND)
    await world.tap(SECOND, "✅ 批准")
    assert not any("批准" in message["text"] for message in world.shown(TECHNICIAN)), "both must sign the new version"
    await world.tap(SUPERVISOR, "✅ Approve")
    assert f"{number}：Chen Wei 已批准" in world.last(TECHNICIAN)


async def test_a_reason_typed_too_late_leaves_nobody_in_a_conversation(world: World) -> None:
    number = await in_approval(world)
    await world.tap(SUPERVISOR, "⛔️ Reject")
    await world.tap(SECOND, "✅ 批准")
    answer = await world.say(SUPERVISOR, "The cause is not clear")
    assert "decided already" in answer
    assert "approved" in answer
    assert "You can:" in await world.say(SUPERVISOR, "and now?")
    assert f"{number}：赵敏 已批准" in world.last(TECHNICIAN)


async def test_a_withdrawn_claim_says_so_on_the_cards(world: World) -> None:
    number = await in_approval(world)
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "🗑 撤回")
    await world.say(CLERK, "客户自费维修")
    assert any("withdrawn" in message["text"] for message in world.shown(SUPERVISOR))
    assert "客户自费维修" in world.last(TECHNICIAN)
