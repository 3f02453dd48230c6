"""Old parts: kept with tag and shelf, put into boxes, sent back to the maker, and what is deducted for them.

A site fills one box at a time. What goes back is an event of each claim in it, which ends the claim's limit; struck
out, the part is here again.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from claimbot.assistant.beside import left_words, part_lines, tag_words
from claimbot.assistant.doing import Doing
from claimbot.assistant.flow_names import DEDUCTION, DEDUCTION_ANSWER, OLD_PART, RETURN
from claimbot.assistant.happenings import record
from claimbot.assistant.house import House
from claimbot.assistant.letters import Data, Letter, key, post
from claimbot.assistant.making import Paper
from claimbot.assistant.titles import claim_title, part_words
from claimbot.claims.clocks import Recorded
from claimbot.claims.coverage import RETURN_CLOCK
from claimbot.claims.old_parts import read_tag
from claimbot.claims.words import Html, Lang, Money, show
from claimbot.documents.box_list import BoxList, box_list
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, in_rows
from claimbot.flow.kinds.proof import proof_of
from claimbot.store import Tx, claims, old_parts, people
from claimbot.store.claims import Claim
from claimbot.store.old_parts import Box, Kept, OldPart
from claimbot.store.people import Person

_NOBODY_WANTS: Final = ("draft", "rejected", "withdrawn", "discarded")
"""States in which the maker is not asked for anything, and wants no part back."""
_MOST_WAITING: Final = 8
_MOST_IN_A_BOX: Final = 60


def keep_at_intake(doing: Doing, claim: Claim, answers: Answers) -> None:
    """A replaced part is kept from the report on, with or without its tag."""
    if claim.facts.remedy == "replaced":
        tag = read_tag(str(answers.get("old_part") or ""))
        old_parts.keep_part(doing.tx, claim.id, claim.site_id, tag.number, tag.shelf)


def keep_tag(doing: Doing, claim: Claim, answers: Answers) -> None:
    """What the desk writes of tag and shelf; of the two what is not said stays."""
    part = _part_of(doing, claim)
    tag = read_tag(str(answers["old_part"]))
    if tag.number is None and tag.shelf is None:
        raise Refusal("old_part_unread", again="old_part")
    number, shelf = tag.number or part.tag, tag.shelf or part.shelf
    old_parts.keep_part(doing.tx, claim.id, claim.site_id, number, shelf)
    _write(doing, claim, "old_part", {"tag": number, "shelf": shelf})
    what = Html(" · ".join(tag_words(doing.house, _part_of(doing, claim), doing.lang)))
    rows: Data = (((doing.house.label("parts_all", doing.lang), "m:parts"), _opens(doing.house, claim, doing.lang)),)
    said = doing.house.words("old_part_kept", doing.lang, {"number": claim.number or "", "what": what})
    post(doing.tx, doing.reply, doing.person, Letter(said, rows, claim_id=claim.id), doing.now)


def _part_of(doing: Doing, claim: Claim) -> OldPart:
    part = old_parts.part_of(doing.tx, claim.id)
    if part is None:
        raise Refusal("part_gone")
    return part


def _opens(house: House, claim: Claim, lang: Lang) -> tuple[str, str]:
    return (house.label("open_claim", lang), f"c:{key(claim.id)}")


def _write(doing: Doing, claim: Claim, what: str, detail: Mapping[str, object]) -> None:
    claims.write_entry(doing.tx, claim.id, what, detail, person_id=doing.person.id, now=doing.now)


# what must go back


def parts_screen(tx: Tx, house: House, person: Person, now: dt.datetime) -> Letter:
    """Old parts of this clerk's sites: the one that must be back first stands first; then the boxes being filled."""
    lang = person.language
    here = [site for site, role in sorted(person.roles) if role == "clerk"]
    if not here:
        raise Refusal("not_yours")
    without, rule = _NOBODY_WANTS, RETURN_CLOCK
    waiting, count = old_parts.kept_parts(tx, here, boxed=False, rule=rule, without=without, limit=_MOST_WAITING)
    packed, _ = old_parts.kept_parts(tx, here, boxed=True, rule=rule, without=(), limit=_MOST_IN_A_BOX)
    if not (waiting or packed):
        return Letter(house.words("parts_none", lang))
    lines = [house.words("parts_heading", lang, {"count": count})]
    rows: list[tuple[tuple[str, str], ...]] = []
    for place, each in enumerate(waiting, 1):
        lines.append(_line(tx, house, each, f"{place}.", lang, now))
        number = _short_number(each.claim)
        into = house.label("part_in", lang).format(mark=place, number=number)
        mend = house.label("part_mend", lang).format(mark=place)
        rows.append(((into, f"op:i:{key(each.claim.id)}"), (mend, f"b:{OLD_PART}:{key(each.claim.id)}")))
    if count > len(waiting):
        lines.append(house.words("listing_more", lang, {"count": count - len(waiting)}))
    if waiting:
        lines.append(house.words("parts_tap", lang))
    for box_id in dict.fromkeys(each.part.box_id for each in packed if each.part.box_id is not None):
        some = [each for each in packed if each.part.box_id == box_id]
        lines += [Html(), *_box_lines(tx, house, old_parts.box(tx, box_id), some, lang, now)]
        rows += _box_rows(house, box_id, some, lang)
    return Letter(Html("\n".join(lines)), tuple(rows))


