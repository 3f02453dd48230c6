"""By which words claims are found; those that are there already are made findable, too."""

import sqlalchemy as sa
from alembic import op

from claimbot.claims.facts import Facts
from claimbot.store.finding import keep_found_by
from claimbot.store.tables import Structure, Word

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_A_TIME = 500


def upgrade() -> None:
    op.create_table(
        "found_by",
        sa.Column("claim_id", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("word", Word, nullable=False),
        sa.Column("site_id", _KEY, nullable=False),
        sa.Column("author_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_found_by_claim_id"),
        sa.PrimaryKeyConstraint("claim_id", "kind", "word", name="pk_found_by"),
    )
    op.create_index("ix_found_by_site_id", "found_by", ["site_id", "kind", "word", "claim_id"])
    op.create_index("ix_found_by_author_id", "found_by", ["author_id", "kind", "word", "claim_id"])
    op.create_index("ix_claims_author_id_state_changed_at", "claims", ["author_id", "state", "changed_at"])
    _fill()


def _fill() -> None:
    claims = sa.table(
        "claims",
        *(sa.column(name, sa.Integer()) for name in ("id", "site_id", "author_id")),
        sa.column("number", sa.String()),
        sa.column("facts", Structure),
    )
    tx, after = op.get_bind(), 0
    while True:
        some = sa.select(claims).where(claims.c.number.is_not(None), claims.c.id > after)
        rows = tx.execute(some.order_by(claims.c.id).limit(_AT_A_TIME)).all()
        if not rows:
            return
        for row in rows:
            facts = Facts.model_validate({name: value for name, value in row.facts.items() if value is not None})
            keep_found_by(tx, row.id, row.site_id, row.author_id, row.number, facts)
        after = rows[-1].id


def downgrade() -> None:
    op.drop_index("ix_claims_author_id_state_changed_at", "claims")
    op.drop_table("found_by")
