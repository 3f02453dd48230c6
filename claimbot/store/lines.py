"""Questions about the lines of claims: what was claimed, approved here, approved by the maker, and paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, func, insert, select, update

from claimbot.claims.lines import Line
from claimbot.store.database import Tx
from claimbot.store.tables import lines


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line and how it fared; None where nobody has decided yet. `number`: 1, 2 …, its place in the claim."""

    number: int
    line: Line
    claimed: Decimal
    approved: Decimal | None
    maker_approved: Decimal | None
    paid: Decimal | None


def claim_lines(tx: Tx, claim_id: int, told: Sequence[Line]) -> None:
    """These are what is claimed from now on; whatever was decided about others before is over."""
    tx.execute(delete(lines).where(lines.c.claim_id == claim_id))
    rows = [
        {**line.model_dump(), "claim_id": claim_id, "line_no": number, "claimed": line.amount}
        for number, line in enumerate(told, 1)
    ]
    if rows:
        tx.execute(insert(lines), rows)


def approve_lines(tx: Tx, claim_id: int, amounts: Sequence[Decimal | None]) -> None:
    """What each line is approved with by us, in their order; None: nobody has decided, or not any more."""
    for number, amount in enumerate(amounts, 1):
        this = (lines.c.claim_id == claim_id) & (lines.c.line_no == number)
        tx.execute(update(lines).where(this).values(approved=amount))


def approved_sums(tx: Tx, claim_ids: Sequence[int]) -> dict[int, Decimal]:
    """What we approved of each of these claims in all; of one that nobody decided on there is nothing."""
    decided = select(lines.c.claim_id, func.sum(lines.c.approved).label("approved")).where(
        lines.c.claim_id.in_(claim_ids), lines.c.approved.is_not(None)
    )
    return {row.claim_id: row.approved for row in tx.execute(decided.group_by(lines.c.claim_id))}


def lines_of(tx: Tx, claim_id: int) -> tuple[KeptLine, ...]:
    rows = tx.execute(select(lines).where(lines.c.claim_id == claim_id).order_by(lines.c.line_no))
    return tuple(
        KeptLine(
            number=row.line_no,
            line=Line(
                kind=row.kind,
                code=row.code,
                text=row.text,
                quantity=row.quantity,
                unit_price=row.unit_price,
                tax_percent=row.tax_percent,
            ),
            claimed=row.claimed,
            approved=row.approved,
            maker_approved=row.maker_approved,
            paid=row.paid,
        )
        for row in rows
    )
