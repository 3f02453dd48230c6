"""Whose update waits for whose."""

import asyncio
import contextlib
from typing import Any

from claimbot.chat.ordering import PerPerson


def update(number: int, person: int) -> dict[str, Any]:
    return {"update_id": number, "message": {"message_id": number, "from": {"id": person}}}


class Work:
    """Notes who is being answered; each may be held until let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.gate = asyncio.Event()

    async def held(self, number: int) -> None:
        self.begun.append(number)
        await self.gate.wait()

    async def fails(self) -> None:
        raise RuntimeError("a bug")


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_one_persons_updates_follow_each_other_and_anothers_do_not_wait() -> None:
    order, work = PerPerson(10), Work()
    tasks = [
        asyncio.ensure_future(order.process_update(update(number, person), work.held(number)))
        for number, person in [(1, 7), (2, 7), (3, 8), (4, 7)]
    ]
    await settle()
    assert work.begun == [1, 3]
    work.gate.set()
    await asyncio.gather(*tasks)
    assert work.begun == [1, 3, 2, 4]


async def test_a_failure_does_not_stop_the_same_persons_next_update() -> None:
    order, work = PerPerson(10), Work()
    work.gate.set()
    with contextlib.suppress(RuntimeError):
        await order.process_update(update(1, 7), work.fails())
    await order.process_update(update(2, 7), work.held(2))
    assert work.begun == [2]


async def test_an_update_cancelled_while_it_waits_is_never_begun_and_blocks_nobody() -> None:
    order, work = PerPerson(10), Work()
    first, second, third = (
        asyncio.ensure_future(order.process_update(update(number, 7), work.held(number))) for number in (1, 2, 3)
    )
    await settle()
    second.cancel()
    await asyncio.wait({second})
    work.gate.set()
    await asyncio.gather(first, third)
    assert work.begun == [1, 3]


async def test_nobody_is_remembered_when_nothing_is_under_way() -> None:
    order, work = PerPerson(10), Work()
    work.gate.set()
    for number in range(100):
        await order.process_update(update(number, number + 1), work.held(number))
    await order.process_update("no update", work.held(0))
    await order.process_update({"update_id": 5}, work.held(0))
    assert not order._locks  # noqa: SLF001  memory is seen only from inside
    assert not order._waiting  # noqa: SLF001
