"""From a decision to the rows of a step. Pure but for the vault's keys and random ids: no database, no clock.

Effects of one decision are folded first: a task that was opened and closed at once is one row.
"""
from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized
from app.definitions.bundle import Bundle
from app.flows.base import Decision, World
from app.forms.base import FormPorts
from app.runtime import chain, seals
from app.runtime.books import tally_key
from app.runtime.effects.base import MESSAGE, Effect
from app.runtime.facts import LOCALE, facts_of
from app.runtime.step import Step
from app.vault import vault

MAX_NAME = 200
MAX_REASON = 80
MAX_CAUSE = 150
IN_STATE = ("ticket.owner", "ticket.close")  # told in the state too, which is where we read them


@dataclass(frozen=True)
class Before:
    """The ticket as it was: all empty for a new one. `title` is kept for life; `state` has the answers in clear."""

    id: str
    title: str
    version: int = 0
    seq: int = 0
    head: str = chain.START
    state: Mapping[str, Any] | None = None


def task_id(ticket_id: str, key: str) -> str:
    """The id of a ticket's task (a UUID of version 8): derived, so that nobody has to look it up."""
    name = hashlib.blake2b(f"{ticket_id}:{key}".encode(), digest_size=10).hexdigest()
    return f"{ticket_id[:13]}-8{name[:3]}-a{name[3:6]}-{name[6:18]}"


def event_mark(name: str, subject: str) -> str:
    """By what the tickets that wait for an event are found: readable by nobody."""
    return vault().blind(chain.canonical([name, subject]), "event")


def same_mark(flow: str, node: str, values: Sequence[Any]) -> str:
    """By what a step finds the earlier tickets that are the same as this one: readable by nobody."""
    return vault().blind(chain.canonical(list(values)), f"same/{flow}/{node}")


def board_mark(board: str, values: Sequence[Any]) -> str:
    """By what the steps that name one board find each other's tickets, in whatever flow: readable by nobody."""
    return vault().blind(chain.canonical([board, *values]), "board")


def new_id(now: int) -> str:
    """A UUID of version 7: ids of one time lie side by side in every index."""
    name = f"{now:012x}{secrets.token_hex(10)}"
    return f"{name[:8]}-{name[8:12]}-7{name[12:15]}-a{name[15:18]}-{name[18:30]}"


def new_token() -> str:
    """128 bits for a link that cannot be guessed."""
    return secrets.token_urlsafe(16)


def plan(
    before: Before, decision: Decision, now: int, *, bundle: Bundle, world: World, ports: FormPorts, catalog: Catalog
) -> Step:
    """The step that makes `decision` durable."""
    state = decision.state
    hidden = seals.secrets_of(bundle.form, state["form"])
    fold = _Fold(before.id, bundle.ticket_type["key"], bundle.flow.key, now)
    for effect in decision.effects:
        fold.take(effect)
    history, head = _history(before, decision, now, hidden)
    step = Step(before.id, before.version + 1, now, {}, history)
    step.tasks, step.changed = list(fold.tasks.values()), fold.changed
    step.candidates = [{"group_key": group, "task_id": ident} for group, ident in fold.candidates]
    step.timers, step.timer_states = list(fold.timers.values()), fold.timer_states
    step.cancelled = fold.cancelled
    step.ticks = [fold.ticks[key] for key in sorted(fold.ticks)]
    step.listens = [{"key": key, "mark": mark} for key, mark in fold.listens.items()]
    step.unheard = fold.unheard
    for message in fold.messages:
        facts = facts_of(bundle, state, before.title, message["node"], message["params"], world, ports)
        step.outbox.append(_message_row(message, state, facts, hidden))
    step.outbox += [_job_row(before.id, job, catalog, hidden) for job in fold.jobs.values()]
    step.outbox += [_tell_row(before.id, tell, catalog, hidden) for tell in fold.tells]
    step.ticket = {
        "seq": before.seq + len(decision.events),
        "state": {key: value for key, value in state.items() if key != "form"},
        "head": head,
    }
    old = _columns(before.state) if before.state else {}
    step.ticket |= {name: value for name, value in _columns(state).items() if name not in old or old[name] != value}
    if "parked" in step.ticket:
        step.ticket["parked_at"] = now if step.ticket["parked"] else None
    if step.ticket.get("status", "open") != "open":
        step.ticket["closed_at"] = now
    known = before.state["form"] if before.state else {}
    if not before.state or state["form"] != known:
        step.ticket["data"] = seals.seal(bundle.form, before.id, state["form"])
        step.uploads = files_in(bundle, state["form"], known)
    return step


