"""From a decision to the rows of a step. Pure but for the vault's keys and random ids: no database, no clock.

Effects of one decision are folded first: a task that was opened and closed at once is one row.
"""
from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized
from app.definitions.bundle import Bundle
from app.flows.base import Decision, World
from app.forms.base import FormPorts
from app.runtime import chain, seals
from app.runtime.effects.base import MESSAGE, Effect
from app.runtime.facts import LOCALE, facts_of
from app.runtime.store import Step
from app.vault import vault

MAX_NAME = 200
MAX_REASON = 80


@dataclass(frozen=True)
class Before:
    """The ticket as it was: all empty for a new one. `title` is kept for life; `form` are the answers in clear."""

    id: str
    title: str
    version: int = 0
    seq: int = 0
    head: str = chain.START
    form: Mapping[str, Any] | None = None


def task_id(ticket_id: str, key: str) -> str:
    """The id of a ticket's task: derived, so that nobody has to look it up."""
    return str(uuid.uuid5(uuid.UUID(ticket_id), key))


def new_token() -> str:
    """128 bits for a link that cannot be guessed."""
    return secrets.token_urlsafe(16)


def plan(
    before: Before, decision: Decision, now: int, *, bundle: Bundle, world: World, ports: FormPorts, catalog: Catalog
) -> Step:
    """The step that makes `decision` durable."""
    state = decision.state
    hidden = seals.secrets_of(bundle.form, state["form"])
    step = Step(before.id, before.version + 1, now, {})
    step.events = _events(before, decision, now, hidden)
    for effect in decision.effects:
        _DO[effect["do"]](step, effect)
    if step.messages or step.jobs:
        for message in step.messages:
            facts = facts_of(bundle, state, before.title, message["node"], message["params"], world, ports)
            step.outbox.append(_message_row(step, message, state, facts, hidden))
        for job in step.jobs:
            step.outbox.append(_job_row(step, job, catalog, hidden))
    step.ticket = {
        "status": state["status"],
        "reason": (state["reason"] or "")[:MAX_REASON] or None,
        "title": before.title,
        "priority": _word(state["vars"].get("priority")),
        "owner_id": state["ticket"].get("owner"),
        "seq": before.seq + len(step.events),
        "state": {key: value for key, value in state.items() if key != "form"},
        "head": step.events[-1]["hash"] if step.events else before.head,
        "closed_at": None if state["status"] == "open" else now,
        "due_at": state.get("due"),
    }
    if before.form is None or state["form"] != before.form:
        step.ticket["data"] = seals.seal(bundle.form, before.id, state["form"])
        step.uploads = files_in(bundle, state["form"], before.form or {})
    return step


def _word(value: Any) -> str | None:
    return value[:20] if isinstance(value, str) and value else None


