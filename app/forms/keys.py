"""Keys of a definition: marshmallow fields whose refusals are our codes with parameters, at a JSON path."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from app.core.errors import Problem
from app.core.expressions.errors import Fail
from app.core.expressions.values import read_number
from app.forms.text import brief

MAX_LABEL, MAX_HINT = 200, 1000
_OBJECT = {"unknown": "form_key_unknown", "type": "form_key_object"}
_VALUE: dict[str, Any] = {"required": "form_key_required", "null": "form_key_null"}
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Coded(str):
    """A message code that carries its parameters through marshmallow's lists of strings."""

    params: dict[str, Any]

    def __new__(cls, code: str, **params: Any) -> Coded:
        self = super().__new__(cls, code)
        self.params = params
        return self


def refuse(code: str, **params: Any) -> ValidationError:
    """The error to raise inside a marshmallow field."""
    return ValidationError(Coded(code, **params))


def problems(messages: Any, where: str) -> Iterator[Problem]:
    """marshmallow's nested messages as Problems with `where` = JSON path ("fields[3].max_length")."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            if isinstance(key, int):
                path = f"{where}[{key}]"
            elif key == "_schema":
                path = where
            else:
                path = f"{where}.{key}" if where else str(key)
            yield from problems(inner, path[:200])
    else:
        for message in messages:
            name = where.rpartition(".")[2]
            yield Problem(str(message), where=where, key=name, **getattr(message, "params", {}))


class Keys(Schema):
    """An object of a definition; unknown keys are refused by name."""

    class Meta:
        unknown = RAISE

    error_messages = _OBJECT


@lru_cache(maxsize=256)
def instance(schema: type[Schema]) -> Schema:
    """The one instance of a schema class; building it costs more than a load."""
    return schema()


class _Coded(fields.Field):
    default_error_messages = _VALUE


class Str(_Coded):
    """Text of at most `max_length`, optionally of a pattern (named in the refusal) or one of `choices`."""

    def __init__(self, *, max_length: int = 200, pattern: str | None = None, choices: Iterable[str] = (), **more: Any):
        super().__init__(**more)
        self.max_length, self.choices = max_length, tuple(choices)
        self.pattern = re.compile(pattern) if pattern else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("form_key_text")
        if self.choices and value not in self.choices:
            raise refuse("form_key_choice", value=brief(value), choices=", ".join(self.choices))
        if len(value) > self.max_length:
            raise refuse("form_key_long", max=self.max_length)
        if self.pattern and not self.pattern.fullmatch(value):
            raise refuse("form_key_pattern", value=brief(value), pattern=self.pattern.pattern)
        return value


def ident(prefix: str = "", **more: Any) -> Str:
    """An id; with a prefix such as "f_" no id can mean anything to JavaScript or HTML (`constructor`, `action`)."""
    rest = 40 - max(len(prefix), 1)
    head = f"{prefix}[a-z0-9_]" if prefix else "[a-z][a-z0-9_]"
    return Str(pattern=f"{head}{{{1 if prefix else 0},{rest}}}", **more)


class Words(_Coded):
    """A text or {locale: text}."""

    def __init__(self, *, max_length: int = MAX_LABEL, **more: Any):
        super().__init__(**more)
        self.max_length = max_length

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        texts = value if isinstance(value, dict) else {"zh": value}
        if not texts:
            raise refuse("form_key_words")
        for locale, words in texts.items():
            if not isinstance(words, str) or not LOCALE.fullmatch(locale):
                raise refuse("form_key_words")
            if len(words) > self.max_length:
                raise refuse("form_key_long", max=self.max_length)
        if self.required and not all(words.strip() for words in texts.values()):
            raise refuse("form_key_required")
        return value


class Flag(_Coded):
    """true or false, nothing like them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse("form_key_flag")
        return value


class Int(_Coded):
    """A whole number within bounds."""

    def __init__(self, *, min: int = 0, max: int = 10**6, **more: Any):
        super().__init__(**more)
        self.min, self.max = min, max

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise refuse("form_key_int")
        if not self.min <= value <= self.max:
            raise refuse("form_key_range", min=self.min, max=self.max)
        return value


class Any_(_Coded):
    """Any JSON value; judged later, by what knows its meaning."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value


class Each(fields.List):
    """A list of at most `most` items."""

    default_error_messages = _VALUE | {"invalid": "form_key_list"}

    def __init__(self, inner: fields.Field, *, least: int = 0, most: int = 500, **more: Any):
        super().__init__(inner, **more)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and not self.least <= len(value) <= self.most:
            raise refuse("form_key_count", min=self.least, max=self.most, count=len(value))
        return super()._deserialize(value, attr, data, **kwargs)


class Map(fields.Dict):
    """An object with keys of our choosing, at most `most` of them."""

    default_error_messages = _VALUE | {"invalid": "form_key_object"}

    def __init__(self, keys: fields.Field, values: fields.Field, *, most: int = 500, **more: Any):
        super().__init__(keys=keys, values=values, **more)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > self.most:
            raise refuse("form_key_count", min=0, max=self.most, count=len(value))
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # {key: {"key": […], "value": […]}} names a place that is not in the definition
            raise ValidationError({key: found.get("key") or found.get("value")
                                   for key, found in error.messages.items()}) from None


class Sub(fields.Nested):
    """An object of a known shape."""

    default_error_messages = _VALUE | {"type": "form_key_object"}


class Num(_Coded):
    """A decimal, sent as a string of the strict pattern or as a JSON number; loads as Decimal."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        try:
            found = read_number(value)
        except Fail:
            found = None
        if found is None:
            raise refuse("form_key_number")
        return found
