"""Who gets a ticket: strategies over the people who could, each with its scores and its reason."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.flows.base import Note
from app.flows.ctx import Ctx


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen among `candidates` and why; `scores` per person (for least_loaded: open tasks)."""

    person: str | None
    strategy: str
    candidates: Sequence[str]
    reason: str
    scores: dict[str, int] = field(default_factory=dict)
    avoided: Sequence[str] = ()

    def note(self) -> Note:
        """The event that answers "why him?" later."""
        return Note("assign.decided", {
            "strategy": self.strategy, "candidates": list(self.candidates), "scores": self.scores,
            "chosen": self.person, "reason": self.reason, "avoided": list(self.avoided),
        })


def choose(ctx: Ctx, people: Sequence[str], strategy: str, reason: str) -> Choice:
    """One of `people`, passing over whom the ticket is to avoid while there is somebody else."""
    avoided = ctx.avoided(people)
    candidates = [person for person in people if person not in avoided]
    if not candidates:
        return Choice(None, strategy, [], "nobody")
    person, scores = STRATEGIES[strategy](ctx, candidates)
    return Choice(person, strategy, candidates, reason, scores, avoided)


def _least_loaded(ctx: Ctx, candidates: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Fewest open tasks; between equals the first in the resolver's order, so that the sandbox tells what will be."""
    loads = ctx.world.open_tasks(candidates)
    scores = {person: loads.get(person, 0) for person in candidates}
    return min(candidates, key=lambda person: scores[person]), scores


def _round_robin(ctx: Ctx, candidates: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Each in turn."""
    turn = ctx.world.pick(len(candidates))
    return candidates[turn], {person: (at - turn) % len(candidates) for at, person in enumerate(candidates)}


STRATEGIES: dict[str, Callable[[Ctx, Sequence[str]], tuple[str, dict[str, int]]]] = {
    "least_loaded": _least_loaded, "round_robin": _round_robin,
}
