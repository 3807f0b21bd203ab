"""The catalogue of field and node types alone, for commands that read definitions without an application."""
from __future__ import annotations

from app import plugins
from app.core.catalog import Catalog
from app.flows import nodes
from app.forms import fields
from app.settings import Settings


def pure_catalog() -> Catalog:
    """A new catalogue with every field type and node type, plugins included."""
    catalog = Catalog()
    fields.register(catalog)
    nodes.register(catalog)
    plugins.load(Settings().plugins_dir, catalog)
    return catalog
