"""Questions about sites, people, roles and invitations."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, and_, bindparam, delete, insert, select, update

from claimbot.claims.life import Role
from claimbot.claims.words import Lang
from claimbot.store.database import Tx
from claimbot.store.ready import Ready, Values, add_row, change_row
from claimbot.store.tables import invites, people, roles, sites


@dataclass(frozen=True, slots=True)
class Site:
    """A place of work: its zone, currency, maker and hours ("08:30"), and when its people's digests come.

    `digest_always`: also on days with nothing to do.
    """

    id: int
    code: str
    name: str
    zone: str
    country: str
    currency: str
    maker: str
    opens: str
    closes: str
    digest_at: str
    digest_always: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may talk to the bot, and in which roles at which sites."""

    id: int
    telegram_id: int
    name: str
    username: str | None
    language: Lang
    joined: bool
    blocked: bool
    quiet_from: str
    quiet_until: str
    conversation_id: int | None
    roles: frozenset[tuple[int, Role]]

    def has(self, role: Role, site_id: int | None = None) -> bool:
        return any(held == role and site_id in {None, site} for site, held in self.roles)

    @property
    def role_names(self) -> frozenset[Role]:
        return frozenset(role for _, role in self.roles)

    @property
    def site_ids(self) -> tuple[int, ...]:
        return tuple(sorted({site for site, _ in self.roles}))


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation that can still be used."""

    token_hash: str
    site_id: int
    role: Role


_SITE = Ready(select(sites).where(sites.c.id == bindparam("site_id")))
_ROLES = Ready(select(roles.c.site_id, roles.c.role).where(roles.c.person_id == bindparam("person_id")))
_BY_ID = Ready(select(people).where(people.c.id == bindparam("person_id")))
_LOCK = Ready(select(people).where(people.c.telegram_id == bindparam("telegram_id")).with_for_update())


def _site(row: Row[tuple[object, ...]]) -> Site:
    return _made_site(dict(row._mapping))  # noqa: SLF001  SQLAlchemy's public name for it


def _made_site(kept: Values) -> Site:
    return Site(**{**kept, "digest_always": bool(kept["digest_always"])})


def site(tx: Tx, site_id: int) -> Site:
    found = _SITE.one(tx, site_id=site_id)
    if found is None:
        raise LookupError(f"site {site_id}")
    return _made_site(found)


def site_by_code(tx: Tx, code: str) -> Site | None:
    row = tx.execute(select(sites).where(sites.c.code == code)).one_or_none()
    return None if row is None else _site(row)


def all_sites(tx: Tx) -> tuple[Site, ...]:
    return tuple(_site(row) for row in tx.execute(select(sites).order_by(sites.c.code)))


def add_site(tx: Tx, **fields: str) -> int:
    return int(tx.execute(insert(sites).values(**fields).returning(sites.c.id)).scalar_one())


def _made(tx: Tx, row: Values | None) -> Person | None:
    if row is None:
        return None
    return Person(
        id=row["id"],
        telegram_id=row["telegram_id"],
        name=row["name"],
        username=row["username"],
        language=row["language"],
        joined=row["joined_at"] is not None,
        blocked=row["blocked_at"] is not None,
        quiet_from=row["quiet_from"],
        quiet_until=row["quiet_until"],
        conversation_id=row["conversation_id"],
        roles=frozenset((each["site_id"], each["role"]) for each in _ROLES.rows(tx, person_id=row["id"])),
    )


def lock_by_telegram_id(tx: Tx, telegram_id: int) -> Person | None:
    """The person, locked until the transaction ends: whatever is read of them afterwards is true until then."""
    return _made(tx, _LOCK.one(tx, telegram_id=telegram_id))


def has_joined(tx: Tx, telegram_id: int) -> bool:
    return tx.execute(select(people.c.joined_at).where(people.c.telegram_id == telegram_id)).scalar() is not None


def chosen_language(tx: Tx, telegram_id: int) -> Lang | None:
    """None for somebody who is not known."""
    return tx.execute(select(people.c.language).where(people.c.telegram_id == telegram_id)).scalar()


def person(tx: Tx, person_id: int) -> Person:
    found = _made(tx, _BY_ID.one(tx, person_id=person_id))
    if found is None:
        raise LookupError(f"person {person_id}")
    return found


def add_person(tx: Tx, telegram_id: int, name: str, language: Lang) -> int:
    values = {"telegram_id": telegram_id, "name": name, "language": language}
    return add_row(tx, people, values)


def change_person(tx: Tx, person_id: int, **fields: object) -> None:
    change_row(tx, people, person_id, fields)


def give_role(tx: Tx, person_id: int, site_id: int, role: Role) -> None:
    held = and_(roles.c.person_id == person_id, roles.c.site_id == site_id, roles.c.role == role)
    if tx.execute(select(roles.c.role).where(held)).first() is None:
        tx.execute(insert(roles).values(person_id=person_id, site_id=site_id, role=role))


def take_role(tx: Tx, person_id: int, site_id: int, role: Role) -> bool:
    """Whether they had it."""
    held = and_(roles.c.person_id == person_id, roles.c.site_id == site_id, roles.c.role == role)
    return tx.execute(delete(roles).where(held)).rowcount == 1


def holders(tx: Tx, site_id: int, role: Role) -> tuple[Person, ...]:
    """Everybody with that role at the site who can be reached, longest with us first."""
    rows = tx.execute(
        select(people.c.id)
        .join(roles, roles.c.person_id == people.c.id)
        .where(roles.c.site_id == site_id, roles.c.role == role, people.c.blocked_at.is_(None))
        .order_by(people.c.id)
    )
    return tuple(person(tx, row.id) for row in rows)


def staff_of(tx: Tx, site_id: int, held: Sequence[Role]) -> tuple[Person, ...]:
    """Everybody with one of these roles at the site, whether they can be reached or not."""
    here = and_(roles.c.site_id == site_id, roles.c.role.in_(held))
    rows = tx.execute(select(roles.c.person_id).where(here).distinct().order_by(roles.c.person_id))
    return tuple(person(tx, row.person_id) for row in rows)


def by_username(tx: Tx, username: str) -> Person | None:
    """Somebody by what Telegram calls them, in whatever case it was typed."""
    rows = tx.execute(select(people.c.id).where(people.c.username == username.lower()).order_by(people.c.id.desc()))
    found = rows.first()
    return None if found is None else person(tx, found.id)


def change_site(tx: Tx, site_id: int, **fields: object) -> None:
    change_row(tx, sites, site_id, fields)


def everybody(tx: Tx) -> tuple[Person, ...]:
    return tuple(person(tx, row.id) for row in tx.execute(select(people.c.id).order_by(people.c.id)))


# invitations


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def add_invite(tx: Tx, token: str, *, site_id: int, role: Role, expires_at: dt.datetime, made_by: int | None) -> None:
    """Keeps only the token's hash: who reads the database cannot join with it."""
    values = {"site_id": site_id, "role": role, "expires_at": expires_at, "made_by": made_by}
    tx.execute(insert(invites).values(token_hash=_hash(token), **values))


