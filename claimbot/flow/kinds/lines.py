"""The lines of a claim: typed in a hurry, asked one thing after another, or filled into a table and sent back.

Each can be mended or taken out. What a table holds takes the place of the list, once it was looked at and tapped.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, assert_never
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from claimbot.claims.amounts import read_amount
from claimbot.claims.line_table import COLUMNS, Column, LineTable, LineTableTrouble, read_line_table
from claimbot.claims.lines import LINE_KINDS, MOST_LINES, Line, LineKind, RateLine, in_three, made, read_lines
from claimbot.claims.numbers import read_number
from claimbot.claims.table import Table, named
from claimbot.claims.words import LANGS, Html, Money, Words, show
from claimbot.errors import Refusal
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
    Showed,
    Taken,
    Tapped,
    Wanted,
    in_rows,
    tag,
)

Field = Literal["code", "text", "quantity", "unit_price"]
_ASKED: Final[Mapping[LineKind, tuple[Field, ...]]] = MappingProxyType(
    {
        "labour": ("code", "quantity", "unit_price"),
        "part": ("code", "quantity", "unit_price"),
        "sublet": ("text", "code", "unit_price"),
        "travel": ("quantity", "unit_price"),
        "towing": ("unit_price",),
        "loaner": ("quantity", "unit_price"),
    }
)
"""What is asked for each kind, in this order."""
_LEFT_OUT: Final = frozenset({("labour", "code"), ("sublet", "code"), ("sublet", "text")})
"""What a line of that kind may do without."""
_COUNTED: Final[Mapping[LineKind, tuple[str, ...]]] = MappingProxyType(
    {"labour": ("0.5", "1", "2"), "part": ("1", "2", "4"), "loaner": ("1", "2", "5")}
)
"""Quantities that are one tap."""
_MOST_TOLD: Final = 10
"""Rows of a table that are told what is wrong with them."""


class Form(BaseModel):
    """A line that is asked for piece by piece: its kind, and what was told of it so far; None is left out."""

    model_config = ConfigDict(frozen=True)

    kind: LineKind
    told: dict[str, str | None] = {}

    @property
    def asks(self) -> Field:
        return next(each for each in _ASKED[self.kind] if each not in self.told)


class LineSheet(BaseModel):
    """The lines so far, what is asked of the next one, which one is being mended (its place, from 0).

    `offered`: those of a table, which count as soon as that is tapped.
    """

    model_config = ConfigDict(frozen=True)

    lines: tuple[Line, ...] = ()
    form: Form | None = None
    mending: int | None = None
    offered: tuple[Line, ...] = ()

    def to_json(self) -> Json:
        kept: Json = self.model_dump(mode="json", exclude_defaults=True)
        return kept

    def holding(self, lines: tuple[Line, ...]) -> "LineSheet":
        """With these put in: in the place of the one that is mended, else at the end."""
        if self.mending is None:
            return LineSheet(lines=(*self.lines, *lines))
        return LineSheet(lines=(*self.lines[: self.mending], *lines, *self.lines[self.mending + 1 :]))


def sheet_of(at: At) -> LineSheet:
    return sheet_from(at.draft, at.answers.get(at.name))


def sheet_from(draft: Json, kept: Json) -> LineSheet:
    """What is half answered; else the answer that is gone over again."""
    if isinstance(draft, dict):
        return LineSheet.model_validate(draft)
    return LineSheet.model_validate({"lines": kept}) if isinstance(kept, list) else LineSheet()


def is_changed(at: At) -> bool:
    """Whether the list, or the line that is being told, is not any more what was answered before."""
    sheet = sheet_of(at)
    return (
        sheet.form is not None or bool(sheet.offered) or sheet.lines != sheet_from(None, at.answers.get(at.name)).lines
    )


def rate_of(at: At) -> RateLine | None:
    """The maker's rate on the day the repair was closed; today's as long as that is open."""
    known = at.around.known
    terms = at.around.office.makers.get(known.maker)
    return None if terms is None else terms.rate_on(_judged_on(at), known.currency)


def _operations(at: At) -> Collection[str]:
    """The maker's codes of labour, on the same day."""
    terms = at.around.office.makers.get(at.around.known.maker)
    return () if terms is None else terms.operations_on(_judged_on(at))


