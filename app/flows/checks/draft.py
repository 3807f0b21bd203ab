"""A flow as it was drawn, however broken: what can be read of the raw JSON.

The engine's loader refuses a broken definition; the designer needs every problem of it at once. So the checks read the
raw JSON through this tolerant picture. What it leaves out as unreadable is what the loader refuses (see `refused`).
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeGuard

from app.core.catalog import Catalog
from app.core.errors import Finding, TooLarge, localized
from app.flows.base import NodeType, Port, Text
from app.flows.checks.walk import Place, walk
from app.flows.schema import MAX_EDGES, MAX_NODES

MAX_CHARS = 2_000_000
MAX_DEPTH = 40


@dataclass(slots=True)
class Step:
    """One readable node. `kind` is its node type, None if that is not installed; `ports` its ways out by id."""

    id: str
    index: int
    type: str
    version: Any
    name: Text
    config: Mapping[str, Any]
    attach: tuple[str, ...]
    kind: NodeType | None
    ports: Mapping[str, Port]

    @property
    def is_end(self) -> bool:
        """Whether the ticket is over here: a step to be entered that has no way out."""
        kind = self.kind
        return kind is not None and kind.has_input and not kind.outputs and not kind.ports_from


@dataclass(slots=True)
class Link:
    """One readable edge between nodes that may or may not exist."""

    id: str
    index: int
    source: str
    port: str
    target: str
    entry: str


def error(code: str, node: str = "", port: str = "", field: str = "", fix: Mapping[str, Any] | None = None,
          **params: Any) -> Finding:
    """A finding that blocks publishing."""
    return Finding("error", code, node, port, field, params, fix)


def warning(code: str, node: str = "", port: str = "", field: str = "", fix: Mapping[str, Any] | None = None,
            **params: Any) -> Finding:
    """A finding that needs a tick."""
    return Finding("warning", code, node, port, field, params, fix)


def measure(data: Any) -> None:
    """Refuse what is too large to check: TooLarge names the limit. Characters are counted, level by level."""
    level, depth, chars = [data], 0, 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise TooLarge("check_too_deep", limit=MAX_DEPTH)
        below: list[Any] = []
        for value in level:
            kind = value.__class__
            if kind is str:
                chars += len(value) + 2
            elif kind is dict:
                below += value.values()
                chars += sum(map(len, value)) + 4 * len(value)
            elif kind is list:
                below += value
            else:
                chars += 4
        if chars > MAX_CHARS:
            raise TooLarge("check_too_large", limit_mb=MAX_CHARS // 1_000_000)
        level = below
    if isinstance(data, dict):
        for key, limit in (("nodes", MAX_NODES), ("edges", MAX_EDGES)):
            if isinstance(data.get(key), list) and len(data[key]) > limit:
                raise TooLarge(f"check_too_many_{key}", key, count=len(data[key]), limit=limit)


@dataclass
class Draft:
    """Readable nodes by id, readable edges in order, and what was found while reading."""

    data: Mapping[str, Any]
    steps: dict[str, Step] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def title(self, node: str) -> Text:
        """What a person calls the node: a text or {locale: text}."""
        step = self.steps.get(node)
        return step.name if step else node

    def titles(self, nodes: Iterable[str], between: str = " → ") -> Text:
        """Several of them in a row."""
        names = [self.title(node) for node in nodes]
        return {locale: between.join(str(localized(name, locale)) for name in names) for locale in ("zh", "en")}

    def label(self, node: str, port: str) -> Text:
        """What a person calls the port, a text or {locale: text}; its id where it has no label."""
        found = self.steps[node].ports.get(port)
        return (found.label if found else "") or port

    @cached_property
    def properties(self) -> dict[str, list[Place]]:
        """Every property of every step's settings, found by its class in the node type's schema."""
        return {step.id: walk(step.kind.Config, step.config) if step.kind else [] for step in self.steps.values()}

    @cached_property
    def joined(self) -> list[Link]:
        """Edges whose two nodes exist."""
        return [link for link in self.links if link.source in self.steps and link.target in self.steps]

    @cached_property
    def out(self) -> dict[str, list[Link]]:
        return _grouped(self.steps, self.joined, lambda link: link.source)

    @cached_property
    def into(self) -> dict[str, list[Link]]:
        return _grouped(self.steps, self.joined, lambda link: link.target)

    @cached_property
    def triggers(self) -> list[Step]:
        return [step for step in self.steps.values() if step.kind and step.kind.group == "trigger"]

    @cached_property
    def ends(self) -> list[Step]:
        return [step for step in self.steps.values() if step.is_end]

    @cached_property
    def main(self) -> set[str]:
        """Nodes that a ticket can enter from a trigger."""
        return self.reach(step.id for step in self.triggers)

    @cached_property
    def side(self) -> set[str]:
        """Nodes on a timer's side path only: these need no end."""
        timers = (step.id for step in self.steps.values() if step.kind and step.kind.attaches)
        return self.reach(timers) - self.main

    @cached_property
    def ahead(self) -> dict[str, list[str]]:
        """Node → where its lines lead."""
        return {node: [link.target for link in links] for node, links in self.out.items()}

    @cached_property
    def behind(self) -> dict[str, list[str]]:
        """Node → where the lines into it begin."""
        return {node: [link.source for link in links] for node, links in self.into.items()}

    @cached_property
    def taken(self) -> dict[str, set[str]]:
        """Node → its ways out that have a line."""
        return {node: {link.port for link in links} for node, links in self.out.items()}

    @cached_property
    def pausing(self) -> set[str]:
        """Nodes where a ticket stops until somebody or something answers; a join only gathers."""
        return {step.id for step in self.steps.values()
                if step.kind is None or (step.kind.waits and step.kind.group != "branch")}

    @cached_property
    def downstream(self) -> list[str]:
        """Nodes so that what runs straight into another comes before it, without those in a circle or behind one."""
        waiting = {node: sum(source not in self.pausing for source in sources) for node, sources in self.behind.items()}
        ready = [node for node, count in waiting.items() if not count]
        for node in ready:
            if node not in self.pausing:
                for target in self.ahead[node]:
                    waiting[target] -= 1
                    if not waiting[target]:
                        ready.append(target)
        return ready

    def reach(self, starts: Iterable[str], without: Iterable[str] = ()) -> set[str]:
        """The starts and all that follows them, never entering `without`."""
        return _closure(starts, without, self.ahead)

    def reach_back(self, ends: Iterable[str], without: Iterable[str] = ()) -> set[str]:
        """The ends and all that leads to them, never through `without`."""
        return _closure(ends, without, self.behind)


