"""Places in a form definition: the JSON paths of refusals ("fields[3].max_length"), and what stands there."""
from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"fields\[(\d+)\]")
_INDEX = re.compile(r"\[(\d+)\]")


def pointer(where: str) -> str:
    """The JSON pointer of a path: "fields[3].label" → "/fields/3/label"."""
    return "/" + _INDEX.sub(r".\1", where).replace(".", "/") if where else ""


def field_at(content: Any, where: str) -> str:
    """The id of the innermost field or column that a path leads through, "" if none can be named."""
    found = ""
    at = content
    for step in where.split("."):
        match = _STEP.fullmatch(step)
        rows = at.get("fields") if match and isinstance(at, dict) else None
        if match is None or not isinstance(rows, list) or int(match[1]) >= len(rows):
            break
        at = rows[int(match[1])]
        name = at.get("id") if isinstance(at, dict) else None
        found = name[:60] if isinstance(name, str) else ""
    return found


def repair(zh: str, en: str, *changes: tuple[Any, ...]) -> dict[str, Any]:
    """A finding's `fix`: what its button says, and JSON Patch operations from `(op, JSON path[, value])`."""
    return {
        "label": {"zh-CN": zh, "en": en},
        "patch": [{"op": change[0], "path": pointer(change[1]), **({"value": change[2]} if len(change) > 2 else {})}
                  for change in changes],
    }
