"""The engine: (flow, state, signal, now, world) → what follows. No I/O, no clock, no randomness of its own.

State (JSON; all of it may be stored and sent back as it is):
  v status reason form vars customer ticket          what the ticket is
  tokens     {token: {node, visit, scope, by, side?, memo?, parked?, arrived?}}   where it stands
  visits     {node: n}          tasks {key: {node, token, kind, n, assignee, groups, people, avoid?}}
  timers     {key: due}         jobs  {key: {node, token}}      messages {key: {to, read}}
  listens    {key: {node, token, name, subject}}   events that are waited for; token None: what it can be found by
  answers    {node: [token]}   what the customer is asked, and which branches wait for it
  sla        {node: {started, used, since, due, fired, runs, told?}}   due  when the ticket must be done, or None
  acted      {person: when they last did something with a task}     kept {node:visit: what its side timers remember}
  done       {task key: [outcome, by]}                parked  [{node, code, params}] that need a person
  children   {ticket id: {node, no, cascade, status}} that were opened for this one; ticket.parent: for which this was
  back       what can still be taken back, see takeback.py
  apart      values of variables that the flow had once and its present version has not
  retired    what the form asked once and its present version does not; the caller's, the engine carries it along
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.core.errors import Conflict, Denied, Problem
from app.flows import migrate, opinions, sla, takeback, verbs
from app.flows.asks import SIDE, perform
from app.flows.base import Answer, Decision, Message, Outcome, World
from app.flows.guard import look, watched
from app.flows.model import Flow, Node
from app.flows.step import MISTAKES, Step


def decide(flow: Flow, state: Mapping[str, Any], signal: Mapping[str, Any], now: int, world: World) -> Decision:
    """What follows from `signal` at `now` (epoch ms). `state` is not changed; {} before the start.

    Signals: start, repeat, act, answer, timer, job, event, read, comment, urge, reveal, withdraw, retry, upgrade,
    migrate: see docs/flow-engine.md.
    Raises Conflict when the signal no longer applies, Denied when the actor may not, Problem when it makes no sense;
    returns an ignored Decision for what simply came too late (a timer that is no longer armed, a job nobody waits for).
    """
    kind = signal["kind"]
    handler = _SIGNALS.get(kind)
    if handler is None:
        raise Problem("flow_unknown_signal", kind=str(kind)[:40])
    if (kind == "start") == bool(state):
        raise Conflict("ticket_started" if state else "ticket_not_started")
    step = Step(flow, state or blank(flow, signal, now), now, world, _actor(signal))
    if handler(step, signal) is False:
        return Decision(dict(state), ignored=True)
    step.run()
    sla.update(step)
    step.state["parked"] = [{"node": token["node"], **token["parked"]} for _, token in sorted(step.tokens.items())
                            if "parked" in token]
    return Decision(step.state, step.effects, step.events)


def blank(flow: Flow, signal: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The state of a ticket that is about to begin."""
    told = signal.get("ticket") or {}
    ticket = {"channel": None, "owner": None, **told, "source": signal["trigger"], "opened": now,
              "opener": signal.get("by")}
    return {
        "v": 1, "status": "open", "reason": None, "form": dict(signal.get("form") or {}),
        "vars": {var.key: var.default for var in flow.vars.values()},
        "customer": dict(signal.get("customer") or {}), "ticket": ticket, "due": None, "parked": [],
    }


def _actor(signal: Mapping[str, Any]) -> dict[str, Any]:
    kind, by = signal["kind"], signal.get("by")
    if by is not None:
        return {"type": "person", "id": by}
    if signal.get("system") or (kind == "start" and (signal.get("ticket") or {}).get("parent")):
        return {"type": "system", "id": ""}
    if kind in ("start", "repeat", "answer", "withdraw", "comment", "urge"):
        return {"type": "customer", "id": ""}
    return {"type": "timer", "id": signal["timer"]} if kind == "timer" else {"type": "system", "id": ""}


def _need_open(step: Step) -> None:
    if not step.open:
        raise Conflict("ticket_closed", status=step.state["status"])


def _start(step: Step, signal: Mapping[str, Any]) -> None:
    node = step.flow.nodes.get(signal["trigger"])
    if node is None or node.type.group != "trigger":
        raise Problem("flow_not_a_trigger", node=str(signal["trigger"])[:60])
    step.event("ticket.created", node.id, delta={"source": node.id, "channel": step.ticket["channel"]})
    _not_kept(step, signal, node.id)
    step.go_to(step.spawn(node.id, 0, by=signal.get("by")), node.id)


def _answers(step: Step, signal: Mapping[str, Any], node: str) -> None:
    step.set_form(signal.get("form"), node)
    _not_kept(step, signal, node)


def _not_kept(step: Step, signal: Mapping[str, Any], node: str) -> None:
    """Answers that the form did not ask for as things stood are not stored; that they came is."""
    if signal.get("dropped"):
        step.event("form.dropped", node, delta={"fields": sorted(signal["dropped"])})


