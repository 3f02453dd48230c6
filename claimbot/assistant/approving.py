"""Decisions: a claim goes to its site's supervisors, cards are answered, and every card everywhere says who decided.

An approval is of one version of its claim. Whatever changes the claim meanwhile voids it, and asks anew; so a card
that is older than the claim decides nothing.
"""

from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from claimbot.assistant.auditing import fix_buttons, obstacles
from claimbot.assistant.authority import (
    REASONS,
    absent_for,
    amounts_mark,
    approved_total,
    asked_for,
    authority_of,
    decided_words,
    names_of,
    reason_words,
    signer_words,
    stood_in_for,
)
from claimbot.assistant.cards import approval_card
from claimbot.assistant.claim_buttons import decision_buttons
from claimbot.assistant.claim_reading import cuts_told
from claimbot.assistant.doing import Doing, move, permitted_move, post_album
from claimbot.assistant.letters import Letter, key, post
from claimbot.claims.audit import Verdict
from claimbot.claims.authority import signatures_needed
from claimbot.claims.cuts import Cut, approved_amounts
from claimbot.claims.facts import Known
from claimbot.claims.goodwill import asked_of_maker
from claimbot.claims.life import unmet
from claimbot.claims.words import Html
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Around
from claimbot.flow.kinds.cuts import cuts_of as cuts_in
from claimbot.flow.kinds.review import verdict_lines
from claimbot.store import claims, messages, people
from claimbot.store.claims import Approval, Claim, Signature
from claimbot.store.cuts import cuts_of, keep_cuts
from claimbot.store.lines import approve_lines, forget_approved
from claimbot.store.messages import URGENT
from claimbot.store.people import Person

_REMINDS = "approval_waiting"
"""The clock of `flows/warranty/clocks.yaml` whose reminders ask for a decision."""


def send_for_approval(doing: Doing, claim_id: int) -> bool:
    """Asks the site's supervisors, all at once; the one who reported it and the one who sends it are not asked.

    False, and told with what mends it, where the pre-audit finds an error, or a warning that nobody explained.
    """
    claim = claims.lock_claim(doing.tx, claim_id)
    site = people.site(doing.tx, claim.site_id)
    day = doing.now.astimezone(ZoneInfo(site.zone)).date()
    asked, needed = asked_for(doing.tx, doing.house, claim, doing.person.id, doing.now)
    if len(asked) < needed:
        raise Refusal("no_supervisor", {"needed": needed, "there": len(asked)})
    open_points = unmet(doing.house.office.life, "send", claim.facts, Known(today=day, now=doing.now))
    if open_points:
        raise Refusal("not_ready", {"why": open_points[0]})
    failed = obstacles(doing.tx, doing.house, claim, doing.now)
    if failed:
        permitted_move(doing, claim, "send")
        _say_what_is_in_the_way(doing, claim, failed)
        return False
    claim = move(doing, claim, "send")
    _send_cards(doing, claim, asked, needed, doing.person.id)
    names = names_of(doing.tx, doing.house, claim, asked, doing.now, doing.lang)
    values = {"number": claim.number or "", "names": names, "needed": needed}
    doing.say("sent_for_approval", values, claim=claim)
    return True


def _say_what_is_in_the_way(doing: Doing, claim: Claim, failed: Sequence[Verdict]) -> None:
    house, lang = doing.house, doing.lang
    head = house.words("send_blocked", lang, {"number": claim.number or ""})
    known = Known(today=doing.now.date(), now=doing.now)
    lines = verdict_lines(failed, Around(house.office, known, lang))
    letter = Letter(Html(f"{head}\n{lines}"), fix_buttons(house, lang, claim, failed), claim_id=claim.id)
    post(doing.tx, doing.reply, doing.person, letter, doing.now)


def recall(doing: Doing, claim_id: int) -> None:
    """Takes a claim back: before anybody has decided, or approved but not yet with the maker."""
    claim = move(doing, claims.lock_claim(doing.tx, claim_id), "recall")
    said = "recalled_told" if void(doing, claim, "recall") is None else "recalled_signed_told"
    asked = claims.approval_of(doing.tx, claim.id)
    for signed in () if asked is None else claims.signatures_of(doing.tx, asked.id):
        values = {"number": claim.number or "", "name": doing.person.name}
        doing.tell(people.person(doing.tx, signed.person_id), said, values, claim=claim)
    _forget_amounts(doing, claim)
    doing.say("recalled", {"number": claim.number or ""}, claim=claim)


