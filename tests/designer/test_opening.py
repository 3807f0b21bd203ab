"""From a published form to its customers in one call: a ticket type, a flow and a link, once."""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Denied
from app.core.principal import SYSTEM, Principal
from app.definitions import service as definitions
from app.definitions.queries import lines
from app.designer import opening
from app.entries import doors
from app.extensions import clock, db
from app.org import service as org
from app.org.directory import directory
from tests.designer.conftest import Editor
from tests.people import Customer, colleagues, in_process
from tests.personas import ADMIN, AGENT, AGENT_TWO

FORM: dict[str, Any] = {
    "schema": "danflow/form/1", "key": "booking", "locale": "zh-CN", "title": "宴会预订单",
    "fields": [{"id": "f_name", "type": "text", "label": "姓名", "required": True}],
}


def publish(app: Flask, *more: Any) -> None:
    with app.app_context():
        content = {**FORM, "fields": [*FORM["fields"], *more]}
        definitions.save_draft("form", "booking", content, 0, actor=SYSTEM, now=clock.now_ms())
        definitions.publish("form", "booking", actor=SYSTEM, now=clock.now_ms(), known=org.known())


def made(app: Flask) -> list[str]:
    """Keys of the flows and ticket types that are not the demo's."""
    with app.app_context():
        return [row["key"] for kind in ("flow", "ticket_type") for row in definitions.list_definitions(kind)
                if "complaint" not in row["key"]]


def test_what_a_customer_sends_reaches_the_chosen_role_and_ends(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app)
    before = editor.call("GET", "links", key="booking").json
    assert before["links"] == [] and not before["used"] and before["offer"]["who"][0]["name"].endswith("（我）")
    assert {"value": "role:cs_agent", "name": "客服（2 人）"} in before["offer"]["who"]
    answer = editor.call("POST", "open", {"who": "role:cs_agent"}, key="booking").json
    (link,) = answer["links"]
    assert link["name"] == "宴会预订单" and answer["used"]
    customer = Customer(in_process(demo_app))
    customer.complain("/f/" + link["address"].rpartition("/")[2], {"f_name": "王女士"})
    assert "处理中" in customer.see(customer.link)
    with demo_app.app_context():
        people = colleagues(in_process(demo_app), AGENT.id, AGENT_TWO.id, ADMIN.id)
    assert people[ADMIN.id].tasks() == []
    (task,) = people[AGENT.id].tasks()
    assert [one["id"] for one in people[AGENT_TWO.id].tasks()] == [task["id"]]
    people[AGENT.id].act(task["id"], "done", note="已电话确认")
    assert "已完成" in customer.see(customer.link) and "已电话确认" not in customer.see(customer.link)


def test_again_makes_nothing(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app)
    first = editor.call("POST", "open", {"who": f"person:{ADMIN.id}"}, key="booking").json
    again = editor.call("POST", "open", {"who": f"person:{AGENT.id}"}, key="booking").json
    assert first["links"] == again["links"] and made(demo_app) == ["booking", "booking"]


def test_two_at_once_make_one(demo_app: Flask) -> None:
    publish(demo_app)
    barrier, found, failed = threading.Barrier(3), [], []

    def go() -> None:
        with demo_app.app_context():
            barrier.wait(5)
            try:
                ways = opening.open_form("booking", f"person:{AGENT.id}", actor=SYSTEM, people=directory(),
                                         known=org.known(), now=clock.now_ms())
                found.extend(way.entry.token for way in ways if way.entry)
            except Exception as error:  # told below, in the thread of the test
                failed.append(error)
            db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(found) == 3 and len(set(found)) == 1 and made(demo_app) == ["booking", "booking"]


def test_what_only_colleagues_answer_is_left_to_them(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app, {"id": "f_host", "type": "person", "label": "接待人", "required": True})
    assert editor.call("GET", "links", key="booking").json["offer"]["staff"] == ["接待人"]
    (link,) = editor.call("POST", "open", {"who": f"person:{AGENT.id}"}, key="booking").json["links"]
    customer = Customer(in_process(demo_app))
    path = "/f/" + link["address"].rpartition("/")[2]
    assert "接待人" not in customer.see(path)
    customer.complain(path, {"f_name": "王女士"})
    with demo_app.app_context():
        agent = colleagues(in_process(demo_app), AGENT.id)[AGENT.id]
    (task,) = agent.tasks()
    assert agent.send(agent.action(task["id"], "done")).status == 422
    agent.act(task["id"], "done", {"f_host": AGENT.id})
    assert "已完成" in customer.see(customer.link)


def test_a_new_version_that_asks_colleagues_too_is_open_at_once(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app)
    (link,) = editor.call("POST", "open", {"who": f"person:{AGENT.id}"}, key="booking").json["links"]
    host = {"id": "f_host", "type": "person", "label": "接待人", "required": True}
    assert editor.put({**FORM, "fields": [*FORM["fields"], host]}, 1, key="booking").status_code == 200
    done = editor.call("POST", "publish", {"rev": 2}, key="booking").json
    assert done["types"] == [{"key": "booking", "title": "宴会预订单", "version": 2, "reason": ""}]
    customer = Customer(in_process(demo_app))
    customer.complain("/f/" + link["address"].rpartition("/")[2], {"f_name": "王女士"})
    with demo_app.app_context():
        agent = colleagues(in_process(demo_app), AGENT.id)[AGENT.id]
    (task,) = agent.tasks()
    agent.act(task["id"], "done", {"f_host": AGENT.id})
    assert "已完成" in customer.see(customer.link)
    again = editor.call("POST", "publish", {"rev": 2}, key="booking").json
    assert again["repeated"] and again["types"][0]["version"] == 2


