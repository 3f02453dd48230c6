"""What people can look at beside a claim's own card: help, drafts, own claims, the desk's queue, photos."""

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from claimbot.assistant.claim_buttons import TO_FILE, flow_button, photo_plan, photos_label
from claimbot.assistant.flow_names import CREDIT, DESK, INTAKE, MORE
from claimbot.assistant.house import House
from claimbot.assistant.knowing import role_words
from claimbot.assistant.letters import Data, Letter, key
from claimbot.assistant.titles import car_words, claim_title, part_words, shortened
from claimbot.claims.evidence_plan import missing
from claimbot.claims.facts import PhotoSheet
from claimbot.claims.vin import short_vin
from claimbot.claims.words import Html, Lang, Money
from claimbot.claims.words import days as in_days
from claimbot.engine import State
from claimbot.flow.model import EndStep
from claimbot.store import Tx, claims, conversations, people
from claimbot.store.claims import Claim, Waiting
from claimbot.store.conversations import Conversation
from claimbot.store.people import Person

_SOON = dt.timedelta(days=8)
"""From here on a deadline counts as urgent: the first reminder of the maker's window comes a week before its end."""
_SHORT = 12
"""Characters of a draft's name beside its car: it stands on a button."""
DESK_STATES = ("submitted", "sent_back")
BACK_STATES = ("short", "returned", "refused")
"""They came back from the maker without all of the money."""
ASKED_STATES = ("asked",)
"""They wait for somebody else; the desk sees them behind its own."""


def menu(house: House, person: Person) -> Data:
    """What this person can do now, as buttons."""
    lang = person.language
    rows: list[tuple[tuple[str, str], ...]] = []
    if person.role_names & {"clerk", "supervisor"}:
        rows.append(((house.label("menu_queue", lang), "m:queue"),))
    if person.role_names & {"technician", "clerk"}:
        flow = house.office.flows[INTAKE]
        if flow.starts.button is not None:
            rows.append(((flow.starts.button.to(lang), "m:new"),))
        rows.append(((house.label("menu_drafts", lang), "m:drafts"), (house.label("menu_claims", lang), "m:claims")))
    credit = house.office.flows[CREDIT].starts.button
    if person.has("clerk") and credit is not None:
        rows.append(((credit.to(lang), "m:credit"),))
    if person.has("administrator"):
        rows.append(((house.label("menu_invite", lang), "m:invite"),))
    return tuple(rows)


def _without(rows: Data, button: str) -> Data:
    """The buttons but the one that led here."""
    left = (tuple(each for each in row if each[1] != button) for row in rows)
    return tuple(row for row in left if row)


def help_screen(house: House, person: Person) -> Letter:
    lang = person.language
    order = ("technician", "clerk", "supervisor", "administrator")
    held = [role for role in order if role in person.role_names]
    parts = [house.words(f"help_{role}", lang) for role in held]
    hello = house.words("help_hello", lang, {"name": person.name, "roles": [role_words(house, role) for role in held]})
    # the roles are shown in the reader's language: a list of Words would be shown by its own rule
    return Letter(Html("\n\n".join([hello, *parts, house.words("help_all", lang)])), menu(house, person))


def _listing(house: House, lang: Lang, heading: str, lines: Sequence[tuple[Claim, Html]], more: int) -> Letter:
    said = [house.words(heading, lang), *(line for _, line in lines)]
    if more > 0:
        said.append(house.words("listing_more", lang, {"count": more}))
    return Letter(Html("\n".join(said)), tuple(((f"📂 {claim.number}", f"c:{key(claim.id)}"),) for claim, _ in lines))


def claims_screen(tx: Tx, house: House, person: Person) -> Letter:
    found = claims.claims_of(tx, person.id)
    if not found:
        return Letter(house.words("claims_none", person.language), _without(menu(house, person), "m:claims"))
    lines = [(claim, claim_title(house, claim, person.language)) for claim in found]
    return _listing(house, person.language, "claims_own", lines, 0)


def queue_screen(tx: Tx, house: House, person: Person, now: dt.datetime) -> Letter:
    """A clerk's desk, a supervisor's decisions: what runs out soon first, then the longest waiting.

    Who has signed a claim has nothing more to do about it.
    """
    lang, soon = person.language, now + _SOON
    lines: list[tuple[Claim, Html]] = []
    count, signed = 0, claims.signed_by(tx, person.id)
    for role, states in (
        ("supervisor", ("in_approval", "explained")),
        ("clerk", (*DESK_STATES, *TO_FILE)),
        ("clerk", BACK_STATES),
        ("clerk", ASKED_STATES),
    ):
        here = [site for site, held in person.roles if held == role]
        if here:
            besides = signed if role == "supervisor" else ()
            found, there = claims.queue_of(tx, here, states, soon=soon, besides=besides)
            lines.extend((each.claim, _waiting_line(tx, house, each, lang, now)) for each in found)
            count += there
    if not lines:
        return Letter(house.words("queue_empty", lang))
    return _listing(house, lang, "queue_heading", lines, count - len(lines))


