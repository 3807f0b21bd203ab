"""Starting and ending processes, and Redis in every kind of trouble: the database plays no part, SQLite will do."""
from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.runtime.models import Worker
from app.runtime.wake import kick
from tests.runtime import company
from tests.servers import Process, wait_for

Spawn = Callable[..., Process]
ASK = {"f_what": "换一把椅子", "f_sum": "800"}


@pytest.fixture
def backend() -> str:
    return "sqlite"


def alive() -> int:
    count: Any = db.session.scalar(select(func.count()).select_from(Worker))
    db.session.rollback()
    return int(count)


def test_a_kick_never_raises_and_never_waits(
    desk: Flask, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = desk.extensions["danflow"]
    silent = socket.create_server(("127.0.0.1", 0))  # takes connections, never says a word
    port = silent.getsockname()[1]
    for url in ("redis://127.0.0.1:9/0", f"redis://127.0.0.1:{port}/0", "unix:///nowhere/v.sock"):
        gone = replace(found, settings=found.settings.model_copy(update={"redis_url": url}))
        monkeypatch.setitem(desk.extensions, "danflow", gone)
        kick(["notify", "webhook"])  # would never return if it waited for the silent one
        kick(["notify"])
    silent.close()
    assert company.submit(small, ASK, "start").version == 1


def test_sigterm_ends_an_idle_worker_with_redis_and_one_whose_redis_is_gone(
    desk: Flask, spawn: Spawn, redis_url: str
) -> None:
    idle = spawn("worker", REDIS_URL=redis_url)
    lost = spawn("worker", REDIS_URL="unix:///nowhere/v.sock")
    wait_for(lambda: alive() == 2, 20, "both to live")
    time.sleep(1)
    assert idle.stop(12) == 0
    assert lost.stop(12) == 0


def test_a_worker_that_could_not_hear_refuses_to_start(desk: Flask, spawn: Spawn) -> None:
    process = spawn("worker", "--lane", "notify")
    assert process.popen.wait(20) == 2
    assert "WORKER_LANES=split" in process.text()
    process.stop()
    alone = spawn("worker", "--lane", "notify", WORKER_LANES="split")
    wait_for(lambda: alive() == 1, 20, "the worker to live")
    assert alone.stop(12) == 0
