"""The office in figures, in words: as a message for a phone, as a picture, and as tables with the rows behind them.

Everything is read of one snapshot, and the sums of all three are the same: what is added up is what the tables hold.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from claimbot.assistant.authority import reason_words
from claimbot.assistant.house import House
from claimbot.assistant.titles import part_words
from claimbot.claims.figures import AGES, Case, Figures, Group, Period, Sums, Waits, Why
from claimbot.claims.words import Html, Lang, Money, Words
from claimbot.documents.sheets import Book, Cell, Sheet
from claimbot.store import Tx, figures, people

_MOST = 5
"""So many of each group stand in the message; the tables hold all."""
_MONEY = ("claimed", "approved", "maker_approved", "paid", "short")
_TOOK = ("filed", "answered", "paid")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures of which sites and which days, in which language, and now."""

    lang: Lang
    site_ids: tuple[int, ...]
    period: Period
    now: dt.datetime


@dataclass(frozen=True)
class Told:
    """Figures that were counted, and what a reader needs to have them in words."""

    house: House
    asked: Asked
    figures: Figures
    sites: Mapping[int, people.Site]
    names: dict[int, str] = field(default_factory=dict)

    def words(self, key: str, values: Mapping[str, object] | None = None) -> Html:
        return self.house.words(key, self.asked.lang, values)

    def label(self, key: str) -> str:
        return self.house.label(key, self.asked.lang)

    def state(self, name: str) -> str:
        known = self.house.office.life.states.get(name)
        return name if known is None else known.words.to(self.asked.lang)

    def part(self, part: str | None) -> str:
        return part_words(self.house, part, self.asked.lang)

    def maker(self, name: str) -> str:
        terms = self.house.office.makers.get(name)
        words = None if terms is None else terms.maker
        return words.to(self.asked.lang) if isinstance(words, Words) else name

    def why(self, why: Why) -> str:
        """Where it came to stand, or what the maker said."""
        if why.maker is None:
            return self.state(why.target)
        return f"{self.maker(why.maker)}: {self.label(f'maker_{why.target}')}"

    def reason(self, why: Why) -> str:
        terms = None if why.maker is None else self.house.office.makers.get(why.maker)
        listed = None if terms is None else terms.reason_named(why.reason)
        if listed is not None:
            return f"{why.reason} {listed.words.to(self.asked.lang)}"
        words = why.reason if why.maker is not None else reason_words(self.house, why.reason)
        return words.to(self.asked.lang) if isinstance(words, Words) else " ".join(words.split())

    @cached_property
    def period(self) -> Html:
        period = self.asked.period
        if period.begins_on is None or period.ends_on is None:
            return self.words("figures_all_time")
        return self.words("figures_period", {"begins": period.begins_on, "ends": period.ends_on})

    @cached_property
    def where(self) -> str:
        return ("、" if self.asked.lang == "zh" else ", ").join(site.name for site in self.sites.values())


def count(tx: Tx, house: House, asked: Asked, each: Callable[[Tx, Told, tuple[Case, ...]], None] | None = None) -> Told:
    """Counts it all; `each` is shown the cases as they are counted, some at a time."""
    sites = {number: people.site(tx, number) for number in asked.site_ids}
    told = Told(house, asked, Figures(), sites)
    for some in figures.cases(tx, asked.site_ids, asked.period):
        for case in some:
            told.figures.add(case)
        _learn_names(tx, told, {case.author_id for case in some})
        for refused in figures.refusals(tx, [case.id for case in some]):
            told.figures.reasons[Why(refused.target, refused.reason, refused.maker)] += 1
        if each is not None:
            each(tx, told, some)
    for standing in figures.standing(tx, asked.site_ids, sorted(house.office.life.open_states)):
        told.figures.add_open(standing.state, _days(told, standing.site_id, standing.since))
    return told


def _learn_names(tx: Tx, told: Told, person_ids: set[int]) -> None:
    for number in person_ids - told.names.keys():
        told.names[number] = people.person(tx, number).name


