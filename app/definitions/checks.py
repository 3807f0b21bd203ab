"""What must hold before a definition is published, as findings: errors block, warnings need a tick."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Finding, Invalid, Problem
from app.flows.check import check_flow
from app.flows.checks.facts import FormFacts, Known
from app.forms.paths import field_at, pointer
from app.forms.schema import load_form

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
MAX_NAME = 200  # code points
TYPE_KEYS = ("schema", "key", "name", "form", "flow")


def form_findings(content: Any, catalog: Catalog, published: Any = None) -> list[Finding]:
    """Faults of a form; `published` (the content in force) locks the types of its fields."""
    try:
        load_form(content, catalog)
    except Invalid as invalid:
        return [_finding(problem, content) for problem in invalid.problems]
    except Problem as problem:
        return [_finding(problem, content)]
    if published is None:
        return []
    now = _types(content)
    return [
        Finding(
            "error",
            "field_type_locked",
            field=key,
            where=f"{now[key][1]}.type",
            params={"field": key, "old": old, "new": now[key][0]},
            fix={
                "label": {"zh-CN": "改回原来的类型", "en": "Change it back"},
                "patch": [{"op": "replace", "path": f"{pointer(now[key][1])}/type", "value": old}],
            },
        )
        for key, (old, _) in _types(published).items()
        if key in now and now[key][0] != old
    ]


def _types(content: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """id of every field and column → (type, JSON path)."""
    found = {}
    for index, field in enumerate(content["fields"]):
        found[field["id"]] = field["type"], f"fields[{index}]"
        for number, column in enumerate(field.get("fields", ())):
            found[column["id"]] = column["type"], f"fields[{index}].fields[{number}]"
    return found


def flow_findings(content: Any, form: Any, catalog: Catalog, known: Known) -> list[Finding]:
    """Faults of a flow, against its published form and what the organisation and this installation hold."""
    facts = FormFacts.of(load_form(form, catalog)) if form is not None else None
    return check_flow(
        content,
        catalog,
        form=facts,
        roles=known.roles,
        connectors=known.connectors,
        calendars=known.calendars,
        templates=set(catalog.templates),
        channels=set(catalog.channels),
    )


def type_findings(content: Any, flow: Any, form: Any, catalog: Catalog, known: Known) -> list[Finding]:
    """Faults of a ticket type and, since it is what runs, of its flow with its form."""
    found = [
        Finding("error", "definition_unknown_key", field=str(key)[:60], params={"key": str(key)[:60]})
        for key in content
        if key not in TYPE_KEYS
    ]
    found += [
        Finding("error", "definition_missing", field=key, params={"key": key})
        for key in TYPE_KEYS
        if not content.get(key)
    ]
    if content.get("name") and not _is_name(content["name"]):
        found.append(Finding("error", "name_bad", field="name", params={"max": MAX_NAME}))
    if found or flow is None:
        return found
    if flow.get("form") != content["form"]:
        return [
            Finding(
                "error",
                "type_form_differs",
                field="form",
                params={"flow_form": str(flow.get("form"))[:60], "form": str(content["form"])[:60]},
            )
        ]
    return flow_findings(flow, form, catalog, known)


def _finding(problem: Problem, content: Any) -> Finding:
    return Finding(
        "error", problem.code, field=field_at(content, problem.where), where=problem.where, params=problem.params
    )


def _is_name(value: Any) -> bool:
    """A text, or one for each language."""
    texts = list(value.values()) if isinstance(value, dict) else [value]
    return 0 < len(texts) <= 20 and all(isinstance(text, str) and 0 < len(text.strip()) <= MAX_NAME for text in texts)
