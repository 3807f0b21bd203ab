"""A line between questions, with its label as a heading. Nothing is asked."""
from __future__ import annotations

from typing import Any

from app.forms import base
from app.forms.base import Field, FieldType, names, ui
from app.forms.keys import Flag


class Settings(base.Settings):
    titled = Flag(load_default=True, metadata=ui("显示标题", "Show the label", "switch"))


class Divider(FieldType):
    type = "divider"
    label = names("分隔线", "Divider")
    group = "layout"
    icon = "divider"
    value_type = "any"
    operators = ()
    Settings = Settings
    in_rows = False
    stored = False
    asked = False
    stands = True

    def sample(self, field: Field) -> Any:
        return None
