"""A claim leaves for the maker: the day it really did counts, not the day on which that was told."""

import datetime as dt

from claimbot.store import Tx, claims, clocks
from tests.conftest import CLERK, SUPERVISOR, World

NUMBER = "SH01-2026-0001"


async def approved(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤 送审")
    await world.tap(SUPERVISOR, "✅ Approve")


async def standing(world: World) -> tuple[str, list[dt.date | dt.datetime], list[str]]:
    def read(tx: Tx) -> tuple[str, list[dt.date | dt.datetime], list[str]]:
        claim = claims.claim_by_number(tx, NUMBER)
        assert claim is not None
        sent = [each.at for each in clocks.events_of(tx, claim.id) if each.event == "claim.sent"]
        return claim.state, sent, [each.rule for each in clocks.running_clocks(tx, claim.id)]

    return await world.database.turn(read)


async def file(world: World, day: str) -> str:
    await world.say(CLERK, f"/claim {NUMBER}")
    await world.tap(CLERK, "📤 已报厂家")
    await world.say(CLERK, day)
    return await world.tap(CLERK, "跳过")


async def test_the_makers_window_runs_on_after_approval_and_ends_when_the_claim_has_left(world: World) -> None:
    await approved(world)
    state, sent, running = await standing(world)
    assert (state, sent) == ("approved", [])
    assert "submission_window" in running
    assert "filing_waiting" in running
    today = world.clock.now().astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    assert "已于" in await file(world, "今天")
    state, sent, running = await standing(world)
    assert (state, sent) == ("filed", [today])
    assert "submission_window" not in running
    assert "filing_waiting" not in running


async def test_a_wrong_day_is_put_right_and_only_the_right_one_counts(world: World) -> None:
    await approved(world)
    world.skip(days=3)
    today = world.clock.now().astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    await file(world, "昨天")
    await world.say(CLERK, f"/claim {NUMBER}")
    await world.tap(CLERK, "✏️ 厂家单号")
    await world.tap(CLERK, "上一步")
    await world.say(CLERK, (today - dt.timedelta(days=2)).isoformat())
    await world.say(CLERK, "WC-1")
    state, sent, _ = await standing(world)
    assert (state, sent) == ("filed", [today - dt.timedelta(days=2)])
