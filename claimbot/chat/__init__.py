"""The one door to Telegram: updates in, messages out. Knows nothing of claims, rules or tables."""

import os

# Telegram's waiting times as timedelta: python-telegram-bot warns at every 429 that its plain seconds will go.
os.environ.setdefault("PTB_TIMEDELTA", "true")
