"""Credit notes on a real SQLite file and a real PostgreSQL: booked whole, once, and the lines know what they got."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from claimbot.claims.lines import Line
from claimbot.claims.maker import LineAnswer
from claimbot.store import Database, Tx, answers, claims, lines, payments, people

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
D = Decimal


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'claimbot.db'}"
    else:
        url = request.getfixturevalue("postgres")()
    async with Database(url) as opened:
        yield opened


def claim_of(tx: Tx, number: str, reference: str | None = None) -> int:
    """A claim of 100 and 50, with the maker since then."""
    site = people.site_by_code(tx, "SH01")
    site_id = (
        people.add_site(tx, code="SH01", name="店", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example")
        if site is None
        else site.id
    )
    person = people.lock_by_telegram_id(tx, 1)
    person_id = people.add_person(tx, 1, "王芳", "zh") if person is None else person.id
    claim_id = claims.add_claim(tx, site_id=site_id, author_id=person_id, currency="CNY", now=NOW)
    told = [
        Line(kind="part", code=code, unit_price=price).model_dump(mode="json")
        for code, price in (("A1", D(100)), ("B2", D(50)))
    ]
    claims.keep_facts(tx, claims.claim(tx, claim_id), {"lines": told, "maker_reference": reference}, NOW)
    claims.make_move(tx, claims.claim(tx, claim_id), "file", "filed", person_id=person_id, now=NOW, number=number)
    return claim_id


def staged(tx: Tx, claim_id: int, *amounts: str, key: str) -> int:
    person = people.lock_by_telegram_id(tx, 1)
    assert person is not None
    note = payments.add_note(tx, person.id, "0" * 64, NOW)
    rows = [
        {
            "row_no": row,
            "claim_id": claim_id,
            "line_no": None,
            "amount": D(amount),
            "note_number": None,
            "key": f"{key}{row}",
        }
        for row, amount in enumerate(amounts, 2)
    ]
    payments.add_rows(tx, note, rows)
    return note


async def test_a_claim_is_found_by_our_number_and_the_makers_and_never_by_one_that_means_two(
    database: Database,
) -> None:
    def work(tx: Tx) -> dict[str, int]:
        for number, reference in (("SH01-1", "wc 1"), ("SH01-2", "WC-2"), ("SH01-3", "WC-2")):
            claim_of(tx, number, reference)
        found = payments.payees(tx, ["SH01-1", "WC1", "WC-2", "SH01-9"])
        return {name: each.id for name, each in found.items()}

    assert await database.turn(work) == {"SH01-1": 1, "WC1": 1}


async def test_nothing_of_a_note_counts_before_it_is_booked_and_all_of_it_afterwards(database: Database) -> None:
    def work(tx: Tx) -> tuple[Decimal, Decimal, list[Decimal | None]]:
        claim_id = claim_of(tx, "SH01-1")
        note = staged(tx, claim_id, "60", "30", key="k")
        assert payments.count_rows(tx, note) == (2, 1, D(90))
        before = payments.money_of(tx, claim_id).paid
        payments.book(tx, note)
        assert payments.to_apply(tx, note, 10) == (claim_id,)
        assert payments.applied(tx, note, claim_id) == D(90)
        assert payments.to_apply(tx, note, 10) == ()
        payments.pay_lines(tx, claim_id)
        return before, payments.money_of(tx, claim_id).paid, [each.paid for each in lines.lines_of(tx, claim_id)]

    assert await database.turn(work) == (D(0), D(90), [D(60), D(30)])


async def test_the_database_itself_refuses_to_count_a_row_twice(database: Database) -> None:
    def first(tx: Tx) -> int:
        claim_id = claim_of(tx, "SH01-1")
        payments.book(tx, staged(tx, claim_id, "60", key="same"))
        again = staged(tx, claim_id, "60", key="same")
        assert payments.booked_elsewhere(tx, again)
        return again

    again = await database.turn(first)
    with pytest.raises(IntegrityError):
        await database.turn(lambda tx: payments.book(tx, again))


async def test_a_note_is_overpaid_where_all_that_came_is_more_than_was_promised(database: Database) -> None:
    def work(tx: Tx) -> list[int]:
        claim_id = claim_of(tx, "SH01-1")
        payments.book(tx, staged(tx, claim_id, "100", key="a"))
        note = staged(tx, claim_id, "30", "21", key="b")
        return [payments.outlook(tx, note, {1: D(minds)}, "over", 5)[0] for minds in ("0", "0.99", "1", "2")]

    assert await database.turn(work) == [1, 1, 0, 0]


async def test_of_two_who_take_a_note_one_gets_it_and_a_lapsed_one_is_taken_up(database: Database) -> None:
    def work(tx: Tx) -> list[bool]:
        claim_id = claim_of(tx, "SH01-1")
        staged(tx, claim_id, "1", key="a")
        return [payments.take_note(tx, NOW + dt.timedelta(minutes=minutes)) is not None for minutes in (0, 1, 3)]

    assert await database.turn(work) == [True, False, True]


async def test_every_answer_stays_on_record_and_the_lines_hold_the_latest(database: Database) -> None:
    def work(tx: Tx) -> tuple[list[str], list[Decimal | None], LineAnswer | None]:
        claim_id = claim_of(tx, "SH01-1")
        for how, amounts in (("refuse", (D(0), D(0))), ("accept", (D(100), D(20)))):
            asked = answers.asked_of(tx, claim_id)
            given = [
                LineAnswer(number=line.number, answer="cut", amount=amount, reason="C01")
                for line, amount in zip(asked, amounts, strict=True)
            ]
            answers.add_answer(tx, claim_id, asked, given, outcome=how, answered_on=NOW.date(), person_id=1, now=NOW)
        kept = answers.answers_to(tx, claim_id)
        held = [each.maker_approved for each in lines.lines_of(tx, claim_id)]
        return [each.outcome for each in kept], held, answers.asked_of(tx, claim_id)[1].earlier

    outcomes, held, earlier = await database.turn(work)
    assert outcomes == ["refuse", "accept"]
    assert held == [D(100), D(20)]
    assert earlier == LineAnswer(number=2, answer="cut", amount=D(20), reason="C01")
