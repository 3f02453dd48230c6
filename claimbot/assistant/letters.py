"""Writing messages: rows of their own, in the transaction of what they tell of."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from claimbot.assistant.house import Reply
from claimbot.claims.words import Html
from claimbot.engine import Say
from claimbot.flow.kinds.asking import Rows
from claimbot.store import Tx, claims, messages
from claimbot.store.messages import LEASE_FOR, URGENT, USUAL, Message
from claimbot.store.people import Person

SETTLE_FOR = dt.timedelta(seconds=1.5)
"""How long an album's answer waits for one more photo."""

Data = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of buttons: label and callback data."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said: HTML, buttons, pictures by SHA-256 (several make an album), a file; or a message's new text."""

    html: Html
    rows: Data = ()
    pictures: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    """What each picture shows, where that is to be said under it."""
    file: tuple[str, str] | None = None
    """A file of the evidence folder by its SHA-256, and the name under which it is sent; the words stand under it."""
    edits: int | None = None
    kind: str = "say"
    claim_id: int | None = None
    approval_id: int | None = None
    clock_id: int | None = None
    conversation_id: int | None = None
    commands: tuple[tuple[str, str], ...] = ()
    """Not said at all: the person's own command menu becomes this."""

    def body(self, tx: Tx) -> dict[str, object]:
        """As the row holds it. Telegram's own id goes with a picture that came as a photo: no upload is needed then."""
        body: dict[str, object] = {"html": str(self.html)}
        if self.commands:
            body["commands"] = [list(each) for each in self.commands]
        if self.rows:
            body["rows"] = [[list(button) for button in row] for row in self.rows]
        if self.pictures:
            known = claims.file_ids(tx, self.pictures)
            body["pictures"] = [
                [sha, known[sha][0] if sha in known and not known[sha][1] else "", self.named.get(sha, "")]
                for sha in self.pictures
            ]
        if self.file is not None:
            body["file"] = list(self.file)
        if self.edits is not None:
            body["edits"] = self.edits
        return body


def key(number: int) -> str:
    """A number as short as callback data needs it: base 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while True:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
        if number == 0:
            return text


def post(tx: Tx, reply: Reply, to: Person, letter: Letter, now: dt.datetime, *, urgency: int = USUAL) -> None:
    """Says it at once: the row is born taken, and the door sends it after the commit; if it cannot, the tick will."""
    body = letter.body(tx)
    fields = {
        "person_id": to.id,
        "kind": letter.kind,
        "body": body,
        "urgency": urgency,
        "state": "leased",
        "due_at": now,
        "leased_until": now + LEASE_FOR,
        "attempts": 1,
        "conversation_id": letter.conversation_id,
        "claim_id": letter.claim_id,
        "approval_id": letter.approval_id,
        "clock_id": letter.clock_id,
        "made_at": now,
    }
    number = messages.add_message(tx, fields)
    reply.messages.append(
        Message(
            id=number,
            person_id=to.id,
            telegram_id=to.telegram_id,
            kind=letter.kind,
            body=body,
            urgency=urgency,
            attempts=1,
            clock_id=letter.clock_id,
            claim_id=letter.claim_id,
            approval_id=letter.approval_id,
            due_at=now,
        )
    )


def conversation_rows(conversation_id: int, step: str, rows: Rows) -> Data:
    """A question's buttons with what they say when tapped: the conversation, the step, the verb, its object."""
    head = f"q:{key(conversation_id)}:{step}"
    return tuple(
        tuple(
            (button.label, f"{head}:{button.verb}:{button.arg}" if button.arg else f"{head}:{button.verb}")
            for button in row
        )
        for row in rows
    )


def post_question(  # noqa: PLR0913  a question belongs to a person, a conversation and a step
    tx: Tx,
    reply: Reply,
    to: Person,
    say: Say,
    *,
    conversation_id: int,
    step: str,
    claim_id: int | None,
    now: dt.datetime,
) -> None:
    letter = Letter(
        say.html,
        conversation_rows(conversation_id, step, say.rows),
        (say.picture,) if say.picture is not None else (),
        claim_id=claim_id,
        conversation_id=conversation_id,
    )
    settle_key = f"conversation:{conversation_id}"
    if say.settles:
        post_settling(tx, to, letter, settle_key, now)
        return
    messages.drop_settling(tx, settle_key)
    post(tx, reply, to, letter, now, urgency=URGENT)


def post_settling(tx: Tx, to: Person, letter: Letter, settle_key: str, now: dt.datetime) -> None:
    """Says it once nothing more has come for a moment; each further saying under this key takes its place."""
    fields = {
        "person_id": to.id,
        "kind": letter.kind,
        "body": letter.body(tx),
        "urgency": URGENT,
        "state": "waiting",
        "due_at": now + SETTLE_FOR,
        "conversation_id": letter.conversation_id,
        "claim_id": letter.claim_id,
        "made_at": now,
    }
    messages.settle_message(tx, settle_key, fields)
