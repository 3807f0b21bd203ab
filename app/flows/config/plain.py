"""Properties that stand for themselves: texts, keys, choices, lists of them."""
from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

import marshmallow as ma

from app.core.errors import Problem

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
KEY = re.compile(r"[A-Za-z0-9_.\-]{1,80}")
JSON_PATH = re.compile(r"[^\s.\x00-\x20]{1,60}(?:\.[^\s.\x00-\x20]{1,60}){0,9}")


def names(zh: str, en: str) -> Mapping[str, str]:
    """A text in both languages."""
    return {"zh": zh, "en": en}


def refuse(code: str, where: str = "", **params: Any) -> ma.ValidationError:
    """A refusal for marshmallow to carry to its place."""
    return ma.ValidationError([Problem(code, where, **params)])


class Schema(ma.Schema):
    """Base of config schemas: unknown keys are refused, the result is a namespace."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "flow_unknown_key", "type": "flow_not_object"}  # noqa: RUF012

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        # A property that comes with others only when one of them says so (`show_if`), by its name in JSON.
        self._sometimes = {name: field for name, field in named(type(self)).items() if field.show_if}

    @ma.pre_load
    def _shown_only(self, data: Any, **_: Any) -> Any:
        """What the panel does not show does not count, whatever it was set to before."""
        if not self._sometimes or not isinstance(data, dict):
            return data
        hidden = [name for name, field in self._sometimes.items()
                  if name in data and not counts(type(self), field, data)]
        return {name: value for name, value in data.items() if name not in hidden} if hidden else data

    @ma.validates_schema(pass_original=True, skip_on_field_errors=False)
    def _needed(self, _loaded: Any, data: Any, **_: Any) -> None:
        if self._sometimes and isinstance(data, dict):
            missing = [name for name, field in self._sometimes.items()
                       if field.needed and data.get(name) in (None, "") and counts(type(self), field, data)]
            if missing:
                raise ma.ValidationError({name: ["flow_missing"] for name in missing})

    @ma.post_load
    def _namespace(self, data: dict[str, Any], **_: Any) -> SimpleNamespace:
        return SimpleNamespace(**{name: data.get(name) for name in self.fields})


@cache
def reader(schema: type[Schema], many: bool = False) -> Schema:
    """The instance that loads this schema: building one costs far more than using it."""
    return schema(many=many)


@cache
def named(schema: type[Schema]) -> Mapping[str, Property]:
    """The properties of a config schema by their name in JSON, as the panel shows them."""
    declared: Mapping[str, Any] = schema._declared_fields
    found = {prop.data_key or name: prop for name, prop in declared.items() if isinstance(prop, Property)}
    return dict(sorted(found.items(), key=lambda entry: entry[1].last))


def counts(schema: type[Schema], prop: Property, data: Mapping[str, Any]) -> bool:
    """Whether a property is shown with these raw settings beside it, and therefore means anything."""
    for name, wanted in prop.show_if.items():
        other = named(schema)[name]
        value = data.get(name, None if other.load_default is ma.missing else other.load_default)
        if value not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


class Property(ma.fields.Field):
    """Base of all config fields. `widget` names the control of the property panel.

    `chosen`: only who draws the flow can say it (a person, a template): a new step leaves it open.
    `show_if` {other property: value, or a list of values}: the property counts, and is required if it is, only then.
    `last`: stands behind those of a subclass.
    """

    widget: ClassVar[str] = "text"
    chosen: bool = False
    default_error_messages = {  # noqa: RUF012
        "required": "flow_missing", "null": "flow_missing", "validator_failed": "flow_bad_value",
    }

    def __init__(self, *, label: Mapping[str, str], hint: Mapping[str, str] | None = None,
                 show_if: Mapping[str, Any] | None = None, chosen: bool | None = None, last: bool = False,
                 **more: Any) -> None:
        metadata: dict[str, Any] = {"label": dict(label), "widget": self.widget}
        if hint:
            metadata["hint"] = dict(hint)
        if chosen is not None:
            self.chosen = chosen
        self.show_if, self.last = dict(show_if or {}), last
        self.needed = bool(more.get("required"))
        if show_if:
            metadata["show_if"] = self.show_if
            if more.pop("required", False):
                metadata["required"] = True
                more["load_default"] = None
        super().__init__(metadata={**metadata, **self.panel(more)}, **more)

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        """What the panel must know besides; takes this class's own arguments out of `more`."""
        return {}

    def written(self, value: Any) -> Any:
        """The JSON that loads into `value`."""
        return value


class Text(Property):
    """One line or more; `max_length` code points."""

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.max_length = more.pop("max_length", 200)
        return {"max_length": self.max_length}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str):
            raise refuse("flow_not_text")
        if len(value) > self.max_length:
            raise refuse("flow_too_long", max=self.max_length)
        return value


