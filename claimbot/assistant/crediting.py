"""Credit notes: a maker's file is read beside the turns, shown before anything counts, and booked whole by one tap.

Reading it, and letting each claim take in its money, may take minutes and never holds up anybody's turn: both are done
a piece at a time, and a stop in between loses nothing. What is booked is booked by one statement; each claim then
follows. The same note books once, whatever the file is called that brings it.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import structlog

from claimbot.assistant.answering import settle
from claimbot.assistant.doing import Doing
from claimbot.assistant.house import House, Reply
from claimbot.assistant.letters import Data, Letter, key, post
from claimbot.claims.credit import MOST_ROWS, CreditRow, CreditTable, CreditTrouble, keyed, read_table
from claimbot.claims.maker import Money3
from claimbot.claims.words import Html, Lang, Money
from claimbot.documents import tables
from claimbot.errors import Refusal
from claimbot.evidence import EvidenceFolder
from claimbot.flow.kinds.asking import Answers
from claimbot.store import Database, Tx, claims, payments, people, undoable
from claimbot.store.messages import Message
from claimbot.store.payments import CreditNote, Payee
from claimbot.store.people import Person

log = structlog.get_logger("claimbot.assistant")

T = TypeVar("T")
_SIGN_EVERY: Final = 20.0
"""Seconds of work before somebody who waits hears that it goes on."""
_NAMES_AT_ONCE: Final = 2000
_ROWS_AT_ONCE: Final = 1000
_CLAIMS_AT_ONCE: Final = 20
"""How much is done in one turn: other people's turns wait for no more than that."""
_MOST_LISTED: Final = 10
_TAKES_MONEY: Final = ("settle", "underpay", "pay")
"""The moves by which a claim takes money in; where it stands otherwise, it cannot."""


# by people


def read_credit(doing: Doing, answers: Answers) -> None:
    """The file was sent: it is read beside the turns."""
    payments.add_note(doing.tx, doing.person.id, str(answers["credit_file"]), doing.now)
    doing.say("credit_reading")
    doing.reply.work = True


def book(doing: Doing, note_id: int) -> bool:
    """All of it, or nothing; False where it has to be explained first, as more was paid than was approved."""
    note = _shown(doing, note_id)
    if _outlook(doing.tx, doing.house, note.id, doing.now, "over", 1)[0]:
        return False
    _book(doing, note, None)
    return True


def book_explained(doing: Doing, answers: Answers) -> None:
    note = _shown(doing, int(str(answers["credit_note"])))
    _book(doing, note, str(answers["overpaid_reason"]))


def _shown(doing: Doing, note_id: int) -> CreditNote:
    """The note of a button, if it is this person's and still waits to be booked."""
    note = payments.note(doing.tx, note_id)
    if note is None or note.person_id != doing.person.id:
        raise Refusal("not_yours")
    if note.state != "shown":
        raise Refusal("credit_booked" if note.state in {"booked", "done"} else "credit_gone")
    return note


def _book(doing: Doing, note: CreditNote, reason: str | None) -> None:
    """Where a claim was moved on, or another note brought the same money since it was shown, it is shown anew."""
    moved = payments.elsewhere(doing.tx, note.id, _open_to_money(doing.house))
    if moved or payments.booked_elsewhere(doing.tx, note.id):
        payments.set_note(doing.tx, note.id, "shown", "waiting")
        doing.say("credit_changed")
    else:
        payments.book(doing.tx, note.id)
        payments.set_note(doing.tx, note.id, "shown", "booked", reason=reason, booked_at=doing.now)
        doing.say("credit_booking")
    doing.reply.work = True


def forget(doing: Doing, note_id: int) -> None:
    note = _shown(doing, note_id)
    payments.clear_rows(doing.tx, note.id)
    payments.set_note(doing.tx, note.id, "shown", "dropped")
    doing.say("credit_forgotten")


def _open_to_money(house: House) -> tuple[str, ...]:
    moves = house.office.life.moves
    return tuple(dict.fromkeys(state for name in _TAKES_MONEY for state in moves[name].states))


def _outlook(
    tx: Tx, house: House, note_id: int, now: dt.datetime, how: Money3, limit: int
) -> tuple[int, tuple[payments.Paying, ...]]:
    tolerances = {}
    for site in people.all_sites(tx):
        terms = house.office.makers.get(site.maker)
        today = now.astimezone(ZoneInfo(site.zone)).date()
        tolerances[site.id] = Decimal(0) if terms is None else terms.tolerance_on(today, site.currency)
    return payments.outlook(tx, note_id, tolerances, how, limit)


