"""A loaded flow: everything the engine looks up while a ticket runs, computed once."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from app.core.errors import Problem
from app.core.expressions.errors import Fail
from app.core.expressions.values import read_number
from app.flows.base import NodeType, Port, Text

#: Kinds of variables → their type in expressions.
VAR_TYPES = {"text": "text", "choice": "text", "number": "number", "bool": "bool", "date": "date",
             "datetime": "time", "list": "list"}


@dataclass(frozen=True, slots=True)
class Var:
    """A variable of the flow; `values` are the allowed ones of a choice."""

    key: str
    type: str
    values: tuple[str, ...] = ()
    default: Any = None

    @property
    def kind(self) -> str:
        """Its type in expressions."""
        return VAR_TYPES[self.type]

    def problem(self, value: Any) -> Problem | None:
        """Why `value` cannot be stored here, or None. Empty (None) always can."""
        fine = value is None or {
            "text": isinstance(value, str),
            "choice": isinstance(value, str) and value in self.values,
            "number": _is_number(value),
            "bool": isinstance(value, bool),
            "date": isinstance(value, str),
            "datetime": isinstance(value, str),
            "list": isinstance(value, list),
        }[self.type]
        return None if fine else Problem("flow_bad_var_value", var=self.key, value=str(value)[:60],
                                         allowed=", ".join(self.values) or self.type)


@dataclass(frozen=True, slots=True)
class Edge:
    """From a port of a node into a node."""

    id: str
    source: str
    port: str
    target: str


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the flow. `config` is loaded (a namespace), `raw` as written; `outs`: port → edge."""

    id: str
    type: NodeType
    name: Text
    config: SimpleNamespace
    raw: Mapping[str, Any]
    fields: Mapping[str, str]
    ports: tuple[Port, ...]
    attach: tuple[str, ...] = ()
    outs: Mapping[str, Edge] = field(default_factory=dict)

    def has_port(self, port: str) -> bool:
        """Whether this node has such a way out."""
        return any(known.id == port for known in self.ports)


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow, ready to run. Immutable and shared by threads.

    `blocks`: fork → the nodes between it and its join; `joins`: fork → its join; `clocks`: the nodes that cover others.
    """

    key: str
    name: Text
    form: str | None
    vars: Mapping[str, Var]
    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    sources: Mapping[str, str]
    blocks: Mapping[str, frozenset[str]]
    joins: Mapping[str, str]
    clocks: tuple[Node, ...]
    raw: Mapping[str, Any]

    def triggers(self) -> list[Node]:
        """The nodes that open a ticket."""
        return [node for node in self.nodes.values() if node.type.group == "trigger"]

    def action_requires(self, node_id: str, action: str) -> bool:
        """Whether required answers of the node must be there for this action (a return needs none)."""
        node = self.nodes[node_id]
        return all(known.requires for known in node.type.actions(node.config) if known.id == action)


def _is_number(value: Any) -> bool:
    """Whether expressions can read it: what they refuse would fail in every condition that asks for it."""
    try:
        return not isinstance(value, bool) and read_number(value) is not None
    except Fail:
        return False


def inside(fork: str, join: str | None, outs: Mapping[str, list[str]]) -> frozenset[str]:
    """The nodes between a fork and its join: reached from the fork, and reaching the join, without passing either.

    Without a join everything that the fork reaches. `outs`: node → the nodes its edges lead to.
    """
    ends = {fork, join}
    ahead = reach(outs.get(fork, ()), outs, ends)
    if join is None:
        return frozenset(ahead)
    back: dict[str, list[str]] = {}
    for node, targets in outs.items():
        for target in targets:
            back.setdefault(target, []).append(node)
    return frozenset(ahead & reach(back.get(join, ()), back, ends))


def reach(first: Any, outs: Mapping[str, list[str]], ends: set[Any]) -> set[str]:
    """The nodes that are reached from `first` without passing `ends`; `outs` as in `inside`."""
    found: set[str] = set()
    todo = list(first)
    while todo:
        node = todo.pop()
        if node not in found and node not in ends:
            found.add(node)
            todo += outs.get(node, ())
    return found
