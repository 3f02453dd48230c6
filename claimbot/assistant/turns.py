"""A turn: one update in, everything it changes in one transaction, and what is to be said left as rows.

The person is locked first and read then. An update counts once by its id. What people get wrong is answered; a
`Refusal` is told in words; anything else that is raised is a bug and undoes the whole turn.
"""

from dataclasses import replace
from typing import assert_never

from claimbot.assistant import reminders
from claimbot.assistant.acts import welcome
from claimbot.assistant.approving import recall, refuse_closed, send_for_approval
from claimbot.assistant.conversing import (
    advance,
    ask_again,
    ask_where,
    begin,
    begin_about,
    cancel,
    current,
    interrupted,
    keep_exhibit,
    leave,
    make_current,
    shelve,
    start,
)
from claimbot.assistant.doing import Doing, move, post_album
from claimbot.assistant.house import Arrival, Barred, Command, Edited, Exhibit, House, Refused, Reply, Tap
from claimbot.assistant.letters import Letter, post
from claimbot.assistant.screens import (
    APPROVAL,
    INTAKE,
    MORE,
    REPLY,
    claim_card,
    claims_screen,
    drafts_screen,
    menu,
    queue_screen,
)
from claimbot.claims.words import language_of
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Event, Said, Sent, Showed, Tapped
from claimbot.flow.kinds.photos import MOST_PHOTOS
from claimbot.store import Tx, claims, conversations, people, undoable
from claimbot.store.claims import Claim
from claimbot.store.people import Person

JOIN, LANGUAGE = "people.join", "people.language"


def take(tx: Tx, house: House, arrival: Arrival) -> Reply:
    """The whole turn of one update; nothing at all when the update was answered before."""
    reply = Reply()
    if not conversations.count_once(tx, arrival.update_id, arrival.now):
        return reply
    person = _known_person(tx, arrival)
    doing = Doing(tx, house, reply, person, arrival.now)
    try:
        with undoable(tx):
            _answer(doing, arrival)
    except Refusal as refusal:
        reply.messages.clear()
        reply.mark, reply.strip = None, False  # undone: what was tapped keeps its buttons
        if refusal.final:
            leave(doing)
        _refuse(doing, refusal)
    return reply


def _known_person(tx: Tx, arrival: Arrival) -> Person:
    person = people.lock_by_telegram_id(tx, arrival.telegram_id)
    if person is None:
        people.add_person(tx, arrival.telegram_id, arrival.name[:120], language_of(arrival.language_code))
        person = people.lock_by_telegram_id(tx, arrival.telegram_id)
    if person is None:
        raise LookupError(f"person {arrival.telegram_id} is gone")
    if person.blocked and not isinstance(arrival.what, Barred):
        people.change_person(tx, person.id, blocked_at=None)
        person = replace(person, blocked=False)
    return person


def _refuse(doing: Doing, refusal: Refusal) -> None:
    """The word of refusal: over the tapped button where it fits, and always in the chat."""
    html = doing.house.words(refusal.phrase, doing.lang, refusal.values)
    post(doing.tx, doing.reply, doing.person, Letter(html), doing.now)


def _answer(doing: Doing, arrival: Arrival) -> None:
    what = arrival.what
    if isinstance(what, Barred):
        people.change_person(doing.tx, doing.person.id, blocked_at=doing.now if what.blocked else None)
        return
    if isinstance(what, Exhibit):
        keep_exhibit(doing, what)
    if not doing.person.joined:
        _stranger(doing, what)
        return
    match what:
        case Command():
            _command(doing, what)
        case Tap():
            _tap(doing, what)
        case Exhibit():
            _event(doing, what.showed)
        case Refused(phrase, values):
            _refuse(doing, Refusal(phrase, values))
            ask_again(doing)
        case Edited():
            doing.say("edited")
        case Said() | Sent():
            _event(doing, what)
        case _:
            assert_never(what)


# people who have not joined


