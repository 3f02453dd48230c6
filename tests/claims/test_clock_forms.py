"""Forms: how their clocks stand, what of the events cannot be, and every mistake of a file told with its line."""
# ruff: noqa: E501  one mistake a line

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from claimbot.claims.calendar import OfficeCalendar
from claimbot.claims.clocks import (
    ClockChange,
    EventProblem,
    Form,
    FormClock,
    Moved,
    Reckoning,
    Whose,
    changes,
    clocks_of,
)
from claimbot.flow.office import check_folder, load_office
from claimbot.flow.reading import into, read_file
from tests.claims.counted import calendar, forms, office, recorded
from tests.conftest import FLOWS

ZONE = "Asia/Shanghai"
NOW = dt.datetime(2026, 11, 24, 4, 0, tzinfo=dt.UTC)


def clocks(form: str, events: str, *, now: dt.datetime | None = None, **more: object) -> dict[str, FormClock]:
    where = calendar("CN", ZONE)
    of = forms()[form]
    found = clocks_of(of, office().counting, recorded(events, ZONE), where, now=now, **more)  # type: ignore[arg-type]
    assert found.problems == ()
    return {clock.key: clock for clock in found.clocks}


def problems(form: str, events: str, contract_on: dt.date | None = None) -> tuple[EventProblem, ...]:
    where = calendar("CN", ZONE)
    return clocks_of(
        forms()[form], office().counting, recorded(events, ZONE), where, now=NOW, contract_on=contract_on
    ).problems


# how they stand


def test_a_clock_waits_runs_and_is_met_or_met_late() -> None:
    assert clocks("gf-2017-0201", "")["notice_of_intent"].standing == "waiting"
    running = clocks("gf-2017-0201", "aware=2026-11-01")["notice_of_intent"]
    assert running.standing == "running"
    in_time = clocks("gf-2017-0201", "aware=2026-11-01 notice.sent=2026-11-30")["notice_of_intent"]
    assert (in_time.standing, in_time.stopped_by) == ("met", recorded("notice.sent=2026-11-30", ZONE)[0])
    late = clocks("gf-2017-0201", "aware=2026-11-01 notice.sent=2026-12-01")["notice_of_intent"]
    assert late.standing == "met_late"


def test_in_time_is_until_the_last_second_of_the_last_day() -> None:
    last = clocks("fidic-2017", "aware=2026-09-03 notice.sent=2026-10-01T23:59:59")["notice_of_claim"]
    assert last.standing == "met"
    past = clocks("fidic-2017", "aware=2026-09-03 notice.sent=2026-10-02T00:00:00")["notice_of_claim"]
    assert past.standing == "met_late"


def test_a_running_clock_is_overdue_only_after_its_last_second() -> None:
    clock = clocks("fidic-2017", "aware=2026-09-03")["notice_of_claim"]
    assert clock.due is not None
    assert not clock.is_overdue(clock.due.due_at)
    assert clock.is_overdue(clock.due.due_at + dt.timedelta(seconds=1))


def test_a_clock_after_a_missed_one_begins_only_when_that_is_missed() -> None:
    events = "aware=2026-09-03"
    assert clocks("fidic-2017", events)["notice_of_lapse"].standing == "if_missed"
    assert clocks("fidic-2017", events, now=NOW)["notice_of_lapse"].standing == "if_missed"
    later = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    assert clocks("fidic-2017", events, now=later)["notice_of_lapse"].standing == "running"
    met = clocks("fidic-2017", "aware=2026-09-03 claim.sent=2026-11-20")["notice_of_lapse"]
    assert (met.standing, met.due) == ("waiting", None)
    assert met.sum.en == "begins only when “Fully detailed claim” is missed"


def test_a_clock_of_the_claims_life_ends_with_a_move_or_a_state() -> None:
    events = "closed=2026-10-27"
    for moved in (Moved("file", "filed", dt.date(2026, 11, 1)), Moved("x", "withdrawn", dt.date(2026, 11, 1))):
        assert clocks("example", events, moved=(moved,))["submission_window"].standing == "met"
    other = Moved("send", "in_approval", dt.date(2026, 11, 1))
    assert clocks("example", events, moved=(other,))["submission_window"].standing == "running"


