"""Values that a definition holds: a default, what a rule sets. The field itself judges them when they are written."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem
from app.core.expressions import Env
from app.forms.base import Asking, Field
from app.forms.text import brief


class Permissive:
    """Ports while a definition is read: what a constant refers to is looked up when it is used."""

    def reference(self, source: str, row_id: str) -> Mapping[str, Any]:
        return {"id": row_id}

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {}

    def customer(self, customer_id: str) -> Mapping[str, Any]:
        return {"id": customer_id}

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]]:
        return ()

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any]:
        return {"id": person_id, "active": True}

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        return ()

    def me(self) -> str:
        return "me"


def acceptable(field: Field, raw: Any, where: str) -> None:
    """Refuse a constant that the field would refuse, or that nobody could answer. Raises Problem "form_default_bad"."""
    if not field.type.asked or not field.type.stored or field.columns or field.type.uploads:
        raise Problem("form_default_bad", where=where, reason=brief(raw))
    try:
        field.type.clean(field, raw, Asking(Env(0), Permissive(), allowed=field.type.allowed(field, None)))
    except Problem:
        raise Problem("form_default_bad", where=where, reason=brief(raw)) from None
