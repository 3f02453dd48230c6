"""The command line of clocks and calendars, as it is typed."""
# ruff: noqa: E501  one slip a line

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from claimbot.__main__ import main
from claimbot.claims.calendar import calendar_of
from claimbot.claims.clocks import FormClock, Whose
from claimbot.clockwork import Question, explained
from claimbot.errors import SettingsError
from claimbot.flow.office import check_folder, load_office
from tests.claims.counted import office
from tests.conftest import FLOWS

Said = tuple[int, str, str]


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """The program logs to the standard error of its test, which is gone afterwards."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's own copy of the shipped files."""
    copy = tmp_path / "flows"
    shutil.copytree(FLOWS, copy)
    monkeypatch.setenv("CLAIMBOT_FLOWS", str(copy))
    return copy


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> Said:
    status = main(words)
    out, err = capsys.readouterr()
    return status, out, err


def rows(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    status, out, err = typed(capsys, "clocks", "explain", *words, "--json")
    assert (status, err) == (0, "")
    return {row["clock"]: row for row in json.loads(out)}


def test_explain_gives_each_clock_with_its_count_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "gf-2017-0201", "--event", "aware=2026-09-03", "--zone", "Asia/Shanghai")
    notice = found["notice_of_intent"]
    assert notice["basis"] == "GF-2017-0201, 19.1"
    assert notice["due_on"] == "2026-10-08"
    assert notice["due_at"] == "2026-10-08T23:59:59+08:00"
    assert notice["provisional"] is False
    assert notice["sum"] == (
        "28 days from 2026-09-03, first day not counted → 2026-10-01, National Day holiday → 2026-10-08, "
        "next working day, Civil Code 203"
    )
    assert notice["on_miss"] == "The contractor loses money and time."
    waiting = found["claim_report"]
    assert (waiting["due_at"], waiting["due_on"], waiting["sum"]) == (None, None, "waits for: notice sent")


