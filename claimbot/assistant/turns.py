"""A turn: one update in, everything it changes in one transaction, and what is to be said left as rows.

The person is locked first and read then. An update counts once by its id. What people get wrong is answered; a
`Refusal` is told in words; anything else that is raised is a bug and undoes the whole turn.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never, get_args

from claimbot import engine
from claimbot.assistant import reminders
from claimbot.assistant.acts import Doing, move, perform, send_for_approval
from claimbot.assistant.house import Arrival, Barred, Command, Edited, Exhibit, House, Refused, Reply, Tap
from claimbot.assistant.knowing import around, with_car
from claimbot.assistant.letters import Letter, key, post, post_question
from claimbot.assistant.menus import command_menu
from claimbot.assistant.screens import (
    INTAKE,
    claim_card,
    claims_screen,
    drafts_screen,
    help_screen,
    menu,
    photo_album,
    queue_screen,
)
from claimbot.claims.facts import Decision
from claimbot.claims.words import Html, language_of
from claimbot.engine import Finish, Leave, Loose, Mark, Say, State, Toast, Turn
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Around, At, Event, Json, Said, Sent, Showed, Tapped
from claimbot.flow.model import EndStep, Flow
from claimbot.store import Tx, claims, conversations, messages, people
from claimbot.store.claims import Claim
from claimbot.store.conversations import Conversation
from claimbot.store.people import Person, Site

JOIN, LANGUAGE, INVITE = "people.join", "people.language", "people.invite"


def take(tx: Tx, house: House, arrival: Arrival) -> Reply:
    """The whole turn of one update; nothing at all when the update was answered before."""
    reply = Reply()
    if not conversations.count_once(tx, arrival.update_id, arrival.now):
        return reply
    person = _known_person(tx, arrival)
    doing = Doing(tx, house, reply, person, arrival.now)
    try:
        with tx.begin_nested():
            _answer(doing, arrival)
    except Refusal as refusal:
        # Undone: the tapped question keeps its buttons, the menu stays as it was.
        reply.messages.clear()
        reply.mark, reply.menu = None, ()
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
        _keep_exhibit(doing, what)
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
            _ask_again(doing)
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
            _begin(doing, JOIN, None, {"invite": invite.token_hash})
        case Tap(data=data) if data.startswith("q:"):
            _tap(doing, what)
        case Said() | Sent() if doing.person.conversation_id is not None:
            _event(doing, what)
        case _:
            doing.say("stranger")


# commands


def _command(doing: Doing, command: Command) -> None:  # noqa: C901  one line a command
    match command.name:
        case "start" if command.arg:
            _accept_invite(doing, command.arg)
        case "start" | "help":
            doing.reply.menu = command_menu(doing.house, doing.person, doing.lang)
            post(doing.tx, doing.reply, doing.person, help_screen(doing.house, doing.person), doing.now)
        case "cancel":
            _cancel(doing)
        case "drafts":
            screen = drafts_screen(doing.tx, doing.house, doing.person, _zone(doing))
            post(doing.tx, doing.reply, doing.person, screen, doing.now)
        case "claims":
            post(doing.tx, doing.reply, doing.person, claims_screen(doing.tx, doing.house, doing.person), doing.now)
        case "queue":
            post(doing.tx, doing.reply, doing.person, queue_screen(doing.tx, doing.house, doing.person), doing.now)
        case "claim" if command.arg:
            found = claims.claim_by_number(doing.tx, command.arg.strip())
            if found is None:
                raise Refusal("claim_unknown", {"number": command.arg})
            _open_claim(doing, found)
        case "language" if command.arg.lower() in {"en", "zh"}:
            _begin(doing, LANGUAGE, None, {"language": command.arg.lower(), **_where(doing)})
        case name:
            flow = doing.house.office.flow_for_command(name)
            if flow is None:
                _unknown(doing)
            else:
                _start(doing, flow)


def _accept_invite(doing: Doing, token: str) -> None:
    """Somebody who has joined already takes one more role."""
    invite = people.open_invite(doing.tx, token, doing.now)
    if invite is None or not people.use_invite(doing.tx, invite.token_hash, doing.person.id, doing.now):
        raise Refusal("invite_gone")
    people.give_role(doing.tx, doing.person.id, invite.site_id, invite.role)
    changed = people.person(doing.tx, doing.person.id)
    doing.reply.menu = command_menu(doing.house, changed, changed.language)
    post(doing.tx, doing.reply, changed, help_screen(doing.house, changed), doing.now)


def _unknown(doing: Doing) -> None:
    """What can be done now, said to everything that nobody understands."""
    held = _current(doing)
    if held is not None:
        _ask_again(doing, doing.house.words("not_understood_here", doing.lang))
        return
    letter = Letter(doing.house.words("not_understood", doing.lang), menu(doing.house, doing.person))
    post(doing.tx, doing.reply, doing.person, letter, doing.now)


def _zone(doing: Doing) -> str:
    sites = doing.person.site_ids
    return people.site(doing.tx, sites[0]).zone if sites else "UTC"


# taps


def _tap(doing: Doing, tap: Tap) -> None:
    """What we never wrote on a button, or what it was about and is gone, is told over the button; a bug stays one."""
    try:
        _follow_tap(doing, tap.data)
    except _NoSuchButtonError:
        doing.reply.toast = doing.house.label("button_gone", doing.lang)


def _follow_tap(doing: Doing, data: str) -> None:  # noqa: C901  one line a kind of button
    head, _, rest = data.partition(":")
    match head:
        case "q":
            _tap_question(doing, data)
        case "m":
            _command(doing, Command(rest))
        case "c":
            _open_claim(doing, _claim_for(doing, rest))
        case "p":
            claim = _claim_for(doing, rest)
            letter = Letter(Html(), pictures=photo_album(claim), claim_id=claim.id)
            post(doing.tx, doing.reply, doing.person, letter, doing.now)
        case "b":
            name, _, number = rest.partition(":")
            _begin_about(doing, name, _claim_for(doing, number), {})
        case "v":
            send_for_approval(doing, _claim_for(doing, rest).id)
        case "a":
            number, _, decision = rest.partition(":")
            _tap_card(doing, _number(number), decision)
        case "d" | "x":
            _tap_draft(doing, _number(rest), throw_away=head == "x")
        case "s":
            number, _, how_long = rest.partition(":")
            reminders.snooze(doing.tx, doing.house, doing.person, _clock_id(doing, number), how_long, doing.now)
            doing.reply.toast = doing.house.label("snoozed", doing.lang)
        case "n":
            _tap_loose(doing, rest)
        case _:
            raise _NoSuchButtonError


class _NoSuchButtonError(Exception):
    """Somebody tapped what we never wrote."""


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
    if not _may_see(doing.person, claim):
        raise Refusal("not_yours")
    return claim


def _clock_id(doing: Doing, written: str) -> int:
    number = _number(written)
    try:
        return messages.clock(doing.tx, number).id
    except LookupError:
        raise _NoSuchButtonError from None


def _may_see(person: Person, claim: Claim) -> bool:
    desk = any(person.has(role, claim.site_id) for role in ("clerk", "supervisor", "administrator"))
    return desk or claim.author_id == person.id


def _open_claim(doing: Doing, claim: Claim) -> None:
    if not _may_see(doing.person, claim):
        raise Refusal("not_yours")
    pictures = photo_album(claim)
    if pictures and claim.author_id != doing.person.id:
        album = Letter(Html(), pictures=pictures, claim_id=claim.id)
        post(doing.tx, doing.reply, doing.person, album, doing.now)
    card = claim_card(doing.tx, doing.house, doing.person, claim, doing.now)
    post(doing.tx, doing.reply, doing.person, card, doing.now)


def _tap_question(doing: Doing, data: str) -> None:
    parts = data.split(":", 4)
    held = conversations.conversation(doing.tx, _number(parts[1])) if len(parts) >= 4 else None
    if held is None or held.person_id != doing.person.id:
        doing.reply.toast = doing.house.label("button_gone", doing.lang)
        return
    if held.state in {"done", "dropped"}:
        doing.reply.toast = doing.house.label("tap_stale", doing.lang)
        return
    if held.state == "parked" or doing.person.conversation_id != held.id:
        _make_current(doing, held)
    event = Tapped(parts[2], parts[3], parts[4] if len(parts) > 4 else "")
    _advance(doing, held, event)


def _tap_card(doing: Doing, approval_id: int, decision: str) -> None:
    approval = claims.approval(doing.tx, approval_id)
    if approval is None or decision not in get_args(Decision):
        raise _NoSuchButtonError
    claim = claims.claim(doing.tx, approval.claim_id)
    if not doing.person.has("supervisor", claim.site_id):
        raise Refusal("not_yours")
    if doing.person.id in {claim.author_id, approval.sent_by}:
        raise Refusal("own_claim")
    if approval.state != "open":
        given = claims.signatures_of(doing.tx, approval_id)
        name = people.person(doing.tx, given[-1].person_id).name if given else "–"
        decided = doing.house.office.words[f"decided_{approval.decision}"]
        raise Refusal("already_decided", {"name": name, "decision": decided})
    _begin_about(doing, "warranty.approval", claim, {"approval": approval_id, "decision": decision})


def _tap_draft(doing: Doing, conversation_id: int, *, throw_away: bool) -> None:
    held = conversations.conversation(doing.tx, conversation_id)
    if held is None or held.person_id != doing.person.id or held.state in {"done", "dropped"}:
        doing.reply.toast = doing.house.label("draft_gone", doing.lang)
        return
    if not throw_away:
        _make_current(doing, held)
        _ask_again(doing)
        return
    conversations.set_state(doing.tx, held.id, "dropped", doing.now)
    if doing.person.conversation_id == held.id:
        people.change_person(doing.tx, doing.person.id, conversation_id=None)
    if held.claim_id is not None:
        move(doing, claims.lock_claim(doing.tx, held.claim_id), "discard")
    doing.say("draft_thrown_away")


# evidence out of the blue


def _keep_exhibit(doing: Doing, exhibit: Exhibit) -> None:
    held = _current(doing)
    claims.add_evidence(doing.tx, {**exhibit.fields, "kept_at": doing.now})
    claims.add_showing(
        doing.tx,
        {
            "sha256": exhibit.showed.sha256,
            "claim_id": None if held is None else held.claim_id,
            "person_id": doing.person.id,
            "file_id": exhibit.file_id,
            "name": exhibit.name,
            "as_file": int(exhibit.as_file),
            "shown_at": doing.now,
        },
    )


def _ask_where(doing: Doing) -> None:
    """Asks where a picture without a claim belongs: a new one, a draft, or a claim that waits for a photo."""
    lang, rows = doing.lang, []
    if doing.person.role_names & {"technician", "clerk"}:
        rows.append(((doing.house.label("loose_new", lang), "n:new"),))
        for draft in conversations.unfinished(doing.tx, doing.person.id, INTAKE)[:4]:
            vin = str(draft.stand.answers.get("vin") or "")
            car = f"…{vin[-6:]}" if vin else doing.house.label("draft_no_car", lang)
            rows.append(((doing.house.label("loose_draft", lang).format(car=car), f"n:d{key(draft.id)}"),))
        asked = (claim for claim in claims.claims_of(doing.tx, doing.person.id, limit=8) if claim.state == "asked")
        label = doing.house.label("loose_claim", lang)
        rows.extend(((label.format(number=claim.number), f"n:c{key(claim.id)}"),) for claim in asked)
    count = len(claims.loose_showings(doing.tx, doing.person.id))
    html = doing.house.words("loose_photo", lang, {"count": count})
    post(doing.tx, doing.reply, doing.person, Letter(html, tuple(rows)), doing.now)


def _tap_loose(doing: Doing, where: str) -> None:
    """The kept pictures go where the person says, and wait there to be sorted."""
    loose = claims.loose_showings(doing.tx, doing.person.id)
    if where == "new":
        _start(doing, doing.house.office.flows[INTAKE])
    elif where.startswith("d"):
        held = conversations.conversation(doing.tx, _number(where[1:]))
        if held is None or held.person_id != doing.person.id or held.state in {"done", "dropped"}:
            doing.reply.toast = doing.house.label("draft_gone", doing.lang)
            return
        _make_current(doing, held)
    elif not where.startswith("c"):
        raise _NoSuchButtonError
    else:
        claim = _claim_for(doing, where[1:])
        _begin_about(doing, "warranty.reply", claim, {"request_seen": True})
    current = _current(doing)
    if current is None:
        return
    if current.claim_id is not None:
        claims.claim_showing(doing.tx, loose, current.claim_id)
    doing.reply.messages.clear()
    for place, sha in enumerate(loose):
        held = _current(doing)
        if held is not None:
            doing.reply.messages.clear()
            _advance(doing, held, Showed(sha, album=False))
        if place >= 19:
            break


# conversations


def _current(doing: Doing) -> Conversation | None:
    person = people.person(doing.tx, doing.person.id)
    if person.conversation_id is None:
        return None
    held = conversations.conversation(doing.tx, person.conversation_id)
    return held if held is not None and held.state == "open" else None


def _make_current(doing: Doing, held: Conversation) -> None:
    before = _current(doing)
    if before is not None and before.id != held.id:
        conversations.set_state(doing.tx, before.id, "parked", doing.now)
    conversations.set_state(doing.tx, held.id, "open", doing.now)
    people.change_person(doing.tx, doing.person.id, conversation_id=held.id)


def _start(doing: Doing, flow: Flow) -> None:
    """A flow from its command or button."""
    if flow.roles and not any(doing.person.has(role) for role in flow.roles):
        raise Refusal("not_yours")
    claim_id = None
    if flow.starts.about == "new_claim":
        at = [site for site, role in sorted(doing.person.roles) if role in flow.roles]
        site = people.site(doing.tx, at[0])
        claim_id = claims.add_claim(
            doing.tx, site_id=site.id, author_id=doing.person.id, currency=site.currency, now=doing.now
        )
        claims.write_entry(doing.tx, claim_id, "begun", {}, person_id=doing.person.id, now=doing.now)
    _begin(doing, flow.flow, claim_id, _where(doing) if flow.flow == LANGUAGE else {})
    if claim_id is not None:
        reminders.draft_touched(doing.tx, doing.house, claim_id, doing.now)


def _begin_about(doing: Doing, name: str, claim: Claim, answers: Answers) -> None:
    flow = doing.house.office.flows.get(name)
    if flow is None or flow.starts.about != "claim":
        raise Refusal("not_yours")
    if flow.roles and not any(doing.person.has(role, claim.site_id) for role in flow.roles):
        raise Refusal("not_yours")
    if flow.move is not None:
        origins = doing.house.office.life.moves[flow.move].states
        if claim.state not in origins:
            state = doing.house.office.life.states[claim.state].words
            raise Refusal("moved_meanwhile", {"number": claim.number or "", "state": state})
    held = conversations.unfinished_about(doing.tx, doing.person.id, claim.id, name)
    if held is not None and not answers:
        _make_current(doing, held)
        _ask_again(doing)
        return
    known = {step: value for step, value in claim.answers.items() if step not in flow.steps or name == "warranty.desk"}
    known.pop("desk_explanation", None)
    _begin(doing, name, claim.id, {**known, **answers})


def _begin(doing: Doing, name: str, claim_id: int | None, answers: Mapping[str, object]) -> None:
    flow = doing.house.office.flows[name]
    given: Answers = dict(answers)  # type: ignore[arg-type]  # JSON, as it came from the database
    seen = _around(doing, flow, given, None, None, claim_id)
    turn = engine.begin(flow, given, seen)
    number = conversations.add_conversation(doing.tx, doing.person.id, turn.state, claim_id, doing.now)
    held = conversations.conversation(doing.tx, number)
    if held is None:
        raise LookupError(f"conversation {number}")
    _make_current(doing, held)
    _carry_out(doing, replace(held, stand=turn.state), turn)


def _site(doing: Doing, claim_id: int | None) -> Site | None:
    if claim_id is not None:
        return people.site(doing.tx, claims.claim(doing.tx, claim_id).site_id)
    sites = doing.person.site_ids
    return people.site(doing.tx, sites[0]) if sites else None


def _around(
    doing: Doing, flow: Flow, answers: Answers, step: str | None, event: Event | None, claim_id: int | None
) -> Around:
    person = people.person(doing.tx, doing.person.id)
    site = _site(doing, claim_id) if claim_id is not None or flow.roles else None
    return around(
        doing.tx, doing.house, person, site, flow,
        answers=answers, step=step, event=event, claim_id=claim_id, now=doing.now,
    )  # fmt: skip


def _event(doing: Doing, event: Event) -> None:
    held = _current(doing)
    if held is None:
        if isinstance(event, Showed):
            _ask_where(doing)
        else:
            _unknown(doing)
        return
    _advance(doing, held, event)


def _advance(doing: Doing, held: Conversation, event: Event) -> None:
    flow = doing.house.office.flows.get(held.stand.flow)
    if flow is None:
        conversations.set_state(doing.tx, held.id, "dropped", doing.now)
        people.change_person(doing.tx, doing.person.id, conversation_id=None)
        raise Refusal("flow_gone")
    seen = _around(doing, flow, held.stand.answers, held.stand.step, event, held.claim_id)
    turn = engine.advance(flow, held.stand, event, seen)
    vin = turn.state.answers.get("vin")
    if isinstance(vin, str) and vin != held.stand.answers.get("vin"):
        turn = engine.advance(flow, held.stand, event, with_car(doing.tx, seen, vin, claim_id=held.claim_id))
    conversations.keep_stand(doing.tx, held, turn.state, doing.now)
    moved = replace(held, stand=turn.state)
    if flow.starts.about == "new_claim" and held.claim_id is not None:
        reminders.draft_touched(doing.tx, doing.house, held.claim_id, doing.now)
    _carry_out(doing, moved, turn)


def _ask_again(doing: Doing, note: Html | None = None) -> None:
    """The question that stands, once more."""
    held = _current(doing)
    flow = None if held is None else doing.house.office.flows.get(held.stand.flow)
    if held is None or flow is None:
        return
    seen = _around(doing, flow, held.stand.answers, held.stand.step, None, held.claim_id)
    turn = engine.resume(flow, held.stand, seen)
    if turn.state != held.stand:
        conversations.keep_stand(doing.tx, held, turn.state, doing.now)
        note = note or doing.house.words("flow_changed", doing.lang)
    if note is not None:
        effects = tuple(
            replace(each, html=Html(f"{note}\n{each.html}")) if isinstance(each, Say) else each for each in turn.effects
        )
        turn = replace(turn, effects=effects)
    _carry_out(doing, replace(held, stand=turn.state), turn)


def _where(doing: Doing) -> dict[str, Json]:
    """For a flow that only interrupts another one: where the person comes from."""
    held = _current(doing)
    if held is None:
        return {}
    return {"back_to": held.stand.answers.get("back_to") if held.stand.flow == LANGUAGE else held.id}


def _go_back(doing: Doing, held: Conversation) -> None:
    """The question that was interrupted, perhaps in another language now."""
    number = held.stand.answers.get("back_to")
    before = conversations.conversation(doing.tx, number) if isinstance(number, int) else None
    if before is not None and before.state == "parked":
        again = replace(doing, person=people.person(doing.tx, doing.person.id))
        _make_current(again, before)
        _ask_again(again)


def _cancel(doing: Doing) -> None:
    """Stops here. A report keeps its draft until the person says to throw it away."""
    held = _current(doing)
    if held is None:
        letter = Letter(doing.house.words("nothing_to_cancel", doing.lang), menu(doing.house, doing.person))
        post(doing.tx, doing.reply, doing.person, letter, doing.now)
        return
    people.change_person(doing.tx, doing.person.id, conversation_id=None)
    if held.stand.flow != INTAKE:
        conversations.set_state(doing.tx, held.id, "dropped", doing.now)
        doing.say("cancelled")
        _go_back(doing, held)
        return
    conversations.set_state(doing.tx, held.id, "parked", doing.now)
    rows = (
        ((doing.house.label("draft_continue", doing.lang).format(car=""), f"d:{key(held.id)}"),),
        ((doing.house.label("draft_discard", doing.lang), f"x:{key(held.id)}"),),
    )
    post(doing.tx, doing.reply, doing.person, Letter(doing.house.words("draft_kept", doing.lang), rows), doing.now)


def _carry_out(doing: Doing, held: Conversation, turn: Turn) -> None:
    """Does what the engine asked for, in order."""
    for effect in turn.effects:
        match effect:
            case Say():
                _say(doing, held, turn.state, effect)
            case Toast(text):
                doing.reply.toast = text
            case Mark(text):
                doing.reply.mark = text
            case Loose():
                _ask_where(doing)
            case Leave():
                _cancel(doing)
            case Finish():
                conversations.set_state(doing.tx, held.id, "done", doing.now)
                people.change_person(doing.tx, doing.person.id, conversation_id=None)
                perform(doing, effect, held.claim_id)
                _go_back(doing, held)
            case _:
                assert_never(effect)


def _say(doing: Doing, held: Conversation, state: State, say: Say) -> None:
    post_question(
        doing.tx,
        doing.reply,
        doing.person,
        say,
        conversation_id=held.id,
        step=state.step,
        claim_id=held.claim_id,
        now=doing.now,
    )


def standing(
    tx: Tx, house: House, telegram_id: int, now: dt.datetime
) -> tuple[Person, Conversation | None, At | None] | None:
    """Where a person stands: their conversation and its question, where they are in one."""
    person = people.lock_by_telegram_id(tx, telegram_id)
    if person is None:
        return None
    doing = Doing(tx, house, Reply(), person, now)
    held = _current(doing)
    flow = None if held is None else house.office.flows.get(held.stand.flow)
    if held is None or flow is None:
        return person, None, None
    seen = _around(doing, flow, held.stand.answers, held.stand.step, None, held.claim_id)
    step = flow.steps.get(held.stand.step)
    if step is None or isinstance(step, EndStep):
        return person, None, None
    draft = held.stand.drafts.get(held.stand.step)
    return person, held, At(flow, held.stand.step, step, held.stand.answers, draft, seen)
