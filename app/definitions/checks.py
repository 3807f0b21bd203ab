"""What must hold before a definition is published, as findings: errors block, warnings need a tick."""

from __future__ import annotations

import re
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Finding
from app.flows.check import check_flow
from app.flows.checks.facts import FormFacts, Known
from app.forms.schema import load_form

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
MAX_NAME = 200  # code points
TYPE_KEYS = ("schema", "key", "name", "form", "flow")


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
        sources=known.sources,
        templates=set(catalog.templates),
        channels=set(catalog.channels),
        people=known.people,
        departments=known.departments,
        inside=known.inside,
        skills=known.skills,
        cells=known.cells,
        ticket_types=known.ticket_types,
        type_fields=known.type_fields,
        type_needs=known.type_needs,
        tokens=known.tokens,
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


def _is_name(value: Any) -> bool:
    """A text, or one for each language."""
    texts = list(value.values()) if isinstance(value, dict) else [value]
    return 0 < len(texts) <= 20 and all(isinstance(text, str) and 0 < len(text.strip()) <= MAX_NAME for text in texts)
