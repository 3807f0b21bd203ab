"""Several choices of many: a box that scrolls, with a filter where scripts run."""
from __future__ import annotations

from app.forms.base import names
from app.forms.fields import checkbox


class Multiselect(checkbox.Checkbox):
    type = "multiselect"
    label = names("下拉多选", "Multi-select list")
    icon = "multiselect"
    accepts = frozenset({"radio", "select", "checkbox"})
