"""Judging a submission: what is stored, what was dropped, and what the person must change. The server decides."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Invalid, Problem
from app.core.expressions import Env
from app.forms.access import at_least
from app.forms.base import Asking, Field, FormPorts, Posted, is_empty
from app.forms.loader import Form
from app.forms.logic import Settled, Turn, brought, settle
from app.forms.text import brief

_MAX_STRANGERS = 20  # unknown keys named one by one


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a submission. With `problems`, nothing may be stored.

    `values`: the full new answers by field id. `changed`: id → [before, now]. `dropped`: ids whose answer was not kept,
    because a rule hides the field, makes it read-only, or its campaign is over. `notes`: what a person should know but
    need not change (a formula without a result).
    """

    values: dict[str, Any]
    changed: dict[str, list[Any]]
    dropped: list[str]
    problems: list[Problem]
    notes: list[Problem] = field(default_factory=list)


def judge(form: Form, submitted: Any, *, access: Mapping[str, str], current: Mapping[str, Any],
          scope: Mapping[str, Any], env: Env, ports: FormPorts, require: bool = True) -> Judged:
    """Judge raw answers (JSON by field id) of a person with `access` (see access.resolve) against the stored `current`.

    A key that is missing leaves the answer as it is; null, "" or [] empties it. `require=False` (a draft, a return)
    lets things be missing and skips rules that raise errors. Raises nothing for what `submitted` holds.
    """
    if not isinstance(submitted, Mapping):
        return Judged(dict(current), {}, [], [Problem("answers_not_object")])
    return _Judge(form, submitted, access, current, scope, env, ports, require).verdict()


def read_posted(form: Form, posted: Posted, access: Mapping[str, str]) -> dict[str, Any]:
    """The submission that the HTML controls of a page mean: every field the person may edit, unanswered ones as null.

    Controls named after other fields are passed on as they are, so that `judge` refuses them by name; controls that
    are not called `f_…` (tokens, buttons) are the page's own.
    """
    out: dict[str, Any] = {}
    for key, found in form.fields.items():
        if at_least(access[key], "edit") and found.type.asked and found.type.stored:
            out[key] = found.type.from_form(found, posted, key)
    for name in posted:
        key = name.partition(".")[0]
        if key.startswith("f_") and key not in out:
            out[key] = posted.getlist(name)[0]
    return out


