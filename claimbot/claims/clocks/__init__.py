"""Clocks: what is due when, how its day was counted, who is told at which rung, and what stops it. Pure throughout.

`rules` says what a rule of a law or contract may look like, `counting` counts one of them out in words, `events` holds
what really happened and finds what cannot be, `forms` puts a whole form together, `following` says which forms a claim
follows, `ladders` tells people in time.
"""

from claimbot.claims.clocks.counting import Counting, Due, Moment, Paused, count, counting_of, set_by_hand
from claimbot.claims.clocks.events import EventProblem, Moved, Recorded
from claimbot.claims.clocks.following import MAKER, Follow, Happened
from claimbot.claims.clocks.forms import (
    STANDINGS,
    ClockChange,
    Form,
    FormClock,
    Reckoning,
    Standing,
    Whose,
    changes,
    clocks_of,
)
from claimbot.claims.clocks.ladders import (
    SILENT,
    ClockRule,
    ClockRules,
    Ladder,
    Ladders,
    Rung,
    RungDue,
    Running,
    Span,
    Tells,
    days_to,
)
from claimbot.claims.clocks.rules import EVENTS, Change, Convention, Conventions, CountingRule, event_words

__all__ = [
    "EVENTS",
    "MAKER",
    "SILENT",
    "STANDINGS",
    "Change",
    "ClockChange",
    "ClockRule",
    "ClockRules",
    "Convention",
    "Conventions",
    "Counting",
    "CountingRule",
    "Due",
    "EventProblem",
    "Follow",
    "Form",
    "FormClock",
    "Happened",
    "Ladder",
    "Ladders",
    "Moment",
    "Moved",
    "Paused",
    "Reckoning",
    "Recorded",
    "Rung",
    "RungDue",
    "Running",
    "Span",
    "Standing",
    "Tells",
    "Whose",
    "changes",
    "clocks_of",
    "count",
    "counting_of",
    "days_to",
    "event_words",
    "set_by_hand",
]
