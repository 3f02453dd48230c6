"""Questions about credit notes and the money that they bring.

A note is read into rows that do not count yet; one statement makes all of them count; then each claim takes in its own,
a few claims a turn. So a note is booked whole or not at all, and what a stop interrupted is gone on with.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import and_, case, delete, func, insert, literal, not_, or_, select, update

from claimbot.claims.maker import Booked, Money3, paid_by_line
from claimbot.store.database import Tx
from claimbot.store.lines import EXPECTED, lines_of
from claimbot.store.tables import Amount, claims, credit_notes, lines, payments

_AT_ONCE: Final = 400
"""Values in one `IN`: SQLite takes a thousand and more, PostgreSQL plans long lists slowly."""
_LEASE_FOR: Final = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A file with a maker's payments. waiting → shown (or refused) → booked → done; or dropped."""

    id: int
    person_id: int
    sha256: str
    state: str
    reason: str | None


def add_note(tx: Tx, person_id: int, sha256: str, now: dt.datetime) -> int:
    values = {"person_id": person_id, "sha256": sha256, "state": "waiting", "made_at": now}
    return int(tx.execute(insert(credit_notes).values(**values).returning(credit_notes.c.id)).scalar_one())


def note(tx: Tx, note_id: int) -> CreditNote | None:
    row = tx.execute(select(credit_notes).where(credit_notes.c.id == note_id).with_for_update()).one_or_none()
    if row is None:
        return None
    return CreditNote(row.id, row.person_id, row.sha256, row.state, row.reason)


def take_note(tx: Tx, now: dt.datetime) -> CreditNote | None:
    """The next note that is to be read or taken in, and that nobody is at; it is ours for some minutes."""
    free = or_(credit_notes.c.leased_until.is_(None), credit_notes.c.leased_until < now)
    wanted = and_(credit_notes.c.state.in_(("waiting", "booked")), free)
    for number in tx.execute(select(credit_notes.c.id).where(wanted).order_by(credit_notes.c.id)).scalars().all():
        mine = update(credit_notes).where(credit_notes.c.id == number, wanted).values(leased_until=now + _LEASE_FOR)
        if tx.execute(mine).rowcount == 1:
            return note(tx, number)
    return None


def renew_lease(tx: Tx, note_id: int, now: dt.datetime) -> None:
    tx.execute(update(credit_notes).where(credit_notes.c.id == note_id).values(leased_until=now + _LEASE_FOR))


def set_note(tx: Tx, note_id: int, was: str, state: str, **fields: object) -> bool:
    """Whether it stood as was thought: of two who do the same, one does it."""
    here = and_(credit_notes.c.id == note_id, credit_notes.c.state == was)
    return tx.execute(update(credit_notes).where(here).values(state=state, leased_until=None, **fields)).rowcount == 1


@dataclass(frozen=True, slots=True)
class Payee:
    """A claim that a row of a note may be about, and how many lines it has."""

    id: int
    site_id: int
    number: str
    state: str
    lines: int


def payees(tx: Tx, names: Sequence[str]) -> dict[str, Payee]:
    """The claims that are called so, by us or by the maker; a maker's number that stands for two claims is nobody's."""
    count = select(func.max(lines.c.line_no)).where(lines.c.claim_id == claims.c.id).scalar_subquery()
    columns = (claims.c.id, claims.c.site_id, claims.c.number, claims.c.state, func.coalesce(count, 0).label("lines"))
    found: dict[str, Payee] = {}
    for some in _in_parts(names):
        refs: dict[str, dict[int, Payee]] = {}
        for row in tx.execute(select(*columns, claims.c.maker_reference).where(claims.c.maker_reference.in_(some))):
            refs.setdefault(row.maker_reference, {})[row.id] = Payee(*row[:5])
        found.update({name: next(iter(some.values())) for name, some in refs.items() if len(some) == 1})
        ours = claims.c.number.in_([*some, *(name.lower() for name in some)])
        found.update({row.number.upper(): Payee(*row) for row in tx.execute(select(*columns).where(ours))})
    return found


