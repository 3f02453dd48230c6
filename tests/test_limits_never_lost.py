"""What could silently end a limit and must not: a wrong day, a rule taken out, a crowd, a reminder put off."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from claimbot.assistant import digests, due, reminders
from claimbot.assistant.counting_anew import count_all_anew
from claimbot.assistant.house import House
from claimbot.assistant.timekeeping import timetable
from claimbot.errors import FlowError
from claimbot.flow.office import Office, load_office
from claimbot.store import Database, claims, clocks, messages, people
from claimbot.store.clocks import OFFICE, Contract
from claimbot.store.tables import clocks as clock_rows
from claimbot.store.tables import messages as message_rows
from tests.conftest import CLERK, FLOWS, World
from tests.limits import Desk, desk_in, local

ANSWER = "sanbao-2021/answer_to_customer"
NOTICE = "fidic-2017/notice_of_claim"


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, local("2026-09-09 10:00"))


def shop(desk: Desk) -> tuple[int, int, int]:
    """A site with a technician and a clerk; who they are."""
    site = desk.site()
    return site, desk.person(site, "technician", name="Leo"), desk.person(site, "clerk", name="Fiona")


def changed(tmp_path: Path, file: str, change: Callable[[str], str]) -> Office:
    """The shipped office with one file otherwise."""
    copy = tmp_path / "flows"
    shutil.copytree(FLOWS, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert change(text) != text
    (copy / file).write_text(change(text), encoding="utf-8")
    return load_office(copy)


async def counted_anew(desk: Desk, office: Office) -> None:
    desk.house = House(office)
    async with Database(desk.url) as database:
        assert await count_all_anew(database, desk.house, lambda: desk.now) is not None


# contracts


async def under_fidic(world: World, signed: str) -> str:
    await world.tap(CLERK, "📜 适用合同")
    await world.tap(CLERK, "FIDIC 2017")
    await world.say(CLERK, "SH-2026-04")
    return await world.say(CLERK, signed)


async def at_the_dates(world: World) -> None:
    await world.report()
    await world.say(CLERK, "/claim SH01-2026-0001")
    await world.tap(CLERK, "⏱ 时限")


async def test_a_contract_signed_after_what_happened_under_it_is_asked_again_and_ends_no_limit(world: World) -> None:
    await at_the_dates(world)
    assert "FIDIC 2017 版 · SH-2026-04 · 2026-03-02" in await under_fidic(world, "2026-03-02")
    await world.tap(CLERK, "➕ 记录事件")
    await world.tap(CLERK, "知道")
    assert "索赔通知：2026-10-01 · 计时中，剩 22 天" in await world.say(CLERK, "2026-09-03")
    assert "早于合同签订日 2026-09-05" in await under_fidic(world, "2026-09-05")
    kept = await world.database.turn(lambda tx: clocks.contracts_of(tx, 1))
    assert kept == (Contract("fidic-2017", "SH-2026-04", dt.date(2026, 3, 2)),)
    running = await world.database.turn(lambda tx: clocks.running_clocks(tx, 1))
    assert {each.rule for each in running if each.form == "fidic-2017"} == {"notice_of_claim", "detailed_claim"}
    assert "索赔通知：2026-10-01" in await world.say(CLERK, "2026-09-01"), "another day is taken"


async def test_a_contract_chosen_by_mistake_is_struck_out_with_its_limits(world: World) -> None:
    await at_the_dates(world)
    await under_fidic(world, "2026-03-02")
    await world.tap(CLERK, "➕ 记录事件")
    await world.tap(CLERK, "知道")
    await world.say(CLERK, "2026-09-03")
    said = await world.tap(CLERK, "✖️ 撤销：FIDIC 2017")
    assert "FIDIC" not in said
    assert "索赔通知" not in said
    running = await world.database.turn(lambda tx: clocks.running_clocks(tx, 1))
    assert not [each for each in running if each.form == "fidic-2017"]
    await world.tap(CLERK, "✖️ 撤销：FIDIC 2017")
    assert "已撤销" in world.last(CLERK)


async def test_only_forms_of_contracts_are_offered_for_a_contract(world: World) -> None:
    await at_the_dates(world)
    await world.tap(CLERK, "📜 适用合同")
    labels = " ".join(world.buttons(CLERK))
    assert all(each in labels for each in ("FIDIC 1999", "GF-2017-0201", "NEC4", "AIA", "JCT"))
    assert "美国经销商法" not in labels
    assert "示例汽车" not in labels


async def test_a_contract_of_a_hundred_letters_with_marks_in_its_name_is_shown_as_it_was_typed(world: World) -> None:
    await at_the_dates(world)
    await world.tap(CLERK, "📜 适用合同")
    await world.tap(CLERK, "FIDIC 2017")
    await world.say(CLERK, "<b>&" + "长" * 96)
    await world.tap(CLERK, "跳过")
    said = world.shown(CLERK)[-1]
    assert "<b>&" + "长" * 96 in said["text"]


def test_events_that_contradict_each_other_leave_running_what_runs_and_say_so(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 8), clerk)
    with desk.tx() as tx:
        clocks.add_event(tx, claim, "refund.demanded", dt.date(2026, 9, 9), person_id=clerk, now=desk.now)
        assert desk.recount(tx, claim) == ()
        table = timetable(tx, desk.house, claims.claim(tx, claim), desk.now)
        assert table.doubtful == {"sanbao-2021"}
    assert desk.limits(claim)[ANSWER] == dt.date(2026, 9, 21)
    with desk.tx() as tx:
        (clock,) = [each for each in clocks.running_clocks(tx, claim) if each.rule == "answer_to_customer"]
        why = due.why_screen(tx, desk.house, people.person(tx, clerk), clock.id, desk.now)
    assert "counted earlier → 21 Sept 2026" in why.html
    assert "is there 2 times" in why.html
    desk.until(local("2026-09-22 12:00"), dt.timedelta(hours=2))
    assert [each for each in desk.sent if "Seller's answer" in each.html], "and it is still pushed"


# rules that the office takes out or brings in


async def test_a_limit_whose_rule_was_taken_out_ends_with_a_word_and_without_reminders(
    desk: Desk, tmp_path: Path
) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    assert ANSWER in desk.limits(claim)
    gone = changed(
        tmp_path,
        "warranty/statutes/sanbao-2021.yaml",
        lambda text: text[: text.index("  - name: answer_to")] + text[text.index("  - name: swap_or") :],
    )
    await counted_anew(desk, gone)
    assert ANSWER not in desk.limits(claim)
    desk.now += dt.timedelta(minutes=2)
    desk.tick()
    (news,) = [each for each in desk.sent if each.message.kind == "news"]
    assert "answer_to_customer: no longer running (was 22 Sept 2026)" in news.html
    desk.until(local("2026-10-01 12:00"), dt.timedelta(hours=4))
    assert not [each for each in desk.sent if "Seller's answer" in each.html]


async def test_an_office_clock_that_was_renamed_leaves_no_claim_without_anybody_told(
    desk: Desk, tmp_path: Path
) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk)
    with desk.tx() as tx:
        reminders.after_move(tx, desk.house, claims.claim(tx, claim), "submit", "draft", desk.now)
    assert f"{OFFICE}/claim_waiting" in desk.limits(claim)
    renamed = changed(tmp_path, "warranty/clocks.yaml", lambda text: text.replace("claim_waiting", "at_the_desk"))
    await counted_anew(desk, renamed)
    assert {each for each in desk.limits(claim) if each.startswith(OFFICE)} == {f"{OFFICE}/at_the_desk"}
    desk.until(local("2026-09-09 16:00"))
    assert [each.message.person_id for each in desk.sent if "waiting at the desk" in each.html] == [clerk]


async def test_a_claim_on_which_nothing_ran_gets_the_limits_of_a_rule_that_is_new(desk: Desk, tmp_path: Path) -> None:
    site = desk.site("NY01", "America/New_York", "US")
    technician, clerk = desk.person(site, "technician"), desk.person(site, "clerk")
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "claim.received", dt.date(2026, 9, 8), clerk)
    assert desk.limits(claim) == {}
    followed = changed(
        tmp_path,
        "warranty/clocks.yaml",
        lambda text: text.replace("  - {form: maker}\n", "  - {form: maker}\n  - {form: us-dealers, sites: [NY01]}\n"),
    )
    await counted_anew(desk, followed)
    assert desk.limits(claim)["us-dealers/ny_decision"] == dt.date(2026, 10, 8)


# a crowd


def test_hundreds_of_claims_at_the_desk_do_not_crowd_out_the_deadline_of_one(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    with desk.tx() as tx:
        for _ in range(1100):
            number = claims.add_claim(tx, site_id=site, author_id=technician, currency="CNY", now=desk.now)
            clocks.start_clock(
                tx,
                {
                    "form": OFFICE,
                    "rule": "claim_waiting",
                    "claim_id": number,
                    "started_at": desk.now,
                    "rung": 0,
                    "rung_at": desk.now,
                },
            )
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    with desk.tx() as tx:
        found = due.all_due(tx, desk.house, (site,))
    assert {each.clock.rule for each in found if each.claim.id == claim} >= {"answer_to_customer", "swap_or_refund"}


def test_two_hundred_clocks_are_told_in_one_message_that_telegram_takes(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    with desk.tx() as tx:
        digests.write_all(tx, desk.house, desk.now)
    for _ in range(100):
        claim = desk.claim(site, technician, clerk, vin="LSVAA4182E2184847")
        desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    with desk.tx() as tx:
        letter = due.due_screen(tx, desk.house, people.person(tx, clerk), desk.now, None)
    assert len(letter.html) < 4096
    buttons = [each for row in letter.rows for each in row]
    assert len(buttons) == 40
    assert all(len(data.encode()) <= 64 for _, data in buttons)
    assert "… and 180 more" in letter.html
    desk.until(local("2026-09-10 08:30"))
    (digest,) = [each for each in desk.sent if each.message.kind == "digest" and each.message.person_id == clerk]
    assert len(digest.html) < 4096
    assert "… and 85 more: /due" in digest.html


def test_the_dates_of_a_claim_show_what_runs_first_and_what_ran_out_in_one_line(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    facts = {"in_service_on": "2026-03-02", "in_service_proof": "invoice", "opened_at": "2026-08-08T01:00:00+00:00"}
    claim = desk.claim(site, technician, clerk, closed_at="2026-08-10T02:00:00+00:00", **facts)
    desk.note(claim, "refund.demanded", dt.date(2026, 8, 26), clerk)
    with desk.tx() as tx:
        shown = due.clocks_screen(tx, desk.house, people.person(tx, clerk), claims.claim(tx, claim), desk.now)
    lines = shown.html.splitlines()
    assert [each for each in lines if each.startswith("⏳")] == [
        "⏳ Seller's answer to a swap or refund demand: <b>9 Sept 2026</b> · running, the last day",
        "⏳ Maker's submission window: <b>9 Sept 2026</b> · running, the last day",
        "⏳ Swap or refund carried out: <b>22 Sept 2026</b> · running, 13 days left",
        "⏳ Free repair period, at the least: <b>2 Mar 2029</b> · running (provisional)",
    ]
    assert lines[-1] == (
        "🔚 Run out: Swap or refund in the first 7 days, New assembly in the first 60 days,"
        " Swap or refund for safety faults in the first 60 days"
    )
    assert [label for row in shown.rows for label, _ in row][:2] == [
        "❓ Seller's answer to a swap or refund…",
        "❓ Maker's submission window",
    ]


# put off, or taken while its day moved


def waiting(desk: Desk, clock: int, person: int) -> list[str]:
    with desk.tx() as tx:
        some = select(message_rows.c.due_at).where(
            message_rows.c.clock_id == clock, message_rows.c.person_id == person, message_rows.c.state == "waiting"
        )
        return sorted(f"{each + dt.timedelta(hours=8):%m-%d %H:%M}" for each in tx.execute(some).scalars())


def test_putting_off_what_was_said_does_not_swallow_the_rung_that_comes_later(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk)
    desk.note(
        claim, "refund.demanded", dt.date(2026, 9, 9), clerk
    )  # 20 working days: 13 October; told from the 29th on
    with desk.tx() as tx:
        (clock,) = [each for each in clocks.running_clocks(tx, claim) if each.rule == "swap_or_refund"]
    before = waiting(desk, clock.id, clerk)
    with desk.tx() as tx:
        reminders.snooze(tx, desk.house, people.person(tx, clerk), clock.id, "tomorrow", "等配件", desk.now)
    assert waiting(desk, clock.id, clerk) == ["09-10 08:30", *before]
    desk.until(local("2026-10-01 12:00"), dt.timedelta(hours=2))
    told = [f"{each.at + dt.timedelta(hours=8):%m-%d}" for each in desk.sent if "Swap or refund carried" in each.html]
    assert told[0] == "09-10"
    assert before[0][:5] in told


def test_a_reminder_put_off_over_its_own_hour_is_said_once_and_the_ladder_goes_on(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)  # 22 September
    desk.until(local("2026-09-18 12:00"))  # said this morning: 4 days, as the 19th is off
    with desk.tx() as tx:
        (clock,) = [each for each in clocks.running_clocks(tx, claim) if each.rule == "answer_to_customer"]
        reminders.snooze(tx, desk.house, people.person(tx, clerk), clock.id, "tomorrow", "等厂家", desk.now)
    desk.until(local("2026-09-22 12:00"))
    told = [f"{each.at + dt.timedelta(hours=8):%m-%d}" for each in desk.sent if "Seller's answer" in each.html]
    assert told[-3:] == ["09-20", "09-21", "09-22"], "Sunday the 20th is worked"
    assert len(told) == len(set(told))


def test_a_reminder_taken_just_as_its_last_day_moved_is_not_said_of_the_old_day(desk: Desk) -> None:
    site, technician, clerk = shop(desk)
    claim = desk.claim(site, technician, clerk, closed_at="2026-08-11T02:00:00+00:00")  # ends on 10 September
    desk.now = local("2026-09-10 09:00")
    taken = [each for each in messages_taken(desk) if each.clock_id is not None]
    assert taken
    with desk.tx() as tx:
        held = claims.lock_claim(tx, claim)
        claims.keep_facts(tx, held, {"closed_at": "2026-09-08T02:00:00+00:00"}, desk.now)
        desk.recount(tx, claim)
    with desk.tx() as tx:
        from_old_day = desk.worded(tx, taken)
    assert from_old_day == ()
    desk.until(local("2026-09-30 12:00"), dt.timedelta(hours=1))
    (told,) = [each for each in desk.sent if each.message.kind == "reminder"]
    assert f"{told.at + dt.timedelta(hours=8):%m-%d %H:%M}" == "09-30 09:00", (
        "7 days before, which is in the holiday; looked at on the hour"
    )
    with desk.tx() as tx:
        (clock,) = tx.execute(select(clock_rows.c.rung).where(clock_rows.c.claim_id == claim)).scalars()
    assert clock == 3, "the last day: the two rungs between lie in the holiday too"


def messages_taken(desk: Desk) -> tuple[messages.Message, ...]:
    with desk.tx() as tx:
        return messages.take_due(tx, desk.now)


# what fits on a button


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace("notice.sent", "the_notice_of_a_delay_by_others.sent"),
            "too long for a button, take 24 letters at the most",
        ),
        (lambda text: text.replace("stops: {events: [notice.sent]}", "stops: {moves: [send_it]}"), "there is no move"),
    ],
)
def test_what_would_not_fit_on_a_button_or_never_stop_is_told_with_its_line(
    tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    with pytest.raises(FlowError) as told:
        changed(tmp_path, "contract/forms/fidic-1999.yaml", change)
    assert any(each.startswith("contract/forms/fidic-1999.yaml:15: ") and said in each for each in told.value.problems)


@pytest.mark.parametrize("steps", [[0, 58], [0, 58, 0], [0, 5, -5, 58], [40, 0, 58]])
def test_a_ladder_that_was_walked_in_part_is_walked_anew_when_its_last_day_moves(desk: Desk, steps: list[int]) -> None:
    site, technician, clerk = shop(desk)
    started = local("2026-07-12 10:00")
    claim = desk.claim(site, technician, clerk, closed_at=started.isoformat())
    for moved in steps:
        with desk.tx() as tx:
            facts = {"closed_at": (started + dt.timedelta(days=moved)).isoformat()}
            claims.keep_facts(tx, claims.lock_claim(tx, claim), facts, desk.now)
            desk.recount(tx, claim)
        desk.until(desk.now + dt.timedelta(hours=30))
    desk.sent.clear()
    desk.until(local("2026-12-20 12:00"), dt.timedelta(hours=6))
    with desk.tx() as tx:
        assert tx.execute(select(message_rows.c.id).where(message_rows.c.outcome == "a bug of ours")).all() == []
        (clock,) = clocks.running_clocks(tx, claim)
        assert messages.waiting_for(tx, clock.id)
    if steps[-1] == 58:
        told = [f"{each.at + dt.timedelta(hours=8):%m-%d}" for each in desk.sent if each.message.person_id == clerk]
        assert told[:2] == ["09-30", "10-08"], "seven days before lies in the holiday; then the last day"