def open_invite(tx: Tx, token: str, now: dt.datetime) -> Invite | None:
    """The invitation, unless it is unknown, used or expired."""
    usable = and_(invites.c.token_hash == _hash(token), invites.c.used_at.is_(None), invites.c.expires_at > now)
    row = tx.execute(select(invites).where(usable)).one_or_none()
    return None if row is None else Invite(row.token_hash, row.site_id, row.role)


def use_invite(tx: Tx, token_hash: str, person_id: int, now: dt.datetime) -> bool:
    """Whether it was still unused; from now on it is used."""
    unused = and_(invites.c.token_hash == token_hash, invites.c.used_at.is_(None), invites.c.expires_at > now)
    return tx.execute(update(invites).where(unused).values(used_at=now, used_by=person_id)).rowcount == 1


def took_invite(tx: Tx, token: str, person_id: int) -> bool:
    """Whether it was this very person who used it."""
    theirs = and_(invites.c.token_hash == _hash(token), invites.c.used_by == person_id)
    return tx.execute(select(invites.c.token_hash).where(theirs)).first() is not None


def invite_by_hash(tx: Tx, token_hash: str) -> Invite | None:
    row = tx.execute(select(invites).where(invites.c.token_hash == token_hash)).one_or_none()
    return None if row is None else Invite(row.token_hash, row.site_id, row.role)
