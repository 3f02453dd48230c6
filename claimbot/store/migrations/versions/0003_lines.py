"""The lines of a claim, each with what was claimed, approved here, approved by the maker, and paid."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ONE = 10_000
"""One, as `Amount` keeps it."""


def upgrade() -> None:
    op.create_table(
        "lines",
        sa.Column("claim_id", _KEY, sa.ForeignKey("claims.id", name="fk_lines_claim_id"), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("quantity", tables.Amount(), nullable=False),
        sa.Column("unit_price", tables.Amount(), nullable=False),
        sa.Column("tax_percent", tables.Amount(), nullable=False),
        sa.Column("claimed", tables.Amount(), nullable=False),
        sa.Column("approved", tables.Amount(), nullable=True),
        sa.Column("maker_approved", tables.Amount(), nullable=True),
        sa.Column("paid", tables.Amount(), nullable=True),
        sa.PrimaryKeyConstraint("claim_id", "line_no", name="pk_lines"),
    )
    # Until now three sums stood for all lines: each that is not zero becomes a line.
    for number, kind, column in ((1, "labour", "labour"), (2, "part", "parts"), (3, "sublet", "other")):
        op.execute(
            "INSERT INTO lines (claim_id, line_no, kind, quantity, unit_price, tax_percent, claimed, approved)"  # noqa: S608  names of ours
            f" SELECT id, {number}, '{kind}', {_ONE}, {column}, 0, {column},"
            f" CASE WHEN state = 'approved' THEN {column} END FROM claims WHERE {column} > 0"
        )


def downgrade() -> None:
    op.drop_table("lines")
