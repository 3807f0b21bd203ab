"""What a form that loads still gets wrong: rules that never hold, questions that nobody reaches or can answer.

Reasons only from what is written, never guesses: what is reported can be shown from the definition alone.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from app.core.errors import Finding
from app.forms.base import Field
from app.forms.loader import Form
from app.forms.paths import pointer, repair

# Comparisons that also hold of an empty answer.
_NEGATIVE = ("empty", "ne", "not_in", "has_none")
_CONSTANT = ("n", "s", "b")  # ASTs of a number, a text, yes or no
_LOWER, _UPPER = ("gt", "gte"), ("lt", "lte")


def lint(form: Form, content: Mapping[str, Any], sources: Collection[str] | None = None) -> list[Finding]:
    """Warnings: rules, reach, tables. `content` is what `form` was loaded from, `sources` which tables there are."""
    return [*_Lint(form, content).findings(), *(_tables(form, sources) if sources is not None else ())]


def _tables(form: Form, sources: Collection[str]) -> Iterator[Finding]:
    """Fields that choose from a table that the company does not have."""
    for field in form.fields.values():
        for found in (field, *field.columns.values()):
            name = found.settings.get("source")
            if name is None or name in sources:
                continue
            where = f"{found.where}.source"
            only = next(iter(sources)) if len(sources) == 1 else None
            fix = repair(f"改用“{only}”", f"Use “{only}”", ("replace", where, only)) if only else None
            yield Finding("warning", "form_source_unknown", field=found.id, where=where,
                          params={"label": found.label, "source": name}, fix=fix)


class _Lint:
    def __init__(self, form: Form, content: Mapping[str, Any]) -> None:
        self.form, self.content = form, content
        self.dead: set[str] = set()
        for key in form.plan.order:
            if self.hidden_for_good(form.fields[key]):
                self.dead.add(key)

    def findings(self) -> Iterator[Finding]:
        for index, rule in enumerate(self.form.rules):
            where = f"rules[{index}]"
            target = next((action.target for action in rule.actions if action.target in self.form.fields), "")
            gone = list(self.gone_options(rule.when, f"{where}.when"))
            yield from gone
            if not gone and self.impossible(rule.when):
                yield Finding("warning", "form_rule_never", field=target, where=f"{where}.when",
                              fix=repair("删掉这条规则", "Remove the rule", ("remove", where)))
        for key in self.form.fields:
            field = self.form.fields[key]
            yield from self.constant(field)
            if key in self.dead:
                yield Finding("warning", "form_field_unreachable", field=key, where=field.where,
                              params={"label": field.label})
            elif field.required:
                yield from self.unanswerable(field)

    def constant(self, field: Field) -> Iterator[Finding]:
        """A computed field, or column, that was drawn and never given a formula."""
        for one in (field, *field.columns.values()):
            if one.formula is not None and one.formula.ast[0] in _CONSTANT:
                yield Finding("error", "form_formula_constant", field=one.id, where=f"{one.where}.formula",
                              params={"label": one.label})

    def unanswerable(self, field: Field) -> Iterator[Finding]:
        """A required field that somebody may be asked for and cannot answer."""
        if field.readonly and not self.filled(field):
            yield Finding("warning", "form_required_readonly", field=field.id, where=f"{field.where}.required",
                          params={"label": field.label},
                          fix=repair("取消必填", "Make it optional", ("remove", f"{field.where}.required")))
        groups = field.settings.get("groups")
        parent = self.form.fields.get(str(field.settings.get("parent")))
        shows = self.form.plan.acts["show"]
        if groups is None or parent is None or field.id in shows or (field.section or "") in shows:
            return
        without = [option for option in parent.settings["choices"].values()
                   if not option.archived and not groups.get(option.id)]
        if without:
            yield Finding("warning", "form_required_without_options", field=field.id,
                          where=f"{field.where}.options_from.map",
                          params={"label": field.label, "parent": parent.label, "option": without[0].label},
                          fix=repair("取消必填", "Make it optional", ("remove", f"{field.where}.required")))

    def filled(self, field: Field) -> bool:
        """Whether something but a person gives the field a value."""
        return (field.default is not None or field.prefill is not None or field.id in self.form.plan.fills
                or field.id in self.form.plan.acts["set"])

    def hidden_for_good(self, field: Field) -> bool:
        shows = self.form.plan.acts["show"]
        groups = (shows.get(field.section or "", ()), shows.get(field.id, ()))
        return any(group and all(self.impossible(rule.when) for rule, _ in group) for group in groups)

    # ---- conditions ----

    def impossible(self, cond: Mapping[str, Any]) -> bool:
        """Whether a condition cannot hold, whatever is answered."""
        if "all" in cond:
            clauses = [part for part in cond["all"] if "op" in part]
            return any(self.impossible(part) for part in cond["all"]) or _contradict(clauses)
        if "any" in cond:
            return bool(cond["any"]) and all(self.impossible(part) for part in cond["any"])
        return "op" in cond and self.impossible_clause(cond)

    def impossible_clause(self, clause: Mapping[str, Any]) -> bool:
        field = self.field(clause)
        if field is None:
            return False
        if field.id in self.dead and clause["op"] not in _NEGATIVE:
            return True
        choices = field.settings.get("choices")
        if choices is None:
            return False
        known = [item in choices for item in _constants(clause)]
        if clause["op"] == "has_all":
            return not all(known)
        return clause["op"] in ("eq", "in", "has_any") and bool(known) and not any(known)

    def gone_options(self, cond: Any, where: str) -> Iterator[Finding]:
        """Comparisons with options that the field does not have (any more)."""
        for kind in ("all", "any"):
            for index, part in enumerate(cond.get(kind, ())):
                yield from self.gone_options(part, f"{where}.{kind}[{index}]")
        if "not" in cond:
            yield from self.gone_options(cond["not"], f"{where}.not")
        field = self.field(cond) if "op" in cond else None
        choices = field.settings.get("choices") if field else None
        if field is None or choices is None:
            return
        value = cond.get("value")
        for item in _constants(cond):
            if item not in choices:
                fix = (repair("去掉这个选项", "Take the option out", ("remove", f"{where}.value[{value.index(item)}]"))
                       if isinstance(value, list) and len(value) > 1 else without(self.content, where))
                yield Finding("warning", "form_rule_option_gone", field=field.id, where=f"{where}.value",
                              params={"label": field.label, "option": item}, fix=fix)

    def field(self, clause: Mapping[str, Any]) -> Field | None:
        """The top-level field that a comparison is about."""
        scope, _, name = str(clause.get("ref")).partition(".")
        return self.form.fields.get(name) if scope == "form" else None


def without(content: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The repair that removes the comparison at `where` ("rules[2].when.all[1]"), or its rule if nothing else."""
    while where.endswith(".not"):
        where = where.removesuffix(".not")
    group, bracket, _ = where.rpartition("[")
    rule = where.partition(".")[0]
    if not bracket or not group.endswith((".all", ".any")):
        return repair("删掉这条规则", "Remove the rule", ("remove", rule))
    at: Any = content
    for step in pointer(group).split("/")[1:]:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if len(at) < 2:
        return repair("删掉这条规则", "Remove the rule", ("remove", rule))
    return repair("删掉这个条件", "Remove this comparison", ("remove", where))


