"""The command line of clocks and calendars: what a rule's owner asks without a chat.

`clocks explain` counts every clock of a form for events that are made up on the spot; it reads no database and keeps
nothing. `clocks replay` counts the claims of the database by a changed file, and keeps nothing either. `calendar
import` takes a year's announced holidays into the office's files, or leaves them as they were.
"""

import argparse
import asyncio
import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import orjson
from pydantic import ValidationError

from claimbot.assistant.house import House
from claimbot.assistant.timekeeping import timetable
from claimbot.claims.calendar import OfficeCalendar, calendar_of
from claimbot.claims.clocks import (
    STANDINGS,
    Change,
    ClockChange,
    CountingRule,
    Form,
    FormClock,
    Moment,
    Reckoning,
    Recorded,
    Whose,
    changes,
    clocks_of,
)
from claimbot.claims.dates import instant_at
from claimbot.claims.words import Lang, Words
from claimbot.errors import SettingsError
from claimbot.flow.office import Office, check_folder, load_office, read_form
from claimbot.settings import Settings
from claimbot.store import Database, Tx, claims

_TYPED: Final = "typed with --set"
_COUNTRY: Final = "CN"
"""The calendar of a form that names none, as for a new site."""
_LENGTH: Final = re.compile(r"(\d{1,5})\s*([a-z_ ]*)")
_UNITS: Final[Mapping[str, str]] = {
    "": "", "h": "hours", "hour": "hours", "hours": "hours", "d": "days", "day": "days", "days": "days",
    "calendar days": "days", "wd": "working_days", "working day": "working_days", "working days": "working_days",
    "working_days": "working_days", "w": "weeks", "week": "weeks", "weeks": "weeks", "m": "months",
    "month": "months", "months": "months", "repair_days": "repair_days",
}  # fmt: skip
_FIELDS: Final = ("length", "unit", "include_first", "roll", "cutoff")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained: a form, the events as typed, and whose zone, country and conditions hold."""

    form: str
    events: tuple[str, ...]
    zone: str | None = None
    country: str | None = None
    changes: tuple[str, ...] = ()
    whose: Whose = field(default_factory=Whose)


def add_commands(does: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`claimbot clocks …` and `claimbot calendar …`."""
    clocks = does.add_parser("clocks", help="dates and how they are counted")
    commands = clocks.add_subparsers(required=True, metavar="COMMAND")
    explain = _command(
        commands,
        "explain",
        _explain,
        "every clock of a form, statute or maker, with its count written out",
    )
    explain.add_argument("form", metavar="FORM", help="the file's name: fidic-2017, sanbao-2021, example …")
    explain.add_argument("--event", action="append", default=[], metavar="NAME=WHEN", help="aware=2026-09-03")
    explain.add_argument("--zone", help="where it is counted: Asia/Shanghai")
    explain.add_argument("--country", help="whose public holidays count: CN, GB, DE-BY")
    explain.add_argument("--set", action="append", default=[], metavar="CLAUSE=VALUE", dest="changes")
    explain.add_argument("--contract", help="whose `overrides` of the file hold")
    explain.add_argument("--site", help="a site's code: its overrides and its own closed days")
    explain.add_argument("--maker", help="a maker's name: its overrides")
    explain.add_argument("--lang", choices=("en", "zh"), default="en")
    explain.add_argument("--json", action="store_true")
    replay = _command(
        commands, "replay", _replay, "which last days of the claims in the database a changed rule file would move"
    )
    replay.add_argument("file", type=Path, metavar="RULEFILE", help="a form, statute or maker's file, changed")
    replay.add_argument("--lang", choices=("en", "zh"), default="en")
    replay.add_argument("--json", action="store_true")
    calendar = does.add_parser("calendar", help="public holidays").add_subparsers(required=True, metavar="COMMAND")
    take_in = _command(calendar, "import", _import, "a year's announced holidays (YAML, or JSON of holiday-cn)")
    take_in.add_argument("file", type=Path)


def _command(
    does: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    function: Callable[[argparse.Namespace, Settings], int],
    words: str,
) -> argparse.ArgumentParser:
    command = does.add_parser(name, help=words, description=words)
    command.set_defaults(does=function)
    return command


# explain


