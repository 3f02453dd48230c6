"""Questions about many claims at once: what the office's figures are counted from, a few hundred claims at a time.

They are asked of a snapshot (`Database.look`), so that what is counted first and what is counted last are one moment.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select

from claimbot.claims.figures import AWAITS, FILED, PAID, WITHDRAWN, Case, Period, Sums, short_of
from claimbot.store.database import Tx
from claimbot.store.lines import EXPECTED
from claimbot.store.tables import claims, lines, maker_answers, maker_lines, moves, sites

AT_ONCE = 500


def cases(tx: Tx, site_ids: Sequence[int], period: Period) -> Iterator[tuple[Case, ...]]:
    """The claims of these sites that were reported in the period, some at a time, in the order of their ids."""
    after = 0
    while rows := _reported(tx, site_ids, period, after):
        ids = [row.id for row in rows]
        sums, history, heard = _sums(tx, ids), _history(tx, ids), _heard(tx, ids)
        yield tuple(
            _case(row, sums.get(row.id, Sums()), history.get(row.id), heard.get(row.id, (0, 0))) for row in rows
        )
        after = ids[-1]


def _reported(tx: Tx, site_ids: Sequence[int], period: Period, after: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return tx.execute(
        select(
            claims.c.id,
            claims.c.number,
            claims.c.site_id,
            claims.c.state,
            claims.c.author_id,
            claims.c.currency,
            claims.c.reported_on,
            claims.c.stands_since,
            claims.c.closed_at,
            sites.c.maker,
            claims.c.facts["failed_part"].as_string().label("part"),
        )
        .join(sites, sites.c.id == claims.c.site_id)
        .where(claims.c.id > after, _in(site_ids, period))
        .order_by(claims.c.id)
        .limit(AT_ONCE)
    ).all()


def _in(site_ids: Sequence[int], period: Period) -> ColumnElement[bool]:
    where: list[ColumnElement[bool]] = [
        claims.c.site_id.in_(site_ids),
        claims.c.number.is_not(None),
        claims.c.reported_on.is_not(None),
    ]
    if period.begins_on is not None:
        where.append(claims.c.reported_on >= period.begins_on)
    if period.ends_on is not None:
        where.append(claims.c.reported_on <= period.ends_on)
    return and_(*where)


def _sums(tx: Tx, ids: Sequence[int]) -> dict[int, Sums]:
    missing = case((lines.c.paid < EXPECTED, EXPECTED - lines.c.paid), else_=0)
    rows = tx.execute(
        select(
            lines.c.claim_id,
            func.sum(lines.c.claimed),
            func.sum(lines.c.approved),
            func.sum(lines.c.maker_approved),
            func.sum(lines.c.paid),
            func.sum(case((lines.c.paid.is_not(None), missing)), type_=lines.c.paid.type),
        )
        .where(lines.c.claim_id.in_(ids))
        .group_by(lines.c.claim_id)
    )
    return {claim_id: Sums(*told) for claim_id, *told in rows}


def _history(tx: Tx, ids: Sequence[int]) -> dict[int, Row[Any]]:
    def first(which: ColumnElement[bool]) -> ColumnElement[dt.datetime]:
        return func.min(case((which, moves.c.at)))

    def count(target: str) -> ColumnElement[int]:
        return func.sum(case((and_(moves.c.origin == AWAITS, moves.c.target == target), 1), else_=0))

    answered = and_(moves.c.origin == FILED, moves.c.target.not_in((FILED, WITHDRAWN)))
    rows = tx.execute(
        select(
            moves.c.claim_id,
            first(moves.c.target == FILED).label("filed_at"),
            first(answered).label("answered_at"),
            first(moves.c.target == PAID).label("paid_at"),
            count("approved").label("approvals"),
            count("sent_back").label("send_backs"),
            count("rejected").label("rejections"),
        )
        .where(moves.c.claim_id.in_(ids))
        .group_by(moves.c.claim_id)
    )
    return {row.claim_id: row for row in rows}


def _heard(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How often the maker answered, and how often it said no."""
    noes = func.sum(case((maker_answers.c.outcome != "accept", 1), else_=0))
    rows = tx.execute(
        select(maker_answers.c.claim_id, func.count(), noes)
        .where(maker_answers.c.claim_id.in_(ids))
        .group_by(maker_answers.c.claim_id)
    )
    return {claim_id: (int(count), int(no)) for claim_id, count, no in rows}


