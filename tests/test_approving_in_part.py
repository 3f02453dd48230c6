"""Line by line, by authority, in somebody's place: approved is what was signed, and nobody decides their own."""

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from claimbot.claims.authority import AuthorityLine
from claimbot.store import Tx, claims, clocks, people
from claimbot.store.lines import lines_of
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import claims_labour
from tests.test_approvals import card_button, in_approval, role, told

NUMBER = "SH01-2026-0001"


async def approved(world: World) -> list[Decimal | None]:
    def work(tx: Tx) -> list[Decimal | None]:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        return [each.approved for each in lines_of(tx, claim.id)]

    return await world.database.turn(work)


async def signed(world: World) -> list[tuple[str, str, int | None]]:
    def work(tx: Tx) -> list[tuple[str, str, int | None]]:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        asked = claims.approval_of(tx, claim.id)
        assert asked is not None
        given = claims.signatures_of(tx, asked.id)
        return [(people.person(tx, each.person_id).name, each.decision, each.in_place_of) for each in given]

    return await world.database.turn(work)


async def away(world: World, user: int, deputy: int | None) -> int:
    """From today on, for a week."""

    def work(tx: Tx) -> int:
        person = people.lock_by_telegram_id(tx, user)
        other = None if deputy is None else people.lock_by_telegram_id(tx, deputy)
        assert person is not None
        first = dt.date(2026, 9, 9)
        number = None if other is None else other.id
        clocks.add_absence(tx, person.id, first, first + dt.timedelta(days=7), number, world.clock.now())
        return person.id

    return await world.database.turn(work)


def chief_signs_alone_up_to(world: World, amount: int) -> None:
    """The office's sheet has a line for administrators, too: 赵敏 is one."""
    raw: dict[str, Any] = {
        "role": "administrator",
        "currency": "CNY",
        "alone_up_to": amount,
        "from": dt.date(2020, 1, 1),
        "source": {"en": "letter", "zh": "通知"},
    }
    sheet = world.house.office.authority
    more = sheet.model_copy(update={"authority": (*sheet.authority, AuthorityLine.model_validate(raw))})
    changed = replace(world.house, office=replace(world.house.office, authority=more))
    world.house = changed
    world.door._house = changed  # noqa: SLF001  as if it had been started with that sheet


async def test_approve_is_one_tap_and_approves_every_line_as_claimed(world: World) -> None:
    await in_approval(world)
    first = world.shown(SUPERVISOR)[-1]["reply_markup"]["inline_keyboard"][0]
    assert [button["text"] for button in first] == ["✅ Approve"]
    await world.tap(SUPERVISOR, "✅ Approve")
    assert await approved(world) == [Decimal("320.00"), Decimal("1280.50")]
    await world.say(CLERK, f"/claim {NUMBER}")
    assert "索赔 ¥1,600.50 → 批准 ¥1,600.50" in world.last(CLERK)


async def test_what_is_cut_is_kept_by_line_and_stands_on_the_claim_and_on_the_decided_cards(world: World) -> None:
    await in_approval(world)
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "2 1000 Price is too high")
    await world.tap(SUPERVISOR, "✅ Approve CN¥1,320.00")
    assert await approved(world) == [Decimal("320.00"), Decimal("1000.00")]
    cut = "✂️ 2. EX-06H906036 ¥1,280.50 → ¥1,000.00 · 单价过高"
    for user in (TECHNICIAN, CLERK, SECOND):
        assert told(world, user, cut) == 1, "each in their language, the reason too"
    await world.say(TECHNICIAN, f"/claim {NUMBER}")
    assert world.last(TECHNICIAN).endswith(f"{cut}\n索赔 ¥1,600.50 → 批准 ¥1,320.00")
    assert told(world, SECOND, "喷油器 · ¥1,320.00") == 1, "the closed card tells what was approved"
    assert "合计 ¥1,320.00" in await world.say(CLERK, f"/find {NUMBER}")


async def test_a_second_tap_on_the_same_amounts_changes_nothing(world: World) -> None:
    await in_approval(world)
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "1 0 Price is too high")
    done = card_button(world, SUPERVISOR, "✅ Approve CN¥1,280.50")
    approve = card_button(world, SECOND, "✅ 批准")
    world.telegram.tap(SUPERVISOR, *done)
    world.telegram.tap(SUPERVISOR, *done)
    world.telegram.tap(SECOND, *approve)
    await world.settled()
    assert await approved(world) == [Decimal(0), Decimal("1280.50")]
    assert told(world, TECHNICIAN, "已部分批准") == 1
    assert await signed(world) == [("Chen Wei", "approve", None)]


