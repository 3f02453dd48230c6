"""Time limits of claims: counted from what happened, counted anew without a trace, told to those who must act, once."""

import datetime as dt
import itertools
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from claimbot.assistant import absences, delivery, digests, reminders
from claimbot.assistant.counting_anew import count_all_anew, counted_by
from claimbot.assistant.house import House
from claimbot.assistant.timekeeping import timetable
from claimbot.clockwork import replayed, take_in
from claimbot.flow.office import CalendarWatch, Office, load_office, read_form
from claimbot.store import Database, claims, clocks, messages, people
from claimbot.store.tables import clocks as clock_rows
from claimbot.store.tables import entries
from claimbot.store.tables import messages as message_rows
from tests.claims.counted import office as shipped
from tests.conftest import FLOWS
from tests.limits import Desk, desk_in, local

CLOSED: dict[str, Any] = {"closed_at": "2026-09-08T08:40:00+00:00", "opened_at": "2026-09-08T01:20:00+00:00"}
WINDOW = "example/submission_window"
ANSWER = "sanbao-2021/answer_to_customer"
REFUND = "sanbao-2021/swap_or_refund"
MORNING = local("2026-09-09 10:00")


@pytest.fixture
def desk(tmp_path: Path, office: Office) -> Desk:
    return desk_in(tmp_path, office, MORNING)


def shop(desk: Desk) -> tuple[int, int, int, int]:
    """A site with a technician, a clerk and a supervisor."""
    site = desk.site()
    technician = desk.person(site, "technician", name="Leo")
    return site, technician, desk.person(site, "clerk", name="Fiona"), desk.person(site, "supervisor", name="Carl")


# what runs


def test_a_claim_follows_its_maker_and_the_statute_of_its_country(desk: Desk) -> None:
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, **CLOSED)
    assert desk.limits(claim)[WINDOW] == dt.date(2026, 10, 8)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    assert desk.limits(claim)[ANSWER] == dt.date(2026, 9, 22)
    assert desk.limits(claim)[REFUND] == dt.date(2026, 10, 13)


def test_elsewhere_the_statute_does_not_hold(desk: Desk) -> None:
    site = desk.site("BE01", "Europe/Berlin", "DE")
    technician = desk.person(site, "technician")
    claim = desk.claim(site, technician, **CLOSED)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), technician)
    assert set(desk.limits(claim)) & {ANSWER, REFUND, WINDOW} == {WINDOW}


def test_what_nobody_here_has_to_do_gets_no_row_and_no_reminder(desk: Desk) -> None:
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, in_service_on="2026-09-01", in_service_proof="invoice", **CLOSED)
    assert not [each for each in desk.limits(claim) if each.startswith("sanbao-2021/early")]


def test_an_event_struck_out_ends_what_hangs_on_it_and_its_reminders(desk: Desk) -> None:
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, **CLOSED)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    with desk.tx() as tx:
        (noted,) = clocks.events_of(tx, claim)
        assert clocks.strike_event(tx, claim, noted.id, desk.now)
        desk.recount(tx, claim)
        assert not clocks.strike_event(tx, claim, noted.id, desk.now), "once"
    assert ANSWER not in desk.limits(claim)
    desk.until(local("2026-11-20 12:00"), dt.timedelta(hours=6))
    assert not [each for each in desk.sent if "Order 43" in each.html or "swap" in each.html]


def test_a_limit_that_was_missed_sets_the_next_one_going_when_it_is_told(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(FLOWS, flows)
    sheet = flows / "warranty" / "clocks.yaml"
    text = sheet.read_text(encoding="utf-8").replace(
        "  - {form: maker}\n", "  - {form: maker}\n  - {form: fidic-2017}\n"
    )
    sheet.write_text(text, encoding="utf-8")
    desk = desk_in(tmp_path, load_office(flows), MORNING)
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "aware", dt.date(2026, 9, 3), clerk)
    assert desk.limits(claim)["fidic-2017/detailed_claim"] == dt.date(2026, 11, 26)
    assert "fidic-2017/notice_of_lapse" not in desk.limits(claim)
    desk.until(local("2026-11-27 12:00"), dt.timedelta(hours=3))
    assert desk.limits(claim)["fidic-2017/notice_of_lapse"] == dt.date(2026, 12, 10)


