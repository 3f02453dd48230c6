"""Questions about what is to be said: the rows that are messages, reminders and digests included.

A row is waiting until it is taken with a lease; taking is a conditional update, so any number of processes may ask.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, insert, or_, select, update

from claimbot.store.database import Tx
from claimbot.store.ready import Ready, add_row, change_row
from claimbot.store.tables import clocks, heartbeats, messages, people

LEASE_FOR = dt.timedelta(seconds=60)
URGENT, USUAL, DIGEST = 30, 20, 10
TOLD_BY_DIGEST = "told by the digest"
URGENCIES = (URGENT, USUAL, DIGEST)
"""Every message has one of these: the greater goes out first."""


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


def add_message(tx: Tx, fields: Mapping[str, object]) -> int:
    return add_row(tx, messages, fields)


def settle_message(tx: Tx, settle_key: str, fields: Mapping[str, object]) -> None:
    """The one waiting answer to an album: each further photo takes its place and its hour."""
    waiting = and_(messages.c.settle_key == settle_key, messages.c.state == "waiting")
    if tx.execute(update(messages).where(waiting).values(**fields)).rowcount == 0:
        tx.execute(insert(messages).values(settle_key=settle_key, **fields))


def settling(tx: Tx, settle_key: str) -> Mapping[str, object] | None:
    """What the one message under this key would say, where it has not gone out yet."""
    waiting = and_(messages.c.settle_key == settle_key, messages.c.state == "waiting")
    return tx.execute(select(messages.c.body).where(waiting)).scalar()


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


_LAPSED = Ready(
    select(messages.c.id)
    .where(messages.c.state == "leased", messages.c.leased_until <= bindparam("now"))
    .order_by(messages.c.leased_until)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DUE = Ready(
    select(messages.c.id)
    .where(
        messages.c.state == "waiting",
        messages.c.urgency == bindparam("urgency"),
        messages.c.due_at <= bindparam("now"),
    )
    .order_by(messages.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def take_due(tx: Tx, now: dt.datetime, limit: int = 100) -> tuple[Message, ...]:
    """Due messages, taken for as long as the lease: the urgent first, then the longest due."""
    ids = [row["id"] for row in _LAPSED.rows(tx, now=now, most=limit)]
    for urgency in URGENCIES:
        if len(ids) < limit:
            ids.extend(row["id"] for row in _DUE.rows(tx, urgency=urgency, now=now, most=limit - len(ids)))
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
    fields: dict[str, object] = {"state": "sent", "sent_at": now, "leased_until": None}
    if len(sent) == 1:
        for own, theirs in sent.items():
            change_row(tx, messages, own, fields if theirs is None else {**fields, "telegram_message_id": theirs})
        return
    noted = func.coalesce(bindparam("theirs", type_=BigInteger), messages.c.telegram_message_id)
    many = update(messages).where(messages.c.id == bindparam("own")).values(telegram_message_id=noted, **fields)
    tx.execute(many, [{"own": own, "theirs": theirs} for own, theirs in sent.items()])


def release_leases(tx: Tx) -> None:
    """What was taken by a process that is no more is due again; only for the one process that can be there."""
    tx.execute(update(messages).where(messages.c.state == "leased").values(state="waiting", leased_until=None))


def put_off(tx: Tx, message_id: int, due_at: dt.datetime, outcome: str, *, tried: bool = True) -> None:
    """Not now, but then: quiet hours, or a failure that may pass. What more there is to say is another message.

    Not `tried`: nobody looked at it, so that it counts as no attempt.
    """
    attempts = messages.c.attempts if tried else messages.c.attempts - 1
    values = {"state": "waiting", "due_at": due_at, "leased_until": None, "outcome": outcome, "settle_key": None}
    tx.execute(update(messages).where(messages.c.id == message_id).values(attempts=attempts, **values))


def give_up(tx: Tx, message_id: int, state: str, outcome: str) -> None:
    values = {"state": state, "leased_until": None, "outcome": outcome}
    tx.execute(update(messages).where(messages.c.id == message_id).values(**values))


def last_said(tx: Tx, person_id: int) -> str | None:
    """The words of the newest message to somebody, sent or not."""
    body = tx.execute(
        select(messages.c.body).where(messages.c.person_id == person_id).order_by(messages.c.id.desc()).limit(1)
    ).scalar()
    return None if body is None else body.get("html")


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


def drop_waiting(tx: Tx, where: Mapping[str, object], outcome: str, *, until: dt.datetime | None = None) -> None:
    """`until`: only what would have been said by then."""
    same: list[ColumnElement[bool]] = [messages.c[name] == value for name, value in where.items()]
    if until is not None:
        same.append(messages.c.due_at <= until)
    tx.execute(update(messages).where(messages.c.state == "waiting", *same).values(state="dropped", outcome=outcome))


def reminded(tx: Tx, clock_id: int, rung: int) -> tuple[int, ...]:
    """Who has a reminder of this rung, said or not."""
    same = and_(messages.c.clock_id == clock_id, messages.c.dedupe_key.startswith(f"clock:{clock_id}:{rung}:"))
    return tuple(tx.execute(select(messages.c.person_id).where(same)).scalars())


def waiting_for(tx: Tx, clock_id: int) -> tuple[tuple[int, dt.datetime], ...]:
    """Who is told next of a clock, and when."""
    waiting = and_(messages.c.clock_id == clock_id, messages.c.state == "waiting")
    rows = tx.execute(select(messages.c.person_id, messages.c.due_at).where(waiting).order_by(messages.c.due_at))
    return tuple((row.person_id, row.due_at) for row in rows)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A message that is there once: how it stands, and what it says."""

    id: int
    state: str
    due_at: dt.datetime
    sent_at: dt.datetime | None
    body: Mapping[str, object]


