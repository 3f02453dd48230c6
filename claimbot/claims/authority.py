"""Who may decide how much alone: dated lines per role, type and kind of claim, site and currency."""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from claimbot.claims.facts import ClaimType
from claimbot.claims.life import Role
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, dated_problems, in_force
from claimbot.claims.words import Money

TWO_SIGNATURES = 2
CLAIM_TYPES: Final[tuple[ClaimType, ...]] = get_args(ClaimType)
NORMAL: Final[ClaimType] = "normal"


class AuthorityLine(Dated):
    """Up to and with this amount one signature of that role is enough; above it a second, different person signs."""

    role: Role
    claim_type: ClaimType | Literal["*"] = "*"
    kind: Literal["warranty", "contract", "*"] = "*"
    site: str = "*"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    alone_up_to: Annotated[Decimal, Field(ge=0)]

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        return (self.role, self.claim_type, self.kind, self.site, self.currency)


class AuthoritySheet(Strict):
    """All lines; where several fit, one for the type of claim goes first, then one for the site, then for the kind."""

    authority: Annotated[tuple[AuthorityLine, ...], Field(min_length=1)]

    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        groups: dict[tuple[str, ...], list[tuple[tuple[str | int, ...], Dated]]] = {}
        for index, line in enumerate(self.authority):
            groups.setdefault(line.key, []).append((("authority", index), line))
        for lines in groups.values():
            yield from dated_problems(lines)

    def line_for(
        self,
        currency: str,
        role: Role,
        site: str,
        on: dt.date,
        claim_type: ClaimType = NORMAL,
        kind: str = "warranty",
    ) -> AuthorityLine | None:
        for wanted in product((claim_type, "*"), (site, "*"), (kind, "*")):
            key = (role, wanted[0], wanted[2], wanted[1], currency)
            if (found := in_force([line for line in self.authority if line.key == key], on)) is not None:
                return found
        return None

    def largest(
        self,
        currency: str,
        roles: Iterable[Role],
        site: str,
        on: dt.date,
        claim_type: ClaimType = NORMAL,
        kind: str = "warranty",
    ) -> AuthorityLine | None:
        """Who has several roles may decide alone what the most permitting of them may; None where no line fits."""
        lines = (self.line_for(currency, role, site, on, claim_type, kind) for role in sorted(roles))
        return max((line for line in lines if line is not None), key=lambda line: line.alone_up_to, default=None)


def signatures_needed(line: AuthorityLine | None, amount: Money) -> int:
    """One or two. Where no line fits (another currency, a day before the first line), two: the careful answer."""
    return 1 if line is not None and amount.amount <= line.alone_up_to else TWO_SIGNATURES
