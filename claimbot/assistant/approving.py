"""Decisions: a claim goes to its site's supervisors, cards are answered, and every card everywhere says who decided.

An approval is of one version of its claim. Whatever changes the claim meanwhile voids it, and asks anew; so a card
that is older than the claim decides nothing.
"""

from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from claimbot.assistant.doing import Doing, move, post_album
from claimbot.assistant.knowing import deciders
from claimbot.assistant.letters import Letter, post
from claimbot.assistant.screens import REASONS, approval_card, reason_words
from claimbot.claims.authority import signatures_needed
from claimbot.claims.facts import Known
from claimbot.claims.life import unmet
from claimbot.claims.words import Money
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers
from claimbot.store import claims, messages, people
from claimbot.store.claims import Approval, Claim, Signature
from claimbot.store.messages import URGENT
from claimbot.store.people import Person

_REMINDS = "approval_waiting"
"""The clock of `flows/warranty/clocks.yaml` whose reminders ask for a decision."""


def send_for_approval(doing: Doing, claim_id: int) -> None:
    """Asks the site's supervisors, all at once; the one who reported it and the one who sends it are not asked."""
    claim = claims.lock_claim(doing.tx, claim_id)
    site = people.site(doing.tx, claim.site_id)
    day = doing.now.astimezone(ZoneInfo(site.zone)).date()
    asked, needed = deciders(doing.tx, claim, doing.person.id), _needed(doing, claim)
    if len(asked) < needed:
        raise Refusal("no_supervisor", {"needed": needed, "there": len(asked)})
    open_points = unmet(doing.house.office.life, "send", claim.facts, Known(today=day, now=doing.now))
    if open_points:
        raise Refusal("not_ready", {"why": open_points[0]})
    claim = move(doing, claim, "send")
    _send_cards(doing, claim, asked, needed, doing.person.id)
    values = {"number": claim.number or "", "names": [each.name for each in asked], "needed": needed}
    doing.say("sent_for_approval", values, claim=claim)


def recall(doing: Doing, claim_id: int) -> None:
    """Takes a claim back: before anybody has decided, or approved but not yet with the maker."""
    claim = move(doing, claims.lock_claim(doing.tx, claim_id), "recall")
    if void(doing, claim, "recall") is None:  # it was decided: whoever signed is told that it will be asked anew
        asked = claims.approval_of(doing.tx, claim.id)
        for signed in () if asked is None else claims.signatures_of(doing.tx, asked.id):
            values = {"number": claim.number or "", "name": doing.person.name}
            doing.tell(people.person(doing.tx, signed.person_id), "recalled_told", values, claim=claim)
    doing.say("recalled", {"number": claim.number or ""}, claim=claim)


def ask_anew(doing: Doing, claim: Claim) -> None:
    """A claim that changed while it waited: what was signed does not count for the new version, so all are asked."""
    voided = void(doing, claim, "changed")
    if voided is not None:
        asked = deciders(doing.tx, claim, voided.sent_by)
        _send_cards(doing, claim, asked, _needed(doing, claim), voided.sent_by)


def void(doing: Doing, claim: Claim, why: Literal["changed", "recall", "withdraw"]) -> Approval | None:
    """Ends the asking without a decision, and says so on every card; None when nobody was being asked."""
    approval = claims.approval_of(doing.tx, claim.id)
    if approval is None or not claims.close_approval(doing.tx, approval.id, "void", why, doing.now):
        return None
    _refresh_cards(doing, claim, approval.id)
    return approval


def _needed(doing: Doing, claim: Claim) -> int:
    site = people.site(doing.tx, claim.site_id)
    day = doing.now.astimezone(ZoneInfo(site.zone)).date()
    total = Money(amount=claim.total, currency=claim.currency)
    return signatures_needed(doing.house.office.authority, total, "supervisor", site.code, day)


def _send_cards(doing: Doing, claim: Claim, asked: Sequence[Person], needed: int, sent_by: int) -> None:
    approval_id = claims.open_approval(doing.tx, claim, needed=needed, sent_by=sent_by, now=doing.now)
    for decider in asked:
        post_album(doing, decider, claim)
        card = approval_card(doing.tx, doing.house, decider, claim, approval_id, doing.now)
        post(doing.tx, doing.reply, decider, card, doing.now, urgency=URGENT)


