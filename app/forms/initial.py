"""Answers before anyone has answered: what a link or the customer's record brings along, and defaults."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import Problem
from app.core.expressions import Env
from app.forms.access import at_least
from app.forms.base import Asking, Field, FormPorts, is_empty
from app.forms.loader import Form
from app.forms.logic import Turn, settle


def initial(form: Form, *, access: Mapping[str, str], scope: Mapping[str, Any], env: Env, ports: FormPorts,
            link: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values with which a new form opens, for the fields that this person may edit.

    `link`: parameters of the address; they fill only what the person could type anyway, so they need no signature.
    `scope["customer"]`: only a customer whom the asker has shown to be, or whom staff may see. What does not pass the
    field's own check is left out.
    """
    sources = {**scope, "link": link}

    def answer(field: Field, turn: Turn) -> Any:
        if not at_least(access[field.id], "edit") or not (turn.shown and turn.open):
            return None
        for raw in (_found(sources, field.prefill), field.default):
            value = _passing(field, raw, Asking(env, ports, None, turn.allowed))
            if value is not None:
                return value
        return None

    return settle(form, answer, scope=scope, env=env, ports=ports, current={}).values


def _found(sources: Mapping[str, Any], path: str | None) -> Any:
    holder, _, name = (path or ".").partition(".")
    return (sources.get(holder) or {}).get(name)


def _passing(field: Field, raw: Any, asking: Asking) -> Any:
    if is_empty(raw):
        return None
    try:
        return field.type.clean(field, raw, asking)
    except Problem:
        return None  # a stranger wrote the link: what does not fit is not offered
