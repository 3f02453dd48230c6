"""Checks of what more than one line must agree on: steps, rules, moves, Telegram's sizes, the two languages."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from claimbot.claims.life import ROLES, Life
from claimbot.claims.rules import RULES
from claimbot.claims.words import LANGS, Words, names_in
from claimbot.flow.examples import wrong_examples
from claimbot.flow.model import (
    Asking,
    AskingStep,
    Branch,
    ChoiceStep,
    ConfirmStep,
    CutsStep,
    DateStep,
    EndStep,
    Flow,
    NumberStep,
    ReviewStep,
    Step,
    ways,
)
from claimbot.flow.reading import Read

RESERVED: Final = frozenset({"start", "help", "cancel", "drafts", "claims", "queue", "due", "claim", "parts", "stats"})
MOST_TEXT: Final = 1500
MOST_LABEL: Final = 40
MOST_DESCRIBE: Final = 256
MOST_DATA: Final = 64
TAGS: Final = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "span", "blockquote"}
    | {"tg-spoiler", "tg-emoji"}
)
"""Bot API, "HTML style"."""
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>]*)>")

Place = tuple[str | int, ...]


def check_words(read: Read, phrases: Mapping[str, Words]) -> None:
    """The shared phrases: both languages alike, tags that Telegram takes."""
    for key, words in phrases.items():
        _check_text(read, ("phrases", key), words, MOST_TEXT)


def check_flows(flows: Sequence[tuple[Read, Flow]], life: Life | None) -> None:
    """Every check of every flow; what is found is noted with its file and line."""
    commands: dict[str, str] = {}
    buttons: dict[tuple[str, str, str], str] = {}
    for read, flow in flows:
        _check_graph(read, flow)
        _check_rules(read, flow)
        _check_choices(read, flow)
        _check_examples(read, flow)
        for at, words, most in _words_of(flow):
            _check_text(read, at, words, most, filled=False)
        _check_start(read, flow, commands)
        _check_button(read, flow, buttons)
        if flow.move is not None and life is not None:
            _check_move(read, flow, flow.move, life)


def _words_of(flow: Flow) -> Iterator[tuple[Place, Words, int]]:
    """All words of a flow, each with its place and how long it may be."""
    yield ("title",), flow.title, MOST_LABEL
    if flow.starts.button is not None:
        yield ("starts", "button"), flow.starts.button, MOST_LABEL
    if flow.starts.describe is not None:
        yield ("starts", "describe"), flow.starts.describe, MOST_DESCRIBE
    for name, step in flow.steps.items():
        if not isinstance(step, EndStep):
            yield from _words_of_step(("steps", name), step)


def _words_of_step(here: Place, step: AskingStep) -> Iterator[tuple[Place, Words, int]]:
    yield (*here, "text"), step.text, MOST_TEXT
    yield (*here, "label"), step.label, MOST_LABEL
    if step.hint is not None:
        yield (*here, "hint"), step.hint, MOST_TEXT
    if step.check is not None:
        yield (*here, "check", "otherwise"), step.check.otherwise, MOST_TEXT
    match step:
        case ReviewStep():
            yield (*here, "send"), step.send, MOST_LABEL
        case NumberStep(unit=Words() as unit):
            yield (*here, "unit"), unit, MOST_LABEL
        case ChoiceStep():
            for key, words in step.choices.items():
                yield (*here, "choices", key), words, MOST_LABEL
            if step.sure is not None:
                yield (*here, "sure"), step.sure, MOST_LABEL
        case CutsStep():
            for key, words in step.reasons.items():
                yield (*here, "reasons", key), words, MOST_LABEL
        case _:
            pass


def _check_text(read: Read, at: Place, words: Words, most: int, *, filled: bool = True) -> None:
    """`filled`: whether values are put into it; where not, a {name} would be seen as it stands."""
    for lang in LANGS:
        text = words.to(lang)
        if not text.strip():
            read.problem((*at, lang), f"the translation “{lang}” is empty", "write it")
        if len(text) > most:
            read.problem((*at, lang), f"{len(text)} characters are too many", f"use {most} at most")
        for what in _bad_tags(text):
            read.problem((*at, lang), what, "use b, i, u, s or code, close each, and write a lone < as &lt;")
    try:
        names = {lang: names_in(words.to(lang)) for lang in LANGS}
    except ValueError:
        read.problem(at, "its braces { } do not match", "write each name as {name}")
        return
    if uneven := names["en"] ^ names["zh"]:
        listed = ", ".join(f"{{{name}}}" for name in sorted(uneven))
        read.problem(at, f"{listed} is in one language only", "use the same names in both")
    elif names["en"] and not filled:
        listed = ", ".join(f"{{{name}}}" for name in sorted(names["en"]))
        read.problem(at, f"nothing is filled in for {listed} here", "write the words without it")


def _bad_tags(text: str) -> Iterator[str]:
    opened: list[str] = []
    if "<" in _TAG.sub("", text):
        yield "a < stands alone"
    for closing, name, _ in _TAG.findall(text):
        if name not in TAGS:
            yield f"the tag <{name}> is not known to Telegram"
        elif not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            yield f"the tag </{name}> closes nothing"
    if opened:
        yield f"the tag <{opened[-1]}> is not closed"


def _check_graph(read: Read, flow: Flow) -> None:
    _check_branches(read, flow, ("begins",), flow.begins)
    for name, step in flow.steps.items():
        _check_ways(read, flow, name, step)
        _check_named(read, flow, name, step)
    onward = {name: _onward(step) & flow.steps.keys() for name, step in flow.steps.items()}
    reached = {branch.go for branch in flow.beginnings} & flow.steps.keys()
    todo = [*reached]
    while todo:
        fresh = onward[todo.pop()] - reached
        reached |= fresh
        todo.extend(fresh)
    for name in flow.steps:
        if name not in reached:
            read.problem(("steps", name), f"no way leads to “{name}”", "lead to it, or remove it")
    ending = {name for name, step in flow.steps.items() if isinstance(step, EndStep)}
    while more := {name for name, goes in onward.items() if goes & ending} - ending:
        ending |= more
    for name in reached - ending:
        read.problem(("steps", name), f"from “{name}” no end can be reached", "lead to an `end:` step")


def _check_named(read: Read, flow: Flow, name: str, step: Step) -> None:
    for place, other in _named_steps(step):
        at: Place = ("steps", name, place)
        if other not in flow.steps:
            read.problem(at, f"there is no step “{other}”", "name a step of this flow")
        elif isinstance(flow.steps[other], EndStep):
            read.problem(at, f"“{other}” is an end, which has no answer", "name a step that asks")
        elif place == "renewed_by" and other == name:
            read.problem(at, f"“{name}” would be asked again for its own answer", "take it out of the list")
        elif place == "not_before" and not isinstance(flow.steps[other], DateStep):
            read.problem(at, f"“{other}” asks for no day", "name a step with `ask: date`")


def _onward(step: Step) -> set[str]:
    """Every step that may come next, a "no" counted."""
    no = {step.otherwise} if isinstance(step, ConfirmStep) and step.otherwise is not None else set()
    return {branch.go for branch in ways(step)} | no


def _check_ways(read: Read, flow: Flow, name: str, step: Step) -> None:
    branches = ways(step)
    if not branches and not isinstance(step, EndStep):
        read.problem(("steps", name, "next"), "there is no way on", "name the step that is next")
    alone = isinstance(step, Asking) and isinstance(step.next, str)
    _check_branches(read, flow, ("steps", name, "next"), branches, alone=alone)


def _check_branches(read: Read, flow: Flow, place: Place, branches: Sequence[Branch], *, alone: bool = False) -> None:
    """`alone`: it is one way, written without a list."""
    for index, branch in enumerate(branches):
        at = place if alone else (*place, index)
        if branch.go not in flow.steps:
            read.problem(at, f"there is no step “{branch.go}”", "name a step of this flow")
        last = index == len(branches) - 1
        if last and branch.when is not None:
            read.problem(at, "the last way has a `when`", "add a last way that has none")
        if not last and branch.when is None:
            read.problem(at, "ways after this one are never taken", "give it a `when`, or move it to the end")


def _named_steps(step: Step) -> Iterator[tuple[str, str]]:
    """The other steps that a step names beside its ways, and under which key."""
    if isinstance(step, Asking):
        yield from (("renewed_by", other) for other in step.renewed_by)
        if step.check is not None and step.check.mend is not None:
            yield "check", step.check.mend
    if isinstance(step, DateStep) and step.not_before is not None:
        yield "not_before", step.not_before
    if isinstance(step, ConfirmStep):
        yield from ((key, other) for key, other in (("about", step.about), ("otherwise", step.otherwise)) if other)


def _before(flow: Flow) -> dict[str, frozenset[str]]:
    """For each step, the steps that are answered on every way to it; one that may be skipped does not count."""
    every = frozenset(flow.steps)
    begun = {branch.go for branch in flow.beginnings}
    known = {name: frozenset() if name in begun else every for name in flow.steps}
    changed = True
    while changed:
        changed = False
        for name, step in flow.steps.items():
            answered = known[name] | ({name} if isinstance(step, Asking) and not step.optional else set())
            ahead = [(branch.go, answered) for branch in ways(step)]
            if isinstance(step, ConfirmStep) and step.otherwise is not None:
                ahead.append((step.otherwise, known[name]))
            for go, brought in ahead:
                if go in known and (met := known[go] & brought) != known[go]:
                    known[go], changed = met, True
    return known


def _check_rules(read: Read, flow: Flow) -> None:
    before = _before(flow)
    for index, branch in enumerate(flow.begins):
        if branch.when is not None:
            _check_rule(read, flow, ("begins", index, "when"), branch.when, frozenset())
    for name, step in flow.steps.items():
        if not isinstance(step, Asking):
            continue
        here: Place = ("steps", name)
        # A branch is taken after this step, skipped or not; a check is made only of an answer that was given.
        after = before[name] | (frozenset() if step.optional else {name})
        for index, branch in enumerate(ways(step)):
            if branch.when is not None:
                _check_rule(read, flow, (*here, "next", index, "when"), branch.when, after)
        if step.check is not None:
            _check_rule(read, flow, (*here, "check", "rule"), step.check.rule, before[name] | {name})


def _check_rule(read: Read, flow: Flow, at: Place, rule: str, known: frozenset[str]) -> None:
    if rule not in RULES:
        near = difflib.get_close_matches(rule, RULES, 1)
        mend = f"did you mean “{near[0]}”?" if near else f"known rules: {', '.join(sorted(RULES))}"
        read.problem(at, f"there is no rule “{rule}”", mend)
        return
    for field in sorted((RULES[rule].reads & flow.steps.keys()) - known):
        step = flow.steps[field]
        if isinstance(step, Asking) and step.optional:
            what, mend = "which may be skipped", "take `optional` out there, or use another rule"
        else:
            what, mend = "which may not be asked yet", "ask it before, on every way"
        read.problem(at, f"“{rule}” needs the answer “{field}”, {what}", mend)


def _check_choices(read: Read, flow: Flow) -> None:
    for name, step in flow.steps.items():
        here: Place = ("steps", name)
        if isinstance(step, ChoiceStep) and not step.choices and step.options is None:
            read.problem(here, "there is nothing to choose", "add `choices:` or `options:`")
        if isinstance(step, ChoiceStep) and step.sure is not None and not step.typed:
            read.problem((*here, "sure"), "nothing can be typed there", "add `typed: true`, or take it out")
        for at, button in _named_buttons(name, step):
            size = len(f"q:{'z' * 8}:{button}")
            if size > MOST_DATA:
                read.problem((*here, *at), f"its button would hold {size} bytes", f"shorten the names to {MOST_DATA}")


def _named_buttons(name: str, step: Step) -> Iterator[tuple[Place, str]]:
    """What an office's own names come to on their buttons."""
    match step:
        case ChoiceStep():
            yield from ((("choices", key), f"{name}:pick:{key}") for key in step.choices)
        case CutsStep():
            yield from ((("reasons", key), f"{name}:why:{'z' * 6}.{key}") for key in step.reasons)
        case _:
            pass


