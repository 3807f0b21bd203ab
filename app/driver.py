"""Layer 3: database driver connections of our own.

Two needs go below SQLAlchemy, because the hot path talks to the driver directly: a fair write lock for SQLite, and
counting statements (fault tests kill the process at the n-th one; the bench and budget tests count them).
"""
from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import psycopg

# What the drivers themselves raise when a database cannot be reached or is locked.
OUT_OF_REACH = (psycopg.OperationalError, sqlite3.OperationalError)

BUSY_S = 10.0  # longest wait for the write lock
IDLE_S = 1.0  # a connection to PostgreSQL that rested longer is probed before it is used

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)


class Statements:
    """Counts this process's SQL statements; kills it at a chosen one (CRASH_AT_SQL, tests only).

    `executed`: statements but BEGIN and COMMIT. `count`: places where a process can die; a commit is two of them,
    before and after it takes effect.
    """

    def __init__(self) -> None:
        self.executed = 0
        self.count = 0
        self.crash_at = 0

    def execute(self) -> None:
        """One statement."""
        self.executed += 1
        self.step()

    def step(self) -> None:
        """One point where a crash would matter."""
        self.count += 1
        if self.count == self.crash_at:
            os.kill(os.getpid(), signal.SIGKILL)


statements = Statements()


def crash_at(number: int) -> None:
    """Die at the n-th statement counted from now; 0: never."""
    statements.crash_at = statements.count + number if number else 0


class WriteLock:
    """A first-come-first-served lock between threads: SQLite's own waiting is unfair and starves some writers."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._owner: int | None = None
        self._queue: deque[tuple[int, threading.Event]] = deque()

    def acquire(self) -> None:
        """Wait for the lock; raises sqlite3.OperationalError after BUSY_S, or at once where waiting is hopeless."""
        me = threading.get_ident()
        with self._guard:
            if self._owner is None:
                self._owner = me
                return
            if self._owner == me:
                raise sqlite3.OperationalError(
                    "database is locked: this thread already holds a writing transaction on another connection;"
                    " commit it or roll it back first"
                )
            turn = threading.Event()
            entry = (me, turn)
            self._queue.append(entry)
        if turn.wait(BUSY_S):
            return
        with self._guard:
            if turn.is_set():
                return
            self._queue.remove(entry)
        raise sqlite3.OperationalError(f"database is locked: another thread has been writing for {BUSY_S:.0f} s")

    def release(self) -> None:
        """Hand the lock to whoever has waited longest."""
        with self._guard:
            if self._queue:
                self._owner, turn = self._queue.popleft()
                turn.set()
            else:
                self._owner = None


_locks: dict[str, WriteLock] = {}
_locks_guard = threading.Lock()


def _lock_of(database: str) -> WriteLock:
    with _locks_guard:
        return _locks.setdefault(os.path.abspath(database), WriteLock())


class SqliteCursor(sqlite3.Cursor):
    """A cursor whose statements are counted."""

    def execute(self, sql: str, parameters: Any = ()) -> SqliteCursor:
        statements.execute()
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> SqliteCursor:
        statements.execute()
        return super().executemany(sql, parameters)


class SqliteConnection(sqlite3.Connection):
    """WAL, full durability, foreign keys, explicit BEGIN, and a turn in the write lock's queue for writers."""

    def __init__(self, database: str, **kwargs: Any) -> None:
        kwargs["isolation_level"] = None  # we say BEGIN ourselves
        super().__init__(database, **kwargs)
        self._lock = _lock_of(database)
        self._held = False
        for pragma in PRAGMAS:
            super().execute(pragma)

    @property
    def idle(self) -> bool:
        """Whether no transaction is open."""
        return not self.in_transaction

    def cursor(self, factory: Any = SqliteCursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        return cast(sqlite3.Cursor, self.cursor().execute(sql, parameters))

    def begin(self, write: bool) -> None:
        """Start a transaction; `write`: after a fair wait, with SQLite's write lock taken from the start."""
        if not write:
            super().execute("BEGIN")
            return
        self._lock.acquire()
        self._held = True
        try:
            super().execute("BEGIN IMMEDIATE")
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        if self._held:
            self._held = False
            self._lock.release()

    def commit(self) -> None:
        if not self.in_transaction:
            self._release()
            return
        statements.step()
        super().commit()
        self._release()
        statements.step()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._release()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._release()


class PgCursor(psycopg.Cursor[Any]):
    """A cursor whose statements are counted."""

    def execute(self, *args: Any, **kwargs: Any) -> PgCursor:
        statements.execute()
        return super().execute(*args, **kwargs)

    def executemany(self, *args: Any, **kwargs: Any) -> None:
        statements.execute()
        super().executemany(*args, **kwargs)


class PgConnection(psycopg.Connection[Any]):
    """A PostgreSQL connection whose statements and commits are counted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = PgCursor

    @property
    def idle(self) -> bool:
        """Whether it is connected, and neither a statement nor a transaction is under way."""
        return self.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def alone(self, alone: bool) -> None:
        """Whether statements stand alone from now on (autocommit), instead of in transactions."""
        # A ROLLBACK would also make psycopg forget all that it has prepared on this connection.
        if self.autocommit != alone:
            self.autocommit = alone

    def commit(self) -> None:
        if self.idle:
            return
        statements.step()
        super().commit()
        statements.step()


def alive(connection: PgConnection) -> bool:
    """Whether the server still answers on a connection that rested; asks it nothing but that."""
    try:
        connection.pgconn.exec_(b"")
    except psycopg.OperationalError:
        return False
    return connection.pgconn.status == psycopg.pq.ConnStatus.OK


class Resting:
    """Connections between two uses on the fast path; the one used last is the next. The engine's pool, from where they
    come, would take as long for each use as a small statement does.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._kept: deque[tuple[Any, float]] = deque()

    def take(self) -> Any:
        """A connection with no transaction open; raises what connecting raises."""
        while True:
            try:
                connection, since = self._kept.pop()
            except IndexError:
                return self._connect()
            if time.monotonic() - since <= IDLE_S or not isinstance(connection, PgConnection) or alive(connection):
                return connection
            connection.close()

    def give(self, connection: Any) -> None:
        """Back after use."""
        if connection.idle:
            self._kept.append((connection, time.monotonic()))
        else:
            connection.close()

    def clear(self) -> None:
        """Close them all."""
        while self._kept:
            self._kept.pop()[0].close()
