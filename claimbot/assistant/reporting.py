"""Figures that were asked for, or come by themselves on a month's first working day: from the wish to the answer.

A wish is a row (`store.reports`), so that it survives a restart. It is taken with a lease, made of a snapshot beside
the turns, and answered in the turn that ends it: once. A monthly report is a row whose hour has not come; when one has
gone out, the next is written, and after a downtime only the latest month is told.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from claimbot.assistant.doing import Doing
from claimbot.assistant.figures import Asked, Told, as_chart, as_text, count, write_tables
from claimbot.assistant.house import House, Reply
from claimbot.assistant.letters import Data, Letter, post
from claimbot.assistant.presence import may_hear_at
from claimbot.assistant.timekeeping import office_calendar
from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.figures import PERIOD_NAMES, Period, month_of, period_named, read_period
from claimbot.claims.life import Role
from claimbot.claims.words import Html
from claimbot.errors import Refusal
from claimbot.store import Tx, clocks, people, reports
from claimbot.store.messages import DIGEST, USUAL
from claimbot.store.people import Person, Site
from claimbot.store.reports import Report

_ASKED: Final = ("text", "chart", "sheet")
READERS: Final[tuple[Role, ...]] = ("clerk", "supervisor")
"""Who may see their own sites' figures."""
_HEADS: Final[tuple[Role, ...]] = ("supervisor",)
MOST_ATTEMPTS: Final = 3
_LARGEST: Final = 49_000_000
"""Bytes; Telegram takes files of 50 MB from a bot."""
_DAY: Final = dt.timedelta(days=1)


class Interrupted(Exception):  # noqa: N818  not a mistake: the bot is to stop, and goes on with it at its next start
    """Broken off, to be taken up again."""


# the wish


def ask_figures(doing: Doing, said: str) -> None:
    """`/stats`: of this month, or of the period that was typed."""
    period = read_period(said or "month", _today(doing))
    if period is None:
        raise Refusal("figures_period_wanted")
    _ask(doing, "text", period)


def tap_figures(doing: Doing, wants: str, named: str) -> bool:
    """A button under figures; whether it is one of ours."""
    period = read_period(named, _today(doing))
    if wants not in _ASKED or period is None:
        return False
    _ask(doing, wants, period)
    return True


def _today(doing: Doing) -> dt.date:
    sites = doing.person.site_ids
    zone = people.site(doing.tx, sites[0]).zone if sites else "UTC"
    return doing.now.astimezone(ZoneInfo(zone)).date()


def _ask(doing: Doing, wants: str, period: Period) -> None:
    if not _sites_of(doing.person):
        raise Refusal("not_yours")
    if reports.under_way(doing.tx, doing.person.id, wants):
        doing.reply.toast = doing.house.label("figures_under_way", doing.lang)
        doing.say("figures_under_way")
        return
    if wants != "text":
        doing.say(f"figures_being_{wants}")
    values = {"person_id": doing.person.id, "wants": wants, "due_at": doing.now, "asked_at": doing.now}
    reports.add_report(doing.tx, {**values, "begins_on": period.begins_on, "ends_on": period.ends_on})
    doing.reply.wakes = True


def _sites_of(person: Person) -> tuple[int, ...]:
    return tuple(sorted({site for site, role in person.roles if role in READERS}))


# what comes by itself


def write_next(tx: Tx, house: House, person: Person, site: Site, now: dt.datetime) -> None:
    """The row of the next monthly report, for a supervisor of the site; once."""
    if not any(person.has(role, site.id) for role in _HEADS):
        return
    calendar = office_calendar(house, site)
    first = calendar.day_of(now).replace(day=1)
    if _hour_of(calendar, site, first) <= now:
        first = (first + 31 * _DAY).replace(day=1)
    key = f"monthly:{person.id}:{site.id}:{first:%Y-%m}"
    if reports.is_written(tx, key):
        return
    values = {"person_id": person.id, "site_id": site.id, "wants": "monthly", "asked_at": now}
    reports.add_report(tx, {**values, "due_at": _hour_of(calendar, site, first), "dedupe_key": key})


def write_all(tx: Tx, house: House, now: dt.datetime, site: Site | None = None) -> None:
    """Every supervisor's next one, where it is not written yet; of one site after its hour was changed, anew."""
    if site is not None:
        reports.drop_monthly(tx, site.id)
    for each in people.all_sites(tx) if site is None else (site,):
        for person in people.staff_of(tx, each.id, _HEADS):
            write_next(tx, house, person, each, now)


def _hour_of(calendar: OfficeCalendar, site: Site, first: dt.date) -> dt.datetime:
    """When the report comes on the first working day of the month that begins then."""
    return calendar.at(calendar.first_working_day(first), dt.time.fromisoformat(site.digest_at))


def _month_told(calendar: OfficeCalendar, site: Site, now: dt.datetime) -> Period:
    """The month before the latest whose first working day's hour has come."""
    first = calendar.day_of(now).replace(day=1)
    if _hour_of(calendar, site, first) > now:
        first = (first - _DAY).replace(day=1)
    return month_of(first - _DAY)


# from the wish to the answer


@dataclass(frozen=True, slots=True)
class Order:
    """A wish that is to be fulfilled now: for whom, and of what."""

    report: Report
    person: Person
    asked: Asked
    today: dt.date


