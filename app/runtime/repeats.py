"""The same request a second time: what makes it the same, the ticket it made before, and what is new in it.

A door says what to compare (`dedupe`). The compared answers are kept as one keyed hash beside the ticket: found by an
index, readable by nobody, and unmoved when colleagues correct the answers later.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import vault
from app.definitions.bundle import Bundle
from app.forms.access import at_least
from app.forms.base import is_empty
from app.forms.schema import Form
from app.runtime.chain import canonical
from app.runtime.stepping import Scene
from app.wire import Wire

CUSTOMER = "customer"
EARLIER = (
    "SELECT id FROM ticket WHERE same_key = {0} AND status = 'open' AND opened_at >= {1}"
    " ORDER BY no DESC LIMIT 1"
)
TEXTS = {True: EARLIER.format("%(key)s", "%(since)s"), False: EARLIER.format(":key", ":since")}


@dataclass(frozen=True, slots=True)
class Same:
    """What other requests are the same as this one: those with this `key`, for `within_ms`. `refuse`: they are not
    taken, instead of joining the first."""

    key: str
    within_ms: int
    refuse: bool


def same_as(
    bundle: Bundle, type_version_id: str, trigger: str, values: Mapping[str, Any], customer: Mapping[str, Any]
) -> Same | None:
    """By what to recognise this request; None if its door does not look, or an answer to compare is missing."""
    config: Any = bundle.node(trigger).config
    dedupe = getattr(config, "dedupe", None)
    if dedupe is None:
        return None
    compared = [customer.get("id") if ref == CUSTOMER else values.get(ref.partition(".")[2]) for ref in dedupe.by]
    if any(is_empty(value) for value in compared):
        return None
    key = vault.blind(canonical(compared), f"same/{type_version_id}/{trigger}")
    return Same(key, dedupe.within, dedupe.then == "refuse")


def earlier(wire: Wire, same: Same, now: int) -> str | None:
    """The newest open ticket that the same request made. One statement."""
    rows = wire.rows(TEXTS[wire.postgres], {"key": same.key, "since": now - same.within_ms})
    return rows[0][0] if rows else None


def news(scene: Scene, trigger: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that differ from those the ticket has."""
    form, known, levels = scene.bundle.form, scene.state["form"], scene.bundle.access(trigger)
    return differing(form, known, {name: value for name, value in values.items() if at_least(levels[name], "edit")})


def differing(form: Form, known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `values` that say something else than `known`."""
    return {
        name: value for name, value in values.items()
        if not is_empty(value) and (is_empty(known.get(name)) or not form.fields[name].type.same(known[name], value))
    }
