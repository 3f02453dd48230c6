"""Questions about conversations: where each person stands in which flow, and which updates were answered already."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from claimbot.engine import State
from claimbot.store.database import Tx
from claimbot.store.tables import conversations, handled


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


def _conversation(row: Row[tuple[object, ...]]) -> Conversation:
    kept = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    stand = State(kept["flow"], kept["fingerprint"], kept["step"], kept["answers"], kept["drafts"])
    return Conversation(
        kept["id"], kept["person_id"], kept["claim_id"], kept["state"], kept["version"], kept["touched_at"], stand
    )


def count_once(tx: Tx, update_id: int, now: dt.datetime) -> bool:
    """Whether this update is new; from now on it is not."""
    made = sqlite_insert(handled) if tx.dialect.name == "sqlite" else postgresql_insert(handled)
    statement = made.values(update_id=update_id, at=now).on_conflict_do_nothing().returning(handled.c.update_id)
    return tx.execute(statement).first() is not None


def conversation(tx: Tx, conversation_id: int) -> Conversation | None:
    row = tx.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()
    return None if row is None else _conversation(row)


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
    return int(tx.execute(insert(conversations).values(**values).returning(conversations.c.id)).scalar_one())


def keep_stand(tx: Tx, held: Conversation, stand: State, now: dt.datetime) -> None:
    """The new state, if nobody changed it meanwhile; the lock on the person makes sure of that."""
    changed = tx.execute(
        update(conversations)
        .where(conversations.c.id == held.id, conversations.c.version == held.version)
        .values(
            fingerprint=stand.fingerprint,
            step=stand.step,
            answers=dict(stand.answers),
            drafts=dict(stand.drafts),
            version=held.version + 1,
            touched_at=now,
        )
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"conversation {held.id} changed under its lock")


def set_state(tx: Tx, conversation_id: int, state: str, now: dt.datetime) -> None:
    tx.execute(update(conversations).where(conversations.c.id == conversation_id).values(state=state, touched_at=now))


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