_KEYED = Ready(
    select(*(messages.c[each.name] for each in fields(Keyed))).where(messages.c.dedupe_key == bindparam("key"))
)


def keyed(tx: Tx, dedupe_key: str) -> Keyed | None:
    """The message of that key."""
    row = _KEYED.one(tx, key=dedupe_key)
    return None if row is None else Keyed(**row)


def keep_body(tx: Tx, message_id: int, body: Mapping[str, object]) -> None:
    change_row(tx, messages, message_id, {"body": body})


def reminders_told(tx: Tx, person_id: int, clock_ids: Sequence[int], now: dt.datetime) -> tuple[Message, ...]:
    """What was to be said to somebody of these clocks by now, or was put off as their digest tells it."""
    waiting = and_(
        messages.c.clock_id.in_(clock_ids),
        messages.c.person_id == person_id,
        messages.c.state == "waiting",
        or_(messages.c.outcome == TOLD_BY_DIGEST, messages.c.due_at <= now),
    )
    rows = tx.execute(select(*_COLUMNS).join(people, people.c.id == messages.c.person_id).where(waiting))
    return tuple(Message(**row._mapping) for row in rows)  # noqa: SLF001  as above


def drop_keyed(tx: Tx, pattern: str, outcome: str) -> None:
    """Drops what waits under keys that are like this; the keys become free again."""
    waiting = and_(messages.c.dedupe_key.like(pattern), messages.c.state == "waiting")
    tx.execute(update(messages).where(waiting).values(state="dropped", outcome=outcome, dedupe_key=None))


def shift_waiting(tx: Tx, clock_id: int, due_at: dt.datetime) -> bool:
    """Whether a reminder of that clock waits; it then waits until that hour."""
    waiting = and_(messages.c.clock_id == clock_id, messages.c.state == "waiting")
    return tx.execute(update(messages).where(waiting).values(due_at=due_at)).rowcount > 0


def earliest_due(tx: Tx) -> dt.datetime | None:
    return tx.execute(select(func.min(messages.c.due_at)).where(messages.c.state == "waiting")).scalar()


# the tick's pulse


def beat(tx: Tx, what: str, now: dt.datetime) -> None:
    if tx.execute(update(heartbeats).where(heartbeats.c.what == what).values(at=now)).rowcount == 0:
        tx.execute(insert(heartbeats).values(what=what, at=now))


def last_beat(tx: Tx, what: str) -> dt.datetime | None:
    return tx.execute(select(heartbeats.c.at).where(heartbeats.c.what == what)).scalar()