def _check_examples(read: Read, flow: Flow) -> None:
    for name, step in flow.steps.items():
        if not isinstance(step, EndStep):
            for key, what, mend in wrong_examples(step):
                read.problem(("steps", name, key), what, mend)


def _check_button(read: Read, flow: Flow, buttons: dict[tuple[str, str, str], str]) -> None:
    """One person never sees two buttons of the same words in one place: the menu, or a claim's card."""
    if flow.starts.button is None:
        return
    place = "claim" if flow.starts.about == "claim" else "menu"
    for lang in LANGS:
        words = flow.starts.button.to(lang).strip()
        keys = [(place, role, f"{lang}:{words}") for role in flow.roles or ROLES]
        other = next((buttons[key] for key in keys if key in buttons), None)
        if other is not None:
            at = ("starts", "button", lang)
            read.problem(at, f"the button “{words}” starts {other} already", "use other words")
        for key in keys:
            buttons.setdefault(key, flow.flow)


def _check_start(read: Read, flow: Flow, commands: dict[str, str]) -> None:
    command = flow.starts.command
    if command is None:
        return
    at = ("starts", "command")
    if command in RESERVED:
        read.problem(at, f"/{command} is the bot's own", "choose another command")
    if command in commands:
        read.problem(at, f"/{command} starts {commands[command]} already", "choose another command")
    commands[command] = flow.flow
    if flow.starts.describe is None:
        read.problem(("starts",), f"/{command} has no line for the command menu", "add `describe:`")


def _check_move(read: Read, flow: Flow, move: str, life: Life) -> None:
    if move not in life.moves:
        read.problem(("move",), f"there is no move “{move}”", f"known moves: {', '.join(life.moves)}")
        return
    if flow.roles and not set(flow.roles) & set(life.moves[move].who):
        read.problem(
            ("move",), f"nobody of {', '.join(flow.roles)} may make the move “{move}”", "change one of the two"
        )
