"""What the desk makes of a claim besides its report: its type, the maker's pre-authorisation, a mistake mended.

Each ends on the claim's card, which says what is left to mend.
"""

from claimbot.assistant.auditing import EXPLAIN, verdicts_of
from claimbot.assistant.doing import Doing, keep, move, permitted_move, say_on_card
from claimbot.assistant.flow_names import BEGUN_FROM, CORRECT, PREAUTH, TYPE
from claimbot.assistant.preauthorising import begin_expiry
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Json
from claimbot.flow.model import Asking
from claimbot.store import claims, people
from claimbot.store.claims import Claim


def finish(doing: Doing, claim: Claim, said: str) -> None:
    """The claim is this clerk's now, and its card shows how it stands."""
    claim = move(doing, claim, "complete", clerk_id=doing.person.id)
    say_on_card(doing, said, {"number": claim.number or ""}, claim)


def changed_at_the_desk(doing: Doing, claim: Claim, name: str, answers: Answers) -> Answers:
    """What this clerk answered otherwise than it was when they began. Raises Refusal where a colleague did so too."""
    flow = doing.house.office.flows[name]
    before = answers.get(BEGUN_FROM)
    was = before if isinstance(before, dict) else claim.answers
    told = [step for step in flow.steps if step in answers]  # skipped is an answer, too
    changed = {step: answers[step] for step in told if step not in was or answers[step] != was[step]}
    both = [step for step in changed if claim.answers.get(step) not in (was.get(step), changed[step])]
    labels = [step.label for step in map(flow.steps.__getitem__, both) if isinstance(step, Asking)]
    if labels:
        by = doing.person.name if claim.clerk_id is None else people.person(doing.tx, claim.clerk_id).name
        raise Refusal("changed_meanwhile", {"name": by, "number": claim.number or "", "what": labels})
    return changed


def explain(doing: Doing, claim: Claim) -> Claim:
    """The desk's word is for the warnings that it saw; another one that comes later needs another word."""
    verdicts = verdicts_of(doing.tx, doing.house, claim, doing.now) if claim.answers.get(EXPLAIN) else ()
    explained = sorted(each.finding for each in verdicts if each.wants_words)
    claims.keep_facts(doing.tx, claim, {"explained": explained}, doing.now)
    return claims.claim(doing.tx, claim.id)


def correct_report(doing: Doing, claim: Claim, answers: Answers) -> None:
    """What was reported, mended; how it was before stays in the case file."""
    changed = changed_at_the_desk(doing, claim, CORRECT, answers)
    finish(doing, keep(doing, claim, changed, "corrected"), "corrected")


def set_type(doing: Doing, claim: Claim, answers: Answers) -> None:
    """The claim's type with what it asks for; what another type had asked for goes."""
    finish(doing, keep(doing, claim, _anew(doing, TYPE, answers), "typed"), "type_set")


def _anew(doing: Doing, name: str, answers: Answers) -> dict[str, Json]:
    """The answers of a whole flow: those of steps that were not asked this time are no longer true."""
    return {
        step: answers.get(step)
        for step, asked in doing.house.office.flows[name].steps.items()
        if isinstance(asked, Asking)
    }


def mark_repeat(doing: Doing, claim_id: int) -> None:
    """One tap: the claim repeats the latest one of the same part on this car."""
    claim = claims.lock_claim(doing.tx, claim_id)
    permitted_move(doing, claim, "complete")
    found = next(each for each in verdicts_of(doing.tx, doing.house, claim, doing.now) if each.rule == "repeat_repair")
    if found.reason != "found":
        raise Refusal("type_set", {"number": claim.number or ""})
    set_type(doing, claim, {"claim_type": "repeat_repair", "earlier_claim": str(found.values["claim"])})


# the maker's pre-authorisation


def record_preauth(doing: Doing, claim: Claim, answers: Answers) -> None:
    """Asked for, granted or refused; what was asked for stays with the answer to it."""
    recorded = _anew(doing, PREAUTH, answers)
    if recorded["preauth_state"] != "requested":
        recorded["preauth_lines"] = claim.answers.get("preauth_lines")  # type: ignore[assignment]  # JSON from the database
    claim = keep(doing, claim, recorded, "preauth")
    begin_expiry(doing.tx, doing.house, claim, doing.person.id, doing.now)
    finish(doing, claim, f"preauth_{claim.facts.preauth_state}")


def take_over_lines(doing: Doing, claim_id: int) -> None:
    """The lines that the maker agreed to become the claim's own, where it has none yet."""
    claim = claims.lock_claim(doing.tx, claim_id)
    permitted_move(doing, claim, "complete")
    if claim.facts.preauth_state != "granted" or not claim.facts.preauth_lines or claim.facts.lines:
        raise Refusal("preauth_no_lines", {"number": claim.number or ""})
    taken: dict[str, Json] = {"lines": claim.answers["preauth_lines"]}  # type: ignore[dict-item]  # JSON from the database
    finish(doing, keep(doing, claim, taken, "lines_taken_over"), "preauth_lines_taken")
