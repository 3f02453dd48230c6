"""Part numbers as they stand on labels."""

import re
from typing import Final

from claimbot.claims.numbers import fold

_LABEL: Final = re.compile(r"^(?:P/?N|PART\s*(?:NO|NUMBER)|零件号|配件号|件号|图号)[.:#\s]+", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9./-]{0,38}[A-Z0-9])")


def read_part_number(text: str) -> str | None:
    """Upper case and without spaces; 2 to 40 letters, digits, dashes, dots and slashes, one digit at the least."""
    number = "".join(_LABEL.sub("", fold(text)).split()).upper()
    return number if _NUMBER.fullmatch(number) and any(each.isdigit() for each in number) else None
