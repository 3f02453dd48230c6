"""What stands on a claim's card beside its answers, in short lines: its old part, and what others were asked."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from claimbot.assistant.house import House
from claimbot.claims.coverage import OBJECTION_CLOCK, RETURN_CLOCK
from claimbot.claims.words import Html, Lang, Money, Words, show
from claimbot.claims.words import days as in_days
from claimbot.store import Tx, claims, clocks, inquiries, old_parts, people
from claimbot.store.claims import Claim
from claimbot.store.inquiries import Inquiry
from claimbot.store.old_parts import Deduction, OldPart

_MOST_INQUIRIES = 5
_SHORT = 80
"""Characters of a question or an answer on a card."""


def beside(tx: Tx, house: House, claim: Claim, lang: Lang) -> Iterator[Html]:
    yield from part_lines(tx, house, claim, lang)
    asked = [each for each in inquiries.inquiries_of(tx, claim.id) if each.state != "withdrawn"]
    yield from (inquiry_line(tx, house, each, lang) for each in asked[-_MOST_INQUIRIES:])


# what the technician was asked


def asked_line(tx: Tx, house: House, claim: Claim, lang: Lang) -> Html:
    """What a claim waits for: whom the desk asked, which photo it wants, and its words."""
    slots = house.office.evidence.slots
    wanted = claim.facts.requested_slots if claim.facts.request_kind == "photo" else ()
    values = {
        "name": people.person(tx, claim.author_id).name,
        "what": [slots[name].words for name in wanted or () if name in slots] or "",
        "words": str(claim.answers.get("request_words") or ""),
    }
    return house.words("technician_was_asked", lang, values)


def replied_lines(tx: Tx, house: House, claim: Claim, lang: Lang) -> Iterator[Html]:
    """The last words that answered the desk, and whose they are; nothing where none did."""
    said = claims.last_words(tx, claim.id, "reply")
    if said is None:
        return
    words, by = said
    values = {"name": people.person(tx, claim.author_id).name, "words": words}
    if by is None or by == claim.author_id:
        yield house.words("technician_said", lang, values)
    else:
        yield house.words("technician_said_through", lang, {**values, "by": people.person(tx, by).name})


# the old part


def part_lines(tx: Tx, house: House, claim: Claim, lang: Lang) -> Iterator[Html]:
    """Where it is and until when it must be back; then each deduction, with what was said to it."""
    part = old_parts.part_of(tx, claim.id)
    if part is None:
        return
    due = {each.rule: each.due_on for each in clocks.running_clocks(tx, claim.id)}
    what = [*tag_words(house, part, lang), *_whereabouts(tx, house, part, lang)]
    if part.returned_on is None and (on := due.get(RETURN_CLOCK)) is not None:
        what.append(house.words("part_due", lang, {"on": on}))
    yield house.words("old_part_line", lang, {"what": Html(" · ".join(what))})
    for each in old_parts.deductions_of(tx, claim.id):
        yield _deduction_line(house, each, lang, _objection_due(tx, claim, each))


def tag_words(house: House, part: OldPart, lang: Lang) -> Iterator[Html]:
    yield house.words("part_no_tag", lang) if part.tag is None else house.words("part_tag", lang, {"tag": part.tag})
    if part.shelf is not None and part.returned_on is None:
        yield house.words("part_shelf", lang, {"shelf": part.shelf})


def _whereabouts(tx: Tx, house: House, part: OldPart, lang: Lang) -> Iterator[Html]:
    box = None if part.box_id is None else old_parts.box(tx, part.box_id)
    if part.returned_on is None:
        if box is not None:
            yield house.words("part_in_box", lang, {"box": box.number})
        return
    carrier = "–" if box is None else box.carrier or "–"
    yield house.words("part_returned", lang, {"on": part.returned_on, "carrier": carrier})
    if box is None or not box.proof:
        yield house.words("part_without_proof", lang)


def _objection_due(tx: Tx, claim: Claim, deduction: Deduction) -> dt.date | None:
    """Until when it may be objected to; None where that was said, or the maker's terms give no such day."""
    zone = ZoneInfo(people.site(tx, claim.site_id).zone)
    return next(
        (
            each.due_on
            for each in clocks.running_clocks(tx, claim.id)
            if each.rule.partition("#")[0] == OBJECTION_CLOCK
            and each.started_at.astimezone(zone).date() == deduction.noticed_on
        ),
        None,
    )


def _deduction_line(house: House, deduction: Deduction, lang: Lang, due_on: dt.date | None) -> Html:
    if deduction.answer is not None:
        said = {"on": deduction.answered_on, "words": in_short(deduction.answer_words or "")}
        answer = Html(house.words(f"deduction_{deduction.answer}", lang, said).strip())
    elif due_on is not None:
        answer = house.words("deduction_open", lang, {"on": due_on})
    else:
        answer = house.words("deduction_unanswered", lang)
    values = {
        "amount": Money(amount=deduction.amount, currency=deduction.currency),
        "reason": deduction_reason(house, deduction.reason),
        "on": deduction.noticed_on,
        "answer": answer,
    }
    return house.words("deduction_line", lang, values)


def deduction_reason(house: House, reason: str) -> Words | str:
    """The coded reason in words; its code where the office has taken it out of its list."""
    choices = getattr(house.office.flows["warranty.deduction"].steps["deduction_reason"], "choices", {})
    found = choices.get(reason)
    return found if isinstance(found, Words) else reason


# what others were asked


def inquiry_line(tx: Tx, house: House, inquiry: Inquiry, lang: Lang) -> Html:
    values: dict[str, object] = {
        "who": asked_whom(tx, house, inquiry, lang),
        "words": in_short(inquiry.words),
        "on": inquiry.due_on,
    }
    if inquiry.state == "answered":
        values["answer"] = answer_words(house, inquiry, lang)
    return house.words(f"inquiry_{inquiry.state}", lang, values)


def answer_words(house: House, inquiry: Inquiry, lang: Lang) -> Html:
    shown = house.words("proof_shown", lang, {"count": len(inquiry.shown)}) if inquiry.shown else Html()
    return Html(" ".join(part for part in (shown, show(in_short(inquiry.answer_words or ""), lang)) if part))


def asked_whom(tx: Tx, house: House, inquiry: Inquiry, lang: Lang) -> Html:
    """The department, and who there was asked."""
    department = department_words(house, inquiry.department)
    if inquiry.asked_of is None:
        return Html(show(department, lang))
    values = {"department": department, "name": people.person(tx, inquiry.asked_of).name}
    return house.words("inquiry_who", lang, values)


def department_words(house: House, department: str) -> Words | str:
    choices = getattr(house.office.flows["warranty.inquiry"].steps["department"], "choices", {})
    found = choices.get(department)
    return found if isinstance(found, Words) else department


def in_short(words: str) -> str:
    plain = " ".join(words.split())
    return f"{plain[: _SHORT - 1]}…" if len(plain) > _SHORT else plain


def left_words(house: House, days: int, lang: Lang) -> Html:
    """How long there still is, or how late it is."""
    if days == 0:
        return house.words("part_last_day", lang)
    return house.words("part_late" if days < 0 else "part_left", lang, {"days": in_days(abs(days))})