def test_what_repeats_goes_on_until_its_end_has_come() -> None:
    events = "assessment.sent=2026-01-31 update.sent=2026-02-27"
    assert clocks("jct-2016", events)["monthly_update"].standing == "running"
    over = clocks("jct-2016", f"{events} effects.ended=2026-03-15")["monthly_update"]
    assert over.standing == "over"


def test_a_car_handed_back_after_the_thirtieth_day_does_not_stop_what_has_come() -> None:
    day_31 = "car.handed_in=2026-09-01T10:00 car.handed_back=2026-10-01T11:00"
    clock = clocks("sanbao-2021", day_31)["repair_days_in_all"]
    assert clock.standing == "running"
    assert clock.due is not None
    assert f"{clock.due.due_on}" == "2026-10-01"
    day_30 = "car.handed_in=2026-09-01T10:00 car.handed_back=2026-10-01T09:00"
    assert clocks("sanbao-2021", day_30)["repair_days_in_all"].standing == "paused"


def test_each_answer_goes_with_its_own_question() -> None:
    events = "update.received=2026-04-01 update.received=2026-05-01 update.answered=2026-04-10"
    found = clocks("jct-2016", events)
    assert [found[key].standing for key in ("employers_update", "employers_update#2")] == ["met", "running"]


def test_the_sum_says_which_of_two_events_it_was() -> None:
    later = clocks("aia-a201-2017", "occurred=2026-09-01 aware=2026-09-03")["notice_of_claim"]
    assert later.sum.en.startswith("21 days from 2026-09-03 (became known, later than “happened” 2026-09-01)")
    alone = clocks("aia-a201-2017", "occurred=2026-09-01")["notice_of_claim"]
    assert alone.sum.zh.startswith("自 2026-09-01 起 21 天（发生；“知道”未记录）")
    earlier = clocks("fidic-2017", "should_be_aware=2026-09-01 aware=2026-09-03")["notice_of_claim"]
    assert "earlier than “became known” 2026-09-03" in earlier.sum.en
    first = clocks("sanbao-2021", "invoiced=2026-05-30 delivered=2026-06-01")["early_swap"]
    assert "delivered, which goes before “invoiced” 2026-05-30" in first.sum.en


def test_a_kind_alone_ends_one_thing_and_not_all_of_its_kind() -> None:
    found = clocks("fidic-2017", "aware=2026-09-03 sent=2026-09-10")
    assert (found["notice_of_claim"].standing, found["detailed_claim"].standing) == ("met", "running")


def test_what_an_event_or_an_announced_calendar_moves_is_told_and_nothing_else() -> None:
    of, where = forms()["gf-2017-0201"], calendar("CN", ZONE)

    def reckoned(events: str, by: OfficeCalendar = where) -> Reckoning:
        return clocks_of(of, office().counting, recorded(events, ZONE), by)

    before = reckoned("aware=2026-12-07")
    assert changes(before, reckoned("aware=2026-12-07")) == ()
    moved = changes(before, reckoned("aware=2026-12-07 notice.sent=2026-12-10"))
    assert [each.key for each in moved] == ["notice_of_intent", "claim_report"]
    # made up: 4 January 2027 is announced as a day off
    announced = replace(where, closed_days=frozenset({dt.date(2027, 1, 4)}), announced_years=frozenset({2027}))
    (change,) = changes(before, reckoned("aware=2026-12-07", announced))
    assert isinstance(change, ClockChange)
    assert [each and each.due and f"{each.due.due_on}" for each in (change.before, change.after)] == [
        "2027-01-04",
        "2027-01-05",
    ]
    (settled,) = changes(before, reckoned("aware=2026-12-07", replace(where, announced_years=frozenset({2027}))))
    assert settled.after is not None
    assert settled.after.due is not None
    assert not settled.after.due.provisional  # the same day, but now it is certain


# whose conditions hold