class LocalText(Text):
    """A text, or `{locale: text}`."""

    widget = "words"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if isinstance(value, dict) and value and len(value) <= 20:
            return {str(key): super(LocalText, self)._deserialize(text, attr, data) for key, text in value.items()}
        return super()._deserialize(value, attr, data, **more)


class Key(Property):
    """The key of something kept elsewhere."""

    widget = "key"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str) or not KEY.fullmatch(value):
            raise refuse("flow_bad_key", value=shown(value))
        return value


class EventName(Key):
    """What another system calls something that happens: `order.paid`."""

    widget = "event"
    chosen = True


class SourceRef(Key):
    """A table of the company."""

    widget = "source"
    chosen = True


class JsonPath(Property):
    """Where something lies in what another system sends: `data.items.0.price`."""

    widget = "json_path"
    chosen = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str) or not JSON_PATH.fullmatch(value):
            raise refuse("flow_bad_json_path", value=shown(value))
        return value


class Template(Key):
    """A message template."""

    widget = "message"
    chosen = True


class Connector(Key):
    """A connection to an outside system."""

    widget = "connector"
    chosen = True


class CalendarRef(Key):
    """A business calendar; "always" is round the clock."""

    widget = "calendar"


class Channel(Key):
    """A way to reach somebody: wecom, sms, mention, voice …"""

    widget = "channel"
    chosen = True


class StepType(Key):
    """A kind of step."""

    widget = "step_type"


class PortId(Property):
    """The name of a way out, written by the designer."""

    widget = "port"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str) or not ID.fullmatch(value):
            raise refuse("flow_bad_id", value=shown(value))
        return value


class NodeRef(PortId):
    """Another node of the flow."""

    widget = "node"


class Select(Property):
    """One of `options` ({value: label})."""

    widget = "select"

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.options: dict[str, Any] = more.pop("options")
        return {"options": [{"value": value, "label": label} for value, label in self.options.items()]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str) or value not in self.options:
            raise refuse("flow_not_an_option", value=shown(value), options=", ".join(self.options))
        return value


class Switch(Property):
    """Yes or no."""

    widget = "switch"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, bool):
            raise refuse("flow_not_yes_no", value=shown(value))
        return value


class Items(Property):
    """A list of another property: `Items(Channel(label=…), label=…)`; `min` … `max` entries."""

    widget = "list"

    def __init__(self, item: Property, **more: Any) -> None:
        self.item = item
        super().__init__(**more)

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.min, self.max = more.pop("min", 0), more.pop("max", 100)
        return {"item": self.item.metadata, "min": self.min, "max": self.max}

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.item._bind_to_schema(field_name, self)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        check_list(value, self.min, self.max)
        out, errors = [], {}
        for index, entry in enumerate(value):
            try:
                out.append(self.item.deserialize(entry))
            except ma.ValidationError as error:
                errors[index] = error.messages
        if errors:
            raise ma.ValidationError(errors)
        return out


class Rows(Property):
    """A list of small objects (cases, actions, ladder steps), each by `schema`."""

    widget = "rows"

    def __init__(self, schema: type[Schema], **more: Any) -> None:
        self.schema = schema
        super().__init__(**more)

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.min, self.max = more.pop("min", 0), more.pop("max", 100)
        self.unique = more.pop("unique", None)
        return {"min": self.min, "max": self.max}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        check_list(value, self.min, self.max)
        if odd := [index for index, row in enumerate(value) if not isinstance(row, dict)]:
            raise ma.ValidationError({index: refuse_object(self.schema).messages for index in odd})
        rows = reader(self.schema, many=True).load(value)
        if self.unique:
            seen: set[Any] = set()
            for index, row in enumerate(rows):
                name = getattr(row, self.unique)
                if name in seen:
                    raise ma.ValidationError({index: {self.unique: [Problem("flow_repeated", value=str(name))]}})
                seen.add(name)
        return rows


class Part(Property):
    """One small object by `schema`."""

    widget = "group"

    def __init__(self, schema: type[Schema], **more: Any) -> None:
        self.schema = schema
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict):
            raise refuse_object(self.schema)
        return reader(self.schema).load(value)


def refuse_object(schema: type[Schema]) -> ma.ValidationError:
    """The refusal of what is no object, with the keys that are expected."""
    return refuse("flow_not_object_of", keys=", ".join(named(schema)))


def check_list(value: Any, least: int, most: int) -> None:
    """Refuse what is no list or has too few or too many entries."""
    if not isinstance(value, list):
        raise refuse("flow_not_list")
    if not least <= len(value) <= most:
        raise refuse("flow_bad_count", min=least, max=most, count=len(value))


def shown(value: Any) -> str:
    """A refused value for a message: short, whatever it was."""
    return str(value)[:60]
