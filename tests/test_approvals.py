"""Decisions that hold up: who may decide, what a card that is older than its claim does, and two signatures."""

import asyncio

import pytest
from telegram import Bot

from claimbot.chat.door import Door
from claimbot.chat.sending import send
from claimbot.claims.life import Role
from claimbot.evidence import EvidenceFolder
from claimbot.store import Tx, claims, people
from claimbot.store.messages import Message
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import claims_labour


def card_button(world: World, user: int, label: str) -> tuple[int, str]:
    return next(place for text, place in world.buttons(user).items() if label in text)


async def in_approval(world: World, *, labour: str | None = None, repair_order: str | None = None) -> str:
    number = await world.report()
    await world.complete(repair_order=repair_order)
    if labour is not None:
        await world.tap(CLERK, "📝")
        await claims_labour(world, CLERK, labour)
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
    assert f"{number}（…\u2060184847 喷油器）：赵敏 已批准" in world.last(TECHNICIAN)
    assert any("赵敏" in message["text"] and "approved" in message["text"] for message in world.shown(SUPERVISOR))


async def test_the_same_supervisor_cannot_give_both_signatures_by_a_stale_button(world: World) -> None:
    await in_approval(world, labour="8000")
    approve = card_button(world, SUPERVISOR, "✅ Approve")
    world.telegram.tap(SUPERVISOR, *approve)
    world.telegram.tap(SUPERVISOR, *approve)
    await world.settled()
    assert "You have signed SH01-2026-0001 already" in world.telegram.answers[-1]["text"]
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
    await world.tap(TECHNICIAN, "车架号")
    await world.tap(TECHNICIAN, "拍完了")
    assert f"照片已补入 {number}" in world.last(TECHNICIAN)
    assert f"给 {number} 补了照片" in world.last(CLERK)
    world.telegram.tap(SECOND, *stale)
    await world.settled()
    assert "本次未作决定" in world.last(SECOND)
    await world.tap(SECOND, "✅ 批准")
    assert not any("批准" in message["text"] for message in world.shown(TECHNICIAN)), "both must sign the new version"
    await world.tap(SUPERVISOR, "✅ Approve")
    assert f"{number}（…\u2060184847 喷油器）：Chen Wei 已批准" in world.last(TECHNICIAN)


async def test_a_reason_typed_too_late_leaves_nobody_in_a_conversation(world: World) -> None:
    number = await in_approval(world)
    await world.tap(SUPERVISOR, "↩️ Send back")
    await world.tap(SECOND, "✅ 批准")
    answer = await world.say(SUPERVISOR, "Look at the label again")
    assert f"{number} was decided: approved by 赵敏. This changed nothing." in answer
    assert "You can:" in await world.say(SUPERVISOR, "and now?")
    assert f"{number}（…\u2060184847 喷油器）：赵敏 已批准" in world.last(TECHNICIAN)


async def test_a_withdrawn_claim_says_so_on_the_cards(world: World) -> None:
    number = await in_approval(world)
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "🗑 撤回")
    await world.say(CLERK, "客户自费维修")
    assert any("withdrawn" in message["text"] for message in world.shown(SUPERVISOR))
    assert told(world, SECOND, "💬 客户自费维修") == 1, "the card says why"
    assert "客户自费维修" in world.last(TECHNICIAN)


async def role(world: World, user: int, name: Role, *, taken: bool = False) -> None:
    def work(tx: Tx) -> None:
        person = people.lock_by_telegram_id(tx, user)
        site = people.site_by_code(tx, "SH01")
        assert person is not None
        assert site is not None
        if taken:
            assert people.take_role(tx, person.id, site.id, name)
        else:
            people.give_role(tx, person.id, site.id, name)

    await world.database.turn(work)


def told(world: World, user: int, words: str) -> int:
    return sum(words in message["text"] for message in world.shown(user))


async def test_two_supervisors_at_the_same_instant_decide_once_and_everybody_is_told_once(world: World) -> None:
    number = await in_approval(world)
    world.telegram.tap(SUPERVISOR, *card_button(world, SUPERVISOR, "✅ Approve"))
    world.telegram.tap(SECOND, *card_button(world, SECOND, "✅ 批准"))
    await world.settled()
    assert told(world, TECHNICIAN, f"{number}（") == 1
    assert told(world, CLERK, "已批准") == 1
    assert told(world, SUPERVISOR, "This changed nothing") + told(world, SECOND, "本次操作无效") == 1
    assert not {"✅ Approve", "✅ 批准"} & {*world.buttons(SUPERVISOR), *world.buttons(SECOND)}


