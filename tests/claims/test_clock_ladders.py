import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks import ClockRule, ClockRules, Ladders, Rung, RungDue, Running, Span, days_to
from claimbot.claims.coverage import MakerTerms, window_of
from claimbot.claims.life import Life

NAMES = (
    "draft_unfinished",
    "claim_waiting",
    "answer_waiting",
    "approval_waiting",
    "filing_waiting",
    "maker_awaited",
    "maker_no",
    "money_short",
    "write_off_waiting",
)
LIMITS = ("submission", "ours", "theirs", "own")
instants = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 6, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001  naive ends, aware between
waits = st.integers(0, 60 * 24 * 40).map(lambda minutes: dt.timedelta(minutes=minutes))


def named(clocks: ClockRules, name: str) -> ClockRule:
    rule = clocks.named(name, dt.date(2026, 6, 1))
    assert rule is not None
    return rule


def running(clocks: ClockRules, name: str, calendar: OfficeCalendar, started_at: dt.datetime) -> Running:
    return Running(named(clocks, name), clocks.morning, started_at, None, calendar)


def limit(
    ladders: Ladders, name: str, calendar: OfficeCalendar, started_at: dt.datetime, due_at: dt.datetime
) -> Running:
    return Running(ladders.ladders[name], dt.time(8, 30), started_at, due_at, calendar)


def local(calendar: OfficeCalendar, text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=calendar.where).astimezone(dt.UTC)


def walked(clock: Running, most: int) -> list[RungDue]:
    """The ladder as it is climbed when every rung is said in time."""
    due = clock.first()
    said: list[RungDue] = []
    while due is not None and len(said) < most:
        said.append(due)
        due = clock.following(due.index, due.at, due.at)
    return said


def test_the_shipped_clocks_have_no_problems(clocks: ClockRules, life: Life) -> None:
    assert clocks.problems(life) == ()
    assert {rule.name for rule in clocks.clocks} == {*NAMES, "filing_waiting"}


def test_an_unfinished_draft_after_two_hours_next_morning_then_weekly(
    clocks: ClockRules, shanghai: OfficeCalendar
) -> None:
    clock = running(clocks, "draft_unfinished", shanghai, local(shanghai, "2026-11-24 10:00"))
    assert [each.at for each in walked(clock, 4)] == [
        local(shanghai, f"2026-{when}") for when in ("11-24 12:00", "11-25 08:30", "12-02 08:30", "12-09 08:30")
    ]


def test_an_approval_after_four_working_hours_daily_then_another_supervisor(
    clocks: ClockRules, shanghai: OfficeCalendar
) -> None:
    clock = running(clocks, "approval_waiting", shanghai, local(shanghai, "2026-11-26 15:00"))
    said = walked(clock, 8)
    days = ("11-27 10:00", "11-30 10:00", "12-01 10:00", "12-02 10:00", "12-03 10:00", "12-04 10:00", "12-11 10:00")
    assert [each.at for each in said[:7]] == [local(shanghai, f"2026-{when}") for when in days]
    rungs = [clock.rule.rung(each.index) for each in said]
    assert [rung.tells for rung in rungs if rung is not None] == [
        "responsible", "responsible", "responsible", *["another_supervisor"] * 3, "administrator", "administrator",
    ]  # fmt: skip


def test_the_window_is_told_seven_three_one_days_before_on_the_day_and_after(
    ladders: Ladders, shanghai: OfficeCalendar, terms: MakerTerms
) -> None:
    closed = local(shanghai, "2026-10-27 16:00")
    window = window_of(terms, closed, "Asia/Shanghai")
    assert window is not None
    assert window.due_on == dt.date(2026, 11, 26)
    clock = limit(ladders, "submission", shanghai, closed, window.due_at)
    said = walked(clock, 9)
    days = ("11-19", "11-23", "11-25", "11-26", "11-27", "12-04", "12-11", "12-25")
    assert [each.at for each in said[:8]] == [local(shanghai, f"2026-{day} 08:30") for day in days]
    assert [days_to(window.due_at, each.at, shanghai) for each in said[:5]] == [7, 3, 1, 0, -1]
    rungs = [clock.rule.rung(each.index) for each in said]
    assert [rung.tells for rung in rungs if rung is not None] == [
        *["clerk"] * 4, *["supervisor"] * 3, *["administrator"] * 2,
    ]  # fmt: skip


