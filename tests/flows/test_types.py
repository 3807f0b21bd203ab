"""What must hold for every registered node type; a new one is covered by being registered (and standing in a flow)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.expressions import Env
from app.flows.base import NodeType, Wait
from app.flows.config import Items, Part, Property, Rows, Schema
from app.flows.ctx import Ctx
from app.flows.model import Node
from app.flows.sandbox import SandboxWorld
from tests.flows.kit import RESTAURANT, START, catalog, complaint

TYPES: list[NodeType] = [item for _, item in catalog().nodes.items()]
NODES: list[Node] = list(complaint().nodes.values())
GROUPS = {"trigger", "data", "branch", "assign", "task", "notify", "wait", "timer", "action", "flow"}

STATE: dict[str, Any] = {
    "status": "open",
    "form": {"f_store": "s1", "f_body": "异物"},
    "vars": {"priority": "normal"},
    "customer": {"id": "c"},
    "ticket": {"owner": "ann", "source": "t"},
    "tokens": {},
    "visits": {},
    "messages": {},
}


def bilingual(label: Any) -> bool:
    return isinstance(label, dict) and all(isinstance(label.get(key), str) and label[key] for key in ("zh", "en"))


def properties(schema: type[Schema]) -> list[tuple[str, Any]]:
    found = []
    for name, field in schema().fields.items():
        found.append((f"{schema.__module__}.{name}", field))
        if isinstance(field, (Rows, Part)):
            found += properties(field.schema)
        elif isinstance(field, Items):
            found.append((f"{name}[]", field.item))
    return found


@pytest.mark.parametrize("node_type", TYPES, ids=lambda one: one.type)
def test_it_introduces_itself(node_type: NodeType) -> None:
    assert bilingual(node_type.label)
    assert node_type.group in GROUPS
    assert node_type.type.split(".")[0] in GROUPS
    assert node_type.icon
    assert all(bilingual(port.label) for port in node_type.outputs)
    assert node_type.ports_from or node_type.outputs or node_type.type == "flow.end"


@pytest.mark.parametrize("node_type", TYPES, ids=lambda one: one.type)
def test_every_property_is_labelled_and_has_a_control(node_type: NodeType) -> None:
    for name, field in properties(node_type.Config):
        assert isinstance(field, Property), name
        assert bilingual(field.metadata["label"]), name
        assert field.metadata["widget"], name
        json.dumps(field.metadata)


@pytest.mark.parametrize("node_type", TYPES, ids=lambda one: one.type)
def test_its_ports_can_be_asked_of_any_draft(node_type: NodeType) -> None:
    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["port", "cases", "branches", "actions", "levels", "label"]), inner)
        ),
        max_leaves=15,
    )

    @settings(max_examples=30, deadline=None)
    @given(json_values)
    def ask(config: Any) -> None:
        for port in node_type.ports(config):
            assert isinstance(port.id, str)

    ask()


@pytest.mark.parametrize("node", [node for node in NODES if not node.type.attaches], ids=lambda node: node.id)
def test_entering_twice_answers_the_same_and_changes_nothing(node: Node) -> None:
    state = copy.deepcopy(STATE)

    def enter() -> Any:
        ctx = Ctx(node, 1, state, START, SandboxWorld(RESTAURANT), Env(START, ((0, 480),)))
        return node.type.enter(ctx, node.config)

    first = enter()
    assert first == enter()
    assert state == STATE
    if isinstance(first, Wait):
        assert node.type.waits


@pytest.mark.parametrize("node", [node for node in NODES if not node.id.startswith("sl")], ids=lambda node: node.id)
def test_the_example_connects_only_declared_ports(node: Node) -> None:
    assert set(node.outs) <= {port.id for port in node.ports}
    assert {port.id for port in node.ports if not port.optional} <= set(node.outs)


@pytest.mark.parametrize(("config", "label"), [
    ({"cases": [{"port": "hot"}], "else_label": "普通客诉"}, "普通客诉"),
    ({"cases": [{"port": "hot"}]}, {"zh": "否则", "en": "Otherwise"}),
    ({"else_label": 5}, {"zh": "否则", "en": "Otherwise"}),
])
def test_otherwise_carries_the_name_that_it_was_given(config: Any, label: Any) -> None:
    assert catalog().nodes.get(("branch.condition", 1)).ports(config)[-1].label == label
