"""The pre-audit at the desk: what fails, what keeps a claim from going on, and the tap that leads to its mending."""

import datetime as dt
from collections.abc import Sequence

from claimbot.assistant.house import House
from claimbot.assistant.knowing import known_of, known_to_audit
from claimbot.assistant.letters import Data, key
from claimbot.claims.audit import Verdict, in_the_way, judge
from claimbot.claims.words import Lang, Words
from claimbot.flow.kinds.asking import in_rows
from claimbot.flow.model import Asking, Flow
from claimbot.store import Tx, people
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
    known = known_to_audit(tx, house, site, known, claim.facts.vin)
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


def _choice(house: House, step: Asking, choice: str) -> Words:
    listed = getattr(step, "choices", {}).get(choice)
    kind = house.office.audit.types.get(choice)  # type: ignore[call-overload]  # a name from a button, known or not
    return listed if isinstance(listed, Words) else Words(en=choice, zh=choice) if kind is None else kind.words


def _wanting(failed: Sequence[Verdict], name: str, step: Asking) -> Words:
    """What a button to a step is called: the one photo that is missing, where it is one; else as the step."""
    slots = [slot for each in failed if name in each.fixes for slot in _listed(each.values.get("slots"))]
    return slots[0] if len(slots) == 1 else step.label


def _listed(value: object) -> tuple[Words, ...]:
    return tuple(each for each in value if isinstance(each, Words)) if isinstance(value, list | tuple) else ()


def fix_buttons(house: House, lang: Lang, claim: Claim, verdicts: Sequence[Verdict]) -> Data:
    """For all that is in the way the step that mends it, each once; and the desk's word where one is due."""
    open_ones = in_the_way(verdicts, claim.facts)
    buttons: list[tuple[str, str]] = []
    for fix in dict.fromkeys(fix for each in open_ones for fix in each.fixes):
        name, _, choice = fix.partition("=")
        flow = fix_flow(house, claim.state, name)
        step = None if flow is None else flow.steps[name]
        if isinstance(step, Asking):
            label = house.label("fix_to", lang).format(choice=_choice(house, step, choice).to(lang))
            named = label if choice else f"🔧 {_wanting(open_ones, name, step).to(lang)}"
            buttons.append((named, f"fix:{fix}:{key(claim.id)}"))
    rows = list(in_rows(buttons[:_MOST_FIXES], 2))
    wanting = any(each.wants_words for each in open_ones)
    if wanting and claim.facts.repair_order is not None and fix_flow(house, claim.state, EXPLAIN) is not None:
        rows.append(((house.label("explain", lang), f"fix:{EXPLAIN}:{key(claim.id)}"),))
    return tuple(rows)
