"""What a form's rules and formulas make of its answers: one pass over the fields in order of dependence.

Judging a submission and drawing a page run the same pass; they differ in where a field's answer comes from (`answer`).
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Problem
from app.core.expressions import Env, Err, as_stored
from app.forms.base import Asking, Field, FormPorts, is_empty
from app.forms.loader import Form
from app.forms.rules import Rule


@dataclass(slots=True)
class Turn:
    """What the rules say of one field when its turn comes."""

    shown: bool = True  # no rule hides it
    open: bool = True  # inside its campaign window
    readonly: bool = False  # a rule makes it so
    allowed: frozenset[str] | None = None  # options that may be chosen; None = the field has none
    group: frozenset[str] | None = None  # options under the parent's present choice; None = not dependent


_STILL = Turn()  # of every field that no rule speaks of; shared, so nobody changes it

Answer = Callable[[Field, Turn], Any]


@dataclass(slots=True)
class Settled:
    """A form's answers after its rules and formulas; keys are field ids."""

    values: dict[str, Any] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)  # by a rule
    errors: list[tuple[str, Rule, Any]] = field(default_factory=list)  # (target, rule, message) of rules that hold
    failed: dict[str, str] = field(default_factory=dict)  # "f_comp" or "f_items.0.f_sum" → error code of the formula
    refused: dict[str, Problem] = field(default_factory=dict)  # what a rule set and the field refused

    def visible(self, field_id: str) -> bool:
        """Whether the field stands on the page now."""
        turn = self.turns[field_id]
        return turn.shown and turn.open


def settle(form: Form, answer: Answer, *, scope: Mapping[str, Any], env: Env, ports: FormPorts,
           current: Mapping[str, Any]) -> Settled:
    """Ask `answer(field, turn)` for each field's stored value, apply rules and formulas, in order of dependence.

    `scope`: "vars", "customer", "ticket", "ctx"; `current`: the answers before (what is filled in from a customer is
    filled once). Never raises for what the answers hold.
    """
    return _Pass(form, answer, scope, env, ports, current).run()


def fitting(field: Field, raw: Any, asking: Asking) -> Any:
    """The stored value of something that nobody typed here, None where the field would refuse it."""
    if is_empty(raw):
        return None
    try:
        return field.type.clean(field, raw, asking)
    except Problem:
        return None  # what does not fit is not offered


def brought(field: Field, scope: Mapping[str, Any], env: Env, ports: FormPorts) -> Any:
    """What a hidden field takes from its surroundings, None if they have nothing for it, and for other fields.

    `scope["link"]` holds what a signed link brought along.
    """
    path = field.type.source(field)
    return fitting(field, at_path(scope, path), Asking(env, ports)) if path else None


def at_path(scope: Mapping[str, Any], path: str | None) -> Any:
    """What stands at "link.order_no" in the surroundings."""
    holder, _, name = (path or ".").partition(".")
    return (scope.get(holder) or {}).get(name)


