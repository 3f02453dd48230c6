"""Questions to other departments: asked from inside a claim, pushed by a clock, answered in place or by phone.

Who is named gets it in their own chat; where a department has nobody here, its asker is reminded and enters the answer.
"""

import datetime as dt

from claimbot.assistant.beside import answer_words, asked_whom, department_words, inquiry_line
from claimbot.assistant.doing import Doing, clerks_of, say_on_card
from claimbot.assistant.flow_names import INQUIRY
from claimbot.assistant.house import House
from claimbot.assistant.letters import Letter, key, post
from claimbot.assistant.presence import works_at
from claimbot.assistant.reminders import start
from claimbot.assistant.timekeeping import office_calendar
from claimbot.assistant.titles import claim_title
from claimbot.claims.clocks import Running, set_by_hand
from claimbot.claims.words import Html
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Choice
from claimbot.flow.kinds.proof import proof_of
from claimbot.store import Tx, claims, clocks, inquiries, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import ASKED
from claimbot.store.inquiries import Inquiry
from claimbot.store.messages import URGENT
from claimbot.store.people import Person

_MOST_PEOPLE = 20
_MOST_LISTED = 12


def people_offered(tx: Tx, person: Person, claim: Claim) -> tuple[Choice, ...]:
    """Everybody else of the claim's site who can be reached."""
    return tuple(Choice(str(each.id), each.name) for each in _askable(tx, person, claim)[:_MOST_PEOPLE])


def _askable(tx: Tx, person: Person, claim: Claim) -> tuple[Person, ...]:
    staff = people.staff_of(tx, claim.site_id, ("technician", "clerk", "supervisor", "administrator"))
    return tuple(each for each in staff if each.id != person.id and not each.blocked)


def may_answer(doing: Doing, inquiry: Inquiry, claim: Claim) -> bool:
    """Who was asked, and the desk for them."""
    desk = any(doing.person.has(role, claim.site_id) for role in ("clerk", "supervisor"))
    return desk or doing.person.id == inquiry.asked_of


def ask_department(doing: Doing, claim: Claim, answers: Answers) -> None:
    """Asks, and sets the clock that waits for the answer."""
    calendar = office_calendar(doing.house, people.site(doing.tx, claim.site_id))
    day = dt.date.fromisoformat(str(answers["inquiry_on"]))
    if day < calendar.day_of(doing.now):
        raise Refusal("own_is_past", {"day": day}, again="inquiry_on")
    chosen = str(answers["asked_of"])
    to = next((each for each in _askable(doing.tx, doing.person, claim) if str(each.id) == chosen), None)
    if to is None and chosen.isdigit():
        raise Refusal("inquiry_person_gone", again="asked_of")
    words, department = str(answers["inquiry_words"]), str(answers["department"])
    number = inquiries.add_inquiry(
        doing.tx,
        {
            "claim_id": claim.id,
            "department": department,
            "words": words,
            "asked_by": doing.person.id,
            "asked_of": None if to is None else to.id,
            "asked_at": doing.now,
            "due_on": day,
        },
    )
    ladder, morning = doing.house.office.ladders.ladders[ASKED], doing.house.office.clocks.morning
    running = Running(ladder, morning, doing.now, set_by_hand(day, calendar).due_at, calendar)
    waits_for = doing.person.id if to is None else to.id
    fields = {"form": ASKED, "rule": f"asked#{number}", "words": words, "person_id": waits_for, "due_on": day}
    inquiries.tie_clock(doing.tx, number, start(doing.tx, claim, running, fields, doing.now))
    detail = {"department": department, "of": None if to is None else to.name, "words": words, "until": day.isoformat()}
    claims.write_entry(doing.tx, claim.id, "inquired", detail, person_id=doing.person.id, now=doing.now)
    asked = inquiries.inquiry(doing.tx, number)
    if to is not None:
        _put_to(doing, to, claim, asked)
    who = asked_whom(doing.tx, doing.house, asked, doing.lang)
    said = {"number": claim.number or "", "who": who, "on": day}
    say_on_card(doing, "inquiry_by_phone" if to is None else "inquiry_asked", said, claim)


def _put_to(doing: Doing, to: Person, claim: Claim, asked: Inquiry) -> None:
    line = claim_title(doing.house, claim, to.language)
    values = {"name": doing.person.name, "line": line, "on": asked.due_on, "words": asked.words}
    html = doing.house.words("inquiry_told", to.language, values)
    rows = (((doing.house.label("inquiry_reply", to.language), f"iq:a:{key(asked.id)}"),),)
    letter = Letter(html, rows, kind="inquiry", claim_id=claim.id)
    post(doing.tx, doing.reply, to, letter, doing.now, urgency=URGENT)


