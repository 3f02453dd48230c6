"""What is approved of a claim's lines: a line is tapped or typed, then how much of it, then why not all of it."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from claimbot.claims.amounts import read_amount
from claimbot.claims.cuts import MOST_REASON, Cut, approved_amounts, fits, read_cut
from claimbot.claims.lines import Line
from claimbot.claims.words import Html, Lang, Money, Words, phrase, show
from claimbot.flow.kinds.asking import (
    Again,
    At,
    Button,
    Event,
    Going,
    Json,
    Late,
    Prompt,
    Reading,
    Said,
    Taken,
    Tapped,
    in_rows,
    tag,
)
from claimbot.flow.kinds.lines import line_words
from claimbot.flow.model import CutsStep
from claimbot.flow.office import Office

_MOST_LABEL = 14
"""Characters of a line's name beside its number."""
_MOST_BUTTONS = 24
"""A line behind these is typed."""


class CutSheet(BaseModel):
    """The cuts so far; `line` is the number of the one that is being cut, `to` what it is cut to."""

    model_config = ConfigDict(frozen=True)

    cuts: tuple[Cut, ...] = ()
    line: int | None = None
    to: Decimal | None = None

    def to_json(self) -> Json:
        kept: Json = self.model_dump(mode="json", exclude_defaults=True)
        return kept

    @property
    def mark(self) -> str:
        """Stands on every button: one that belongs to an earlier state of these amounts changes nothing."""
        return tag(self.to_json())

    def without(self, line_no: int) -> "CutSheet":
        return CutSheet(cuts=tuple(each for each in self.cuts if each.line_no != line_no))

    def holding(self, cut: Cut) -> "CutSheet":
        others = self.without(cut.line_no).cuts
        return CutSheet(cuts=tuple(sorted((*others, cut), key=lambda each: each.line_no)))


def cuts_of(value: Json) -> tuple[Cut, ...]:
    """The answer of such a step."""
    return CutSheet.model_validate({"cuts": value or []}).cuts


def _sheet(at: At) -> CutSheet:
    """What is half answered, as far as it fits the lines as they are now."""
    drafted = isinstance(at.draft, dict)
    sheet = CutSheet.model_validate(at.draft) if drafted else CutSheet(cuts=cuts_of(at.answers.get(at.name)))
    lines = _lines(at)
    if sheet.line is not None and (sheet.line > len(lines) or (sheet.to or 0) > lines[sheet.line - 1].amount):
        sheet = CutSheet(cuts=sheet.cuts)
    return sheet.model_copy(update={"cuts": tuple(each for each in sheet.cuts if fits(each, lines))})


def _lines(at: At) -> tuple[Line, ...]:
    return at.facts.lines or ()


def _money(at: At, amount: Decimal) -> Money:
    return Money(amount=amount, currency=at.around.known.currency)


def reason_in(step: CutsStep, reason: str) -> Words | str:
    """A listed reason in both languages, else as it was written."""
    return step.reasons.get(reason, reason)


# asked


def ask_cuts(step: CutsStep, at: At) -> Prompt:
    sheet, lines = _sheet(at), _lines(at)
    if sheet.line is None:
        return _ask_lines(step, at, sheet, lines)
    line = lines[sheet.line - 1]
    values = {"line": line_words(at.around, line), "place": sheet.line}
    quit_row = (Button(at.label("cut_quit"), "quit", sheet.mark),)
    if sheet.to is None:
        none = Button(at.label("cut_none"), "none", sheet.mark)
        whole = Button(at.label("cut_whole"), "whole", sheet.mark)
        return Prompt(body=at.words("cut_amount", **values), rows=((none, whole), quit_row), replaces_question=True)
    body = at.words("cut_why", **values, to=_money(at, sheet.to))
    listed = [Button(words.to(at.lang), "why", f"{sheet.mark}.{name}") for name, words in step.reasons.items()]
    return Prompt(body=body, rows=(*in_rows(listed, 1), quit_row), replaces_question=True)


def _ask_lines(step: CutsStep, at: At, sheet: CutSheet, lines: Sequence[Line]) -> Prompt:
    amounts = approved_amounts(lines, sheet.cuts)
    cut = {each.line_no: each for each in sheet.cuts}
    told = []
    for place, line in enumerate(lines, 1):
        told.append(f"{place}. {line_words(at.around, line)}")
        if place in cut:
            values = {"to": _money(at, cut[place].approved), "reason": reason_in(step, cut[place].reason)}
            told.append(at.words("cut_to", **values))
    claimed, approved = sum((line.amount for line in lines), Decimal(0)), sum(amounts, Decimal(0))
    told.append(at.words("cut_sum", claimed=_money(at, claimed), approved=_money(at, approved)))
    buttons = [
        Button(f"✂️ {place} {_in_short(at, line)}", "cut", f"{sheet.mark}.{place}")
        for place, line in enumerate(lines, 1)
        if line.amount > 0
    ]
    rows = in_rows(buttons[:_MOST_BUTTONS], 2)
    if sheet.cuts and approved > 0:
        label = at.label("cut_done").format(approved=show(_money(at, approved), at.lang))
        rows = ((Button(label, "done", sheet.mark),), *rows)
    elif sheet.cuts:
        told.append(at.words("cut_nothing_left"))
    return Prompt(body=Html("\n".join(told)), rows=rows)


