"""The flow editor's page and calls: drafts, checks, repairs, publishing, versions, use; who may, how large."""
from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.definitions import queries
from app.definitions import service as definitions
from app.entries import doors
from tests.definitions.conftest import RAW
from tests.designer.conftest import FLOW, Editor, FlowEditor, stored
from tests.desk.conftest import Browser

Drawer = Callable[..., FlowEditor]
CALLS = [
    ("PUT", "draft", {"rev": 1, "content": {}}), ("POST", "check", {"content": {}}),
    ("POST", "fix", {"content": {}, "fix": {"do": "x"}}), ("POST", "publish", {"rev": 1, "ticked": []}),
    ("GET", "versions", None), ("GET", "versions/00000000-0000-0000-0000-000000000000", None),
    ("POST", "compare", {"old": {}, "new": {}}), ("GET", "affected", None), ("GET", "links", None),
    ("POST", "open", None), ("GET", "form?form=complaint", None), ("POST", "restore", {"rev": 1, "version": "x"}),
]


def flow() -> Any:
    """The complaint's flow, to be changed at will."""
    return copy.deepcopy(RAW["flow"])


def node(content: Any, id: str) -> Any:
    return next(one for one in content["nodes"] if one["id"] == id)


def errors(answer: Any) -> list[Any]:
    return [one for one in answer.json["findings"] if one["level"] == "error"]


def ticks(answer: Any) -> list[str]:
    return [one["mark"] for one in answer.json["findings"] if one["level"] == "warning"]


def test_the_page_brings_everything_the_editor_starts_with(flow_editor: FlowEditor) -> None:
    boot = flow_editor.boot()
    assert (boot["key"], boot["rev"], boot["may_publish"], boot["version"]) == (FLOW, 1, True, 1)
    assert boot["content"] == flow() and boot["used"] and not boot["changed"]
    assert {"task.approval", "flow.end"} <= {kind["type"] for kind in boot["catalog"]["nodes"]}
    assert boot["catalog"]["operators"]["eq"] and boot["catalog"]["types"] and boot["catalog"]["flow_refs"]
    assert boot["form"]["key"] == "complaint" and boot["form"]["content"]["fields"]
    company = boot["company"]
    assert next(one for one in company["roles"] if one["key"] == "store_manager")["holders"] > 0
    red = next(one for one in company["templates"] if one["key"] == "complaint_red")
    assert red["to"] == "staff" and red["name"] == {"zh-CN": "重大投诉", "en": "Serious complaint"}
    assert all(company[part] for part in ("people", "calendars", "connectors", "channels", "sources"))
    assert boot["summaries"]["approve"] == "区域经理（按门店），或签：一人决定"
    assert all(one["level"] != "error" for one in boot["findings"])
    assert flow_editor.put(flow(), 1).status_code == 200


def test_a_name_cannot_end_the_page_it_stands_in(flow_editor: FlowEditor) -> None:
    content = flow()
    content["name"] = content["nodes"][0]["name"] = "</script><script>alert(1)</script>"
    assert flow_editor.put(content, 1).status_code == 200
    assert flow_editor.boot()["content"] == content
    page = flow_editor.get(f"/designer/flows/{FLOW}").text + flow_editor.get("/designer/flows/").text
    assert "<script>alert" not in page


def test_saving_says_what_is_wrong_and_what_stands_on_the_cards(flow_editor: FlowEditor, demo_app: Flask) -> None:
    content = flow()
    node(content, "pool")["config"]["candidates"] = []
    answer = flow_editor.put(content, 1)
    assert answer.json["rev"] == 2
    (found,) = errors(answer)
    assert (found["code"], found["node"], found["field"]) == ("check_no_assignee", "pool", "config.candidates")
    assert "抢单" in found["message"] and answer.json["summaries"]["pool"].startswith("30 分钟")
    assert flow_editor.sql <= 16
    assert stored(demo_app, FLOW, "flow")["content"] == content


def test_a_repair_has_words_and_is_carried_out_on_what_was_sent(flow_editor: FlowEditor, demo_app: Flask) -> None:
    content = flow()
    content["edges"] = [edge for edge in content["edges"] if edge["from"] != "lt3:else"]
    (found,) = errors(flow_editor.call("POST", "check", {"content": content}))
    assert found["code"] == "check_no_else" and found["repair"] == "否则就结束" and found["port"] == "else"
    repaired = flow_editor.call("POST", "fix", {"content": content, "fix": found["fix"]}).json["content"]
    assert errors(flow_editor.call("POST", "check", {"content": repaired})) == []
    stale = flow_editor.call("POST", "fix", {"content": content, "fix": {"do": "remove_edge", "index": 999}})
    assert (stale.status_code, stale.json["code"]) == (422, "fix_stale")
    assert flow_editor.call("POST", "fix", {"content": [], "fix": {"do": "x"}}).status_code == 422
    assert stored(demo_app, FLOW, "flow")["rev"] == 1