class _Judge:
    def __init__(self, form: Form, submitted: Mapping[str, Any], access: Mapping[str, str], current: Mapping[str, Any],
                 scope: Mapping[str, Any], env: Env, ports: FormPorts, require: bool) -> None:
        self.form, self.submitted, self.access, self.current = form, submitted, access, current
        self.scope, self.env, self.ports, self.require = scope, env, ports, require
        self.may_edit = {key for key, level in access.items()
                         if at_least(level, "edit") and form.fields[key].type.asked}
        self.problems: dict[str, list[Problem]] = {}
        self.dropped: list[str] = []

    def verdict(self) -> Judged:
        strangers = self.strangers()
        settled = settle(self.form, self.answer, scope=self.scope, env=self.env, ports=self.ports,
                         current=self.current)
        for key, problem in settled.refused.items():
            if self.editable(key):
                self.note(key, problem)
        if self.require:
            self.missing(settled)
            self.contradictions(settled)
        problems = [problem for key in self.form.fields for problem in self.problems.get(key, ())]
        values = self.values(settled)
        changed = {key: [self.current.get(key), values.get(key)] for key in self.form.fields
                   if self.current.get(key) != values.get(key)}
        notes = [Problem(code, where=where) for where, code in settled.failed.items()]
        return Judged(values, changed, self.dropped, strangers + problems, notes)

    def values(self, settled: Settled) -> dict[str, Any]:
        """The answers to store; one emptied on purpose stays as null where its default would otherwise come back."""
        values = {}
        for key, found in self.form.fields.items():
            if key in settled.values:
                values[key] = settled.values[key]
            elif found.default is not None and settled.turns[key].shown and (key in self.current or self.given(key)):
                values[key] = None
        return values

    def strangers(self) -> list[Problem]:
        """Keys that this person may not send here, refused by name."""
        found = []
        for key in self.submitted:
            name = brief(key)
            level = self.access.get(key, "hidden") if isinstance(key, str) else "hidden"
            if key not in self.form.fields:
                found.append(Problem("field_unknown", where=name, field=name))
            elif level == "hidden":
                found.append(Problem("field_hidden", where=name, field=name))
            elif not self.editable(key):
                found.append(Problem("field_readonly", where=name, field=name, label=self.form.fields[key].label))
        return found[:_MAX_STRANGERS]

    def editable(self, key: str) -> bool:
        return key in self.may_edit

    def answer(self, field: Field, turn: Turn) -> Any:
        """The stored value of one field, before rules set it; notes problems and what is dropped."""
        key = field.id
        given, before = self.given(key), self.current.get(key)
        wanted = self.submitted[key] if given else None
        if not turn.shown:
            # A rule about the step, the customer or the date may show the field again later: only the step at which
            # it could be answered may drop it. A rule about the answers themselves speaks for all steps.
            if key in self.form.plan.fleeting and not self.editable(key):
                return before
            said = not is_empty(wanted) and wanted != field.default  # a switch that nobody touched says nothing
            return self.drop(key, None, not is_empty(before) or said)
        if not self.editable(key):
            return before if before is not None else brought(field, self.scope, self.env, self.ports)
        if not turn.open or turn.readonly:
            return self.drop(key, before, not is_empty(wanted) and wanted != before)
        if given:
            return self.clean(field, wanted, turn)
        if key not in self.current:
            return self.clean(field, field.default, turn)
        if turn.group is not None and any(item not in turn.group for item in _items(before)):
            return self.drop(key, None, True)  # the choice above was changed
        return before

    def given(self, key: str) -> bool:
        """Whether the person sent an answer and may."""
        return key in self.submitted and self.editable(key)

    def drop(self, key: str, kept: Any, noted: bool) -> Any:
        """`kept`, with the field recorded as dropped if an answer is lost."""
        if noted:
            self.dropped.append(key)
        return kept

    def clean(self, field: Field, raw: Any, turn: Turn) -> Any:
        """The stored value, or None with the problem noted."""
        if is_empty(raw):
            return None
        try:
            return field.type.clean(field, raw, Asking(self.env, self.ports, self.current.get(field.id), turn.allowed,
                                                       self.require))
        except Invalid as invalid:
            for problem in invalid.problems:
                self.note(field.id, problem)
        except Problem as problem:
            self.note(field.id, problem)
        return None

    def note(self, key: str, problem: Problem) -> None:
        """Keep a problem with its place and the field's label, for its text."""
        problem.where = f"{key}.{problem.where}".rstrip(".")
        problem.params.setdefault("label", self.form.fields[key].label)
        self.problems.setdefault(key, []).append(problem)

    def missing(self, settled: Settled) -> None:
        """What must be answered here and is not."""
        for key, found in self.form.fields.items():
            turn = settled.turns[key]
            if key in settled.values or key in self.problems or turn.readonly or not settled.visible(key):
                continue
            needed = self.access[key] == "required" or key in settled.required or found.settings.get("min_rows")
            if needed and self.editable(key):
                self.note(key, Problem("field_required"))

    def contradictions(self, settled: Settled) -> None:
        """Rules that raise an error, where this person can see it and change something about it."""
        feeds = self.form.plan.feeds
        for target, rule, message in settled.errors:
            sources = feeds[target].union(*(feeds[key] for key in rule.expr.fields()))
            if (self.access[target] != "hidden" and settled.visible(target) and not sources & self.problems.keys()
                    and any(self.editable(key) for key in sources)):
                self.note(target, Problem("field_rule", message=message, rule=rule.id))


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
