"""Layer 3: driver connections for the few statements where speed decides: every statement commits on its own.

SQLAlchemy's work for a statement, and BEGIN and COMMIT as round trips of their own, would cost more than the
database's. So a step is one reading statement and one writing statement that takes effect wholly or not at all, and
what every request asks first (who calls? what changed?) is a `Read`.
"""
# ruff: noqa: S608 - texts are made of this package's constants; every value is a parameter
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, cast

from sqlalchemy.orm import Session

from app.driver import statements
from app.extensions import db, parts

# One clock for every process: the database's, in epoch milliseconds. `offset` is the tests' clock file, else 0.
NOW = {
    "postgresql": "((extract(epoch from statement_timestamp()) * 1000)::bigint + %(offset)s::bigint)",
    "sqlite": "(CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER) + :offset)",
}


# What it gets came out of JSON: looking for circles would double the cost.
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def dumps(value: Any) -> str:
    """Compact JSON, as all JSON columns hold it."""
    return _encoder.encode(value)


def used_session() -> Session | None:
    """The caller's session, if there is one yet: most of what goes over a wire never needs one."""
    return db.session() if db.session.registry.has() else None


class Wire:
    """`with Wire() as wire`: a driver connection of its own, in autocommit mode.

    What the caller's session holds is committed first: a step is a transaction of its own, and a thread that held a
    second one could wait for itself.
    """

    def __init__(self) -> None:
        session = used_session()
        if session is not None and (session.in_transaction() or session.new):
            session.commit()
        mine = parts()
        self.postgres = not mine.settings.sqlite
        self.dialect = "postgresql" if self.postgres else "sqlite"
        self.offset = mine.clock.offset_ms()
        self._resting = mine.resting
        self._raw = mine.resting.take()

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run one reading statement (or one inside `writing`) and return all its rows."""
        return cast(list[tuple[Any, ...]], self._raw.execute(sql, params or {}).fetchall())

    def run(self, sql: str, params: Any = ()) -> int:
        """Run one statement inside `writing`; returns how many rows it touched."""
        return cast(int, self._raw.execute(sql, params).rowcount)

    def write(self, sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one writing statement that returns rows, durably."""
        if self.postgres:
            rows = self.rows(sql, params)
            statements.step()  # durable, and nobody knows yet: a place where a process can die
            return rows
        with self.writing():
            return self.rows(sql, params)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Several writing statements, all or none."""
        if self.postgres:
            with self._raw.transaction():
                yield
            statements.step()
            return
        self._raw.begin(write=True)
        try:
            yield
        except BaseException:
            self._raw.rollback()
            raise
        self._raw.commit()

    def now(self) -> int:
        """The database's clock, in epoch milliseconds, moved by the tests' offset."""
        return cast(int, self.rows(f"SELECT {NOW[self.dialect]}", {"offset": self.offset})[0][0])

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self.postgres and self._raw.closed:
            # The server went away; the other connections that rest will hardly have fared better.
            db.engine.dispose()
        self._resting.give(self._raw)


class Read:
    """A reading statement of the hot path, written once for both databases: parameters as `:name`, JSON columns by
    their positions. Calling it returns all rows, read in the session's transaction if one is open, else in none.
    """

    def __init__(self, sql: str, *, json_at: Sequence[int] = ()) -> None:
        self._texts = {"sqlite": sql, "postgresql": re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql)}
        self._json_at = json_at

    def __call__(self, **params: Any) -> list[tuple[Any, ...]]:
        session = used_session()
        if session is not None and (session.in_transaction() or session.new):
            session.flush()
            driver = cast(Any, session.connection().connection.driver_connection)
            dialect = db.engine.dialect.name
            rows = driver.execute(self._texts[dialect], params).fetchall()
        else:
            with Wire() as wire:
                dialect = wire.dialect
                rows = wire.rows(self._texts[dialect], params)
        if dialect == "postgresql" or not self._json_at:
            return cast(list[tuple[Any, ...]], rows)
        return [self._decoded(row) for row in rows]

    def _decoded(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for at in self._json_at:
            if values[at] is not None:
                values[at] = json.loads(values[at])
        return tuple(values)
