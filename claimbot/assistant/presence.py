"""Who is there: who is away until when and who acts for them, whom a message would reach instead, and at what hour."""

import datetime as dt
from zoneinfo import ZoneInfo

from claimbot.claims.calendar import quiet_until
from claimbot.store import Tx, clocks, people
from claimbot.store.claims import Claim
from claimbot.store.people import Person, Site


def today_at(tx: Tx, site_id: int, now: dt.datetime) -> dt.date:
    return now.astimezone(ZoneInfo(people.site(tx, site_id).zone)).date()


def works_at(person: Person, claim: Claim) -> bool:
    """Whether the claim is still theirs to care for: somebody who left has no role at its site any more."""
    return any(site == claim.site_id for site, _ in person.roles)


def may_hear_at(person: Person, site: Site, at: dt.datetime) -> dt.datetime:
    """That instant, or the end of the quiet hours that the person has then by the site's clock."""
    begins, ends = dt.time.fromisoformat(person.quiet_from), dt.time.fromisoformat(person.quiet_until)
    return quiet_until(at, begins, ends, site.zone)


def is_away(tx: Tx, person: Person, day: dt.date) -> bool:
    return clocks.absence_on(tx, person.id, day) is not None


def stand_in(tx: Tx, person: Person, claim: Claim, now: dt.datetime) -> Person | None:
    """The person, or who acts for them while they are away, and so on; None where nobody of them can be reached."""
    day = today_at(tx, claim.site_id, now)
    seen: set[int] = set()
    while person.id not in seen:
        seen.add(person.id)
        absence = clocks.absence_on(tx, person.id, day)
        if absence is None:
            return None if person.blocked or not works_at(person, claim) else person
        if absence.deputy_id is None:
            return None
        person = people.person(tx, absence.deputy_id)
    return None
