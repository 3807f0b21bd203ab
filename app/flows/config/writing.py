"""Properties that write: where a value goes, what may go there, and the formula that makes one."""
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import marshmallow as ma

from app.core.errors import Problem
from app.core.expressions import ExprError, as_stored, type_name
from app.core.expressions.errors import Fail
from app.core.expressions.values import OPAQUE, READERS, Err, read_number
from app.flows.config.domain import BUILD, Json, OfKinds
from app.flows.config.plain import Text, refuse, shown
from app.flows.formulas import compile_formula

PLACE = re.compile(r"(?:form|vars)\.[a-z][a-z0-9_]{0,39}")
LONGEST = 10_000  # code points of a text that a flow stores by itself


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value goes: `ref` is `vars.x` or `form.f_x`, `type` what expressions know it as ("any": nobody said;
    None: read without a form), `var` the variable's declaration."""

    ref: str
    type: str | None = None
    var: Any = None

    def fit(self, raw: Any) -> Any:
        """A value from anywhere as it is stored here, None for nothing. Raises Problem("flow_value_unfit")."""
        try:
            stored = self._stored(raw)
        except Fail:
            raise self._unfit(raw) from None
        if isinstance(stored, Err):
            raise self._unfit(raw)
        if self.var is not None and (problem := self.var.problem(stored)):
            raise problem
        return stored

    def _stored(self, raw: Any) -> Any:
        kind = self.type or "any"
        if isinstance(raw, Decimal):
            raw = str(raw)
        if kind == "text" and isinstance(raw, (int, float)) and not isinstance(raw, bool):
            raw = as_stored(read_number(raw), "number")  # systems send numbers where people would write words
        if kind == "number" and isinstance(raw, str):
            raw = raw.strip()
        value = READERS[kind](raw)
        parts = value if isinstance(value, list) else [value]
        if any(part is OPAQUE or isinstance(part, (list, dict)) for part in parts):
            raise Fail("E_TYPE")
        if sum(len(part) for part in parts if isinstance(part, str)) > LONGEST:
            raise Fail("E_LIMIT")
        return as_stored(value, kind)

    def _unfit(self, raw: Any) -> Problem:
        return Problem("flow_value_unfit", target=self.ref, value=shown(raw), type=type_name(self.type or "any"))

    def sample(self) -> Any:
        """Something that fits, for a trial run."""
        if self.var is not None and self.var.values:
            return self.var.values[0]
        samples: dict[str, Any] = {
            "number": "1", "bool": True, "date": "2026-01-05", "time": "2026-01-05T01:00:00Z", "list": ["1"],
        }
        return samples.get(self.type or "any", "1")


class WriteTo(OfKinds):
    """A variable or a form field that the step sets → `Target`."""

    widget = "target"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Target:
        target = self._target(value)
        self.check_kind(target.ref, target.type or "any")
        return target

    def _target(self, value: Any) -> Target:
        build = BUILD.get()
        if not isinstance(value, str) or not PLACE.fullmatch(value):
            raise refuse("flow_bad_target", value=shown(value))
        root, _dot, name = value.partition(".")
        if root == "vars":
            if name not in build.vars:
                raise refuse("flow_unknown_var", ref=value)
            return Target(value, build.vars[name].kind, build.vars[name])
        if build.types is None:
            return Target(value)
        kind = build.types.get(value)
        if kind is None:
            raise refuse("flow_unknown_ref", ref=value)
        if kind == "rows":
            raise refuse("flow_target_table", ref=value)
        return Target(value, kind)


class Literal(Json):
    """A plain value; empty clears. What it must be depends on where it goes."""

    widget = "literal"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        parts = value if isinstance(value, list) and len(value) <= 100 else [value]
        for part in parts:
            if not (part is None or isinstance(part, (str, int, float, bool))):
                raise refuse("flow_bad_literal", value=shown(value))
            if isinstance(part, str) and len(part) > LONGEST:
                raise refuse("flow_too_long", max=LONGEST)
        return value


class FormulaText(Text):
    """A formula → compiled (see `app.flows.formulas`)."""

    widget = "formula"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        try:
            return compile_formula(text, BUILD.get().types)
        except ExprError as problem:
            raise ma.ValidationError([problem]) from None


def check_fits(target: Target, kind: str, where: str) -> None:
    """Refuse, at `where` beside it, a formula of this type that cannot go to the target."""
    wanted = target.type
    if wanted not in (None, "any") and kind not in ("any", wanted):
        raise ma.ValidationError({where: [Problem("flow_formula_type", got=type_name(kind), want=type_name(wanted))]})
