"""A claim's card, an approval's card, and what becomes of it once it is decided."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from claimbot.assistant.asked_before import asked_before
from claimbot.assistant.at_the_maker import at_the_maker
from claimbot.assistant.authority import (
    absent_for,
    approved_total,
    asked_for,
    authority_of,
    decided_words,
    reason_words,
    signer_words,
    stood_in_for,
)
from claimbot.assistant.beside import asked_line, beside
from claimbot.assistant.claim_buttons import car_button, claim_buttons, decision_buttons
from claimbot.assistant.claim_reading import ClaimRead, cuts_now, cuts_told, facts_lines, people_line, read_whole
from claimbot.assistant.exposing import car_of, exposure_lines, warning
from claimbot.assistant.house import House
from claimbot.assistant.letters import Letter, key
from claimbot.assistant.titles import claim_title, part_words, shortened
from claimbot.claims.authority import signatures_needed
from claimbot.claims.cuts import Cut
from claimbot.claims.words import Html, Lang, Money, show
from claimbot.claims.words import days as in_days
from claimbot.flow.kinds.review import verdict_parts
from claimbot.store import Tx, claims, people
from claimbot.store.claims import Approval, Claim, Signature
from claimbot.store.cuts import cuts_of
from claimbot.store.lines import lines_of
from claimbot.store.people import Person

_MONEY = ("lines",)
_ON_TOP = ("vin", "odometer_km", "failed_part", "claim_type")
"""What an approval's card tells in its first lines, as `_MONEY` further below."""
_REPAIR = ("repair_order", "opened_at", "closed_at", "in_service_on")
_FEW_WORDS = 60
"""Characters of what the customer said, and of the cause, in the first lines of a card."""


def claim_card(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime, *, behind: bool = False) -> Letter:
    """The claim as this person may see it, with what they can do to it now; `behind`: with what is wanted seldom."""
    lang = person.language
    parts = [
        f"<b>{claim_title(house, claim, lang)}</b>",
        people_line(tx, house, claim, lang),
        facts_lines(tx, house, claim, lang, now),
    ]
    if claim.state == "sent_back" and (why := claims.last_reason(tx, claim.id, "send_back")):
        parts.append(house.words("sent_back_why", lang, {"reason": reason_words(house, why)}))
    if claim.state == "asked":
        parts.append(asked_line(tx, house, claim, lang))
    parts.extend(_exposure(tx, house, person, claim, now)[0])
    parts.extend(_who_decides(tx, house, claim, lang, now))
    parts.extend(beside(tx, house, claim, lang))
    parts.extend(at_the_maker(tx, house, claim, lang, now))
    if any(each.approved is not None for each in lines_of(tx, claim.id)):
        parts.append(cuts_told(house, claim, cuts_now(tx, claim), lang))
    rows = claim_buttons(tx, house, person, claim, now, behind=behind)
    return Letter(Html("\n".join(parts)), rows, claim_id=claim.id)


