"""加签: before a task is completed, or once it is, somebody else is asked what they say; then it comes back.

An opinion is a task of kind "sign" whose `asks` names the task it is for. That one carries `held`, the keys of the
opinions it waits for; `later`, whom to ask once it is completed; and `act`, how it was completed while they are asked.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Conflict, Problem
from app.flows.asks import open_task, perform
from app.flows.base import Action, Message
from app.flows.config import names
from app.flows.model import Node
from app.flows.step import Step

MAX_NOTE = 2000  # code points
MAX_SIGNS = 10  # opinions that one task waits for
SIGN = "sign"
AGREE, DISAGREE = "agree", "disagree"
SIGN_ACTIONS = (Action(AGREE, names("同意", "Agree"), requires=False),
                Action(DISAGREE, names("不同意", "Disagree"), requires=False))


def actions(node: Node, task: Mapping[str, Any]) -> Sequence[Action]:
    """The buttons of an open task."""
    return SIGN_ACTIONS if task["kind"] == SIGN else node.type.actions(node.config)


def may(node: Node, task: Mapping[str, Any]) -> Sequence[str]:
    """What its assignee may do besides."""
    return ("comment",) if task["kind"] == SIGN else node.type.may(node.config)


def note_of(signal: Mapping[str, Any]) -> str:
    """What somebody wrote to it."""
    return str(signal.get("note") or "")[:MAX_NOTE]


def colleague(step: Step, signal: Mapping[str, Any]) -> str:
    """Whom it names; Problem unless they are at work."""
    to = signal.get("to")
    person = step.world.person(to) if isinstance(to, str) else None
    if person is None or not person.get("active", True):
        raise Problem("flow_person_unknown", "to", person=str(to)[:60])
    return str(to)


def name_of(step: Step, person: str) -> str:
    """A colleague's name."""
    return str((step.world.person(person) or {}).get("name", person))


def tell(step: Step, task: Mapping[str, Any], person: str, template: str, note: str) -> None:
    """A message to somebody about a task."""
    visit = step.tokens[task["token"]]["visit"]
    perform(step, step.flow.nodes[task["node"]], visit, task["token"],
            [Message(person, "wecom", template, {"note": note})])


def add_sign(step: Step, key: str, signal: Mapping[str, Any]) -> None:
    """Ask somebody, before the task is completed or once it is; then it comes back to whoever has it."""
    by, to, when = signal["by"], colleague(step, signal), signal.get("when") or "before"
    if when not in ("before", "after"):
        raise Problem("flow_not_an_option", "when", value=str(when)[:40], options="before, after")
    if to == by:
        raise Conflict("sign_self")
    task = step.tasks[key]
    asked = [step.tasks[sign]["assignee"] for sign in task.get("held", ())] + [row[0] for row in task.get("later", ())]
    if to in asked:
        raise Conflict("sign_twice", name=name_of(step, to))
    if len(asked) >= MAX_SIGNS:
        raise Conflict("sign_many", max=MAX_SIGNS)
    if task["assignee"] is None:
        step.assign_task(key, by, "sign")  # what is asked comes back to who asked
    if when == "before":
        _ask(step, key, [(to, note_of(signal))])
    else:
        step.tasks[key] = {**step.tasks[key], "later": [*task.get("later", ()), [to, note_of(signal)]]}
        step.event("sign.planned", task["node"], task["token"], delta={"task": key, "to": to, "note": note_of(signal)})


def _ask(step: Step, key: str, wanted: Sequence[Sequence[str]]) -> None:
    """Open an opinion for each (person, note)."""
    task = step.tasks[key]
    node, visit, held = step.flow.nodes[task["node"]], step.tokens[task["token"]]["visit"], list(task.get("held", ()))
    for person, note in wanted:
        number = step.state["signs"] = step.state.get("signs", 0) + 1
        sign = f"{node.id}:{visit}:s{number}"
        entry = {"node": node.id, "token": task["token"], "kind": SIGN, "n": 0, "assignee": person, "groups": [],
                 "people": [], "asks": key}
        open_task(step, sign, entry, SIGN_ACTIONS, None, {"asks": key, "by": task["assignee"], "note": note})
        tell(step, task, person, "sign_asked", note)
        held.append(sign)
    step.tasks[key] = {**step.tasks[key], "held": held}


def sign(step: Step, key: str, action: str, by: str, note: str) -> str | None:
    """An opinion is given. Returns the key of the task that it completes by this, None where that waits on."""
    if action == DISAGREE and not note.strip():
        raise Problem("sign_reason", "note")
    given = step.tasks[key]
    parent = given["asks"]
    step.close_task(key, action, by)
    step.event("sign.given", given["node"], given["token"],
               delta={"task": key, "asks": parent, "action": action, "note": note})
    task = step.tasks[parent]
    rest = [sign for sign in task["held"] if sign != key]
    if "act" in task and action == DISAGREE:
        let_go(step, parent, rest)
    else:
        step.tasks[parent] = {**task, "held": rest} if rest else _without(task, "held")
        if rest:
            return None
        if "act" in task:
            return str(parent)
    if task["assignee"] is not None:
        tell(step, task, task["assignee"], "sign_given", note)
    return None


def held(step: Step, key: str) -> None:
    """Conflict while a task waits for what others say to it."""
    waiting = step.tasks[key].get("held")
    if waiting:
        people = "、".join(name_of(step, step.tasks[sign]["assignee"]) for sign in waiting)
        raise Conflict("task_held", names=people)


def ask_first(step: Step, key: str, action: str, by: str, note: str) -> bool:
    """Whether others are to be asked now that a task was completed: it then waits, and nothing else happens yet."""
    wanted = step.tasks[key].get("later")
    if not wanted:
        return False
    step.tasks[key] = {**_without(step.tasks[key], "later"), "act": {"action": action, "by": by, "note": note}}
    _ask(step, key, wanted)
    return True


def let_go(step: Step, key: str, signs: Sequence[str]) -> None:
    """The task waits for nobody any more, and is as if it had not been completed."""
    for sign in signs:
        step.close_task(sign, "cancelled")
    step.tasks[key] = _without(step.tasks[key], "held", "later", "act")


def _without(task: Mapping[str, Any], *parts: str) -> dict[str, Any]:
    return {key: value for key, value in task.items() if key not in parts}
