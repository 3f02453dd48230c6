"""Questions about old parts: where each is kept, in which box it goes back, what the maker deducts for it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Row, and_, delete, func, insert, select, update

from claimbot.claims.facts import OverduePart
from claimbot.store.claims import Claim, claim_from
from claimbot.store.database import Tx
from claimbot.store.tables import boxes, claims, clocks, deductions, events, old_parts, sites


@dataclass(frozen=True, slots=True)
class OldPart:
    """The part that a repair took out. `returned_on`: it is with the maker, noted by that event."""

    claim_id: int
    site_id: int
    tag: str | None
    shelf: str | None
    box_id: int | None
    returned_on: dt.date | None
    event_id: int | None


@dataclass(frozen=True, slots=True)
class Box:
    """What goes back to the maker together; open until it is sent. `proof`: SHA-256s."""

    id: int
    site_id: int
    number: str
    made_by: int
    made_at: dt.datetime
    returned_on: dt.date | None
    carrier: str | None
    proof: Sequence[str] | None
    sent_by: int | None


@dataclass(frozen=True, slots=True)
class Deduction:
    """What the maker takes off for an old part, and what we said to it: `object`, `accept` or nothing yet."""

    id: int
    claim_id: int
    reason: str
    amount: Decimal
    currency: str
    noticed_on: dt.date
    event_id: int
    answer: str | None
    answer_words: str | None
    answered_on: dt.date | None
    answer_event_id: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An old part that is still here, its claim, and until when it must be with the maker where that is known."""

    part: OldPart
    claim: Claim
    due_on: dt.date | None
    due_at: dt.datetime | None


def _part(row: Row[tuple[object, ...]]) -> OldPart:
    kept = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return OldPart(**{column.name: kept[column] for column in old_parts.c})


def _box(row: Row[tuple[object, ...]]) -> Box:
    return Box(**row._mapping)  # noqa: SLF001  as above


def keep_part(tx: Tx, claim_id: int, site_id: int, tag: str | None, shelf: str | None) -> None:
    """There from now on; one that is there already gets this tag and shelf."""
    changed = update(old_parts).where(old_parts.c.claim_id == claim_id).values(tag=tag, shelf=shelf)
    if tx.execute(changed).rowcount == 0:
        tx.execute(insert(old_parts).values(claim_id=claim_id, site_id=site_id, tag=tag, shelf=shelf))


def part_of(tx: Tx, claim_id: int) -> OldPart | None:
    """None where no part was replaced."""
    row = tx.execute(select(old_parts).where(old_parts.c.claim_id == claim_id)).one_or_none()
    return None if row is None else _part(row)


def kept_parts(
    tx: Tx, site_ids: Sequence[int], *, boxed: bool, rule: str, without: Sequence[str], limit: int
) -> tuple[tuple[Kept, ...], int]:
    """Old parts of these sites that are still here, in an open box or in none, and how many there are in all.

    The one that must be back first stands first; those without a last day stand behind. `rule`: the clock that says
    so. `without`: states in which a claim's part is nobody's concern any more.
    """
    here = and_(
        old_parts.c.site_id.in_(site_ids),
        old_parts.c.returned_on.is_(None),
        old_parts.c.box_id.is_not(None) if boxed else old_parts.c.box_id.is_(None),
        claims.c.state.not_in(without),
    )
    runs = and_(clocks.c.claim_id == old_parts.c.claim_id, clocks.c.state == "running", clocks.c.rule == rule)
    joined = old_parts.join(claims, claims.c.id == old_parts.c.claim_id)
    rows = tx.execute(
        select(old_parts, clocks.c.due_on, clocks.c.due_at)
        .select_from(joined.outerjoin(clocks, runs))
        .where(here)
        .order_by(clocks.c.due_at.is_(None), clocks.c.due_at, old_parts.c.claim_id)
        .limit(limit)
    ).all()
    count = tx.execute(select(func.count()).select_from(joined).where(here)).scalar_one()
    about = tx.execute(select(claims).where(claims.c.id.in_([row.claim_id for row in rows])))
    held = {row.id: claim_from(row) for row in about}
    return tuple(Kept(_part(row), held[row.claim_id], row.due_on, row.due_at) for row in rows), int(count)


def overdue(tx: Tx, site_id: int, rule: str, before: dt.date, limit: int = 50) -> tuple[OverduePart, ...]:
    """Old parts of the site that are still here though their last day has passed, the longest overdue first."""
    runs = and_(clocks.c.claim_id == old_parts.c.claim_id, clocks.c.state == "running", clocks.c.rule == rule)
    rows = tx.execute(
        select(claims.c.number, clocks.c.due_on)
        .select_from(old_parts.join(claims, claims.c.id == old_parts.c.claim_id).join(clocks, runs))
        .where(old_parts.c.site_id == site_id, old_parts.c.returned_on.is_(None), clocks.c.due_on < before)
        .order_by(clocks.c.due_on, claims.c.id)
        .limit(limit)
    )
    return tuple(OverduePart(claim=row.number, due_on=row.due_on) for row in rows)


