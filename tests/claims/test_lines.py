"""Lines as people type them, and what they come to, to the cent."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.facts import Facts
from claimbot.claims.lines import LINE_KINDS, Line, RateLine, in_three, read_lines, totals
from claimbot.claims.words import Words

RATE = RateLine.model_validate(
    {"currency": "CNY", "labour_hour": "160", "from": dt.date(2020, 1, 1), "source": Words(en="x", zh="x")}
)


def told(text: str, rate: RateLine | None = RATE) -> str:
    lines, troubles = read_lines(text, rate, {"EX-L101"})
    said = [
        f"{each.kind} {each.code or '-'} {each.text or '-'} {each.quantity} {each.unit_price} {each.tax_percent}"
        for each in lines
    ]
    return "; ".join([*said, *(f"{typed}!{why}" for typed, why in troubles)])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("GX-1001 ×2 380", "part GX-1001 - 2 380.00 0"),
        ("gx-1001 x 2 380", "part GX-1001 - 2 380.00 0"),
        ("ＧＸ－１００１　×２　３８０", "part GX-1001 - 2 380.00 0"),
        ("GX-1001 水泵 2件 ￥1,234.50", "part GX-1001 水泵 2 1234.50 0"),
        ("06A115561B 380元", "part 06A115561B - 1 380.00 0"),
        ("part 12345 100", "part 12345 - 1 100.00 0"),
        ("2.5h", "labour - - 2.5 160 0"),
        ("2.5 小时", "labour - - 2.5 160 0"),
        ("OP-1 2.5h 120", "labour OP-1 - 2.5 120.00 0"),
        ("人工 320", "labour - - 1 320.00 0"),
        ("人工费 32", "labour - - 1 32.00 0"),
        ("人工费 320", "labour - - 1 320.00 0"),
        ("人工 320元", "labour - - 1 320.00 0"),
        ("拖车 350", "towing - - 1 350.00 0"),
        ("外协 INV-77 喷漆 500 +6%", "sublet INV-77 喷漆 1 500.00 6"),
        ("外出 120公里 1.5", "travel - - 120 1.50 0"),
        ("loaner 3d 100", "loaner - - 3 100.00 0"),
        (
            "1) GX-1001 ×2 380\n- 2.5h; towing 350",
            "part GX-1001 - 2 380.00 0; labour - - 2.5 160 0; towing - - 1 350.00 0",
        ),
        ("hello", "hello!kind"),
        ("380", "380!kind"),
        ("拖车", "拖车!price"),
        ("GX-1001 380 390", "GX-1001 380 390!twice"),
        ("GX-1001 ×2 ×3 390", "GX-1001 ×2 ×3 390!twice"),
        ("GX-1001 ×0 390", "GX-1001 ×0 390!amount"),
        ("OP-1 2.555h 120", "OP-1 2.555h 120!amount"),
        ("GX-1001 ×2 380\nnonsense", "part GX-1001 - 2 380.00 0; nonsense!kind"),
        ("\n ; \n", ""),
    ],
)
def test_a_line_is_read_as_it_is_typed_or_told_what_is_wrong(text: str, read: str) -> None:
    assert told(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("GX-1001x2 380", "part GX-1001 - 2 380.00 0"),
        ("GX-1001×2 380", "part GX-1001 - 2 380.00 0"),
        ("GX-1001*2 380", "part GX-1001 - 2 380.00 0"),
        ("GX-1001X2 ×3 380", "part GX-1001X2 - 3 380.00 0"),
        ("M10X25 2 8", "part M10X25 - 2 8.00 0"),
        ("GX-1001 2 380", "part GX-1001 - 2 380.00 0"),
        ("GX-1001 2×380", "part GX-1001 - 2 380.00 0"),
        ("GX-1001 2 × 380", "part GX-1001 - 2 380.00 0"),
        ("GX-1001 380 ×2", "part GX-1001 - 2 380.00 0"),
        ("1、GX-1001 ×2 380", "part GX-1001 - 2 380.00 0"),
        ("1）GX-1001 ×2 380", "part GX-1001 - 2 380.00 0"),
        ("拖车350", "towing - - 1 350.00 0"),
        ("外出60km 1.5", "travel - - 60 1.50 0"),
        ("工时2.5h", "labour - - 2.5 160 0"),
        ("半小时", "labour - - 0.5 160 0"),
        ("工时半小时", "labour - - 0.5 160 0"),
        ("1个半小时", "labour - - 1.5 160 0"),
        ("工时 2.5 160", "labour - - 2.5 160.00 0"),
        ("EX-L101 1.5h", "labour EX-L101 - 1.5 160 0"),
        ("labour 160 CNY", "labour - - 1 160.00 0"),
        ("GX-7 ¥ 380 ×2", "part GX-7 - 2 380.00 0"),
        ("EX-L101 160元", "labour EX-L101 - 1 160.00 0"),
        ("GX-1001 ×2 380 税13%", "part GX-1001 - 2 380.00 13"),
        ("GX-1001 ×2 380 tax 13%", "part GX-1001 - 2 380.00 13"),
        ("GX-1001 ×2 380 13% VAT", "part GX-1001 - 2 380.00 13"),
        ("2h, GX-7 ×2 380", "labour - - 2 160 0; part GX-7 - 2 380.00 0"),
        ("2h，拖车 1,350.50", "labour - - 2 160 0; towing - - 1 1350.50 0"),
        ("GX-7 380, 原厂件", "part GX-7 原厂件 1 380.00 0"),
        ("GX-7 - 水泵 - 380", "part GX-7 水泵 1 380.00 0"),
    ],
)
def test_what_is_clear_is_read_however_hurried_it_is_typed(text: str, read: str) -> None:
    assert told(text) == read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("工时 2.5", "hours"),
        ("工时2.5", "hours"),
        ("labour 100", "hours"),
        ("EX-L101 1.5", "hours"),
        ("EX-L101", "hours"),
        ("GX-1001 ×-2 380", "left"),
        ("GX-1001 x-2 380", "left"),
        ("GX-1001 ×2 380 100%", "left"),
        ("GX-1001 ×2 380 税13", "left"),
        ("GX-1001 50 380", "twice"),
        ("外协 2 500", "twice"),
    ],
)
def test_what_may_mean_two_things_is_asked_and_never_guessed(text: str, why: str) -> None:
    assert told(text) == f"{text}!{why}"


def test_without_a_makers_rate_an_hour_needs_its_price() -> None:
    assert told("2.5h", None) == "2.5h!rate"
    assert told("2.5h 120", None) == "labour - - 2.5 120.00 0"


def test_half_a_cent_goes_up_and_tax_is_reckoned_on_the_net_amount() -> None:
    line = Line(kind="labour", quantity=Decimal("0.25"), unit_price=Decimal("0.50"), tax_percent=Decimal(13))
    assert (line.net, line.tax, line.amount) == (Decimal("0.13"), Decimal("0.02"), Decimal("0.15"))


LINES = st.lists(
    st.builds(
        Line,
        kind=st.sampled_from(LINE_KINDS),
        quantity=st.decimals("0.01", "1000", places=2),
        unit_price=st.decimals("0", "100000", places=2),
        tax_percent=st.sampled_from([Decimal(0), Decimal(6), Decimal(13)]),
    ),
    max_size=12,
)


@given(LINES)
def test_the_sums_by_kind_are_the_sum_of_the_lines_to_the_cent(lines: list[Line]) -> None:
    whole = sum((line.amount for line in lines), Decimal(0))
    assert sum(in_three(lines)) == whole == sum(totals(lines).values(), Decimal(0))
    assert whole == whole.quantize(Decimal("0.01"))


def test_labour_parts_and_other_of_a_claim_follow_from_its_lines() -> None:
    lines, _ = read_lines("2h\nGX-1001 ×2 380\n拖车 350", RATE)
    told_lines = [line.model_dump(mode="json") for line in lines]
    facts = Facts.model_validate({"lines": told_lines, "labour": "1"})
    assert (facts.labour, facts.parts, facts.other) == (Decimal(320), Decimal(760), Decimal(350))
    assert Facts.model_validate({"labour": "1"}).labour == Decimal(1), "a claim from before there were lines"


@given(st.text(max_size=60))
def test_whatever_is_typed_every_row_is_either_a_line_or_told(text: str) -> None:
    lines, troubles = read_lines(text, RATE)
    assert len(lines) + len(troubles) <= sum(text.count(mark) for mark in "\n;；,，、") + 1