def _stranger(doing: Doing, what: object) -> None:
    """Somebody without a role: an invitation's flow, or the word that they need one, and nothing else."""
    match what:
        case Command(name="start", arg=token) if token:
            invite = people.open_invite(doing.tx, token, doing.now)
            if invite is None:
                raise Refusal("invite_gone")
            begin(doing, JOIN, None, {"invite": invite.token_hash})
        case Tap(data=data) if data.startswith("q:"):
            _tap_question(doing, data)
        case Said() | Sent() if doing.person.conversation_id is not None:
            _event(doing, what)
        case _:
            doing.say("stranger")


# commands


def _command(doing: Doing, command: Command) -> None:  # noqa: C901, PLR0912  one line a command
    match command.name:
        case "start" if command.arg:
            _accept_invite(doing, command.arg)
        case "start" | "help":
            welcome(doing)
            ask_again(doing)
        case "cancel":
            cancel(doing)
        case "drafts":
            screen = drafts_screen(doing.tx, doing.house, doing.person, _zone(doing))
            post(doing.tx, doing.reply, doing.person, screen, doing.now)
        case "claims":
            post(doing.tx, doing.reply, doing.person, claims_screen(doing.tx, doing.house, doing.person), doing.now)
        case "queue":
            post(
                doing.tx,
                doing.reply,
                doing.person,
                queue_screen(doing.tx, doing.house, doing.person, doing.now),
                doing.now,
            )
        case "claim" if command.arg:
            found = claims.claim_by_number(doing.tx, command.arg.strip())
            if found is None or not _may_see(doing.person, found):
                raise Refusal("claim_unknown", {"number": command.arg})
            _open_claim(doing, found)
        case "claim":
            doing.say("claim_which")
        case "language" if command.arg.lower() in {"en", "zh"}:
            begin(doing, LANGUAGE, None, {"language": command.arg.lower(), **interrupted(doing)})
        case name:
            flow = doing.house.office.flow_for_command(name)
            if flow is None:
                _unknown(doing)
            else:
                start(doing, flow)


def _accept_invite(doing: Doing, token: str) -> None:
    """Somebody who has joined already takes one more role."""
    invite = people.open_invite(doing.tx, token, doing.now)
    if invite is None or not people.use_invite(doing.tx, invite.token_hash, doing.person.id, doing.now):
        raise Refusal("invite_gone")
    people.give_role(doing.tx, doing.person.id, invite.site_id, invite.role)
    welcome(doing)


def _unknown(doing: Doing) -> None:
    """What can be done now, said to everything that nobody understands."""
    held = current(doing)
    if held is not None:
        ask_again(doing, doing.house.words("not_understood_here", doing.lang))
        return
    letter = Letter(doing.house.words("not_understood", doing.lang), menu(doing.house, doing.person))
    post(doing.tx, doing.reply, doing.person, letter, doing.now)


def _zone(doing: Doing) -> str:
    sites = doing.person.site_ids
    return people.site(doing.tx, sites[0]).zone if sites else "UTC"


# taps


def _tap(doing: Doing, tap: Tap) -> None:  # noqa: C901, PLR0912  one line a kind of button
    head, _, rest = tap.data.partition(":")
    try:
        match head:
            case "q":
                _tap_question(doing, tap.data)
            case "m":
                _command(doing, Command(rest))
            case "c":
                _open_claim(doing, _claim_for(doing, rest))
            case "p":
                post_album(doing, doing.person, _claim_for(doing, rest))
            case "b":
                name, _, number = rest.partition(":")
                begin_about(doing, name, _claim_for(doing, number), {})
            case "v":
                send_for_approval(doing, _claim_for(doing, rest).id)
                doing.reply.strip = True
            case "r":
                recall(doing, _claim_for(doing, rest).id)
                doing.reply.strip = True
            case "w":
                name, _, number = rest.partition(":")
                start(doing, doing.house.office.flows[name], at=int(number, 36))
            case "a":
                number, _, decision = rest.partition(":")
                _tap_card(doing, int(number, 36), decision)
            case "d" | "x":
                _tap_draft(doing, int(rest, 36), throw_away=head == "x")
            case "s":
                number, _, how_long = rest.partition(":")
                reminders.snooze(doing.tx, doing.house, doing.person, int(number, 36), how_long, doing.now)
                doing.reply.toast = doing.house.label("snoozed", doing.lang)
            case "n":
                _tap_loose(doing, rest)
            case _:
                doing.reply.toast = doing.house.label("button_gone", doing.lang)
    except (ValueError, LookupError):
        doing.reply.toast = doing.house.label("button_gone", doing.lang)