def _waiting_line(tx: Tx, house: House, waiting: Waiting, lang: Lang, now: dt.datetime) -> Html:
    line = claim_title(house, waiting.claim, lang)
    if waiting.claim.facts.labour is not None:
        total = Money(amount=waiting.claim.total, currency=waiting.claim.currency)
        line = Html(line + house.words("queue_money", lang, {"total": total}))
    zone = ZoneInfo(people.site(tx, waiting.claim.site_id).zone)
    waited = (now.astimezone(zone).date() - waiting.since.astimezone(zone).date()).days
    if waited > 0:
        line = Html(line + house.words("queue_waited", lang, {"days": in_days(waited)}))
    if waiting.due_at is None or waiting.due_at >= now + _SOON:
        return line
    days = (waiting.due_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    said = "queue_days_over" if waiting.due_at < now else "queue_days_left"
    return Html(line + house.words(said, lang, {"days": in_days(abs(days))}))


def draft_name(house: House, stand: State, lang: Lang) -> str:
    """A draft as its owner knows it: the car's last six, and the part or what the customer said."""
    vin = str(stand.answers.get("vin") or "")
    car = short_vin(vin) if vin else house.label("draft_no_car", lang)
    what = " ".join(str(stand.answers.get("failed_part") or stand.answers.get("complaint") or "").split())
    return f"{car} {shortened(what, _SHORT)}".strip()


def _named(
    house: House, drafts: Sequence[Conversation], lang: Lang, zone: str
) -> Iterator[tuple[Conversation, str, dt.datetime]]:
    """Each draft with its name, which no two share: of the same car and words the hour too; and when it was touched."""
    names = [draft_name(house, each.stand, lang) for each in drafts]
    for draft, name in zip(drafts, names, strict=True):
        touched = draft.touched_at.astimezone(ZoneInfo(zone))
        yield draft, f"{name} · {touched:%m-%d %H:%M}" if names.count(name) > 1 else name, touched


def drafts_screen(tx: Tx, house: House, person: Person, zone: str) -> Letter:
    lang = person.language
    drafts, begun = conversations.unfinished(tx, person.id, INTAKE)[:8], tuple(_begun_at_the_desk(tx, house, person))
    if not drafts and not begun:
        return Letter(house.words("drafts_none", lang), _without(menu(house, person), "m:drafts"))
    lines, rows = [house.words("drafts_heading", lang)], []
    for draft, name, touched in _named(house, drafts, lang, zone):
        label = house.office.flows[INTAKE].steps.get(draft.stand.step)
        at = label.label if label is not None and not hasattr(label, "end") else ""
        lines.append(house.words("draft_line", lang, {"car": name, "at": at, "touched": touched}))
        rows.append(((house.label("draft_continue", lang).format(car=name), f"d:{key(draft.id)}"),))
        which = f" {name}" if len(drafts) > 1 else ""
        rows.append(((house.label("draft_discard", lang) + which, f"x:{key(draft.id)}"),))
    for draft, claim in begun:
        step = house.office.flows[DESK].steps.get(draft.stand.step)
        at = "" if step is None or isinstance(step, EndStep) else step.label
        touched = draft.touched_at.astimezone(ZoneInfo(zone))
        lines.append(house.words("draft_line", lang, {"car": claim.number, "at": at, "touched": touched}))
        rows.append(((house.label("draft_continue", lang).format(car=claim.number), f"d:{key(draft.id)}"),))
    return Letter(Html("\n".join(lines)), tuple(rows))


def _begun_at_the_desk(tx: Tx, house: House, person: Person) -> Iterator[tuple[Conversation, Claim]]:
    """The claims that this clerk has begun to complete, and that can still be completed."""
    for draft in conversations.unfinished(tx, person.id, DESK)[:8]:
        claim = None if draft.claim_id is None else claims.claim(tx, draft.claim_id)
        if claim is not None and claim.state in house.office.life.moves["complete"].states:
            yield draft, claim


def photos_screen(house: House, person: Person, claim: Claim, now: dt.datetime) -> Letter:
    """Below a claim's photos, to somebody of its desk: how many there are, what is missing, and the way to add some."""
    lang = person.language
    values = {"number": claim.number or "", "photos": photos_label(house, claim, lang, now)}
    lines = [house.words("photos_of", lang, values)]
    gaps = missing(photo_plan(house, claim, now), claim.facts.photos or PhotoSheet())
    if gaps:
        lines.append(house.words("photos_missing", lang, {"slots": [slot.words for slot in gaps]}))
    addable = claim.state in house.office.life.moves["add"].states
    rows = ((flow_button(house, lang, MORE, claim),),) if addable else ()
    return Letter(Html("\n".join(lines)), rows, claim_id=claim.id)


def loose_screen(tx: Tx, house: House, person: Person) -> Letter:
    """Where may pictures without a claim belong: a new one, a draft, or a claim that somebody still works on."""
    lang, new = person.language, house.label("loose_new", person.language)
    rows: list[tuple[tuple[str, str], ...]] = []
    at = sorted({site for site, role in person.roles if role in house.office.flows[INTAKE].roles})
    for site_id in at:
        label = new if len(at) == 1 else f"{new} · {people.site(tx, site_id).code}"
        rows.append(((label, f"n:n{key(site_id)}"),))
    if at:
        zone = people.site(tx, at[0]).zone
        for draft, name, _ in _named(house, conversations.unfinished(tx, person.id, INTAKE)[:4], lang, zone):
            rows.append(((house.label("loose_draft", lang).format(car=name), f"n:d{key(draft.id)}"),))
        states = house.office.life.moves["add"].states
        label = house.label("loose_claim", lang)
        for claim in claims.worked_on(tx, person.id, states, limit=6):
            part = shortened(part_words(house, claim.facts.failed_part, lang), _SHORT)
            named = label.format(number=claim.number, part=part, car=car_words(claim))
            rows.append(((named, f"n:c{key(claim.id)}"),))
    count = len(claims.loose_showings(tx, person.id))
    return Letter(house.words("loose_photo", lang, {"count": count}), tuple(rows))
