"""Several lines of text."""
from __future__ import annotations

from app.forms.base import names, ui
from app.forms.fields import text
from app.forms.keys import Int


class Settings(text.Settings):
    class Meta(text.Settings.Meta):
        exclude = ("pattern",)

    max_length = Int(min=1, max=20_000, load_default=2000, metadata=ui("最多字数", "Maximum length", "number"))
    rows = Int(min=1, max=30, load_default=4, metadata=ui("显示行数", "Visible rows", "number"))


class Textarea(text.Text):
    type = "textarea"
    label = names("多行文本", "Long text")
    icon = "textarea"
    Settings = Settings
    accepts = text.Text.accepts | {"text"}
    lines = True
