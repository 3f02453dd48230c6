"""The maker's answer, line by line: all approved is one tap, and each line can be cut, returned or refused with why."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from claimbot.claims.amounts import read_amount
from claimbot.claims.maker import ANSWERS, MOST_WORDS, Answer, AnswerReason, AskedLine, LineAnswer
from claimbot.claims.words import Html, Money, show
from claimbot.flow.kinds.asking import (
    Again,
    Around,
    At,
    Button,
    Event,
    Going,
    Json,
    Late,
    Prompt,
    Reading,
    Rows,
    Said,
    Taken,
    Tapped,
    in_rows,
)
from claimbot.flow.kinds.lines import line_name

ASKED: Final = "asked_lines"
"""Where a conversation holds what the maker was asked for."""
_MARKS: Final = {"approved": "✅", "cut": "✂️", "returned": "↩️", "refused": "⛔️"}
_MOST_BUTTONS: Final = 40
_FOR_ALL: Final[tuple[Answer, ...]] = ("returned", "refused")
"""What can be said of all lines at once, with one reason."""
_AMOUNTS: Final[Mapping[Answer, Decimal | None]] = {"cut": None, "returned": None, "refused": Decimal(0)}
"""What is paid by the answer alone."""


class AnswerSheet(BaseModel):
    """What was told so far, the line that is being answered, how, and what is paid for it.

    Without a line the answer is for all that were not told of yet.
    """

    model_config = ConfigDict(frozen=True)

    given: tuple[LineAnswer, ...] = ()
    line: int | None = None
    answer: Answer | None = None
    amount: Decimal | None = None

    def to_json(self) -> Json:
        kept: Json = self.model_dump(mode="json", exclude_defaults=True)
        return kept

    def with_answer(self, answer: LineAnswer) -> "AnswerSheet":
        """The same line answered again takes the place of what was told of it."""
        others = tuple(each for each in self.given if each.number != answer.number)
        return AnswerSheet(given=tuple(sorted((*others, answer), key=lambda each: each.number)))


def asked_at(at: At) -> tuple[AskedLine, ...]:
    kept = at.answers.get(ASKED)
    return tuple(AskedLine.model_validate(each) for each in kept) if isinstance(kept, list) else ()


def _sheet(at: At) -> AnswerSheet:
    if isinstance(at.draft, dict):
        return AnswerSheet.model_validate(at.draft)
    kept = at.answers.get(at.name)
    return AnswerSheet.model_validate({"given": kept}) if isinstance(kept, list) else AnswerSheet()


# in words


def reason_words(around: Around, reason: str) -> Html:
    """A code of the maker's with its words; else what was written."""
    terms = around.office.makers.get(around.known.maker)
    listed = None if terms is None else terms.reason_named(reason)
    said = show(reason, around.lang)
    return Html(said if listed is None else f"{said} {show(listed.words, around.lang)}")


def answer_words(around: Around, given: LineAnswer) -> Html:
    """The verdict on one line: what is paid for it where that is not all, and why."""
    currency = around.known.currency
    parts = [f"{_MARKS[given.answer]} {around.words(f'maker_{given.answer}')}"]
    if given.answer == "cut" and given.amount is not None:
        parts.append(f"<b>{show(Money(amount=given.amount, currency=currency), around.lang)}</b>")
    if given.reason:
        parts.append(reason_words(around, given.reason))
    return Html(" · ".join(parts))


def _line_words(at: At, asked: AskedLine, given: LineAnswer | None) -> str:
    money = show(Money(amount=asked.asked, currency=at.around.known.currency), at.lang)
    told = [f"{asked.number}. {line_name(at.around, asked.line)} · {money}"]
    if given is not None:
        told.append(f"   {answer_words(at.around, given)}")
    elif asked.earlier is not None:
        told.append(f"   {at.words('maker_answered_before', answer=answer_words(at.around, asked.earlier))}")
    return "\n".join(told)


def tell_answer(at: At, value: Json) -> Html:
    given = AnswerSheet.model_validate({"given": value}).given
    return Html("\n".join(["", *(f"{each.number}. {answer_words(at.around, each)}" for each in given)]))


# asked


def ask_answer(at: At) -> Prompt:
    sheet, asked = _sheet(at), asked_at(at)
    if sheet.line is not None:
        return _ask_line(at, sheet, sheet.line)
    if sheet.answer is not None:
        return _ask_why(at, sheet.answer, Html())
    given = {each.number: each for each in sheet.given}
    body = Html("\n".join(_line_words(at, each, given.get(each.number)) for each in asked))
    lines = [
        Button(
            f"{_MARKS[given[each.number].answer] if each.number in given else '✏️'} {each.number}",
            "line",
            str(each.number),
        )
        for each in asked[:_MOST_BUTTONS]
    ]
    left = [each for each in asked if each.number not in given]
    if not left:
        return Prompt(body=body, rows=((Button(at.label("lines_done"), "done"),), *in_rows(lines, 4)))
    which = "rest" if given else "all"
    yes = Button(at.label(f"maker_{which}_approved"), "all", str(len(given)))
    noes = [Button(at.label(f"maker_{which}_{each}"), "rest", f"{len(given)}.{each}") for each in _FOR_ALL]
    return Prompt(body=body, rows=((yes,), tuple(noes), *in_rows(lines, 4)))


def _ask_line(at: At, sheet: AnswerSheet, number: int) -> Prompt:
    asked = next(each for each in asked_at(at) if each.number == number)
    back = _back(at)
    body = Html(_line_words(at, asked, None))
    if sheet.answer is None:
        choices = [Button(f"{_MARKS[each]} {at.label(f'maker_{each}')}", "say", f"{number}.{each}") for each in ANSWERS]
        return Prompt(body=body, rows=(*in_rows(choices, 2), back))
    if sheet.answer == "cut" and sheet.amount is None:
        return Prompt(body=Html(f"{body}\n{at.words('maker_cut_to')}"), rows=(back,))
    return _ask_why(at, sheet.answer, Html(f"{body}\n"))