def refuse_closed(doing: Doing, approval: Approval) -> None:
    """Raises the Refusal of a card that decides nothing any more; silent while it still does."""
    if approval.state == "void":
        claim = claims.claim(doing.tx, approval.claim_id)
        if approval.decision == "changed":
            raise Refusal("card_stale", {"number": claim.number or ""})
        ended = doing.house.office.words[f"decided_{approval.decision}"]
        raise Refusal("card_void", {"number": claim.number or "", "ended": ended})
    if approval.state != "open":
        last = claims.signatures_of(doing.tx, approval.id)[-1]
        decided = doing.house.office.words[f"decided_{last.decision}"]
        raise Refusal("already_decided", {"name": people.person(doing.tx, last.person_id).name, "decision": decided})


def decide(doing: Doing, claim: Claim, answers: Answers) -> None:
    """One signature; with the last one that is needed, or with any "no", the decision."""
    approval = claims.approval(doing.tx, int(str(answers["approval"])))
    decision = str(answers["decision"])
    if approval is None:
        raise Refusal("not_yours")
    refuse_closed(doing, approval)
    if approval.claim_version != claim.version or claim.state != "in_approval":
        raise Refusal("card_stale", {"number": claim.number or ""})
    given = claims.signatures_of(doing.tx, approval.id)
    if any(each.person_id == doing.person.id for each in given):
        raise Refusal("already_signed")
    reason = next((str(answers[step]) for step in REASONS if answers.get(step)), None)
    signature = Signature(doing.person.id, decision, reason, doing.now)
    if decision == "approve" and len(given) + 1 < approval.needed:
        _agree(doing, claim, approval.id, signature, approval.needed - len(given) - 1)
        return
    moved = move(doing, claim, decision, reason=reason)
    claims.sign(doing.tx, approval.id, signature)
    claims.close_approval(doing.tx, approval.id, "decided", decision, doing.now)
    _refresh_cards(doing, moved, approval.id)
    _tell_decision(doing, moved, decision, reason, approval.sent_by)


def _agree(doing: Doing, claim: Claim, approval_id: int, signature: Signature, left: int) -> None:
    """The first of several signatures: the claim stays where it is, and the others are told that theirs is awaited."""
    permitted_by = move(doing, claim, "agree")
    claims.sign(doing.tx, approval_id, signature)
    claims.renew_approval(doing.tx, approval_id, permitted_by.version)
    doing.say("signature_kept", {"number": claim.number or "", "left": left})
    _refresh_cards(doing, permitted_by, approval_id)


def _refresh_cards(doing: Doing, claim: Claim, approval_id: int) -> None:
    """Every card in every chat becomes what it would be now; one that is on its way does so when it has arrived."""
    cards = [(person_id, message_id) for _, person_id, message_id in messages.cards_of(doing.tx, approval_id)]
    for person_id, message_id in [*cards, *_answered_reminders(doing, claim, approval_id)]:
        to = people.person(doing.tx, person_id)
        card = approval_card(doing.tx, doing.house, to, claim, approval_id, doing.now)
        edit = Letter(card.html, card.rows, edits=message_id, kind="edit", claim_id=claim.id)
        post(doing.tx, doing.reply, to, edit, doing.now, urgency=URGENT)


def _answered_reminders(doing: Doing, claim: Claim, approval_id: int) -> list[tuple[int, int]]:
    """Reminders carry the buttons of a decision, too: those that nobody has to answer any more become cards."""
    asked = claims.approval(doing.tx, approval_id)
    if asked is None:
        return []
    sent = messages.reminders_to_decide(doing.tx, claim.id, _REMINDS, asked.opened_at)
    return [each for each in sent if asked.state != "open" or each[0] == doing.person.id]


def _tell_decision(doing: Doing, claim: Claim, decision: str, reason: str | None, sent_by: int) -> None:
    """Whom the claim's life names of the one who reported it and the one who sent it, each once, in their language."""
    parts = doing.house.office.life.moves[decision].tells
    concerned = {number for part, number in (("author", claim.author_id), ("sender", sent_by)) if part in parts}
    decided = doing.house.office.words[f"decided_{decision}"]
    doing.say("decision_noted", {"number": claim.number or "", "decision": decided})
    for person_id in sorted(concerned - {doing.person.id}):
        to = people.person(doing.tx, person_id)
        values: dict[str, object] = {"number": claim.number or "", "decision": decided, "name": doing.person.name}
        if reason is not None:
            values["reason"] = reason_words(doing.house, reason)
        doing.tell(to, "decision_told" if reason is None else "decision_told_why", values, claim=claim)
