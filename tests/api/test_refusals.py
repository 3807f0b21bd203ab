"""Bad input gets 4xx with {code, message, where}; never a 500, nothing stored twice."""
from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.principal import SYSTEM
from app.extensions import db
from app.org import people
from app.org.models import ApiToken
from tests.api.conftest import COMPLAINT, LIBRARY, Program
from tests.personas import AGENT, AGENT_TWO, DELIVERY, Persona

KEYS = ["type", "form", "trigger", "f_phone", "f_items", "content", "schema", "x"]
NEW = {"type": "complaint", "trigger": "t_menu", "form": COMPLAINT}


def deep(levels: int) -> str:
    return '{"form": ' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize(("body", "status", "code"), [
    ("{", 400, "json_syntax"),
    ("[]", 400, "json_object"),
    (deep(10_000), 400, "json_too_deep"),
    ('{"type": "a", "type": "b"}', 400, "json_duplicate_key"),
    ('{"type": NaN}', 400, "json_number"),
    ({**NEW, "surprise": 1}, 422, "invalid"),
    ({"form": {}}, 422, "invalid"),
    ({**NEW, "type": "nothing_like_it"}, 404, None),
    ({**NEW, "trigger": "nope"}, 422, "api_trigger"),
    ({**NEW, "form": {**COMPLAINT, "f_secret": "x"}}, 422, "invalid"),
    ({**NEW, "form": {**COMPLAINT, "f_reply": "x"}}, 422, "invalid"),
    ({**NEW, "form": {**COMPLAINT, "f_kind": "o_none"}}, 422, "invalid"),
    ({**NEW, "form": {**COMPLAINT, "f_phone": 5}}, 422, "invalid"),
    ({**NEW, "form": {**COMPLAINT, "f_body": ["x"]}}, 422, "invalid"),
    ({**NEW, "form": "text"}, 422, "invalid"),
])
def test_a_ticket_that_cannot_be(admin: Program, body: object, status: int, code: str | None) -> None:
    answer = admin.post("/tickets", body)
    assert answer.status_code == status, answer.text
    assert {"code", "message", "where"} <= set(answer.json)
    if code:
        assert answer.json["code"] == code
    assert admin.get("/tickets").json["items"] == []


def test_too_large_is_refused_before_it_is_read(admin: Program) -> None:
    answer = admin.post("/tickets", {**NEW, "form": {**COMPLAINT, "f_body": "长" * 4_000_000}})
    assert answer.status_code == 413
    assert answer.json["message"]


def test_a_definition_has_one_limit_and_the_refusal_names_it(admin: Program) -> None:
    form = json.loads((LIBRARY / "form.json").read_text("utf-8")) | {"key": "wide"}
    many = {**form, "rules": [], "fields": [{"id": f"f_{n}", "type": "text", "label": "x"} for n in range(5000)]}
    for content, said in (({**form, "x": "a" * 20_000_000}, "2 MB"), ({**form, "x": "长" * 750_000}, "2 MB"),
                          (many, "500")):
        answer = admin.call("PUT", "/forms/wide", {"content": content})
        assert answer.status_code == 413 and said in answer.json["message"], answer.text[:300]
    assert admin.get("/forms/wide").status_code == 404
    assert admin.call("PUT", "/forms/wide", {"content": {**form, "x": "长" * 680_000}}).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "dfl_" + "a" * 43, "Bearer"])
def test_a_forged_token_opens_nothing(admin: Program, token: str) -> None:
    admin.token = token
    assert admin.get("/tickets").status_code == 401
    assert admin.get("/tickets").json["code"] == "api_no_token"


def test_a_revoked_token_stops_at_once(admin: Program, demo_app: Flask) -> None:
    assert admin.get("/tickets").status_code == 200
    with demo_app.app_context():
        for token in db.session.query(ApiToken):
            people.revoke_token(token.id, actor=SYSTEM)
    assert admin.get("/tickets").status_code == 401


def test_a_token_does_no_more_than_its_rights(program: Callable[[Persona], Program]) -> None:
    driver = program(DELIVERY)
    assert driver.get("/forms").status_code == 403
    assert driver.complain().status_code == 403


def test_tickets_of_others_do_not_exist(admin: Program, program: Callable[[Persona], Program]) -> None:
    ticket = admin.complain().json
    task = admin.get(f"/tickets/{ticket['id']}").json["tasks"][0]["id"]
    stranger = program(DELIVERY)
    for path in (f"/tickets/{ticket['id']}", f"/tickets/{ticket['id']}/events", f"/tasks/{task}"):
        assert stranger.get(path).status_code == 404
    assert stranger.get("/tickets").json["items"] == []
    assert stranger.post(f"/tasks/{task}/actions", {"action": "claim"}).status_code == 404
    assert stranger.post(f"/tickets/{ticket['id']}/comments", {"note": "hi"}).status_code == 404


def test_the_same_key_opens_one_ticket(admin: Program) -> None:
    first = admin.post("/tickets", NEW, key="order-A1001")
    again = admin.post("/tickets", NEW, key="order-A1001")
    assert first.json["id"] == again.json["id"]
    other = admin.post("/tickets", {**NEW, "form": {**COMPLAINT, "f_order": "B2"}}, key="order-A1001")
    assert other.status_code == 422
    assert other.json["code"] == "command_reused"
    assert len(admin.get("/tickets").json["items"]) == 1


