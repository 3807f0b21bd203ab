"""Putting one open ticket on a later version of its form: its flow goes on as it was, where it was.

What the new version does not ask is set aside in the engine's state as `retired`, {key: {"version": the ticket type's
version under which it was given, "value": sealed}}: shown, but part of no answer any more.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import Conflict, Invalid, NotFound
from app.definitions import service as definitions
from app.forms.upgrade import Past, upgrade
from app.runtime import seals
from app.runtime.stepping import Intent, Scene, take_step


@dataclass(frozen=True, slots=True)
class Onto:
    """`old`, `new`: versions of the ticket type that join one flow with two versions of the form; `numbers`: theirs.
    `by`: the person who wanted it."""

    old: str
    new: str
    numbers: tuple[int, int]
    by: str


class _There(Exception):
    """The ticket stands on the new version already."""


def upgrade_ticket(ticket_id: str, onto: Onto) -> bool:
    """One commit. False: it was there already.

    Raises Conflict: "ticket_closed", "upgrade_moved" (on neither version), "ticket_busy"; or Invalid with the answers
    that cannot be taken over, each at its place. Then nothing has changed.
    """
    try:
        done = take_step(Intent("ticket", {"ref": ticket_id}, lambda scene: _signal(scene, onto), onto=onto.new))
    except _There:
        return False
    if done is None:
        raise NotFound("ticket_unknown", where="ticket")
    return True


def _signal(scene: Scene, onto: Onto) -> dict[str, Any]:
    loaded, state = scene.loaded, scene.state
    if loaded.type_version_id == onto.new:
        raise _There
    if state["status"] != "open":
        raise Conflict("ticket_closed", status=state["status"])
    if loaded.type_version_id != onto.old:
        raise Conflict("upgrade_moved")
    bundle, known = definitions.bundle(onto.new), state.get("retired") or {}
    done = upgrade(
        scene.bundle.form, bundle.form, state["form"], past=past(loaded.id, known),
        scope=bundle.scope("", state, "", None), env=bundle.env(loaded.now), ports=scene.ports,
    )
    if done.problems:
        raise Invalid(done.problems)
    new = {key: {"version": onto.old, "value": seals.seal_apart(loaded.id, key, value)}
           for key, value in done.retired.items()}
    return {
        "kind": "upgrade", "by": onto.by, "form": done.values,
        "retired": {**{key: row for key, row in known.items() if key not in done.returned}, **new},
        "delta": {"from": onto.old, "to": onto.new, "versions": list(onto.numbers), "fields": done.converted,
                  "retired": sorted(done.retired), "returned": sorted(done.returned)},
    }


def past(ticket_id: str, retired: Mapping[str, Any]) -> dict[str, Past]:
    """What earlier upgrades set aside, by field id; columns of tables, whose rows are gone, are not among it."""
    found = {}
    for key, row in retired.items():
        field = definitions.bundle(row["version"]).form.fields.get(key)
        if field is not None:
            found[key] = Past(field, seals.open_apart(ticket_id, key, row["value"]))
    return found