def _claim_for(doing: Doing, number: str) -> Claim:
    """The claim of a button, if this person may see it: its author, or somebody of its site's desk."""
    claim = claims.claim(doing.tx, int(number, 36)) if number.isalnum() else None
    if claim is None or not _may_see(doing.person, claim):
        raise Refusal("not_yours")
    return claim


def _may_see(person: Person, claim: Claim) -> bool:
    desk = any(person.has(role, claim.site_id) for role in ("clerk", "supervisor", "administrator"))
    return desk or claim.author_id == person.id


def _open_claim(doing: Doing, claim: Claim) -> None:
    if not _may_see(doing.person, claim):
        raise Refusal("not_yours")
    if claim.author_id != doing.person.id:
        post_album(doing, doing.person, claim)
    card = claim_card(doing.tx, doing.house, doing.person, claim, doing.now)
    post(doing.tx, doing.reply, doing.person, card, doing.now)


def _tap_question(doing: Doing, data: str) -> None:
    parts = data.split(":", 4)
    held = conversations.conversation(doing.tx, int(parts[1], 36)) if len(parts) >= 4 else None
    if held is None or held.person_id != doing.person.id:
        doing.reply.toast = doing.house.label("button_gone", doing.lang)
        return
    if held.state in {"done", "dropped"}:
        doing.reply.toast = doing.house.label("tap_stale", doing.lang)
        return
    if held.state == "parked" or doing.person.conversation_id != held.id:
        make_current(doing, held)
    event = Tapped(parts[2], parts[3], parts[4] if len(parts) > 4 else "")
    advance(doing, held, event)


def _tap_card(doing: Doing, approval_id: int, decision: str) -> None:
    approval = claims.approval(doing.tx, approval_id)
    if approval is None:
        raise Refusal("not_yours")
    claim = claims.claim(doing.tx, approval.claim_id)
    if not doing.person.has("supervisor", claim.site_id):
        raise Refusal("not_yours")
    if doing.person.id in {claim.author_id, approval.sent_by}:
        raise Refusal("own_claim")
    refuse_closed(doing, approval)
    begin_about(doing, APPROVAL, claim, {"approval": approval_id, "decision": decision})


def _tap_draft(doing: Doing, conversation_id: int, *, throw_away: bool) -> None:
    held = conversations.conversation(doing.tx, conversation_id)
    if held is None or held.person_id != doing.person.id or held.state in {"done", "dropped"}:
        doing.reply.toast = doing.house.label("draft_gone", doing.lang)
        return
    if not throw_away:
        make_current(doing, held)
        ask_again(doing)
        return
    conversations.set_state(doing.tx, held.id, "dropped", doing.now)
    if doing.person.conversation_id == held.id:
        people.change_person(doing.tx, doing.person.id, conversation_id=None)
    if held.claim_id is not None:
        move(doing, claims.lock_claim(doing.tx, held.claim_id), "discard")
    doing.say("draft_thrown_away")


# evidence out of the blue


def _tap_loose(doing: Doing, where: str) -> None:
    """The kept pictures go where the person says, and wait there to be sorted."""
    loose = claims.loose_showings(doing.tx, doing.person.id)[-MOST_PHOTOS:]
    kind, number = where[:1], int(where[1:], 36)
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
    else:
        claim = _claim_for(doing, where[1:])
        wanted = claim.state == "asked" and claim.facts.request_kind == "photo"
        if wanted and claim.author_id == doing.person.id:
            begin_about(doing, REPLY, claim, {"request_seen": "now"}, shelf=loose)
        else:
            begin_about(doing, MORE, claim, {}, shelf=loose)


def _event(doing: Doing, event: Event) -> None:
    held = current(doing)
    if held is not None:
        advance(doing, held, event)
    elif isinstance(event, Showed):
        ask_where(doing, settles=event.album)
    else:
        _unknown(doing)
