"""Who may do what with a field at this step: hidden < masked < read < edit < required.

A step names fields, sections or "*"; the most specific name wins, and what nobody names is hidden.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.errors import Problem
from app.forms.base import Field
from app.forms.loader import Form
from app.forms.text import brief

LEVELS = ("hidden", "masked", "read", "edit", "required")
RANK = {level: rank for rank, level in enumerate(LEVELS)}


def at_least(level: str, wanted: str) -> bool:
    """Whether `level` grants what `wanted` grants."""
    return RANK[level] >= RANK[wanted]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes a form is drawn for, as far as masked answers go: the roles they hold, and the fields whose answers
    they asked to see and may (whoever fills this in has recorded it)."""

    roles: frozenset[str] = frozenset()
    revealed: frozenset[str] = frozenset()


NOBODY = Reader()


def may_reveal(field: Field, level: str, roles: Iterable[str]) -> bool:
    """Whether somebody with these roles may have the masked answer shown. A field that names no roles: nobody.

    Files are not revealed: their addresses would go on working after the page is gone.
    """
    named = field.sensitive.reveal if field.sensitive else ()
    return at_least(level, "masked") and field.type.uploads is None and not frozenset(named).isdisjoint(roles)


def resolve(form: Form, spec: Mapping[str, str]) -> dict[str, str]:
    """field id → level for every top-level field; columns follow their sub-table.

    A field that nobody answers (read-only by definition, computed, of a type that is not installed) never exceeds
    "read"; a field required by definition is required wherever it may be edited. Keys of `spec` that name nothing are
    ignored here: `check` reports them.
    """
    rest = spec.get("*", "hidden")
    levels: dict[str, str] = {}
    for found in form.fields.values():
        level = spec.get(found.id) or spec.get(found.section or "") or rest
        if RANK.get(level, 0) >= RANK["edit"]:
            if found.readonly or not found.type.asked or not found.installed:
                level = "read"
            elif found.required:
                level = "required"
        levels[found.id] = level if level in RANK else "hidden"
    return levels


def check(form: Form, spec: Mapping[str, str]) -> list[Problem]:
    """What is wrong with a step's `fields`: names that are neither field, section nor "*", and unknown levels."""
    sections = {section.id for section in form.sections}
    problems = []
    for key, level in spec.items():
        if key != "*" and key not in form.fields and key not in sections:
            problems.append(Problem("access_unknown_key", where=brief(key), key=brief(key)))
        if not isinstance(level, str) or level not in RANK:
            problems.append(Problem("access_unknown_level", where=str(key), level=brief(level),
                                    levels=" / ".join(LEVELS)))
    return problems
