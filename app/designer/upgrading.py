"""Upgrading the open tickets of a form to the version in force: what would become of them, and the start of it."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import Conflict, Finding, Problem
from app.core.principal import Principal, require
from app.definitions import pairs
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.pairs import Pair
from app.designer.service import KIND
from app.extensions import parts
from app.flows.checks.facts import Known
from app.forms.access import at_least, resolve
from app.forms.schema import Form, load_form
from app.forms.upgrade import Move, moves
from app.runtime import upgrades
from app.runtime.bulk import Left
from app.runtime.upgrade import Onto


@dataclass(frozen=True, slots=True)
class Group:
    """Open tickets that stand on one version of one ticket type, and what becomes of them.

    `asked`: id of a new field → names of the steps, of those an open ticket may still come to, that ask for it.
    `findings`: why none of them can be upgraded: what their flow would get wrong. `left`: the first of those whose
    answers cannot be taken over, `stuck` of them in all.
    """

    pair: Pair
    count: int
    moves: Sequence[Move]
    asked: Mapping[str, Sequence[Any]]
    findings: Sequence[Finding]
    left: Sequence[Left]
    stuck: int

    @property
    def going(self) -> int:
        """How many tickets would be upgraded."""
        return 0 if self.findings else self.count - self.stuck


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an upgrade to version `number` of a form would do; `groups` on the oldest versions come first."""

    version_id: str
    number: int
    groups: Sequence[Group]


def standing(form: str) -> dict[str, int]:
    """Id of a version of the form → how many open tickets stand on it. Three queries."""
    known = pairs.pairs(form)
    counts = upgrades.open_tickets([pair.id for pair in known])
    found: dict[str, int] = {}
    for pair in known:
        if pair.id in counts:
            found[pair.form_id] = found.get(pair.form_id, 0) + counts[pair.id]
    return found


def look(form: str, *, now: int, known: Known) -> Outlook:
    """What would become of the form's open tickets. Raises NotFound, or Problem("not_published"). Changes nothing."""
    newest, waiting = _waiting(form)
    new = load_form(definitions.version_content(newest["id"]), parts().catalog)
    groups = [_group(pair, count, new, newest["id"], now, known) for pair, count in waiting]
    return Outlook(newest["id"], newest["version"], groups)


def _waiting(form: str) -> tuple[dict[str, Any], list[tuple[Pair, int]]]:
    """(the version in force, what open tickets stand on besides, with their count)."""
    versions = definitions.versions(KIND, form)
    if not versions:
        raise Problem("not_published", where=KIND, key=form[:60])
    newest = versions[0]
    older = [pair for pair in pairs.pairs(form) if pair.form_id != newest["id"]]
    counts = upgrades.open_tickets([pair.id for pair in older])
    waiting = [(pair, counts[pair.id]) for pair in older if pair.id in counts]
    return newest, sorted(waiting, key=lambda one: one[0].number)


def _group(pair: Pair, count: int, new: Form, form_id: str, now: int, known: Known) -> Group:
    old = definitions.bundle(pair.id)
    found, findings = moves(old.form.fields, new.fields), pairs.misfits(pair, form_id, known)
    stuck, left = (0, ()) if findings else upgrades.unfit_tickets(pair.id, found, old.env(now))
    asked = {move.key: list(_steps(old, new, move.key)) for move in found if move.kind == "new" and "." not in move.key}
    return Group(pair, count, found, asked, findings, left, stuck)


def _steps(old: Bundle, new: Form, key: str) -> Iterator[Any]:
    """Names of the steps that let people fill in a field; a ticket that is open is past its first form."""
    for node in old.flow.nodes.values():
        if node.type.group != "trigger" and at_least(resolve(new, node.fields)[key], "edit"):
            yield node.name


def start(form: str, version_id: str, *, actor: Principal, now: int, known: Known) -> str:
    """Upgrade all open tickets of the form that can be; returns the id of the run (commits).

    `version_id`: the version whose outlook the person saw. Raises Conflict("upgrade_stale") if another one is in force
    by now, or as `upgrades.start` does.
    """
    require(actor, "definitions.publish")
    newest, waiting = _waiting(form)
    if newest["id"] != version_id:
        raise Conflict("upgrade_stale", version=newest["version"])
    ways = [
        Onto(pair.id, pairs.join(pair, version_id, actor=actor, now=now), (pair.number, newest["version"]), actor.id)
        for pair, _ in waiting if not pairs.misfits(pair, version_id, known)
    ]
    return upgrades.start(form, ways, actor=actor, now=now)
