"""What a load rehearsal runs on: the flow as numbers. Made by `model.model_of`, read by `run.run`. Immutable.

Steps are known by their place in `Model.steps`, people by theirs in `Model.people`. A *crew* is a set of people any of
whom can do a piece of work. Times are epoch milliseconds UTC, lengths milliseconds.
"""
from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import log, sqrt
from typing import Any

from app.flows.directory import Directory
from app.flows.model import Node

PASS, WORK, WAIT, FORK, JOIN, LOOP, ASSIGN, END = range(8)
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something takes. `kind`: "range" (least – likely – most, a triangle), "mean" (exponential), "marks"
    (measured: values at evenly spaced shares of the cases)."""

    kind: str
    values: tuple[float, ...]

    def at(self, shares: Sequence[float]) -> list[int]:
        """The lengths at these shares (0 ≤ share < 1) of all cases, in whole milliseconds."""
        if self.kind == "mean":
            mean = self.values[0]
            return [int(-mean * log(1.0 - share)) for share in shares]
        if self.kind == "marks":
            marks, last = self.values, len(self.values) - 1
            return [int(marks[int(share * last)] + (marks[int(share * last) + 1] - marks[int(share * last)])
                        * (share * last % 1)) for share in shares] if last else [int(marks[0]) for _ in shares]
        least, likely, most = self.values
        width = most - least
        if not width:
            return [int(least) for _ in shares]
        turn, up, down = (likely - least) / width, width * (likely - least), width * (most - likely)
        return [int(least + sqrt(share * up)) if share < turn else int(most - sqrt((1.0 - share) * down))
                for share in shares]


class Hours:
    """Open hours as sorted intervals; `opens`, `closes` cover the whole rehearsal. Shared by runs, never changed."""

    __slots__ = ("before", "closes", "name", "opens", "until")

    def __init__(self, name: str, spans: Sequence[tuple[int, int]]) -> None:
        self.name = name
        self.opens = [opens for opens, _ in spans]
        self.closes = [closes for _, closes in spans]
        self.before = [0, *accumulate(closes - opens for opens, closes in spans)]
        self.until = self.before[1:]

    def worked(self, at: int) -> int:
        """Open ms from the beginning until `at`."""
        found = bisect_right(self.opens, at) - 1
        return 0 if found < 0 else self.before[found] + min(at, self.closes[found]) - self.opens[found]

    def finish(self, start: int, length: int) -> int | None:
        """When `length` open ms from `start` on are over; None beyond the rehearsal's end."""
        wanted = self.worked(start) + length
        found = bisect_left(self.until, wanted)
        return None if found == len(self.opens) else self.opens[found] + wanted - self.before[found]


@dataclass(frozen=True, slots=True)
class Who:
    """Whose work it is: a crew, one for each row of a table (`ref`: number of the reference), or the ticket's owner.

    `by_owner`: owner → crew, for the owner's superiors; `before`: of whoever worked on the ticket last instead.
    `crews[0]` is the crew where neither applies.
    """

    crews: tuple[int, ...]
    ref: int = -1
    owner: bool = False
    by_owner: Mapping[int, int] | None = None
    before: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `ways`: (share up to here, step, port); `late`: where a timeout leads; `votes`: how many must vote;
    `team`: the one to which somebody could be added. `rules`: the flow's own step, where its settings choose people by
    more than who has least to do; `limited`: whoever claims here may have had enough."""

    id: str
    name: Any
    kind: int
    ways: tuple[tuple[float, int, str], ...] = ()
    takes: Spread | None = None
    who: Who | None = None
    backup: Who | None = None
    timeout: int | None = None
    late: int = NOWHERE
    answered: float = 1.0
    claims: bool = False
    votes: str = "one"  # "one" | "all" | "turn" | a share in percent
    most: int | None = None
    team: int = NOWHERE
    rules: Node | None = None
    limited: Node | None = None
    clocks: tuple[int, ...] = ()
    pauses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """An SLA: `levels` are (port, working ms) in their order, `due` the working ms of the promise itself."""

    id: str
    name: Any
    due: int
    levels: tuple[tuple[str, int], ...]
    hours: int


@dataclass(frozen=True, slots=True)
class Worker:
    """A person; `extra`: not one of the company, but what a manager wants to try."""

    id: str
    name: str
    hours: int
    teams: tuple[str, ...]
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence to be worded for the reader: an assumption, or a result. `edit`: the setting that changes it."""

    code: str
    node: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    edit: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """Those who share work: a role or a department, as many as the company has (`has`) and as are tried (`people`)."""

    key: str
    name: Any
    has: int
    people: int
    hours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """Everything a run needs. `arrivals`: (share up to here, begins, lasts) of each hour in which tickets come.

    `refs`: the rows that each reference may name; `values`: what else tickets say, as far as rules ask.
    """

    flow: str
    steps: tuple[Step, ...]
    starts: tuple[tuple[float, int], ...]
    people: tuple[Worker, ...]
    crews: tuple[tuple[int, ...], ...]
    refs: tuple[tuple[str, tuple[str, ...]], ...]
    values: tuple[tuple[str, tuple[Any, ...]], ...]
    clocks: tuple[Clock, ...]
    hours: tuple[Hours, ...]
    arrivals: tuple[tuple[float, int, int], ...]
    tickets: int
    begins: int
    ends: int
    horizon: int
    teams: tuple[Team, ...]
    assumptions: tuple[Line, ...]
    directory: Directory
    tz: tuple[tuple[int, int], ...]

    def arrive(self, shares: Sequence[float]) -> list[int]:
        """When tickets come that lie at these shares of the window's load; in order."""
        ends, found = [share for share, _, _ in self.arrivals], []
        for share in sorted(shares):
            at = min(bisect_right(ends, share), len(ends) - 1)
            low = ends[at - 1] if at else 0.0
            _, begins, lasts = self.arrivals[at]
            found.append(begins + int((share - low) / (ends[at] - low) * lasts))
        return found
