"""The pre-audit at the desk: what fails, what keeps a claim from going on, and the tap that leads to its mending."""

import datetime as dt
from collections.abc import Sequence

from claimbot.assistant.exposing import car_of, standing_of
from claimbot.assistant.house import House
from claimbot.assistant.knowing import known_of
from claimbot.assistant.letters import Data, key
from claimbot.claims.audit import Verdict, in_the_way, judge
from claimbot.claims.coverage import RETURN_CLOCK
from claimbot.claims.words import Lang
from claimbot.flow.kinds.asking import in_rows
from claimbot.flow.model import Asking, Flow
from claimbot.store import Tx, old_parts, people
from claimbot.store.claims import Claim

EXPLAIN = "desk_explanation"
"""The step in which the desk explains its warnings."""
_MOST_FIXES = 8


def verdicts_of(
    tx: Tx, house: House, claim: Claim, now: dt.datetime, *, left_on: dt.date | None = None
) -> tuple[Verdict, ...]:
    """Every rule's answer on a claim as it stands. `left_on`: the day it went to the maker, while that is noted."""
    site, office = people.site(tx, claim.site_id), house.office
    known = known_of(tx, site, vin=claim.facts.vin, claim_id=claim.id, now=now)
    if left_on is not None:
        known = known.model_copy(update={"today": left_on, "reported_on": left_on})
    if office.makers[site.maker].old_parts is not None:
        held = old_parts.overdue(tx, site.id, RETURN_CLOCK, known.today)
        known = known.model_copy(update={"overdue_parts": held})
    if claim.facts.vin is not None:
        known = known.model_copy(update={"car_standing": standing_of(car_of(tx, house, site, claim.facts.vin, now))})
    return judge(claim.facts, known, sheet=office.audit, terms=office.makers[site.maker], plans=office.evidence)


def obstacles(tx: Tx, house: House, claim: Claim, now: dt.datetime) -> tuple[Verdict, ...]:
    """What keeps a claim from being sent; empty when nothing does."""
    return in_the_way(verdicts_of(tx, house, claim, now), claim.facts)


def fix_flow(house: House, state: str, step: str) -> Flow | None:
    """The desk's flow that asks that step, and may be opened on a claim in this state."""
    moves = house.office.life.moves
    for flow in house.office.flows.values():
        opens = flow.starts.about == "claim" and "clerk" in flow.roles and flow.move is not None
        if opens and step in flow.steps and flow.move in moves and state in moves[flow.move].states:
            return flow
    return None


def fix_buttons(house: House, lang: Lang, claim: Claim, verdicts: Sequence[Verdict]) -> Data:
    """For all that is in the way the step that mends it, each once; and the desk's word where one is due."""
    open_ones = in_the_way(verdicts, claim.facts)
    steps = dict.fromkeys(each.fix for each in open_ones if each.fix is not None)
    buttons: list[tuple[str, str]] = []
    for name in steps:
        flow = fix_flow(house, claim.state, name)
        step = None if flow is None else flow.steps[name]
        if isinstance(step, Asking):
            buttons.append((f"🔧 {step.label.to(lang)}", f"fix:{name}:{key(claim.id)}"))
    rows = list(in_rows(buttons[:_MOST_FIXES], 2))
    wanting = any(each.wants_words for each in open_ones)
    if wanting and claim.facts.repair_order is not None and fix_flow(house, claim.state, EXPLAIN) is not None:
        rows.append(((house.label("explain", lang), f"fix:{EXPLAIN}:{key(claim.id)}"),))
    return tuple(rows)
