"""Database connections: durability and foreign keys on SQLite, fair turns for writers, counted statements."""
from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import driver
from app.driver import SqliteConnection, WriteLock, statements
from app.extensions import begin_write, db, reading


def open_db(path: Path) -> SqliteConnection:
    return sqlite3.connect(path, factory=SqliteConnection, timeout=5, check_same_thread=False)


def test_sqlite_is_durable_and_checks_references(tmp_path: Path) -> None:
    connection = open_db(tmp_path / "a.db")
    names = ("journal_mode", "synchronous", "foreign_keys")
    values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    assert values == ["wal", 2, 1]
    connection.close()


def test_threads_that_read_then_write_lose_nothing(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("CREATE TABLE counter (n INTEGER)"))
        db.session.execute(text("INSERT INTO counter VALUES (0)"))
        db.session.commit()

    def add() -> None:
        with app.app_context():
            for _turn in range(25):
                found = db.session.execute(
                    text("SELECT n FROM counter" + ("" if db.engine.dialect.name == "sqlite" else " FOR UPDATE"))
                ).scalar_one()
                db.session.execute(text("UPDATE counter SET n = :n"), {"n": found + 1})
                db.session.commit()

    threads = [threading.Thread(target=add) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.execute(text("SELECT n FROM counter")).scalar_one() == 200


def test_writers_get_their_turns_in_order() -> None:
    lock = WriteLock()
    lock.acquire()
    order: list[int] = []

    def write(number: int) -> None:
        lock.acquire()
        order.append(number)
        lock.release()

    threads = []
    for number in range(10):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
        while len(lock._queue) < number + 1:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(10))


def test_waiting_for_a_writer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BUSY_S", 0.1)
    lock = WriteLock()
    holder = threading.Thread(target=lock.acquire)
    holder.start()
    holder.join()
    with pytest.raises(sqlite3.OperationalError, match="another thread has been writing"):
        lock.acquire()
    lock.release()
    lock.acquire()  # the one who gave up left no trace in the queue


def test_two_writing_transactions_in_one_thread_are_refused_at_once(tmp_path: Path) -> None:
    first, second = open_db(tmp_path / "a.db"), open_db(tmp_path / "a.db")
    first.begin(write=True)
    with pytest.raises(sqlite3.OperationalError, match="commit it or roll it back first"):
        second.begin(write=True)
    first.commit()
    second.begin(write=True)
    second.close()  # closing gives the turn back too
    first.begin(write=True)
    first.close()


def test_readers_do_not_wait_for_a_writer(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("CREATE TABLE t (n INTEGER)"))
        db.session.commit()
        db.session.execute(text("INSERT INTO t VALUES (1)"))
        with reading(), db.engine.connect() as reader:
            assert reader.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
        db.session.commit()


def test_a_write_in_a_reading_request_announces_itself(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("CREATE TABLE t (n INTEGER)"))
        db.session.commit()
    with app.test_request_context("/", method="GET"):
        begin_write()
        db.session.execute(text("INSERT INTO t VALUES (1)"))
        db.session.commit()
        assert db.session.execute(text("SELECT count(*) FROM t")).scalar_one() == 1


def test_statements_and_commits_are_counted(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        db.session.rollback()
        before = statements.count
        db.session.execute(text("CREATE TABLE t (n INTEGER)"))
        db.session.execute(text("INSERT INTO t VALUES (1)"))
        db.session.commit()
    assert statements.count - before == 4


def db_is_sqlite(app: Flask) -> bool:
    return bool(app.extensions["danflow"].settings.sqlite)


def test_a_refused_commit_is_an_error(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(OperationalError if db_is_sqlite(app) else Exception):
            db.session.execute(text("SELECT * FROM nowhere"))
        db.session.rollback()


CRASH = """
import sys, sqlite3
from app.driver import SqliteConnection, crash_at
connection = sqlite3.connect(sys.argv[1], factory=SqliteConnection)
crash_at(int(sys.argv[2]))
connection.begin(write=True)
connection.execute("INSERT INTO t VALUES (1)")
connection.execute("INSERT INTO t VALUES (2)")
connection.commit()
"""


def test_a_process_dies_at_the_statement_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = open_db(path)
    connection.execute("CREATE TABLE t (n INTEGER)")
    stored = []
    for point in range(1, 6):
        done = subprocess.run([sys.executable, "-c", CRASH, str(path), str(point)],
                              env={**os.environ, "PYTHONPATH": os.getcwd()}, check=False)
        assert done.returncode == (-signal.SIGKILL if point <= 4 else 0)
        stored.append(connection.execute("SELECT count(*) FROM t").fetchone()[0])
    connection.close()
    # Killed before the 1st and 2nd insert and before the commit: nothing. After the commit, and not at all: both rows.
    assert stored == [0, 0, 0, 2, 4]
