"""Clocks: what is due when, how its day was counted, who is told at which rung, and what stops it. Pure throughout.

`rules` says what a rule of a law or contract may look like, `counting` counts one of them out in words, `events` holds
what really happened and finds what cannot be, `forms` puts a whole form together, `ladders` tells people in time.
"""

from claimbot.claims.clocks.ladders import ClockRule, ClockRules, Rung, RungDue, Running, Span, days_to

__all__ = ["ClockRule", "ClockRules", "Rung", "RungDue", "Running", "Span", "days_to"]
