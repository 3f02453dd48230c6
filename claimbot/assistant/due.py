"""What is due, worst first, and why: each running clock with its rule, its count, and what happens when it is missed.

A clock without a deadline of its own is due when its first reminder comes: so long the office gives itself.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from claimbot.assistant.claim_buttons import act_buttons, clocks_button
from claimbot.assistant.flow_names import CONTRACT, EVENT, OWN_CLOCK
from claimbot.assistant.house import House
from claimbot.assistant.letters import Data, Letter, key
from claimbot.assistant.reminders import car_of, ending_buttons, snooze_buttons
from claimbot.assistant.timekeeping import Limit, Timetable, limit_of, office_calendar, timetable
from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks import SILENT, STANDINGS, FormClock, Recorded, days_to, event_words
from claimbot.claims.words import Html, Lang, Words, show
from claimbot.claims.words import days as in_days
from claimbot.errors import Refusal
from claimbot.store import Tx, claims, clocks, messages, people
from claimbot.store.claims import Claim
from claimbot.store.clocks import ASKED, OFFICE, OWN, PREAUTH, Clock
from claimbot.store.people import Person

_MOST = 20
_WEEK = 7
_MOST_LABEL = 36
GROUPS = ("due_overdue", "due_today", "due_week", "due_later")


@dataclass(frozen=True, slots=True)
class Due:
    """A clock that runs, and the instant that it runs to."""

    clock: Clock
    claim: Claim
    limit: Limit
    at: dt.datetime

    @property
    def calendar(self) -> OfficeCalendar:
        return self.limit.running.calendar

    def days(self, now: dt.datetime) -> int:
        return days_to(self.at, now, self.calendar)

    def group(self, now: dt.datetime) -> str:
        if self.at < now:
            return "due_overdue"
        days = self.days(now)
        return "due_today" if days == 0 else "due_week" if days <= _WEEK else "due_later"


def all_due(
    tx: Tx, house: House, site_ids: Sequence[int], *, person_id: int | None = None, until: dt.datetime | None = None
) -> tuple[Due, ...]:
    """What runs on claims of these sites, on this person's own, or for what they were asked, the worst first."""
    calendars = {site.id: office_calendar(house, site) for site in people.all_sites(tx)}
    found = clocks.clocks_at(tx, site_ids, person_id=person_id, until=until)
    due = (_due(house, clock, claim, calendars[claim.site_id]) for clock, claim in found)
    return tuple(sorted((each for each in due if each is not None), key=lambda each: each.at))


def _due(house: House, clock: Clock, claim: Claim, calendar: OfficeCalendar) -> Due | None:
    limit = limit_of(house, clock, calendar)
    if limit is None:
        return None
    first = None if clock.due_at is not None else limit.running.first()
    at = clock.due_at if first is None else first.at
    return None if at is None else Due(clock, claim, limit, at)


def _concerns(house: House, person: Person, claim: Claim) -> bool:
    """Their own drafts and questions; and at the desk whatever is no draft any more."""
    if claim.author_id == person.id and claim.state in {house.office.life.first, "asked"}:
        return True
    if claim.state == house.office.life.first:
        return False
    roles = house.office.life.states[claim.state].waits_for
    watches = any(person.has(role, claim.site_id) for role in ("supervisor", "administrator"))
    return watches or (person.has("clerk", claim.site_id) and roles != ("supervisor",))


def _was_asked(person: Person, clock: Clock) -> bool:
    """Whether it waits for this person's answer, whoever's claim it is about."""
    return clock.form == ASKED and clock.person_id == person.id


def due_screen(tx: Tx, house: House, person: Person, now: dt.datetime, ahead: int | None) -> Letter:
    """Overdue, today, this week, later. `ahead`: only so many days from now."""
    lang = person.language
    desk = [site for site, role in person.roles if role != "technician"]
    due = [
        each
        for each in all_due(tx, house, desk, person_id=person.id)
        if (_concerns(house, person, each.claim) or _was_asked(person, each.clock))
        and (ahead is None or each.days(now) <= ahead)
    ]
    if not due:
        return Letter(house.words("due_none", lang))
    listing = Listing(tx, house, person, now, many=len(due) > 1)
    for name in GROUPS:
        some = [each for each in due if each.group(now) == name]
        listing.add(house.words(name, lang, {"count": len(some)}), some, most=_MOST - listing.count)
    if len(due) > listing.count:
        listing.lines.append(house.words("listing_more", lang, {"count": len(due) - listing.count}))
    return listing.letter()


