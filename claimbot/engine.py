"""What a flow does: one event in, one turn out.

All that decides where a conversation goes lives here or in the flow's own file. A conversation stands on the first
step of its way that has no answer, or on one that the person went back to; so going back and giving the same answer
leads where one was, a changed answer re-asks only what it touches, and a flow whose file changed goes on at the
nearest step with the answers kept. Nothing here waits, reads a clock, draws a number or knows Telegram.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from claimbot.claims.evidence_plan import PlannedSlot
from claimbot.claims.facts import Facts
from claimbot.claims.rules import RULES
from claimbot.claims.words import LANGS, Html, answered, named, show
from claimbot.flow.kinds import ask, holds, is_half_changed, read, tell
from claimbot.flow.kinds.asking import (
    Again,
    Answers,
    Around,
    At,
    Button,
    Elsewhere,
    Event,
    Going,
    Json,
    Late,
    Rows,
    Said,
    Sent,
    Showed,
    Taken,
    Tapped,
    Wanted,
)
from claimbot.flow.kinds.photos import kept_as, settled, sheet_of, shown_instead
from claimbot.flow.model import (
    Act,
    Asking,
    Branch,
    Check,
    ConfirmStep,
    EndStep,
    Flow,
    LinesStep,
    PhotosStep,
    ProofStep,
    ReviewStep,
    SheetStep,
    TextStep,
    ways,
)

_NO: Final = "no"
"""The draft of a yes-or-no question that was answered so: what it is about is to be told anew."""


@dataclass(frozen=True, slots=True)
class State:
    """Where one conversation stands. `drafts` holds what is half answered, by step."""

    flow: str
    fingerprint: str
    step: str
    answers: Answers
    drafts: Answers


@dataclass(frozen=True, slots=True)
class Say:
    """The person is asked or told this. `settles`: more of an album may come, so it may wait for its last photo."""

    html: Html
    rows: Rows = ()
    picture: str | None = None
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Toast:
    """A word over the tapped button, gone by itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The tapped question loses its buttons, and shows what was chosen where something was."""

    text: Html | None = None


@dataclass(frozen=True, slots=True)
class Loose:
    """A picture came that no step of this flow can use; it is kept and must find a claim. `album`: more may follow."""

    album: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """The person wants to stop here; what they told is kept."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation is at its end: this is now to be done with the answers on its way."""

    act: Act
    answers: Answers


@dataclass(frozen=True, slots=True)
class Hand:
    """The person is given this paper, made of where the conversation stands; the question stays."""

    paper: str


Effect = Say | Toast | Mark | Loose | Leave | Finish | Hand


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to one event: the new state, and what the world is asked to do, in order."""

    state: State
    effects: tuple[Effect, ...]


def begin(flow: Flow, answers: Answers, around: Around, drafts: Answers | None = None) -> Turn:
    """A conversation that has just begun, perhaps with answers, or half answers, known beforehand."""
    return _onward(flow, State(flow.flow, flow.fingerprint, flow.first, answers, drafts or {}), around, None, ())


def go_to(flow: Flow, state: State, step: str, around: Around) -> Turn:
    """The question of that step, answered already or not; where the way does not lead there, the one that stands."""
    there = step in _way(flow, state.answers, around) and isinstance(flow.steps[step], Asking)
    return _stand(flow, _placed(flow, replace(state, step=step) if there else state, around), around)


def shelf_of(flow: Flow, state: State) -> str | None:
    """The photo step that sorts what is shown now: one that can still come, or was there; None where neither is so."""
    shelf = next((name for name, step in flow.steps.items() if isinstance(step, PhotosStep)), None)
    if shelf is None or shelf in state.answers or shelf in state.drafts or shelf in _ahead(flow, state.step):
        return shelf
    return None


def lay_aside(
    flow: Flow,
    state: State,
    sha256s: Sequence[str],
    around: Around,
    *,
    settles: bool = False,
    shows: PlannedSlot | None = None,
) -> Turn:
    """Pictures that came when they were not asked for: they wait to be sorted in the photo step of this flow.

    Who was past that step already sorts them at once. Where no way leads there they are `Loose`, and nothing is asked.
    One that `shows` a slot fills it where that is empty.
    """
    state = _placed(flow, state, around)
    shelf = shelf_of(flow, state)
    if shelf is None:
        return Turn(state, (Loose(settles),))
    sheet = sheet_of(state.drafts.get(shelf, state.answers.get(shelf)))
    fresh = tuple(sha for sha in dict.fromkeys(sha256s) if sha not in sheet.all)
    answers = {name: value for name, value in _unreviewed(flow, state.answers).items() if name != shelf}
    way = _way(flow, answers, around)
    step = shelf if shelf in way and state.step not in way else state.step
    note = None if step == shelf else around.words("photo_set_aside")
    if shows is not None and fresh and shows.name not in sheet.slots:
        sheet, note = sheet.filled(shows, fresh[0]), kept_as(_at(flow, state, around), shows, fresh[0])
    else:
        sheet = sheet.awaiting(fresh)
    drafts = {**_unreviewed(flow, state.drafts), shelf: sheet.model_dump(mode="json")}
    laid = replace(state, step=step, answers=answers, drafts=drafts)
    return _stand(flow, laid, around, note, settles=settles)


def resume(flow: Flow, state: State, around: Around) -> Turn:
    """The question again: after a pause, a restart, another language, or a deploy that changed the flow's file."""
    return _stand(flow, _placed(flow, state, around), around)


