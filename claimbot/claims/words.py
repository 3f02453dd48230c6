"""Words in both languages, and how values are put into them.

Templates come from the office's own files and may carry Telegram's HTML; values come from people and are
always escaped here, so that no name and no complaint can ever become markup.
"""

import datetime as dt
import string
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from html import escape, unescape
from typing import Final, Literal, get_args

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from pydantic import BaseModel, ConfigDict

Lang = Literal["en", "zh"]
LANGS: Final[tuple[Lang, ...]] = get_args(Lang)
_LOCALE: Final[dict[Lang, str]] = {"en": "en_GB", "zh": "zh_CN"}


class Words(BaseModel):
    """One thing said in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    en: str
    zh: str

    def to(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


class Html(str):
    """Text that is markup already and must not be escaped again."""

    __slots__ = ()


class Money(BaseModel):
    """An amount with its currency (ISO 4217)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Decimal
    currency: str


def language_of(code: str | None) -> Lang:
    """The language for a Telegram `language_code` ("zh-hans", "pt-br" or nothing): Chinese or else English."""
    return "zh" if (code or "").lower().startswith("zh") else "en"


def show(value: object, lang: Lang) -> str:  # noqa: PLR0911  one way out a type
    """A value as people of that language write it, escaped for Telegram's HTML.

    Instants are shown in the zone that they carry: the caller has turned them to the reader's.
    """
    match value:
        case Html():
            return str(value)
        case Words():
            return escape(value.to(lang), quote=False)
        case Money():
            return escape(format_currency(value.amount, value.currency, locale=_LOCALE[lang]), quote=False)
        case bool():
            return {"en": "yes" if value else "no", "zh": "是" if value else "否"}[lang]
        case int() | Decimal():
            return format_decimal(value, locale=_LOCALE[lang])
        case dt.datetime():
            return format_datetime(value, "y-MM-dd HH:mm" if lang == "zh" else "d MMM y HH:mm", locale=_LOCALE[lang])
        case dt.date():
            return format_date(value, "y-MM-dd" if lang == "zh" else "d MMM y", locale=_LOCALE[lang])
        case list() | tuple():
            return ("、" if lang == "zh" else ", ").join(show(each, lang) for each in value)
        case _:
            return escape(str(value), quote=False)


@lru_cache(maxsize=4096)
def _parsed(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, name) for literal, name, _, _ in string.Formatter().parse(template))


def names_in(template: str) -> frozenset[str]:
    """The `{names}` that a template wants filled. Raises ValueError when its braces do not match."""
    return frozenset(name for _, name in _parsed(template) if name is not None)


def fill(template: str, lang: Lang, values: Mapping[str, object]) -> Html:
    """The template with its `{names}` filled; a name that is missing raises KeyError, as it is our mistake."""
    parts: list[str] = []
    for literal, name in _parsed(template):
        parts.append(literal)
        if name is not None:
            parts.append(show(values[name], lang))
    return Html("".join(parts))


def filled(words: Words, values: Mapping[str, object]) -> Words:
    """The template filled in both languages, still plain: whoever shows it escapes it."""
    en, zh = (unescape(fill(words.to(lang), lang, values)) for lang in LANGS)
    return Words(en=en, zh=zh)


def days(number: int) -> Words:
    """So many days, as people say it: "1 day"."""
    return Words(en=f"{number} day{'' if number == 1 else 's'}", zh=f"{number} 天")


def named(name: str, value: str, lang: Lang) -> Html:
    """A name and its value, both markup already, with that language's colon."""
    return Html(f"{name}{'：' if lang == 'zh' else ': '}{value}")


def answered(name: str, value: Html, lang: Lang) -> Html:
    """A question's name and what was answered, which stands out unless it goes over several rows."""
    return named(name, value if "\n" in value else f"<b>{value}</b>", lang)


def phrase(words: Words, lang: Lang, values: Mapping[str, object] | None = None) -> Html:
    """Both at once: the right language, filled."""
    return fill(words.to(lang), lang, values or {})
