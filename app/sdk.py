"""Everything that a plugin may import from the product (docs/plugins.md). What is not here may change any day."""
from __future__ import annotations

from app.core.errors import Problem, localized
from app.core.expressions import OPERATORS, Env
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, Sensitive, Settings, names, ui
from app.forms.fields.date import clock_now, read_day, today
from app.forms.fields.time import read_clock
from app.forms.keys import Each, Flag, Int, Num, Str, Words
from app.forms.text import brief, clean_text, kind_ascii

__all__ = [
    "OPERATORS", "Asking", "Each", "Env", "Field", "FieldType", "Flag", "FormPorts", "Int", "Num", "Posted", "Problem",
    "Sensitive", "Settings", "Str", "Words", "brief", "clean_text", "clock_now", "kind_ascii", "localized", "names",
    "read_clock", "read_day", "today", "ui",
]
