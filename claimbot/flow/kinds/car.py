"""Questions about the car itself: its VIN, its odometer, its fault codes."""

from zoneinfo import ZoneInfo

from claimbot.claims.facts import CarReading
from claimbot.claims.fault_codes import describe_code, read_codes
from claimbot.claims.numbers import fold
from claimbot.claims.odometer import judge_odometer, read_km
from claimbot.claims.vin import describe_vin, read_vin, short_vin
from claimbot.claims.words import Html, show
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
)
from claimbot.flow.kinds.plain import hint

_SHORTEST_TAIL = 4
_LONGEST_TAIL = 8
_VIN_LENGTH = 17
_WORTH_A_WORD = frozenset({"full_width", "letter_i", "letter_o", "letter_q"})


def car_line(at: At, vin: str) -> Html:
    """The VIN with what it means: maker, and the latest model year that its letter stands for (it repeats after 30)."""
    meaning = describe_vin(vin, at.around.known.today, at.around.office.wmi)
    maker = show(meaning.maker, at.lang) if meaning.maker is not None else at.words("maker_unknown")
    if not meaning.years:
        return at.words("car_line_without_year", vin=vin, maker=Html(maker))
    return at.words("car_line", vin=vin, maker=Html(maker), year=str(meaning.years[0]))


def confirmed_car(at: At, vin: str) -> Html:
    """The car, and what is to be warned of before anybody works on it."""
    warning = at.around.known.car_warning
    line = car_line(at, vin)
    return line if warning is None else Html(f"{line}\n{warning.to(at.lang)}")


# VIN


def ask_vin(at: At) -> Prompt:
    """Cars met before are one tap, by plate where it is known, and their last six characters."""
    known = at.around.known
    named = {vin: f"{known.plates[vin]} · {short_vin(vin)}" for vin in known.plates}
    return Prompt(rows=in_rows([Button(named.get(vin, short_vin(vin)), "car", vin) for vin in known.cars[:6]], 2))


def read_vin_step(at: At, event: Event) -> Reading:
    match event:
        case Tapped(verb="car", arg=vin) if vin in at.around.known.cars:
            return Taken(vin)
        case Said(text):
            reading = read_vin(text)
        case _:
            return hint(at, "vin_wanted")
    mended = [at.words(f"vin_mended_{each}") for each in reading.mended if each in _WORTH_A_WORD]
    note = Html("\n".join(mended)) if mended else None
    if reading.vin is not None:
        if reading.check == "failed_warned":
            note = Html("\n".join([*mended, at.words("vin_check_warned")]))
        return Taken(reading.vin, note)
    tail = "".join(each for each in fold(text).upper() if each.isalnum())
    if not any(each.isdigit() for each in tail):
        return hint(at, "vin_wanted")
    if reading.problem == "too_short" and _SHORTEST_TAIL <= len(tail) <= _LONGEST_TAIL:
        return _read_tail(at, tail)
    wrong = at.words(f"vin_{reading.problem}", length=len(tail), wanted=_VIN_LENGTH)
    near = reading.problem == "check_digit" and any(_differ(tail, vin) == 1 for vin in at.around.known.cars)
    return Again(Html(f"{wrong}\n{at.words('vin_met_before')}") if near else wrong)


def _differ(one: str, other: str) -> int:
    """In how many places two VINs differ."""
    return sum(a != b for a, b in zip(one, other, strict=False))


def _read_tail(at: At, tail: str) -> Reading:
    """The one car that was here before and ends so; where there are several, the person says which."""
    met = [vin for vin in at.around.known.cars if vin.endswith(tail)]
    if len(met) == 1:
        return Taken(met[0])
    return Again(at.words("vin_met_before" if met else "vin_tail_unknown", tail=tail))


def tell_vin(at: At, value: Json) -> Html:
    return car_line(at, str(value))


# odometer


def _held(at: At) -> int | None:
    """What the claim's own report read, where another question asks for a later reading of the same car."""
    return None if at.name == "odometer_km" else at.facts.odometer_km


def _readings(at: At) -> tuple[CarReading, ...]:
    known, held, opened = at.around.known, _held(at), at.facts.opened_at
    if held is None:
        return known.readings
    read_on = known.today if opened is None else opened.astimezone(ZoneInfo(known.zone)).date()
    return (*known.readings, CarReading(claim="", read_on=read_on, odometer_km=held))


def ask_odometer(at: At) -> Prompt:
    if isinstance(at.draft, int):
        sure = Button(at.label("odometer_sure").format(km=show(at.draft, at.lang)), "sure", str(at.draft))
        return Prompt(rows=((sure,),))
    readings, held = _readings(at), _held(at)
    if not readings:
        return Prompt()
    last = max(readings, key=lambda each: each.read_on)
    same = () if held is None else ((Button(at.label("odometer_same").format(km=show(held, at.lang)), "same"),),)
    return Prompt(body=at.words("odometer_last", km=last.odometer_km, day=last.read_on), rows=same)


def read_odometer(at: At, event: Event) -> Reading:
    match event:
        case Tapped(verb="sure", arg=asked) if isinstance(at.draft, int):
            return Taken(at.draft) if asked in {"", str(at.draft)} else Late()
        case Tapped(verb="same") if (held := _held(at)) is not None:
            return Taken(held)
        case Said(text):
            km = read_km(text)
        case _:
            km = None
    if km is None:
        return hint(at, "odometer_wanted")
    doubts = judge_odometer(
        km,
        _readings(at),
        at.around.known.today,
        at.around.office.audit.odometer_limits(at.around.known.today),
    )
    if doubts:
        said = [at.words(f"odometer_{each.doubt}", **each.values) for each in doubts]
        return Going(km, Html("\n".join(said)))
    return Taken(km)


def tell_odometer(at: At, value: Json) -> Html:
    return Html(f"{show(value, at.lang)} {at.words('line_unit_travel')}")


# fault codes


def codes_of(draft: Json) -> list[str]:
    return [str(each) for each in draft] if isinstance(draft, list) else []


def _code_lines(at: At, codes: list[str]) -> str:
    return "\n".join(f"• <code>{show(code, at.lang)}</code> {show(describe_code(code), at.lang)}" for code in codes)


def ask_codes(at: At) -> Prompt:
    codes = codes_of(at.draft)
    if not codes:
        return Prompt()
    buttons = [Button(at.label("remove_one").format(what=code), "drop", code) for code in codes]
    rows = ((Button(at.label("codes_done"), "done"),), *in_rows(buttons, 3))
    return Prompt(body=Html(_code_lines(at, codes)), rows=rows)


def read_codes_step(at: At, event: Event) -> Reading:
    codes = codes_of(at.draft)
    match event:
        case Tapped(verb="done") if codes:
            return Taken(list(codes))
        case Tapped(verb="drop", arg=code) if code in codes:
            rest: list[Json] = [each for each in codes if each != code]
            return Going(rest)
        case Said(text):
            read = read_codes(text)
        case _:
            return hint(at, "codes_wanted")
    if not read.codes:
        return hint(at, "codes_wanted")
    both: list[Json] = [*codes, *(code for code in read.codes if code not in codes)]
    note = at.words("codes_not_read", what=", ".join(read.unread)) if read.unread else None
    return Going(both[:20], note)


def tell_codes(at: At, value: Json) -> Html:
    return Html(show(", ".join(codes_of(value)), at.lang))
