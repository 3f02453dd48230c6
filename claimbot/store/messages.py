"""Questions about what is to be said: the rows that are messages, reminders included, and the clocks behind them.

A row is waiting until it is taken with a lease; taking is a conditional update, so any number of processes may ask.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, or_, select, update

from claimbot.store.database import Tx
from claimbot.store.ready import Ready, add_row, change_row
from claimbot.store.tables import claims, clocks, heartbeats, messages, people

LEASE_FOR = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be said to one person."""

    id: int
    person_id: int
    telegram_id: int
    kind: str
    body: Mapping[str, object]
    urgency: int
    attempts: int
    clock_id: int | None
    claim_id: int | None
    approval_id: int | None
    due_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Something due on a claim, started by an event; `rung` is the step of its ladder that comes next, at `rung_at`."""

    id: int
    rule: str
    claim_id: int
    person_id: int | None
    started_at: dt.datetime
    due_at: dt.datetime | None
    rung: int
    rung_at: dt.datetime
    state: str


def add_message(tx: Tx, fields: Mapping[str, object]) -> int:
    return add_row(tx, messages, fields)


def settle_message(tx: Tx, settle_key: str, fields: Mapping[str, object]) -> None:
    """The one waiting answer to an album: each further photo takes its place and its hour."""
    waiting = and_(messages.c.settle_key == settle_key, messages.c.state == "waiting")
    if tx.execute(update(messages).where(waiting).values(**fields)).rowcount == 0:
        tx.execute(insert(messages).values(settle_key=settle_key, **fields))


_DROP_SETTLING = Ready(
    update(messages)
    .where(messages.c.settle_key == bindparam("key"), messages.c.state == "waiting")
    .values(state="dropped", outcome="overtaken")
)


def drop_settling(tx: Tx, settle_key: str) -> None:
    _DROP_SETTLING.count(tx, key=settle_key)


_COLUMNS = (
    messages.c.id,
    messages.c.person_id,
    people.c.telegram_id,
    messages.c.kind,
    messages.c.body,
    messages.c.urgency,
    messages.c.attempts,
    messages.c.clock_id,
    messages.c.claim_id,
    messages.c.approval_id,
    messages.c.due_at,
)


def take_due(tx: Tx, now: dt.datetime, limit: int = 100) -> tuple[Message, ...]:
    """Due messages, taken for as long as the lease: the urgent first, then the longest due."""
    lapsed = and_(messages.c.state == "leased", messages.c.leased_until <= now)
    due = and_(messages.c.state == "waiting", messages.c.due_at <= now)
    ids: list[int] = []
    for where in (lapsed, due):
        chosen = select(messages.c.id).where(where).order_by(messages.c.due_at).limit(limit - len(ids))
        ids.extend(tx.execute(chosen.with_for_update(skip_locked=True)).scalars())
        if len(ids) >= limit:
            break
    return take(tx, ids, now) if ids else ()


def take(tx: Tx, ids: Sequence[int], now: dt.datetime) -> tuple[Message, ...]:
    tx.execute(
        update(messages)
        .where(messages.c.id.in_(ids))
        .values(state="leased", leased_until=now + LEASE_FOR, attempts=messages.c.attempts + 1)
    )
    rows = tx.execute(
        select(*_COLUMNS)
        .join(people, people.c.id == messages.c.person_id)
        .where(messages.c.id.in_(ids))
        .order_by(messages.c.urgency.desc(), messages.c.id)
    )
    return tuple(Message(**row._mapping) for row in rows)  # noqa: SLF001  SQLAlchemy's public name for it


def note_sent(tx: Tx, sent: Mapping[int, int | None], now: dt.datetime) -> None:
    """These went out, under these ids of Telegram's."""
    for own, theirs in sent.items():
        fields: dict[str, object] = {"state": "sent", "sent_at": now, "leased_until": None}
        change_row(tx, messages, own, fields if theirs is None else {**fields, "telegram_message_id": theirs})


def release_leases(tx: Tx) -> None:
    """What was taken by a process that is no more is due again; only for the one process that can be there."""
    tx.execute(update(messages).where(messages.c.state == "leased").values(state="waiting", leased_until=None))


def put_off(tx: Tx, message_id: int, due_at: dt.datetime, outcome: str) -> None:
    """Not now, but then: quiet hours, or a failure that may pass."""
    values = {"state": "waiting", "due_at": due_at, "leased_until": None, "outcome": outcome}
    tx.execute(update(messages).where(messages.c.id == message_id).values(**values))


def give_up(tx: Tx, message_id: int, state: str, outcome: str) -> None:
    values = {"state": state, "leased_until": None, "outcome": outcome}
    tx.execute(update(messages).where(messages.c.id == message_id).values(**values))


