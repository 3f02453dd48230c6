"""What each kind of question shows, understands and tells again: one exhaustive `match` for each of the three."""

from typing import assert_never

from claimbot.claims.words import Html, show
from claimbot.flow.kinds.asking import At, Button, Event, Json, Prompt, Reading
from claimbot.flow.kinds.car import (
    ask_codes,
    ask_odometer,
    ask_vin,
    codes_of,
    confirmed_car,
    read_codes_step,
    read_odometer,
    read_vin_step,
    tell_codes,
    tell_odometer,
    tell_vin,
)
from claimbot.flow.kinds.cuts import ask_cuts, read_cuts, tell_cuts
from claimbot.flow.kinds.lines import LineSheet, ask_lines, is_changed, read_lines_step, tell_lines
from claimbot.flow.kinds.lines import sheet_of as lines_at
from claimbot.flow.kinds.maker import ask_answer, read_answer, tell_answer
from claimbot.flow.kinds.photos import ask_photos, read_photos, tell_photos
from claimbot.flow.kinds.photos import sheet_of as photos_of
from claimbot.flow.kinds.plain import (
    ask_choice,
    ask_confirm,
    ask_date,
    ask_money,
    ask_text,
    read_choice,
    read_confirm,
    read_date_step,
    read_instant_step,
    read_moment,
    read_money,
    read_number_step,
    read_part,
    read_sheet,
    read_text,
    tell_choice,
    tell_date,
    tell_instant,
    tell_money,
    tell_number,
    tell_text,
)
from claimbot.flow.kinds.proof import ask_proof, proof_of, read_proof, tell_proof
from claimbot.flow.kinds.review import ask_review, read_review
from claimbot.flow.model import (
    ChoiceStep,
    CodesStep,
    ConfirmStep,
    CutsStep,
    DateStep,
    InstantStep,
    LinesStep,
    MakerAnswerStep,
    MomentStep,
    MoneyStep,
    NumberStep,
    OdometerStep,
    PartNumberStep,
    PhotosStep,
    ProofStep,
    ReviewStep,
    SheetStep,
    TextStep,
    VinStep,
)


def ask(at: At, told: Html, changes: tuple[Button, ...]) -> Prompt:  # noqa: C901, PLR0911, PLR0912  one line a kind
    """What is shown under the question. `told` and `changes` are for a review: the answers, and their buttons."""
    match at.step:
        case TextStep() as step:
            return ask_text(step, at)
        case ChoiceStep() as step:
            return ask_choice(step, at)
        case ConfirmStep() as step:
            body = Html() if step.about is None else confirmed_car(at, str(at.answers[step.about]))
            return Prompt(body=body, rows=ask_confirm(step, at).rows)
        case DateStep() | InstantStep() | MomentStep() as step:
            return ask_date(step, at)
        case VinStep():
            return ask_vin(at)
        case OdometerStep():
            return ask_odometer(at)
        case CodesStep():
            return ask_codes(at)
        case LinesStep():
            return ask_lines(at)
        case MakerAnswerStep():
            return ask_answer(at)
        case CutsStep() as step:
            return ask_cuts(step, at)
        case PhotosStep() as step:
            return ask_photos(step, at)
        case ProofStep():
            return ask_proof(at)
        case ReviewStep() as step:
            return ask_review(step, at, told, changes)
        case MoneyStep():
            return ask_money(at)
        case NumberStep() | PartNumberStep() | SheetStep():
            return Prompt()
        case _:
            assert_never(at.step)


def is_half_changed(at: At) -> bool:
    """Whether an answer that is gone over again is not any more what it was: leaving it now throws that away."""
    return is_changed(at) if isinstance(at.step, LinesStep) else at.draft is not None


def read(at: At, event: Event) -> Reading:  # noqa: C901, PLR0911, PLR0912  one line a kind
    match at.step:
        case TextStep() as step:
            return read_text(step, at, event)
        case PartNumberStep():
            return read_part(at, event)
        case ChoiceStep() as step:
            return read_choice(step, at, event)
        case ConfirmStep() as step:
            return read_confirm(step, at, event)
        case NumberStep() as step:
            return read_number_step(step, at, event)
        case OdometerStep():
            return read_odometer(at, event)
        case MoneyStep():
            return read_money(at, event)
        case DateStep() as step:
            return read_date_step(step, at, event)
        case InstantStep() as step:
            return read_instant_step(step, at, event)
        case MomentStep():
            return read_moment(at, event)
        case VinStep():
            return read_vin_step(at, event)
        case CodesStep():
            return read_codes_step(at, event)
        case LinesStep():
            return read_lines_step(at, event)
        case MakerAnswerStep():
            return read_answer(at, event)
        case SheetStep():
            return read_sheet(at, event)
        case CutsStep() as step:
            return read_cuts(step, at, event)
        case PhotosStep() as step:
            return read_photos(step, at, event)
        case ProofStep() as step:
            return read_proof(step, at, event)
        case ReviewStep() as step:
            return read_review(step, at, event)
        case _:
            assert_never(at.step)


def tell(at: At, value: Json) -> Html:  # noqa: C901, PLR0911, PLR0912  one line a kind
    """An answer in words, for a review or a card."""
    if value is None:
        return at.words("skipped")
    match at.step:
        case ChoiceStep() as step:
            return tell_choice(step, at, value)
        case NumberStep() as step:
            return tell_number(step, at, value)
        case OdometerStep():
            return tell_odometer(at, value)
        case MoneyStep():
            return tell_money(at, value)
        case DateStep():
            return tell_date(at, value)
        case MomentStep() if len(str(value)) == len("2026-09-03"):
            return tell_date(at, value)
        case InstantStep() | MomentStep():
            return tell_instant(at, value)
        case VinStep():
            return tell_vin(at, value)
        case CodesStep():
            return tell_codes(at, value)
        case LinesStep():
            return tell_lines(at, value)
        case MakerAnswerStep():
            return tell_answer(at, value)
        case CutsStep() as step:
            return tell_cuts(step, at, value)
        case PhotosStep() as step:
            return tell_photos(step, at, value)
        case ProofStep():
            return tell_proof(at, value)
        case TextStep() as step:
            return tell_text(step, at, value)
        case PartNumberStep() | ConfirmStep() | ReviewStep() | SheetStep():
            return Html(show(value, at.lang))
        case _:
            assert_never(at.step)


def holds(at: At) -> bool:
    """Whether something is told already, though not all of it: skipping would throw it away unseen."""
    match at.step:
        case CodesStep():
            return bool(codes_of(at.draft))
        case ProofStep():
            return bool(proof_of(at.draft).shown)
        case LinesStep():
            return isinstance(at.draft, dict) and lines_at(at) != LineSheet()
        case PhotosStep():
            return bool(photos_of(at.draft).all)
        case _:
            return False
