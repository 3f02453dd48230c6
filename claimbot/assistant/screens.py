"""What people can look at: help, drafts, own claims, the desk's queue, a claim's card, an approval's card."""

import datetime as dt
from zoneinfo import ZoneInfo

from claimbot.assistant.house import House
from claimbot.assistant.knowing import known_of, role_words
from claimbot.assistant.letters import Data, Letter, key
from claimbot.claims.audit import judge
from claimbot.claims.facts import Known
from claimbot.claims.life import unmet
from claimbot.claims.words import Html, Lang, Money
from claimbot.engine import told
from claimbot.flow.kinds.asking import Around, Json
from claimbot.flow.kinds.review import verdict_lines
from claimbot.store import Tx, claims, conversations, people
from claimbot.store.claims import Claim
from claimbot.store.people import Person

DESK_STATES = ("submitted", "sent_back", "asked")
INTAKE, DESK, REQUEST, REPLY = "warranty.intake", "warranty.desk", "warranty.request", "warranty.reply"
WITHDRAW, APPROVAL = "warranty.withdraw", "warranty.approval"


def menu(house: House, person: Person) -> Data:
    """What this person can do now, as buttons."""
    lang = person.language
    rows: list[tuple[tuple[str, str], ...]] = []
    if person.role_names & {"technician", "clerk"}:
        flow = house.office.flows[INTAKE]
        if flow.starts.button is not None:
            rows.append(((flow.starts.button.to(lang), "m:new"),))
        rows.append(((house.label("menu_drafts", lang), "m:drafts"), (house.label("menu_claims", lang), "m:claims")))
    if person.role_names & {"clerk", "supervisor"}:
        rows.append(((house.label("menu_queue", lang), "m:queue"),))
    if person.has("administrator"):
        rows.append(((house.label("menu_invite", lang), "m:invite"),))
    return tuple(rows)


def help_screen(house: House, person: Person) -> Letter:
    lang = person.language
    order = ("technician", "clerk", "supervisor", "administrator")
    held = [role for role in order if role in person.role_names]
    parts = [house.words(f"help_{role}", lang) for role in held]
    hello = house.words("help_hello", lang, {"name": person.name, "roles": [role_words(house, role) for role in held]})
    # the roles are shown in the reader's language: a list of Words would be shown by its own rule
    return Letter(Html("\n\n".join([hello, *parts, house.words("help_all", lang)])), menu(house, person))


def claim_title(house: House, claim: Claim, lang: Lang) -> Html:
    """One line: number, state, car, part."""
    state = house.office.life.states[claim.state].words
    number = claim.number or house.words("draft_without_number", lang)
    part = claim.facts.failed_part or "–"
    tail = f"…{claim.facts.vin[-6:]}" if claim.facts.vin else "–"
    return house.words("claim_line", lang, {"number": number, "state": state, "car": tail, "part": part})


def _listing(house: House, lang: Lang, heading: str, found: tuple[Claim, ...], empty: str) -> Letter:
    if not found:
        return Letter(house.words(empty, lang))
    lines = [house.words(heading, lang), *(claim_title(house, claim, lang) for claim in found)]
    rows = tuple(((f"📂 {claim.number}", f"c:{key(claim.id)}"),) for claim in found)
    return Letter(Html("\n".join(lines)), rows)


def claims_screen(tx: Tx, house: House, person: Person) -> Letter:
    return _listing(house, person.language, "claims_own", claims.claims_of(tx, person.id), "claims_none")


def queue_screen(tx: Tx, house: House, person: Person) -> Letter:
    """A clerk's desk, a supervisor's decisions; the longest waiting first."""
    clerk_at = [site for site, role in person.roles if role == "clerk"]
    supervisor_at = [site for site, role in person.roles if role == "supervisor"]
    found = claims.queue_of(tx, clerk_at, DESK_STATES) if clerk_at else ()
    waiting = claims.queue_of(tx, supervisor_at, ("in_approval",)) if supervisor_at else ()
    both = tuple({claim.id: claim for claim in (*waiting, *found)}.values())
    return _listing(house, person.language, "queue_heading", both, "queue_empty")


def drafts_screen(tx: Tx, house: House, person: Person, zone: str) -> Letter:
    lang = person.language
    drafts = conversations.unfinished(tx, person.id, INTAKE)[:8]
    if not drafts:
        return Letter(house.words("drafts_none", lang), menu(house, person))
    lines, rows = [house.words("drafts_heading", lang)], []
    for draft in drafts:
        facts = draft.stand.answers
        tail = f"…{str(facts['vin'])[-6:]}" if facts.get("vin") else house.words("draft_no_car", lang)
        label = house.office.flows[INTAKE].steps.get(draft.stand.step)
        at = label.label if label is not None and not hasattr(label, "end") else ""
        touched = draft.touched_at.astimezone(ZoneInfo(zone))
        lines.append(house.words("draft_line", lang, {"car": Html(tail), "at": at, "touched": touched}))
        rows.append(
            (
                (house.label("draft_continue", lang).format(car=tail), f"d:{key(draft.id)}"),
                (house.label("draft_discard", lang), f"x:{key(draft.id)}"),
            )
        )
    return Letter(Html("\n".join(lines)), tuple(rows))


