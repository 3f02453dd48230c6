"""What stands on the tag of an old part and on the shelf it lies on, read from what somebody types in one go."""

import re
from dataclasses import dataclass
from typing import Final

from claimbot.claims.numbers import fold

MOST: Final = 40
"""Characters of a tag's number, and of a shelf's name."""
_BETWEEN: Final = re.compile(r"[\s,，;；、/]+")
_TAG: Final = re.compile(r"(?:tag(?![a-z])|吊牌|标签|旧件|牌)(?:no|号|编号)?[.:#]*", re.IGNORECASE)
_SHELF: Final = re.compile(r"(?:(?:shelf|rack|bin)(?![a-z])|货架|库位|架位|架)(?:no|号)?[.:#]*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?:no|nr|number|号|编号)[.:#]*", re.IGNORECASE)
_LIES_ON: Final = re.compile(r"[架层柜]")
_PUT: Final = re.compile(r"^(?:放[在到]?|在)")
_NO_TAG: Final = re.compile(r"\b(?:no|not|without)(?: an?)?(?: tag(?:ged)?| yet)+\b", re.IGNORECASE)
_DENIES: Final = re.compile(r"[还尚暂时]*(?:没|未|无|不知)|(?:none|yet|unknown)$", re.IGNORECASE)
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Tag:
    """What could be read of it; None where nothing was said."""

    number: str | None = None
    shelf: str | None = None


def read_tag(text: str) -> Tag:
    """From words like T-1024 A3, 吊牌T1024 货架A3, 架A3: the first is the tag's number unless it says otherwise.

    A tag's number has a digit, and what says that there is none ("还没挂，放A3架") is neither number nor shelf.
    """
    number: list[str] = []
    shelf: list[str] = []
    onto = number
    for word in _BETWEEN.split(_NO_TAG.sub("none", fold(text))):
        if _DENIES.match(word):
            onto = shelf
            continue
        said = "" if _NUMBER.fullmatch(word) else word
        if found := _TAG.match(word):
            onto, said = number, word[found.end() :]
        elif found := _SHELF.match(word):
            onto, said = shelf, word[found.end() :]
        elif _LIES_ON.search(word):
            onto, said = shelf, _PUT.sub("", word)
        if said and (onto is shelf or _DIGIT.search(said)):
            onto.append(said)
            onto = shelf
    return Tag(" ".join(number).upper()[:MOST] or None, " ".join(shelf)[:MOST] or None)
