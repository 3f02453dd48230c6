"""What the statute on swap and refund has to say about one car, from all its claims, at whatever site it was."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from claimbot.assistant.house import House
from claimbot.claims.exposure import Exposure, Finding, Repair, Standing, exposure_of
from claimbot.claims.facts import Facts
from claimbot.claims.words import LANGS, Html, Lang, Words
from claimbot.store import Tx, finding, people
from claimbot.store.finding import CarClaim
from claimbot.store.people import Site

MARKS: Final[Mapping[Standing, str]] = {"well": "🟢", "first": "🟡", "second": "🟠", "last": "🔴", "reached": "⛔️"}
_LONG: Final = 240
"""Characters of a count from which on it is folded."""
_KNOWN_OF_A_CAR: Final = ("plate", "customer", "car_use")


@dataclass(frozen=True, slots=True)
class Car:
    """A car's claims, the latest first, and its exposure; None where no such statute holds at the site."""

    claims: Sequence[CarClaim]
    exposure: Exposure | None


def car_of(tx: Tx, house: House, site: Site, vin: str, now: dt.datetime) -> Car:
    known = finding.claims_of_car(tx, vin)
    sheet = house.office.exposure
    if site.country not in sheet.countries:
        return Car(known, None)
    makers = {each.id: each.maker for each in people.all_sites(tx)}
    repairs = [
        _repair(house, each, makers.get(each.site_id, site.maker)) for each in known if each.state not in sheet.ignores
    ]
    return Car(known, exposure_of(sheet, repairs, now, site.zone))


def _repair(house: House, claim: CarClaim, maker: str) -> Repair:
    facts, terms = claim.facts, house.office.makers.get(maker)
    part = None
    if terms is not None and facts.failed_part is not None:
        part = terms.part_named(facts.failed_part, facts.fault_family)
    return Repair(claim.number, claim.reported_on, facts, part, claim.left_out)


def carried_over(tx: Tx, facts: Facts) -> dict[str, str]:
    """What earlier claims tell of the same car and its owner, for a claim that does not say it yet."""
    earlier = () if facts.vin is None else finding.claims_of_car(tx, facts.vin)
    found: dict[str, str] = {}
    for name in _KNOWN_OF_A_CAR:
        said = (getattr(each.facts, name) for each in earlier)
        value = next((each for each in said if each not in {None, "unknown"}), None)
        if value is not None:
            found[name] = value
    return found


def standing_of(car: Car) -> Standing | None:
    """The worst of it; None where no such statute holds, or the car's use is not known to be a household's."""
    exposure = car.exposure
    if exposure is None or exposure.use == "unknown":
        return None
    return exposure.warned[0].standing if exposure.warned else "well"


def warning(house: House, car: Car) -> Words | None:
    """One line, only where there is something to warn of."""
    exposure = car.exposure
    if exposure is None or not exposure.warned:
        return None
    worst, more = exposure.warned[0], len(exposure.warned) - 1
    said = {}
    for lang in LANGS:
        line = _line(house, exposure, worst, lang)
        said[lang] = str(Html(line + house.words("exposure_more", lang, {"count": more})) if more else line)
    return Words(en=said["en"], zh=said["zh"])


def _line(house: House, exposure: Exposure, found: Finding, lang: Lang) -> Html:
    values = {"mark": MARKS[found.standing], "statute": exposure.statute, "what": Html(found.said.to(lang))}
    said = house.words("exposure_line", lang, values)
    if exposure.use == "unknown":
        said = Html(said + house.words("exposure_if_household", lang))
    return said


def exposure_lines(house: House, exposure: Exposure | None, lang: Lang, *, counted: bool) -> tuple[Html, ...]:
    """For whoever decides: what has come near, or why nothing is judged. `counted`: with every count written out."""
    if exposure is None:
        return ()
    values = {"statute": exposure.statute, "until": exposure.ends_on or "–", "km": exposure.most_km or "–"}
    if exposure.use == "commercial":
        return (house.words("exposure_commercial", lang, values),)
    if "no_numbers" in exposure.doubts:
        return (house.words("exposure_no_numbers", lang, values),)
    lines: list[Html] = []
    if exposure.ended is not None:
        lines.append(house.words(f"exposure_ended_{exposure.ended}", lang, values))
    for found in exposure.findings if counted else exposure.warned:
        lines.extend(_told(house, exposure, found, lang, counted=counted))
    if exposure.use == "unknown":
        lines.append(house.words("exposure_use_unknown", lang, values))
    elif not lines:
        lines.append(house.words("exposure_well", lang, values))
    doubts = exposure.doubts.items() if counted else ()
    return (*lines, *(house.words(f"exposure_{reason}", lang, {"claims": claims}) for reason, claims in doubts))


def _told(house: House, exposure: Exposure, found: Finding, lang: Lang, *, counted: bool) -> Iterator[Html]:
    yield _line(house, exposure, found, lang)
    if found.standing == "reached":
        yield house.words("exposure_then", lang, {"then": found.then})
    if counted:
        said = house.words("exposure_count", lang, {"sum": found.sum, "source": found.source})
        yield said if len(said) < _LONG else Html(f"<blockquote expandable>{said.strip()}</blockquote>")
