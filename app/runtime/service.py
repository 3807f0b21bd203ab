"""The life of a ticket, one commit per use case.

Every function may be called again with the same `command_id`: the first call's result is repeated. All raise NotFound
for what the actor may not know of, Denied, Conflict, Invalid or Problem as the engine and the form see fit.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from app.core.errors import Conflict, Denied, Invalid, NotFound, Problem
from app.core.principal import Principal
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.extensions import db, parts
from app.flows.engine import decide
from app.flows.opinions import MAX_NOTE, SIGN
from app.flows.takeback import RECALL
from app.flows.verbs import customer_may
from app.flows.work import CHILD_ENDED
from app.forms.access import at_least
from app.forms.base import FormPorts
from app.forms.text import clean_text
from app.notify import service as notify
from app.org.directory import directory
from app.runtime import queries, repeats, seals
from app.runtime.facts import title_of
from app.runtime.plan import Before, files_in, new_id, new_token, plan
from app.runtime.ports import StaffPorts
from app.runtime.repeats import Same
from app.runtime.stepping import (
    Command,
    Done,
    Intent,
    Scene,
    Signal,
    anew,
    command_ok,
    deciding,
    note_command,
    repeated,
    take_step,
    wake,
    world_of,
)
from app.runtime.store import Repeated, Step, begin_new, save_step, stored_command
from app.wire import Wire

UUID = re.compile(r"[0-9a-f-]{36}\Z")

# ---- use cases ------------------------------------------------------------------------------------------------------


def submit(
    type_version_id: str, trigger: str, values: Mapping[str, Any], *, command_id: str,
    customer: Mapping[str, Any] | None = None, ticket: Mapping[str, Any] | None = None, by: str | None = None,
    title: str = "", request: Any = None, same: Same | None = None,
    dropped: Sequence[str] = (),
) -> Done:
    """Open a ticket from answers that were judged already (with the files they list, which become the ticket's).

    `customer`: {"id", "name", "level", …}. `ticket`: facts for the flow ("channel", …). `by`: the colleague who opened
    it. `request`: what tells this request from another under the same command (default: the answers). `same`: what
    makes an earlier open ticket the answer to this request (`repeats.same_as`), which then joins it, or is refused with
    Conflict("request_again"). `dropped`: fields whose answer was not kept.
    """
    command_ok(command_id)
    command = Command(command_id, ["submit", type_version_id, trigger, by, values if request is None else request])
    return anew(partial(
        _open, type_version_id, trigger, values, command, dict(customer or {}), dict(ticket or {}), by, title, same,
        dropped,
    ))


def act(
    task_id: str, action: str, submitted: Mapping[str, Any] | None = None, *, actor: Principal, command_id: str,
    note: str = "", to: str | None = None, when: str = "before", expected_version: int | None = None,
) -> Done:
    """Do something with a task: claim, one of its actions, or what the step allows besides: transfer, delegate, cc,
    add_sign (`to` somebody; `when`: before or after this task), return_to (`to` a step), comment (`note`), recall.

    `submitted`: raw answers of the task's form, judged here against the ticket as it stands. A stale
    `expected_version` raises Conflict("ticket_moved").
    """
    submitted, note = submitted or {}, _words(note)
    more = [when] if when != "before" else []
    command = Command(command_id, ["act", actor.id, task_id, action, submitted, note, to, *more])

    def signal(scene: Scene) -> dict[str, Any]:
        key = scene.loaded.key
        said = _judged_at_task(scene, key, action, submitted, actor.id)
        return {"kind": "act", "task": key, "action": action, "by": actor.id, "note": note, "to": to, "when": when,
                **said}

    return _person_step(
        "task", task_id, signal, actor=actor, command=command, expected_version=expected_version,
        missing=NotFound("task_unknown", where="task"),
    )


def answer(
    token: str, node: str, submitted: Mapping[str, Any], *, command_id: str,
    ports: Callable[[str], FormPorts] | None = None,
) -> Done:
    """The customer answers what a step asks on their page. `ports`: ticket id → the visitor's form ports."""
    command = Command(command_id, ["answer", token, node, submitted])

    def signal(scene: Scene) -> dict[str, Any]:
        if scene.state["status"] == "open" and node not in scene.state["answers"]:
            raise Conflict("not_asked")
        said = _judged(scene, node, submitted, None) if node in scene.state["answers"] else {}
        return {"kind": "answer", "node": node, **said}

    done = take_step(Intent("token", {"ref": token}, signal, command, ports=ports))
    if done is None:
        raise NotFound("ticket_unknown", where="ticket")
    return done


def comment(ticket_id: str, note: str, *, actor: Principal, command_id: str) -> Done:
    """A colleague who sees the ticket writes something to it."""
    note = _words(note)
    command = Command(command_id, ["comment", actor.id, ticket_id, note])
    return _seen_step(ticket_id, _constant({"kind": "comment", "by": actor.id, "note": note}), actor, command)


def withdraw(ticket_id: str, note: str, *, actor: Principal, command_id: str, children: bool = False) -> Done:
    """End an open ticket without a result: its owner may, who opened it, and whoever may read every ticket.
    `children`: also the open sub-tickets of which it was left to choose."""
    note = _words(note)
    command = Command(command_id, ["withdraw", actor.id, ticket_id, note, *([True] if children else [])])

    def signal(scene: Scene) -> dict[str, Any]:
        if not concerned(scene.state, actor):
            raise Denied("withdraw_denied")
        return {"kind": "withdraw", "by": actor.id, "note": note, "children": children}

    return _seen_step(ticket_id, signal, actor, command)


def concerned(state: Mapping[str, Any], actor: Principal) -> bool:
    """Whether a ticket is this colleague's affair: as its owner, as who opened it, or because all tickets are."""
    return actor.id in (state["ticket"].get("owner"), state["ticket"].get("opener")) or actor.may("tickets.all")


def urge(ticket_id: str, note: str, *, actor: Principal, command_id: str) -> Done:
    """Remind those whom the ticket waits for: its owner may, who opened it, and whoever may read every ticket."""
    note = _words(note)
    command = Command(command_id, ["urge", actor.id, ticket_id, note])

    def signal(scene: Scene) -> dict[str, Any]:
        if not concerned(scene.state, actor):
            raise Denied("urge_denied")
        return {"kind": "urge", "by": actor.id, "note": note}

    return _seen_step(ticket_id, signal, actor, command)


def withdraw_by_customer(token: str, note: str, *, command_id: str) -> Done:
    """The customer takes back what they asked for, where their way in allows it."""
    return _by_customer("withdraw", token, note, command_id)


def urge_by_customer(token: str, note: str, *, command_id: str) -> Done:
    """The customer reminds those whom the ticket waits for, where their way in allows it."""
    return _by_customer("urge", token, note, command_id)


def _by_customer(what: str, token: str, note: str, command_id: str) -> Done:
    note = _words(note)
    command = Command(command_id, [what, token, note])

    def signal(scene: Scene) -> dict[str, Any]:
        if what not in customer_may(scene.bundle.flow, scene.state):
            raise Denied("customer_denied")
        return {"kind": what, "note": note}

    done = take_step(Intent("token", {"ref": token}, signal, command))
    if done is None:
        raise NotFound("ticket_unknown", where="ticket")
    return done


def retry(ticket_id: str, node: str, *, actor: Principal, command_id: str) -> Done:
    """Send what is stuck at `node` through it again."""
    command = Command(command_id, ["retry", actor.id, ticket_id, node])

    def signal(_: Scene) -> dict[str, Any]:
        if not actor.may("tickets.all"):
            raise Denied("retry_denied")
        return {"kind": "retry", "node": node, "by": actor.id}

    return _seen_step(ticket_id, signal, actor, command)


def mark_read(message_ids: Sequence[str], *, actor: Principal, now: int) -> None:
    """Mark inbox lines as read and tell the flows, whose ladders then stop.

    The flows are told first: if this process dies in between, reading again repeats it, and a flow ignores repetitions.
    """
    message_ids = [ident for ident in message_ids if UUID.match(ident)]
    unread = notify.mark_read(actor.id, message_ids, now)
    db.session.rollback()
    for ticket_id, key in unread:
        signal = _constant({"kind": "read", "message": key, "by": actor.id})
        take_step(Intent("ticket", {"ref": ticket_id}, signal))
    notify.mark_read(actor.id, message_ids, now)
    db.session.commit()


def withdraw_child(ticket_id: str, note: str) -> None:
    """End a sub-ticket with the ticket that it was opened for; nothing to do where it is over."""
    signal = _constant({"kind": "withdraw", "system": True, "note": note})
    try:
        take_step(Intent("ticket", {"ref": ticket_id}, signal))
    except Conflict as problem:
        if problem.code != "ticket_closed":
            raise


def child_ended(ticket_id: str, key: str, told: Mapping[str, Any]) -> None:
    """Tell a ticket that its sub-ticket, opened by the visit `key` of a step, is over; a repetition means nothing."""
    signal = _constant({"kind": "event", "name": CHILD_ENDED, "subject": key, "data": dict(told)})
    take_step(Intent("ticket", {"ref": ticket_id}, signal))


def fire_timer(ticket_id: str, key: str) -> bool:
    """Tell the flow that a timer is due; False if it is not armed any more, or not due yet."""

    def fired(step: Step) -> None:
        step.timer_states[key] = "fired"

    signal = _constant({"kind": "timer", "timer": key})
    return take_step(Intent("timer", {"ref": ticket_id, "key": key}, signal, with_step=fired)) is not None


def look_after(ticket_id: str, node: str) -> bool:
    """Let a guarded step see whether its alarm goes on or off now; whether it did."""
    return take_step(Intent("ticket", {"ref": ticket_id}, _constant({"kind": "guard", "node": node}))) is not None


def job_done(outbox_id: int, lease: str, finish: dict[str, Any], *, ok: bool, result: Any, error: str) -> bool:
    """Tell the flow what a job brought, and end its outbox row, in one commit; False if nobody waits for it any more
    (the row is then still to be ended) or the lease is lost. `finish` as in store.Step."""

    def ended(step: Step) -> None:
        step.finish = finish

    def signal(scene: Scene) -> dict[str, Any]:
        return {"kind": "job", "job": scene.loaded.key, "ok": ok, "result": result, "error": error}

    return take_step(Intent("outbox", {"ref": outbox_id, "lease": lease}, signal, with_step=ended)) is not None


# ---- parts ----------------------------------------------------------------------------------------------------------


def _open(
    type_version_id: str, trigger: str, values: Mapping[str, Any], command: Command, customer: dict[str, Any],
    ticket: dict[str, Any], by: str | None, title: str, same: Same | None,
    dropped: Sequence[str],
) -> Done:
    with Wire() as wire:
        now, seen, mark = begin_new(wire, command.id)
        if seen:
            return repeated(wire, command)
        first = repeats.earlier(wire, same, now) if same else None
        if first is not None and stored_command(wire, command.id):
            return repeated(wire, command)  # a second tap: the ticket that was found is this very form's
    if same and first:
        joined = _join(first, same, trigger, values, command)
        if joined is not None:
            return joined
    ident, token = new_id(now), new_token()
    with deciding():
        bundle = definitions.bundle(type_version_id)
        people = directory(mark)
        world = world_of(people, bundle.ticket_type["key"])
        ports = StaffPorts(people, ident, by)
        signal = {
            "kind": "start", "trigger": trigger, "form": dict(values), "customer": customer, "ticket": ticket,
            "dropped": dropped,
            **({"by": by} if by else {}),
        }
        decision = decide(bundle.flow, {}, signal, now, world)
        before = Before(ident, title[:200] or title_of(bundle, values, ports))
        step = plan(before, decision, now, bundle=bundle, world=world, ports=ports, catalog=parts().catalog)
    step.ticket |= {
        "title": before.title, "type_key": bundle.ticket_type["key"], "type_version_id": type_version_id,
        "token": token, "source": trigger, "customer_id": customer.get("id"), "opener_id": by,
        "same_key": same.key if same else None,
    }
    note_command(step, command)
    with Wire() as wire:
        try:
            no = save_step(wire, step)
        except Repeated:
            return repeated(wire, command)
    wake(step)
    return Done(ident, no, token, 1, step.status)


def _join(
    first: str, same: Same, trigger: str, values: Mapping[str, Any], command: Command
) -> Done | None:
    """Add a request to the ticket that the same request opened at first; None if that was closed meanwhile."""
    if same.refuse:
        raise Conflict("request_again")
    files: list[str] = []

    def signal(scene: Scene) -> dict[str, Any]:
        new = repeats.news(scene, trigger, values)
        files[:] = files_in(scene.bundle, new, {})
        return {"kind": "repeat", "trigger": trigger, "answers": seals.seal(scene.bundle.form, first, new)}

    def with_files(step: Step) -> None:
        step.uploads = files

    try:
        return take_step(
            Intent("ticket", {"ref": first}, signal, replace(command, joins=True), with_step=with_files)
        )
    except Conflict as problem:
        if problem.code != "ticket_closed":
            raise
        return None


def _words(note: str) -> str:
    """A note as it may be stored; raises Problem."""
    try:
        return clean_text(note, max_length=MAX_NOTE, lines=True)
    except Problem as problem:
        problem.where = "note"
        raise


def _constant(signal: dict[str, Any]) -> Signal:
    return lambda _: signal


def _seen_step(ticket_id: str, signal: Signal, actor: Principal, command: Command) -> Done:
    """A step on a ticket that the actor must be able to see."""

    def checked(scene: Scene) -> dict[str, Any]:
        if not queries.may_see(actor, scene.loaded.id):
            raise NotFound("ticket_unknown", where="ticket")
        return signal(scene)

    return _person_step(
        "ticket", ticket_id, checked, actor=actor, command=command, missing=NotFound("ticket_unknown", where="ticket")
    )


def _person_step(
    by: str, ref: str, signal: Signal, *, actor: Principal, command: Command, missing: NotFound,
    expected_version: int | None = None,
) -> Done:
    seen: list[str] = []

    def noting(scene: Scene) -> dict[str, Any]:
        seen.append(scene.loaded.id)
        return signal(scene)

    try:
        done = take_step(Intent(by, {"ref": ref}, noting, command, expected_version, actor.id))
    except Denied:
        # What somebody may not even see does not exist for them.
        with deciding():
            visible = bool(seen) and queries.may_see(actor, seen[-1])
        if visible:
            raise
        raise missing from None
    if done is None:
        raise missing
    return done


def _judged_at_task(scene: Scene, key: str, action: str, submitted: Mapping[str, Any], person: str) -> dict[str, Any]:
    """`_judged` for this action; {} where the form plays no part. Nothing is judged for who may not act."""
    task = scene.state["tasks"].get(key)
    if task is None:
        return {}
    if task["assignee"] is None:
        admitted = scene.world.may(person, task["groups"], task["people"])
    else:
        admitted = task["assignee"] == person
    node = scene.bundle.node(task["node"])
    if not admitted or task["kind"] == SIGN or action == RECALL or action in node.type.may(node.config):
        return {}
    return _judged(scene, node.id, submitted, action)


def _judged(scene: Scene, node: str, submitted: Mapping[str, Any], action: str | None) -> dict[str, Any]:
    """What a signal tells of a form: {"form": all answers, "dropped": fields whose answer is not kept}."""
    if not submitted and not _asks(scene.bundle, node):
        return {}
    judged = scene.bundle.judge(node, submitted, scene.state, scene.loaded.now, scene.ports, action=action)
    if judged.problems:
        raise Invalid(judged.problems)
    return {"form": judged.values, "dropped": judged.dropped}


@lru_cache(maxsize=4096)
def _asks(bundle: Bundle, node: str) -> bool:
    """Whether a step has anything to fill in."""
    return any(at_least(level, "edit") for level in bundle.access(node).values())


