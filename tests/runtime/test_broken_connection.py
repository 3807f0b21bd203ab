"""PostgreSQL cuts every connection between one request and the next: the step is made all the same, and once."""
from __future__ import annotations

import psycopg
import pytest
from flask import Flask

from app.extensions import db
from app.runtime import service
from tests.runtime.company import command, kinds, open_task, principal, submit
from tests.servers import Postgres

ASK = {"f_what": "换一把椅子", "f_sum": "800"}


@pytest.fixture
def backend() -> str:
    return "postgresql"


def cut(postgres: Postgres) -> None:
    """End every connection to the test's database, as a restart or a network fault would."""
    name = db.engine.url.database
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))


def test_steps_survive_cut_connections(desk: Flask, small: str, postgres: Postgres) -> None:
    others = [db.engine.raw_connection() for _ in range(4)]
    for connection in others:
        connection.close()
    cut(postgres)
    done = submit(small, ASK, "start", command_id="through-the-cut")
    assert submit(small, ASK, "start", command_id="through-the-cut").repeated
    pool = open_task(done.ticket_id, "pool")
    agent = principal("a1")
    cut(postgres)
    assert service.act(pool.id, "claim", {}, actor=agent, command_id=command()).version == 2
    assert kinds(done.ticket_id).count("task.claimed") == 1
