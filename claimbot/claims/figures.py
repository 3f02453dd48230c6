"""A claims office in figures: how many claims, how fast, how much money, and why not. Counts and sums, pure.

All but what is open now is of the claims that were reported in a period: so a sum can be followed to its claims,
and the sums by state, maker, part and technician are all the sum of the lines. A share is told with its counts or,
where nothing was counted, not at all.
"""

import datetime as dt
import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, get_args

from claimbot.claims.numbers import fold

# the stretch of time that is looked at

PeriodName = Literal["month", "last", "quarter", "year", "all"]
PERIOD_NAMES: Final[tuple[PeriodName, ...]] = get_args(PeriodName)
_DAY: Final = dt.timedelta(days=1)
_STRETCH: Final = re.compile(
    r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?|(\d{4})(\d\d)(\d\d)(?!\d)|(\d{4})[-./年](\d{1,2})(?!\d)月?|(\d{4})年?"
)
"""A day, a month or a year, as people type them."""
_SAID: Final[Mapping[str, PeriodName]] = {
    **{name: name for name in PERIOD_NAMES},
    "本月": "month",
    "上月": "last",
    "上个月": "last",
    "本季度": "quarter",
    "今年": "year",
    "全部": "all",
    "this month": "month",
    "last month": "last",
    "this quarter": "quarter",
    "this year": "year",
    "all time": "all",
}


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both counted; None where it has no beginning, or no end."""

    begins_on: dt.date | None = None
    ends_on: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        return (self.begins_on or day) <= day <= (self.ends_on or day)


def month_of(day: dt.date) -> Period:
    begins_on = day.replace(day=1)
    return Period(begins_on, (begins_on + 31 * _DAY).replace(day=1) - _DAY)


def period_named(name: PeriodName, today: dt.date) -> Period:
    match name:
        case "month":
            return month_of(today)
        case "last":
            return month_of(today.replace(day=1) - _DAY)
        case "quarter":
            first = (today.month - 1) // 3 * 3 + 1
            return Period(today.replace(month=first, day=1), month_of(today.replace(month=first + 2, day=1)).ends_on)
        case "year":
            return Period(today.replace(month=1, day=1), today.replace(month=12, day=31))
        case "all":
            return Period()


def read_period(text: str, today: dt.date) -> Period | None:
    """A period by its name; a day, month or year; from one of these to another. None for anything else."""
    said = " ".join(fold(text).lower().split())
    name = _SAID.get(said)
    if name is not None:
        return period_named(name, today)
    found = list(_STRETCH.finditer(said))
    if not 1 <= len(found) <= 2 or re.sub(r"[\s\-–—~,至到]|to", "", _STRETCH.sub("", said)):
        return None
    try:
        stretches = [_stretch([int(part) for part in each.groups() if part]) for each in found]
    except ValueError:
        return None
    whole = Period(stretches[0].begins_on, stretches[-1].ends_on)
    turned = whole.begins_on is None or whole.ends_on is None or whole.begins_on > whole.ends_on
    return None if turned else whole


def _stretch(parts: Sequence[int]) -> Period:
    """Of a year, a month or a day. Raises ValueError where there is no such one."""
    match parts:
        case [year]:
            return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))
        case [year, month]:
            return month_of(dt.date(year, month, 1))
        case _:
            day = dt.date(*parts)
            return Period(day, day)


# what is counted

AWAITS: Final = "in_approval"
FILED: Final = "filed"
"""Where a claim stands that has gone to the maker; what leads on but a withdrawal is its answer."""
PAID: Final = "paid"
WITHDRAWN: Final = "withdrawn"
AGES: Final = (3, 7, 14, 30)
"""Days up to which an open claim counts into an age; the last age has no end."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Money of one currency; None where not one line has got so far."""

    claimed: Decimal = Decimal(0)
    approved: Decimal | None = None
    maker_approved: Decimal | None = None
    paid: Decimal | None = None
    short: Decimal | None = None
    """What the maker was to pay and did not, of the lines of claims that were paid."""

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.claimed + other.claimed,
            _plus(self.approved, other.approved),
            _plus(self.maker_approved, other.maker_approved),
            _plus(self.paid, other.paid),
            _plus(self.short, other.short),
        )


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return other if one is None else one if other is None else one + other


def short_of(expected: Decimal, paid: Decimal | None) -> Decimal | None:
    """Of one line; more than was expected makes up for no other line."""
    return None if paid is None else max(expected - paid, Decimal(0))