def _judged_on(at: At) -> dt.date:
    known, closed = at.around.known, at.facts.closed_at
    return known.today if closed is None else closed.astimezone(ZoneInfo(known.zone)).date()


# in words


def line_words(around: Around, line: Line) -> Html:
    """One line: what it is, how it is reckoned, what it comes to."""
    lang = around.lang
    amount = show(Money(amount=line.amount, currency=around.known.currency), lang)
    price = show(Money(amount=line.unit_price, currency=around.known.currency), lang)
    tax = f" +{show(line.tax_percent, lang)}%" if line.tax_percent else ""
    if line.kind in {"sublet", "towing"} and line.quantity == 1:
        reckoned = f"{price}{tax} = <b>{amount}</b>" if tax else f"<b>{amount}</b>"
    else:
        unit = around.words(f"line_unit_{line.kind}")
        reckoned = f"{show(line.quantity, lang)} {unit} × {price}{tax} = <b>{amount}</b>"
    return Html(f"{line_name(around, line)} · {reckoned}")


def line_name(around: Around, line: Line) -> Html:
    """What it is, without its price."""
    named = [around.words(f"line_{line.kind}"), *(show(each, around.lang) for each in (line.code, line.text) if each)]
    return Html(" ".join(named))


def split_words(around: Around, lines: tuple[Line, ...]) -> Html:
    """What they come to: labour, parts, other, and in all."""
    sums = [Money(amount=each, currency=around.known.currency) for each in in_three(lines)]
    whole = Money(amount=sum((line.amount for line in lines), Decimal(0)), currency=around.known.currency)
    values = {**dict(zip(("labour", "parts", "other"), sums, strict=True)), "total": whole}
    return around.words("lines_sum", **values)


def tell_lines(at: At, value: Json) -> Html:
    return Html(f"\n{_listed(at, LineSheet.model_validate({'lines': value}).lines)}")


# asked


def ask_lines(at: At) -> Prompt:
    sheet = sheet_of(at)
    if sheet.form is not None:
        return _ask_field(at, sheet.form)
    if sheet.mending is not None:
        return _ask_mended(at, sheet, sheet.mending)
    if sheet.offered:
        return _ask_offered(at, sheet)
    kinds = [Button(at.label(f"line_add_{kind}"), "add", kind) for kind in LINE_KINDS]
    if not sheet.lines:
        rate = rate_of(at)
        hour = at.words("lines_no_rate") if rate is None else at.words("lines_rate", rate=_money(at, rate.labour_hour))
        own = ((Button(at.label("lines_own"), "own"),),) if _own(at) else ()
        return Prompt(body=Html(at.words("lines_how") + hour), rows=(*own, *in_rows(kinds, 3), _form(at)))
    mends = [
        Button(f"✏️ {place}", "mend", f"{place}.{tag(line.model_dump(mode='json'))}")
        for place, line in enumerate(sheet.lines, 1)
    ]
    rows = ((Button(at.label("lines_done"), "done"),), *in_rows(kinds, 3), _form(at), *in_rows(mends[:24], 4))
    return Prompt(body=_listed(at, sheet.lines), rows=rows)


def _own(at: At) -> tuple[Line, ...]:
    """What the claim itself claims, where other lines are asked for."""
    return () if at.name == "lines" else at.facts.lines or ()


def _listed(at: At, lines: tuple[Line, ...]) -> Html:
    told = [f"{place}. {line_words(at.around, line)}" for place, line in enumerate(lines, 1)]
    return Html("\n".join([*told, split_words(at.around, lines)]))


def _form(at: At) -> tuple[Button, ...]:
    return (Button(at.label("lines_form"), "form"),)


def _ask_offered(at: At, sheet: LineSheet) -> Prompt:
    head = at.words("lines_offered", count=len(sheet.offered), held=len(sheet.lines))
    body = Html(f"{head}\n{_listed(at, sheet.offered)}")
    take = Button(at.label("lines_take").format(count=len(sheet.offered)), "take", _tag_of(sheet.offered))
    return Prompt(body=body, rows=((take,), _quit(at)))


def _tag_of(lines: tuple[Line, ...]) -> str:
    return tag([line.model_dump(mode="json") for line in lines])


def _money(at: At, amount: Decimal) -> Money:
    return Money(amount=amount, currency=at.around.known.currency)