def _back(at: At) -> tuple[Button, ...]:
    return (Button(at.label("lines_quit"), "quit"),)


def _ask_why(at: At, answer: Answer, above: Html) -> Prompt:
    offered = [Button(f"{each.code} {each.words.to(at.lang)}"[:60], "why", each.code) for each in _reasons(at, answer)]
    wanted = at.words("maker_why" if offered else "maker_why_typed", answer=at.words(f"maker_{answer}"))
    rows: Rows = (*in_rows(offered, 1), _back(at))
    return Prompt(body=Html(f"{above}{wanted}"), rows=rows)


def _reasons(at: At, answer: Answer) -> tuple[AnswerReason, ...]:
    terms = at.around.office.makers.get(at.around.known.maker)
    return () if terms is None else terms.reasons_on(at.around.known.today, answer)


# read


def read_answer(at: At, event: Event) -> Reading:  # noqa: C901, PLR0911  one answer a verb
    sheet, asked = _sheet(at), asked_at(at)
    match event:
        case Tapped(verb="quit"):
            return Going(AnswerSheet(given=sheet.given).to_json())
        case Tapped(verb="all", arg=known):
            if known != str(len(sheet.given)):  # a button of before: what it said of the rest is no more so
                return Late()
            told = {each.number for each in sheet.given}
            for each in asked:
                if each.number not in told:
                    sheet = sheet.with_answer(each.approved())
            return Taken(_plain(sheet))
        case Tapped(verb="rest", arg=arg):
            no = next((each for each in _FOR_ALL if arg == f"{len(sheet.given)}.{each}"), None)
            return Late() if no is None else Going(AnswerSheet(given=sheet.given, answer=no).to_json())
        case Tapped(verb="done"):
            left = {each.number for each in asked} - {each.number for each in sheet.given}
            return Late() if left or not asked else Taken(_plain(sheet))
        case Tapped(verb="line", arg=number):
            known_line = next((each for each in asked if str(each.number) == number), None)
            return (
                Late()
                if known_line is None
                else Going(AnswerSheet(given=sheet.given, line=known_line.number).to_json())
            )
        case _ if sheet.line is not None:
            return _read_line(at, sheet, next(each for each in asked if each.number == sheet.line), event)
        case _ if sheet.answer is not None:
            return _read_rest(at, sheet, sheet.answer, event)
        case Tapped():
            return Late()
        case _:
            return Again(at.words("maker_taps_wanted"))


def _read_rest(at: At, sheet: AnswerSheet, no: Answer, event: Event) -> Reading:
    """The same no, for the same reason, to every line that has no answer yet."""
    match event:
        case Tapped(verb="why", arg=code) if _is_listed(at, no, code):
            why = code
        case Said(text) if text.strip():
            why = _short(text)
        case Tapped():
            return Late()
        case _:
            return Again(at.words("maker_taps_wanted"))
    told = {each.number for each in sheet.given}
    for each in asked_at(at):
        if each.number not in told:
            sheet = sheet.with_answer(LineAnswer(number=each.number, answer=no, amount=_AMOUNTS[no], reason=why))
    return Going(sheet.to_json())


def _is_listed(at: At, answer: Answer, code: str) -> bool:
    return any(each.code == code for each in _reasons(at, answer))


def _short(text: str) -> str:
    return " ".join(text.split())[:MOST_WORDS]


def _plain(sheet: AnswerSheet) -> Json:
    return [each.model_dump(mode="json") for each in sheet.given]


def _read_line(at: At, sheet: AnswerSheet, asked: AskedLine, event: Event) -> Reading:  # noqa: PLR0911  one a verb
    match event:
        case Tapped(verb="say", arg=arg):
            number, _, said = arg.partition(".")
            answer = next((each for each in ANSWERS if each == said), None)
            if answer is None or number != str(asked.number):
                return Late()
            if answer == "approved":
                return Going(sheet.with_answer(asked.approved()).to_json())
            going = AnswerSheet(given=sheet.given, line=asked.number, answer=answer, amount=_AMOUNTS[answer])
            return Going(going.to_json())
        case Tapped(verb="why", arg=code) if sheet.answer is not None:
            listed = _is_listed(at, sheet.answer, code)
            return _reasoned(sheet, asked, code) if listed and _priced(sheet) else Late()
        case Tapped():
            return Late()
        case Said(text) if sheet.answer == "cut" and sheet.amount is None:
            amount = read_amount(text)
            if amount is None:
                return Again(at.words("money_wanted", currency=at.around.known.currency))
            if not 0 < amount < asked.asked:
                most = Money(amount=asked.asked, currency=at.around.known.currency)
                return Again(at.words("maker_cut_within", most=most))
            return Going(sheet.model_copy(update={"amount": amount}).to_json())
        case Said(text) if sheet.answer is not None and text.strip():
            return _reasoned(sheet, asked, _short(text))
        case _:
            return Again(at.words("maker_taps_wanted"))


def _priced(sheet: AnswerSheet) -> bool:
    return sheet.answer != "cut" or sheet.amount is not None


def _reasoned(sheet: AnswerSheet, asked: AskedLine, why: str) -> Reading:
    if sheet.answer is None:
        return Late()
    given = LineAnswer(number=asked.number, answer=sheet.answer, amount=sheet.amount, reason=why)
    return Going(sheet.with_answer(given).to_json())