def _columns(state: Mapping[str, Any]) -> dict[str, Any]:
    """What lists show and filter by, out of the engine's state."""
    return {
        "status": state["status"],
        "reason": (state["reason"] or "")[:MAX_REASON] or None,
        "priority": _word(state["vars"].get("priority")),
        "owner_id": state["ticket"].get("owner"),
        "due_at": state.get("due"),
        "parked": next((f"{row['node']}:{row['code']}"[:MAX_CAUSE] for row in state.get("parked") or ()), None),
    }


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


def _history(before: Before, decision: Decision, now: int, hidden: list[str]) -> tuple[dict[str, Any], str]:
    """(the step's row, its hash): marks name the events, bodies tell the rest of them; both are stored as they were
    digested."""
    bodies = seals.redact([
        {name: event[name] for name in ("port", "edge", "token", "delta") if event.get(name)}
        for event in decision.events
    ], hidden)
    actor = decision.events[0]["actor"]  # one decision, one actor
    row = {
        "actor_type": actor["type"], "actor_id": actor["id"] or None,
        "marks": chain.canonical([[event["kind"], event.get("node")] for event in decision.events]),
        "bodies": chain.canonical(bodies),
    }
    row["mac"] = chain.mac(vault(), before.id, row["bodies"])
    return row, chain.link(
        before.head, before.id, before.version + 1, now, (row["actor_type"], row["actor_id"]), row["marks"], row["mac"]
    )


# ---- effects --------------------------------------------------------------------------------------------------------


class _Fold:
    """Effects of one decision, folded: what is new is one row, what was there before is one change."""

    def __init__(self, ticket_id: str, type_key: str, flow: str, now: int) -> None:
        self.ticket_id, self.type_key, self.flow, self.now = ticket_id, type_key, flow, now
        self.tasks: dict[str, dict[str, Any]] = {}
        self.changed: dict[str, list[str | None]] = {}  # task id → [status, outcome, assignee], None: as it was
        self.candidates: dict[tuple[str, str], None] = {}
        self.timers: dict[str, dict[str, Any]] = {}
        self.timer_states: dict[str, str] = {}
        self.messages: list[Mapping[str, Any]] = []
        self.jobs: dict[str, Mapping[str, Any]] = {}
        self.tells: list[Mapping[str, Any]] = []  # what a ticket's parent or children must hear
        self.cancelled: list[str] = []
        self.ticks: dict[str, dict[str, Any]] = {}
        self.listens: dict[str, str] = {}
        self.unheard: list[str] = []

    def take(self, effect: Mapping[str, Any]) -> None:
        """One effect of the engine."""
        do = effect["do"]
        if do.startswith("task."):
            ident = task_id(self.ticket_id, effect["task"])
            {"task.open": self._open, "task.close": self._close, "task.assign": self._assign}[do](ident, effect)
        elif do == "timer.arm":
            self.timers[effect["timer"]] = {
                "key": effect["timer"], "node": effect["node"], "kind": effect["kind"], "due_at": effect["due"],
                "run_at": effect["due"], "state": "armed", "attempts": 0,
            }
        elif do == "timer.cancel":
            self._cancel_timer(effect["timer"])
        elif do == "message":
            self.messages.append(effect)
        elif do == "job":
            self.jobs[effect["job"]] = effect
        elif do == "job.cancel":
            if self.jobs.pop(effect["job"], None) is None:
                self.cancelled.append(effect["job"])
        elif do == "tick":
            self._tick(effect)
        elif do == "listen.open":
            self.listens[effect["listen"]] = event_mark(effect["name"], effect["subject"])
        elif do == "mark":
            board, values = effect["board"], effect["values"]
            self.listens[effect["listen"]] = (
                board_mark(board, values) if board else same_mark(self.flow, effect["node"], values))
        elif do == "listen.close":
            if self.listens.pop(effect["listen"], None) is None:
                self.unheard.append(effect["listen"])
        elif do in ("parent.tell", "child.withdraw"):
            self.tells.append(effect)
        elif do not in IN_STATE:
            raise ValueError(f"the engine asked for {do!r}, which the runtime does not know")

    def _tick(self, effect: Mapping[str, Any]) -> None:
        """One row a key: what one decision counts twice under it is added up."""
        key, turn = tally_key(effect["key"], self.type_key), effect["turn"]
        n = effect["n"] + (self.ticks[key]["n"] if key in self.ticks else 0)
        self.ticks[key] = {"key": key, "turn": -1 if turn is None else turn + 1, "span": effect["span"], "n": n}

    def _open(self, ident: str, effect: Mapping[str, Any]) -> None:
        self.tasks[ident] = {
            "id": ident, "key": effect["task"], "node": effect["node"], "kind": effect["kind"],
            "name": str(localized(effect["name"], LOCALE))[:MAX_NAME], "assignee_id": effect["assignee"],
            "status": "open", "outcome": None, "due_at": effect["due"], "closed_at": None, "actions": effect["actions"],
        }
        people = [*effect["people"], *([effect["assignee"]] if effect["assignee"] else [])]
        for group in (*effect["groups"], *(f"p:{person}" for person in people)):
            self.candidates[group, ident] = None

    def _close(self, ident: str, effect: Mapping[str, Any]) -> None:
        status = "cancelled" if effect["outcome"] == "cancelled" else "done"
        if ident in self.tasks:
            self.tasks[ident].update(status=status, outcome=effect["outcome"], closed_at=self.now)
        else:
            self.changed[ident] = [status, effect["outcome"], self.changed.get(ident, [None] * 3)[2]]
        if effect.get("by"):
            self._give(ident, effect["by"])

    def _assign(self, ident: str, effect: Mapping[str, Any]) -> None:
        self._give(ident, effect["assignee"])

    def _give(self, ident: str, person: str) -> None:
        if ident in self.tasks:
            self.tasks[ident]["assignee_id"] = person
        else:
            self.changed.setdefault(ident, [None, None, None])[2] = person
        self.candidates[f"p:{person}", ident] = None

    def _cancel_timer(self, key: str) -> None:
        if key in self.timers:
            self.timers[key]["state"] = "cancelled"
        else:
            self.timer_states[key] = "cancelled"


