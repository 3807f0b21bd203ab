"""The classes of a step's settings (docs/plugins.md, "Settings"): `fields.Text(max_length=40, label=names(…))`."""
from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from app.flows.config import (
    CalendarRef,
    Channel,
    Condition,
    Connector,
    Decimal,
    Duration,
    FieldRef,
    Integer,
    Items,
    JsonPath,
    LocalText,
    Part,
    People,
    PortId,
    RefText,
    Rows,
    Select,
    Switch,
    Template,
    Text,
    UrlPath,
    WriteTo,
)

__all__ = [
    "CalendarRef", "Channel", "Condition", "Connector", "Decimal", "Duration", "FieldRef", "Integer", "Items",
    "JsonPath", "LocalText", "Part", "People", "PortId", "RefText", "Rows", "Select", "Switch", "Template", "Text",
    "UrlPath", "WriteTo",
]

if not TYPE_CHECKING:  # a type checker names what is not there by itself

    def __getattr__(name: str) -> NoReturn:
        raise AttributeError(f"sdk.fields has no {name!r}; it has {', '.join(__all__)}")
