"""Questions about what a claim's desk has asked other departments, and what came back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, and_, insert, select, update

from claimbot.store.database import Tx
from claimbot.store.tables import inquiries


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One thing that a department was asked: open, answered or withdrawn.

    `asked_of`: the person who got it in their chat; None where the department has nobody here. `shown`: SHA-256s.
    """

    id: int
    claim_id: int
    department: str
    words: str
    asked_by: int
    asked_of: int | None
    asked_at: dt.datetime
    due_on: dt.date
    clock_id: int | None
    state: str
    answer_words: str | None
    shown: Sequence[str] | None
    ended_by: int | None
    ended_at: dt.datetime | None


def _inquiry(row: Row[tuple[object, ...]]) -> Inquiry:
    return Inquiry(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


def add_inquiry(tx: Tx, fields: Mapping[str, object]) -> int:
    return int(tx.execute(insert(inquiries).values(state="open", **fields).returning(inquiries.c.id)).scalar_one())


def inquiry(tx: Tx, inquiry_id: int) -> Inquiry:
    """Raises LookupError when there is none."""
    row = tx.execute(select(inquiries).where(inquiries.c.id == inquiry_id)).one_or_none()
    if row is None:
        raise LookupError(f"inquiry {inquiry_id}")
    return _inquiry(row)


def of_clock(tx: Tx, clock_id: int) -> Inquiry | None:
    """The inquiry whose answer that clock waits for."""
    row = tx.execute(select(inquiries).where(inquiries.c.clock_id == clock_id)).one_or_none()
    return None if row is None else _inquiry(row)


def inquiries_of(tx: Tx, claim_id: int) -> tuple[Inquiry, ...]:
    rows = tx.execute(select(inquiries).where(inquiries.c.claim_id == claim_id).order_by(inquiries.c.id))
    return tuple(_inquiry(row) for row in rows)


def tie_clock(tx: Tx, inquiry_id: int, clock_id: int) -> None:
    tx.execute(update(inquiries).where(inquiries.c.id == inquiry_id).values(clock_id=clock_id))


def end_inquiry(tx: Tx, inquiry_id: int, state: str, fields: Mapping[str, object]) -> bool:
    """Whether it was still open: it ends once."""
    still = and_(inquiries.c.id == inquiry_id, inquiries.c.state == "open")
    return tx.execute(update(inquiries).where(still).values(state=state, **fields)).rowcount == 1
