"""Properties of triggers that fill the form in themselves: which field takes what of the news that opens the ticket.

The news is plain JSON ({"message": {"text": …}, "customer": {…}}); a path names a value in it (`message.text`).
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.flows.config.domain import Answers, FieldRef
from app.flows.config.plain import Key, PortId, Property, Rows, Schema, Text, refuse, shown

FIELD = re.compile(r"form\.[a-z][a-z0-9_]{0,39}")
PATH = re.compile(r"[^.\s{}]{1,80}(?:\.[^.\s{}]{1,80}){0,9}")
MAX_TEXT = 20_000  # code points of one value


class FormField(FieldRef):
    """A field of the form itself: `form.f_order`, no column and no part of it."""

    widget = "form_field"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if not isinstance(value, str) or not FIELD.fullmatch(value):
            raise refuse("flow_bad_ref", ref=shown(value))
        return super()._deserialize(value, attr, data, **more)


class NewsPath(Text):
    """Where a value stands in what came in: names separated by dots, an entry of a list by its number (from 0)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        if not PATH.fullmatch(text):
            raise refuse("news_bad_path", value=shown(text))
        return text


class Fills(Rows):
    """Rows of `to` (a FormField) and `take` (a path): nobody is asked, so what is not filled in here is empty."""

    def __init__(self, schema: type[Schema], **more: Any) -> None:
        super().__init__(schema, **{"unique": "to", **more})


class TokenName(Text):
    """What an API token is called."""

    widget = "token"
    chosen = True


class FieldOf(PortId):
    """A field of the form that another ticket type works with, by its id; `type_at`: where in the settings that type
    stands. `dates`: it must hold a date."""

    widget = "other_field"
    chosen = True

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.type_at, self.dates = more.pop("type_at"), more.pop("dates", False)
        return {"type_at": self.type_at, "dates": self.dates}


class ColumnOf(Key):
    """A column of a table of the company, by its key; `source_at`: which of the settings names the table."""

    widget = "column"

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.source_at = more.pop("source_at")
        return {"source_at": self.source_at}


class FillsOther(Rows):
    """Which fields of another ticket type's form are filled in with what; `type_at` as in FieldOf, which each row has
    under `field`."""

    def panel(self, more: dict[str, Any]) -> dict[str, Any]:
        self.type_at = more.pop("type_at")
        return super().panel(more)


def taken(rows: Any, news: Mapping[str, Any]) -> dict[str, Any]:
    """{field id: answer as it would be sent} for loaded rows; what the news does not have is left out."""
    found = {}
    for row in rows:
        value = at(news, row.take)
        if value is not None and value != "":
            found[row.to.partition(".")[2]] = value
    return found


def at(news: Any, path: str) -> Any:
    """What stands at a path, None if nothing does. Numbers come as text: forms read them so, to the last digit."""
    found = news
    for name in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isascii() and name.isdecimal() and int(name[:6]) < len(found):
            found = found[int(name[:6])]
        else:
            return None
    if isinstance(found, str):
        return found[:MAX_TEXT]
    return str(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else found


def filled_by(places: Iterable[tuple[str, Property, Any]]) -> set[str]:
    """The fields that settings (path, property, raw value) fill in by themselves, whatever else is wrong with them."""
    found: set[str] = set()
    for _, prop, value in places:
        if isinstance(prop, FormField) and isinstance(value, str) and FIELD.fullmatch(value):
            found.add(value.partition(".")[2])
        elif isinstance(prop, Answers) and isinstance(value, Mapping):
            found |= {key for key in value if isinstance(key, str)}
    return found