def test_who_was_slower_gets_what_stands_there_now(flow_editor: FlowEditor, drawer: Drawer, demo_app: Flask) -> None:
    mine, theirs = flow(), flow()
    mine["name"], node(theirs, "pool")["name"] = "我的", "抢单池"
    assert drawer("definitions.edit", kind=FlowEditor).put(theirs, 1).status_code == 200
    said = flow_editor.put(mine, 1)
    assert said.status_code == 409
    assert (said.json["rev"], said.json["content"], said.json["by"]) == (2, theirs, "安客服")
    assert any("抢单池" in words for words in said.json["changes"]) and said.json["findings"] is not None
    assert flow_editor.put(mine, 2).json["rev"] == 3


def test_publishing_wants_every_warning_ticked(flow_editor: FlowEditor) -> None:
    content = flow()
    node(content, "pool")["name"] = "抢单池"
    saved = flow_editor.put(content, 1)
    seen = ticks(saved)
    assert seen == ["check_task_no_sla/review//", "check_task_no_sla/esc_hq//"]
    some = flow_editor.call("POST", "publish", {"rev": 2, "ticked": seen[1:]})
    assert (some.status_code, some.json["code"]) == (422, "publish_unticked") and some.json["findings"]
    done = flow_editor.call("POST", "publish", {"rev": 2, "ticked": seen})
    assert done.status_code == 200, done.text
    assert (done.json["version"], done.json["types"]) == (2, [
        {"key": "complaint", "title": "餐饮客诉", "version": 2, "reason": ""}])
    assert flow_editor.call("GET", "versions").json[0]["version"] == 2
    assert flow_editor.boot()["changed"] is False


def test_new_tickets_run_on_the_new_version(flow_editor: FlowEditor, demo_app: Flask) -> None:
    content = flow()
    node(content, "pool")["name"] = "新的抢单池"
    seen = ticks(flow_editor.put(content, 1))
    assert flow_editor.call("POST", "publish", {"rev": 2, "ticked": seen}).status_code == 200
    with demo_app.app_context():
        bundle = definitions.bundle(definitions.current_type("complaint").id)
        assert bundle.flow.nodes["pool"].name == "新的抢单池"
        assert len([way for way in doors.ways() if way.entry]) == 2, "the links stay"


def test_an_error_forbids_publishing(flow_editor: FlowEditor) -> None:
    content = flow()
    node(content, "pool")["type"] = "acme.pigeon"
    flow_editor.put(content, 1)
    blocked = flow_editor.call("POST", "publish", {"rev": 2, "ticked": []})
    assert blocked.status_code == 422 and blocked.json["code"] == "publish_blocked"
    assert ("check_unknown_type", "pool") in {(one["code"], one["node"]) for one in errors(blocked)}
    assert flow_editor.call("POST", "publish", {"rev": 1, "ticked": []}).status_code == 409


def test_of_two_who_publish_at_once_one_wins(demo_app: Flask) -> None:
    one, other = FlowEditor(demo_app), FlowEditor(demo_app)
    content = flow()
    node(content, "pool")["name"] = "抢单池"
    seen = ticks(one.put(content, 1))
    answers: list[Any] = []
    ready = threading.Barrier(2)

    def publish(who: Editor) -> None:
        ready.wait()
        answers.append(who.call("POST", "publish", {"rev": 2, "ticked": seen}))

    threads = [threading.Thread(target=publish, args=(who,)) for who in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) in ([200, 200], [200, 409])
    assert sum(answer.status_code == 200 and not answer.json["repeated"] for answer in answers) == 1
    assert len(one.call("GET", "versions").json) == 2


def test_versions_are_compared_in_words_and_brought_back(flow_editor: FlowEditor) -> None:
    content = flow()
    node(content, "pool")["config"]["timeout"] = "PT10M"
    flow_editor.put(content, 1)
    changes = flow_editor.call("POST", "compare", {"old": flow(), "new": content}).json["changes"]
    assert [(one["what"], one["kind"], one["id"], one["words"]) for one in changes] == [
        ("step", "changed", "pool", "节点“客诉抢单池”改了：无人抢单的时限")]
    (oldest,) = flow_editor.call("GET", "versions").json
    assert flow_editor.call("GET", f"versions/{oldest['id']}").json["content"] == flow()
    back = flow_editor.call("POST", "restore", {"rev": 2, "version": oldest["id"]})
    assert back.json["rev"] == 3 and back.json["restored"] == flow() and back.json["summaries"]
    assert flow_editor.call("POST", "restore", {"rev": 2, "version": oldest["id"]}).status_code == 409


