"""The tables, and how instants and amounts lie in them.

Instants are stored as UTC without a zone and come back aware; amounts as ten-thousandths in an integer, so that no
database ever makes a float of money.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import JSONB
from typing_extensions import override

Structure = JSON().with_variant(JSONB(), "postgresql")
Key = BigInteger().with_variant(Integer(), "sqlite")
Word = String(64).with_variant(String(64, collation="C"), "postgresql")
"""A folded word; in the order of its characters, whatever the database's language."""
_SCALE: Final = Decimal(10_000)


class _Written(sqlite.DATETIME):
    """As SQLAlchemy lays it down in SQLite, but written and read by Python itself, which costs a quarter."""

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[dt.datetime | None], str | None]:
        return lambda value: None if value is None else value.isoformat(" ", "microseconds")

    @override
    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], dt.datetime | None]:
        return lambda value: None if value is None else dt.datetime.fromisoformat(value)


class Instant(TypeDecorator[dt.datetime]):
    """An aware instant; a naive one is refused, as nobody could tell what it means."""

    impl = DateTime().with_variant(_Written(), "sqlite")  # type: ignore[no-untyped-call]  # theirs has no types
    cache_ok = True

    @override
    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a zone: {value}")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    @override
    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


class Amount(TypeDecorator[Decimal]):
    """Money without its currency, exact to four decimals."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value * _SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError(f"more than four decimals: {value}")
        return int(scaled)

    @override
    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / _SCALE).quantize(Decimal("0.01"))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sites = Table(
    "sites",
    metadata,
    Column("id", Key, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("country", String(2), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("maker", String(64), nullable=False),
    Column("opens", String(5), nullable=False, server_default="08:30"),
    Column("closes", String(5), nullable=False, server_default="17:30"),
    Column("digest_at", String(5), nullable=False, server_default="08:30"),
    Column("digest_always", Integer, nullable=False, server_default=text("0")),
)

people = Table(
    "people",
    metadata,
    Column("id", Key, primary_key=True),
    Column("telegram_id", BigInteger, nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("username", String(32), index=True),
    Column("language", String(2), nullable=False),
    Column("joined_at", Instant),
    Column("blocked_at", Instant),
    Column("quiet_from", String(5), nullable=False, server_default="21:00"),
    Column("quiet_until", String(5), nullable=False, server_default="08:00"),
    Column("conversation_id", Key),
)

roles = Table(
    "roles",
    metadata,
    Column("person_id", Key, ForeignKey("people.id"), primary_key=True),
    Column("site_id", Key, ForeignKey("sites.id"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Index("ix_roles_site_id_role", "site_id", "role"),
)

invites = Table(
    "invites",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("site_id", Key, ForeignKey("sites.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("made_by", Key, ForeignKey("people.id")),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", Key, ForeignKey("people.id")),
)

claims = Table(
    "claims",
    metadata,
    Column("id", Key, primary_key=True),
    Column("site_id", Key, ForeignKey("sites.id"), nullable=False),
    Column("number", String(32), unique=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("author_id", Key, ForeignKey("people.id"), nullable=False),
    Column("clerk_id", Key, ForeignKey("people.id")),
    Column("vin", String(17)),
    Column("part_number", String(64)),
    Column("maker_reference", String(64)),
    Column("odometer_km", Integer),
    Column("labour", Amount),
    Column("parts", Amount),
    Column("other", Amount),
    Column("currency", String(3), nullable=False),
    Column("reported_on", Date),
    Column("closed_at", Instant),
    Column("facts", Structure, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("made_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("stands_since", Instant),
    Column("next_due_at", Instant),
    Index("ix_claims_site_id_state_changed_at", "site_id", "state", "changed_at"),
    Index("ix_claims_site_id_state_stands_since", "site_id", "state", "stands_since", "id"),
    Index("ix_claims_site_id_state_next_due_at", "site_id", "state", "next_due_at", "id"),
    Index("ix_claims_site_id_reported_on", "site_id", "reported_on", "id"),
    Index("ix_claims_vin", "vin"),
    Index("ix_claims_maker_reference", "maker_reference"),
    Index("ix_claims_author_id", "author_id"),
    Index("ix_claims_author_id_state_changed_at", "author_id", "state", "changed_at"),
)

lines = Table(
    "lines",
    metadata,
    Column("claim_id", Key, ForeignKey("claims.id"), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("code", String(64)),
    Column("text", String(200)),
    Column("quantity", Amount, nullable=False),
    Column("unit_price", Amount, nullable=False),
    Column("tax_percent", Amount, nullable=False),
    Column("claimed", Amount, nullable=False),
    Column("approved", Amount),
    Column("maker_asked", Amount),
    Column("maker_approved", Amount),
    Column("paid", Amount),
)

numbers = Table(
    "numbers",
    metadata,
    Column("site_id", Key, ForeignKey("sites.id"), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("flow", String(64), nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("step", String(24), nullable=False),
    Column("answers", Structure, nullable=False),
    Column("drafts", Structure, nullable=False),
    Column("claim_id", Key, ForeignKey("claims.id")),
    Column("state", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Index("ix_conversations_person_id_state", "person_id", "state"),
    Index("ix_conversations_claim_id", "claim_id"),
)

moves = Table(
    "moves",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False, index=True),
    Column("move", String(24), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("target", String(16), nullable=False),
    Column("person_id", Key, ForeignKey("people.id")),
    Column("at", Instant, nullable=False),
    Column("reason", Text),
    Index("ix_moves_claim_id_target_origin_at", "claim_id", "target", "origin", "at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False),
    Column("claim_version", Integer, nullable=False),
    Column("needed", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("decision", String(16)),
    Column("sent_by", Key, ForeignKey("people.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Index("ix_approvals_claim_id", "claim_id"),
    Index(
        "uq_approvals_open",
        "claim_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

signatures = Table(
    "signatures",
    metadata,
    Column("approval_id", Key, ForeignKey("approvals.id"), primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), primary_key=True),
    Column("decision", String(16), nullable=False),
    Column("reason", Text),
    Column("at", Instant, nullable=False),
    Column("in_place_of", Key),
)

cuts = Table(
    "cuts",
    metadata,
    Column("approval_id", Key, ForeignKey("approvals.id"), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("approved", Amount, nullable=False),
    Column("reason", String(200), nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("person_id", Key, ForeignKey("people.id")),
    Column("what", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("before", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    UniqueConstraint("claim_id", "place"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("mime", String(64), nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("dhash", BigInteger),
    Column("blurred", Integer, nullable=False, server_default=false()),
    Column("dark", Integer, nullable=False, server_default=false()),
    Column("small", Integer, nullable=False, server_default=false()),
    Column("taken_at", Text),
    Column("kept_at", Instant, nullable=False),
)

showings = Table(
    "showings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("sha256", String(64), ForeignKey("evidence.sha256"), nullable=False, index=True),
    Column("claim_id", Key, ForeignKey("claims.id"), index=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False, index=True),
    Column("file_id", Text, nullable=False),
    Column("name", Text),
    Column("as_file", Integer, nullable=False),
    Column("shown_at", Instant, nullable=False),
)

clocks = Table(
    "clocks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("form", String(40), nullable=False, server_default="office"),
    Column("rule", String(64), nullable=False),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False),
    Column("person_id", Key, ForeignKey("people.id")),
    Column("words", Text),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("due_on", Date),
    Column("provisional", Integer, nullable=False, server_default=text("0")),
    Column("rung", Integer, nullable=False),
    Column("rung_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Index("ix_clocks_claim_id_state", "claim_id", "state"),
    Index(
        "ix_clocks_running", "id", sqlite_where=text("state = 'running'"), postgresql_where=text("state = 'running'")
    ),
    Index(
        "uq_clocks_running",
        "claim_id",
        "form",
        "rule",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)

events = Table(
    "events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False, index=True),
    Column("event", String(64), nullable=False),
    Column("on_day", Date),
    Column("at", Instant),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("struck_at", Instant),
)

contracts = Table(
    "contracts",
    metadata,
    Column("claim_id", Key, ForeignKey("claims.id"), primary_key=True),
    Column("form", String(40), primary_key=True),
    Column("contract", String(120)),
    Column("signed_on", Date),
)

absences = Table(
    "absences",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False, index=True),
    Column("begins_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("deputy_id", Key, ForeignKey("people.id")),
    Column("made_at", Instant, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("what", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
    Column("leased_until", Instant),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("body", Structure, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Column("dedupe_key", String(96), unique=True),
    Column("settle_key", String(64)),
    Column("conversation_id", Key, ForeignKey("conversations.id")),
    Column("claim_id", Key, ForeignKey("claims.id")),
    Column("approval_id", Key, ForeignKey("approvals.id")),
    Column("clock_id", Key, ForeignKey("clocks.id")),
    Column("telegram_message_id", BigInteger),
    Column("made_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index(
        "ix_messages_waiting",
        "urgency",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_messages_leased",
        "leased_until",
        sqlite_where=text("state = 'leased'"),
        postgresql_where=text("state = 'leased'"),
    ),
    Index(
        "uq_messages_settling",
        "settle_key",
        unique=True,
        sqlite_where=text("state = 'waiting' AND settle_key IS NOT NULL"),
        postgresql_where=text("state = 'waiting' AND settle_key IS NOT NULL"),
    ),
    Index("ix_messages_approval_id", "approval_id"),
    Index("ix_messages_clock_id", "clock_id"),
)

boxes = Table(
    "boxes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("site_id", Key, ForeignKey("sites.id"), nullable=False),
    Column("number", String(32), nullable=False),
    Column("made_by", Key, ForeignKey("people.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("returned_on", Date),
    Column("carrier", Text),
    Column("proof", Structure),
    Column("sent_by", Key, ForeignKey("people.id")),
    UniqueConstraint("site_id", "number"),
    Index(
        "uq_boxes_open",
        "site_id",
        unique=True,
        sqlite_where=text("returned_on IS NULL"),
        postgresql_where=text("returned_on IS NULL"),
    ),
)

old_parts = Table(
    "old_parts",
    metadata,
    Column("claim_id", Key, ForeignKey("claims.id"), primary_key=True),
    Column("site_id", Key, ForeignKey("sites.id"), nullable=False),
    Column("tag", String(40)),
    Column("shelf", String(40)),
    Column("box_id", Key, ForeignKey("boxes.id"), index=True),
    Column("returned_on", Date),
    Column("event_id", Key, ForeignKey("events.id")),
    Index(
        "ix_old_parts_here",
        "site_id",
        sqlite_where=text("returned_on IS NULL"),
        postgresql_where=text("returned_on IS NULL"),
    ),
)

deductions = Table(
    "deductions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False, index=True),
    Column("reason", String(24), nullable=False),
    Column("amount", Amount, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("noticed_on", Date, nullable=False),
    Column("event_id", Key, ForeignKey("events.id"), nullable=False),
    Column("answer", String(8)),
    Column("answer_words", Text),
    Column("answered_on", Date),
    Column("answer_event_id", Key, ForeignKey("events.id")),
)

inquiries = Table(
    "inquiries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False, index=True),
    Column("department", String(24), nullable=False),
    Column("words", Text, nullable=False),
    Column("asked_by", Key, ForeignKey("people.id"), nullable=False),
    Column("asked_of", Key, ForeignKey("people.id")),
    Column("asked_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("clock_id", Key, ForeignKey("clocks.id")),
    Column("state", String(12), nullable=False),
    Column("answer_words", Text),
    Column("shown", Structure),
    Column("ended_by", Key, ForeignKey("people.id")),
    Column("ended_at", Instant),
    Index("ix_inquiries_clock_id", "clock_id"),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("site_id", Key, ForeignKey("sites.id")),
    Column("wants", String(8), nullable=False),
    Column("begins_on", Date),
    Column("ends_on", Date),
    Column("state", String(8), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("outcome", Text),
    Column("dedupe_key", String(64), unique=True),
    Column("asked_at", Instant, nullable=False),
    Index("ix_reports_state_due_at", "state", "due_at"),
)

handled = Table(
    "handled",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("what", String(32), primary_key=True),
    Column("at", Instant, nullable=False),
)

found_by = Table(
    "found_by",
    metadata,
    Column("claim_id", Key, ForeignKey("claims.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("word", Word, primary_key=True),
    Column("site_id", Key, nullable=False),
    Column("author_id", Key, nullable=False),
    Index("ix_found_by_site_id", "site_id", "kind", "word", "claim_id"),
    Index("ix_found_by_author_id", "author_id", "kind", "word", "claim_id"),
)

maker_answers = Table(
    "maker_answers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False, index=True),
    Column("submission", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("answered_on", Date, nullable=False),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("noted_at", Instant, nullable=False),
)

maker_lines = Table(
    "maker_lines",
    metadata,
    Column("answer_id", Key, ForeignKey("maker_answers.id"), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("answer", String(8), nullable=False),
    Column("asked", Amount, nullable=False),
    Column("amount", Amount),
    Column("reason", String(200)),
)

credit_notes = Table(
    "credit_notes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", Text),
    Column("made_at", Instant, nullable=False),
    Column("booked_at", Instant),
    Column("leased_until", Instant),
    Index(
        "ix_credit_notes_waiting",
        "id",
        sqlite_where=text("state IN ('waiting', 'booked')"),
        postgresql_where=text("state IN ('waiting', 'booked')"),
    ),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Key, primary_key=True),
    Column("note_id", Key, ForeignKey("credit_notes.id"), nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("claim_id", Key, ForeignKey("claims.id"), nullable=False),
    Column("line_no", Integer),
    Column("amount", Amount, nullable=False),
    Column("note_number", String(64)),
    Column("key", String(64), nullable=False),
    Column("booked", Integer, nullable=False, server_default=text("0")),
    Column("applied", Integer, nullable=False, server_default=text("0")),
    Index("ix_payments_note_id_applied_claim_id", "note_id", "applied", "claim_id"),
    Index("ix_payments_claim_id", "claim_id"),
    Index("uq_payments_key", "key", unique=True, sqlite_where=text("booked = 1"), postgresql_where=text("booked = 1")),
)
