"""Whoever can write to Redis can ring the bell, and nothing else. Against a real Valkey."""
from __future__ import annotations

import os
import pickle
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from app.runtime.wake import ENTRY, queue_name
from app.worker import jobs
from app.worker.rqsafe import Bell

LANE = "notify"


class Ringing:
    """A queue as an attacker or a web process reaches it, and a worker on it."""

    def __init__(self, url: str) -> None:
        self.connection = redis.Redis.from_url(url)
        self.queue = Queue(queue_name(LANE), connection=self.connection, serializer=JSONSerializer)
        self.served: list[str] = []

    def work(self) -> None:
        """Serve everything that waits, in this process."""
        jobs.serve(self.served.append)
        try:
            Bell(LANE, self.connection, threading.Event()).work(burst=True, logging_level="ERROR")
        finally:
            jobs.serve(None)

    def failed(self) -> list[str]:
        """Ids of jobs that were refused."""
        return list(FailedJobRegistry(queue=self.queue).get_job_ids())

    def ring(self) -> None:
        self.queue.enqueue(ENTRY, LANE, result_ttl=0, failure_ttl=60)


@pytest.fixture
def bell(redis_url: str) -> Iterator[Ringing]:
    ringing = Ringing(redis_url)
    yield ringing
    ringing.connection.close()


def test_a_ring_is_served(bell: Ringing) -> None:
    bell.ring()
    bell.ring()
    bell.work()
    assert bell.served == [LANE, LANE]
    assert bell.failed() == []
    assert bell.connection.keys("rq:job:*") == []  # nothing is kept of it


@pytest.mark.parametrize("name", [
    "os.system", "subprocess.check_output", "app.worker.jobs.serve", "app.worker.jobs.drain.__call__",
    "builtins.exec", "tests.worker.test_rqsafe.touch", ENTRY + " ", "",
])
def test_another_function_is_refused_and_the_worker_lives(bell: Ringing, tmp_path: Path, name: str) -> None:
    target = tmp_path / "touched"
    bell.queue.enqueue_call(name or "x", args=(f"touch {target}",))
    if not name:
        job = bell.queue.jobs[0]
        job.func_name = ""
        job.save()
    bell.ring()
    bell.work()
    assert not target.exists()
    assert len(bell.failed()) == 1
    assert bell.served == [LANE]


def touch(*_args: object) -> None:
    """What an attacker would like to be called."""
    Path(os.environ["TOUCHED"]).touch()


class Trap:
    """Runs when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


def test_a_pickle_is_never_opened(bell: Ringing, tmp_path: Path) -> None:
    target = tmp_path / "touched"
    job = Job.create(ENTRY, args=(LANE,), connection=bell.connection, serializer=JSONSerializer, origin=bell.queue.name)
    job.save()
    poison = pickle.dumps((ENTRY, None, (Trap(str(target)),), {}))
    for field in ("data", "meta", "result"):
        bell.connection.hset(job.key, field, zlib.compress(poison) if field == "data" else poison)
    bell.queue.push_job_id(job.id)
    bell.ring()
    bell.work()
    assert not target.exists()
    assert bell.served == [LANE]


def test_callbacks_webhooks_retries_and_repeats_are_dropped(
    bell: Ringing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHED", str(tmp_path / "touched"))
    mine = "tests.worker.test_rqsafe.touch"
    for name, args in ((ENTRY, (LANE,)), ("os.system", ("true",))):
        job = Job.create(name, args=args, connection=bell.connection, serializer=JSONSerializer, origin=bell.queue.name)
        job.save()
        bell.connection.hset(job.key, mapping={
            "success_callback_name": mine, "failure_callback_name": mine, "stopped_callback_name": mine,
            "retries_left": "5", "retry_intervals": "[0]", "repeats_left": "5", "repeat_intervals": "[0]",
            "timeout": "999999", "rate_limit_key": "x", "rate_limit_concurrency": "1",
            "webhooks": '[{"url": "http://127.0.0.1:9/", "job_status": "finished"}]',
        })
        bell.queue.push_job_id(job.id)
    bell.work()  # a rate limit or retries that were heeded would keep it for ever
    assert not (tmp_path / "touched").exists()
    assert bell.served == [LANE]
    assert len(bell.failed()) == 1
    assert bell.queue.count == 0


def test_a_job_that_is_no_job_at_all_harms_nothing(bell: Ringing) -> None:
    bell.connection.hset("rq:job:broken", mapping={"data": b"\xff\x00nonsense", "origin": bell.queue.name})
    bell.connection.hset("rq:job:empty", mapping={"created_at": "yesterday"})
    for name in ("broken", "empty", "missing"):
        bell.queue.push_job_id(name)
    bell.ring()
    bell.work()
    bell.work()  # RQ may give up on a broken job; the process starts it anew
    assert bell.served == [LANE]


def test_an_error_in_the_work_leaves_the_worker_alive(bell: Ringing) -> None:
    bell.ring()
    jobs.serve(None)  # what a worker that is ending does
    Bell(LANE, bell.connection, threading.Event()).work(burst=True, logging_level="CRITICAL")
    bell.ring()
    bell.work()
    assert bell.served == [LANE]
    assert len(bell.failed()) == 1


def test_a_stop_that_rq_did_not_hear_of_takes_effect(bell: Ringing) -> None:
    stop = threading.Event()
    stop.set()  # a signal came before RQ listened to signals, or while Redis was gone and RQ swallowed it
    # Would never return if it did not look.
    Bell(LANE, bell.connection, stop).work(logging_level="CRITICAL")
