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


@dataclass(frozen=True, slots=True)
class Tag:
    """What could be read of it; None where nothing was said."""

    number: str | None = None
    shelf: str | None = None


def read_tag(text: str) -> Tag:
    """From words like T-1024 A3, 吊牌T1024 货架A3, 架A3: the first is the tag's number unless it says otherwise."""
    number: list[str] = []
    shelf: list[str] = []
    onto = number
    for word in _BETWEEN.split(fold(text).strip()):
        said = "" if _NUMBER.fullmatch(word) else word
        if found := _TAG.match(word):
            onto, said = number, word[found.end() :]
        elif found := _SHELF.match(word):
            onto, said = shelf, word[found.end() :]
        elif _LIES_ON.search(word):
            onto = shelf
        if said:
            onto.append(said)
            onto = shelf
    return Tag(" ".join(number).upper()[:MOST] or None, " ".join(shelf)[:MOST] or None)
