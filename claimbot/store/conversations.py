"""Questions about conversations: where each person stands in which flow, and which updates were answered already."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Row, and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from claimbot.engine import State
from claimbot.store.database import Tx
from claimbot.store.ready import Ready, Values, add_row
from claimbot.store.tables import conversations, handled, people


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person in one flow. `state`: open (they are in it), parked (a draft), done, dropped."""

    id: int
    person_id: int
    claim_id: int | None
    state: str
    version: int
    touched_at: dt.datetime
    stand: State


_COUNT = {
    "sqlite": Ready(
        sqlite_insert(handled).values(update_id=bindparam("update_id"), at=bindparam("at")).on_conflict_do_nothing()
    ),
    "postgresql": Ready(
        postgresql_insert(handled).values(update_id=bindparam("update_id"), at=bindparam("at")).on_conflict_do_nothing()
    ),
}
_CURRENT = Ready(
    select(conversations)
    .join(people, people.c.conversation_id == conversations.c.id)
    .where(people.c.id == bindparam("person_id"), conversations.c.state == "open")
)
_BY_ID = Ready(select(conversations).where(conversations.c.id == bindparam("conversation_id")))
_KEEP = Ready(
    update(conversations)
    .where(conversations.c.id == bindparam("held_id"), conversations.c.version == bindparam("held_version"))
    .values(
        {name: bindparam(name) for name in ("fingerprint", "step", "answers", "drafts", "touched_at")}
        | {"version": conversations.c.version + 1}
    )
)
_SET_STATE = Ready(
    update(conversations)
    .where(conversations.c.id == bindparam("conversation_id"))
    .values(state=bindparam("new_state"), touched_at=bindparam("now"))
)


def _conversation(row: Row[tuple[object, ...]]) -> Conversation:
    return _made(dict(row._mapping))  # noqa: SLF001  SQLAlchemy's public name for it


def _made(kept: Values) -> Conversation:
    stand = State(kept["flow"], kept["fingerprint"], kept["step"], kept["answers"], kept["drafts"])
    return Conversation(
        kept["id"], kept["person_id"], kept["claim_id"], kept["state"], kept["version"], kept["touched_at"], stand
    )


def count_once(tx: Tx, update_id: int, now: dt.datetime) -> bool:
    """Whether this update is new; from now on it is not."""
    return _COUNT[tx.dialect.name].count(tx, update_id=update_id, at=now) == 1


def current(tx: Tx, person_id: int) -> Conversation | None:
    """The one that a person is in."""
    kept = _CURRENT.one(tx, person_id=person_id)
    return None if kept is None else _made(kept)


def conversation(tx: Tx, conversation_id: int) -> Conversation | None:
    kept = _BY_ID.one(tx, conversation_id=conversation_id)
    return None if kept is None else _made(kept)


def add_conversation(tx: Tx, person_id: int, stand: State, claim_id: int | None, now: dt.datetime) -> int:
    values = {
        "person_id": person_id,
        "claim_id": claim_id,
        "flow": stand.flow,
        "fingerprint": stand.fingerprint,
        "step": stand.step,
        "answers": dict(stand.answers),
        "drafts": dict(stand.drafts),
        "state": "open",
        "version": 1,
        "begun_at": now,
        "touched_at": now,
    }
    return add_row(tx, conversations, values)


def keep_stand(tx: Tx, held: Conversation, stand: State, now: dt.datetime) -> None:
    """The new state, if nobody changed it meanwhile; the lock on the person makes sure of that."""
    changed = _KEEP.count(
        tx,
        held_id=held.id,
        held_version=held.version,
        fingerprint=stand.fingerprint,
        step=stand.step,
        answers=dict(stand.answers),
        drafts=dict(stand.drafts),
        touched_at=now,
    )
    if changed != 1:
        raise RuntimeError(f"conversation {held.id} changed under its lock")


def set_state(tx: Tx, conversation_id: int, state: str, now: dt.datetime) -> None:
    _SET_STATE.count(tx, conversation_id=conversation_id, new_state=state, now=now)


def unfinished(tx: Tx, person_id: int, flow: str) -> tuple[Conversation, ...]:
    """A person's drafts of a flow, the latest first."""
    mine = and_(
        conversations.c.person_id == person_id,
        conversations.c.state.in_(("open", "parked")),
        conversations.c.flow == flow,
    )
    rows = tx.execute(select(conversations).where(mine).order_by(conversations.c.touched_at.desc()).limit(20))
    return tuple(_conversation(row) for row in rows)


def unfinished_about(tx: Tx, person_id: int, claim_id: int, flow: str) -> Conversation | None:
    mine = and_(
        conversations.c.person_id == person_id,
        conversations.c.claim_id == claim_id,
        conversations.c.flow == flow,
        conversations.c.state.in_(("open", "parked")),
    )
    row = tx.execute(select(conversations).where(mine).order_by(conversations.c.id.desc())).first()
    return None if row is None else _conversation(row)
