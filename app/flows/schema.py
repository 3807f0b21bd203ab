"""`danflow/flow/1`: reading a flow, refusing what is wrong with its place, compiling the rest once.

What is refused here cannot be run or understood; whether a flow that can be run makes sense is for the publish checks.
A node type that is not installed is no refusal: its config is kept and a ticket that comes there parks.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import marshmallow as ma

from app.core.catalog import Catalog
from app.core.errors import Invalid, Problem
from app.flows.base import NodeType
from app.flows.config import (
    BUILD,
    ID,
    Build,
    Integer,
    Items,
    Json,
    Key,
    LocalText,
    PortId,
    Rows,
    Schema,
    Select,
    Text,
    problems_of,
    reader,
    refuse,
    shown,
)
from app.flows.model import VAR_TYPES, Edge, Flow, Node, Var, inside
from app.flows.nodes.unavailable import Unavailable

SCHEMA = "danflow/flow/1"
MAX_NODES, MAX_EDGES, MAX_VARS = 1000, 3000, 100


class _VarSchema(Schema):
    key = PortId(required=True, label={})
    type = Select(required=True, options={kind: kind for kind in VAR_TYPES}, label={})
    values = Items(Text(label={}, max_length=80), label={}, load_default=list)
    default = Json(label={}, load_default=None)
    name = LocalText(label={}, load_default="")


class _NodeSchema(Schema):
    id = PortId(required=True, label={})
    type = Key(required=True, label={})
    tv = Integer(min=1, max=1000, load_default=1, label={})
    name = LocalText(required=True, label={})
    config = Json(load_default=dict, label={})
    attach = Items(PortId(label={}), max=MAX_NODES, load_default=list, label={})
    comment = Text(max_length=2000, load_default="", label={})  # for those who draw the flow


class _EdgeEnd(Text):
    """`"node:port"` → (node, port)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        parts = value.split(":") if isinstance(value, str) else []
        if len(parts) != 2 or not all(ID.fullmatch(part) for part in parts):
            raise refuse("flow_bad_edge_end", value=shown(value))
        return parts[0], parts[1]


class _EdgeSchema(Schema):
    id = Key(required=True, label={})
    source = _EdgeEnd(required=True, data_key="from", label={})
    target = _EdgeEnd(required=True, data_key="to", label={})
    label = LocalText(load_default="", label={})


class _FlowSchema(Schema):
    schema = Select(required=True, options={SCHEMA: SCHEMA}, label={})
    key = PortId(required=True, label={})
    name = LocalText(required=True, label={})
    form = PortId(load_default=None, label={})
    vars = Rows(_VarSchema, max=MAX_VARS, unique="key", load_default=list, label={})
    nodes = Rows(_NodeSchema, min=1, max=MAX_NODES, unique="id", required=True, label={})
    edges = Rows(_EdgeSchema, max=MAX_EDGES, unique="id", load_default=list, label={})
    layout = ma.fields.Raw(load_default=None)  # the designer's own: kept in `raw`, never read here
    scenarios = ma.fields.Raw(load_default=None)  # of an exported file: whoever brings it in keeps them beside the flow


def load_flow(data: Any, catalog: Catalog, types: Mapping[str, str] | None = None, *,
              sources: Mapping[str, str] | None = None) -> Flow:
    """A flow from its JSON.

    `types`: form path → expression type ("form.f_comp": "number"); None: no form at hand, references to it are not
    checked and conditions cannot run. `sources`: reference field → source ("form.f_store": "stores").
    Raises Invalid whose problems carry JSON paths (`nodes[3].config.cases[0].when`).
    """
    token = BUILD.set(Build())
    try:
        try:
            top = reader(_FlowSchema).load(data)
        except ma.ValidationError as error:
            raise Invalid(problems_of(error.messages)) from None
        problems: list[Problem] = []
        variables = _vars(top.vars, problems)
        var_types = {f"vars.{var.key}": var.kind for var in variables.values()}
        BUILD.set(Build({**types, **var_types} if types is not None else None, sources or {}, variables))
        nodes = [_node(entry, index, catalog, problems) for index, entry in enumerate(top.nodes)]
        edges = _edges(top.edges, {node.id: node for node in nodes}, problems)
        for index, node in enumerate(nodes):
            problems += [Problem("flow_unknown_node", f"nodes[{index}].attach[{at}]", node=name)
                         for at, name in enumerate(node.attach) if name not in {other.id for other in nodes}]
        if problems:
            raise Invalid(problems)
        return _flow(top, data, variables, nodes, edges, sources or {})
    finally:
        BUILD.reset(token)