def cards_of(tx: Tx, approval_id: int) -> tuple[tuple[int, int, int], ...]:
    """Message, person and Telegram's message id of every card that was sent for an approval."""
    sent = and_(
        messages.c.approval_id == approval_id, messages.c.kind == "card", messages.c.telegram_message_id.is_not(None)
    )
    rows = tx.execute(select(messages.c.id, messages.c.person_id, messages.c.telegram_message_id).where(sent))
    return tuple((row.id, row.person_id, row.telegram_message_id) for row in rows)


def reminders_to_decide(tx: Tx, claim_id: int, rule: str, since: dt.datetime) -> tuple[tuple[int, int], ...]:
    """Person and Telegram's message id of every reminder of that clock that went out since then."""
    sent = and_(
        messages.c.claim_id == claim_id,
        messages.c.kind == "reminder",
        messages.c.sent_at >= since,
        messages.c.telegram_message_id.is_not(None),
        clocks.c.rule == rule,
    )
    rows = tx.execute(
        select(messages.c.person_id, messages.c.telegram_message_id)
        .join(clocks, clocks.c.id == messages.c.clock_id)
        .where(sent)
        .order_by(messages.c.id)
    )
    return tuple((row.person_id, row.telegram_message_id) for row in rows)


def drop_waiting(tx: Tx, where: Mapping[str, object], outcome: str) -> None:
    same: list[ColumnElement[bool]] = [messages.c[name] == value for name, value in where.items()]
    tx.execute(update(messages).where(messages.c.state == "waiting", *same).values(state="dropped", outcome=outcome))


def earliest_due(tx: Tx) -> dt.datetime | None:
    return tx.execute(select(func.min(messages.c.due_at)).where(messages.c.state == "waiting")).scalar()


# clocks


def start_clock(tx: Tx, fields: Mapping[str, object]) -> int:
    made = insert(clocks).values(state="running", **fields).returning(clocks.c.id)
    return int(tx.execute(made).scalar_one())


def clock(tx: Tx, clock_id: int) -> Clock:
    """Raises LookupError when there is none."""
    row = tx.execute(select(clocks).where(clocks.c.id == clock_id)).one_or_none()
    if row is None:
        raise LookupError(f"clock {clock_id}")
    return Clock(**row._mapping)  # noqa: SLF001


def running_clocks(tx: Tx, claim_id: int) -> tuple[Clock, ...]:
    running = and_(clocks.c.claim_id == claim_id, clocks.c.state == "running")
    rows = tx.execute(select(clocks).where(running).order_by(clocks.c.id))
    return tuple(Clock(**row._mapping) for row in rows)  # noqa: SLF001


def reminded(tx: Tx, clock_id: int, rung: int) -> tuple[int, ...]:
    """Who has a reminder of this rung, said or not."""
    same = and_(messages.c.clock_id == clock_id, messages.c.dedupe_key.startswith(f"clock:{clock_id}:{rung}:"))
    return tuple(tx.execute(select(messages.c.person_id).where(same)).scalars())


def clocks_about(tx: Tx, site_ids: Sequence[int], author_id: int) -> tuple[Clock, ...]:
    """Every clock that runs on a claim of these sites, or on one that this person reported."""
    theirs = or_(claims.c.site_id.in_(site_ids), claims.c.author_id == author_id)
    rows = tx.execute(
        select(clocks)
        .join(claims, claims.c.id == clocks.c.claim_id)
        .where(clocks.c.state == "running", theirs)
        .order_by(clocks.c.id)
    )
    return tuple(Clock(**row._mapping) for row in rows)  # noqa: SLF001


def waiting_for(tx: Tx, clock_id: int) -> tuple[tuple[int, dt.datetime], ...]:
    """Who is told next of a clock, and when."""
    waiting = and_(messages.c.clock_id == clock_id, messages.c.state == "waiting")
    rows = tx.execute(select(messages.c.person_id, messages.c.due_at).where(waiting).order_by(messages.c.due_at))
    return tuple((row.person_id, row.due_at) for row in rows)


def set_rung(tx: Tx, clock_id: int, rung: int, rung_at: dt.datetime) -> None:
    tx.execute(update(clocks).where(clocks.c.id == clock_id).values(rung=rung, rung_at=rung_at))


def stop_clock(tx: Tx, clock_id: int, state: str) -> None:
    """No more is said of it; what waits to be said is dropped."""
    tx.execute(update(clocks).where(clocks.c.id == clock_id).values(state=state))
    drop_waiting(tx, {"clock_id": clock_id}, "clock stopped")


# the tick's pulse


def beat(tx: Tx, what: str, now: dt.datetime) -> None:
    if tx.execute(update(heartbeats).where(heartbeats.c.what == what).values(at=now)).rowcount == 0:
        tx.execute(insert(heartbeats).values(what=what, at=now))


def last_beat(tx: Tx, what: str) -> dt.datetime | None:
    return tx.execute(select(heartbeats.c.at).where(heartbeats.c.what == what)).scalar()
