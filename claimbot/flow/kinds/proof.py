"""A question answered by showing something: one photo or file, several in one sending, or words where they will do."""

from pydantic import BaseModel, ConfigDict

from claimbot.claims.words import Html, show
from claimbot.flow.kinds.asking import (
    Again,
    At,
    Button,
    Event,
    Going,
    Json,
    Prompt,
    Reading,
    Said,
    Showed,
    Taken,
    Tapped,
)
from claimbot.flow.model import ProofStep

MOST_SHOWN = 10
"""As many as one album holds."""


class Proof(BaseModel):
    """What was shown, by its SHA-256, and what was said with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shown: tuple[str, ...] = ()
    words: str | None = None

    def showing(self, event: Showed) -> "Proof":
        shown = tuple(dict.fromkeys((*self.shown, event.sha256)))[:MOST_SHOWN]
        return Proof(shown=shown, words=event.caption.strip() or self.words)


def proof_of(kept: object) -> Proof:
    return Proof.model_validate(kept) if isinstance(kept, dict) else Proof()


def ask_proof(at: At) -> Prompt:
    """While an album comes in, how many there are, and the tap that ends it: an album has no end mark of its own."""
    shown = proof_of(at.draft).shown
    if not shown:
        return Prompt()
    return Prompt(at.words("proof_shown", count=len(shown)), ((Button(at.label("photos_done"), "done"),),))


def read_proof(step: ProofStep, at: At, event: Event) -> Reading:  # noqa: PLR0911  one answer an event
    held = proof_of(at.draft)
    match event:
        case Showed() if event.album or held.shown:
            return Going(held.showing(event).model_dump(mode="json"))
        case Showed():
            return Taken(held.showing(event).model_dump(mode="json"))
        case Tapped(verb="done") if held.shown:
            return Taken(held.model_dump(mode="json"))
        case Said(text) if held.shown or step.words:
            words = text.strip()
            if not any(each.isalnum() for each in words):
                return Again(at.words("text_wanted" if step.words else "proof_wanted"))
            if len(words) > step.max_length:
                return Again(at.words("text_too_long", most=step.max_length, has=len(words)))
            return Taken(held.model_copy(update={"words": words}).model_dump(mode="json"))
        case _:
            return Again(at.words("proof_or_words_wanted" if step.words else "proof_wanted"))


def tell_proof(at: At, value: Json) -> Html:
    proof = proof_of(value)
    count = at.words("proof_shown", count=len(proof.shown)) if proof.shown else Html()
    return Html(" ".join(part for part in (count, show(proof.words, at.lang) if proof.words else "") if part))
