"""Waking workers after a commit. Only a courtesy: what is lost here, the workers' own clock finds a second later."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from app.extensions import parts

log = structlog.get_logger(__name__)

ENTRY = "app.worker.jobs.drain"  # the one function that jobs may name
ALL = "all"
PREFIX = "danflow-"
TIMEOUT_S = 0.05
PAUSE_S = 2.0  # after a failure nobody waits for Redis for so long
FLAG_MS = 1_000  # a wake-up that waits in the queue makes further ones needless
JOB_TIMEOUT_S = 120

_quiet_until: dict[str, float] = {}
_clients: dict[str, redis.Redis] = {}
_guard = threading.Lock()


def queue_name(lane: str) -> str:
    """The queue of a lane's workers ("all": of workers that drain every lane)."""
    return PREFIX + lane


def flag_name(lane: str) -> str:
    """Redis key that stands while a wake-up for the lane waits in its queue."""
    return f"{PREFIX}woken:{lane}"


def _client(url: str) -> redis.Redis:
    with _guard:
        if url not in _clients:
            # No retries: a connection that stalls must not hold up the request that has just been saved.
            _clients[url] = redis.Redis.from_url(
                url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
            )
        return _clients[url]


def kick(lanes: Iterable[str]) -> None:
    """Wake whoever drains these lanes; never raises, never waits longer than a tenth of a second."""
    settings = parts().settings
    if not settings.redis_url or time.monotonic() < _quiet_until.get(settings.redis_url, 0.0):
        return
    names = sorted(set(lanes)) if settings.worker_lanes == "split" else [ALL]
    try:
        client = _client(settings.redis_url)
        for name in names:
            if client.set(flag_name(name), 1, nx=True, px=FLAG_MS):
                queue = Queue(queue_name(name), connection=client, serializer=JSONSerializer)
                queue.enqueue(ENTRY, name, job_timeout=JOB_TIMEOUT_S, result_ttl=0, failure_ttl=60)
    except (redis.RedisError, OSError) as error:
        _quiet_until[settings.redis_url] = time.monotonic() + PAUSE_S
        log.warning("kick_failed", error=str(error), hint="workers find the work by themselves within a second")
