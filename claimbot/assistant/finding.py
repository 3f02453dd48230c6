"""Looking for a claim or a car, a car's whole history in one message, and what its owner pays when it is taken back."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from claimbot.assistant.doing import Doing
from claimbot.assistant.exposing import Car, car_of, exposure_lines
from claimbot.assistant.flow_names import COMPENSATION
from claimbot.assistant.house import House
from claimbot.assistant.letters import Data, Letter, key, post
from claimbot.assistant.titles import claim_title, part_words
from claimbot.claims.exposure import compensation_of
from claimbot.claims.finding import Sought, folded, number_word, seek
from claimbot.claims.rules import total
from claimbot.claims.sheet import in_force
from claimbot.claims.vin import describe_vin
from claimbot.claims.words import Html, Lang, Money, Words
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, in_rows
from claimbot.store import claims, finding, people
from claimbot.store.claims import Claim
from claimbot.store.finding import CarClaim, Scope
from claimbot.store.lines import approved_sums
from claimbot.store.people import Person

_MOST = 10
_MOST_OF_A_CAR = 12
_DESK = ("clerk", "supervisor", "administrator")


def scope_of(person: Person) -> Scope:
    """All claims of the sites at whose desk somebody works, and what they reported themselves."""
    return Scope(person.id, tuple(sorted({site for site, role in person.roles if role in _DESK})))


def show_found(doing: Doing, text: str) -> None:
    post(doing.tx, doing.reply, doing.person, found_screen(doing, text), doing.now)


def claim_called(doing: Doing, text: str) -> Claim | None:
    """The claim of that number; or the only one in sight whose number ends so: its zeros need not be typed."""
    found = claims.claim_by_number(doing.tx, text)
    if found is not None:
        return found
    word = number_word(text)
    some = finding.find(doing.tx, scope_of(doing.person), Sought(kinds=("number",), words=(word,)), 2) if word else ()
    ending = [claim for each in some if folded((claim := claims.claim(doing.tx, each)).number or "").endswith(word)]
    return ending[0] if len(ending) == 1 else None


def found_screen(doing: Doing, text: str) -> Letter:
    """What fits, the best first; where that is one car, its whole history."""
    house, lang = doing.house, doing.lang
    states = {name: state.words for name, state in house.office.life.states.items()}
    sought = seek(text, states, _part_names(house))
    found = () if sought is None else finding.find(doing.tx, scope_of(doing.person), sought, _MOST + 1)
    if sought is None or not found:
        return Letter(house.words("find_none", lang, {"text": text}))
    some = [claims.claim(doing.tx, claim_id) for claim_id in found[:_MOST]]
    vins = {claim.facts.vin for claim in some}
    if len(vins) == 1 and None not in vins and not sought.states:
        return history_screen(doing, some[0], some)
    lines = [claim_title(house, claim, lang) for claim in some]
    more = "find_more" if len(found) > _MOST else "find_that_is_all"
    said = [house.words("find_heading", lang, {"text": text}), *lines, house.words(more, lang)]
    rows = tuple((_opens(claim.number, claim.id),) for claim in some)
    return Letter(Html("\n".join(said)), rows)


def _part_names(house: House) -> Iterator[Words]:
    for terms in house.office.makers.values():
        for fault in terms.faults.values():
            yield from (part.words for part in fault.parts.values())


def _opens(number: str | None, claim_id: int) -> tuple[str, str]:
    return (f"📂 {number}", f"c:{key(claim_id)}")


# one car


def show_history(doing: Doing, claim: Claim) -> None:
    post(doing.tx, doing.reply, doing.person, history_screen(doing, claim, ()), doing.now)


def history_screen(doing: Doing, about: Claim, first: Sequence[Claim]) -> Letter:
    """All that is known of a claim's car, of the claims that this person may see; `first`: their buttons come first."""
    house, person, lang = doing.house, doing.person, doing.lang
    vin = about.facts.vin
    if vin is None:
        raise Refusal("find_no_car")
    site = people.site(doing.tx, about.site_id)
    car = car_of(doing.tx, house, site, vin, doing.now)
    scope = scope_of(person)
    mine = [each for each in car.claims if each.site_id in scope.site_ids or each.author_id == person.id]
    today = doing.now.astimezone(ZoneInfo(site.zone)).date()
    parts = [
        _car_line(house, vin, today, lang),
        *_owner_lines(house, mine, lang),
        *_odometer(house, mine, lang),
        *_claim_lines(house, mine, approved_sums(doing.tx, [each.id for each in mine]), lang),
        *_elsewhere(house, len(car.claims) - len(mine), lang),
        "",
        *exposure_lines(house, car.exposure, lang, counted=True),
    ]
    order = {claim.id: None for claim in first} | {each.id: None for each in mine}
    numbers = {each.id: each.number for each in mine}
    opens = [_opens(numbers[claim_id], claim_id) for claim_id in order if claim_id in numbers][:_MOST]
    rows = (*in_rows(opens, 2), *_desk_rows(house, person, about, car, lang))
    return Letter(Html("\n".join(parts)), rows, claim_id=about.id)


