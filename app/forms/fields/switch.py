"""Yes or no by one tick. Where it is asked, it is answered: not ticked means no."""
from __future__ import annotations

from typing import Any

from app.core.errors import Problem, text
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names
from app.forms.text import kind_ascii

_WORDS = {"true": True, "yes": True, "y": True, "1": True, "on": True, "是": True, "√": True, "✓": True,
          "false": False, "no": False, "n": False, "0": False, "off": False, "否": False, "×": False}


class Switch(FieldType):
    type = "switch"
    label = names("开关", "Yes or no")
    icon = "switch"
    value_type = "bool"
    operators = ("eq", "ne", "empty", "not_empty")
    coded = True
    default = False

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if isinstance(raw, str) and len(raw) <= 20:  # from a link or a sheet
            raw = _WORDS.get(kind_ascii(raw).lower(), raw)
        if not isinstance(raw, bool):
            raise Problem("answer_not_flag")
        return raw

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return text("form_word_yes" if value else "form_word_no", locale)

    def sample(self, field: Field) -> Any:
        return True

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        # A hidden "false" goes along with the tick, so that an empty box differs from no box at all.
        values = posted.getlist(name)
        return "true" in values if values else None