def _grouped(steps: Mapping[str, Step], links: Iterable[Link], key: Callable[[Link], str]) -> dict[str, list[Link]]:
    groups: dict[str, list[Link]] = {node: [] for node in steps}
    for link in links:
        groups[key(link)].append(link)
    return groups


def _closure(starts: Iterable[str], without: Iterable[str], following: Mapping[str, Sequence[str]]) -> set[str]:
    barred = set(without)
    found = set(starts) - barred
    todo, seen = list(found), found | barred
    while todo:
        for node in following[todo.pop()]:
            if node not in seen:
                seen.add(node)
                todo.append(node)
    return seen - barred


def components(nodes: Sequence[str], following: Callable[[str], Iterable[str]]) -> Iterator[list[str]]:
    """Strongly connected components (Tarjan, without recursion), each in order of discovery."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in nodes:
        if root in number:
            continue
        work = [(root, iter(following(root)))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            child = next(rest, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    at = len(stack) - 1
                    while stack[at] != node:
                        at -= 1
                    yield stack[at:]
                    on_stack.difference_update(stack[at:])
                    del stack[at:]
            elif child not in number:
                number[child] = low[child] = len(number)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(following(child))))
            elif child in on_stack:
                low[node] = min(low[node], number[child])


def read(data: Mapping[str, Any], catalog: Catalog) -> Draft:
    """The readable picture of `data`; `draft.findings` says what was there twice or is not installed."""
    draft = Draft(data)
    for index, raw in enumerate(_listed(data, "nodes")):
        _read_node(draft, index, raw, catalog)
    seen: set[str] = set()
    for index, raw in enumerate(_listed(data, "edges")):
        link = _read_edge(index, raw)
        if link is None:
            continue
        if link.id in seen:
            draft.findings.append(error("check_duplicate_edge", link.source, link.port, edge=link.id,
                                        fix={"do": "rename_edge", "index": index}))
        seen.add(link.id)
        draft.links.append(link)
    return draft


def _listed(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _read_node(draft: Draft, index: int, raw: Any, catalog: Catalog) -> None:
    if not isinstance(raw, dict) or not _text(raw.get("id")) or not _text(raw.get("type")):
        return
    node = raw["id"]
    if node in draft.steps:
        draft.findings.append(error("check_duplicate_id", node, id=node, name=draft.title(node),
                                    fix={"do": "rename_node", "index": index}))
        return
    name, config, attach = raw.get("name"), raw.get("config", {}), raw.get("attach", [])
    config = config if isinstance(config, dict) else {}
    kind = find_type(catalog, raw["type"], raw.get("tv", 1))
    if kind is None:
        draft.findings.append(_unknown_type(catalog, node, raw["type"], raw.get("tv", 1)))
    draft.steps[node] = Step(
        node, index, raw["type"], raw.get("tv", 1), name if name and isinstance(name, (str, dict)) else node, config,
        tuple(item for item in attach if isinstance(item, str)) if isinstance(attach, list) else (),
        kind, {port.id: port for port in kind.ports(config)} if kind else {})


def _text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 200


def find_type(catalog: Catalog, type_: str, version: Any) -> NodeType | None:
    """The node type, or None."""
    return catalog.nodes.find((type_, version)) if isinstance(version, int) else None


def newest(catalog: Catalog) -> dict[str, int]:
    """The newest installed version of each node type."""
    versions: dict[str, int] = {}
    for name, version in catalog.nodes:
        versions[name] = max(version, versions.get(name, 0))
    return versions


def _unknown_type(catalog: Catalog, node: str, type_: str, version: Any) -> Finding:
    latest = newest(catalog).get(type_)
    if latest:
        return error("check_unknown_version", node, type=type_, version=str(version)[:20], latest=latest,
                     fix={"do": "set_version", "node": node, "tv": latest})
    return error("check_unknown_type", node, type=type_[:60])


def _read_edge(index: int, raw: Any) -> Link | None:
    if not isinstance(raw, dict):
        return None
    begins, ends = raw.get("from"), raw.get("to")
    if not _text(begins) or not _text(ends):
        return None
    source, leads, port = begins.partition(":")
    target, enters, entry = ends.partition(":")
    if not leads or not enters:
        return None
    edge = raw.get("id")
    return Link(edge if isinstance(edge, str) and edge else f"#{index}", index, source, port, target, entry)
