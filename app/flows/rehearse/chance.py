"""All chance of a run, from its seed alone.

Every draw belongs to (what, step, visit, ticket), not to a moment: two runs with the same seed give each ticket the
same arrival, the same way through a branch and the same handling time, however many people there are. What differs
between them is then what the change did, not luck (common random numbers).
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from random import Random

from app.flows.rehearse.shape import Step

KEPT_VISITS = 4  # draws of the first visits are made for all tickets at once


class Draws:
    """The draws of one run."""

    def __init__(self, seed: int, tickets: int) -> None:
        self.seed = seed
        self.tickets = tickets
        self._shares: dict[tuple[str, str, int], list[float]] = {}
        self._times: dict[tuple[str, int], list[int]] = {}
        self._ways: dict[tuple[str, int], list[int]] = {}

    def shares(self, what: str, name: str = "", visit: int = 0) -> list[float]:
        """One number in [0, 1) for each ticket."""
        found = self._shares.get((what, name, visit))
        if found is None:
            chance = Random(f"{self.seed}/{what}/{name}/{visit}").random
            found = self._shares[what, name, visit] = [chance() for _ in range(self.tickets)]
        return found

    def share(self, what: str, name: str, visit: int, ticket: int) -> float:
        """The number of one ticket."""
        if visit <= KEPT_VISITS:
            return self.shares(what, name, visit)[ticket]
        return Random(f"{self.seed}/{what}/{name}/{visit}/{ticket}").random()

    def takes(self, step: Step, visit: int, ticket: int) -> int:
        """How long the step takes this ticket, in ms."""
        assert step.takes is not None
        if visit > KEPT_VISITS:
            return step.takes.at([self.share("takes", step.id, visit, ticket)])[0]
        found = self._times.get((step.id, visit))
        if found is None:
            found = self._times[step.id, visit] = step.takes.at(self.shares("takes", step.id, visit))
        return found[ticket]

    def way(self, step: Step, visit: int, ticket: int) -> int:
        """Where the ticket goes from a step with several ways out."""
        if visit > KEPT_VISITS:
            return _targets(step, [self.share("way", step.id, visit, ticket)])[0]
        found = self._ways.get((step.id, visit))
        if found is None:
            found = self._ways[step.id, visit] = _targets(step, self.shares("way", step.id, visit))
        return found[ticket]


def _targets(step: Step, shares: Sequence[float]) -> list[int]:
    ends = [until for until, _, _ in step.ways[:-1]]
    targets = [target for _, target, _ in step.ways]
    return [targets[bisect_right(ends, share)] for share in shares]