def _repeat(step: Step, signal: Mapping[str, Any]) -> None:
    """The customer sent the same request again: `answers` are those that differ, as the caller wants them kept.

    `merged` {ticket, no}: it had become a ticket of its own."""
    _need_open(step)
    node, answers = step.flow.nodes[signal["trigger"]], dict(signal["answers"])
    step.event("customer.repeated", node.id, delta={
        "fields": sorted(answers), "answers": answers, **({"from": signal["merged"]} if "merged" in signal else {})})
    # Whoever works on it hears of it, but not again before they have looked: nobody is flooded by an impatient finger.
    unread = {message["to"] for key, message in step.state["messages"].items()
              if key.startswith(f"{node.id}:") and message["read"] is None}
    at_work = {step.ticket.get("owner"), *(task["assignee"] for task in step.tasks.values())} - {None}
    told = [Message(person, "wecom", "request_again") for person in sorted(at_work - unread)]
    perform(step, node, step.state["visits"].get(node.id, 0), None, told)


def _act(step: Step, signal: Mapping[str, Any]) -> None:
    key, by, action = signal["task"], signal["by"], signal["action"]
    task = step.tasks.get(key)
    if action == takeback.RECALL:
        _active(step, by)
        takeback.recall(step, key, by)
        return
    if task is None:
        _refuse_gone(step, key)
        raise AssertionError  # unreachable: the line above always raises
    node = step.flow.nodes[task["node"]]
    _admit(step, task, by)
    step.state["acted"][by] = step.now
    if action in verbs.ASIDE and action in opinions.may(node, task):
        verbs.ASIDE[action](step, key, signal)
        return
    known = opinions.actions(node, task)
    if all(action != other.id for other in known):
        raise Problem("flow_unknown_action", action=str(action)[:60], actions=", ".join(other.id for other in known))
    note = opinions.note_of(signal)
    if task["kind"] == opinions.SIGN:
        completed = opinions.sign(step, key, action, by, note)
        if completed is not None:
            _complete(step, completed, **step.tasks[completed]["act"])
        return
    opinions.held(step, key)
    _answers(step, signal, node.id)
    if not opinions.ask_first(step, key, action, by, note):
        _complete(step, key, action, by, note)


def _complete(step: Step, key: str, action: str, by: str, note: str) -> None:
    """The action of a task takes effect."""
    task = step.tasks[key]
    token = task["token"]
    outcome = step.resume(token, Answer("act", name=action, by=by, note=note, task=task["n"]))
    kind = "task.claimed" if task["kind"] == "claim" else "task.done"
    takeback.complete(step, key, action, by, kind, {"action": action, **({"note": note} if note else {})}, action)
    step.apply(token, outcome)


def _refuse_gone(step: Step, key: str) -> None:
    outcome, by = step.state["done"].get(key, ("cancelled", None))
    name = opinions.name_of(step, by) if by else ""
    if outcome == "claim":
        raise Conflict("task_taken", name=name)
    _need_open(step)
    raise Conflict("task_done" if by else "task_cancelled", name=name)


def _active(step: Step, by: str) -> None:
    person = step.world.person(by)
    if person is None or not person.get("active", True):
        raise Denied("actor_inactive")


def _admit(step: Step, task: Mapping[str, Any], by: str) -> None:
    """Denied unless this person may act on this task."""
    _active(step, by)
    assignee = task["assignee"]
    if assignee is None:
        if not step.world.may(by, task["groups"], task["people"]):
            raise Denied("task_not_candidate")
        if by in task.get("avoid", ()):
            raise Denied("task_avoided")
    elif assignee != by:
        raise Denied("task_not_yours", name=opinions.name_of(step, assignee))


def _urge(step: Step, signal: Mapping[str, Any]) -> None:
    _need_open(step)
    verbs.urge(step, signal)


def _reveal(step: Step, signal: Mapping[str, Any]) -> None:
    """Somebody had a masked answer shown: that they did is part of the ticket's history, the answer is not."""
    step.event("answer.revealed", delta={"fields": [signal["field"]]})


def _upgrade(step: Step, signal: Mapping[str, Any]) -> None:
    """The ticket's form has a new version: `form` are the answers under it, `retired` those that it does not ask, as
    the caller wants them kept."""
    _need_open(step)
    step.state["form"], step.state["retired"] = dict(signal["form"]), dict(signal["retired"])
    step.event("form.upgraded", delta=signal["delta"])


def _migrate(step: Step, signal: Mapping[str, Any]) -> None:
    """The ticket goes on under `step.flow`, another version of the flow it ran on; see migrate.py."""
    _need_open(step)
    migrate.migrate(step, signal)


def _answer(step: Step, signal: Mapping[str, Any]) -> None:
    _need_open(step)
    asked = step.state["answers"].get(signal["node"])
    if asked is None:
        raise Conflict("not_asked")
    _answers(step, signal, signal["node"])
    for token in asked:
        step.event("customer.answered", signal["node"], token)
        step.moved_on(token)
        step.apply(token, step.resume(token, Answer("answer")))


