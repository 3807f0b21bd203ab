"""What a step names of other ticket types: fields of their forms, and what those must be given to open a ticket."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import Finding
from app.flows.checks.draft import Step, error, warning
from app.flows.checks.facts import Known
from app.flows.config import FieldOf, FillsOther

DATES = ("date", "datetime")  # kinds of fields that hold a moment


def field_of(step: Step, path: str, prop: FieldOf, value: Any, known: Known) -> Iterator[Finding]:
    """A field of another ticket type's form, where that type is known."""
    of = _type(step, prop.type_at)
    fields = known.type_fields.get(of) if known.type_fields is not None and of is not None else None
    if fields is None or not isinstance(value, str):
        return
    if value not in fields:
        yield error("check_missing_other_field", step.id, field=path, name=step.name, key=value[:60], type=of)
    elif prop.dates and fields[value] not in DATES:
        yield error("check_other_field_no_date", step.id, field=path, name=step.name, key=value[:60])


def needs(step: Step, path: str, prop: FillsOther, value: Any, known: Known) -> Iterator[Finding]:
    """What that form requires where tickets are opened, and the rows leave out; a field of the same id fills it in."""
    of = _type(step, prop.type_at)
    wanted = known.type_needs.get(of) if known.type_needs is not None and of is not None else None
    rows = value if isinstance(value, list) else []
    given = [row.get("field") for row in rows if isinstance(row, Mapping)]
    for field, label in (wanted or {}).items():
        if field not in given:
            own = known.form.fields.get(field) if known.form else None
            fix = {"do": "set_config", "node": step.id, "path": path.removeprefix("config."),
                   "value": [*rows, {"field": field, "value": f"{{{{form.{field}}}}}"}]} if own else None
            yield warning("check_other_field_needed", step.id, field=path, name=step.name, field_name=label, fix=fix)


def _type(step: Step, at: str) -> str | None:
    """The ticket type that stands at a place of the settings."""
    of: Any = step.config
    for name in at.split("."):
        of = of.get(name) if isinstance(of, Mapping) else None
    return of if isinstance(of, str) else None