def _quit(at: At) -> tuple[Button, ...]:
    return (Button(at.label("lines_quit"), "quit"),)


def _ask_field(at: At, form: Form) -> Prompt:
    asks = form.asks
    offered: list[Button] = []
    if asks == "quantity":
        offered = [Button(each, "pick", each) for each in _COUNTED.get(form.kind, ())]
    elif asks == "unit_price" and form.kind == "labour" and (rate := rate_of(at)) is not None:
        offered = [Button(show(_money(at, rate.labour_hour), at.lang), "pick", str(rate.labour_hour))]
    elif asks == "code" and form.kind == "part":
        offered = [Button(number, "pick", number) for number in _parts_told(at)]
    rows: Rows = in_rows(offered, 3)
    if (form.kind, asks) in _LEFT_OUT:
        rows = (*rows, (Button(at.label("lines_leave_out"), "leave", asks),))
    return Prompt(body=at.words(f"line_{form.kind}_{asks}"), rows=(*rows, _quit(at)))


def _parts_told(at: At) -> list[str]:
    """The part numbers that the technician gave; a new part is claimed, not the one that failed."""
    numbers = (at.facts.new_part_number, at.facts.part_number)
    return [number for number in dict.fromkeys(numbers) if number is not None and len(number) <= 40]


def _ask_mended(at: At, sheet: LineSheet, place: int) -> Prompt:
    line = sheet.lines[place]
    body = at.words("line_mend", line=line_words(at.around, line))
    drop = Button(at.label("line_drop"), "drop", tag(line.model_dump(mode="json")))
    return Prompt(body=body, rows=((drop,), _quit(at)))


# read


def read_lines_step(at: At, event: Event) -> Reading:  # noqa: C901, PLR0911, PLR0912  one answer a verb
    sheet = sheet_of(at)
    match event:
        case Tapped(verb="quit"):
            return Going(LineSheet(lines=sheet.lines).to_json())
        case Tapped(verb="done"):
            if not sheet.lines:
                return Late()
            return Taken([line.model_dump(mode="json") for line in sheet.lines])
        case Tapped(verb="own") if not sheet.lines and _own(at):
            return Going(LineSheet(lines=_own(at)).to_json())
        case Tapped(verb="add", arg=arg):
            kind = next((each for each in LINE_KINDS if each == arg), None)
            if kind is None:
                return Late()
            return Going(LineSheet(lines=sheet.lines, form=Form(kind=kind)).to_json())
        case Tapped(verb="mend", arg=arg):
            place, _, about = arg.partition(".")
            return _mend(sheet, int(place) - 1 if place.isdecimal() else -1, about)
        case Tapped(verb="drop", arg=about) if sheet.mending is not None:
            if about != tag(sheet.lines[sheet.mending].model_dump(mode="json")):
                return Late()
            return Going(sheet.holding(()).to_json())
        case Tapped(verb="pick" | "leave") | Said() if sheet.form is not None:
            return _fill(at, sheet, sheet.form, event)
        case Tapped(verb="form") if sheet.form is None and sheet.mending is None:
            return Wanted("lines")
        case Tapped(verb="take", arg=about) if sheet.offered and about == _tag_of(sheet.offered):
            return Going(LineSheet(lines=sheet.offered).to_json())
        case Tapped():
            return Late()
        case Said(text):
            return _typed(at, sheet, text)
        case Showed(sheet=table) if table is not None:
            return _filled_in(at, sheet, table)
        case _:
            return Again(at.words("lines_wanted"))


def _filled_in(at: At, sheet: LineSheet, table: Table | Refusal) -> Reading:
    """The lines of a table, to be looked at; nothing of it where one row cannot be."""
    if isinstance(table, Refusal):
        why = at.words(table.phrase, **table.values)
    else:
        read = read_line_table(table, rate_of(at), *_called(at), _operations(at))
        if read.lines and not read.troubles:
            return Going(LineSheet(lines=sheet.lines, offered=read.lines).to_json())
        why = _why_none(at, read)
    # a table that was offered before is not what this one was to be: it is offered no more
    return Going(LineSheet(lines=sheet.lines).to_json(), why) if sheet.offered else Again(why)