@pytest.mark.parametrize(("method", "name", "body"), CALLS)
def test_without_the_right_nothing_is_told(drawer: Drawer, method: str, name: str, body: object) -> None:
    someone = drawer("messages.sent", kind=FlowEditor)
    answer = someone.call(method, name, body)
    assert answer.status_code == 403 and answer.json["code"] == "right_missing"
    for page in ("/designer/flows/", f"/designer/flows/{FLOW}", "/designer/new-flow", f"/designer/flows/{FLOW}/export"):
        assert someone.get(page).status_code == 403
    assert "/designer/flows/" not in someone.text("/me")


@pytest.mark.parametrize(("method", "name", "body"), CALLS)
def test_who_is_not_signed_in_is_told_so(demo_app: Flask, method: str, name: str, body: object) -> None:
    browser = Browser(demo_app)
    answer = browser.client.open(f"/designer/flows/{FLOW}/{name}", method=method, json=body,
                                 headers={"X-CSRFToken": browser.csrf})
    assert answer.status_code == 401 and answer.json["code"] == "sign_in_first"


@pytest.mark.parametrize(("method", "name", "body"), [call for call in CALLS if call[0] != "GET"])
def test_a_call_without_the_token_of_our_page_is_refused(
    flow_editor: FlowEditor, demo_app: Flask, method: str, name: str, body: object
) -> None:
    flow_editor.token = ""
    answer = flow_editor.call(method, name, body)
    assert answer.status_code == 400 and answer.json["code"] == "form_expired"
    assert stored(demo_app, FLOW, "flow")["rev"] == 1


def test_who_may_draw_may_not_therefore_publish(drawer: Drawer) -> None:
    someone = drawer("definitions.edit", kind=FlowEditor)
    assert someone.boot()["may_publish"] is False
    assert someone.call("POST", "publish", {"rev": 1, "ticked": []}).status_code == 403
    assert someone.call("POST", "open").status_code == 403


@pytest.mark.parametrize("content", [[], "x", 1, None, {"schema": "danflow/form/1", "key": FLOW}, {"schema": 1}])
def test_what_is_no_flow_is_no_draft(flow_editor: FlowEditor, content: Any) -> None:
    assert flow_editor.put(content, 1).status_code == 422
    assert flow_editor.call("POST", "check", {"content": content}).status_code < 500
    assert flow_editor.call("POST", "compare", {"old": content, "new": content}).status_code < 500


@pytest.mark.parametrize("key", ["__proto__", "constructor", "a-b", ""])
def test_a_step_called_like_a_trap_is_only_a_wrong_name(flow_editor: FlowEditor, key: str) -> None:
    content = flow()
    content["nodes"].append({"id": key, "type": "flow.end", "tv": 1, "name": "x", "config": {"__class__": 1}})
    answer = flow_editor.put(content, 1)
    assert answer.status_code == 200 and errors(answer)


def test_five_thousand_steps_and_twenty_megabytes_are_refused_with_the_limit(
    flow_editor: FlowEditor, demo_app: Flask
) -> None:
    many = {**flow(), "nodes": [{"id": f"n{n}", "type": "flow.end", "tv": 1, "name": "x"} for n in range(5000)]}
    for method, name in (("PUT", "draft"), ("POST", "check")):
        answer = flow_editor.call(method, name, {"rev": 1, "content": many} if method == "PUT" else {"content": many})
        assert answer.status_code == 413 and "1000" in answer.json["message"] and "5000" in answer.json["message"]
        large = {**flow(), "layout": "a" * 20_000_000}
        answer = flow_editor.call(method, name, {"rev": 1, "content": large} if method == "PUT" else {"content": large})
        assert answer.status_code == 413 and "2 MB" in answer.json["message"]
    assert stored(demo_app, FLOW, "flow")["rev"] == 1


def test_a_form_that_is_not_published_or_not_there_is_told(flow_editor: FlowEditor, editor: Editor) -> None:
    key = editor.post("/designer/forms", title="新表").location.rpartition("/")[2]
    for form, code in ((key, "flow_form_unpublished"), ("elsewhere", "flow_form_unknown")):
        found = errors(flow_editor.call("POST", "check", {"content": {**flow(), "form": form}}))
        assert found[0]["code"] == code and found[0]["field"] == "form" and form in found[0]["message"]
    assert flow_editor.call("GET", f"form?form={key}").json["form"]["version"] is None
    assert flow_editor.call("GET", "form?form=elsewhere").json == {"form": None}


