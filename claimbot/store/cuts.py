"""Questions about what was cut from a claim before it was approved. All who sign an approval sign the same cuts."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from claimbot.claims.cuts import Cut
from claimbot.store.database import Tx
from claimbot.store.tables import approvals, cuts


def keep_cuts(tx: Tx, approval_id: int, cut: Sequence[Cut]) -> None:
    """What the first signature cuts."""
    if cut:
        tx.execute(insert(cuts), [{**each.model_dump(), "approval_id": approval_id} for each in cut])


def cuts_of(tx: Tx, approval_id: int) -> tuple[Cut, ...]:
    rows = tx.execute(select(cuts).where(cuts.c.approval_id == approval_id).order_by(cuts.c.line_no))
    return tuple(Cut(line_no=row.line_no, approved=row.approved, reason=row.reason) for row in rows)


def cuts_approved(tx: Tx, claim_id: int) -> tuple[Cut, ...]:
    """The cuts of the approval that a claim was approved by, the latest one; none where nothing was cut."""
    decided = (
        select(approvals.c.id)
        .where(approvals.c.claim_id == claim_id, approvals.c.decision == "approve")
        .order_by(approvals.c.id.desc())
        .limit(1)
    )
    found = tx.execute(decided).scalar_one_or_none()
    return () if found is None else cuts_of(tx, found)
