"""What every act is given beside its transaction, and what comes in and goes out of a turn."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from claimbot.claims.words import Html, Lang, phrase
from claimbot.flow.kinds.asking import Said, Sent, Showed
from claimbot.flow.office import Office
from claimbot.store.messages import Message


@dataclass(frozen=True, slots=True)
class House:
    """The office's files, and under which name the bot is known."""

    office: Office
    bot_username: str = ""

    def words(self, key: str, lang: Lang, values: Mapping[str, object] | None = None) -> Html:
        return phrase(self.office.words[key], lang, values)

    def label(self, key: str, lang: Lang) -> str:
        return self.office.words[key].to(lang)


@dataclass(frozen=True, slots=True)
class Command:
    """A person sent `/name arg`."""

    name: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """A person tapped a button; `data` is what we once wrote on it, or what somebody forged."""

    data: str
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Evidence that came and is kept: the bytes' own facts, and how it came."""

    showed: Showed
    fields: Mapping[str, object]
    file_id: str
    name: str | None
    as_file: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Something came that cannot be taken, and why."""

    phrase: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edited:
    """A person changed a message that was answered already."""


@dataclass(frozen=True, slots=True)
class Barred:
    """A person blocked the bot, or let it speak again."""

    blocked: bool


What = Said | Sent | Command | Tap | Exhibit | Refused | Edited | Barred


@dataclass(frozen=True, slots=True)
class Arrival:
    """One update: from whom, when, and what."""

    update_id: int
    telegram_id: int
    name: str
    username: str | None
    language_code: str | None
    now: dt.datetime
    what: What


@dataclass(slots=True)
class Reply:
    """What a turn leaves for the door to do after its commit: messages taken for sending, a word for the tap."""

    messages: list[Message] = field(default_factory=list)
    toast: str | None = None
    mark: Html | None = None
    work: bool = False
    """Something is to be done beside the turns: a file to read, a note to book."""
    strip: bool = False
    """The tapped message loses its buttons: what they offered is done."""
    wakes: bool = False
    """Figures were asked for: they are counted at once, and not at the next tick."""