TWO_SAY = """\
form: trial
title: {en: "Trial", zh: "试用"}
counting: as_written
clocks:
  - name: notice
    title: {en: "Notice", zh: "通知"}
    side: ours
    starts: {event: aware}
    length: 28
    unit: days
    stops: {events: [notice.sent]}
    on_miss: {en: "Lost.", zh: "丧失。"}
    basis: {article: "1.1"}
    from: 2020-01-01
    until: 2025-12-31
    source: {en: "old edition", zh: "旧版"}
    grade: A
  - name: notice
    title: {en: "Notice", zh: "通知"}
    side: ours
    starts: {event: aware}
    length: 21
    unit: days
    stops: {events: [notice.sent]}
    on_miss: {en: "Lost.", zh: "丧失。"}
    basis: {article: "1.1"}
    from: 2026-01-01
    source: {en: "new edition", zh: "新版"}
    grade: A
    overrides:
      - {maker: example, length: 20, source: {en: "the maker", zh: "厂家"}}
      - {site: SH01, length: 10, source: {en: "the site", zh: "本店"}}
      - {contract: K-1, length: 2, unit: weeks, roll: next_working_day, source: {en: "Particular Conditions 1.1", zh: "专用条件1.1"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office's own copy of the shipped files, with one form more."""
    copy = tmp_path / "flows"
    shutil.copytree(FLOWS, copy)
    (copy / "contract" / "forms" / "trial.yaml").write_text(TWO_SAY, encoding="utf-8")
    return copy


def trial() -> Form:
    return Form.model_validate(YAML(typ="safe").load(TWO_SAY))


@pytest.mark.parametrize(
    ("aware", "whose", "due_on", "basis"),
    [
        ("2025-12-31", Whose(), "2026-01-28", "Trial, 1.1"),
        ("2026-01-01", Whose(), "2026-01-22", "Trial, 1.1"),
        ("2026-09-03", Whose(maker="example"), "2026-09-23", "Trial, 1.1, as changed by the maker"),
        ("2026-09-03", Whose(maker="example", site="SH01"), "2026-09-13", "Trial, 1.1, as changed by the site"),
        ("2026-09-03", Whose("K-1", "SH01", "example"), "2026-09-17", "Trial, 1.1, as changed by Particular Conditions 1.1"),
        ("2026-09-17", Whose("K-1"), "2026-10-08", "Trial, 1.1, as changed by Particular Conditions 1.1"),
        ("2026-09-03", Whose("K-2", "BJ01"), "2026-09-24", "Trial, 1.1"),
        ("2025-06-01", Whose("K-1"), "2025-06-29", "Trial, 1.1"),
    ],
)  # fmt: skip
def test_the_edition_of_the_day_holds_and_a_contract_goes_before_a_site_before_a_maker(
    aware: str, whose: Whose, due_on: str, basis: str
) -> None:
    found = clocks_of(trial(), office().counting, recorded(f"aware={aware}", ZONE), calendar("CN", ZONE), whose=whose)
    (clock,) = found.clocks
    assert clock.due is not None
    assert (f"{clock.due.due_on}", clock.basis.en) == (due_on, basis)
    if due_on == "2026-10-08":
        assert clock.due.sum.en.endswith("next working day, Particular Conditions 1.1")


def test_a_day_before_the_first_edition_is_asked_back() -> None:
    found = clocks_of(trial(), office().counting, recorded("aware=2019-12-31", ZONE), calendar("CN", ZONE))
    assert found.clocks == ()
    assert [each.what.en for each in found.problems] == [
        "no edition of “Notice” holds on 2019-12-31; it is known from 2020-01-01"
    ]


# what cannot be

