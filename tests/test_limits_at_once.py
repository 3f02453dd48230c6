"""Time limits where several processes are at work on one PostgreSQL: nobody waits for ever, nothing is said twice."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from claimbot.assistant import delivery, digests
from claimbot.assistant.house import House
from claimbot.flow.office import Office
from claimbot.store import claims, clocks, people
from claimbot.store.tables import clocks as clock_rows
from claimbot.store.tables import messages as message_rows
from tests.limits import Desk, local

CLAIMS = 12
DEMANDED = dt.date(2026, 9, 9)


@pytest.fixture
def desk(postgres: Callable[[], str], office: Office) -> Iterator[Desk]:
    made = Desk(postgres(), House(office), local("2026-09-09 10:00"))
    yield made
    made.engine.dispose()


def staffed(desk: Desk) -> tuple[int, int, list[int]]:
    """A site with two clerks and two supervisors; claims whose limits all fall due together."""
    site = desk.site()
    technician = desk.person(site, "technician", name="Leo")
    clerk = desk.person(site, "clerk", name="Fiona")
    for role, name in (("clerk", "Grace"), ("supervisor", "Carl"), ("supervisor", "Zoe")):
        desk.person(site, role, name=name)  # type: ignore[arg-type]  # two roles, spelt out above
    found = [desk.claim(site, technician) for _ in range(CLAIMS)]
    for claim in found:
        desk.note(claim, "refund.demanded", DEMANDED, clerk)
    return site, clerk, found


def at_once(*works: Callable[[], None]) -> None:
    """All of them begin together; the first that fails is told."""
    gate = threading.Barrier(len(works))

    def begun(work: Callable[[], None]) -> None:
        gate.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for each in [pool.submit(begun, work) for work in works]:
            each.result(timeout=120)


def ticking(desk: Desk) -> None:
    """A process of its own: takes what is due, and notes that it went out."""
    while ready := desk.take(5):
        for message in ready:
            desk.send(message)
            desk.note_sent(message)


def said(desk: Desk) -> Counter[tuple[object, ...]]:
    return Counter(
        (each.message.clock_id, each.message.body["rung"], each.message.person_id)
        for each in desk.sent
        if each.message.kind == "reminder"
    )


def test_the_day_of_a_limit_on_postgresql_is_as_on_sqlite(desk: Desk) -> None:
    _, clerk, (claim, *_) = staffed(desk)
    assert desk.limits(claim)["sanbao-2021/answer_to_customer"] == dt.date(2026, 9, 22)
    desk.note(claim, "refund.answered", dt.datetime(2026, 9, 9, 1, 30, tzinfo=dt.UTC), clerk)
    assert "sanbao-2021/answer_to_customer" not in desk.limits(claim)
    desk.until(local("2026-10-20 12:00"), dt.timedelta(hours=12))
    assert max(said(desk).values()) == 1


@pytest.mark.parametrize("hour", ["2026-09-23 09:00", "2026-10-20 09:00"])
def test_two_ticks_and_people_noting_what_happened_wait_for_nobody_and_say_nothing_twice(desk: Desk, hour: str) -> None:
    _, clerk, found = staffed(desk)
    desk.now = local(hour)

    def noting(some: list[int]) -> Callable[[], None]:
        def work() -> None:
            for claim in some:
                with desk.tx() as tx:
                    claims.lock_claim(tx, claim)
                    clocks.add_event(tx, claim, "refund.answered", DEMANDED, person_id=clerk, now=desk.now)
                    desk.recount(tx, claim)

        return work

    at_once(lambda: ticking(desk), lambda: ticking(desk), noting(found[::2]), noting(found[1::2][::-1]))
    assert max(said(desk).values(), default=1) == 1
    with desk.tx() as tx:
        failed = select(func.count()).where(message_rows.c.outcome == "a bug of ours")
        assert tx.execute(failed).scalar() == 0, "no reminder ran into somebody's lock"
        running = select(func.count()).where(clock_rows.c.state == "running", clock_rows.c.rule == "answer_to_customer")
        assert tx.execute(running).scalar() == 0
        twice = (
            select(clock_rows.c.claim_id, clock_rows.c.rule)
            .where(clock_rows.c.state == "running")
            .group_by(clock_rows.c.claim_id, clock_rows.c.rule)
            .having(func.count() > 1)
        )
        assert tx.execute(twice).all() == []


def test_a_digest_is_composed_by_one_of_two_processes(desk: Desk) -> None:
    staffed(desk)
    with desk.tx() as tx:
        digests.write_all(tx, desk.house, desk.now)
    desk.now = local("2026-09-22 08:30")
    at_once(lambda: ticking(desk), lambda: ticking(desk), lambda: ticking(desk))
    told = Counter(each.message.person_id for each in desk.sent if each.message.kind == "digest")
    assert told == dict.fromkeys(told, 1)
    with desk.tx() as tx:
        assert len(told) == sum(
            any(role in {"clerk", "supervisor"} for _, role in each.roles) for each in people.everybody(tx)
        )


def test_the_same_claim_counted_by_two_processes_gets_each_clock_once(desk: Desk) -> None:
    _, clerk, found = staffed(desk)
    with desk.tx() as tx:
        for claim in found:
            clocks.add_event(tx, claim, "car.delivered", DEMANDED, person_id=clerk, now=desk.now)
            clocks.add_event(tx, claim, "car.handed_in", DEMANDED, person_id=clerk, now=desk.now)

    def counting(some: list[int]) -> Callable[[], None]:
        def work() -> None:
            for claim in some:
                with desk.tx() as tx:
                    desk.recount(tx, claim)

        return work

    at_once(counting(found), counting(found[::-1]), counting(found))
    for claim in found:
        with desk.tx() as tx:
            rows = [(each.form, each.rule) for each in clocks.running_clocks(tx, claim)]
        assert len(rows) == len(set(rows))
        assert ("sanbao-2021", "loaner") in rows


def test_what_was_taken_and_not_said_is_taken_again_by_another_process(desk: Desk) -> None:
    staffed(desk)
    desk.now = local("2026-09-23 09:00")
    lost = desk.take(5)
    assert lost
    desk.now += dt.timedelta(seconds=61)
    ticking(desk)
    assert {each.id for each in lost} <= {each.message.id for each in desk.sent}
    assert max(said(desk).values()) == 1
    with desk.tx() as tx:
        delivery.noted(tx, desk.house, lost[0], 1, desk.now)  # the first one wakes up late
    before = len(desk.sent)
    ticking(desk)
    assert len(desk.sent) == before
