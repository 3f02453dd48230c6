"""What a tapped button means. Each button holds a letter for its kind, and the number of what it is about."""

from dataclasses import replace
from typing import get_args

from claimbot.assistant import reminders
from claimbot.assistant.acts import unask
from claimbot.assistant.answering import insist, mend
from claimbot.assistant.approving import recall, refuse_closed, send_for_approval
from claimbot.assistant.auditing import fix_flow
from claimbot.assistant.cards import claim_card
from claimbot.assistant.commands import obey, open_claim
from claimbot.assistant.conversing import (
    advance,
    ask_again,
    begin,
    begin_about,
    current,
    discard,
    make_current,
    shelve,
    start,
)
from claimbot.assistant.correcting import mark_repeat, take_over_lines
from claimbot.assistant.crediting import book, forget
from claimbot.assistant.doing import Doing, move, post_album
from claimbot.assistant.due import clocks_screen, why_screen
from claimbot.assistant.filing import SENT, known_of_filing, show_proof
from claimbot.assistant.finding import show_history
from claimbot.assistant.flow_names import (
    APPROVAL,
    EVENT,
    FILE,
    INQUIRY_ANSWER,
    INTAKE,
    MORE,
    OVERPAID,
    REPLY,
    RETURN,
    SNOOZE,
)
from claimbot.assistant.happenings import (
    clock_done,
    leave_contract,
    put_off_clock,
    stopping_events,
    strike_event,
)
from claimbot.assistant.house import Command
from claimbot.assistant.inquiries import inquiries_screen, may_answer, show_photos, withdraw_inquiry
from claimbot.assistant.knowing import may_see
from claimbot.assistant.letters import Letter, key, post
from claimbot.assistant.old_parts import box_of, claim_part_screen, put_in, send_list, show_parts, take_out
from claimbot.assistant.packages import send_package
from claimbot.assistant.reminders import NOTED_ELSEWHERE, stop_buttons
from claimbot.assistant.reporting import tap_figures
from claimbot.assistant.screens import photos_screen
from claimbot.assistant.timekeeping import limit_of, office_calendar
from claimbot.claims.facts import Decision
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Tapped
from claimbot.flow.kinds.photos import MOST_PHOTOS
from claimbot.store import claims, clocks, conversations, inquiries, people
from claimbot.store.claims import Claim
from claimbot.store.inquiries import Inquiry


def tap(doing: Doing, data: str) -> None:
    """What we never wrote on a button, or what it was about and is gone, is told over the button; a bug stays one."""
    try:
        _follow(doing, data)
    except _NoSuchButtonError:
        doing.reply.toast = doing.house.label("button_gone", doing.lang)


class _NoSuchButtonError(Exception):
    """Somebody tapped what we never wrote."""


def _follow(doing: Doing, data: str) -> None:  # noqa: C901, PLR0912, PLR0915  one line a kind of button
    head, _, rest = data.partition(":")
    match head:
        case "q":
            _question(doing, data)
        case "m":
            obey(doing, Command(rest))
        case "c":
            open_claim(doing, _claim_for(doing, rest))
        case "ua":
            unask(doing, _claim_for(doing, rest).id)
            doing.reply.strip = True
        case "more" | "less":
            _turn_over(doing, _claim_for(doing, rest), behind=head == "more")
        case "p":
            _photos(doing, _claim_for(doing, rest))
        case "b":
            name, _, number = rest.partition(":")
            about = _claim_for(doing, number)
            begin_about(doing, name, about, _known_before(doing, name, about))
        case "v":
            doing.reply.strip = send_for_approval(doing, _claim_for(doing, rest).id)
        case "r":
            recall(doing, _claim_for(doing, rest).id)
            doing.reply.strip = True
        case "w":
            name, _, number = rest.partition(":")
            _start_at(doing, name, _number(number))
        case "a":
            number, _, decided = rest.partition(":")
            decision, _, amounts = decided.partition(":")
            _card(doing, _number(number), decision, amounts)
        case "d" | "x":
            _draft(doing, _number(rest), throw_away=head == "x")
        case "u":
            _restore(doing, _number(rest))
        case "n":
            _loose(doing, rest)
        case "h":
            number, _, then = rest.partition(":")
            _car(doing, _claim_for(doing, number), demanded=then == "d")
        case "fix":
            fix, _, number = rest.partition(":")
            _fix(doing, fix, _claim_for(doing, number))
        case "again":
            mark_repeat(doing, _claim_for(doing, rest).id)
            doing.reply.strip = True
        case "granted":
            take_over_lines(doing, _claim_for(doing, rest).id)
            doing.reply.strip = True
        case "pf":
            show_proof(doing, _claim_for(doing, rest))
        case "pk":
            send_package(doing, _claim_for(doing, rest))
        case "op":
            verb, _, number = rest.partition(":")
            _old_part(doing, verb, number)
        case "iq":
            verb, _, number = rest.partition(":")
            _inquiry(doing, verb, number)
        case "mm" | "mi" | "cb" | "cf":
            _at_the_maker(doing, head, rest)
        case "st":
            wants, _, period = rest.partition(":")
            if not tap_figures(doing, wants, period):
                raise _NoSuchButtonError
        case _:
            _follow_to_clock(doing, head, rest)


