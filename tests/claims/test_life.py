from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from claimbot.claims.clocks import ClockRules
from claimbot.claims.facts import Facts, Known
from claimbot.claims.life import ROLES, Life, Part, Role, moves_for, permitted, unmet
from claimbot.claims.rules import RULES
from claimbot.errors import Refusal

AT_THE_MAKER = {"answered", "returned", "refused", "appealed", "short", "explained"}
PARTS: tuple[Part, ...] = get_args(Part)
role_sets: st.SearchStrategy[frozenset[Role]] = st.frozensets(st.sampled_from(ROLES))
part_sets: st.SearchStrategy[frozenset[Part]] = st.frozensets(st.sampled_from(PARTS))

SMALL = """
kind: warranty
states:
  begun: {words: {en: Begun, zh: 开始}, open: true, waits_for: [clerk]}
  ended: {words: {en: Ended, zh: 结束}, open: false}
moves:
  finish: {words: {en: Finish, zh: 完成}, from: [begun], to: ended, who: [clerk]}
"""


def read(text: str) -> Life:
    return Life.model_validate(YAML(typ="safe").load(text))


def told(life: Life) -> list[tuple[tuple[str | int, ...], str]]:
    return [(each.at, each.what) for each in life.problems()]


def test_a_small_life_without_mistakes_has_no_problems() -> None:
    assert told(read(SMALL)) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ("to: ended", "to: gone", ("moves", "finish", "to"), "there is no state gone"),
        ("from: [begun]", "from: [bgun]", ("moves", "finish", "from", 0), "there is no state bgun"),
        ("who: [clerk]", "who: []", ("moves", "finish", "who"), "nobody may make this move"),
        ("open: false}", "open: true, waits_for: [clerk]}", ("states", "ended"), "no way leads from here to an end"),
        (", waits_for: [clerk]", "", ("states", "begun"), "it is open, but nobody has to act"),
        ("open: false}", "open: false, waits_for: [clerk]}", ("states", "ended", "waits_for"), "somebody has to act"),
        (
            "who: [clerk]",
            "who: [clerk], needs: {no_rule: {en: a, zh: 甲}}",
            ("moves", "finish", "needs", "no_rule"),
            "there is no rule no_rule",
        ),
        (
            "who: [clerk]",
            "who: [clerk], only_by: author, not_by: [author]",
            ("moves", "finish", "not_by"),
            "only the author",
        ),
        ("en: Ended", "en: '{x}'", ("states", "ended", "words", "en"), "{x} is not known here"),
        (
            "moves:",
            "  alone: {words: {en: A, zh: 甲}, open: false}\nmoves:",
            ("states", "alone"),
            "no claim ever comes here",
        ),
    ],
)
def test_each_mistake_in_a_life_is_told_with_its_place(
    old: str, new: str, at: tuple[str | int, ...], what: str
) -> None:
    assert any(place == at and what in said for place, said in told(read(SMALL.replace(old, new))))


def test_the_shipped_life_has_no_problems(life: Life) -> None:
    assert told(life) == []
    assert life.first == "draft"
    assert (
        life.open_states
        == {"draft", "submitted", "asked", "in_approval", "sent_back", "approved", "filed"} | AT_THE_MAKER
    )


@pytest.mark.parametrize(
    ("state", "move", "roles", "person_is", "phrase"),
    [
        ("draft", "approve", {"supervisor"}, set(), "move_not_now"),
        ("in_approval", "approve", {"clerk"}, set(), "move_not_your_role"),
        ("in_approval", "approve", {"supervisor"}, {"author"}, "move_not_author"),
        ("in_approval", "reject", {"supervisor", "clerk"}, {"sender"}, "move_not_sender"),
        ("draft", "submit", {"technician"}, set(), "move_only_author"),
        ("submitted", "file", {"clerk"}, set(), "move_not_now"),
    ],
)
def test_a_move_that_is_not_permitted_is_refused_with_its_reason(
    life: Life, state: str, move: str, roles: set[Role], person_is: set[Part], phrase: str
) -> None:
    with pytest.raises(Refusal) as refused:
        permitted(life, state, move, roles, person_is)
    assert refused.value.phrase == phrase
    assert refused.value.values == {"move": life.moves[move].words, "state": life.states[state].words}


def test_a_supervisor_decides_a_colleagues_claim(life: Life) -> None:
    assert permitted(life, "in_approval", "approve", {"supervisor"}, set()).to == "approved"
    assert life.after("in_approval", "agree") == "in_approval"
    assert set(moves_for(life, "in_approval", {"supervisor"}, set())) == {"agree", "approve", "send_back", "reject"}


