"""Figures in the chat, as pictures and as tables: their sums are the lines', and none is lost or told twice."""

import datetime as dt
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, insert, select, update

from claimbot.assistant import reporting
from claimbot.assistant.figures import Asked, as_text, count, write_tables
from claimbot.assistant.house import House
from claimbot.claims.facts import Facts
from claimbot.claims.figures import Period, Sums
from claimbot.claims.goodwill import asked_of_maker
from claimbot.claims.lines import cents
from claimbot.claims.maker import ANSWERS, Answer, AskedLine, LineAnswer, outcome
from claimbot.claims.words import Money, show
from claimbot.errors import Refusal
from claimbot.flow.office import Office
from claimbot.store import Tx, answers, clocks, payments, people, reports
from claimbot.store.database import snapshot
from claimbot.store.figures import cases, lines_of_all
from claimbot.store.lines import approve_lines
from claimbot.store.tables import claims as claim_rows
from claimbot.store.tables import lines as line_rows
from claimbot.store.tables import messages as message_rows
from claimbot.store.tables import moves as move_rows
from claimbot.store.tables import reports as report_rows
from tests.conftest import CLERK, SUPERVISOR, TECHNICIAN, World
from tests.limits import Desk, desk_in, local

NOW = local("2026-09-09 10:00")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Spec:
    """A claim to be made: where it stands, and its lines as claimed, approved, maker-approved, paid."""

    state: str = "approved"
    site: int = 0
    author: int = 0
    part: str | None = None
    currency: str = "CNY"
    reported_on: dt.date = dt.date(2026, 9, 3)
    lines: tuple[tuple[Decimal | None, ...], ...] = ()


_numbers = itertools.count(1)


def fill(tx: Tx, sites: Sequence[int], authors: Sequence[int], specs: Sequence[Spec]) -> list[int]:
    made = []
    for spec in specs:
        values = {
            "site_id": sites[spec.site], "author_id": authors[spec.author], "number": f"T-{next(_numbers)}",
            "kind": "warranty", "state": spec.state, "currency": spec.currency, "reported_on": spec.reported_on,
            "facts": {} if spec.part is None else {"failed_part": spec.part}, "made_at": NOW, "changed_at": NOW,
            "stands_since": NOW,
        }  # fmt: skip
        number = tx.execute(insert(claim_rows).values(**values).returning(claim_rows.c.id)).scalar_one()
        made.append(number)
        for place, (claimed, approved, maker, paid) in enumerate(spec.lines, 1):
            line = {
                "claim_id": number, "line_no": place, "kind": "part", "code": "GX-1001", "text": "=cmd()",
                "quantity": Decimal(1), "unit_price": claimed, "tax_percent": Decimal(0), "claimed": claimed,
                "approved": approved, "maker_approved": maker, "paid": paid,
            }  # fmt: skip
            tx.execute(insert(line_rows).values(**line))
    return made


def moved(tx: Tx, claim: int, origin: str, target: str, at: dt.datetime, reason: str | None = None) -> None:
    values = {"move": target, "origin": origin, "target": target, "at": at, "reason": reason}
    tx.execute(insert(move_rows).values(claim_id=claim, **values))


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, NOW)


def shop(desk: Desk) -> tuple[list[int], list[int]]:
    sites = [desk.site("SH01"), desk.site("SH02")]
    return sites, [desk.person(sites[0], "technician", name="Leo"), desk.person(sites[1], "technician", name="<b>&=1")]


def asked(sites: Sequence[int], period: Period | None = None) -> Asked:
    return Asked("en", tuple(sites), period or Period(), NOW)


def nothing() -> None:
    """Nobody breaks off."""


# the sums