def _short_number(claim: Claim) -> str:
    return str(claim.number).rpartition("-")[2]


def _line(tx: Tx, house: House, kept: Kept, mark: str, lang: Lang, now: dt.datetime) -> Html:
    what = list(tag_words(house, kept.part, lang))
    if kept.due_on is not None:
        today = now.astimezone(ZoneInfo(people.site(tx, kept.claim.site_id).zone)).date()
        what.append(left_words(house, (kept.due_on - today).days, lang))
    values = {
        "mark": mark,
        "number": kept.claim.number or "",
        "part": part_words(house, kept.claim.facts.failed_part, lang),
        "what": Html(" · ".join(what)),
    }
    return house.words("part_line", lang, values)


def _box_lines(tx: Tx, house: House, box: Box, packed: Sequence[Kept], lang: Lang, now: dt.datetime) -> Iterator[Html]:
    yield house.words("box_heading", lang, {"box": box.number, "count": len(packed)})
    yield from (_line(tx, house, each, "☑️", lang, now) for each in packed)


def _box_rows(house: House, box_id: int, packed: Sequence[Kept], lang: Lang) -> Iterator[tuple[tuple[str, str], ...]]:
    """Its list and its sending first; then each part, which a tap takes out again."""
    yield (
        (house.label("box_list", lang), f"op:l:{key(box_id)}"),
        (house.label("box_sent", lang), f"op:r:{key(box_id)}"),
    )
    label = house.label("part_out", lang)
    out = [(label.format(number=_short_number(each.claim)), f"op:o:{key(each.claim.id)}") for each in packed]
    yield from in_rows(out, 3)


def show_parts(doing: Doing, *, instead: bool = False) -> None:
    """`instead`: the tapped list becomes the new one."""
    screen = parts_screen(doing.tx, doing.house, doing.person, doing.now)
    if instead and doing.tapped is not None:
        screen = Letter(screen.html, screen.rows, edits=doing.tapped, kind="edit")
    post(doing.tx, doing.reply, doing.person, screen, doing.now)


def claim_part_screen(tx: Tx, house: House, person: Person, claim: Claim) -> Letter:
    """One claim's old part, and what can be done with it."""
    lang = person.language
    part = old_parts.part_of(tx, claim.id)
    if part is None:
        raise Refusal("part_gone")
    lines = [Html(f"<b>{claim_title(house, claim, lang)}</b>"), *part_lines(tx, house, claim, lang)]
    rows: list[tuple[tuple[str, str], ...]] = []
    if part.returned_on is None:
        rows.append((_starts(house, lang, OLD_PART, claim), _starts(house, lang, RETURN, claim)))
        if part.box_id is None:
            rows.append(((house.label("part_to_box", lang), f"op:p:{key(claim.id)}"),))
    waits = oldest_unanswered(tx, claim)
    if waits is not None:
        amount = show(Money(amount=waits.amount, currency=waits.currency), lang)
        label = house.label("deduction_to_answer", lang).format(amount=amount)
        rows.insert(0, ((label, f"b:{DEDUCTION_ANSWER}:{key(claim.id)}"),))
    rows.append((_starts(house, lang, DEDUCTION, claim), (house.label("parts_all", lang), "m:parts")))
    return Letter(Html("\n".join(lines)), tuple(rows), claim_id=claim.id)


def _starts(house: House, lang: Lang, flow: str, claim: Claim) -> tuple[str, str]:
    button = house.office.flows[flow].starts.button
    return (flow if button is None else button.to(lang), f"b:{flow}:{key(claim.id)}")


