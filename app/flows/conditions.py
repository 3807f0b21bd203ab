"""Conditions of a flow: compiled once when the flow loads, run for every ticket."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.expressions import Env, Err, Program, compile_ast, lower_condition

#: Types of what every ticket has besides its form and its variables.
SYSTEM_TYPES: dict[str, str] = {
    "customer.id": "text", "customer.name": "text", "customer.level": "text", "customer.tags": "list",
    "customer.manager": "text",
    "ticket.source": "text", "ticket.channel": "text", "ticket.owner": "text", "ticket.no": "text",
    "ticket.title": "text", "ticket.opened": "time", "ticket.chat_log": "text",
    "ctx.node": "text", "ctx.role": "text", "ctx.channel": "text",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as written and as compiled; `program` None: read without a form, to be looked at but not run."""

    raw: Any
    program: Program | None

    def holds(self, scope: Mapping[str, Any], env: Env) -> tuple[bool, str | None]:
        """(verdict, error code or None). Empty counts as false; an error is no verdict."""
        if self.program is None:
            return False, "E_REF"
        value = self.program.run(scope, env)
        if isinstance(value, Err):
            return False, value.code
        return value is True, None


def compile_condition(raw: Any, types: Mapping[str, str] | None) -> Condition:
    """From stored JSON; `types`: path → type of form fields and variables. Raises ExprError (`where` within `raw`)."""
    loose = lower_condition(raw, SYSTEM_TYPES, strict=False)
    if types is None:
        return Condition(raw, None)
    known = {**SYSTEM_TYPES, **types}
    # What is known of a customer differs from company to company: such a reference is a text unless told otherwise.
    known.update({ref: "text" for ref in _paths(loose) if ref.startswith("customer.") and ref not in known})
    return Condition(raw, compile_ast(lower_condition(raw, known), known))


def _paths(ast: list[Any]) -> Iterator[str]:
    """The paths an AST reads."""
    if ast[0] == "f":
        yield ast[1]
    for part in ast[1:]:
        if isinstance(part, list):
            yield from _paths(part)