def _days(told: Told, site_id: int, since: dt.datetime) -> int:
    zone = ZoneInfo(told.sites[site_id].zone)
    return max((told.asked.now.astimezone(zone).date() - since.astimezone(zone).date()).days, 0)


# as a message


def as_text(told: Told) -> Html:
    """Worst first: what stands longest, what was sent back most, where most money is."""
    said = told.figures
    heading = {"period": told.period, "sites": told.where, "count": said.total.count}
    lines = [told.words("figures_heading", heading), *_open_lines(told), "", *_first_lines(told), ""]
    lines += [told.words("figures_took"), *_took_lines(told)]
    for currency, sums in sorted(said.total.sums.items()):
        lines += ["", told.words("figures_money", {"currency": currency}), *_money_lines(told, currency, sums)]
    if said.reasons:
        lines += ["", told.words("figures_reasons")]
        for why, many in said.reasons.most_common(_MOST):
            values = {"state": told.why(why), "reason": told.reason(why)[:80], "count": many}
            lines.append(told.words("figures_reason_line", values))
        lines += _more(told, len(said.reasons))
    for heading_key, groups in _groups(told):
        if groups:
            lines += ["", told.words(heading_key)]
            lines += [_group_line(told, name, group) for name, group in groups[:_MOST]]
            lines += _more(told, len(groups))
    return Html("\n".join(lines))


def _more(told: Told, there: int) -> list[Html]:
    return [told.words("figures_more", {"count": there - _MOST})] if there > _MOST else []


def _open_lines(told: Told) -> Iterator[Html]:
    waits = _open(told)
    yield told.words("figures_open", {"count": sum(each.count for _, each in waits)})
    for state, each in waits:
        ages = reversed(_ages(told, each))
        values = {"state": told.state(state), "count": each.count, "ages": Html(" · ".join(ages))}
        yield told.words("figures_open_line", values)


def _open(told: Told) -> list[tuple[str, Waits]]:
    return sorted(told.figures.open.items(), key=lambda each: (-each[1].oldest, -each[1].count, each[0]))


def _ages(told: Told, waits: Waits) -> list[Html]:
    """Those that there are, the youngest first."""
    found = []
    for least, most, many in zip((0, *(age + 1 for age in AGES)), (*AGES, None), waits.ages, strict=True):
        days = f"{least}–{most}" if most is not None else f"{least}+"
        if many:
            found.append(told.words("figures_age", {"days": days, "count": many}))
    return found


def _first_lines(told: Told) -> Iterator[Html]:
    """At our own approval, and at the maker as soon as it has answered anything."""
    total = told.figures.total
    if not total.decided:
        yield told.words("figures_first_none")
    else:
        yield told.words("figures_first", _passed(total.passed_first, total.decided))
    if total.answered:
        yield told.words("figures_first_maker", _passed(total.passed_maker, total.answered))


def _passed(passed: int, decided: int) -> Mapping[str, object]:
    share = (Decimal(100 * passed) / decided).quantize(Decimal("0.1"), ROUND_FLOOR)
    return {"passed": passed, "decided": decided, "share": share}


def _took_lines(told: Told) -> Iterator[Html]:
    for name in _TOOK:
        found, what = told.figures.took[name], told.label(f"figures_to_{name}")
        if found is None:
            yield told.words("figures_took_none", {"what": what})
        else:
            values = {"median": found.median, "slowest": found.slowest, "count": found.count}
            yield told.words("figures_took_line", {**values, "what": what, "all": told.figures.total.count})


def _money_lines(told: Told, currency: str, sums: Sums) -> Iterator[Html]:
    for name in _MONEY:
        amount: Decimal | None = getattr(sums, name)
        shown = "–" if amount is None else Money(amount=amount, currency=currency)
        yield told.words("figures_money_line", {"what": told.label(f"figures_{name}"), "amount": shown})


