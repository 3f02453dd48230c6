"""Whether a picture is too dark or too small to read stands with it; what was kept before is not doubted anew."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("dark", "small"):
        op.add_column("evidence", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    for name in ("small", "dark"):
        op.drop_column("evidence", name)
