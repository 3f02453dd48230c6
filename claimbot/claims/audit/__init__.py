"""The pre-audit: what a maker would refuse a claim for, asked before it goes out. Pure throughout.

`sheet` holds the office's words and levels, `case` a claim as the rules see it, `cover`, `story` and `work` the rules,
`judging` asks them all.
"""

from claimbot.claims.audit.judging import in_the_way, judge
from claimbot.claims.audit.sheet import REASONS, AuditName, AuditRule, AuditSheet, Outcome, Place, Verdict

__all__ = ["REASONS", "AuditName", "AuditRule", "AuditSheet", "Outcome", "Place", "Verdict", "in_the_way", "judge"]
