"""Days and hours as people type them, in Chinese and English.

A day without its year is the latest such day that is not more than a month ahead; one without its month is near. Two
numbers around a slash or dash are taken only when just one reading is a day (9/23), as 9/3 is September here and March
there. With dots, the day comes first (3.9.2026, 3.9.). An hour that a change to summer time left out is read as if the
clock had not been moved yet: 02:30 in the gap is 03:30 after it. An hour that comes twice is the first of the two.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from claimbot.claims.numbers import fold

_AHEAD: Final = dt.timedelta(days=31)
_YEARS: Final = range(1980, 2101)
_DAY: Final = dt.timedelta(days=1)

_RELATIVE: Final = {
    "today": 0, "今天": 0, "今日": 0,
    "yesterday": 1, "昨天": 1, "昨日": 1,
    "the day before yesterday": 2, "day before yesterday": 2, "前天": 2, "前日": 2,
    "大前天": 3,
    "in a week": -7, "a week from now": -7, "一周后": -7, "下周今天": -7,
    "tomorrow": -1, "明天": -1, "明日": -1,
    "the day after tomorrow": -2, "day after tomorrow": -2, "后天": -2,
}  # fmt: skip
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"

_YEAR_FIRST: Final = re.compile(r"(?P<y>\d{4})\s*([-/.年])\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号.]?")
_EIGHT: Final = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_CHINESE: Final = re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?")
_DOTTED: Final = re.compile(r"(?P<d>\d{1,2})\.\s*(?P<m>\d{1,2})\.\s*(?P<y>\d{4}|\d{2})?")
_DAY_MONTH: Final = re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?{_MONTH}[\s,-]*(?P<y>\d{{4}})?")
_MONTH_DAY: Final = re.compile(rf"{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:[\s,]+(?P<y>\d{{4}}))?")
_EITHER_WAY: Final = re.compile(r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2})(?:[-/](?P<y>\d{4}))?")
_DAY_ALONE: Final = re.compile(r"(?:on )?(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th|\s*[日号])")
_FROM_NOW: Final = re.compile(r"in (?P<n>\d{1,3}) days?|(?P<zh>\d{1,3})\s*天[以之]?后")
_AGO: Final = re.compile(r"(?P<n>\d{1,3})\s*(?:days? ago|天前|天以前)")

_COLON: Final = r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::\d{2})?"
_POINT: Final = r"(?P<h2>\d{1,2})\s*[点时](?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<min2>\d{1,2})分?|整|钟)?"
_BARE: Final = r"(?P<h3>\d{1,2})(?=\s*[ap]\.?m)"
_HOUR: Final = re.compile(
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?\s*"
    rf"(?<![\d:])(?:{_COLON}|{_POINT}|{_BARE})"
    r"\s*(?P<half_day>[ap]\.?m\.?)?$"
)
_CHINESE_HOURS: Final = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_SPELT_HOUR: Final = re.compile(r"(十[一二]|[零一二三四五六七八九十两])(?=[点时])")
_TO_THE_HOUR: Final = re.compile(r"(?:\s+at|(?<=\d)t|,)?\s*$")
_LATER: Final = {
    "下午": range(12),
    "傍晚": range(12),
    "晚上": range(5, 13),
    "夜里": range(5, 13),
    "中午": range(3),
}
"""The hours to which a part of the day adds twelve."""
_NOW: Final = frozenset({"now", "just now", "现在", "刚才", "刚刚"})


def read_date(  # noqa: PLR0911  one way out a way of saying it
    text: str, today: dt.date, *, ahead: bool = False
) -> dt.date | None:
    """The day meant, or None where the text is no day or could be two.

    A day of the month alone ("the 14th", 14号) is the last one that has come; with `ahead` the next one to come.
    """
    said = " ".join(fold(text).lower().split())
    if said in _RELATIVE:
        return today - _DAY * _RELATIVE[said]
    if found := _AGO.fullmatch(said):
        return today - _DAY * int(found["n"])
    if found := _FROM_NOW.fullmatch(said):
        return today + _DAY * int(found["n"] or found["zh"])
    if found := _DAY_ALONE.fullmatch(said):
        return _nearest(int(found["d"]), today, ahead=ahead)
    for pattern in (_YEAR_FIRST, _EIGHT, _CHINESE, _DOTTED, _DAY_MONTH, _MONTH_DAY):
        if found := pattern.fullmatch(said):
            named = found.groupdict()
            month = int(named["m"]) if "m" in named else _MONTHS.index(named["name"]) + 1
            return _day(named.get("y"), month, int(named["d"]), today)
    if found := _EITHER_WAY.fullmatch(said):
        a, b = int(found["a"]), int(found["b"])
        days = {_day(found["y"], a, b, today), _day(found["y"], b, a, today)} - {None}
        return days.pop() if len(days) == 1 else None
    return None


def read_instant(text: str, now: dt.datetime, zone: str) -> dt.datetime | None:
    """The instant meant, in UTC; an hour alone is today's. None without an hour: nobody opened a job at midnight."""
    said = " ".join(fold(text).lower().split())
    if said in _NOW:
        return now.astimezone(dt.UTC)
    if (stamp := _stamp(said)) is not None:
        return stamp
    said = _SPELT_HOUR.sub(lambda found: str(_spelt(found[1])), said)
    found = _HOUR.search(said)
    if found is None:
        return None
    today = now.astimezone(ZoneInfo(zone)).date()
    date_text = _TO_THE_HOUR.sub("", said[: found.start()])
    day = read_date(date_text, today) if date_text else today
    hour = _hour(found)
    if day is None or hour is None or day.year not in _YEARS:
        return None
    return instant_at(day + _DAY * (hour // (24 * 60)), dt.time(hour // 60 % 24, hour % 60), ZoneInfo(zone))


def instant_at(day: dt.date, hour: dt.time, zone: ZoneInfo) -> dt.datetime:
    """That wall-clock hour in UTC; an hour left out by summer time moves past the gap, of two the first is meant."""
    return dt.datetime.combine(day, hour, tzinfo=zone).astimezone(dt.UTC)


def add_months(day: dt.date, months: int) -> dt.date:
    """The day of the same number so many months later, else that month's last (Civil Code, art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + _DAY * (day.day - 1), following - _DAY)


def _nearest(day: int, today: dt.date, *, ahead: bool) -> dt.date | None:
    step = 1 if ahead else -1
    for count in range(62 + 1):  # two months that follow one another have 62 days at the most
        if (found := today + _DAY * step * count).day == day:
            return found
    return None


def _stamp(said: str) -> dt.datetime | None:
    """An ISO 8601 instant that carries its own offset."""
    try:
        stamp = dt.datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    return stamp.astimezone(dt.UTC) if stamp.tzinfo is not None and stamp.year in _YEARS else None


def _spelt(word: str) -> int:
    return 2 if word == "两" else _CHINESE_HOURS.index(word)


def _hour(found: re.Match[str]) -> int | None:
    """Minutes since midnight, 1440 being the end of the day."""
    hour = int(found["h"] or found["h2"] or found["h3"])
    minute = 30 if found["half"] else {"一": 15, "三": 45}.get(found["quarter"] or "", 0)
    minute += int(found["min"] or found["min2"] or 0)
    part = found["part"] or {"a": "上午", "p": "下午"}.get((found["half_day"] or "")[:1], "")
    if part in _LATER and hour in _LATER[part]:
        hour += 12
    elif part in {"凌晨", "上午"} and hour == 12:
        hour = 0
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None


def _day(year: str | None, month: int, day: int, today: dt.date) -> dt.date | None:
    if year is not None:
        number = int(year) if len(year) == 4 else 2000 + int(year)
        return next(_valid((number,), month, day), None)
    back_to_a_leap_year = range(today.year + 1, today.year - 9, -1)
    return next((each for each in _valid(back_to_a_leap_year, month, day) if each <= today + _AHEAD), None)


def _valid(years: range | tuple[int, ...], month: int, day: int) -> Iterator[dt.date]:
    for year in years:
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if year in _YEARS:
            yield found