def test_a_drawn_flow_is_put_to_use(flow_editor: FlowEditor, demo_app: Flask) -> None:
    key = flow_editor.post("/designer/new-flow", title=" 售后回访 ", form="complaint").location.rpartition("/")[2]
    boot = flow_editor.boot(key)
    assert boot["content"]["name"] == "售后回访" and boot["rev"] == 1 and not boot["used"]
    assert [one for one in boot["findings"] if one["level"] == "error"] == []
    refused = flow_editor.call("POST", "open", key=key)
    assert refused.json["code"] == "flow_unopened"
    assert flow_editor.call("GET", "links", key=key).json["offer"]["refused"] == refused.json["message"]
    done = flow_editor.call("POST", "publish", {"rev": 1, "ticked": []}, key=key)
    assert (done.json["version"], done.json["types"]) == (1, [])
    opened = flow_editor.call("POST", "open", key=key).json
    (link,) = opened["links"]
    assert opened["types"] == ["售后回访"] and link["label"] == "客户填写" and link["svg"]
    assert flow_editor.call("POST", "open", key=key).json == opened, "once more makes nothing"
    reached = flow_editor.call("GET", "affected", key=key).json
    assert reached == {"types": [{"key": key, "title": "售后回访", "open": 0}]}
    page = Browser(demo_app).get("/f/" + link["address"].rpartition("/")[2])
    assert page.status_code == 200 and "手机号" in page.text
    assert "已发布，还没开始使用" not in flow_editor.text("/designer/flows/")


def test_lists_copies_and_files(flow_editor: FlowEditor) -> None:
    page = flow_editor.text("/designer/flows/")
    assert "餐饮客诉处理" in page and "第 1 版使用中" in page and f"{len(flow()['nodes'])} 个节点" in page
    assert "餐厅投诉单" in page and "/designer/flows/" in flow_editor.text("/me")
    made = flow_editor.post("/designer/new-flow", **{"from": FLOW, "title": "另一条"})
    key = made.location.rpartition("/")[2]
    assert flow_editor.boot(key)["content"] == {**flow(), "key": key, "name": "另一条"}
    exported = flow_editor.get(f"/designer/flows/{key}/export")
    assert json.loads(exported.data)["name"] == "另一条" and "attachment" in exported.headers["Content-Disposition"]
    for title, form in (("", "complaint"), ("x" * 201, "complaint"), ("好", ""), ("好", "none")):
        assert flow_editor.post("/designer/new-flow", title=title, form=form).status_code == 422
    assert "没有叫这个名字的流程" in flow_editor.text("/designer/flows/?q=zzz")
    assert flow_editor.get("/designer/flows/none").status_code == 404


def bring(editor: Editor, name: str, data: bytes) -> Any:
    head = 'Content-Disposition: form-data; name="{}"'
    body = b"\r\n".join([
        b"--edge", head.format("csrf_token").encode(), b"", editor.token.encode(),
        b"--edge", f'{head.format("file")}; filename="{name}"'.encode(), b"", data, b"--edge--", b""])
    return editor.client.post("/designer/import-flow", data=body, content_type="multipart/form-data; boundary=edge")


def test_an_imported_flow_is_told_what_is_not_known_here(flow_editor: FlowEditor) -> None:
    content = flow()
    node(content, "pool")["config"]["candidates"] = [
        {"role": "robots"}, {"person": "hal"}, {"department": "mars"}, {"leader_of": "moon"}, {"role": "cs_agent"}]
    node(content, "sl1")["config"]["template"] = "pigeon"
    answer = bring(flow_editor, "别家的.json", json.dumps(content).encode())
    assert answer.status_code == 303
    key = answer.location.rpartition("/")[2]
    boot = flow_editor.boot(key)
    found = {one["code"]: one for one in boot["findings"] if one["level"] == "error"}
    assert set(found) == {"check_unknown_role", "check_unknown_person", "check_unknown_department",
                          "check_missing_template"}
    draft = boot["content"]
    while fixable := [one for one in boot["findings"] if one["level"] == "error" and one["repair"]]:
        draft = flow_editor.call("POST", "fix", {"content": draft, "fix": fixable[0]["fix"]}, key=key).json["content"]
        boot["findings"] = flow_editor.call("POST", "check", {"content": draft}, key=key).json["findings"]
    assert node(draft, "pool")["config"]["candidates"] == [{"role": "cs_agent"}]
    assert {one["code"] for one in boot["findings"] if one["level"] == "error"} == {"check_missing_template"}


@pytest.mark.parametrize(("name", "data", "status"), [
    ("x.txt", b"{}", 422), ("x.json", b"[]", 422), ("x.json", b"{", 400),
    ("x.json", b'{"schema":"danflow/form/1"}', 422),
    ("x.json", b" " * 3_000_000, 413), ("", b"", 422),
    ("x.json", json.dumps({"schema": "danflow/flow/1", "name": "x", "nodes": [{}] * 5000}).encode(), 413),
])
def test_what_is_no_flow_is_not_brought_in(
    flow_editor: FlowEditor, demo_app: Flask, name: str, data: bytes, status: int
) -> None:
    assert bring(flow_editor, name, data).status_code == status
    with demo_app.app_context():
        assert [line.key for line in queries.lines("flow")] == [FLOW]
