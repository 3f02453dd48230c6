"""Questions about claims, their moves, approvals, evidence and the entries of their case files."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Column, ColumnElement, Row, and_, func, insert, or_, select, union_all, update

from claimbot.claims.credit import called
from claimbot.claims.facts import CarReading, EarlierClaim, Facts
from claimbot.claims.vin import LENGTH as VIN_LENGTH
from claimbot.flow.kinds.asking import Doubt
from claimbot.store.database import Tx
from claimbot.store.finding import keep_found_by
from claimbot.store.lines import claim_lines
from claimbot.store.tables import approvals, claims, entries, evidence, moves, numbers, showings, signatures


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it is stored. `version` grows with every change of its facts or state."""

    id: int
    site_id: int
    number: str | None
    kind: str
    state: str
    author_id: int
    clerk_id: int | None
    currency: str
    reported_on: dt.date | None
    version: int
    changed_at: dt.datetime
    facts: Facts
    answers: Mapping[str, object]

    @property
    def total(self) -> Decimal:
        facts = self.facts
        return sum((part for part in (facts.labour, facts.parts, facts.other) if part is not None), Decimal(0))


@dataclass(frozen=True, slots=True)
class Approval:
    """One asking for a decision: of which version, and how many signatures it needs."""

    id: int
    claim_id: int
    claim_version: int
    needed: int
    state: str
    decision: str | None
    sent_by: int
    opened_at: dt.datetime
    decided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Signature:
    person_id: int
    decision: str
    reason: str | None
    at: dt.datetime
    in_place_of: int | None = None
    """Who was away, and was stood in for."""


def claim_from(row: Row[tuple[object, ...]]) -> Claim:
    kept = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    answers = kept["facts"]
    return Claim(
        id=kept["id"],
        site_id=kept["site_id"],
        number=kept["number"],
        kind=kept["kind"],
        state=kept["state"],
        author_id=kept["author_id"],
        clerk_id=kept["clerk_id"],
        currency=kept["currency"],
        reported_on=kept["reported_on"],
        version=kept["version"],
        changed_at=kept["changed_at"],
        facts=Facts.model_validate({name: value for name, value in answers.items() if value is not None}),
        answers=answers,
    )


def claim(tx: Tx, claim_id: int) -> Claim:
    """Raises LookupError when there is none."""
    row = tx.execute(select(claims).where(claims.c.id == claim_id)).one_or_none()
    if row is None:
        raise LookupError(f"claim {claim_id}")
    return claim_from(row)


def lock_claim(tx: Tx, claim_id: int) -> Claim:
    return claim_from(tx.execute(select(claims).where(claims.c.id == claim_id).with_for_update()).one())


def add_claim(tx: Tx, *, site_id: int, author_id: int, currency: str, now: dt.datetime) -> int:
    """A draft without a number."""
    values = {
        "site_id": site_id,
        "author_id": author_id,
        "currency": currency,
        "kind": "warranty",
        "state": "draft",
        "facts": {},
        "made_at": now,
        "changed_at": now,
        "stands_since": now,
    }
    return int(tx.execute(insert(claims).values(**values).returning(claims.c.id)).scalar_one())


def next_number(tx: Tx, site_id: int, code: str, year: int) -> str:
    """The next number of that site and year, without gaps: it is taken in the claim's own transaction."""
    this = and_(numbers.c.site_id == site_id, numbers.c.year == year)
    taken = tx.execute(update(numbers).where(this).values(last=numbers.c.last + 1).returning(numbers.c.last)).scalar()
    if taken is None:
        tx.execute(insert(numbers).values(site_id=site_id, year=year, last=1))
        taken = 1
    return f"{code}-{year}-{taken:04d}"


def keep_facts(tx: Tx, held: Claim, answers: Mapping[str, object], now: dt.datetime) -> None:
    """More or other answers on a claim; columns that are asked for by name are kept typed beside them."""
    merged = {**held.answers, **answers}
    facts = Facts.model_validate({name: value for name, value in merged.items() if value is not None})
    _change(
        tx,
        held,
        now,
        facts=merged,
        vin=facts.vin,
        part_number=facts.part_number,
        odometer_km=facts.odometer_km,
        maker_reference=None if facts.maker_reference is None else called(facts.maker_reference),
        labour=facts.labour,
        parts=facts.parts,
        other=facts.other,
        closed_at=facts.closed_at,
    )
    if held.number is not None:
        keep_found_by(tx, held.id, held.site_id, held.author_id, held.number, facts)
    if "lines" in answers:
        claim_lines(tx, held.id, facts.lines or ())


