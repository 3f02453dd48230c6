"""Goodwill: who bears how much of a claim, to the cent and without a cent left over."""

from dataclasses import dataclass
from decimal import Decimal

from claimbot.claims.facts import Facts
from claimbot.claims.lines import cents


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole in percent, and what that comes to."""

    percent: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Shares:
    """The three shares of a claim: they come to a hundred percent, and to its total."""

    maker: Share
    dealer: Share
    customer: Share


def shares_of(facts: Facts, whole: Decimal) -> Shares | None:
    """Of what is claimed, or of what is approved of it, as a `whole`.

    None for a claim that is not goodwill, or whose shares are not said. The customer bears what the two leave.
    """
    maker, dealer = facts.goodwill_maker, facts.goodwill_dealer
    if facts.claim_type != "goodwill" or maker is None or dealer is None:
        return None
    first = cents(whole * maker / 100)
    second = cents(whole * (maker + dealer) / 100)  # rounded together, so that no rest is ever below nothing
    return Shares(Share(maker, first), Share(dealer, second - first), Share(100 - maker - dealer, whole - second))
