"""What is due goes out: rows are taken with a lease, reminders are put into words at their hour, outcomes are noted.

Messages go out at least once: when a send was accepted and we died before noting it, the lease lapses and it is said
again. Nothing here sends; the door does, between `worded` and `noted`.

Taking and wording are two transactions. Whoever moves a claim locks the claim first and then its messages; so a lease
is committed before a claim is asked for, and claims are asked for in the order of their ids: nobody waits in a ring.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from claimbot.assistant import digests, recounting, reminders
from claimbot.assistant.cards import approval_card
from claimbot.assistant.house import House
from claimbot.assistant.letters import Letter, key
from claimbot.assistant.line_forms import line_form_paper
from claimbot.assistant.making import Paper, Papers
from claimbot.assistant.old_parts import box_paper
from claimbot.assistant.packages import package_paper
from claimbot.errors import DeliveryError
from claimbot.store import Tx, claims, clocks, inquiries, messages, people
from claimbot.store.messages import Message

log = structlog.get_logger("claimbot.assistant")

MOST_ATTEMPTS = 8
_FIRST_PAUSE = dt.timedelta(seconds=5)


def _reminder(tx: Tx, house: House, message: Message, now: dt.datetime) -> Mapping[str, object] | None:
    """A limit that was missed may set another one going: that is counted before anything is said of it."""
    clock = None if message.clock_id is None else clocks.clock(tx, message.clock_id)
    if clock is not None and clock.due_at is not None and clock.due_at < now:
        recounting.recount(tx, house, claims.lock_claim(tx, clock.claim_id), now)
    return reminders.compose(tx, house, message, now)


def _news(tx: Tx, house: House, message: Message, _: dt.datetime) -> Mapping[str, object] | None:
    return recounting.compose_news(tx, house, message)


def _card_now(tx: Tx, house: House, message: Message, now: dt.datetime) -> Mapping[str, object]:
    """What a decision's card says now: perhaps somebody else has signed or decided since it was written."""
    if message.claim_id is None or message.approval_id is None:
        return message.body
    to, claim = people.person(tx, message.person_id), claims.claim(tx, message.claim_id)
    return approval_card(tx, house, to, claim, message.approval_id, now).body(tx)


_WORDED: Final[Mapping[str, Callable[[Tx, House, Message, dt.datetime], Mapping[str, object] | None]]] = {
    "reminder": _reminder,
    "digest": digests.compose,
    "news": _news,
    "card": _card_now,
}
"""What is put into words at its hour."""


_AT_THEIR_HOUR: Final = frozenset({"reminder", "digest", "news"})

_PAPERS: Final[Papers] = {"box": box_paper, "lines": line_form_paper, "package": package_paper}


def paper_of(tx: Tx, house: House, message: Message) -> Paper | None:
    """What the message is still to be given before it goes out."""
    wanted = message.body.get("makes")
    if not isinstance(wanted, list):
        return None
    name, number = wanted
    lang, asked_at = people.person(tx, message.person_id).language, message.due_at
    return _PAPERS[str(name)](tx, house, int(str(number)), lang, asked_at)


def take(tx: Tx, now: dt.datetime, limit: int = 50) -> tuple[Message, ...]:
    """What is due, taken with a lease; not in words yet."""
    return messages.take_due(tx, now, limit)


def worded(tx: Tx, house: House, taken: Sequence[Message], now: dt.datetime) -> tuple[Message, ...]:
    """What of it must be said now, in its order. What has lost its reason is dropped; in quiet hours it waits."""
    bodies = {
        message.id: _worded(tx, house, message, now) if message.kind in _WORDED else message.body
        for message in sorted(taken, key=lambda each: (each.claim_id or 0, each.clock_id or 0))
    }
    return tuple(replace(each, body=body) for each in taken if (body := bodies[each.id]) is not None)


def _worded(tx: Tx, house: House, message: Message, now: dt.datetime) -> Mapping[str, object] | None:
    """As it is said now, None when it is not to be. A bug in one reminder must not keep back everybody's messages."""
    try:
        with tx.begin_nested():
            return _WORDED[message.kind](tx, house, message, now)
    except Exception:
        log.exception("reminder.failed", message=message.id)
        if message.attempts < MOST_ATTEMPTS:
            messages.put_off(tx, message.id, now + _pause(message), "a bug of ours")
        else:
            messages.give_up(tx, message.id, "failed", "a bug of ours")
        return None