def _follow_to_clock(doing: Doing, head: str, rest: str) -> None:
    """The buttons of clocks and of what happened."""
    match head:
        case "s":
            number, _, how_long = rest.partition(":")
            _put_off(doing, _clock_id(doing, number), how_long)
        case "k":
            clock_done(doing, _clock_id(doing, rest))
            doing.reply.strip = True
        case "e":
            _note_for(doing, _clock_id(doing, rest))
        case "g":
            _go_to(doing, _clock_id(doing, rest))
        case "t":
            _clocks(doing, _claim_for(doing, rest))
        case "z":
            number, _, event = rest.partition(":")
            strike_event(doing, claims.lock_claim(doing.tx, _claim_for(doing, number).id), _number(event))
        case "o":
            number, _, form = rest.partition(":")
            leave_contract(doing, claims.lock_claim(doing.tx, _claim_for(doing, number).id), form)
        case "y":
            screen = why_screen(doing.tx, doing.house, doing.person, _clock_id(doing, rest), doing.now)
            post(doing.tx, doing.reply, doing.person, screen, doing.now)
        case _:
            raise _NoSuchButtonError


def _known_before(doing: Doing, name: str, about: Claim) -> Answers:
    """What is not asked: when it left, where that is noted; and whether now suits, of whom enters another's answer."""
    if name == FILE:
        return known_of_filing(about)
    return {"request_seen": "now"} if name == REPLY and doing.person.id != about.author_id else {}


def _turn_over(doing: Doing, claim: Claim, *, behind: bool) -> None:
    """The tapped card, as the claim stands now, with its other buttons."""
    card = claim_card(doing.tx, doing.house, doing.person, claim, doing.now, behind=behind)
    edit = replace(card, edits=doing.tapped, kind="say" if doing.tapped is None else "edit")
    post(doing.tx, doing.reply, doing.person, edit, doing.now)


def _photos(doing: Doing, claim: Claim) -> None:
    """All that there are; at the desk with what is missing, and a way to add it."""
    post_album(doing, doing.person, claim)
    if doing.person.has("clerk", claim.site_id):
        screen = photos_screen(doing.house, doing.person, claim, doing.now)
        post(doing.tx, doing.reply, doing.person, screen, doing.now)


def _fix(doing: Doing, fix: str, claim: Claim) -> None:
    """The step that mends a failed verdict, or a choice in it; where the claim has moved on meanwhile, that is told."""
    step, _, choice = fix.partition("=")
    if choice and all(fix not in rule.fixes for rule in doing.house.office.audit.rules.values()):
        raise _NoSuchButtonError
    flow = fix_flow(doing.house, claim.state, step)
    if flow is not None and choice:
        begin_about(doing, flow.flow, claim, {step: choice})
    elif flow is not None:
        begin_about(doing, flow.flow, claim, {}, at=step)
    elif any(step in each.steps for each in doing.house.office.flows.values() if each.starts.about == "claim"):
        state = doing.house.office.life.states[claim.state].words
        raise Refusal("moved_meanwhile", {"number": claim.number or "", "state": state})
    else:
        raise _NoSuchButtonError


