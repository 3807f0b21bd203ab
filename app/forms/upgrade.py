"""Answers that were given under one version of a form, brought under a later one. Pure.

Same id and same type: kept. Another type is taken over only where nothing can be lost (`FieldType.accepts`); what the
later version no longer asks is retired: set aside, to be shown as no longer in use. An answer that cannot be taken over
holds up its whole ticket: nothing is upgraded by half.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Invalid, Problem, text
from app.core.expressions import Env
from app.forms.access import resolve
from app.forms.base import Asking, Field, FormPorts, Text, is_empty
from app.forms.loader import Form
from app.forms.validate import judge

KINDS = ("new", "converted", "retired", "refused", "kept")


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one field. `key`: its id, or "f_items.f_dish" of a column; `kind`: one of KINDS.

    `old` is None where it is new, `new` where it is gone. A retired one may have both: it is computed from now on, say.
    """

    key: str
    kind: str
    old: Field | None
    new: Field | None
    table: Text = ""  # label of the table whose column it is

    @property
    def bared(self) -> bool:
        """Whether answers that were masked and sealed will be neither."""
        return bool(self.old and self.new and self.old.sensitive and not self.new.sensitive)

    def name(self, locale: str) -> str:
        """The field's label, a column's with its table's."""
        shown = self.new or self.old
        assert shown is not None
        return text("form_upgrade_column" if self.table else "form_upgrade_name", locale,
                    {"label": shown.label, "table": self.table})

    def words(self, locale: str) -> str:
        """The verdict as a sentence."""
        code = "replaced" if self.kind == "retired" and self.new else self.kind
        kinds = {name: dict(side.type.label) if side else "" for name, side in (("old", self.old), ("new", self.new))}
        return text(f"form_upgrade_{code}", locale, {"name": self.name(locale), **kinds})


@dataclass(frozen=True, slots=True)
class Past:
    """An answer that an earlier upgrade retired, and the field it was given to."""

    field: Field
    value: Any


@dataclass(slots=True)
class Upgraded:
    """What becomes of one ticket's answers. With `problems` nothing may be stored.

    `values` are answers of the new version. `retired`: key (see Move) → the value as it was stored, for a column a list
    with one for each row. `returned`: keys of `past` that are answers again. `converted`: keys whose type changed.
    """

    values: dict[str, Any]
    retired: dict[str, Any] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)
    converted: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def moves(old: Mapping[str, Field], new: Mapping[str, Field], prefix: str = "", table: Text = "") -> list[Move]:
    """What becomes of each field that holds answers: in the new version's order, then those that are gone."""
    found = []
    for key, after in new.items():
        if after.type.stored:
            before = old.get(key)
            before = before if before and before.type.stored else None
            kind = _kind(before, after)
            found.append(Move(prefix + key, kind, before, after, table))
            if before and kind == "kept":
                found += moves(before.columns, after.columns, f"{key}.", after.label)
    found += [Move(prefix + key, "retired", before, None, table) for key, before in old.items()
              if before.type.stored and not (key in new and new[key].type.stored)]
    return found


def _kind(old: Field | None, new: Field) -> str:
    if old is None:
        return "new"
    if old.type.type != new.type.type and not (old.type.asked and new.type.asked):
        return "retired"  # a formula answers from now on, or no longer
    if not new.type.takes_over(new, old):
        return "refused"
    return "kept" if old.type.type == new.type.type else "converted"


def unfit(found: Sequence[Move], values: Mapping[str, Any], *, env: Env, ports: FormPorts) -> Problem | None:
    """Why these answers cannot be taken over, None if they can: `upgrade` without its rules, for a quick look."""
    carrier = _Carrier(env, ports)
    for move in found:
        value: Any = values.get(move.key.partition(".")[0])
        if move.kind in ("converted", "refused") and not is_empty(value):
            assert move.old and move.new
            for cell in [row.get(move.old.id) for row in value] if "." in move.key else [value]:
                carrier.value(move.old, move.new, cell, move.key)
        if carrier.problems:
            return carrier.problems[0]
    return None


