"""Checks of what more than one line must agree on: steps, rules, moves, Telegram's sizes, the two languages."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from claimbot.claims.life import Life
from claimbot.claims.rules import RULES
from claimbot.claims.words import LANGS, Words, names_in
from claimbot.flow.model import Asking, ChoiceStep, ConfirmStep, EndStep, Flow, ReviewStep, Step, ways
from claimbot.flow.reading import Read

RESERVED: Final = frozenset({"start", "help", "cancel", "drafts", "claims", "queue", "due", "claim"})
MOST_TEXT: Final = 1500
MOST_LABEL: Final = 40
MOST_DATA: Final = 64
_TAGS: Final = frozenset({"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"})
_TAG: Final = re.compile(r"<(/?)([a-zA-Z-]+)([^>]*)>")

Read_ = tuple[Read, Flow]


def check_words(read: Read, phrases: Mapping[str, Words]) -> None:
    """The shared phrases: both languages alike, tags that Telegram takes."""
    for key, words in phrases.items():
        _check_text(read, ("phrases", key), words, MOST_TEXT)


def check_flows(flows: Mapping[str, Read_], life: Life | None) -> None:
    """Every check of every flow; what is found is noted with its file and line."""
    commands: dict[str, str] = {}
    for read, flow in flows.values():
        _check_graph(read, flow)
        _check_rules(read, flow)
        _check_sizes(read, flow)
        _check_start(read, flow, commands)
        if flow.move is not None and life is not None:
            _check_move(read, flow, flow.move, life)


def _check_text(read: Read, at: tuple[str | int, ...], words: Words, most: int) -> None:
    try:
        names = {lang: names_in(words.to(lang)) for lang in LANGS}
    except ValueError:
        read.problem(at, "its braces { } do not match", "write each name as {name}")
        return
    if names["en"] != names["zh"]:
        uneven = ", ".join(sorted(names["en"] ^ names["zh"]))
        read.problem(at, f"{{{uneven}}} is in one language only", "use the same names in both")
    for lang in LANGS:
        text = words.to(lang)
        if not text.strip():
            read.problem((*at, lang), f"the translation “{lang}” is empty", "write it")
        if len(text) > most:
            read.problem((*at, lang), f"{len(text)} characters are too many", f"use {most} at most")
        for what in _bad_tags(text):
            read.problem((*at, lang), what, "use Telegram's tags (b, i, u, s, code) and close each")


def _bad_tags(text: str) -> Iterator[str]:
    opened: list[str] = []
    for closing, name, _ in _TAG.findall(text):
        if name not in _TAGS:
            yield f"the tag <{name}> is not known to Telegram"
        elif not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            yield f"the tag </{name}> closes nothing"
    if opened:
        yield f"the tag <{opened[-1]}> is not closed"


def _check_graph(read: Read, flow: Flow) -> None:
    for name, step in flow.steps.items():
        _check_ways(read, flow, name, step)
        for place, other in _named_steps(step):
            if other not in flow.steps:
                read.problem(("steps", name, place), f"there is no step “{other}”", "name a step of this flow")
    onward = {
        name: {branch.go for branch in ways(step) if branch.go in flow.steps} for name, step in flow.steps.items()
    }
    reached, todo = {flow.first}, [flow.first]
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


def _check_ways(read: Read, flow: Flow, name: str, step: Step) -> None:
    branches = ways(step)
    for index, branch in enumerate(branches):
        alone = isinstance(step, Asking) and isinstance(step.next, str)
        at: tuple[str | int, ...] = ("steps", name, "next") if alone else ("steps", name, "next", index)
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
    if isinstance(step, ConfirmStep):
        yield from ((key, other) for key, other in (("about", step.about), ("otherwise", step.otherwise)) if other)


def _before(flow: Flow) -> dict[str, frozenset[str]]:
    """For each step, the steps that are answered on every way to it."""
    every = frozenset(flow.steps)
    known = {name: frozenset() if name == flow.first else every for name in flow.steps}
    changed = True
    while changed:
        changed = False
        for name, step in flow.steps.items():
            for branch in ways(step):
                if branch.go in known and branch.go != flow.first:
                    met = known[branch.go] & (known[name] | {name})
                    if met != known[branch.go]:
                        known[branch.go], changed = met, True
    return known


def _check_rules(read: Read, flow: Flow) -> None:
    before = _before(flow)
    for name, step in flow.steps.items():
        used: list[tuple[tuple[str | int, ...], str | None]] = [
            (("steps", name, "next", index, "when"), branch.when) for index, branch in enumerate(ways(step))
        ]
        if isinstance(step, Asking) and step.check is not None:
            used.append((("steps", name, "check", "rule"), step.check.rule))
        for at, rule in used:
            if rule is None:
                continue
            if rule not in RULES:
                read.problem(at, f"there is no rule “{rule}”", f"known rules: {', '.join(sorted(RULES))}")
                continue
            later = {field for field in RULES[rule].reads if field in flow.steps} - before[name] - {name}
            for field in sorted(later):
                read.problem(at, f"“{rule}” needs the answer “{field}”, which may not be asked yet", "ask it before")


def _check_sizes(read: Read, flow: Flow) -> None:
    for name, step in flow.steps.items():
        here = ("steps", name)
        if isinstance(step, EndStep):
            continue
        _check_text(read, (*here, "text"), step.text, MOST_TEXT)
        _check_text(read, (*here, "label"), step.label, MOST_LABEL)
        if step.hint is not None:
            _check_text(read, (*here, "hint"), step.hint, MOST_TEXT)
        if isinstance(step, ReviewStep):
            _check_text(read, (*here, "send"), step.send, MOST_LABEL)
        if isinstance(step, ChoiceStep):
            if not step.choices and step.options is None:
                read.problem(here, "there is nothing to choose", "add `choices:` or `options:`")
            if step.choices and step.options is None and not step.typed and step.example not in step.choices:
                read.problem((*here, "example"), f"“{step.example}” is not among the choices", "use one of them")
            for key, words in step.choices.items():
                _check_text(read, (*here, "choices", key), words, MOST_LABEL)
                size = len(f"q:{'z' * 8}:{name}:pick:{key}")
                if size > MOST_DATA:
                    read.problem((*here, "choices", key), f"its button would hold {size} bytes", "shorten the names")


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