def ask_anew(doing: Doing, claim: Claim) -> None:
    """A claim that changed while it waited: what was signed does not count for the new version, so all are asked."""
    voided = void(doing, claim, "changed")
    if voided is not None:
        asked, needed = asked_for(doing.tx, doing.house, claim, voided.sent_by, doing.now)
        _send_cards(doing, claim, asked, needed, voided.sent_by)


def void(doing: Doing, claim: Claim, why: Literal["changed", "recall", "withdraw"]) -> Approval | None:
    """Ends the asking without a decision, and says so on every card; None when nobody was being asked."""
    approval = claims.approval_of(doing.tx, claim.id)
    if approval is None or not claims.close_approval(doing.tx, approval.id, "void", why, doing.now):
        return None
    _refresh_cards(doing, claim, approval.id)
    return approval


def _forget_amounts(doing: Doing, claim: Claim) -> None:
    """What an earlier decision approved of it no longer holds."""
    forget_approved(doing.tx, claim.id)


def _send_cards(doing: Doing, claim: Claim, asked: Sequence[Person], needed: int, sent_by: int) -> None:
    _forget_amounts(doing, claim)
    approval_id = claims.open_approval(doing.tx, claim, needed=needed, sent_by=sent_by, now=doing.now)
    for decider in asked:
        post_album(doing, decider, claim)
        card = approval_card(doing.tx, doing.house, decider, claim, approval_id, doing.now)
        post(doing.tx, doing.reply, decider, card, doing.now, urgency=URGENT)


def refuse_closed(doing: Doing, approval: Approval) -> None:
    """Raises the Refusal of a card that decides nothing any more; silent while it still does."""
    claim = claims.claim(doing.tx, approval.claim_id)
    if approval.state == "void":
        if approval.decision == "changed":
            raise Refusal("card_stale", {"number": claim.number or ""})
        ended = doing.house.office.words[f"decided_{approval.decision}"]
        raise Refusal("card_void", {"number": claim.number or "", "ended": ended})
    if approval.state != "open":
        last = claims.signatures_of(doing.tx, approval.id)[-1]
        decided = decided_words(doing.house, last.decision, cuts_of(doing.tx, approval.id))
        name = signer_words(doing.tx, doing.house, last)
        values = {"number": claim.number or "", "name": name, "decision": decided}
        raise Refusal("already_decided", values, quiet=last.person_id == doing.person.id)  # a double tap of their own


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
    if any(doing.person.id in {each.person_id, each.in_place_of} for each in given):
        # by themselves, or by who stood in for them with their authority
        own = any(doing.person.id == each.person_id for each in given)
        raise Refusal("already_signed", {"number": claim.number or ""}, quiet=own)
    if decision in {"approve", "approve_part"}:
        _approve(doing, claim, approval, answers, given)
        return
    reason = next((str(answers[step]) for step in REASONS if answers.get(step)), None)
    moved = move(doing, claim, decision, reason=reason)
    _sign(doing, approval, decision, reason=reason)
    claims.close_approval(doing.tx, approval.id, "decided", decision, doing.now)
    _refresh_cards(doing, moved, approval.id)
    _tell_decision(doing, moved, approval.id)


def _approve(
    doing: Doing,
    claim: Claim,
    approval: Approval,
    answers: Answers,
    given: Sequence[Signature],
) -> None:
    """All as claimed, or what is left after the cuts. How many must sign is reckoned with what is approved.

    Who signs second signs what the first one did, having seen it: other amounts are refused.
    """
    agreed = cuts_of(doing.tx, approval.id)
    cuts = cuts_in(answers.get("cuts")) if answers["decision"] == "approve_part" else agreed
    total = approved_total(claim, cuts)
    if given and (cuts != agreed or answers.get("amounts", "") != amounts_mark(agreed)):
        first = signer_words(doing.tx, doing.house, given[0])
        values = {"number": claim.number or "", "name": first, "approved": approved_total(claim, agreed)}
        raise Refusal("amounts_moved", values, claim_id=claim.id)
    signed = {each.person_id for each in given}
    absent = absent_for(doing.tx, claim, doing.person, approval.sent_by, doing.now, signed)
    line = authority_of(doing.tx, doing.house, claim, (doing.person, *absent), doing.now)
    needed = signatures_needed(line, total)
    place_of = None if given else stood_in_for(doing.tx, doing.house, claim, doing.person, absent, total, doing.now)
    if not given:
        keep_cuts(doing.tx, approval.id, cuts)
    if len(given) + 1 < needed:
        moved = move(doing, claim, "agree")
        _sign(doing, approval, "approve", cuts=cuts)
        claims.renew_approval(doing.tx, approval.id, moved.version, needed)
        _refresh_cards(doing, moved, approval.id)
        _ask_the_next(doing, moved, approval.id, needed - len(given) - 1)
        return
    moved = move(doing, claim, "approve")
    _sign(doing, approval, "approve", place_of=place_of, cuts=cuts)
    approved = approved_amounts(claim.facts.lines or (), cuts)
    approve_lines(doing.tx, claim.id, approved, asked_of_maker(claim.facts, approved))
    claims.close_approval(doing.tx, approval.id, "decided", "approve", doing.now)
    _refresh_cards(doing, moved, approval.id)
    _tell_decision(doing, moved, approval.id)


