"""A claim leaves for the maker: the day it really did and the maker's number are noted, and the window's clock stops.

Once more for a claim that is with the maker: what came later (its number) is added, a wrong day is put right.
"""

import datetime as dt

from claimbot.assistant.doing import Doing, keep, move
from claimbot.assistant.happenings import moment_of, refuse_new_problem
from claimbot.assistant.timekeeping import timetable
from claimbot.claims.clocks import Recorded
from claimbot.flow.kinds.asking import Answers, Json
from claimbot.store import claims, clocks
from claimbot.store.answers import submissions
from claimbot.store.claims import Claim
from claimbot.store.payments import pay_lines

SENT, RESENT = "claim.sent", "resubmission.sent"
FILED_ON, REFERENCE = "filed_on", "maker_reference"


def known_of_filing(claim: Claim) -> Answers:
    """With what the flow begins: the day is asked again only where it is to be changed."""
    day = claim.answers.get(FILED_ON) if claim.state == "filed" else None
    return {} if day is None else {FILED_ON: str(day)}


def file_claim(doing: Doing, claim: Claim, answers: Answers) -> None:
    """Raises a Refusal that asks for the day again when it cannot have left then."""
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
    if all(other.at != at for other in held):
        clocks.add_event(doing.tx, claim.id, sent, at, person_id=doing.person.id, now=doing.now)
    told: dict[str, Json] = {name: answers[name] for name in (FILED_ON, REFERENCE) if answers.get(name) is not None}
    claim = move(doing, keep(doing, claim, told, "filed"), "file")
    pay_lines(doing.tx, claim.id)
    values = {
        "number": claim.number or "",
        "at": at.astimezone(before.calendar.where) if isinstance(at, dt.datetime) else at,
        "reference": claim.facts.maker_reference or "–",
    }
    doing.say("filed_noted", values, claim=claim)
