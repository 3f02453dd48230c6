"""The store on a real SQLite file and a real PostgreSQL: commits are real, nothing is lost or said twice."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from claimbot.claims.words import Lang
from claimbot.engine import State
from claimbot.flow.kinds.asking import Answers
from claimbot.store import Database, Tx, claims, conversations, messages, people

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
LANG: Lang = "zh"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'claimbot.db'}"
    else:
        url = request.getfixturevalue("postgres")()
    async with Database(url) as opened:
        yield opened


def person(tx: Tx) -> int:
    return people.add_person(tx, 1, "小李", LANG)


def say(tx: Tx, to: int, due_at: dt.datetime, **more: object) -> int:
    fields = {
        "person_id": to,
        "kind": "say",
        "body": {"html": "x"},
        "urgency": messages.USUAL,
        "state": "waiting",
        "due_at": due_at,
        "made_at": NOW,
    }
    return messages.add_message(tx, {**fields, **more})


async def test_turns_that_wait_together_stand_or_fall_alone(database: Database) -> None:
    def good(number: int) -> int:
        return number

    def add(tx: Tx, number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return people.add_person(tx, number, f"p{number}", LANG)

    def adding(number: int) -> Callable[[Tx], int]:
        return lambda tx: add(tx, number)

    results = await asyncio.gather(*(database.turn(adding(n)) for n in range(8)), return_exceptions=True)
    assert [isinstance(each, ValueError) for each in results] == [n == 3 for n in range(8)]
    assert len(await database.turn(people.everybody)) == 7
    assert await database.turn(lambda _: good(1)) == 1


async def test_an_update_counts_once(database: Database) -> None:
    counted = await asyncio.gather(*(database.turn(lambda tx: conversations.count_once(tx, 7, NOW)) for _ in range(5)))
    assert sorted(counted) == [False, False, False, False, True]


async def test_a_due_message_is_taken_once_until_its_lease_lapses(database: Database) -> None:
    to = await database.turn(person)
    later = NOW + dt.timedelta(hours=1)
    await database.turn(lambda tx: [say(tx, to, NOW), say(tx, to, later)])
    taken = await asyncio.gather(*(database.turn(lambda tx: messages.take_due(tx, NOW)) for _ in range(4)))
    assert sorted(len(each) for each in taken) == [0, 0, 0, 1]
    assert await database.turn(lambda tx: messages.take_due(tx, NOW + dt.timedelta(seconds=30))) == ()
    again = await database.turn(lambda tx: messages.take_due(tx, NOW + messages.LEASE_FOR))
    assert [message.attempts for message in again] == [2]
    await database.turn(lambda tx: messages.note_sent(tx, {again[0].id: 55}, NOW))
    assert await database.turn(lambda tx: messages.take_due(tx, NOW + dt.timedelta(minutes=30))) == ()
    assert len(await database.turn(lambda tx: messages.take_due(tx, later))) == 1


async def test_the_urgent_go_first(database: Database) -> None:
    to = await database.turn(person)
    numbers = await database.turn(lambda tx: [say(tx, to, NOW), say(tx, to, NOW, urgency=messages.URGENT)])
    taken = await database.turn(lambda tx: messages.take_due(tx, NOW))
    assert [message.id for message in taken] == numbers[::-1]


async def test_money_and_instants_come_back_as_they_went_in_and_claims_are_numbered_without_gaps(
    database: Database,
) -> None:
    def work(tx: Tx) -> tuple[str, str, claims.Claim]:
        author = person(tx)
        site = people.add_site(
            tx, code="SH01", name="上海", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        number = claims.add_claim(tx, site_id=site, author_id=author, currency="CNY", now=NOW)
        held = claims.claim(tx, number)
        claims.keep_facts(tx, held, {"labour": "320.10", "parts": "0.05", "vin": "LSVAA4182E2184847"}, NOW)
        claims.write_entry(tx, number, "facts", {"labour": "320.10"}, person_id=author, now=NOW)
        claims.write_entry(tx, number, "facts", {"parts": "0.05"}, person_id=author, now=NOW)
        first, second = (claims.next_number(tx, site, "SH01", 2026) for _ in range(2))
        return first, second, claims.claim(tx, number)

    first, second, kept = await database.turn(work)
    assert (first, second) == ("SH01-2026-0001", "SH01-2026-0002")
    assert str(kept.total) == "320.15"
    assert kept.changed_at == NOW
    assert kept.version == 2
    assert await database.turn(claims.broken_entries) == ()


async def test_a_changed_entry_is_found(database: Database) -> None:
    def work(tx: Tx) -> tuple[tuple[int, int], ...]:
        author = person(tx)
        site = people.add_site(
            tx, code="A", name="A", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        number = claims.add_claim(tx, site_id=site, author_id=author, currency="CNY", now=NOW)
        for what in ("one", "two", "three"):
            claims.write_entry(tx, number, what, {}, person_id=author, now=NOW)
        tx.exec_driver_sql("UPDATE entries SET what = 'zwei' WHERE place = 2")
        return claims.broken_entries(tx)

    broken = await database.turn(work)
    assert [place for _, place in broken] == [2]


async def test_an_invitation_is_used_once_and_expires(database: Database) -> None:
    def work(tx: Tx) -> list[bool]:
        author = person(tx)
        site = people.add_site(
            tx, code="A", name="A", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        end = NOW + dt.timedelta(days=7)
        for token in ("one", "two"):
            people.add_invite(tx, token, site_id=site, role="clerk", expires_at=end, made_by=None)
        invite = people.open_invite(tx, "one", NOW)
        assert invite is not None
        uses = [people.use_invite(tx, invite.token_hash, author, NOW) for _ in range(2)]
        return [*uses, people.open_invite(tx, "two", end) is None, people.open_invite(tx, "three", NOW) is None]

    assert await database.turn(work) == [True, False, True, True]


async def test_answers_come_back_as_they_were_also_numbers_beyond_sixty_four_bits(database: Database) -> None:
    answers: Answers = {"km": 2**70, "yes": True, "words": "怠速 <b>😀", "none": None, "sheet": {"tray": ["a"]}}

    def keep(tx: Tx) -> int:
        stand = State("people.form", "1", "km", answers, {})
        return conversations.add_conversation(tx, person(tx), stand, None, NOW)

    number = await database.turn(keep)
    kept = await database.turn(lambda tx: conversations.conversation(tx, number))
    assert kept is not None
    assert (kept.stand.answers, kept.touched_at) == (answers, NOW)


async def test_who_shares_a_commit_with_a_failure_is_done_again_and_counts_once(database: Database) -> None:
    def count(tx: Tx, number: int) -> bool:
        new = conversations.count_once(tx, number, NOW)
        if number == 5:
            raise ValueError("five")
        return new

    def counting(number: int) -> Callable[[Tx], bool]:
        return lambda tx: count(tx, number)

    numbers = [1, 2, 5, 2, 3]
    counted = await asyncio.gather(*(database.turn(counting(each)) for each in numbers), return_exceptions=True)
    assert [counted[0], counted[1], counted[3], counted[4]] == [True, True, False, True]
    assert isinstance(counted[2], ValueError)
    assert await database.turn(lambda tx: conversations.count_once(tx, 5, NOW))