def _ask_the_next(doing: Doing, claim: Claim, approval_id: int, left: int) -> None:
    """Who signed hears whose signature is missing; those hear what it is for, with the buttons to give it."""
    asked, given = claims.approval(doing.tx, approval_id), claims.signatures_of(doing.tx, approval_id)
    if asked is None:
        raise LookupError(f"approval {approval_id}")
    house, signed = doing.house, {each.person_id for each in given}
    there, _ = asked_for(doing.tx, house, claim, asked.sent_by, doing.now)
    following = [each for each in there if each.id not in signed]
    values: dict[str, object] = {
        "number": claim.number or "",
        "name": doing.person.name,
        "approved": approved_total(claim, cuts_of(doing.tx, approval_id)),
        "left": left,
    }
    names = names_of(doing.tx, house, claim, following, doing.now, doing.lang)
    doing.say("signature_kept", {**values, "names": names or "–"}, claim=claim)
    for each in following:
        theirs = names_of(doing.tx, house, claim, following, doing.now, each.language)
        phrase = "signature_last" if len(following) == left else "signature_next"
        html = house.words(phrase, each.language, {**values, "names": theirs})
        look = ((house.label("open_claim", each.language), f"c:{key(claim.id)}"),)
        rows = (*decision_buttons(doing.tx, house, each.language, claim, asked), look)
        post(
            doing.tx,
            doing.reply,
            each,
            Letter(html, rows, kind="card", claim_id=claim.id, approval_id=asked.id),
            doing.now,
            urgency=URGENT,
        )


def _sign(
    doing: Doing,
    approval: Approval,
    decision: str,
    *,
    reason: str | None = None,
    place_of: Person | None = None,
    cuts: Sequence[Cut] = (),
) -> None:
    """The signature, and in the case file what was signed, and in whose place where their authority carries it."""
    in_place_of = None if place_of is None else place_of.id
    claims.sign(doing.tx, approval.id, Signature(doing.person.id, decision, reason, doing.now, in_place_of))
    detail = {
        "decision": decision,
        "reason": reason,
        "cuts": [each.model_dump(mode="json") for each in cuts],
        "in_place_of": in_place_of,
    }
    claims.write_entry(doing.tx, approval.claim_id, "signed", detail, person_id=doing.person.id, now=doing.now)


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


def _tell_decision(doing: Doing, claim: Claim, approval_id: int) -> None:
    """Whom the claim's life names of the one who reported it and the one who sent it, each once, in their language."""
    approval, cuts = claims.approval(doing.tx, approval_id), cuts_of(doing.tx, approval_id)
    if approval is None or approval.decision is None:
        raise LookupError(f"approval {approval_id} is not decided")
    last = claims.signatures_of(doing.tx, approval_id)[-1]
    parts = doing.house.office.life.moves[approval.decision].tells
    concerned = {
        number for part, number in (("author", claim.author_id), ("sender", approval.sent_by)) if part in parts
    }
    cut = cuts if approval.decision == "approve" else ()
    values: dict[str, object] = {
        "number": claim.number or "",
        "decision": decided_words(doing.house, approval.decision, cut),
        "name": signer_words(doing.tx, doing.house, last),
    }
    doing.say("decision_noted", values)
    for person_id in sorted(concerned - {doing.person.id}):
        to = people.person(doing.tx, person_id)
        if cut:
            told = cuts_told(doing.house, claim, cut, to.language)
            doing.tell(to, "decision_told_cut", {**values, "cuts": told}, claim=claim)
        elif last.reason is not None:
            reason = reason_words(doing.house, last.reason)
            doing.tell(to, "decision_told_why", {**values, "reason": reason}, claim=claim)
        else:
            doing.tell(to, "decision_told", values, claim=claim)
