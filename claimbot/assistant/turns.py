"""A turn: one update in, everything it changes in one transaction, and what is to be said left as rows.

The person is locked first and read then. An update counts once by its id. What people get wrong is answered; a
`Refusal` is told in words; anything else that is raised is a bug and undoes the whole turn.
"""

import re
from dataclasses import replace
from html import unescape
from typing import assert_never

from claimbot.assistant.commands import obey, unknown
from claimbot.assistant.conversing import (
    advance,
    ask_again,
    ask_where,
    begin,
    cancel,
    current,
    go_on,
    keep_exhibit,
    leave,
    put_again,
)
from claimbot.assistant.crediting import read_credit
from claimbot.assistant.doing import Doing
from claimbot.assistant.house import Arrival, Barred, Command, Edited, Exhibit, House, Refused, Reply, Tap
from claimbot.assistant.letters import Letter, key, post
from claimbot.assistant.tapping import tap
from claimbot.claims.words import language_of
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Event, Said, Sent, Showed
from claimbot.store import Tx, conversations, people, undoable
from claimbot.store.messages import last_said
from claimbot.store.people import Person

_JOIN = "people.join"


def take(tx: Tx, house: House, arrival: Arrival) -> Reply:
    """The whole turn of one update; nothing at all when the update was answered before."""
    reply = Reply()
    if not conversations.count_once(tx, arrival.update_id, arrival.now):
        return reply
    person = _known_person(tx, arrival)
    tapped = arrival.what.message_id if isinstance(arrival.what, Tap) else None
    doing = Doing(tx, house, reply, person, arrival.now, tapped)
    try:
        with undoable(tx):
            _answer(doing, arrival)
    except Refusal as refusal:
        reply.messages.clear()
        reply.mark, reply.strip = None, False  # undone: what was tapped keeps its buttons
        if refusal.again is not None:
            put_again(doing, refusal.again, house.words(refusal.phrase, doing.lang, refusal.values))
            return reply
        left = leave(doing) if refusal.final else None
        if left is not None:
            reply.strip = isinstance(arrival.what, Tap) and arrival.what.data.startswith("q:")  # its question is over
        _refuse(doing, refusal)
        if left is not None:
            go_on(doing, left)
    return reply


def _known_person(tx: Tx, arrival: Arrival) -> Person:
    person = people.lock_by_telegram_id(tx, arrival.telegram_id)
    if person is None:
        people.add_person(tx, arrival.telegram_id, arrival.name[:120], language_of(arrival.language_code))
        person = people.lock_by_telegram_id(tx, arrival.telegram_id)
    if person is None:
        raise LookupError(f"person {arrival.telegram_id} is gone")
    username = None if arrival.username is None else arrival.username.lower()[:32]
    if person.username != username:
        people.change_person(tx, person.id, username=username)
        person = replace(person, username=username)
    if person.blocked and not isinstance(arrival.what, Barred):
        people.change_person(tx, person.id, blocked_at=None)
        person = replace(person, blocked=False)
    return person


def _refuse(doing: Doing, refusal: Refusal) -> None:
    """The word of refusal: over the tapped button, and in the chat; there it is not said twice, nor what is `quiet`."""
    html = doing.house.words(refusal.phrase, doing.lang, refusal.values)
    if doing.tapped is not None:
        doing.reply.toast = unescape(re.sub(r"<[^>]+>", "", html))
        if refusal.quiet or last_said(doing.tx, doing.person.id) == html:
            return
    label = doing.house.label("open_claim", doing.lang)
    rows = () if refusal.claim_id is None else (((label, f"c:{key(refusal.claim_id)}"),),)
    post(doing.tx, doing.reply, doing.person, Letter(html, rows), doing.now)


def _answer(doing: Doing, arrival: Arrival) -> None:
    what = arrival.what
    if isinstance(what, Barred):
        people.change_person(doing.tx, doing.person.id, blocked_at=doing.now if what.blocked else None)
        return
    if not doing.person.joined:
        _stranger(doing, what)
        return
    if isinstance(what, Exhibit):
        keep_exhibit(doing, what)
    match what:
        case Command():
            obey(doing, what)
        case Tap(data=data):
            tap(doing, data)
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
            begin(doing, _JOIN, None, {"invite": invite.token_hash})
        case Tap(data=data) if data.startswith("q:"):
            tap(doing, data)
        case Command(name="cancel") if doing.person.conversation_id is not None:
            cancel(doing)
        case Said() | Sent() if doing.person.conversation_id is not None:
            _event(doing, what)
        case _ if doing.person.conversation_id is not None:
            ask_again(doing)
        case _:
            doing.say("stranger")


def _event(doing: Doing, event: Event) -> None:
    held = current(doing)
    if held is not None:
        advance(doing, held, event)
    elif isinstance(event, Showed) and event.sheet is None:
        ask_where(doing, settles=event.album)
    elif isinstance(event, Showed) and any(role == "clerk" for _, role in doing.person.roles):
        # A table that nobody asked for is a credit note, or the mended one of a moment ago; it counts after a look.
        read_credit(doing, {"credit_file": event.sha256})
    else:
        unknown(doing)