# counted anew


EVENTS = ("refund.demanded", "refund.answered", "refund.delivered", "car.delivered", "loaner.delivered")
days = st.dates(dt.date(2026, 9, 9), dt.date(2026, 12, 31))
happenings = st.lists(st.tuples(st.sampled_from(EVENTS), days), max_size=5, unique_by=lambda each: each[0])


@given(happened=happenings, order=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_in_which_events_are_noted_does_not_matter_and_counting_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, happened: list[tuple[str, dt.date]], order: random.Random
) -> None:
    desk = desk_in(tmp_path_factory.mktemp("desk"), shipped(), local("2027-01-05 10:00"))
    site, technician, clerk, _ = shop(desk)
    one, other = (desk.claim(site, technician, clerk, **CLOSED) for _ in range(2))
    for event, day in happened:
        desk.note(one, event, day, clerk)
    shuffled = list(happened)
    order.shuffle(shuffled)
    for event, day in shuffled:
        desk.note(other, event, day, clerk)
    with desk.tx() as tx:
        problems = timetable(tx, desk.house, claims.claim(tx, one), desk.now).problems
    assume(not problems)  # the chat would have asked again
    assert desk.limits(one) == desk.limits(other)
    with desk.tx() as tx:
        rows = tx.execute(select(clock_rows)).all(), tx.execute(select(message_rows)).all()
        for claim in (one, other):
            assert desk.recount(tx, claim) == (), "nothing changed"
        assert (tx.execute(select(clock_rows)).all(), tx.execute(select(message_rows)).all()) == rows
    desk.engine.dispose()


@given(happened=happenings, ticks=st.lists(st.integers(1, 30 * 24), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_no_rung_is_said_twice_to_anybody_and_none_of_a_running_clock_is_lost(
    tmp_path_factory: pytest.TempPathFactory, happened: list[tuple[str, dt.date]], ticks: list[int]
) -> None:
    desk = desk_in(tmp_path_factory.mktemp("desk"), shipped(), MORNING)
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, **CLOSED)
    todo = sorted(happened, key=lambda each: each[1])
    for hours in ticks:
        desk.now += dt.timedelta(hours=hours)
        while todo and todo[0][1] <= desk.now.date():
            desk.note(claim, *todo.pop(0), clerk)
        desk.tick()
    said = [
        (each.message.clock_id, each.message.body["rung"], each.message.person_id)
        for each in desk.sent
        if each.message.kind == "reminder"
    ]
    assert len(said) == len(set(said))
    with desk.tx() as tx:
        for clock in clocks.running_clocks(tx, claim):
            assert messages.waiting_for(tx, clock.id), "a clock that runs has somebody who is told next"
    desk.engine.dispose()


async def test_a_calendar_taken_in_while_the_bot_runs_moves_provisional_days_and_tells_whom_they_concern(
    tmp_path: Path,
) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(FLOWS, flows)
    office = load_office(flows)
    watch = CalendarWatch(flows)
    desk = desk_in(tmp_path, office, local("2026-12-22 10:00"))
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, closed_at="2026-12-21T08:00:00+00:00")
    desk.note(claim, "refund.demanded", dt.date(2026, 12, 22), clerk)
    # 23, 24, 25, 28, 29, 30, 31 December, then 4, 5, 6 January: 1 January is off by law, the rest is not announced
    assert desk.limits(claim)[ANSWER] == dt.date(2027, 1, 6)
    with desk.tx() as tx:
        assert [each.provisional for each in clocks.running_clocks(tx, claim) if each.form == "sanbao-2021"] == [
            True
        ] * 2
    assert watch.changed(office) is None
    announced = tmp_path / "2027.yaml"
    announced.write_text(
        "country: CN\nyear: 2027\nholidays:\n"
        '  - name: {en: "New Year\'s Day", zh: "元旦"}\n    days: [2027-01-01, 2027-01-02, 2027-01-03, 2027-01-04]\n'
        'working_days: []\nsource: {en: "made up", zh: "虚构"}\n',
        encoding="utf-8",
    )
    take_in(announced, flows)
    changed = watch.changed(office)
    assert changed is not None
    desk.house = House(changed)
    async with Database(desk.url) as database:
        recounted = await count_all_anew(database, desk.house, lambda: desk.now)
        assert recounted is not None
        assert (recounted.claims, recounted.moved) == (1, 2)
        assert await count_all_anew(database, desk.house, lambda: desk.now) is None, "once"
    assert desk.limits(claim)[ANSWER] == dt.date(2027, 1, 7)
    desk.now += dt.timedelta(minutes=2)
    desk.tick()
    (news,) = [each for each in desk.sent if each.message.kind == "news"]
    assert news.message.person_id == clerk
    assert "6 Jan 2027 → <b>7 Jan 2027</b>" in news.html


