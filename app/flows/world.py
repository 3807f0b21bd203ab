"""What the engine must be handed from outside: people, calendars, time zones, chance."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.core.calendar import Calendar


class World(Protocol):
    """All that the engine cannot know by itself. Live: the organisation and the database; sandbox: a scenario.

    `selectors` are compiled ones of a `People` property; `state` is the ticket's (for `of` and `ref`).
    """

    def people(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        """Active people, each once, in a stable order."""

    def groups(self, selectors: Sequence[Mapping[str, Any]], state: Mapping[str, Any]) -> list[str]:
        """Group keys whose members may act: `R@`, `R@scope=value`."""

    def may(self, person: str, groups: Sequence[str], people: Sequence[str]) -> bool:
        """Whether an active person is one of `people` or in one of `groups`."""

    def open_tasks(self, people: Sequence[str]) -> dict[str, int]:
        """How many open tasks each of them is assigned, over all tickets (0 included)."""

    def calendar(self, id: str) -> Calendar:
        """The business calendar, "always" included; Problem for an unknown one."""

    def person(self, id: str) -> Mapping[str, Any] | None:
        """`{"id", "name", "active"}` or None."""

    def tz(self, now: int) -> Sequence[Sequence[int]]:
        """Offsets `[[from_ms, offset_min], …]` of the ticket's time zone around `now`, for expressions."""

    def pick(self, n: int) -> int:
        """Whose turn it is, 0 … n-1: rotates from ticket to ticket (round robin)."""
