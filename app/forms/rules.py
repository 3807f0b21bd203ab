"""Rules and formulas compiled, and the order in which a form's values follow from each other."""
from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import Invalid, Problem
from app.core.expressions import ExprError, Program, compile_ast, cond_refs, lower_condition, parse_formula
from app.forms.base import Field, Text
from app.forms.constants import acceptable
from app.forms.keys import Any_, Each, Keys, Str, Sub, Words, ident

MAX_RULES = 500
ACTIONS = ("show", "require", "readonly", "set", "options", "error")
#: Keys that an action needs besides `do` and `target`, and keys it may have.
_NEEDS = {"show": (), "require": (), "readonly": (), "set": (), "options": ("options",), "error": ("message",)}
_MAY = {"set": ("value", "formula", "policy")}
_VARS = re.compile(r"vars\.[a-z][a-z0-9_]{0,39}")
_TIMED = ("today", "now")


class ActionKeys(Keys):
    do = Str(choices=ACTIONS, required=True)
    target = Str(required=True, max_length=40)
    message = Words(max_length=500)
    options = Each(ident(), most=500)
    value = Any_()
    formula = Str(max_length=2000)
    policy = Str(choices=("always", "if_empty"))


class RuleKeys(Keys):
    id = ident("r_", required=True)
    name = Words(load_default="")
    when = Any_(required=True)
    then = Each(Sub(ActionKeys), least=1, most=50, required=True)


@dataclass(frozen=True, slots=True)
class Expr:
    """A compiled condition or formula: `refs` are paths, `timed` says that it asks for today or now."""

    ast: list[Any]
    refs: tuple[str, ...]
    type: str
    program: Program
    timed: bool = False

    def fields(self) -> Iterator[str]:
        """Ids of the top-level fields it reads."""
        for path in self.refs:
            if path.startswith("form."):
                yield path.split(".")[1]


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does while it holds; `target` is a field id, for `show` also a section's."""

    do: str
    target: str
    message: Text = ""
    options: frozenset[str] = frozenset()
    value: Any = None
    formula: Expr | None = None
    policy: str = "always"


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    when: Mapping[str, Any]  # as written, for words
    expr: Expr
    actions: tuple[Action, ...]


Acts = Mapping[str, tuple[tuple[Rule, Action], ...]]  # target → what may happen to it, in order of the rules


@dataclass(frozen=True, slots=True)
class Plan:
    """How the values of a form follow from each other."""

    order: tuple[str, ...]  # field ids, each after all it depends on
    acts: Mapping[str, Acts]  # action → target → …
    fills: Mapping[str, tuple[str, str, str]]  # field → (field that names a customer or a row, attribute, policy)
    feeds: Mapping[str, frozenset[str]]  # field → itself and every field its value follows from
    fleeting: frozenset[str]  # fields whose visibility hangs on more than the form's own answers
    still: frozenset[str]  # fields that are always shown and open, and never made read-only
    types: Mapping[str, str]


def open_types(types: Mapping[str, str], source: Any) -> Mapping[str, str]:
    """`types` with the flow's variables that `source` (a formula or a condition) names, as "any"."""
    names = _VARS.findall(source if isinstance(source, str) else json.dumps(source, default=str))
    return {**types, **dict.fromkeys(names, "any")} if names else types


def parts_of_missing(missing: Collection[str], reader: Any) -> dict[str, str]:
    """The paths below fields whose type is not installed, as far as `reader` (JSON) names them; each of any type."""
    if not missing:
        return {}
    part = re.compile(rf"form\.(?:{'|'.join(map(re.escape, missing))})\.[a-z][a-z0-9_]{{0,39}}")
    return dict.fromkeys(part.findall(json.dumps(reader, default=str)), "any")


def _timed(ast: Any) -> bool:
    return isinstance(ast, list) and (ast[0] in _TIMED or any(_timed(part) for part in ast[1:]))


def compile_formula(source: str, types: Mapping[str, str], fields: Mapping[str, Field], zero: bool = False) -> Expr:
    """A formula checked against `types`. Raises ExprError."""
    types = open_types(types, source)
    labels = {f"form.{field.id}": _plain(field.label) for field in fields.values()}
    formula = parse_formula(source, types, labels=labels, nulls_as_zero=zero)
    return Expr(formula.ast, tuple(formula.refs), formula.type, compile_ast(formula.ast, types), _timed(formula.ast))


def compile_condition(cond: Any, types: Mapping[str, str]) -> Expr:
    """A condition checked against `types`. Raises ExprError with `where` inside the condition."""
    types = open_types(types, cond)
    ast = lower_condition(cond, types)
    return Expr(ast, tuple(cond_refs(cond)), "bool", compile_ast(ast, types), _timed(ast))


def _plain(label: Text) -> str:
    return label if isinstance(label, str) else next(iter(label.values()), "")


