"""/livez and /readyz: what they say when all is well, and when a part is missing."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.runtime.models import Outbox, Ticket
from app.settings import Settings
from tests.servers import Valkey

MakeApp = Callable[[Settings], Flask]


def test_alive(client: FlaskClient) -> None:
    answer = client.get("/livez")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok"}


def test_ready_without_redis(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["checks"]["outbox"] == {"status": "ok", "oldest_waits_ms": 0}
    assert answer.json["checks"]["redis"] == {"status": "ok", "used": False}


def test_redis_down_is_degraded_not_dead(settings: Settings, make_app: MakeApp, tmp_path: Path) -> None:
    own = Valkey(tmp_path / "vk")
    app = make_app(settings.model_copy(update={"redis_url": own.url}))
    client = app.test_client()
    assert client.get("/readyz").json["checks"]["redis"] == {"status": "ok", "used": True}
    own.kill()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    own.start()
    assert client.get("/readyz").json["status"] == "ok"
    own.stop()


def test_database_gone_is_not_ready(settings: Settings, make_app: MakeApp, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'missing' / 'no.db'}"
    if not settings.sqlite:
        url = settings.database_url.rsplit("/", 1)[0] + "/nowhere?" + settings.database_url.split("?")[1]
    app = make_app(settings.model_copy(update={"database_url": url}))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["status"] == "failed"
    assert app.test_client().get("/livez").status_code == 200


def test_full_disk_is_not_ready(settings: Settings, make_app: MakeApp) -> None:
    app = make_app(settings.model_copy(update={"min_free_mb": 10**12}))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "MIN_FREE_MB" in answer.json["checks"]["disk"]["hint"]


def test_work_that_nobody_drains_is_told(app: Flask) -> None:
    with app.app_context():
        now = app.extensions["danflow"].clock.now_ms()
        db.session.add(Ticket(
            id="t1", type_key="k", type_version_id="v", token="tok", status="open", title="t", source="s", version=1,
            seq=1, data={}, state={}, head="", opened_at=now, updated_at=now,
        ))
        db.session.flush()
        db.session.add(Outbox(
            ticket_id="t1", key="k", kind="message", lane="notify", is_job=False, payload={},
            state="ready", run_at=now - 61_000, attempts=0, max_attempts=5, backoff_ms=1000, created_at=now,
        ))
        db.session.commit()
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert answer.json["checks"]["outbox"]["oldest_waits_ms"] >= 61_000
