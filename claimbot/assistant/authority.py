"""Who is asked to decide a claim, with what authority, and in whose place while somebody is away.

Being away takes nobody's right to decide. A deputy decides in their own person: only with a role of their own that
decides, never on a claim of their own, and never in the place of somebody whose own claim it is.
"""

import datetime as dt
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from claimbot.assistant.house import House
from claimbot.assistant.knowing import deciders
from claimbot.assistant.presence import is_away, stand_in, today_at
from claimbot.claims.authority import CLAIM_TYPES, NORMAL, AuthorityLine, signatures_needed
from claimbot.claims.cuts import Cut, approved_amounts
from claimbot.claims.words import Html, Lang, Money, Words, show
from claimbot.flow.kinds.asking import tag
from claimbot.store import Tx, clocks, people
from claimbot.store.claims import Claim, Signature
from claimbot.store.people import Person


def authority_of(
    tx: Tx, house: House, claim: Claim, persons: Sequence[Person], now: dt.datetime
) -> AuthorityLine | None:
    """The most that one of these may decide alone on this claim, by any role that they have at its site."""
    site = people.site(tx, claim.site_id)
    roles = {role for person in persons for at, role in person.roles if at == site.id}
    day = now.astimezone(ZoneInfo(site.zone)).date()
    told = claim.answers.get("claim_type")
    claim_type = next((each for each in CLAIM_TYPES if each == told), NORMAL)
    return house.office.authority.largest(claim.currency, roles, site.code, day, claim_type, claim.kind)


def absent_for(
    tx: Tx, claim: Claim, person: Person, sent_by: int | None, now: dt.datetime, signed: AbstractSet[int] = frozenset()
) -> tuple[Person, ...]:
    """Those who could decide but are away, and in whose place this person decides; not who has `signed` already."""
    day = today_at(tx, claim.site_id, now)
    away = (each for each in deciders(tx, claim, sent_by) if each.id not in signed and is_away(tx, each, day))
    found = ((each, stand_in(tx, each, claim, now)) for each in away)
    return tuple(each for each, there in found if there is not None and there.id == person.id)


def stood_in_for(
    tx: Tx, house: House, claim: Claim, person: Person, absent: Sequence[Person], total: Money, now: dt.datetime
) -> Person | None:
    """In whose place one signs alone; None where their own authority is enough, or nobody's: then two sign."""
    if signatures_needed(authority_of(tx, house, claim, (person,), now), total) == 1:
        return None
    alone = (each for each in absent if signatures_needed(authority_of(tx, house, claim, (each,), now), total) == 1)
    return next(alone, None)


def asked_for(tx: Tx, house: House, claim: Claim, sent_by: int, now: dt.datetime) -> tuple[tuple[Person, ...], int]:
    """Who is asked, and how many of them must sign at least: those who are there; if they are too few, all."""
    day = today_at(tx, claim.site_id, now)
    able = deciders(tx, claim, sent_by)
    there = tuple(each for each in able if not is_away(tx, each, day))
    asked, needed = there, _least(tx, house, claim, there, sent_by, now)
    if len(there) < needed:
        asked, needed = able, _least(tx, house, claim, able, sent_by, now)
    return asked, needed


def names_of(tx: Tx, house: House, claim: Claim, persons: Sequence[Person], now: dt.datetime, lang: Lang) -> list[Html]:
    """Their names; of who is away, until when."""
    day = today_at(tx, claim.site_id, now)
    named = []
    for each in persons:
        absence = clocks.absence_on(tx, each.id, day)
        values = {"name": each.name, "until": None if absence is None else absence.ends_on}
        named.append(Html(show(each.name, lang)) if absence is None else house.words("name_away", lang, values))
    return named


def _least(tx: Tx, house: House, claim: Claim, asked: Sequence[Person], sent_by: int, now: dt.datetime) -> int:
    persons = [each for person in asked for each in (person, *absent_for(tx, claim, person, sent_by, now))]
    amount = Money(amount=claim.total, currency=claim.currency)
    return signatures_needed(authority_of(tx, house, claim, persons, now), amount)


def approved_total(claim: Claim, cuts: Sequence[Cut]) -> Money:
    """What is approved of a claim in all, after these cuts."""
    lines = claim.facts.lines
    amount = claim.total if lines is None else sum(approved_amounts(lines, cuts), Decimal(0))
    return Money(amount=amount, currency=claim.currency)


def amounts_mark(cuts: Sequence[Cut]) -> str:
    """Stands on the buttons of a card: one that was made for other amounts decides nothing."""
    return tag([each.model_dump(mode="json") for each in cuts]) if cuts else ""


def decided_words(house: House, decision: str | None, cuts: Sequence[Cut]) -> Words:
    return house.office.words["decided_approve_part" if cuts and decision == "approve" else f"decided_{decision}"]


REASONS: Final = ("send_back_reason", "reject_reason")
"""The questions of an approval whose answers say why it is a no."""


def reason_words(house: House, reason: str) -> Words | str:
    """A listed reason in both languages, else as it was written."""
    steps = house.office.flows["warranty.approval"].steps
    listed = (getattr(steps.get(name), "choices", {}).get(reason) for name in REASONS)
    return next((words for words in listed if isinstance(words, Words)), reason)


def signer_words(tx: Tx, house: House, given: Signature) -> Words | str:
    """Who signed, and in whose place."""
    name = people.person(tx, given.person_id).name
    if given.in_place_of is None:
        return name
    said, absent = house.office.words["in_place_of"], people.person(tx, given.in_place_of).name
    return Words(en=said.en.format(name=name, absent=absent), zh=said.zh.format(name=name, absent=absent))
