"""The stand-in for a field type that is not installed: what was answered stays, whatever happens to the ticket."""
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE

from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, Sensitive, names


class Settings(base.Settings):
    """Those of the missing type: nobody here can judge them."""

    class Meta:
        unknown = INCLUDE


class Unavailable(FieldType):
    """One instance per missing type; never registered.

    Nobody is asked, nothing is changed. Who may see the answer is the missing type's knowledge too, so it is treated as
    personal.
    """

    type = "unavailable"
    label = names("未安装的字段", "Field that is not installed")
    group = "advanced"
    icon = "alert"
    value_type = "any"
    asked = False
    stands = True
    installed = False
    sensitive = Sensitive("all")
    Settings = Settings

    def __init__(self, missing: str, unfit: bool = False) -> None:
        self.missing = missing
        self.unfit = unfit  # it is installed, but cannot read what the form says

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        return {"missing": self.missing, "unfit": self.unfit}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        """What is kept, as it is: nothing that a person sends comes here."""
        return raw

    def takes_over(self, field: Field, old: Field) -> bool:
        return isinstance(old.type, Unavailable) and old.type.missing == self.missing

    def is_stored(self, field: Field, value: Any) -> bool:
        return True

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        return json.loads(cell)
