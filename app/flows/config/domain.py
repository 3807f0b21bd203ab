"""Properties that mean something in this flow: people, references, conditions, rights, variables.

What they are checked against (form fields, sources, variables) is in `BUILD` while a flow loads.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote

import marshmallow as ma

from app.core.errors import Problem
from app.core.expressions import type_name
from app.core.expressions.values import READERS
from app.flows.conditions import SYSTEM_TYPES, compile_condition
from app.flows.conditions import Condition as Compiled
from app.flows.config.plain import ID, Property, Text, check_list, refuse, shown

REF = re.compile(r"(?:form|vars|customer|ticket|ctx)\.[a-z][a-z0-9_]{0,39}(?:\.[a-z][a-z0-9_]{0,39})?")
CHIP = re.compile(r"\{\{\s*([a-z][a-z0-9_.]*)\s*\}\}")
LEVELS = ("hidden", "masked", "read", "edit", "required")
MAX_DEPTH = 12


@dataclass(frozen=True)
class Build:
    """What config fields may ask while a flow loads. `types` None: no form at hand, references are not checked."""

    types: Mapping[str, str] | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)


BUILD: ContextVar[Build] = ContextVar("flow_build", default=Build())  # noqa: B039 - frozen, never changed


class RefText(Text):
    """Text with reference chips: `{{form.f_order}}`. Chips are replaced by values, never evaluated."""

    widget = "template"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        check_chips(text)
        return text


class UrlPath(RefText):
    """A path below a connector's address, with reference chips."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        path = super()._deserialize(value, attr, data, **more)
        names_ = unquote(path.partition("?")[0]).split("/")
        if not path.startswith("/") or path.startswith("//") or not {".", ".."}.isdisjoint(names_):
            raise refuse("flow_bad_path", value=path[:60])
        return path


class People(Property):
    """Who: a list of selectors, joined. → the same with the `source` that an `of` reference reads.

    `{"role", "of"?}` · `{"ref": "ticket.owner"}` · `{"person"}` · `{"department"}` · `{"leader_of"}` (a reference or a
    department).
    """

    widget = "people"
    chosen = True
    KINDS: ClassVar[tuple[str, ...]] = ("role", "ref", "person", "department", "leader_of")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        check_list(value, 1 if self.required else 0, 50)
        out, errors = [], {}
        for index, entry in enumerate(value):
            try:
                out.append(self._selector(entry))
            except ma.ValidationError as error:
                errors[index] = error.messages
        if errors:
            raise ma.ValidationError(errors)
        return out

    def _selector(self, entry: Any) -> dict[str, Any]:
        kinds = [kind for kind in self.KINDS if isinstance(entry, dict) and kind in entry]
        if len(kinds) != 1:
            raise refuse("flow_bad_person", kinds=", ".join(self.KINDS))
        kind = kinds[0]
        for key, value in entry.items():
            if key not in (kind, "of") or (key == "of" and kind != "role"):
                raise ma.ValidationError({key: ["flow_unknown_key"]})
            if not isinstance(value, str) or not 0 < len(value) <= 80:
                raise ma.ValidationError({key: ["flow_not_text"]})
        selector = dict(entry)
        if kind == "ref":
            check_ref(entry["ref"], key="ref")
        if "of" in entry:
            check_ref(entry["of"], key="of")
            source = BUILD.get().sources.get(entry["of"])
            if source is None and BUILD.get().types is not None:
                raise ma.ValidationError({"of": [Problem("flow_of_no_source", ref=entry["of"])]})
            selector["source"] = source
        return selector


class OfKinds(Property):
    """Names something that holds a value of one of `kinds` ("number", "date", "time" …), () for any."""

    chosen = True

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.kinds: tuple[str, ...] = tuple(more.pop("kinds", ()))
        if not set(self.kinds) <= READERS.keys():
            raise TypeError(f"kinds={self.kinds!r} are not some of {', '.join(READERS)}")
        return {"kinds": list(self.kinds)} if self.kinds else {}

    def check_kind(self, ref: str, got: str) -> None:
        """Refuse what holds values of another kind."""
        if self.kinds and got not in (*self.kinds, "any"):
            wanted = [type_name(kind) for kind in self.kinds]
            raise refuse("flow_ref_kind", ref=ref, got=type_name(got), want={
                "zh": "或".join(name["zh"] for name in wanted), "en": " or ".join(name["en"] for name in wanted)})