def test_fifty_at_once_open_one_ticket(demo_app: Flask, admin: Program) -> None:
    with ThreadPoolExecutor(10) as pool:
        callers = [Program(demo_app, admin.token) for _ in range(50)]
        answers = list(pool.map(lambda caller: caller.post("/tickets", NEW, key="one-and-only"), callers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1


def test_a_key_is_needed(admin: Program) -> None:
    answer = admin.client.post("/api/v1/tickets", json=NEW, headers={"Authorization": f"Bearer {admin.token}"})
    assert answer.status_code == 422
    assert answer.json["where"] == "Idempotency-Key"


def test_a_stale_version_is_a_conflict(admin: Program, agent: Program) -> None:
    admin.complain()
    task = agent.get("/tasks?view=pool").json[0]
    answer = agent.post(f"/tasks/{task['id']}/actions", {"action": "claim", "version": 7})
    assert answer.status_code == 409


def test_text_plain_cannot_smuggle_json(admin: Program) -> None:
    answer = admin.call("POST", "/tickets", json.dumps(NEW), **{"Content-Type": "text/plain"})
    assert answer.status_code == 400


def test_publishing_a_broken_flow_names_the_finding(admin: Program) -> None:
    flow = json.loads((LIBRARY / "flow.json").read_text("utf-8")) | {"key": "broken"}
    flow["edges"] = [edge for edge in flow["edges"] if edge["id"] != "e6"]
    assert admin.call("PUT", "/flows/broken", {"content": flow}).status_code == 200
    refused = admin.post("/flows/broken/publish")
    assert refused.status_code == 422
    assert refused.json["code"] == "publish_blocked"
    assert ("is_hot", "else") in {(finding.get("node"), finding.get("port")) for finding in refused.json["findings"]}


def test_two_drafts_from_one_revision_conflict(admin: Program) -> None:
    form = json.loads((LIBRARY / "form.json").read_text("utf-8")) | {"key": "twice"}
    assert admin.call("PUT", "/forms/twice", {"content": form}).status_code == 200
    assert admin.call("PUT", "/forms/twice", {"content": form}).status_code == 409
    assert admin.call("PUT", "/forms/twice", {"content": form, "rev": 1}).json["rev"] == 2
    mine = {**form, "title": {**form["title"], "en": "My name"}}
    late = admin.call("PUT", "/forms/twice", {"content": mine, "rev": 1}, **{"Accept-Language": "en"})
    assert late.status_code == 409
    assert late.json["changes"] == ["Form name (English): My name → Restaurant complaint"]


def test_a_flow_that_moved_on_says_which_steps(admin: Program) -> None:
    flow = json.loads((LIBRARY / "flow.json").read_text("utf-8")) | {"key": "twice"}
    assert admin.call("PUT", "/flows/twice", {"content": flow}).status_code == 200
    theirs = json.loads(json.dumps(flow))
    theirs["nodes"][-1]["name"] = "升级区域总经理"
    assert admin.call("PUT", "/flows/twice", {"content": theirs, "rev": 1}).status_code == 200
    late = admin.call("PUT", "/flows/twice", {"content": flow, "rev": 1}, **{"Accept-Language": "zh-CN"})
    assert late.status_code == 409
    assert late.json["changes"] == ["节点“升级区域总经理”改了：名称"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.sampled_from(KEYS), x, max_size=4), max_leaves=12))
def test_no_json_is_ever_a_failure_of_ours(admin: Program, body: object) -> None:
    for method, path in (("POST", "/tickets"), ("PUT", "/forms/a"), ("PUT", "/flows/a"), ("POST", "/flows/a/publish")):
        answer = admin.call(method, path, json.dumps(body))
        assert answer.status_code < 500, (path, body, answer.text)


def test_an_unknown_address_is_json_too(admin: Program) -> None:
    for path in ("/nothing", "/tickets/not-a-uuid"):
        answer = admin.get(path)
        assert answer.status_code == 404
        assert {"code", "message", "where"} <= set(answer.json)
    assert admin.call("DELETE", "/tickets").status_code == 405


def test_refusals_speak_the_callers_language(admin: Program) -> None:
    zh = admin.get("/nothing", **{"Accept-Language": "zh-CN"}).json["message"]
    en = admin.get("/nothing", **{"Accept-Language": "en"}).json["message"]
    assert zh != en
    assert en.isascii()


def test_nobody_acts_for_another(admin: Program, agent: Program, program: Callable[[Persona], Program]) -> None:
    admin.complain()
    offered = agent.get("/tasks?view=pool").json[0]
    agent.post(f"/tasks/{offered['id']}/actions", {"action": "claim"})
    mine = agent.get("/tasks").json[0]
    assert mine["assignee_id"] == AGENT.id
    other = program(AGENT_TWO)
    late = other.post(f"/tasks/{offered['id']}/actions", {"action": "claim"})
    assert late.status_code == 409
    stolen = other.post(f"/tasks/{mine['id']}/actions", {"action": "submit", "form": {"f_reply": "x", "f_rate": 0}})
    assert stolen.status_code in (403, 404)
    assert agent.get(f"/tasks/{mine['id']}").json["status"] == "open"
