"""Questions about claims that are looked for: by the folded words that are kept beside them, and all of one car.

Each row holds whose claim and at which site it is, so that a scope with few hits among many is found as fast as any.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, delete, insert, select, union_all

from claimbot.claims.facts import Facts
from claimbot.claims.finding import Kind, Sought, found_words
from claimbot.store.database import Tx
from claimbot.store.tables import claims, events, found_by

LEFT_OUT = (("transport.begun", "transport.ended"), ("rescue.begun", "rescue.ended"))
"""The noted events between which a repair's time does not count (SAMR Order 43, art. 24)."""
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose claims somebody may find: all of these sites, and their own."""

    person_id: int
    site_ids: Sequence[int]

    def holds(self) -> Iterable[ColumnElement[bool]]:
        """One by one: a question about each alone goes straight down an index."""
        yield from (found_by.c.site_id == site_id for site_id in self.site_ids)
        yield found_by.c.author_id == self.person_id


def keep_found_by(tx: Tx, claim_id: int, site_id: int, author_id: int, number: str, facts: Facts) -> None:
    """The words by which a claim is found, as its facts are now."""
    wanted = found_words(number, facts)
    known = {
        (row.kind, row.word)
        for row in tx.execute(select(found_by.c.kind, found_by.c.word).where(found_by.c.claim_id == claim_id))
    }
    for kind, word in sorted(known - wanted):
        gone = and_(found_by.c.claim_id == claim_id, found_by.c.kind == kind, found_by.c.word == word)
        tx.execute(delete(found_by).where(gone))
    fresh = sorted(wanted - known)
    if fresh:
        whose = {"claim_id": claim_id, "site_id": site_id, "author_id": author_id}
        tx.execute(insert(found_by), [{**whose, "kind": kind, "word": word} for kind, word in fresh])


def find(tx: Tx, scope: Scope, sought: Sought, limit: int) -> tuple[int, ...]:
    """The claims that fit, the best fit first: whole words before beginnings, then by kind, then the latest first."""
    if sought.states:
        return _in_states(tx, scope, sought.states, limit)
    hits: dict[int, tuple[bool, int]] = {}
    for begins in (False, True):
        if len(hits) < limit:
            branches = [
                _fitting(where, kind, word, limit, begins=begins)
                for where in scope.holds()
                for kind in sought.kinds
                for word in sought.words
            ]
            for row in tx.execute(union_all(*branches)):
                rank = (begins, sought.kinds.index(row.kind))
                hits[row.claim_id] = min(hits.get(row.claim_id, rank), rank)
    return tuple(sorted(hits, key=lambda each: (*hits[each], -each))[:limit])


def _fitting(where: ColumnElement[bool], kind: Kind, word: str, limit: int, *, begins: bool) -> Select[tuple[int, str]]:
    """So many claims by themselves, straight down an index: the latest, or the first in the order of their words."""
    order: tuple[ColumnElement[str] | ColumnElement[int], ...] = (found_by.c.claim_id.desc(),)
    said = found_by.c.word == word
    if begins:
        said = and_(found_by.c.word > word, found_by.c.word < word + _LAST)
        order = (found_by.c.word, *order)
    wanted = and_(where, found_by.c.kind == kind, said)
    some = select(found_by.c.claim_id, found_by.c.kind).where(wanted).order_by(*order).limit(limit).subquery()
    return select(some.c.claim_id, some.c.kind)


def _in_states(tx: Tx, scope: Scope, states: Sequence[str], limit: int) -> tuple[int, ...]:
    """The latest changed first."""
    branches = []
    for mine in (*(claims.c.site_id == site_id for site_id in scope.site_ids), claims.c.author_id == scope.person_id):
        for state in states:
            wanted = and_(mine, claims.c.state == state, claims.c.number.is_not(None))
            order = claims.c.changed_at.desc()
            some = select(claims.c.id, claims.c.changed_at).where(wanted).order_by(order).limit(limit).subquery()
            branches.append(select(some.c.id, some.c.changed_at))
    found = {row.id: row.changed_at for row in tx.execute(union_all(*branches))}
    return tuple(sorted(found, key=found.__getitem__, reverse=True)[:limit])


# one car


@dataclass(frozen=True, slots=True)
class CarClaim:
    """A reported claim of a car, and the stretches of its repair that somebody noted as not to be counted."""

    id: int
    site_id: int
    author_id: int
    number: str
    state: str
    currency: str
    reported_on: dt.date
    facts: Facts
    left_out: tuple[tuple[dt.datetime, dt.datetime], ...]


def claims_of_car(tx: Tx, vin: str, limit: int = 100) -> tuple[CarClaim, ...]:
    """The latest first, at whatever site."""
    known = and_(claims.c.vin == vin, claims.c.number.is_not(None))
    rows = tx.execute(select(claims).where(known).order_by(claims.c.id.desc()).limit(limit)).all()
    left_out = _left_out(tx, [row.id for row in rows])
    return tuple(
        CarClaim(
            id=row.id,
            site_id=row.site_id,
            author_id=row.author_id,
            number=row.number,
            state=row.state,
            currency=row.currency,
            reported_on=row.reported_on or row.made_at.date(),
            facts=Facts.model_validate({name: value for name, value in row.facts.items() if value is not None}),
            left_out=left_out.get(row.id, ()),
        )
        for row in rows
    )


def _left_out(tx: Tx, claim_ids: Sequence[int]) -> dict[int, tuple[tuple[dt.datetime, dt.datetime], ...]]:
    """From each noted beginning to the noted end behind it; only where the hours are known."""
    names = [each for pair in LEFT_OUT for each in pair]
    noted = and_(
        events.c.claim_id.in_(claim_ids),
        events.c.event.in_(names),
        events.c.struck_at.is_(None),
        events.c.at.is_not(None),
    )
    rows = tx.execute(select(events).where(noted).order_by(events.c.at)).all() if claim_ids else []
    found: dict[int, list[tuple[dt.datetime, dt.datetime]]] = {}
    for begins, ends in LEFT_OUT:
        for begun in (row for row in rows if row.event == begins):
            over = (row.at for row in rows if (row.claim_id, row.event) == (begun.claim_id, ends) and row.at > begun.at)
            if (end := next(over, None)) is not None:
                found.setdefault(begun.claim_id, []).append((begun.at, end))
    return {claim_id: tuple(some) for claim_id, some in found.items()}
