"""What people do with a task besides completing it: hand it over, have it done for them, ask somebody else, copy it to
somebody, send the ticket back; and urge those who have it."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core.errors import Conflict, Problem
from app.flows.model import Flow, reach
from app.flows.opinions import MAX_NOTE, add_sign, colleague, may, note_of, tell
from app.flows.step import Step
from app.flows.takeback import complete

URGE_PAUSE = 30 * 60_000  # ms: nobody is urged more often
MAX_URGED = 50  # people who are told at once


def _transfer(step: Step, key: str, signal: Mapping[str, Any]) -> None:
    task, by, to = step.tasks[key], signal["by"], colleague(step, signal)
    if to == task["assignee"]:
        raise Conflict("transfer_to_same")
    step.assign_task(key, to, "transfer", note_of(signal))
    if step.ticket.get("owner") == by:
        step.set_owner(to, task["node"], task["token"])


def _delegate(step: Step, key: str, signal: Mapping[str, Any]) -> None:
    """Somebody does it in the place of whose work it is; the ticket's owner stays."""
    task, to = step.tasks[key], colleague(step, signal)
    if to == task["assignee"] or (task["assignee"] is None and to == signal["by"]):
        raise Conflict("transfer_to_same")
    behalf = task.get("behalf") or signal["by"]
    step.assign_task(key, to, "delegate", note_of(signal))
    if to != behalf:
        step.tasks[key] = {**step.tasks[key], "behalf": behalf}
        tell(step, task, to, "task_delegated", note_of(signal))


def _copy_to(step: Step, key: str, signal: Mapping[str, Any]) -> None:
    tell(step, step.tasks[key], colleague(step, signal), "cc", note_of(signal))


def _remark(step: Step, key: str, signal: Mapping[str, Any]) -> None:
    comment(step, signal, step.tasks[key]["node"])


def comment(step: Step, signal: Mapping[str, Any], node: str | None = None) -> None:
    """Somebody writes something to the ticket."""
    note = str(signal.get("note") or "").strip()
    if not note or len(note) > MAX_NOTE:
        raise Problem("comment_length", "note", max=MAX_NOTE)
    step.event("comment", node, delta={"note": note})


# ---- back to an earlier step ----------------------------------------------------------------------------------------


def returns(flow: Flow, state: Mapping[str, Any], key: str) -> list[str]:
    """The steps that a task's ticket can be returned to: where somebody acted before, in the flow's order.

    Within a parallel block only those of the task's own branch, besides those before the block. Never a step that only
    a clock leads to: its way may end without an end, and the ticket would stand there for good.
    """
    task = state["tasks"].get(key)
    if task is None:
        return []
    token = state["tokens"][task["token"]]
    if token.get("side"):
        return []  # a side path has no way before it
    passed = {done.partition(":")[0] for done, (outcome, by) in state["done"].items()
              if by is not None and outcome not in ("cancelled", "return_to")
              and not done.rpartition(":")[2].startswith("s")}
    passed.discard(task["node"])
    onward = {node.id: [edge.target for edge in node.outs.values()] for node in flow.nodes.values()}
    passed &= reach([trigger.id for trigger in flow.triggers()], onward, set())
    for run in token["scope"]:
        fork, _, branch = run.split(":")
        way = flow.nodes[fork].outs.get(branch)
        join = flow.joins.get(fork)
        own = reach([way.target] if way else (), onward, {fork, join})
        passed -= flow.blocks.get(fork, frozenset()) - own
    return [id for id, node in flow.nodes.items() if id in passed and node.type.has_input]


def _return_to(step: Step, key: str, signal: Mapping[str, Any]) -> None:
    task, by, to, note = step.tasks[key], signal["by"], signal.get("to"), note_of(signal).strip()
    ways = returns(step.flow, step.state, key)
    if to not in ways:
        raise Conflict("return_where" if ways else "return_nowhere", "to", node=str(to or "")[:40])
    if not note:
        raise Problem("return_reason", "note")
    last = _last_actor(step, to)
    token = task["token"]
    complete(step, key, "return_to", by, "task.returned", {"to": to, "note": note})
    step.release(token)
    step.go_to(token, to)
    step.run()
    for again, opened in sorted(step.tasks.items()):
        if last and opened["token"] == token and opened["node"] == to and opened["assignee"] is None \
                and opened["kind"] != "claim" and step.world.may(last, opened["groups"], opened["people"]):
            step.assign_task(again, last, "return_to")


def _last_actor(step: Step, node: str) -> str | None:
    """Who did this step the last time."""
    found = [(int(key.split(":")[1].partition("#")[0]), by) for key, (outcome, by) in step.state["done"].items()
             if key.startswith(f"{node}:") and by is not None and outcome not in ("cancelled", "return_to")]
    return max(found)[1] if found else None


# ---- urging ---------------------------------------------------------------------------------------------------------


def urge(step: Step, signal: Mapping[str, Any]) -> None:
    """Tell those whom the ticket waits for that somebody wants it done; not more than once in half an hour."""
    last = step.state.get("urged")
    if last is not None and step.now < last + URGE_PAUSE:
        raise Conflict("urged_lately", minutes=-(-(last + URGE_PAUSE - step.now) // 60_000))
    told: dict[str, Mapping[str, Any]] = {}
    for _, task in sorted(step.tasks.items()):
        if task.get("held"):
            continue  # it waits for others, who are told
        for person in [task["assignee"]] if task["assignee"] is not None else _candidates(step, task):
            told.setdefault(person, task)
    told.pop(str(signal.get("by") or ""), None)
    if not told:
        raise Conflict("urge_nobody")
    step.state["urged"] = step.now
    people = list(told)[:MAX_URGED]
    step.event("ticket.urged", delta={"to": people, "note": note_of(signal)})
    for person in people:
        tell(step, told[person], person, "urged", note_of(signal))


def _candidates(step: Step, task: Mapping[str, Any]) -> list[str]:
    """Those who may take a task that nobody has yet."""
    roles = {group.partition("@")[0] for group in task["groups"]}
    found = [*step.world.people([{"role": role} for role in sorted(roles)], step.state), *task["people"]]
    return [person for person in dict.fromkeys(found)
            if person not in task.get("avoid", ()) and step.world.may(person, task["groups"], task["people"])]


ASIDE: dict[str, Callable[[Step, str, Mapping[str, Any]], None]] = {
    "transfer": _transfer, "delegate": _delegate, "add_sign": add_sign, "return_to": _return_to, "comment": _remark,
    "cc": _copy_to,
}


def aside(flow: Flow, state: Mapping[str, Any], key: str) -> list[str]:
    """What whoever has an open task may do with it now besides its buttons, in the order of `ASIDE`."""
    task = state["tasks"].get(key)
    node = flow.nodes.get(task["node"]) if task else None
    allowed = may(node, task) if node is not None else ()
    return [name for name in ASIDE if name in allowed and (name != "return_to" or returns(flow, state, key))]


def customer_may(flow: Flow, state: Mapping[str, Any]) -> Sequence[str]:
    """What the ticket's way in lets its customer do on their page: urge, withdraw."""
    trigger = flow.nodes.get(str(state["ticket"].get("source") or ""))
    return trigger.type.may(trigger.config) if trigger is not None else ()