CANNOT_BE = [
    ("gf-2017-0201", "aware=2026-11-25", "“became known” on 2026-11-25 lies in the future", "“知道”2026-11-25 还没到"),
    ("gf-2017-0201", "aware=2026-11-24T12:01", "“became known” on 2026-11-24 12:01 lies in the future", "“知道”2026-11-24 12:01 还没到"),
    ("gf-2017-0201", "aware=0206-09-03", "“became known” on 0206-09-03: that year cannot be meant", "“知道”0206-09-03：年份不对"),
    ("gf-2017-0201", "aware=2026-09-03 notice.sent=2026-09-01", "“notice sent” on 2026-09-01 comes before “became known” on 2026-09-03, which it answers", "“发出通知”2026-09-01 早于它所对应的“知道”2026-09-03"),
    ("gf-2017-0201", "aware=2026-09-03 sent=2026-09-01", "“sent” on 2026-09-01 comes before “became known” on 2026-09-03, which it answers", "“发出”2026-09-01 早于它所对应的“知道”2026-09-03"),
    ("fidic-1999", "claim.received=2026-09-03T10:00 claim.answered=2026-09-03T09:00", "“claim answered by the other side” on 2026-09-03 09:00 comes before “claim received by the other side” on 2026-09-03 10:00, which it answers", "“对方答复索赔报告”2026-09-03 09:00 早于它所对应的“对方收到索赔报告”2026-09-03 10:00"),
    ("fidic-1999", "claim.received=2026-09-03 claim.answered=2026-09-05 claim.answered=2026-09-08", "“claim answered by the other side” is there 2 times: 2026-09-05, 2026-09-08", "“对方答复索赔报告”记录了 2 次：2026-09-05、2026-09-08"),
    ("gf-2017-0201", "aware=2026-09-03 aware=2026-09-04", "“became known” is there 2 times: 2026-09-03, 2026-09-04", "“知道”记录了 2 次：2026-09-03、2026-09-04"),
    ("sanbao-2021", "car.handed_in=2026-09-01 car.handed_in=2026-09-01", "“car handed in for repair” is there 2 times: 2026-09-01, 2026-09-01", "“车辆送修”记录了 2 次：2026-09-01、2026-09-01"),
    ("sanbao-2021", "car.handed_in=2026-09-01 transport.begun=2026-09-05 transport.ended=2026-09-04", "“transport of special parts ended” on 2026-09-04 comes before “transport of special parts begun” on 2026-09-05, which it answers", "“专用件运输结束”2026-09-04 早于它所对应的“专用件运输开始”2026-09-05"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "events", "en", "zh"), CANNOT_BE)
def test_what_cannot_be_is_asked_back_in_words(form: str, events: str, en: str, zh: str) -> None:
    assert [(each.what.en, each.what.zh) for each in problems(form, events)] == [(en, zh)]


def test_an_event_before_the_contract_is_asked_back() -> None:
    (problem,) = problems("gf-2017-0201", "aware=2026-03-01", dt.date(2026, 3, 2))
    assert problem.what.en == "“became known” on 2026-03-01 is before the contract of 2026-03-02"
    assert problems("gf-2017-0201", "aware=2026-03-02", dt.date(2026, 3, 2)) == ()


def test_an_event_that_no_clock_knows_is_told_with_those_that_are_known() -> None:
    (problem,) = problems("fidic-1999", "awaer=2026-03-01")
    assert problem.what.en == "no clock of this form knows the event awaer"
    assert "aware" in problem.mend.en


def test_the_same_day_is_no_contradiction_and_neither_is_a_second_stay_or_update() -> None:
    assert problems("gf-2017-0201", "aware=2026-09-03 notice.sent=2026-09-03T08:00") == ()
    assert problems("sanbao-2021", "car.handed_in=2026-09-01 car.handed_back=2026-09-03 car.handed_in=2026-09-10") == ()
    assert problems("sanbao-2021", "delivered=2026-09-01 demanded=2026-09-05") == ()


# how people are told of them


def rungs(form: str, name: str, events: str, most: int) -> list[tuple[str, str]]:
    """The ladder of a running clock as it is climbed when every rung is said in time: the day, and who is told."""
    where = calendar("CN", ZONE)
    running = clocks(form, events)[name].running(office().ladders, dt.time(8, 30), where)
    assert running is not None
    said: list[tuple[str, str]] = []
    due = running.first()
    while due is not None and len(said) < most:
        rung = running.rule.rung(due.index)
        assert rung is not None
        said.append((f"{due.at.astimezone(where.where):%m-%d %H:%M}", rung.tells))
        due = running.following(due.index, due.at, due.at)
    return said


