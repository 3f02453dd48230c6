"""What a turn may look at, read before it begins: the car's history, what can be offered, the site's terms."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from claimbot.assistant.exposing import car_of, standing_of, warning
from claimbot.assistant.house import House
from claimbot.claims.coverage import RETURN_CLOCK
from claimbot.claims.evidence_plan import plan_for
from claimbot.claims.facts import Facts, Known
from claimbot.claims.numbers import fold
from claimbot.claims.words import Lang, Words
from claimbot.engine import State
from claimbot.flow.kinds.asking import Around, Choice, Doubt, Event, Said, Showed, Tapped
from claimbot.flow.kinds.photos import Sheet
from claimbot.flow.model import ConfirmStep, Flow, OptionSource, PhotosStep, ReviewStep, VinStep
from claimbot.store import Tx, claims, clocks, old_parts, people
from claimbot.store.claims import Claim
from claimbot.store.people import Person, Site

LOOKED_UP_BY = ("vin", "fault_family", "remedy", "language")
"""The answers by which a car's history, what can be offered and its words are found: when one changes, look again."""


def known_of(
    tx: Tx, site: Site | None, *, vin: str | None, claim_id: int | None, now: dt.datetime, typed: str | None = None
) -> Known:
    """`typed`: what was typed or tapped where a VIN is asked; None where none is."""
    if site is None:
        return Known(today=now.date(), now=now)
    cars = () if typed is None else claims.cars_met(tx, (site.id,), typed) or claims.cars_met(tx, (site.id,))
    return Known(
        today=now.astimezone(ZoneInfo(site.zone)).date(),
        now=now,
        maker=site.maker,
        currency=site.currency,
        zone=site.zone,
        reported_on=None if claim_id is None else _left_on(tx, claim_id, site),
        cars=cars,
        plates=claims.plates_of(tx, cars) if cars else {},
        readings=() if vin is None else claims.readings_of(tx, vin, besides=claim_id),
        earlier=() if vin is None else claims.earlier_of(tx, vin, besides=claim_id),
    )


def known_to_audit(tx: Tx, house: House, site: Site, known: Known, vin: str | None) -> Known:
    """With what only the desk's rules ask: the old parts that are overdue, and how near the car is to a swap."""
    if house.office.makers[site.maker].old_parts is not None:
        held = old_parts.overdue(tx, site.id, RETURN_CLOCK, known.today)
        known = known.model_copy(update={"overdue_parts": held})
    if vin is None:
        return known
    return known.model_copy(update={"car_standing": standing_of(car_of(tx, house, site, vin, known.now))})


def _left_on(tx: Tx, claim_id: int, site: Site) -> dt.date | None:
    """The day on which it left for the maker, where that is noted."""
    sent = [each.at for each in clocks.events_of(tx, claim_id) if each.event == "claim.sent"]
    at = sent[-1] if sent else None
    return at.astimezone(ZoneInfo(site.zone)).date() if isinstance(at, dt.datetime) else at


def _typed(event: Event | None) -> str:
    match event:
        case Said(text):
            typed = "".join(each for each in fold(text).upper() if each.isalnum())
            return typed if len(typed) <= 17 else ""
        case Tapped(verb="car", arg=vin):
            return vin
        case _:
            return ""


def type_choices(house: House) -> tuple[Choice, ...]:
    """The types that a claim may be of, in the order of the office's sheet."""
    return tuple(Choice(name, kind.words) for name, kind in house.office.audit.types.items())


def _offers(
    tx: Tx, house: House, person: Person, site: Site | None, facts: Facts, known: Known
) -> dict[OptionSource, tuple[Choice, ...]]:
    """What can be offered for what is known; what only one question offers is looked up where that one is asked."""
    offers: dict[OptionSource, tuple[Choice, ...]] = {"person_names": (Choice("known", person.name),)}
    offers["claim_types"] = type_choices(house)
    if site is None:
        return offers
    terms = house.office.makers[site.maker]
    if facts.fault_family is not None:
        named = terms.parts_of(facts.fault_family)
        offers["part_names"] = tuple(Choice(name, part.words) for name, part in named.items())
        slots = plan_for(house.office.evidence, facts, known) if facts.remedy is not None else ()
        offers["requested_slots"] = tuple(Choice(slot.name, slot.words) for slot in slots)
    if person.has("administrator"):
        mine = [each for each in people.all_sites(tx) if person.has("administrator", each.id)]
        offers["sites"] = tuple(Choice(each.code, each.name) for each in mine)
    return offers


def around(  # noqa: PLR0913  one value for all that a turn may look at
    tx: Tx,
    house: House,
    person: Person,
    site: Site | None,
    flow: Flow,
    stand: State,
    *,
    event: Event | None,
    claim_id: int | None,
    now: dt.datetime,
) -> Around:
    """Everything this conversation's next turn may look at."""
    facts = Facts.model_validate({name: value for name, value in stand.answers.items() if value is not None})
    asked_for_vin = isinstance(flow.steps.get(stand.step), VinStep)
    typed = _typed(event) if asked_for_vin else None
    known = known_of(tx, site, vin=facts.vin, claim_id=claim_id, now=now, typed=typed)
    if site is not None and facts.vin is not None and isinstance(flow.steps.get(stand.step), VinStep | ConfirmStep):
        car = car_of(tx, house, site, facts.vin, now)
        known = known.model_copy(update={"car_warning": warning(house, car)})
    if site is not None and _audits(flow):
        known = known_to_audit(tx, house, site, known, facts.vin)
    offers = _offers(tx, house, person, site, facts, known)
    chosen: Lang = "zh" if stand.answers.get("language") == "zh" else "en"
    lang = chosen if stand.answers.get("language") is not None else person.language
    return Around(house.office, known, lang, offers, _doubts(tx, flow, stand, event, claim_id))


def _audits(flow: Flow) -> bool:
    """Whether it ends in the desk's verdicts."""
    return flow.starts.about == "claim" and any(
        isinstance(step, ReviewStep) and step.verdicts for step in flow.steps.values()
    )


def _doubts(tx: Tx, flow: Flow, stand: State, event: Event | None, claim_id: int | None) -> Mapping[str, Doubt]:
    sheets = [
        Sheet.model_validate(held)
        for name, step in flow.steps.items()
        if isinstance(step, PhotosStep)
        for held in (stand.drafts.get(name), stand.answers.get(name))
        if isinstance(held, dict)
    ]
    shown = {sha for sheet in sheets for sha in sheet.all} | ({event.sha256} if isinstance(event, Showed) else set())
    return claims.doubts_about(tx, sorted(shown), claim_id)


def role_words(house: House, role: str) -> Words:
    return house.office.words[f"role_{role}"]


def deciders(tx: Tx, claim: Claim, sent_by: int | None) -> tuple[Person, ...]:
    """The site's supervisors who can be reached; not who reported it, had it at the desk or sent it for approval."""
    here = people.holders(tx, claim.site_id, "supervisor")
    return tuple(each for each in here if each.id not in {claim.author_id, claim.clerk_id, sent_by})


def may_see(person: Person, claim: Claim) -> bool:
    desk = any(person.has(role, claim.site_id) for role in ("clerk", "supervisor", "administrator"))
    return desk or claim.author_id == person.id