_AMOUNT = st.decimals(0, 10**6, places=2)
_SPECS = st.lists(
    st.builds(
        Spec,
        state=st.sampled_from(["approved", "rejected", "submitted", "unheard_of"]),
        site=st.integers(0, 1),
        author=st.integers(0, 1),
        part=st.none() | st.sampled_from(["injector", "=cmd()"]),
        currency=st.sampled_from(["CNY", "EUR"]),
        lines=st.lists(
            st.tuples(_AMOUNT, *[st.none() | _AMOUNT] * 3), max_size=3
        ).map(tuple),
    ),
    max_size=6,
)  # fmt: skip


@contextmanager
def undone(desk: Desk) -> Iterator[Tx]:
    with desk.engine.connect() as tx, tx.begin() as opened:
        yield tx
        opened.rollback()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_SPECS)
def test_every_sum_is_the_lines_sum_to_the_cent_in_the_message_and_in_the_tables(desk: Desk, specs: list[Spec]) -> None:
    with undone(desk) as tx:
        place = {"zone": "Asia/Shanghai", "country": "CN", "currency": "CNY"}
        sites = [people.add_site(tx, code=maker, name=maker, maker=maker, **place) for maker in ("example", "other")]
        authors = [people.add_person(tx, number, "someone", "en") for number in (1, 2)]
        fill(tx, sites, authors, specs)
        path = Path(desk.url.removeprefix("sqlite:///")).with_name("figures.xlsx")
        told = write_tables(tx, desk.house, asked(sites), path, nothing)
        text = as_text(told)
    figures = told.figures
    book = load_workbook(path, read_only=True)
    for currency in {spec.currency for spec in specs}:
        expected = Sums()
        for spec in specs:
            for claimed, approved, maker, paid in spec.lines if spec.currency == currency else ():
                promised = next(each for each in (maker, approved, claimed) if each is not None)
                short = None if paid is None else max(promised - paid, Decimal(0))
                expected += Sums(claimed or Decimal(0), approved, maker, paid, short)
        assert figures.total.sums[currency] == expected
        for groups in (figures.by_state, figures.by_maker, figures.by_part, figures.by_author):
            some = [group.sums[currency] for group in groups.values() if currency in group.sums]
            assert sum(some[1:], some[0]) == expected
        wanted = [expected.claimed, expected.approved, expected.maker_approved, expected.paid, expected.short]
        for name in ("Claims", "Lines"):
            assert sums_of(book[name], currency) == [amount or Decimal(0) for amount in wanted]
        for amount in wanted:
            assert amount is None or show(Money(amount=amount, currency=currency), "en") in text
    book.close()


_ANSWERS: st.SearchStrategy[Answer] = st.sampled_from(ANSWERS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(2, 10**6), _ANSWERS), min_size=1, max_size=5),
    st.integers(0, 100),
    st.none() | st.integers(0, 100),
)
def test_card_answer_and_figures_reckon_alike_with_what_the_maker_is_to_pay(
    desk: Desk, told: list[tuple[int, Answer]], paid_percent: int, maker_percent: int | None
) -> None:
    facts = Facts(claim_type="goodwill", goodwill_maker=Decimal(maker_percent or 0), goodwill_dealer=Decimal(0))
    amounts = [Decimal(amount) / 100 for amount, _ in told]
    asked_for = amounts if maker_percent is None else list(asked_of_maker(facts, amounts))
    with undone(desk) as tx:
        place = {"zone": "Asia/Shanghai", "country": "CN", "currency": "CNY"}
        site = people.add_site(tx, code="SH09", name="店", maker="example", **place)
        author = people.add_person(tx, 77, "someone", "en")
        (claim,) = fill(
            tx, [site], [author], [Spec("filed", lines=tuple((each, None, None, None) for each in amounts))]
        )
        approve_lines(tx, claim, amounts, asked_for)
        asked_lines = answers.asked_of(tx, claim)
        given_answers = [answered(each, told[each.number - 1][1]) for each in asked_lines]
        if given_answers:
            answers.add_answer(
                tx, claim, asked_lines, given_answers, outcome=outcome(given_answers),
                answered_on=NOW.date(), person_id=author, now=NOW,
            )  # fmt: skip
        allowed = sum((each.amount or Decimal(0) for each in given_answers), Decimal(0))
        pays = cents(allowed * paid_percent / 100)
        note = payments.add_note(tx, author, "0" * 64, NOW)
        row = {"row_no": 2, "claim_id": claim, "line_no": None, "amount": pays, "note_number": None, "key": "k"}
        payments.add_rows(tx, note, [row])
        assert payments.outlook(tx, note, {site: Decimal(0)}, "over", 1)[0] == 0
        payments.book(tx, note)
        payments.pay_lines(tx, claim)
        money = payments.money_of(tx, claim)
        assert money.asked == sum(asked_for)
        assert (money.expected, money.paid) == (allowed, pays)
        (case,) = next(cases(tx, [site], Period()))
        assert case.sums.short == allowed - pays
        assert sum(each.sums.short or Decimal(0) for each in lines_of_all(tx, [claim])) == allowed - pays