def _explain(arguments: argparse.Namespace, settings: Settings) -> int:
    question = Question(
        form=arguments.form,
        events=tuple(arguments.event),
        zone=arguments.zone,
        country=arguments.country,
        changes=tuple(arguments.changes),
        whose=Whose(arguments.contract, arguments.site, arguments.maker),
    )
    reckoning, calendar = explained(load_office(settings.flows), question)
    lang: Lang = arguments.lang
    for problem in reckoning.problems:
        sys.stderr.write(f"{problem.event}: {problem.what.to(lang)}; {problem.mend.to(lang)}\n")
    if reckoning.problems:
        return 1
    if arguments.json:
        rows = [as_row(clock, calendar, lang) for clock in reckoning.clocks]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return 0
    head = {
        "en": f"counted in {calendar.zone}, holidays of {calendar.country}",
        "zh": f"按 {calendar.zone} 时区和 {calendar.country} 日历计算",
    }
    sys.stdout.write(
        f"{head[lang]}\n\n" + "\n\n".join(as_text(clock, calendar, lang) for clock in reckoning.clocks) + "\n"
    )
    return 0


def explained(office: Office, question: Question) -> tuple[Reckoning, OfficeCalendar]:
    """All clocks of the form for these events, and the calendar that counted. Raises SettingsError for a slip."""
    forms = office.forms
    name = question.form.removesuffix(".yaml")
    if name not in forms:
        raise SettingsError(f"there is no form {name}; known: {', '.join(sorted(forms))}.")
    form = forms[name]
    zone = question.zone or form.zone or "UTC"
    if zone not in available_timezones():
        raise SettingsError(f"--zone: there is no zone {zone}; one looks like Asia/Shanghai.")
    country = (question.country or form.country or _COUNTRY).upper()
    try:
        calendar = calendar_of(
            office.calendars,
            question.whose.site or "",
            zone=zone,
            country=country,
            opens=dt.time(8, 30),
            closes=dt.time(17, 30),
        )
    except ValueError as error:
        raise SettingsError(f"--country: {error}; use a code like CN, GB or DE-BY.") from error
    recorded = tuple(_recorded(typed, zone) for typed in question.events)
    whose = replace(question.whose, contract=question.whose.contract or _TYPED)
    for change in question.changes:
        form = _with_change(form, change, str(whose.contract))
    return clocks_of(form, office.counting, recorded, calendar, whose=whose), calendar


def as_row(clock: FormClock, calendar: OfficeCalendar, lang: Lang) -> dict[str, object]:
    """One clock for another program; a clock that does not run yet has no due date."""
    due = clock.due
    return {
        "clock": clock.key,
        "title": clock.rule.title.to(lang),
        "basis": clock.basis.to(lang),
        "standing": clock.standing,
        "due_at": None if due is None else due.due_at.astimezone(calendar.where).isoformat(),
        "due_on": None if due is None else due.due_on.isoformat(),
        "provisional": due is not None and due.provisional,
        "sum": clock.sum.to(lang),
        "on_miss": clock.rule.on_miss.to(lang),
        "note": None if clock.rule.note is None else clock.rule.note.to(lang),
        "source": clock.rule.source.to(lang),
        "grade": clock.rule.grade,
    }


def as_text(clock: FormClock, calendar: OfficeCalendar, lang: Lang) -> str:
    """One clock for a person."""
    due = clock.due
    when = "–" if due is None else f"{due.due_at.astimezone(calendar.where):%Y-%m-%d %H:%M}"
    missed = {"en": "if missed", "zh": "逾期"}[lang]
    lines = [f"{clock.key}  {when}  {clock.rule.title.to(lang)} [{STANDINGS[clock.standing].to(lang)}]"]
    lines.append(f"  {clock.basis.to(lang)} ({clock.rule.grade})")
    lines.append(f"  {clock.sum.to(lang)}")
    if clock.rule.note is not None:
        lines.append(f"  {clock.rule.note.to(lang)}")
    lines.append(f"  {missed}: {clock.rule.on_miss.to(lang)}")
    return "\n".join(lines)


def _recorded(typed: str, zone: str) -> Recorded:
    name, sign, when = typed.partition("=")
    if not (name.strip() and sign):
        raise SettingsError(f"--event {typed}: write it as aware=2026-09-03.")
    return Recorded(name.strip(), _moment(when.strip(), typed, zone))