# beside the turns


@dataclass(frozen=True, slots=True)
class Desk:
    """What reading and booking work with, and how they let people hear of it."""

    database: Database
    folder: EvidenceFolder
    house: House
    now: Callable[[], dt.datetime]
    deliver: Callable[[Sequence[Message]], Awaitable[None]]
    sign_every: float = _SIGN_EVERY

    async def turn(self, work: Callable[[Tx], T]) -> T:
        return await self.database.turn(work)

    async def say(self, note: CreditNote, phrase: str, values: Mapping[str, object], rows: Data = ()) -> None:
        """To whoever sent the file."""

        def write(tx: Tx) -> Reply:
            reply, to = Reply(), people.person(tx, note.person_id)
            html = self.house.words(phrase, to.language, values)
            post(tx, reply, to, Letter(html, rows), self.now())
            return reply

        await self.deliver((await self.turn(write)).messages)

    async def with_signs(self, note: CreditNote, work: Awaitable[T], done: Callable[[], str] = lambda: "") -> T:
        """Its result; while it lasts, the person hears now and then that it goes on, and nobody else takes it up."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=self.sign_every))[0]:
                await self.turn(lambda tx: payments.renew_lease(tx, note.id, self.now()))
                await self.say(note, "credit_goes_on", {"done": done()})
        finally:
            task.cancel()
        return await task


async def work_off(desk: Desk) -> None:
    """Reads and books whatever waits for it, one note after another."""
    while (note := await desk.turn(lambda tx: payments.take_note(tx, desk.now()))) is not None:
        if note.state == "waiting":
            await _read(desk, note)
        else:
            await _take_in(desk, note)


async def _read(desk: Desk, note: CreditNote) -> None:
    """From the file to what is shown: nothing of it counts yet."""
    try:
        table = await desk.with_signs(note, asyncio.to_thread(_table, desk.folder, note.sha256))
    except Refusal as refusal:
        await _refuse(desk, note, refusal.phrase, refusal.values)
        return
    lang = (await desk.turn(lambda tx: people.person(tx, note.person_id))).language
    if table.seen is not None or table.troubles or not table.rows:
        await _refuse(desk, note, *_why_not(desk.house, table, lang))
        return
    sorting = _Sorting(desk, note)
    await desk.with_signs(note, sorting.sort(table.rows), lambda: f"{sorting.sorted_rows} / {len(table.rows)}")
    if sorting.troubles:
        told = CreditTable(troubles=tuple(sorting.troubles))
        await _refuse(desk, note, *_why_not(desk.house, told, lang))
        return
    await desk.turn(lambda tx: _clear(tx, note))
    for start in range(0, len(sorting.staged), _ROWS_AT_ONCE):
        some = sorting.staged[start : start + _ROWS_AT_ONCE]
        await desk.turn(partial(payments.add_rows, note_id=note.id, rows=some))
    if len(sorting.staged) > _ROWS_AT_ONCE:
        await desk.turn(payments.look_over)
    await desk.deliver((await desk.turn(partial(_preview, desk=desk, note=note, sorting=sorting))).messages)


def _table(folder: EvidenceFolder, sha256: str) -> CreditTable:
    """What of the file cannot be taken is a trouble of its row, but for a letterhead above the columns' names."""
    file = tables.read_table(folder.open(sha256), most_rows=MOST_ROWS)
    table = read_table(file.texts())
    strange = file.unfit_below(table.head)
    if table.seen is not None or not strange:
        return table
    told = {each.row for each in strange}
    rest = [each for each in table.troubles if each.row not in told]
    return replace(table, troubles=tuple(sorted((*strange, *rest), key=lambda each: each.row)))


def _clear(tx: Tx, note: CreditNote) -> None:
    payments.clear_rows(tx, note.id)


async def _refuse(desk: Desk, note: CreditNote, phrase: str, values: Mapping[str, object]) -> None:
    await desk.turn(lambda tx: payments.set_note(tx, note.id, "waiting", "refused", reason=phrase))
    await desk.say(note, phrase, values)