def answered(line: AskedLine, how: Answer) -> LineAnswer:
    if how == "approved" or (how == "cut" and line.asked <= Decimal("0.01")):
        return line.approved()
    amount = {"cut": line.asked - Decimal("0.01"), "returned": None, "refused": Decimal(0)}[how]
    return LineAnswer(number=line.number, answer=how, amount=amount, reason="C01")


def sums_of(sheet: Worksheet, currency: str) -> list[Decimal]:
    """The five amounts at the end of each row of that currency, added up."""
    rows = [row for row in sheet.iter_rows(2, values_only=True) if row[-6] == currency]
    return [sum((Decimal(str(row[place] or 0)) for row in rows), Decimal(0)) for place in range(-5, 0)]


def test_the_tables_hold_what_was_typed_as_text_and_the_reasons_with_their_claims(desk: Desk, tmp_path: Path) -> None:
    sites, authors = shop(desk)
    with desk.tx() as tx:
        one, _ = fill(
            tx, sites, authors, [Spec("rejected", lines=((Decimal("9.99"), None, None, None),)), Spec(author=1)]
        )
        moved(tx, one, "in_approval", "sent_back", NOW, "evidence")
        moved(tx, one, "in_approval", "rejected", NOW + DAY, "=HYPERLINK(1)")
        told = write_tables(tx, desk.house, asked(sites), tmp_path / "a.xlsx", nothing)
    book = load_workbook(tmp_path / "a.xlsx")
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert [row[2] for row in book["Why not"].iter_rows(2, values_only=True)] == [
        "Evidence is not enough",
        "=HYPERLINK(1)",
    ]
    assert book["Lines"]["E2"].value == "=cmd()"
    text = as_text(told)
    assert "Evidence is not enough (Sent back to the desk): 1" in text
    assert "&lt;b&gt;&amp;=1: 1" in text


def test_the_makers_reasons_are_told_with_its_words_and_its_first_passes_beside_ours(
    desk: Desk, tmp_path: Path
) -> None:
    sites, authors = shop(desk)
    with desk.tx() as tx:
        line = (Decimal(100), Decimal(100), None, None)
        made = fill(tx, sites, authors, [Spec("filed", lines=(line, line)) for _ in range(3)])
        for claim, how, code in zip(made, ("approved", "returned", "refused"), ("", "R01", "D02"), strict=True):
            lines = answers.asked_of(tx, claim)
            amount = {"approved": Decimal(100), "returned": None, "refused": Decimal(0)}[how]
            given = [LineAnswer(number=each.number, answer=how, amount=amount, reason=code or None) for each in lines]
            answers.add_answer(
                tx, claim, lines, given, outcome=outcome(given), answered_on=NOW.date(), person_id=authors[0], now=NOW
            )
        told = write_tables(tx, desk.house, asked(sites), tmp_path / "a.xlsx", nothing)
    text = as_text(told)
    assert "Passed first at the maker: 1 of 3 (33.3 %)" in text
    assert "R01" in text
    assert "returned): 1" in text, "two lines of one answer are one no"
    reasons = [row[1:3] for row in load_workbook(tmp_path / "a.xlsx")["Why not"].iter_rows(2, values_only=True)]
    assert [str(said).partition(" ")[0] for _, said in reasons] == ["R01", "D02"]
    assert [str(who).rpartition(" ")[2] for who, _ in reasons] == ["returned", "refused"]


