import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimbot.claims.dates import add_months, read_date, read_instant

TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)  # 10:00 in Shanghai
SHANGHAI = "Asia/Shanghai"
instants = st.datetimes(dt.datetime(1981, 1, 1), dt.datetime(2099, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001  naive ends, aware between
days = st.dates(dt.date(1980, 1, 1), dt.date(2100, 12, 31))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-09-03", (2026, 9, 3)),
        ("2026/9/3", (2026, 9, 3)),
        ("2026.9.3", (2026, 9, 3)),
        ("2026年9月3日", (2026, 9, 3)),
        ("2026 年 9 月 3 号", (2026, 9, 3)),
        ("２０２６－０９－０３", (2026, 9, 3)),
        ("20260903", (2026, 9, 3)),
        ("3.9.2026", (2026, 9, 3)),
        ("3.9.26", (2026, 9, 3)),
        ("3.9.", (2026, 9, 3)),
        ("9月3日", (2026, 9, 3)),
        ("12月30日", (2025, 12, 30)),
        ("12月20日", (2026, 12, 20)),
        ("29.2.", (2024, 2, 29)),
        ("3 Sep 2026", (2026, 9, 3)),
        ("3rd of September", (2026, 9, 3)),
        ("Sep 3, 2026", (2026, 9, 3)),
        ("9/23", (2026, 9, 23)),
        ("23/9/2026", (2026, 9, 23)),
        ("3/3/2026", (2026, 3, 3)),
        ("today", (2026, 11, 24)),
        ("今天", (2026, 11, 24)),
        ("Yesterday", (2026, 11, 23)),
        ("昨天", (2026, 11, 23)),
        ("前天", (2026, 11, 22)),
        ("the day before yesterday", (2026, 11, 22)),
        ("3 days ago", (2026, 11, 21)),
        ("3天前", (2026, 11, 21)),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, day: tuple[int, int, int]) -> None:
    assert read_date(typed, TODAY) == dt.date(*day)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "31.2.",
        "30.2.2026",
        "2026-13-01",
        "2026-02-29",
        "9/3/2026",
        "9/3",
        "9.3",
        "soon",
        "0.0.",
        "1801-01-01",
        "2026",
        "13月1日",
        "14:30",
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused(typed: str) -> None:
    assert read_date(typed, TODAY) is None


@given(days)
def test_every_day_reads_back_from_each_way_of_writing_it(day: dt.date) -> None:
    ways = (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%Y%m%d}",
    )
    assert {read_date(way, TODAY) for way in ways} == {day}


@given(days, days)
def test_a_day_without_its_year_is_never_more_than_a_month_ahead(day: dt.date, today: dt.date) -> None:
    read = read_date(f"{day.month}月{day.day}日", today)
    assert read is None or (read <= today + dt.timedelta(days=31) and (read.month, read.day) == (day.month, day.day))


@pytest.mark.parametrize(
    ("typed", "local"),
    [
        ("14:30", (2026, 11, 24, 14, 30)),
        ("2026-09-03 14:30", (2026, 9, 3, 14, 30)),
        ("2026-09-03T14:30", (2026, 9, 3, 14, 30)),
        ("２０２６－０９－０３　１４：３０", (2026, 9, 3, 14, 30)),
        ("3.9.2026 14:30", (2026, 9, 3, 14, 30)),
        ("3 Oct at 9:05", (2026, 10, 3, 9, 5)),
        ("3 oct 9:05", (2026, 10, 3, 9, 5)),
        ("昨天 16:20", (2026, 11, 23, 16, 20)),
        ("today 9:05", (2026, 11, 24, 9, 5)),
        ("yesterday at 2:30 pm", (2026, 11, 23, 14, 30)),
        ("2pm", (2026, 11, 24, 14, 0)),
        ("12am", (2026, 11, 24, 0, 0)),
        ("12:15 pm", (2026, 11, 24, 12, 15)),
        ("下午2点半", (2026, 11, 24, 14, 30)),
        ("昨天下午两点半", (2026, 11, 23, 14, 30)),
        ("9月3日14点05分", (2026, 9, 3, 14, 5)),
        ("上午十一点一刻", (2026, 11, 24, 11, 15)),
        ("中午12点", (2026, 11, 24, 12, 0)),
        ("晚上8点", (2026, 11, 24, 20, 0)),
        ("凌晨12点10分", (2026, 11, 24, 0, 10)),
        ("24:00", (2026, 11, 25, 0, 0)),
        ("now", (2026, 11, 24, 10, 0)),
        ("刚才", (2026, 11, 24, 10, 0)),
    ],
)
def test_an_instant_is_read_in_the_offices_zone(typed: str, local: tuple[int, int, int, int, int]) -> None:
    instant = read_instant(typed, NOW, SHANGHAI)
    assert instant == dt.datetime(*local, tzinfo=ZoneInfo(SHANGHAI))
    assert instant.tzinfo == dt.UTC


def test_a_stamp_with_its_own_offset_keeps_it() -> None:
    assert read_instant("2026-09-03T14:30:00+02:00", NOW, SHANGHAI) == dt.datetime(2026, 9, 3, 12, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "2026-09-03", "25:00", "14:60", "24:30", "31.2. 14:30", "114:30", "a"]
)
def test_an_instant_needs_a_day_that_exists_and_an_hour(typed: str) -> None:
    assert read_instant(typed, NOW, SHANGHAI) is None


def test_an_hour_that_summer_time_left_out_moves_past_the_gap_and_of_two_the_first_is_meant() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    gap = read_instant("2026-03-29 02:30", NOW, "Europe/Berlin")
    assert gap is not None
    assert gap.astimezone(berlin).time() == dt.time(3, 30)
    twice = read_instant("2026-10-25 02:30", NOW, "Europe/Berlin")
    assert twice == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


@given(instants)
def test_an_instant_written_out_reads_back_to_the_minute(instant: dt.datetime) -> None:
    minute = instant.replace(second=0, microsecond=0)
    local = minute.astimezone(ZoneInfo("Asia/Tokyo"))
    assert read_instant(f"{local:%Y-%m-%d %H:%M}", NOW, "Asia/Tokyo") == minute


@given(st.text(max_size=30))
def test_any_text_is_an_instant_or_none(text: str) -> None:
    instant = read_instant(text, NOW, SHANGHAI)
    assert instant is None or instant.tzinfo == dt.UTC


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ((2023, 5, 10), 36, (2026, 5, 10)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((2024, 8, 31), 6, (2025, 2, 28)),
        ((2023, 8, 31), 6, (2024, 2, 29)),
        ((2025, 11, 30), 1, (2025, 12, 30)),
        ((2025, 12, 31), 2, (2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_number_or_the_months_last_day(
    day: tuple[int, int, int], months: int, end: tuple[int, int, int]
) -> None:
    assert add_months(dt.date(*day), months) == dt.date(*end)
