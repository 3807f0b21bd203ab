"""Drawing the pages and answers of flows' branches. Decides nothing."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, make_response, render_template, url_for

from app import locales
from app.core.errors import Problem
from app.core.principal import Principal
from app.definitions import branches
from app.definitions.branches import MAX_NAME, MAX_NOTE, Branch
from app.definitions.queries import Standing
from app.definitions.rights import kind_of
from app.designer import flow_pages, flows, pages
from app.designer.branching import Shown
from app.flows.directory import Directory
from app.org import choices


def beside(key: str, person: Principal, people: Directory) -> dict[str, Any]:
    """What the editor's page knows of branches: {"branches"} of a flow that was published, {"branch"} for a branch."""
    if kind_of(key) == "flow":
        count, asked = branches.open_counts(person).get(key, (0, 0))
        return {"branches": {"url": url_for("branches.index", key=key), "open": count, "asked": asked}}
    one = branches.find(key)
    main = flows.standing(one.flow)
    return {"may_publish": False, "branch": {
        "name": one.name, "department": _departments().get(one.department, one.department),
        "flow": {"title": pages.said(main.title), "url": url_for("flows.editor", key=one.flow)},
        "may_merge": person.may("definitions.edit"), "version": one.base_version, "base_at": one.base_at,
        "requested": _asked(one, people), "longest": MAX_NOTE,
        "urls": {**{name: url_for(f"branch_calls.{name}", key=key) for name in ("look", "merge", "ask")},
                 "list": url_for("branches.index", key=one.flow)},
    }}


def _asked(one: Branch, people: Directory) -> dict[str, Any] | None:
    if one.requested_at is None:
        return None
    return {"at": one.requested_at, "by": pages.name_of(people, one.requested_by), "note": one.note}


def _departments() -> dict[str, str]:
    return {row["key"]: row["name"] for row in choices.departments()}


def index(flow: Standing, found: Sequence[Branch], person: Principal, people: Directory, now: int,
          refused: Problem | None = None, sent: Mapping[str, str] | None = None) -> Response:
    """The branches of a flow, and the form that opens one."""
    names = _departments()
    mine = None if person.may("definitions.edit") else person.department
    rows = [{**asdict(one), "department": names.get(one.department, one.department),
             "by": pages.name_of(people, one.updated_by), "ender": pages.name_of(people, one.ended_by),
             "asker": pages.name_of(people, one.requested_by)} for one in found]
    return make_response(render_template(
        "designer/branches.html", flow={"key": flow.key, "title": pages.said(flow.title), "version": flow.version},
        branches=[row for row in rows if not row["ended"]], ended=[row for row in rows if row["ended"]], now=now,
        departments={key: name for key, name in names.items() if mine is None or key == mine}, mine=mine,
        may_edit=person.may("definitions.edit"), most=branches.MOST_OPEN, longest=MAX_NAME, sent=sent or {},
        refused=refused.message(locales.current()) if refused else "",
    ), refused.status if refused else 200)


def look(found: Shown) -> dict[str, Any]:
    """A merge before it is done."""
    seen = found.look
    return {"before": seen.before, "after": seen.after, "conflicts": [asdict(one) for one in found.conflicts],
            "open": list(seen.open), "revs": seen.revs, "findings": [flow_pages.finding(one) for one in found.brought],
            "changes": [asdict(one) for one in found.changes], "stories": found.stories}