async def test_counting_anew_is_done_by_one_process_and_taken_up_when_that_one_died(desk: Desk) -> None:
    async with Database(desk.url) as database:
        wanted = counted_by(desk.house)
        assert await database.turn(lambda tx: clocks.claim_mark(tx, "counted_by", wanted, desk.now))
        assert await count_all_anew(database, desk.house, lambda: desk.now) is None, "somebody is at it"
        desk.now += dt.timedelta(minutes=3)
        assert await count_all_anew(database, desk.house, lambda: desk.now) is not None, "who was at it died"
        assert not await database.turn(lambda tx: clocks.claim_mark(tx, "counted_by", wanted, desk.now))


def test_replay_shows_what_a_changed_file_would_move_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, **CLOSED)
    draft = tmp_path / "example.yaml"
    as_it_is = (FLOWS / "warranty" / "makers" / "example.yaml").read_text(encoding="utf-8")
    draft.write_text(as_it_is.replace("days: 30", "days: 180"), encoding="utf-8")
    before = desk.limits(claim)
    with desk.tx() as tx:
        found = replayed(tx, desk.house, read_form(draft, desk.house.office), desk.now)
    (moving,) = found.moving
    assert (moving.claim, moving.clock) == ("SH01-2026-0001", "submission_window")
    assert (moving.before, moving.after) == (dt.date(2026, 10, 8), dt.date(2027, 3, 7))
    assert found.claims == 1
    assert desk.limits(claim) == before


# who is told


def mornings(desk: Desk, person: int, kind: str = "digest") -> list[str]:
    """Local day and hour of what somebody got."""
    zone = dt.timezone(dt.timedelta(hours=8))
    return [
        f"{each.at.astimezone(zone):%m-%d %H:%M}"
        for each in desk.sent
        if each.message.person_id == person and each.message.kind == kind
    ]


def begin_digests(desk: Desk) -> None:
    with desk.tx() as tx:
        digests.write_all(tx, desk.house, desk.now)


