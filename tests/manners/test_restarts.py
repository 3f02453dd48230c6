"""Stopped and started again: what waited is answered, what was under way is answered once, buttons go on working."""

import asyncio
import datetime as dt
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from claimbot.__main__ import DEMO_TOKEN, open_demo_site
from claimbot.demo.clock import MovableClock
from claimbot.demo.samples import draw_sample
from claimbot.demo.server import StandIn
from claimbot.flow.office import Office
from claimbot.store import Database, claims, conversations
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, StartedClock, stand_in, world_in
from tests.manners.steps import answers, report_up_to, step

MORNING = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)


async def test_buttons_of_before_a_restart_work_after_it(tmp_path: Path, office: Office) -> None:
    clock = StartedClock(MORNING)
    telegram = stand_in(clock)
    async with world_in(tmp_path, office, telegram, clock) as world:
        await report_up_to(world, "fault_family")
    async with world_in(tmp_path, office, telegram, clock) as world:
        await world.tap(TECHNICIAN, "发动机")
        assert await step(world) == "fault_codes"
        assert "故障码" in world.last(TECHNICIAN)


async def test_days_later_the_report_goes_on_where_it_stopped(tmp_path: Path, office: Office) -> None:
    clock = StartedClock(MORNING)
    telegram = stand_in(clock)
    async with world_in(tmp_path, office, telegram, clock) as world:
        await report_up_to(world, "complaint")
    clock.skip(dt.timedelta(days=5))
    async with world_in(tmp_path, office, telegram, clock) as world:
        await world.say(TECHNICIAN, "怠速抖动")
        assert await step(world) == "fault_family"


async def test_a_backlog_of_hundreds_is_answered_and_not_dropped(tmp_path: Path, office: Office) -> None:
    clock = StartedClock(MORNING)
    telegram = stand_in(clock)
    async with world_in(tmp_path, office, telegram, clock) as world:
        await report_up_to(world, "odometer_km")
        told = {user: len(world.shown(user)) for user in (CLERK, SUPERVISOR, SECOND)}
    for number in range(80):
        for user in (CLERK, SUPERVISOR, SECOND):
            telegram.say(user, "/queue" if number % 2 else "/help")
    telegram.say(TECHNICIAN, "23456")
    telegram.say(TECHNICIAN, "怠速抖动,故障灯亮")
    clock.skip(dt.timedelta(hours=9))
    async with world_in(tmp_path, office, telegram, clock) as world:
        await world.until(lambda: telegram.waiting == 0, "all of the backlog")
        await world.settled()
        assert {user: len(world.shown(user)) - before for user, before in told.items()} == dict.fromkeys(told, 80)
        assert await step(world) == "fault_family"
        assert (await answers(world))["odometer_km"] == 23456


async def test_what_was_due_during_downtime_is_said_once_after_it(tmp_path: Path, office: Office) -> None:
    clock = StartedClock(MORNING)
    telegram = stand_in(clock)
    async with world_in(tmp_path, office, telegram, clock) as world:
        await report_up_to(world, "complaint")
    clock.skip(dt.timedelta(hours=3))
    for _ in range(2):
        async with world_in(tmp_path, office, telegram, clock) as world:
            await world.tick()
    assert sum("提醒" in message["text"] for message in world.shown(TECHNICIAN)) == 1


async def test_telegram_may_be_away_when_the_bot_starts(
    tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr("claimbot.chat.door.sleep", rest)
    clock = StartedClock(MORNING)
    telegram = stand_in(clock)
    telegram.fail_next("getMe", "502", 2)
    telegram.fail_next("getMe", "reset")
    telegram.fail_next("getMe", "429")
    async with world_in(tmp_path, office, telegram, clock) as world:
        assert await world.say(CLERK, "/help")
    assert rests == [0.5, 1.0, 2.0, 4.0]


# a process of its own


def environment(port: int, folder: Path, token: str = DEMO_TOKEN) -> dict[str, str]:
    given = {"TELEGRAM_TOKEN": token, "TELEGRAM_API_URL": f"http://127.0.0.1:{port}", "CLAIMBOT_DATA": str(folder)}
    return {**os.environ, **given}


@asynccontextmanager
async def outside(tmp_path: Path) -> AsyncIterator[tuple[StandIn, dict[str, str]]]:
    clock = MovableClock(None)
    telegram = stand_in(clock)
    port = await telegram.start()
    async with Database(f"sqlite:///{tmp_path / 'claimbot.db'}") as database:
        await database.turn(lambda tx: open_demo_site(tx, clock.now()))
    try:
        yield telegram, environment(port, tmp_path)
    finally:
        await telegram.stop()


async def bot(given: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "claimbot", "run", env=given, stderr=asyncio.subprocess.PIPE
    )


async def shown(telegram: StandIn, count: int) -> None:
    for _ in range(3000):
        if sum(message["from_bot"] for message in telegram.messages(TECHNICIAN)) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{count} messages did not come: {telegram.messages(TECHNICIAN)}")


async def test_asked_to_end_while_a_photo_is_fetched_it_is_answered_once_and_kept_once(tmp_path: Path) -> None:
    picture = draw_sample("failed_part", vin="LSVAA4182E2184847", km=1, seed=1)
    async with outside(tmp_path) as (telegram, given):
        process = await bot(given)
        try:
            telegram.say(TECHNICIAN, "/new")
            await shown(telegram, 1)
            telegram.fail_next("file", "hang")
            telegram.send_photo(TECHNICIAN, picture)
            for _ in range(2000):
                if any(method == "getFile" for method, _ in telegram.calls):
                    break
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            _, said = await asyncio.wait_for(process.communicate(), 40)
            assert process.returncode == 0, said
            assert b"poll.broken_off" in said
            assert telegram.waiting == 1, "it was not confirmed"
            process = await bot(given)
            await shown(telegram, 2)
            telegram.say(TECHNICIAN, "/help")
            await shown(telegram, 3)
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.communicate(), 40)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        told = [message["text"] for message in telegram.messages(TECHNICIAN) if message["from_bot"]]
        assert sum("已作“车架号铭牌”照片" in text for text in told) == 1
    async with Database(f"sqlite:///{tmp_path / 'claimbot.db'}") as database:
        assert len(tuple(await database.turn(claims.all_evidence))) == 1
        (held,) = await database.turn(lambda tx: conversations.unfinished(tx, 1, "warranty.intake"))
    assert list(held.stand.drafts["photos"]["slots"]) == ["vin_plate"]  # type: ignore[index, call-overload, arg-type]  # JSON
    files = [path.name for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    assert len(files) == 2, "the photo and its screen copy"


async def test_a_refused_token_is_one_plain_sentence_without_the_token(tmp_path: Path) -> None:
    async with outside(tmp_path) as (_, given):
        secret = "100000001:" + "s3cret" * 5
        process = await bot({**given, "TELEGRAM_TOKEN": secret})
        _, said = await asyncio.wait_for(process.communicate(), 40)
        assert process.returncode == 1
        assert said.decode().splitlines()[-1] == "TELEGRAM_TOKEN is refused by Telegram: check it with BotFather."
        assert b"s3cret" not in said
        assert b"Traceback" not in said