def _change(tx: Tx, held: Claim, now: dt.datetime, **fields: object) -> None:
    changed = tx.execute(
        update(claims)
        .where(claims.c.id == held.id, claims.c.version == held.version)
        .values(version=held.version + 1, changed_at=now, **fields)
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"claim {held.id} changed under its lock")


def make_move(
    tx: Tx,
    held: Claim,
    move: str,
    target: str,
    *,
    person_id: int | None,
    now: dt.datetime,
    reason: str | None = None,
    **fields: object,
) -> None:
    """The claim in its new state, and the move noted; whether it is permitted was asked before."""
    since = {} if target == held.state else {"stands_since": now}
    _change(tx, held, now, state=target, **since, **fields)
    values = {"move": move, "origin": held.state, "target": target, "person_id": person_id, "reason": reason}
    tx.execute(insert(moves).values(claim_id=held.id, at=now, **values))
    if isinstance(number := fields.get("number"), str):
        keep_found_by(tx, held.id, held.site_id, held.author_id, number, held.facts)


def move_at(tx: Tx, claim_id: int, at: dt.datetime) -> tuple[str, int | None] | None:
    """The move made at that instant, and by whom; else the latest one before it or after it."""
    rows = tx.execute(select(moves).where(moves.c.claim_id == claim_id).order_by(moves.c.id)).all()
    found = next((row for row in rows if row.at == at), rows[-1] if rows else None)
    return None if found is None else (found.move, found.person_id)


def last_reason(tx: Tx, claim_id: int, move: str) -> str | None:
    row = tx.execute(
        select(moves.c.reason).where(moves.c.claim_id == claim_id, moves.c.move == move).order_by(moves.c.id.desc())
    ).first()
    return None if row is None else row.reason


def last_words(tx: Tx, claim_id: int, move: str) -> tuple[str, int | None] | None:
    """The newest of these moves that was made with words, and who made it."""
    said = and_(moves.c.claim_id == claim_id, moves.c.move == move, moves.c.reason != "")
    row = tx.execute(select(moves.c.reason, moves.c.person_id).where(said).order_by(moves.c.id.desc())).first()
    return None if row is None else (row.reason, row.person_id)


def _listed(tx: Tx, where: ColumnElement[bool], *, newest: bool, limit: int) -> tuple[Claim, ...]:
    order = claims.c.changed_at.desc() if newest else claims.c.changed_at.asc()
    return tuple(claim_from(row) for row in tx.execute(select(claims).where(where).order_by(order).limit(limit)))


def claims_of(tx: Tx, author_id: int, limit: int = 10) -> tuple[Claim, ...]:
    return _listed(tx, and_(claims.c.author_id == author_id, claims.c.number.is_not(None)), newest=True, limit=limit)


