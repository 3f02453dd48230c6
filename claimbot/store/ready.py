"""Statements that every turn needs, built once and not for each question.

Building and looking up a statement costs SQLAlchemy several times what SQLite needs to answer it. A `Ready` is
written in the same words, with `bindparam` where a value will stand; on SQLite its SQL then goes straight to the
driver, elsewhere through SQLAlchemy as ever. Values are converted by the columns' own types both ways.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Delete, Dialect, Insert, Select, Table, Update, bindparam, insert, update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.elements import BindParameter

from claimbot.store.database import Tx, run_plainly

Values = dict[str, Any]
_Convert = Callable[[Any], Any] | None


class _Plain(NamedTuple):
    """A statement as SQLite's driver takes it: its text, how each value goes in, how each column comes out."""

    sql: str
    given: Values
    bind: tuple[tuple[str, _Convert], ...]
    columns: tuple[str, ...]
    read: tuple[tuple[str, Callable[[Any], Any]], ...]


class Ready:
    """One statement of Core's, without `IN` lists."""

    def __init__(self, statement: "Select[Any] | Insert | Update | Delete") -> None:
        self._statement = statement
        self._plain: _Plain | None = None

    def rows(self, tx: Tx, /, **values: object) -> list[Values]:
        """What it finds or returns, each row by its columns' names."""
        if tx.dialect.name != "sqlite":
            return [dict(row) for row in tx.execute(self._statement, values).mappings()]
        plain = self._plain or self._prepare(tx.dialect)
        found = [dict(zip(plain.columns, row, strict=True)) for row in self._run(tx, plain, values).fetchall()]
        for row in found:
            for name, convert in plain.read:
                row[name] = convert(row[name])
        return found

    def one(self, tx: Tx, /, **values: object) -> Values | None:
        """The first row, if there is any."""
        return next(iter(self.rows(tx, **values)), None)

    def count(self, tx: Tx, /, **values: object) -> int:
        """How many rows it changed."""
        if tx.dialect.name != "sqlite":
            return tx.execute(self._statement, values, execution_options={"preserve_rowcount": True}).rowcount
        return int(self._run(tx, self._plain or self._prepare(tx.dialect), values).rowcount)

    def _run(self, tx: Tx, plain: _Plain, values: Values) -> DBAPICursor:
        given = {**plain.given, **values} if plain.given else values
        taken = [given[name] if convert is None else convert(given[name]) for name, convert in plain.bind]
        return run_plainly(tx, plain.sql, taken)

    def _prepare(self, dialect: Dialect) -> _Plain:
        compiled = self._statement.compile(dialect=dialect)
        names = tuple(getattr(compiled, "positiontup", None) or ())
        binds: dict[str, BindParameter[Any]] = getattr(compiled, "binds", {})
        kinds = {name: binds[name].type.dialect_impl(dialect) for name in names}
        bind = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        columns = (
            {} if isinstance(self._statement, Delete) else {str(c.key): c for c in self._statement.exported_columns}
        )
        read = {name: c.type.dialect_impl(dialect).result_processor(dialect, None) for name, c in columns.items()}
        self._plain = _Plain(
            str(compiled),
            {name: binds[name].value for name in names if not binds[name].required},
            tuple((name, bind[name]) for name in names),
            tuple(columns),
            tuple((name, convert) for name, convert in read.items() if convert is not None),
        )
        return self._plain


@lru_cache(maxsize=64)
def _insert(table: Table, names: tuple[str, ...]) -> Ready:
    return Ready(insert(table).values({name: bindparam(name) for name in names}).returning(table.c.id))


def add_row(tx: Tx, table: Table, fields: Mapping[str, object]) -> int:
    """The id of the new row."""
    return int(_insert(table, tuple(fields)).rows(tx, **fields)[0]["id"])


@lru_cache(maxsize=64)
def _update(table: Table, names: tuple[str, ...]) -> Ready:
    changed: Values = {name: bindparam(name) for name in names}
    return Ready(update(table).where(table.c.id == bindparam("row_id")).values(changed))


def change_row(tx: Tx, table: Table, row_id: int, fields: Mapping[str, object]) -> None:
    _update(table, tuple(fields)).count(tx, row_id=row_id, **fields)
