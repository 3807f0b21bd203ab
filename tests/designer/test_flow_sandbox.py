"""The sandbox of a flow over HTTP, and what publishing makes of the saved scenarios."""
from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.errors import Conflict, Invalid, Problem
from app.core.principal import SYSTEM
from app.definitions import scenarios
from app.definitions import service as definitions
from app.definitions.service import PublishBlocked
from app.designer import flow_starts
from app.extensions import clock, db
from app.org import people
from app.org.service import known
from app.runtime.models import Ticket
from tests.definitions.conftest import RAW
from tests.designer.conftest import Editor
from tests.flows.kit import LIBRARY

KEY = "restaurant_complaint"
CLAIM = {"after": "PT10M", "as": "a1", "do": "claim", "node": "pool"}


def file() -> Any:
    """The five stories of the complaint flow, to be changed at will."""
    return json.loads((LIBRARY / "scenarios.json").read_text("utf-8"))


def flow() -> Any:
    return copy.deepcopy(RAW["flow"])


def call(editor: Editor, method: str, name: str, body: Any = None) -> TestResponse:
    return editor.client.open(f"/designer/flows/{KEY}/{name}", method=method, headers={"X-CSRFToken": editor.token},
                              data=None if body is None else json.dumps(body), content_type="application/json")


def simulate(editor: Editor, scenario: Any, content: Any = None) -> Any:
    answer = call(editor, "POST", "simulate", {"content": content or flow(), "scenario": scenario})
    assert answer.status_code == 200, answer.text
    return answer.json


def publish(content: Any) -> Any:
    with_rev = definitions.draft("flow", KEY)["rev"]
    definitions.save_draft("flow", KEY, content, with_rev, actor=SYSTEM, now=clock.now_ms())
    return definitions.publish("flow", KEY, actor=SYSTEM, now=clock.now_ms(), known=known())


def test_the_demo_brings_its_five_stories(editor: Editor) -> None:
    found = call(editor, "GET", "scenarios").json
    assert (found["rev"], len(found["content"]["scenarios"])) == (1, 5)


def test_what_is_saved_is_read_again_and_nobodys_work_is_lost(editor: Editor) -> None:
    content = file()
    content["scenarios"] = content["scenarios"][:1]
    assert call(editor, "PUT", "scenarios", {"rev": 1, "content": content}).json == {"rev": 2}
    late = call(editor, "PUT", "scenarios", {"rev": 1, "content": file()})
    assert (late.status_code, late.json["code"], late.json["rev"]) == (409, "scenarios_moved", 2)
    assert len(late.json["content"]["scenarios"]) == 1
    assert late.json["by"]


@pytest.mark.parametrize(("change", "code"), [
    (lambda content: content["scenarios"][0].update(wat=1), "invalid"),
    (lambda content: content["scenarios"][0].update(org="somewhere"), "invalid"),
    (lambda content: content["scenarios"].append(content["scenarios"][0]), "scenario_same_name"),
    (lambda content: content.update(flow="another"), "scenarios_other_flow"),
    (lambda content: content.update(scenarios=[{"name": f"n{n}"} for n in range(101)]), "scenarios_large"),
])
def test_what_cannot_be_saved(editor: Editor, change: Callable[[Any], None], code: str) -> None:
    content = file()
    change(content)
    answer = call(editor, "PUT", "scenarios", {"rev": 1, "content": content})
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_recording_is_a_longer_script(editor: Editor) -> None:
    story = {**file()["scenarios"][0], "script": [], "expect": {}}
    first = simulate(editor, story)
    assert [(wait["node"], [action["id"] for action in wait["actions"]]) for wait in first["waiting"]] == [
        ("pool", ["claim"])]
    second = simulate(editor, {**story, "script": [CLAIM]})
    assert [wait["name"] for wait in second["waiting"]] == ["客服处理"]
    assert second["events"][: len(first["events"])] == first["events"]
    assert second["at"] - first["at"] == 600_000


def test_nothing_is_opened_or_sent(editor: Editor, demo_app: Flask) -> None:
    with demo_app.app_context():
        before = (db.session.query(Ticket).count(), definitions.draft("flow", KEY)["rev"])
    simulate(editor, file()["scenarios"][1])
    with demo_app.app_context():
        assert (db.session.query(Ticket).count(), definitions.draft("flow", KEY)["rev"]) == before