def advance(flow: Flow, state: State, event: Event, around: Around) -> Turn:
    """One event answered. A tap on another question than the one that stands changes nothing."""
    state = _placed(flow, state, around)
    match event:
        case Tapped(step=step) if step != state.step:
            return Turn(state, (Toast(around.label("tap_stale")),))
        case Tapped(verb="cancel"):
            return Turn(state, (Leave(),))
        case Tapped(verb="back" | "skip" | "keep" | "change"):
            return _steer(flow, state, event, around)
        case _:
            return _answer(flow, state, event, around)


def progress(flow: Flow, state: State, around: Around) -> tuple[int, int]:
    """The number of the step in hand, and of how many: the longest way from here on."""
    way = _way(flow, state.answers, around)
    place = way.index(state.step) if state.step in way else len(way) - 1
    return place + 1, len(way) + _longest(flow, way[-1], frozenset(way))


def answers_on_way(flow: Flow, answers: Answers, around: Around) -> Answers:
    """The answers that count: those of steps that are on the way which the answers themselves choose."""
    asked = {name for step in flow.steps for name in (step,)}
    way = set(_way(flow, answers, around))
    return {name: value for name, value in answers.items() if name not in asked or name in way}


def told(flow: Flow, answers: Answers, around: Around) -> tuple[tuple[str, Html, Html], ...]:
    """Step, label and answer in words, in the order of the way.

    What is not answered is left out, and so is a "yes" to another answer: that one is told.
    """
    lines = []
    for name in _way(flow, answers, around):
        step = flow.steps[name]
        told_elsewhere = isinstance(step, ReviewStep) or (isinstance(step, ConfirmStep) and step.about is not None)
        if name in answers and isinstance(step, Asking) and not told_elsewhere:
            at = At(flow, name, step, answers, None, around)
            lines.append((name, Html(show(step.label, around.lang)), tell(at, answers[name])))
    return tuple(lines)


# the way


def _at(flow: Flow, state: State, around: Around) -> At:
    step = flow.steps[state.step]
    if isinstance(step, EndStep):
        raise TypeError(f"{flow.flow}: {state.step} asks nothing")
    return At(flow, state.step, step, state.answers, state.drafts.get(state.step), around)


def _facts(answers: Answers) -> Facts:
    return Facts.model_validate({name: value for name, value in answers.items() if value is not None})


def _follow(flow: Flow, branches: Sequence[Branch], answers: Answers, around: Around) -> str:
    for branch in branches:
        if branch.when is None or RULES[branch.when].holds(_facts(answers), around.known):
            return branch.go
    raise LookupError(f"{flow.flow}: no way on")


def _first(flow: Flow, answers: Answers, around: Around) -> str:
    return _follow(flow, flow.beginnings, answers, around)


def _way(flow: Flow, answers: Answers, around: Around) -> tuple[str, ...]:
    """The steps from the first to the first that is not answered, or to the end."""
    way = [_first(flow, answers, around)]
    while True:
        name = way[-1]
        step = flow.steps[name]
        if isinstance(step, EndStep) or name not in answers:
            return tuple(way)
        if isinstance(step, PhotosStep) and answers[name] is not None:
            at = At(flow, name, step, answers, None, around)
            if not settled(step, at, answers[name]):
                return tuple(way)
        following = _follow(flow, ways(step), answers, around)
        if following in way:
            return tuple(way)
        way.append(following)


