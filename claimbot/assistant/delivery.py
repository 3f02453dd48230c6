"""What is due goes out: rows are taken with a lease, reminders are put into words at their hour, outcomes are noted.

Messages go out at least once: when a send was accepted and we died before noting it, the lease lapses and it is said
again. Nothing here sends; the door does, between `due` and `noted`.
"""

import datetime as dt
from dataclasses import replace

from claimbot.assistant import reminders
from claimbot.assistant.house import House
from claimbot.errors import DeliveryError
from claimbot.store import Tx, messages, people
from claimbot.store.messages import Message

MOST_ATTEMPTS = 8
_FIRST_PAUSE = dt.timedelta(seconds=5)


def due(tx: Tx, house: House, now: dt.datetime, limit: int = 50) -> tuple[Message, ...]:
    """What must be said now. A reminder whose reason is gone is dropped; one in somebody's quiet hours waits."""
    ready: list[Message] = []
    while not ready:
        taken = messages.take_due(tx, now, limit)
        if not taken:
            break
        for message in taken:
            body = reminders.compose(tx, house, message, now) if message.kind == "reminder" else message.body
            if body is not None:
                ready.append(replace(message, body=body))
    return tuple(ready)


def noted(tx: Tx, house: House, message: Message, theirs: int | None, now: dt.datetime) -> None:
    """It went out. A reminder's next rung is written in the same breath."""
    messages.note_sent(tx, {message.id: theirs}, now)
    if message.kind == "reminder":
        reminders.went_out(tx, house, message, now)


def failed(tx: Tx, house: House, message: Message, error: DeliveryError, now: dt.datetime) -> None:
    """One did not go out: later, or never; then whoever is next responsible gets what must not be lost."""
    if not error.permanent and message.attempts < MOST_ATTEMPTS:
        pause = _FIRST_PAUSE * 2 ** (message.attempts - 1)
        if error.retry_after is not None:
            pause = max(pause, dt.timedelta(seconds=error.retry_after))
        messages.put_off(tx, message.id, now + pause, error.outcome)
        return
    messages.give_up(tx, message.id, "failed", error.outcome)
    if error.outcome == "blocked":
        people.change_person(tx, message.person_id, blocked_at=now)
    reminders.hand_on(tx, house, message, now)
