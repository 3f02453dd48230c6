"""kill -9 of the bot's own process, in the middle of a conversation: nothing is lost, nothing counts twice."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from claimbot.__main__ import DEMO_TOKEN, open_demo_site
from claimbot.demo.clock import MovableClock
from claimbot.store import Database, conversations
from tests.conftest import TECHNICIAN, stand_in

ANSWERS = ("/new", "LSVAA4182E2184847", "是", "23456", "怠速抖动,故障灯亮", "发动机")


async def test_the_bot_is_killed_after_every_message_and_the_conversation_goes_on(tmp_path: Path) -> None:
    clock = MovableClock(None)
    telegram = stand_in(clock)
    port = await telegram.start()
    url = f"sqlite:///{tmp_path / 'claimbot.db'}"
    async with Database(url) as database:
        await database.turn(lambda tx: open_demo_site(tx, clock.now()))
    environment = {
        **os.environ,
        "TELEGRAM_TOKEN": DEMO_TOKEN,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
        "CLAIMBOT_DATA": str(tmp_path),
    }

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "claimbot", "run", env=environment, stderr=asyncio.subprocess.DEVNULL
        )

    async def answered(before: int) -> None:
        for _ in range(2000):
            if sum(message["from_bot"] for message in telegram.messages(TECHNICIAN)) > before:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("no answer came")

    bot = await start()
    try:
        for place, text in enumerate(ANSWERS):
            before = sum(message["from_bot"] for message in telegram.messages(TECHNICIAN))
            telegram.say(TECHNICIAN, text)
            await asyncio.sleep(0.004 * place)  # a little later each time: before, in and after the turn
            bot.send_signal(signal.SIGKILL)
            await bot.wait()
            bot = await start()
            await answered(before)
        before = sum(message["from_bot"] for message in telegram.messages(TECHNICIAN))
        telegram.say(TECHNICIAN, "/help")
        await answered(before)  # so the last process is up, and asked to end when it listens
        bot.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(bot.wait(), 20) == 0, "it ends in order when asked to"
    finally:
        if bot.returncode is None:
            bot.kill()
            await bot.wait()
        await telegram.stop()
    async with Database(url) as database:
        (held,) = await database.turn(lambda tx: conversations.unfinished(tx, 1, "warranty.intake"))
    assert held.stand.step == "fault_codes"
    assert held.stand.answers["odometer_km"] == 23456
    assert held.stand.answers["complaint"] == "怠速抖动,故障灯亮"