def test_explain_tells_a_person_every_clock_of_the_file_in_either_language(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = typed(capsys, "clocks", "explain", "fidic-2017", "--event", "aware=2026-09-03")
    assert status == 0
    for name in office().forms["fidic-2017"].names():
        assert name in out
    assert "84 days from 2026-09-03, first day not counted → 2026-11-26" in out
    _, out, _ = typed(capsys, "clocks", "explain", "sanbao-2021", "--event", "demanded=2026-09-28", "--lang", "zh")
    assert "市场监管总局令第43号 第28条" in out
    assert "逾期: 逾期未能更换的，应当退货。" in out


def test_the_zone_decides_on_which_day_an_instant_falls(capsys: pytest.CaptureFixture[str]) -> None:
    event = ("--event", "aware=2026-09-03T20:00+00:00")
    assert rows(capsys, "fidic-2017", *event, "--zone", "Asia/Shanghai")["notice_of_claim"]["due_on"] == "2026-10-02"
    assert rows(capsys, "fidic-2017", *event, "--zone", "Europe/Berlin")["notice_of_claim"]["due_on"] == "2026-10-01"
    wall = rows(capsys, "fidic-2017", "--event", "aware=2026-09-03T23:30", "--zone", "America/New_York")
    assert wall["notice_of_claim"]["due_at"] == "2026-10-01T23:59:59-04:00"


@pytest.mark.parametrize(
    ("change", "due_on"),
    [
        ("20.2.1=21", "2026-09-24"),
        ("notice_of_claim=21 days", "2026-09-24"),
        ("20.2.1=8 weeks", "2026-10-29"),
        ("20.2.1=8w", "2026-10-29"),
        ("20.2.1=1 month", "2026-10-03"),
        ("20.2.1=20wd", "2026-10-08"),  # 4 | 7-11 | 14-18 | 20(Sun) 21-24 | 28 29 30 | 8 October: 1 5 5 5 3 1
        ("20.2.1.roll=next_working_day", "2026-10-08"),
        ("20.2.1.include_first=true", "2026-09-30"),
    ],
)
def test_particular_conditions_are_tried_out_with_set(change: str, due_on: str) -> None:
    clock = explained_clock("fidic-2017", "notice_of_claim", "aware=2026-09-03", change)
    assert clock.due is not None
    assert f"{clock.due.due_on}" == due_on
    assert clock.basis.en == "FIDIC 2017, 20.2.1, as changed by particular conditions"


def explained_clock(form: str, name: str, event: str, *changes: str, country: str | None = None) -> FormClock:
    reckoning, _ = explained(office(), Question(form, (event,), country=country, changes=changes))
    assert reckoning.problems == ()
    return next(clock for clock in reckoning.clocks if clock.key == name)


def test_two_conditions_of_one_clause_add_up() -> None:
    changes = ("20.2.1=21", "20.2.1.roll=next_working_day")
    due = explained_clock("fidic-2017", "notice_of_claim", "aware=2026-09-10", *changes).due
    assert due is not None
    assert due.due_on == dt.date(2026, 10, 8)  # 1 October, rolled


def test_the_overrides_of_a_contract_hold_when_it_is_named_and_what_is_typed_goes_before(flows: Path) -> None:
    path = flows / "contract" / "forms" / "nec4.yaml"
    own = '    overrides: [{contract: K-1, length: 4, source: {en: "Z clause 3", zh: "Z3 条"}}]\n    grade: B\n'
    path.write_text(path.read_text(encoding="utf-8").replace("    grade: B\n", own, 1), encoding="utf-8")
    ours = load_office(flows)
    said = []
    for whose, changed in ((Whose(), ()), (Whose("K-1"), ()), (Whose("K-1"), ("61.3=6",))):
        question = Question("nec4", ("aware=2026-09-03",), changes=changed, whose=whose)
        due = explained(ours, question)[0].clocks[0].due
        assert due is not None
        said.append(f"{due.due_on}")
    assert said == ["2026-10-29", "2026-10-01", "2026-10-15"]  # 8, 4 and 6 weeks


@pytest.mark.parametrize(("country", "due_on"), [("de-by", "2025-06-20"), ("DE", "2025-06-19")])
def test_another_countrys_holidays_may_be_asked_for(country: str, due_on: str) -> None:
    change = "20.2.1.roll=next_working_day"  # Corpus Christi is a Bavarian holiday
    due = explained_clock("fidic-2017", "notice_of_claim", "aware=2025-05-22", change, country=country).due
    assert due is not None
    assert f"{due.due_on}" == due_on


def test_a_makers_window_is_explained_from_the_makers_own_file(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "example", "--event", "closed=2026-10-27", "--zone", "Asia/Shanghai")
    assert found["submission_window"]["due_on"] == "2026-11-26"
    assert "Example Motors circular 2023-41" in str(found["submission_window"]["basis"])


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Question("fidic-2018", ()), "there is no form fidic-2018; known: aia-a201-2017, example, fidic-1999,"),
        (Question("nec4", ("aware",)), "--event aware: write it as aware=2026-09-03."),
        (Question("nec4", ("aware=3.9.2026",)), "--event aware=3.9.2026: 3.9.2026 is no day (2026-09-03)"),
        (Question("nec4", ("aware=2026-02-30",)), "--event aware=2026-02-30: 2026-02-30 is no day"),
        (Question("nec4", (), zone="Asia/Peking"), "--zone: there is no zone Asia/Peking;"),
        (Question("nec4", (), country="XX"), "--country: the public holidays of XX are not known;"),
        (Question("nec4", (), changes=("61.3",)), "--set 61.3: write it as 20.2.1=21"),
        (Question("nec4", (), changes=("61.9=2",)), "--set 61.9=2: no such clause; known: 61.3 (notify_compensation_event),"),
        (Question("nec4", (), changes=("61.3=soon",)), "--set 61.3=soon: a length looks like 21, 21 days,"),
        (Question("nec4", (), changes=("61.3=0",)), "--set 61.3=0: Input should be greater than 0."),
        (Question("nec4", (), changes=("61.3.roll=back",)), "--set 61.3.roll=back: Input should be 'none' or 'next_working_day'."),
        (Question("fidic-1999", (), changes=("20.1=21",)), "20.1 has several clocks; name one: notice_of_claim, detailed_claim,"),
    ],
)  # fmt: skip
def test_a_slip_is_told_in_one_sentence(question: Question, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        explained(office(), question)
    assert told in str(caught.value)


def test_events_that_cannot_be_are_asked_back_and_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("nec4", "--event", "aware=2026-09-03", "--event", "notice.sent=2026-09-01", "--json")
    status, out, err = typed(capsys, "clocks", "explain", *words)
    assert (status, out) == (1, "")
    assert "comes before “became known” on 2026-09-03, which it answers; look at both days" in err


def test_a_mistake_in_the_offices_files_is_told_with_its_line(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = flows / "contract" / "forms" / "nec4.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("unit: weeks", "unit: week", 1), encoding="utf-8")
    status, _, err = typed(capsys, "clocks", "explain", "nec4")
    assert status == 1
    assert err.startswith("contract/forms/nec4.yaml:19: “week” is not one of the values known for “unit”")


# calendars

YEAR_2027 = {  # made up: nothing is announced for 2027 yet
    "year": 2027,
    "papers": ["https://www.gov.cn/example-2027"],
    "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-02", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-04", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-09", "isOffDay": False},
    ],
}


