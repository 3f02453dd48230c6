"""An office with years of claims behind it, laid down by the database itself: claims and all that hangs on them.

One claim in twenty is open, at ten sites alike; the more claims there were, the longer each queue. Every fourth open
claim has a deadline that presses.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, insert, text

from benchmarks.sweep import settle
from claimbot.claims.coverage import RETURN_CLOCK
from claimbot.store import Tx, people
from claimbot.store.database import migrate, open_engine
from claimbot.store.tables import sites

NOW = dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC)
SITES = 10
LINES_EACH = 5
_COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
_OPEN = "i % 20 = 0"
_PRESSES = "i % 80 = 0"
_STATE = (
    "CASE WHEN i % 20 <> 0 THEN 'approved' WHEN i % 3 = 0 THEN 'submitted' WHEN i % 3 = 1 THEN 'in_approval'"
    " ELSE 'asked' END"
)
_AGE = "CASE WHEN i % 20 = 0 THEN (i * 7) % 40000 ELSE (i * 11) % 1000000 END"
_FACTS = """'{"vin": "LSVAA4182E2' || (100000 + i % 50000) || '", "failed_part": "part ' || (i % 40) || '"}'"""
_LINES = " UNION ALL ".join(f"SELECT {k} AS k" for k in range(1, LINES_EACH + 1))


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the two databases write the same thing: so many minutes before now, days before it, JSON, bytes."""

    minutes_ago: str
    minutes_ahead: str
    days_ago: str
    json: str
    blob: str


_DIALECTS = {
    "sqlite": _Dialect(
        "strftime('%Y-%m-%d %H:%M:%f000', '2026-09-09 02:00', '-' || ({}) || ' minutes')",
        "strftime('%Y-%m-%d %H:%M:%f000', '2026-09-09 02:00', '+' || ({}) || ' minutes')",
        "date('2026-09-09', '-' || ({}) || ' days')",
        "{}",
        "x'00'",
    ),
    "postgresql": _Dialect(
        "timestamp '2026-09-09 02:00' - ({}) * interval '1 minute'",
        "timestamp '2026-09-09 02:00' + ({}) * interval '1 minute'",
        "date '2026-09-09' - ({})::integer",
        "({})::jsonb",
        "'\\x00'::bytea",
    ),
}
_MOVES = (("draft", "submitted", 9), ("submitted", "in_approval", 7), ("in_approval", "approved", 5))


@dataclass(frozen=True, slots=True)
class Archive:
    """The engine of a database with its claims; somebody is clerk at one site, and somebody supervisor at all."""

    engine: Engine
    clerk: int
    supervisor: int


def lay_down(url: str, count: int) -> Archive:
    engine = open_engine(url)
    migrate(engine)
    says = _DIALECTS[engine.dialect.name]
    with engine.begin() as tx:
        common = {"zone": "Asia/Shanghai", "country": "CN", "currency": "CNY", "maker": "example"}
        tx.execute(
            insert(sites),
            [{"id": n, "code": f"S{n:02}", "name": f"Site {n}", **common} for n in range(1, SITES + 1)],
        )
        staff = [people.add_person(tx, number, f"Person {number}", "zh") for number in range(1, 23)]
        clerk, supervisor = staff[:2]
        people.give_role(tx, clerk, 1, "clerk")
        for number in range(1, SITES + 1):
            people.give_role(tx, supervisor, number, "supervisor")
        since, due = says.minutes_ago.format(_AGE), says.minutes_ahead.format("(i * 13) % 9000")
        _add(
            tx,
            count,
            "claims",
            {
                "id": "i",
                "site_id": "1 + (i / 20) % 10",
                "number": "'X-' || i",
                "kind": "'warranty'",
                "state": _STATE,
                "author_id": "3 + i % 20",
                "currency": "'CNY'",
                "reported_on": says.days_ago.format("i % 730"),
                "facts": says.json.format(_FACTS),
                **dict.fromkeys(("closed_at", "made_at", "changed_at", "stands_since"), since),
                "next_due_at": f"CASE WHEN {_PRESSES} THEN {due} END",
            },
        )
        money = {"claimed": "(i % 90000 + k) * 100", "approved": "(i % 90000 + k) * 100"}
        _add(
            tx,
            count,
            "lines",
            {
                "claim_id": "i",
                "line_no": "k",
                "kind": "'part'",
                "code": "'GX-' || (i % 999)",
                "quantity": "10000",
                "unit_price": money["claimed"],
                "tax_percent": "0",
                **money,
                "maker_approved": "(i % 90000) * 100",
                "paid": "(i % 80000) * 100",
            },
            f", ({_LINES}) AS each",
        )
        for origin, target, after in _MOVES:
            at = says.minutes_ago.format(f"i % 999999 + {after}")
            told = {"move": f"'{target}'", "origin": f"'{origin}'", "target": f"'{target}'", "at": at}
            _add(tx, count, "moves", {"claim_id": "i", "person_id": "3 + i % 20", **told})
        clock = {"claim_id": "i", "started_at": since, "provisional": "0", "rung": "0", "state": "'running'"}
        begun = {"claim_id": "i", "person_id": "3 + i % 20", "at": since}
        entry = {"place": "1", "what": "'begun'", "detail": "'{}'", **dict.fromkeys(("before", "hash"), says.blob)}
        _add(tx, count, "entries", {**begun, **entry})
        _add(tx, count, "events", {**begun, "event": "'repair.closed'", "noted_at": since})
        _add(tx, count, "clocks", {"rule": "'waits'", "rung_at": since, **clock}, f" WHERE {_OPEN}")
        part = {"claim_id": "i", "site_id": "1 + (i / 20) % 10", "tag": "'A-' || i", "shelf": "'B' || i % 90"}
        gone = f"CASE WHEN NOT ({_OPEN}) THEN {says.days_ago.format('i % 700')} END"
        _add(tx, count, "old_parts", {**part, "returned_on": gone})
        back = {"form": "'example'", "rule": f"'{RETURN_CLOCK}'", "due_at": due, "rung_at": due}
        _add(tx, count, "clocks", {**back, **clock}, f" WHERE {_OPEN}")
        window = {"form": "'example'", "rule": "'window'", "due_at": due, "rung_at": due}
        _add(tx, count, "clocks", {**window, **clock}, f" WHERE {_PRESSES}")
    settle(engine)
    return Archive(engine, clerk, supervisor)


def _add(tx: Tx, count: int, table: str, columns: Mapping[str, str], further: str = "") -> None:
    """One row for each `i` up to the count, of these expressions by their columns."""
    names, values = ", ".join(columns), ", ".join(columns.values())
    tx.execute(text(f"INSERT INTO {table} ({names}) {_COUNTED} SELECT {values} FROM n{further}"), {"count": count})  # noqa: S608  all our own
