"""Formulas of a flow: written as in a form, compiled once when the flow loads, run for every ticket."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.expressions import Env, Err, Program, as_stored, compile_ast, parse_formula
from app.flows.conditions import SYSTEM_TYPES


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as written and as compiled; `type` is what it yields. `program` None: read without a form, to be looked
    at but not run."""

    src: str
    type: str = "any"
    program: Program | None = None

    def value(self, scope: Mapping[str, Any], env: Env) -> Any:
        """What it gives now, as a ticket stores it, or an Err."""
        return as_stored(self.program.run(scope, env), "any") if self.program else Err("E_REF")


def compile_formula(src: Any, types: Mapping[str, str] | None) -> Formula:
    """From its text; `types`: path → type of form fields and variables. Raises ExprError (`pos` within the text)."""
    loose = parse_formula(src, SYSTEM_TYPES, strict=False)
    if types is None:
        return Formula(src)
    known = {**SYSTEM_TYPES, **types}
    # What is known of a customer differs from company to company: such a reference is a text unless told otherwise.
    known.update({ref: "text" for ref in loose.refs if ref.startswith("customer.") and ref not in known})
    formula = parse_formula(src, known)
    return Formula(src, formula.type, compile_ast(formula.ast, known))