def test_an_imported_year_is_no_longer_provisional_and_its_days_count(
    flows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ("gf-2017-0201", "--event", "aware=2026-12-07")
    before = rows(capsys, *ask)["notice_of_intent"]
    assert (before["due_on"], before["provisional"]) == ("2027-01-04", True)
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(YEAR_2027), encoding="utf-8")
    status, out, _ = typed(capsys, "calendar", "import", str(file))
    assert (status, out) == (
        0,
        "taken in as CN-2027.yaml: dates of that year are no longer provisional; the bot counts all claims anew within a minute, or when it starts\n",
    )
    assert check_folder(flows) == ()
    after = rows(capsys, *ask)["notice_of_intent"]
    assert (after["due_on"], after["provisional"]) == ("2027-01-05", False)
    assert "New Year's Day holiday" in str(after["sum"])
    # the announcement stands in for the whole year: what the library reckons for May 2027 is gone
    calendar = calendar_of(
        load_office(flows).calendars, "", zone="Asia/Shanghai", country="CN", opens=dt.time(8), closes=dt.time(17)
    )
    assert calendar.is_working_day(dt.date(2027, 1, 9))
    assert calendar.is_working_day(dt.date(2027, 5, 3))
    assert calendar.provisional(dt.date(2028, 1, 1))


def test_an_announcement_may_be_written_by_hand(
    flows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(
        "country: CN\nyear: 2027\nholidays:\n"
        '  - {name: {en: "Spring Festival", zh: "春节"}, days: [2027-02-05, 2027-02-06]}\n'
        'working_days: [2027-02-20]\nsource: {en: "made up", zh: "虚构"}\n',
        encoding="utf-8",
    )
    assert typed(capsys, "calendar", "import", str(file))[0] == 0
    assert [each.year for each in load_office(flows).calendars.announcements] == [2027]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", "{}", "a.json: this is not a year of holiday-cn"),
        ("a.json", '{"year": 2027, "papers": [], "days": []}', "a.json: 2027 is not announced in it yet"),
        ("a.yaml", "year: 2027\n", "a.yaml: `country: CN` and `year: 2027` are missing"),
        ("a.yaml", "country: CN\nyear: 2027\nholiday: []\n", "a.yaml:3: the key “holiday” is not known here"),
        (
            "a.yaml",
            (
                "country: CN\nyear: 2027\nsource: {en: a, zh: 甲}\nworking_days: [2027-02-19]\n"
                "holidays: [{name: {en: a, zh: 甲}, days: [2026-02-05]}]\n"
            ),
            "a.yaml:4: 2027-02-19 is worked anyway; only Saturdays and Sundays stand here",
        ),
    ],
)
def test_an_announcement_with_a_mistake_leaves_the_office_as_it_was(
    flows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, told: str
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    status, out, err = typed(capsys, "calendar", "import", str(file))
    assert (status, out) == (1, "")
    assert told in err
    assert not list(flows.glob("calendars/*.yaml"))
    assert check_folder(flows) == ()


def test_a_file_that_is_not_there_is_told(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = typed(capsys, "calendar", "import", str(flows / "none.json"))
    assert status == 1
    assert err.startswith("none.json cannot be read:")
