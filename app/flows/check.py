"""Publish checks: one judge of a flow for the designer, for publishing and for import.

It reads the raw definition, however broken, and says everything that is wrong at once, each finding with its step, way
out, setting and, where one is known, the repair. Errors block publishing, warnings need a tick (docs/flow-checks.md).
"""
from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Finding
from app.flows.checks import assigning, care, graph, parallel, refused, settings
from app.flows.checks.draft import measure, read
from app.flows.checks.facts import FieldFact, FormFacts, Known
from app.flows.checks.fixes import apply_fix, repair_words

__all__ = ["FieldFact", "FormFacts", "apply_fix", "blocks", "check_flow", "repair_words"]


def check_flow(data: Any, catalog: Catalog, *, form: FormFacts | None = None, roles: Mapping[str, int] | None = None,
               templates: Collection[str] | None = None, connectors: Collection[str] | None = None,
               channels: Collection[str] | None = None, calendars: Collection[str] | None = None,
               sources: Collection[str] | None = None,
               people: Collection[str] | None = None, departments: Collection[str] | None = None,
               inside: Collection[str] = (), skills: Mapping[str, int] | None = None,
               cells: Mapping[str, Mapping[str, Collection[str]]] | None = None,
               ticket_types: Collection[str] | None = None,
               type_fields: Mapping[str, Mapping[str, str]] | None = None,
               type_needs: Mapping[str, Mapping[str, Any]] | None = None,
               tokens: Collection[str] | None = None) -> list[Finding]:
    """Everything to say about a flow, errors first, in drawing order.

    `roles`: role key → number of active people who hold it; `people`: ids of the active; `inside`, `skills`,
    `cells`, `type_fields`, `type_needs`: as in Known; the other collections hold the names that may be used; None: not
    known here, and then not checked. Whatever `data` is, the answer is findings; only a definition over the limits
    (depth, characters, nodes, edges) is refused: TooLarge.
    """
    measure(data)
    draft = read(data if isinstance(data, Mapping) else {}, catalog)
    known = Known(form, roles, templates, connectors, channels, calendars, people, departments, sources, inside, skills,
                  cells, ticket_types=ticket_types, type_fields=type_fields, type_needs=type_needs, tokens=tokens)
    found = [*draft.findings, *graph.check(draft), *parallel.check(draft), *settings.check(draft, known),
             *assigning.check(draft, known)]
    said = {(finding.node, finding.field) for finding in found if finding.field}
    found += [finding for finding in refused.check(data, draft, catalog, form)
              if (finding.node, finding.field) not in said]
    found += care.check(draft, catalog)
    order = {step.id: step.index for step in draft.steps.values()}
    return sorted(found, key=lambda finding: (finding.level != "error", order.get(finding.node, -1)))


def blocks(findings: Collection[Finding]) -> bool:
    """Whether these findings forbid publishing."""
    return any(finding.level == "error" for finding in findings)
