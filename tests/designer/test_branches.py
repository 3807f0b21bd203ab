"""Departments' branches over HTTP: pages and calls, who may, and what a merge shows before it is done."""
from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import branches
from app.definitions import service as definitions
from tests.definitions.conftest import RAW
from tests.designer.conftest import FLOW, FlowEditor, now, stored, words
from tests.personas import AGENT, MARKETING

PAGE = f"/designer/flows/{FLOW}/branches"


@pytest.fixture
def backend() -> str:
    """What is shown does not depend on the database."""
    return "sqlite"


@pytest.fixture
def marketing(demo_app: Flask) -> FlowEditor:
    return FlowEditor(demo_app, MARKETING)


def opened(who: FlowEditor, **form: str) -> str:
    """The key of a new branch."""
    answer = who.post(PAGE, name="送优惠券", **form)
    assert answer.status_code == 303, answer.text
    who.of = answer.location.rsplit("/", 1)[1]
    return who.of


def changed(key: str, timeout: str) -> Any:
    content = {**copy.deepcopy(RAW["flow"]), "key": key}
    next(node for node in content["nodes"] if node["id"] == "pool")["config"]["timeout"] = timeout
    return content


def test_marketing_opens_a_branch_and_works_in_the_same_designer(marketing: FlowEditor, demo_app: Flask) -> None:
    listed = words(marketing.get("/designer/flows/"))
    assert PAGE in listed and f'href="/designer/flows/{FLOW}"' not in listed and "新建流程" not in listed
    key = opened(marketing)
    boot = marketing.boot()
    assert boot["key"] == key and boot["content"] == {**RAW["flow"], "key": key} and not boot["may_publish"]
    branch = boot["branch"]
    assert (branch["name"], branch["department"], branch["flow"]["title"]) == ("送优惠券", "市场部", "餐饮客诉处理")
    assert (branch["may_merge"], branch["requested"], branch["version"]) == (False, None, 1)
    assert marketing.put(changed(key, "PT5M"), 1).json["rev"] == 2
    assert stored(demo_app, key, "branch")["content"] == changed(key, "PT5M")
    assert stored(demo_app, FLOW, "flow")["content"] == RAW["flow"]
    for method, call, body in (
        ("POST", "check", {"content": boot["content"]}), ("GET", "form?form=complaint", None),
        ("GET", "scenarios", None), ("POST", "compare", {"old": {}, "new": {}}),
        ("POST", "replay", {"content": boot["content"]}),
    ):
        assert marketing.call(method, call, body).status_code == 200, call
    assert len(marketing.call("POST", "scenarios/run", {"content": boot["content"]}).json["results"]) == 5
    assert marketing.call("GET", "heat").json["types"] > 0, "of the flow's tickets"
    assert "送优惠券" in words(marketing.get(PAGE)) and "市场部" in words(marketing.get(PAGE))


def test_others_stay_out(marketing: FlowEditor, demo_app: Flask) -> None:
    key = opened(marketing)
    assert marketing.get(f"/designer/flows/{FLOW}").status_code == 403
    for method, call, body in (
        ("PUT", "draft", {"rev": 1, "content": RAW["flow"]}), ("PUT", "scenarios", {"rev": 1, "content": {}}),
        ("POST", "publish", {"rev": 1, "ticked": []}), ("GET", "scenarios", None), ("POST", "open", None),
    ):
        assert marketing.call(method, call, body, key=FLOW).status_code == 403, call
    assert marketing.call("POST", "publish", {"rev": 1, "ticked": []}).status_code == 403
    assert marketing.post("/designer/new-flow", title="x", form="complaint").status_code == 403
    stranger = FlowEditor(demo_app, AGENT)
    assert stranger.get("/designer/flows/").status_code == stranger.get(PAGE).status_code == 403
    assert stranger.get(f"/designer/flows/{key}").status_code == 403
    assert stranger.post(PAGE, name="x", department="marketing").status_code == 403
    assert stranger.post(f"/designer/branches/{key}/discard").status_code == 403
    for call in ("look", "merge"):
        body = {"way": "update", **({"revs": {}} if call == "merge" else {})}
        assert stranger.call("POST", f"branch/{call}", body, key=key).status_code == 403
    with demo_app.app_context():
        assert not branches.find(key).ended