async def test_a_double_tap_on_approve_approves_once_and_says_so_once(world: World) -> None:
    await in_approval(world)
    approve = card_button(world, SUPERVISOR, "✅ Approve")
    world.telegram.tap(SUPERVISOR, *approve)
    world.telegram.tap(SUPERVISOR, *approve)
    await world.settled()
    assert told(world, TECHNICIAN, "Chen Wei 已批准") == 1


async def test_a_claim_opened_from_the_queue_is_a_card_that_learns_of_the_decision(world: World) -> None:
    number = await in_approval(world)
    await world.say(SUPERVISOR, "/queue")
    await world.tap(SUPERVISOR, f"📂 {number}")
    assert "needs a decision" in world.last(SUPERVISOR)
    await world.tap(SECOND, "✅ 批准")
    assert not any("Approve" in label for label in world.buttons(SUPERVISOR))
    assert told(world, SUPERVISOR, "approved by 赵敏") == 2, "both cards"


async def test_a_card_that_comes_after_the_decision_decides_nothing_and_says_who_decided(world: World) -> None:
    await world.report()
    await world.complete()
    world.telegram.block(SECOND)
    await world.settled()
    world.telegram.unblock(SECOND)
    world.telegram.fail_next("sendMediaGroup", "429")  # the album of one of the two; the card waits behind it
    await world.tap(CLERK, "📤")
    late, quick = (
        (SECOND, SUPERVISOR) if any("Approve" in label for label in world.buttons(SUPERVISOR)) else (SUPERVISOR, SECOND)
    )
    world.telegram.tap(quick, *card_button(world, quick, "✅"))
    await world.settled()
    world.skip(minutes=2)
    await world.tick()
    assert told(world, late, "approved by 赵敏") + told(world, late, "Chen Wei 已批准") == 1
    assert told(world, late, "needs a decision") + told(world, late, "请审批") == 0
    assert not any(label.startswith("✅") for label in world.buttons(late))


async def test_a_card_that_was_being_sent_while_somebody_decided_says_so_when_it_has_arrived(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.report()
    await world.complete()
    second_arrived = asyncio.Event()

    async def slowly(bot: Bot, folder: EvidenceFolder, message: Message) -> int | None:
        theirs = await send(bot, folder, message)
        if message.kind == "card" and message.telegram_id == SECOND:
            await second_arrived.wait()
        return theirs

    monkeypatch.setattr("claimbot.chat.door.send", slowly)
    world.telegram.tap(CLERK, *card_button(world, CLERK, "📤"))
    await world.until(lambda: "✅ Approve" in world.buttons(SUPERVISOR) and "✅ 批准" in world.buttons(SECOND))
    world.telegram.tap(SUPERVISOR, *card_button(world, SUPERVISOR, "✅ Approve"))
    await world.until(lambda: told(world, TECHNICIAN, "已批准") == 1)
    assert "✅ 批准" in world.buttons(SECOND), "nobody knows yet under which number it came"
    second_arrived.set()
    await world.settled()
    await world.tick()
    assert "✅ 批准" not in world.buttons(SECOND)
    assert told(world, SECOND, "Chen Wei 已批准") == 1


async def test_a_card_too_long_for_one_message_learns_of_the_decision_too(world: World) -> None:
    number = await world.report()
    await world.complete()

    def lengthen(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, number)
        assert claim is not None
        long = {"cause": "喷油器泄漏。" * 160, "complaint": "抖动。" * 330, "explanation": "见原因。" * 250}
        claims.keep_facts(tx, claim, {**long, "desk_explanation": "已核实。" * 250}, world.clock.now())

    await world.database.turn(lengthen)
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "📤")
    assert told(world, SECOND, "请审批") == 1
    await world.tap(SUPERVISOR, "✅ Approve")
    assert "✅ 批准" not in world.buttons(SECOND)
    assert told(world, SECOND, "Chen Wei 已批准") == 1


async def test_the_decided_card_names_both_signatures_with_their_hours(world: World) -> None:
    await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    world.skip(hours=1)
    await world.tap(SECOND, "✅ 批准")
    card = next(message["text"] for message in world.shown(SECOND) if "赵敏 已批准" in message["text"])
    assert "Chen Wei：批准，2026-09-09 10:" in card
    assert "赵敏 已批准，2026-09-09 11:" in card