def test_a_digest_on_each_working_day_with_something_to_do_and_none_without(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    begin_digests(desk)
    desk.until(local("2026-09-11 12:00"))
    assert not desk.sent, "nothing to do, nothing said"
    desk.claim(site, technician, clerk, closed_at="2026-08-20T08:00:00+00:00")  # its window ends on 19 September
    desk.until(local("2026-09-21 12:00"))
    # seven days before is Saturday the 12th, which is said on Friday: that is past, so on Monday; then 3 days and 1 day
    assert mornings(desk, clerk)[0] == "09-14 08:30"
    assert mornings(desk, clerk)[-1] == "09-21 08:30"
    assert not [each for each in mornings(desk, clerk) if each.startswith(("09-13", "09-19"))], "weekends"
    assert "09-20 08:30" in mornings(desk, clerk), "a Sunday that is worked"
    assert mornings(desk, supervisor) == ["09-20 08:30", "09-21 08:30"], "once it is late"


def test_a_site_may_choose_its_hour_and_a_word_on_idle_days(desk: Desk) -> None:
    site, _, clerk, _ = shop(desk)
    begin_digests(desk)
    with desk.tx() as tx:
        people.change_site(tx, site, digest_at="09:15", digest_always=1)
        digests.write_all(tx, desk.house, desk.now, people.site(tx, site))
    desk.until(local("2026-09-11 12:00"))
    assert mornings(desk, clerk) == ["09-10 09:30", "09-11 09:30"], "looked at every half hour"
    assert "nothing to see to" in desk.sent[0].html


def test_the_worst_comes_first_and_the_team_is_grouped_by_person(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    other = desk.person(site, "clerk", name="Grace")
    begin_digests(desk)
    desk.claim(site, technician, clerk, closed_at="2026-08-11T02:00:00+00:00")  # ends on 10 September
    desk.claim(site, technician, clerk, closed_at="2026-08-09T02:00:00+00:00")  # ended on 8 September
    desk.claim(site, technician, other, closed_at="2026-08-10T02:00:00+00:00")  # ended on 9 September
    desk.until(local("2026-09-10 08:30"))
    (mine,) = [each.html for each in desk.sent if each.message.person_id == clerk and each.message.kind == "digest"]
    assert (
        mine.index("Overdue (1)")
        < mine.index("SH01-2026-0002")
        < mine.index("Today (1)")
        < mine.index("SH01-2026-0001")
    )
    assert "SH01-2026-0003" not in mine, "somebody else's"
    (team,) = [
        each.html for each in desk.sent if each.message.person_id == supervisor and each.message.kind == "digest"
    ]
    assert "Fiona (2)" in team
    assert "Grace (1)" in team


def test_rungs_that_the_digest_tells_are_not_said_again_and_their_ladders_go_on(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    begin_digests(desk)
    desk.claim(site, technician, clerk, **CLOSED)
    desk.until(local("2026-10-09 12:00"))
    assert mornings(desk, clerk, "reminder") == []
    assert mornings(desk, supervisor, "reminder") == []
    assert mornings(desk, clerk) == ["09-30 08:30", "10-08 08:30", "10-09 08:30"]


def test_when_the_digest_cannot_be_said_the_reminders_go_to_who_can_be_reached(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    begin_digests(desk)
    desk.claim(site, technician, clerk, **CLOSED)
    desk.now = local("2026-09-30 08:20")
    desk.tick()
    with desk.tx() as tx:
        people.change_person(tx, clerk, blocked_at=desk.now)
    desk.until(local("2026-09-30 09:00"), dt.timedelta(minutes=5))
    (told,) = [each for each in desk.sent if each.message.kind == "reminder"]
    assert told.message.person_id == supervisor
    assert "8 days left" in told.html


def test_somebody_on_leave_hands_theirs_to_the_deputy_and_gets_them_back(desk: Desk) -> None:
    site, technician, clerk, _ = shop(desk)
    deputy = desk.person(site, "clerk", name="Grace")
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)  # ends on 22 September
    with desk.tx() as tx:
        clocks.add_absence(tx, clerk, dt.date(2026, 9, 15), dt.date(2026, 9, 18), deputy, desk.now)
    desk.until(local("2026-09-22 12:00"))
    told = [
        (f"{each.at + dt.timedelta(hours=8):%m-%d}", each.message.person_id)
        for each in desk.sent
        if "Seller's answer" in each.html
    ]
    assert told == [("09-10", clerk), ("09-15", deputy), ("09-18", deputy), ("09-21", clerk), ("09-22", clerk)]


def test_a_deputy_who_is_away_too_does_not_swallow_it(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    deputy = desk.person(site, "clerk", name="Grace")
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    with desk.tx() as tx:
        for one, other in ((clerk, deputy), (deputy, clerk)):
            clocks.add_absence(tx, one, dt.date(2026, 9, 10), dt.date(2026, 9, 30), other, desk.now)
    desk.until(local("2026-09-15 12:00"))
    assert {each.message.person_id for each in desk.sent if "Seller's answer" in each.html} == {supervisor}


def test_somebody_who_left_is_skipped(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)
    with desk.tx() as tx:
        people.take_role(tx, clerk, site, "clerk")
    desk.until(local("2026-09-15 12:00"))
    assert {each.message.person_id for each in desk.sent if "Seller's answer" in each.html} == {supervisor}


def test_the_ladder_climbs_from_the_clerk_to_the_supervisor_to_the_administrator(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    chief = desk.person(site, "administrator", name="Zoe")
    claim = desk.claim(site, technician, clerk)
    desk.note(claim, "refund.demanded", dt.date(2026, 9, 9), clerk)  # answered by 22 September
    desk.until(local("2026-10-20 12:00"), dt.timedelta(minutes=60))
    told = [each.message.person_id for each in desk.sent if "Seller's answer" in each.html]
    assert [person for person, _ in itertools.groupby(told)] == [clerk, supervisor, chief]


def test_a_snooze_keeps_its_reason_in_the_case_file(desk: Desk) -> None:
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, **CLOSED)
    with desk.tx() as tx:
        (clock,) = [each for each in clocks.running_clocks(tx, claim) if each.rule == "submission_window"]
        later = reminders.snooze(tx, desk.house, people.person(tx, clerk), clock.id, "1h", "等厂家", desk.now)
        (said,) = tx.execute(select(entries.c.detail).where(entries.c.what == "snoozed")).scalars()
    assert later == desk.now + dt.timedelta(hours=1)
    assert "等厂家" in said
    assert "example/submission_window" in said


# the tick, broken off anywhere


@pytest.mark.parametrize("dies", ["before it is taken", "after taking", "after sending", "after noting"])
def test_a_tick_that_dies_loses_nothing_and_says_at_most_that_one_message_twice(desk: Desk, dies: str) -> None:
    site, technician, clerk, _ = shop(desk)
    begin_digests(desk)
    desk.claim(site, technician, clerk, closed_at="2026-08-11T02:00:00+00:00")
    desk.now = local("2026-09-10 08:30")
    ready = () if dies == "before it is taken" else desk.take()
    for message in ready:
        if dies != "after taking":
            desk.send(message)
        if dies == "after noting":
            desk.note_sent(message)
    desk.now += messages.LEASE_FOR + dt.timedelta(seconds=1)
    desk.tick()
    told = mornings(desk, clerk)
    assert len(told) == (2 if dies == "after sending" else 1)
    desk.until(local("2026-09-11 08:30"), dt.timedelta(minutes=10))
    assert len(mornings(desk, clerk)) == len(told) + 1, "the next one was written"


def test_a_transaction_broken_in_the_middle_leaves_everything_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, technician, clerk, _ = shop(desk)
    begin_digests(desk)
    desk.claim(site, technician, clerk, closed_at="2026-08-11T02:00:00+00:00")
    desk.now = local("2026-09-10 08:30")
    ready = desk.take()
    (digest,) = [each for each in ready if each.kind == "digest" and each.person_id == clerk]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(digests, "told", die)
        with pytest.raises(KeyboardInterrupt):
            desk.note_sent(digest)
    with desk.tx() as tx:
        state = tx.execute(select(message_rows.c.state).where(message_rows.c.id == digest.id)).scalar()
    assert state == "leased"


@pytest.mark.parametrize("days", [[1, 2, 3, 9], [1, -1, 1, 2], [40, -39, 40], [0, 0, 0], [400, -399, 1]], ids=str)
def test_a_clock_that_is_moved_forward_and_backward_says_nothing_twice(desk: Desk, days: list[int]) -> None:
    site, technician, clerk, _ = shop(desk)
    claim = desk.claim(site, technician, clerk, **CLOSED)
    for step in days:
        desk.now += dt.timedelta(days=step)
        desk.tick()
        with desk.tx() as tx:
            desk.recount(tx, claim)
    said = [(each.message.clock_id, each.message.body["rung"], each.message.person_id) for each in desk.sent]
    assert len(said) == len(set(said))


def test_after_downtime_each_ladder_says_one_thing_the_latest(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    desk.claim(site, technician, clerk, **CLOSED)
    desk.now = local("2026-12-01 10:00")
    desk.tick()
    (told,) = [each for each in desk.sent if "window" in each.html]
    assert told.message.person_id == supervisor, "there is no administrator"
    assert "closed on 8 Oct 2026 (54 days)" in told.html


@pytest.mark.parametrize(
    ("zone", "country", "before", "after"),
    [
        ("Europe/Berlin", "DE", "2026-03-27", "2026-03-30"),  # the clock goes forward on Sunday the 29th
        ("Europe/Berlin", "DE", "2026-10-23", "2026-10-26"),  # and back on Sunday the 25th
        ("America/New_York", "US", "2026-03-06", "2026-03-09"),
        ("Asia/Shanghai", "CN", "2026-12-31", "2027-01-04"),  # New Year, and a year not announced
    ],
)
def test_the_digest_keeps_its_wall_clock_over_the_change_of_the_clock_and_of_the_year(
    tmp_path: Path, office: Office, zone: str, country: str, before: str, after: str
) -> None:
    desk = desk_in(tmp_path, office, local(f"{before} 06:00", zone))
    site = desk.site("X1", zone, country)
    technician, clerk = desk.person(site, "technician"), desk.person(site, "clerk")
    begin_digests(desk)
    desk.claim(site, technician, clerk)
    with desk.tx() as tx:
        people.change_site(tx, site, digest_always=1)
    desk.until(local(f"{after} 12:00", zone))
    told = [each.at for each in desk.sent if each.message.kind == "digest"]
    assert told == [local(f"{day} 08:30", zone) for day in (before, after)]


ZONES = (
    ("SH01", "Asia/Shanghai", "CN"),
    ("BE01", "Europe/Berlin", "DE"),
    ("LO01", "Europe/London", "GB"),
    ("NY01", "America/New_York", "US"),
    ("LA01", "America/Los_Angeles", "US"),
)


def test_ten_thousand_people_in_five_zones_get_their_digest_once_at_half_past_eight_of_their_own_clock(
    tmp_path: Path, office: Office
) -> None:
    desk = desk_in(tmp_path, office, dt.datetime(2026, 9, 8, 16, 0, tzinfo=dt.UTC))
    zones: dict[int, str] = {}
    with desk.tx() as tx:
        for number, (code, zone, country) in enumerate(ZONES):
            site = people.add_site(
                tx, code=code, name=code, zone=zone, country=country, currency="CNY", maker="example"
            )
            people.change_site(tx, site, digest_always=1)
            for place in range(2_000):
                person = people.add_person(tx, 1_000_000 * (number + 1) + place, f"p{place}", "en")
                people.give_role(tx, person, site, "clerk")
                zones[person] = zone
    begin_digests(desk)
    end, hours = desk.now + dt.timedelta(hours=24), 0
    while desk.now < end:
        desk.now += dt.timedelta(minutes=30)
        hours += 1
        while ready := desk.take(500):
            for message in ready:
                desk.send(message)
            with desk.tx() as tx:
                for message in ready:
                    delivery.noted(tx, desk.house, message, 1, desk.now)
    assert len(desk.sent) == 10_000
    assert {each.message.person_id for each in desk.sent} == set(zones)
    for each in desk.sent:
        assert each.at == local("2026-09-09 08:30", zones[each.message.person_id])
    with desk.tx() as tx:
        waiting = select(func.count()).where(message_rows.c.kind == "digest", message_rows.c.state == "waiting")
        assert tx.execute(waiting).scalar() == 10_000, "the next one is written for each"


def test_the_urgent_goes_before_ten_thousand_digests(tmp_path: Path, office: Office) -> None:
    desk = desk_in(tmp_path, office, MORNING)
    _, _, clerk, _ = shop(desk)
    with desk.tx() as tx:
        common = {"person_id": clerk, "state": "waiting", "made_at": desk.now, "body": {"html": "x"}, "kind": "say"}
        for place in range(200):
            at = desk.now - dt.timedelta(hours=1, seconds=place)
            messages.add_message(tx, {**common, "urgency": messages.DIGEST, "due_at": at})
        usual = messages.add_message(tx, {**common, "urgency": messages.USUAL, "due_at": desk.now})
        urgent = messages.add_message(tx, {**common, "urgency": messages.URGENT, "due_at": desk.now})
    assert [each.id for each in desk.take(50)][:2] == [urgent, usual]


def test_colleagues_who_may_act_for_somebody_have_a_role_of_theirs_at_a_site_of_theirs(desk: Desk) -> None:
    site, technician, clerk, supervisor = shop(desk)
    grace = desk.person(site, "clerk", name="Grace")
    elsewhere = desk.site("BJ01")
    desk.person(elsewhere, "clerk")
    with desk.tx() as tx:
        assert [each.id for each in absences.colleagues(tx, people.person(tx, clerk))] == [grace]
        assert absences.colleagues(tx, people.person(tx, supervisor)) == ()
        assert absences.colleagues(tx, people.person(tx, technician)) == ()
