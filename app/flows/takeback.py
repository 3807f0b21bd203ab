"""Completing a task, and taking that back while nobody has acted on what followed.

`state["back"]` {task key: how things stood before it was completed} holds what can still be taken back; the tokens that
went on from there carry `after` = that key. An entry goes as soon as anybody or anything acts on what followed.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Conflict, Denied
from app.flows.asks import anew, open_task
from app.flows.opinions import SIGN, actions, let_go, may
from app.flows.step import Step
from app.flows.work import SIDE

RECALL = "recall"
_TASK = ("node", "kind", "n", "assignee", "groups", "people", "avoid", "behalf")


def complete(step: Step, key: str, outcome: str, by: str, kind: str, delta: Mapping[str, Any],
             port: str | None = None) -> None:
    """Close a task that somebody acted on, and keep how things stood where they may take it back."""
    task = step.tasks[key]
    token, node = task["token"], step.flow.nodes[task["node"]]
    step.moved_on(token)
    if RECALL in may(node, task) and not step.tokens[token].get("side"):
        _keep(step, key, by, token)
    step.close_task(key, outcome, by)
    behalf = {"for": task["behalf"]} if task.get("behalf") else {}
    step.event(kind, node.id, token, port=port, delta={"task": key, **delta, **behalf})
    step.tokens[token] = {**step.tokens[token], "by": by}


def _keep(step: Step, key: str, by: str, token: str) -> None:
    entry = step.tokens[token]
    begin = f"{entry['node']}:{entry['visit']}:"
    step.state["back"][key] = {
        "by": by, "node": entry["node"], "visit": entry["visit"], "scope": entry["scope"], "was": entry.get("by"),
        "memo": entry.get("memo"), "owner": step.ticket.get("owner"),
        "tasks": {other: {part: task[part] for part in _TASK if part in task}
                  for other, task in sorted(step.tasks.items()) if task["token"] == token and task["kind"] != SIGN},
        "timers": {timer: due for timer, due in sorted(step.timers.items())
                   if timer.startswith(begin) and timer[len(begin)] != SIDE},
    }
    step.tokens[token] = {**entry, "after": key}


def recallable(state: Mapping[str, Any], person: str) -> list[str]:
    """The tasks whose last action this person could take back: their own, and those that others now do for them."""
    if state.get("status") != "open":
        return []
    found = [key for key, entry in (state.get("back") or {}).items() if entry["by"] == person
             and not _called(state, _followers(state, key))]
    return found + [key for key, task in state["tasks"].items() if _lent(task, person) or _asking(task, person)]


def recalls(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(person, task) of everything that anybody could take back now."""
    tasks = state.get("tasks") or {}
    people = [entry["by"] for entry in (state.get("back") or {}).values()]
    people += [task[part] for task in tasks.values() for part in ("assignee", "behalf") if task.get(part)]
    return [(person, key) for person in dict.fromkeys(people) for key in recallable(state, person)]


def _lent(task: Mapping[str, Any], person: str) -> bool:
    return task.get("behalf") == person and task["assignee"] != person


def _asking(task: Mapping[str, Any], person: str) -> bool:
    return task["assignee"] == person and bool(task.get("held") or task.get("later"))


def _followers(state: Mapping[str, Any], key: str) -> list[str]:
    return sorted((token for token, entry in state["tokens"].items() if entry.get("after") == key), key=int)


def _called(state: Mapping[str, Any], tokens: Sequence[str]) -> bool:
    """Whether another system was asked for something meanwhile: that cannot be taken back."""
    return any(job["token"] in tokens for job in state["jobs"].values())


def recall(step: Step, key: str, by: str) -> None:
    """Take back: an opinion that was asked for, a delegation, or the completion of a task nobody has acted on since."""
    task = step.tasks.get(key)
    if task is not None:
        if _lent(task, by):
            step.assign_task(key, by, RECALL)
        elif _asking(task, by):
            let_go(step, key, task.get("held", ()))
            step.event("sign.cancelled", task["node"], task["token"], delta={"task": key})
        else:
            raise Conflict("recall_nothing")
        return
    entry = step.state["back"].get(key)
    if entry is None:
        raise Conflict("recall_late") if step.state["done"].get(key, [None, None])[1] == by else \
            Denied("recall_not_yours")
    if entry["by"] != by:
        raise Denied("recall_not_yours")
    tokens = _followers(step.state, key)
    if _called(step.state, tokens):
        raise Conflict("recall_called")
    _restore(step, key, entry, tokens)


def _restore(step: Step, key: str, entry: Mapping[str, Any], tokens: Sequence[str]) -> None:
    """Put the token back to where the task was open, with everything that was open there; keys are new."""
    del step.state["back"][key]
    token, node = tokens[0], step.flow.nodes[entry["node"]]
    for other in tokens[1:]:
        step.drop(other)
    if all(step.tokens[token][part] == entry[part] for part in ("node", "visit")):  # a vote: the others' stay open
        for opened in [opened for opened, task in sorted(step.tasks.items()) if task["token"] == token]:
            if step.tasks[opened].get("asks", opened) not in entry["tasks"]:
                step.close_task(opened, "cancelled")
    else:
        step.release(token)
    step.tokens[token] = {"node": node.id, "visit": entry["visit"], "scope": entry["scope"], "by": entry["was"],
                          **({"memo": entry["memo"]} if entry["memo"] is not None else {})}
    step.event("task.recalled", node.id, token, delta={"task": key})
    for old, task in entry["tasks"].items():
        if old in step.tasks:
            continue
        again = anew(old, step.state["done"])
        open_task(step, again, {**task, "token": token}, actions(node, task), None, {"reason": RECALL})
        if old == key and task["assignee"] is None:
            step.assign_task(again, entry["by"], RECALL)
    for old, due in entry["timers"].items():
        if old in step.timers:
            continue
        step.arm(anew(old, ()), node.id, "timeout", max(due, step.now))
    step.set_owner(entry["owner"], node.id, token)
