"""A ticket whose form was upgraded: what was given before stays to be read, and who was typing loses nothing."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import pairs
from app.definitions import service as definitions
from app.extensions import clock, db
from app.runtime import seals
from app.runtime.models import Ticket
from app.runtime.upgrade import Onto, upgrade_ticket
from tests.designer.upgrading import later, publish
from tests.desk.conftest import Browser, hidden
from tests.people import Customer, in_process
from tests.personas import ADMIN, AGENT, AGENT_TWO, Persona
from tests.runtime import company
from tests.runtime.upgrading import changed, republish

People = Callable[[Persona], Browser]


def upgrade(app: Flask, ticket: str, *contents: dict[str, Any]) -> None:
    """Publish these versions and put the ticket on the last one."""
    publish(app, *contents)
    with app.app_context():
        old = db.session.scalar(db.select(Ticket.type_version_id).where(Ticket.id == ticket))
        pair = next(pair for pair in pairs.pairs("complaint") if pair.id == old)
        newest = definitions.versions("form", "complaint")[0]
        new = pairs.join(pair, newest["id"], actor=SYSTEM, now=clock.now_ms())
        upgrade_ticket(ticket, Onto(pair.id, new, (pair.number, newest["version"]), ADMIN.id))
        db.session.remove()


def answers(app: Flask, ticket: str) -> dict[str, Any]:
    with app.app_context():
        row = db.session.scalars(db.select(Ticket).where(Ticket.id == ticket)).one()
        found = seals.unseal(row.id, row.data)
        db.session.remove()
    return found


def told(page: str) -> str:
    """What stands under 已停用."""
    return page.partition("<h3>已停用</h3>")[2].partition("</dl>")[0]


def test_what_is_no_longer_asked_stays_to_be_read(demo_app: Flask, browser_of: People, claimed: Any) -> None:
    agent = browser_of(AGENT)
    ticket, _ = claimed(agent, f_star="4", f_name="王女士", f_items=None)
    assert told(agent.text(f"/tickets/{ticket}")) == ""
    upgrade(demo_app, ticket, later("f_star", "f_name", "f_cust", "f_level"))
    page = agent.text(f"/tickets/{ticket}")
    assert "本次体验" in told(page) and "4 / 5" in told(page) and "王女士" in told(page)
    assert "店务经理 把表单从第 1 版升级到第 2 版" in page
    assert "已停用，内容保留" in page and "本次体验" in page.partition("已停用，内容保留")[2]


def test_a_column_that_is_gone_is_read_beside_its_table(demo_app: Flask, browser_of: People, claimed: Any) -> None:
    agent = browser_of(AGENT)
    dishes = [{"f_dish": "鱼香肉丝", "f_price": "30", "f_qty": "1"}, {"f_dish": "米饭", "f_price": "2", "f_qty": "3"}]
    ticket, _ = claimed(agent, f_kind="o_food", f_item="o_cold", f_items=dishes)
    content = later()
    table = next(row for row in content["fields"] if row["id"] == "f_items")
    table["fields"] = [column for column in table["fields"] if column["id"] != "f_dish"]
    upgrade(demo_app, ticket, content)
    page = agent.text(f"/tickets/{ticket}")
    assert "问题菜品 / 菜名" in told(page) and "鱼香肉丝、米饭" in told(page)
    assert answers(demo_app, ticket)["f_items"][1] == {"f_price": "2.00", "f_qty": "3", "f_sum": "6.00"}


def test_what_was_masked_stays_masked_and_what_was_hidden_hidden(
    demo_app: Flask, browser_of: People, claimed: Any
) -> None:
    agent = browser_of(AGENT)
    ticket, _ = claimed(agent)
    upgrade(demo_app, ticket, later("f_cust", "f_phone"))
    page = agent.text(f"/tickets/{ticket}")
    assert "139****5678" in told(page) and "13912345678" not in page
    assert "13912345678" not in browser_of(ADMIN).text(f"/tickets/{ticket}")


def test_who_may_not_read_the_answers_yet_is_not_told_of_the_old_ones(
    demo_app: Flask, browser_of: People, complain: Any
) -> None:
    ticket = complain(f_star="4")
    upgrade(demo_app, ticket, later("f_star"))
    page = browser_of(AGENT_TWO).text(f"/tickets/{ticket}")
    assert "4 / 5" not in page and "本次体验" not in page


def test_who_had_the_page_open_keeps_what_they_typed(demo_app: Flask, browser_of: People, claimed: Any) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    old = agent.text(f"/tickets/{ticket}")
    upgrade(demo_app, ticket, later(f_reply={"label": "答复客户"}))
    sent = {"_version": hidden(old, "_version"), "_token": hidden(old, "_token"), "_key": hidden(old, "_key"),
            "_action": "submit", "f_reply": "已经致歉", "f_rate": "10", "f_old": "旧"}
    answer = agent.post(f"/tickets/{ticket}/tasks/{task}", **sent)
    assert answer.status_code == 409
    page = answer.text
    assert "表单换成了新版本" in page and "已经致歉" in page and "答复客户" in page and 'value="10"' in page
    assert "f_reply" not in answers(demo_app, ticket)
    again = {**sent, **{name: hidden(page, name) for name in ("_version", "_key", "_token")}}
    del again["f_old"]
    assert agent.post(f"/tickets/{ticket}/tasks/{task}", **again).status_code == 303
    assert answers(demo_app, ticket)["f_reply"] == "已经致歉"


def test_what_was_typed_into_a_field_that_is_gone_is_shown(demo_app: Flask, browser_of: People, claimed: Any) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    old = agent.text(f"/tickets/{ticket}")
    upgrade(demo_app, ticket, later("f_hurt"))
    sent = {"_version": hidden(old, "_version"), "_token": hidden(old, "_token"), "_action": "submit",
            "f_reply": "已经致歉", "f_hurt": "o_sick"}
    page = agent.post(f"/tickets/{ticket}/tasks/{task}", **sent).text
    assert "没有保存" in page and "造成的影响" in page.partition("没有保存")[2]


def test_a_customer_who_had_the_page_open_keeps_what_they_typed(demo_app: Flask) -> None:
    with demo_app.app_context():
        ticket = company.submit(company.publish_small(), {"f_what": "退款"}, "start", phone="13912345678")
        company.act(AGENT.id, company.open_task(ticket.ticket_id, "pool").id, "claim")
        company.act(AGENT.id, company.open_task(ticket.ticket_id, "handle").id, "ask", {"f_reply": "请补充"})
        db.session.remove()
    link, customer = f"/t/{ticket.token}", Customer(in_process(demo_app))
    request = customer.form(link, {"f_more": "发票在这里"})
    with demo_app.app_context():
        upgrade_ticket(ticket.ticket_id, republish(changed(f_more={"label": "补充说明", "type": "textarea"})))
        db.session.remove()
    got = customer.send(request)
    assert got.status == 409 and "表单换成了新版本" in got.text
    assert "补充说明" in got.text and "发票在这里" in got.text
    assert "f_more" not in answers(demo_app, ticket.ticket_id)
    assert customer.send(customer.form(link, {"f_more": "发票在这里"})).status == 303
    assert answers(demo_app, ticket.ticket_id)["f_more"] == "发票在这里"