def _why_not(house: House, table: CreditTable, lang: Lang) -> tuple[str, Mapping[str, object]]:
    if table.seen is not None:
        return "credit_no_columns", {"seen": list(table.seen) or "–"}
    if not table.troubles:
        return "credit_empty", {}
    told = [_trouble_words(house, each, lang) for each in table.troubles[:_MOST_LISTED]]
    return "credit_wrong", {"count": len(table.troubles), "rows": Html("\n".join(told))}


def _trouble_words(house: House, trouble: CreditTrouble, lang: Lang) -> Html:
    values = {"row": trouble.row, "said": trouble.said[:60] or "–", "wanted": trouble.wanted or Decimal(0)}
    return house.words(trouble.phrase("credit"), lang, values)


@dataclass(slots=True)
class _Sorting:
    """Which claim each row is about: what can be booked, what was, what is not known or cannot take money now."""

    desk: Desk
    note: CreditNote
    staged: list[dict[str, object]] = field(default_factory=list)
    troubles: list[CreditTrouble] = field(default_factory=list)
    unknown: list[CreditRow] = field(default_factory=list)
    closed: list[tuple[CreditRow, Payee]] = field(default_factory=list)
    booked_before: int = 0
    booked_sum: Decimal = Decimal(0)
    sorted_rows: int = 0

    async def sort(self, rows: Sequence[CreditRow]) -> None:
        found = await self._payees(rows)
        mine = {site for site, role in (await self.desk.turn(self._person)).roles if role == "clerk"}
        about: list[Payee | None] = []
        for row in rows:
            named = {each.id: each for name in row.names if (each := found.get(name)) and each.site_id in mine}
            if len(named) > 1:
                numbers = " / ".join(sorted(each.number for each in named.values()))
                self.troubles.append(CreditTrouble(row.row, "two_claims", numbers))
            about.append(next(iter(named.values())) if len(named) == 1 else None)
        keys = keyed(rows, [None if each is None else each.id for each in about])
        open_to_money = _open_to_money(self.desk.house)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            end = start + _ROWS_AT_ONCE
            there = await self.desk.turn(partial(payments.booked_keys, keys=[each for each in keys[start:end] if each]))
            for row, payee, its in zip(rows[start:end], about[start:end], keys[start:end], strict=True):
                self._put(row, payee, its, there, open_to_money)
            self.sorted_rows = min(end, len(rows))

    def _person(self, tx: Tx) -> Person:
        return people.person(tx, self.note.person_id)

    async def _payees(self, rows: Sequence[CreditRow]) -> dict[str, Payee]:
        names = list(dict.fromkeys(name for row in rows for name in row.names))
        found: dict[str, Payee] = {}
        for start in range(0, len(names), _NAMES_AT_ONCE):
            some = names[start : start + _NAMES_AT_ONCE]
            found.update(await self.desk.turn(partial(payments.payees, names=some)))
        return found

    def _put(
        self, row: CreditRow, payee: Payee | None, its: str | None, there: frozenset[str], open_to_money: Sequence[str]
    ) -> None:
        if payee is None or its is None or (row.line is not None and row.line > payee.lines):
            self.unknown.append(row)
        elif its in there:
            self.booked_before += 1
            self.booked_sum += row.amount
        elif payee.state not in open_to_money:
            self.closed.append((row, payee))
        else:
            values = {"row_no": row.row, "claim_id": payee.id, "line_no": row.line, "amount": row.amount}
            self.staged.append({**values, "note_number": row.note, "key": its})


