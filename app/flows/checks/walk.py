"""The settings of a raw config with the properties they belong to, found by class: no list of node types is needed."""
from __future__ import annotations

from typing import Any

from app.flows.config import Items, Part, Property, Rows, Schema, counts
from app.flows.config import named as properties

MISSING = object()
Place = tuple[str, Property, Any]  # JSON path ("config.to[0]"), property, raw value or MISSING


def walk(schema: type[Schema], config: Any) -> list[Place]:
    """Every property of the schema and of everything inside it that can be read; what is not shown does not count."""
    found: list[Place] = []
    _object(found, schema, config, "config")
    return found


def _object(found: list[Place], schema: type[Schema], config: Any, path: str) -> None:
    if isinstance(config, dict):
        for name, prop in properties(schema).items():
            if not prop.show_if or counts(schema, prop, config):
                _value(found, prop, config.get(name, MISSING), f"{path}.{name}")


def _value(found: list[Place], prop: Property, value: Any, path: str) -> None:
    found.append((path, prop, value))
    if isinstance(value, list):
        if isinstance(prop, Items):
            for index, entry in enumerate(value):
                _value(found, prop.item, entry, f"{path}[{index}]")
        elif isinstance(prop, Rows):
            for index, entry in enumerate(value):
                _object(found, prop.schema, entry, f"{path}[{index}]")
    elif isinstance(prop, Part):
        _object(found, prop.schema, value, path)
