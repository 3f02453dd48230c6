"""Questions about what the maker answered: every answer to every submission is kept, the lines hold the latest."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, insert, select, update

from claimbot.claims.maker import AskedLine, LineAnswer
from claimbot.store.database import Tx
from claimbot.store.lines import forget_approved, lines_of
from claimbot.store.tables import lines, maker_answers, maker_lines, moves


@dataclass(frozen=True, slots=True)
class MakerAnswer:
    """One answer of the maker's, to one submission of a claim; `lines` by their numbers then."""

    id: int
    submission: int
    outcome: str
    answered_on: dt.date
    person_id: int
    noted_at: dt.datetime
    asked: Decimal
    allowed: Decimal
    lines: tuple[LineAnswer, ...]


def submissions(tx: Tx, claim_id: int) -> tuple[dt.datetime, ...]:
    """When it went to the maker, the first time first."""
    filed = (
        select(moves.c.at)
        .where(moves.c.claim_id == claim_id, moves.c.move == "file", moves.c.origin != moves.c.target)
        .order_by(moves.c.id)
    )
    return tuple(tx.execute(filed).scalars())


def answers_to(tx: Tx, claim_id: int) -> tuple[MakerAnswer, ...]:
    """All that the maker has ever answered to this claim, the first answer first."""
    by_answer: dict[int, list[tuple[LineAnswer, Decimal]]] = {}
    rows = tx.execute(
        select(maker_lines)
        .join(maker_answers, maker_answers.c.id == maker_lines.c.answer_id)
        .where(maker_answers.c.claim_id == claim_id)
        .order_by(maker_lines.c.answer_id, maker_lines.c.line_no)
    )
    for row in rows:
        given = LineAnswer(number=row.line_no, answer=row.answer, amount=row.amount, reason=row.reason)
        by_answer.setdefault(row.answer_id, []).append((given, row.asked))
    heads = select(maker_answers).where(maker_answers.c.claim_id == claim_id).order_by(maker_answers.c.id)
    return tuple(
        MakerAnswer(
            id=row.id,
            submission=row.submission,
            outcome=row.outcome,
            answered_on=row.answered_on,
            person_id=row.person_id,
            noted_at=row.noted_at,
            asked=sum((asked for _, asked in by_answer.get(row.id, [])), Decimal(0)),
            allowed=sum((given.amount or Decimal(0) for given, _ in by_answer.get(row.id, [])), Decimal(0)),
            lines=tuple(given for given, _ in by_answer.get(row.id, [])),
        )
        for row in tx.execute(heads)
    )


def count_answers(tx: Tx, claim_id: int) -> int:
    counted = select(func.count()).select_from(maker_answers).where(maker_answers.c.claim_id == claim_id)
    return int(tx.execute(counted).scalar_one())


def asked_of(tx: Tx, claim_id: int) -> tuple[AskedLine, ...]:
    """The lines that are with the maker, none of which asks for nothing."""
    number = len(submissions(tx, claim_id))
    found = answers_to(tx, claim_id)
    last = next((each for each in reversed(found) if each.submission == number), None)
    earlier = {} if last is None else {given.number: given for given in last.lines}
    kept = lines_of(tx, claim_id)
    return tuple(
        AskedLine(number=each.number, line=each.line, asked=each.asked, earlier=earlier.get(each.number))
        for each in kept
        if each.asked > 0
    )


def add_answer(  # noqa: PLR0913  an answer is these things
    tx: Tx,
    claim_id: int,
    asked: Sequence[AskedLine],
    given: Sequence[LineAnswer],
    *,
    outcome: str,
    answered_on: dt.date,
    person_id: int,
    now: dt.datetime,
) -> None:
    """One answer more; the lines say from now on what it allows them, and a returned one nothing.

    What was answered before stays on record.
    """
    values = {"outcome": outcome, "answered_on": answered_on, "person_id": person_id, "noted_at": now}
    made = insert(maker_answers).values(claim_id=claim_id, submission=len(submissions(tx, claim_id)), **values)
    number = tx.execute(made.returning(maker_answers.c.id)).scalar_one()
    sums = {each.number: each.asked for each in asked}
    tx.execute(
        insert(maker_lines),
        [
            {
                "answer_id": number,
                "line_no": each.number,
                "answer": each.answer,
                "asked": sums[each.number],
                "amount": each.amount,
                "reason": each.reason,
            }
            for each in given
        ],
    )
    for each in given:
        here = (lines.c.claim_id == claim_id) & (lines.c.line_no == each.number)
        tx.execute(update(lines).where(here).values(maker_approved=each.amount or Decimal(0)))


def forget_decisions(tx: Tx, claim_id: int) -> None:
    """The claim is worked on anew: nothing of it is approved, here or there. What was answered stays on record."""
    forget_approved(tx, claim_id)
    tx.execute(update(lines).where(lines.c.claim_id == claim_id).values(maker_approved=None))