def test_the_owner_sees_the_request_decides_and_merges(
    marketing: FlowEditor, flow_editor: FlowEditor, demo_app: Flask
) -> None:
    key = opened(marketing)
    marketing.put(changed(key, "PT5M"), 1)
    assert marketing.call("POST", "branch/ask", {"note": "春季活动"}).status_code == 200
    assert marketing.boot()["branch"]["requested"]["note"] == "春季活动"
    assert "1 个部门分支提请合并" in words(flow_editor.get("/designer/flows/"))
    assert "陆市场提请合并：“春季活动”" in words(flow_editor.get(PAGE))
    assert flow_editor.boot()["branches"] == {"url": PAGE, "open": 1, "asked": 1}
    flow_editor.put(changed(FLOW, "PT10M"), 1)
    seen = flow_editor.call("POST", "branch/look", {"way": "into"}, key=key).json
    (one,) = seen["conflicts"]
    assert (one["title"], one["base"], one["ours"], one["theirs"]) == (
        "节点“客诉抢单池”的“无人抢单的时限”", "30 分钟", "10 分钟", "5 分钟")
    assert seen["open"] == [one["path"]] and seen["changes"] == []
    body = {"way": "into", "choose": {one["path"]: "theirs"}, "revs": seen["revs"]}
    decided = flow_editor.call("POST", "branch/look", {"way": "into", "choose": body["choose"]}, key=key).json
    assert not decided["open"] and [change["words"] for change in decided["changes"]] == [
        "节点“客诉抢单池”改了：无人抢单的时限"]
    undecided = flow_editor.call("POST", "branch/merge", {**body, "choose": {}}, key=key)
    assert (undecided.status_code, undecided.json["code"]) == (422, "branch_open")
    assert marketing.call("POST", "branch/merge", body).status_code == 403
    done = flow_editor.call("POST", "branch/merge", body, key=key)
    assert (done.status_code, done.json) == (200, {"rev": 3, "url": f"/designer/flows/{FLOW}"})
    assert stored(demo_app, FLOW, "flow")["content"] == changed(FLOW, "PT5M")
    assert flow_editor.boot()["version"] == 1, "nothing is published"
    late = marketing.put(changed(key, "PT1M"), 2)
    assert (late.status_code, late.json["code"]) == (422, "branch_merged")
    assert "已并入" in words(flow_editor.get(PAGE))


def test_what_a_merge_would_break_is_said_before(marketing: FlowEditor, flow_editor: FlowEditor) -> None:
    key = opened(marketing)
    content = changed(key, "PT30M")
    content["edges"] = [edge for edge in content["edges"] if edge["from"] != "lt3:else"]
    marketing.put(content, 1)
    seen = marketing.call("POST", "branch/look", {"way": "into"}).json
    assert ("check_no_else", "lt3") in {(one["code"], one["node"]) for one in seen["findings"]}
    assert not seen["open"] and seen["changes"]
    other = changed(FLOW, "PT30M")
    other["nodes"][0]["name"] = "改名"
    flow_editor.put(other, 1)
    moved = flow_editor.call("POST", "branch/merge", {"way": "into", "revs": seen["revs"]}, key=key)
    assert (moved.status_code, moved.json["code"]) == (409, "branch_moved")


def test_a_branch_is_updated_by_its_people(marketing: FlowEditor, flow_editor: FlowEditor, demo_app: Flask) -> None:
    key = opened(marketing)
    flow_editor.put(changed(FLOW, "PT10M"), 1)
    seen = marketing.call("POST", "branch/look", {"way": "update"}).json
    done = marketing.call("POST", "branch/merge", {"way": "update", "revs": seen["revs"]})
    assert done.json == {"rev": 2, "url": f"/designer/flows/{key}"}
    assert stored(demo_app, key, "branch")["content"] == changed(key, "PT10M")
    assert stored(demo_app, FLOW, "flow")["rev"] == 2


def test_discarding_and_bringing_back(marketing: FlowEditor, demo_app: Flask) -> None:
    key = opened(marketing)
    gone = marketing.post(f"/designer/branches/{key}/discard")
    page = words(marketing.get(gone.location))
    assert "分支已放弃" in page and "已放弃" in page
    refused = marketing.get(f"/designer/flows/{key}")
    assert refused.status_code == 422 and "恢复" in words(refused)
    assert marketing.post(f"/designer/branches/{key}/back").status_code == 303
    assert marketing.get(f"/designer/flows/{key}").status_code == 200


def test_forms_that_cannot_be_taken(marketing: FlowEditor, flow_editor: FlowEditor, demo_app: Flask) -> None:
    for name in ("", "长" * 41):
        answer = marketing.post(PAGE, name=name)
        assert answer.status_code == 422 and "请给分支起个名字" in words(answer)
    unknown = flow_editor.post(PAGE, name="x", department="nowhere")
    assert unknown.status_code == 422 and "请选择这个分支归哪个部门" in words(unknown)
    assert re.search('value="x"', words(unknown)), "what was typed stays"
    opened(marketing, department="service")
    assert "客服部" not in words(marketing.get(PAGE)), "one's own department, whatever was sent"
    with demo_app.app_context():
        definitions.save_draft("flow", "fresh", {**RAW["flow"], "key": "fresh"}, 0, actor=SYSTEM, now=now(demo_app))
    assert "还没有发布" in words(flow_editor.get("/designer/flows/fresh/branches"))
    for body in ({"way": "sideways"}, {"way": "into", "choose": {"a": "b"}}, {"way": "into", "more": 1}):
        assert marketing.call("POST", "branch/look", body).status_code == 422
    assert flow_editor.call("POST", "branch/look", {"way": "into"}, key=FLOW).status_code == 404