def compile_rules(rows: list[Mapping[str, Any]], fields: Mapping[str, Field], sections: Collection[str],
                  types: Mapping[str, str]) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules in order, and what is wrong with them, each fault at its path."""
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        where = f"rules[{index}]"
        if row["id"] in rules:
            problems.append(Problem("form_id_twice", where=f"{where}.id", id=row["id"]))
            continue
        try:
            expr = compile_condition(row["when"], types)
        except ExprError as error:
            error.where = f"{where}.when.{error.where}".rstrip(".")
            problems.append(error)
            continue
        actions: list[Action] = []
        for number, action in enumerate(row["then"]):
            try:
                actions += _actions(action, fields, sections, types)
            except Problem as problem:
                problem.where = f"{where}.then[{number}].{problem.where}".rstrip(".")
                problems.append(problem)
        rules[row["id"]] = Rule(row["id"], row["when"], expr, tuple(actions))
    return tuple(rules.values()), problems


def _actions(row: Mapping[str, Any], fields: Mapping[str, Field], sections: Collection[str],
             types: Mapping[str, str]) -> list[Action]:
    do, target = row["do"], row["target"]
    allowed = ("do", "target", *_NEEDS[do], *_MAY.get(do, ()))
    for key in row:
        if key not in allowed:
            raise Problem("form_action_key", where=key, key=key, do=do)
    for key in _NEEDS[do]:
        if key not in row:
            raise Problem("form_key_required", where=key, key=key)
    if target in sections and do in ("show", "require", "readonly"):
        if do == "show":
            return [Action(do, target)]
        return [Action(do, field.id) for field in fields.values() if field.section == target and field.type.asked]
    field = fields.get(target)
    if field is None:
        raise Problem("form_target_unknown", where="target", target=target)
    if not field.installed:
        return []  # nobody can act on it, and no rule may hide it: its answer would be dropped
    if do in ("require", "readonly", "set") and (not field.type.asked or not field.type.stored):
        raise Problem("form_target_computed", where="target", target=target, do=do)
    if do == "set":
        return [_set(row, field, fields, types)]
    if do == "options":
        choices = field.settings.get("choices")
        if choices is None:
            raise Problem("form_target_options", where="target", target=target)
        unknown = [option for option in row["options"] if option not in choices]
        if unknown:
            raise Problem("form_option_unknown", where="options", option=unknown[0])
    return [Action(do, target, row.get("message", ""), frozenset(row.get("options", ())))]


def _set(row: Mapping[str, Any], field: Field, fields: Mapping[str, Field], types: Mapping[str, str]) -> Action:
    if ("value" in row) == ("formula" in row):
        raise Problem("form_set_one_source", where="value")
    if field.columns or field.type.uploads:
        raise Problem("form_target_computed", where="target", target=field.id, do="set")
    policy = row.get("policy", "always")
    if "value" in row:
        acceptable(field, row["value"], "value")
        return Action("set", field.id, value=row["value"], policy=policy)
    try:
        return Action("set", field.id, formula=compile_formula(row["formula"], types, fields), policy=policy)
    except ExprError as error:
        error.where = "formula"
        raise


def make_plan(fields: Mapping[str, Field], rules: tuple[Rule, ...], types: Mapping[str, str]) -> Plan:
    """The plan of a checked form. Raises Invalid with a Problem "form_cycle" for each circle, its path named."""
    acts: dict[str, dict[str, tuple[tuple[Rule, Action], ...]]] = {do: {} for do in ACTIONS}
    for rule in rules:
        for action in rule.actions:
            of_target = acts[action.do]
            of_target[action.target] = (*of_target.get(action.target, ()), (rule, action))
    fills = {}
    for field in fields.values():
        for target, path in field.settings.get("lookup", {}).get("fill", {}).items():
            if fields[target].installed:
                fills[target] = (field.id, path.partition(".")[2], field.settings["lookup"]["fill_policy"])
    needs = {key: frozenset(_needs(field, acts, fills)) for key, field in fields.items()}
    order = _ordered(needs, fields)
    feeds: dict[str, frozenset[str]] = {}
    for key in order:
        feeds[key] = frozenset({key}.union(*(feeds[need] for need in needs[key])))
    shown = acts["show"]
    fleeting = frozenset(key for key, field in fields.items()
                         for rule, _ in (*shown.get(key, ()), *shown.get(field.section or "", ()))
                         if rule.expr.timed or any(not path.startswith("form.") for path in rule.expr.refs))
    still = frozenset(key for key, field in fields.items() if not field.installed or (
        field.active is None and key not in shown and (field.section or "") not in shown
        and key not in acts["readonly"]))
    return Plan(order, acts, fills, feeds, fleeting, still, types)


def _needs(field: Field, acts: Mapping[str, Acts], fills: Mapping[str, tuple[str, str, str]]) -> Iterator[str]:
    """The fields whose values decide this field's value. What only judges it (require, error) does not count."""
    for rule, _ in acts["show"].get(field.section or "", ()):
        yield from rule.expr.fields()
    for do in ("show", "readonly", "set", "options"):
        for rule, action in acts[do].get(field.id, ()):
            yield from rule.expr.fields()
            if action.formula:
                yield from action.formula.fields()
    for inner in (field, *field.columns.values()):
        if inner.formula:
            yield from inner.formula.fields()
    if field.settings.get("parent"):
        yield field.settings["parent"]
    if field.id in fills:
        yield fills[field.id][0]


def _ordered(needs: Mapping[str, frozenset[str]], fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Ids with every need before what needs it, otherwise in the form's order. Raises Invalid naming the circles."""
    order: list[str] = []
    state: dict[str, bool] = {}  # False while on the path, True when placed
    problems: list[Problem] = []
    for start in needs:
        if start in state:
            continue
        path: list[tuple[str, Iterator[str]]] = [(start, iter(sorted(needs[start])))]
        state[start] = False
        while path:
            key, rest = path[-1]
            need = next(rest, None)
            if need is None:
                path.pop()
                state[key] = True
                order.append(key)
            elif need not in state:
                state[need] = False
                path.append((need, iter(sorted(needs[need]))))
            elif not state[need]:
                names = [name for name, _ in path]
                circle = [*names[names.index(need):], need]
                problems.append(Problem("form_cycle", where=fields[need].where, path=" → ".join(reversed(circle))))
    if problems:
        raise Invalid(problems, "form_invalid")
    return tuple(order)
