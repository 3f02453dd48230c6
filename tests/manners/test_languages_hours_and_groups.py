"""Another language midway, other hours than the server's, and chats that are none of the bot's business."""

import datetime as dt
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from claimbot.flow.office import Office
from claimbot.store import Tx
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, StartedClock, World, stand_in, world_in
from tests.manners.steps import answers, desk_up_to, report_up_to, step

# language


async def test_a_language_chosen_midway_leads_back_to_the_same_question_in_it(world: World) -> None:
    await report_up_to(world, "fault_family")
    await world.say(TECHNICIAN, "/language")
    await world.tap(TECHNICIAN, "English")
    assert "English it is." in world.shown(TECHNICIAN)[-2]["text"]
    assert "Where is the fault?" in world.last(TECHNICIAN)
    assert "Traction battery" in world.buttons(TECHNICIAN)
    assert "⬅️ Back" in world.buttons(TECHNICIAN)
    await world.tap(TECHNICIAN, "Engine")
    assert "Fault codes?" in world.last(TECHNICIAN)
    assert await step(world) == "fault_codes"


@pytest.mark.parametrize("command", ["/language en", "/LANGUAGE  EN"])
async def test_a_language_in_the_command_itself_leads_back_too(world: World, command: str) -> None:
    await report_up_to(world, "complaint")
    await world.say(TECHNICIAN, command)
    assert "What does the customer complain about?" in world.last(TECHNICIAN)
    assert await step(world) == "complaint"


async def test_who_thinks_better_of_another_language_is_led_back_as_well(world: World) -> None:
    await report_up_to(world, "complaint")
    await world.say(TECHNICIAN, "/language")
    await world.say(TECHNICIAN, "/language")  # asked twice
    await world.say(TECHNICIAN, "/cancel")
    assert "客户怎么说" in world.last(TECHNICIAN)
    assert await step(world) == "complaint"


async def test_the_command_menu_follows_role_and_language(world: World) -> None:
    def menu(user: int) -> dict[str, str]:
        return {each["command"]: each["description"] for each in world.telegram.commands_for(user)}

    assert menu(TECHNICIAN)["new"] == "新建故障报修"
    assert "queue" not in menu(TECHNICIAN)
    assert menu(CLERK)["queue"] == "待办清单"
    assert menu(SUPERVISOR)["queue"] == "What waits for me"
    await world.say(TECHNICIAN, "/language en")
    assert menu(TECHNICIAN)["new"] == "Report a fault"
    assert "queue" not in menu(TECHNICIAN)


async def test_a_claim_speaks_each_readers_language(world: World) -> None:
    number = await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    assert "needs a decision" in world.last(SUPERVISOR)
    await world.say(SUPERVISOR, "/language zh")
    await world.say(SUPERVISOR, f"/claim {number}")
    assert "请审批" in world.last(SUPERVISOR)


# hours


@pytest.fixture
def server_in_utc() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture
async def berlin(tmp_path: Path, office: Office, server_in_utc: None) -> AsyncIterator[World]:
    """The Monday after summer time began, 09:30 in Berlin, at a site there."""
    del server_in_utc
    clock = StartedClock(dt.datetime(2026, 3, 30, 7, 30, tzinfo=dt.UTC))
    async with world_in(tmp_path, office, stand_in(clock), clock) as made:

        def move(tx: Tx) -> None:
            tx.exec_driver_sql("UPDATE sites SET zone = 'Europe/Berlin', country = 'DE', currency = 'EUR'")

        await made.database.turn(move)
        for user in (TECHNICIAN, CLERK):
            await made.say(user, "/start")
        yield made


@pytest.mark.parametrize(
    ("typed", "utc", "told"),
    [
        ("2026-03-29 02:30", "2026-03-29T01:30:00+00:00", "2026-03-29 03:30"),  # in the gap
        ("2026-03-29 01:59", "2026-03-29T00:59:00+00:00", "2026-03-29 01:59"),
        ("2026-03-29 03:00", "2026-03-29T01:00:00+00:00", "2026-03-29 03:00"),
        ("yesterday 09:20", "2026-03-29T07:20:00+00:00", "2026-03-29 09:20"),
        ("2025-10-26 02:30", "2025-10-26T00:30:00+00:00", "2025-10-26 02:30"),  # comes twice: the first
    ],
)
async def test_an_hour_that_summer_time_left_out_or_doubled_is_one_instant(
    berlin: World, typed: str, utc: str, told: str
) -> None:
    await desk_up_to(berlin, "opened_at")
    await berlin.say(CLERK, typed)
    given = dt.datetime.fromisoformat(str((await answers(berlin, CLERK))["opened_at"]))
    assert given == dt.datetime.fromisoformat(utc)
    await berlin.tap(CLERK, "上一步")
    assert any(told in label for label in berlin.buttons(CLERK)), berlin.buttons(CLERK)


async def test_today_is_the_sites_today_and_not_the_servers(world: World) -> None:
    world.skip(hours=15)  # 17:00 of the 9th in UTC, 01:00 of the 10th in Shanghai
    await desk_up_to(world, "in_service_on")
    await world.tap(CLERK, "今天")
    assert (await answers(world, CLERK))["in_service_on"] == "2026-09-10"


async def test_the_year_in_a_claims_number_is_the_sites(world: World) -> None:
    world.skip(days=113, hours=14, minutes=30)  # 16:30 of 31 December in UTC: next year in Shanghai
    await world.say(TECHNICIAN, "/new")
    for _ in range(30):
        answer = await world.example(TECHNICIAN)
        if answer.value.endswith(":send") and "SH01-" in world.last(TECHNICIAN):
            break
    assert "SH01-2027-0001" in world.last(TECHNICIAN)


# groups


async def test_a_group_is_left_in_peace_and_nobodys_claim_goes_there(world: World) -> None:
    group = world.telegram.add_group("售后群", [TECHNICIAN, CLERK])
    await report_up_to(world, "complaint")
    for text in ("/new", "/cancel@claimbot_demo_bot", "怠速抖动", "hello"):
        world.telegram.say(TECHNICIAN, text, chat_id=group)
    await world.settled()
    assert [message for message in world.telegram.messages(group) if message["from_bot"]] == []
    assert await step(world) == "complaint"
    assert world.telegram.waiting == 0


async def test_a_group_that_becomes_a_supergroup_disturbs_nobody(world: World) -> None:
    group = world.telegram.add_group("售后群", [TECHNICIAN, CLERK])
    moved = world.telegram.migrate(group)
    world.telegram.say(CLERK, "/queue", chat_id=moved)
    await world.say(CLERK, "/queue")
    assert "没有待办" in world.last(CLERK)
    assert world.telegram.waiting == 0
    for chat in (group, moved):
        assert not any(message["from_bot"] for message in world.telegram.messages(chat))


async def test_a_tap_in_a_group_is_answered_and_does_nothing(world: World) -> None:
    group = world.telegram.add_group("售后群", [TECHNICIAN, CLERK])
    message = world.telegram.say(TECHNICIAN, "看这个", chat_id=group)
    before = len(world.telegram.answers)
    world.telegram.tap(TECHNICIAN, message, "m:new")
    await world.settled()
    assert len(world.telegram.answers) == before + 1
    assert await step(world) == ""
