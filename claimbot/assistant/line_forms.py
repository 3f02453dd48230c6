"""The table of a claim's lines to fill in and send back: what the question holds so far, in the person's own words."""

import datetime as dt
import re

from claimbot.assistant.house import House
from claimbot.assistant.making import Paper
from claimbot.claims.lines import LINE_KINDS
from claimbot.claims.words import Lang
from claimbot.documents.line_form import LineForm, line_form
from claimbot.flow.kinds.lines import sheet_from
from claimbot.flow.model import LinesStep
from claimbot.store import Tx, claims, conversations

_HEADS = ("kind", "code", "text", "quantity", "price", "tax")
_HINTED = frozenset({"kind", "code", "price", "tax"})


def line_form_paper(tx: Tx, house: House, conversation_id: int, lang: Lang, _now: dt.datetime) -> Paper:
    """Of the lines that stand in this conversation now."""
    held = conversations.conversation(tx, conversation_id)
    if held is None:
        raise LookupError(f"conversation {conversation_id}")
    stand, steps = held.stand, house.office.flows[held.stand.flow].steps
    name = next(each for each in (stand.step, *steps) if isinstance(steps.get(each), LinesStep))
    kinds = {kind: house.label(f"kind_{kind}", lang) for kind in LINE_KINDS}
    form = LineForm(
        title=house.label("line_form_title", lang),
        heads=[house.label(f"paper_line_{head}", lang) for head in _HEADS],
        kinds=list(kinds.values()),
        hints=[house.label(f"line_form_{head}", lang) if head in _HINTED else "" for head in _HEADS],
        rows=[(kinds[line.kind], line) for line in sheet_from(stand.drafts.get(name), stand.answers.get(name)).lines],
    )
    number = None if held.claim_id is None else claims.claim(tx, held.claim_id).number
    called = re.sub(r"[^\w.-]", "_", f"{form.title}-{number or conversation_id}")
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Paper(f"{called}.xlsx", mime, lambda _: line_form(form))
