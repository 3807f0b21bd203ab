"""RQ reduced to a doorbell: jobs that may name one function only, and no callbacks, webhooks or retries.

Whoever can write to Redis can write jobs. RQ would import and call any function that a job names, as job or as one of
its callbacks, and post to any address it lists; ours refuses all of that, and what is refused is marked as failed.
"""
from __future__ import annotations

import threading
from typing import Any

import redis
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from app.runtime.wake import ENTRY, JOB_TIMEOUT_S, queue_name
from app.worker import jobs

WORKER_TTL_S = 60  # how long RQ believes in a silent worker; also bounds how long it waits for a job at a time


class UnsafeJob(Exception):
    """The job names something that it must not."""


class SafeJob(Job):
    """A job that can only ring the bell."""

    @property
    def func(self) -> Any:
        """The one entry point, whatever else was asked for is refused."""
        if self.func_name != ENTRY or self.instance is not None:
            raise UnsafeJob(f"a job may only call {ENTRY}")
        return jobs.drain

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def restore(self, raw_data: Any) -> Any:
        """Take over what Redis holds, but for everything that makes RQ act beyond calling the function."""
        result = super().restore(raw_data)
        self.webhooks = []
        self._dependency_ids = []
        self.retries_left = self.repeats_left = None
        self.rate_limit_key = self.rate_limit_concurrency = None
        self.meta = {}
        self.description = None  # would be logged
        self.timeout = JOB_TIMEOUT_S
        self.result_ttl, self.failure_ttl = 0, 60
        return result

    def get_call_string(self) -> str | None:
        """For logs: an unreadable job has no name."""
        try:
            return str(self.func_name)[:80]
        except DeserializationError:
            return None


class SafeQueue(Queue):
    """A queue of such jobs."""

    job_class = SafeJob


class Bell(SimpleWorker):
    """Waits for wake-ups on one queue and serves them in this process, until `stop` is set (a signal sets it)."""

    job_class = SafeJob
    queue_class = SafeQueue
    max_connection_wait_time = 2.0

    def __init__(self, lane: str, connection: redis.Redis, stop: threading.Event) -> None:
        super().__init__(
            [queue_name(lane)], connection=connection, serializer=JSONSerializer, worker_ttl=WORKER_TTL_S,
            log_job_description=False,
        )
        self._stop = stop

    def request_stop(self, signum: Any, frame: Any) -> None:
        """A signal: finish what is going on, take nothing new."""
        self._stop.set()
        super().request_stop(signum, frame)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Called in every turn, also while Redis is gone: a stop that came before RQ listened, or that was lost among
        the connection's own errors, takes effect here."""
        if self._stop.is_set():
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def request_force_stop(self, signum: Any, frame: Any) -> None:
        """A second signal changes nothing: what is going on ends within seconds, and is not torn apart."""
