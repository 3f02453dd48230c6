"""What is approved of a claim's lines: never more than was claimed, to the cent, whatever is tapped and typed."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimbot.claims.cuts import Cut, TypedCut, approved_amounts, read_cut
from claimbot.claims.facts import Known
from claimbot.claims.lines import Line
from claimbot.engine import Finish, Say, State, advance, begin
from claimbot.flow.kinds.asking import Answers, Around, Button, Event, Said, Tapped
from claimbot.flow.kinds.cuts import cuts_of
from claimbot.flow.office import Office, load_office
from tests.conftest import FLOWS

OFFICE: Office = load_office(FLOWS)
FLOW = OFFICE.flows["warranty.approval"]
KNOWN = Known(today=dt.date(2026, 9, 9), now=dt.datetime(2026, 9, 9, 2, 0, tzinfo=dt.UTC), currency="CNY")
SEEN = Around(OFFICE, KNOWN, "zh")

PRICES = st.decimals(0, 20_000, places=2)
LINES = st.lists(
    st.builds(
        Line,
        kind=st.sampled_from(["labour", "part", "sublet"]),
        code=st.just("GX-1"),
        quantity=st.decimals(Decimal("0.5"), 9, places=1),
        unit_price=PRICES,
        tax_percent=st.sampled_from([Decimal(0), Decimal(13)]),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


def part(price: str) -> Line:
    return Line(kind="part", code="GX-1001", unit_price=Decimal(price))


def cut(line_no: int, approved: str, reason: str = "price") -> Cut:
    return Cut(line_no=line_no, approved=Decimal(approved), reason=reason)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("2", TypedCut(2, None, "")),
        ("2.", TypedCut(2, None, "")),
        ("2 500", TypedCut(2, Decimal("500.00"), "")),
        ("２ 500 单价过高", TypedCut(2, Decimal("500.00"), "单价过高")),
        ("1 ¥1,280.50 two hours are enough", TypedCut(1, Decimal("1280.50"), "two hours are enough")),
        ("3: 0 no invoice", TypedCut(3, Decimal("0.00"), "no invoice")),
        ("", None),
        ("0 5", None),
        ("1.5 5", None),
        ("-1", None),
        ("price", None),
        ("2 cheap", None),
        ("2 -5", None),
        ("2 5.0051", None),
    ],
)
def test_a_cut_is_typed_as_a_line_an_amount_and_why(text: str, typed: TypedCut | None) -> None:
    assert read_cut(text) == typed


def test_lines_that_are_not_cut_are_approved_as_claimed() -> None:
    lines = (part("100"), part("200.10"), part("0"))
    assert approved_amounts(lines, ()) == (Decimal("100.00"), Decimal("200.10"), Decimal("0.00"))
    assert approved_amounts(lines, (cut(2, "0"),)) == (Decimal("100.00"), Decimal(0), Decimal("0.00"))


@pytest.mark.parametrize(
    "cuts", [(cut(1, "100"),), (cut(1, "100.01"),), (cut(2, "1"),), (cut(3, "0"),), (cut(1, "1"), cut(1, "2"))]
)
def test_what_cuts_nothing_or_one_line_twice_is_a_mistake(cuts: tuple[Cut, ...]) -> None:
    with pytest.raises(ValueError, match="a cut of no line"):
        approved_amounts((part("100"), part("0.50")), cuts)


def started(lines: tuple[Line, ...]) -> tuple[State, tuple[tuple[Button, ...], ...]]:
    answers: Answers = {"decision": "approve_part", "lines": [line.model_dump(mode="json") for line in lines]}
    turn = begin(FLOW, answers, SEEN)
    return turn.state, next(each.rows for each in turn.effects if isinstance(each, Say))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES, st.data())
def test_whatever_is_tapped_and_typed_no_line_is_approved_with_more_than_was_claimed(
    lines: tuple[Line, ...], data: st.DataObject
) -> None:
    state, rows = started(lines)
    seen = [button for row in rows for button in row]
    for _ in range(data.draw(st.integers(1, 14))):
        typed = st.sampled_from(["1", "2 5", "1 0 x", "3 17.35 单价过高", "0.01", "999999", "因为", "-", "1 20000"])
        old = st.sampled_from(seen).map(lambda button: Tapped("cuts", button.verb, button.arg))
        forged = st.builds(Tapped, st.just("cuts"), st.sampled_from(["cut", "none", "why", "done"]), st.just("x.1"))
        event: Event = data.draw(st.one_of(typed.map(Said), old, old, forged))
        turn = advance(FLOW, state, event, SEEN)
        state = turn.state
        seen += [button for each in turn.effects if isinstance(each, Say) for row in each.rows for button in row]
        finish = next((each for each in turn.effects if isinstance(each, Finish)), None)
        if finish is not None and finish.answers["decision"] == "approve_part":
            cuts = cuts_of(finish.answers["cuts"])
            amounts = approved_amounts(lines, cuts)
            assert cuts
            assert 0 < sum(amounts) < sum(line.amount for line in lines)
            assert all(0 <= now <= line.amount for now, line in zip(amounts, lines, strict=True))
            assert all(now == now.quantize(Decimal("0.01")) for now in amounts)
            return
        if state.step != "cuts":
            return


def test_a_button_of_an_earlier_state_of_the_amounts_changes_nothing() -> None:
    state, rows = started((part("100"), part("200")))
    first = next(button for row in rows for button in row if button.verb == "cut")
    state = advance(FLOW, state, Said("2 50 单价过高"), SEEN).state
    turn = advance(FLOW, state, Said("1 20 数量过多"), SEEN)
    done = next(each.rows[0][0] for each in turn.effects if isinstance(each, Say))
    assert done.label == "✅ 批准 ¥70.00"
    changed = advance(FLOW, turn.state, Said("1 30 数量过多"), SEEN).state
    for old in (first, done):
        assert advance(FLOW, changed, Tapped("cuts", old.verb, old.arg), SEEN).state == changed


def test_a_line_may_be_cut_otherwise_or_not_at_all_after_all() -> None:
    state, _ = started((part("100"), part("200")))
    for said in ("2 50 单价过高", "2 60 数量过多", "1 0 无关"):
        state = advance(FLOW, state, Said(said), SEEN).state
    state = advance(FLOW, state, Said("1 100"), SEEN).state
    draft = state.drafts["cuts"]
    assert isinstance(draft, dict)
    assert cuts_of(draft["cuts"]) == (cut(2, "60.00", "quantity"),)


def test_when_nothing_is_left_it_cannot_be_approved() -> None:
    state, _ = started((part("100"),))
    turn = advance(FLOW, state, Said("1 0 单价过高"), SEEN)
    said = next(each for each in turn.effects if isinstance(each, Say))
    assert "请改用驳回" in said.html
    assert not any(button.verb == "done" for row in said.rows for button in row)


def test_a_half_cut_line_that_is_gone_when_one_goes_on_is_left_out() -> None:
    state, _ = started((part("100"), part("200")))
    for said in ("1 50 单价过高", "2", "150"):
        state = advance(FLOW, state, Said(said), SEEN).state
    fewer: Answers = {**state.answers, "lines": [part("40").model_dump(mode="json")]}
    turn = advance(FLOW, State(state.flow, state.fingerprint, "cuts", fewer, state.drafts), Said("1"), SEEN)
    assert any("批准多少" in each.html for each in turn.effects if isinstance(each, Say))
