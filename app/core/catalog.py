"""The registries of one application: field types, node types, channels and effects.

They belong to an application object, not to modules: two applications in one process (tests, the sandbox) must not see
each other's plugins.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.core.errors import Problem


class Registry:
    """Named things of one kind, each with the owner who registered it ("core" or a plugin's name)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[Any, tuple[Any, str]] = {}

    def add(self, key: Any, item: Any, owner: str = "core") -> None:
        """Register `item`; a taken key raises Problem("catalog_duplicate") naming its owner."""
        if key in self._items:
            raise Problem("catalog_duplicate", where=str(key), key=str(key), owner=self._items[key][1])
        self._items[key] = (item, owner)

    def get(self, key: Any) -> Any:
        """The item, or Problem("catalog_unknown")."""
        if key not in self._items:
            raise Problem("catalog_unknown", where=str(key), key=str(key), kind=self.kind)
        return self._items[key][0]

    def find(self, key: Any) -> Any | None:
        """The item, or None: for callers with a stand-in of their own."""
        found = self._items.get(key)
        return found[0] if found else None

    def owner(self, key: Any) -> str:
        """Who registered this key."""
        return self._items[key][1]

    def __contains__(self, key: Any) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def items(self) -> Iterator[tuple[Any, Any]]:
        """(key, item) in order of registration."""
        return ((key, item) for key, (item, _) in self._items.items())


class Catalog:
    """Everything a definition may name. `fields` by type, `nodes` by (type, version); `channels`, `effects` and
    `templates` (message texts) by name."""

    def __init__(self) -> None:
        self.fields = Registry("field type")
        self.nodes = Registry("node type")
        self.channels = Registry("channel")
        self.effects = Registry("effect")
        self.templates = Registry("message template")
