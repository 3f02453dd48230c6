"""Telegram's pace, on a clock that moves only when somebody sleeps."""

import asyncio
import contextlib

from claimbot.chat.pacing import Pacer


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


def paced(per_second: float | None = 29.0, chat_burst: int = 3) -> tuple[Pacer, Clock]:
    clock = Clock()
    return Pacer(per_second, chat_burst, clock=clock, sleep=clock.sleep), clock


async def moments(pacer: Pacer, clock: Clock, chats: list[int]) -> list[float]:
    at: list[float] = []

    async def one(chat: int) -> None:
        await pacer.turn(chat, urgency=0)
        at.append(round(clock.now - 100.0, 6))

    await asyncio.gather(*(one(chat) for chat in chats))
    return at


async def test_all_together_keep_a_steady_rate() -> None:
    pacer, clock = paced()
    at = await moments(pacer, clock, list(range(1, 291)))
    assert len([moment for moment in at if moment < 1.0]) <= 30
    assert 9.9 <= at[-1] <= 10.1


async def test_one_person_gets_a_few_at_once_and_then_one_a_second() -> None:
    pacer, clock = paced(1_000_000.0)
    at = await moments(pacer, clock, [7] * 6)
    assert [round(moment) for moment in at] == [0, 0, 0, 1, 2, 3]


async def test_what_leaves_something_free_lets_the_next_one_go_at_once() -> None:
    pacer, clock = paced(1_000_000.0)
    for _ in range(2):
        await pacer.turn(7, urgency=0, spare=1)
    assert clock.now < 100.1
    waiting = asyncio.ensure_future(pacer.turn(7, urgency=0, spare=1))
    await pacer.turn(7, urgency=9)
    assert clock.now < 100.1
    await waiting
    assert clock.now >= 102.0


async def test_a_group_gets_twenty_a_minute() -> None:
    pacer, clock = paced(1_000_000.0)
    at = await moments(pacer, clock, [-7] * 41)
    assert [round(moment) for moment in (at[1], at[20], at[40])] == [3, 60, 120]


async def test_the_urgent_go_first_and_equals_in_the_order_of_asking() -> None:
    pacer, _ = paced()
    order: list[str] = []

    async def one(name: str, chat: int, urgency: int) -> None:
        await pacer.turn(chat, urgency=urgency)
        order.append(name)

    await one("taken at once", 1, 0)
    await asyncio.gather(one("a", 2, 0), one("b", 3, 0), one("urgent", 4, 9), one("urgent too", 5, 9))
    assert order == ["taken at once", "urgent", "urgent too", "a", "b"]


async def test_to_one_person_too_the_urgent_overtake() -> None:
    pacer, _ = paced(chat_burst=1)
    order: list[int] = []

    async def one(urgency: int) -> None:
        await pacer.turn(7, urgency=urgency)
        order.append(urgency)

    await one(5)
    await asyncio.gather(one(0), one(1), one(2))
    assert order == [5, 2, 1, 0]


async def test_a_slow_chat_does_not_hold_up_another() -> None:
    woken = asyncio.Event()
    clock = Clock()
    pacer = Pacer(1_000_000.0, 1, clock=clock, sleep=lambda _: _wait(woken))
    await pacer.turn(7, urgency=0)
    clock.now += 0.1
    slow = asyncio.ensure_future(pacer.turn(7, urgency=9))
    await asyncio.sleep(0)
    await asyncio.wait_for(pacer.turn(8, urgency=0), 5)
    assert not slow.done()
    clock.now += 1
    woken.set()
    await asyncio.wait_for(slow, 5)


async def _wait(woken: asyncio.Event) -> None:
    await woken.wait()


async def test_a_hold_keeps_everything_back() -> None:
    pacer, clock = paced()
    pacer.hold(30)
    at = await moments(pacer, clock, [1, 2])
    assert at[0] >= 30


async def test_who_gave_up_waiting_takes_nobodys_moment() -> None:
    pacer, clock = paced(1.0)
    await pacer.turn(1, urgency=0)
    gone = asyncio.ensure_future(pacer.turn(2, urgency=9))
    left = asyncio.ensure_future(pacer.turn(3, urgency=0))
    await asyncio.sleep(0)
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    await left
    assert clock.now - 100.0 <= 1.0


async def test_switched_off_it_never_waits() -> None:
    pacer, clock = paced(None)
    assert await moments(pacer, clock, [7] * 100) == [0.0] * 100


async def test_chats_are_forgotten_when_their_pace_no_longer_matters() -> None:
    pacer, clock = paced(1_000_000.0)
    for chat in range(1, 20_001):
        await pacer.turn(chat, urgency=0)
        clock.now += 0.01
    assert len(pacer._free_at) <= 1_001  # noqa: SLF001  memory is seen only from inside
    assert not pacer._ready  # noqa: SLF001
    assert not pacer._later  # noqa: SLF001