def _at_the_maker(doing: Doing, head: str, rest: str) -> None:
    """The buttons of claims that have left, and of credit notes."""
    match head:
        case "mm":
            mend(doing, _claim_for(doing, rest).id)
        case "mi":
            insist(doing, _claim_for(doing, rest).id)
        case "cb":
            if not book(doing, _number(rest)):
                begin(doing, OVERPAID, None, {"credit_note": _number(rest)})
        case _:
            forget(doing, _number(rest))
    doing.reply.strip = True


def _number(written: str) -> int:
    """What `key` wrote, and the database can hold."""
    number = int(written, 36) if written.isascii() and written.isalnum() and len(written) <= 6 else 0
    if not 0 < number < 2**31:
        raise _NoSuchButtonError
    return number


def _claim_for(doing: Doing, written: str) -> Claim:
    """The claim of a button, if this person may see it: its author, or somebody of its site's desk."""
    number = _number(written)
    try:
        claim = claims.claim(doing.tx, number)
    except LookupError:
        raise _NoSuchButtonError from None
    return _seen(doing, claim)


def _seen(doing: Doing, claim: Claim) -> Claim:
    if not may_see(doing.person, claim):
        raise Refusal("not_yours")
    return claim


def _clock_id(doing: Doing, written: str) -> int:
    number = _number(written)
    try:
        return clocks.clock(doing.tx, number).id
    except LookupError:
        raise _NoSuchButtonError from None


def _put_off(doing: Doing, clock_id: int, how_long: str) -> None:
    """What has a deadline is put off for a reason; anything else with one tap."""
    if how_long not in reminders.SNOOZES:
        raise _NoSuchButtonError
    clock = reminders.may_snooze(doing.tx, doing.person, clock_id)
    if clock.due_at is None:
        put_off_clock(doing, clock_id, how_long, None)
    else:
        begin(doing, SNOOZE, None, {"clock": clock_id, "how_long": how_long})


def _note_for(doing: Doing, clock_id: int) -> None:
    """What ends this clock is to be noted: where only one thing does, only its day is asked."""
    clock = clocks.clock(doing.tx, clock_id)
    asked = inquiries.of_clock(doing.tx, clock_id)
    if asked is not None:
        _answer_inquiry(doing, asked)
        return
    events = stopping_events(doing.tx, doing.house, clock_id)
    if not events:
        raise Refusal("reminder_done")
    claim = claims.claim(doing.tx, clock.claim_id)
    if events[0] == SENT and claim.state in doing.house.office.life.moves["file"].states:
        begin_about(doing, FILE, claim, known_of_filing(claim))
        return
    if events[0] in NOTED_ELSEWHERE:
        begin_about(doing, NOTED_ELSEWHERE[events[0]], claim, {})
        return
    begin_about(doing, EVENT, claim, {"event": events[0]} if len(events) == 1 else {})


def _go_to(doing: Doing, clock_id: int) -> None:
    """The claim, with what ends this clock as its first buttons."""
    clock = clocks.clock(doing.tx, clock_id)
    claim = _seen(doing, claims.claim(doing.tx, clock.claim_id))
    limit = limit_of(doing.house, clock, office_calendar(doing.house, people.site(doing.tx, claim.site_id)))
    stops = stop_buttons(doing.house, doing.person, clock, limit) if limit and clock.state == "running" else ()
    open_claim(doing, claim, stops, acts_first=limit is not None and limit.moves_end_it)


