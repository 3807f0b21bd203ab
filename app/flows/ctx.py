"""What a node may see while it decides: a read-only view of the ticket, the moment and the world."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.core.calendar import Calendar
from app.core.expressions import Env
from app.core.expressions.dates import day_text, local_day
from app.flows.conditions import Condition
from app.flows.config import CHIP
from app.flows.world import World


class Place(Protocol):
    """What a node type may know of the node it decides for: its id and, port by port, where its edges lead."""

    @property
    def id(self) -> str: ...

    @property
    def outs(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who selectors mean: `people` all of them, `groups` the keys that admit them, `named` those in no group."""

    people: list[str]
    groups: list[str]
    named: list[str]


class Ctx:
    """`node`, `visit`, `now`, `world`, `state` (the ticket's; never to be changed), `memo` (what the node kept), `by`
    (who completed the last task on this token's way)."""

    __slots__ = ("by", "env", "memo", "node", "now", "state", "visit", "world")

    def __init__(self, node: Place, visit: int, state: Mapping[str, Any], now: int, world: World, env: Env,
                 memo: Mapping[str, Any] | None = None, by: str | None = None) -> None:
        self.node = node
        self.visit = visit
        self.state = state
        self.now = now
        self.world = world
        self.env = env
        self.memo = memo or {}
        self.by = by

    @property
    def owner(self) -> str | None:
        """Who has the ticket."""
        return self.state["ticket"].get("owner")

    @property
    def day(self) -> int:
        """The number of the day where the ticket is."""
        return local_day(self.now, self.env.tz)

    @property
    def today(self) -> str:
        """The same day as it is written: "2026-05-01"."""
        return day_text(self.day)

    def has_edge(self, port: str) -> bool:
        """Whether the designer connected this way out."""
        return port in self.node.outs

    def people(self, selectors: Sequence[Mapping[str, Any]]) -> list[str]:
        """The active people whom selectors mean."""
        return self.world.people(selectors, self.state) if selectors else []

    def crowd(self, selectors: Sequence[Mapping[str, Any]]) -> Crowd:
        """The same with the groups that admit them: what a task for several people needs."""
        return Crowd(self.people(selectors), self.world.groups(selectors, self.state),
                     self.people([selector for selector in selectors if "role" not in selector]))

    def avoided(self, people: Sequence[str]) -> list[str]:
        """Whom to pass over this time: never everybody."""
        avoid = [person for person in self.state["ticket"].get("avoid", ()) if person in people]
        return avoid if len(avoid) < len(people) else []

    def calendar(self, id: str) -> Calendar:
        """The business calendar that a `CalendarRef` names."""
        return self.world.calendar(id)

    def scope(self) -> dict[str, Any]:
        """What conditions and chips can name."""
        ticket = self.state["ticket"]
        return {"form": self.state["form"], "vars": self.state["vars"], "customer": self.state["customer"],
                "ticket": ticket, "ctx": {"node": self.node.id, "channel": ticket.get("channel")}}

    def told(self) -> dict[str, bool]:
        """Whom this visit has sent messages, and whether they have read any of them."""
        begin, told = f"{self.node.id}:{self.visit}:", dict[str, bool]()
        for key, message in sorted(self.state["messages"].items()):
            if key.startswith(begin) and message["to"] is not None:
                told[message["to"]] = told.get(message["to"], False) or message["read"] is not None
        return told

    def holds(self, condition: Condition) -> tuple[bool, str | None]:
        """(verdict, error code or None)."""
        return condition.holds(self.scope(), self.env)

    def value(self, ref: str) -> Any:
        """What a reference holds now, raw; None where there is nothing."""
        found: Any = self.scope()
        for name in ref.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def render(self, template: Any) -> Any:
        """JSON with the chips in its texts replaced. A text that is one chip becomes the value itself."""
        if isinstance(template, str):
            whole = CHIP.fullmatch(template.strip())
            if whole:
                return self.value(whole[1])
            return CHIP.sub(lambda chip: words(self.value(chip[1])), template)
        if isinstance(template, Mapping):
            return {key: self.render(value) for key, value in template.items()}
        if isinstance(template, list):
            return [self.render(value) for value in template]
        return template


def words(value: Any) -> str:
    """A value as plain text, for keywords and chips within a sentence."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return " ".join(words(part) for part in value.values())
    if isinstance(value, list):
        return "\n".join(words(part) for part in value)
    return str(value)
