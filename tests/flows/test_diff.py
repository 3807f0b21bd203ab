"""Two versions of a flow, in words."""
from __future__ import annotations

import copy
from typing import Any

import pytest

from app.flows.diff import compare
from tests.flows.breakages import EXAMPLE


def test_steps_lines_and_variables_are_told() -> None:
    new = copy.deepcopy(EXAMPLE)
    nodes = {node["id"]: node for node in new["nodes"]}
    nodes["pool"]["name"] = "抢单池"
    nodes["pool"]["config"]["timeout"] = "PT10M"
    new["nodes"].remove(nodes["lt3"])
    more = {"zh-CN": "再通知", "en": "Tell again"}
    new["nodes"].append({"id": "more", "type": "notify.staff", "tv": 1, "name": more})
    new["edges"] = new["edges"][1:]
    new["vars"].append({"key": "mood", "type": "text"})
    assert compare(EXAMPLE, new, "zh-CN") == [
        "新增节点“再通知”", "删除节点“评分低于3星或未解决”", "节点“抢单池”改了：名称、设置",
        "连线有改动：新增 0 条，删除 1 条", "变量有改动：mood"]
    assert compare(EXAMPLE, new, "en")[0] == "Step “Tell again” added"
    assert compare(EXAMPLE, copy.deepcopy(EXAMPLE), "en") == []


@pytest.mark.parametrize("broken", [None, [], {}, {"nodes": "x", "edges": [1], "vars": {}}, {"nodes": [{}, 3, None]},
                                    {"name": {"zh-CN": 3}, "form": [], "layout": 7}])
def test_a_half_made_flow_is_compared_too(broken: Any) -> None:
    for old, new in ((EXAMPLE, broken), (broken, EXAMPLE), (broken, broken)):
        assert all(isinstance(words, str) for words in compare(old, new, "en"))
