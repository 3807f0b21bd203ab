"""What stands around a flow, for the gap report: the company's data and what the flow's own form says of its fields."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.definitions.bundle import Bundle
from app.flows.gaps import Around


def around(bundle: Bundle, org: Mapping[str, Any], roles: Mapping[str, Any] | None = None) -> Around:
    """`org`: the plain data of a Directory; `roles`: names by key."""
    fields = bundle.form.fields.values()
    options = {f"form.{field.id}": field.type.allowed(field, None) for field in fields}
    return Around(
        org, roles or {}, {f"form.{field.id}": field.label for field in fields},
        {id: bundle.access(id) for id, node in bundle.flow.nodes.items() if node.type.group == "task"},
        {ref: found for ref, found in options.items() if found is not None},
    )
