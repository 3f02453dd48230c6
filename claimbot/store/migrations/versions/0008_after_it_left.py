"""What becomes of a claim at the maker: answers by line, credit notes, and the money that they bring."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state IN ('waiting', 'booked')")
_BOOKED = sa.text("booked = 1")


def upgrade() -> None:
    op.add_column("claims", sa.Column("maker_reference", sa.String(length=64), nullable=True))
    op.create_index("ix_claims_maker_reference", "claims", ["maker_reference"])
    op.create_table(
        "maker_answers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("claim_id", _KEY, sa.ForeignKey("claims.id", name="fk_maker_answers_claim_id"), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("person_id", _KEY, sa.ForeignKey("people.id", name="fk_maker_answers_person_id"), nullable=False),
        sa.Column("noted_at", tables.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_maker_answers"),
    )
    op.create_index("ix_maker_answers_claim_id", "maker_answers", ["claim_id"])
    op.create_table(
        "maker_lines",
        sa.Column(
            "answer_id", _KEY, sa.ForeignKey("maker_answers.id", name="fk_maker_lines_answer_id"), nullable=False
        ),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("asked", tables.Amount(), nullable=False),
        sa.Column("amount", tables.Amount(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("answer_id", "line_no", name="pk_maker_lines"),
    )
    op.create_table(
        "credit_notes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, sa.ForeignKey("people.id", name="fk_credit_notes_person_id"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_at", tables.Instant(), nullable=False),
        sa.Column("booked_at", tables.Instant(), nullable=True),
        sa.Column("leased_until", tables.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credit_notes"),
    )
    op.create_index("ix_credit_notes_waiting", "credit_notes", ["id"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_table(
        "payments",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("note_id", _KEY, sa.ForeignKey("credit_notes.id", name="fk_payments_note_id"), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("claim_id", _KEY, sa.ForeignKey("claims.id", name="fk_payments_claim_id"), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("amount", tables.Amount(), nullable=False),
        sa.Column("note_number", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("booked", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("applied", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
    )
    op.create_index("ix_payments_note_id_applied_claim_id", "payments", ["note_id", "applied", "claim_id"])
    op.create_index("ix_payments_claim_id", "payments", ["claim_id"])
    op.create_index("uq_payments_key", "payments", ["key"], unique=True, sqlite_where=_BOOKED, postgresql_where=_BOOKED)


def downgrade() -> None:
    for name in ("payments", "credit_notes", "maker_lines", "maker_answers"):
        op.drop_table(name)
    op.drop_index("ix_claims_maker_reference", "claims")
    op.drop_column("claims", "maker_reference")