def _moment(when: str, typed: str, zone: str) -> Moment:
    """A day, or an instant; without an offset it is the zone's wall clock."""
    try:
        if len(when) <= 10:
            return dt.date.fromisoformat(when)
        instant = dt.datetime.fromisoformat(when)
    except ValueError as error:
        raise SettingsError(f"--event {typed}: {when} is no day (2026-09-03) or instant (2026-09-03T10:00).") from error
    if instant.tzinfo is not None:
        return instant.astimezone(dt.UTC)
    return instant_at(instant.date(), instant.time(), ZoneInfo(zone))


def _with_change(form: Form, typed: str, contract: str) -> Form:
    """The form with one clause as particular conditions have it."""
    clause, sign, value = typed.partition("=")
    if not (clause.strip() and sign and value.strip()):
        raise SettingsError(f"--set {typed}: write it as 20.2.1=21 or 20.2.1.roll=next_working_day.")
    clause, field, rules = clause.strip(), "length", _rules_named(form, clause.strip())
    if not rules:
        clause, _, field = clause.rpartition(".")
        rules = _rules_named(form, clause)
    names = list(dict.fromkeys(rule.name for rule in rules))
    if not names or field not in _FIELDS:
        known = ", ".join(f"{rule.basis.place.en} ({rule.name})" for rule in form.clocks)
        raise SettingsError(
            f"--set {typed}: no such clause; known: {known}; or one of these with .{', .'.join(_FIELDS)}."
        )
    if len(names) > 1:
        raise SettingsError(f"--set {typed}: {clause} has several clocks; name one: {', '.join(names)}.")
    try:
        change = Change.model_validate(
            {
                "contract": contract,
                "source": Words(en="particular conditions", zh="专用条件"),
                **_said(field, value, typed),
            }
        )
    except ValidationError as error:
        wrong = "; ".join(each["msg"] for each in error.errors())
        raise SettingsError(f"--set {typed}: {wrong}.") from error
    return form.model_copy(update={"clocks": tuple(_also(each, change, names[0]) for each in form.clocks)})


def _rules_named(form: Form, clause: str) -> list[CountingRule]:
    """By its name or by its article, with or without “art.”."""
    return [
        rule
        for rule in form.clocks
        if clause in {rule.name, rule.basis.place.en, rule.basis.place.zh, rule.basis.place.en.removeprefix("art. ")}
    ]


def _also(rule: CountingRule, change: Change, name: str) -> CountingRule:
    return rule.model_copy(update={"overrides": (*rule.overrides, change)}) if rule.name == name else rule


def _said(field: str, value: str, typed: str) -> dict[str, object]:
    found = _LENGTH.fullmatch(value.strip().lower())
    if field != "length":
        return {field: value.strip()}
    if found is None or found[2].strip() not in _UNITS:
        raise SettingsError(f"--set {typed}: a length looks like 21, 21 days, 10 working days, 8 weeks or 2 months.")
    unit = _UNITS[found[2].strip()]
    return {"length": int(found[1]), **({"unit": unit} if unit else {})}


# replay


@dataclass(frozen=True, slots=True)
class Moving:
    """A last day that would be another one: of which claim and clock, as it is and as it would be."""

    claim: str
    clock: str
    title: Words
    before: dt.date | None
    after: dt.date | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a changed rule file would move, and of how many claims that follow it."""

    moving: tuple[Moving, ...]
    claims: int


def replayed(tx: Tx, house: House, form: Form, now: dt.datetime) -> Replayed:
    """Every claim of the database counted by the file beside the office's own. Nothing is kept."""
    moving: list[Moving] = []
    after, looked_at = 0, 0
    while some := claims.reported(tx, after=after, limit=500):
        for claim in some:
            old = timetable(tx, house, claim, now)
            if form.form not in old.clocks:
                continue
            looked_at += 1
            new = timetable(tx, house, claim, now, instead=form)
            before, then = (Reckoning(each.clocks[form.form], ()) for each in (old, new))
            moving.extend(_moving(str(claim.number), each) for each in changes(before, then))
        after = some[-1].id
    return Replayed(tuple(moving), looked_at)


def _moving(claim: str, change: ClockChange) -> Moving:
    before, after = (
        (None if each is None or each.due is None else each.due.due_on) for each in (change.before, change.after)
    )
    clock = change.after or change.before
    title = Words(en=change.key, zh=change.key) if clock is None else clock.rule.title
    return Moving(claim, change.key, title, before, after)