@lru_cache(maxsize=4096)
def _ahead(flow: Flow, name: str) -> frozenset[str]:
    """Every step that this one can lead to, and itself."""
    found, left = {name} & flow.steps.keys(), [name] if name in flow.steps else []
    while left:
        further = {branch.go for branch in ways(flow.steps[left.pop()])} - found
        found |= further
        left += further
    return frozenset(found)


@lru_cache(maxsize=4096)
def _longest(flow: Flow, name: str, seen: frozenset[str]) -> int:
    """How many more questions can follow a step. Kept, as every question tells it and it looks down every way."""
    onward = [
        1 + _longest(flow, branch.go, seen | {branch.go})
        for branch in ways(flow.steps[name])
        if branch.go not in seen and not isinstance(flow.steps[branch.go], EndStep)
    ]
    return max(onward, default=0)


def _placed(flow: Flow, state: State, around: Around) -> State:
    """The state on a step that exists and asks something."""
    step = flow.steps.get(state.step)
    if step is not None and not isinstance(step, EndStep):
        return state if state.fingerprint == flow.fingerprint else replace(state, fingerprint=flow.fingerprint)
    answers = {name: value for name, value in state.answers.items() if name in flow.steps}
    way = _way(flow, answers, around)
    asking = [name for name in way if not isinstance(flow.steps[name], EndStep)]
    return replace(state, fingerprint=flow.fingerprint, step=asking[-1])


# one event


def _steer(flow: Flow, state: State, event: Tapped, around: Around) -> Turn:
    """Back, skip, keep, change: where the person goes, not what they answer."""
    at = _at(flow, state, around)
    way = _way(flow, state.answers, around)
    match event.verb:
        case "back":
            place = way.index(state.step) if state.step in way else len(way) - 1
            return _left(_stand(flow, replace(state, step=way[max(place - 1, 0)]), around))
        case "change" if event.arg in state.answers and event.arg in way:
            return _left(_stand(flow, replace(state, step=event.arg), around))
        case "keep" if state.step in state.answers or around.earlier.get(state.step) is not None:
            return _as_before(flow, state, around, event)
        case "skip" if holds(at):
            return _answer(flow, state, Tapped(state.step, "done"), around)
        case "skip" if at.step.optional:
            return _record(flow, state, None, around, None, event)
        case _:
            return Turn(state, (Toast(around.label("button_gone")),))


def _as_before(flow: Flow, state: State, around: Around, event: Event) -> Turn:
    """The answer that there is; one of an earlier time is given anew, and must hold today."""
    at = _at(flow, state, around)
    if state.step in state.answers:
        drafts = {step: kept for step, kept in state.drafts.items() if step != state.step}
        mark = Mark(_echo(at, state.answers[state.step]))
        return _onward(flow, replace(state, drafts=drafts), around, None, (mark,))
    earlier = around.earlier[state.step]
    if at.step.check is not None and not _holds(at, earlier):
        return _contradicted(flow, state, at.step.check, around)
    return _record(flow, state, earlier, around, None, event)


def _contradicted(flow: Flow, state: State, check: Check, around: Around) -> Turn:
    """The question again with what speaks against the answer, and one tap to the answer that may be the wrong one."""
    note = Html(show(check.otherwise, around.lang))
    other = flow.steps[check.mend] if check.mend is not None else None
    if check.mend is None or check.mend not in state.answers or not isinstance(other, Asking):
        return _stand(flow, state, around, note)
    said = tell(At(flow, check.mend, other, state.answers, None, around), state.answers[check.mend])
    label = other.label.to(around.lang)
    turn = _stand(
        flow, state, around, Html(f"{note}\n{named(show(label, around.lang), f'<i>{said}</i>', around.lang)}")
    )
    there = (Button(f"✏️ {label}", "change", check.mend),)
    effects = (replace(each, rows=(there, *each.rows)) if isinstance(each, Say) else each for each in turn.effects)
    return Turn(turn.state, tuple(effects))


def _left(turn: Turn) -> Turn:
    """The same, and the tapped question loses its buttons: another one stands below it."""
    return Turn(turn.state, (Mark(), *turn.effects))


