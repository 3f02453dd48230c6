"""Reminders as people get them: every ladder to its end, nobody twice, nothing at night, nothing lost.

The world's clock stands at Wednesday, 2026-09-09, 10:00 in Shanghai; office hours are 08:30 to 17:30.
"""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from claimbot.flow.office import Office
from claimbot.store import clocks, people
from claimbot.store.messages import earliest_due
from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World
from tests.limits import Desk, desk_in, local

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERYBODY = (TECHNICIAN, CLERK, SUPERVISOR, SECOND)


class Log:
    """Who was reminded when (local day, hour and minute), in the order in which it came."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen = {user: len(self._mine(user)) for user in EVERYBODY}
        self.lines: list[tuple[str, int, str]] = []
        self.digests: list[tuple[str, int, str]] = []

    def _mine(self, user: int) -> list[str]:
        return [message["text"] for message in self._world.shown(user) if message["text"].startswith(("⏰", "☀️"))]

    async def until(self, day: str) -> None:
        """Lets the time pass until the end of that day in Shanghai, from one thing due to the next."""
        end = dt.datetime.fromisoformat(day).replace(hour=23, tzinfo=SHANGHAI)
        while True:
            now = self._world.clock.now()
            due = await self._world.database.turn(earliest_due)
            following = min(end, end if due is None else max(due, now))
            self._world.skip(seconds=(following - now).total_seconds() + 1)
            await self._world.door.tick()
            local = self._world.clock.now().astimezone(SHANGHAI)
            for user in EVERYBODY:
                mine = self._mine(user)
                for text in mine[self._seen[user] :]:
                    into = self.digests if text.startswith("☀️") else self.lines
                    into.append((f"{local:%m-%d %H:%M}", user, text))
                self._seen[user] = len(mine)
            if following >= end:
                return

    def told(self, *about: str) -> list[tuple[str, int]]:
        return [(at, user) for at, user, text in self.lines if not about or any(each in text for each in about)]


async def sent_for_approval(world: World) -> str:
    number = await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    return number


async def test_a_waiting_approval_is_pushed_to_one_supervisor_then_daily_then_to_another(world: World) -> None:
    number = await sent_for_approval(world)
    log = Log(world)
    await log.until("2026-09-15")
    assert log.told("decision", "审批") == [
        ("09-09 14:00", SUPERVISOR),  # four working hours
        ("09-10 14:00", SUPERVISOR),
        ("09-11 14:00", SUPERVISOR),
        ("09-14 14:00", SECOND),  # Monday
        ("09-15 14:00", SECOND),
    ]
    reminder = world.shown(SECOND)[-1]
    assert number in reminder["text"]
    approve = next(button for row in reminder["reply_markup"]["inline_keyboard"] for button in row)
    assert approve["text"] == "✅ 批准", "a reminder has the buttons to act on it"
    world.telegram.tap(SECOND, reminder["message_id"], approve["callback_data"])
    await world.settled()
    assert "批准" in world.last(TECHNICIAN)
    rest = Log(world)
    await rest.until("2026-11-01")
    assert rest.told("waiting for your decision", "待您审批") == [], "nothing more once it is decided"


async def test_the_makers_window_is_pushed_seven_three_one_days_before_on_the_day_and_after(world: World) -> None:
    await world.report()
    await world.complete()  # closed on 2026-09-08: the example maker's 30 days end on 2026-10-08
    log = Log(world)
    await log.until("2026-10-12")
    assert log.told("申报", "报厂家", "window") == [], "what comes with the morning's digest is not said twice"
    for user, title in ((CLERK, "厂家申报期限"), (SUPERVISOR, "Maker's submission window"), (SECOND, "厂家申报期限")):
        told = [at for at, whose, text in log.digests if whose == user and title in text]
        assert told[-4:] == ["10-08 08:30", "10-09 08:30", "10-10 08:30", "10-12 08:30"], "10 October is worked"
        # 7, 3 and 1 days before lie in the holiday from 1 to 7 October: said before it
        assert told[:-4] == (["09-30 08:30"] if user == CLERK else [])


async def test_a_draft_is_remembered_after_two_hours_next_morning_and_weekly_until_thrown_away(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    log = Log(world)
    await log.until("2026-09-25")
    assert [at for at, _ in log.told()] == ["09-09 12:00", "09-10 08:30", "09-17 08:30", "09-24 08:30"]
    assert "哪台车" in await world.tap(TECHNICIAN, "▶️ 继续")
    await world.say(TECHNICIAN, "/drafts")
    await world.tap(TECHNICIAN, "🗑 删除草稿")
    after = Log(world)
    await after.until("2026-10-10")
    assert after.told() == []


async def test_rungs_missed_while_the_bot_was_off_become_one_message(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    world.skip(days=16)
    log = Log(world)
    await log.until("2026-09-25")
    assert len(log.lines) == 1, log.lines


async def test_when_nobody_can_be_reached_nothing_loops_and_it_goes_on_once_somebody_can(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    for user in EVERYBODY:
        world.telegram.block(user)
    await world.settled()
    before = len(world.telegram.calls)
    log = Log(world)
    await log.until("2026-09-16")
    tried = [method for method, _ in world.telegram.calls[before:] if method.lower() == "sendmessage"]
    assert tried == [], "a person who blocked the bot is not tried at all"
    world.telegram.unblock(TECHNICIAN)
    await world.settled()
    await log.until("2026-09-18")
    assert log.told() == [("09-17 08:30", TECHNICIAN)]


async def test_a_person_who_blocked_the_bot_unnoticed_is_skipped_and_the_next_one_told(world: World) -> None:
    await sent_for_approval(world)
    world.telegram.deactivate(SUPERVISOR)
    log = Log(world)
    await log.until("2026-09-09")
    assert log.told() == [("09-09 14:00", SECOND)], "another who may decide"


async def test_snoozed_until_tomorrow_comes_tomorrow_morning(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    log = Log(world)
    await log.until("2026-09-09")
    await world.tap(TECHNICIAN, "🌅 明早")
    await log.until("2026-09-10")
    assert [at for at, _ in log.told()] == ["09-09 12:00", "09-10 08:30"]


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, local("2026-09-09 10:00"))


def demanded(desk: Desk) -> tuple[int, int, int]:
    """A claim with a limit that its clerk is reminded of; site and clerk, and another clerk."""
    site = desk.site()
    technician = desk.person(site, "technician", name="Leo")
    clerk, other = desk.person(site, "clerk", name="Fiona"), desk.person(site, "clerk", name="Grace")
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)  # answered by 22 September
    return site, clerk, other


def reminded(desk: Desk) -> list[tuple[int, str]]:
    """To whom, and the line behind what the reminder is of."""
    told = [(each.message.person_id, each.html.splitlines()) for each in desk.sent if "Seller's answer" in each.html]
    return [(person, lines[1] if len(lines) > 1 else "") for person, lines in told]


def test_a_deputy_is_told_in_whose_place_they_are_reminded_and_who_is_back_is_not(desk: Desk) -> None:
    _, clerk, other = demanded(desk)
    with desk.tx() as tx:
        clocks.add_absence(tx, clerk, dt.date(2026, 9, 15), dt.date(2026, 9, 18), other, desk.now)
    desk.until(local("2026-09-22 12:00"))
    place = "🤝 In place of Fiona"
    assert reminded(desk) == [(clerk, ""), (other, place), (other, place), (clerk, ""), (clerk, "")]


@pytest.mark.parametrize("gone", ["blocked", "left"])
def test_the_next_one_responsible_is_told_in_whose_place_they_are_reminded(desk: Desk, gone: str) -> None:
    site, clerk, other = demanded(desk)
    with desk.tx() as tx:
        if gone == "blocked":
            people.change_person(tx, clerk, blocked_at=desk.now)
        else:
            people.take_role(tx, clerk, site, "clerk")
    desk.until(local("2026-09-18 12:00"))
    assert reminded(desk)
    assert {*reminded(desk)} == {(other, "🤝 In place of Fiona")}


async def test_when_the_technician_has_blocked_the_bot_the_desk_hears_of_their_draft_in_their_place(
    world: World,
) -> None:
    await world.say(TECHNICIAN, "/new")
    world.telegram.block(TECHNICIAN)
    await world.settled()
    log = Log(world)
    await log.until("2026-09-10")
    assert any("🤝 代 小李 处理" in text for _, user, text in log.lines if user == CLERK)


async def test_what_moves_a_claim_on_comes_before_what_has_happened_where_it_ends_the_limit(world: World) -> None:
    number = await world.report()
    await world.complete()
    await world.say(CLERK, f"/claim {number}")
    await world.tap(CLERK, "⏱")
    await world.tap(CLERK, "❓ 厂家申报期限")
    rows = [row[0]["text"] for row in world.shown(CLERK)[-1]["reply_markup"]["inline_keyboard"]]
    assert rows[0] == "📤 送审"
    assert rows.index("✔️ 已办") > 0
    await world.tap(CLERK, "⏱")
    await world.tap(CLERK, "❓ 旧件返厂")
    rows = [row[0]["text"] for row in world.shown(CLERK)[-1]["reply_markup"]["inline_keyboard"]]
    assert "🚚 已返厂" in rows, "what is more than a day is asked for by its own name"