def _old_part(doing: Doing, verb: str, number: str) -> None:
    """A claim's old part, or a box of them."""
    match verb:
        case "s":
            screen = claim_part_screen(doing.tx, doing.house, doing.person, _desk_claim(doing, number))
            post(doing.tx, doing.reply, doing.person, screen, doing.now)
        case "i" | "p":
            put_in(doing, claims.lock_claim(doing.tx, _desk_claim(doing, number).id))
            show_parts(doing, instead=verb == "i")
        case "o":
            take_out(doing, claims.lock_claim(doing.tx, _desk_claim(doing, number).id))
            show_parts(doing, instead=True)
        case "l" | "r":
            _box(doing, verb, _number(number))
        case _:
            raise _NoSuchButtonError


def _box(doing: Doing, verb: str, box_id: int) -> None:
    try:
        box, inside = box_of(doing, box_id)
    except LookupError:
        raise _NoSuchButtonError from None
    if verb == "l":
        send_list(doing, box, len(inside))
        return
    if box.returned_on is not None:
        raise Refusal("box_gone")
    begin_about(doing, RETURN, inside[0], {"box": box.id})


def _desk_claim(doing: Doing, written: str) -> Claim:
    claim = _claim_for(doing, written)
    if not doing.person.has("clerk", claim.site_id):
        raise Refusal("not_yours")
    return claim


def _inquiry(doing: Doing, verb: str, number: str) -> None:
    """What was asked of other departments: of a claim all, or one of them."""
    if verb == "s":
        screen = inquiries_screen(doing.tx, doing.house, doing.person, _claim_for(doing, number))
        post(doing.tx, doing.reply, doing.person, screen, doing.now)
        return
    try:
        asked = inquiries.inquiry(doing.tx, _number(number))
    except LookupError:
        raise _NoSuchButtonError from None
    match verb:
        case "a":
            _answer_inquiry(doing, asked)
        case "w":
            withdraw_inquiry(doing, asked)
            doing.reply.strip = True
        case "p":
            _seen(doing, claims.claim(doing.tx, asked.claim_id))
            show_photos(doing, asked)
        case _:
            raise _NoSuchButtonError


def _answer_inquiry(doing: Doing, asked: Inquiry) -> None:
    claim = claims.claim(doing.tx, asked.claim_id)
    if not may_answer(doing, asked, claim):
        raise Refusal("not_yours")
    if asked.state != "open":
        raise Refusal("inquiry_over")
    held = current(doing)
    if held is not None and held.stand.answers.get("inquiry") == asked.id:
        ask_again(doing)
        return
    begin(doing, INQUIRY_ANSWER, claim.id, {"inquiry": asked.id})


def _clocks(doing: Doing, claim: Claim) -> None:
    post(
        doing.tx,
        doing.reply,
        doing.person,
        clocks_screen(doing.tx, doing.house, doing.person, claim, doing.now),
        doing.now,
    )


def _car(doing: Doing, claim: Claim, *, demanded: bool) -> None:
    """The whole history of a claim's car; or its owner demands a swap or refund, of which only the day is asked."""
    if demanded:
        begin_about(doing, EVENT, claim, {"event": "refund.demanded"})
    else:
        show_history(doing, claim)


def _start_at(doing: Doing, name: str, site_id: int) -> None:
    flow = doing.house.office.flows.get(name)
    if flow is None or flow.starts.about != "new_claim":
        raise _NoSuchButtonError
    start(doing, flow, at=site_id)


def _question(doing: Doing, data: str) -> None:
    parts = data.split(":", 4)
    held = conversations.conversation(doing.tx, _number(parts[1])) if len(parts) >= 4 else None
    if held is None or held.person_id != doing.person.id:
        doing.reply.toast = doing.house.label("button_gone", doing.lang)
        return
    if held.state in {"done", "dropped"}:
        doing.reply.toast = doing.house.label("tap_stale", doing.lang)
        return
    before = current(doing)
    if before is None or before.id != held.id:
        make_current(doing, held)
    event = Tapped(parts[2], parts[3], parts[4] if len(parts) > 4 else "")
    advance(doing, held, event)
    if doing.reply.toast is None or (before is not None and before.id == held.id):
        return
    # Nothing came of it: what they write next answers the question that they see, or none.
    if before is not None:
        make_current(doing, before)
    else:
        conversations.set_state(doing.tx, held.id, "parked", doing.now)
        people.change_person(doing.tx, doing.person.id, conversation_id=None)


