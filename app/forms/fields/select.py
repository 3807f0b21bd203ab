"""One choice from a list that opens; the usual control for dependent options."""
from __future__ import annotations

from app.forms.base import names
from app.forms.fields import radio


class Select(radio.Radio):
    type = "select"
    label = names("下拉选择", "Drop-down")
    icon = "select"
    accepts = frozenset({"radio"})