async def test_a_reason_in_ones_own_words_is_kept_whole_and_one_too_long_is_asked_to_be_shorter(world: World) -> None:
    number = await in_approval(world)
    await world.tap(SUPERVISOR, "↩️ Send back")
    assert "4000 characters, 1,000 at most" in (await world.say(SUPERVISOR, "x" * 4000)).replace("4,000", "4000")
    assert "What must be mended?" in world.last(SUPERVISOR)
    reason = "The label in the photo cannot be read. " * 24
    await world.say(SUPERVISOR, reason)
    assert reason.strip() in world.last(CLERK)
    await world.say(CLERK, f"/claim {number}")
    assert reason.strip() in world.last(CLERK)


async def test_who_lost_the_role_after_the_card_came_decides_nothing(world: World) -> None:
    await in_approval(world)
    await world.tap(SUPERVISOR, "⛔️ Reject")
    await role(world, SUPERVISOR, "supervisor", taken=True)
    await world.say(SUPERVISOR, "no")
    assert "not yours" in await world.tap(SUPERVISOR, "⛔️ Reject it")
    assert "not yours" in await world.tap(SUPERVISOR, "✅ Approve")
    assert told(world, TECHNICIAN, "已驳回") + told(world, TECHNICIAN, "已批准") == 0
    await world.tap(SECOND, "✅ 批准")
    assert told(world, TECHNICIAN, "赵敏 已批准") == 1


async def test_who_completed_the_claim_does_not_decide_it_though_a_colleague_sent_it(world: World) -> None:
    await role(world, SUPERVISOR, "clerk")
    number = await world.report()
    await world.complete(SUPERVISOR)
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "📤")
    assert "已送 赵敏 审批" in world.last(CLERK)
    world.telegram.tap(SUPERVISOR, world.shown(SUPERVISOR)[-1]["message_id"], card_button(world, SECOND, "✅ 批准")[1])
    await world.settled()
    assert "own claim" in world.last(SUPERVISOR)
    await world.tap(SECOND, "✅ 批准")
    assert told(world, TECHNICIAN, "赵敏 已批准") == 1


