"""The one door to the database: tables, migrations, and the questions asked of them, by name.

Knows SQL and nothing else: no Telegram, no words, no rules. Nothing here commits but `Database`.
"""

from claimbot.store.database import Database, Tx, undoable

__all__ = ["Database", "Tx", "undoable"]