def test_the_real_company_plays_too(editor: Editor, demo_app: Flask) -> None:
    story = {**file()["scenarios"][0], "org": "company", "script": [], "expect": {}}
    names = {person["name"] for person in simulate(editor, story)["waiting"][0]["people"]}
    assert {"安客服", "白客服"} <= names
    with demo_app.app_context():
        people.create_person(id="new", login="newone", name="新客服", password="a-long-password", actor=SYSTEM,  # noqa: S106
                             now=clock.now_ms())
        people.grant_role("new", "cs_agent", actor=SYSTEM)
    again = simulate(editor, story)
    assert "新客服" in {person["name"] for person in again["waiting"][0]["people"]}
    assert simulate(editor, {**story, "script": [{**CLAIM, "as": "new"}]})["waiting"][0]["people"] == [
        {"id": "new", "name": "新客服"}]


def test_all_scenarios_at_once_with_what_they_try(editor: Editor) -> None:
    found = call(editor, "POST", "scenarios/run", {"content": flow()}).json
    assert [row["ok"] for row in found["results"]] == [True] * 5
    assert found["percent"] == 84
    assert found["taken"]["handle:return"] == 0


def test_a_draft_that_cannot_be_read_is_refused(editor: Editor) -> None:
    content = flow()
    content["nodes"][3]["config"]["wat"] = 1
    answer = call(editor, "POST", "simulate", {"content": content, "scenario": {"name": "x"}})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert answer.json["problems"][0]["where"] == "nodes[3].config.wat"
    answer = call(editor, "POST", "simulate", {"content": {**flow(), "form": None}, "scenario": {"name": "x"}})
    assert answer.json["code"] == "sandbox_no_form"
    answer = call(editor, "POST", "simulate", {"content": flow(), "scenario": {"nam": "x"}})
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["simulate", "scenarios/run"])
def test_only_those_who_draw_flows(drawer: Callable[..., Editor], name: str) -> None:
    assert call(drawer("tickets.all"), "POST", name, {"content": flow(), "scenario": {"name": "x"}}).status_code == 403


def test_publishing_plays_them_and_names_the_one_that_fails(demo_app: Flask) -> None:
    content = flow()
    content["name"] = "改名"
    with demo_app.app_context():
        assert publish(content).version == 2
        big = next(node for node in content["nodes"] if node["id"] == "big")
        big["config"]["cases"][0]["when"]["all"][0]["value"] = "500000"
        with pytest.raises(PublishBlocked) as caught:
            publish(content)
    (finding,) = [one for one in caught.value.findings if one.level == "error"]
    assert (finding.code, finding.where) == ("scenario_failed", "scenarios[3]")
    said = finding.as_dict("zh_CN")["message"]
    assert said.startswith("场景“大额赔付：区域经理驳回后再批”没有通过：第 3 步“任区经在")


def test_a_scenario_of_the_real_company_is_played_in_it(demo_app: Flask) -> None:
    content = file()
    content["scenarios"] = [{**content["scenarios"][0], "org": "company"}]
    with demo_app.app_context():
        scenarios.save(KEY, content, 1, actor=SYSTEM, now=clock.now_ms())
        assert publish({**flow(), "name": "一"}).version == 2
        people.set_active("a1", False, actor=SYSTEM)
        with pytest.raises(PublishBlocked) as caught:
            publish({**flow(), "name": "二"})
    assert caught.value.findings[-1].code == "scenario_failed"


def test_two_people_save_for_the_first_time(demo_app: Flask) -> None:
    with demo_app.app_context():
        assert scenarios.save("fresh", {**file(), "flow": None}, 0, actor=SYSTEM, now=1) == 1
        with pytest.raises(Conflict):
            scenarios.save("fresh", {**file(), "flow": None}, 0, actor=SYSTEM, now=2)
        with pytest.raises(Problem):
            scenarios.save("fresh", "text", 1, actor=SYSTEM, now=2)
        with pytest.raises(Invalid):
            scenarios.save("fresh", {"schema": "danflow/scenarios/1"}, 1, actor=SYSTEM, now=2)


def test_scenarios_go_along_with_a_copy_and_a_file(editor: Editor, demo_app: Flask) -> None:
    copied = editor.post("/designer/new-flow", **{"from": KEY, "title": "副本"})
    key = copied.headers["Location"].rpartition("/")[2]
    exported = json.loads(editor.get(f"/designer/flows/{key}/export").data)
    assert len(exported["scenarios"]["scenarios"]) == 5
    with demo_app.app_context():
        assert "scenarios" not in definitions.draft("flow", key)["content"]
        for content, code in ((exported, None), ({**exported, "scenarios": {"schema": "x"}}, "invalid"),
                              ({**exported, "scenarios": [1]}, "definition_not_object")):
            before = len(definitions.list_definitions("flow"))
            try:
                brought = flow_starts.from_file(json.dumps(content).encode(), "f.json", actor=SYSTEM, now=1)
            except Problem as problem:
                assert (problem.code, len(definitions.list_definitions("flow"))) == (code, before)
            else:
                assert code is None
                kept = scenarios.saved(brought).content
                assert (kept["flow"], len(kept["scenarios"])) == (brought, 5)


