"""What a node wants done → state, effect and event. A key is `node:visit`, with a suffix where there are several."""
from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from app.flows.base import (
    Action,
    Ask,
    Assign,
    Avoid,
    Child,
    CloseTask,
    Job,
    Joined,
    Keep,
    Listen,
    Mark,
    Message,
    Note,
    Owner,
    Question,
    Task,
    Tick,
    Timer,
)
from app.flows.model import Node
from app.flows.work import SIDE, Work

LAST_RESORT = "admin@"  # the group that gets a task for which nobody at all was found


def perform(work: Work, node: Node, visit: int, token: str | None, asks: Sequence[Ask]) -> None:
    """Carry out what a visit of a node asked for; `token` is None when only a side timer woke it."""
    for ask in asks:
        _PERFORM[type(ask)](work, node, f"{node.id}:{visit}", token, ask)


def _task(work: Work, node: Node, begin: str, token: str, ask: Task) -> None:
    groups, people = list(ask.groups), list(ask.people)
    if not ask.assignee and not groups and not people:
        groups = [LAST_RESORT]
    entry = {"node": node.id, "token": token, "kind": ask.kind, "n": ask.n, "assignee": ask.assignee,
             "groups": groups, "people": people}
    if ask.avoid:
        entry["avoid"] = list(ask.avoid)
    key = f"{begin}:{ask.n}" if ask.n else begin
    key = anew(key, work.state["done"]) if key in work.state["done"] else key  # a vote in turn comes by again
    open_task(work, key, entry, node.type.actions(node.config), ask.due)


def anew(key: str, used: Collection[str]) -> str:
    """A key that was never used: `handle:2` → `handle:2#2` → `handle:2#3`."""
    base, _, number = key.partition("#")
    again = int(number or 1) + 1
    while f"{base}#{again}" in used:
        again += 1
    return f"{base}#{again}"


def open_task(work: Work, key: str, entry: Mapping[str, Any], actions: Sequence[Action], due: int | None = None,
              why: Mapping[str, Any] | None = None) -> None:
    """Open a task with these buttons; `why`: what its event tells besides."""
    work.tasks[key] = dict(entry)
    node, who = work.flow.nodes[entry["node"]], {part: entry[part] for part in ("assignee", "groups", "people")}
    buttons = [{"port": action.id, "label": action.label} for action in actions]
    work.effect("task.open", task=key, node=node.id, kind=entry["kind"], name=node.name, actions=buttons, due=due,
                **who)
    work.event("task.opened", node.id, entry["token"],
               delta={"task": key, "kind": entry["kind"], **who, **(why or {})})


def _close_task(work: Work, node: Node, begin: str, token: str, ask: CloseTask) -> None:
    key = f"{begin}:{ask.n}" if ask.n else begin
    if key in work.tasks:
        work.close_task(key, ask.outcome)


def _timer(work: Work, node: Node, begin: str, token: str | None, ask: Timer) -> None:
    work.arm(f"{begin}:{SIDE if ask.side else ''}{ask.name}", node.id, ask.kind, ask.due)


def _job(work: Work, node: Node, begin: str, token: str, ask: Job) -> None:
    asked = work.tokens[token].get("asked", 0) + 1
    work.tokens[token] = {**work.tokens[token], "asked": asked}
    key = begin if asked == 1 else f"{begin}:{asked}"
    work.state["jobs"][key] = {"node": node.id, "token": token}
    work.effect("job", job=key, node=node.id, name=ask.name, args=dict(ask.args), retry=dict(ask.retry),
                timeout_ms=ask.timeout_ms)
    work.event("job.queued", node.id, token, delta={"job": key, "name": ask.name})


