"""What public holidays are called in both languages.

The `holidays` library names them in English or the country's own language, seldom in Chinese; the names of the four
countries that the shipped rules count by stand here. A name that is missing is shown as the library has it.
"""

import re
from collections.abc import Mapping
from typing import Final

from claimbot.claims.words import Words

WEEKDAYS: Final = tuple(
    Words(en=en, zh=zh)
    for en, zh in (
        ("Monday", "周一"),
        ("Tuesday", "周二"),
        ("Wednesday", "周三"),
        ("Thursday", "周四"),
        ("Friday", "周五"),
        ("Saturday", "周六"),
        ("Sunday", "周日"),
    )
)
_OBSERVED: Final = re.compile(r"\s*(?:\(observed\)|\(observed, estimated\)|\(estimated\))")
_IN_EXCHANGE: Final = re.compile(r"^day off|substituted|\d/\d|\d{4}-\d\d|休息日", re.IGNORECASE)
"""A day off in exchange carries the other day's date, which has no place in a name."""

_ZH: Final[Mapping[str, str]] = {
    "New Year's Day": "元旦",
    "Good Friday": "耶稣受难日",
    "Easter Sunday": "复活节",
    "Easter Monday": "复活节星期一",
    "Ascension Day": "耶稣升天节",
    "Pentecost": "圣灵降临节",
    "Pentecost Monday": "圣灵降临节星期一",
    "Corpus Christi": "圣体节",
    "Assumption Day": "圣母升天节",
    "All Saints' Day": "诸圣节",
    "Reformation Day": "宗教改革纪念日",
    "Repentance and Prayer Day": "忏悔祈祷日",
    "Epiphany": "主显节",
    "Women's Day": "妇女节",
    "World Children's Day": "世界儿童日",
    "German Unity Day": "德国统一日",
    "Christmas Day": "圣诞节",
    "Second Day of Christmas": "圣诞节次日",
    "Boxing Day": "节礼日",
    "May Day": "五一节",
    "Spring Bank Holiday": "春季银行假日",
    "Summer Bank Holiday": "夏季银行假日",
    "Late Summer Bank Holiday": "夏季银行假日",
    "New Year Holiday": "新年假日",
    "Saint Andrew's Day": "圣安德鲁日",
    "Saint Patrick's Day": "圣帕特里克节",
    "Battle of the Boyne": "博因河战役纪念日",
    "Martin Luther King Jr. Day": "马丁·路德·金纪念日",
    "Washington's Birthday": "总统日",
    "Memorial Day": "阵亡将士纪念日",
    "Juneteenth National Independence Day": "六月节",
    "Independence Day": "独立日",
    "Labor Day": "劳动节",
    "Columbus Day": "哥伦布日",
    "Veterans Day": "退伍军人节",
    "Thanksgiving Day": "感恩节",
    "National Day": "国庆节",
    "Mid-Autumn Festival": "中秋节",
    "Dragon Boat Festival": "端午节",
    "Tomb-Sweeping Day": "清明节",
    "Spring Festival": "春节",
}
_PLAINER: Final[Mapping[str, str]] = {
    "Chinese New Year (Spring Festival)": "Spring Festival",
    "Chinese New Year's Eve": "Spring Festival",
    "Chinese New Year Extended Holiday": "Spring Festival",
}


def holiday_words(said: str) -> Words | None:
    """A library's name in both languages, without "(observed)"; None for a mere day off in exchange."""
    for each in said.split("; "):
        name = _OBSERVED.sub("", each).strip()
        if name and not _IN_EXCHANGE.search(name):
            plain = _PLAINER.get(name, name)
            return Words(en=plain, zh=_ZH.get(plain, plain))
    return None
