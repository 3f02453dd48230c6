"""The shapes that all kinds of question share: what happened, where it happened, what is shown, what was understood."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from claimbot.claims.facts import Facts, Known
from claimbot.claims.table import Table
from claimbot.claims.words import Html, Lang, Words, phrase
from claimbot.errors import Refusal
from claimbot.flow.model import AskingStep, Flow, OptionSource
from claimbot.flow.office import Office

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Answers = Mapping[str, Json]
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote this."""

    text: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A person tapped a button of the question that stands at `step`."""

    step: str
    verb: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Showed:
    """A person sent a picture or paper, which is kept already. `album`: more of the same sending may follow."""

    sha256: str
    album: bool = False
    caption: str = ""
    sheet: Table | Refusal | None = None
    """It is a table, and nothing to look at: its rows where they are few, else why they were not read."""
    paper: bool = False
    """It is a paper, and no picture."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A person sent something that is neither words nor evidence (voice, sticker, contact, location …)."""

    what: str


Event = Said | Tapped | Showed | Sent


@dataclass(frozen=True, slots=True)
class Button:
    """One tap: its label, and what it says when tapped (a verb of the question's kind or of the engine)."""

    label: str
    verb: str
    arg: str = ""


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick: its key, and its words or plain label."""

    key: str
    label: Words | str

    def to(self, lang: Lang) -> str:
        return self.label.to(lang) if isinstance(self.label, Words) else self.label


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against a kept picture: how it was taken, or that it was shown for another claim (its number)."""

    blurred: bool = False
    dark: bool = False
    small: bool = False
    shown_for: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Everything a turn may look at beside the conversation itself, read before it begins."""

    office: Office
    known: Known
    lang: Lang
    offers: Mapping[OptionSource, tuple[Choice, ...]] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    """By SHA-256; a picture without one is as it should be."""
    about: str = ""
    """What the conversation is about, said above every question: a claim's number."""
    earlier: Mapping[str, "Json"] = field(default_factory=dict)
    """What steps that are asked anew were answered with before: one tap answers so again."""

    def words(self, key: str, **values: object) -> Html:
        return phrase(self.office.words[key], self.lang, values)

    def label(self, key: str) -> str:
        """Words for a button: plain text, where nothing is markup."""
        return self.office.words[key].to(self.lang)


@dataclass(frozen=True, slots=True)
class At:
    """One question, asked of one person: the step, the answers so far, and what is half answered (`draft`)."""

    flow: Flow
    name: str
    step: AskingStep
    answers: Answers
    draft: Json
    around: Around

    @property
    def lang(self) -> Lang:
        return self.around.lang

    @property
    def facts(self) -> Facts:
        return Facts.model_validate({key: value for key, value in self.answers.items() if value is not None})

    def words(self, key: str, **values: object) -> Html:
        return self.around.words(key, **values)

    def label(self, key: str) -> str:
        return self.around.label(key)


NOTHING = Html()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a kind adds to the step's own question: more text, buttons, and perhaps a kept picture to look at."""

    body: Html = NOTHING
    rows: Rows = ()
    picture: str | None = None
    replaces_question: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer is understood and kept. `note` is said with the next question."""

    value: Json
    note: Html | None = None


@dataclass(frozen=True, slots=True)
class Going:
    """Part of the answer is understood; the question stays, with this draft. `mark`: what a tap chose, shown there."""

    draft: Json
    note: Html | None = None
    mark: Html | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Not understood; the question stays, with a hint."""

    hint: Html


@dataclass(frozen=True, slots=True)
class Late:
    """The tapped button was about something else than what is asked now: nothing changes, and that is told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The person wants this paper, to fill it in; the question stands."""

    paper: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The person means another step (a "no" that leads back)."""

    step: str
    note: Html | None = None


Reading = Taken | Going | Again | Late | Elsewhere | Wanted


def tag(what: Json) -> str:
    """Six characters that tell on a button what it is about, so that an old button can be told from a new one."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:6]


def in_rows(buttons: Sequence[_B], columns: int) -> tuple[tuple[_B, ...], ...]:
    return tuple(tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns))
