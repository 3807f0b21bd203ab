"""A worker or relay process from start to a clean end."""
from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence

import redis
import structlog
from flask import Flask

from app.runtime.effects.base import LANES
from app.runtime.outbox import LEASE_MS
from app.runtime.wake import ALL, flag_name
from app.worker import jobs
from app.worker.poller import Poller
from app.worker.rqsafe import Bell

log = structlog.get_logger(__name__)

END_S = 9.0  # how long an effect that is under way may take to end
AGAIN_S = 2.0  # before another attempt to reach Redis


def run_worker(app: Flask, lane: str = ALL, lease_ms: int = LEASE_MS) -> bool:
    """Drain a lane ("all": every lane) until SIGTERM or SIGINT: woken over Redis, and by the clock in any case.

    Returns whether everything under way came to its end in time.
    """
    lanes: Sequence[str] = LANES if lane == ALL else (lane,)
    stop = threading.Event()
    poller = Poller(app, lanes, stop, lease_ms=lease_ms, house=False)
    log.info("worker_started", worker=poller.worker_id, lanes=list(lanes))
    return _run(app, poller, stop, lane)


def run_relay(app: Flask, lease_ms: int = LEASE_MS) -> bool:
    """Keep time and order until SIGTERM or SIGINT: timers, lost leases, house. Drains nothing."""
    stop = threading.Event()
    poller = Poller(app, (), stop, lease_ms=lease_ms, house=True)
    log.info("relay_started", worker=poller.worker_id)
    return _run(app, poller, stop, None)


def _run(app: Flask, poller: Poller, stop: threading.Event, lane: str | None) -> bool:
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    thread = threading.Thread(target=poller.run, name="poller", daemon=True)
    thread.start()
    url = app.extensions["danflow"].settings.redis_url
    if url and lane is not None:
        _answer_bells(url, lane, poller, stop)
    while not stop.wait(0.5) and thread.is_alive():
        pass
    stop.set()
    thread.join(END_S)
    ended = not thread.is_alive()
    log.info("stopped", worker=poller.worker_id, ended=ended)
    return ended


def _answer_bells(url: str, lane: str, poller: Poller, stop: threading.Event) -> None:
    """Serve wake-ups until told to stop. RQ gives up on many kinds of trouble; then it is started anew."""
    connection = redis.Redis.from_url(url)

    def work(name: str) -> None:
        connection.delete(flag_name(name))  # from here on a new commit rings again
        poller.serve(name)

    jobs.serve(work)
    while not stop.is_set():
        begun = time.monotonic()
        try:
            Bell(lane, connection, stop).work(logging_level="WARNING")
        except redis.RedisError as error:
            log.warning("bell_lost", error=str(error), hint="work is found by the clock until Redis is back")
        if not stop.is_set():
            # RQ took over the signals; until it is back they are ours.
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
            signal.signal(signal.SIGINT, lambda *_: stop.set())
            stop.wait(max(0.0, AGAIN_S - (time.monotonic() - begun)))
    jobs.serve(None)
    connection.close()
