"""After a claim has left: the maker's answer by line, resubmission, appeal, and money that is given up.

What happened at the maker is noted with the day it happened, as events: the limits for the answer, for resubmission and
appeal, and the statute's, are counted from them. Nothing that was answered before is ever overwritten.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from claimbot.assistant.at_the_maker import said_reason
from claimbot.assistant.cards import claim_card
from claimbot.assistant.doing import Doing, clerks_of, move
from claimbot.assistant.knowing import deciders
from claimbot.assistant.letters import post
from claimbot.assistant.timekeeping import office_calendar
from claimbot.claims.maker import LineAnswer, Outcome, answer_problem, how_paid, outcome
from claimbot.claims.words import Html, Money
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Json
from claimbot.flow.kinds.maker import ASKED
from claimbot.store import Tx, answers, claims, clocks, payments, people
from claimbot.store.claims import Claim

_KNOWN: Final = "answers_known"
"""How many answers there were when a conversation about one began."""
_LEFT: Final = ("claim.sent", "resubmission.sent", "appeal.sent")
"""The events by which something of ours is with the maker."""


def asked_for(tx: Tx, claim: Claim) -> Answers:
    """What a conversation about the maker's answer begins with. Raises Refusal where nothing was asked of it."""
    asked = answers.asked_of(tx, claim.id)
    if not asked:
        raise Refusal("maker_nothing_asked", {"number": claim.number or ""})
    kept: list[Json] = [each.model_dump(mode="json") for each in asked]
    return {ASKED: kept, _KNOWN: answers.count_answers(tx, claim.id)}


def note_answer(doing: Doing, claim: Claim, told: Answers) -> None:
    """The answer to what is with the maker; raises Refusal where a colleague noted one meanwhile, or lines changed."""
    asked = answers.asked_of(doing.tx, claim.id)
    begun = told.get(ASKED)
    if told.get(_KNOWN) != answers.count_answers(doing.tx, claim.id) or begun != asked_for(doing.tx, claim)[ASKED]:
        raise Refusal("maker_answered_meanwhile", {"number": claim.number or ""})
    lines = told["maker_answer"]
    given = [LineAnswer.model_validate(each) for each in lines] if isinstance(lines, list) else []
    problem = answer_problem(asked, given)
    if problem is not None:
        raise Refusal("maker_answer_wrong", {"line": problem[0]})
    day = dt.date.fromisoformat(str(told["answered_on"]))
    _refuse_before_it_left(doing, claim, day, again="answered_on")
    made = outcome(given)
    _note_events(doing, claim, made, given, day)
    answers.add_answer(
        doing.tx, claim.id, asked, given, outcome=made, answered_on=day, person_id=doing.person.id, now=doing.now
    )
    payments.pay_lines(doing.tx, claim.id)
    detail = {"outcome": made, "on": day, "lines": [each.model_dump(mode="json") for each in given]}
    claims.write_entry(doing.tx, claim.id, "maker_answer", detail, person_id=doing.person.id, now=doing.now)
    claim = move(doing, claim, made)
    claim = settle(doing, claim) if made == "accept" and payments.money_of(doing.tx, claim.id).paid else claim
    _show(doing, claim, "maker_answer_noted")


def _show(doing: Doing, claim: Claim, phrase: str) -> None:
    """The card, with what was just done above it."""
    card = claim_card(doing.tx, doing.house, doing.person, claim, doing.now)
    done = doing.house.words(phrase, doing.lang, {"number": claim.number or ""})
    post(doing.tx, doing.reply, doing.person, replace(card, html=Html(f"{done}\n\n{card.html}")), doing.now)


def _refuse_before_it_left(doing: Doing, claim: Claim, day: dt.date, *, again: str) -> None:
    calendar = office_calendar(doing.house, people.site(doing.tx, claim.site_id))
    left = [
        each.at if not isinstance(each.at, dt.datetime) else calendar.day_of(each.at)
        for each in clocks.events_of(doing.tx, claim.id)
        if each.event in _LEFT
    ]
    if left and day < max(left):
        raise Refusal("maker_before_it_left", {"day": max(left)}, again=again)


def _note_events(doing: Doing, claim: Claim, made: Outcome, given: Sequence[LineAnswer], day: dt.date) -> None:
    sent = len(answers.submissions(doing.tx, claim.id))
    first = all(each.submission != sent for each in answers.answers_to(doing.tx, claim.id))
    events: list[str] = []
    if claim.state == "appealed":
        events.append("appeal.answered")
    elif first:
        events.append("claim.answered" if sent <= 1 else "resubmission.answered")
    if made == "accept":
        events.append("approval.received")
        events.extend(["cut.received"] if any(each.answer != "approved" for each in given) else [])
    else:
        events.append("rejection.received")
    for event in events:
        note_once(doing, claim, event, day)


