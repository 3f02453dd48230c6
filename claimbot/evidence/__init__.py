"""Bytes in; checked, hashed, kept once, found again. Never knows Telegram, SQL or a claim."""

from claimbot.evidence.examining import Examined, alike, examine
from claimbot.evidence.folder import EvidenceFolder

__all__ = ["EvidenceFolder", "Examined", "alike", "examine"]
