"""A row of one of the company's lists: a store, a product, a campus."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem, localized
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, names, ui
from app.forms.keys import ident


class Settings(base.Settings):
    source = ident(required=True, metadata=ui("数据来源", "Source", "source"))


def row_label(row: Any, fallback: str, locale: str) -> str:
    """What a row is called."""
    return str(localized(row.get("label") or row.get("name") or fallback, locale)) if row else fallback


class Reference(FieldType):
    type = "reference"
    label = names("关联数据", "Reference")
    group = "choice"
    icon = "reference"
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    coded = True
    Settings = Settings

    def starter(self) -> dict[str, Any]:
        return {"source": "stores"}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, str) or not 0 < len(raw) <= 64:
            raise Problem("answer_not_reference")
        if raw != asking.current and asking.ports.reference(field.settings["source"], raw) is None:
            raise Problem("answer_not_reference")
        return raw

    def offer(self, field: Field, value: Any, ports: FormPorts) -> Sequence[Mapping[str, Any]]:
        return ports.choices(field.settings["source"])

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return row_label(ports.reference(field.settings["source"], value), str(value), locale)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        cell = cell.strip()
        found = [row["id"] for row in ports.choices(field.settings["source"])
                 if cell in (row["id"], row.get("label"), row.get("name"))]
        return found[0] if len(found) == 1 else cell  # of two stores of one name, neither was named

    def sample(self, field: Field) -> Any:
        return "sample"