def _card(doing: Doing, approval_id: int, decision: str, amounts: str) -> None:
    approval = claims.approval(doing.tx, approval_id)
    if approval is None or decision not in get_args(Decision):
        raise _NoSuchButtonError
    claim = claims.claim(doing.tx, approval.claim_id)
    if not doing.person.has("supervisor", claim.site_id):
        raise Refusal("not_yours")
    if doing.person.id in {claim.author_id, claim.clerk_id, approval.sent_by}:
        raise Refusal("own_claim")
    refuse_closed(doing, approval)
    if decision == "approve_part" and not claim.facts.lines:
        raise Refusal("no_lines_to_cut", {"number": claim.number or ""})
    begin_about(doing, APPROVAL, claim, {"approval": approval_id, "decision": decision, "amounts": amounts})


def _draft(doing: Doing, conversation_id: int, *, throw_away: bool) -> None:
    held = conversations.conversation(doing.tx, conversation_id)
    if held is None or held.person_id != doing.person.id or held.state in {"done", "dropped"}:
        doing.reply.toast = doing.house.label("draft_gone", doing.lang)
        return
    if not throw_away and held.claim_id is not None and held.stand.flow != INTAKE:
        begin_about(doing, held.stand.flow, claims.claim(doing.tx, held.claim_id), {})
        return
    if not throw_away:
        make_current(doing, held)
        ask_again(doing)
        return
    if held.claim_id is None or held.stand.flow != INTAKE:
        raise _NoSuchButtonError
    discard(doing, held, claims.lock_claim(doing.tx, held.claim_id))
    rows = (((doing.house.label("draft_restore", doing.lang), f"u:{key(held.id)}"),),)
    post(
        doing.tx, doing.reply, doing.person, Letter(doing.house.words("draft_thrown_away", doing.lang), rows), doing.now
    )


def _restore(doing: Doing, conversation_id: int) -> None:
    """A draft that was thrown away by a slip of the thumb is gone on with."""
    held = conversations.conversation(doing.tx, conversation_id)
    if held is None or held.person_id != doing.person.id or held.claim_id is None or held.stand.flow != INTAKE:
        raise _NoSuchButtonError
    claim = claims.lock_claim(doing.tx, held.claim_id)
    if claim.state not in doing.house.office.life.moves["restore"].states:
        doing.reply.toast = doing.house.label("tap_stale", doing.lang)
        return
    move(doing, claim, "restore")
    make_current(doing, held)
    reminders.draft_touched(doing.tx, doing.house, claim.id, doing.now)
    doing.reply.strip = True
    ask_again(doing, doing.house.words("draft_restored", doing.lang))


def _loose(doing: Doing, where: str) -> None:
    """The kept pictures go where the person says, and wait there to be sorted."""
    loose = claims.loose_showings(doing.tx, doing.person.id)[-MOST_PHOTOS:]
    kind, number = where[:1], _number(where[1:])
    doing.reply.strip = True
    if not loose:
        doing.reply.toast = doing.house.label("tap_stale", doing.lang)
    elif kind == "n":
        start(doing, doing.house.office.flows[INTAKE], at=number, shelf=loose)
    elif kind == "d":
        held = conversations.conversation(doing.tx, number)
        if held is None or held.person_id != doing.person.id or held.state in {"done", "dropped"}:
            doing.reply.toast = doing.house.label("draft_gone", doing.lang)
            return
        make_current(doing, held)
        shelve(doing, held, loose)
    elif kind != "c":
        raise _NoSuchButtonError
    else:
        claim = _claim_for(doing, where[1:])
        wanted = claim.state == "asked" and claim.facts.request_kind == "photo"
        if wanted and claim.author_id == doing.person.id:
            begin_about(doing, REPLY, claim, {}, shelf=loose)
        else:
            begin_about(doing, MORE, claim, {}, shelf=loose)
