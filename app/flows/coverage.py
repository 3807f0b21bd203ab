"""Which ways out of a flow's steps were ever taken: what scenarios try, and what no scenario tries. Pure."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.flows.model import Flow


@dataclass(frozen=True, slots=True)
class Coverage:
    """`taken`: "node:port" → how often, of every way out that leads somewhere; `missed`: those never taken."""

    taken: Mapping[str, int]

    @property
    def missed(self) -> list[str]:
        return [end for end, count in self.taken.items() if not count]

    @property
    def percent(self) -> int:
        """Rounded down: 100 only where nothing is missing."""
        return 100 * (len(self.taken) - len(self.missed)) // len(self.taken) if self.taken else 100


def coverage(flow: Flow, runs: Iterable[Iterable[Mapping[str, Any]]]) -> Coverage:
    """Over the events of any number of tickets, simulated or real."""
    taken = {f"{edge.source}:{edge.port}": 0 for edge in flow.edges}
    for events in runs:
        for event in events:
            # A level of an SLA clock is left by no token: that it fired is all there is.
            end = f"{event.get('node')}:{event.get('port')}"
            if end in taken and (event["kind"] == "node.left" or _fires(flow, event)):
                taken[end] += 1
    return Coverage(taken)


def _fires(flow: Flow, event: Mapping[str, Any]) -> bool:
    node = flow.nodes.get(event.get("node") or "")
    return event["kind"] == "timer.fired" and node is not None and node.type.attaches
