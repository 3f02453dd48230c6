"""Questions about clocks, what happened to a claim, and who is away.

A row of `clocks` is a clock that somebody is told of: one of the office's own (`office`), one that a person set
(`own`), one that waits for a department's answer (`asked`), that of a maker's pre-authorisation (`preauth`), or one of
a form, whose last day is counted from the events whenever these, a rule or a calendar change.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from claimbot.store.claims import Claim, claim_from
from claimbot.store.database import Tx
from claimbot.store.messages import drop_waiting
from claimbot.store.ready import Ready
from claimbot.store.tables import absences, claims, clocks, contracts, events, marks, moves

OFFICE, OWN, ASKED, PREAUTH = "office", "own", "asked", "preauth"
NOT_COUNTED: Final = frozenset({OFFICE, OWN, ASKED, PREAUTH})
"""Clocks that no form counts: a counting anew leaves them alone."""
_LEASE_FOR: Final = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Clock:
    """Something due on a claim; `rung` is the step of its ladder that comes next, at `rung_at`.

    `form`: whose rule it is, by its file's name. `words`: what a person wrote who set it. `provisional`: the days off
    of a year that the count went through are not announced yet.
    """

    id: int
    form: str
    rule: str
    claim_id: int
    person_id: int | None
    words: str | None
    started_at: dt.datetime
    due_at: dt.datetime | None
    due_on: dt.date | None
    provisional: bool
    rung: int
    rung_at: dt.datetime
    state: str


def _clock(row: Row[tuple[object, ...]]) -> Clock:
    fields = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    return Clock(**{**fields, "provisional": bool(fields["provisional"])})


def start_clock(tx: Tx, fields: Mapping[str, object]) -> int:
    made = insert(clocks).values(state="running", **fields).returning(clocks.c.id)
    number = int(tx.execute(made).scalar_one())
    if fields.get("due_at") is not None:
        _keep_next_due(tx, number)
    return number


_NEXT_DUE = Ready(
    update(claims)
    .where(claims.c.id == select(clocks.c.claim_id).where(clocks.c.id == bindparam("clock_id")).scalar_subquery())
    .values(
        next_due_at=select(func.min(clocks.c.due_at))
        .where(clocks.c.claim_id == claims.c.id, clocks.c.state == "running")
        .scalar_subquery()
    )
)


def _keep_next_due(tx: Tx, clock_id: int) -> None:
    """The nearest deadline stands with the claim: by it the queue is in order."""
    _NEXT_DUE.count(tx, clock_id=clock_id)


def clock(tx: Tx, clock_id: int) -> Clock:
    """Raises LookupError when there is none."""
    row = tx.execute(select(clocks).where(clocks.c.id == clock_id)).one_or_none()
    if row is None:
        raise LookupError(f"clock {clock_id}")
    return _clock(row)


def lock_clock(tx: Tx, clock_id: int) -> Clock:
    """The clock, with nobody else stopping it or writing its next rung until this transaction ends.

    Its claim is locked, as by everybody who changes a claim or its clocks: two locks taken in two orders would wait for
    each other.
    """
    owner = select(clocks.c.claim_id).where(clocks.c.id == clock_id).scalar_subquery()
    tx.execute(select(claims.c.id).where(claims.c.id == owner).with_for_update())
    return clock(tx, clock_id)


def running_clocks(tx: Tx, claim_id: int) -> tuple[Clock, ...]:
    running = and_(clocks.c.claim_id == claim_id, clocks.c.state == "running")
    return tuple(_clock(row) for row in tx.execute(select(clocks).where(running).order_by(clocks.c.id)))


def clocks_at(
    tx: Tx,
    site_ids: Sequence[int],
    *,
    person_id: int | None = None,
    until: dt.datetime | None = None,
    limit: int = 1000,
) -> tuple[tuple[Clock, Claim], ...]:
    """Clocks that run on claims of these sites, on those that this person reported, or for what this person was asked.

    So many of the nearest deadlines, and as many of those without one that began first: the second, of which each open
    claim has one, must not crowd out the first. `until`: only what ends, or without a deadline began, before then.
    """
    theirs: ColumnElement[bool] = claims.c.site_id.in_(site_ids)
    if person_id is not None:
        asked = and_(clocks.c.form == ASKED, clocks.c.person_id == person_id)
        theirs = or_(theirs, claims.c.author_id == person_id, asked)
    found: list[Row[tuple[int, int]]] = []
    for ends, kind in (
        (clocks.c.due_at, clocks.c.due_at.is_not(None)),
        (clocks.c.started_at, clocks.c.due_at.is_(None)),
    ):
        wanted = and_(clocks.c.state == "running", kind, theirs)
        found += tx.execute(
            select(clocks.c.id, claims.c.id.label("claim"))
            .join(claims, claims.c.id == clocks.c.claim_id)
            .where(wanted if until is None else and_(wanted, ends <= until))
            .order_by(ends, clocks.c.id)
            .limit(limit)
        )
    rows = tx.execute(select(clocks).where(clocks.c.id.in_([each.id for each in found])))
    held = {row.id: _clock(row) for row in rows}
    about = tx.execute(select(claims).where(claims.c.id.in_({each.claim for each in found})))
    known = {row.id: claim_from(row) for row in about}
    return tuple((held[each.id], known[each.claim]) for each in found)


def claims_with_limits(tx: Tx, states: Sequence[str], *, after: int, limit: int) -> tuple[int, ...]:
    """Claims that stand in one of these states, or on which a clock runs; by their ids, from the one behind `after` on.

    A claim on which nothing runs may get its first limit by a rule that is new.
    """
    running = select(clocks.c.claim_id).where(clocks.c.state == "running", clocks.c.claim_id > after)
    open_ = select(claims.c.id).where(claims.c.state.in_(states), claims.c.id > after)
    both = [some.distinct().order_by(some.selected_columns[0]).limit(limit) for some in (running, open_)]
    return tuple(sorted({number for some in both for number in tx.execute(some).scalars()})[:limit])


def own_count(tx: Tx, claim_id: int) -> int:
    """How many clocks people ever set by hand on a claim."""
    mine = and_(clocks.c.claim_id == claim_id, clocks.c.form == OWN)
    return int(tx.execute(select(func.count()).select_from(clocks).where(mine)).scalar_one())


def change_clock(tx: Tx, clock_id: int, **fields: object) -> None:
    tx.execute(update(clocks).where(clocks.c.id == clock_id).values(**fields))
    if fields.keys() & {"state", "due_at"}:
        _keep_next_due(tx, clock_id)


def stop_clock(tx: Tx, clock_id: int, state: str) -> None:
    """No more is said of it; what waits to be said is dropped."""
    change_clock(tx, clock_id, state=state)
    drop_waiting(tx, {"clock_id": clock_id}, "clock stopped")


# what happened


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that somebody noted on a claim: on a day, or at an instant where the hour matters."""

    id: int
    claim_id: int
    event: str
    at: dt.date | dt.datetime
    person_id: int
    noted_at: dt.datetime


