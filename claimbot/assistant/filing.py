"""A claim leaves for the maker: the day it really did and the maker's number are noted, and the window's clock stops.

Once more for a claim that is with the maker: what came later (its number) is added, a wrong day is put right.
"""

import datetime as dt

from claimbot.assistant.auditing import verdicts_of
from claimbot.assistant.doing import Doing, keep, move
from claimbot.assistant.happenings import moment_of, refuse_new_problem
from claimbot.assistant.letters import Letter, post
from claimbot.assistant.timekeeping import timetable
from claimbot.claims.clocks import Recorded
from claimbot.claims.words import Html
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Json
from claimbot.flow.kinds.proof import proof_of
from claimbot.store import claims, clocks
from claimbot.store.answers import submissions
from claimbot.store.claims import Claim
from claimbot.store.payments import pay_lines

SENT, RESENT = "claim.sent", "resubmission.sent"
FILED_ON, REFERENCE, PROOF = "filed_on", "maker_reference", "filed_proof"


def known_of_filing(claim: Claim) -> Answers:
    """With what the flow begins: the day is asked again only where it is to be changed."""
    day = claim.answers.get(FILED_ON) if claim.state == "filed" else None
    return {} if day is None else {FILED_ON: str(day)}


def file_claim(doing: Doing, claim: Claim, answers: Answers) -> None:
    """Raises a Refusal that asks for the day again when it cannot have left then, or not so that the maker takes it."""
    at = moment_of(answers[FILED_ON])
    earlier = len(submissions(doing.tx, claim.id)) - (1 if claim.state == "filed" else 0)
    sent = RESENT if earlier else SENT
    recorded = Recorded(sent, at)
    # of several resubmissions only the one that is with the maker now can be put right
    held = [each for each in clocks.events_of(doing.tx, claim.id) if each.event == sent][max(earlier - 1, 0) :]
    for other in held:
        if other.at != at:
            clocks.strike_event(doing.tx, claim.id, other.id, doing.now)
            detail = {"event": sent, "at": other.at.isoformat()}
            claims.write_entry(doing.tx, claim.id, "struck", detail, person_id=doing.person.id, now=doing.now)
    before = timetable(doing.tx, doing.house, claim, doing.now)
    after = timetable(doing.tx, doing.house, claim, doing.now, also=recorded)
    refuse_new_problem(before, after, again=FILED_ON)
    if claim.state == "approved":
        _refuse_what_the_maker_would(doing, claim, before.calendar.day_of(at) if isinstance(at, dt.datetime) else at)
    if all(other.at != at for other in held):
        clocks.add_event(doing.tx, claim.id, sent, at, person_id=doing.person.id, now=doing.now)
    told: dict[str, Json] = {
        name: answers[name] for name in (FILED_ON, REFERENCE, PROOF) if answers.get(name) is not None
    }
    claim = move(doing, keep(doing, claim, told, "filed"), "file")
    pay_lines(doing.tx, claim.id)
    values = {
        "number": claim.number or "",
        "at": at.astimezone(before.calendar.where) if isinstance(at, dt.datetime) else at,
        "reference": claim.facts.maker_reference or "–",
    }
    doing.say("filed_noted", values, claim=claim)


def _refuse_what_the_maker_would(doing: Doing, claim: Claim, day: dt.date) -> None:
    """An error of the pre-audit as of that day, such as a pre-authorisation that had run out."""
    verdicts = verdicts_of(doing.tx, doing.house, claim, doing.now, left_on=day)
    titles = [doing.house.office.audit.rules[each.rule].title for each in verdicts if each.blocks]
    if titles:
        raise Refusal("filing_blocked", {"number": claim.number or "", "day": day, "what": titles})


def show_proof(doing: Doing, claim: Claim) -> None:
    """What proves that it left, once more; each by itself, as one may be a picture and one a paper."""
    for sha in proof_of(claim.answers.get(PROOF)).shown:
        post(doing.tx, doing.reply, doing.person, Letter(Html(), pictures=(sha,), claim_id=claim.id), doing.now)
