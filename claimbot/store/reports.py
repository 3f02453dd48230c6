"""Questions about figures that were asked for and are still to be written: by whom, of what, and until when.

A row is waiting until it is taken with a lease; it ends once, in the transaction of the messages that answer it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from claimbot.store.database import Tx
from claimbot.store.ready import add_row
from claimbot.store.tables import reports

LEASE_FOR = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Report:
    """`wants`: text, chart, sheet or monthly. `site_id`: only of what comes by itself, for one site."""

    id: int
    person_id: int
    site_id: int | None
    wants: str
    begins_on: dt.date | None
    ends_on: dt.date | None
    due_at: dt.datetime
    attempts: int
    asked_at: dt.datetime


def add_report(tx: Tx, values: Mapping[str, object]) -> int:
    return add_row(tx, reports, {"state": "waiting", **values})


def take_report(tx: Tx, now: dt.datetime) -> Report | None:
    """The longest due, taken for as long as the lease."""
    due = or_(
        and_(reports.c.state == "waiting", reports.c.due_at <= now),
        and_(reports.c.state == "leased", reports.c.leased_until <= now),
    )
    first = select(reports.c.id).where(due).order_by(reports.c.due_at, reports.c.id).limit(1)
    number = tx.execute(first.with_for_update(skip_locked=True)).scalar()
    if number is None:
        return None
    taken = {"state": "leased", "leased_until": now + LEASE_FOR, "attempts": reports.c.attempts + 1}
    tx.execute(update(reports).where(reports.c.id == number).values(**taken))
    row = tx.execute(select(*(reports.c[each.name] for each in fields(Report))).where(reports.c.id == number)).one()
    return Report(*row)


def _held(report: Report) -> ColumnElement[bool]:
    return and_(reports.c.id == report.id, reports.c.state == "leased", reports.c.attempts == report.attempts)


def hold_report(tx: Tx, report: Report, now: dt.datetime) -> None:
    """It is being written still."""
    tx.execute(update(reports).where(_held(report)).values(leased_until=now + LEASE_FOR))


def end_report(tx: Tx, report: Report, state: str, outcome: str | None = None) -> bool:
    """Whether it was still ours to end: exactly one answer counts."""
    ended = {"state": state, "leased_until": None, "outcome": outcome}
    return tx.execute(update(reports).where(_held(report)).values(**ended)).rowcount == 1


def put_off_report(tx: Tx, report: Report, due_at: dt.datetime, outcome: str) -> None:
    later = {"state": "waiting", "due_at": due_at, "leased_until": None, "outcome": outcome}
    tx.execute(update(reports).where(_held(report)).values(**later))


def release_reports(tx: Tx) -> None:
    """What was taken by a process that is no more is due again; only for the one process that can be there."""
    tx.execute(update(reports).where(reports.c.state == "leased").values(state="waiting", leased_until=None))


def under_way(tx: Tx, person_id: int, wants: str) -> int:
    """How many of that kind this person waits for."""
    theirs = and_(
        reports.c.person_id == person_id, reports.c.wants == wants, reports.c.state.in_(("waiting", "leased"))
    )
    return int(tx.execute(select(func.count()).select_from(reports).where(theirs)).scalar_one())


def is_written(tx: Tx, dedupe_key: str) -> bool:
    return tx.execute(select(reports.c.id).where(reports.c.dedupe_key == dedupe_key)).first() is not None


def drop_monthly(tx: Tx, site_id: int) -> None:
    """Those of a site that still wait; their keys become free again."""
    waiting = and_(reports.c.site_id == site_id, reports.c.wants == "monthly", reports.c.state == "waiting")
    tx.execute(update(reports).where(waiting).values(state="dropped", outcome="another hour", dedupe_key=None))
