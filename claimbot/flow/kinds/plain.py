"""Questions answered by a word, a tap or a number."""

import datetime as dt
import unicodedata
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_name

from claimbot.claims.amounts import read_amount
from claimbot.claims.dates import read_date, read_instant
from claimbot.claims.numbers import fold, read_number
from claimbot.claims.part_numbers import read_part_number
from claimbot.claims.words import Html, Money, Words, show
from claimbot.flow.kinds.asking import (
    Again,
    At,
    Button,
    Choice,
    Elsewhere,
    Event,
    Going,
    Json,
    Late,
    Prompt,
    Reading,
    Said,
    Showed,
    Taken,
    Tapped,
    in_rows,
    tag,
)
from claimbot.flow.model import (
    ChoiceStep,
    ConfirmStep,
    DateStep,
    InstantStep,
    MomentStep,
    NumberStep,
    TextStep,
)


def hint(at: At, key: str, **values: object) -> Again:
    """The step's own hint where its author wrote one, else the kind's."""
    if at.step.hint is not None:
        return Again(Html(at.step.hint.to(at.lang)))
    return Again(at.words(key, **values))


# text


def ask_text(step: TextStep, at: At) -> Prompt:
    if step.suggest is None:
        return Prompt()
    offered = at.around.offers.get(step.suggest, ())
    buttons = [Button(each.to(at.lang), "pick", each.key) for each in offered]
    return Prompt(rows=in_rows(buttons, 2))


def read_text(step: TextStep, at: At, event: Event) -> Reading:  # noqa: PLR0911  one answer a mistake
    match event:
        case Said(text):
            words = " ".join(text.split()) if step.max_length <= 100 else text.strip()
            if not any(each.isalnum() for each in words):
                return hint(at, "text_wanted")
            if _weight(words) < step.min_length:
                return hint(at, "text_too_short")
            if len(words) > step.max_length:
                return hint(at, "text_too_long", most=step.max_length, has=len(words))
            return Taken(words)
        case Tapped(verb="pick", arg=key) if step.suggest is not None:
            for each in at.around.offers.get(step.suggest, ()):
                if each.key == key:
                    return Taken(each.to(at.lang))
            return Again(at.words("button_gone"))
        case _:
            return hint(at, "text_wanted")