# boxes


def put_in(doing: Doing, claim: Claim) -> None:
    """Into the box that its site is filling."""
    _refuse_others(doing, claim.site_id)
    site = people.site(doing.tx, claim.site_id)
    box = old_parts.open_box(doing.tx, site.id, site.code, doing.person.id, doing.now)
    if old_parts.part_of(doing.tx, claim.id) is None or not old_parts.put_in(doing.tx, claim.id, box.id):
        raise Refusal("part_gone")
    _write(doing, claim, "old_part_boxed", {"box": box.number})


def take_out(doing: Doing, claim: Claim) -> None:
    _refuse_others(doing, claim.site_id)
    part = _part_of(doing, claim)
    if part.box_id is None:
        return
    if not old_parts.put_in(doing.tx, claim.id, None):
        raise Refusal("part_gone")
    _write(doing, claim, "old_part_unboxed", {"box": old_parts.box(doing.tx, part.box_id).number})


def _refuse_others(doing: Doing, site_id: int) -> None:
    if not doing.person.has("clerk", site_id):
        raise Refusal("not_yours")


def box_of(doing: Doing, box_id: int) -> tuple[Box, tuple[Claim, ...]]:
    """A box that this clerk may see to, and the claims whose parts are in it.

    Raises Refusal when it is empty, LookupError when there is none.
    """
    box = old_parts.box(doing.tx, box_id)
    _refuse_others(doing, box.site_id)
    inside = tuple(claims.claim(doing.tx, part.claim_id) for part in old_parts.parts_in(doing.tx, box.id))
    if not inside:
        raise Refusal("box_empty")
    return box, inside


def send_list(doing: Doing, box: Box, count: int) -> None:
    """The box's list, as a paper to print and lay in; it is made when it goes out."""
    said = doing.house.words("box_file", doing.lang, {"box": box.number, "count": count})
    post(doing.tx, doing.reply, doing.person, Letter(said, kind="paper", makes=("box", box.id)), doing.now)


def box_paper(tx: Tx, house: House, box_id: int, lang: Lang, _: dt.datetime) -> Paper:
    """What stands on a box's list."""
    box = old_parts.box(tx, box_id)
    site = people.site(tx, box.site_id)
    label = partial(house.label, lang=lang)
    rows = []
    for part in old_parts.parts_in(tx, box.id):
        claim = claims.claim(tx, part.claim_id)
        closed_at = claim.facts.closed_at
        closed = None if closed_at is None else closed_at.astimezone(ZoneInfo(site.zone)).date()
        cells = (
            claim.number,
            claim.facts.maker_reference,
            claim.facts.vin,
            part_words(house, claim.facts.failed_part, lang),
            claim.facts.part_number,
            part.tag,
            part.shelf,
            closed,
            old_parts.last_day(tx, claim.id, RETURN_CLOCK),
        )
        rows.append(tuple("–" if cell is None else _plain(cell, lang) for cell in cells))
    facts = [
        (label("paper_number"), box.number),
        (label("paper_site"), f"{site.code} {site.name}"),
        (label("paper_maker"), house.office.makers[site.maker].maker.to(lang)),
        (label("paper_count"), str(len(rows))),
    ]
    if box.returned_on is not None:
        facts += [(label("paper_sent"), _plain(box.returned_on, lang)), (label("paper_carrier"), box.carrier or "–")]
    heads = ("claim", "reference", "vin", "part", "part_number", "tag", "shelf", "closed", "due")
    paper = BoxList(
        lang=lang,
        title=label("paper_box"),
        facts=tuple(facts),
        heads=tuple(label(f"paper_{name}") for name in heads),
        rows=tuple(rows),
        signed=(f"{label('paper_packed')}: {people.person(tx, box.made_by).name}", f"{label('paper_received')}:"),
    )
    return Paper(f"{box.number}.pdf", "application/pdf", lambda _: box_list(paper))


def _plain(value: object, lang: Lang) -> str:
    """As on paper, where nothing is markup."""
    return show(value, lang) if isinstance(value, dt.date) else str(value)


# sent back