class FieldRef(OfKinds):
    """A reference: `form.f_order`, `customer.level`, `ticket.chat_log`."""

    widget = "field"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        check_ref(value)
        self.check_kind(value, {**SYSTEM_TYPES, **(BUILD.get().types or {})}.get(value, "any"))
        return value


class DedupeKey(FieldRef):
    """What makes two requests the same: a reference, or "customer"."""

    widget = "dedupe_key"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        return value if value == "customer" else super()._deserialize(value, attr, data, **more)


class Condition(Property):
    """A condition (see core.expressions) → compiled."""

    widget = "condition"
    chosen = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Compiled:
        try:
            return compile_condition(value, BUILD.get().types)
        except Problem as problem:
            raise ma.ValidationError(_under(problem)) from None


class Access(Property):
    """Rights on form fields at this step: {field id | section id | "*": level}. The form checks the ids."""

    widget = "access"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict) or len(value) > 1000:
            raise refuse("flow_not_object")
        errors: dict[str, Any] = {}
        for key, level in value.items():
            if not isinstance(key, str) or not (key == "*" or ID.fullmatch(key)):
                errors[str(key)] = [Problem("flow_bad_id", value=shown(key))]
            elif level not in LEVELS:
                errors[key] = [Problem("flow_not_an_option", value=shown(level), options=", ".join(LEVELS))]
        if errors:
            raise ma.ValidationError(errors)
        return value


class Answers(Property):
    """What a form opens with at this way in: {field id: answer as it would be sent}. The form judges the answers."""

    widget = "answers"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict) or len(value) > 100:
            raise refuse("flow_not_object")
        bad = [key for key in value if not isinstance(key, str) or not ID.fullmatch(key)]
        if bad:
            raise ma.ValidationError({str(key): [Problem("flow_bad_id", value=shown(key))] for key in bad})
        for _text in _texts(value, 0):
            pass
        return value


class Assignments(Property):
    """What to set: {"vars.x": value}; a value is checked against the variable's declaration."""

    widget = "assignments"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict) or len(value) > 50:
            raise refuse("flow_not_object")
        errors: dict[str, Any] = {}
        for key, wanted in value.items():
            root, dot, name = str(key).partition(".")
            declared = BUILD.get().vars.get(name) if dot and root == "vars" else None
            if declared is None:
                errors[str(key)] = [Problem("flow_unknown_var", ref=shown(key))]
            elif problem := declared.problem(wanted):
                errors[str(key)] = [problem]
        if errors:
            raise ma.ValidationError(errors)
        return value


class Json(Property):
    """Any small JSON; texts in it may hold reference chips."""

    widget = "json"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        for text in _texts(value, 0):
            check_chips(text)
        return value


def _texts(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise refuse("flow_too_deep", max=MAX_DEPTH)
    if isinstance(value, str):
        if len(value) > 4000:
            raise refuse("flow_too_long", max=4000)
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry, depth + 1)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry, depth + 1)


def check_ref(ref: Any, key: str | None = None) -> None:
    """Refuse a reference that is malformed or names an unknown form field or variable."""
    known = BUILD.get().types
    if not isinstance(ref, str) or not REF.fullmatch(ref):
        problem = Problem("flow_bad_ref", ref=shown(ref))
    elif known is not None and ref.startswith(("form.", "vars.")) and ref not in known:
        problem = Problem("flow_unknown_ref", ref=ref)
    else:
        return
    messages: Any = {key: [problem]} if key else [problem]
    raise ma.ValidationError(messages)


def check_chips(text: str) -> None:
    """Refuse a text whose chips name nothing."""
    for ref in CHIP.findall(text):
        check_ref(ref)


def _under(problem: Problem) -> Any:
    """A problem that knows its path within the value, as marshmallow nests it."""
    messages: Any = [problem]
    for part in reversed(re.findall(r"[^.\[\]]+", problem.where)):
        messages = {int(part) if part.isdigit() else part: messages}
    return messages