def _weight(words: str) -> int:
    """Characters, a Chinese one counted as two: 异响 says as much as a word of four letters."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in words)


def tell_text(step: TextStep, at: At, value: Json) -> Html:
    """As it was written; what was tapped from the office's list in the reader's language."""
    offered = at.around.offers.get(step.suggest, ()) if step.suggest is not None else ()
    for each in offered:
        if value in {each.to("en"), each.to("zh")}:
            return Html(show(each.to(at.lang), at.lang))
    return Html(show(value, at.lang))


def read_part(at: At, event: Event) -> Reading:
    if isinstance(event, Said):
        number = read_part_number(event.text)
        if number is not None:
            return Taken(number)
    return hint(at, "part_number_wanted")


# choice


def choices_of(step: ChoiceStep, at: At) -> tuple[Choice, ...]:
    fixed = tuple(Choice(key, words) for key, words in step.choices.items())
    return fixed if step.options is None else (*at.around.offers.get(step.options, ()), *fixed)


def ask_choice(step: ChoiceStep, at: At) -> Prompt:
    if step.sure is not None and isinstance(at.draft, str):
        body = at.words("typed_sure", label=step.label, answer=at.draft)
        sure = Button(step.sure.to(at.lang), "sure", tag(at.draft))
        return Prompt(body=body, rows=((sure,), (Button(at.label("typed_anew"), "anew"),)), replaces_question=True)
    buttons = [Button(each.to(at.lang), "pick", each.key) for each in choices_of(step, at)]
    return Prompt(rows=in_rows(buttons, step.columns))


def _chosen(step: ChoiceStep, at: At, text: str) -> Choice | None:
    """What a typed answer picks: a label in either language, or its number in the list."""
    wanted = text.strip().casefold()
    offered = choices_of(step, at)
    for each in offered:
        labels = (each.to("en"), each.to("zh"), each.key)
        if wanted in {label.casefold() for label in labels}:
            return each
    number = read_number(text)
    if not step.typed and number is not None and number == int(number) and 1 <= number <= len(offered):
        return offered[int(number) - 1]
    return None


def read_choice(step: ChoiceStep, at: At, event: Event) -> Reading:  # noqa: PLR0911  one answer a mistake
    match event:
        case Tapped(verb="pick", arg=key):
            if any(each.key == key for each in choices_of(step, at)):
                return Taken(key)
            return Again(at.words("button_gone"))
        case Tapped(verb="sure", arg=mark) if step.sure is not None and isinstance(at.draft, str):
            return Taken(at.draft) if mark == tag(at.draft) else Late()
        case Tapped(verb="anew") if step.sure is not None:
            return Going(None)
        case Said(text):
            chosen = _chosen(step, at, text)
            if chosen is not None:
                return Taken(chosen.key)
            words = " ".join(text.split())
            if not step.typed or not any(each.isalnum() for each in words):
                return hint(at, "choice_wanted")
            if len(words) > step.max_length:
                return Again(at.words("text_too_long", most=step.max_length, has=len(words)))
            return Taken(words) if step.sure is None else Going(words)
        case _:
            return hint(at, "choice_wanted")


def tell_choice(step: ChoiceStep, at: At, value: Json) -> Html:
    for each in choices_of(step, at):
        if each.key == value:
            return Html(show(each.label, at.lang))
    return Html(show(value, at.lang))


# confirm


def _asked_about(step: ConfirmStep, at: At) -> str:
    """What stands on both buttons: a "yes" to the car of before is no yes to this one."""
    return "" if step.about is None else tag(at.answers.get(step.about))


def ask_confirm(step: ConfirmStep, at: At) -> Prompt:
    about = _asked_about(step, at)
    return Prompt(rows=((Button(at.label("yes"), "yes", about), Button(at.label("no"), "no", about)),))


_YES = frozenset({"yes", "y", "ok", "是", "对", "好", "是的", "对的", "正确"})
_NO = frozenset({"no", "n", "否", "不", "不是", "不对", "错"})


def read_confirm(step: ConfirmStep, at: At, event: Event) -> Reading:
    said: bool | None = None
    match event:
        case Tapped(arg=arg) if arg and arg != _asked_about(step, at):
            return Late()
        case Tapped(verb="yes"):
            said = True
        case Tapped(verb="no"):
            said = False
        case Said(text):
            word = text.strip().casefold().rstrip(".!。")
            said = True if word in _YES else False if word in _NO else None
        case _:
            pass
    if said is None:
        return hint(at, "yes_or_no_wanted")
    if not said and step.otherwise is not None:
        return Elsewhere(step.otherwise)
    return Taken(said)


# a table


def read_sheet(at: At, event: Event) -> Reading:
    match event:
        case Showed(sha256, sheet=sheet) if sheet is not None:
            return Taken(sha256)
        case _:
            return hint(at, "sheet_wanted")


# numbers, money, days


def _number_in(unit: Words | None, text: str) -> Decimal | None:
    """The number, typed with the unit of the question in either language, with a thousandth of it, or without."""
    body = fold(text)
    for each in () if unit is None else (unit.en, unit.zh):
        if body.casefold().endswith(each.casefold()):
            body = body[: -len(each)].rstrip()
            thousandths = read_number(body[:-1]) if body.endswith(("m", "毫")) else None
            return read_number(body) if thousandths is None else thousandths / 1000
    return read_number(body)


def read_number_step(step: NumberStep, at: At, event: Event) -> Reading:
    number = _number_in(step.unit, event.text) if isinstance(event, Said) else None
    if number is None:
        return hint(at, "number_wanted")
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > step.decimals:
        return Again(at.words("number_decimals", most=step.decimals))
    if (step.minimum is not None and number < step.minimum) or (step.maximum is not None and number > step.maximum):
        low = step.minimum if step.minimum is not None else Decimal("-Infinity")
        high = step.maximum if step.maximum is not None else Decimal("Infinity")
        return Again(at.words("number_range", least=low, most=high))
    return Taken(str(number))


def tell_number(step: NumberStep, at: At, value: Json) -> Html:
    unit = f" {show(step.unit, at.lang)}" if step.unit is not None else ""
    return Html(show(Decimal(str(value)), at.lang) + unit)


def ask_money(at: At) -> Prompt:
    """In which currency, by its name: nobody should have to guess at a site that keeps two."""
    name = get_currency_name(at.around.known.currency, locale="zh_CN" if at.lang == "zh" else "en_GB")
    return Prompt(body=at.words("money_in", currency=name))


def read_money(at: At, event: Event) -> Reading:
    amount = read_amount(event.text) if isinstance(event, Said) else None
    return hint(at, "money_wanted", currency=at.around.known.currency) if amount is None else Taken(str(amount))


def tell_money(at: At, value: Json) -> Html:
    return Html(show(Money(amount=Decimal(str(value)), currency=at.around.known.currency), at.lang))


def ask_date(step: DateStep | InstantStep | MomentStep, at: At) -> Prompt:
    """The likely days are one tap; an hour must be typed, except "now"."""
    if isinstance(step, InstantStep):
        return Prompt(rows=((Button(at.label("now"), "pick", "now"),),))
    if isinstance(step, DateStep) and step.in_days:
        offered = [Button(at.label("in_days").format(days=days), "in", str(days)) for days in step.in_days]
        return Prompt(rows=in_rows(offered, 2))
    ahead = isinstance(step, DateStep) and step.future
    names = ["today", "tomorrow", "in_3_days", "in_a_week"] if ahead else ["today", "yesterday"]
    first = _earliest(step, at) if isinstance(step, DateStep) else None
    if first is not None:
        names = [name for name in names if at.around.known.today + dt.timedelta(days=_DAYS[name]) >= first]
    return Prompt(rows=in_rows([Button(at.label(name), "pick", name) for name in names], 2))


def _earliest(step: DateStep, at: At) -> dt.date | None:
    """The day that this one may not be before, where there is one."""
    value = None if step.not_before is None else at.answers.get(step.not_before)
    return None if value is None else dt.date.fromisoformat(str(value))


_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "in_3_days": 3, "in_a_week": 7}
"""The days that are one tap, from today."""


def read_date_step(step: DateStep, at: At, event: Event) -> Reading:
    today = at.around.known.today
    match event:
        case Tapped(verb="pick", arg=name) if name in _DAYS:
            day: dt.date | None = today + dt.timedelta(days=_DAYS[name])
        case Tapped(verb="in", arg=days) if days in map(str, step.in_days):
            day = today + dt.timedelta(days=int(days))
        case Said(text):
            day = read_date(text, today, ahead=step.future)
        case _:
            day = None
    if day is None:
        return hint(at, "date_wanted", example=today)
    if day > today and not step.future:
        return Again(at.words("date_in_future", day=day))
    first = _earliest(step, at)
    if first is not None and day < first:
        return Again(at.words("date_too_early", day=day, first=first))
    return Taken(day.isoformat())


def read_instant_step(step: InstantStep, at: At, event: Event) -> Reading:
    known = at.around.known
    match event:
        case Tapped(verb="pick", arg="now"):
            return Taken(known.now.isoformat())
        case Said(text):
            instant = read_instant(text, known.now, known.zone)
        case _:
            instant = None
    if instant is None:
        return hint(at, "instant_wanted", example=known.now.astimezone(ZoneInfo(known.zone)))
    if instant > known.now and not step.future:
        return Again(at.words("date_in_future", day=instant.astimezone(ZoneInfo(known.zone))))
    return Taken(instant.isoformat())


def read_moment(at: At, event: Event) -> Reading:
    """A day; or an instant, where an hour goes with it."""
    known = at.around.known
    match event:
        case Tapped(verb="pick", arg=name) if name in _DAYS:
            return Taken((known.today + dt.timedelta(days=_DAYS[name])).isoformat())
        case Said(text):
            day = read_date(text, known.today)
            instant = read_instant(text, known.now, known.zone) if day is None else None
        case _:
            day, instant = None, None
    if day is None and instant is None:
        return hint(at, "moment_wanted", example=known.now.astimezone(ZoneInfo(known.zone)))
    if (day is not None and day > known.today) or (instant is not None and instant > known.now):
        shown = day if instant is None else instant.astimezone(ZoneInfo(known.zone))
        return Again(at.words("date_in_future", day=shown))
    return Taken(day.isoformat() if day is not None else "" if instant is None else instant.isoformat())


def tell_date(at: At, value: Json) -> Html:
    return Html(show(dt.date.fromisoformat(str(value)), at.lang))


def tell_instant(at: At, value: Json) -> Html:
    instant = dt.datetime.fromisoformat(str(value)).astimezone(ZoneInfo(at.around.known.zone))
    return Html(show(instant, at.lang))
