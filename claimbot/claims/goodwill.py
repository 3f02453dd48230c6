"""Goodwill: who bears how much of a claim, to the cent and without a cent left over."""

from collections.abc import Mapping, Sequence
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

    def by_bearer(self) -> Mapping[str, Share]:
        return {"maker": self.maker, "dealer": self.dealer, "customer": self.customer}


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


def asked_of_maker(facts: Facts, approved: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """What of each line the maker is asked for: all of it, for goodwill its share.

    What rounding takes from one line it gives to a later one: together they are the maker's share of the whole.
    """
    shares = shares_of(facts, sum(approved, Decimal(0)))
    if shares is None:
        return tuple(approved)
    asked: list[Decimal] = []
    before = Decimal(0)
    for amount in approved:
        after = before + amount
        asked.append(cents(after * shares.maker.percent / 100) - cents(before * shares.maker.percent / 100))
        before = after
    return tuple(asked)