async def test_cut_below_the_limit_one_signature_is_enough_and_at_the_cent_above_two(world: World) -> None:
    await in_approval(world, labour="6000")
    assert "需签批人数：2" in world.last(SECOND)
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "2 0 Not covered")
    await world.say(SUPERVISOR, "1 5000 Price is too high")
    await world.tap(SUPERVISOR, "✅ Approve CN¥5,000.00")
    assert told(world, TECHNICIAN, "已部分批准") == 1, "the limit reckons with what is approved"
    assert await approved(world) == [Decimal("5000.00"), Decimal(0)]


async def test_one_cent_above_the_limit_after_the_cut_the_second_must_sign_the_same_amounts(world: World) -> None:
    await in_approval(world, labour="6000")
    await world.tap(SECOND, "✂️ 部分批准")
    await world.say(SECOND, "1 10 单价过高")
    others = card_button(world, SECOND, "✅ 批准 ¥1,290.50")
    stale = card_button(world, SECOND, "✅ 批准")
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "2 0 Not covered")
    await world.say(SUPERVISOR, "1 5000.01 Price is too high")
    await world.tap(SUPERVISOR, "✅ Approve CN¥5,000.01")
    assert told(world, TECHNICIAN, "批准") == 0
    assert await approved(world) == [None, None]
    for button in (others, (stale[0], re.sub(r"approve.*", "approve", stale[1]))):
        world.telegram.tap(SECOND, *button)
        await world.settled()
        assert "已按 ¥5,000.01 签批。本次未作决定" in world.last(SECOND), "neither other amounts nor ones not seen"
    assert not any("部分" in label for label in world.buttons(SECOND)), "nothing more is cut"
    await world.say(SECOND, f"/claim {NUMBER}")
    await world.tap(SECOND, "✅ 批准 ¥5,000.01")
    assert await approved(world) == [Decimal("5000.01"), Decimal(0)]
    assert [name for name, _, _ in await signed(world)] == ["Chen Wei", "赵敏"]


async def test_who_does_not_accept_the_first_signers_cuts_sends_it_back_and_all_begins_anew(world: World) -> None:
    await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "1 7000 Price is too high")
    await world.tap(SUPERVISOR, "✅ Approve CN¥8,280.50")
    await world.tap(SECOND, "↩️ 退回")
    await world.tap(SECOND, "金额有误")
    assert await approved(world) == [None, None]
    await world.tap(CLERK, "📂")
    assert "部分批准" not in world.last(CLERK)
    await world.tap(CLERK, "📤")
    assert "第二人" not in world.last(SECOND)
    await world.tap(SECOND, "✅ 批准")
    await world.tap(SUPERVISOR, "✅ Approve")
    assert await approved(world) == [Decimal("8000.00"), Decimal("1280.50")]


async def test_what_is_cut_of_a_claim_that_moved_meanwhile_is_not_decided(world: World) -> None:
    await in_approval(world)
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "1 0 Price is too high")
    await world.say(CLERK, f"/claim {NUMBER}")
    await world.tap(CLERK, "从审批收回")
    await world.tap(CLERK, "📝")
    await claims_labour(world, CLERK, "50")
    await world.tap(CLERK, "✅ 保存")
    await world.tap(CLERK, "📤")
    assert "Nothing was decided" in await world.tap(SUPERVISOR, "✅ Approve CN¥1,280.50")
    assert await approved(world) == [None, None]