def facts_lines(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> Html:
    """Every answer of the claim in the reader's language, then the verdicts with their reasons."""
    site = people.site(tx, claim.site_id)
    known = known_of(tx, site, vin=claim.facts.vin, claim_id=claim.id, now=now)
    seen = Around(house.office, known, lang)
    answers: dict[str, Json] = {**claim.answers, "car_right": True}  # type: ignore[dict-item]  # JSON from the database
    lines = []
    for name in (INTAKE, DESK):
        flow = house.office.flows[name]
        for step, label, words in told(flow, answers, seen):
            if step != "car_right":
                lines.append(f"• {label}: <b>{words}</b>")
    total = house.words("claim_total", lang, {"total": Money(amount=claim.total, currency=claim.currency)})
    verdicts = judge(
        claim.facts, known, sheet=house.office.audit, terms=house.office.makers[site.maker], plans=house.office.evidence
    )
    explained = [
        house.words("explained", lang, {"who": who, "why": str(answers[field])})
        for field, who in (
            ("explanation", house.office.words["role_technician"]),
            ("desk_explanation", house.office.words["role_clerk"]),
        )
        if answers.get(field)
    ]
    return Html("\n".join([*lines, total, "", verdict_lines(verdicts, seen), *explained]))


def _people_line(tx: Tx, house: House, claim: Claim, lang: Lang) -> Html:
    author = people.person(tx, claim.author_id)
    return house.words("reported_by", lang, {"name": author.name, "day": claim.reported_on or "–"})


def claim_card(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> Letter:
    """The claim as this person may see it, with what they can do to it now."""
    lang = person.language
    parts = [
        f"<b>{claim_title(house, claim, lang)}</b>",
        _people_line(tx, house, claim, lang),
        facts_lines(tx, house, claim, lang, now),
    ]
    return Letter(Html("\n".join(parts)), claim_buttons(house, person, claim, now), claim_id=claim.id)


def claim_buttons(house: House, person: Person, claim: Claim, now: dt.datetime) -> Data:
    lang, flows = person.language, house.office.flows
    rows: list[tuple[tuple[str, str], ...]] = []

    def starts(name: str) -> tuple[str, str]:
        button = flows[name].starts.button
        return (button.to(lang) if button is not None else name, f"b:{name}:{key(claim.id)}")

    if person.has("clerk", claim.site_id):
        if claim.state in {"submitted", "sent_back"}:
            rows.append((starts(DESK), starts(REQUEST)))
            if not unmet(house.office.life, "send", claim.facts, Known(today=now.date(), now=now)):
                rows.append(((house.label("send_for_approval", lang), f"v:{key(claim.id)}"),))
        if claim.state in house.office.life.moves["withdraw"].states:
            rows.append((starts(WITHDRAW),))
    if claim.state == "asked" and person.id == claim.author_id:
        rows.append((starts(REPLY),))
    if claim.facts.photos is not None and claim.facts.photos.slots:
        rows.append(((house.label("see_photos", lang), f"p:{key(claim.id)}"),))
    return tuple(rows)


def photo_album(claim: Claim) -> tuple[str, ...]:
    photos = claim.facts.photos
    return () if photos is None else tuple(sha for held in photos.slots.values() for sha in held)[:10]


def approval_card(tx: Tx, house: House, person: Person, claim: Claim, approval_id: int, now: dt.datetime) -> Letter:
    """All that a decision needs: who, car, money by line, verdicts, photos, this car's earlier claims."""
    lang = person.language
    asked = claims.approval(tx, approval_id)
    if asked is None:
        raise LookupError(f"approval {approval_id}")
    sender = people.person(tx, asked.sent_by)
    earlier = claims.earlier_of(tx, claim.facts.vin, besides=claim.id) if claim.facts.vin else ()
    if earlier:
        listed = [
            house.words(
                "earlier_line",
                lang,
                {
                    "number": each.number,
                    "day": each.reported_on,
                    "part": each.failed_part or "–",
                    "state": house.office.life.states[each.state].words,
                },
            )
            for each in earlier[:5]
        ]
        history = Html("\n".join([house.words("earlier_heading", lang, {"count": len(earlier)}), *listed]))
    else:
        history = house.words("earlier_none", lang)
    head = house.words(
        "approval_heading", lang, {"number": claim.number or "", "sender": sender.name, "needed": asked.needed}
    )
    parts = [head, _people_line(tx, house, claim, lang), facts_lines(tx, house, claim, lang, now), "", history]
    ident = key(approval_id)
    flow = house.office.flows[APPROVAL]
    decision = flow.steps["decision"]
    choices = getattr(decision, "choices", {})
    rows: Data = (
        tuple((words.to(lang), f"a:{ident}:{name}") for name, words in choices.items()),
        ((house.label("see_photos", lang), f"p:{key(claim.id)}"),),
    )
    return Letter(Html("\n".join(parts)), rows, kind="card", claim_id=claim.id, approval_id=approval_id)


def decided_card(house: House, claim: Claim, lang: Lang, *, decision: str, who: str, at: dt.datetime) -> Html:
    """What every card of a decided approval shows."""
    words = house.office.words[f"decided_{decision}"]
    return house.words(
        "card_decided",
        lang,
        {
            "number": claim.number or "",
            "decision": words,
            "name": who,
            "at": at,
            "total": Money(amount=claim.total, currency=claim.currency),
            "car": claim.facts.vin or "–",
            "part": claim.facts.failed_part or "–",
        },
    )