def test_a_rung_before_the_deadline_comes_back_to_a_working_day_and_one_after_goes_on(
    ladders: Ladders, shanghai: OfficeCalendar
) -> None:
    due_at = local(shanghai, "2026-11-29 23:59")  # a Sunday
    clock = limit(ladders, "submission", shanghai, local(shanghai, "2026-10-30 16:00"), due_at)
    days = ("11-20", "11-26", "11-27", "11-29", "11-30")
    assert [each.at for each in walked(clock, 5)] == [local(shanghai, f"2026-{day} 08:30") for day in days]


def test_a_claim_that_comes_late_is_told_at_once_and_only_the_rung_of_the_day(
    ladders: Ladders, shanghai: OfficeCalendar
) -> None:
    due_at = local(shanghai, "2026-11-26 23:59")
    clock = limit(ladders, "submission", shanghai, local(shanghai, "2026-10-27 16:00"), due_at)
    now = local(shanghai, "2026-11-24 10:00")
    first = clock.first(now)
    assert first is not None
    assert first.index == 1
    assert clock.following(first.index, now, now) == RungDue(2, local(shanghai, "2026-11-25 08:30"))


def test_after_a_power_cut_the_same_person_is_told_once_and_the_supervisor_is_not_forgotten(
    ladders: Ladders, shanghai: OfficeCalendar
) -> None:
    due_at = local(shanghai, "2026-11-26 23:59")
    clock = limit(ladders, "submission", shanghai, local(shanghai, "2026-10-27 16:00"), due_at)
    on = local(shanghai, "2026-11-25 12:00")
    assert clock.following(0, on, on) == RungDue(3, local(shanghai, "2026-11-26 08:30"))
    late = local(shanghai, "2026-12-05 12:00")
    assert clock.following(0, late, late) == RungDue(4, late)
    first = clock.first()
    assert first is not None
    assert clock.caught_up(first, late).index == 5


def any_clock(
    clocks: ClockRules, ladders: Ladders, name: str, calendar: OfficeCalendar, started_at: dt.datetime, days: int
) -> Running:
    if name in NAMES:
        return running(clocks, name, calendar, started_at)
    return limit(ladders, name, calendar, started_at, started_at + dt.timedelta(days=days))


@given(name=st.sampled_from((*NAMES, *LIMITS)), started_at=instants, days=st.integers(0, 60))
def test_a_ladder_only_goes_up_and_no_rung_comes_before_its_clock(
    clocks: ClockRules, ladders: Ladders, shanghai: OfficeCalendar, name: str, started_at: dt.datetime, days: int
) -> None:
    said = walked(any_clock(clocks, ladders, name, shanghai, started_at, days), 12)
    assert said
    assert all(each.at >= started_at for each in said)
    assert [each.index for each in said] == sorted({each.index for each in said})
    assert [each.at for each in said] == sorted(each.at for each in said)


@given(name=st.sampled_from((*NAMES, *LIMITS)), started_at=instants, waited=st.lists(waits, min_size=1, max_size=10))
def test_whenever_somebody_looks_no_rung_is_lost_or_said_twice_and_there_is_no_burst(
    clocks: ClockRules,
    ladders: Ladders,
    shanghai: OfficeCalendar,
    name: str,
    started_at: dt.datetime,
    waited: list[dt.timedelta],
) -> None:
    clock = any_clock(clocks, ladders, name, shanghai, started_at, 30)
    now, due, said = started_at, clock.first(), list[int]()
    for wait in waited:
        now += wait
        in_one_look = 0
        while due is not None and due.at <= now:
            due = clock.caught_up(due, now)
            said.append(due.index)
            in_one_look += 1
            due = clock.following(due.index, now, now)
        assert in_one_look <= 1
        assert due is None or due.at > now
    assert said == sorted(set(said))


def test_a_clock_starts_and_stops_with_the_states_and_moves_it_names(clocks: ClockRules) -> None:
    approval = named(clocks, "approval_waiting")
    assert approval.started_by("submitted", "in_approval")
    assert not approval.started_by("in_approval", "in_approval")
    assert approval.stopped_by("send_back", "sent_back")
    assert not approval.stopped_by("agree", "in_approval")
    waiting = named(clocks, "claim_waiting")
    assert not waiting.stopped_by("complete", "submitted")
    assert waiting.stopped_by("ask", "asked")


