"""Node types, message channels and jobs that a plugin brings, held to their contracts."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.catalog import Catalog
from app.flows.base import NodeType, Port
from app.flows.checks.walk import properties
from app.flows.config import Items, Part, PortId, Property, Rows, Schema
from app.flows.config.plain import ID
from app.flows.describe import describe_type
from app.notify.base import Channel
from app.plugins.base import NOT_BILINGUAL, Sort, Unfit, bilingual, no_icon, of_class, signatures
from app.runtime.effects.base import LANES, Effect

#: Where a plugin's step may stand in the palette. Triggers, forks and clocks are the engine's own.
GROUPS = ("data", "branch", "assign", "task", "notify", "wait", "timer", "action", "flow")
DOTTED = re.compile(r"[a-z][a-z0-9_]{1,39}(\.[a-z][a-z0-9_]{0,39})+")


def _node(kind: Any, catalog: Catalog, owner: str) -> NodeType:
    of_class(kind, NodeType, "NODE_TYPES")
    _refuse(kind, _faults(kind))
    if (kind.type, kind.version) in catalog.nodes:
        taken = catalog.nodes.owner((kind.type, kind.version))
        raise Unfit(f"{kind.__name__}: version {kind.version} of the type {kind.type!r} is taken by {taken!r}")
    others = {catalog.nodes.owner(key) for key in catalog.nodes if key[0] == kind.type} - {owner}
    if others:
        raise Unfit(f"{kind.__name__}: the type {kind.type!r} is taken by {others.pop()!r}")
    made: NodeType = kind()
    _refuse(kind, signatures(made, NodeType))
    described = describe_type(made, owner, kind.version)
    json.dumps(described)
    ports = [port.id for port in made.ports(described["starter"])]
    if len(set(ports)) < len(ports):
        raise Unfit(f"{kind.__name__}: two ways out are called {ports!r}")
    return made


def _refuse(kind: Any, faults: Iterator[str]) -> None:
    wrong = next(faults, None)
    if wrong:
        raise Unfit(f"{kind.__name__}: {wrong}")


def _faults(kind: Any) -> Iterator[str]:
    named = isinstance(kind.type, str) and DOTTED.fullmatch(kind.type)
    if not named or kind.type.partition(".")[0] in (*GROUPS, "trigger"):
        yield f"type {kind.type!r} is no name: begin with a word of your own and a dot, as acme.sms"
    if not isinstance(kind.version, int) or not 1 <= kind.version <= 1000:
        yield "version is not a whole number from 1 to 1000"
    if not bilingual(kind.label):
        yield NOT_BILINGUAL
    if kind.group not in GROUPS:
        yield f"group {kind.group!r} is not one of {', '.join(GROUPS)}"
    if wrong := no_icon(kind.icon, "flow"):
        yield wrong
    if kind.attaches or kind.gathers or kind.pairs or not kind.has_input:
        yield "attaches, gathers, pairs and has_input are for the product's own steps"
    yield from _ports(kind)
    if not (isinstance(kind.Config, type) and issubclass(kind.Config, Schema)):
        yield "Config is no subclass of sdk.Schema"
        return
    yield from _settings(kind.Config)
    yield from _rows_of_ways(kind)
    if kind.enter is NodeType.enter:
        yield "enter() is missing"
    if kind.waits and kind.resume is NodeType.resume:
        yield "it waits, and resume() is missing"


def _ports(kind: Any) -> Iterator[str]:
    for port in kind.outputs:
        if not isinstance(port, Port) or not ID.fullmatch(port.id):
            yield f"outputs holds {port!r}, which is no Port with an id of small letters, digits and _"
        elif not (isinstance(port.label, Mapping) and bilingual(port.label)):
            yield f"the way out {port.id!r} has no names(Chinese, English)"
    if not kind.outputs and not kind.ports_from:
        yield "it has no way out: outputs = (Port(…),)"


def _rows_of_ways(kind: Any) -> Iterator[str]:
    """Whether `ports_from` names rows, and a column of theirs."""
    if kind.ports_from is None:
        return
    rows, _, column = str(kind.ports_from).partition("[].")
    setting = properties(kind.Config).get(rows)
    if not isinstance(setting, Rows) or not isinstance(properties(setting.schema).get(column), PortId):
        yield (f"ports_from {kind.ports_from!r} is not written as \"cases[].port\", where cases is a fields.Rows of "
               "Config and port, in its rows, a fields.PortId")


def _settings(schema: type[Schema]) -> Iterator[str]:
    own = {name for name, part in schema._declared_fields.items() if not isinstance(part, Property)}
    for name in sorted(own):
        yield f"the setting {name!r} is no property of sdk.fields"
    for name, prop in properties(schema).items():
        if not bilingual(prop.metadata["label"]):
            yield f"the setting {name!r} has no label=names(Chinese, English)"
        for other in prop.show_if.keys() - properties(schema).keys():
            yield f"the setting {name!r} has a show_if of {other!r}, which is no setting beside it"
        if isinstance(prop, Rows) and prop.unique is not None and prop.unique not in prop.schema._declared_fields:
            columns = ", ".join(prop.schema._declared_fields)
            yield f"the setting {name!r} has unique={prop.unique!r}, and its rows have only {columns}"
        if isinstance(prop, (Rows, Part)):
            yield from _settings(prop.schema)
        elif isinstance(prop, Items) and isinstance(prop.item, (Rows, Part)):
            yield from _settings(prop.item.schema)


def _named(kind: Any, base: type, listed: str, taken: Any, owner: str) -> None:
    of_class(kind, base, listed)
    if kind.name in taken:
        raise Unfit(f"{kind.__name__}: the name {kind.name!r} is taken by {taken.owner(kind.name)!r}")


def _channel(kind: Any, catalog: Catalog, owner: str) -> Channel:
    _named(kind, Channel, "CHANNELS", catalog.channels, owner)
    if not (isinstance(kind.name, str) and ID.fullmatch(kind.name)):
        raise Unfit(f"{kind.__name__}: name {kind.name!r} is not made of small letters, digits and _")
    if not bilingual(kind.label):
        raise Unfit(f"{kind.__name__}: {NOT_BILINGUAL}")
    if kind.send is Channel.send:
        raise Unfit(f"{kind.__name__}: send() is missing")
    made: Channel = kind()
    _refuse(kind, signatures(made, Channel))
    return made


def _job(kind: Any, catalog: Catalog, owner: str) -> Effect:
    _named(kind, Effect, "JOBS", catalog.effects, owner)
    if not (isinstance(kind.name, str) and DOTTED.fullmatch(kind.name)):
        raise Unfit(f"{kind.__name__}: name {kind.name!r} is no name: begin with a word of your own and a dot")
    if kind.lane not in LANES:
        raise Unfit(f"{kind.__name__}: lane {kind.lane!r} is not one of {', '.join(LANES)}")
    if kind.run is Effect.run:
        raise Unfit(f"{kind.__name__}: run() is missing")
    made: Effect = kind()
    _refuse(kind, signatures(made, Effect))
    return made


SORTS = (
    Sort("NODE_TYPES", lambda catalog: catalog.nodes, lambda kind: (kind.type, kind.version), _node),
    Sort("CHANNELS", lambda catalog: catalog.channels, lambda kind: kind.name, _channel),
    Sort("JOBS", lambda catalog: catalog.effects, lambda kind: kind.name, _job),
)