class Listing:
    """Lines of what is due, numbered where there are many, and for each line its buttons: to the act, and why."""

    def __init__(self, tx: Tx, house: House, person: Person, now: dt.datetime, *, many: bool) -> None:
        self._tx = tx
        self._house = house
        self._person = person
        self._now = now
        self._many = many
        self.lines: list[Html] = []
        self.rows: list[tuple[tuple[str, str], ...]] = []
        self.count = 0

    def add(self, heading: Html, due: Sequence[Due], *, most: int) -> None:
        """As many of these as fit, under their heading; nothing where there are none, or none fits."""
        fits = due[: max(0, most)]
        if not fits:
            return
        self.lines.append(heading)
        for each in fits:
            self.count += 1
            self.lines.append(self._line(each))
            self.rows.append(self._buttons(each))

    def letter(self) -> Letter:
        return Letter(Html("\n".join(self.lines)), tuple(self.rows))

    def _line(self, due: Due) -> Html:
        house, lang = self._house, self._person.language
        local = due.at.astimezone(due.calendar.where)
        days = due.days(self._now)
        values = {
            "mark": f"{self.count}." if self._many else "•",
            "title": due.limit.title,
            "claim": due.claim.number or house.words("draft_without_number", lang),
            "car": car_of(self._tx, house, due.claim, lang),
            "at": local if due.clock.due_at is None else local.date(),
            "days": in_days(abs(days)),
        }
        late = due.at < self._now and days < 0
        left = due.clock.due_at is not None and days > 0
        said = house.words("due_line_late" if late else "due_line_left" if left else "due_line", lang, values)
        return Html(said + house.words("due_provisional", lang)) if due.clock.provisional else said

    def _buttons(self, due: Due) -> tuple[tuple[str, str], ...]:
        number = due.claim.number
        mark = f"{self.count}. " if self._many else ""
        if _was_asked(self._person, due.clock):
            reply = self._house.label("inquiry_reply", self._person.language)
            answer = (f"{mark}{reply}", f"e:{key(due.clock.id)}")
            return (answer, self._why(mark, due)) if _concerns(self._house, self._person, due.claim) else (answer,)
        acts = act_buttons(self._tx, self._house, self._person, due.claim, self._now) if number is None else ()
        short = str(number).rpartition("-")[2] if self._many else number  # its line tells the whole number
        label, data = acts[0][0] if acts else (f"📂 {short}", f"g:{key(due.clock.id)}")
        return ((f"{mark}{label}", data), self._why(mark, due))

    def _why(self, mark: str, due: Due) -> tuple[str, str]:
        return f"{mark}{self._house.label('due_why', self._person.language)}", f"y:{key(due.clock.id)}"


# why


def why_screen(tx: Tx, house: House, person: Person, clock_id: int, now: dt.datetime) -> Letter:
    """One clock explained. Raises Refusal when it no longer runs, or is not this person's to see."""
    clock = clocks.clock(tx, clock_id)
    claim = claims.claim(tx, clock.claim_id)
    due = _due(house, clock, claim, office_calendar(house, people.site(tx, claim.site_id)))
    if due is None or clock.state != "running":
        raise Refusal("reminder_done")
    if not _concerns(house, person, claim):
        raise Refusal("not_yours")
    lang, told = person.language, messages.waiting_for(tx, clock.id)
    names, reasons = tuple(people.person(tx, each).name for each, _ in told), _reasons(tx, house, due, now, lang)
    where = due.calendar.where
    values = {
        "title": due.limit.title,
        "claim": claim.number or house.words("draft_without_number", lang),
        **reasons,
        "event": Html(f" {show(reasons['event'], lang)}") if reasons["event"] else "",
        "on_miss": due.limit.on_miss,
        "told": names or ("–",),
        "at": max(now, min((at for _, at in told), default=due.at)).astimezone(where),
    }
    rows: Data = ending_buttons(tx, house, person, claim, clock, due.limit, now)
    if claim.number is not None:
        rows = (*rows, ((house.label("open_claim", lang), f"c:{key(claim.id)}"), clocks_button(house, lang, claim)))
    rows = (*rows, *snooze_buttons(house, lang, clock))
    return Letter(house.words("why_screen", lang, values), rows, claim_id=claim.id)


