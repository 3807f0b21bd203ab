"""Answers before anyone has answered: what a link or the customer's record brings along, and defaults."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.core.expressions import Env
from app.forms.access import at_least
from app.forms.base import Asking, Field, FormPorts
from app.forms.loader import Form
from app.forms.logic import Turn, at_path, brought, fitting, settle

NOTHING: Mapping[str, Any] = MappingProxyType({})


def initial(form: Form, *, access: Mapping[str, str], scope: Mapping[str, Any], env: Env, ports: FormPorts,
            link: Mapping[str, Any], given: Mapping[str, Any] = NOTHING,
            defaults: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """Stored values with which a new form opens: of the fields that this person may edit, and of hidden ones.

    `link`: parameters of the address; they fill only what the person could type anyway, so they need no signature.
    `scope["link"]`: those that were signed; hidden fields take no others.
    `scope["customer"]`: only a customer whom the asker has shown to be, or whom staff may see. What does not pass the
    field's own check is left out.
    `scope["history"]`: earlier answers of that customer, by field. `given`: answers that are known already, by field;
    `defaults`: those of this way in, which come before the fields' own.
    """
    sources = {**scope, "link": {**link, **(scope.get("link") or {})}}

    def answer(field: Field, turn: Turn) -> Any:
        if not (turn.shown and turn.open):
            return None
        if not at_least(access[field.id], "edit"):
            return brought(field, scope, env, ports)
        for raw in (given.get(field.id), at_path(sources, field.prefill), defaults.get(field.id), field.default):
            value = fitting(field, raw, Asking(env, ports, None, turn.allowed))
            if value is not None:
                return value
        return None

    return settle(form, answer, scope=scope, env=env, ports=ports, current={}).values