def _message(work: Work, node: Node, begin: str, token: str | None, ask: Message) -> None:
    number = work.state["sent"] = work.state.get("sent", 0) + 1
    key = f"{begin}:m{number}"
    to: dict[str, Any] = {"customer": True} if ask.to is None else {"person": ask.to}
    if ask.group is not None:
        to = {"group": ask.group}
    else:
        work.state["messages"][key] = {"to": ask.to, "read": None}
    if ask.answered:
        work.state["jobs"][key] = {"node": node.id, "token": token}
    work.effect("message", message=key, node=node.id, to=to, via=ask.via, template=ask.template,
                params=dict(ask.params), answered=ask.answered)
    work.event("message.queued", node.id, token, delta={"message": key, "to": to, "via": ask.via,
                                                        "template": ask.template})


def _owner(work: Work, node: Node, begin: str, token: str | None, ask: Owner) -> None:
    if ask.person is not None:
        work.ticket.pop("avoid", None)
    work.set_owner(ask.person, node.id, token)


def _assign(work: Work, node: Node, begin: str, token: str | None, ask: Assign) -> None:
    for key, task in sorted(work.tasks.items()):
        if task["assignee"] == ask.old and task["kind"] not in ("approval", "sign"):  # a vote is the voter's own
            work.assign_task(key, ask.person, ask.reason)


def _avoid(work: Work, node: Node, begin: str, token: str | None, ask: Avoid) -> None:
    work.ticket["avoid"] = list(ask.people)


def _question(work: Work, node: Node, begin: str, token: str, ask: Question) -> None:
    work.state["answers"][node.id] = [*work.state["answers"].get(node.id, ()), token]
    work.event("customer.asked", node.id, token)


def _listen(work: Work, node: Node, begin: str, token: str, ask: Listen) -> None:
    work.state["listens"][begin] = {"node": node.id, "token": token, "name": ask.name, "subject": ask.subject}
    work.effect("listen.open", listen=begin, name=ask.name, subject=ask.subject)
    work.event("event.awaited", node.id, token, delta={"name": ask.name, "subject": ask.subject})


def _child(work: Work, node: Node, begin: str, token: str, ask: Child) -> None:
    known = work.state["children"].get(ask.id)
    work.state["children"][ask.id] = {"node": node.id, "no": ask.no, "cascade": ask.cascade, "status": ask.status}
    if known is None:
        work.event("subticket.opened", node.id, token, delta={"id": ask.id, "no": ask.no})
    if ask.status != "open":
        work.event("subticket.ended", node.id, token, delta={"id": ask.id, "no": ask.no, "status": ask.status})


def _mark(work: Work, node: Node, begin: str, token: str, ask: Mark) -> None:
    for key, listen in sorted(work.state["listens"].items()):
        if listen["node"] == node.id and listen["token"] is None and key != begin and not key.startswith(f"{begin}:"):
            work.stop_listening(key)  # an earlier visit's
    key = f"{begin}:{ask.name}" if ask.name else begin
    work.state["listens"][key] = {"node": node.id, "token": None, "name": None, "subject": None}
    work.effect("mark", listen=key, node=node.id, board=ask.board, values=list(ask.values))


def _joined(work: Work, node: Node, begin: str, token: str, ask: Joined) -> None:
    work.ticket["merged_into"] = {"ticket": ask.ticket, "no": ask.no}
    work.event("ticket.merged", node.id, token, delta={"ticket": ask.ticket, "no": ask.no})


def _note(work: Work, node: Node, begin: str, token: str | None, ask: Note) -> None:
    work.event(ask.kind, node.id, token, port=ask.port, delta=ask.delta)


def _keep(work: Work, node: Node, begin: str, token: str | None, ask: Keep) -> None:
    work.state["kept"][begin] = dict(ask.memo)


def _tick(work: Work, node: Node, begin: str, token: str | None, ask: Tick) -> None:
    work.effect("tick", key=ask.key, n=ask.n, span=ask.span, turn=ask.turn)


_PERFORM: dict[type, Callable[..., None]] = {
    Task: _task, CloseTask: _close_task, Timer: _timer, Job: _job, Message: _message, Owner: _owner, Assign: _assign,
    Avoid: _avoid, Child: _child, Question: _question, Listen: _listen, Mark: _mark, Joined: _joined, Note: _note,
    Tick: _tick, Keep: _keep,
}