# what is counted


def test_nothing_counted_is_told_as_nothing_and_no_share_is_made_up(desk: Desk) -> None:
    sites, authors = shop(desk)
    with desk.tx() as tx:
        empty = as_text(count(tx, desk.house, asked(sites)))
        fill(tx, sites, authors, [Spec("submitted", lines=((Decimal(100), None, None, None),))])
        waiting = as_text(count(tx, desk.house, asked(sites)))
    assert "Claims reported: <b>0</b>" in empty
    assert "Passed first inside: – (nothing decided yet)" in empty
    assert "to submitted: – (not yet)" in empty
    assert "%" not in empty + waiting
    assert "• approved here: –" in waiting
    assert "first inside –" in waiting
    assert "/0" not in waiting, "which Telegram would take for a command"


def test_first_pass_and_days_are_read_from_the_moves(desk: Desk) -> None:
    sites, authors = shop(desk)
    closed = NOW - 20 * DAY
    with desk.tx() as tx:
        good, mended, waiting = fill(tx, sites, authors, [Spec("paid"), Spec("filed"), Spec("submitted")])
        tx.execute(update(claim_rows).values(closed_at=closed))
        moved(tx, good, "in_approval", "approved", closed + DAY)
        moved(tx, good, "approved", "filed", closed + 2 * DAY)
        moved(tx, good, "filed", "filed", closed + 3 * DAY)
        moved(tx, good, "filed", "accepted", closed + 9 * DAY)
        moved(tx, good, "accepted", "paid", closed + 15 * DAY)
        moved(tx, mended, "in_approval", "sent_back", closed + DAY)
        moved(tx, mended, "in_approval", "approved", closed + 3 * DAY)
        moved(tx, mended, "approved", "filed", closed + 5 * DAY)
        moved(tx, waiting, "in_approval", "submitted", closed + DAY)
        text = as_text(count(tx, desk.house, asked(sites)))
    assert "Passed first inside: 1 of 2 (50 %)" in text
    assert "to submitted: half within 3.5 days, the slowest tenth 5 or more (2 of 3 so far)" in text
    assert "to answered: half within 9 days, the slowest tenth 9 or more (1 of 3 so far)" in text
    assert "to paid: half within 15 days, the slowest tenth 15 or more (1 of 3 so far)" in text


def test_a_claim_taken_back_from_the_maker_was_not_answered(desk: Desk) -> None:
    sites, authors = shop(desk)
    with desk.tx() as tx:
        (one,) = fill(tx, sites, authors, [Spec("withdrawn")])
        tx.execute(update(claim_rows).values(closed_at=NOW - 5 * DAY))
        moved(tx, one, "approved", "filed", NOW - 4 * DAY)
        moved(tx, one, "filed", "withdrawn", NOW)
        assert "to answered: – (not yet)" in as_text(count(tx, desk.house, asked(sites)))


def test_what_is_open_is_told_whenever_it_was_reported_the_oldest_state_first(desk: Desk) -> None:
    sites, authors = shop(desk)
    with desk.tx() as tx:
        made = fill(tx, sites, authors, [Spec("submitted"), Spec("in_approval"), Spec("in_approval"), Spec("approved")])
        for claim, days in zip(made, (2, 40, 5, 90), strict=True):
            tx.execute(update(claim_rows).where(claim_rows.c.id == claim).values(stands_since=NOW - days * DAY))
        text = as_text(count(tx, desk.house, asked(sites, Period(dt.date(2020, 1, 1), dt.date(2020, 1, 31)))))
    assert "Claims reported: <b>0</b>" in text
    assert "Open now: 4" in text
    assert text.index("Waiting for approval: 2 (31+ d: 1 · 4–7 d: 1)") < text.index("At the desk: 1 (0–3 d: 1)")


