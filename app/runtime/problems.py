"""What went wrong at a step, told with names instead of ids."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.errors import localized, text
from app.definitions.bundle import Bundle


def problem_words(bundle: Bundle, node_id: str | None, code: str, params: Any, locale: str) -> str:
    """A problem of the flow at a step, in the reader's language."""
    known = dict(params) if isinstance(params, Mapping) else {}
    node = bundle.flow.nodes.get(str(known.get("node") or node_id or ""))
    for key in ("port", "case"):
        if key in known and node is not None:
            label = next((port.label for port in node.ports if port.id == known[key]), None)
            known[key] = localized(label, locale) or known[key]
    if "node" in known and node is not None:
        known["node"] = localized(node.name, locale)
    if "target" in known:
        known["target"] = target_words(bundle, str(known["target"]), locale)
    return text(code, locale, known)


def target_words(bundle: Bundle, ref: str, locale: str) -> str:
    """What a flow sets: the label of a form field, or the name of a variable."""
    root, _dot, name = ref.partition(".")
    field = bundle.form.fields.get(name) if root == "form" else None
    if field is not None:
        return str(localized(field.label, locale))
    variables: list[Mapping[str, Any]] = bundle.flow.raw.get("vars", [])
    declared = next((var for var in variables if var.get("key") == name), {})
    return str(localized(declared.get("name"), locale) or name) if root == "vars" else ref
