"""What an approval's card tells of the askings before it: why it was sent back, and whose signature no longer counts.

What changed since a claim was sent back is read from its case file: whoever is asked anew need not search for it.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from claimbot.assistant.authority import reason_words, signer_words
from claimbot.assistant.house import House
from claimbot.claims.words import Html, Lang, Words, show
from claimbot.flow.model import Asking
from claimbot.store import Tx, claims, people
from claimbot.store.claims import Approval, Claim

_MOST_CHANGES = 6


def asked_before(tx: Tx, house: House, claim: Claim, asked: Approval, lang: Lang) -> Iterator[Html]:
    """The latest no, where nobody said yes since; and what voided the asking just before this one."""
    before = claims.approvals_before(tx, asked)
    decided = next((each for each in before if each.state == "decided"), None)
    if decided is not None and decided.decision == "send_back":
        yield _sent_back(tx, house, claim, decided, lang)
    if before and before[0].decision == "changed":
        yield _changed(tx, house, before[0], lang)


def _sent_back(tx: Tx, house: House, claim: Claim, decided: Approval, lang: Lang) -> Html:
    last = claims.signatures_of(tx, decided.id)[-1]
    labels = [show(each, lang) for each in _changed_since(tx, house, claim, decided)]
    more = [Html("…")] if len(labels) > _MOST_CHANGES else []
    fields = [*(Html(each) for each in labels[:_MOST_CHANGES]), *more]
    values = {
        "on": last.at.astimezone(ZoneInfo(people.site(tx, claim.site_id).zone)).date(),
        "name": signer_words(tx, house, last),
        "reason": reason_words(house, last.reason or "–"),
        "fields": fields or house.office.words["nothing_changed"],
    }
    return house.words("approval_sent_back", lang, values)


def _changed_since(tx: Tx, house: House, claim: Claim, decided: Approval) -> Iterator[Words]:
    """What is answered otherwise now than when it was sent back, as its questions are called."""
    labels: dict[str, Words] = {}
    for flow in house.office.flows.values():
        if flow.starts.about in {"claim", "new_claim"}:
            labels.update((name, step.label) for name, step in flow.steps.items() if isinstance(step, Asking))
    then: dict[str, object] = {}
    touched: dict[str, None] = {}
    for entry in claims.entries_of(tx, claim.id):
        if decided.decided_at is not None and entry.at <= decided.decided_at:
            then.update(entry.detail)
        else:
            touched.update(dict.fromkeys(entry.detail))
    for name in touched:
        if name in labels and name in claim.answers and claim.answers[name] != then.get(name):
            yield labels[name]


def _changed(tx: Tx, house: House, voided: Approval, lang: Lang) -> Html:
    moved = claims.move_at(tx, voided.claim_id, voided.decided_at or voided.opened_at)
    by = "–" if moved is None or moved[1] is None else people.person(tx, moved[1]).name
    signed = [Html(show(signer_words(tx, house, each), lang)) for each in claims.signatures_of(tx, voided.id)]
    if not signed:
        return house.words("approval_changed", lang, {"name": by})
    return house.words("approval_changed_signed", lang, {"name": by, "signed": signed})
