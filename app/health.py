"""Layer 9: is this process alive, and is it ready to serve?"""
from __future__ import annotations

import shutil
from typing import Any

import redis
import structlog
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import clock, csrf, db, limiter, parts
from app.runtime.models import Outbox
from app.security import public

bp = Blueprint("health", __name__)
csrf.exempt(bp)
limiter.exempt(bp)
log = structlog.get_logger(__name__)

OUTBOX_LATE_MS = 60_000  # work that waits longer than this: no worker is draining


@bp.get("/livez")
@public
def livez() -> ResponseReturnValue:
    """200 as long as this process answers at all: restarting it would help against nothing else."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """200 when requests can be served ("ok" or "degraded", with the reasons), 503 when they cannot."""
    checks: dict[str, Any] = {"database": _database(), "disk": _disk(), "redis": _redis()}
    if checks["database"]["status"] == "ok":
        checks["outbox"] = checks["database"].pop("outbox")
    states = {check["status"] for check in checks.values()}
    status = "failed" if "failed" in states else "degraded" if "degraded" in states else "ok"
    return jsonify(status=status, checks=checks), 503 if status == "failed" else 200


def _database() -> dict[str, Any]:
    try:
        oldest = db.session.scalar(select(func.min(Outbox.run_at)).where(Outbox.state == "ready"))
    except SQLAlchemyError as error:
        log.error("readyz_database", error=str(error))
        return {"status": "failed", "hint": "the database does not answer: see the log, and DATABASE_URL"}
    waiting = 0 if oldest is None else max(0, clock.now_ms() - oldest)
    outbox: dict[str, Any] = {"status": "ok", "oldest_waits_ms": waiting}
    if waiting > OUTBOX_LATE_MS:
        outbox.update(status="degraded", hint="work is waiting: is a worker running?")
    return {"status": "ok", "outbox": outbox}


def _disk() -> dict[str, Any]:
    settings = parts().settings
    folder = settings.uploads
    while not folder.exists():
        folder = folder.parent
    free_mb = shutil.disk_usage(folder).free // (1024 * 1024)
    if free_mb < settings.min_free_mb:
        hint = "the disk is nearly full: free space, or lower MIN_FREE_MB"
        return {"status": "failed", "free_mb": free_mb, "hint": hint}
    return {"status": "ok", "free_mb": free_mb}


def _redis() -> dict[str, Any]:
    """Redis only wakes workers: without it they poll, a second later."""
    client = parts().redis
    if client is None:
        return {"status": "ok", "used": False}
    try:
        client.ping()
    except redis.RedisError as error:
        log.warning("readyz_redis", error=str(error))
        return {"status": "degraded", "used": True, "hint": "Redis does not answer: work starts up to a second later"}
    return {"status": "ok", "used": True}
