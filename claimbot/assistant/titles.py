"""What a claim, its car and its part are called in a line."""

from claimbot.assistant.house import House
from claimbot.claims.vin import short_vin
from claimbot.claims.words import Html, Lang
from claimbot.store.claims import Claim


def part_words(house: House, part: str | None, lang: Lang) -> str:
    """The failed part in the reader's language where it is one of a maker's list; else as it was written."""
    if part is None:
        return "–"
    known = (terms.part_named(part) for terms in house.office.makers.values())
    return next((each.words.to(lang) for each in known if each is not None), part)


def claim_title(house: House, claim: Claim, lang: Lang) -> Html:
    """One line: number, state, car, part."""
    state = house.office.life.states[claim.state].words
    number = claim.number or house.words("draft_without_number", lang)
    return house.words("claim_line", lang, {"number": number, "state": state, **car_and_part(house, claim, lang)})


def car_words(claim: Claim) -> str:
    return short_vin(claim.facts.vin) if claim.facts.vin else "–"


def car_and_part(house: House, claim: Claim, lang: Lang) -> dict[str, object]:
    """By what people know a claim better than by its number."""
    return {"car": car_words(claim), "part": part_words(house, claim.facts.failed_part, lang)}


def shortened(words: str, most: int) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