def add_event(tx: Tx, claim_id: int, event: str, at: dt.date | dt.datetime, *, person_id: int, now: dt.datetime) -> int:
    exact = isinstance(at, dt.datetime)
    values = {"at": at if exact else None, "on_day": None if exact else at, "noted_at": now}
    made = insert(events).values(claim_id=claim_id, event=event, person_id=person_id, **values).returning(events.c.id)
    return int(tx.execute(made).scalar_one())


def events_of(tx: Tx, claim_id: int) -> tuple[Happening, ...]:
    """In the order in which they were noted, without what was struck out."""
    held = and_(events.c.claim_id == claim_id, events.c.struck_at.is_(None))
    return tuple(
        Happening(
            row.id, row.claim_id, row.event, row.on_day if row.at is None else row.at, row.person_id, row.noted_at
        )
        for row in tx.execute(select(events).where(held).order_by(events.c.id))
    )


def strike_event(tx: Tx, claim_id: int, event_id: int, now: dt.datetime) -> bool:
    """Whether it still counted: noted by mistake, it counts no more, and stays in the case file."""
    held = and_(events.c.id == event_id, events.c.claim_id == claim_id, events.c.struck_at.is_(None))
    return tx.execute(update(events).where(held).values(struck_at=now)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract form that a claim follows: under which contract, signed when, where that is known."""

    form: str
    contract: str | None
    signed_on: dt.date | None


def contracts_of(tx: Tx, claim_id: int) -> tuple[Contract, ...]:
    rows = tx.execute(select(contracts).where(contracts.c.claim_id == claim_id).order_by(contracts.c.form))
    return tuple(Contract(row.form, row.contract, row.signed_on) for row in rows)


def follow_contract(tx: Tx, claim_id: int, followed: Contract) -> None:
    """In place of what was said before of that form."""
    tx.execute(delete(contracts).where(contracts.c.claim_id == claim_id, contracts.c.form == followed.form))
    values = {"form": followed.form, "contract": followed.contract, "signed_on": followed.signed_on}
    tx.execute(insert(contracts).values(claim_id=claim_id, **values))


def leave_contract(tx: Tx, claim_id: int, form: str) -> bool:
    """Whether the claim followed that form; it does no more."""
    followed = and_(contracts.c.claim_id == claim_id, contracts.c.form == form)
    return tx.execute(delete(contracts).where(followed)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Made:
    """A move that a claim made."""

    move: str
    state: str
    at: dt.datetime
    person_id: int | None


def moves_of(tx: Tx, claim_id: int) -> tuple[Made, ...]:
    rows = tx.execute(select(moves).where(moves.c.claim_id == claim_id).order_by(moves.c.id))
    return tuple(Made(row.move, row.target, row.at, row.person_id) for row in rows)


# who is away


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from one day to another, both included, and perhaps somebody acts for them."""

    id: int
    person_id: int
    begins_on: dt.date
    ends_on: dt.date
    deputy_id: int | None


def _absence(row: Row[tuple[object, ...]]) -> Absence:
    kept = row._mapping  # noqa: SLF001  as above
    return Absence(kept["id"], kept["person_id"], kept["begins_on"], kept["ends_on"], kept["deputy_id"])


def add_absence(
    tx: Tx, person_id: int, begins_on: dt.date, ends_on: dt.date, deputy_id: int | None, now: dt.datetime
) -> None:
    """In place of what was said before of days that are not over."""
    end_absences(tx, person_id, begins_on)
    values = {"person_id": person_id, "begins_on": begins_on, "ends_on": ends_on, "deputy_id": deputy_id}
    tx.execute(insert(absences).values(made_at=now, **values))


def end_absences(tx: Tx, person_id: int, on: dt.date) -> bool:
    """Whether there was any that day or later; a day before `on` stays what it was."""
    yesterday = on - dt.timedelta(days=1)
    later = and_(absences.c.person_id == person_id, absences.c.ends_on >= on)
    return tx.execute(update(absences).where(later).values(ends_on=yesterday)).rowcount > 0


def absence_on(tx: Tx, person_id: int, day: dt.date) -> Absence | None:
    """The absence that covers that day; the one said last, where several do."""
    there = and_(absences.c.person_id == person_id, absences.c.begins_on <= day, absences.c.ends_on >= day)
    row = tx.execute(select(absences).where(there).order_by(absences.c.id.desc())).first()
    return None if row is None else _absence(row)


def absences_from(tx: Tx, person_id: int, day: dt.date) -> tuple[Absence, ...]:
    """What is said of that day and later."""
    later = and_(
        absences.c.person_id == person_id, absences.c.ends_on >= day, absences.c.ends_on >= absences.c.begins_on
    )
    return tuple(_absence(row) for row in tx.execute(select(absences).where(later).order_by(absences.c.begins_on)))


def acted_for(tx: Tx, deputy_id: int, day: dt.date) -> tuple[int, ...]:
    """For whom somebody acts that day."""
    there = and_(absences.c.deputy_id == deputy_id, absences.c.begins_on <= day, absences.c.ends_on >= day)
    return tuple(tx.execute(select(absences.c.person_id).where(there).distinct()).scalars())


# what was counted by which calendar


def claim_mark(tx: Tx, what: str, value: str, now: dt.datetime) -> bool:
    """Whether this process is to do what makes the mark true: it differs, and nobody is at it."""
    row = tx.execute(select(marks).where(marks.c.what == what).with_for_update()).one_or_none()
    until = now + _LEASE_FOR
    if row is None:
        try:
            with tx.begin_nested():
                tx.execute(insert(marks).values(what=what, value="", leased_until=until))
        except IntegrityError:
            return False  # somebody was first
        return True
    if row.value == value or (row.leased_until is not None and now < row.leased_until < now + 2 * _LEASE_FOR):
        return False
    tx.execute(update(marks).where(marks.c.what == what).values(leased_until=until))
    return True


def renew_mark(tx: Tx, what: str, now: dt.datetime) -> None:
    tx.execute(update(marks).where(marks.c.what == what).values(leased_until=now + _LEASE_FOR))


def set_mark(tx: Tx, what: str, value: str) -> None:
    tx.execute(update(marks).where(marks.c.what == what).values(value=value, leased_until=None))
