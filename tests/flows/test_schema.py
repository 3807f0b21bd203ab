from __future__ import annotations

import copy
from typing import Any

import pytest

from app.core.errors import Invalid, has_text
from app.flows.schema import load_flow
from tests.flows.kit import AGENTS, SOURCES, TYPES, catalog, complaint, definition, node

GOOD = definition(
    node(
        "cond",
        "branch.condition",
        {"cases": [{"port": "big", "when": {"ref": "form.f_sum", "op": "gt", "value": "5"}}]},
    ),
    node("pool", "task.claim", {"candidates": AGENTS, "timeout": "PT30M"}),
    edges="t:out>cond cond:big>pool cond:else>end pool:claimed>end pool:timeout>end",
)


def refusals(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        load_flow(data, catalog(), TYPES, sources=SOURCES)
    assert all(has_text(problem.code) for problem in caught.value.problems)
    return [(problem.where, problem.code) for problem in caught.value.problems]


def changed(*steps: Any, to: Any) -> dict[str, Any]:
    data = copy.deepcopy(GOOD)
    place: Any = data
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return data


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        (("extra",), 1, "extra", "flow_unknown_key"),
        (("schema",), "danflow/flow/9", "schema", "flow_not_an_option"),
        (("key",), "__proto__", "key", "flow_bad_id"),
        (("name",), 5, "name", "flow_not_text"),
        (("vars", 0, "type"), "object", "vars[0].type", "flow_not_an_option"),
        (("vars", 0, "default"), "pink", "vars[0].default", "flow_bad_var_value"),
        (("vars", 1, "default"), "1_000", "vars[1].default", "flow_bad_var_value"),
        (("vars", 1, "default"), "１", "vars[1].default", "flow_bad_var_value"),
        (("vars", 1, "default"), " 5", "vars[1].default", "flow_bad_var_value"),
        (("vars", 1, "default"), "1e18", "vars[1].default", "flow_bad_var_value"),
        (("vars", 1, "default"), True, "vars[1].default", "flow_bad_var_value"),
        (("vars", 1, "key"), "priority", "vars[1].key", "flow_repeated"),
        (("nodes",), [], "nodes", "flow_bad_count"),
        (("nodes", 1), "x", "nodes[1]", "flow_not_object_of"),
        (("nodes", 2, "id"), "cond", "nodes[2].id", "flow_repeated"),
        (("nodes", 2, "wat"), 1, "nodes[2].wat", "flow_unknown_key"),
        (("nodes", 2, "attach"), ["ghost"], "nodes[2].attach[0]", "flow_unknown_node"),
        (("nodes", 2, "config", "colour"), 1, "nodes[2].config.colour", "flow_unknown_key"),
        (("nodes", 2, "config", "timeout"), "30m", "nodes[2].config.timeout", "duration_bad"),
        (("nodes", 2, "config", "max_open_per_person"), True, "nodes[2].config.max_open_per_person", "flow_bad_number"),
        (("nodes", 2, "config", "candidates"), [], "nodes[2].config.candidates", "flow_bad_count"),
        (
            ("nodes", 2, "config", "candidates"),
            [{"role": "a", "person": "b"}],
            "nodes[2].config.candidates[0]",
            "flow_bad_person",
        ),
        (
            ("nodes", 2, "config", "candidates"),
            [{"role": "a", "of": "form.f_body"}],
            "nodes[2].config.candidates[0].of",
            "flow_of_no_source",
        ),
        (
            ("nodes", 2, "config", "candidates"),
            [{"role": "a", "of": "form.f_none"}],
            "nodes[2].config.candidates[0].of",
            "flow_unknown_ref",
        ),
        (
            ("nodes", 2, "config", "candidates"),
            [{"ref": "os.system"}],
            "nodes[2].config.candidates[0].ref",
            "flow_bad_ref",
        ),
        (
            ("nodes", 1, "config", "cases", 0, "when", "ref"),
            "form.f_none",
            "nodes[1].config.cases[0].when.ref",
            "E_REF",
        ),
        (("nodes", 1, "config", "cases", 0, "when", "op"), "like", "nodes[1].config.cases[0].when.op", "E_OP"),
        (("nodes", 1, "config", "cases"), [], "nodes[1].config.cases", "flow_bad_count"),
        (("nodes", 1, "config"), [], "nodes[1].config", "flow_not_object"),
        (("edges", 0, "to"), "ghost:in", "edges[0].to", "flow_unknown_node"),
        (("edges", 0, "to"), "t:in", "edges[0].to", "flow_no_input"),
        (("edges", 0, "to"), "cond:out", "edges[0].to", "flow_no_input"),
        (("edges", 1, "from"), "cond:huge", "edges[1].from", "flow_unknown_port"),
        (("edges", 2, "from"), "cond:big", "edges[2].from", "flow_fan_out"),
        (("edges", 0, "from"), "t", "edges[0].from", "flow_bad_edge_end"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path: tuple[Any, ...], value: Any, where: str, code: str) -> None:
    assert (where, code) in refusals(changed(*path, to=value))


@pytest.mark.parametrize("data", [None, [], "x", 5, {}, {"schema": "danflow/flow/1"}])
def test_what_is_no_flow_at_all_is_refused(data: Any) -> None:
    refusals(data)


def test_all_faults_are_told_at_once() -> None:
    data = changed("nodes", 2, "config", "timeout", to="x")
    data["nodes"][1]["config"]["cases"][0]["when"]["ref"] = "form.nope"
    data["edges"][0]["to"] = "ghost:in"
    assert len(refusals(data)) == 3


def test_size_is_limited() -> None:
    data = copy.deepcopy(GOOD)
    data["nodes"] += [node(f"n{number}", "flow.end") for number in range(1001)]
    assert refusals(data) == [("nodes", "flow_bad_count")]


def test_without_a_form_references_are_not_checked() -> None:
    loaded = load_flow(GOOD, catalog())
    assert loaded.nodes["cond"].config.cases[0].when.raw["ref"] == "form.f_sum"


def test_a_type_that_is_not_installed_keeps_its_config() -> None:
    data = changed("nodes", 2, to=node("pool", "acme.robot", {"anything": [1]}))
    loaded = load_flow(data, catalog(), TYPES, sources=SOURCES)
    assert loaded.nodes["pool"].raw == {"anything": [1]}


def test_the_example_loads() -> None:
    loaded = complaint()
    assert [trigger.id for trigger in loaded.triggers()] == ["t_chat", "t_menu", "t_mini"]
    assert loaded.blocks == {"fork": frozenset({"n_sup", "n_mgr", "n_dlv"})}
    assert loaded.vars["priority"].values == ("normal", "urgent", "red")
    assert loaded.nodes["handle"].fields["f_reply"] == "required"
    assert loaded.nodes["sla"].config.due == 24 * 3_600_000


@pytest.mark.parametrize(
    ("node_id", "action", "required"),
    [
        ("handle", "submit", True),
        ("handle", "return", False),
        ("approve", "approve", True),
        ("approve", "reject", False),
        ("pool", "claim", False),
    ],
)
def test_which_actions_need_the_required_answers(node_id: str, action: str, required: bool) -> None:
    assert complaint().action_requires(node_id, action) is required


def test_a_way_out_is_not_called_like_one_that_the_type_always_has() -> None:
    case = {"port": "else", "when": {"ref": "vars.count", "op": "gt", "value": 1}}
    raw = definition(node("c", "branch.condition", {"cases": [case]}), edges="t:out>c c:else>end")
    with pytest.raises(Invalid) as refused:
        load_flow(raw, catalog(), TYPES)
    [problem] = refused.value.problems
    assert (problem.code, problem.where) == ("flow_port_taken", "nodes[1].config.cases[0].port")


@pytest.mark.parametrize("name", [[], {}, ["else"], 5, None])
def test_a_way_out_without_a_name_is_refused_with_its_place(name: Any) -> None:
    case = {"port": name, "when": {"ref": "vars.count", "op": "gt", "value": 1}}
    raw = definition(node("c", "branch.condition", {"cases": [case]}), edges="t:out>c c:else>end")
    with pytest.raises(Invalid) as refused:
        load_flow(raw, catalog(), TYPES)
    assert "nodes[1].config.cases[0].port" in [problem.where for problem in refused.value.problems]
