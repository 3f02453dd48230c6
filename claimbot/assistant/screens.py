"""What people can look at: help, drafts, own claims, the desk's queue, a claim's card, an approval's card."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from claimbot.assistant.asked_before import asked_before
from claimbot.assistant.at_the_maker import at_the_maker
from claimbot.assistant.auditing import fix_buttons, obstacles, verdicts_of
from claimbot.assistant.authority import (
    absent_for,
    amounts_mark,
    approved_total,
    asked_for,
    authority_of,
    decided_words,
    reason_words,
    signer_words,
    stood_in_for,
)
from claimbot.assistant.beside import asked_line, beside, replied_lines
from claimbot.assistant.exposing import car_of, exposure_lines, warning
from claimbot.assistant.house import House
from claimbot.assistant.knowing import deciders, known_of, role_words, type_choices
from claimbot.assistant.letters import Data, Letter, key
from claimbot.claims.audit import Verdict
from claimbot.claims.authority import signatures_needed
from claimbot.claims.cuts import Cut, fits
from claimbot.claims.evidence_plan import PlannedSlot, missing, plan_for
from claimbot.claims.facts import Known, PhotoSheet
from claimbot.claims.goodwill import shares_of
from claimbot.claims.life import unmet
from claimbot.claims.vin import short_vin
from claimbot.claims.words import Html, Lang, Money, answered, show
from claimbot.claims.words import days as in_days
from claimbot.engine import State, progress, told
from claimbot.flow.kinds import tell
from claimbot.flow.kinds.asking import Around, At, Choice, Json, in_rows
from claimbot.flow.kinds.cuts import cut_lines
from claimbot.flow.kinds.review import verdict_lines, verdict_parts
from claimbot.flow.model import CutsStep, EndStep, LinesStep, OptionSource
from claimbot.store import Tx, claims, clocks, conversations, inquiries, old_parts, people
from claimbot.store.claims import Approval, Claim, Signature, Waiting
from claimbot.store.conversations import Conversation
from claimbot.store.cuts import cuts_approved, cuts_of
from claimbot.store.lines import lines_of
from claimbot.store.people import Person

_SOON = dt.timedelta(days=8)
"""From here on a deadline counts as urgent: the first reminder of the maker's window comes a week before its end."""
_SHORT = 12
"""Characters of a draft's name beside its car: it stands on a button."""
DESK_STATES = ("submitted", "sent_back")
TO_FILE = ("approved",)
"""What is decided, and still has to reach the maker."""
BACK_STATES = ("short", "returned", "refused")
"""They came back from the maker without all of the money."""
ASKED_STATES = ("asked",)
"""They wait for somebody else; the desk sees them behind its own."""
INTAKE, DESK, REQUEST, REPLY = "warranty.intake", "warranty.desk", "warranty.request", "warranty.reply"
BEGUN_FROM = "begun_from"
"""Where a conversation about a claim holds what its own questions were answered with when it began."""
_MONEY = ("lines",)
_ON_TOP = ("vin", "odometer_km", "failed_part", "claim_type")
"""What an approval's card tells in its first lines, as `_MONEY` further below."""
_REPAIR = ("repair_order", "opened_at", "closed_at", "in_service_on")
_FEW_WORDS = 60
"""Characters of what the customer said, and of the cause, in the first lines of a card."""
_ANSWERED = ("answered", "returned", "refused")
"""The maker has answered, and the answer can still be put right."""
WITHDRAW, APPROVAL, MORE, FILE = "warranty.withdraw", "warranty.approval", "warranty.more", "warranty.file"
COMPENSATION = "warranty.compensation"
CORRECT, TYPE, PREAUTH = "warranty.correct", "warranty.type", "warranty.preauth"
OLD_PART, RETURN = "warranty.old_part", "warranty.part_return"
DEDUCTION, DEDUCTION_ANSWER = "warranty.deduction", "warranty.deduction_answer"
INQUIRY, INQUIRY_ANSWER = "warranty.inquiry", "warranty.inquiry_answer"
TOLD_FLOWS = (INTAKE, DESK, TYPE, PREAUTH, FILE)
"""The flows whose answers a claim's card tells."""
MAKER, APPEAL, EXPLAIN, WRITE_OFF = "warranty.maker", "warranty.appeal", "warranty.explain", "warranty.write_off"
CREDIT, OVERPAID = "warranty.credit", "warranty.overpaid"
EVENT, OWN_CLOCK, SNOOZE, CONTRACT = "clocks.event", "clocks.own", "clocks.snooze", "clocks.contract"


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
    return f"{car} {_shortened(what, _SHORT)}".strip()