def _vars(rows: list[Any], problems: list[Problem]) -> dict[str, Var]:
    found = {}
    for index, row in enumerate(rows):
        var = Var(row.key, row.type, tuple(row.values), row.default)
        found[var.key] = var
        if problem := var.problem(var.default):
            problem.where = f"vars[{index}].default"
            problems.append(problem)
    return found


def _node(entry: Any, index: int, catalog: Catalog, problems: list[Problem]) -> Node:
    node_type: NodeType | None = catalog.nodes.find((entry.type, entry.tv))
    config: Any = SimpleNamespace()
    if node_type is None:
        node_type = Unavailable(entry.type, entry.tv)
    else:
        try:
            config = reader(node_type.Config).load(entry.config)
        except ma.ValidationError as error:
            problems += problems_of(error.messages, f"nodes[{index}].config")
        problems += _clashes(node_type, entry.config, f"nodes[{index}].config")
    return Node(entry.id, node_type, entry.name, config, entry.config, node_type.rights(config),
                tuple(node_type.ports(entry.config)), tuple(entry.attach))


def _clashes(kind: NodeType, config: Any, where: str) -> Iterator[Problem]:
    """Ways out that a drawer named like one that the type always has: a line could not say which it means."""
    key, _, part = (kind.ports_from or "").partition("[].")
    rows = config.get(key) if isinstance(config, dict) else None
    for at, row in enumerate(rows if isinstance(rows, list) else ()):
        name = row.get(part) if isinstance(row, dict) else None
        if name in [port.id for port in kind.outputs]:  # a list: what is no text at all is refused with the rest
            yield Problem("flow_port_taken", f"{where}.{key}[{at}].{part}", value=name)


def _edges(rows: list[Any], nodes: Mapping[str, Node], problems: list[Problem]) -> list[Edge]:
    edges: list[Edge] = []
    taken: dict[tuple[str, str], str] = {}
    for index, row in enumerate(rows):
        where = f"edges[{index}]"
        (source, port), (target, entry) = row.source, row.target
        problems += [Problem("flow_unknown_node", f"{where}.{end}", node=name)
                     for end, name in (("from", source), ("to", target)) if name not in nodes]
        if target in nodes and (entry != "in" or not nodes[target].type.has_input):
            problems.append(Problem("flow_no_input", f"{where}.to", node=target, port=entry))
        known = nodes.get(source)
        if known and not isinstance(known.type, Unavailable) and not known.has_port(port):
            problems.append(Problem("flow_unknown_port", f"{where}.from", node=source, port=port,
                                    ports=", ".join(other.id for other in known.ports)))
        if (source, port) in taken:
            problems.append(Problem("flow_fan_out", f"{where}.from", node=source, port=port,
                                    edge=taken[source, port]))
        taken[source, port] = row.id
        edges.append(Edge(row.id, source, port, target))
    return edges


def _flow(top: Any, data: Any, variables: dict[str, Var], nodes: list[Node], edges: list[Edge],
          sources: Mapping[str, str]) -> Flow:
    outs: dict[str, list[str]] = {}
    leaving: dict[str, dict[str, Edge]] = {}
    for edge in edges:
        outs.setdefault(edge.source, []).append(edge.target)
        leaving.setdefault(edge.source, {})[edge.port] = edge
    done = {node.id: Node(node.id, node.type, node.name, node.config, node.raw, node.fields, node.ports, node.attach,
                          leaving.get(node.id, {})) for node in nodes}
    joins = {node.config.fork: node.id for node in nodes if node.type.gathers}
    forks = [node.id for node in nodes if node.type.pairs and not node.type.gathers]
    return Flow(
        key=top.key, name=top.name, form=top.form, vars=variables, nodes=done, edges=tuple(edges), sources=sources,
        blocks={fork: inside(fork, joins.get(fork), outs) for fork in forks}, joins=joins,
        clocks=tuple(node for node in done.values() if node.type.attaches), raw=data,
    )
