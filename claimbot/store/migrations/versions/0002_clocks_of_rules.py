"""Clocks of forms and of people's own, what happened to a claim, who is away, digests."""

import sqlalchemy as sa
from alembic import op

from claimbot.store import tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state = 'waiting'")
_RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    with op.batch_alter_table("sites") as sites:
        sites.add_column(sa.Column("digest_at", sa.String(length=5), server_default="08:30", nullable=False))
        sites.add_column(sa.Column("digest_always", sa.Integer(), server_default=sa.text("0"), nullable=False))
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("username", sa.String(length=32), nullable=True))
        people.create_index("ix_people_username", ["username"])
    with op.batch_alter_table("clocks") as clocks:
        clocks.add_column(sa.Column("form", sa.String(length=40), server_default="office", nullable=False))
        clocks.add_column(sa.Column("words", sa.Text(), nullable=True))
        clocks.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        clocks.add_column(sa.Column("provisional", sa.Integer(), server_default=sa.text("0"), nullable=False))
    if op.get_bind().dialect.name != "sqlite":  # which keeps no length, and would have to copy the whole table
        op.alter_column("clocks", "rule", type_=sa.String(length=64), existing_type=sa.String(length=32))
    # The maker's window was the only clock with a deadline; from now on it is a rule of the maker's terms. Its last day
    # is counted anew at the next start.
    op.execute(
        "UPDATE clocks SET form = (SELECT sites.maker FROM claims JOIN sites ON sites.id = claims.site_id"
        " WHERE claims.id = clocks.claim_id) WHERE rule = 'submission_window'"
    )
    with op.batch_alter_table("clocks") as clocks:
        clocks.create_index("ix_clocks_running", ["id"], sqlite_where=_RUNNING, postgresql_where=_RUNNING)
        clocks.create_index(
            "uq_clocks_running",
            ["claim_id", "form", "rule"],
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        )
    with op.batch_alter_table("messages") as messages:
        messages.drop_index("ix_messages_waiting", sqlite_where=_WAITING, postgresql_where=_WAITING)
        messages.create_index(
            "ix_messages_waiting", ["urgency", "due_at"], sqlite_where=_WAITING, postgresql_where=_WAITING
        )
    op.create_table(
        "events",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("claim_id", _KEY, nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("at", tables.Instant(), nullable=True),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("noted_at", tables.Instant(), nullable=False),
        sa.Column("struck_at", tables.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_events_claim_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_events_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_claim_id", "events", ["claim_id"])
    op.create_table(
        "contracts",
        sa.Column("claim_id", _KEY, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("contract", sa.String(length=120), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name="fk_contracts_claim_id"),
        sa.PrimaryKeyConstraint("claim_id", "form", name="pk_contracts"),
    )
    op.create_table(
        "absences",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("deputy_id", _KEY, nullable=True),
        sa.Column("made_at", tables.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name="fk_absences_deputy_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_absences_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_person_id", "absences", ["person_id"])
    op.create_table(
        "marks",
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("leased_until", tables.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("what", name="pk_marks"),
    )


def downgrade() -> None:
    op.drop_table("marks")
    op.drop_table("absences")
    op.drop_table("contracts")
    op.drop_table("events")
    with op.batch_alter_table("messages") as messages:
        messages.drop_index("ix_messages_waiting", sqlite_where=_WAITING, postgresql_where=_WAITING)
        messages.create_index("ix_messages_waiting", ["due_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.drop_index("uq_clocks_running", "clocks")
    op.drop_index("ix_clocks_running", "clocks")
    op.drop_index("ix_people_username", "people")
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("clocks", "rule", type_=sa.String(length=32), existing_type=sa.String(length=64))
    for table, name in (
        *(("clocks", name) for name in ("provisional", "due_on", "words", "form")),
        ("people", "username"),
        ("sites", "digest_always"),
        ("sites", "digest_at"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