def upgrade(old: Form, new: Form, values: Mapping[str, Any], *, past: Mapping[str, Past], scope: Mapping[str, Any],
            env: Env, ports: FormPorts) -> Upgraded:
    """Bring the stored answers `values` of `old` under `new`: rules and formulas of the new version have been applied,
    so that judging the result with nothing new stores the same. Never raises for what the answers hold.
    """
    out = Upgraded({})
    carrier = _Carrier(env, ports)
    carried: dict[str, Any] = {}
    for move in moves(old.fields, new.fields):
        if "." in move.key or move.old is None or move.key not in values:
            continue
        value = values[move.key]
        if move.kind == "retired":
            carrier.retire(move.key, value)
        elif move.new is not None:
            carried[move.key] = carrier.value(move.old, move.new, value, move.key)
            if move.kind == "converted" and not is_empty(value):
                carrier.converted.append(move.key)
    if carrier.problems:
        return Upgraded(dict(values), problems=carrier.problems)
    for key, gone in past.items():
        if key in new.fields and key not in old.fields and (again := _again(gone, new.fields[key], env, ports)):
            carried[key] = again[0]
            out.returned.add(key)
    judged = judge(new, {}, access=resolve(new, {}), current=carried, scope=scope, env=env, ports=ports, require=False)
    for key in judged.dropped:
        if key in out.returned:
            out.returned.discard(key)
        else:
            carrier.retire(key, values.get(key))
    out.values, out.retired, out.converted = judged.values, carrier.retired, carrier.converted
    return out


def _again(gone: Past, new: Field, env: Env, ports: FormPorts) -> tuple[Any] | None:
    """A retired answer as the field that is back takes it; None where something of it would be lost."""
    if _kind(gone.field, new) not in ("kept", "converted") or not new.type.asked:
        return None
    carrier = _Carrier(env, ports)
    value = carrier.value(gone.field, new, gone.value, new.id)
    return None if carrier.problems or carrier.retired or is_empty(value) else (value,)


class _Carrier:
    """Takes answers over one by one, and notes what could not be and what was set aside."""

    def __init__(self, env: Env, ports: FormPorts) -> None:
        self.env, self.ports = env, ports
        self.retired: dict[str, Any] = {}
        self.converted: list[str] = []
        self.problems: list[Problem] = []

    def retire(self, key: str, value: Any) -> None:
        if not is_empty(value):
            self.retired[key] = value

    def value(self, old: Field, new: Field, value: Any, key: str) -> Any:
        """The stored value that a value of `old` becomes; None with the problem noted."""
        kind = _kind(old, new)
        if is_empty(value) or (kind == "kept" and not old.columns):
            return value
        try:
            if kind == "refused":
                raise self.misfit(old, new)
            if kind == "kept":
                return self.rows(old, new, value)
            allowed = new.type.allowed(new, value)
            return new.type.adopt(new, value, Asking(self.env, self.ports, None, allowed, require=False))
        except Problem as problem:
            first = problem.problems[0] if isinstance(problem, Invalid) else problem
            # What a sensitive answer is refused for could tell of it.
            told = self.misfit(old, new) if old.sensitive else first
            told.where = key
            told.params.setdefault("label", new.label)
            self.problems.append(told)
            return None

    def misfit(self, old: Field, new: Field) -> Problem:
        return Problem("upgrade_misfit", label=new.label, old=dict(old.type.label), new=dict(new.type.label))

    def rows(self, old: Field, new: Field, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """A table's rows, column by column; cells of a column that is gone are retired together."""
        out: list[dict[str, Any]] = [{} for _ in rows]
        for key, column in old.columns.items():
            after = new.columns.get(key)
            cells = [row.get(key) for row in rows]
            if after is None or _kind(column, after) == "retired":
                self.retire(f"{new.id}.{key}", [] if all(map(is_empty, cells)) else cells)
                continue
            for row, before, cell in zip(out, rows, cells, strict=True):
                if key in before:
                    row[key] = self.value(column, after, cell, f"{new.id}.{key}")
            if _kind(column, after) == "converted" and not all(map(is_empty, cells)):
                self.converted.append(f"{new.id}.{key}")
        return [row for row in out if row]
