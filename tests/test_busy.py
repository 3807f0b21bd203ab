"""More requests than database connections: those who find none are told to come back."""
from __future__ import annotations

from contextlib import ExitStack

from flask import Flask
from sqlalchemy.pool import QueuePool

from app.extensions import db


def test_who_finds_no_free_connection_is_told_to_come_back(demo_app: Flask) -> None:
    with demo_app.app_context(), ExitStack() as held:
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        pool._timeout = 0.05
        for _ in range(pool.size() + pool._max_overflow):
            held.enter_context(db.engine.connect())
        for path in ("/f/" + "a" * 22, "/t/" + "a" * 22, "/api/v1/tickets"):
            answer = demo_app.test_client().get(path, headers={"Authorization": "Bearer dfl_x"})
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5"), path
    assert demo_app.test_client().get("/t/" + "a" * 22).status_code == 404