def files_in(bundle: Bundle, values: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """Ids of the files that `values` list and `known` does not: they belong to the ticket from now on."""
    found: dict[str, None] = {}
    for field in bundle.form.fields.values():
        if field.type.uploads and values.get(field.id) != known.get(field.id):
            found.update(dict.fromkeys(values.get(field.id) or ()))
        for column in field.columns.values():
            if column.type.uploads:
                for row in values.get(field.id) or ():
                    found.update(dict.fromkeys(row.get(column.id) or ()))
    return list(found)


def _events(before: Before, decision: Decision, now: int, hidden: list[str]) -> list[dict[str, Any]]:
    keys, head, rows = vault(), before.head, []
    for number, event in enumerate(decision.events, before.seq + 1):
        body = {name: event[name] for name in ("port", "edge", "token") if name in event}
        if event.get("delta"):
            body["delta"] = event["delta"]
        if hidden:
            body = seals.redact(body, hidden)
        actor = event["actor"]
        row = {
            "seq": number, "version": before.version + 1, "kind": event["kind"], "node": event.get("node"),
            "actor_type": actor["type"], "actor_id": actor["id"] or None, "body": body, "at": now,
            "mac": chain.mac(keys, before.id, body),
        }
        row["hash"] = head = chain.link(head, before.id, row)
        rows.append(row)
    return rows


# ---- effects --------------------------------------------------------------------------------------------------------


def _open_task(step: Step, effect: Mapping[str, Any]) -> None:
    ident = task_id(step.ticket_id, effect["task"])
    step.tasks.append({
        "id": ident, "key": effect["task"], "node": effect["node"], "kind": effect["kind"],
        "name": str(localized(effect["name"], LOCALE))[:MAX_NAME], "assignee_id": effect["assignee"], "status": "open",
        "outcome": None, "due_at": effect["due"], "closed_at": None, "actions": effect["actions"],
    })
    people = [*effect["people"], *([effect["assignee"]] if effect["assignee"] else [])]
    for group in dict.fromkeys([*effect["groups"], *(f"p:{person}" for person in people)]):
        step.candidates.append({"group_key": group, "task_id": ident})


def _own(step: Step, ident: str) -> dict[str, Any] | None:
    """The row of a task that this very step opened."""
    return next((task for task in step.tasks if task["id"] == ident), None)


def _close_task(step: Step, effect: Mapping[str, Any]) -> None:
    ident = task_id(step.ticket_id, effect["task"])
    status = "cancelled" if effect["outcome"] == "cancelled" else "done"
    row = _own(step, ident)
    if row is not None:
        row.update(status=status, outcome=effect["outcome"], closed_at=step.now)
    else:
        step.closed[ident] = [status, effect["outcome"]]
    if effect.get("by"):
        _assign(step, ident, effect["by"])


def _assign_task(step: Step, effect: Mapping[str, Any]) -> None:
    _assign(step, task_id(step.ticket_id, effect["task"]), effect["assignee"])


def _assign(step: Step, ident: str, person: str) -> None:
    row = _own(step, ident)
    if row is not None:
        row["assignee_id"] = person
    else:
        step.assigned[ident] = person
    candidate = {"group_key": f"p:{person}", "task_id": ident}
    if candidate not in step.candidates:
        step.candidates.append(candidate)


def _arm(step: Step, effect: Mapping[str, Any]) -> None:
    step.timers.append({
        "key": effect["timer"], "node": effect["node"], "kind": effect["kind"], "due_at": effect["due"],
        "run_at": effect["due"], "state": "armed", "attempts": 0,
    })


def _cancel(step: Step, effect: Mapping[str, Any]) -> None:
    for row in step.timers:
        if row["key"] == effect["timer"]:
            row["state"] = "cancelled"
            return
    step.timer_states[effect["timer"]] = "cancelled"


def _message(step: Step, effect: Mapping[str, Any]) -> None:
    step.messages.append(effect)


def _job(step: Step, effect: Mapping[str, Any]) -> None:
    step.jobs.append(effect)


def _cancel_job(step: Step, effect: Mapping[str, Any]) -> None:
    if any(job["job"] == effect["job"] for job in step.jobs):
        step.jobs = [job for job in step.jobs if job["job"] != effect["job"]]
    else:
        step.cancelled.append(effect["job"])


def _in_state(step: Step, effect: Mapping[str, Any]) -> None:
    """Owner and status are read from the state."""


_DO = {
    "task.open": _open_task, "task.close": _close_task, "task.assign": _assign_task, "timer.arm": _arm,
    "timer.cancel": _cancel, "message": _message, "job": _job, "job.cancel": _cancel_job, "ticket.owner": _in_state,
    "ticket.close": _in_state,
}


def _message_row(
    step: Step, effect: Mapping[str, Any], state: Mapping[str, Any], facts: dict[str, str], hidden: list[str]
) -> dict[str, Any]:
    to = effect["to"] if "person" in effect["to"] else {"customer": state["customer"].get("id") or ""}
    payload = {"to": to, "via": effect["via"], "template": effect["template"], "facts": facts}
    # A message never needs a sensitive answer; a job may (the other system needs the phone number), so it is sealed.
    return _row(effect["message"], MESSAGE, Effect(), seals.redact(payload, hidden), is_job=False)


def _job_row(step: Step, effect: Mapping[str, Any], catalog: Catalog, hidden: list[str]) -> dict[str, Any]:
    handler: Effect = catalog.effects.find(effect["name"]) or Effect()
    payload = seals.pack({"args": effect["args"], "timeout_ms": effect["timeout_ms"]}, step.ticket_id, effect["job"], hidden)
    row = _row(effect["job"], effect["name"], handler, payload, is_job=True)
    retry = effect["retry"]
    row["max_attempts"] = int(retry.get("max", 0)) + 1
    row["backoff_ms"] = int(retry.get("backoff_ms") or handler.backoff_ms)
    return row


def _row(key: str, kind: str, handler: Effect, payload: dict[str, Any], *, is_job: bool) -> dict[str, Any]:
    return {
        "key": key, "kind": kind, "lane": handler.lane, "is_job": is_job, "payload": payload, "state": "ready",
        "attempts": 0, "max_attempts": handler.max_attempts, "backoff_ms": handler.backoff_ms,
    }