def worked_on(tx: Tx, person_id: int, states: Sequence[str], limit: int = 10) -> tuple[Claim, ...]:
    """Claims in these states that this person reported or has at the desk, the latest first."""
    mine = or_(claims.c.author_id == person_id, claims.c.clerk_id == person_id)
    return _listed(tx, and_(mine, claims.c.state.in_(states)), newest=True, limit=limit)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim in a queue, and the nearest deadline that runs on it."""

    claim: Claim
    due_at: dt.datetime | None
    since: dt.datetime
    """Since when it stands where it stands; a photo more, or an answer changed, does not put it last."""


def queue_of(
    tx: Tx,
    site_ids: Sequence[int],
    states: Sequence[str],
    *,
    soon: dt.datetime,
    limit: int = 10,
    besides: Collection[int] = (),
) -> tuple[tuple[Waiting, ...], int]:
    """Claims of these sites in these states, `besides` those left out, and how many there are in all.

    First those with a deadline before `soon`, the nearest first; then the longest waiting. Each site's and state's own
    come straight down an index, so that a long archive, or a long queue, costs nothing.
    """
    places = [
        and_(claims.c.site_id == site_id, claims.c.state == state) for site_id in sorted(site_ids) for state in states
    ]
    if besides:
        places = [and_(place, claims.c.id.not_in(besides)) for place in places]
    if not places:
        return (), 0
    first = _first_of(tx, places, claims.c.next_due_at, claims.c.next_due_at < soon, limit)
    if len(first) < limit:
        later = or_(claims.c.next_due_at.is_(None), claims.c.next_due_at >= soon)
        first += _first_of(tx, places, claims.c.stands_since, later, limit - len(first))
    rows = {row.id: row for row in tx.execute(select(claims).where(claims.c.id.in_(first)))}
    count = sum(tx.execute(select(func.count()).select_from(claims).where(place)).scalar_one() for place in places)
    listed = (rows[claim_id] for claim_id in first)
    return tuple(Waiting(claim_from(row), row.next_due_at, row.stands_since) for row in listed), count


def _first_of(
    tx: Tx, places: Sequence[ColumnElement[bool]], by: Column[dt.datetime], where: ColumnElement[bool], limit: int
) -> list[int]:
    """The claims that come first by that column, of all these places together."""
    branches = []
    for place in places:
        some = select(claims.c.id, by.label("by")).where(place, where).order_by(by, claims.c.id).limit(limit).subquery()
        branches.append(select(some.c.id, some.c.by))
    every = union_all(*branches).subquery()
    return list(tx.execute(select(every.c.id).order_by(every.c.by, every.c.id).limit(limit)).scalars())


def claim_by_number(tx: Tx, number: str) -> Claim | None:
    row = tx.execute(select(claims).where(func.upper(claims.c.number) == number.upper())).one_or_none()
    return None if row is None else claim_from(row)


def reported(tx: Tx, *, after: int, limit: int) -> tuple[Claim, ...]:
    """Claims that have a number, in the order of their ids, from the one behind `after` on."""
    rows = tx.execute(
        select(claims).where(claims.c.number.is_not(None), claims.c.id > after).order_by(claims.c.id).limit(limit)
    )
    return tuple(claim_from(row) for row in rows)


# what is known of a car


def readings_of(tx: Tx, vin: str, *, besides: int | None) -> tuple[CarReading, ...]:
    where = and_(claims.c.vin == vin, claims.c.odometer_km.is_not(None), claims.c.number.is_not(None))
    rows = tx.execute(select(claims).where(where).order_by(claims.c.id.desc()).limit(50))
    return tuple(
        CarReading(
            claim=row.number,
            read_on=row.reported_on,
            odometer_km=row.odometer_km,
            later=besides is not None and row.id > besides,
        )
        for row in rows
        if row.id != besides
    )


def earlier_of(tx: Tx, vin: str, *, besides: int | None) -> tuple[EarlierClaim, ...]:
    where = and_(claims.c.vin == vin, claims.c.number.is_not(None))
    rows = tx.execute(select(claims).where(where).order_by(claims.c.id.desc()).limit(50))
    return tuple(
        EarlierClaim(
            number=row.number,
            state=row.state,
            reported_on=row.reported_on,
            odometer_km=row.odometer_km,
            failed_part=row.facts.get("failed_part"),
            part_number=row.part_number,
            fault_family=row.facts.get("fault_family"),
            remedy=row.facts.get("remedy"),
            repair_order=row.facts.get("repair_order"),
        )
        for row in rows
        if row.id != besides
    )


def cars_met(tx: Tx, site_ids: Sequence[int], typed: str = "", limit: int = 6) -> tuple[str, ...]:
    """VINs met at these sites, the latest first; where something was typed, those that end so.

    Of a whole VIN it is those that differ from it in no more than one place.
    """
    where = and_(claims.c.site_id.in_(site_ids), claims.c.vin.is_not(None), claims.c.number.is_not(None))
    if len(typed) == VIN_LENGTH:
        one_off = (f"{typed[:place]}_{typed[place + 1 :]}" for place in range(VIN_LENGTH))
        where = and_(where, or_(*(claims.c.vin.like(each) for each in one_off)))
    elif typed:
        where = and_(where, claims.c.vin.endswith(typed, autoescape=True))
    latest = func.max(claims.c.id)
    rows = tx.execute(select(claims.c.vin).where(where).group_by(claims.c.vin).order_by(latest.desc()).limit(limit))
    return tuple(row.vin for row in rows)


def plates_of(tx: Tx, vins: Sequence[str]) -> dict[str, str]:
    """The plate under which each of these cars was here last, where the desk wrote it down."""
    some = select(claims.c.vin, claims.c.facts).where(claims.c.vin.in_(vins), claims.c.number.is_not(None))
    found: dict[str, str] = {}
    for row in tx.execute(some.order_by(claims.c.id.desc()).limit(60)):
        if row.facts.get("plate"):
            found.setdefault(row.vin, row.facts["plate"])
    return found


# approvals


def _approval(row: Row[tuple[object, ...]]) -> Approval:
    return Approval(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


def open_approval(tx: Tx, held: Claim, *, needed: int, sent_by: int, now: dt.datetime) -> int:
    values = {"claim_id": held.id, "claim_version": held.version, "needed": needed, "state": "open"}
    made = insert(approvals).values(sent_by=sent_by, opened_at=now, **values).returning(approvals.c.id)
    return int(tx.execute(made).scalar_one())


def approval(tx: Tx, approval_id: int) -> Approval | None:
    row = tx.execute(select(approvals).where(approvals.c.id == approval_id).with_for_update()).one_or_none()
    return None if row is None else _approval(row)


def approval_of(tx: Tx, claim_id: int) -> Approval | None:
    """The latest asking for a decision on a claim, open or not."""
    row = tx.execute(select(approvals).where(approvals.c.claim_id == claim_id).order_by(approvals.c.id.desc())).first()
    return None if row is None else _approval(row)


def approvals_before(tx: Tx, asked: Approval) -> tuple[Approval, ...]:
    """The askings for a decision on the same claim that came before this one, the latest first."""
    before = and_(approvals.c.claim_id == asked.claim_id, approvals.c.id < asked.id)
    return tuple(_approval(row) for row in tx.execute(select(approvals).where(before).order_by(approvals.c.id.desc())))


def signed_by(tx: Tx, person_id: int) -> frozenset[int]:
    """The claims that this person has signed, and that wait for somebody else's signature."""
    theirs = and_(signatures.c.approval_id == approvals.c.id, signatures.c.person_id == person_id)
    rows = tx.execute(select(approvals.c.claim_id).join(signatures, theirs).where(approvals.c.state == "open"))
    return frozenset(rows.scalars())