async def test_a_claim_without_lines_offers_no_cut_and_a_forged_tap_is_answered_kindly(world: World) -> None:
    await world.report()
    await world.complete()

    def without(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        claims.keep_facts(tx, claim, {"lines": None, "labour": "100"}, world.clock.now())

    await world.database.turn(without)
    await world.tap(CLERK, "📤")
    assert not any("✂️" in label for label in world.buttons(SUPERVISOR))
    message, data = card_button(world, SUPERVISOR, "✅ Approve")
    world.telegram.tap(SUPERVISOR, message, data.replace("approve", "approve_part"))
    await world.settled()
    assert "no lines to cut" in world.last(SUPERVISOR)
    assert f"{NUMBER}: approved" in await world.tap(SUPERVISOR, "✅ Approve")


# by authority, and in somebody's place


async def test_who_has_a_role_with_a_larger_amount_signs_alone_what_others_sign_by_two(world: World) -> None:
    chief_signs_alone_up_to(world, 50_000)
    await in_approval(world, labour="8000")
    assert "需 1 人签批" in world.last(CLERK)
    assert "Signatures needed: 2" in world.last(SUPERVISOR)
    assert "需签批人数" not in world.last(SECOND)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert told(world, TECHNICIAN, "批准") == 0
    assert told(world, SECOND, "还需 1 人") == 1
    await world.tap(SECOND, "✅ 批准")
    assert told(world, TECHNICIAN, "赵敏 已批准") == 1


async def test_goodwill_has_a_smaller_amount_of_its_own(world: World) -> None:
    await world.report()
    await world.complete()

    def goodwill(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        told = {"claim_type": "goodwill", "goodwill_maker": "50", "goodwill_dealer": "50"}
        granted = {"preauth_state": "granted", "preauth_number": "PA-1", "preauth_until": "2026-12-31"}
        claims.keep_facts(tx, claim, {**told, **granted}, world.clock.now())

    await world.database.turn(goodwill)
    await world.tap(CLERK, "📤")
    assert "需签批人数：2（单人额度 ¥1,000.00" in world.last(SECOND)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert told(world, TECHNICIAN, "批准") == 0


async def test_the_deputy_decides_with_the_authority_of_who_is_away_and_it_says_so(world: World) -> None:
    chief_signs_alone_up_to(world, 50_000)
    chief = await away(world, SECOND, SUPERVISOR)
    await in_approval(world, labour="8000")
    assert "已送 Chen Wei 审批，需 1 人签批" in world.last(CLERK)
    assert "in place of 赵敏, who is away" in world.last(SUPERVISOR)
    assert told(world, SECOND, "请审批") == 0
    await world.tap(SUPERVISOR, "✅ Approve")
    assert told(world, TECHNICIAN, "Chen Wei（代 赵敏） 已批准") == 1
    assert await signed(world) == [("Chen Wei", "approve", chief)]


async def test_a_deputy_without_a_role_that_decides_decides_nothing(world: World) -> None:
    await role(world, SUPERVISOR, "technician")
    await away(world, SUPERVISOR, TECHNICIAN)
    await in_approval(world)
    assert told(world, TECHNICIAN, "请审批") == 0
    message, data = card_button(world, SECOND, "✅ 批准")
    world.telegram.tap(TECHNICIAN, world.shown(TECHNICIAN)[-1]["message_id"], data)
    await world.settled()
    assert message
    assert await signed(world) == []
    await world.tap(SECOND, "✅ 批准")
    assert [absent for _, _, absent in await signed(world)] == [None]


async def test_nobody_decides_their_own_claim_also_not_as_somebodys_deputy(world: World) -> None:
    await role(world, SECOND, "technician")
    await away(world, SUPERVISOR, SECOND)
    await world.report(SECOND)
    await world.complete()
    await world.tap(CLERK, "📤")
    assert "已送 Chen Wei（休假至 2026-09-16） 审批" in world.last(CLERK), "who is away is asked before nobody is"
    data = card_button(world, SUPERVISOR, "✅ Approve")[1]
    for decision in ("approve", "approve_part", "reject"):
        world.telegram.tap(SECOND, world.shown(SECOND)[-1]["message_id"], data.replace("approve", decision))
        await world.settled()
        assert "不能审批自己的索赔单" in world.last(SECOND)
    assert await signed(world) == []


async def test_the_authority_of_whose_own_claim_it_is_helps_no_deputy(world: World) -> None:
    chief_signs_alone_up_to(world, 50_000)
    await role(world, SECOND, "technician")
    await role(world, CLERK, "supervisor")
    await world.report(SECOND)
    await world.complete()
    await world.tap(CLERK, "📝")
    await claims_labour(world, CLERK, "8000")
    await world.tap(CLERK, "✅ 保存")
    await away(world, SECOND, SUPERVISOR)
    answer = await world.tap(CLERK, "📤")
    assert "需要 2 位主管审批，目前只有 1 位" in answer


async def test_two_signatures_are_of_two_people_and_none_in_the_place_of_who_has_signed(world: World) -> None:
    await in_approval(world, labour="8000")
    await world.tap(SUPERVISOR, "✅ Approve")
    await away(world, SUPERVISOR, SECOND)
    await world.say(SECOND, f"/claim {NUMBER}")
    assert "代为审批" not in world.last(SECOND)
    await world.tap(SECOND, "✅ 批准")
    assert await signed(world) == [("Chen Wei", "approve", None), ("赵敏", "approve", None)]


async def test_while_too_few_are_there_who_is_away_is_asked_too(world: World) -> None:
    await away(world, SECOND, None)
    await in_approval(world, labour="8000")
    assert "需 2 人签批" in world.last(CLERK)
    await world.tap(SUPERVISOR, "✅ Approve")
    await world.tap(SECOND, "✅ 批准")
    assert told(world, TECHNICIAN, "赵敏 已批准") == 1


async def test_two_signatures_stand_on_two_peoples_own_authority_though_one_deputises_for_the_other(
    world: World,
) -> None:
    """Seen: a deputy signed "in place of" the absent one, who signed then too: one authority, twice."""
    await away(world, SUPERVISOR, SECOND)
    await in_approval(world, labour="8000")
    assert "代为审批" not in world.last(SECOND)
    await world.tap(SECOND, "✅ 批准")
    assert await signed(world) == [("赵敏", "approve", None)]
    await world.tap(SUPERVISOR, "✅ Approve")
    assert await signed(world) == [("赵敏", "approve", None), ("Chen Wei", "approve", None)]
    assert told(world, SECOND, "赵敏（代") == 0


async def test_what_a_deputys_own_authority_carries_is_signed_in_their_own_name(world: World) -> None:
    await away(world, SECOND, SUPERVISOR)
    await in_approval(world)
    assert "in place of" not in world.last(SUPERVISOR)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert await signed(world) == [("Chen Wei", "approve", None)]


async def test_who_was_stood_in_for_does_not_sign_beside_their_deputy(world: World) -> None:
    chief = await away(world, SECOND, SUPERVISOR)
    await in_approval(world, labour="8000")

    def stood_in(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, NUMBER)
        deputy = people.lock_by_telegram_id(tx, SUPERVISOR)
        assert claim is not None
        assert deputy is not None
        asked = claims.approval_of(tx, claim.id)
        assert asked is not None
        claims.sign(tx, asked.id, claims.Signature(deputy.id, "approve", None, world.clock.now(), chief))

    await world.database.turn(stood_in)  # as earlier versions kept it
    assert "已经签批过了" in await world.tap(SECOND, "✅ 批准")
    assert [name for name, _, _ in await signed(world)] == ["Chen Wei"]


async def test_the_shares_of_goodwill_are_reckoned_from_what_is_left_after_the_cuts(world: World) -> None:
    await world.report()
    await world.complete()

    def goodwill(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        told = {"claim_type": "goodwill", "goodwill_maker": "50", "goodwill_dealer": "30"}
        granted = {"preauth_state": "granted", "preauth_number": "PA-1", "preauth_until": "2026-12-31"}
        claims.keep_facts(tx, claim, {**told, **granted}, world.clock.now())

    await world.database.turn(goodwill)
    await world.tap(CLERK, "📤")
    assert "厂家 50% ¥800.25" in world.last(SECOND)
    await world.tap(SUPERVISOR, "✂️ Approve in part")
    await world.say(SUPERVISOR, "2 1000 Price is too high")
    await world.tap(SUPERVISOR, "✅ Approve CN¥1,320.00")
    await world.say(SECOND, f"/claim {NUMBER}")
    assert "厂家 50% ¥660.00 · 本店 30% ¥396.00 · 客户 20% ¥264.00" in world.last(SECOND)
    await world.tap(SECOND, "✅ 批准")
    await world.say(CLERK, f"/claim {NUMBER}")
    assert "厂家 50% ¥660.00" in world.last(CLERK)


async def test_amounts_that_moved_are_told_with_the_claim_and_a_way_to_it_and_the_dead_button_goes(
    world: World,
) -> None:
    await in_approval(world, labour="6000")
    await world.tap(SECOND, "✂️ 部分批准")
    await world.say(SECOND, "1 10 单价过高")
    await world.tap(SUPERVISOR, "✅ Approve")
    answer = await world.tap(SECOND, "✅ 批准 ¥1,290.50")
    assert f"{NUMBER}：Chen Wei 已按 ¥7,280.50 签批。本次未作决定" in answer
    assert "✅ 批准 ¥1,290.50" not in world.buttons(SECOND)
    assert "📂 打开" in str(world.shown(SECOND)[-1]["reply_markup"])
    assert "您可以" in await world.say(SECOND, "1 20"), "the cutting is over"