def _constants(clause: Mapping[str, Any]) -> Iterable[str]:
    """The texts that a clause compares with; other fields, formulas and days are not known here."""
    value = clause.get("value")
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _contradict(clauses: Sequence[Mapping[str, Any]]) -> bool:
    """Whether comparisons that must hold together exclude each other."""
    by_ref: dict[str, list[Mapping[str, Any]]] = {}
    for clause in clauses:
        by_ref.setdefault(clause["ref"], []).append(clause)
    return any(_exclude(group) for group in by_ref.values() if len(group) > 1)


def _exclude(group: Sequence[Mapping[str, Any]]) -> bool:
    ops = {clause["op"] for clause in group}
    if "empty" in ops and not ops <= set(_NEGATIVE):
        return True
    exact = {repr(clause["value"]) for clause in group
             if clause["op"] == "eq" and isinstance(clause["value"], (str, int, float, bool))}
    if len(exact) > 1:
        return True
    low = [(number, clause["op"]) for clause in group if clause["op"] in _LOWER
           and (number := _number(clause["value"])) is not None]
    high = [(number, clause["op"]) for clause in group if clause["op"] in _UPPER
            and (number := _number(clause["value"])) is not None]
    return any(above > below or (above == below and ("gt" in (one, other) or "lt" in (one, other)))
               for above, one in low for below, other in high)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None  # a day: compared by the evaluator, not here