def _groups(told: Told) -> Iterator[tuple[str, list[tuple[str, Group]]]]:
    """Heading and groups by name: technicians by what came back, the others by money."""
    said = told.figures
    authors = [(told.names[number], group) for number, group in said.by_author.items()]
    yield (
        "figures_by_author",
        sorted(authors, key=lambda each: (each[1].passed_first - each[1].decided, -each[1].count, each[0])),
    )
    for key, named in (
        ("figures_by_maker", [(told.maker(name), group) for name, group in said.by_maker.items()]),
        ("figures_by_part", [(told.part(part), group) for part, group in said.by_part.items()]),
    ):
        yield key, sorted(named, key=lambda each: (-_most_claimed(each[1]), -each[1].count, each[0]))


def _most_claimed(group: Group) -> Decimal:
    return max((sums.claimed for sums in group.sums.values()), default=Decimal(0))


def _group_line(told: Told, name: str, group: Group) -> Html:
    money = [Money(amount=sums.claimed, currency=currency) for currency, sums in sorted(group.sums.items())]
    values = {
        "name": name[:60],
        "count": group.count,
        "money": money,
        "first": f"{group.passed_first}/{group.decided}" if group.decided else "–",
    }
    return told.words("figures_group_line", values)


# as a picture


def as_chart(told: Told) -> bytes:
    """The same figures as bars. Its library takes a second to be read: here, and not when the bot starts."""
    from claimbot.documents.chart import Bars, draw_bars  # noqa: PLC0415  see above

    said, none = told.figures, told.label("figures_chart_none")
    parts = [
        Bars(
            told.label("figures_chart_open"),
            [(told.state(state), float(each.count), str(each.count)) for state, each in _open(told)],
            none,
        ),
        Bars(
            told.label("figures_chart_took"),
            [
                (told.label(f"figures_to_{name}"), float(found.median), f"{found.median} ({found.count})")
                for name in _TOOK
                if (found := said.took[name]) is not None
            ],
            none,
        ),
    ]
    for currency, sums in sorted(said.total.sums.items()):
        bars = []
        for name in _MONEY:
            amount: Decimal | None = getattr(sums, name)
            written = "–" if amount is None else f"{amount:,.2f}"
            bars.append((told.label(f"figures_{name}"), float(amount or 0), written))
        parts.append(Bars(told.label("figures_chart_money").format(currency=currency), bars, none))
    reasons = [(told.reason(why), float(many), str(many)) for why, many in said.reasons.most_common(_MOST)]
    parts.append(Bars(told.label("figures_chart_reasons"), reasons, none))
    for key, groups in _groups(told):
        named = [(name, float(group.count), str(group.count)) for name, group in groups[:_MOST]]
        parts.append(Bars(told.label(f"{key}_chart"), named, none))
    return draw_bars(f"{told.period}\n{told.where[:60]}", parts)


# as tables

_WIDTHS: Mapping[str, int] = {"number": 16, "text": 40, "reason": 40, "name": 24, "state": 24, "part": 24}
_GROUP_COLUMNS = (
    "group",
    "name",
    "count",
    "decided",
    "passed",
    "rejected",
    "answered",
    "passed_maker",
    "currency",
    *_MONEY,
)
_TOOK_COLUMNS = ("name", "count", "median", "slowest")
_CASE_COLUMNS = (
    "number", "site", "state", "author", "maker", "part", "reported_on", "closed_at", "filed_at", "answered_at",
    "paid_at", "to_filed", "to_answered", "to_paid", "approvals", "send_backs", "rejections", "passed", "passed_maker",
    "currency",
    *_MONEY,
)  # fmt: skip
_LINE_COLUMNS = ("number", "line_no", "kind", "code", "text", "quantity", "unit_price", "tax", "currency", *_MONEY)
_OPEN_COLUMNS = ("number", "site", "state", "author", "since", "days")
_REASON_COLUMNS = ("number", "state", "reason", "at")


