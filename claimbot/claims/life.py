"""A claim's life: the states it may stand in, and the moves between them with who may make them."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from claimbot.claims.facts import Facts, Known
from claimbot.claims.problem import Problem
from claimbot.claims.rules import RULES
from claimbot.claims.sheet import Strict, template_problems
from claimbot.claims.words import Words
from claimbot.errors import Refusal

Role = Literal["technician", "clerk", "supervisor", "administrator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
Part = Literal["author", "sender", "clerk"]
"""What a person may be to a claim: who reported the fault, who sent it for approval, who has it at the desk."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,15}$")]


class State(Strict):
    """Where a claim may stand. `waits_for`: whose turn it is to act; a closed state waits for nobody."""

    words: Words
    open: bool
    waits_for: tuple[Role | Part, ...] = ()


class Move(Strict):
    """One permitted change. Without `to` the claim stays where it is."""

    words: Words
    states: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    to: str | None = None
    who: tuple[Role, ...]
    only_by: Part | None = None
    not_by: tuple[Part, ...] = ()
    tells: tuple[Role | Part, ...] = ()
    needs: dict[str, Words] = Field(default_factory=dict)
    """Rules that must hold first, and what is said when one does not."""


class Life(Strict):
    """All states and moves of one kind of claim. The first state is where a claim begins."""

    kind: Literal["warranty", "contract"]
    states: Annotated[dict[Name, State], Field(min_length=2)]
    moves: Annotated[dict[Name, Move], Field(min_length=1)]

    @property
    def first(self) -> str:
        return next(iter(self.states))

    @property
    def open_states(self) -> frozenset[str]:
        return frozenset(name for name, state in self.states.items() if state.open)

    def after(self, state: str, move: str) -> str:
        """Where that move leads from that state."""
        return self.moves[move].to or state

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        for name, move in self.moves.items():
            yield from self._move_problems(("moves", name), move)
        reached = self._reached({self.first}, backwards=False)
        ending = self._reached({name for name, state in self.states.items() if not state.open}, backwards=True)
        for name, state in self.states.items():
            at = ("states", name)
            yield from template_problems((*at, "words"), state.words, frozenset())
            if name not in reached:
                yield Problem(at, "no claim ever comes here", "let a move lead to it, or take it out")
            if state.open and name not in ending:
                yield Problem(at, "no way leads from here to an end", "add a move that leads on, or say `open: false`")
            if state.open and not state.waits_for:
                yield Problem(at, "it is open, but nobody has to act", "name the role under waits_for")
            if not state.open and state.waits_for:
                yield Problem((*at, "waits_for"), "it is closed, yet somebody has to act", "take waits_for out")

    def _move_problems(self, at: tuple[str, ...], move: Move) -> Iterator[Problem]:
        known = ", ".join(self.states)
        for index, state in enumerate(move.states):
            if state not in self.states:
                yield Problem((*at, "from", index), f"there is no state {state}", f"known states: {known}")
        if move.to is not None and move.to not in self.states:
            yield Problem((*at, "to"), f"there is no state {move.to}", f"known states: {known}")
        if not move.who:
            yield Problem((*at, "who"), "nobody may make this move", f"name a role: {', '.join(ROLES)}")
        if move.only_by is not None and move.only_by in move.not_by:
            mend = "take it out of one of the two"
            yield Problem(
                (*at, "not_by"), f"only the {move.only_by} may make it, and just not the {move.only_by}", mend
            )
        yield from template_problems((*at, "words"), move.words, frozenset())
        for rule, words in move.needs.items():
            yield from template_problems((*at, "needs", rule), words, frozenset())
            if rule not in RULES:
                yield Problem((*at, "needs", rule), f"there is no rule {rule}", f"known rules: {', '.join(RULES)}")

    def _reached(self, begin: set[str], *, backwards: bool) -> set[str]:
        steps = {(state, move.to) for move in self.moves.values() if move.to for state in move.states}
        found, fresh = set(begin), set(begin)
        while fresh:
            fresh = {(a if backwards else b) for a, b in steps if (b if backwards else a) in fresh} - found
            found |= fresh
        return found


def permitted(life: Life, state: str, move: str, roles: AbstractSet[Role], person_is: AbstractSet[Part]) -> Move:
    """The move, if this person may make it now; else a `Refusal` that says why. An unknown move is a KeyError."""
    asked = life.moves[move]
    values = {"move": asked.words, "state": life.states[state].words}
    if state not in asked.states:
        raise Refusal("move_not_now", values)
    if not roles & set(asked.who):
        raise Refusal("move_not_your_role", values)
    if asked.only_by is not None and asked.only_by not in person_is:
        raise Refusal(f"move_only_{asked.only_by}", values)
    for part in asked.not_by:
        if part in person_is:
            raise Refusal(f"move_not_{part}", values)
    return asked


def moves_for(life: Life, state: str, roles: AbstractSet[Role], person_is: AbstractSet[Part]) -> tuple[str, ...]:
    """The moves that this person may make now, in the order of the sheet."""

    def may(move: str) -> bool:
        try:
            permitted(life, state, move, roles, person_is)
        except Refusal:
            return False
        return True

    return tuple(move for move in life.moves if may(move))


def unmet(life: Life, move: str, facts: Facts, known: Known) -> tuple[Words, ...]:
    """The first thing that still has to be done before that move, in words; empty when nothing.

    In the order of the sheet: a later rule may read what an earlier one makes sure of.
    """
    return tuple(
        islice((words for rule, words in life.moves[move].needs.items() if not RULES[rule].holds(facts, known)), 1)
    )
