"""One car over all its claims: found, told whole, warned of before it may be given back, and its loaner in time."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from claimbot.flow.office import Office
from claimbot.store import Tx, claims, clocks, people
from claimbot.store.tables import entries
from tests.conftest import CLERK, SECOND, STRANGER, SUPERVISOR, TECHNICIAN, World
from tests.limits import Desk, desk_in, local
from tests.manners.steps import desk_up_to, on_to, report_up_to, step

VIN, OTHER_VIN = "LSVAA4182E2184847", "LFV3A23C8N3000017"
HOUSEHOLD: dict[str, Any] = {
    "car_use": "household",
    "in_service_on": "2026-03-10",
    "fault_family": "engine",
    "failed_part": "喷油器",
    "remedy": "repaired",
    "odometer_km": 9000,
}


async def met(world: World, count: int, *, author: int = TECHNICIAN, vin: str = VIN, **facts: object) -> list[int]:
    """So many repairs of a car, three days each, a fortnight apart; the ids of their claims."""

    def work(tx: Tx) -> list[int]:
        site = people.site_by_code(tx, "SH01")
        person = people.lock_by_telegram_id(tx, author)
        assert site is not None
        assert person is not None
        made = []
        for number in range(count):
            at = dt.datetime(2026, 4, 1, 1, 0, tzinfo=dt.UTC) + number * dt.timedelta(days=14)
            claim = claims.add_claim(tx, site_id=site.id, author_id=person.id, currency="CNY", now=at)
            times = {"opened_at": at.isoformat(), "closed_at": (at + dt.timedelta(hours=50)).isoformat()}
            told = {**HOUSEHOLD, **times, "vin": vin, **facts}
            claims.keep_facts(tx, claims.claim(tx, claim), told, at)
            code = claims.next_number(tx, site.id, site.code, 2026)
            held = claims.claim(tx, claim)
            claims.make_move(
                tx, held, "submit", "approved", person_id=person.id, now=at, number=code, reported_on=at.date()
            )
            made.append(claim)
        return made

    return await world.database.turn(work)


# at the car


async def test_a_technician_is_warned_of_a_car_that_comes_back_as_soon_as_it_is_known(world: World) -> None:
    await met(world, 3)
    await world.say(TECHNICIAN, "/new")
    said = await world.say(TECHNICIAN, "184847")
    assert "是这台车吗" in said
    assert "🟠 三包：喷油器：同一问题维修 3 次（限 4 次）" in said
    assert len([line for line in said.splitlines() if "三包" in line]) == 1, "one short line"


async def test_a_technician_reads_of_several_warnings_the_worst_and_how_many_more(world: World) -> None:
    await met(world, 7)
    await world.say(TECHNICIAN, "/new")
    said = await world.say(TECHNICIAN, "184847")
    assert "⛔️ 三包：喷油器：同一问题维修 7 次（限 4 次）（另 1 项）" in said, "7 × 3 days, too"


@pytest.mark.parametrize("facts", [{"car_use": "commercial"}, {"in_service_on": "2024-01-01"}])
async def test_a_technician_is_told_nothing_where_there_is_nothing_to_warn_of(
    world: World, facts: dict[str, Any]
) -> None:
    await met(world, 6, **facts)
    await world.say(TECHNICIAN, "/new")
    assert "三包" not in await world.say(TECHNICIAN, "184847")
    await world.say(TECHNICIAN, "/cancel")
    await world.say(TECHNICIAN, "/new")
    assert "三包" not in await world.say(TECHNICIAN, OTHER_VIN)


async def test_where_nobody_knows_how_a_car_is_used_the_warning_says_so(world: World) -> None:
    await met(world, 3, car_use=None)
    await world.say(TECHNICIAN, "/new")
    assert "（若为家用车）" in await world.say(TECHNICIAN, "184847")


# at the desk


async def test_what_is_known_of_a_car_is_not_asked_again(world: World) -> None:
    await met(world, 1, plate="沪A12345", customer="李安")
    await desk_up_to(world, "safety_fault")
    await on_to(world, "desk_explanation", CLERK)
    assert "车牌号：沪A12345" in world.last(CLERK)
    assert "车辆用途：🏠 家用" in world.last(CLERK)
    assert "客户：李安" in world.last(CLERK)


async def test_an_unknown_use_is_asked_again_for_the_next_claim(world: World) -> None:
    await met(world, 1, car_use="unknown", plate="沪A12345", customer="李安")
    await desk_up_to(world, "car_use")
    assert await step(world, CLERK) == "car_use"


async def test_the_supervisors_card_tells_how_near_the_car_is(world: World) -> None:
    await met(world, 3)
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    card = world.last(SUPERVISOR)
    assert "SAMR Order 43: Injector: repaired 4 times, limit 4" in card
    assert "Car's history" in " ".join(world.buttons(SUPERVISOR))


async def test_a_commercial_car_is_said_to_be_one_on_the_card(world: World) -> None:
    await met(world, 5, car_use="commercial")
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    assert "SAMR Order 43: not for commercial cars" in world.last(SUPERVISOR)


# the whole history


async def test_a_cars_history_is_one_message_with_every_count_written_out(world: World) -> None:
    await met(world, 2, labour="100.10", parts="200.20", plate="沪A12345")
    said = await world.say(CLERK, "/find 沪A12345")
    assert "索赔单：2" in said
    assert "合计 ¥600.60" in said
    assert "9,000 公里（2026-04-01）→ 9,000 公里（2026-04-15）" in said
    assert "SH01-2026-0001 50 小时→3 日，SH01-2026-0002 50 小时→3 日；3 + 3 = 6" in said
    assert {"📂 SH01-2026-0001", "📂 SH01-2026-0002", "🧮 补偿费"} <= set(world.buttons(CLERK))


async def test_a_claim_that_nobody_has_filled_in_has_no_amount_and_its_last_digits_are_enough(world: World) -> None:
    number = await world.report()
    for text in ("/find 1", "/claim 1"):
        said = await world.say(CLERK, text)
        assert number in said
        assert "¥" not in said
    assert "没有索赔单 2" in await world.say(CLERK, "/claim 2")


async def test_a_claim_that_was_withdrawn_is_in_no_sum(world: World) -> None:
    await met(world, 2, labour="100.10")

    def withdraw(tx: Tx) -> None:
        claim = claims.claim_by_number(tx, "SH01-2026-0001")
        assert claim is not None
        claims.make_move(tx, claim, "withdraw", "withdrawn", person_id=1, now=world.clock.now())

    await world.database.turn(withdraw)
    assert "合计 ¥100.10" in await world.say(CLERK, "/find 184847")


async def test_a_long_history_tells_the_latest_and_how_many_more(world: World) -> None:
    await met(world, 15)
    said = await world.say(CLERK, "/find 184847")
    assert "索赔单：15" in said
    assert "另有 3 单" in said
    assert said.count("SH01-2026-0015") == 3, "its line, and twice where it was counted"


async def test_several_cars_are_a_list_of_buttons(world: World) -> None:
    await met(world, 8)
    await met(world, 4, vin=OTHER_VIN)
    said = await world.say(CLERK, "/find 喷油器")
    assert said.startswith("🔎 喷油器")
    assert "还有更多，请再输详细些" in said
    assert len([label for label in world.buttons(CLERK) if label.startswith("📂")]) == 10
    await world.tap(CLERK, "📂 SH01-2026-0012")
    assert "SH01-2026-0012 · 审批通过" in world.last(CLERK)


async def test_a_technician_finds_own_claims_alone_and_no_act_of_the_desk(world: World) -> None:
    (mine,) = await met(world, 1)
    await met(world, 1, author=CLERK)
    said = await world.say(TECHNICIAN, "/find 184847")
    assert "索赔单：1" in said
    assert "另有 1 单不在您的权限内" in said
    assert mine
    assert not {label for label in world.buttons(TECHNICIAN) if "补偿" in label or "0002" in label}
    assert "没有找到" in await world.say(TECHNICIAN, "/find SH01-2026-0002")
    assert "索赔单：2" in await world.say(SECOND, "/find 184847")


@pytest.mark.parametrize("data", ["h:", "h:zz", "h:!", "h:1:x", "h:zzzzzzz:d"])
async def test_a_forged_button_about_a_car_is_answered_kindly(world: World, data: str) -> None:
    await met(world, 1, author=CLERK)
    await world.say(TECHNICIAN, "/help")
    world.telegram.tap(TECHNICIAN, world.shown(TECHNICIAN)[-1]["message_id"], data)
    await world.settled()
    assert world.telegram.answers[-1]["text"] or "权限" in world.last(TECHNICIAN)
    assert "出错" not in world.last(TECHNICIAN)


async def test_strangers_find_nothing(world: World) -> None:
    await met(world, 1)
    assert "Claims" not in await world.say(STRANGER, "/find 184847")


async def test_find_midway_answers_and_the_question_stands(world: World) -> None:
    await met(world, 1)
    await report_up_to(world, "complaint")
    assert "查什么" in await world.say(TECHNICIAN, "/find")
    await world.say(TECHNICIAN, "184847")
    assert "索赔单：1" in world.shown(TECHNICIAN)[-2]["text"]
    assert await step(world) == "complaint"
    assert "客户怎么说" in world.last(TECHNICIAN)


# swap or refund


async def test_the_customers_demand_starts_both_clocks_of_working_days(world: World) -> None:
    *_, last = await met(world, 5)
    await world.say(CLERK, "/find 184847")
    assert "实际发生在哪天" in await world.tap(CLERK, "🙋 客户要求退换车")
    await world.say(CLERK, "2026-09-07")
    running = await world.database.turn(lambda tx: clocks.running_clocks(tx, last))
    due = {each.rule: each.due_on for each in running}
    # 8 9 10 11 14 15 16 17 18, and Sunday 20 is worked (swap for the National Day holiday)
    assert due["answer_to_customer"] == dt.date(2026, 9, 20)
    # then 21 22 23 24, Friday 25 is off (Mid-Autumn), 28 29 30, 1 to 7 October off, 8 9, Saturday 10 is worked
    assert due["swap_or_refund"] == dt.date(2026, 10, 10)


async def test_the_demand_is_offered_only_where_it_may_be_made(world: World) -> None:
    await met(world, 2)
    await world.say(CLERK, "/find 184847")
    assert "🙋 客户要求退换车" not in world.buttons(CLERK)


async def test_the_compensation_is_kept_in_the_case_file(world: World) -> None:
    (claim,) = await met(world, 1)
    await world.say(CLERK, "/find 184847")
    await world.tap(CLERK, "🧮 补偿费")
    for said in ("150000", "24000", "0.51"):
        await world.say(CLERK, said)
    assert "法定系数 n 最高 0.5 %" in world.last(CLERK)
    assert "= ¥18,000.00" in await world.say(CLERK, "0.5")
    kept = await world.database.turn(
        lambda tx: tx.execute(entries.select().where(entries.c.claim_id == claim)).all()[-1]
    )
    assert (kept.what, '"amount": "18000.00"' in kept.detail) == ("compensation", True)


async def test_no_compensation_is_reckoned_for_a_commercial_car(world: World) -> None:
    (claim,) = await met(world, 1, car_use="commercial")
    await world.say(CLERK, "/find 184847")
    assert "🧮 补偿费" not in world.buttons(CLERK)
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], f"b:warranty.compensation:{claim}")
    await world.settled()
    for said in ("150000", "24000", "0.5"):
        await world.say(CLERK, said)
    assert "不适用三包退换规定" in world.last(CLERK)


# the loaner


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, local("2026-09-07 10:00"))


LOANER = "sanbao-2021/loaner"
OPENED: dict[str, Any] = {"opened_at": local("2026-09-07 09:20").isoformat(), "vin": VIN}


def shop(desk: Desk) -> tuple[int, int, int]:
    site = desk.site()
    return site, desk.person(site, "technician", name="Leo"), desk.person(site, "clerk", name="Fiona")


def test_a_repair_that_goes_on_is_pushed_to_the_clerk_before_its_sixth_day(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk, **OPENED)
    assert desk.limits(claim)[LOANER] == dt.date(2026, 9, 12), "5 × 24 h from Monday 09:20 end on Saturday 09:20"
    desk.until(local("2026-09-12 09:00"), dt.timedelta(hours=1))
    told = [each for each in desk.sent if "Loaner" in each.html]
    assert told
    assert all(each.at < local("2026-09-12 09:20") for each in told)
    assert any("1 day" in each.html or "last day" in each.html for each in told)


@pytest.mark.parametrize("how", ["closed", "loaner", "commercial"])
def test_the_loaners_clock_ends_with_the_repair_or_the_loaner_and_does_not_run_for_a_commercial_car(
    desk: Desk, how: str
) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk, **OPENED)
    desk.now = local("2026-09-08 10:00")
    if how == "loaner":
        desk.note(claim, "loaner.delivered", local("2026-09-08 09:00"), clerk)
    else:
        more = {"closed_at": local("2026-09-08 09:00").isoformat()} if how == "closed" else {"car_use": "commercial"}
        with desk.tx() as tx:
            claims.keep_facts(tx, claims.claim(tx, claim), more, desk.now)
            desk.recount(tx, claim)
    assert LOANER not in desk.limits(claim)
    desk.until(local("2026-09-14 12:00"), dt.timedelta(hours=3))
    assert not [each for each in desk.sent if "Loaner" in each.html]