@given(roles=role_sets, person_is=part_sets, names=st.data())
def test_whoever_asks_only_a_move_of_that_state_and_role_is_permitted(
    life: Life, roles: frozenset[Role], person_is: frozenset[Part], names: st.DataObject
) -> None:
    state = names.draw(st.sampled_from(sorted(life.states)))
    move = names.draw(st.sampled_from(sorted(life.moves)))
    try:
        made = permitted(life, state, move, roles, person_is)
    except Refusal:
        assert move not in moves_for(life, state, roles, person_is)
        return
    assert state in made.states
    assert roles & set(made.who)
    assert not person_is & set(made.not_by)
    assert life.after(state, move) in life.states
    assert move in moves_for(life, state, roles, person_is)


@given(steps=st.lists(st.tuples(st.integers(0, 100), role_sets, part_sets), max_size=30))
def test_whatever_is_tried_a_closed_claim_never_moves_unless_it_is_a_draft_that_its_author_takes_back(
    life: Life, steps: list[tuple[int, frozenset[Role], frozenset[Part]]]
) -> None:
    state, moves = life.first, sorted(life.moves)
    for number, roles, person_is in steps:
        move = moves[number % len(moves)]
        try:
            permitted(life, state, move, roles, person_is)
        except Refusal:
            continue
        taken_back = (state, move) == ("discarded", "restore") and "author" in person_is
        assert life.states[state].open or taken_back
        state = life.after(state, move)
    assert state in life.states


def test_what_is_thrown_away_was_a_draft_and_comes_back_as_one(life: Life) -> None:
    assert [name for name, move in life.moves.items() if move.to == "discarded"] == ["discard"]
    assert life.moves["discard"].states == (life.first,)
    assert moves_for(life, "discarded", {"technician"}, {"author"}) == ("restore",)
    assert moves_for(life, "discarded", set(ROLES), set()) == ()
    assert life.after("discarded", "restore") == life.first


def test_nobody_ever_decides_their_own_claim(life: Life) -> None:
    for part in PARTS:
        assert not {"agree", "approve", "send_back", "reject"} & set(moves_for(life, "in_approval", set(ROLES), {part}))


def test_only_what_was_approved_ever_leaves_for_the_maker(life: Life) -> None:
    assert [name for name, move in life.moves.items() if move.to == "filed"] == ["file"]
    assert set(life.moves["file"].states) == {"approved", "filed"}
    assert [name for name, move in life.moves.items() if move.to == "approved"] == ["approve"]


def test_sending_needs_what_the_desk_completes(life: Life, known: Known, complete: Facts) -> None:
    assert unmet(life, "send", complete, known) == ()
    (words,) = unmet(life, "send", complete.model_copy(update={"repair_order": None}), known)
    assert "repair order" in words.en
    assert "工单" in words.zh
    nothing = complete.model_copy(update={"labour": 0, "parts": 0, "other": None})
    assert len(unmet(life, "send", nothing, known)) == 1


def test_every_state_and_move_a_clock_names_exists(life: Life, clocks: ClockRules) -> None:
    assert clocks.problems(life) == ()


def test_rules_named_by_the_life_exist(life: Life) -> None:
    assert {rule for move in life.moves.values() for rule in move.needs} <= RULES.keys()


def reached(life: Life, begin: str, *, without: str) -> set[str]:
    """Every state that can be come to from one, by all moves but one."""
    found, todo = {begin}, [begin]
    while todo:
        state = todo.pop()
        for name, move in life.moves.items():
            if name != without and state in move.states and (to := life.after(state, name)) not in found:
                found.add(to)
                todo.append(to)
    return found


@pytest.mark.parametrize("begin", ["draft", "submitted", "sent_back", "in_approval"])
def test_nothing_is_filed_answered_or_paid_that_was_not_approved(life: Life, begin: str) -> None:
    left = {"filed", "paid", "written_off"} | AT_THE_MAKER
    assert not reached(life, begin, without="approve") & left


@given(steps=st.lists(st.integers(0, 60), max_size=40))
def test_whatever_is_done_each_filing_has_an_approval_since_the_desk_last_had_it(life: Life, steps: list[int]) -> None:
    state, approved = life.first, False
    for step in steps:
        moves = [name for name, move in life.moves.items() if state in move.states]
        if not moves:
            return
        name = moves[step % len(moves)]
        if name == "file" and state != "filed":
            assert approved
        state = life.after(state, name)
        approved = name == "approve" or (approved and state not in {"submitted", "sent_back", "asked", "in_approval"})


@pytest.mark.parametrize("move", ["approve", "write_off"])
def test_nobody_approves_or_gives_up_what_is_their_own(life: Life, move: str) -> None:
    state = life.moves[move].states[0]
    for part in PARTS:
        assert move not in moves_for(life, state, set(ROLES), {part})
    assert move in moves_for(life, state, {"supervisor"}, set())


def test_whoever_had_a_claim_mended_comes_to_the_maker_again_through_an_approval(life: Life) -> None:
    assert life.after("returned", "mend") == life.after("refused", "mend") == "submitted"
    assert {name for name, move in life.moves.items() if move.to == "filed"} == {"file"}
    assert life.moves["file"].states == ("approved", "filed")
    assert [name for name, move in life.moves.items() if move.to == "approved"] == ["approve"]
