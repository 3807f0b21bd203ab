"""Two versions of a flow, in words."""
from __future__ import annotations

import copy
from typing import Any

import pytest

from app.flows.diff import compare
from tests.flows.breakages import CATALOG, EXAMPLE


def words(*given: Any) -> list[str]:
    return [change.words for change in compare(*given)]


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
    assert words(EXAMPLE, new, "zh-CN") == [
        "新增节点“再通知”", "删除节点“评分低于3星或未解决”", "节点“抢单池”改了：名称、设置",
        "删除连线：“聊天侧边栏转工单”的“out”→“关键词与优先级”", "变量有改动：mood"]
    assert words(EXAMPLE, new, "en")[0] == "Step “Tell again” added"
    known = words(EXAMPLE, new, "zh-CN", CATALOG)
    assert known[2:4] == ["节点“抢单池”改了：名称、无人抢单的时限",
                          "删除连线：“聊天侧边栏转工单”的“开始”→“关键词与优先级”"]
    assert [(one.what, one.kind, one.id) for one in compare(EXAMPLE, new, "en")] == [
        ("step", "added", "more"), ("step", "removed", "lt3"), ("step", "changed", "pool"), ("line", "removed", "e1"),
        ("var", "changed", "")]
    assert words({**EXAMPLE, "edges": []}, EXAMPLE, "en") == [
        f"Lines changed: {len(EXAMPLE['edges'])} added, 0 removed"]
    assert compare(EXAMPLE, copy.deepcopy(EXAMPLE), "en") == []


@pytest.mark.parametrize("broken", [None, [], {}, {"nodes": "x", "edges": [1], "vars": {}}, {"nodes": [{}, 3, None]},
                                    {"name": {"zh-CN": 3}, "form": [], "layout": 7}])
def test_a_half_made_flow_is_compared_too(broken: Any) -> None:
    for old, new in ((EXAMPLE, broken), (broken, EXAMPLE), (broken, broken)):
        assert all(isinstance(one.words, str) for one in compare(old, new, "en", CATALOG))
