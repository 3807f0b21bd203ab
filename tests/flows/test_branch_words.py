"""Conflicts of a merge in words: what it is about and what either side made of it, in both languages."""
from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from app.flows.branch import merge
from app.flows.branch_words import Told, Words
from app.flows.say import Names, Say
from tests.flows.breakages import CATALOG, EXAMPLE

NAMES = Names(roles={"hq_ops": {"zh": "总部运营", "en": "Head office"}, "cs_agent": {"zh": "客服", "en": "Service"}},
              fields={"form.f_reply": {"zh-CN": "处理结果", "en": "Outcome"}})
OPERATORS = {"eq": {"label": {"zh-CN": "等于", "en": "is"}}}


def side(change: Mapping[str, Any], **parts: Any) -> Any:
    """The complaint flow with settings of its steps changed."""
    made = copy.deepcopy(EXAMPLE)
    for node in made["nodes"]:
        node["config"].update(copy.deepcopy(change.get(node["id"], {})))
    return {**made, **parts}


def told(ours: Any, theirs: Any, locale: str = "zh-CN") -> dict[str, Told]:
    words = Words(ours, theirs, CATALOG, Say(NAMES, locale), OPERATORS)
    return {one.path: words.told(one) for one in merge(EXAMPLE, ours, theirs).conflicts}


def test_settings_are_told_as_the_panel_names_them() -> None:
    who = {"role": "hq_ops"}
    ours = side({"pool": {"timeout": "PT10M", "candidates": [who]}, "approve": {"mode": "any"}})
    theirs = side({"pool": {"timeout": "PT2H", "candidates": [{"role": "cs_agent"}, who]}, "approve": {"mode": "all"}})
    found = told(ours, theirs)
    one = found["nodes/pool/config/timeout"]
    assert (one.title, one.base, one.ours, one.theirs, one.node) == (
        "节点“客诉抢单池”的“无人抢单的时限”", "30 分钟", "10 分钟", "2 小时", "pool")
    assert found["nodes/pool/config/candidates"].theirs == "客服、总部运营"
    english = told(ours, theirs, "en")["nodes/pool/config/timeout"]
    assert (english.title, english.ours) == ("“Wait at most” of the step “客诉抢单池”", "10 minutes")


def test_conditions_and_rights_are_told() -> None:
    case = {"port": "hot", "label": "重大投诉"}
    ours = side({"is_hot": {"cases": [{**case, "when": {"ref": "vars.priority", "op": "eq", "value": "red"}}]},
                 "handle": {"fields": {"*": "read", "f_reply": "edit"}}},
                vars=[{**EXAMPLE["vars"][0], "name": "紧急程度"}])
    theirs = side({"is_hot": {"cases": [{**case, "when": {"all": []}}]}, "handle": {"fields": {"*": "read"}}})
    found = told(ours, theirs)
    assert found["nodes/is_hot/config/cases"].ours == "名称：重大投诉、条件：紧急程度 等于 red"
    right = found["nodes/handle/config/fields/f_reply"]
    assert (right.title, right.base, right.ours, right.theirs) == (
        "节点“客服处理”里，字段“处理结果”的权限", "必填", "可填", "没有设置")


def test_steps_lines_and_the_flow_itself_are_told() -> None:
    gone, changed = copy.deepcopy(EXAMPLE), side({"review": {"note": "x"}}, name="甲")
    gone["nodes"] = [node for node in gone["nodes"] if node["id"] != "review"]
    gone["name"] = "乙"
    found = told(changed, gone)
    assert found["nodes/review"].theirs == "删除了" and found["nodes/review"].ours.startswith("节点“")
    assert (found["name"].title, found["name"].ours, found["name"].theirs) == ("流程的名称", "甲", "乙")
    one, other = copy.deepcopy(EXAMPLE), copy.deepcopy(EXAMPLE)
    for content, goal in ((one, "end_ok:in"), (other, "rate:in")):
        next(edge for edge in content["edges"] if edge["from"] == "handle:submit")["to"] = goal
    line = told(one, other)["edges/handle:submit"]
    assert line.title.startswith("节点“客服处理”的出口“") and line.ours.startswith("通向“") and line.ours != line.theirs


def test_nothing_that_can_be_stored_stops_the_words() -> None:
    odd: list[Any] = [None, 3, [], {}, "x", [[1]], {"a": {"b": [None]}}, {"ref": 3, "op": []}, [{"role": {}}], True]
    for n, one in enumerate(odd):
        other = odd[(n + 3) % len(odd)]
        keys = ("cases", "to", "actions", "timeout", "candidates", "mode", "fields", "levels", "zz")
        ours, theirs = (side({node["id"]: dict.fromkeys(keys, value) for node in EXAMPLE["nodes"]},
                             name=value, vars=value, edges=value) for value in (one, other))
        assert all(isinstance(words.title, str) and len(words.ours) <= 260 for words in told(ours, theirs).values())
