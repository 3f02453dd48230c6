"""Questions about the lines of claims: what was claimed, approved here, approved by the maker, and paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from claimbot.claims.lines import Line
from claimbot.store.database import Tx
from claimbot.store.tables import lines


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line and how it fared; None where nobody has decided yet. `number`: 1, 2 …, its place in the claim.

    `maker_asked`: what of the approved the maker is to bear; for goodwill it is a share.
    """

    number: int
    line: Line
    claimed: Decimal
    approved: Decimal | None
    maker_asked: Decimal | None
    maker_approved: Decimal | None
    paid: Decimal | None

    @property
    def asked(self) -> Decimal:
        """What goes to the maker."""
        known = (self.maker_asked, self.approved, self.claimed)
        return next(amount for amount in known if amount is not None)

    @property
    def expected(self) -> Decimal:
        """What the maker is to pay for it, as far as is known: what it allowed, else what it was asked for."""
        return self.asked if self.maker_approved is None else self.maker_approved


EXPECTED: Final = func.coalesce(lines.c.maker_approved, lines.c.maker_asked, lines.c.approved, lines.c.claimed)
"""`KeptLine.expected`, where a database reckons with it."""


def claim_lines(tx: Tx, claim_id: int, told: Sequence[Line]) -> None:
    """These are what is claimed from now on; whatever was decided about others before is over."""
    tx.execute(delete(lines).where(lines.c.claim_id == claim_id))
    rows = [
        {**line.model_dump(), "claim_id": claim_id, "line_no": number, "claimed": line.amount}
        for number, line in enumerate(told, 1)
    ]
    if rows:
        tx.execute(insert(lines), rows)


def approve_lines(tx: Tx, claim_id: int, approved: Sequence[Decimal], asked: Sequence[Decimal]) -> None:
    """What each line is approved with by us, and what of it the maker is asked for, in their order."""
    for number, (ours, theirs) in enumerate(zip(approved, asked, strict=True), 1):
        this = (lines.c.claim_id == claim_id) & (lines.c.line_no == number)
        tx.execute(update(lines).where(this).values(approved=ours, maker_asked=theirs))


def forget_approved(tx: Tx, claim_id: int) -> None:
    """Nobody here has decided about it, or not any more."""
    tx.execute(update(lines).where(lines.c.claim_id == claim_id).values(approved=None, maker_asked=None))


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
            maker_asked=row.maker_asked,
            maker_approved=row.maker_approved,
            paid=row.paid,
        )
        for row in rows
    )
