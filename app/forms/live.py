"""The bundle with which a browser repeats rules and formulas while a person types (shape: docs/forms.md).

It holds only what its reader may see: a rule or formula that reads anything else stays on the server, and the field it
decides about stands as the server drew it. Whatever the browser computes, the server computes again.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.core.errors import localized
from app.core.expressions import Env
from app.forms.base import Field
from app.forms.loader import Form
from app.forms.logic import Settled
from app.forms.rules import Action, Expr, Rule


def bundle(form: Form, settled: Settled, *, readable: Callable[[str], bool], editable: Callable[[str], bool],
           scope: Mapping[str, Any], env: Env, locale: str) -> dict[str, Any] | None:
    """The bundle, or None where nothing on the page changes while it is filled in."""
    return _Bundle(form, settled, readable, editable, locale).made(scope, env)


class _Bundle:
    def __init__(self, form: Form, settled: Settled, readable: Callable[[str], bool], editable: Callable[[str], bool],
                 locale: str) -> None:
        self.form, self.settled, self.readable, self.editable, self.locale = form, settled, readable, editable, locale
        self.refs: set[str] = set()

    def made(self, scope: Mapping[str, Any], env: Env) -> dict[str, Any] | None:
        computed = [entry for key in self.form.plan.order for entry in self.computed(self.form.fields[key])]
        rules = [entry for rule in self.form.rules if (entry := self.rule(rule))]
        options = self.options()
        if not (computed or rules or options):
            return None
        used = {path.split(".")[1] for path in self.refs if path.startswith("form.")}
        used |= options.keys()
        used |= {action["target"] for rule in rules for action in rule["then"] if action["do"] == "set"}
        names = [key for key in self.form.fields if key in used]
        asked = {path.split(".")[1] for path in self.refs if path.startswith("ctx.")}
        return {
            "locale": self.locale,
            "env": {"now_ms": env.now_ms, "tz": [list(row) for row in env.tz]},
            "fields": {key: self.field(self.form.fields[key]) for key in names},
            "values": {key: self.settled.values.get(key) for key in names if not self.editable(key)},
            "ctx": {key: (scope.get("ctx") or {}).get(key) for key in sorted(asked)},
            "types": {path: kind for path, kind in self.form.plan.types.items() if path in self.refs},
            "sections": self.sections(rules),
            "rules": rules, "computed": computed, "options": options,
        }

    def may_read(self, expr: Expr) -> bool:
        return all(path.startswith(("row.", "ctx.")) or (path.startswith("form.") and self.readable(path.split(".")[1]))
                   for path in expr.refs)

    def take(self, expr: Expr) -> list[Any]:
        """The AST, its references noted."""
        self.refs.update(expr.refs)
        return expr.ast

    def field(self, field: Field) -> dict[str, Any]:
        out: dict[str, Any] = {"type": field.type.type, "value_type": field.value_type,
                               "editable": self.editable(field.id)}
        if field.columns:
            out["columns"] = {key: {"type": column.type.type, "value_type": column.value_type}
                              for key, column in field.columns.items()}
        return out

    def computed(self, field: Field) -> list[dict[str, Any]]:
        if not self.readable(field.id):
            return []
        out = []
        for column in field.settings.get("computed", ()):
            if self.may_read(column.formula):
                self.refs.add(f"form.{field.id}")
                out.append({"target": column.id, "table": field.id, "ast": self.take(column.formula),
                            "result": column.settings["result"]})
        if field.formula and self.may_read(field.formula):
            out.append({"target": field.id, "table": None, "ast": self.take(field.formula),
                        "result": field.settings["result"]})
        return out

    def rule(self, rule: Rule) -> dict[str, Any] | None:
        """The rule with those of its actions that the browser can carry out alone."""
        if not self.may_read(rule.expr):
            return None
        actions = [made for action in rule.actions if (made := self.action(action))]
        return {"id": rule.id, "when": self.take(rule.expr), "then": actions} if actions else None

    def action(self, action: Action) -> dict[str, Any] | None:
        out: dict[str, Any] = {"do": action.do, "target": action.target}
        section = action.target not in self.form.fields
        if not section and not self.readable(action.target):
            return None
        if action.do == "show":
            # Another rule that stays here may show the field too: then only the server can say.
            rules = [rule for rule, _ in self.form.plan.acts["show"][action.target]]
            return out if all(self.may_read(rule.expr) for rule in rules) else None
        if action.do == "error":
            return {**out, "message": localized(action.message, self.locale)}
        if not self.editable(action.target):
            return None
        if action.do == "options":
            return {**out, "options": sorted(action.options)}
        if action.do == "set":
            out["policy"] = action.policy
            if action.formula is None:
                return {**out, "value": action.value}
            return {**out, "ast": self.take(action.formula)} if self.may_read(action.formula) else None
        return out

    def sections(self, rules: list[dict[str, Any]]) -> dict[str, list[str]]:
        """Fields of the sections that rules show."""
        targets = {action["target"] for rule in rules for action in rule["then"]} - self.form.fields.keys()
        return {target: [key for key, field in self.form.fields.items()
                         if field.section == target and self.readable(key)] for target in sorted(targets)}

    def options(self) -> dict[str, Any]:
        """Dependent choices: {field: {"parent", "groups": {parent option: [option, …]}}}."""
        out = {}
        for key, field in self.form.fields.items():
            parent = field.settings.get("parent")
            if parent and self.editable(key) and self.readable(parent):
                groups = field.settings["groups"]
                out[key] = {"parent": parent, "groups": {name: [option for option in field.settings["choices"]
                                                                if option in groups[name]] for name in groups}}
                self.refs.add(f"form.{parent}")
        return out
