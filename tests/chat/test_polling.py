"""An update is confirmed when it has been handled, and not before."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from structlog.testing import capture_logs
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TimedOut

from claimbot.chat import polling
from claimbot.chat.arriving import Given
from claimbot.chat.polling import Poller
from claimbot.chat.request import Values
from claimbot.errors import SettingsError


class Telegram:
    """Keeps updates until they are confirmed, as the real one does; errors in `fails` come first."""

    def __init__(self, *numbers: int) -> None:
        self.base_url = "http://telegram"
        self.kept = list(numbers)
        self.asked: list[tuple[int, int]] = []
        self.fails: list[Exception] = []
        self.open = 0
        self.most_open = 0

    @property
    def request(self) -> "Telegram":
        return self

    async def post(self, url: str, request_data: Values, read_timeout: float) -> list[dict[str, object]]:
        assert url == "http://telegram/getUpdates"
        assert read_timeout >= 10
        offset, limit, timeout = (int(str(request_data.values[name])) for name in ("offset", "limit", "timeout"))
        self.asked.append((offset, timeout))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(0)
            if self.fails:
                raise self.fails.pop(0)
            if self.kept and offset <= max(self.kept):
                self.kept = [number for number in self.kept if number >= offset]
            elif offset and self.kept and self.kept[-1] < offset - 1_000:
                pass  # counting began anew, far below
            else:
                self.kept = []
            if not self.kept and timeout:
                await asyncio.Event().wait()
            return [{"update_id": number} for number in self.kept[:limit]]
        finally:
            self.open -= 1


class Office:
    """Handles updates; those in `slow` wait until let go, those in `bad` raise."""

    def __init__(self, *, slow: set[int] | None = None, bad: set[int] | None = None) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.slow, self.bad = slow or set(), bad or set()
        self.gate = asyncio.Event()

    async def handle(self, update: Given) -> None:
        self.begun.append(update["update_id"])
        if update["update_id"] in self.slow:
            await self.gate.wait()
        if update["update_id"] in self.bad:
            raise ValueError("a bug")
        self.done.append(update["update_id"])


class Sleeps:
    """Time passes at once; how long each sleep was to be is noted. `stands`: those so long never end."""

    def __init__(self, stands: float = float("inf")) -> None:
        self.slept: list[float] = []
        self.stands = stands

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds >= self.stands:
            await asyncio.Event().wait()
        await asyncio.sleep(0)


def poller(telegram: Telegram, handle: Callable[[Given], Awaitable[None]], sleeps: Sleeps | None = None) -> Poller:
    return Poller(cast("Bot", telegram), handle, allowed_updates=["message"], sleep=sleeps or Sleeps())


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if happened():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


async def test_nothing_is_confirmed_before_it_is_handled_nor_begun_twice() -> None:
    telegram, office = Telegram(5, 6, 7), Office(slow={6})
    polls = poller(telegram, office.handle)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: len(telegram.asked) > 20)
    assert office.begun == [5, 6, 7]
    assert max(offset for offset, _ in telegram.asked) == 6
    assert polls.busy
    office.gate.set()
    await until(lambda: telegram.asked[-1] == (8, 10))
    await polls.stop()
    await running
    assert office.begun == [5, 6, 7]
    assert telegram.kept == []


async def test_what_comes_while_another_is_under_way_is_begun_at_once() -> None:
    telegram, office = Telegram(5), Office(slow={5})
    polls = poller(telegram, office.handle)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.begun == [5])
    telegram.kept.append(6)
    await until(lambda: office.done == [6])
    office.gate.set()
    await polls.stop()
    await running
    assert office.done == [6, 5]


async def test_a_failing_handler_is_logged_and_counts_as_handled() -> None:
    telegram, office = Telegram(5, 6), Office(bad={5})
    polls = poller(telegram, office.handle)
    with capture_logs() as logs:
        running = asyncio.ensure_future(polls.run())
        await until(lambda: telegram.asked[-1:] == [(7, 10)])
        await polls.stop()
        await running
    assert [(entry["event"], entry["update"]) for entry in logs] == [("update.failed", 5)]
    assert office.begun == [5, 6]


async def test_stopping_finishes_what_is_under_way_and_confirms_it() -> None:
    telegram, office = Telegram(5, 6), Office(slow={5})
    polls = poller(telegram, office.handle, Sleeps(stands=10.0))
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.begun == [5, 6])
    await polls.stop()
    await until(lambda: not telegram.open)
    office.gate.set()
    await running
    assert telegram.asked[-1] == (7, 0)
    assert telegram.most_open == 1


async def test_what_does_not_end_in_time_is_broken_off_and_stays_unconfirmed() -> None:
    telegram, office, sleeps = Telegram(5, 6), Office(slow={5}), Sleeps()
    polls = poller(telegram, office.handle, sleeps)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.done == [6])
    await polls.stop()
    await running
    assert telegram.asked[-1] == (5, 0)
    assert telegram.kept == [5, 6]
    assert sleeps.slept[-1] == 10.0


async def test_network_errors_are_waited_out_longer_each_time() -> None:
    telegram, office, sleeps = Telegram(5), Office(), Sleeps()
    telegram.fails = [NetworkError("x"), TimedOut(), *[NetworkError("x")] * 8]
    polls = poller(telegram, office.handle, sleeps)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.done == [5])
    await polls.stop()
    await running
    pauses = sleeps.slept[:10]
    for least, pause in zip([0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30], pauses, strict=True):
        assert least <= pause <= least * 1.2


async def test_a_conflict_is_told_once() -> None:
    telegram, office = Telegram(5), Office()
    telegram.fails = [Conflict("x"), Conflict("x"), Conflict("x")]
    polls = poller(telegram, office.handle)
    with capture_logs() as logs:
        running = asyncio.ensure_future(polls.run())
        await until(lambda: office.done == [5])
        await polls.stop()
        await running
    assert [entry["event"] for entry in logs] == ["poll.conflict"]


async def test_telegrams_own_waiting_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    telegram, office, sleeps = Telegram(5), Office(), Sleeps()
    telegram.fails = [RetryAfter(17)]
    polls = poller(telegram, office.handle, sleeps)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.done == [5])
    await polls.stop()
    await running
    assert 17 <= sleeps.slept[0] <= 21


async def test_an_unknown_token_is_a_wrong_setting_and_is_not_told() -> None:
    telegram, office = Telegram(), Office()
    telegram.fails = [InvalidToken("123:SECRET")]
    with pytest.raises(SettingsError) as caught:
        await poller(telegram, office.handle).run()
    assert "SECRET" not in str(caught.value)


async def test_numbers_that_begin_anew_below_are_followed() -> None:
    telegram, office = Telegram(9_000), Office()
    polls = poller(telegram, office.handle)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: telegram.asked[-1:] == [(9_001, 10)])
    running.cancel()
    await asyncio.wait({running})
    telegram.kept = [50, 51]
    running = asyncio.ensure_future(polls.run())
    await until(lambda: telegram.asked[-1] == (52, 10))
    await polls.stop()
    await running
    assert office.done == [9_000, 50, 51]


async def test_one_update_that_never_ends_does_not_stop_the_others_for_ever() -> None:
    telegram, office = Telegram(*range(1, 301)), Office(slow={1})
    polls = poller(telegram, office.handle)
    with capture_logs() as logs:
        running = asyncio.ensure_future(polls.run())
        await until(lambda: len(office.done) == 299)
        office.gate.set()
        await polls.stop()
        await running
    assert [(entry["event"], entry["update"]) for entry in logs] == [("update.passed_by", 1)]
    assert sorted(office.begun) == list(range(1, 301))


async def test_no_more_is_fetched_than_can_be_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "MOST_UNDER_WAY", 2)
    telegram, office = Telegram(1, 2), Office(slow={1, 2})
    polls = poller(telegram, office.handle)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.begun == [1, 2])
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(telegram.asked) == 1
    office.gate.set()
    await until(lambda: office.done == [1, 2])
    await polls.stop()
    await running


async def test_an_answer_that_makes_no_sense_is_waited_out_like_a_broken_line() -> None:
    telegram, office, sleeps = Telegram(5), Office(), Sleeps()
    telegram.fails = [KeyError("result"), TypeError("not a list")]
    polls = poller(telegram, office.handle, sleeps)
    running = asyncio.ensure_future(polls.run())
    await until(lambda: office.done == [5])
    await polls.stop()
    await running
    assert 0.5 <= sleeps.slept[0] <= 0.6


async def test_while_people_are_being_answered_it_is_not_asked_again_and_again() -> None:
    telegram, office = Telegram(*range(1, 51)), Office(slow=set(range(1, 51)))
    polls = poller(telegram, office.handle, Sleeps(stands=0.02))
    running = asyncio.ensure_future(polls.run())
    await until(lambda: len(office.begun) == 50)
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(telegram.asked) == 1
    office.gate.set()
    await until(lambda: telegram.asked[-1] == (51, 10))
    await polls.stop()
    await running