def test_only_the_days_and_sites_that_were_asked_for_are_counted(desk: Desk) -> None:
    sites, authors = shop(desk)
    september = Period(dt.date(2026, 9, 1), dt.date(2026, 9, 30))
    days = [dt.date(2026, 8, 31), dt.date(2026, 9, 1), dt.date(2026, 9, 30), dt.date(2026, 10, 1)]
    with desk.tx() as tx:
        fill(tx, sites, authors, [Spec(reported_on=day) for day in days] + [Spec(site=1)])
        assert count(tx, desk.house, asked(sites[:1], september)).figures.total.count == 2
        assert count(tx, desk.house, asked(sites, september)).figures.total.count == 3
        assert count(tx, desk.house, asked(sites)).figures.total.count == 5


@pytest.mark.postgres
def test_postgresql_counts_the_same(tmp_path: Path, office: Office, postgres: Callable[[], str]) -> None:
    texts = []
    for url in (f"sqlite:///{tmp_path / 'a.db'}", postgres()):
        desk = Desk(url, House(office), NOW)
        sites, authors = shop(desk)
        with desk.tx() as tx:
            lines = ((Decimal("10.01"), Decimal(9), Decimal(8), Decimal(5)), (Decimal("0.01"), None, None, None))
            one, _ = fill(
                tx, sites, authors, [Spec(part="injector", lines=lines), Spec(site=1, author=1, currency="EUR")]
            )
            moved(tx, one, "in_approval", "approved", NOW)
        with snapshot(desk.engine) as tx:
            texts.append(as_text(count(tx, desk.house, asked(sites))))
        desk.engine.dispose()
    assert texts[0] == texts[1]
    assert "CN¥3.00" in texts[0]


def test_a_snapshot_sees_one_moment_and_keeps_nobody_waiting(desk: Desk) -> None:
    sites, authors = shop(desk)
    with snapshot(desk.engine) as looking:
        before = looking.execute(select(func.count()).select_from(claim_rows)).scalar_one()
        with desk.tx() as tx:
            fill(tx, sites, authors, [Spec()])
        assert looking.execute(select(func.count()).select_from(claim_rows)).scalar_one() == before == 0


# in the chat


async def test_a_clerk_asks_for_figures_and_gets_words_a_picture_and_tables(world: World) -> None:
    await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    await world.tap(SUPERVISOR, "✅ Approve")
    said = await world.say(CLERK, "/stats")
    assert "2026-09-01 至 2026-09-30" in said
    assert "报修索赔单：1" in said
    assert "内部一次通过：1 单中 1 单（100%）" in said
    assert "小李" in said
    before = len(world.shown(CLERK))
    await world.tap(CLERK, "📈 图表")
    words, picture = world.shown(CLERK)[before:]
    assert "正在画图" in words["text"]
    assert "photo" in picture
    await world.tap(CLERK, "📗 Excel")
    words, file = world.shown(CLERK)[before + 2 :]
    assert "正在生成 Excel" in words["text"]
    assert file["document"]["file_name"] == "claims-2026-09-01-2026-09-30.xlsx"
    assert "sendChatAction" in [method for method, _ in world.telegram.calls]
    kept = [path.read_bytes() for path in (world.folder / "evidence").rglob("*") if path.is_file()]
    (sheet,) = [data for data in kept if data.startswith(b"PK")]
    assert load_workbook(io.BytesIO(sheet))["索赔单"]["A2"].value == "SH01-2026-0001"


