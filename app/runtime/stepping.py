"""How a step is carried out: read, decide (pure), save unless somebody came first (then decide anew), wake workers."""
from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError

from app.core.errors import Conflict, Problem
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.extensions import parts, reading
from app.flows.base import World
from app.flows.directory import Directory
from app.flows.engine import decide
from app.forms.base import FormPorts
from app.org.directory import LiveWorld, directory
from app.runtime import seals
from app.runtime.books import Books
from app.runtime.chain import canonical
from app.runtime.plan import Before, plan
from app.runtime.ports import StaffPorts
from app.runtime.step import Loaded, Step
from app.runtime.store import Moved, Repeated, load_for_step, save_step, stored_command
from app.runtime.wake import kick
from app.wire import Wire, used_session

COMMAND = re.compile(r"[A-Za-z0-9_.:\-]{8,120}\Z")
TRIES = 12  # how often a step is decided anew because another one came first
PAUSE_S = 0.05

T = TypeVar("T")
_random = random.Random()


@dataclass(frozen=True, slots=True)
class Done:
    """What a use case left behind. `repeated`: it had been done before, by the same command; `joined`: the request
    was added to a ticket that somebody had opened before."""

    ticket_id: str
    no: int
    token: str
    version: int
    status: str
    repeated: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A request that must be carried out once. `request` is everything that tells it from another one; `joins`: as
    in Done.joined, and just as true when the request comes again."""

    id: str
    request: Any
    joins: bool = False

    @property
    def hash(self) -> str:
        return hashlib.sha256(canonical(self.request).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Scene:
    """What a signal is made from: the ticket as loaded (answers in clear) and everything around it."""

    loaded: Loaded
    bundle: Bundle
    world: World
    ports: FormPorts

    @property
    def state(self) -> dict[str, Any]:
        return self.loaded.state


Signal = Callable[[Scene], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants of a ticket.

    `by`, `params`: how to find it (store.load_for_step). `signal` makes the engine's signal from the scene. `person`:
    who acts, for the form. `ports`: ticket id → form ports of somebody else. `with_step` adds to what is saved.
    `onto`: the ticket stands on this version of its type from now on, and this step is decided under its flow.
    """

    by: str
    params: dict[str, Any]
    signal: Signal
    command: Command | None = None
    expected_version: int | None = None
    person: str | None = None
    ports: Callable[[str], FormPorts] | None = None
    with_step: Callable[[Step], None] | None = None
    onto: str | None = None


def take_step(intent: Intent) -> Done | None:
    """Carry out one step, deciding anew as long as others come first. None: there is nothing to do (any more)."""
    if intent.command is not None:
        command_ok(intent.command.id)
    return anew(partial(_try_step, intent))


def anew(attempt: Callable[[], T]) -> T:
    """Call `attempt`, steadily, as long as others come first."""
    for number in range(TRIES):
        if number:
            time.sleep(_random.uniform(0, min(PAUSE_S, 0.002 * 2**number)))
        try:
            return steady(attempt)
        except Moved:
            continue
    raise Conflict("ticket_busy")


def steady(attempt: Callable[[], T]) -> T:
    """Call `attempt`; once more if the connection to the database broke, perhaps after everything was saved: being
    repeatable, the second call finds out."""
    try:
        return attempt()
    except (psycopg.OperationalError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not error.connection_invalidated:
            raise
        return attempt()


def _try_step(intent: Intent) -> Done | None:
    command = intent.command
    with Wire() as wire:
        loaded = load_for_step(wire, intent.by, intent.params, command.id if command else None)
        if loaded is None:
            return None
        if loaded.repeated and command is not None:
            return repeated(wire, command)
    if intent.expected_version not in (None, loaded.version):
        raise Conflict("ticket_moved", where="version", version=loaded.version)
    # Deciding may read through the session: no second connection is held meanwhile, or threads could starve each other.
    try:
        step = _decided(intent, loaded)
    except Conflict:
        # Perhaps what came first was this very command, sent twice at once.
        if command is not None:
            with Wire() as wire:
                if stored_command(wire, command.id):
                    return repeated(wire, command)
        raise
    if step is None:
        return None
    with Wire() as wire:
        try:
            save_step(wire, step)
        except Repeated:
            assert command is not None
            return repeated(wire, command)
    wake(step)
    return Done(
        loaded.id, loaded.no, loaded.token, step.version, step.status, joined=command is not None and command.joins
    )


def _decided(intent: Intent, loaded: Loaded) -> Step | None:
    """The step that follows; None if the signal means nothing any more. Leaves no transaction open."""
    with deciding():
        scene = _scene(loaded, intent)
        signal = intent.signal(scene)
        bundle = definitions.bundle(intent.onto) if intent.onto else scene.bundle
        decision = decide(bundle.flow, scene.state, signal, loaded.now, scene.world)
        if decision.ignored:
            return None
        before = Before(loaded.id, loaded.title, loaded.version, loaded.seq, loaded.head, loaded.state)
        step = plan(
            before, decision, loaded.now, bundle=bundle, world=scene.world, ports=scene.ports, catalog=parts().catalog,
        )
        if intent.onto:  # answers that stay as they are may still have to be sealed now, or no longer
            data = seals.seal(bundle.form, loaded.id, decision.state["form"])
            step.ticket |= {"type_version_id": intent.onto, "data": data}
    if intent.with_step is not None:
        intent.with_step(step)
    if intent.command is not None:
        note_command(step, intent.command)
    return step


@contextmanager
def deciding() -> Iterator[None]:
    """The session only reads inside, and holds nothing afterwards: saving goes over another connection."""
    with reading():
        try:
            yield
        finally:
            session = used_session()
            if session is not None and session.in_transaction():
                session.rollback()


def world_of(people: Directory, type_key: str) -> World:
    """The live company, as the engine asks for it when a ticket of this type takes a step."""
    return LiveWorld(people, Books(type_key))


def _scene(loaded: Loaded, intent: Intent) -> Scene:
    loaded.state["form"] = seals.unseal(loaded.id, loaded.state["form"])
    people, bundle = directory(loaded.mark), definitions.bundle(loaded.type_version_id)
    return Scene(
        loaded, bundle, world_of(people, bundle.ticket_type["key"]),
        intent.ports(loaded.id) if intent.ports else StaffPorts(people, loaded.id, intent.person),
    )


# ---- commands -------------------------------------------------------------------------------------------------------


def command_ok(command_id: str) -> None:
    if not COMMAND.match(command_id):
        raise Problem("command_bad", where="command_id")


def note_command(step: Step, command: Command) -> None:
    step.command = {
        "command": command.id, "request_hash": command.hash, "status_code": 200,
        "response": {"ticket_id": step.ticket_id, "version": step.version, "status": step.status,
                     **({"joined": True} if command.joins else {})},
    }


def repeated(wire: Wire, command: Command) -> Done:
    stored = stored_command(wire, command.id)
    assert stored is not None, "it was there a moment ago, and commands are kept for weeks"
    request_hash, response, _ = stored
    if request_hash != command.hash:
        raise Problem("command_reused", where="command_id")
    loaded = load_for_step(wire, "ticket", {"ref": response["ticket_id"]}, None)
    assert loaded is not None, "tickets are never deleted"
    return Done(loaded.id, loaded.no, loaded.token, response["version"], response["status"], repeated=True,
                joined="joined" in response)


def wake(step: Step) -> None:
    if step.outbox:
        kick(row["lane"] for row in step.outbox)
