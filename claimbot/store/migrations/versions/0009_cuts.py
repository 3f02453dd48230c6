"""The cuts of an approval, line by line, and in whose place somebody signed."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cuts",
        sa.Column("approval_id", _KEY, sa.ForeignKey("approvals.id", name="fk_cuts_approval_id"), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("approved", tables.Amount(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("approval_id", "line_no", name="pk_cuts"),
    )
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("in_place_of", _KEY, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.drop_column("in_place_of")
    op.drop_table("cuts")
