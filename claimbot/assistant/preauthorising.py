"""The clock of a pre-authorisation: it runs to the last day on which the maker still takes the claim by it."""

import datetime as dt

from claimbot.assistant.house import House
from claimbot.assistant.reminders import start
from claimbot.assistant.timekeeping import office_calendar
from claimbot.claims.clocks import Running, set_by_hand
from claimbot.store import Tx, clocks, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import PREAUTH

_RULE = "expiry"


def begin_expiry(tx: Tx, house: House, claim: Claim, person_id: int, now: dt.datetime) -> None:
    """In place of the one that ran: a pre-authorisation that is asked for anew, or refused, runs out no more."""
    for clock in clocks.running_clocks(tx, claim.id):
        if clock.form == PREAUTH:
            clocks.stop_clock(tx, clock.id, "void")
    until = claim.facts.preauth_until
    if claim.facts.preauth_state != "granted" or until is None:
        return
    calendar = office_calendar(house, people.site(tx, claim.site_id))
    ladder = house.office.ladders.ladders["preauthorisation"]
    running = Running(ladder, house.office.clocks.morning, now, set_by_hand(until, calendar).due_at, calendar)
    number = claim.facts.preauth_number
    start(
        tx,
        claim,
        running,
        {"form": PREAUTH, "rule": _RULE, "words": number, "person_id": person_id, "due_on": until},
        now,
    )
