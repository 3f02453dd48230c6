"""What the stand-in writes down, so that a restart or a kill loses nothing.

Owns one SQLite file of keyed JSON values. Knows nothing of what they mean; without a folder it keeps nothing.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson


class Notebook:
    """Values by kind and key; what was put is on disk after `commit`."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "exchange.db" if folder is not None else None
        self._db: sqlite3.Connection | None = None

    def put(self, kind: str, key: int | str, value: object) -> None:
        """Bytes are taken as JSON already written."""
        if self._path is None:
            return
        written = value if isinstance(value, bytes) else orjson.dumps(value)
        self._begin().execute(f"REPLACE INTO {_table(key)} VALUES (?, ?, ?)", (kind, key, written))  # noqa: S608

    def drop(self, kind: str, key: int | str) -> None:
        if self._path is not None:
            self._begin().execute(f"DELETE FROM {_table(key)} WHERE kind = ? AND key = ?", (kind, key))  # noqa: S608

    def drop_before(self, kind: str, key: int) -> None:
        if self._path is not None:
            self._begin().execute("DELETE FROM kept WHERE kind = ? AND key < ?", (kind, key))

    def commit(self) -> None:
        if self._db is not None and self._db.in_transaction:
            self._db.execute("COMMIT")

    def numbered(self, kind: str) -> Iterator[tuple[int, bytes]]:
        if self._path is not None:
            yield from self._open(self._path).execute(
                "SELECT key, value FROM kept WHERE kind = ? ORDER BY key", (kind,)
            )

    def named(self, kind: str) -> Iterator[tuple[str, bytes]]:
        if self._path is not None:
            yield from self._open(self._path).execute(
                "SELECT key, value FROM named WHERE kind = ? ORDER BY key", (kind,)
            )

    def close(self) -> None:
        self.commit()
        if self._db is not None:
            self._db.close()
            self._db = None

    def _begin(self) -> sqlite3.Connection:
        if self._path is None:
            raise RuntimeError("there is nowhere to keep anything")
        db = self._open(self._path)
        if not db.in_transaction:
            db.execute("BEGIN")
        return db

    def _open(self, path: Path) -> sqlite3.Connection:
        """Opened when first needed, and again by what happens after `close`."""
        if self._db is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None)
            # NORMAL: a kill loses nothing, a power cut the last moments of a demonstration.
            self._db.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                "CREATE TABLE IF NOT EXISTS kept"
                " (kind TEXT, key INTEGER, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;"
                "CREATE TABLE IF NOT EXISTS named"
                " (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID",
            )
        return self._db


def _table(key: int | str) -> str:
    return "kept" if isinstance(key, int) else "named"
