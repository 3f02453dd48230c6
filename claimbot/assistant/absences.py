"""Being away: from one day to another, and who acts meanwhile; nothing lapses because somebody was on leave."""

import datetime as dt
from zoneinfo import ZoneInfo

from claimbot.assistant.doing import Doing
from claimbot.claims.dates import read_date
from claimbot.errors import Refusal
from claimbot.flow.kinds.asking import Answers, Choice
from claimbot.store import Tx, clocks, people
from claimbot.store.people import Person

NOBODY = "nobody"
_LONGEST = dt.timedelta(days=366)


def colleagues(tx: Tx, person: Person) -> tuple[Person, ...]:
    """Who may act for somebody: whoever has a role of theirs at a site of theirs."""
    found: dict[int, Person] = {}
    for site, role in sorted(person.roles):
        for each in people.holders(tx, site, role):
            if each.id != person.id:
                found.setdefault(each.id, each)
    return tuple(found.values())


def colleagues_offered(tx: Tx, person: Person) -> tuple[Choice, ...]:
    return tuple(Choice(str(each.id), each.name) for each in colleagues(tx, person))


def understood(doing: Doing, said: str) -> dict[str, str]:
    """What `/away 2026-10-01 2026-10-08 @deputy` tells of the three questions; what is not understood is asked."""
    today = _today(doing)
    found: dict[str, str] = {}
    for word in said.split():
        day = read_date(word, today)
        if word.startswith("@"):
            deputy = people.by_username(doing.tx, word[1:])
            if deputy is not None and deputy.id in {each.id for each in colleagues(doing.tx, doing.person)}:
                found["deputy"] = str(deputy.id)
        elif day is not None and "away_from" not in found:
            found["away_from"] = day.isoformat()
        elif day is not None:
            found["away_until"] = day.isoformat()
    return found


def go_away(doing: Doing, answers: Answers) -> None:
    begins, ends = (dt.date.fromisoformat(str(answers[name])) for name in ("away_from", "away_until"))
    if ends < begins:
        raise Refusal("away_turned", {"begins": begins, "ends": ends}, again="away_until")
    if ends < _today(doing) or ends - begins > _LONGEST:
        raise Refusal("away_when", {"begins": begins, "ends": ends}, again="away_from")
    chosen = str(answers["deputy"])
    deputy = next((each for each in colleagues(doing.tx, doing.person) if str(each.id) == chosen), None)
    if deputy is None and chosen != NOBODY:
        raise Refusal("away_deputy", again="deputy")
    deputy_id = None if deputy is None else deputy.id
    clocks.add_absence(doing.tx, doing.person.id, begins, ends, deputy_id, doing.now)
    values = {"begins": begins, "ends": ends, "deputy": "" if deputy is None else deputy.name}
    doing.say("away_set" if deputy is not None else "away_set_alone", values)
    if deputy is not None:
        doing.tell(deputy, "away_told", {**values, "name": doing.person.name})


def come_back(doing: Doing) -> None:
    """Whoever is away, or was to be, is not."""
    there = clocks.end_absences(doing.tx, doing.person.id, _today(doing))
    doing.say("away_over" if there else "away_not")


def show_absences(doing: Doing) -> None:
    for absence in clocks.absences_from(doing.tx, doing.person.id, _today(doing)):
        deputy = "–" if absence.deputy_id is None else people.person(doing.tx, absence.deputy_id).name
        doing.say("away_now", {"begins": absence.begins_on, "ends": absence.ends_on, "deputy": deputy})


def _today(doing: Doing) -> dt.date:
    sites = doing.person.site_ids
    zone = people.site(doing.tx, sites[0]).zone if sites else "UTC"
    return doing.now.astimezone(ZoneInfo(zone)).date()