def test_a_flow_that_somebody_changed_is_left_alone(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app)
    editor.call("POST", "open", {"who": f"person:{AGENT.id}"}, key="booking")
    with demo_app.app_context():
        flow = definitions.draft("flow", "booking")
        flow["content"]["nodes"][1]["name"] = "回电"
        definitions.save_draft("flow", "booking", flow["content"], 1, actor=SYSTEM, now=clock.now_ms())
        definitions.publish("flow", "booking", actor=SYSTEM, now=clock.now_ms(), known=org.known())
    host = {"id": "f_host", "type": "person", "label": "接待人", "required": True}
    assert editor.put({**FORM, "fields": [*FORM["fields"], host]}, 1, key="booking").status_code == 200
    (kept,) = editor.call("POST", "publish", {"rev": 2}, key="booking").json["types"]
    assert kept["version"] is None and "接待人" in kept["reason"]
    with demo_app.app_context():
        assert definitions.draft("flow", "booking")["current_version"] == 2


@pytest.mark.parametrize(("fields", "said"), [
    ([{"id": "f_host", "type": "person", "label": "接待人"}], "只有同事能填"),
    ([{"id": "f_text", "type": "notice", "label": "说明", "text": "请看"}], "没有需要填写的字段"),
])
def test_a_form_that_asks_customers_nothing_is_refused_in_words(
    editor: Editor, demo_app: Flask, fields: list[Any], said: str
) -> None:
    with demo_app.app_context():
        definitions.save_draft("form", "booking", {**FORM, "fields": fields}, 0, actor=SYSTEM, now=clock.now_ms())
        definitions.publish("form", "booking", actor=SYSTEM, now=clock.now_ms(), known=org.known())
    assert said in editor.call("GET", "links", key="booking").json["offer"]["refused"]
    answer = editor.call("POST", "open", {"who": f"person:{ADMIN.id}"}, key="booking")
    assert answer.status_code == 422 and said in answer.json["message"] and made(demo_app) == []


@pytest.mark.parametrize("who", ["", "role:", "role:nothing", "person:nobody", "team:cs_agent", "role:cs_agent:x"])
def test_nobody_can_handle_it(editor: Editor, demo_app: Flask, who: str) -> None:
    publish(demo_app)
    answer = editor.call("POST", "open", {"who": who}, key="booking")
    assert answer.status_code == 422 and "由谁处理" in answer.json["message"] and made(demo_app) == []


def test_a_draft_has_no_link(editor: Editor, demo_app: Flask) -> None:
    with demo_app.app_context():
        definitions.save_draft("form", "booking", FORM, 0, actor=SYSTEM, now=clock.now_ms())
    assert "还没有发布" in editor.call("POST", "open", {"who": f"person:{ADMIN.id}"}, key="booking").json["message"]
    assert "还没有发布" in editor.text("/designer/forms/booking/customers")


def test_who_may_not_publish_is_told_so(drawer: Callable[..., Editor], demo_app: Flask) -> None:
    publish(demo_app)
    helper = drawer("definitions.edit")
    assert "“发布”权限" in helper.call("GET", "links", key="booking").json["offer"]["refused"]
    answer = helper.call("POST", "open", {"who": f"person:{AGENT.id}"}, key="booking")
    assert answer.status_code == 403 and "“发布”权限" in answer.json["message"]
    page = helper.post("/designer/forms/booking/customers", who=f"person:{AGENT.id}")
    assert page.status_code == 403 and "“发布”权限" in page.text and made(demo_app) == []
    with demo_app.app_context(), pytest.raises(Denied):
        opening.open_form("booking", f"person:{AGENT.id}", actor=Principal(id=AGENT.id, name=""), people=directory(),
                          known=org.known(), now=clock.now_ms())


def test_without_scripts_from_the_list(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app)
    page = editor.text("/designer/")
    assert "已发布，未开放" in page and "为“宴会预订单”生成客户链接" in page and "第 1 版使用中" in page
    assert editor.boot("booking")["used"] is False and editor.boot("booking")["changed"] is False
    done = editor.post("/designer/forms/booking/customers", who="role:store_manager")
    assert done.status_code == 303 and "/f/" in editor.text(done.location)
    page = editor.text("/designer/")
    assert "已发布，未开放" not in page and "“宴会预订单”的客户链接" in page
    assert editor.boot("booking")["used"] is True


def test_forms_are_found_by_a_part_of_their_name(editor: Editor, demo_app: Flask) -> None:
    publish(demo_app)
    page = editor.text("/designer/?q=预订")
    assert "宴会预订单" in page and "餐厅投诉单" not in page and "2 张表单" in page
    assert "没有这个名称的表单" in editor.text("/designer/?q=没有")


def test_every_way_of_a_form_in_one_query(demo_app: Flask) -> None:
    with demo_app.app_context():
        assert {way.entry.trigger for way in doors.ways() if way.entry} == {"t_menu", "t_mini"}
        assert {way.form for way in doors.ways()} == {"complaint"} == {line.key for line in lines("form")}