def return_parts(doing: Doing, claim: Claim, answers: Answers) -> None:
    """The box that this claim's part is in, or the part alone; each claim's limit ends with it."""
    part = _part_of(doing, claim)
    _refuse_others(doing, claim.site_id)
    if part.returned_on is not None:
        raise Refusal("part_gone")
    proof = proof_of(answers.get("return_proof"))
    on = dt.date.fromisoformat(str(answers["returned_on"]))
    sent: dict[str, object] = {
        "returned_on": on,
        "carrier": str(answers["carrier"]),
        "proof": list(proof.shown),
        "sent_by": doing.person.id,
    }
    site = people.site(doing.tx, claim.site_id)
    if answers.get("box") is None:
        box = old_parts.add_box(doing.tx, site.id, site.code, doing.person.id, doing.now, sent)
        old_parts.put_in(doing.tx, claim.id, box.id)
    else:
        box = old_parts.box(doing.tx, int(str(answers["box"])))
        for each in old_parts.parts_in(doing.tx, box.id):
            claims.lock_claim(doing.tx, each.claim_id)
        if box.site_id != claim.site_id or not old_parts.send_box(doing.tx, box, sent):
            raise Refusal("box_gone")
    inside = old_parts.parts_in(doing.tx, box.id)
    for each in inside:
        _note_returned(doing, claims.lock_claim(doing.tx, each.claim_id), box, on, sent)
    values = {"box": box.number, "count": len(inside), "on": on, "carrier": sent["carrier"]}
    rows: Data = (
        ((doing.house.label("box_list", doing.lang), f"op:l:{key(box.id)}"),),
        ((doing.house.label("parts_all", doing.lang), "m:parts"), _opens(doing.house, claim, doing.lang)),
    )
    said = doing.house.words("box_noted", doing.lang, values)
    post(doing.tx, doing.reply, doing.person, Letter(said, rows, claim_id=claim.id), doing.now)


def _note_returned(doing: Doing, claim: Claim, box: Box, on: dt.date, sent: dict[str, object]) -> None:
    try:
        event_id = record(doing, claim, Recorded("old_part.returned", on), again="returned_on")
    except Refusal as refusal:
        if refusal.phrase != "event_cannot_be":
            raise
        raise Refusal("box_cannot_be", {**refusal.values, "number": claim.number or ""}, again="returned_on") from None
    old_parts.note_returned(doing.tx, claim.id, on, event_id)
    detail = {"box": box.number, "on": on.isoformat(), "carrier": sent["carrier"], "proof": sent["proof"]}
    _write(doing, claim, "old_part_returned", detail)


# deductions


def note_deduction(doing: Doing, claim: Claim, answers: Answers) -> None:
    """What the maker takes off, why, and since when we know: so long there is to object."""
    _part_of(doing, claim)
    on = dt.date.fromisoformat(str(answers["deduction_on"]))
    reason, amount = str(answers["deduction_reason"]), Decimal(str(answers["deduction_amount"]))
    event_id = record(doing, claim, Recorded("deduction.received", on), again="deduction_on")
    kept = {"reason": reason, "amount": amount, "currency": claim.currency, "noticed_on": on, "event_id": event_id}
    old_parts.add_deduction(doing.tx, {"claim_id": claim.id, **kept})
    detail = {"reason": reason, "amount": str(amount), "currency": claim.currency, "on": on.isoformat()}
    _write(doing, claim, "deducted", detail)
    _show_part(doing, claim)


def answer_deduction(doing: Doing, claim: Claim, answers: Answers) -> None:
    """Objected to or accepted, the longest unanswered first: so each answer ends the limit of its own notice."""
    waits = oldest_unanswered(doing.tx, claim)
    if waits is None:
        raise Refusal("deduction_none")
    on = dt.date.fromisoformat(str(answers["deduction_answered_on"]))
    event_id = record(doing, claim, Recorded("deduction.answered", on), again="deduction_answered_on")
    answer, words = str(answers["deduction_answer"]), answers.get("deduction_words")
    said = {"answer": answer, "answer_words": words, "answered_on": on, "answer_event_id": event_id}
    old_parts.answer_deduction(doing.tx, waits.id, said)
    detail = {"answer": answer, "why": words, "on": on.isoformat(), "notice": waits.noticed_on.isoformat()}
    _write(doing, claim, "deduction_answered", detail)
    _show_part(doing, claim)


def oldest_unanswered(tx: Tx, claim: Claim) -> old_parts.Deduction | None:
    open_ = [each for each in old_parts.deductions_of(tx, claim.id) if each.answer is None]
    return min(open_, key=lambda each: (each.noticed_on, each.id), default=None)


def _show_part(doing: Doing, claim: Claim) -> None:
    screen = claim_part_screen(doing.tx, doing.house, doing.person, claim)
    post(doing.tx, doing.reply, doing.person, screen, doing.now)