def test_our_clocks_are_told_before_on_and_after_the_day_and_climb_from_desk_to_administrator() -> None:
    # due on Thursday 8 October 2026; 14 days before is Thursday the 24th. 7, 3 and 1 days before it the holiday runs
    # (1-7 October): the working day ahead of it is 30 September, which is told once.
    said = rungs("gf-2017-0201", "notice_of_intent", "aware=2026-09-03", 10)
    assert said == [
        ("09-24 08:30", "responsible"),
        ("09-30 08:30", "responsible"),
        ("10-08 08:30", "responsible"),
        ("10-09 08:30", "responsible"),
        ("10-10 08:30", "responsible"),  # a worked Saturday
        ("10-12 08:30", "responsible"),
        ("10-13 08:30", "supervisor"),
        ("10-14 08:30", "supervisor"),
        ("10-21 08:30", "administrator"),
        ("10-28 08:30", "administrator"),
    ]


def test_the_other_sides_clocks_are_told_the_day_before_and_when_they_have_passed() -> None:
    said = rungs("fidic-2017", "late_notice_objection", "notice.received=2026-11-02", 3)  # due on Monday the 16th
    assert said == [("11-13 08:30", "responsible"), ("11-17 08:30", "responsible"), ("11-24 08:30", "responsible")]


def test_only_a_running_clock_has_a_ladder() -> None:
    for events in ("", "aware=2026-11-01 notice.sent=2026-11-02"):
        clock = clocks("fidic-2017", events)["notice_of_claim"]
        assert clock.running(office().ladders, dt.time(8, 30), calendar("CN", ZONE)) is None