def _answer(flow: Flow, state: State, event: Event, around: Around) -> Turn:  # noqa: C901, PLR0911  one answer an event
    at = _at(flow, state, around)
    if at.step.optional and isinstance(event, Said) and _says_nothing(event.text, around):
        if not holds(at):
            return _record(flow, state, None, around, None, event)
        if _understood(at, done := Tapped(state.step, "done")):  # nothing more
            event = done
    if isinstance(event, Showed) and event.sheet is not None and not isinstance(at.step, SheetStep | LinesStep):
        event = Sent("file")
    if isinstance(event, Showed) and event.sheet is None and not isinstance(at.step, PhotosStep | ProofStep):
        return _shown_elsewhere(flow, state, event, around)
    match read(at, event):
        case Taken(value, note):
            if at.step.check is not None and not _holds(at, value):
                return _contradicted(flow, state, at.step.check, around)
            return _record(flow, state, value, around, note, event)
        case Going(draft, note, mark):
            drafted = replace(state, drafts={**state.drafts, state.step: draft})
            settles = isinstance(event, Showed) and event.album
            turn = _stand(flow, drafted, around, note, settles=settles)
            return Turn(turn.state, (Mark(mark), *turn.effects)) if isinstance(event, Tapped) else turn
        case Elsewhere(step, note):
            answers = {name: value for name, value in state.answers.items() if name != state.step}
            drafts = {**state.drafts, state.step: _NO}
            turn = _stand(flow, replace(state, step=step, answers=answers, drafts=drafts), around, note)
            return _left(turn) if isinstance(event, Tapped) else turn
        case Late():
            return Turn(state, (Toast(around.label("tap_stale")),))
        case Wanted(paper):
            return Turn(state, (Hand(paper),))
        case Again(hint):
            meant = _meant_elsewhere(flow, state, event, around)
            return meant or _stand(flow, state, around, hint)


def _shown_elsewhere(flow: Flow, state: State, event: Showed, around: Around) -> Turn:
    """A picture where none was asked for; what is written under it may still be the answer."""
    shows = shown_instead(_at(flow, state, around), event)
    laid = lay_aside(flow, state, (event.sha256,), around, settles=event.album, shows=shows)
    at, said = _at(flow, laid.state, around), Said(event.caption)
    if not isinstance(at.step, TextStep) or _names_a_slot(event.caption, around) or not _understood(at, said):
        return laid
    loose = tuple(each for each in laid.effects if isinstance(each, Loose))
    note = "" if loose else f"{around.words('photo_set_aside')}\n"
    turn = _answer(flow, laid.state, said, around)
    effects = (
        replace(each, html=Html(f"{note}{each.html}"), settles=event.album) if isinstance(each, Say) else each
        for each in turn.effects
    )
    return Turn(turn.state, (*loose, *effects))


def _names_a_slot(caption: str, around: Around) -> bool:
    """Whether it only says what the picture shows."""
    slots = around.office.evidence.slots.values()
    return caption.strip().casefold() in {slot.words.to(lang).casefold() for slot in slots for lang in LANGS}


def _understood(at: At, event: Event) -> bool:
    return isinstance(read(at, event), Taken)


def _meant_elsewhere(flow: Flow, state: State, event: Event, around: Around) -> Turn | None:
    """Neither yes nor no, but a good answer to the question that "no" leads to: another VIN typed at once."""
    step = flow.steps[state.step]
    if not (isinstance(event, Said) and isinstance(step, ConfirmStep) and step.otherwise is not None):
        return None
    there = replace(state, step=step.otherwise)
    match read(_at(flow, there, around), event):
        case Taken(value, note) if value != state.answers.get(there.step):
            return _record(flow, there, value, around, note, event)
        case _:
            return None


def _says_nothing(text: str, around: Around) -> bool:
    """Whether it is a word for "nothing", in either language: where a question may be skipped, that is a skip."""
    words = around.office.words["means_nothing"]
    meant = {each.strip() for each in (*words.en.split(","), *words.zh.split(","))}
    return text.strip(" \n.。!！").casefold() in meant


def _holds(at: At, value: Json) -> bool:
    check = at.step.check
    return check is None or RULES[check.rule].holds(_facts({**at.answers, at.name: value}), at.around.known)


def _record(flow: Flow, state: State, value: Json, around: Around, note: Html | None, event: Event) -> Turn:
    """Keeps an answer, forgets those that must be asked again because of it, and goes on."""
    name = state.step
    changed = name in state.answers and state.answers[name] != value
    renewed = _renewed_by(flow, name) if changed else frozenset()
    answers = {**{key: kept for key, kept in state.answers.items() if key not in renewed}, name: value}
    drafts = {key: kept for key, kept in state.drafts.items() if key != name and key not in renewed}
    if (changed or name not in state.answers) and not isinstance(flow.steps[name], ReviewStep):
        answers, drafts = _unreviewed(flow, answers), _unreviewed(flow, drafts)
    at = _at(flow, replace(state, answers=answers), around)
    # A review stays as it was sent: it is what the person will look up.
    mark = Mark() if isinstance(at.step, ReviewStep) else Mark(_echo(at, value))
    marks = (mark,) if isinstance(event, Tapped) else ()
    return _onward(flow, replace(state, answers=answers, drafts=drafts), around, note, marks)


