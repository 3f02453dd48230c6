"""All claims counted anew, once, when the rules, the calendars or the library's holidays are others than before.

A mark in the database says by which of them the last days were counted. Whichever process sees that it differs does the
work, a few claims a turn; if it dies, another begins again, and what was done is not done twice.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import structlog

from claimbot.assistant.house import House
from claimbot.assistant.recounting import recount, tell_shifts
from claimbot.assistant.reminders import as_the_sheet_says
from claimbot.store import Database, Tx, claims, clocks

log = structlog.get_logger("claimbot.assistant")

_MARK = "counted_by"
_AT_A_TIME = 20
"""So many claims in one turn: other people's turns wait for no more than that."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """How many claims were counted anew, and how many last days moved."""

    claims: int
    moved: int


def counted_by(house: House) -> str:
    """What all last days hang on: the office's rules and calendars, and the library's holidays."""
    return f"{house.office.rules_print} {house.office.calendars_print} {version('holidays')}"


async def count_all_anew(database: Database, house: House, now: Callable[[], dt.datetime]) -> Recounted | None:
    """None when nothing is to be done, or another process is at it."""
    wanted = counted_by(house)
    if not await database.turn(lambda tx: clocks.claim_mark(tx, _MARK, wanted, now())):
        return None
    after, counted, moved = 0, 0, 0
    while some := await database.turn(partial(_next, house=house, after=after, now=now())):
        after, counted, moved = some.last, counted + some.claims, moved + some.moved
    await database.turn(lambda tx: clocks.set_mark(tx, _MARK, wanted))
    log.info("claims.recounted", claims=counted, moved=moved)
    return Recounted(counted, moved)


@dataclass(frozen=True, slots=True)
class _Some(Recounted):
    """A few claims counted anew; `last`: the id up to which all are."""

    last: int


def _next(tx: Tx, house: House, after: int, now: dt.datetime) -> _Some | None:
    """Counts the next few; None when none are left."""
    open_states = tuple(name for name, state in house.office.life.states.items() if state.open)
    claim_ids = clocks.claims_with_limits(tx, open_states, after=after, limit=_AT_A_TIME)
    moved = 0
    for claim_id in claim_ids:
        claim = claims.lock_claim(tx, claim_id)
        as_the_sheet_says(tx, house, claim, now)
        shifts = recount(tx, house, claim, now)
        tell_shifts(tx, claim, shifts, now)
        moved += len(shifts)
    clocks.renew_mark(tx, _MARK, now)
    return _Some(len(claim_ids), moved, claim_ids[-1]) if claim_ids else None