def _case(row: Row[Any], sums: Sums, history: Row[Any] | None, heard: tuple[int, int]) -> Case:
    return Case(
        id=row.id,
        number=row.number,
        site_id=row.site_id,
        state=row.state,
        author_id=row.author_id,
        maker=row.maker,
        part=row.part,
        currency=row.currency,
        reported_on=row.reported_on,
        stands_since=row.stands_since,
        closed_at=row.closed_at,
        filed_at=None if history is None else history.filed_at,
        answered_at=None if history is None else history.answered_at,
        paid_at=None if history is None else history.paid_at,
        approvals=0 if history is None else int(history.approvals),
        send_backs=0 if history is None else int(history.send_backs),
        rejections=0 if history is None else int(history.rejections),
        sums=sums,
        maker_answers=heard[0],
        maker_nos=heard[1],
    )


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a claim, as it is counted."""

    claim_id: int
    line_no: int
    kind: str
    code: str | None
    text: str | None
    quantity: Decimal
    unit_price: Decimal
    tax_percent: Decimal
    claimed: Decimal
    approved: Decimal | None
    maker_approved: Decimal | None
    paid: Decimal | None
    expected: Decimal

    @property
    def sums(self) -> Sums:
        short = short_of(self.expected, self.paid)
        return Sums(self.claimed, self.approved, self.maker_approved, self.paid, short)


def lines_of_all(tx: Tx, claim_ids: Sequence[int]) -> Iterator[CaseLine]:
    columns = (EXPECTED if each.name == "expected" else lines.c[each.name] for each in fields(CaseLine))
    wanted = lines.c.claim_id.in_(claim_ids)
    rows = tx.execute(select(*columns).where(wanted).order_by(lines.c.claim_id, lines.c.line_no))
    for row in rows:
        yield CaseLine(*row)


@dataclass(frozen=True, slots=True)
class Refused:
    """A no that was given with a reason: ours to the desk, or the maker's to us. `maker`: see `Why`."""

    claim_id: int
    number: str
    target: str
    reason: str
    at: dt.datetime
    maker: str | None = None


def refusals(tx: Tx, claim_ids: Sequence[int]) -> tuple[Refused, ...]:
    """With their reasons, claim by claim, ours before the maker's; each in the order in which they were given."""
    rows = tx.execute(
        select(moves.c.claim_id, claims.c.number, moves.c.target, moves.c.reason, moves.c.at)
        .join(claims, claims.c.id == moves.c.claim_id)
        .where(
            moves.c.claim_id.in_(claim_ids),
            moves.c.reason.is_not(None),
            moves.c.origin == AWAITS,
            moves.c.target.in_(("sent_back", "rejected")),
        )
        .order_by(moves.c.claim_id, moves.c.id)
    )
    ours = [Refused(*row) for row in rows]
    return tuple(sorted((*ours, *_refused_by_maker(tx, claim_ids)), key=lambda each: each.claim_id))


def _refused_by_maker(tx: Tx, claim_ids: Sequence[int]) -> Iterator[Refused]:
    """Several lines of one answer with the same reason are one no."""
    rows = tx.execute(
        select(
            maker_answers.c.claim_id,
            claims.c.number,
            maker_lines.c.answer,
            maker_lines.c.reason,
            maker_answers.c.noted_at,
            sites.c.maker,
        )
        .join(maker_answers, maker_answers.c.id == maker_lines.c.answer_id)
        .join(claims, claims.c.id == maker_answers.c.claim_id)
        .join(sites, sites.c.id == claims.c.site_id)
        .where(
            maker_answers.c.claim_id.in_(claim_ids),
            maker_lines.c.answer != "approved",
            maker_lines.c.reason.is_not(None),
        )
        .order_by(maker_answers.c.claim_id, maker_lines.c.answer_id, maker_lines.c.line_no)
    )
    for row in dict.fromkeys(tuple(each) for each in rows):
        yield Refused(*row)


@dataclass(frozen=True, slots=True)
class Standing:
    """An open claim, and since when it stands where it stands."""

    number: str
    state: str
    since: dt.datetime
    site_id: int
    author_id: int


def standing(tx: Tx, site_ids: Sequence[int], states: Sequence[str]) -> Iterator[Standing]:
    """What is open at these sites now, the longest standing first."""
    rows = tx.execute(
        select(claims.c.number, claims.c.state, claims.c.stands_since, claims.c.site_id, claims.c.author_id)
        .where(claims.c.site_id.in_(site_ids), claims.c.state.in_(states), claims.c.number.is_not(None))
        .order_by(claims.c.stands_since, claims.c.id)
    )
    for row in rows:
        yield Standing(*row)
