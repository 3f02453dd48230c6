"""One database and the thread that writes to it.

`Database.turn` runs a plain function inside a transaction, in a worker thread, and answers when its commit is on
disk. Turns that wait together share one commit; when one fails, the others are done again without it. So `work` may be
called more than once, and whatever it does beside the transaction must bear that. `Database.look` only reads, beside
the turns.
SQLite is set to WAL, `synchronous=FULL` and foreign keys on; on PostgreSQL the transaction is an ordinary one.
"""

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from claimbot.errors import SettingsError

Tx = Connection
"""A transaction under way: what every question asked of the store takes first."""

T = TypeVar("T")
_MOST_SHARED = 64
_MIGRATIONS = Path(__file__).parent / "migrations"


class _Job(Generic[T]):
    """One turn that waits for its place in a commit."""

    __slots__ = ("failure", "future", "loop", "outcome", "work")

    def __init__(self, work: Callable[[Tx], T]) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.outcome: T | None = None
        self.failure: BaseException | None = None

    def _settle(self) -> None:
        if self.future.cancelled():
            return
        if self.failure is not None:
            self.future.set_exception(self.failure)
        else:
            self.future.set_result(self.outcome)  # type: ignore[arg-type]  # T may itself be None


def _settle_all(jobs: list[_Job[Any]]) -> None:
    for job in jobs:
        job._settle()  # noqa: SLF001  the same module


def _prepare_sqlite(raw: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    raw.isolation_level = None  # SQLAlchemy's "begin" event below says when a transaction begins
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_LOOKS: Final = "claimbot_looks"
_SNAPSHOT: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {_LOOKS: True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def _begin_on_sqlite(connection: Connection) -> None:
    """Who only looks takes no lock: in WAL mode readers and the writer never wait for each other."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_LOOKS) else "BEGIN IMMEDIATE")


def _as_json(value: object) -> str:
    """As orjson writes it, which costs a fifth; what it will not write (numbers beyond 64 bits) as ever."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


_WAYS: Final[dict[str, Any]] = {"hide_parameters": True, "json_serializer": _as_json}
"""What people wrote stands in the parameters of statements: errors, which are logged, hide them."""


def open_engine(url: str) -> Engine:
    """An engine for that URL. Raises SettingsError in a clear sentence when it cannot be understood."""
    try:
        made = make_url(url)
        if made.get_backend_name() == "sqlite":
            if made.database and made.database != ":memory:":
                Path(made.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(made, connect_args={"check_same_thread": False}, **_WAYS)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_on_sqlite)
            return engine
        if made.get_backend_name() == "postgresql" and made.drivername == "postgresql":
            made = made.set(drivername="postgresql+psycopg")
        return create_engine(made, pool_size=3, pool_pre_ping=True, **_WAYS)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SettingsError(f"CLAIMBOT_DATABASE is not a database address that can be used: {error}") from error
    except OSError as error:
        raise SettingsError(f"CLAIMBOT_DATABASE: its folder cannot be made: {error.strerror}") from error


def migrate(engine: Engine, to: str = "head") -> None:
    """Brings the tables to this version, or to that of a revision. Raises SettingsError when nothing can be reached."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except OperationalError as error:
        why = str(error.orig).partition("\n")[0]
        raise SettingsError(f"CLAIMBOT_DATABASE cannot be opened: {why}") from error


@contextmanager
def snapshot(engine: Engine) -> Iterator[Tx]:
    """A transaction that only reads, and sees all of it as it was at one moment, however long it takes."""
    with engine.connect() as connection:
        looking = connection.execution_options(**_SNAPSHOT[engine.dialect.name])
        with looking.begin():
            yield looking


def run_plainly(tx: Tx, sql: str, parameters: Sequence[object] = ()) -> DBAPICursor:
    """One statement through the driver itself, inside the transaction. Raises what SQLAlchemy would raise."""
    error_of_driver = tx.dialect.loaded_dbapi.Error
    try:
        cursor = tx.connection.cursor()
        cursor.execute(sql, parameters)
    except error_of_driver as error:
        raise DBAPIError.instance(sql, None, error, error_of_driver, hide_parameters=True) from error
    return cursor


@contextmanager
def undoable(tx: Tx) -> Iterator[None]:
    """What is done inside is undone when it raises; what was done before stands."""
    run_plainly(tx, "SAVEPOINT undoable")
    try:
        yield
    except BaseException:
        run_plainly(tx, "ROLLBACK TO SAVEPOINT undoable")
        run_plainly(tx, "RELEASE SAVEPOINT undoable")
        raise
    run_plainly(tx, "RELEASE SAVEPOINT undoable")


class Database:
    """The one door to the tables. Use as an async context manager; `turn` may be called by any number of tasks."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="claimbot-store", daemon=True)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(migrate, self._engine)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    @property
    def is_alone(self) -> bool:
        """Whether no other process can be at work on it: an embedded database has one bot."""
        return self._engine.dialect.name == "sqlite"

    async def turn(self, work: Callable[[Tx], T]) -> T:
        """What `work` returns, once it is committed; what it raises, once it is undone."""
        job = _Job(work)
        self._jobs.put(job)
        return await job.future

    async def look(self, work: Callable[[Tx], T]) -> T:
        """What `work` returns of a snapshot, in a thread of its own: for what takes long. Turns go on meanwhile."""
        return await asyncio.to_thread(self._look, work)

    def _look(self, work: Callable[[Tx], T]) -> T:
        with snapshot(self._engine) as tx:
            return work(tx)

    def _work(self) -> None:
        while True:
            first = self._jobs.get()
            if first is None:
                return
            batch, last = [first], False
            while len(batch) < _MOST_SHARED and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    last = True
                    break
                batch.append(following)
            self._commit(batch)
            self._answer(batch)
            if last:
                return

    def _commit(self, batch: list[_Job[Any]]) -> None:
        """All of them in one transaction. When one raises, nothing stands: the others are done again without it."""
        at_work: _Job[Any] | None = None
        try:
            with self._engine.begin() as tx:
                for at_work in batch:
                    at_work.outcome = at_work.work(tx)
                at_work = None
        except BaseException as error:  # noqa: BLE001  whatever it is, it belongs to those who wait
            if len(batch) == 1:
                batch[0].failure = error
            elif at_work is None or isinstance(error, OperationalError):
                for job in batch:  # a deadlock or a lost connection is no single one's fault: each once more by itself
                    self._commit([job])
            else:
                at_work.failure = error
                self._commit([job for job in batch if job is not at_work])

    def _answer(self, batch: list[_Job[Any]]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = {}
        for job in batch:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, jobs in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle_all, jobs)
