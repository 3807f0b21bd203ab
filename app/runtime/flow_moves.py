"""Moving the open tickets of a ticket type to the version of its flow that is in force: one commit a ticket.

Asked for, never by itself; what cannot be moved is refused with its reasons and stays as it was, so that asking again
moves the rest. `move` does it at once, `start` leaves it to workers. The tickets' form stays: `upgrades` sees to that
one.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.core.catalog import Catalog
from app.core.errors import Conflict, Invalid, NotFound, Problem
from app.core.principal import Principal, require
from app.definitions import pairs
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.pairs import Pair
from app.extensions import db, parts
from app.flows.checks.facts import Known
from app.flows.migrate import heirs, misnamed, refusals
from app.flows.model import Flow, Node
from app.runtime import bulk
from app.runtime.bulk import MOST_SHOWN, BulkEffect, Group, Left
from app.runtime.effects.base import Work
from app.runtime.models import Ticket
from app.runtime.stepping import Intent, Scene, take_step

KIND = "flow_move"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a ticket, or would: moved unless there are `problems`. `version`: the flow's that it came from."""

    ticket_id: str
    no: int
    version: int
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """From `pair`, whose flow has the number `old`, to the version `flow_id` of that flow, number `new`."""

    pair: Pair
    flow_id: str
    old: int
    new: int

    @property
    def target(self) -> Pair:
        """The same with the new flow."""
        return replace(self.pair, flow_id=self.flow_id)


@dataclass(frozen=True, slots=True)
class Gone:
    """A step where `count` open tickets stand and that the new version has not; `heirs`: its steps that could take over
    there, `to` the one that was chosen."""

    node: Node
    count: int
    heirs: Sequence[Node]
    to: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of the `count` open tickets on one version of a ticket type. `old`, `new`: numbers of the
    flow's versions; `misfit`: why none of them can be moved; `left`: the first of the `stuck` that cannot."""

    pair: Pair
    old: int
    new: int
    flow_id: str
    count: int
    misfit: Problem | None
    gone: Sequence[Gone] = ()
    stuck: int = 0
    left: Sequence[Left] = ()

    @property
    def going(self) -> int:
        """How many would be moved."""
        return 0 if self.misfit else self.count - self.stuck


class _There(Exception):
    """The ticket stands on the new version already."""


def move(
    type_key: str, moves: Mapping[str, str], *, dry_run: bool = False, actor: Principal, now: int, known: Known
) -> Iterator[Told]:
    """Move every open ticket, by number; `moves`: old step → the new version's that takes its place. `dry_run`: only
    tell.

    Raises NotFound for an unknown type, Conflict("migrate_nothing"), and Invalid for steps of `moves` that do not
    exist; before anything is moved.
    """
    require(actor, "definitions.publish")
    ways = _ways(type_key)
    if not ways:
        raise Conflict("migrate_nothing")
    misfits = {way: _misfit(way, known) for way in ways}
    new = {way: _new_flow(way) for way in ways if misfits[way] is None}
    for flow in list(new.values())[:1]:  # one version of the flow, read with several of the form
        wrong = misnamed([definitions.bundle(way.pair.id).flow for way in ways], flow, moves)
        if wrong:
            raise Invalid(wrong)
    for way in ways:
        misfit = misfits[way]
        if misfit is not None:
            yield from (Told(row.id, row.no, way.old, [misfit]) for row in bulk.each_open(way.pair.id, Ticket.state))
        elif dry_run:
            old = definitions.bundle(way.pair.id).flow
            for row in bulk.each_open(way.pair.id, Ticket.state):
                yield Told(row.id, row.no, way.old, refusals(old, new[way], row.state, moves))
        else:
            onto = pairs.join(way.target, way.pair.form_id, actor=actor, now=now)
            for row in bulk.each_open(way.pair.id, Ticket.state):
                problems = _moved(row.id, way, onto, moves)
                if problems is not None:
                    yield Told(row.id, row.no, way.old, problems)


def look(type_key: str, moves: Mapping[str, str], known: Known) -> list[Outlook]:
    """What moving the open tickets of a type would do, the oldest version first; [] where all are on the newest.
    Changes nothing. Raises NotFound for an unknown type."""
    return [_look(way, moves, known) for way in _ways(type_key)]


def _look(way: _Way, moves: Mapping[str, str], known: Known) -> Outlook:
    misfit, count, stuck = _misfit(way, known), 0, 0
    left: list[Left] = []
    standing: dict[str, int] = {}
    old = definitions.bundle(way.pair.id).flow
    new = None if misfit else _new_flow(way)
    for row in bulk.each_open(way.pair.id, Ticket.state):
        count += 1
        if new is None:
            continue
        for node in {token["node"] for token in (row.state.get("tokens") or {}).values()}:
            if node not in new.nodes:
                standing[node] = standing.get(node, 0) + 1
        problems = refusals(old, new, row.state, moves)
        stuck += bool(problems)
        if problems and len(left) < MOST_SHOWN:
            left.append(Left(row.id, row.no, problems[0].code, problems[0].params))
    gone = [Gone(old.nodes[node], n, heirs(old.nodes[node], new), moves.get(node, ""))
            for node, n in standing.items() if new is not None]
    return Outlook(way.pair, way.old, way.new, way.flow_id, count, misfit, gone, stuck, left)


