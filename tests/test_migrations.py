"""Migrations: from empty to the models and back, on both databases, without a difference."""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent
Flask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if backend == "postgresql":
        address: str = request.getfixturevalue("postgres").create(f"m_{uuid.uuid4().hex[:12]}")
        return address
    return f"sqlite:///{tmp_path / 'danflow.db'}"


@pytest.fixture
def flask(url: str, tmp_path: Path) -> Flask:
    """Runs `flask …` on that database."""
    env = {**os.environ, "INSTANCE_DIR": str(tmp_path), "DANFLOW_ENV": "test", "DATABASE_URL": url}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, env=env, capture_output=True,
                              text=True, check=False)

    return run


def test_there_and_back(flask: Flask) -> None:
    for command in (["upgrade"], ["check"], ["downgrade", "base"], ["upgrade"], ["check"]):
        done = flask("db", *command)
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr[-3000:]}"
    assert "No new upgrade operations detected" in done.stdout


def test_an_upgraded_database_runs_the_demo(flask: Flask) -> None:
    assert flask("db", "upgrade").returncode == 0
    for _twice in range(2):
        done = flask("demo", "seed")
        assert done.returncode == 0, done.stderr[-3000:]


OLD_TICKET = """INSERT INTO ticket (no, id, type_key, type_version_id, token, status, title, source, version, seq, data,
    state, head, opened_at, updated_at)
    VALUES (1, 't1', 'k', 'v1', 'x', 'open', 'T', 's', 2, 3, '{}', :state, 'old', 1, 2)"""
OLD_EVENT = """INSERT INTO ticket_event (ticket_id, seq, version, kind, node, actor_type, actor_id, body, mac, at, hash)
    VALUES ('t1', :seq, :version, :kind, NULL, 'person', 'a1', :body, 'old', :version, 'old')"""


def test_a_history_of_single_events_is_folded_into_steps(flask: Flask, url: str) -> None:
    assert flask("db", "upgrade", "0002").returncode == 0
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        state = {"status": "open", "tasks": {}, "timers": {}, "jobs": {}, "answers": {"n": ["1"]}, "tokens": {},
                 "ticket": {}}
        connection.execute(text(OLD_TICKET), {"state": json.dumps(state)})
        for seq, version, kind in ((1, 1, "ticket.created"), (2, 1, "node.entered"), (3, 2, "comment")):
            body = json.dumps({"delta": {"note": "等了很久"}})
            connection.execute(text(OLD_EVENT), {"seq": seq, "version": version, "kind": kind, "body": body})
    assert flask("db", "upgrade").returncode == 0
    found = flask("doctor")
    assert (found.returncode, json.loads(found.stdout)) == (0, {"violations": 0}), found.stdout
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT version, seq, marks FROM ticket_history ORDER BY version")).all()
    marks = [row.marks if isinstance(row.marks, list) else json.loads(row.marks) for row in rows]
    assert [row[:2] for row in rows] == [(1, 2), (2, 3)]
    assert marks == [[["ticket.created", None], ["node.entered", None]], [["comment", None]]]
    engine.dispose()


def test_managers_of_a_company_that_was_there_before_may_change_tables(flask: Flask, url: str) -> None:
    """Nobody hands out a right they do not hold: with nobody holding one that came later, nobody would ever have it."""
    assert flask("db", "upgrade", "0003").returncode == 0
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    held = {"boss": ["api.use", "org.manage"], "agent": [], "lead": ["tickets.all"]}
    with engine.begin() as connection:
        for key, rights in held.items():
            connection.execute(text("INSERT INTO role (key, name, reads, rights) VALUES (:key, :name, 'own', :rights)"),
                               {"key": key, "name": json.dumps(key), "rights": json.dumps(rights)})
    assert flask("db", "upgrade").returncode == 0
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT key, rights FROM role")).all()
    after = {row.key: row.rights if isinstance(row.rights, list) else json.loads(row.rights) for row in rows}
    assert after == {**held, "boss": ["api.use", "events.send", "flows.branch", "org.manage", "sources.edit"]}
    engine.dispose()


def test_revisions_are_numbered_and_named() -> None:
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert names
    for number, name in enumerate(names, 1):
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+\.py", name)
