"""What a claim is sorted by stands with it, so that a queue does not grow with the archive; figures asked for."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("claims", sa.Column("stands_since", tables.Instant(), nullable=True))
    op.add_column("claims", sa.Column("next_due_at", tables.Instant(), nullable=True))
    op.create_index("ix_moves_claim_id_target_origin_at", "moves", ["claim_id", "target", "origin", "at"])
    op.create_index("ix_claims_site_id_state_stands_since", "claims", ["site_id", "state", "stands_since", "id"])
    op.create_index("ix_claims_site_id_state_next_due_at", "claims", ["site_id", "state", "next_due_at", "id"])
    op.create_index("ix_claims_site_id_reported_on", "claims", ["site_id", "reported_on", "id"])
    op.execute(
        "UPDATE claims SET stands_since = COALESCE((SELECT MAX(moves.at) FROM moves WHERE moves.claim_id = claims.id"
        " AND moves.target = claims.state AND moves.origin <> moves.target), changed_at),"
        " next_due_at = (SELECT MIN(clocks.due_at) FROM clocks"
        " WHERE clocks.claim_id = claims.id AND clocks.state = 'running')"
    )
    op.create_table(
        "reports",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, sa.ForeignKey("people.id", name="fk_reports_person_id"), nullable=False),
        sa.Column("site_id", _KEY, sa.ForeignKey("sites.id", name="fk_reports_site_id"), nullable=True),
        sa.Column("wants", sa.String(length=8), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", tables.Instant(), nullable=False),
        sa.Column("leased_until", tables.Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=64), nullable=True),
        sa.Column("asked_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("dedupe_key", name="uq_reports_dedupe_key"),
    )
    op.create_index("ix_reports_state_due_at", "reports", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("reports")
    op.drop_index("ix_claims_site_id_reported_on", "claims")
    op.drop_index("ix_claims_site_id_state_next_due_at", "claims")
    op.drop_index("ix_claims_site_id_state_stands_since", "claims")
    op.drop_index("ix_moves_claim_id_target_origin_at", "moves")
    op.drop_column("claims", "next_due_at")
    op.drop_column("claims", "stands_since")
