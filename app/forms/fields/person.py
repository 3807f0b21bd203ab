"""A colleague. Only people who are signed in are asked: nobody outside may learn who works here."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.errors import text
from app.forms import base
from app.forms.base import Asking, Field, FormPorts, names, ui
from app.forms.fields.lookup import Lookup, Row, row_label
from app.forms.keys import Each, Str, ident
from app.forms.text import MASKS

ME = "me"  # as an answer or a default: whoever fills the form in


class Settings(base.Settings):
    roles = Each(ident(), most=20, load_default=list,
                 metadata=ui("只选这些角色的人", "Only holders of these roles", "roles"))
    department = Str(max_length=64, load_default="",
                     metadata=ui("只选这个部门（含下级）", "Only this department, and those below it", "department"))


class Person(Lookup):
    type = "person"
    label = names("同事", "Colleague")
    group = "contact"
    icon = "person"
    outside = False
    Settings = Settings
    unknown = "answer_not_person"

    def rows(self, field: Field, ports: FormPorts) -> Sequence[Row]:
        return ports.people(field.settings["roles"], field.settings["department"])

    def row(self, field: Field, row_id: str, ports: FormPorts) -> Row | None:
        return ports.person(row_id)

    def may_choose(self, field: Field, row_id: str, ports: FormPorts) -> bool:
        found = ports.person(row_id, field.settings["roles"], field.settings["department"])
        return found is not None and bool(found["active"])

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if raw == ME:
            raw = asking.ports.me()
            if raw is None or not self.may_choose(field, raw, asking.ports):
                return None  # a default for some of those who fill it in
        return super().clean(field, raw, asking)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return row_label(ports.person(str(value)), text("form_word_colleague", locale), locale)

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return MASKS["name"](self.display(field, value, locale, ports))

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return str(value)  # two colleagues may have one name