async def test_two_signatures_are_not_asked_for_while_one_of_two_supervisors_has_blocked_the_bot(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📝")
    await claims_labour(world, CLERK, "8000")
    await world.tap(CLERK, "✅ 保存")
    world.telegram.block(SECOND)
    await world.settled()
    assert "需要 2 位主管审批，目前只有 1 位" in await world.tap(CLERK, "📤")
    world.telegram.unblock(SECOND)
    await world.say(SECOND, "/queue")
    assert "需 2 人签批" in await world.tap(CLERK, "📤")


async def test_killed_between_decision_and_notice_everybody_is_told_once_after_the_restart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await in_approval(world)

    async def killed(_: Door, messages: object) -> None:
        """The process is gone: what was committed stays, nothing goes out."""

    with monkeypatch.context() as patched:
        patched.setattr(Door, "deliver", killed)
        world.telegram.tap(SUPERVISOR, *card_button(world, SUPERVISOR, "✅ Approve"))
        await world.settled()
    assert told(world, TECHNICIAN, "已批准") == 0
    world.skip(minutes=2)
    await world.tick()
    assert told(world, TECHNICIAN, f"{number}（…\u2060184847 喷油器）：Chen Wei 已批准") == 1
    assert told(world, CLERK, f"{number}（…\u2060184847 喷油器）：Chen Wei 已批准") == 1
    assert "✅ 批准" not in world.buttons(SECOND)


async def test_sent_back_and_sent_again_it_is_another_card_and_the_old_one_decides_nothing(world: World) -> None:
    number = await in_approval(world)
    old = card_button(world, SECOND, "✅ 批准")
    await world.tap(SUPERVISOR, "↩️ Send back")
    await world.tap(SUPERVISOR, "Evidence is not enough")
    assert "证据不足" in world.last(CLERK)
    await world.tap(CLERK, "📂")
    assert "退回原因：证据不足" in world.last(CLERK)
    await world.tap(CLERK, "📤")
    assert "↩️ 2026-09-09 Chen Wei 退回：证据不足 · 之后改动：无" in world.last(SECOND)
    world.telegram.tap(SECOND, *old)
    await world.settled()
    assert f"{number} 已由 Chen Wei 退回，本次操作无效" in world.last(SECOND)
    assert told(world, TECHNICIAN, "已批准") == 0
    await world.tap(SECOND, "✅ 批准")
    assert told(world, TECHNICIAN, "赵敏 已批准") == 1


async def test_the_clerk_sees_for_whom_a_claim_waits_and_who_has_signed(world: World) -> None:
    number = await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.say(CLERK, f"/claim {number}")
    assert "等待审批：赵敏" in world.last(CLERK)
    assert "Chen Wei：批准" in world.last(CLERK)


async def test_an_english_reader_sees_a_listed_part_in_english_whoever_tapped_it(world: World) -> None:
    await in_approval(world)
    card = next(message["text"] for message in world.shown(SUPERVISOR) if "needs a decision" in message["text"])
    assert "Injector" in card
    assert "喷油器" not in card.replace("一缸喷油器泄漏", "")


async def test_a_reminder_to_decide_says_so_too_once_it_was_decided(world: World) -> None:
    await in_approval(world)
    world.skip(hours=5)
    await world.tick()
    reminded = next(user for user in (SUPERVISOR, SECOND) if "⏰" in world.last(user))
    other = SECOND if reminded == SUPERVISOR else SUPERVISOR
    world.telegram.tap(other, *card_button(world, other, "✅"))
    await world.settled()
    assert not any(label.startswith("✅") for label in world.buttons(reminded))
    assert "⏰" not in world.last(reminded)


async def test_in_the_middle_of_a_reason_another_claim_can_be_decided_and_the_first_one_gone_on_with(
    world: World,
) -> None:
    first = await in_approval(world)
    reject = card_button(world, SUPERVISOR, "⛔️ Reject")
    second = await in_approval(world, repair_order="RO-2")
    world.telegram.tap(SUPERVISOR, *reject)
    await world.settled()
    await world.tap(SUPERVISOR, "✅ Approve")
    assert told(world, TECHNICIAN, f"{second}（…\u2060184847 喷油器）：Chen Wei 已批准") == 1
    await world.tap(SUPERVISOR, "Claimed before")
    assert told(world, TECHNICIAN, f"{first}（…\u2060184847 喷油器）：Chen Wei 已驳回。原因：重复索赔") == 1


async def test_a_look_at_the_photos_that_changes_nothing_leaves_signatures_and_cards_as_they_are(world: World) -> None:
    number = await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    said = len(world.shown(SECOND))
    await world.say(TECHNICIAN, f"/claim {number}")
    await world.tap(TECHNICIAN, "📷 补照片")
    assert f"{number}：没有新照片，未作改动" in await world.tap(TECHNICIAN, "拍完了")
    assert len(world.shown(SECOND)) == said, "no album and no card anew"
    await world.tap(SECOND, "✅ 批准")
    assert told(world, TECHNICIAN, "赵敏 已批准") == 1, "the first signature still counts"


async def test_a_card_after_new_photos_says_who_added_them_and_whose_signature_no_longer_counts(world: World) -> None:
    number = await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.photo(TECHNICIAN, "vin_plate")
    await world.tap(TECHNICIAN, f"📁 {number}")
    await world.tap(TECHNICIAN, "车架号")
    await world.tap(TECHNICIAN, "拍完了")
    assert "🔄 小李 补充了照片；此前 Chen Wei 的签批作废，请重新审批。" in world.last(SECOND)
    assert "🔄 小李 added photos; Chen Wei's earlier signature no longer counts." in world.last(SUPERVISOR)


async def test_a_claim_sent_back_and_mended_says_on_its_card_what_was_changed(world: World) -> None:
    number = await in_approval(world)
    await world.tap(SUPERVISOR, "↩️ Send back")
    await world.say(SUPERVISOR, "Hours?")
    await world.tap(CLERK, "📂")
    await world.tap(CLERK, "📝")
    await claims_labour(world, CLERK, "50")
    await world.tap(CLERK, "✅ 保存")
    await world.tap(CLERK, "📤")
    assert "Chen Wei 退回：Hours? · 之后改动：费用明细" in world.last(SECOND)
    assert "Sent back 9 Sept 2026 by Chen Wei: Hours? · changed since: Lines" in world.last(SUPERVISOR)
    await world.tap(SECOND, "✅ 批准")
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "从审批收回")
    await world.tap(CLERK, "📤")
    assert "退回：Hours?" not in world.last(SECOND), "it was approved since"


async def test_who_has_signed_has_nothing_more_to_do_about_it_in_the_queue_or_in_the_morning(world: World) -> None:
    """Seen: the deputy of the missing signer had the claim as her own to-do, without a button to decide it."""
    number = await in_approval(world, labour="8000")
    await world.tap(SECOND, "✅ 批准")
    assert "没有待办" in await world.say(SECOND, "/queue")
    assert number in await world.say(SUPERVISOR, "/queue")
    await world.say(SUPERVISOR, "/away 2026-09-10 2026-09-16")
    await world.tap(SUPERVISOR, "赵敏")
    world.skip(days=1)
    await world.tick()
    morning = next(m["text"] for m in reversed(world.shown(SECOND)) if m["text"].startswith("☀️"))
    assert "您本人没有待办" in morning
    assert number in morning.partition("团队")[2], "the team still waits for it"