def _message_row(
    effect: Mapping[str, Any], state: Mapping[str, Any], facts: dict[str, str], hidden: list[str]
) -> dict[str, Any]:
    to = effect["to"] if "customer" not in effect["to"] else {"customer": state["customer"].get("id") or ""}
    payload = {"to": to, "via": effect["via"], "template": effect["template"], "facts": facts}
    # A message never needs a sensitive answer; a job may (the other system needs the phone number), so it is sealed.
    return _row(effect["message"], MESSAGE, Effect(), seals.redact(payload, hidden), is_job=effect["answered"])


def _job_row(ticket_id: str, effect: Mapping[str, Any], catalog: Catalog, hidden: list[str]) -> dict[str, Any]:
    handler: Effect = catalog.effects.find(effect["name"]) or Effect()
    payload = seals.pack({"args": effect["args"], "timeout_ms": effect["timeout_ms"]}, ticket_id, effect["job"], hidden)
    row = _row(effect["job"], effect["name"], handler, payload, is_job=True)
    retry = effect["retry"]
    row["max_attempts"] = int(retry.get("max", 0)) + 1
    row["backoff_ms"] = int(retry.get("backoff_ms") or handler.backoff_ms)
    return row


def _tell_row(ticket_id: str, effect: Mapping[str, Any], catalog: Catalog, hidden: list[str]) -> dict[str, Any]:
    key = f"{effect['do']}:{effect.get('child', '')}"
    handler: Effect = catalog.effects.find(effect["do"]) or Effect()
    payload = {name: value for name, value in effect.items() if name != "do"}
    return _row(key, effect["do"], handler, seals.pack(payload, ticket_id, key, hidden), is_job=False)


def _row(key: str, kind: str, handler: Effect, payload: dict[str, Any], *, is_job: bool) -> dict[str, Any]:
    return {
        "key": key, "kind": kind, "lane": handler.lane, "is_job": is_job, "payload": payload, "state": "ready",
        "attempts": 0, "max_attempts": handler.max_attempts, "backoff_ms": handler.backoff_ms,
    }