# mistakes of a file


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("length: 28", "lenght: 28\n    length: 28", "9: the key “lenght” is not known here; did you mean “length”?"),
        ("    length: 28\n", "", "5: “length” is missing; add it"),
        ("length: 28", "length: 0", "9: “length” does not fit: it should be greater than 0; change its value"),
        ("unit: days", "unit: day", "10: “day” is not one of the values known for “unit”; did you mean “days”?"),
        ("stops: {events: [notice.sent]}", "stops: {}", "11: nothing stops this clock; name the events, moves or states that end it"),
        ("until: 2025-12-31", "until: 2026-01-31", "27: overlaps the line that holds from 2020-01-01; end the earlier one with `until: 2025-12-31`"),
        ("    until: 2025-12-31\n", "", "26: overlaps the line that holds from 2020-01-01; end the earlier one with `until: 2025-12-31`"),
        ("until: 2025-12-31", "until: 2025-11-30", "27: leaves a hole after 2025-11-30: no line holds in between; begin with `from: 2025-12-01`, or lengthen the earlier line"),
        ("grade: A", "grade: C", "17: C is hearsay, and nobody's date may hang on it; read the text and grade it A or B, or turn these lines into remarks (#)"),
        ("grade: A", "grade: D", "17: “D” is not one of the values known for “grade”"),
        ('source: {en: "old edition", zh: "旧版"}', 'source: {en: "", zh: ""}', "16: no source is given; name the contract, law or letter the number comes from"),
        ("starts: {event: aware}", "starts: {event: awear}", "8: “event”: there is no event awear, did you mean aware?; mend it as it says"),
        ("starts: {event: aware}", "starts: {}", "8: “starts”: give one of event, later_of, earlier_of, first_of, due_of; mend it as it says"),
        ("starts: {event: aware}", "starts: {later_of: [aware]}", "8: “starts”: a choice of events needs two at least; one alone stands under event"),
        ("starts: {event: aware}", "starts: {due_of: notice}", "8: notice waits for itself in the end; let the first of them start with an event"),
        ("starts: {event: aware}", "starts: {due_of: claim}", "8: there is no clock claim in this file; known: notice"),
        ("events: [notice.sent]", "events: [aware]", "11: aware both starts and stops it; keep one of the two"),
        ("counting: as_written", "counting: as_written\nzone: Asia/Peking", "4: there is no time zone Asia/Peking; one looks like Asia/Shanghai"),
        ("counting: as_written", "counting: as_written\ncountry: XX", "4: its public holidays are not known; use a code like CN or DE"),
        ("counting: as_written", "counting: as_usual", "3: there is no way of counting as_usual; known: civil_code,"),
        ("{maker: example, length: 20,", "{length: 20,", "31: “overrides”: say whose it is: one of contract, site, maker"),
        ("{maker: example, length: 20,", "{maker: example,", "31: “overrides”: it changes nothing: give length, unit, include_first, roll, cutoff or on_miss"),
        ("{site: SH01, length: 10,", "{maker: example, length: 10,", "32: overlaps another one for maker example; let one end on the day before the other begins"),
        ("    grade: A\n", "    grade: A\n    roll: next_working_day\n", "18: no article is given for the roll; name it under roll_basis"),
        ("    grade: A\n", "    grade: A\n    pauses: [{begins: aware, ends: aware}]\n", "18: it begins and ends with the same event; name two events"),
        ("    grade: A\n", "    grade: A\n    ladder: hers\n", "18: there is no ladder hers; known: ours, theirs"),
        ('on_miss: {en: "Lost.", zh: "丧失。"}', 'on_miss: {en: "Lost."}', "12: the translation “zh” is missing; add it"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_form_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TWO_SAY
    assert of_text(tmp_path, TWO_SAY) == []
    found = of_text(tmp_path, TWO_SAY.replace(old, new, 1))
    assert any(each.startswith(f"trial.yaml:{told}") for each in found), found


def of_text(folder: Path, text: str) -> list[str]:
    path = folder / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    read = read_file(folder, path)
    form = into(read, Form)
    if form is not None:
        read.problems(form.problems(office().counting, None, office().ladders))
    return read.wrong


def test_the_office_reads_a_form_more_and_tells_one_that_is_called_otherwise(folder: Path) -> None:
    assert "trial" in load_office(folder).forms
    path = folder / "contract" / "forms" / "trial.yaml"
    path.write_text(TWO_SAY.replace("form: trial", "form: trail"), encoding="utf-8")
    told = "contract/forms/trial.yaml:1: the form is called trail; in this file it must be trial"
    assert check_folder(folder) == (told,)


def test_a_statute_that_names_an_unknown_move_is_told(folder: Path) -> None:
    text = TWO_SAY.replace("form: trial", "form: statute").replace("events: [notice.sent]", "moves: [fly]", 1)
    (folder / "warranty" / "statutes" / "statute.yaml").write_text(text, encoding="utf-8")
    (problem,) = check_folder(folder)
    assert problem.startswith("warranty/statutes/statute.yaml:11: there is no move fly; known moves: submit,")


def test_a_name_that_a_maker_or_another_form_has_already_is_told(folder: Path) -> None:
    (folder / "warranty" / "statutes" / "trial.yaml").write_text(TWO_SAY, encoding="utf-8")
    (folder / "warranty" / "statutes" / "example.yaml").write_text(
        TWO_SAY.replace("form: trial", "form: example"), encoding="utf-8"
    )
    assert [each.split(";")[0] for each in check_folder(folder)] == [
        "warranty/statutes/example.yaml:1: the name example is taken by the makers",
        "warranty/statutes/trial.yaml:1: the name trial is taken by contract/forms/trial.yaml",
    ]


def test_the_ladders_that_clocks_fall_back_on_must_be_there(folder: Path) -> None:
    path = folder / "ladders.yaml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("  theirs:\n", "  others:\n")
        .replace("now ({basis})", "now ({cat})", 1)
    )
    path.write_text(text, encoding="utf-8")
    line = text[: text.index("{cat}")].count("\n") + 1
    told = check_folder(folder)
    assert "ladders.yaml:11: the ladder theirs is missing; add it, clocks that name no other use it" in told
    assert any(each.startswith(f"ladders.yaml:{line}: {{cat}} is not known here") for each in told), told


def test_hearsay_ships_as_remarks_only() -> None:
    for form in forms().values():
        assert all(rule.grade in {"A", "B"} for rule in form.clocks)
        assert all(rule.source.en and rule.source.zh for rule in form.clocks)


@pytest.mark.parametrize("name", ["fidic-2017", "nec4", "gf-2017-0201", "aia-a201-2017"])
def test_the_remarks_are_good_rules_once_the_hash_is_taken_away_and_they_are_graded(folder: Path, name: str) -> None:
    path = folder / "contract" / "forms" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    head, _, tail = text.partition("#  - name:")
    lines = [
        line for line in ("#  - name:" + tail).splitlines() if not (line.startswith("#  - name") and "  # " in line)
    ]
    alive = "\n".join(line.removeprefix("#") for line in lines).replace("grade: C", "grade: B")
    path.write_text(head + alive + "\n", encoding="utf-8")
    assert check_folder(folder) == ()
