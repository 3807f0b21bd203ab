"""Sets variables and form fields: to a plain value, or to what a formula gives. From top to bottom: a row may use what
those above it have set."""
from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.core.errors import Problem
from app.core.expressions import Err
from app.flows.base import Go, NodeType, Note, Outcome, Port, Say
from app.flows.config import FormulaText, Literal, Rows, Schema, Select, WriteTo, check_fits, names
from app.flows.ctx import Ctx

_AT_LOADING = {"flow_value_unfit": "flow_literal_unfit"}  # nothing has "stayed as it was" yet


class Row(Schema):
    to = WriteTo(required=True, label=names("设置", "Set"))
    by = Select(load_default="value",
                options={"value": names("固定的值", "A value"), "formula": names("公式算出的值", "A formula")},
                label=names("设为", "To"))
    value = Literal(load_default=None, allow_none=True, show_if={"by": "value"},
                    label=names("值（不填则清空）", "Value"))
    formula = FormulaText(required=True, max_length=2000, show_if={"by": "formula"}, label=names("公式", "Formula"))

    @ma.validates_schema(skip_on_field_errors=True)
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        if data["by"] == "value":
            try:
                data["to"].fit(data.get("value"))
            except Problem as problem:
                problem.code = _AT_LOADING.get(problem.code, problem.code)
                raise ma.ValidationError({"value": [problem]}) from None
        elif data.get("formula") is not None:
            check_fits(data["to"], data["formula"].type, "formula")


class Config(Schema):
    set = Rows(Row, min=1, max=50, required=True, label=names("从上到下依次设置", "Set, from top to bottom"))


class SetData(NodeType):
    """Assignments of literals and formulas."""

    type = "data.set"
    label = names("设置数据", "Set data")
    group, icon = "data", "square-pen"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)

    def summary(self, config: Any, say: Say) -> str:
        rows = config.get("set")
        return say.list(self._told(row, say) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ""

    def _told(self, row: dict[str, Any], say: Say) -> str:
        value = row.get("value")
        given = say.words("公式", "a formula") if row.get("by") == "formula" else (
            say.words("清空", "nothing") if value in (None, "") else say.text(str(value)))
        target = say.ref(row.get("to"))
        return f"{target} = {given}" if target else ""

    def enter(self, ctx: Ctx, config: Any) -> Outcome:
        scope, found, notes = ctx.scope(), dict[str, Any](), []
        for row in config.set:
            try:
                value = row.to.fit(self._value(row, scope, ctx))
            except Problem as problem:
                # What cannot be worked out must not stop a customer's request: it stays as it was, and that is told.
                notes.append(Note("problem", {"code": problem.code, "params": problem.params}))
                continue
            root, _, name = row.to.ref.partition(".")
            scope[root] = {**scope[root], name: value}
            found[row.to.ref] = value
        return Go("out", found, notes)

    def _value(self, row: Any, scope: dict[str, Any], ctx: Ctx) -> Any:
        if row.by == "value":
            return row.value
        value = row.formula.value(scope, ctx.env)
        if isinstance(value, Err):
            raise Problem("flow_formula_failed", target=row.to.ref, error=value.code)
        return value
