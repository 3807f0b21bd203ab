"""One clock a ticket for each SLA node.

It starts when the first attached node is entered, runs in its calendar while an attached node is active and nothing in
`pause_on` is, and fires each level once. `used` is the working time that has run; `since` the instant from which it is
running now (None: it stands). Timers are armed for the levels to come and armed anew, with new keys, after each pause.
`told` is the problem with it that somebody was told of: it is tried again at every step, and told once.
"""
from __future__ import annotations

from typing import Any

from app.core.calendar import Calendar
from app.core.errors import Problem
from app.flows.model import Node
from app.flows.step import Step


def update(step: Step) -> None:
    """Start, stop or leave each clock as the tokens now stand; called once a decision, after everything has moved."""
    if not step.flow.clocks or not step.open:
        return
    active = [step.flow.nodes[token["node"]] for token in step.tokens.values() if not token.get("side")]
    at, kinds = {node.id for node in active}, {node.type.type for node in active}
    for node in step.flow.clocks:
        clock = step.state["sla"].get(node.id)
        known = clock or {"started": step.now, "used": 0, "since": None, "due": None, "fired": [], "runs": 0}
        running = not at.isdisjoint(node.attach) and kinds.isdisjoint(node.config.pause_on or ())
        try:
            if running and (clock is None or clock["since"] is None):
                _start(step, node, known)
            elif clock is not None and clock["since"] is not None and not running:
                _stop(step, node, clock)
        except Problem as problem:
            # A clock that cannot be set (hours so few that the due time lies decades ahead) must not stop a ticket.
            step.state["sla"][node.id] = _told(step, node, known, problem)
    _set_dues(step)


def fire(step: Step, node: Node, timer: str) -> None:
    """A level is due: its side path begins, and the ticket goes on as it was."""
    port = timer.partition(":")[2].partition("#")[0]
    clock = step.state["sla"][node.id]
    step.state["sla"][node.id] = {**clock, "fired": [*clock["fired"], port]}
    step.event("timer.fired", node.id, port=port, delta={"timer": timer})
    edge = node.outs.get(port)
    if edge:
        step.go_to(step.spawn(node.id, 0, side=True), edge.target)


def level_ms(node: Node, level: Any) -> int:
    """When a level fires, in working time from the start."""
    unit, amount = level.at
    return int(node.config.due * amount // 100) if unit == "%" else int(amount)


def _start(step: Step, node: Node, clock: dict[str, Any]) -> None:
    calendar, clock = _calendar(step, node, clock)
    runs = clock["runs"] + 1

    def at(length: int) -> int:
        return calendar.add(step.now, max(0, length - clock["used"]))

    dues = {level.port: at(level_ms(node, level)) for level in node.config.levels if level.port not in clock["fired"]}
    step.state["sla"][node.id] = {**clock, "since": step.now, "runs": runs, "due": at(node.config.due)}
    for port, due in dues.items():
        step.arm(f"{node.id}:{port}#{runs}", node.id, "sla", due)


def _stop(step: Step, node: Node, clock: dict[str, Any]) -> None:
    for key in [key for key in step.timers if key.startswith(f"{node.id}:")]:
        step.cancel_timer(key, node.id)
    halt(step, node, clock)


def halt(step: Step, node: Node, clock: dict[str, Any]) -> None:
    """The clock stands, with what it has used; its timers are no longer armed."""
    calendar, clock = _calendar(step, node, clock)
    used = clock["used"] + calendar.elapsed(clock["since"], step.now)
    step.state["sla"][node.id] = {**clock, "used": used, "since": None, "due": None}


def _calendar(step: Step, node: Node, clock: dict[str, Any]) -> tuple[Calendar, dict[str, Any]]:
    """The calendar it runs in, and the clock with what was told of it."""
    try:
        return step.world.calendar(node.config.calendar), {key: clock[key] for key in clock if key != "told"}
    except Problem as problem:
        # A calendar that is gone must not stop a ticket: the clock runs round the clock, and somebody is told.
        return Calendar.always(), _told(step, node, clock, problem)


def _told(step: Step, node: Node, clock: dict[str, Any], problem: Problem) -> dict[str, Any]:
    """Tell a problem unless it was the last one told."""
    if clock.get("told") != problem.code:
        step.problem(node.id, problem.code, problem.params)
    return {**clock, "told": problem.code}


def _set_dues(step: Step) -> None:
    """When the ticket must be done: the earliest clock's; tasks opened now on nodes it covers are due then too."""
    clocks = [(node, clock["due"]) for node in step.flow.clocks
              if (clock := step.state["sla"].get(node.id)) and clock["since"] is not None]
    due = min((due for _, due in clocks), default=None)
    step.state["due"] = due
    for effect in step.effects:
        if effect["do"] == "task.open" and effect["due"] is None:
            effect["due"] = min((due for node, due in clocks if effect["node"] in node.attach), default=None)
