"""What stands on the cards of a flow: one line a step, told by its type."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.catalog import Catalog
from app.flows.checks.draft import read
from app.flows.say import Say

MOST = 80  # code points of a line


def summaries(flow: Any, catalog: Catalog, say: Say) -> dict[str, str]:
    """node id → its line, of a raw flow, however broken; steps with nothing to say are left out."""
    found: dict[str, str] = {}
    say = Say(replace(say.names, fields={**variables(flow), **say.names.fields}), say.locale)
    for step in read(flow if isinstance(flow, Mapping) else {}, catalog).steps.values():
        if step.kind:
            try:
                line = step.kind.summary(step.config, say)
            except (AttributeError, KeyError, IndexError, TypeError, ValueError):
                line = ""  # half made: the findings say what is wrong with it
            if line:
                found[step.id] = line if len(line) <= MOST else line[: MOST - 1] + "…"
    return found


def variables(flow: Any) -> dict[str, Any]:
    """What the flow itself calls its variables, by reference."""
    rows = flow.get("vars") if isinstance(flow, Mapping) else None
    return {f"vars.{row.get('key')}": row["name"] for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, Mapping) and row.get("name")}