class _Pass:
    def __init__(self, form: Form, answer: Answer, scope: Mapping[str, Any], env: Env, ports: FormPorts,
                 current: Mapping[str, Any]) -> None:
        self.form, self.plan, self.answer = form, form.plan, answer
        self.env, self.ports, self.current = env, ports, current
        self.out = Settled()
        self.ctx: dict[str, Any] = {**scope, "form": self.out.values}
        self.verdicts: dict[str, bool | None] = {}
        self.customer: Mapping[str, Any] = scope.get("customer") or {}

    def run(self) -> Settled:
        out, acts = self.out, self.plan.acts
        for key in self.plan.order:
            self.take(self.form.fields[key])
        for target, found in acts["require"].items():
            if any(self.holds(rule) for rule, _ in found):
                out.required.add(target)
        for target, found in acts["error"].items():
            out.errors += [(target, rule, action.message) for rule, action in found if self.holds(rule)]
        # In the form's order, whatever the order of dependence was: equal answers make equal records.
        out.values = {key: out.values[key] for key in self.form.fields if key in out.values}
        return out

    def holds(self, rule: Rule) -> bool | None:
        """True, False, or None where the condition cannot be evaluated."""
        if rule.id not in self.verdicts:
            verdict = rule.expr.program.run(self.ctx, self.env)
            self.verdicts[rule.id] = None if isinstance(verdict, Err) else verdict is True
        return self.verdicts[rule.id]

    def take(self, field: Field) -> None:
        turn = self.out.turns[field.id] = self.turn(field)
        if not field.type.stored:
            return
        if field.formula:
            if turn.shown:
                self.keep(field, self.compute(field, self.ctx, field.id))
            return
        value = self.answer(field, turn)
        if turn.shown and turn.open:
            value = self.filled(field, self.ruled(field, turn, value))
        if field.columns and value:
            value = self.rows(field, value)
        self.keep(field, value)

    def keep(self, field: Field, value: Any) -> None:
        if not is_empty(value):
            self.out.values[field.id] = value

    def turn(self, field: Field) -> Turn:
        allowed, group = field.type.allowed(field, self.current.get(field.id)), None
        if allowed is None and field.id in self.plan.still:
            return _STILL
        acts = self.plan.acts
        shown = (self.any_shows(acts["show"].get(field.section or "", ()))
                 and self.any_shows(acts["show"].get(field.id, ())))
        readonly = any(self.holds(rule) for rule, _ in acts["readonly"].get(field.id, ()))
        if allowed is not None:
            if field.settings["groups"] is not None:
                group = field.settings["groups"].get(self.out.values.get(field.settings["parent"]), frozenset())
                allowed &= group
            for rule, action in acts["options"].get(field.id, ()):
                if self.holds(rule):
                    allowed &= action.options
        in_window = field.active is None or field.active.holds(self.env.now_ms)
        return Turn(shown, in_window, readonly, allowed, group)

    def any_shows(self, found: Iterable[tuple[Rule, Any]]) -> bool:
        """Nothing targets it, a condition holds, or one is broken: a broken rule must not hide a question."""
        verdicts = [self.holds(rule) for rule, _ in found]
        return not verdicts or any(verdict is not False for verdict in verdicts)

    def ruled(self, field: Field, turn: Turn, value: Any) -> Any:
        """The value after rules that set it, in order."""
        for rule, action in self.plan.acts["set"].get(field.id, ()):
            if (action.policy == "if_empty" and not is_empty(value)) or not self.holds(rule):
                continue
            raw = action.value
            if action.formula:
                raw = as_stored(action.formula.program.run(self.ctx, self.env), "any")
                if isinstance(raw, Err):
                    self.out.failed[field.id] = raw.code
                    continue
            value = self.cleaned(field, turn, raw, value)
        return value

    def filled(self, field: Field, value: Any) -> Any:
        """The value with what the record of a customer or a row knows, when it is first named."""
        lookup = field.settings.get("lookup")
        if lookup and lookup.get("by") and is_empty(value) and not self.current and self.customer.get("id"):
            return str(self.customer["id"])
        source = self.plan.fills.get(field.id)
        if not source:
            return value
        owner, attribute, policy = source
        named = self.out.values.get(owner)
        if named is None or named == self.current.get(owner) or (policy == "if_empty" and not is_empty(value)):
            return value
        known = self.form.fields[owner].type.record(self.form.fields[owner], named, self.customer, self.ports)
        return self.cleaned(field, self.out.turns[field.id], known.get(attribute), value)

    def cleaned(self, field: Field, turn: Turn, raw: Any, otherwise: Any) -> Any:
        """A value that did not come from a person, judged like one that did; refused, it leaves `otherwise`."""
        if is_empty(raw):
            return otherwise
        try:
            return field.type.clean(field, raw, Asking(self.env, self.ports, otherwise, turn.allowed))
        except Problem as problem:
            self.out.refused[field.id] = problem
            return otherwise

    def rows(self, table: Field, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows with their computed cells; what a client sent for those is not looked at."""
        computed = table.settings.get("computed", ())
        if not computed:
            return rows
        out = []
        for index, row in enumerate(rows):
            row = {key: value for key, value in row.items() if table.columns[key].formula is None}
            ctx = {**self.ctx, "row": row}
            for column in computed:
                value = self.compute(column, ctx, f"{table.id}.{index}.{column.id}")
                if value is not None:
                    row[column.id] = value
            out.append(row)
        return out

    def compute(self, field: Field, ctx: Mapping[str, Any], where: str) -> Any:
        """The formula's value as stored; None with the reason noted where it has none."""
        value = as_stored(field.formula.program.run(ctx, self.env), field.settings["result"])
        if isinstance(value, Err):
            self.out.failed[where] = value.code
            return None
        return value