def _in_short(at: At, line: Line) -> str:
    """A line as it fits on half a row of buttons."""
    words = line.text or line.code or at.label(f"kind_{line.kind}")
    return words if len(words) <= _MOST_LABEL else f"{words[: _MOST_LABEL - 1]}…"


# read


def read_cuts(step: CutsStep, at: At, event: Event) -> Reading:  # noqa: C901, PLR0911  one answer a verb
    sheet, lines = _sheet(at), _lines(at)
    match event:
        case Tapped(arg=arg) if arg.partition(".")[0] != sheet.mark:
            return Late()
        case Tapped(verb="quit"):
            return Going(CutSheet(cuts=sheet.cuts).to_json())
        case Tapped(verb="done") if sheet.line is None and sheet.cuts and sum(approved_amounts(lines, sheet.cuts)) > 0:
            return Taken([each.model_dump(mode="json") for each in sheet.cuts])
        case Tapped(verb="cut", arg=arg) if sheet.line is None:
            return _typed(step, at, sheet, lines, arg.partition(".")[2])
        case Tapped(verb="none") if sheet.line is not None and sheet.to is None:
            return Going(sheet.model_copy(update={"to": Decimal(0)}).to_json())
        case Tapped(verb="whole") if sheet.line is not None and sheet.to is None:
            return Going(sheet.without(sheet.line).to_json())
        case Tapped(verb="why", arg=arg) if sheet.to is not None:
            reason = arg.partition(".")[2]
            return _cut(sheet, reason) if reason in step.reasons else Late()
        case Tapped():
            return Late()
        case Said(text) if sheet.line is None:
            return _typed(step, at, sheet, lines, text)
        case Said(text) if sheet.to is None:
            return _amount(at, sheet, lines, read_amount(text))
        case Said(text):
            return _reason(step, at, sheet, text)
        case _:
            return Again(at.words("cut_wanted"))


def _typed(step: CutsStep, at: At, sheet: CutSheet, lines: Sequence[Line], text: str) -> Reading:
    """A line, perhaps with all that is to be known of its cut."""
    typed = read_cut(text)
    if typed is None or typed.line_no > len(lines) or lines[typed.line_no - 1].amount == 0:
        return Again(at.words("cut_wanted"))
    opened = CutSheet(cuts=sheet.cuts, line=typed.line_no)
    if typed.approved is None:
        return Going(opened.to_json())
    going = _amount(at, opened, lines, typed.approved)
    if not typed.reason or not isinstance(going, Going) or typed.approved == lines[typed.line_no - 1].amount:
        return going
    return _reason(step, at, opened.model_copy(update={"to": typed.approved}), typed.reason)


def _amount(at: At, sheet: CutSheet, lines: Sequence[Line], amount: Decimal | None) -> Reading:
    claimed = lines[(sheet.line or 1) - 1].amount
    if amount is None:
        return Again(at.words("money_wanted", currency=at.around.known.currency))
    if amount > claimed:
        return Again(at.words("cut_too_much", claimed=_money(at, claimed)))
    if amount == claimed:
        return Going(sheet.without(sheet.line or 0).to_json())
    return Going(sheet.model_copy(update={"to": amount}).to_json())


def _reason(step: CutsStep, at: At, sheet: CutSheet, text: str) -> Reading:
    words = " ".join(text.split())
    listed = next((name for name, each in step.reasons.items() if _says(each, words)), None)
    if listed is not None:
        return _cut(sheet, listed)
    if not any(each.isalnum() for each in words):
        return Again(at.words("text_wanted"))
    if len(words) > MOST_REASON:
        return Again(at.words("text_too_long", most=MOST_REASON, has=len(words)))
    return _cut(sheet, words)


def _says(listed: Words, words: str) -> bool:
    return words.casefold() in {listed.en.casefold(), listed.zh.casefold()}


def _cut(sheet: CutSheet, reason: str) -> Reading:
    if sheet.line is None or sheet.to is None:
        return Late()
    return Going(sheet.holding(Cut(line_no=sheet.line, approved=sheet.to, reason=reason)).to_json())


# told


def tell_cuts(step: CutsStep, at: At, value: Json) -> Html:
    told = cut_lines(at.around.office, step, _lines(at), cuts_of(value), at.around.known.currency, at.lang)
    return Html("\n".join(["", *told]))


def cut_lines(
    office: Office, step: CutsStep, lines: Sequence[Line], cuts: Sequence[Cut], currency: str, lang: Lang
) -> tuple[Html, ...]:
    """Each cut in one line: which, from what to what, why."""
    told = []
    for cut in cuts:
        line = lines[cut.line_no - 1]
        values = {
            "place": cut.line_no,
            "line": line.code or line.text or Html(office.words[f"line_{line.kind}"].to(lang)),
            "claimed": Money(amount=line.amount, currency=currency),
            "approved": Money(amount=cut.approved, currency=currency),
            "reason": reason_in(step, cut.reason),
        }
        told.append(phrase(office.words["cut_line"], lang, values))
    return tuple(told)