def _shortened(words: str, most: int) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


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


@dataclass(frozen=True, slots=True)
class _Read:
    """A claim as one reader sees it: its answers, its verdicts with their reasons, and the words of explanation."""

    answers: Mapping[str, Html]
    verdicts: tuple[Verdict, ...]
    seen: Around
    explained: tuple[Html, ...]
    total: Html | None
    shares: tuple[Html, ...]

    @property
    def judged(self) -> Html:
        return verdict_lines(self.verdicts, self.seen)


def _read(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> _Read:
    site = people.site(tx, claim.site_id)
    known = known_of(tx, site, vin=claim.facts.vin, claim_id=claim.id, now=now)
    family = claim.facts.fault_family
    parts = {} if family is None else house.office.makers[site.maker].parts_of(family)
    offers: dict[OptionSource, tuple[Choice, ...]] = {
        "part_names": tuple(Choice(name, part.words) for name, part in parts.items()),
        "claim_types": type_choices(house),
    }
    doubts = claims.doubts_about(tx, [sha for _, sha in photos_by_slot(claim)], claim.id)
    seen = Around(house.office, known, lang, offers, doubts)
    answers: dict[str, Json] = {**claim.answers, "car_right": True}  # type: ignore[dict-item]  # JSON from the database
    told_answers = {
        step: answered(label, words, lang)
        for name in TOLD_FLOWS
        for step, label, words in told(house.office.flows[name], answers, seen)
        if step != "old_part"  # what the desk knows of it now is told beside
    }
    lines = house.office.flows[DESK].steps["lines"]
    if claim.facts.lines and "lines" not in told_answers and isinstance(lines, LinesStep):  # known before their turn
        words = tell(At(house.office.flows[DESK], "lines", lines, answers, None, seen), answers["lines"])
        told_answers["lines"] = answered(lines.label.to(lang), words, lang)
    verdicts = verdicts_of(tx, house, claim, now)
    explained = tuple(
        house.words("explained", lang, {"who": who, "why": str(answers[field])})
        for field, who in (
            ("explanation", house.office.words["role_technician"]),
            ("desk_explanation", house.office.words["role_clerk"]),
        )
        if answers.get(field)
    )
    explained = (*explained, *replied_lines(tx, house, claim, lang))
    total = Money(amount=claim.total, currency=claim.currency)
    known_in_all = claim.facts.labour is not None and claim.facts.lines is None  # lines tell their own sum
    said = house.words("claim_total", lang, {"total": total}) if known_in_all else None
    return _Read(told_answers, verdicts, seen, explained, said, _shares(tx, house, claim, lang))


def _cuts_now(tx: Tx, claim: Claim) -> tuple[Cut, ...]:
    """What has been cut of a claim as it stands: by who signed first while it waits, or by the decision."""
    cuts: tuple[Cut, ...] = ()
    if claim.state == "in_approval":
        asked = claims.approval_of(tx, claim.id)
        cuts = () if asked is None else cuts_of(tx, asked.id)
    elif any(each.approved is not None for each in lines_of(tx, claim.id)):
        cuts = cuts_approved(tx, claim.id)
    return tuple(each for each in cuts if fits(each, claim.facts.lines or ()))


def _shares(tx: Tx, house: House, claim: Claim, lang: Lang) -> tuple[Html, ...]:
    """Who bears how much of a goodwill claim, of what is approved of it; nothing for any other."""
    if claim.facts.claim_type != "goodwill":
        return ()
    shares = shares_of(claim.facts, approved_total(claim, _cuts_now(tx, claim)).amount)
    if shares is None:
        return ()
    values: dict[str, object] = {}
    for who, share in (("maker", shares.maker), ("dealer", shares.dealer), ("customer", shares.customer)):
        values[f"{who}_percent"] = share.percent
        values[who] = Money(amount=share.amount, currency=claim.currency)
    return (house.words("goodwill_shares", lang, values),)


def read_claim(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> tuple[tuple[Verdict, ...], Around]:
    """A claim's verdicts, and what its reader may look at: for papers, where nothing is markup."""
    read = _read(tx, house, claim, lang, now)
    return read.verdicts, read.seen


def facts_lines(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> Html:
    """Every answer of the claim in the reader's language, then the verdicts with their reasons."""
    read = _read(tx, house, claim, lang, now)
    lines = [f"• {line}" for line in read.answers.values()]
    total = () if read.total is None else (read.total,)
    return Html("\n".join([*lines, *total, *read.shares, "", read.judged, *read.explained]))


def _people_line(tx: Tx, house: House, claim: Claim, lang: Lang) -> Html:
    author = people.person(tx, claim.author_id)
    return house.words("reported_by", lang, {"name": author.name, "day": claim.reported_on or "–"})


def claim_card(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime, *, behind: bool = False) -> Letter:
    """The claim as this person may see it, with what they can do to it now; `behind`: with what is wanted seldom."""
    lang = person.language
    parts = [
        f"<b>{claim_title(house, claim, lang)}</b>",
        _people_line(tx, house, claim, lang),
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
        parts.append(cuts_told(house, claim, _cuts_now(tx, claim), lang))
    rows = claim_buttons(tx, house, person, claim, now, behind=behind)
    return Letter(Html("\n".join(parts)), rows, claim_id=claim.id)


def cuts_told(house: House, claim: Claim, cuts: Sequence[Cut], lang: Lang) -> Html:
    """What was cut and why, a line each, and what that comes to."""
    step = house.office.flows[APPROVAL].steps.get("cuts")
    lines = claim.facts.lines or ()
    told = cut_lines(house.office, step, lines, cuts, claim.currency, lang) if isinstance(step, CutsStep) else ()
    values = {"claimed": approved_total(claim, ()), "approved": approved_total(claim, cuts)}
    return Html("\n".join([*told, house.words("cut_sum", lang, values)]))


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


def claim_buttons(
    tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime, *, behind: bool = False
) -> Data:
    """What this person can do to it: what is in the way, their act, what is wanted often. `behind`: all the rest."""
    clerk = person.has("clerk", claim.site_id)
    if behind:
        back = ((house.label("less", person.language), f"less:{key(claim.id)}"),)
        return (*in_rows(tuple(_behind(tx, house, person, claim, now)), 2), back)
    rows: list[tuple[tuple[str, str], ...]] = []
    moves, lang = house.office.life.moves, person.language
    if clerk and claim.state in moves["complete"].states:
        rows.extend(_in_the_way(tx, house, claim, lang, now))
    rows.extend(act_buttons(tx, house, person, claim, now))
    if clerk:
        rows.extend(_filing_buttons(house, claim, lang))
        if claim.state == "in_approval":
            rows.append(((house.label("recall", lang), f"r:{key(claim.id)}"),))
    rows.extend(in_rows(tuple(_looks(house, person, claim, now)), 2))
    return tuple(rows)


def _looks(house: House, person: Person, claim: Claim, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """What is wanted often: the report, the photos, the car; and where the rest is."""
    lang, moves = person.language, house.office.life.moves
    clerk = person.has("clerk", claim.site_id)
    if clerk and claim.state in moves["complete"].states:
        yield _starts(house, lang, CORRECT, claim)
    if clerk:
        yield (photos_label(house, claim, lang, now), f"p:{key(claim.id)}")
    else:
        if person.id == claim.author_id and claim.state in moves["add"].states:
            yield _starts(house, lang, MORE, claim)
        if claim.facts.photos is not None and claim.facts.photos.slots:
            yield (photos_label(house, claim, lang, now), f"p:{key(claim.id)}")
    if clerk or person.has("supervisor", claim.site_id):
        yield from car_button(house, lang, claim)
        yield (house.label("more", lang), f"more:{key(claim.id)}")


def _behind(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """What is wanted seldom: type and pre-authorisation, dates, other departments, the old part, taking it back."""
    lang, moves, clerk = person.language, house.office.life.moves, person.has("clerk", claim.site_id)
    if clerk and claim.state in moves["complete"].states:
        before = {data for row in _in_the_way(tx, house, claim, lang, now) for _, data in row}
        label, data = _starts(house, lang, TYPE, claim)
        if f"fix:claim_type:{key(claim.id)}" not in before:
            kind = house.office.audit.types[claim.facts.claim_type].words.to(lang)
            yield (house.label("type_now", lang).format(button=label, type=kind), data)
        if f"fix:preauth_state:{key(claim.id)}" not in before:
            yield _starts(house, lang, PREAUTH, claim)
    if not clerk and not person.has("supervisor", claim.site_id):
        return
    yield clocks_button(house, lang, claim)
    asked = len(inquiries.inquiries_of(tx, claim.id))
    label = f"{house.label('claim_inquiries', lang)} {asked}"
    yield (label, f"iq:s:{key(claim.id)}") if asked else _starts(house, lang, INQUIRY, claim)
    if not clerk:
        return
    if old_parts.part_of(tx, claim.id) is not None:
        yield (house.label("claim_old_part", lang), f"op:s:{key(claim.id)}")
    if claim.state in moves["recall"].states and claim.state != "in_approval":  # there it is the act itself
        yield (house.label("recall", lang), f"r:{key(claim.id)}")
    if claim.state in moves["withdraw"].states:
        yield _starts(house, lang, WITHDRAW, claim)


def photos_label(house: House, claim: Claim, lang: Lang, now: dt.datetime) -> str:
    """With how many there are of all that its plan has, as soon as there is a plan."""
    label, planned = house.label("see_photos", lang), photo_plan(house, claim, now)
    held = {} if claim.facts.photos is None else claim.facts.photos.slots
    return f"{label} {sum(1 for slot in planned if held.get(slot.name))}/{len(planned)}" if planned else label


def photo_plan(house: House, claim: Claim, now: dt.datetime) -> tuple[PlannedSlot, ...]:
    facts = claim.facts
    if facts.fault_family is None or facts.remedy is None:
        return ()
    return plan_for(house.office.evidence, facts, Known(today=now.date(), now=now))


def photos_screen(house: House, person: Person, claim: Claim, now: dt.datetime) -> Letter:
    """Below a claim's photos, to somebody of its desk: how many there are, what is missing, and the way to add some."""
    lang = person.language
    values = {"number": claim.number or "", "photos": photos_label(house, claim, lang, now)}
    lines = [house.words("photos_of", lang, values)]
    gaps = missing(photo_plan(house, claim, now), claim.facts.photos or PhotoSheet())
    if gaps:
        lines.append(house.words("photos_missing", lang, {"slots": [slot.words for slot in gaps]}))
    addable = claim.state in house.office.life.moves["add"].states
    rows = ((_starts(house, lang, MORE, claim),),) if addable else ()
    return Letter(Html("\n".join(lines)), rows, claim_id=claim.id)


def _in_the_way(
    tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime
) -> Iterator[tuple[tuple[str, str], ...]]:
    """What the facts offer, and the mending of each failure: above all else, as nothing goes on without it."""
    verdicts, facts = verdicts_of(tx, house, claim, now), claim.facts
    again = next((each for each in verdicts if each.rule == "repeat_repair" and each.reason == "found"), None)
    if again is not None and facts.claim_type == "normal":
        label = house.label("repeat_of", lang).format(claim=again.values["claim"])
        yield ((label, f"again:{key(claim.id)}"),)
    if facts.preauth_state == "granted" and facts.preauth_lines and not facts.lines:
        yield ((house.label("preauth_take_over", lang), f"granted:{key(claim.id)}"),)
    yield from fix_buttons(house, lang, claim, verdicts)


def _filing_buttons(house: House, claim: Claim, lang: Lang) -> Data:
    """Of a claim that is with the maker: what went there, what came later, what proves it."""
    if claim.state != "filed":
        return ()
    mend = (house.label("filing_mend", lang), f"b:{FILE}:{key(claim.id)}")
    rows = (((house.label("package", lang), f"pk:{key(claim.id)}"), mend),)
    proof = ((house.label("filing_proof", lang), f"pf:{key(claim.id)}"),)
    return (*rows, proof) if claim.answers.get("filed_proof") else rows


def clocks_button(house: House, lang: Lang, claim: Claim) -> tuple[str, str]:
    return (house.label("claim_clocks", lang), f"t:{key(claim.id)}")


def car_button(house: House, lang: Lang, claim: Claim) -> tuple[tuple[str, str], ...]:
    return () if claim.facts.vin is None else ((house.label("car_history", lang), f"h:{key(claim.id)}"),)


def act_buttons(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> Data:
    """What moves the claim on, where it is this person's turn: empty where it is somebody else's."""
    lang = person.language
    if claim.state == house.office.life.first and person.id == claim.author_id:
        draft = conversations.unfinished_about(tx, person.id, claim.id, INTAKE)
        vin = None if draft is None else draft.stand.answers.get("vin")
        car = short_vin(vin) if isinstance(vin, str) else ""
        label = house.label("draft_continue", lang).format(car=car).strip()
        throw = house.label("draft_discard", lang)
        return () if draft is None else (((label, f"d:{key(draft.id)}"),), ((throw, f"x:{key(draft.id)}"),))
    if claim.state == "asked":
        return _answer_buttons(house, person, claim)
    if claim.state in {"submitted", "sent_back"} and person.has("clerk", claim.site_id):
        rows: Data = ((_completes(tx, house, person, claim, now), _starts(house, lang, REQUEST, claim)),)
        missing = unmet(house.office.life, "send", claim.facts, Known(today=now.date(), now=now))
        if missing or obstacles(tx, house, claim, now):
            return rows
        return (((house.label("send_for_approval", lang), f"v:{key(claim.id)}"),), *rows)
    if claim.state in TO_FILE and person.has("clerk", claim.site_id):
        package = (house.label("package", lang), f"pk:{key(claim.id)}")
        return ((package, _starts(house, lang, FILE, claim)),)
    asked = awaited_from(tx, person, claim)
    return (
        decision_buttons(tx, house, lang, claim, asked)
        if asked is not None
        else _after_it_left(tx, house, person, claim, now)
    )


def _completes(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> tuple[str, str]:
    """Completing it; where this clerk has begun that, going on, and how far they are."""
    lang, held = person.language, conversations.unfinished_about(tx, person.id, claim.id, DESK)
    label, data = _starts(house, lang, DESK, claim)
    if held is None:
        return label, data
    seen = Around(house.office, Known(today=now.date(), now=now), lang)
    place, count = progress(house.office.flows[DESK], held.stand, seen)
    return house.label("desk_continue", lang).format(place=place, count=count), data


def _answer_buttons(house: House, person: Person, claim: Claim) -> Data:
    """The answer is the technician's; the desk enters one that came by telephone, or asks no more."""
    lang = person.language
    if person.id == claim.author_id:
        return ((_starts(house, lang, REPLY, claim),),)
    if not person.has("clerk", claim.site_id):
        return ()
    enter = (house.label("reply_enter", lang), f"b:{REPLY}:{key(claim.id)}")
    return ((enter, (house.label("unask", lang), f"ua:{key(claim.id)}")),)


def _after_it_left(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> Data:
    """What can be done about a claim that has been at the maker: appealing, mending, giving up, another answer."""
    lang, moves = person.language, house.office.life.moves
    buttons: list[tuple[str, str]] = []
    for name in (APPEAL, EXPLAIN, MAKER, WRITE_OFF):
        flow = house.office.flows[name]
        made = None if flow.move is None else moves[flow.move]
        if made is None or claim.state not in made.states or not any(person.has(r, claim.site_id) for r in flow.roles):
            continue
        theirs = name == WRITE_OFF and person.id in _theirs(tx, claim)
        if not theirs and not (name == APPEAL and _all_granted(tx, claim)):
            buttons.append(_starts_after(tx, house, lang, name, claim, now))
    if claim.state in moves["mend"].states and person.has("clerk", claim.site_id):
        left = _days_left(tx, house, claim, ("resubmission",), lang, now)
        appealed = sum(data.startswith(f"b:{APPEAL}:") for _, data in buttons)
        buttons.insert(appealed, (house.label("mend", lang) + left, f"mm:{key(claim.id)}"))
    if claim.state in moves["insist"].states and person.has("supervisor", claim.site_id):
        buttons.append((house.label("insist", lang), f"mi:{key(claim.id)}"))
    return in_rows(buttons, 2)


def _starts_after(tx: Tx, house: House, lang: Lang, name: str, claim: Claim, now: dt.datetime) -> tuple[str, str]:
    """A flow's button, called after what it comes to for this claim."""
    label, data = _starts(house, lang, name, claim)
    if name == APPEAL:
        label += _days_left(tx, house, claim, ("appeal", "appeal_cut"), lang, now)
    elif name == EXPLAIN and claim.state == "refused":  # there nothing is short: all of it is given up, or none
        label = house.label("write_off_asked", lang)
    elif name == MAKER and claim.state in _ANSWERED:
        label = house.label("answer_mend", lang)
    return label, data


def _days_left(tx: Tx, house: House, claim: Claim, rules: Sequence[str], lang: Lang, now: dt.datetime) -> str:
    """How long there still is, where a clock of these runs on the claim; else nothing."""
    zone = ZoneInfo(people.site(tx, claim.site_id).zone)
    days = [
        (each.due_at.astimezone(zone).date() - now.astimezone(zone).date()).days
        for each in clocks.running_clocks(tx, claim.id)
        if each.due_at is not None and each.rule.partition("#")[0] in rules
    ]
    if not days:
        return ""
    said = "button_last_day" if min(days) == 0 else "button_late" if min(days) < 0 else "button_left"
    return f" · {house.words(said, lang, {'days': in_days(abs(min(days)))})}"


def _all_granted(tx: Tx, claim: Claim) -> bool:
    """Whether the maker approved all that it was asked for: then there is nothing to appeal against."""
    asked = [each for each in lines_of(tx, claim.id) if each.approved is not None]
    return bool(asked) and all(each.maker_approved == each.asked for each in asked)


def _theirs(tx: Tx, claim: Claim) -> set[int | None]:
    """Whose claim it is: nobody of them decides on it."""
    asked = claims.approval_of(tx, claim.id)
    return {claim.author_id, claim.clerk_id, None if asked is None else asked.sent_by}


def awaited_from(tx: Tx, person: Person, claim: Claim) -> Approval | None:
    """The approval that waits for this person's signature; None where it waits for others, or for nobody."""
    asked = claims.approval_of(tx, claim.id) if claim.state == "in_approval" else None
    if asked is None or all(each.id != person.id for each in deciders(tx, claim, asked.sent_by)):
        return None
    signed = {each.person_id for each in claims.signatures_of(tx, asked.id)}
    return None if person.id in signed else asked


def decision_buttons(tx: Tx, house: House, lang: Lang, claim: Claim, asked: Approval) -> Data:
    """The yes alone above, as wide as the screen; each no below it. After a first signature nothing more is cut."""
    cuts, signed = cuts_of(tx, asked.id), bool(claims.signatures_of(tx, asked.id))
    mark = amounts_mark(cuts)
    choices = dict(getattr(house.office.flows[APPROVAL].steps["decision"], "choices", {}))
    buttons = {
        name: (words.to(lang), f"a:{key(asked.id)}:{name}{f':{mark}' if mark else ''}")
        for name, words in choices.items()
        if name != "approve_part" or (claim.facts.lines and not signed)
    }
    if cuts and "approve" in buttons:
        label = house.words("approval_approve_amount", lang, {"approved": approved_total(claim, cuts)})
        buttons["approve"] = (label, buttons["approve"][1])
    yes = [(buttons.pop(name),) for name in ("approve", "approve_part") if name in buttons]
    return (*yes, tuple(buttons.values()))


def _starts(house: House, lang: Lang, name: str, claim: Claim) -> tuple[str, str]:
    button = house.office.flows[name].starts.button
    return (button.to(lang) if button is not None else name, f"b:{name}:{key(claim.id)}")


def photos_by_slot(claim: Claim) -> tuple[tuple[str, str], ...]:
    """Slot and SHA-256 of each photo."""
    photos = claim.facts.photos
    return () if photos is None else tuple((slot, sha) for slot, held in photos.slots.items() for sha in held)


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
    read = _read(tx, house, claim, lang, now)
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
        _people_line(tx, house, claim, lang),
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
            "complaint": _shortened(said or "–", _FEW_WORDS).rstrip("。."),
            "cause": _shortened(cause or "–", _FEW_WORDS).rstrip("。."),
        }
        yield house.words("approval_fault", lang, values)


def _still_taken(house: House, read: _Read, lang: Lang) -> Iterator[Html]:
    """How long the maker still takes it; where that is over or not known, its verdict says so above."""
    for each in read.verdicts:
        if each.rule == "submission_window" and each.reason == "within":
            left = int(str(each.values["days_left"]))
            yield house.words("approval_days_left", lang, {"days": in_days(left), "on": each.values["due_on"]})


def _the_rest(claim: Claim, read: _Read) -> str:
    """Whatever the card does not tell above: the repair's order and dates first."""
    whole = {
        name
        for name, words in (("complaint", claim.facts.complaint), ("cause", claim.facts.cause))
        if words is None or _shortened(words, _FEW_WORDS) == words
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


def _verdict_in_short(house: House, read: _Read, lang: Lang) -> Html:
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
            part = _shortened(part_words(house, claim.facts.failed_part, lang), _SHORT)
            named = label.format(number=claim.number, part=part, car=car_words(claim))
            rows.append(((named, f"n:c{key(claim.id)}"),))
    count = len(claims.loose_showings(tx, person.id))
    return Letter(house.words("loose_photo", lang, {"count": count}), tuple(rows))