def test_scenarios_of_another_flow_come_along_by_the_names_of_its_steps(editor: Editor) -> None:
    content = flow()
    content["key"] = "mine"
    for node in content["nodes"]:
        if node["id"] == "pool":
            node["id"] = "n9"
    for edge in content["edges"]:
        edge["to"] = edge["to"].replace("pool:", "n9:")
        edge["from"] = edge["from"].replace("pool:", "n9:")
    answer = call(editor, "POST", "scenarios/bring", {"content": content, "file": file()})  # its flow is in the company
    assert answer.status_code == 200, answer.text
    assert answer.json["scenarios"][0]["script"][0]["node"] == "n9" and answer.json["lost"] == []
    assert answer.json["org"] == file()["org"]
    exported = {**flow(), "scenarios": file()}  # as "export" writes it
    del content["nodes"][[node["id"] for node in content["nodes"]].index("n9")]
    answer = call(editor, "POST", "scenarios/bring", {"content": content, "file": exported})
    assert answer.json["lost"] == ["客诉抢单池"]
    for wrong in ([], {"nodes": []}, {"schema": "danflow/scenarios/1", "scenarios": [{"nme": 1}]}):
        assert call(editor, "POST", "scenarios/bring", {"content": content, "file": wrong}).status_code == 422


def test_what_else_a_step_allows_is_offered_and_recorded(editor: Editor) -> None:
    content = flow()
    nodes = {node["id"]: node for node in content["nodes"]}
    nodes["handle"]["config"]["may"] = ["transfer", "delegate", "add_sign", "return_to", "recall", "comment", "cc"]
    nodes["t_menu"]["config"]["may"] = ["urge", "withdraw"]
    story = {**file()["scenarios"][0], "trigger": "t_menu", "script": [CLAIM], "default_actors": {}, "expect": {}}
    script: list[dict[str, Any]] = story["script"]

    def then(*steps: dict[str, Any]) -> Any:
        script.extend(steps)
        stage = simulate(editor, story, content)
        assert stage["failures"] == []
        return stage

    stage = then()
    [wait] = stage["waiting"]
    assert wait["may"] == ["transfer", "delegate", "add_sign", "return_to", "comment", "cc"]
    assert wait["returns"] == [{"id": "pool", "name": "客诉抢单池"}]
    assert stage["also"] == {"urge": [{"id": "customer", "name": "客户"}],
                             "withdraw": [{"id": "customer", "name": "客户"}, {"id": "a1", "name": "安客服"}]}
    assert stage["recalls"] == []  # the pool allows nothing to be taken back
    stage = then({"as": "a1", "do": "add_sign", "node": "handle", "to": "a2"})
    asked = {wait["kind"]: wait for wait in stage["waiting"]}
    assert (asked["handle"]["held"], asked["handle"]["asks"]) == (["白客服"], "")
    assert (asked["sign"]["people"], asked["sign"]["asks"], asked["sign"]["fields"]) == (
        [{"id": "a2", "name": "白客服"}], "安客服", [])
    assert [(row["name"], row["kind"]) for row in stage["recalls"]] == [("安客服", "asked")]
    stage = then({"as": "a2", "do": "agree", "node": "handle"},
                 {"as": "a1", "do": "delegate", "node": "handle", "to": "a2"})
    assert [(wait["people"][0]["id"], wait["behalf"]) for wait in stage["waiting"]] == [("a2", "安客服")]
    assert [(row["person"], row["kind"]) for row in stage["recalls"]] == [("a1", "lent")]
    stage = then({"as": "a1", "do": "recall", "node": "handle"},
                 {"as": "a1", "do": "return_to", "node": "handle", "to": "pool", "note": "换人"})
    assert [(row["person"], row["step"], row["kind"]) for row in stage["recalls"]] == [("a1", "客服处理", "done")]
    stage = then({"as": "a1", "do": "recall", "node": "handle"}, {"as": "customer", "do": "urge"},
                 {"as": "customer", "do": "withdraw"})
    assert (stage["status"], stage["also"], stage["recalls"]) == ("withdrawn", {"urge": [], "withdraw": []}, [])