def write_tables(tx: Tx, house: House, asked: Asked, path: Path, go_on: Callable[[], None]) -> Told:
    """An XLSX with the figures and every row behind them. `go_on` is called now and then; it may raise."""
    with Book(path) as book:

        def sheet(name: str, columns: Sequence[str]) -> Sheet:
            headings = [(house.label(f"column_{column}", asked.lang), _WIDTHS.get(column, 14)) for column in columns]
            return book.sheet(house.label(f"sheet_{name}", asked.lang), headings)

        groups, took = sheet("groups", _GROUP_COLUMNS), sheet("took", _TOOK_COLUMNS)
        cases, lines = sheet("cases", _CASE_COLUMNS), sheet("lines", _LINE_COLUMNS)
        waiting, reasons = sheet("open", _OPEN_COLUMNS), sheet("reasons", _REASON_COLUMNS)

        def each(tx: Tx, told: Told, some: tuple[Case, ...]) -> None:
            go_on()
            for case in some:
                cases.add(_case_row(told, case))
            _add_lines(tx, told, some, lines)
            zones = {case.id: ZoneInfo(told.sites[case.site_id].zone) for case in some}
            for no in figures.refusals(tx, [case.id for case in some]):
                why = Why(no.target, no.reason, no.maker)
                reasons.add((no.number, told.why(why), told.reason(why), no.at.astimezone(zones[no.claim_id])))

        told = count(tx, house, asked, each)
        for standing in figures.standing(tx, asked.site_ids, sorted(house.office.life.open_states)):
            _learn_names(tx, told, {standing.author_id})
            waiting.add(_open_row(told, standing))
        for row in _group_rows(told):
            groups.add(row)
        for name in _TOOK:
            found = told.figures.took[name]
            spread = (0, None, None) if found is None else (found.count, found.median, found.slowest)
            took.add((told.label(f"figures_to_{name}"), *spread))
    return told


def _amounts(sums: Sums) -> tuple[Cell, ...]:
    return (sums.claimed, sums.approved, sums.maker_approved, sums.paid, sums.short)


def _case_row(told: Told, case: Case) -> tuple[Cell, ...]:
    site = told.sites[case.site_id]
    zone = ZoneInfo(site.zone)

    def local(at: dt.datetime | None) -> dt.datetime | None:
        return None if at is None else at.astimezone(zone)

    return (
        case.number,
        site.name,
        told.state(case.state),
        told.names[case.author_id],
        told.maker(case.maker),
        told.part(case.part),
        case.reported_on,
        *(local(at) for at in (case.closed_at, case.filed_at, case.answered_at, case.paid_at)),
        *(case.days_to(at) for at in (case.filed_at, case.answered_at, case.paid_at)),
        case.approvals,
        case.send_backs,
        case.rejections,
        int(case.passed_first) if case.decided else None,
        int(case.passed_maker) if case.maker_answers else None,
        case.currency,
        *_amounts(case.sums),
    )


def _add_lines(tx: Tx, told: Told, some: Sequence[Case], sheet: Sheet) -> None:
    known = {case.id: case for case in some}
    for line in figures.lines_of_all(tx, list(known)):
        case = known[line.claim_id]
        sheet.add(
            (
                case.number,
                line.line_no,
                told.label(f"kind_{line.kind}"),
                line.code,
                line.text,
                line.quantity,
                line.unit_price,
                line.tax_percent,
                case.currency,
                *_amounts(line.sums),
            )
        )


def _open_row(told: Told, standing: figures.Standing) -> tuple[Cell, ...]:
    site = told.sites[standing.site_id]
    since = standing.since.astimezone(ZoneInfo(site.zone))
    who = told.names[standing.author_id]
    days = _days(told, standing.site_id, standing.since)
    return (standing.number, site.name, told.state(standing.state), who, since, days)


def _group_rows(told: Told) -> Iterator[tuple[Cell, ...]]:
    said = told.figures
    named: list[tuple[str, str, Group]] = [("total", "", said.total)]
    named += [("state", told.state(name), group) for name, group in said.by_state.items()]
    named += [("maker", told.maker(name), group) for name, group in said.by_maker.items()]
    named += [("part", told.part(part), group) for part, group in said.by_part.items()]
    named += [("author", told.names[number], group) for number, group in said.by_author.items()]
    for kind, name, group in named:
        for currency, sums in sorted(group.sums.items()):
            counts = (
                group.count,
                group.decided,
                group.passed_first,
                group.rejected,
                group.answered,
                group.passed_maker,
            )
            yield (told.label(f"group_{kind}"), name, *counts, currency, *_amounts(sums))
