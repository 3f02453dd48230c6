"""One person doing one thing: what every act is given, and the one way in which a claim moves.

A move is asked of the claim's life first; a `Refusal` leaves nothing changed. Everything happens inside the
transaction of the turn that led to it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from claimbot.assistant import recounting, reminders
from claimbot.assistant.cards import claim_card
from claimbot.assistant.claim_buttons import act_buttons
from claimbot.assistant.claim_reading import photos_by_slot
from claimbot.assistant.house import House, Reply
from claimbot.assistant.letters import Data, Letter, key, post
from claimbot.assistant.titles import car_and_part
from claimbot.claims.life import ROLES, Part, permitted
from claimbot.claims.words import Html, Lang
from claimbot.flow.kinds.asking import Answers
from claimbot.store import Tx, claims, people
from claimbot.store.claims import Claim
from claimbot.store.people import Person


@dataclass(frozen=True, slots=True)
class Doing:
    """One person doing one thing at one moment, and where what is said of it goes."""

    tx: Tx
    house: House
    reply: Reply
    person: Person
    now: dt.datetime
    tapped: int | None = None
    """Telegram's id of the message whose button was tapped."""

    @property
    def lang(self) -> Lang:
        return self.person.language

    def tell(
        self, to: Person, phrase: str, values: Mapping[str, object], *, claim: Claim | None = None, acts: bool = False
    ) -> None:
        """A short message to one person in their language, with a way to the claim; it may name its car and part.

        `acts`: with what they can do about it now, above that.
        """
        rows: Data = ()
        if claim is not None:
            done = act_buttons(self.tx, self.house, to, claim, self.now) if acts else ()
            rows = (*done, ((self.house.label("open_claim", to.language), f"c:{key(claim.id)}"),))
            values = {**car_and_part(self.house, claim, to.language), **values}
        html = self.house.words(phrase, to.language, values)
        post(self.tx, self.reply, to, Letter(html, rows, claim_id=None if claim is None else claim.id), self.now)

    def say(self, phrase: str, values: Mapping[str, object] | None = None, *, claim: Claim | None = None) -> None:
        self.tell(self.person, phrase, values or {}, claim=claim)


def say_on_card(doing: Doing, phrase: str, values: Mapping[str, object], claim: Claim) -> None:
    """Said above the claim's card, which shows how it stands now, and what is next."""
    card = claim_card(doing.tx, doing.house, doing.person, claim, doing.now)
    done = doing.house.words(phrase, doing.lang, values)
    post(doing.tx, doing.reply, doing.person, replace(card, html=Html(f"{done}\n\n{card.html}")), doing.now)


def move(doing: Doing, claim: Claim, name: str, *, reason: str | None = None, **fields: object) -> Claim:
    """One permitted change of a claim's state, with its entry; the clocks that it stops are stopped."""
    permitted_move(doing, claim, name)
    target = doing.house.office.life.after(claim.state, name)
    claims.make_move(doing.tx, claim, name, target, person_id=doing.person.id, now=doing.now, reason=reason, **fields)
    detail = {"from": claim.state, "to": target, "reason": reason}
    claims.write_entry(doing.tx, claim.id, name, detail, person_id=doing.person.id, now=doing.now)
    moved = claims.claim(doing.tx, claim.id)
    reminders.after_move(doing.tx, doing.house, moved, name, claim.state, doing.now)
    shifts = recounting.recount(doing.tx, doing.house, moved, doing.now)
    recounting.tell_shifts(doing.tx, moved, recounting.moved(shifts), doing.now, but=doing.person.id)
    return moved


def permitted_move(doing: Doing, claim: Claim, name: str) -> None:
    """Raises the Refusal of a move that this person may not make now."""
    approval = claims.approval_of(doing.tx, claim.id)
    person_is: set[Part] = set()
    if doing.person.id == claim.author_id:
        person_is.add("author")
    if approval is not None and doing.person.id == approval.sent_by:
        person_is.add("sender")
    if doing.person.id == claim.clerk_id:
        person_is.add("clerk")
    held = frozenset(role for role in ROLES if doing.person.has(role, claim.site_id))
    permitted(doing.house.office.life, claim.state, name, held, person_is)


def post_album(doing: Doing, to: Person, claim: Claim) -> None:
    """The claim's photos, each with what it shows; nothing where there are none."""
    slots = doing.house.office.evidence.slots
    shown = photos_by_slot(claim)
    if shown:
        named = {sha: slots[slot].words.to(to.language) for slot, sha in shown if slot in slots}
        letter = Letter(Html(), pictures=tuple(sha for _, sha in shown), named=named, claim_id=claim.id)
        post(doing.tx, doing.reply, to, letter, doing.now)


def clerks_of(doing: Doing, claim: Claim) -> tuple[Person, ...]:
    """Who is told at the desk: the claim's own clerk, else all of the site's, else its administrators."""
    desk = people.holders(doing.tx, claim.site_id, "clerk")
    own = tuple(each for each in desk if each.id == claim.clerk_id)
    return own or desk or people.holders(doing.tx, claim.site_id, "administrator")


def keep(doing: Doing, claim: Claim, answers: Answers, what: str) -> Claim:
    claims.keep_facts(doing.tx, claim, answers, doing.now)
    claims.write_entry(doing.tx, claim.id, what, dict(answers), person_id=doing.person.id, now=doing.now)
    return claims.claim(doing.tx, claim.id)