def _preview(tx: Tx, desk: Desk, note: CreditNote, sorting: _Sorting) -> Reply:
    """What would be booked, and what would not: with one button for all of it."""
    reply, house, to = Reply(), desk.house, people.person(tx, note.person_id)
    lang = to.language
    currency = people.site(tx, to.site_ids[0]).currency if to.site_ids else "CNY"
    rows, paid, whole = payments.count_rows(tx, note.id)

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=currency)

    said = [house.words("credit_shown", lang, {"rows": rows, "claims": paid, "sum": money(whole)})]
    looks: dict[Money3, tuple[int, tuple[payments.Paying, ...]]] = {
        how: _outlook(tx, house, note.id, desk.now(), how, _MOST_LISTED) for how in ("over", "short", "full")
    }
    over = looks["over"][0]
    for how, (count, some) in looks.items():
        if not count:
            continue
        said.append(house.words(f"credit_{how}", lang, {"count": count}))
        for each in some:
            values = {"number": each.number, "paid": money(each.paid), "expected": money(each.expected)}
            said.append(house.words("credit_full_line" if how == "full" else "credit_paying_line", lang, values))
        if count > len(some):
            said.append(house.words("listing_more", lang, {"count": count - len(some)}))
    if sorting.booked_before:
        values = {"count": sorting.booked_before, "sum": money(sorting.booked_sum)}
        said.append(house.words("credit_booked_before", lang, values))
    said += _listed(house, lang, "credit_unknown", [(row, "") for row in sorting.unknown], money)
    states = house.office.life.states
    closed = [
        (row, house.words("credit_state", lang, {"state": states[each.state].words})) for row, each in sorting.closed
    ]
    said += _listed(house, lang, "credit_closed", closed, money)
    buttons: Data = ()
    if rows:
        said.append(house.words("credit_counts_not", lang))
        rest = sorting.unknown or sorting.closed
        label = house.label("credit_explain" if over else "credit_book_rows" if rest else "credit_book", lang)
        label = label.format(rows=rows)
        buttons = (((label, f"cb:{key(note.id)}"),), ((house.label("credit_forget", lang), f"cf:{key(note.id)}"),))
    payments.set_note(tx, note.id, "waiting", "shown" if rows else "dropped")
    post(tx, reply, to, Letter(Html("\n".join(said)), buttons), desk.now())
    return reply


def _listed(
    house: House,
    lang: Lang,
    heading: str,
    rows: Sequence[tuple[CreditRow, str]],
    money: Callable[[Decimal], Money],
) -> list[Html]:
    """So many rows with why they are not booked, and how many more there are."""
    if not rows:
        return []
    whole = sum((row.amount for row, _ in rows), Decimal(0))
    said = [house.words(heading, lang, {"count": len(rows), "sum": money(whole)})]
    for row, why in rows[:_MOST_LISTED]:
        line = "" if row.line is None else house.words("credit_line", lang, {"line": row.line})
        values = {
            "row": row.row,
            "name": " / ".join(row.names)[:60],
            "line": line,
            "sum": money(row.amount),
            "why": why,
        }
        said.append(house.words("credit_row", lang, values))
    if len(rows) > _MOST_LISTED:
        said.append(house.words("listing_more", lang, {"count": len(rows) - _MOST_LISTED}))
    return said


async def _take_in(desk: Desk, note: CreditNote) -> None:
    """Each claim of a booked note takes in its money, a few a turn."""
    left = await desk.turn(lambda tx: payments.count_left(tx, note.id))
    taken = 0

    async def all_of_them() -> None:
        nonlocal taken
        while done := await desk.turn(partial(_take_some, desk=desk, note=note)):
            taken += done

    await desk.with_signs(note, all_of_them(), lambda: f"{taken} / {left}")
    if await desk.turn(lambda tx: payments.set_note(tx, note.id, "booked", "done")):
        by_state = await desk.turn(lambda tx: payments.states_of(tx, note.id))
        states = desk.house.office.life.states
        lang = (await desk.turn(lambda tx: people.person(tx, note.person_id))).language
        lines = [
            desk.house.words("credit_done_line", lang, {"state": states[state].words, "count": count})
            for state, count in by_state.items()
        ]
        values = {"claims": sum(by_state.values()), "states": Html("\n".join(lines))}
        short = await desk.turn(lambda tx: payments.claims_in(tx, note.id, "short", _MOST_LISTED))
        await desk.say(note, "credit_done", values, tuple(((f"📂 {number}", f"c:{key(at)}"),) for at, number in short))
    log.info("credit.booked", note=note.id, claims=left)


def _take_some(tx: Tx, desk: Desk, note: CreditNote) -> int:
    found = payments.to_apply(tx, note.id, _CLAIMS_AT_ONCE)
    doing = Doing(tx, desk.house, Reply(), people.person(tx, note.person_id), desk.now())
    for claim_id in found:
        claim = claims.lock_claim(tx, claim_id)
        brought = payments.applied(tx, note.id, claim_id)
        payments.pay_lines(tx, claim_id)
        detail = {"amount": brought, "note": note.id, "explained": note.reason}
        claims.write_entry(tx, claim_id, "paid", detail, person_id=note.person_id, now=doing.now)
        with (
            suppress(Refusal),
            undoable(tx),
        ):  # who booked it may have left the desk since: the money is there all the same
            settle(doing, claim, note.reason)
    return len(found)
