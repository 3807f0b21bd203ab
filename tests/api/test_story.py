"""The complaint's story told through the API alone: publish, open, claim, handle, read."""
from __future__ import annotations

import json

from tests.api.conftest import LIBRARY, Program


def test_a_program_publishes_a_form_a_flow_and_a_type_and_opens_a_ticket(admin: Program) -> None:
    form = json.loads((LIBRARY / "form.json").read_text("utf-8")) | {"key": "complaint_b"}
    flow = json.loads((LIBRARY / "flow.json").read_text("utf-8")) | {"key": "flow_b", "form": "complaint_b"}
    kind = {"schema": "danflow/ticket_type/1", "key": "type_b", "name": "投诉 B", "form": "complaint_b",
            "flow": "flow_b"}
    steps = (("forms", "complaint_b", form), ("flows", "flow_b", flow), ("ticket-types", "type_b", kind))
    for kinds, key, content in steps:
        stored = admin.call("PUT", f"/{kinds}/{key}", {"content": content})
        assert stored.status_code == 200, stored.text
        assert stored.json["rev"] == 1
        published = admin.post(f"/{kinds}/{key}/publish")
        assert published.status_code == 200, published.text
        assert published.json["version"] == 1
    assert admin.get("/flows/flow_b").json["content"] == flow
    opened = admin.post("/tickets", {"type": "type_b", "trigger": "t_menu", "form": {
        "f_phone": "13800138000", "f_store": "st_hz1", "f_kind": "o_svc", "f_body": "慢", "f_ok": True}})
    assert opened.status_code == 201, opened.text
    assert opened.json["status"] == "open" and opened.json["version"] == 1 and not opened.json["repeated"]
    page = admin.client.get(opened.json["link"])
    assert page.status_code == 200
    assert admin.get(f"/tickets/{opened.json['id']}").json["no"] == opened.json["no"]


def test_claim_handle_and_history(admin: Program, agent: Program) -> None:
    ticket = admin.complain().json
    pool = agent.get("/tasks?view=pool").json
    assert [task["ticket_id"] for task in pool] == [ticket["id"]]
    claimed = agent.post(f"/tasks/{pool[0]['id']}/actions", {"action": "claim"})
    assert claimed.status_code == 200, claimed.text
    todo = agent.get("/tasks?view=todo").json
    assert [task["node"] for task in todo] == ["handle"]
    missing = agent.post(f"/tasks/{todo[0]['id']}/actions", {"action": "submit", "form": {"f_rate": 0}})
    assert missing.status_code == 422
    assert {problem["where"] for problem in missing.json["problems"]} == {"f_reply"}
    done = agent.post(f"/tasks/{todo[0]['id']}/actions",
                      {"action": "submit", "form": {"f_reply": "已致歉", "f_rate": 0}})
    assert done.status_code == 200, done.text
    kinds = [event["kind"] for event in agent.get(f"/tickets/{ticket['id']}/events").json]
    assert kinds[0] == "ticket.created"
    assert {"task.claimed", "task.done"} <= set(kinds)
    read = agent.get(f"/tickets/{ticket['id']}").json
    assert read["answers"]["f_reply"]["value"] == "已致歉"
    assert read["answers"]["f_phone"]["display"] != "13800138000"
    assert "13800138000" not in json.dumps(read)


def test_lists_page_and_filter(admin: Program) -> None:
    numbers = [admin.complain(f_order=f"A{n}").json["no"] for n in range(5)]
    first = admin.get("/tickets?limit=3").json
    assert [item["no"] for item in first["items"]] == numbers[:1:-1]
    second = admin.get(f"/tickets?limit=3&before={first['next']}").json
    assert [item["no"] for item in second["items"]] == numbers[1::-1]
    assert second["next"] is None
    assert admin.get("/tickets?status=closed").json["items"] == []


def test_withdraw_and_comment(admin: Program, agent: Program) -> None:
    ticket = admin.complain().json
    assert admin.post(f"/tickets/{ticket['id']}/comments", {"note": "常客"}).status_code == 200
    task = agent.get("/tasks?view=pool").json[0]
    assert admin.post(f"/tickets/{ticket['id']}/withdraw", {"note": "误报"}).json["status"] == "withdrawn"
    late = agent.post(f"/tasks/{task['id']}/actions", {"action": "claim"})
    assert late.status_code == 409
    assert late.json["message"]


def test_the_document_describes_every_view(admin: Program) -> None:
    spec = admin.client.get("/api/v1/openapi.json").json
    assert set(spec["paths"]) >= {"/api/v1/tickets", "/api/v1/tasks/{task_id}/actions"}
    ours = {rule.rule for rule in admin.client.application.url_map.iter_rules() if rule.endpoint.startswith("api_")}
    assert len(spec["paths"]) == len(ours)
    assert "Problems" in json.dumps(spec)


def test_a_task_tells_what_else_may_be_done_and_where_it_can_be_returned_to(admin: Program, agent: Program) -> None:
    flow = json.loads((LIBRARY / "flow.json").read_text("utf-8"))
    next(node for node in flow["nodes"] if node["id"] == "handle")["config"]["may"] = ["comment", "recall", "return_to"]
    stored = admin.call("PUT", "/flows/restaurant_complaint", {
        "content": flow, "rev": admin.get("/flows/restaurant_complaint").json["rev"]})
    assert stored.status_code == 200, stored.text
    for path in ("/flows/restaurant_complaint", "/ticket-types/complaint"):
        assert admin.post(f"{path}/publish").status_code == 200
    ticket = admin.complain().json
    pool = agent.get("/tasks?view=pool").json[0]
    assert agent.get(f"/tasks/{pool['id']}").json["may"] == []
    agent.post(f"/tasks/{pool['id']}/actions", {"action": "claim"})
    todo = agent.get("/tasks?view=todo").json[0]
    task = agent.get(f"/tasks/{todo['id']}").json
    assert (task["may"], task["returns"]) == (["return_to", "comment"], [{"id": "pool", "name": "客诉抢单池"}])
    back = agent.post(f"/tasks/{task['id']}/actions", {"action": "return_to", "to": "pool", "note": "换人"})
    assert back.status_code == 200, back.text

    def seen_by(who: Program) -> tuple[list[str], list[str]]:
        [row] = [row for row in who.get(f"/tickets/{ticket['id']}").json["tasks"] if row["id"] == task["id"]]
        return row["may"], row["returns"]

    assert seen_by(agent) == (["recall"], [])
    assert seen_by(admin) == ([], [])  # only who did it takes it back
