"""For tests of plugins: what you wrote by itself, held to the contract, and really played in a small flow or form.

Tests may import this module and `app.sdk` from the product (docs/plugins.md). Nothing here sends, stores or waits.
"""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.catalog import Catalog
from app.flows import nodes
from app.flows.base import NodeType
from app.forms import fields
from app.forms.base import FieldType
from app.plugins import load_one
from app.testing.answers import Filled, assert_field, fill
from app.testing.steps import NOW, FlowSim, Played, asks, assert_step, flow_of, flow_sim, play, run_node

__all__ = ["NOW", "Filled", "FlowSim", "Played", "asks", "assert_contract", "fill", "flow_of", "flow_sim",
           "load_plugin", "play", "run_node"]


def load_plugin(test: str | Path) -> Any:
    """The module of the plugin that a test stands in, loaded and checked as the product does it:
    `plugin = load_plugin(__file__)`. AssertionError: why it is left out."""
    path = Path(test).resolve()
    catalog = Catalog()
    fields.register(catalog)
    nodes.register(catalog)
    found = load_one(path.parents[1] if path.parent.name == "tests" else path, catalog)
    if found.reason:
        raise AssertionError(f"the plugin {found.name} is left out: {found.reason}")
    return found.module


def assert_contract(kind: type[NodeType] | type[FieldType], *settings: Mapping[str, Any], **state: Any) -> None:
    """Everything that must hold for any step type or field type, under `settings` that are right, as they are stored.

    `state`: form, vars, types, customer … of a step, as for run_node; each of `settings` is entered twice.
    """
    if issubclass(kind, FieldType):
        assert_field(kind, *settings, **state)
    else:
        assert_step(kind, *settings, **state)