def _why_none(at: At, read: LineTable) -> Html:
    if read.seen is not None:
        return at.words("lines_no_columns", seen=list(read.seen) or "–")
    return _troubles_told(at, read.troubles) if read.troubles else at.words("lines_file_empty")


def _called(at: At) -> tuple[Mapping[str, Column], Mapping[str, LineKind]]:
    """What the office's own words call a column and a kind, in either language."""
    words = at.around.office.words
    heads = {named(said): name for name in COLUMNS for said in _said(words[f"paper_line_{name}"])}
    kinds = {named(said): kind for kind in LINE_KINDS for said in _said(words[f"kind_{kind}"])}
    return heads, kinds


def _said(words: Words) -> tuple[str, ...]:
    return tuple(words.to(lang) for lang in LANGS)


def _troubles_told(at: At, troubles: tuple[LineTableTrouble, ...]) -> Html:
    told = []
    for each in troubles[:_MOST_TOLD]:
        values = {"row": each.row, "said": each.said[:60] or "–", "wanted": each.wanted or Decimal(0)}
        told.append(at.words(each.phrase("lines"), **values))
    return Html("\n".join([at.words("lines_wrong", count=len({each.row for each in troubles})), *told]))


def _mend(sheet: LineSheet, place: int, about: str) -> Reading:
    if not 0 <= place < len(sheet.lines) or about != tag(sheet.lines[place].model_dump(mode="json")):
        return Late()
    return Going(LineSheet(lines=sheet.lines, mending=place).to_json())


def _typed(at: At, sheet: LineSheet, text: str) -> Reading:
    """Whole lines, as many as were typed; what could not be read is told, what could is kept."""
    lines, troubles = read_lines(text, rate_of(at), _operations(at))
    notes = [
        at.words(f"lines_trouble_{why}", typed=typed, currency=at.around.known.currency) for typed, why in troubles
    ]
    if not lines:
        return Again(Html("\n".join(notes) or at.words("lines_wanted")))
    held = sheet.holding(lines)
    if len(held.lines) > MOST_LINES:
        return Again(at.words("lines_too_many", most=MOST_LINES))
    if sheet.offered:
        notes.append(at.words("lines_offer_gone", count=len(sheet.offered)))
    return Going(held.to_json(), Html("\n".join(notes)) if notes else None)


def _fill(at: At, sheet: LineSheet, form: Form, event: Event) -> Reading:  # noqa: PLR0911  one answer a mistake
    asks = form.asks
    match event:
        case Tapped(verb="leave", arg=which):
            if which != asks or (form.kind, asks) not in _LEFT_OUT:
                return Late()
            said: str | None = None
        case Tapped(arg=picked):
            said = picked
        case Said(text):
            said = text
        case _:
            return Again(at.words("lines_wanted"))
    if said is not None:
        said = _understood(asks, said)
        if said is None:
            wanted = {"quantity": "number_wanted", "unit_price": "money_wanted"}.get(asks, "text_wanted")
            return Again(at.words(wanted, currency=at.around.known.currency))
    told = {**form.told, asks: said}
    if len(told) < len(_ASKED[form.kind]):
        return Going(LineSheet(lines=sheet.lines, form=Form(kind=form.kind, told=told)).to_json())
    line = _made(at, form.kind, told)
    if line is None:
        return Again(at.words("lines_trouble_amount", typed=said or ""))
    if len(sheet.lines) >= MOST_LINES:
        return Again(at.words("lines_too_many", most=MOST_LINES))
    return Going(sheet.holding((line,)).to_json())


def _understood(asks: Field, said: str) -> str | None:
    match asks:
        case "code":
            code = " ".join(said.split()).upper()
            return code if 0 < len(code) <= 64 else None
        case "text":
            words = " ".join(said.split())
            return words if 0 < len(words) <= 200 else None
        case "quantity":
            number = read_number(said)
            return str(number) if number is not None and number > 0 else None
        case "unit_price":
            amount = read_amount(said)
            return None if amount is None else str(amount)
        case _:
            assert_never(asks)


def _made(at: At, kind: LineKind, told: Mapping[str, str | None]) -> Line | None:
    rate = rate_of(at)
    return made(
        kind,
        told.get("code"),
        told.get("text"),
        Decimal(told["unit_price"] or 0),
        Decimal(told.get("quantity") or 1),
        Decimal(0) if rate is None else rate.tax_percent,
    )
