"""Upgrading all open tickets of a form, as a run (`bulk`): what could not be taken over, and the start of it."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from sqlalchemy import func, select

from app.core.catalog import Catalog
from app.core.expressions import Env
from app.core.principal import Principal, require
from app.extensions import db
from app.forms.upgrade import Move, unfit
from app.org.directory import directory
from app.runtime import bulk, seals
from app.runtime.bulk import MOST_SHOWN, BulkEffect, Group, Left
from app.runtime.effects.base import Work
from app.runtime.models import Ticket
from app.runtime.ports import StaffPorts
from app.runtime.upgrade import Onto, upgrade_ticket

KIND = "form_upgrade"


class FormUpgradeEffect(BulkEffect):
    """Upgrade one ticket."""

    name = KIND
    nothing = "upgrade_nothing"

    def one(self, work: Work) -> None:
        """Put it on the new version."""
        sent = work.payload
        upgrade_ticket(work.ticket_id, Onto(sent["old"], sent["new"], tuple(sent["numbers"]), sent["by"]))


UPGRADE = FormUpgradeEffect()


def register(catalog: Catalog) -> None:
    """Add the effect to an application's catalogue."""
    catalog.effects.add(KIND, UPGRADE)


def open_tickets(type_versions: Collection[str]) -> dict[str, int]:
    """How many open tickets stand on each of these versions of ticket types; none: not named. One query."""
    rows = db.session.execute(
        select(Ticket.type_version_id, func.count()).where(
            Ticket.status == "open", Ticket.type_version_id.in_(list(type_versions))
        ).group_by(Ticket.type_version_id)
    )
    return {row[0]: row[1] for row in rows}


def unfit_tickets(type_version_id: str, found: Sequence[Move], env: Env) -> tuple[int, list[Left]]:
    """(how many of the open tickets of a version have an answer that cannot be taken over, the first of them). Where
    `found` loses nothing nobody is looked at."""
    risky = {move.key.partition(".")[0] for move in found if move.kind in ("converted", "refused")}
    count = 0
    left: list[Left] = []
    people = directory() if risky else None
    for row in bulk.each_open(type_version_id, Ticket.data) if risky else ():
        assert people is not None
        values = seals.unseal(row.id, {key: row.data[key] for key in risky if key in row.data})
        problem = unfit(found, values, env=env, ports=StaffPorts(people, row.id, None))
        if problem is not None:
            count += 1
            if len(left) < MOST_SHOWN:
                left.append(Left(row.id, row.no, problem.code, problem.params))
    return count, left


def start(form: str, moves: Sequence[Onto], *, actor: Principal, now: int) -> str:
    """Queue every open ticket that stands on the old version of one of `moves`; returns the run's id (commits).

    Raises Conflict as `bulk.start` does ("upgrade_nothing" without a ticket).
    """
    require(actor, "definitions.publish")
    groups = [Group(Ticket.type_version_id == move.old, asdict(move)) for move in moves]
    return bulk.start(UPGRADE, form, groups, version=moves[0].numbers[1] if moves else 0, actor=actor, now=now)