async def test_other_stretches_of_time_are_one_tap_or_a_line_away(world: World) -> None:
    await world.say(SUPERVISOR, "/stats 2026-01-01 2026-06-30")
    assert "1 Jan 2026 – 30 Jun 2026" in world.last(SUPERVISOR)
    assert "1 Aug 2026 – 31 Aug 2026" in await world.tap(SUPERVISOR, "Last month")
    assert "All time" in await world.tap(SUPERVISOR, "All")
    assert "Of which days?" in await world.say(SUPERVISOR, "/stats next week")


async def test_figures_are_the_desks_and_forged_buttons_are_told_kindly(world: World) -> None:
    assert "没有此项权限" in await world.say(TECHNICIAN, "/stats")
    await world.say(SUPERVISOR, "/stats")
    message, _ = next(iter(world.buttons(SUPERVISOR).values()))
    before = len(world.shown(SUPERVISOR))
    for data in ("st:all:month", "st:text:99999999-99999999", "st:", "st:monthly:month"):
        world.telegram.tap(SUPERVISOR, message, data)
        await world.settled()
    assert len(world.shown(SUPERVISOR)) == before
    assert await world.database.turn(lambda tx: tx.execute(select(func.count()).select_from(report_rows)).scalar()) == 3


# once, and never lost


def wish(desk: Desk, person: int, wants: str = "text") -> None:
    with desk.tx() as tx:
        reports.add_report(tx, {"person_id": person, "wants": wants, "due_at": desk.now, "asked_at": desk.now})


def fulfil(desk: Desk, tmp_path: Path) -> list[str]:
    """Everything whose hour has come, as the bot does it: who got what."""
    got: list[str] = []
    while True:
        with desk.tx() as tx:
            order = reporting.take(tx, desk.house, desk.now)
        if order is None:
            return got
        with snapshot(desk.engine) as tx:
            made = reporting.make(tx, desk.house, order, tmp_path, nothing)
        with desk.tx() as tx:
            reply = reporting.finish(tx, desk.house, order, made, desk.now)
        got += [str(message.body["html"]) for message in reply.messages]


def test_a_wish_survives_whoever_took_it_and_is_answered_once(desk: Desk, tmp_path: Path) -> None:
    clerk = desk.person(desk.site(), "clerk")
    wish(desk, clerk)
    with desk.tx() as tx:
        died = reporting.take(tx, desk.house, desk.now)
        assert died is not None
        assert reporting.take(tx, desk.house, desk.now) is None
    desk.now += dt.timedelta(minutes=2)
    assert len(fulfil(desk, tmp_path)) == 1
    with snapshot(desk.engine) as tx:
        made = reporting.make(tx, desk.house, died, tmp_path, nothing)
    with desk.tx() as tx:
        assert not reporting.finish(tx, desk.house, died, made, desk.now).messages, "it was answered meanwhile"
        assert tx.execute(select(func.count()).select_from(message_rows)).scalar_one() == 1


def test_a_wish_that_fails_is_tried_again_and_then_said_to_have_failed(desk: Desk, tmp_path: Path) -> None:
    clerk = desk.person(desk.site(), "clerk")
    wish(desk, clerk, "sheet")
    said: list[str] = []
    for _ in range(reporting.MOST_ATTEMPTS):
        with desk.tx() as tx:
            order = reporting.take(tx, desk.house, desk.now)
            assert order is not None
            said += [str(each.body["html"]) for each in reporting.failed(tx, desk.house, order, desk.now).messages]
        desk.now += dt.timedelta(minutes=1)
    assert said == ["The figures could not be written. Please tell whoever looks after this machine."]
    assert not fulfil(desk, tmp_path)


def test_who_has_left_the_desk_meanwhile_gets_nothing(desk: Desk, tmp_path: Path) -> None:
    site = desk.site()
    clerk = desk.person(site, "clerk")
    wish(desk, clerk)
    with desk.tx() as tx:
        people.take_role(tx, clerk, site, "clerk")
    assert not fulfil(desk, tmp_path)


