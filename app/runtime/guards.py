"""Guarded steps between tickets: waiting grows old without anybody coming, and backlogs are worked off."""
from __future__ import annotations

import structlog
from sqlalchemy import select

from app.core.errors import Problem
from app.definitions import service as definitions
from app.extensions import db
from app.flows.guard import guard_key, turns, watched
from app.flows.model import Node
from app.runtime import service
from app.runtime.books import Books
from app.runtime.models import Ticket

log = structlog.get_logger(__name__)


def sweep(now: int) -> int:
    """Look after every guarded step of the ticket types in force; how many alarms went on or off.

    An alarm that goes on or off between tickets is told on the type's latest ticket. Several processes may sweep: who
    comes second finds nothing to change.
    """
    changed = 0
    for kind in definitions.current_types():
        flow = definitions.bundle(kind.id).flow
        guarded = [node for node in flow.nodes.values() if getattr(node.config, "guard", None) is not None]
        due = [node.id for node in guarded if _turns(kind.key, node, now)]
        latest = db.session.scalar(
            select(Ticket.id).where(Ticket.type_key == kind.key, Ticket.type_version_id == kind.id)
            .order_by(Ticket.no.desc()).limit(1)) if due else None
        db.session.rollback()
        for node_id in due:
            if latest is not None:
                changed += _tell(latest, node_id)
    return changed


def _turns(type_key: str, node: Node, now: int) -> bool:
    """Whether a step's alarm should go on or off; the ticket's step looks again, and decides."""
    at, key, books = watched(node), guard_key(node.id), Books(type_key)
    if at is None:
        return False
    return turns(node.config.guard, books.counted((), [key])[1][key], books.backlog(at), now) is not None


def _tell(ticket_id: str, node: str) -> bool:
    try:
        return service.look_after(ticket_id, node)
    except Problem as problem:  # one type's trouble must not stop the others
        log.error("guard_failed", ticket=ticket_id, node=node, code=problem.code)
        return False
