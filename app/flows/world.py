"""What the engine must be handed from outside: people and what is known of them, calendars, time zones, tallies."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.core.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was done: `turn` counts every time, `n` those within `span` (a day, say); `at`: the last
    time, epoch ms, 0: never."""

    turn: int = 0
    at: int = 0
    span: int = 0
    n: int = 0

    def after(self, n: int, span: int, now: int) -> Tally:
        """As it is once a `Tick` is counted."""
        return Tally(self.turn + 1, now, span, n + (self.n if self.span == span else 0))


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at a step: how many open tasks, and since when the oldest (epoch ms, None: nothing waits)."""

    count: int = 0
    since: int | None = None


class World(Protocol):
    """All that the engine cannot know by itself. Live: the organisation and the database; sandbox: a scenario.

    `selectors` are compiled ones of a `People` property; `state` is the ticket's (for `of` and `ref`).
    """

    def people(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        """Active people, each once, in a stable order."""

    def groups(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        """Group keys whose members may act: `R@`, `R@scope=value`."""

    def line(self, person: str) -> list[str | None]:
        """Who leads this person's department, and each department above it; None where nobody at work does."""

    def may(self, person: str, groups: Sequence[str], people: Sequence[str]) -> bool:
        """Whether an active person is one of `people` or in one of `groups`."""

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]:
        """At one moment: how many open tasks each of these people is assigned, over all tickets, and what `Tick`s
        counted under these keys of this ticket type (`@…`: of the whole company). Every person and key included."""

    def fact(self, kind: str, people: Sequence[str], state: Mapping[str, Any], now: int) -> dict[str, Any]:
        """One kind of fact about each of them.

        `skills` {name: level 1 … 5} · `places` [(lat, lng)], their own or those of the rows they are responsible for ·
        `on_duty` whether their shift is on (True without a shift) · `served` epoch ms at which they last had an earlier
        ticket of this customer, or None.
        """

    def backlog(self, node: str) -> Backlog:
        """What waits at a step, of all tickets of this ticket's type."""

    def row(self, source: str, id: str) -> Mapping[str, Any] | None:
        """A row of a source that people are responsible for (stores), or None."""

    def calendar(self, id: str) -> Calendar:
        """The business calendar, "always" included; Problem for an unknown one."""

    def person(self, id: str) -> Mapping[str, Any] | None:
        """`{"id", "name", "active"}` or None."""

    def tz(self, now: int) -> Sequence[Sequence[int]]:
        """Offsets `[[from_ms, offset_min], …]` of the ticket's time zone around `now`, for expressions."""
