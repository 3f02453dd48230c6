"""Money as people type it. How marks are read is told in `claimbot.claims.numbers`: "1.234" and "1,234" are 1234."""

import re
from decimal import Decimal
from typing import Final

from claimbot.claims.numbers import fold, read_decimal

_LARGEST: Final = Decimal(1_000_000_000)
_CURRENCY: Final = r"(?:人民币|CNY|RMB|USD|EUR|GBP|HKD|YUAN|[¥$€£])"
_UNIT: Final = rf"(?:元整|元|圆|块钱|块|{_CURRENCY})"
_AMOUNT: Final = re.compile(rf"(?:{_CURRENCY}\s*){{0,2}}([0-9][^¥$€£元圆块]*?)\s*{_UNIT}?", re.IGNORECASE)
_CENT: Final = Decimal("0.01")


def read_amount(text: str) -> Decimal | None:
    """An amount below 10⁹ as one with two decimals; None for more decimals, for a sign and for anything unclear."""
    found = _AMOUNT.fullmatch(fold(text))
    amount = read_decimal(found[1]) if found else None
    if amount is None or amount >= _LARGEST:
        return None
    exact = amount.quantize(_CENT)
    return exact if exact == amount else None