def _pause(message: Message) -> dt.timedelta:
    return _FIRST_PAUSE * 2.0 ** (message.attempts - 1)


def wait_for(message: Message, error: DeliveryError) -> dt.timedelta:
    """How long after this failure it is tried again: as Telegram says, or longer each time."""
    return _pause(message) if error.retry_after is None else dt.timedelta(seconds=error.retry_after)


def in_order(to_one: Sequence[Message]) -> list[Message]:
    """What one person is told, in the order in which it came to be; what had its hour comes after, as it was taken."""
    return sorted(to_one, key=lambda each: (each.kind in _AT_THEIR_HOUR, 0 if each.kind in _AT_THEIR_HOUR else each.id))


def noted(tx: Tx, house: House, message: Message, theirs: int | None, now: dt.datetime) -> None:
    """It went out. A reminder's next rung is written in the same breath."""
    messages.note_sent(tx, {message.id: theirs}, now)
    if message.kind == "reminder":
        reminders.went_out(tx, house, message, now)
    elif message.kind == "digest":
        digests.told(tx, house, message, now)
    elif message.kind == "card" and theirs is not None:
        _mend_late_card(tx, house, message, theirs, now)


def _mend_late_card(tx: Tx, house: House, message: Message, theirs: int, now: dt.datetime) -> None:
    """A card that was on its way when somebody else decided or signed says so as soon as it has arrived."""
    card = _card_now(tx, house, message, now)
    if card["html"] != message.body["html"]:
        _add(tx, message, message.person_id, "edit", {**card, "edits": theirs}, now)


def _add(tx: Tx, about: Message, person_id: int, kind: str, body: Mapping[str, object], now: dt.datetime) -> None:
    fields = {"person_id": person_id, "kind": kind, "body": body, "claim_id": about.claim_id, "made_at": now}
    messages.add_message(tx, {**fields, "urgency": about.urgency, "state": "waiting", "due_at": now})


def _who_inquired(tx: Tx, message: Message) -> int | None:
    """Who waits for the answer of this person to what they were asked last about the claim."""
    found = inquiries.inquiries_of(tx, message.claim_id or 0)
    asked = [each.asked_by for each in found if each.asked_of == message.person_id and each.state == "open"]
    return asked[-1] if asked else None


def _tell_who_waits(tx: Tx, house: House, message: Message, now: dt.datetime) -> None:
    """Who sent a claim for approval, or asked its author, must know that the other one will never see it."""
    if message.claim_id is None:
        return
    claim = claims.claim(tx, message.claim_id)
    asked = claims.approval(tx, message.approval_id) if message.approval_id is not None else None
    waits = {
        "card": None if asked is None else asked.sent_by,
        "request": claim.clerk_id,
        "inquiry": _who_inquired(tx, message),
    }.get(message.kind)
    if waits is None or waits == message.person_id:
        return
    to, name = people.person(tx, waits), people.person(tx, message.person_id).name
    html = house.words("not_reached", to.language, {"name": name, "number": claim.number or ""})
    rows = (((house.label("open_claim", to.language), f"c:{key(claim.id)}"),),)
    _add(tx, message, to.id, "say", Letter(html, rows).body(tx), now)


def failed(tx: Tx, house: House, message: Message, error: DeliveryError, now: dt.datetime) -> None:
    """One did not go out: later, or never; then whoever is next responsible gets what must not be lost."""
    if error.retry_after is not None or (not error.permanent and message.attempts < MOST_ATTEMPTS):
        due_at = now + wait_for(message, error)
        messages.put_off(tx, message.id, due_at, error.outcome, tried=error.retry_after is None)
        return
    messages.give_up(tx, message.id, "failed", error.outcome)
    if error.outcome == "blocked":
        people.change_person(tx, message.person_id, blocked_at=now)
        _tell_who_waits(tx, house, message, now)
    try:
        with tx.begin_nested():
            if message.kind == "digest":
                digests.over(tx, house, message, now)
            else:
                reminders.hand_on(tx, house, message, now)
    except Exception:
        # What is over stays over: undone, it would be sent again every minute for ever.
        log.exception("reminder.not_handed_on", message=message.id)
