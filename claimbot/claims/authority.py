"""Who may decide how much alone: dated lines per role, kind of claim, site and currency."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from claimbot.claims.life import Role
from claimbot.claims.problem import Problem
from claimbot.claims.sheet import Dated, Strict, dated_problems, in_force
from claimbot.claims.words import Money

TWO_SIGNATURES = 2


class AuthorityLine(Dated):
    """Up to and with this amount one signature of that role is enough; above it a second, different person signs."""

    role: Role
    kind: Literal["warranty", "contract", "*"] = "*"
    site: str = "*"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    alone_up_to: Annotated[Decimal, Field(ge=0)]

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.role, self.kind, self.site, self.currency)


class AuthoritySheet(Strict):
    """All lines; where several fit, the one for the site goes before `*`, then the one for the kind of claim."""

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
        self, currency: str, role: Role, site: str, on: dt.date, kind: str = "warranty"
    ) -> AuthorityLine | None:
        for place in (site, "*"):
            for sort in (kind, "*"):
                lines = [line for line in self.authority if line.key == (role, sort, place, currency)]
                if (found := in_force(lines, on)) is not None:
                    return found
        return None


def signatures_needed(
    sheet: AuthoritySheet, amount: Money, role: Role, site: str, on: dt.date, kind: str = "warranty"
) -> int:
    """One or two. Where no line fits (another currency, a day before the first line), two: the careful answer."""
    line = sheet.line_for(amount.currency, role, site, on, kind)
    return 1 if line is not None and amount.amount <= line.alone_up_to else TWO_SIGNATURES