def _reasons(tx: Tx, house: House, due: Due, now: dt.datetime, lang: Lang) -> dict[str, object]:
    """Which rule, what set it going, who recorded that, and the count written out."""
    clock, where = due.clock, due.calendar.where
    since: dt.date = clock.started_at.astimezone(where)
    if clock.form in {OWN, ASKED, PREAUTH}:
        by = "–" if clock.person_id is None else people.person(tx, clock.person_id).name
        chosen = Words(en=f"{clock.due_on}, as chosen", zh=f"{clock.due_on}，手工选定")
        if clock.form == PREAUTH:
            chosen = Words(en=f"{clock.words}, until {clock.due_on}", zh=f"{clock.words}，有效至 {clock.due_on}")
        return {"source": due.limit.basis, "since": since, "name": by, "event": "", "count": chosen}
    if clock.form == OFFICE:
        made = claims.move_at(tx, due.claim.id, clock.started_at)
        by = "–" if made is None or made[1] is None else people.person(tx, made[1]).name
        return {"source": due.limit.basis, "since": since, "name": by, "event": "", "count": _first_rung(due)}
    table = timetable(tx, house, due.claim, now)
    counted = table.named(clock.form, clock.rule)
    if counted is None or counted.due is None:
        if clock.form not in table.doubtful:
            raise Refusal("reminder_done")
        doubt = house.words("why_in_doubt", lang, {"on": clock.due_on, "what": table.problems[0].what})
        return {"source": due.limit.basis, "since": since, "name": "–", "event": "", "count": doubt}
    if counted.started_by is not None and not isinstance(counted.started_by.at, dt.datetime):
        since = counted.started_by.at  # no hour is known, so none is shown
    by, event = _started_by(tx, house, table, counted)
    edition = house.words("why_basis", lang, {"basis": counted.basis, "since": counted.rule.since})
    count: object = counted.sum
    if counted.due.provisional:
        count = Html(f"{house.words('why_count', lang, {'count': counted.sum})} {house.words('why_provisional', lang)}")
    return {"source": edition, "since": since, "name": by, "event": event, "count": count}


def _started_by(tx: Tx, house: House, table: Timetable, counted: FormClock) -> tuple[str, Words | str]:
    """Who recorded what set it going, and what that was."""
    if counted.started_by is None:
        return "–", house.office.words["why_missed_before"]
    noted = table.noted.get(counted.started_by)
    by = "–" if noted is None or noted.person_id is None else people.person(tx, noted.person_id).name
    return by, event_words(counted.started_by.event)


def _first_rung(due: Due) -> Words:
    begun, at = (each.astimezone(due.calendar.where) for each in (due.clock.started_at, due.at))
    span = due.limit.running.rule.rungs[0].after
    length = Words(en="first reminder", zh="首次提醒") if span is None else span.words
    return Words(
        en=f"{length.en} from {begun:%Y-%m-%d %H:%M} → {at:%Y-%m-%d %H:%M}",
        zh=f"自 {begun:%Y-%m-%d %H:%M} 起 {length.zh} → {at:%Y-%m-%d %H:%M}",
    )


# a claim's clocks


def clocks_screen(tx: Tx, house: House, person: Person, claim: Claim, now: dt.datetime) -> Letter:
    """What has happened to a claim, and how every one of its clocks stands, those that nobody is told of too."""
    lang = person.language
    table = timetable(tx, house, claim, now)
    lines = [house.words("clocks_heading", lang, {"claim": claim.number or ""})]
    for under in clocks.contracts_of(tx, claim.id):
        said = {
            "form": _form_title(house, under.form, lang),
            "contract": under.contract or "–",
            "on": under.signed_on or "–",
        }
        lines.append(house.words("clocks_contract", lang, said))
    lines.extend(_happened(tx, house, table, lang))
    lines.extend(house.words("clocks_problem", lang, {"what": each.what, "mend": each.mend}) for each in table.problems)
    running = [
        each for clock in clocks.running_clocks(tx, claim.id) if (each := _due(house, clock, claim, table.calendar))
    ]
    running.sort(key=lambda each: each.at)
    lines.extend(_running_line(house, table, each, now, lang) for each in running)
    lines.extend(_standing(house, table, {(each.clock.form, each.clock.rule) for each in running}, now, lang))
    rows: list[tuple[tuple[str, str], ...]] = [
        ((f"❓ {_on_a_button(each.limit.title.to(lang))}", f"y:{key(each.clock.id)}"),) for each in running
    ]
    if any(person.has(role, claim.site_id) for role in ("clerk", "supervisor")):
        rows.append((_begins(house, lang, EVENT, claim), _begins(house, lang, OWN_CLOCK, claim)))
        strike = house.label("event_strike", lang)
        for recorded, noted in table.noted.items():
            if noted.event_id is not None:
                label = strike.format(event=event_words(recorded.event).to(lang))
                rows.append(((label, f"z:{key(claim.id)}:{key(noted.event_id)}"),))
        rows.extend(
            ((strike.format(event=_form_title(house, under.form, lang)), f"o:{key(claim.id)}:{under.form}"),)
            for under in clocks.contracts_of(tx, claim.id)
        )
        rows.append((_begins(house, lang, CONTRACT, claim),))  # last: no claim of a car is under one
    return Letter(Html("\n".join(lines)), tuple(rows), claim_id=claim.id)


