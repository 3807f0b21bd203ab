"""A made-up company for the sandbox: what the engine asks of the world, and what forms ask of theirs."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.core.calendar import Calendar, tz_table
from app.flows.directory import Directory, Staffed
from app.flows.world import Backlog, Tally

CUSTOMER = "customer"


class SandboxWorld(Staffed):
    """A company for one scenario. `counted` counts this ticket's tasks and those that people are said to have already.

    `directory`: the company where it is a real one; else it is made up from `org`.
    """

    def __init__(self, org: Mapping[str, Any], directory: Directory | None = None) -> None:
        self.directory = directory or Directory(org)
        self.everybody = ([person["id"] for person in org.get("people", ())] if directory is None
                          else [person["id"] for person in directory.members()])
        self.state: Mapping[str, Any] = {}
        self._loads = {person["id"]: person.get("open_tasks", 0) for person in org.get("people", ())}
        self._tz = org.get("tz", "Asia/Shanghai")
        self._served = {person["id"]: person.get("served") for person in org.get("people", ())}
        self._backlog: Mapping[str, Any] = org.get("backlog") or {}
        self._tallies: dict[str, Tally] = {}

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]:
        mine = [task["assignee"] for task in self.state.get("tasks", {}).values()]
        return ({person: self._loads.get(person, 0) + mine.count(person) for person in people},
                {key: self._tallies.get(key, Tally()) for key in keys})

    def fact(self, kind: str, people: Sequence[str], state: Mapping[str, Any], now: int) -> dict[str, Any]:
        if kind == "served":  # in a scenario: how long before the ticket came
            opened = state["ticket"]["opened"]
            return {person: None if (ago := self._served.get(person)) is None else opened - ago for person in people}
        return self.directory.fact(kind, people, now)

    def tick(self, effect: Mapping[str, Any], now: int) -> None:
        """Count, as the runtime does when it saves a step."""
        old = self._tallies.get(effect["key"], Tally())
        self._tallies[effect["key"]] = old.after(effect["n"], effect["span"], now)

    def backlog(self, node: str) -> Backlog:
        mine = [task for task in self.state.get("tasks", {}).values() if task["node"] == node]
        said = self._backlog.get(node) or {}
        ago = said.get("oldest")
        since = None if ago is None else self.state["ticket"]["opened"] - ago
        if since is None and mine:
            since = self.state["ticket"]["opened"]
        return Backlog(said.get("waiting", 0) + len(mine), since)

    def row(self, source: str, id: str) -> Mapping[str, Any] | None:
        return self.directory.row(source, id)

    def calendar(self, id: str) -> Calendar:
        return self.directory.calendar(id)

    def person(self, id: str) -> Mapping[str, Any] | None:
        return self.directory.person(id)

    def tz(self, now: int) -> Sequence[Sequence[int]]:
        return tz_table(self._tz, now)


class _AnyKind(str):
    """The kind of a sample attachment: a photo where photos are asked for, a recording where recordings are."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, str)

    __hash__ = str.__hash__


class Company(Protocol):
    """Where a scenario plays: a made-up company, or the real one, of which nothing is changed."""

    def world(self) -> SandboxWorld:
        """What the engine asks, anew for each scenario."""

    def ports(self, customer: Mapping[str, Any]) -> Any:
        """What forms ask (forms.base.FormPorts); `customer` is the scenario's."""


class Samples:
    """The part of a form's ports that no company has in a sandbox: files, the customer, whoever asks.

    Every attachment exists; nothing is read from disk.
    """

    def __init__(self, customer: Mapping[str, Any]) -> None:
        self._customer = {"id": CUSTOMER, **customer}

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """A small file for every id."""
        return {id: {"kind": _AnyKind("image"), "size": 1, "mime": "", "name": id, "field": "", "ms": None}
                for id in ids}

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        """The scenario's customer."""
        return self._customer if customer_id == self._customer["id"] else None

    def me(self) -> str | None:
        """Nobody in particular fills a scenario's forms in."""
        return None


class SandboxPorts(Samples):
    """A made-up company as a form sees it."""

    def __init__(self, world: SandboxWorld, customer: Mapping[str, Any]) -> None:
        super().__init__(customer)
        self._directory = world.directory

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        """The row, or None."""
        return self._directory.row(source, row_id)

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]]:
        """The rows of a source; with words those whose id or name holds them."""
        return [row for row in self._directory.rows(source) if words in row["id"] or words in str(row["name"])]

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        """A colleague, those who left too."""
        return self._directory.member(person_id, roles, department)

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        """Colleagues at work."""
        return self._directory.members(roles, department)


class MadeUp:
    """The company of a file of scenarios."""

    def __init__(self, org: Mapping[str, Any]) -> None:
        self._org = org

    def world(self) -> SandboxWorld:
        """As the file says."""
        return SandboxWorld(self._org)

    def ports(self, customer: Mapping[str, Any]) -> SandboxPorts:
        """The same for forms."""
        return SandboxPorts(self.world(), customer)
