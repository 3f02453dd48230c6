"""What somebody looks for when they type a few characters: a claim's number, a car, a repair order, a part, a customer.

A claim is found by words of its own that are kept beside it, folded: capitals, without spaces and dashes. What was
typed is folded the same way, so that "沪a·12345" finds 沪A12345. It is the whole word or the beginning of one, never a
pattern.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from unicodedata import normalize

from claimbot.claims.facts import Facts
from claimbot.claims.numbers import fold
from claimbot.claims.words import Words

Kind = Literal["number", "vin", "plate", "repair_order", "part", "customer"]
FoundWord = tuple[Kind, str]

LONGEST: Final = 64
"""Of a folded word; what is longer is found by its beginning."""
_TAILS: Final = (6, 7, 8)
_DIGITS: Final = 4
"""At the end of a claim's number, the leading zeros counted."""
"""So many last characters of a VIN are enough."""
_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_NUMBER: Final = re.compile(r"[A-Z0-9]{1,20}-\d{4}-\d{1,6}")
_PLACE: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE: Final = re.compile(rf"[{_PLACE}][A-Z][A-Z0-9]{{4,6}}[学警港澳挂领]?|[A-Z][A-HJ-NP-Z0-9]{{5,6}}")
"""沪A12345, 沪AD12345 (new energy), and the same without the province."""
_LABELS: Final[Mapping[str, Kind]] = {
    "单号": "number", "索赔单": "number", "claim": "number", "number": "number",
    "车架号": "vin", "vin": "vin",
    "车牌": "plate", "车牌号": "plate", "plate": "plate",
    "工单": "repair_order", "工单号": "repair_order", "维修工单": "repair_order", "ro": "repair_order",
    "零件": "part", "零件号": "part", "配件": "part", "part": "part",
    "客户": "customer", "车主": "customer", "customer": "customer", "owner": "customer",
}  # fmt: skip
_LABELLED: Final = re.compile(
    rf"({'|'.join(sorted(_LABELS, key=len, reverse=True))})(?:\s*[:=]\s*|\s+|(?<=[\u4e00-\u9fff]))(?=\S)", re.IGNORECASE
)
_SHORTEST_ZH, _SHORTEST_EN = 2, 5
"""Characters that are enough for a part of a state's words."""
_LIKELIEST: Final[tuple[Kind, ...]] = ("number", "vin", "plate", "repair_order", "part", "customer")


@dataclass(frozen=True, slots=True)
class Sought:
    """What may be meant: claims in one of these states, or with one of these folded words, the likeliest kind first."""

    states: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    words: tuple[str, ...] = ()


def folded(text: str) -> str:
    """Letters, digits and Chinese characters alone, in capitals."""
    return "".join(each for each in normalize("NFKC", fold(text)).upper() if each.isalnum())[:LONGEST]


def number_word(text: str) -> str:
    """A claim's number, or its last digits with the zeros before them, as it would be found."""
    word = folded(text)
    return word.zfill(_DIGITS) if word.isascii() and word.isdigit() else word


def found_words(number: str, facts: Facts) -> frozenset[FoundWord]:
    """By which folded words a claim can be found."""
    found: set[FoundWord] = {("number", folded(number))}
    _, _, year_and_place = number.partition("-")
    found |= {("number", folded(year_and_place)), ("number", folded(number.rpartition("-")[2]))}
    if facts.vin is not None:
        vin = folded(facts.vin)
        found |= {("vin", vin), *(("vin", vin[-tail:]) for tail in _TAILS)}
    if facts.plate is not None:
        plate = folded(facts.plate)
        found |= {("plate", plate), ("plate", plate[1:] if plate[:1] in _PLACE else plate)}
    if facts.repair_order is not None:
        found.add(("repair_order", folded(facts.repair_order)))
    codes = (line.code for line in facts.lines or () if line.kind == "part")
    for part in (facts.part_number, facts.new_part_number, facts.failed_part, *codes):
        if part is not None:
            found.add(("part", folded(part)))
    if facts.customer is not None:
        found |= {("customer", folded(each)) for each in (facts.customer, *facts.customer.split())}
    return frozenset((kind, word) for kind, word in found if word)


def seek(text: str, states: Mapping[str, Words], parts: Iterable[Words] = ()) -> Sought | None:
    """What a text asks for; None where there is nothing in it to look for.

    `parts`: names of parts in both languages: one finds what was written in the other.
    """
    said = fold(text)
    meant = _states(folded(said), states)
    if meant:
        return Sought(states=meant)
    labelled = _LABELLED.match(said)
    only = None if labelled is None else _LABELS[labelled[1].casefold()]
    said = said if labelled is None else said[labelled.end() :]
    word = folded(said)
    if not word:
        return None
    kinds = (only,) if only is not None else _kinds(said, word)
    words = [word, number_word(word)]
    if "vin" in kinds:  # letters that no VIN has are the digits they look like
        words.append(word.translate(str.maketrans("IOQ", "100")))
    for each in parts:
        if word in {folded(each.en), folded(each.zh)}:
            words += [folded(each.en), folded(each.zh)]
    return Sought(kinds=kinds, words=tuple(dict.fromkeys(words)))


def _states(word: str, states: Mapping[str, Words]) -> tuple[str, ...]:
    """The state that is called so, else all whose words hold it: "驳回", "approval"."""
    called = {state: {folded(each) for each in (state, words.en, words.zh)} for state, words in states.items()}
    exactly = tuple(state for state, names in called.items() if word in names)
    if exactly or len(word) < (_SHORTEST_ZH if not word.isascii() else _SHORTEST_EN):
        return exactly
    return tuple(state for state, names in called.items() if any(word in each for each in names))


def _kinds(said: str, word: str) -> tuple[Kind, ...]:
    """All that it may be, by its looks."""
    first: list[Kind] = []
    if _NUMBER.fullmatch(said.upper()) or (word.isdigit() and len(word) <= max(_TAILS)):
        first.append("number")
    if _VIN.fullmatch(word.translate(str.maketrans("IOQ", "100"))):
        first.append("vin")
    if _PLATE.fullmatch(word):
        first.append("plate")
    if len(word) in _TAILS and any(map(str.isdigit, word)):
        first.append("vin")
    if not any(map(str.isdigit, word)):
        first += ["customer", "part"]
    return tuple(dict.fromkeys((*first, *_LIKELIEST)))
