"""Ways to begin a flow: blank for a form, from another flow, from a file."""
from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from app.core.errors import Problem
from app.core.principal import Principal, require
from app.definitions import queries, scenarios
from app.definitions import service as definitions
from app.designer.flows import KIND, standing
from app.designer.starts import from_json, tidy


def blank(title: str, form: str, locale: str, *, actor: Principal, now: int) -> str:
    """A flow that opens with the form and ends (commits); returns its key."""
    require(actor, "definitions.edit")
    if not form or queries.find("form", form) is None:
        raise Problem("flow_no_form", where="form")
    begins, ends = ("客户填写", "结束") if locale.startswith("zh") else ("A customer fills in the form", "End")
    nodes = [
        {"id": "start", "type": "trigger.public_form", "tv": 1, "name": begins, "config": {"fields": {"*": "edit"}}},
        {"id": "end", "type": "flow.end", "tv": 1, "name": ends, "config": {}},
    ]
    content = {"schema": definitions.KINDS[KIND], "form": form, "vars": [], "nodes": nodes,
               "edges": [{"id": "e1", "from": "start:out", "to": "end:in"}]}
    return _create(content, title, actor=actor, now=now)


def copy(key: str, title: str, *, actor: Principal, now: int) -> str:
    """A flow with the draft of another, and its scenarios (commits)."""
    content = {**standing(key).content, "scenarios": scenarios.carried(key)}
    return _create(content, title, actor=actor, now=now)


def from_file(data: bytes, name: str, *, actor: Principal, now: int) -> str:
    """A flow from an exported definition, with the scenarios in it (commits). What it names and this company does not
    have is told in the editor.

    Raises TooLarge, Malformed or Problem.
    """
    require(actor, "definitions.edit")
    path = PurePosixPath(name.replace("\\", "/")[-300:])
    if path.suffix.lower() != ".json":
        raise Problem("flow_file_kind", where="file", name=path.name[:60])
    return _create(from_json(data), None, actor=actor, now=now)


def _create(content: Mapping[str, Any], title: str | None, *, actor: Principal, now: int) -> str:
    key = f"flow_{secrets.token_hex(5)}"
    named = {} if title is None else {"name": tidy(title, "flow_title")}
    stories = content.get("scenarios")
    if stories is not None:
        stories = {**stories, "flow": key} if isinstance(stories, dict) else stories
        scenarios.check(key, stories)
    flow = {name: value for name, value in content.items() if name != "scenarios"}
    definitions.save_draft(KIND, key, {**flow, **named, "key": key}, 0, actor=actor, now=now)
    if stories is not None:
        scenarios.save(key, stories, 0, actor=actor, now=now)
    return key