def last_day(tx: Tx, claim_id: int, rule: str) -> dt.date | None:
    """The last day of that clock of a claim, whether it runs or has ended; None where it never ran."""
    mine = and_(clocks.c.claim_id == claim_id, clocks.c.rule == rule)
    return tx.execute(select(clocks.c.due_on).where(mine).order_by(clocks.c.id.desc()).limit(1)).scalar()


def put_in(tx: Tx, claim_id: int, box_id: int | None) -> bool:
    """Into that box, or out of the one that it is in; whether it was still here."""
    here = and_(old_parts.c.claim_id == claim_id, old_parts.c.returned_on.is_(None))
    return tx.execute(update(old_parts).where(here).values(box_id=box_id)).rowcount == 1


# boxes


def _lock_site(tx: Tx, site_id: int) -> None:
    """Two people fill one box, and nothing gets into one that is just being sent. Claims are locked before."""
    tx.execute(select(sites.c.id).where(sites.c.id == site_id).with_for_update())


def open_box(tx: Tx, site_id: int, code: str, made_by: int, now: dt.datetime) -> Box:
    """The box that a site is filling: there is one at a time, and the next one gets the next number."""
    _lock_site(tx, site_id)
    filling = select(boxes).where(boxes.c.site_id == site_id, boxes.c.returned_on.is_(None))
    row = tx.execute(filling).one_or_none()
    return _add_box(tx, site_id, code, made_by, now, {}) if row is None else _box(row)


def add_box(tx: Tx, site_id: int, code: str, made_by: int, now: dt.datetime, sent: Mapping[str, object]) -> Box:
    """A box that is sent as soon as it is there; the one being filled stays as it is."""
    _lock_site(tx, site_id)
    return _add_box(tx, site_id, code, made_by, now, sent)


def _add_box(tx: Tx, site_id: int, code: str, made_by: int, now: dt.datetime, sent: Mapping[str, object]) -> Box:
    made = tx.execute(select(func.count()).select_from(boxes).where(boxes.c.site_id == site_id)).scalar_one()
    values = {"site_id": site_id, "number": f"{code}-B{made + 1:04d}", "made_by": made_by, "made_at": now, **sent}
    return _box(tx.execute(insert(boxes).values(**values).returning(boxes)).one())


def box(tx: Tx, box_id: int) -> Box:
    """Raises LookupError when there is none."""
    row = tx.execute(select(boxes).where(boxes.c.id == box_id)).one_or_none()
    if row is None:
        raise LookupError(f"box {box_id}")
    return _box(row)


def parts_in(tx: Tx, box_id: int) -> tuple[OldPart, ...]:
    rows = tx.execute(select(old_parts).where(old_parts.c.box_id == box_id).order_by(old_parts.c.claim_id))
    return tuple(_part(row) for row in rows)


def send_box(tx: Tx, sent: Box, fields: Mapping[str, object]) -> bool:
    """Whether it was still open: it is sent once. `fields`: the day, the carrier, the proof, by whom."""
    _lock_site(tx, sent.site_id)
    still = and_(boxes.c.id == sent.id, boxes.c.returned_on.is_(None))
    return tx.execute(update(boxes).where(still).values(**fields)).rowcount == 1


def note_returned(tx: Tx, claim_id: int, returned_on: dt.date, event_id: int) -> None:
    gone = update(old_parts).where(old_parts.c.claim_id == claim_id)
    tx.execute(gone.values(returned_on=returned_on, event_id=event_id))


# deductions


def add_deduction(tx: Tx, fields: Mapping[str, object]) -> int:
    return int(tx.execute(insert(deductions).values(**fields).returning(deductions.c.id)).scalar_one())


def deductions_of(tx: Tx, claim_id: int) -> tuple[Deduction, ...]:
    mine = select(deductions).where(deductions.c.claim_id == claim_id).order_by(deductions.c.id)
    return tuple(Deduction(**row._mapping) for row in tx.execute(mine))  # noqa: SLF001  as above


def answer_deduction(tx: Tx, deduction_id: int, fields: Mapping[str, object]) -> bool:
    """Whether nothing had been said to it yet."""
    still = and_(deductions.c.id == deduction_id, deductions.c.answer.is_(None))
    return tx.execute(update(deductions).where(still).values(**fields)).rowcount == 1


# what was noted by mistake


def forget(tx: Tx, event_id: int, now: dt.datetime) -> None:
    """That event is struck out: the part is here again, the deduction or our answer to it was never noted.

    With a deduction its answer is struck out, too: it must not end the limit of another one.
    """
    answers = select(deductions.c.answer_event_id).where(deductions.c.event_id == event_id)
    tx.execute(update(events).where(events.c.id.in_(answers)).values(struck_at=now))
    here = {"returned_on": None, "event_id": None, "box_id": None}
    tx.execute(update(old_parts).where(old_parts.c.event_id == event_id).values(**here))
    unsaid = {"answer": None, "answer_words": None, "answered_on": None, "answer_event_id": None}
    tx.execute(update(deductions).where(deductions.c.answer_event_id == event_id).values(**unsaid))
    tx.execute(delete(deductions).where(deductions.c.event_id == event_id))
