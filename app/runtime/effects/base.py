"""The contract of effects: work on the world that a worker does for a ticket, after the step that asked for it.

An effect may be carried out more than once (a worker can die between doing it and noting it), always with the same
`idem_key`: who receives it can tell a repetition by it.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

MESSAGE = "message"
LANES = ("internal", "notify", "webhook")


@dataclass(frozen=True, slots=True)
class Work:
    """One effect to carry out. `key` is the flow's name for it; `no` the ticket's number, `token` its link."""

    idem_key: str
    ticket_id: str
    key: str
    no: int
    token: str
    payload: Mapping[str, Any]
    now: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; a job's flow goes on with it. `ok` False: it was done and the other side said no."""

    ok: bool = True
    result: dict[str, Any] = field(default_factory=dict)
    error: str = ""


class EffectError(Exception):
    """It could not be done. `permanent`: trying again cannot help."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.permanent = permanent


class Effect:
    """One kind of effect. Instances hold no state.

    `outward`: somebody outside may notice a repetition, so each one is noted as done the moment it returns; others are
    noted in batches.
    """

    name: ClassVar[str] = ""
    lane: ClassVar[str] = "notify"
    outward: ClassVar[bool] = True
    max_attempts: ClassVar[int] = 12
    backoff_ms: ClassVar[int] = 2_000

    def run(self, work: Work) -> Result:
        """Do it, within ten seconds or its own timeout; raise EffectError if it did not happen."""
        raise NotImplementedError

    def unwanted(self, payload: Mapping[str, Any], result: Result) -> None:
        """What a job brought, and nobody waits for it any more. May be told more than once."""
