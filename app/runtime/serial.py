"""What a reader may know of a ticket, as data: the one place where field access masks what leaves the server.

A colleague sees the answers as far as the steps allow that they have, had or may take. Who reads every ticket, the
ticket's owner, and who was told of it without a step of their own see all of them; sensitive ones stay masked (the
form's view does that for whoever may not edit them).
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from app.core.errors import localized
from app.core.principal import Principal
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.flows import takeback, verbs
from app.flows.directory import Directory
from app.forms.access import RANK, Reader, resolve
from app.forms.view import FieldView, FormView, apart
from app.runtime import seals
from app.runtime.ports import StaffPorts
from app.runtime.queries import EventLine, TaskLine, TicketDetail, TicketLine

READ = RANK["read"]
FIELDS = frozenset({"fields", "retired", "returned"})  # lists of fields in what an event tells


def state_of(detail: TicketDetail) -> dict[str, Any]:
    """The engine's state with the answers in clear: for forms and the engine, never for a template or the API."""
    return {**detail.state, "form": seals.unseal(detail.line.id, detail.data)}


def levels(detail: TicketDetail, principal: Principal, bundle: Bundle) -> dict[str, str]:
    """field id → hidden | masked | read for this reader outside any task of theirs."""
    found = dict.fromkeys(bundle.form.fields, "hidden")
    if principal.reads == "all" or detail.line.owner_id == principal.id or not detail.theirs:
        found = resolve(bundle.form, {"*": "read"})
    for node in {task.node for task in detail.tasks if task.id in detail.theirs}:
        if node in bundle.flow.nodes:
            for key, level in bundle.access(node).items():
                if RANK[level] > RANK[found[key]]:
                    found[key] = level
    return {key: "read" if RANK[level] > READ else level for key, level in found.items()}


def answers(
    detail: TicketDetail, principal: Principal, directory: Directory, now: int, locale: str, *, revealed: str = ""
) -> FormView:
    """The answers as this reader sees them: nothing editable, hidden fields absent, sensitive ones masked but for
    `revealed`, which `reveals.reveal` has recorded."""
    bundle = definitions.bundle(detail.line.type_version_id)
    ports = StaffPorts(directory, detail.line.id, principal.id)
    reader = Reader(frozenset(principal.roles), frozenset({revealed}))
    return bundle.answers_view(
        levels(detail, principal, bundle), state_of(detail), now, ports, locale=locale, reader=reader
    )


def retired(detail: TicketDetail, principal: Principal, directory: Directory, now: int, locale: str) -> list[FieldView]:
    """What upgrades of the form set aside, each as this reader saw it under the version that asked for it."""
    kept: dict[str, dict[str, Any]] = {}
    for key, row in (detail.state.get("retired") or {}).items():
        kept.setdefault(row["version"], {})[key] = row["value"]
    found, ports = [], StaffPorts(directory, detail.line.id, principal.id)
    for version, rows in kept.items():
        bundle = definitions.bundle(version)
        seen = levels(detail, principal, bundle)
        values = {key: seals.open_apart(detail.line.id, key, sealed) for key, sealed in rows.items()
                  if seen[key.partition(".")[0]] != "hidden"}
        found += apart(bundle.form, values, access=seen, env=bundle.env(now), locale=locale, ports=ports)
    return found


def ticket_json(line: TicketLine) -> dict[str, Any]:
    """A ticket without its answers."""
    return asdict(line)


def task_json(line: TaskLine) -> dict[str, Any]:
    """A task."""
    return asdict(line)


def task_in_full(line: TaskLine, detail: TicketDetail, principal: Principal, locale: str) -> dict[str, Any]:
    """A task of this ticket, with `may` (what can be done with it now besides its buttons: by whoever has it or may
    take it; `recall` by this reader alone) and `returns` (where the ticket can be returned to from it)."""
    flow, ways = definitions.bundle(detail.line.type_version_id).flow, list[str]()
    may = verbs.aside(flow, detail.state, line.key)
    if "return_to" in may:
        ways = verbs.returns(flow, detail.state, line.key)
    if line.key in takeback.recallable(detail.state, principal.id):
        may.append(takeback.RECALL)
    return {**task_json(line), "may": may,
            "returns": [{"id": node, "name": str(localized(flow.nodes[node].name, locale))} for node in ways]}


def answers_json(view: FormView) -> dict[str, dict[str, Any]]:
    """field id → {label, display, value}: `value` only where the reader may read it as it is."""
    return {field.id: _answer(field) for field in view.fields()}


def _answer(field: FieldView) -> dict[str, Any]:
    answer: dict[str, Any] = {"label": field.label, "type": field.type, "display": field.display}
    if field.level != "masked" and field.value is not None:
        answer["value"] = field.value
    return answer


def events_json(events: Iterable[EventLine], seen: Mapping[str, str]) -> list[dict[str, Any]]:
    """Events for a reader with these field levels: changes name only fields that the reader knows of, and what a
    repeated request answered is left to the views that mask it."""
    return [{**asdict(event), "body": _body(event.body, seen)} for event in events]


def _body(body: Mapping[str, Any], seen: Mapping[str, str]) -> dict[str, Any]:
    delta = body.get("delta")
    if not isinstance(delta, dict) or not isinstance(delta.get("fields"), list):
        return dict(body)
    told = {key: value for key, value in delta.items() if key != "answers"}
    for part in FIELDS & told.keys():
        told[part] = [key for key in told[part] if seen.get(key.partition(".")[0], "hidden") != "hidden"]
    return {**body, "delta": told}