def take(tx: Tx, house: House, now: dt.datetime) -> Order | None:
    """The next wish whose hour has come. What has lost its reason is over, what may not be said now waits."""
    while (report := reports.take_report(tx, now)) is not None:
        person = people.person(tx, report.person_id)
        monthly = report.wants == "monthly"
        period = _monthly(tx, house, report, person, now) if monthly else Period(report.begins_on, report.ends_on)
        site_ids = (report.site_id,) if report.site_id is not None else _sites_of(person)
        if not site_ids:
            reports.end_report(tx, report, "dropped", "left")
        elif period is not None:
            zone = ZoneInfo(people.site(tx, site_ids[0]).zone)
            return Order(report, person, Asked(person.language, site_ids, period, now), now.astimezone(zone).date())
    return None


def _monthly(tx: Tx, house: House, report: Report, person: Person, now: dt.datetime) -> Period | None:
    """The month that is told now; None when it is not to be told, or not yet."""
    site = people.site(tx, report.site_id or 0)
    calendar = office_calendar(house, site)
    if person.blocked or not any(person.has(role, site.id) for role in _HEADS):
        reports.end_report(tx, report, "dropped", "blocked" if person.blocked else "left")
        write_next(tx, house, person, site, now)
        return None
    absence = clocks.absence_on(tx, person.id, calendar.day_of(now))
    if absence is not None:
        back = calendar.first_working_day(absence.ends_on + _DAY)
        reports.put_off_report(tx, report, calendar.at(back, dt.time.fromisoformat(site.digest_at)), "away")
        return None
    allowed_at = may_hear_at(person, site, now)
    if allowed_at > now:
        reports.put_off_report(tx, report, allowed_at, "quiet hours")
        return None
    return _month_told(calendar, site, now)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a wish: words, a picture, a table."""

    html: Html
    chart: bytes | None = None
    tables: bytes | None = None


def make(tx: Tx, house: House, order: Order, folder: Path, go_on: Callable[[], None]) -> Made:
    """Takes long, and only reads. `folder`: where a file may grow. `go_on` may raise `Interrupted`."""
    if order.report.wants == "sheet":
        path = folder / "figures.xlsx"
        told = write_tables(tx, house, order.asked, path, go_on)
        return Made(_titled(house, "figures_sheet_done", told), None, path.read_bytes())
    told = count(tx, house, order.asked, lambda *_: go_on())
    if order.report.wants == "text":
        return Made(as_text(told))
    chart = as_chart(told)
    if order.report.wants == "chart":
        return Made(_titled(house, "figures_chart_done", told), chart)
    return Made(Html(f"{_titled(house, 'figures_monthly', told)}\n\n{as_text(told)}"), chart)


def _titled(house: House, phrase: str, told: Told) -> Html:
    return house.words(phrase, told.asked.lang, {"period": told.period, "sites": told.where})


def finish(tx: Tx, house: House, order: Order, made: Made, now: dt.datetime) -> Reply:
    """The answer, and the end of the wish; nothing where somebody else has ended it meanwhile."""
    reply, report = Reply(), order.report
    if not reports.end_report(tx, report, "done"):
        return reply
    rows = _buttons(house, order)
    urgency = DIGEST if report.wants == "monthly" else USUAL
    letters: list[Letter] = []
    if made.tables is not None:
        if len(made.tables) > _LARGEST:
            letters = [Letter(house.words("figures_too_large", order.asked.lang), rows)]
        else:
            letters = [Letter(made.html, file=(_sha(made.tables), _file_name(order.asked.period)))]
    elif report.wants == "chart" and made.chart is not None:
        letters = [Letter(made.html, pictures=(_sha(made.chart),))]
    else:
        pictures = () if made.chart is None else (_sha(made.chart),)
        letters = [Letter(Html(), pictures=pictures)] if pictures else []
        letters.append(Letter(made.html, rows))
    for letter in letters:
        post(tx, reply, order.person, letter, now, urgency=urgency)
    _write_following(tx, house, order, now)
    return reply


def failed(tx: Tx, house: House, order: Order, now: dt.datetime) -> Reply:
    """A bug of ours: once more in a minute, and after some times the person is told that nothing comes."""
    reply, report = Reply(), order.report
    if report.attempts < MOST_ATTEMPTS:
        reports.put_off_report(tx, report, now + dt.timedelta(minutes=1), "a bug of ours")
    elif reports.end_report(tx, report, "failed", "a bug of ours"):
        post(tx, reply, order.person, Letter(house.words("figures_failed", order.asked.lang)), now)
        _write_following(tx, house, order, now)
    return reply


def _write_following(tx: Tx, house: House, order: Order, now: dt.datetime) -> None:
    if order.report.wants == "monthly":
        write_next(tx, house, order.person, people.site(tx, order.report.site_id or 0), now)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _file_name(period: Period) -> str:
    days = "" if period.begins_on is None else f"-{period.begins_on}-{period.ends_on}"
    return f"claims{days}.xlsx"


def _written(period: Period) -> str:
    """As a button holds it, and `read_period` reads it."""
    if period.begins_on is None or period.ends_on is None:
        return "all"
    return f"{period.begins_on:%Y%m%d}-{period.ends_on:%Y%m%d}"


def _buttons(house: House, order: Order) -> Data:
    """The same as a picture and as tables; below, other stretches of time."""
    lang, period = order.asked.lang, order.asked.period
    today = order.today
    same = tuple(
        (house.label(f"figures_{wants}", lang), f"st:{wants}:{_written(period)}") for wants in ("chart", "sheet")
    )
    others = [
        (house.label(f"period_{name}", lang), f"st:text:{_written(period_named(name, today))}")
        for name in PERIOD_NAMES
        if period_named(name, today) != period
    ]
    return (same, tuple(others[:3]), tuple(others[3:]))