def start(
    flow: str, types: Sequence[str], moves: Mapping[str, str], *, actor: Principal, now: int, known: Known
) -> str:
    """Leave it to workers to move the open tickets of these types of the flow; returns the run's id (commits).

    Raises Conflict as `bulk.start` does ("migrate_nothing" without a ticket), and Invalid for steps of `moves` that do
    not exist.
    """
    require(actor, "definitions.publish")
    ways = [way for key in types for way in _ways(key) if _misfit(way, known) is None]
    if ways:
        wrong = misnamed([definitions.bundle(way.pair.id).flow for way in ways], _new_flow(ways[0]), moves)
        if wrong:
            raise Invalid(wrong)
    groups = [Group(Ticket.type_version_id == way.pair.id, {
        "old": way.pair.id, "new": pairs.join(way.target, way.pair.form_id, actor=actor, now=now),
        "numbers": [way.old, way.new], "moves": dict(moves), "by": actor.id,
    }) for way in ways]
    return bulk.start(MOVE, flow, groups, version=ways[0].new if ways else 0, actor=actor, now=now)


class FlowMoveEffect(BulkEffect):
    """Put one ticket on the newest version of its flow."""

    name = KIND
    nothing = "migrate_nothing"

    def one(self, work: Work) -> None:
        """Move it."""
        sent = work.payload
        move_ticket(work.ticket_id, sent["old"], sent["new"], sent["moves"], sent["numbers"], by=sent["by"])


MOVE = FlowMoveEffect()


def register(catalog: Catalog) -> None:
    """Add the effect to an application's catalogue."""
    catalog.effects.add(KIND, MOVE)


def move_ticket(
    ticket_id: str, old: str, new: str, moves: Mapping[str, str], numbers: Sequence[int], *, by: str | None = None
) -> None:
    """Put one ticket from the version `old` of its type on `new`, which has the same form (commits). `numbers`: the
    flow's versions. `by`: the person who wanted it.

    Raises Conflict: "ticket_closed", "ticket_busy", "upgrade_moved" (on neither version); or Invalid with what the
    ticket waits for and cannot be taken along. Then nothing has changed.
    """
    def signal(scene: Scene) -> dict[str, Any]:
        if scene.loaded.type_version_id == new:
            raise _There
        if scene.state["status"] != "open":
            raise Conflict("ticket_closed", status=scene.state["status"])
        if scene.loaded.type_version_id != old:
            raise Conflict("upgrade_moved")
        delta = {"from": old, "to": new, "versions": list(numbers), "moves": dict(moves)}
        return {"kind": "migrate", "by": by, "old": scene.bundle.flow, "moves": moves, "delta": delta}

    try:
        done = take_step(Intent("ticket", {"ref": ticket_id}, signal, onto=new))
    except _There:
        return
    if done is None:
        raise NotFound("ticket_unknown", where="ticket")


def _moved(ticket_id: str, way: _Way, onto: str, moves: Mapping[str, str]) -> Sequence[Problem] | None:
    """What keeps the ticket where it is; None: it was closed meanwhile, and there is nothing to tell."""
    try:
        move_ticket(ticket_id, way.pair.id, onto, moves, (way.old, way.new))
    except Problem as problem:
        if problem.code == "ticket_closed":
            return None
        return problem.problems if isinstance(problem, Invalid) else [problem]
    return ()


def _ways(type_key: str) -> list[_Way]:
    """From every version of the type that open tickets stand on, and that runs on another version of the flow."""
    found = {pair.id: pair for pair in pairs.of_type(type_key)}
    flow = found[definitions.current_type(type_key).id].flow_id
    standing = set(db.session.scalars(
        select(Ticket.type_version_id).distinct().where(Ticket.status == "open", Ticket.type_version_id.in_(found))
    ))
    numbers = pairs.numbers([flow, *(pair.flow_id for pair in found.values())])
    return [_Way(pair, flow, numbers[pair.flow_id], numbers[flow]) for pair in found.values()
            if pair.id in standing and pair.flow_id != flow]


def _misfit(way: _Way, known: Known) -> Problem | None:
    """Why no ticket of this form can run on the new flow."""
    wrong = pairs.misfits(way.target, way.pair.form_id, known)
    if not wrong:
        return None
    why = {locale: wrong[0].as_dict(locale)["message"] for locale in ("zh", "en")}
    return Problem("migrate_misfit", form=way.pair.number, why=why)


def _new_flow(way: _Way) -> Flow:
    content = definitions.version_content
    return Bundle.load(content(way.pair.form_id), content(way.flow_id), parts().catalog).flow