def _replay(arguments: argparse.Namespace, settings: Settings) -> int:
    office = load_office(settings.flows)
    form = read_form(arguments.file, office)
    if form.form not in office.forms:
        raise SettingsError(
            f"{arguments.file.name}: no claim follows {form.form}; known: {', '.join(sorted(office.forms))}."
        )

    async def ask() -> Replayed:
        async with Database(settings.database) as database:
            return await database.turn(lambda tx: replayed(tx, House(office), form, dt.datetime.now(dt.UTC)))

    found = asyncio.run(ask())
    lang: Lang = arguments.lang
    if arguments.json:
        rows = [
            {
                "claim": each.claim,
                "clock": each.clock,
                "title": each.title.to(lang),
                "before": None if each.before is None else each.before.isoformat(),
                "after": None if each.after is None else each.after.isoformat(),
            }
            for each in found.moving
        ]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return 0
    for each in found.moving:
        sys.stdout.write(
            f"{each.claim}  {each.clock}  {each.before or '–'} → {each.after or '–'}  {each.title.to(lang)}\n"
        )
    sys.stdout.write(f"{len(found.moving)} date(s) would move, of {found.claims} claim(s) that follow {form.form}\n")
    return 0


# calendars


def _import(arguments: argparse.Namespace, settings: Settings) -> int:
    path = take_in(arguments.file, settings.flows)
    sys.stdout.write(
        f"taken in as {path.name}: dates of that year are no longer provisional;"
        " the bot counts all claims anew within a minute, or when it starts\n"
    )
    return 0


def take_in(file: Path, flows: Path) -> Path:
    """Puts an announcement among the office's calendars, in place of an earlier one of that year.

    Raises SettingsError when it cannot be read or is not sound; the office's files are then as they were.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file.name} cannot be read: {error}.") from error
    if text.lstrip().startswith("{") and file.suffix == ".json":
        country, year, text = _of_holiday_cn(file.name, text)
    else:
        country, year = _of_yaml(file.name, text)
    path = flows / "calendars" / f"{country}-{year}.yaml"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be written to the office's calendars: {error.strerror}.") from error
    problems = [each for each in check_folder(flows) if each.startswith(f"calendars/{path.name}:")]
    if problems:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
        raise SettingsError("\n".join(each.replace(f"calendars/{path.name}", file.name, 1) for each in problems))
    return path


def _of_yaml(name: str, text: str) -> tuple[str, int]:
    country = re.search(r"^country:\s*[\"']?([A-Z]{2}(?:-[A-Z0-9]{1,3})?)\b", text, re.MULTILINE)
    year = re.search(r"^year:\s*(\d{4})\b", text, re.MULTILINE)
    if country is None or year is None:
        raise SettingsError(f"{name}: `country: CN` and `year: 2027` are missing; see flows/calendars.yaml.")
    return country[1], int(year[1])


def _of_holiday_cn(name: str, text: str) -> tuple[str, int, str]:
    """China's yearly JSON (`year`, `papers`, `days` of `name`, `date`, `isOffDay`) as an announcement's file."""
    try:
        found = orjson.loads(text)
        holidays: dict[str, list[str]] = {}
        worked: list[str] = []
        for each in found["days"]:
            day = dt.date.fromisoformat(each["date"]).isoformat()
            if each["isOffDay"]:
                holidays.setdefault(str(each["name"]), []).append(day)
            else:
                worked.append(day)
        year, papers = int(found["year"]), [str(each) for each in found.get("papers", ())]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"{name}: this is not a year of holiday-cn ({error}).") from error
    if not holidays or not papers:
        raise SettingsError(f"{name}: {year} is not announced in it yet; nothing is taken in.")
    lines = [f"country: CN\nyear: {year}\nholidays:"]
    for said, days in holidays.items():
        names = json.dumps({"en": _EN.get(said, said), "zh": said}, ensure_ascii=False)
        lines.append(f"  - name: {names}\n    days: [{', '.join(days)}]")
    lines.append(f"working_days: [{', '.join(worked)}]")
    source = json.dumps(
        {"en": f"State Council: {papers[0]}", "zh": f"国务院办公厅通知：{papers[0]}"}, ensure_ascii=False
    )
    lines.append(f"source: {source}\n")
    return "CN", year, "\n".join(lines)


_EN: Final[Mapping[str, str]] = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labor Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "国庆节、中秋节": "National Day and Mid-Autumn Festival",
    "中秋节、国庆节": "Mid-Autumn Festival and National Day",
}
