"""Which flows work with a form, and where their steps name one of its fields. Reads drafts and versions in force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.definitions.models import Definition, DefinitionVersion
from app.definitions.queries import IN_FORCE
from app.extensions import db

MOST = 200  # places told of one form


@dataclass(frozen=True, slots=True)
class Use:
    """A place that breaks when the field goes. `step` and `title` are texts of the definition, "" for the flow itself.

    `what`: "access" (who may fill it in), "setting" (conditions, assignment, messages), "form" (no field asked).
    """

    kind: str
    key: str
    title: Any
    step: Any
    what: str


def usage(form: str, field: str = "") -> list[Use]:
    """Uses of a form (`field` empty) or of a field of it, in flows and ticket types. One query."""
    rows = db.session.execute(
        select(Definition.kind, Definition.key, Definition.title, Definition.draft, DefinitionVersion.content)
        .outerjoin(DefinitionVersion, IN_FORCE)
        .where(Definition.kind.in_(("flow", "ticket_type")))
        .order_by(Definition.kind, Definition.key)
    )
    found: dict[tuple[Any, ...], Use] = {}
    for kind, key, title, draft, published in rows:
        for content in (draft, published):
            if not isinstance(content, dict) or content.get("form") != form:
                continue
            if not field:
                found.setdefault((kind, key), Use(kind, key, title, "", "form"))
            elif kind == "flow":
                for step, what in places(content, field):
                    found.setdefault((kind, key, str(step), what), Use(kind, key, title, step, what))
    return list(found.values())[:MOST]


def places(flow: Mapping[str, Any], field: str) -> Iterator[tuple[Any, str]]:
    """(name of the step, what) for every mention of a field in a flow, however the flow is made."""
    named = re.compile(rf"form\.{re.escape(field)}(?![a-z0-9_])")
    nodes = flow.get("nodes")
    for node in nodes if isinstance(nodes, list) else ():
        config = node.get("config") if isinstance(node, dict) else None
        if not isinstance(config, dict):
            continue
        name = node.get("name") or node.get("id") or ""
        access = config.get("fields")
        if isinstance(access, dict) and field in access:
            yield name, "access"
        if _names({key: value for key, value in config.items() if key != "fields"}, field, named):
            yield name, "setting"
    if _names({key: value for key, value in flow.items() if key != "nodes"}, field, named):
        yield "", "setting"


def _names(part: Any, field: str, named: re.Pattern[str]) -> bool:
    if isinstance(part, dict):
        return any(_names(key, field, named) or _names(value, field, named) for key, value in part.items())
    if isinstance(part, list):
        return any(_names(item, field, named) for item in part)
    return isinstance(part, str) and (part == field or named.search(part) is not None)
