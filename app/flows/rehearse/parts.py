"""What moves in a run (tokens, pieces of work) and what is written down of it."""
from __future__ import annotations

from dataclasses import dataclass, field

from app.flows.rehearse.shape import NOWHERE, Model

WAITING, AT_WORK, OVER = range(3)


@dataclass(slots=True)
class Run:
    """What happened: lists by step, by person, by clock, by team, by ticket.

    `waits`: ms of each piece of work; `queued`: working ms waited in all; `stuck`: visits for which there was nobody;
    `late`: left by the timeout. `busy`, `open`: working ms of each person within the window. `levels`, `overdue`:
    tickets of each clock. `queues`: team → ticket → working ms waited for the team, -1 where it was never needed.
    `spent`: ms of each ticket that was closed. `endless`: tickets in a circle that nobody broke.
    `alarms`: backlogs told of, by step.
    """

    visits: list[int]
    waits: list[list[int]]
    queued: list[int]
    longest: list[int]
    longest_at: list[int]
    late: list[int]
    breached: list[int]
    stuck: list[int]
    busy: list[int]
    queues: list[list[int]]
    open: list[int] = field(default_factory=list)
    levels: list[list[int]] = field(default_factory=list)
    overdue: list[int] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)
    closed_in_time: int = 0  # within the window
    endless: int = 0
    alarms: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, model: Model) -> Run:
        """A run of which nothing has happened yet."""
        size = len(model.steps)
        return cls(visits=[0] * size, waits=[[] for _ in range(size)], queued=[0] * size, longest=[0] * size,
                   longest_at=[0] * size, late=[0] * size, breached=[0] * size, stuck=[0] * size,
                   alarms=[0] * size, busy=[0] * len(model.people), queues=[[-1] * model.tickets for _ in model.teams])


class Branch:
    """The tokens between one fork and its join."""

    __slots__ = ("above", "arrived", "need", "tokens")

    def __init__(self, above: Branch | None, need: int) -> None:
        self.above = above
        self.need = need
        self.arrived = 0
        self.tokens: list[Token] = []


class Token:
    """Where a ticket stands; `items`: the work asked for there."""

    __slots__ = ("alive", "at", "branch", "items", "ticket")

    def __init__(self, ticket: int, branch: Branch | None = None) -> None:
        self.ticket = ticket
        self.branch = branch
        self.alive = True
        self.at = NOWHERE
        self.items: list[Item] = []


class Item:
    """A piece of work for a person: `lasts` working ms."""

    __slots__ = ("lasts", "number", "since", "state", "step", "token")

    def __init__(self, number: int, step: int, token: Token, since: int, lasts: int) -> None:
        self.number = number
        self.step = step
        self.token = token
        self.since = since
        self.lasts = lasts
        self.state = WAITING
