"""What a card tells of a claim since it went to the maker: how often, what was answered, and how the money stands."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from claimbot.assistant.house import House
from claimbot.claims.facts import Known
from claimbot.claims.words import Html, Lang, Money, Words
from claimbot.flow.kinds.asking import Around
from claimbot.flow.kinds.maker import answer_words
from claimbot.store import Tx, answers, claims, payments, people
from claimbot.store.answers import MakerAnswer
from claimbot.store.claims import Claim

_MOST_LINES = 12
_REASONS = {
    "appeal": ("warranty.appeal", "appeal_reason"),
    "explain": ("warranty.explain", "short_reason"),
    "write_off": ("warranty.write_off", "write_off_reason"),
}
"""The moves that were given a reason, and the question that asked for it."""


def at_the_maker(tx: Tx, house: House, claim: Claim, lang: Lang, now: dt.datetime) -> Iterator[Html]:
    """Nothing as long as it has not left."""
    sent = answers.submissions(tx, claim.id)
    if not sent:
        return
    site = people.site(tx, claim.site_id)
    known = Known(today=now.date(), now=now, maker=site.maker, currency=claim.currency, zone=site.zone)
    around = Around(house.office, known, lang)
    yield house.words(
        "card_submitted", lang, {"count": len(sent), "at": sent[-1].astimezone(ZoneInfo(site.zone)).date()}
    )
    found = answers.answers_to(tx, claim.id)
    for each in found:
        yield _answer_line(house, claim, each, lang)
    if found:
        told = [each for each in found[-1].lines if each.answer != "approved"]
        for given in told[:_MOST_LINES]:
            yield Html(f"   {given.number}. {answer_words(around, given)}")
    yield _money_line(tx, house, claim, lang, today=now.astimezone(ZoneInfo(site.zone)).date())
    for move in _REASONS:
        reason = claims.last_reason(tx, claim.id, move)
        if reason:
            values = {"what": house.office.life.moves[move].words, "reason": said_reason(house, move, reason)}
            yield house.words("card_said", lang, values)


def said_reason(house: House, move: str, reason: str) -> Words | str:
    """A listed reason in both languages, else as it was written."""
    flow, step = _REASONS[move]
    held = house.office.flows.get(flow)
    listed = None if held is None else getattr(held.steps.get(step), "choices", {}).get(reason)
    return listed if isinstance(listed, Words) else reason


def _answer_line(house: House, claim: Claim, answer: MakerAnswer, lang: Lang) -> Html:
    values = {
        "submission": answer.submission,
        "day": answer.answered_on,
        "outcome": house.office.words[f"maker_outcome_{answer.outcome}"],
        "allowed": Money(amount=answer.allowed, currency=claim.currency),
        "asked": Money(amount=answer.asked, currency=claim.currency),
    }
    return house.words("card_maker_answer", lang, values)


def _money_line(tx: Tx, house: House, claim: Claim, lang: Lang, *, today: dt.date) -> Html:
    money = payments.money_of(tx, claim.id)
    missing = money.expected - money.paid
    terms = house.office.makers[people.site(tx, claim.site_id).maker]

    def shown(amount: Decimal) -> Money:
        return Money(amount=amount, currency=claim.currency)

    approved = Words(en="–", zh="–") if money.promised is None else shown(money.promised)
    values = {"asked": shown(money.asked), "approved": approved, "paid": shown(money.paid), "missing": shown(missing)}
    is_missing = money.paid > 0 and missing > terms.tolerance_on(today, claim.currency)
    return house.words("card_money_missing" if is_missing else "card_money", lang, values)
