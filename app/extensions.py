"""Layer 3: the one place where the database, login, languages, rate limits and the clock are set up.

Everything here is created once per process and bound to an application by `init_app`; what belongs to one
application only (settings, catalogue, clock, Redis client) is in its `Parts`, reached by `parts()`.
"""
from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import redis
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import JSON, Connection, Engine, Insert, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from werkzeug.local import LocalProxy

from app.core.catalog import Catalog
from app.driver import IDLE_S, PgConnection, Resting, SqliteConnection, alive, crash_at
from app.settings import Settings

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
READS = frozenset({"GET", "HEAD", "OPTIONS"})
REDIS_TIMEOUT_S = 0.25  # Redis only wakes workers: a request never waits long for it


class Base(DeclarativeBase):
    """Mother of all models. Constraint names are derived, so that migrations can name what they change."""

    metadata = MetaData(naming_convention=NAMES)


# JSON columns: text on SQLite, JSONB on PostgreSQL.
Json = JSON().with_variant(JSONB(), "postgresql")

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:

    class Model(Base):
        """What models inherit from (each names its `__tablename__`)."""

        __abstract__ = True
else:
    Model = db.Model

migrate = Migrate()
login_manager = LoginManager()
babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, in_memory_fallback_enabled=True, headers_enabled=True)


class Clock:
    """The wall clock of the edge, in epoch milliseconds UTC.

    Below the edge, time is an argument. Tests move the clock of running processes by writing an offset in
    milliseconds into the file named by CLOCK_FILE; statements that ask the database for the time add `offset_ms()`.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def offset_ms(self) -> int:
        """How far this clock is ahead of the machine's: 0 unless CLOCK_FILE says otherwise."""
        if self._file is None:
            return 0
        try:
            return int(self._file.read_text(encoding="ascii").strip() or 0)
        except FileNotFoundError:
            return 0

    def now_ms(self) -> int:
        """Now, in epoch milliseconds UTC."""
        return time.time_ns() // 1_000_000 + self.offset_ms()


@dataclass(frozen=True)
class Parts:
    """What one application is made of: `app.extensions["danflow"]`."""

    settings: Settings
    catalog: Catalog
    clock: Clock
    redis: redis.Redis | None  # None: no REDIS_URL. Short timeouts; connects on first use
    resting: Resting  # connections for wires


def parts() -> Parts:
    """The current application's parts."""
    return cast(Parts, current_app.extensions["danflow"])


clock = cast(Clock, LocalProxy(lambda: parts().clock))

_reading: ContextVar[bool] = ContextVar("danflow_reading", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read: on SQLite they do not queue for the write lock, on PostgreSQL each statement
    stands alone (in a transaction it would see no more, and cost the round trips of BEGIN and ROLLBACK).

    Requests with a reading method (GET, HEAD) have this already; `begin_write()` is the way out of it.
    """
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def begin_write() -> Connection:
    """The session's connection, inside a transaction that may write: for the rare write in a GET request.

    Must come before the session's first statement (on SQLite a read transaction cannot become a writing one safely).
    """
    return db.session.connection(execution_options={"danflow_write": True})


def insert_new(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """An INSERT of `rows` that passes over those whose key is taken, on both databases (`.returning()` tells which)."""
    make = postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
    return make(model).values(list(rows)).on_conflict_do_nothing()


def _writes(connection: Connection) -> bool:
    """Whether the transaction that begins on this connection may write."""
    asked = connection.get_execution_options().get("danflow_write")
    return bool(asked) or not (_reading.get() or (has_request_context() and request.method in READS))


def _begin_sqlite(connection: Connection) -> None:
    cast(SqliteConnection, connection.connection.driver_connection).begin(write=_writes(connection))


def _begin_postgres(connection: Connection) -> None:
    cast(PgConnection, connection.connection.driver_connection).alone(not _writes(connection))


def engine_options(settings: Settings) -> dict[str, Any]:
    """Arguments for `create_engine` that fit the database named in the settings."""
    crash_at(settings.crash_at_sql)
    common: dict[str, Any] = {"json_serializer": _dump}
    if settings.sqlite:
        return {**common, "connect_args": {"factory": SqliteConnection, "timeout": 10}}
    return {
        **common,
        "pool_size": settings.database_pool,
        "max_overflow": 2,
        "pool_timeout": 10,
        "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=20000"},
    }


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _for_wires() -> Any:
    """A connection that leaves the pool for good; on PostgreSQL its statements stand alone."""
    pooled = db.engine.raw_connection()
    connection = pooled.driver_connection
    pooled.detach()
    if isinstance(connection, PgConnection):
        connection.alone(True)
    return connection


def prepare_engine(engine: Engine, resting: Resting) -> None:
    """Install what our engines need on top of SQLAlchemy's: connections of our own, and how transactions begin."""

    @event.listens_for(engine, "engine_disposed")
    def forget(_engine: Engine) -> None:
        resting.clear()

    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgres)

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, args: Any, kwargs: Any) -> PgConnection:
            return PgConnection.connect(*args, **kwargs)

        @event.listens_for(engine, "checkin")
        def note(_connection: Any, record: Any) -> None:
            record.info["used"] = time.monotonic()

        @event.listens_for(engine, "checkout")
        def probe(connection: Any, record: Any, _fairy: Any) -> None:
            # Like pool_pre_ping, but without a round trip for a connection that was in use a moment ago.
            if time.monotonic() - record.info.get("used", math.inf) > IDLE_S and not alive(connection):
                raise DisconnectionError


def redis_client(settings: Settings) -> redis.Redis | None:
    """A lazily connecting client with short timeouts, or None without REDIS_URL."""
    if not settings.redis_url:
        return None
    return redis.Redis.from_url(
        settings.redis_url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S
    )


def init_app(app: Flask, settings: Settings, catalog: Catalog) -> None:
    """Bind everything to `app`. Opens no connection: commands that need no database run without one."""
    resting = Resting(_for_wires)
    app.extensions["danflow"] = Parts(settings, catalog, Clock(settings.clock_file), redis_client(settings), resting)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=_limits_uri(settings.redis_url),
        RATELIMIT_STORAGE_OPTIONS=(
            {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S} if settings.redis_url else {}
        ),
    )
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            prepare_engine(engine, resting)
    migrate.init_app(app, db, render_as_batch=settings.sqlite, compare_type=True)
    # Without its context processor, which would load the person (a query) for every page, public and error pages too.
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    csrf.init_app(app)
    limiter.init_app(app)


def _limits_uri(redis_url: str) -> str:
    """The rate limiter's name for the same Redis; memory of this process without one."""
    if redis_url.startswith("unix://"):
        return "redis+" + redis_url
    return redis_url or "memory://"
