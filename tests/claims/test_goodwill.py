from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.facts import Facts, Known
from claimbot.claims.goodwill import asked_of_maker, shares_of
from claimbot.claims.rules import RULES

CENTS = st.decimals(0, 10_000_000, places=2)
PERCENT = st.decimals(0, 100, places=2)


@given(CENTS, PERCENT, PERCENT)
def test_three_shares_come_to_the_whole_and_none_is_below_nothing(
    whole: Decimal, maker: Decimal, dealer: Decimal
) -> None:
    dealer = min(dealer, 100 - maker)
    shares = shares_of(Facts(claim_type="goodwill", goodwill_maker=maker, goodwill_dealer=dealer), whole)
    assert shares is not None
    all_three = (shares.maker, shares.dealer, shares.customer)
    assert sum(each.percent for each in all_three) == 100
    assert sum(each.amount for each in all_three) == whole
    assert min(each.amount for each in all_three) >= 0
    assert all(abs(each.amount - whole * each.percent / 100) <= Decimal("0.01") for each in all_three)


def test_no_cent_is_left_over_where_every_share_is_rounded() -> None:
    facts = Facts(claim_type="goodwill", goodwill_maker=Decimal(50), goodwill_dealer=Decimal(30))
    shares = shares_of(facts, Decimal("0.05"))
    assert shares is not None
    assert [each.amount for each in (shares.maker, shares.dealer, shares.customer)] == [
        Decimal("0.03"),
        Decimal("0.01"),
        Decimal("0.01"),
    ]


def test_a_claim_that_is_no_goodwill_has_no_shares() -> None:
    assert shares_of(Facts(goodwill_maker=Decimal(50), goodwill_dealer=Decimal(50)), Decimal(1)) is None
    assert shares_of(Facts(claim_type="goodwill", goodwill_maker=Decimal(50)), Decimal(1)) is None


def test_two_shares_may_be_the_whole_but_not_more(known: Known) -> None:
    rule = RULES["shares_within_hundred"]
    assert rule.holds(Facts(goodwill_maker=Decimal(70), goodwill_dealer=Decimal(30)), known)
    assert not rule.holds(Facts(goodwill_maker=Decimal(70), goodwill_dealer=Decimal("30.01")), known)


@given(st.lists(st.decimals(0, 10_000, places=2), max_size=8), PERCENT)
def test_what_the_maker_is_asked_for_by_line_is_its_share_of_the_whole_to_the_cent(
    approved: list[Decimal], maker: Decimal
) -> None:
    facts = Facts(claim_type="goodwill", goodwill_maker=maker, goodwill_dealer=Decimal(0))
    asked, shares = asked_of_maker(facts, approved), shares_of(facts, sum(approved, Decimal(0)))
    assert shares is not None
    assert sum(asked, Decimal(0)) == shares.maker.amount
    assert all(0 <= share <= amount for share, amount in zip(asked, approved, strict=True))


def test_of_any_other_claim_the_maker_is_asked_for_all_of_it() -> None:
    assert asked_of_maker(Facts(goodwill_maker=Decimal(50)), [Decimal(3)]) == (Decimal(3),)
