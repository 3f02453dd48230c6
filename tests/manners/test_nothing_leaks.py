"""Neither a chat nor a log ever holds the token, a path, a trace of ours, or what somebody wrote."""

import io
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from claimbot.__main__ import DEMO_TOKEN
from claimbot.chat import request
from claimbot.demo.samples import draw_sample
from claimbot.store import Tx
from tests.conftest import CLERK, SECOND, STRANGER, SUPERVISOR, TECHNICIAN, World
from tests.manners.steps import report_up_to, step

SECRET = DEMO_TOKEN.partition(":")[2]
PRIVATE = "客户张三电话13800000000"
SHOWN_TO_NOBODY = re.compile(
    rf"{SECRET}|Traceback|\.py\b|/tmp/|/bot\d|Error\b|Exception|sqlite|claimbot\.|[0-9a-f]{{40,}}|AgACAg", re.IGNORECASE
)
HOWS = ("502", "reset", "429", "lost answer")
METHODS = ("sendMessage", "answerCallbackQuery", "editMessageText", "getFile", "file", "getUpdates", "setMyCommands")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that goes to the log, as the program writes it: our events with their traces, and the libraries' lines."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in ("asyncio", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.PrintLoggerFactory(out),
    )
    yield out
    structlog.configure(**before)
    root.removeHandler(handler)
    root.setLevel(level)


def unshown(world: World) -> list[str]:
    """Every text and button that anybody was shown and that holds what nobody should see."""
    texts = [
        *(
            message["text"]
            for user in (TECHNICIAN, CLERK, SUPERVISOR, SECOND, STRANGER)
            for message in world.shown(user)
        ),
        *(each["text"] for each in world.telegram.answers),
        *(label for user in (TECHNICIAN, CLERK, SUPERVISOR) for label in world.buttons(user)),
    ]
    return [text for text in texts if SHOWN_TO_NOBODY.search(text)]


async def test_a_network_that_fails_in_every_way_gives_nothing_away(
    world: World, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rest(_: float) -> None:
        pass

    monkeypatch.setattr("claimbot.chat.arriving.sleep", rest)
    monkeypatch.setattr(request, "READ_FOR", 0.3)
    await report_up_to(world, "complaint")
    for how in (*HOWS, "hang"):
        for method in METHODS:
            if (method, how) != ("getUpdates", "hang"):  # its long poll is waited for in real time
                world.telegram.fail_next(method, how)  # type: ignore[arg-type]  # one of the ways
        world.telegram.send_photo(TECHNICIAN, draw_sample("odometer", vin="LSVAA4182E2184847", km=1), PRIVATE)
        await world.say(TECHNICIAN, "/help")
        world.skip(seconds=90)
        await world.tick()
    log = written.getvalue()
    assert "message.failed" in log, "or this looked at nothing"
    assert SECRET not in log
    assert "/bot" not in log
    assert PRIVATE not in log
    assert unshown(world) == []


async def test_a_failing_turn_is_logged_with_its_trace_but_without_what_was_written(
    world: World, written: io.StringIO
) -> None:
    await report_up_to(world, "complaint")

    def break_the_table(tx: Tx) -> None:
        tx.exec_driver_sql("ALTER TABLE conversations RENAME TO elsewhere")

    def mend_the_table(tx: Tx) -> None:
        tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO conversations")

    await world.database.turn(break_the_table)
    await world.say(TECHNICIAN, PRIVATE)
    log = written.getvalue()
    assert "turn.failed" in log
    assert "OperationalError" in log, "the trace is there"
    assert PRIVATE not in log
    assert SECRET not in log
    (number,) = re.findall(r"编号 ([0-9a-f]{6})", world.last(TECHNICIAN))
    assert number in log, "what the person is told leads to the line in the log"
    assert unshown(world) == []
    await world.database.turn(mend_the_table)
    await world.say(TECHNICIAN, PRIVATE)
    assert await step(world) == "fault_family", "and nothing was lost"


async def test_a_statement_that_fails_hides_what_stood_in_it(world: World, written: io.StringIO) -> None:
    await report_up_to(world, "complaint")

    def forbid(tx: Tx) -> None:
        tx.exec_driver_sql("CREATE TRIGGER no BEFORE UPDATE ON conversations BEGIN SELECT RAISE(ABORT, 'no'); END")

    await world.database.turn(forbid)
    await world.say(TECHNICIAN, PRIVATE)
    log = written.getvalue()
    assert "IntegrityError" in log
    assert PRIVATE not in log


async def test_a_whole_claim_shows_nobody_anything_of_the_inside(world: World, written: io.StringIO) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "✅ Approve")
    for text in ("/claim x", "/claim '; DROP TABLE claims; --", "/start x", "/rubbish", "{name}", "%s", "<b>"):
        for user in (TECHNICIAN, STRANGER):
            await world.say(user, text)
    assert unshown(world) == []
    log = written.getvalue()
    assert "turn.taken" in log
    for private in (SECRET, "小李", "怠速抖动", "LSVAA4182E2184847", str(TECHNICIAN)):
        assert private not in log
