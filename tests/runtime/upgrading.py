"""Later versions of the small form, and the ways of open tickets onto them."""
from __future__ import annotations

import copy
from typing import Any

from app.core.principal import SYSTEM
from app.definitions import pairs
from app.definitions import service as definitions
from app.extensions import clock
from app.runtime.upgrade import Onto
from tests.runtime.company import SMALL_FORM


def changed(**fields: dict[str, Any] | None) -> dict[str, Any]:
    """The small form with fields changed, added (last) or, with None, taken out."""
    form = copy.deepcopy(SMALL_FORM)
    rows = {row["id"]: row for row in form["fields"]}
    for key, more in fields.items():
        if more is None:
            del rows[key]
        else:
            rows[key] = {**rows.get(key, {"id": key, "section": "s_a", "label": key}), **more}
    return {**form, "fields": list(rows.values())}


def republish(*forms: dict[str, Any], old: str = "") -> Onto:
    """Publish later versions of the small form; the way onto the last one from `old`, or what new tickets have."""
    old = old or definitions.current_type("small").id
    for form in forms:
        rev = definitions.draft("form", "small")["rev"]
        definitions.save_draft("form", "small", form, rev, actor=SYSTEM, now=clock.now_ms())
        definitions.publish("form", "small", actor=SYSTEM, now=clock.now_ms())
    return onto(old)


def onto(old: str) -> Onto:
    """The way from a version of the ticket type to the form in force."""
    pair = next(pair for pair in pairs.pairs("small") if pair.id == old)
    newest = definitions.versions("form", "small")[0]
    new = pairs.join(pair, newest["id"], actor=SYSTEM, now=clock.now_ms())
    return Onto(old, new, (pair.number, newest["version"]), "lead")