def test_every_move_out_of_the_state_that_starts_a_clock_stops_it_or_stays_within(
    clocks: ClockRules, life: Life
) -> None:
    for rule in clocks.clocks:
        for name, move in life.moves.items():
            for state in set(move.states) & set(rule.starts.states):
                after = life.after(state, name)
                assert after in rule.starts.states or rule.stopped_by(name, after)


WORDS = {"en": "a", "zh": "甲"}
SMALL: dict[str, object] = {
    "name": "small", "title": WORDS, "from": dt.date(2026, 1, 1), "source": WORDS, "on_miss": WORDS,
    "starts": {"states": ["draft"]},
    "stops": {"states": ["approved", "rejected", "withdrawn", "discarded", "paid", "written_off"]},
    "rungs": [{"after": {"hours": 1}, "tells": "author", "words": WORDS}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "value", "what"),
    [
        ("stops", {}, "nothing stops this clock"),
        (
            "stops",
            {"states": ["approved"]},
            "it goes on after discard, when the claim is discarded and nobody acts any more",
        ),
        ("stops", {"moves": ["fly"]}, "there is no move fly"),
        ("starts", {"states": ["drft"]}, "there is no state drft"),
        ("source", {"en": "", "zh": ""}, "no source is given"),
        (
            "rungs",
            [{"before": {"days": 1}, "tells": "author", "words": WORDS}],
            "it counts from a deadline, but the clock has none",
        ),
        (
            "rungs",
            [{"after": {"hours": 1}, "tells": "author", "words": {"en": "{days}", "zh": "甲"}}],
            "{days} is not known here",
        ),
        (
            "rungs",
            [{"every": {"hours": 1}, "tells": "author", "words": WORDS}] * 2,
            "it rings for ever, so what follows never comes",
        ),
    ],
)
def test_each_mistake_in_a_clock_is_told(life: Life, part: str, value: object, what: str) -> None:
    assert ClockRules.model_validate({"morning": "08:30", "clocks": [SMALL]}).problems(life) == ()
    wrong = ClockRules.model_validate({"morning": "08:30", "clocks": [{**SMALL, part: value}]})
    assert what in {each.what for each in wrong.problems(life)}


def test_rungs_around_a_deadline_stand_in_the_order_of_time(ladders: Ladders) -> None:
    rungs = [{"before": {"days": days}, "tells": "author", "words": WORDS} for days in (1, 3)]
    raw = {**ladders.model_dump(mode="json", exclude_unset=True)["ladders"], "hasty": {"rungs": rungs}}
    told = Ladders.model_validate({"ladders": raw}).problems()
    assert [each.what for each in told] == ["it comes no later than the rung above it"]


def test_a_clock_of_the_offices_own_has_no_deadline_to_count_from() -> None:
    rungs = [{"before": {"days": 3}, "tells": "author", "words": WORDS}]
    told = ClockRules.model_validate({"morning": "08:30", "clocks": [{**SMALL, "rungs": rungs}]}).problems()
    assert [each.what for each in told] == ["it counts from a deadline, but the clock has none"]


def test_none_is_the_name_of_no_ladder(ladders: Ladders) -> None:
    raw = ladders.model_dump(mode="json", exclude_unset=True)["ladders"]
    told = Ladders.model_validate({"ladders": {**raw, "none": raw["own"]}}).problems()
    assert [each.what for each in told] == ["“none” means that nobody is told"]


@pytest.mark.parametrize(
    "rung",
    [
        {},
        {"after": {"hours": 1}, "at": "next_morning"},
        {"after": {}},
        {"after": {"hours": 1, "days": 1}},
        {"after": {"hours": 0}},
        {"after": {"hours": 1}, "times": 3},
        {"at": "noon"},
    ],
)
def test_a_rung_says_its_time_in_exactly_one_way(rung: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rung.model_validate({"tells": "author", "words": WORDS, **rung})


def test_days_keep_the_hour_of_the_wall_clock_over_a_change_of_the_clock() -> None:
    berlin = OfficeCalendar("Europe/Berlin", "DE")
    assert Span(days=1).after(local(berlin, "2026-03-28 09:00"), berlin) == local(berlin, "2026-03-29 09:00")
    assert Span(weeks=1).after(local(berlin, "2026-10-20 09:00"), berlin) == local(berlin, "2026-10-27 09:00")
