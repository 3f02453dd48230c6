"""Old parts, the boxes they go back in, what the maker deducts for them; questions to other departments."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HERE = sa.text("returned_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "boxes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("site_id", _KEY, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("made_by", _KEY, nullable=False),
        sa.Column("made_at", tables.Instant(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("proof", tables.Structure, nullable=True),
        sa.Column("sent_by", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_boxes_site_id"),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name="fk_boxes_made_by"),
        sa.ForeignKeyConstraint(["sent_by"], ["people.id"], name="fk_boxes_sent_by"),
        sa.PrimaryKeyConstraint("id", name="pk_boxes"),
        sa.UniqueConstraint("site_id", "number", name="uq_boxes_site_id_number"),
    )
    op.create_index("uq_boxes_open", "boxes", ["site_id"], unique=True, sqlite_where=_HERE, postgresql_where=_HERE)
    op.create_table(
        "old_parts",
        sa.Column("claim_id", _KEY, nullable=False),
        sa.Column("site_id", _KEY, nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=True),
        sa.Column("shelf", sa.String(length=40), nullable=True),
        sa.Column("box_id", _KEY, nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("event_id", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_old_parts_claim_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_old_parts_site_id"),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_old_parts_box_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_old_parts_event_id"),
        sa.PrimaryKeyConstraint("claim_id", name="pk_old_parts"),
    )
    op.create_index("ix_old_parts_box_id", "old_parts", ["box_id"])
    op.create_index("ix_old_parts_here", "old_parts", ["site_id"], sqlite_where=_HERE, postgresql_where=_HERE)
    op.create_table(
        "deductions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("claim_id", _KEY, nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("amount", tables.Amount(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.Column("event_id", _KEY, nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.Column("answer_words", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_event_id", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_deductions_claim_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_deductions_event_id"),
        sa.ForeignKeyConstraint(["answer_event_id"], ["events.id"], name="fk_deductions_answer_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deductions"),
    )
    op.create_index("ix_deductions_claim_id", "deductions", ["claim_id"])
    op.create_table(
        "inquiries",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("claim_id", _KEY, nullable=False),
        sa.Column("department", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by", _KEY, nullable=False),
        sa.Column("asked_of", _KEY, nullable=True),
        sa.Column("asked_at", tables.Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("clock_id", _KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer_words", sa.Text(), nullable=True),
        sa.Column("shown", tables.Structure, nullable=True),
        sa.Column("ended_by", _KEY, nullable=True),
        sa.Column("ended_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_inquiries_claim_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name="fk_inquiries_asked_by"),
        sa.ForeignKeyConstraint(["asked_of"], ["people.id"], name="fk_inquiries_asked_of"),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name="fk_inquiries_ended_by"),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.id"], name="fk_inquiries_clock_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inquiries"),
    )
    op.create_index("ix_inquiries_claim_id", "inquiries", ["claim_id"])
    op.create_index("ix_inquiries_clock_id", "inquiries", ["clock_id"])
    # A part that was replaced before this version is kept, too, and must go back.
    op.execute(
        "INSERT INTO old_parts (claim_id, site_id) SELECT id, site_id FROM claims"
        " WHERE number IS NOT NULL AND facts ->> 'remedy' = 'replaced'"
    )


def downgrade() -> None:
    for table in ("inquiries", "deductions", "old_parts", "boxes"):
        op.drop_table(table)