@dataclass(frozen=True, slots=True)
class Case:
    """A reported claim as far as it is counted."""

    id: int
    number: str
    site_id: int
    state: str
    author_id: int
    maker: str
    part: str | None
    currency: str
    reported_on: dt.date
    stands_since: dt.datetime
    closed_at: dt.datetime | None
    filed_at: dt.datetime | None
    answered_at: dt.datetime | None
    paid_at: dt.datetime | None
    approvals: int
    send_backs: int
    rejections: int
    sums: Sums
    maker_answers: int = 0
    maker_nos: int = 0
    """So many answers of the maker's sent it back or refused it."""

    @property
    def decided(self) -> bool:
        """Whether somebody who may has decided about it at least once: approved, sent back or rejected."""
        return self.approvals + self.send_backs + self.rejections > 0

    @property
    def passed_first(self) -> bool:
        return self.approvals > 0 and self.send_backs == 0

    @property
    def passed_maker(self) -> bool:
        return self.maker_answers > 0 and self.maker_nos == 0

    def days_to(self, at: dt.datetime | None) -> Decimal | None:
        """From the end of the repair; what came before it took no time."""
        if self.closed_at is None or at is None:
            return None
        return _tenth(Decimal(max(int((at - self.closed_at).total_seconds()), 0)) / 86_400)


def _tenth(days: Decimal) -> Decimal:
    return days.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Why:
    """A reason that was given for a no: where the claim came to stand by it, and the reason's code or words.

    `maker`: whose no it is, and `target` then what was answered to a line; None: our own.
    """

    target: str
    reason: str
    maker: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in days; `slowest`: so long or longer took the slowest tenth."""

    count: int
    median: Decimal
    slowest: Decimal


def spread(days: Sequence[Decimal]) -> Spread | None:
    """None where nothing was counted. The slowest tenth begins at the nearest rank, so it is a time that was."""
    if not days:
        return None
    ordered = sorted(days)
    return Spread(len(ordered), _tenth(statistics.median(ordered)), ordered[math.ceil(len(ordered) * 0.9) - 1])


@dataclass(slots=True)
class Group:
    """Some claims together: how many, how they were decided, and their money by currency."""

    count: int = 0
    decided: int = 0
    passed_first: int = 0
    answered: int = 0
    passed_maker: int = 0
    rejected: int = 0
    sums: dict[str, Sums] = field(default_factory=dict)

    def add(self, case: Case) -> None:
        self.count += 1
        self.decided += case.decided
        self.passed_first += case.passed_first
        self.answered += case.maker_answers > 0
        self.passed_maker += case.passed_maker
        self.rejected += case.rejections > 0
        self.sums[case.currency] = self.sums.get(case.currency, Sums()) + case.sums


@dataclass(slots=True)
class Waits:
    """The open claims of one state: by age, and how many days the oldest has stood there."""

    ages: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))
    oldest: int = 0

    @property
    def count(self) -> int:
        return sum(self.ages)

    def add(self, days: int) -> None:
        self.ages[next((place for place, most in enumerate(AGES) if days <= most), len(AGES))] += 1
        self.oldest = max(self.oldest, days)


class Figures:
    """All figures of a period; cases are added one by one, so that any number of them fits."""

    def __init__(self) -> None:
        self.total = Group()
        self.by_state: defaultdict[str, Group] = defaultdict(Group)
        self.by_maker: defaultdict[str, Group] = defaultdict(Group)
        self.by_part: defaultdict[str | None, Group] = defaultdict(Group)
        self.by_author: defaultdict[int, Group] = defaultdict(Group)
        self.open: defaultdict[str, Waits] = defaultdict(Waits)
        self.reasons: Counter[Why] = Counter()
        self._to_filed: list[Decimal] = []
        self._to_answered: list[Decimal] = []
        self._to_paid: list[Decimal] = []

    def add(self, case: Case) -> None:
        groups = (self.by_state[case.state], self.by_maker[case.maker], self.by_part[case.part])
        for group in (self.total, *groups, self.by_author[case.author_id]):
            group.add(case)
        for found, at in (
            (self._to_filed, case.filed_at),
            (self._to_answered, case.answered_at),
            (self._to_paid, case.paid_at),
        ):
            days = case.days_to(at)
            if days is not None:
                found.append(days)

    def add_open(self, state: str, days: int) -> None:
        self.open[state].add(days)

    @property
    def took(self) -> Mapping[str, Spread | None]:
        """Days since the repair was closed, to each of the three."""
        return {
            "filed": spread(self._to_filed),
            "answered": spread(self._to_answered),
            "paid": spread(self._to_paid),
        }