def answer_inquiry(doing: Doing, claim: Claim, answers: Answers) -> None:
    """The answer comes back into the claim, and whoever asked is told, with what was shown."""
    number = answers.get("inquiry")
    if not isinstance(number, int):
        raise Refusal("inquiry_over")
    asked = inquiries.inquiry(doing.tx, number)
    if asked.claim_id != claim.id or not may_answer(doing, asked, claim):
        raise Refusal("not_yours")
    proof = proof_of(answers.get("inquiry_answer"))
    _end(doing, asked, "answered", {"answer_words": proof.words, "shown": list(proof.shown)})
    detail = {"department": asked.department, "words": proof.words, "shown": list(proof.shown)}
    claims.write_entry(doing.tx, claim.id, "inquiry_answered", detail, person_id=doing.person.id, now=doing.now)
    answered = inquiries.inquiry(doing.tx, asked.id)
    asker = people.person(doing.tx, asked.asked_by)
    for each in (asker,) if works_at(asker, claim) else clerks_of(doing, claim):
        if each.id != doing.person.id:
            _bring(doing, each, claim, answered)
    if doing.person.id == asked.asked_of:
        doing.say("inquiry_thanks", {"name": asker.name, "number": claim.number or ""})
        return
    doing.say("inquiry_entered", {"number": claim.number or ""}, claim=claim)
    _tell_not_needed(doing, claim, asked)


def _bring(doing: Doing, to: Person, claim: Claim, answered: Inquiry) -> None:
    values = {
        "name": doing.person.name,
        "number": claim.number or "",
        "department": department_words(doing.house, answered.department),
        "words": answer_words(doing.house, answered, to.language),
    }
    html = doing.house.words("inquiry_came", to.language, values)
    rows = (((doing.house.label("open_claim", to.language), f"c:{key(claim.id)}"),),)
    letter = Letter(html, rows, pictures=tuple(answered.shown or ()), claim_id=claim.id)
    post(doing.tx, doing.reply, to, letter, doing.now)


def _end(doing: Doing, asked: Inquiry, state: str, fields: dict[str, object]) -> None:
    ended = {"ended_by": doing.person.id, "ended_at": doing.now, **fields}
    if not inquiries.end_inquiry(doing.tx, asked.id, state, ended):
        raise Refusal("inquiry_over")
    if asked.clock_id is not None:
        clocks.stop_clock(doing.tx, asked.clock_id, "met" if state == "answered" else "over")


def withdraw_inquiry(doing: Doing, asked: Inquiry) -> None:
    """Nobody needs the answer any more; who was asked is told."""
    claim = claims.lock_claim(doing.tx, asked.claim_id)
    if not any(doing.person.has(role, claim.site_id) for role in ("clerk", "supervisor")):
        raise Refusal("not_yours")
    _end(doing, asked, "withdrawn", {})
    detail = {"department": asked.department, "words": asked.words}
    claims.write_entry(doing.tx, claim.id, "inquiry_withdrawn", detail, person_id=doing.person.id, now=doing.now)
    _tell_not_needed(doing, claim, asked)
    who = asked_whom(doing.tx, doing.house, asked, doing.lang)
    doing.say("inquiry_taken_back", {"number": claim.number or "", "who": who}, claim=claim)


def _tell_not_needed(doing: Doing, claim: Claim, asked: Inquiry) -> None:
    if asked.asked_of not in {None, doing.person.id}:
        to = people.person(doing.tx, int(str(asked.asked_of)))
        values = {"name": doing.person.name, "number": claim.number or "", "words": asked.words}
        doing.tell(to, "inquiry_not_needed", values)


def inquiries_screen(tx: Tx, house: House, person: Person, claim: Claim) -> Letter:
    """All that was asked about a claim, and what can be done about what is open."""
    lang = person.language
    lines = [house.words("inquiries_heading", lang, {"number": claim.number or ""})]
    button = house.office.flows[INQUIRY].starts.button
    ask = INQUIRY if button is None else button.to(lang)
    rows: list[tuple[tuple[str, str], ...]] = [((ask, f"b:{INQUIRY}:{key(claim.id)}"),)]
    found = inquiries.inquiries_of(tx, claim.id)[-_MOST_LISTED:]
    for mark, each in enumerate(found, 1):
        lines.append(Html(f"{mark}. {inquiry_line(tx, house, each, lang)}"))
        if each.state == "open":
            enter = house.label("inquiry_enter", lang).format(mark=mark)
            back = house.label("inquiry_withdraw", lang).format(mark=mark)
            rows.append(((enter, f"iq:a:{key(each.id)}"), (back, f"iq:w:{key(each.id)}")))
        elif each.shown:
            rows.append(((house.label("inquiry_see", lang).format(mark=mark), f"iq:p:{key(each.id)}"),))
    if not found:
        lines.append(house.words("inquiries_none", lang))
    return Letter(Html("\n".join(lines)), tuple(rows), claim_id=claim.id)


def show_photos(doing: Doing, asked: Inquiry) -> None:
    """What came with an answer, once more."""
    letter = Letter(Html(), pictures=tuple(asked.shown or ()), claim_id=asked.claim_id)
    post(doing.tx, doing.reply, doing.person, letter, doing.now)