def _desk_rows(house: House, person: Person, about: Claim, car: Car, lang: Lang) -> Data:
    desk = any(person.has(role, about.site_id) for role in ("clerk", "supervisor"))
    if not desk or car.exposure is None or car.exposure.use == "commercial":
        return ()
    button = house.office.flows[COMPENSATION].starts.button
    label = COMPENSATION if button is None else button.to(lang)
    rows: Data = (((label, f"b:{COMPENSATION}:{key(about.id)}"),),)
    if any(each.standing == "reached" for each in car.exposure.warned):
        rows = (((house.label("car_demand", lang), f"h:{key(about.id)}:d"),), *rows)
    return rows


def _car_line(house: House, vin: str, today: dt.date, lang: Lang) -> Html:
    meaning = describe_vin(vin, today, house.office.wmi)
    maker = meaning.maker or house.office.words["maker_unknown"]
    if not meaning.years:
        return house.words("car_line_without_year", lang, {"vin": vin, "maker": maker})
    return house.words("car_line", lang, {"vin": vin, "maker": maker, "year": str(meaning.years[0])})


def _owner_lines(house: House, known: Sequence[CarClaim], lang: Lang) -> Iterator[Html]:
    """What was said last of whose car it is, how it is used, and since when."""

    def last(name: str) -> object:
        return next((value for each in known if (value := getattr(each.facts, name)) is not None), None)

    use = last("car_use")
    said = [last("plate"), last("customer"), None if use is None else house.office.words[f"car_use_{use}"]]
    told = [each for each in said if each is not None]
    if told:
        yield house.words("car_owner", lang, {"told": told})
    if (since := last("in_service_on")) is not None:
        yield house.words("car_since", lang, {"since": since})


def _odometer(house: House, known: Sequence[CarClaim], lang: Lang) -> Iterator[Html]:
    """From the first reading to the last one."""
    read = [(each.reported_on, each.facts.odometer_km) for each in known if each.facts.odometer_km is not None]
    if read:
        (last_on, last), (first_on, first) = read[0], read[-1]
        values = {"km": last, "on": last_on, "first": first, "first_on": first_on}
        yield house.words("car_odometer" if len(read) > 1 else "car_odometer_once", lang, values)


def _claim_lines(
    house: House, known: Sequence[CarClaim], approved: Mapping[int, Decimal], lang: Lang
) -> Iterator[Html]:
    """Each with what is claimed, or what was approved of it; a sum of those that were not given up."""
    yield house.words("car_claims", lang, {"count": len(known)})
    given_up = house.office.audit.duplicate_ignores
    amounts = {each.id: approved.get(each.id, _amount(each)) for each in known}
    totals: dict[str, Decimal] = {}
    for each in known:
        amount = amounts[each.id]
        if amount is not None and each.state not in given_up:
            totals[each.currency] = totals.get(each.currency, Decimal(0)) + amount
    for each in known[:_MOST_OF_A_CAR]:
        amount, remedy = amounts[each.id], each.facts.remedy
        done = "" if remedy is None else house.words(f"done_{remedy}", lang)
        values = {
            "day": each.reported_on,
            "number": each.number,
            "part": part_words(house, each.facts.failed_part, lang),
            "done": done,
            "state": house.office.life.states[each.state].words,
            "km": each.facts.odometer_km or "–",
            "amount": "–" if amount is None else Money(amount=amount, currency=each.currency),
        }
        yield house.words("car_claim", lang, values)
    if len(known) > _MOST_OF_A_CAR:
        yield house.words("listing_more", lang, {"count": len(known) - _MOST_OF_A_CAR})
    sums = [Money(amount=amount, currency=currency) for currency, amount in totals.items()]
    if sums:
        yield house.words("car_total", lang, {"totals": sums})


def _elsewhere(house: House, elsewhere: int, lang: Lang) -> Iterator[Html]:
    if elsewhere:
        yield house.words("car_elsewhere", lang, {"count": elsewhere})


def _amount(claim: CarClaim) -> Decimal | None:
    """What is claimed; None while nobody has said."""
    return None if claim.facts.labour is None else total(claim.facts)


# compensation


def compensate(doing: Doing, claim: Claim, answers: Answers) -> None:
    """The sum, written out; the case file keeps it. Raises Refusal where the car is not one that the law protects."""
    site = people.site(doing.tx, claim.site_id)
    car = None if claim.facts.vin is None else car_of(doing.tx, doing.house, site, claim.facts.vin, doing.now)
    exposure = None if car is None else car.exposure
    if exposure is None or exposure.use == "commercial":
        raise Refusal("compensation_not")
    price = Money(amount=Decimal(str(answers["price"])), currency=claim.currency)
    km, percent = int(str(answers["used_km"])), Decimal(str(answers["coefficient"]))
    today = doing.now.astimezone(ZoneInfo(site.zone)).date()
    owed = compensation_of(doing.house.office.exposure, price, km, percent, today)
    if owed is None:
        line = in_force(doing.house.office.exposure.compensation, today)
        raise Refusal("compensation_most", {"most": "–" if line is None else line.most_percent}, again="coefficient")
    detail = {"price": price.amount, "km": km, "percent": percent, "amount": owed.amount.amount}
    claims.write_entry(doing.tx, claim.id, "compensation", detail, person_id=doing.person.id, now=doing.now)
    doing.say("compensation", {"number": claim.number or "", "sum": owed.sum, "source": owed.source}, claim=claim)
    if exposure.use == "unknown":
        doing.say("exposure_use_unknown", {"statute": exposure.statute})
