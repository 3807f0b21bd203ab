"""A worker or relay process from start to a clean end."""
from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence

import redis
import structlog
from flask import Flask

from app.designer import rehearsals
from app.runtime.effects.base import LANES
from app.runtime.outbox import LEASE_MS
from app.runtime.wake import ALL, flag_name
from app.worker import jobs
from app.worker.poller import Poller
from app.worker.rehearser import Rehearser
from app.worker.rqsafe import Bell

log = structlog.get_logger(__name__)

END_S = 9.0  # how long an effect that is under way may take to end
AGAIN_S = 2.0  # before another attempt to reach Redis
REDIS_S = 2.0  # how long a process that has nothing more to do waits for Redis to say goodbye


def run_worker(app: Flask, lane: str = ALL, lease_ms: int = LEASE_MS) -> bool:
    """Drain a lane ("all": every lane) until SIGTERM or SIGINT: woken over Redis, and by the clock in any case.

    Returns whether everything under way came to its end in time.
    """
    lanes: Sequence[str] = LANES if lane == ALL else (lane,)
    stop = threading.Event()
    poller = Poller(app, lanes, stop, lease_ms=lease_ms, house=False)
    log.info("worker_started", worker=poller.worker_id, lanes=list(lanes))
    if rehearsals.LANE in lanes:
        threading.Thread(target=Rehearser(app, stop).run, name="rehearser", daemon=True).start()
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
        serving = threading.Lock()
        threading.Thread(target=_leave, args=(stop, thread, serving), name="leave", daemon=True).start()
        _answer_bells(url, lane, poller, stop, serving)
    while not stop.wait(0.5) and thread.is_alive():
        pass
    stop.set()
    thread.join(END_S)
    ended = not thread.is_alive()
    log.info("stopped", worker=poller.worker_id, ended=ended)
    return ended


def _leave(stop: threading.Event, thread: threading.Thread, serving: threading.Lock) -> None:
    """End the process when all work has ended and RQ still waits for a Redis that keeps silent, its socket open."""
    stop.wait()
    thread.join(END_S)
    ended = serving.acquire(timeout=END_S) and not thread.is_alive()
    time.sleep(REDIS_S)
    log.warning("left_without_redis", ended=ended)
    os._exit(0 if ended else 1)


def _answer_bells(url: str, lane: str, poller: Poller, stop: threading.Event, serving: threading.Lock) -> None:
    """Serve wake-ups until told to stop; `serving` is held while one is served. RQ gives up on many kinds of trouble;
    then it is started anew."""
    connection = redis.Redis.from_url(url)

    def work(name: str) -> None:
        connection.delete(flag_name(name))  # from here on a new commit rings again
        with serving:
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