def _unreviewed(flow: Flow, kept: Answers) -> dict[str, Json]:
    """Without the reviews: what was sent there was sent before something else became of it."""
    return {name: value for name, value in kept.items() if not isinstance(flow.steps.get(name), ReviewStep)}


def _renewed_by(flow: Flow, name: str) -> frozenset[str]:
    """The steps to ask again when this one's answer changes, and those to ask again because of them in turn."""
    renewed, changed = frozenset[str](), frozenset({name})
    while changed:
        asked_again = frozenset(
            other for other, step in flow.steps.items() if isinstance(step, Asking) and changed & {*step.renewed_by}
        )
        changed = asked_again - renewed - {name}
        renewed |= changed
    return renewed


def _echo(at: At, value: Json) -> Html:
    told_value = tell(at, value)
    label = show(at.step.label, at.lang)
    return answered(label, told_value, at.lang) if told_value else Html(label)


def _onward(flow: Flow, state: State, around: Around, note: Html | None, before: tuple[Effect, ...]) -> Turn:
    step = _way(flow, state.answers, around)[-1]
    end = flow.steps[step]
    if isinstance(end, EndStep):
        finish = Finish(end.end, answers_on_way(flow, state.answers, around))
        return Turn(replace(state, step=step), (*before, finish))
    turn = _stand(flow, replace(state, step=step), around, note)
    return Turn(turn.state, (*before, *turn.effects))


# the question


def _stand(flow: Flow, state: State, around: Around, note: Html | None = None, *, settles: bool = False) -> Turn:
    """The conversation stands on its step, and the question is put, with a note before it."""
    at = _at(flow, state, around)
    if isinstance(at.step, PhotosStep) and at.draft is None and state.step in state.answers:
        state = replace(state, drafts={**state.drafts, state.step: state.answers[state.step]})
        at = _at(flow, state, around)
    lines = told(flow, state.answers, around) if isinstance(at.step, ReviewStep) else ()
    listed = Html("\n".join(f"• {answered(label, words, around.lang)}" for _, label, words in lines))
    changes = tuple(Button(f"✏️ {flow_label(flow, name, around)}", "change", name) for name, _, _ in lines)
    prompt = ask(at, listed, changes)
    place, count = progress(flow, state, around)
    about = f"{show(flow.title, around.lang)} {show(around.about, around.lang)}".strip()
    head = f"<b>{place}/{count}</b> · {about}" if count > 1 else f"<b>{about}</b>" if around.about else ""
    question = "" if prompt.replaces_question else at.step.text.to(around.lang)
    parts = [note or "", head, question, prompt.body]
    html = Html("\n".join(part for part in parts if part))
    return Turn(state, (Say(html, (*prompt.rows, *_foot(flow, at, state, around)), prompt.picture, settles),))


def flow_label(flow: Flow, name: str, around: Around) -> str:
    """A step's label as a button's text."""
    step = flow.steps[name]
    return step.label.to(around.lang) if isinstance(step, Asking) else name


def _foot(flow: Flow, at: At, state: State, around: Around) -> Iterator[tuple[Button, ...]]:
    answered_now = state.step in state.answers
    denied = (name for name, draft in state.drafts.items() if draft == _NO)
    if (answered_now or around.earlier.get(state.step) is not None) and not (
        isinstance(at.step, PhotosStep) or any(_leads_back(flow, name, state.step) for name in denied)
    ):
        kept = tell(at, (state.answers if answered_now else around.earlier)[state.step])
        if answered_now and is_half_changed(at):
            yield (Button(around.label("keep_undoes"), "keep"),)
        elif "<" not in kept and len(kept) <= 30:
            yield (Button(around.label("keep").format(what=kept), "keep"),)
        else:
            yield (Button(around.label("keep_as_is"), "keep"),)
    row = []
    if state.step != _first(flow, state.answers, around):
        row.append(Button(around.label("back"), "back"))
    if at.step.optional and not holds(at):
        row.append(Button(around.label("skip"), "skip"))
    row.append(Button(around.label("cancel"), "cancel"))
    yield tuple(row)


def _leads_back(flow: Flow, name: str, step: str) -> bool:
    asked = flow.steps.get(name)
    return isinstance(asked, ConfirmStep) and asked.otherwise == step