def close_approval(tx: Tx, approval_id: int, state: str, decision: str | None, now: dt.datetime) -> bool:
    """Whether it was still open: exactly one decision counts."""
    still = and_(approvals.c.id == approval_id, approvals.c.state == "open")
    values = {"state": state, "decision": decision, "decided_at": now}
    return tx.execute(update(approvals).where(still).values(**values)).rowcount == 1


def renew_approval(tx: Tx, approval_id: int, claim_version: int, needed: int) -> None:
    """After a first signature: of which version of the claim the asking is now, and how many signatures it needs."""
    values = {"claim_version": claim_version, "needed": needed}
    tx.execute(update(approvals).where(approvals.c.id == approval_id).values(**values))


def sign(tx: Tx, approval_id: int, given: Signature) -> None:
    tx.execute(
        insert(signatures).values(
            approval_id=approval_id,
            person_id=given.person_id,
            decision=given.decision,
            reason=given.reason,
            at=given.at,
            in_place_of=given.in_place_of,
        )
    )


def signatures_of(tx: Tx, approval_id: int) -> tuple[Signature, ...]:
    rows = tx.execute(select(signatures).where(signatures.c.approval_id == approval_id).order_by(signatures.c.at))
    return tuple(Signature(row.person_id, row.decision, row.reason, row.at, row.in_place_of) for row in rows)


# evidence


def add_evidence(tx: Tx, fields: Mapping[str, object]) -> None:
    """The bytes' own facts, once by their SHA-256."""
    if tx.execute(select(evidence.c.sha256).where(evidence.c.sha256 == fields["sha256"])).first() is None:
        tx.execute(insert(evidence).values(**fields))


def add_showing(tx: Tx, fields: Mapping[str, object]) -> int:
    return int(tx.execute(insert(showings).values(**fields).returning(showings.c.id)).scalar_one())


def claim_showing(tx: Tx, person_id: int, sha256s: Sequence[str], claim_id: int) -> None:
    """What this person showed and had no claim yet belongs to this one now."""
    loose = and_(showings.c.person_id == person_id, showings.c.sha256.in_(sha256s), showings.c.claim_id.is_(None))
    tx.execute(update(showings).where(loose).values(claim_id=claim_id))


