"""The one door to Telegram: updates in, messages out. Knows nothing of claims, rules or tables."""
