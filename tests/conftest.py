"""Fixtures of the whole suite.

`app` and `client` run each test on SQLite and on a real PostgreSQL, with a fresh database copied from a migrated
template. `redis_url` is a real, emptied Valkey. Nothing is mocked.
"""
from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright

from app import create_app
from app.demo.seed import seed
from app.extensions import clock, db
from app.settings import ROOT, Settings, load
from tests.browsers import ARGUMENTS, Windows, executable
from tests.compiled import share
from tests.databases import Pool
from tests.live import SECRET, Live
from tests.servers import Postgres, Valkey
from tools import i18n

share()


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """The translations as they are in the .po files."""
    i18n.compile_()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this run."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """The Valkey server of this run."""
    server = Valkey(tmp_path_factory.mktemp("vk"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """Address of an empty Valkey."""
    client = redis.Redis.from_url(valkey.url)
    client.flushall()
    client.close()
    return valkey.url


def make_settings(folder: Path, **overrides: object) -> Settings:
    """Settings for tests: nothing from the environment, everything under `folder`."""
    return load({}, **{"env": "test", "instance_dir": folder, "secret_key": SECRET, "rate_limits": False, **overrides})


def close(app: Flask) -> None:
    """Let go of an application's connections to database and Redis."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    client = app.extensions["danflow"].redis
    if client is not None:
        client.close()


def build_schema(settings: Settings) -> None:
    """Run all migrations on an empty database."""
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
    close(app)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    folder = tmp_path_factory.mktemp("template")
    build_schema(make_settings(folder))
    return folder / "danflow.db"


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a migrated PostgreSQL database to copy from."""
    url = postgres.create("danflow_template")
    build_schema(make_settings(tmp_path_factory.mktemp("template"), database_url=url))
    return "danflow_template"


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo company, to copy from."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "danflow.db")
    seed_demo(make_settings(folder))
    return folder / "danflow.db"


@pytest.fixture(scope="session")
def postgres_empty(postgres: Postgres, postgres_template: str) -> Pool:
    """Migrated, empty PostgreSQL databases."""
    return Pool(postgres, postgres_template)


@pytest.fixture(scope="session")
def postgres_demo(postgres: Postgres, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """PostgreSQL databases with the demo company."""
    url = postgres.create("danflow_demo", postgres_template)
    seed_demo(make_settings(tmp_path_factory.mktemp("demo"), database_url=url))
    return Pool(postgres, "danflow_demo")


def seed_demo(settings: Settings) -> None:
    """Fill in the demo company."""
    app = create_app(settings)
    with app.app_context():
        seed(settings.base_url, clock.now_ms())
    close(app)


@contextmanager
def new_database(backend: str, request: pytest.FixtureRequest, folder: Path, demo: bool = False) -> Iterator[str]:
    """Address of a fresh database - empty, or with the demo company - dropped at the end; for fixtures of any scope."""
    if backend == "sqlite":
        path = folder / f"{uuid.uuid4().hex[:16]}.db"
        shutil.copy(request.getfixturevalue("sqlite_demo" if demo else "sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    pool: Pool = request.getfixturevalue("postgres_demo" if demo else "postgres_empty")
    name = pool.take()
    yield server.url(name)
    pool.give_back(name)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh, migrated, empty database."""
    with new_database(backend, request, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this run."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def windows(browser: Browser) -> Iterator[Windows]:
    """Opens pages: `windows.open(url, size="desktop", javascript=False)`. Errors on a page fail the test."""
    opened = Windows(browser)
    yield opened
    opened.close()


@pytest.fixture
def live(backend: str, request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[Live]:
    """The product as processes, with the demo company; call `live.start()`, or its parts, yourself."""
    with new_database(backend, request, tmp_path, demo=True) as url:
        installation = Live(tmp_path / "live", url, redis_url)
        yield installation
        installation.stop()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of one test: its own database, folder and clock file (write milliseconds into it to move time)."""
    return make_settings(tmp_path, database_url=database_url, clock_file=tmp_path / "clock")


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Makes applications whose database connections are closed with the test."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        close(app)


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """An application on a fresh database, without Redis. Push `app.app_context()` where you need one."""
    return make_app(settings)


@pytest.fixture
def demo_app(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> Iterator[Flask]:
    """An application with the demo company (see tests/personas.py): the complaint flow is published."""
    with new_database(backend, request, tmp_path, demo=True) as url:
        app = make_app(make_settings(tmp_path, database_url=url, clock_file=tmp_path / "clock"))
        yield app
        close(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, signed in as nobody."""
    return app.test_client()