def note_once(doing: Doing, claim: Claim, event: str, day: dt.date) -> None:
    """An event of that day; noted twice, it would be doubted."""
    if all((each.event, each.at) != (event, day) for each in clocks.events_of(doing.tx, claim.id)):
        clocks.add_event(doing.tx, claim.id, event, day, person_id=doing.person.id, now=doing.now)


def settle(doing: Doing, claim: Claim, reason: str | None = None) -> Claim:
    """Money has come: the claim is paid, short of it, or stays where it stands as the money settles nothing."""
    site = people.site(doing.tx, claim.site_id)
    today = office_calendar(doing.house, site).day_of(doing.now)
    money = payments.money_of(doing.tx, claim.id)
    tolerance = doing.house.office.makers[site.maker].tolerance_on(today, claim.currency)
    moves = doing.house.office.life.moves
    how = how_paid(money.expected, money.paid, tolerance)
    wanted = "underpay" if how == "short" else "settle"
    name = next((each for each in (wanted, "pay") if claim.state in moves[each].states), None)
    if name is None:
        return claim  # it was moved on since the note was booked; the money is there all the same
    if name == "settle":
        note_once(doing, claim, "claim.paid", today)
    return move(doing, claim, name, reason=reason)


def mend(doing: Doing, claim_id: int) -> None:
    """Back to the desk: what was approved of it, here or at the maker, has to be approved anew."""
    claim = move(doing, claims.lock_claim(doing.tx, claim_id), "mend")
    answers.forget_decisions(doing.tx, claim.id)
    _show(doing, claim, "mended")


def appeal(doing: Doing, claim: Claim, told: Answers) -> None:
    day = dt.date.fromisoformat(str(told["appealed_on"]))
    _refuse_before_it_left(doing, claim, day, again="appealed_on")
    note_once(doing, claim, "appeal.sent", day)
    claim = move(doing, claim, "appeal", reason=str(told["appeal_reason"]))
    doing.say("appeal_noted", {"number": claim.number or ""}, claim=claim)


def explain_short(doing: Doing, claim: Claim, told: Answers) -> None:
    """The clerk says why money stays away; whoever may give it up hears of it."""
    reason = str(told["short_reason"])
    claim = move(doing, claim, "explain", reason=reason)
    doing.say("short_explained", {"number": claim.number or ""}, claim=claim)
    for supervisor in deciders(doing.tx, claim, doing.person.id):
        values = {
            "number": claim.number or "",
            "name": doing.person.name,
            "reason": said_reason(doing.house, "explain", reason),
            **money_missing(doing.tx, claim),
        }
        doing.tell(supervisor, "short_explained_told", values, claim=claim, acts=True)


def money_missing(tx: Tx, claim: Claim) -> dict[str, Money]:
    """What the maker was asked for, what it paid, and what is missing: given up, where nobody asks for it any more."""
    money = payments.money_of(tx, claim.id)
    amounts = {"asked": money.asked, "paid": money.paid, "short": money.asked - money.paid}
    return {name: Money(amount=amount, currency=claim.currency) for name, amount in amounts.items()}


def write_off(doing: Doing, claim: Claim, told: Answers) -> None:
    reason, missing = str(told["write_off_reason"]), money_missing(doing.tx, claim)
    claim = move(doing, claim, "write_off", reason=reason)
    doing.say("written_off", {"number": claim.number or "", **missing}, claim=claim)
    values = {
        "number": claim.number or "",
        "name": doing.person.name,
        "reason": said_reason(doing.house, "write_off", reason),
        **missing,
    }
    for clerk in clerks_of(doing, claim):
        if clerk.id != doing.person.id:
            doing.tell(clerk, "written_off_told", values, claim=claim)


def insist(doing: Doing, claim_id: int) -> None:
    """A supervisor does not give the money up: the clerk goes on asking for it."""
    claim = move(doing, claims.lock_claim(doing.tx, claim_id), "insist")
    doing.say("insisted", {"number": claim.number or ""}, claim=claim)
    for clerk in clerks_of(doing, claim):
        if clerk.id != doing.person.id:
            doing.tell(clerk, "insisted_told", {"number": claim.number or "", "name": doing.person.name}, claim=claim)