def months(desk: Desk, tmp_path: Path, until: str, step: dt.timedelta = dt.timedelta(hours=6)) -> list[str]:
    """Every report that comes until then, looked at now and then: when, and of which month."""
    told = []
    while desk.now < local(until):
        desk.now = min(desk.now + step, local(until))
        for html in fulfil(desk, tmp_path):
            if html:
                when = desk.now.astimezone(dt.timezone(dt.timedelta(hours=8)))
                told.append(f"{when:%m-%d %H:%M} {html.split('<b>')[2].partition(' ')[2].partition(' –')[0]}")
    return told


@pytest.fixture
def head(desk: Desk) -> int:
    """A supervisor of a site whose monthly reports have begun."""
    person = desk.person(desk.site(), "supervisor")
    with desk.tx() as tx:
        reporting.write_all(tx, desk.house, desk.now)
        reporting.write_all(tx, desk.house, desk.now)
    return person


@pytest.mark.usefixtures("head")
def test_the_monthly_report_comes_by_itself_on_the_first_working_day_once(desk: Desk, tmp_path: Path) -> None:
    desk.now = local("2026-09-30 20:30")
    # 1 to 7 October are public holidays in China; 1 November is a Sunday
    assert months(desk, tmp_path, "2026-12-02 08:30") == [
        "10-08 08:30 Sept 2026",
        "11-02 08:30 Oct 2026",
        "12-01 08:30 Nov 2026",
    ]


@pytest.mark.usefixtures("head")
def test_after_a_downtime_only_the_latest_month_is_told_and_by_day(desk: Desk, tmp_path: Path) -> None:
    desk.now = local("2026-12-15 22:00")
    assert months(desk, tmp_path, "2027-01-03 20:00", dt.timedelta(hours=1)) == ["12-16 08:00 Nov 2026"]


def test_who_is_away_finds_it_on_the_first_working_day_back(desk: Desk, tmp_path: Path, head: int) -> None:
    desk.now = local("2026-10-08 08:00")
    with desk.tx() as tx:
        clocks.add_absence(tx, head, dt.date(2026, 10, 5), dt.date(2026, 10, 16), None, desk.now)
    assert months(desk, tmp_path, "2026-10-30 20:00", dt.timedelta(minutes=30)) == ["10-19 08:30 Sept 2026"]


def test_another_hour_of_the_site_holds_for_the_next_report(desk: Desk, tmp_path: Path, head: int) -> None:
    with desk.tx() as tx:
        site = people.person(tx, head).site_ids[0]
        people.change_site(tx, site, digest_at="10:30")
        reporting.write_all(tx, desk.house, desk.now, people.site(tx, site))
    desk.now = local("2026-10-08 08:00")
    assert months(desk, tmp_path, "2026-10-09 20:00", dt.timedelta(minutes=30)) == ["10-08 10:30 Sept 2026"]


def test_who_is_no_longer_supervisor_gets_no_more_reports(desk: Desk, tmp_path: Path, head: int) -> None:
    with desk.tx() as tx:
        people.take_role(tx, head, people.person(tx, head).site_ids[0], "supervisor")
    desk.now = local("2026-10-08 08:00")
    assert not months(desk, tmp_path, "2026-12-30 20:00")


async def test_a_supervisor_finds_the_monthly_report_in_the_chat_with_its_picture(world: World) -> None:
    world.skip(days=29, hours=1)
    before = len(world.shown(SUPERVISOR))
    await world.tick()
    await world.tick()
    shown = world.shown(SUPERVISOR)[before:]
    assert [message["text"] for message in shown if "Monthly report" in message.get("text", "")]
    assert len([message for message in shown if "photo" in message]) == 1


def test_a_period_that_cannot_be_read_is_refused_by_a_phrase_of_the_office(office: Office) -> None:
    assert Refusal("figures_period_wanted").phrase in office.words
