"""Old parts in the store, on SQLite and PostgreSQL: the order of what must go back, boxes, what is struck out."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from claimbot.store import Database, Tx, claims, clocks, old_parts, people

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
RULE = "old_part_return"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'claimbot.db'}"
    else:
        url = request.getfixturevalue("postgres")()
    async with Database(url) as opened:
        yield opened


def claim(tx: Tx, site: int, author: int, due_on: dt.date | None, state: str = "submitted") -> int:
    number = claims.add_claim(tx, site_id=site, author_id=author, currency="CNY", now=NOW)
    held = claims.claim(tx, number)
    claims.make_move(tx, held, "submit", state, person_id=author, now=NOW, number=f"N-{number}")
    old_parts.keep_part(tx, number, site, f"T-{number}", None)
    if due_on is not None:
        due_at = dt.datetime.combine(due_on, dt.time(16), dt.UTC)
        ladder = {"rung": 0, "rung_at": NOW, "started_at": NOW}
        clocks.start_clock(
            tx, {"form": "x", "rule": RULE, "claim_id": number, "due_at": due_at, "due_on": due_on, **ladder}
        )
    return number


async def test_what_must_be_back_first_stands_first_and_what_nobody_wants_not_at_all(database: Database) -> None:
    def work(tx: Tx) -> None:
        author = people.add_person(tx, 1, "小李", "zh")
        site = people.add_site(
            tx, code="SH01", name="上海", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        none = claim(tx, site, author, None)
        late = claim(tx, site, author, dt.date(2026, 12, 7))
        soon = claim(tx, site, author, dt.date(2026, 9, 10))
        claim(tx, site, author, dt.date(2026, 9, 1), "withdrawn")

        def waiting(*, boxed: bool) -> list[int]:
            found, count = old_parts.kept_parts(tx, (site,), boxed=boxed, rule=RULE, without=("withdrawn",), limit=9)
            assert count == len(found)
            return [each.part.claim_id for each in found]

        assert waiting(boxed=False) == [soon, late, none]
        box = old_parts.open_box(tx, site, "SH01", author, NOW)
        assert old_parts.open_box(tx, site, "SH01", author, NOW) == box
        assert old_parts.put_in(tx, soon, box.id)
        assert (waiting(boxed=False), waiting(boxed=True)) == ([late, none], [soon])
        sent = {"returned_on": NOW.date(), "carrier": "SF", "proof": ["ab"], "sent_by": author}
        assert old_parts.send_box(tx, box, sent)
        assert not old_parts.send_box(tx, box, sent), "once"
        event = clocks.add_event(tx, soon, "old_part.returned", NOW.date(), person_id=author, now=NOW)
        old_parts.note_returned(tx, soon, NOW.date(), event)
        assert waiting(boxed=True) == []
        assert not old_parts.put_in(tx, soon, None), "it is gone"
        assert old_parts.open_box(tx, site, "SH01", author, NOW).number == "SH01-B0002"
        assert old_parts.last_day(tx, soon, RULE) == dt.date(2026, 9, 10)
        old_parts.forget(tx, event, NOW)
        assert waiting(boxed=False) == [soon, late, none], "struck out, it is here again, in no box"

    await database.turn(work)


async def test_a_deduction_is_answered_once_and_struck_out_it_was_never_there(database: Database) -> None:
    def work(tx: Tx) -> None:
        author = people.add_person(tx, 1, "小李", "zh")
        site = people.add_site(
            tx, code="SH01", name="上海", zone="Asia/Shanghai", country="CN", currency="CNY", maker="example"
        )
        number = claim(tx, site, author, None)
        event, reply = (
            clocks.add_event(tx, number, name, NOW.date(), person_id=author, now=NOW)
            for name in ("deduction.received", "deduction.answered")
        )
        values = {"reason": "no_tag", "amount": Decimal("320.10"), "currency": "CNY", "noticed_on": NOW.date()}
        made = old_parts.add_deduction(tx, {"claim_id": number, "event_id": event, **values})
        said = {"answer": "object", "answer_words": "x", "answered_on": NOW.date(), "answer_event_id": reply}
        assert old_parts.answer_deduction(tx, made, said)
        assert not old_parts.answer_deduction(tx, made, {**said, "answer": "accept"})
        (kept,) = old_parts.deductions_of(tx, number)
        assert (kept.amount, kept.answer) == (Decimal("320.10"), "object")
        old_parts.forget(tx, reply, NOW)
        assert old_parts.deductions_of(tx, number)[0].answer is None
        assert old_parts.answer_deduction(tx, made, said)
        old_parts.forget(tx, event, NOW)
        assert old_parts.deductions_of(tx, number) == ()
        left = [each.event for each in clocks.events_of(tx, number)]
        assert left == ["deduction.received"], "the answer is struck out with it; the event itself is struck out before"

    await database.turn(work)
