"""A rehearsal asked for by a page is carried out by a worker process, beside its other work."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.designer import rehearsals
from app.extensions import clock, db
from app.settings import Settings
from tests.definitions.conftest import RAW
from tests.servers import Process, wait_for


@pytest.fixture
def backend() -> str:
    """The rows' way is tried on both databases in tests/designer/test_flow_load.py."""
    return "sqlite"


@pytest.fixture
def settings(demo_app: Flask) -> Settings:
    """Those of the demo company: its worker works on the same database."""
    found: Settings = demo_app.extensions["danflow"].settings
    return found


def test_a_worker_process_rehearses(demo_app: Flask, spawn: Callable[..., Process]) -> None:
    flow = RAW["flow"]["key"]

    def state() -> str:
        with demo_app.app_context():
            found = rehearsals.standing(flow, SYSTEM.id, "zh_CN", clock.now_ms())
            db.session.rollback()
            return str(found and found["state"])

    with demo_app.app_context():
        plan = {"tickets": 60, "seeds": 2}
        rehearsals.start(flow, RAW["flow"], {"plan": plan, "other": None}, "history", actor=SYSTEM, now=clock.now_ms())
    assert state() == "waiting"
    worker = spawn("worker")
    wait_for(lambda: state() == "done", 30, "the worker to rehearse")
    assert worker.stop(12) == 0
