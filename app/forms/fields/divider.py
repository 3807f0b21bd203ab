"""A line between questions, with its label as a heading. Nothing is asked."""
from __future__ import annotations

from app.forms import base
from app.forms.base import names, ui
from app.forms.fields.notice import Standing
from app.forms.keys import Flag


class Settings(base.Settings):
    titled = Flag(load_default=True, metadata=ui("显示标题", "Show the label", "switch"))


class Divider(Standing):
    type = "divider"
    label = names("分隔线", "Divider")
    icon = "divider"
    Settings = Settings
