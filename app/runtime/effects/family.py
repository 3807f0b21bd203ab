"""What tickets tell each other: a child its parent that it is over, a withdrawn parent its children."""
from __future__ import annotations

from collections.abc import Callable

from app.core.errors import Problem
from app.runtime import service
from app.runtime.effects.base import Effect, EffectError, Result, Work


class TellParent(Effect):
    """A sub-ticket is over."""

    name = "parent.tell"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """Tell the ticket it was opened for; whether that still waits for it is its own affair."""
        parent = work.payload["parent"]
        told = {**work.payload["ended"], "id": work.ticket_id, "no": work.no}
        return _told(lambda: service.child_ended(parent["id"], parent["key"], told))


class WithdrawChild(Effect):
    """A ticket was withdrawn, and its sub-ticket with it."""

    name = "child.withdraw"
    lane = "internal"
    outward = False

    def run(self, work: Work) -> Result:
        """End it without a result."""
        return _told(lambda: service.withdraw_child(work.payload["child"], work.payload["note"]))


def _told(tell: Callable[[], None]) -> Result:
    try:
        tell()
    except Problem as problem:
        raise EffectError(problem.code, permanent=problem.code != "ticket_busy") from problem
    return Result()
