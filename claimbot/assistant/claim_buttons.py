"""What can be done about a claim, as buttons: what moves it on, what is looked at, what stands behind ⋯."""

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from claimbot.assistant.auditing import fix_buttons, obstacles, verdicts_of
from claimbot.assistant.authority import (
    amounts_mark,
    approved_total,
)
from claimbot.assistant.flow_names import (
    APPEAL,
    APPROVAL,
    CORRECT,
    DESK,
    EXPLAIN,
    FILE,
    INQUIRY,
    INTAKE,
    MAKER,
    MORE,
    PREAUTH,
    REPLY,
    REQUEST,
    TYPE,
    WITHDRAW,
    WRITE_OFF,
)
from claimbot.assistant.house import House
from claimbot.assistant.knowing import deciders
from claimbot.assistant.letters import Data, key
from claimbot.claims.evidence_plan import PlannedSlot, counted, plan_for
from claimbot.claims.facts import Known
from claimbot.claims.life import unmet
from claimbot.claims.vin import short_vin
from claimbot.claims.words import Lang
from claimbot.claims.words import days as in_days
from claimbot.engine import progress
from claimbot.flow.kinds.asking import Around, in_rows
from claimbot.store import Tx, claims, clocks, conversations, inquiries, old_parts, people
from claimbot.store.claims import Approval, Claim
from claimbot.store.cuts import cuts_of
from claimbot.store.lines import lines_of
from claimbot.store.people import Person

TO_FILE = ("approved",)
"""What is decided, and still has to reach the maker."""
_ANSWERED = ("answered", "returned", "refused")
"""The maker has answered, and the answer can still be put right."""


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
        yield flow_button(house, lang, CORRECT, claim)
    if clerk:
        yield (photos_label(house, claim, lang, now), f"p:{key(claim.id)}")
    else:
        if person.id == claim.author_id and claim.state in moves["add"].states:
            yield flow_button(house, lang, MORE, claim)
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
        label, data = flow_button(house, lang, TYPE, claim)
        if f"fix:claim_type:{key(claim.id)}" not in before:
            kind = house.office.audit.types[claim.facts.claim_type].words.to(lang)
            yield (house.label("type_now", lang).format(button=label, type=kind), data)
        if f"fix:preauth_state:{key(claim.id)}" not in before:
            yield flow_button(house, lang, PREAUTH, claim)
    if not clerk and not person.has("supervisor", claim.site_id):
        return
    yield clocks_button(house, lang, claim)
    asked = len(inquiries.inquiries_of(tx, claim.id))
    label = f"{house.label('claim_inquiries', lang)} {asked}"
    yield (label, f"iq:s:{key(claim.id)}") if asked else flow_button(house, lang, INQUIRY, claim)
    if not clerk:
        return
    if old_parts.part_of(tx, claim.id) is not None:
        yield (house.label("claim_old_part", lang), f"op:s:{key(claim.id)}")
    if claim.state in moves["recall"].states and claim.state != "in_approval":  # there it is the act itself
        yield (house.label("recall", lang), f"r:{key(claim.id)}")
    if claim.state in moves["withdraw"].states:
        yield flow_button(house, lang, WITHDRAW, claim)


def photos_label(house: House, claim: Claim, lang: Lang, now: dt.datetime) -> str:
    """With how many there are of all that its plan has, as soon as there is a plan."""
    label, planned = house.label("see_photos", lang), counted(photo_plan(house, claim, now))
    held = {} if claim.facts.photos is None else claim.facts.photos.slots
    return f"{label} {sum(1 for slot in planned if held.get(slot.name))}/{len(planned)}" if planned else label


def photo_plan(house: House, claim: Claim, now: dt.datetime) -> tuple[PlannedSlot, ...]:
    facts = claim.facts
    if facts.fault_family is None or facts.remedy is None:
        return ()
    return plan_for(house.office.evidence, facts, Known(today=now.date(), now=now))


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
        rows: Data = ((_completes(tx, house, person, claim, now), flow_button(house, lang, REQUEST, claim)),)
        missing = unmet(house.office.life, "send", claim.facts, Known(today=now.date(), now=now))
        if missing or obstacles(tx, house, claim, now):
            return rows
        return (((house.label("send_for_approval", lang), f"v:{key(claim.id)}"),), *rows)
    if claim.state in TO_FILE and person.has("clerk", claim.site_id):
        package = (house.label("package", lang), f"pk:{key(claim.id)}")
        return ((package, flow_button(house, lang, FILE, claim)),)
    asked = awaited_from(tx, person, claim)
    return (
        decision_buttons(tx, house, lang, claim, asked)
        if asked is not None
        else _after_it_left(tx, house, person, claim, now)
    )


def _completes(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> tuple[str, str]:
    """Completing it; where this clerk has begun that, going on, and how far they are."""
    lang, held = person.language, conversations.unfinished_about(tx, person.id, claim.id, DESK)
    label, data = flow_button(house, lang, DESK, claim)
    if held is None:
        return label, data
    seen = Around(house.office, Known(today=now.date(), now=now), lang)
    place, count = progress(house.office.flows[DESK], held.stand, seen)
    return house.label("desk_continue", lang).format(place=place, count=count), data


def _answer_buttons(house: House, person: Person, claim: Claim) -> Data:
    """The answer is the technician's; the desk enters one that came by telephone, or asks no more."""
    lang = person.language
    if person.id == claim.author_id:
        return ((flow_button(house, lang, REPLY, claim),),)
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
    label, data = flow_button(house, lang, name, claim)
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


def flow_button(house: House, lang: Lang, name: str, claim: Claim) -> tuple[str, str]:
    button = house.office.flows[name].starts.button
    return (button.to(lang) if button is not None else name, f"b:{name}:{key(claim.id)}")
