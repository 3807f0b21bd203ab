"""A row of one of the company's lists: a store, a product, a campus."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.forms import base
from app.forms.base import Field, FormPorts, names, ui
from app.forms.fields.customer import fill_from, fill_policy
from app.forms.fields.lookup import Lookup, Row
from app.forms.keys import Keys, Sub, ident


class Fill(Keys):
    fill = fill_from("row", "row_map")
    fill_policy = fill_policy("always")  # another row was chosen: what the first one brought is wrong now


class Settings(base.Settings):
    source = ident(required=True, metadata=ui("数据来源", "Source", "source"))
    lookup = Sub(Fill, load_default=lambda: Fill().load({}), metadata=ui("带出内容", "Fill other fields", "lookup"))


class Reference(Lookup):
    type = "reference"
    label = names("关联数据", "Reference")
    icon = "reference"
    Settings = Settings
    unknown = "answer_not_reference"

    def starter(self) -> dict[str, Any]:
        return {"source": "stores"}

    def rows(self, field: Field, ports: FormPorts) -> Sequence[Row]:
        return ports.choices(field.settings["source"])

    def found(self, field: Field, words: str, ports: FormPorts) -> Sequence[Row]:
        return ports.choices(field.settings["source"], words) if words.strip() else []

    def row(self, field: Field, row_id: str, ports: FormPorts) -> Row | None:
        return ports.reference(field.settings["source"], row_id)

    def record(self, field: Field, value: str, customer: Mapping[str, Any], ports: FormPorts) -> Mapping[str, Any]:
        return self.row(field, value, ports) or {}

    def may_choose(self, field: Field, row_id: str, ports: FormPorts) -> bool:
        found = ports.reference(field.settings["source"], row_id)
        return found is not None and not found.get("archived")