def _in_parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def add_rows(tx: Tx, note_id: int, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        tx.execute(insert(payments), [{**each, "note_id": note_id, "booked": 0, "applied": 0} for each in rows])


def look_over(tx: Tx) -> None:
    """After thousands of rows: PostgreSQL looks at them now; until it has, it would not find them by their keys."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("ANALYZE payments")


def clear_rows(tx: Tx, note_id: int) -> None:
    """What was read of a note and does not count."""
    tx.execute(delete(payments).where(payments.c.note_id == note_id, payments.c.booked == 0))


def booked_keys(tx: Tx, keys: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for some in _in_parts(keys):
        found.update(
            tx.execute(select(payments.c.key).where(payments.c.key.in_(some), payments.c.booked == 1)).scalars()
        )
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Paying:
    """What a claim of a note will have got, and what was to come."""

    number: str
    expected: Decimal
    paid: Decimal


def outlook(
    tx: Tx, note_id: int, tolerances: Mapping[int, Decimal], how: Money3, limit: int
) -> tuple[int, tuple[Paying, ...]]:
    """How many claims a note that does not count yet would pay so, but for what their site minds, and the first."""
    coming = (
        select(payments.c.claim_id, func.min(payments.c.row_no).label("row_no"))
        .where(payments.c.note_id == note_id, payments.c.booked == 0)
        .group_by(payments.c.claim_id)
        .subquery()
    )
    # Claim by claim, by their keys: of rows that have only just come a database knows nothing, and joins them badly.
    promised = select(func.sum(EXPECTED, type_=Amount())).where(lines.c.claim_id == coming.c.claim_id).scalar_subquery()
    counts = or_(payments.c.booked == 1, payments.c.note_id == note_id)
    mine = and_(payments.c.claim_id == coming.c.claim_id, counts)
    whole = select(func.sum(payments.c.amount, type_=Amount())).where(mine).scalar_subquery()
    minds = case(
        {site: literal(amount, Amount()) for site, amount in tolerances.items()},
        value=claims.c.site_id,
        else_=literal(Decimal(0), Amount()),
    )
    each = (
        select(
            claims.c.number,
            func.coalesce(promised, literal(Decimal(0), Amount()), type_=Amount()).label("expected"),
            whole.label("paid"),
            minds.label("minds"),
            coming.c.row_no,
        )
        .join(coming, coming.c.claim_id == claims.c.id)
        .subquery()
    )
    over, short = each.c.paid > each.c.expected + each.c.minds, each.c.paid < each.c.expected - each.c.minds
    is_so = {"over": over, "short": short, "full": and_(not_(over), not_(short))}[how]
    found = select(each.c.number, each.c.expected, each.c.paid, each.c.row_no).where(is_so)
    count = tx.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    some = tx.execute(found.order_by(each.c.row_no).limit(limit)) if count else ()
    return int(count), tuple(Paying(row.number, row.expected, row.paid) for row in some)


def count_rows(tx: Tx, note_id: int) -> tuple[int, int, Decimal]:
    """Rows of a note that can be booked, the claims they are for, and what they come to."""
    row = tx.execute(
        select(func.count(), func.count(payments.c.claim_id.distinct()), func.sum(payments.c.amount)).where(
            payments.c.note_id == note_id
        )
    ).one()
    return int(row[0]), int(row[1]), row[2] or Decimal(0)


def elsewhere(tx: Tx, note_id: int, states: Sequence[str]) -> bool:
    """Whether a claim of a note stands in another state than these."""
    found = (
        select(claims.c.id)
        .join(payments, payments.c.claim_id == claims.c.id)
        .where(payments.c.note_id == note_id, claims.c.state.not_in(states))
        .limit(1)
    )
    return tx.execute(found).first() is not None


def states_of(tx: Tx, note_id: int) -> dict[str, int]:
    """Where the claims of a note stand, and how many in each state."""
    mine = select(payments.c.claim_id).where(payments.c.note_id == note_id).distinct()
    counted = select(claims.c.state, func.count()).where(claims.c.id.in_(mine)).group_by(claims.c.state)
    return {state: int(count) for state, count in tx.execute(counted.order_by(claims.c.state))}


def claims_in(tx: Tx, note_id: int, state: str, limit: int) -> tuple[tuple[int, str], ...]:
    """Claims of a note that stand there, by id and number."""
    mine = select(payments.c.claim_id).where(payments.c.note_id == note_id)
    found = select(claims.c.id, claims.c.number).where(claims.c.id.in_(mine), claims.c.state == state)
    return tuple((row.id, row.number) for row in tx.execute(found.order_by(claims.c.id).limit(limit)))


def booked_elsewhere(tx: Tx, note_id: int) -> bool:
    """Whether another note has brought one of its rows since it was read."""
    other = payments.alias("other")
    same = and_(other.c.key == payments.c.key, other.c.booked == 1)
    found = (
        select(payments.c.id).join(other, same).where(payments.c.note_id == note_id, payments.c.booked == 0).limit(1)
    )
    return tx.execute(found).first() is not None


def book(tx: Tx, note_id: int) -> None:
    """All rows of a note count from now on."""
    tx.execute(update(payments).where(payments.c.note_id == note_id, payments.c.booked == 0).values(booked=1))


def to_apply(tx: Tx, note_id: int, limit: int) -> tuple[int, ...]:
    """Claims that have not taken in what a booked note brings them."""
    waiting = and_(payments.c.note_id == note_id, payments.c.booked == 1, payments.c.applied == 0)
    found = select(payments.c.claim_id).where(waiting).distinct().order_by(payments.c.claim_id).limit(limit)
    return tuple(tx.execute(found).scalars())


def count_left(tx: Tx, note_id: int) -> int:
    waiting = and_(payments.c.note_id == note_id, payments.c.booked == 1, payments.c.applied == 0)
    return int(tx.execute(select(func.count(payments.c.claim_id.distinct())).where(waiting)).scalar_one())


def applied(tx: Tx, note_id: int, claim_id: int) -> Decimal:
    """The claim has taken it in: what it was."""
    here = and_(payments.c.note_id == note_id, payments.c.claim_id == claim_id, payments.c.applied == 0)
    brought = tx.execute(select(func.sum(payments.c.amount)).where(here)).scalar()
    tx.execute(update(payments).where(here).values(applied=1))
    return brought or Decimal(0)


@dataclass(frozen=True, slots=True)
class Money:
    """How a claim stands with the maker: asked for, promised (None: not answered), paid."""

    asked: Decimal
    promised: Decimal | None
    paid: Decimal

    @property
    def expected(self) -> Decimal:
        return self.asked if self.promised is None else self.promised


def money_of(tx: Tx, claim_id: int) -> Money:
    kept = lines_of(tx, claim_id)
    answered = any(each.maker_approved is not None for each in kept)
    promised = sum((each.expected for each in kept), Decimal(0)) if answered else None
    paid = sum((each.amount for each in _booked_of(tx, claim_id)), Decimal(0))
    return Money(sum((each.asked for each in kept), Decimal(0)), promised, paid)


def _booked_of(tx: Tx, claim_id: int) -> tuple[Booked, ...]:
    rows = tx.execute(
        select(payments.c.line_no, payments.c.amount)
        .where(payments.c.claim_id == claim_id, payments.c.booked == 1)
        .order_by(payments.c.id)
    )
    return tuple(Booked(row.line_no, row.amount) for row in rows)


def pay_lines(tx: Tx, claim_id: int) -> None:
    """The lines say what has been paid for each; where nothing was, they say nothing."""
    booked = _booked_of(tx, claim_id)
    if not booked:
        return
    weights = {each.number: each.expected for each in lines_of(tx, claim_id)}
    for number, amount in paid_by_line(weights, booked).items():
        tx.execute(update(lines).where(lines.c.claim_id == claim_id, lines.c.line_no == number).values(paid=amount))
