"""The catalogue of field and node types alone, for commands that read definitions without an application."""
from __future__ import annotations

from app.core.catalog import Catalog
from app.flows import nodes
from app.forms import fields


def pure_catalog() -> Catalog:
    """A new catalogue with every built-in field type and node type."""
    catalog = Catalog()
    fields.register(catalog)
    nodes.register(catalog)
    return catalog
