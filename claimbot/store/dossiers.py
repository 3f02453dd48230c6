"""Questions about all that was shown for a claim, as its dossier tells it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from claimbot.store.database import Tx
from claimbot.store.tables import evidence, showings


@dataclass(frozen=True, slots=True)
class Shown:
    """A kept piece of evidence, and how it first came for the claim. `taken_at`: as the picture itself says it."""

    sha256: str
    size: int
    mime: str
    taken_at: str | None
    name: str | None
    person_id: int
    shown_at: dt.datetime


def shown_for(tx: Tx, claim_id: int, sha256s: Sequence[str]) -> dict[str, Shown]:
    """By SHA-256; a picture that came for another claim first is told as it came for this one."""
    rows = tx.execute(
        select(
            evidence.c.sha256,
            evidence.c.size,
            evidence.c.mime,
            evidence.c.taken_at,
            showings.c.name,
            showings.c.person_id,
            showings.c.shown_at,
        )
        .join(showings, and_(showings.c.sha256 == evidence.c.sha256, showings.c.claim_id == claim_id))
        .where(evidence.c.sha256.in_(sha256s))
        .order_by(showings.c.id.desc())
    )
    return {row.sha256: Shown(*row) for row in rows}
