"""What a person might answer now: the step's own example, as words, a tap or a photo.

The demo and the tests walk by it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from claimbot.assistant.conversing import standing
from claimbot.assistant.house import House
from claimbot.assistant.letters import conversation_rows
from claimbot.claims.words import Words
from claimbot.flow.kinds.asking import At, Button
from claimbot.flow.kinds.cuts import ask_cuts
from claimbot.flow.kinds.lines import sheet_of as lines_at
from claimbot.flow.kinds.maker import ask_answer
from claimbot.flow.kinds.photos import drop_button, fitted, plan_at, sheet_of, sort_button
from claimbot.flow.kinds.plain import ask_confirm, choices_of
from claimbot.flow.model import (
    ChoiceStep,
    CodesStep,
    ConfirmStep,
    CutsStep,
    LinesStep,
    MakerAnswerStep,
    OdometerStep,
    PhotosStep,
    ProofStep,
    ReviewStep,
    TextStep,
)
from claimbot.store import Tx


@dataclass(frozen=True, slots=True)
class ExampleAnswer:
    """`text` to write, the callback data of a button to `tap`, or the slot of a `photo`."""

    kind: Literal["text", "tap", "photo"]
    value: str


def example_for(tx: Tx, house: House, telegram_id: int, now: dt.datetime) -> ExampleAnswer | None:
    """None for somebody who is not known; the usual command for somebody who is in no conversation."""
    stands = standing(tx, house, telegram_id, now)
    if stands is None:
        return None
    person, held, at = stands
    if held is None or at is None:
        return ExampleAnswer("text", "/new" if "technician" in person.role_names else "/queue")
    answer = example_at(at)
    if isinstance(answer, Button):
        ((_, data),) = conversation_rows(held.id, at.name, ((answer,),))[0]
        return ExampleAnswer("tap", data)
    return answer


def example_at(at: At) -> Button | ExampleAnswer:  # noqa: C901, PLR0911, PLR0912  one answer a kind
    """The example of a question as it stands, half answered or not."""
    step = at.step
    match step:
        case ChoiceStep():
            offered = [each.key for each in choices_of(step, at)]
            key = step.example if step.example in offered or not offered else offered[0]
            return Button("", "pick", key)
        case ConfirmStep():
            yes, no = ask_confirm(step, at).rows[0]
            return yes if step.example else no
        case OdometerStep() if isinstance(at.draft, int):
            return Button("", "sure", str(at.draft))
        case CodesStep():
            return Button("", "done") if at.draft else ExampleAnswer("text", " ".join(step.example))
        case LinesStep():
            return Button("", "done") if lines_at(at).lines else ExampleAnswer("text", "\n".join(step.example))
        case MakerAnswerStep():
            return next(row[0] for row in ask_answer(at).rows)
        case CutsStep():
            first = next((row[0] for row in ask_cuts(step, at).rows), None)
            done = first is not None and first.verb == "done"
            return first if first is not None and done else ExampleAnswer("text", step.example.to(at.lang))
        case PhotosStep():
            return _photo(step, at)
        case ProofStep() if at.draft is not None:
            return Button("", "done")
        case ProofStep(words=False):
            return ExampleAnswer("photo", str(step.example))
        case ReviewStep() if at.draft == "explain":
            return ExampleAnswer("text", at.label("explanation_example"))
        case TextStep(example=Words() as said) | ProofStep(example=Words() as said):
            return ExampleAnswer("text", said.to(at.lang))
        case ReviewStep():
            return Button("", "send")
        case _:
            return ExampleAnswer("text", str(step.example))


def _photo(step: PhotosStep, at: At) -> Button | ExampleAnswer:
    plan = plan_at(at, step)
    sheet = fitted(plan, sheet_of(at.draft))
    empty = [slot.name for slot in plan if slot.required and not sheet.slots.get(slot.name)]
    if sheet.tray:
        names = empty or [slot.name for slot in plan if slot.many or not sheet.slots.get(slot.name)]
        return sort_button(names[0], sheet.tray[0]) if names else drop_button(sheet.tray[0])
    if sheet.mode not in {"collect", "gap"}:
        return Button("", "list")
    return ExampleAnswer("photo", empty[0]) if empty else Button("", "done")