def _begins(house: House, lang: Lang, flow: str, claim: Claim) -> tuple[str, str]:
    button = house.office.flows[flow].starts.button
    return (flow if button is None else button.to(lang), f"b:{flow}:{key(claim.id)}")


def _on_a_button(title: str) -> str:
    return title if len(title) <= _MOST_LABEL else f"{title[: _MOST_LABEL - 1]}…"


def _form_title(house: House, name: str, lang: Lang) -> str:
    form = house.office.forms.get(name)
    return name if form is None else form.title.to(lang)


def _happened(tx: Tx, house: House, table: Timetable, lang: Lang) -> Iterator[Html]:
    for recorded, noted in sorted(table.noted.items(), key=lambda each: _order(each[0], table.calendar)):
        by = "–" if noted.person_id is None else people.person(tx, noted.person_id).name
        at = recorded.at.astimezone(table.calendar.where) if isinstance(recorded.at, dt.datetime) else recorded.at
        yield house.words("clocks_event", lang, {"at": at, "event": event_words(recorded.event), "name": by})


def _order(recorded: Recorded, calendar: OfficeCalendar) -> dt.datetime:
    if isinstance(recorded.at, dt.datetime):
        return recorded.at
    return calendar.at(recorded.at, dt.time(0))


def _running_line(house: House, table: Timetable, due: Due, now: dt.datetime, lang: Lang) -> Html:
    """A clock that somebody is told of: until when, and how long that is."""
    counted = table.named(due.clock.form, due.clock.rule)
    late = due.at < now
    standing: Words | Html = STANDINGS["running"]
    if late:
        theirs = counted is not None and counted.rule.side == "theirs"
        standing = house.office.words["clocks_run_out" if theirs else "clocks_overdue"]
    elif due.clock.due_at is not None:
        days = due.days(now)
        left = house.words("clocks_left", lang, {"days": in_days(days)}) if days else house.words("clocks_last", lang)
        standing = Html(f"{STANDINGS['running'].to(lang)}{left}")
    local = due.at.astimezone(due.calendar.where)
    on = local if due.clock.due_at is None else due.clock.due_on or local.date()
    said = house.words("clocks_limit", lang, {"title": due.limit.title, "on": on, "standing": standing})
    provisional = house.words("due_provisional", lang) if due.clock.provisional and not late else ""
    note = None if counted is None else counted.rule.note
    return Html(f"{said}{provisional}{house.words('clocks_note', lang, {'note': note}) if note else ''}")


def _standing(
    house: House, table: Timetable, told: AbstractSet[tuple[str, str]], now: dt.datetime, lang: Lang
) -> Iterator[Html]:
    """The other clocks: rights that run and push nobody, what is done, and in one line what has run out."""
    running: list[Html] = []
    done: list[Html] = []
    run_out: list[str] = []
    others = (each for form, some in table.clocks.items() for each in some if (form, each.key) not in told)
    for counted in others:
        if counted.due is None or counted.standing in {"waiting", "if_missed"}:
            continue
        right = counted.rule.ladder == SILENT
        values: dict[str, object] = {"title": counted.rule.title, "on": counted.due.due_on}
        if counted.is_overdue(now) or (right and counted.standing == "met_late"):
            run_out.append(counted.rule.title.to(lang))
        elif counted.standing == "running":
            said = house.words("clocks_limit", lang, {**values, "standing": STANDINGS["running"]})
            provisional = house.words("due_provisional", lang) if counted.due.provisional else ""
            note = counted.rule.note
            running.append(
                Html(f"{said}{provisional}{house.words('clocks_note', lang, {'note': note}) if note else ''}")
            )
        else:
            used = right and counted.standing == "met"
            standing = house.office.words["clocks_used"] if used else STANDINGS[counted.standing]
            done.append(house.words("clocks_done", lang, {**values, "standing": standing}))
    yield from (*running, *done)
    if run_out:
        yield house.words("clocks_over", lang, {"titles": run_out})
