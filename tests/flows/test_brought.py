"""Scenarios of one flow told for another that was drawn anew."""
from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from app.cli._catalog import pure_catalog
from app.definitions.bundle import Bundle
from app.definitions.sandbox import play
from app.flows.brought import Names, bring, company
from app.flows.scenario import load_scenarios
from tests.flows.kit import LIBRARY

CATALOG = pure_catalog()
FORM, FLOW, FILE = (json.loads((LIBRARY / f"{name}.json").read_text("utf-8"))
                    for name in ("form", "flow", "scenarios"))
OTHERWISE = (("vars.priority", "vars.v1"), ('"key": "priority"', '"key": "v1", "name": "priority"'),
             ('"port": "submit"', '"port": "p7"'), (':submit"', ':p7"'), ('"port": "reopen"', '"port": "p8"'),
             (':reopen"', ':p8"'), ('"port": "l1"', '"port": "p9"'), (':l1"', ':p9"'))


def anew() -> Any:
    """The example under other ids of steps, ways out and variables, as somebody else would have drawn it."""
    text = json.dumps(FLOW, ensure_ascii=False)
    for old, new in OTHERWISE:
        assert old in text, old
        text = text.replace(old, new)
    for node in FLOW["nodes"]:
        text = re.sub(rf'"{node["id"]}(:\w|"(?!:))', rf'"x_{node["id"]}\1', text)
    return json.loads(text)


def test_the_five_stories_pass_on_the_flow_drawn_anew() -> None:
    names = Names(FLOW, target := anew(), CATALOG)
    file = {**FILE, "scenarios": [bring(one, names) for one in FILE["scenarios"]]}
    read, bundle = load_scenarios(file), Bundle.load(FORM, target, CATALOG)
    assert [play(bundle, one, read.org).failures for one in read.scenarios] == [[]] * 5
    assert names.lost == {}
    assert "x_handle" in read.scenarios[4].default_actors and file["scenarios"][2]["expect"]["fired"][1] == "x_sla:p9"


def test_every_place_where_a_scenario_names_something() -> None:
    names = Names(FLOW, anew(), CATALOG)
    told = bring({
        "name": "n", "org": {"backlog": {"pool": {"waiting": 3}}}, "mocks": {
            "pay": ["error", {"ok": True}], "review": {"port": "reopen"}},
        "script": [{"do": "comment"}, {"do": "return_to", "node": "review", "to": "handle"}],
        "expect": {"not_fired": ["sla:l1"], "sent": [{"to": "sup", "node": "n_sup"}, {"to": "mgr"}],
                   "visits": {"handle": 2}, "vars": {"priority": "red", "other": 1}},
    }, names)
    assert told["org"] == {"backlog": {"x_pool": {"waiting": 3}}}
    assert told["mocks"] == {"x_pay": ["error", {"ok": True}], "x_review": {"port": "p8"}}
    assert told["script"] == [{"do": "comment"}, {"do": "return_to", "node": "x_review", "to": "x_handle"}]
    assert told["expect"] == {
        "not_fired": ["x_sla:p9"], "sent": [{"to": "sup", "node": "x_n_sup"}, {"to": "mgr"}],
        "visits": {"x_handle": 2}, "vars": {"v1": "red", "other": 1}}
    assert company({"tz": "Asia/Shanghai"}, names) == {"tz": "Asia/Shanghai"}


def test_a_step_that_is_called_otherwise_is_known_by_its_id_and_one_that_is_gone_is_named() -> None:
    target = copy.deepcopy(FLOW)
    nodes = {node["id"]: node for node in target["nodes"]}
    nodes["pool"]["name"] = "大家来抢"
    target["nodes"].remove(nodes["review"])
    nodes["handle"]["type"] = "task.approval"
    names = Names(FLOW, target, CATALOG)
    assert [names.step(id) for id in ("pool", "review", "handle", None, "what")] == [
        "pool", "review", "handle", None, "what"]
    assert names.lost == {"review": "质检复盘任务", "handle": "客服处理"}


@pytest.mark.parametrize("broken", [None, [], {"nodes": "x", "vars": 3},
                                    {"nodes": [{}, 3, {"id": "pool", "type": "t"}]},
                                    {"nodes": [{"id": "pool", "type": "task.claim", "config": [], "name": {}}]}])
def test_a_half_made_flow_does_no_harm(broken: Any) -> None:
    for one, other in ((FLOW, broken), (broken, FLOW), (broken, broken)):
        assert bring(FILE["scenarios"][0], Names(one, other, CATALOG))["name"] == FILE["scenarios"][0]["name"]