async def test_the_first_signature_asks_whoever_is_missing_by_name_and_with_buttons(world: World) -> None:
    number = await in_approval(world, labour="8000")
    cards = len(world.shown(SECOND))
    assert f"{number}: your signature is kept; 1 more needed: 赵敏." in await world.tap(SUPERVISOR, "✅ Approve")
    assert world.last(SECOND) == f"🖊 {number}：Chen Wei 已按 ¥9,280.50 签批，只差您。"
    assert len(world.shown(SECOND)) == cards + 1, "a message that rings, beside the card that is edited"
    rows = world.shown(SECOND)[-1]["reply_markup"]["inline_keyboard"]
    assert rows[0][0]["text"] == "✅ 批准"
    await world.tap(SECOND, "✅ 批准")
    assert not any(label.startswith("✅") for label in world.buttons(SECOND)), "neither is left with a button"


async def test_who_is_asked_though_away_is_named_with_the_day_until_which(world: World) -> None:
    await world.say(SECOND, "/away 2026-09-09 2026-09-16")
    await world.tap(SECOND, "不指定")
    number = await in_approval(world, labour="8000")
    assert f"{number}：已送 Chen Wei、赵敏（休假至 2026-09-16） 审批，需 2 人签批" in world.last(CLERK)
    assert "1 more needed: 赵敏 (away until 16 Sept 2026)" in await world.tap(SUPERVISOR, "✅ Approve")


async def test_a_reason_typed_for_another_claim_rejects_none_before_it_is_looked_at(world: World) -> None:
    """Seen: words meant for one claim, typed while the question of another stood, rejected that one for good."""
    first = await in_approval(world)
    send_back = card_button(world, SUPERVISOR, "↩️ Send back")
    second = await in_approval(world, repair_order="RO-2")
    world.telegram.tap(SUPERVISOR, *send_back)
    await world.settled()
    assert f"{first} (CN¥1,600.50, Injector)" in world.last(SUPERVISOR)
    await world.tap(SUPERVISOR, "⛔️ Reject")
    assert f"{second} (CN¥1,600.50, Injector)" in world.last(SUPERVISOR)
    answer = await world.say(SUPERVISOR, "The label is missing")
    assert f"{second} (CN¥1,600.50, Injector)" in answer
    assert "Rejected because: The label is missing" in answer
    assert told(world, TECHNICIAN, "驳回") == 0
    await world.tap(SUPERVISOR, "⬅️ Back")
    await world.tap(SUPERVISOR, "✅ Approve")
    assert told(world, TECHNICIAN, f"{second}（…\u2060184847 喷油器）：Chen Wei 已批准") == 1


async def test_a_double_tap_by_who_decided_is_answered_over_the_button_alone(world: World) -> None:
    number = await in_approval(world)
    approve = card_button(world, SUPERVISOR, "✅ Approve")
    late = card_button(world, SECOND, "✅ 批准")
    for _ in range(2):
        world.telegram.tap(SUPERVISOR, *approve)
    await world.settled()
    assert told(world, SUPERVISOR, "This changed nothing") == 0
    for _ in range(2):
        world.telegram.tap(SECOND, *late)
    await world.settled()
    said = f"{number} 已由 Chen Wei 批准，本次操作无效。"
    assert [answer["text"] for answer in world.telegram.answers[-2:]] == [said, said]
    assert told(world, SECOND, said) == 1, "in the chat it is said once"


async def test_who_signed_first_is_told_when_the_claim_is_taken_back_before_the_second_signs(world: World) -> None:
    number = await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "从审批收回")
    assert f"王芳 took {number} back before it was decided; your signature no longer counts" in world.last(SUPERVISOR)


async def test_a_card_tells_first_what_weighs_most_and_each_explanation_below_what_it_explains(world: World) -> None:
    number = await world.report()
    await world.complete()

    def explained(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, number)
        assert claim is not None
        claims.keep_facts(tx, claim, {"remedy": "repaired", "explanation": "客户要求"}, world.clock.now())

    await world.database.turn(explained)
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "📤")
    card = world.last(SECOND)
    wanted = [
        "请审批",
        "合计 ¥1,600.50",
        "LSVAA4182E2184847 ·",
        "🗣 ",
        "⚠️ 初审",
        "✍️ ",
        "费用明细",
        "⏳ 厂家申报截止",
        "🚗 该车",
        "维修工单",
    ]
    places = [card.index(words) for words in wanted]
    assert places == sorted(places), card
    assert card.partition("维修工单")[2].count("LSVAA4182E2184847") == 0, "the fold does not repeat the car"
