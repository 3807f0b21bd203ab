"""How the refusals of a config find their place in it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem


def problems_of(messages: Any, where: str = "") -> list[Problem]:
    """marshmallow's nested messages as Problems with JSON paths (`nodes[3].config.cases[0].when`)."""
    if isinstance(messages, Mapping):
        found: list[Problem] = []
        for key, below in messages.items():
            if key == "_schema":
                path = where
            elif isinstance(key, int):
                path = f"{where}[{key}]"
            else:
                path = f"{where}.{key}" if where else str(key)
            found += problems_of(below, path)
        return found
    out = []
    for message in messages if isinstance(messages, Sequence) and not isinstance(messages, str) else [messages]:
        if isinstance(message, Problem):
            message.where = where
            out.append(message)
        else:
            out.append(Problem(str(message), where))
    return out