def loose_showings(tx: Tx, person_id: int, *, since: dt.datetime | None = None) -> tuple[str, ...]:
    mine = and_(showings.c.person_id == person_id, showings.c.claim_id.is_(None))
    if since is not None:
        mine = and_(mine, showings.c.shown_at >= since)
    return tuple(row.sha256 for row in tx.execute(select(showings.c.sha256).where(mine).order_by(showings.c.id)))


def file_ids(tx: Tx, sha256s: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Telegram's own id for each, and whether it was sent as a file: sending again needs no upload."""
    rows = tx.execute(
        select(showings.c.sha256, showings.c.file_id, showings.c.as_file)
        .where(showings.c.sha256.in_(sha256s))
        .order_by(showings.c.id)
    )
    return {row.sha256: (row.file_id, bool(row.as_file)) for row in rows}


def doubts_about(tx: Tx, sha256s: Sequence[str], claim_id: int | None) -> dict[str, Doubt]:
    """Of these pictures those that are hard to read, or were shown, byte for byte, for another claim: its number."""
    if not sha256s:
        return {}
    elsewhere = and_(showings.c.sha256 == evidence.c.sha256, showings.c.claim_id != (claim_id or 0))
    told = (evidence.c.sha256, evidence.c.blurred, evidence.c.dark, evidence.c.small)
    rows = tx.execute(
        select(*told, func.min(claims.c.number).label("number"))
        .outerjoin(showings, elsewhere)
        .outerjoin(claims, claims.c.id == showings.c.claim_id)
        .where(evidence.c.sha256.in_(sha256s))
        .group_by(*told)
    )
    found = {row.sha256: Doubt(bool(row.blurred), bool(row.dark), bool(row.small), row.number) for row in rows}
    return {sha256: doubt for sha256, doubt in found.items() if doubt != Doubt()}


# case file


def write_entry(
    tx: Tx, claim_id: int, what: str, detail: Mapping[str, object], *, person_id: int | None, now: dt.datetime
) -> None:
    """One more line of the case file, holding the hash of the line before."""
    last = tx.execute(
        select(entries.c.place, entries.c.hash).where(entries.c.claim_id == claim_id).order_by(entries.c.place.desc())
    ).first()
    place, before = (1, bytes(32)) if last is None else (last.place + 1, last.hash)
    told = json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
    values = {"claim_id": claim_id, "place": place, "at": now, "person_id": person_id, "what": what, "detail": told}
    tx.execute(insert(entries).values(before=before, hash=_entry_hash(before, values), **values))


def _entry_hash(before: bytes, values: Mapping[str, object]) -> bytes:
    at = values["at"]
    moment = at.astimezone(dt.UTC).isoformat() if isinstance(at, dt.datetime) else str(at)
    line = json.dumps(
        [values["claim_id"], values["place"], moment, values["person_id"], values["what"], values["detail"]]
    )
    return hashlib.sha256(before + line.encode()).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case file."""

    at: dt.datetime
    what: str
    detail: Mapping[str, object]


def entries_of(tx: Tx, claim_id: int) -> tuple[Entry, ...]:
    rows = tx.execute(select(entries).where(entries.c.claim_id == claim_id).order_by(entries.c.place))
    return tuple(Entry(row.at, row.what, json.loads(row.detail)) for row in rows)


def broken_entries(tx: Tx) -> tuple[tuple[int, int], ...]:
    """Claim and place of every entry that does not follow from the one before: empty when nothing was touched."""
    broken: list[tuple[int, int]] = []
    before, current = bytes(32), None
    for row in tx.execute(select(entries).order_by(entries.c.claim_id, entries.c.place)):
        if row.claim_id != current:
            before, current, expected = bytes(32), row.claim_id, 1
        if row.place != expected or row.before != before or row.hash != _entry_hash(before, dict(row._mapping)):  # noqa: SLF001
            broken.append((row.claim_id, row.place))
        before, expected = row.hash, row.place + 1
    return tuple(broken)


def all_evidence(tx: Tx) -> tuple[str, ...]:
    return tuple(tx.execute(select(evidence.c.sha256).order_by(evidence.c.sha256)).scalars())