def _timer(step: Step, signal: Mapping[str, Any]) -> bool | None:
    key = signal["timer"]
    if key not in step.timers:
        return False
    del step.timers[key]
    name = key.partition(":")[0]
    node = step.flow.nodes[name]
    if node.type.attaches:
        sla.fire(step, node, key)
        return None
    _, visit, name = key.partition("#")[0].split(":", 2)
    if name.startswith(SIDE):
        step.event("timer.fired", node.id, delta={"timer": key})
        _aside(step, node, int(visit), name[len(SIDE):])
        return None
    token = step.token_at(node.id, int(visit))
    assert token is not None, "a timer of a token is cancelled when the token leaves"
    step.event("timer.fired", node.id, token, port=name if node.has_port(name) else None, delta={"timer": key})
    step.apply(token, _safely(step, token, Answer("timer", name=name)))
    return None


def _aside(step: Step, node: Node, visit: int, name: str) -> None:
    """What a side timer asks for. No token could park behind it: a failure is told, and the flow goes on."""
    try:
        memo = step.state["kept"].get(f"{node.id}:{visit}")
        asks = node.type.aside(step.ctx(node, visit, {"memo": memo}), node.config, name)
    except Problem as problem:
        step.problem(node.id, problem.code, problem.params)
    except MISTAKES as error:
        step.problem(node.id, "flow_step_broken", {"type": node.type.type, "error": type(error).__name__})
    else:
        perform(step, node, visit, None, asks)


def _job(step: Step, signal: Mapping[str, Any]) -> bool | None:
    job = step.state["jobs"].pop(signal["job"], None)
    if job is None:
        return False
    ok, error = bool(signal["ok"]), str(signal.get("error") or "")[:opinions.MAX_NOTE]
    step.event("job.done", job["node"], job["token"],
               delta={"job": signal["job"], "ok": ok, **({"error": error} if error else {})})
    answer = Answer("job", name=signal["job"], ok=ok, result=signal.get("result"), error=error)
    step.apply(job["token"], _safely(step, job["token"], answer))
    return None


def _event(step: Step, signal: Mapping[str, Any]) -> bool | None:
    """Something happened outside: `name` about `subject`, bringing `data`."""
    heard = [key for key, listen in sorted(step.state["listens"].items())
             if (listen["name"], listen["subject"]) == (signal["name"], signal["subject"])]
    for key in heard:
        listen = step.state["listens"].get(key)
        if listen is not None:  # a branch that went on may have ended this one
            step.event("event.received", listen["node"], listen["token"],
                       delta={"name": signal["name"], "subject": signal["subject"]})
            answer = Answer("event", name=signal["name"], result=signal.get("data"))
            step.apply(listen["token"], _safely(step, listen["token"], answer))
    return None if heard else False


def _safely(step: Step, token: str, answer: Answer) -> Outcome:
    """Nobody stands behind a timer or a job who could be refused: what cannot go on parks."""
    step.moved_on(token)
    return step.safely(step.flow.nodes[step.tokens[token]["node"]], lambda: step.resume(token, answer))


def _read(step: Step, signal: Mapping[str, Any]) -> bool | None:
    message = step.state["messages"].get(signal["message"])
    if message is None or message["read"] is not None:
        return False
    step.state["messages"][signal["message"]] = {**message, "read": step.now}
    step.event("message.read", signal["message"].partition(":")[0], delta={"message": signal["message"]})
    return None


def _withdraw(step: Step, signal: Mapping[str, Any]) -> None:
    _need_open(step)
    note = opinions.note_of(signal)
    step.close("withdrawn", note or None)
    also = ("cancel", "ask") if signal.get("children") else ("cancel",)
    for child, known in sorted(step.state["children"].items()):
        if known["status"] == "open" and known["cascade"] in also:
            step.effect("child.withdraw", child=child, note=note)


def _guard(step: Step, signal: Mapping[str, Any]) -> bool | None:
    """Time has passed at a guarded step: its alarm may go on or off. Told on this ticket, whether it is over or not."""
    node = step.flow.nodes.get(signal["node"])
    if node is None or getattr(node.config, "guard", None) is None:
        return False
    asks = look(step.ctx(node, 0), node.config.guard, watched(node))
    if not asks:
        return False
    perform(step, node, 0, None, asks)
    return None


def _retry(step: Step, signal: Mapping[str, Any]) -> None:
    """What stands still goes through its step again: at `node`, or wherever it is."""
    _need_open(step)
    node = signal.get("node")
    parked = [(key, token["node"]) for key, token in sorted(step.tokens.items())
              if "parked" in token and node in (None, token["node"])]
    if not parked:
        raise Conflict("not_parked")
    for token, here in parked:
        step.go_to(token, here)


_SIGNALS: dict[str, Callable[[Step, Mapping[str, Any]], bool | None]] = {
    "start": _start, "repeat": _repeat, "act": _act, "answer": _answer, "timer": _timer, "job": _job, "event": _event,
    "read": _read, "comment": verbs.comment, "urge": _urge, "reveal": _reveal, "withdraw": _withdraw, "retry": _retry,
    "upgrade": _upgrade, "migrate": _migrate, "guard": _guard,
}
