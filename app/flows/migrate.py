"""Putting an open ticket on another version of its flow: what cannot be taken along, and taking along the rest.

A step is the same where id and type match; `moves` {old id: new id} tells which one takes the place of an old one.
A token at a step that stays as it was keeps all that it waits for. At one that has another id or other buttons it waits
anew under a fresh visit, as if nothing had happened: tasks keep who has them, timers their due time.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import Invalid, Problem
from app.flows import sla
from app.flows.asks import open_task
from app.flows.model import Flow, Node
from app.flows.opinions import actions
from app.flows.step import Step
from app.flows.work import SIDE

Moves = Mapping[str, str]


def misnamed(flows: list[Flow], new: Flow, moves: Moves) -> list[Problem]:
    """What is wrong with `moves` itself: a step that none of the old `flows` has, or that `new` has not."""
    found = [Problem("migrate_unknown", name, node=name) for name in moves
             if all(name not in flow.nodes for flow in flows)]
    found += [Problem("migrate_no_target", name, node=to) for name, to in moves.items() if to not in new.nodes]
    return found + [Problem("migrate_chain", name, node=to) for name, to in moves.items() if to in moves]


def heirs(node: Node, new: Flow) -> list[Node]:
    """Steps of the new version that could take the place of one that it has not: those of the same kind."""
    return [other for other in new.nodes.values() if _same(node, other)]


def refusals(old: Flow, new: Flow, state: Mapping[str, Any], moves: Moves) -> list[Problem]:
    """Why this ticket cannot go on under `new`, each at its old step (`where`); [] when it can."""
    found: dict[tuple[str, str], Problem] = {}
    for key, token in sorted((state.get("tokens") or {}).items()):
        for problem in _at(old, new, state, key, token, moves):
            found.setdefault((problem.code, problem.where), problem)
    for timer in sorted(state.get("timers") or {}):
        name, _, rest = timer.partition(":")
        if name in moves and rest.partition(":")[2].startswith(SIDE):
            problem = _problem("migrate_reminders", old, name)
            found.setdefault((problem.code, problem.where), problem)
    return list(found.values())


def migrate(step: Step, signal: Mapping[str, Any]) -> None:
    """The signal: `old` the flow that the ticket runs on, `moves`, `delta` for the event; the step's flow is the new
    one. Raises Invalid with `refusals`."""
    old, moves = signal["old"], signal["moves"]
    problems = refusals(old, step.flow, step.state, moves)
    if problems:
        raise Invalid(problems)
    step.event("flow.upgraded", delta=signal["delta"])
    _forget(step, old)
    _clocks(step, old, moves)
    for key, token in sorted(step.tokens.items(), key=lambda row: int(row[0])):
        to = moves.get(token["node"], token["node"])
        if to != token["node"] or _buttons(old.nodes[to]) != _buttons(step.flow.nodes[to]):
            _move(step, key, to)
    _rename(step, moves)
    _variables(step)


def _at(
    old: Flow, new: Flow, state: Mapping[str, Any], key: str, token: Mapping[str, Any], moves: Moves
) -> Iterator[Problem]:
    """What keeps one token from going on."""
    here = token["node"]
    before, after = old.nodes[here], new.nodes.get(moves.get(here, here))
    if after is None:
        yield _problem("migrate_gone", old, here)
        return
    if "parked" in token:  # it enters the step anew, whatever that is now
        if not after.type.has_input:
            yield _problem("migrate_type", old, here, to=after.name)
    elif not _same(before, after):
        yield _problem("migrate_type", old, here, to=after.name)
    elif not before.type.goes_on(before.config, after.config):
        yield _problem("migrate_settings", old, here)
    if here in moves and (before.type.pairs or any(job["token"] == key for job in state["jobs"].values())):
        yield _problem("migrate_block" if before.type.pairs else "migrate_job", old, here)
    for run in token["scope"]:
        fork, _, branch = run.split(":")
        if not _block_stays(old, new, fork, branch) or after.id not in (
                fork, new.joins.get(fork), *new.blocks.get(fork, ())):
            yield _problem("migrate_block", old, fork)


def _same(before: Node, after: Node) -> bool:
    return (before.type.type, before.type.version) == (after.type.type, after.type.version)


def _block_stays(old: Flow, new: Flow, fork: str, branch: str) -> bool:
    return (fork in new.nodes and _same(old.nodes[fork], new.nodes[fork]) and new.nodes[fork].has_port(branch)
            and old.joins.get(fork) == new.joins.get(fork))


def _problem(code: str, flow: Flow, node: str, **params: Any) -> Problem:
    return Problem(code, node, node=node, name=flow.nodes[node].name, **params)


def _buttons(node: Node) -> list[str]:
    return [action.id for action in node.type.actions(node.config)]


def _forget(step: Step, old: Flow) -> None:
    """What was done under the old version cannot be taken back, and reminders of steps that are gone end."""
    step.state["back"].clear()
    for key, token in list(step.tokens.items()):
        step.tokens[key] = {part: value for part, value in token.items() if part != "after"}

    def stays(name: str) -> bool:
        return name in step.flow.nodes and _same(old.nodes[name], step.flow.nodes[name])

    for timer in sorted(step.timers):
        name, _, rest = timer.partition(":")
        if rest.partition(":")[2].startswith(SIDE) and not stays(name):
            step.cancel_timer(timer, name)
    step.state["kept"] = {key: memo for key, memo in step.state["kept"].items() if stays(key.partition(":")[0])}


def _clocks(step: Step, old: Flow, moves: Moves) -> None:
    """A clock that is as it was runs on. Another one stands with what it has used, and starts again, under its new
    settings, once everything has moved."""
    clocks, step.state["due"] = step.state["sla"], None  # what runs on, or again, says anew when it is due
    for name in sorted(clocks):
        clock, to = clocks.pop(name), moves.get(name, name)
        before, after = old.nodes[name], step.flow.nodes.get(to)
        if after is not None and not _same(before, after):
            after = None
        if after is not None and to == name and (before.raw, before.attach) == (after.raw, after.attach):
            clocks[name] = clock
            continue
        for timer in [timer for timer in sorted(step.timers) if timer.startswith(f"{name}:")]:
            step.cancel_timer(timer, name)
        if after is not None:
            clocks[to] = clock
            if clock["since"] is not None:
                sla.halt(step, after, clock)


def _move(step: Step, token: str, to: str) -> None:
    """What the token waits for is asked for anew, at `to`, under a fresh visit."""
    entry, visits = step.tokens[token], step.state["visits"]
    old = entry["node"]
    begin = f"{old}:{entry['visit']}"
    visits[to] = visit = max(visits.get(to, 0), visits.get(old, 0)) + 1
    step.tokens[token] = {**entry, "node": to, "visit": visit}

    def renamed(key: str) -> str:
        return f"{to}:{visit}{key[len(begin):]}"

    dues = {key: due for key, due in sorted(step.timers.items())
            if key.startswith(f"{begin}:") and key[len(begin) + 1] != SIDE}
    for key, due in dues.items():
        step.cancel_timer(key, old)
        step.arm(renamed(key), to, "timeout", due)
    _move_tasks(step, token, to, renamed, min(dues.values(), default=None))
    for key in [key for key, listen in sorted(step.state["listens"].items()) if listen["token"] == token]:
        listen = step.state["listens"][key]
        step.stop_listening(key)
        step.state["listens"][renamed(key)] = {**listen, "node": to}
        step.effect("listen.open", listen=renamed(key), name=listen["name"], subject=listen["subject"])


def _move_tasks(step: Step, token: str, to: str, renamed: Any, due: int | None) -> None:
    mine = {key: task for key, task in sorted(step.tasks.items()) if task["token"] == token}
    for key in mine:
        step.close_task(key, "cancelled")
    for key, task in mine.items():
        entry = {**task, "node": to}
        if "held" in entry:
            entry["held"] = [renamed(sign) for sign in entry["held"]]
        if "asks" in entry:
            entry["asks"] = renamed(entry["asks"])
        open_task(step, renamed(key), entry, actions(step.flow.nodes[to], entry), due, {"reason": "migrate"})


def _rename(step: Step, moves: Moves) -> None:
    """Wherever else the state names a step: questions, sub-tickets, the way in, and who did what, for returns."""
    state = step.state
    for old, to in moves.items():
        if old in state["answers"]:
            state["answers"][to] = [*state["answers"].get(to, ()), *state["answers"].pop(old)]
        if state["ticket"].get("source") == old:
            state["ticket"]["source"] = to
        visits = state["visits"]
        if old in visits:
            visits[to] = max(visits.get(to, 0), visits[old])
        for key in [key for key in sorted(state["done"]) if key.startswith(f"{old}:")]:
            again = to + key[len(old):]
            if again not in state["done"] and again not in state["tasks"]:
                state["done"][again] = state["done"][key]
    for child, known in state["children"].items():
        state["children"][child] = {**known, "node": moves.get(known["node"], known["node"])}


def _variables(step: Step) -> None:
    """New ones begin as the flow says; those that are gone, or would not fit, are kept apart under `apart`."""
    now, apart, found = dict(step.state["vars"]), dict(step.state.get("apart") or {}), {}
    for var in step.flow.vars.values():
        pool = next((pool for pool in (now, apart) if var.key in pool and var.problem(pool[var.key]) is None), None)
        found[var.key] = pool.pop(var.key) if pool is not None else var.default
    step.state["vars"] = found
    step.state["apart"] = {key: value for key, value in {**apart, **now}.items() if value is not None}
