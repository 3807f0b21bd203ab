"""The one function that an RQ job may call. It carries no facts: what is to be done stands in the database.

A job must not build an application of its own; the worker process builds one and hands its work over with `serve`.
"""
from __future__ import annotations

from collections.abc import Callable

_work: Callable[[str], None] | None = None


def serve(work: Callable[[str], None] | None) -> None:
    """What this process does when a bell rings for a lane; None: nothing any more."""
    global _work
    _work = work


def drain(lane: str) -> None:
    """Carry out what is due in a lane."""
    if _work is None:
        raise RuntimeError("this process serves no wake-ups; start it as `flask worker`")
    _work(lane)
