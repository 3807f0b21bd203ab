"""The shortest way from a form to its customers: a ticket type with a stock flow.

A customer fills the form in, somebody handles it and closes it. Like any other definition, it can be changed later.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from sqlalchemy import select

from app.core.errors import Problem
from app.core.principal import Principal
from app.definitions import service
from app.definitions.models import Definition, DefinitionVersion
from app.definitions.queries import IN_FORCE, standing
from app.extensions import db
from app.flows.checks.facts import Known


@dataclass(frozen=True, slots=True)
class Made:
    """A ticket type that was published just now: its key, and its version."""

    key: str
    version_id: str


def stock_flow(key: str, form: str, name: Any, who: Mapping[str, str], staff: Collection[str] = ()) -> dict[str, Any]:
    """Public form → one task → end. `who`: {"role": key} or {"person": id}; `staff`: ids of fields that customers are
    not asked, because only colleagues can answer them: whoever handles the ticket is."""
    return {
        "schema": "danflow/flow/1", "key": key, "name": name, "form": form,
        "nodes": [
            {"id": "t_form", "type": "trigger.public_form", "tv": 1,
             "name": {"zh-CN": "客户填写", "en": "Customers fill it in"},
             "config": {"channel": "web", "fields": {"*": "edit", **dict.fromkeys(staff, "hidden")}}},
            {"id": "handle", "type": "task.handle", "tv": 1, "name": {"zh-CN": "处理", "en": "Handle"},
             "config": {"assignee": [dict(who)], "fields": {"*": "read", **dict.fromkeys(staff, "edit")},
                        "actions": [{"port": "done", "label": {"zh-CN": "处理完成", "en": "Done"}}],
                        "may": ["transfer", "comment", "cc"], "notice": "task_new"}},
            {"id": "closed", "type": "flow.end", "tv": 1, "name": {"zh-CN": "已完成", "en": "Closed"}, "config": {}},
        ],
        "edges": [{"id": "e1", "from": "t_form:out", "to": "handle:in"},
                  {"id": "e2", "from": "handle:done", "to": "closed:in"}],
    }


def make(form: str, who: Mapping[str, str], staff: Collection[str], *, actor: Principal, now: int,
         known: Known) -> Made:
    """A ticket type of a published form, named as the form, with a stock flow of its own: checked as any other is.

    Leaves it to the caller to commit. Raises Problem, PublishBlocked, and IntegrityError where somebody makes the same
    at this moment.
    """
    found = standing("form", form)
    if not found.version:
        raise Problem("not_published", where="form", key=form[:60])
    name = found.published["title"]
    key = _free_key(form)
    service.begin("flow", key, stock_flow(key, form, name, who, staff), actor=actor, now=now)
    service.freeze("flow", key, actor=actor, now=now, known=known)
    return _type(key, name, form, key, actor=actor, now=now, known=known)


def type_of(flow: str, *, actor: Principal, now: int, known: Known) -> Made:
    """A ticket type of a published flow, named as the flow: checked as any other is.

    Leaves it to the caller to commit. Raises Problem, PublishBlocked, and IntegrityError as `make` does.
    """
    found = standing("flow", flow)
    if not found.version:
        raise Problem("flow_unopened")
    if not found.published.get("form"):
        raise Problem("flow_without_form")
    taken = set(db.session.scalars(select(Definition.key).where(Definition.kind == "ticket_type")))
    key = _free(flow, taken)
    return _type(key, found.published["name"], found.published["form"], flow, actor=actor, now=now, known=known)


def _type(key: str, name: Any, form: str, flow: str, *, actor: Principal, now: int, known: Known) -> Made:
    content = {"schema": service.KINDS["ticket_type"], "key": key, "name": name, "form": form, "flow": flow}
    service.begin("ticket_type", key, content, actor=actor, now=now)
    done = service.freeze("ticket_type", key, actor=actor, now=now, known=known)
    return Made(key, done.version_id)


def renew(form: str, staff: Collection[str], *, actor: Principal, now: int, known: Known) -> None:
    """Let the stock flows of a form ask its customers what its version in force lets them answer (a commit each).

    Flows that somebody changed stay as they are; so do those that the checks refuse, which publishing the form tells.
    """
    rows = db.session.execute(
        select(Definition, DefinitionVersion).join(DefinitionVersion, IN_FORCE)
        .where(Definition.kind.in_(("flow", "ticket_type"))).order_by(Definition.key)
    ).all()
    settled = {(row.kind, row.key) for row, version in rows if row.draft == version.content}
    for row, version in rows:
        key = row.key
        new = _renewed(version.content, staff) if row.kind == "flow" and version.content["form"] == form else None
        if new is None or not {("flow", key), ("ticket_type", key)} <= settled:
            continue
        row.draft, row.rev, row.updated_at, row.updated_by = new, row.rev + 1, now, actor.id
        db.session.flush()
        try:
            for kind in ("flow", "ticket_type"):
                service.freeze(kind, key, actor=actor, now=now, known=known)
        except service.PublishBlocked:
            db.session.rollback()
        else:
            db.session.commit()


def _renewed(flow: Mapping[str, Any], staff: Collection[str]) -> dict[str, Any] | None:
    """A stock flow with other fields left to colleagues; None for a flow that is none, or is right already."""
    nodes = {node["id"]: node.get("config", {}) for node in flow["nodes"]}
    if not {"t_form", "handle"} <= nodes.keys() or not nodes["handle"].get("assignee"):
        return None
    who = nodes["handle"]["assignee"][0]
    before = [name for name, level in nodes["t_form"].get("fields", {}).items() if level == "hidden"]
    if flow != stock_flow(flow["key"], flow["form"], flow["name"], who, before) or set(before) == set(staff):
        return None
    return stock_flow(flow["key"], flow["form"], flow["name"], who, staff)


def _free_key(form: str) -> str:
    """The form's own key, or it with a number, that neither a flow nor a ticket type has: two who make it at once get
    the same one, and the database refuses the second."""
    taken = set(db.session.scalars(select(Definition.key).where(Definition.kind.in_(("flow", "ticket_type")))))
    return _free(form, taken)


def _free(wanted: str, taken: Collection[str]) -> str:
    return next(key for key in chain([wanted], (f"{wanted[:34]}_{number}" for number in count(2))) if key not in taken)