def _who_decides(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> Iterator[Html]:
    """While it waits for a decision: whose, and who has signed."""
    asked = claims.approval_of(tx, claim.id) if claim.state == "in_approval" else None
    if asked is None:
        return
    given = {each.person_id: each for each in claims.signatures_of(tx, asked.id)}
    names = [each.name for each in asked_for(tx, house, claim, asked.sent_by, now)[0] if each.id not in given]
    yield house.words("approval_asked", lang, {"names": names or "–"})
    zone, cuts = ZoneInfo(people.site(tx, claim.site_id).zone), cuts_of(tx, asked.id)
    for each in given.values():
        values = {
            "name": signer_words(tx, house, each),
            "decision": decided_words(house, each.decision, cuts),
            "at": each.at.astimezone(zone),
        }
        yield house.words("signed_by", lang, values)
    if cuts:
        yield cuts_told(house, claim, cuts, lang)


def approval_card(tx: Tx, house: House, person: Person, claim: Claim, approval_id: int, now: dt.datetime) -> Letter:
    """All that a decision needs, what weighs most first: who, car, money by line, what failed; the rest folded.

    It is as the asking stands now: signed by some, decided, or over.
    """
    lang = person.language
    asked = claims.approval(tx, approval_id)
    if asked is None:
        raise LookupError(f"approval {approval_id}")
    if asked.state != "open":
        return Letter(decided_card(tx, house, claim, asked, lang), kind="card", claim_id=claim.id, approval_id=asked.id)
    read = read_whole(tx, house, claim, lang, now)
    given, cuts = claims.signatures_of(tx, asked.id), cuts_of(tx, asked.id)
    open_verdicts, folded_verdicts = verdict_parts(read.verdicts, read.seen, said_to_it=read.explained)
    exposed, presses = _exposure(tx, house, person, claim, now)
    parts = [
        *_what_is_asked(tx, house, person, claim, asked, now),
        *_signed_already(tx, house, claim, asked, given, cuts, lang),
        house.words("claim_total", lang, {"total": approved_total(claim, ())}),
        *(read.answers[name] for name in ("claim_type",) if name in read.answers),
        *read.shares,
        house.words(
            "approval_car",
            lang,
            {
                "car": claim.facts.vin or "–",
                "km": claim.facts.odometer_km or "–",
                "part": part_words(house, claim.facts.failed_part, lang),
            },
        ),
        *_fault_in_short(house, claim, lang),
        *asked_before(tx, house, claim, asked, lang),
        *(exposed if presses else ()),
        "",
        _verdict_in_short(house, read, lang),
        *open_verdicts,
        "",
        *(read.answers[name] for name in _MONEY if name in read.answers),
        *((cuts_told(house, claim, cuts, lang),) if cuts else ()),
        *_still_taken(house, read, lang),
        *at_the_maker(tx, house, claim, lang, now),
        _history(tx, house, claim, lang),
        *(() if presses else exposed),
        *beside(tx, house, claim, lang),
        people_line(tx, house, claim, lang),
        _folded(_the_rest(claim, read)),
        *folded_verdicts,
    ]
    photos = ((house.label("see_photos", lang), f"p:{key(claim.id)}"), *car_button(house, lang, claim))
    signed = person.id in {each.person_id for each in given}
    rows = () if signed else (*decision_buttons(tx, house, lang, claim, asked), photos)
    return Letter(Html("\n".join(parts)), rows, kind="card", claim_id=claim.id, approval_id=asked.id)


def _signed_already(
    tx: Tx,
    house: House,
    claim: Claim,
    asked: Approval,
    given: Sequence[Signature],
    cuts: Sequence[Cut],
    lang: Lang,
) -> Iterator[Html]:
    """By whom, and what the second signature is for."""
    if given:
        signers = [Html(show(signer_words(tx, house, each), lang)) for each in given]
        yield house.words("signed_first", lang, {"name": signers, "left": asked.needed - len(given)})
        yield house.words("approval_second", lang, {"approved": approved_total(claim, cuts)})


def _fault_in_short(house: House, claim: Claim, lang: Lang) -> Iterator[Html]:
    """What the customer said and what it was, in a line; long words stand whole in the fold."""
    said, cause = claim.facts.complaint, claim.facts.cause
    if said or cause:
        values = {
            "complaint": shortened(said or "–", _FEW_WORDS).rstrip("。."),
            "cause": shortened(cause or "–", _FEW_WORDS).rstrip("。."),
        }
        yield house.words("approval_fault", lang, values)


def _still_taken(house: House, read: ClaimRead, lang: Lang) -> Iterator[Html]:
    """How long the maker still takes it; where that is over or not known, its verdict says so above."""
    for each in read.verdicts:
        if each.rule == "submission_window" and each.reason == "within":
            left = int(str(each.values["days_left"]))
            yield house.words("approval_days_left", lang, {"days": in_days(left), "on": each.values["due_on"]})


def _the_rest(claim: Claim, read: ClaimRead) -> str:
    """Whatever the card does not tell above: the repair's order and dates first."""
    whole = {
        name
        for name, words in (("complaint", claim.facts.complaint), ("cause", claim.facts.cause))
        if words is None or shortened(words, _FEW_WORDS) == words
    }
    above = {*_MONEY, *_ON_TOP, *whole}
    order = [
        *(name for name in _REPAIR if name in read.answers),
        *(name for name in read.answers if name not in _REPAIR),
    ]
    return "\n".join(read.answers[name] for name in order if name not in above)


def _folded(lines: str) -> Html:
    """Telegram shows three lines of it, and all on a tap."""
    return Html(f"<blockquote expandable>{lines}</blockquote>")


def _what_is_asked(
    tx: Tx, house: House, person: Person, claim: Claim, asked: Approval, now: dt.datetime
) -> Iterator[Html]:
    """By whom, of this reader, in whose place, and whether a second one must sign if they approve all of it."""
    lang, sender = person.language, people.person(tx, asked.sent_by)
    yield house.words("approval_heading", lang, {"number": claim.number or "", "sender": sender.name})
    signed = {each.person_id for each in claims.signatures_of(tx, asked.id)}
    absent = absent_for(tx, claim, person, asked.sent_by, now, signed)
    place_of = stood_in_for(tx, house, claim, person, absent, approved_total(claim, ()), now)
    if place_of is not None and not signed:
        yield house.words("approval_in_place", lang, {"name": place_of.name})
    line = authority_of(tx, house, claim, (person, *absent), now)
    needed = asked.needed if signed else signatures_needed(line, approved_total(claim, ()))
    if needed == 1:
        return
    needs = house.words("approval_needs", lang, {"needed": needed})
    if line is not None and approved_total(claim, ()).amount > line.alone_up_to:
        limit = Money(amount=line.alone_up_to, currency=claim.currency)
        needs = Html(needs + house.words("approval_limit", lang, {"limit": limit, "source": line.source}))
    yield needs


def _verdict_in_short(house: House, read: ClaimRead, lang: Lang) -> Html:
    counted = Counter(verdict.outcome for verdict in read.verdicts)
    if counted["pass"] == len(read.verdicts):
        return house.words("approval_all_pass", lang, {"count": len(read.verdicts)})
    values = {"count": len(read.verdicts), "failed": counted["fail"], "skipped": counted["skipped"]}
    return house.words("approval_to_look_at", lang, values)


def _history(tx: Tx, house: House, claim: Claim, lang: Lang) -> Html:
    earlier = claims.earlier_of(tx, claim.facts.vin, besides=claim.id) if claim.facts.vin else ()
    if not earlier:
        return house.words("earlier_none", lang)
    listed = [
        house.words(
            "earlier_line",
            lang,
            {
                "number": each.number,
                "day": each.reported_on,
                "part": part_words(house, each.failed_part, lang),
                "state": house.office.life.states[each.state].words,
            },
        )
        for each in earlier[:5]
    ]
    return Html("\n".join([house.words("earlier_heading", lang, {"count": len(earlier)}), *listed]))


def _exposure(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> tuple[tuple[Html, ...], bool]:
    """How near the car is to a swap or refund, or why nothing is judged; to a technician only what warns.

    And whether there is something to warn of.
    """
    if claim.facts.vin is None:
        return (), False
    car = car_of(tx, house, people.site(tx, claim.site_id), claim.facts.vin, now)
    warned = warning(house, car)
    if any(person.has(role, claim.site_id) for role in ("clerk", "supervisor")):
        return exposure_lines(house, car.exposure, person.language, counted=False), warned is not None
    return () if warned is None else (Html(warned.to(person.language)),), warned is not None


def decided_card(tx: Tx, house: House, claim: Claim, approval: Approval, lang: Lang) -> Html:
    """What every card of an approval that is over shows: who decided what, when and why, and who signed before."""
    zone = ZoneInfo(people.site(tx, claim.site_id).zone)
    given = claims.signatures_of(tx, approval.id) if approval.state == "decided" else ()
    at = (approval.decided_at or approval.opened_at).astimezone(zone)
    moved = claims.move_at(tx, claim.id, approval.decided_at or approval.opened_at)
    by = "–" if moved is None or moved[1] is None else people.person(tx, moved[1]).name
    cuts = cuts_of(tx, approval.id) if approval.decision == "approve" else ()
    values = {
        "number": claim.number or "",
        "decision": decided_words(house, approval.decision, cuts),
        "name": signer_words(tx, house, given[-1]) if given else by,
        "at": at,
        "total": approved_total(claim, cuts),
        "car": claim.facts.vin or "–",
        "part": part_words(house, claim.facts.failed_part, lang),
    }
    parts = [house.words("card_decided", lang, values)]
    if cuts:
        parts.append(cuts_told(house, claim, cuts, lang))
    for each in given[:-1]:
        signed = {
            "name": signer_words(tx, house, each),
            "decision": decided_words(house, each.decision, cuts),
            "at": each.at.astimezone(zone),
        }
        parts.append(house.words("signed_by", lang, signed))
    why = given[-1].reason if given else None
    if approval.decision == "withdraw":
        why = claims.last_reason(tx, claim.id, "withdraw")
    if why:
        parts.append(house.words("card_reason", lang, {"reason": reason_words(house, why)}))
    return Html("\n".join(parts))
