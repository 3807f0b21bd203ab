"""A plugin is taken away while tickets are under way, and comes back: nothing is lost, nobody is held up."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.definitions import service as definitions
from app.definitions.service import PublishBlocked
from app.extensions import clock, db
from app.org.access import SYSTEM
from app.runtime import seals
from app.runtime.models import Ticket
from app.settings import Settings
from tests.desk.conftest import Browser
from tests.entries.kinds import KEY, publish
from tests.people import Colleague, Customer, colleagues, in_process
from tests.personas import AGENT

SLOTS = ["09:00-10:30", "14:00-15:30"]
VISIT = {"date": "2031-05-06", "slot": "09:00-10:30"}
FIELDS: list[dict[str, Any]] = [
    {"id": "f_name", "type": "text", "label": "姓名"},
    {"id": "f_visit", "type": "timeslot", "label": "上门时间", "slots": SLOTS, "required": True},
    {"id": "f_rows", "type": "subtable", "label": "备选", "fields": [
        {"id": "f_alt", "type": "timeslot", "label": "备选时间", "slots": SLOTS},
        {"id": "f_why", "type": "text", "label": "原因"}]},
    {"id": "f_early", "type": "text", "label": "早到找谁"},
    {"id": "f_reply", "type": "textarea", "label": "处理结果"},
]
RULES = [{"id": "r_1", "when": {"ref": "form.f_visit.slot", "op": "eq", "value": SLOTS[0]},
          "then": [{"do": "show", "target": "f_early"}]},
         {"id": "r_2", "when": {"ref": "form.f_name", "op": "eq", "value": "王"},
          "then": [{"do": "require", "target": "f_visit"}]}]
SENT = {"f_name": "王", "f_visit.date": VISIT["date"], "f_visit.slot": VISIT["slot"], "f_early": "前台",
        "f_rows.0": "", "f_rows.0.f_alt.date": "2031-05-07", "f_rows.0.f_alt.slot": SLOTS[1], "f_rows.0.f_why": "有空"}
STORED = {"f_name": "王", "f_visit": VISIT, "f_early": "前台",
          "f_rows": [{"f_alt": {"date": "2031-05-07", "slot": SLOTS[1]}, "f_why": "有空"}]}

TOLD = "此字段需要的插件“timeslot”未安装，已填内容已保留。"


@pytest.fixture
def door(demo_app: Flask) -> str:
    """A form with appointments, published while the plugin is there."""
    ask = dict.fromkeys(("f_name", "f_visit", "f_rows", "f_early"), "edit")
    return publish(demo_app, *FIELDS, rules=RULES, ask=ask, work={"*": "required"})


@pytest.fixture
def bare(demo_app: Flask, make_app: Callable[[Settings], Flask], tmp_path: Path) -> Flask:
    """The same company, started again without any plugin."""
    (tmp_path / "none").mkdir()
    settings: Settings = demo_app.extensions["danflow"].settings
    return make_app(settings.model_copy(update={"plugins_dir": tmp_path / "none"}))


def stored(app: Flask) -> dict[str, Any]:
    with app.app_context():
        row = db.session.scalars(select(Ticket)).one()
        found = seals.unseal(row.id, row.data)
        db.session.rollback()
    return found


def test_a_ticket_is_worked_on_without_the_plugin_and_loses_nothing(demo_app: Flask, bare: Flask, door: str) -> None:
    customer = Customer(in_process(demo_app))
    customer.complain(door, SENT)
    assert stored(demo_app) == STORED

    without = in_process(bare)
    visitor = Customer(without)
    assert visitor.see(customer.link).count("上门时间") == 0  # they could do nothing about it
    with bare.app_context():
        agent = colleagues(without, AGENT.id)[AGENT.id]
    (waiting,) = agent.view("pool")
    agent.act(waiting["id"], "claim")
    task = agent.task(waiting["ticket_id"], "handle")
    assert VISIT["date"] not in str(agent.get(f"/tickets/{waiting['ticket_id']}"))
    refused = without(agent.action(task["id"], "submit", {"f_reply": "好", "f_visit": VISIT}))
    assert refused.status == 422 and "field_readonly" in refused.text
    agent.act(task["id"], "submit", {"f_reply": "已上门", "f_name": "王五"})
    kept = {**STORED, "f_name": "王五", "f_reply": "已上门"}
    assert stored(bare) == kept

    assert stored(demo_app) == kept
    with_plugin = Colleague(in_process(demo_app), AGENT.id, agent.token)
    assert "2031-05-06 周二 09:00-10:30" in str(with_plugin.get(f"/tickets/{waiting['ticket_id']}")["answers"])


def test_customers_go_on_sending_the_form(demo_app: Flask, bare: Flask, door: str) -> None:
    customer = Customer(in_process(bare))
    page = customer.see(door)
    assert "上门时间" not in page and "备选" not in page and 'name="f_name"' in page
    old = Customer(in_process(demo_app)).form(door, SENT)  # opened before the plugin was taken away
    got = in_process(bare)(old)
    assert got.status == 422 and "上门时间" in got.text
    customer.complain(door, {"f_name": "王"})
    assert stored(bare) == {"f_name": "王"}


def test_only_publishing_waits_for_the_plugin(demo_app: Flask, bare: Flask, door: str) -> None:
    with bare.app_context():
        now, content = clock.now_ms(), definitions.current_content("form", KEY)
        changed = {**content, "title": "另一个名字"}
        definitions.save_draft("form", KEY, changed, 1, actor=SYSTEM, now=now)
        with pytest.raises(PublishBlocked) as blocked:
            definitions.publish("form", KEY, actor=SYSTEM, now=now)
        found = [finding.as_dict("zh") for finding in blocked.value.findings if finding.level == "error"]
        assert [(one["code"], one["field"]) for one in found] == [
            ("form_type_unknown", "f_visit"), ("form_type_unknown", "f_alt")]
        assert all("timeslot" in one["message"] and "装回" in one["message"] for one in found)
        assert definitions.draft("form", KEY)["content"] == changed
        db.session.rollback()
    with demo_app.app_context():
        assert definitions.publish("form", KEY, actor=SYSTEM, now=now).version == 2
        db.session.rollback()


def test_the_ticket_page_tells_colleagues(demo_app: Flask, bare: Flask, door: str) -> None:
    Customer(in_process(demo_app)).complain(door, SENT)
    with bare.app_context():
        agent = colleagues(in_process(bare), AGENT.id)[AGENT.id]
    (waiting,) = agent.view("pool")
    agent.act(waiting["id"], "claim")
    browser, path = Browser(bare), f"/tickets/{waiting['ticket_id']}"
    browser.sign_in(AGENT.login)
    work = browser.text(path)
    assert TOLD in work and VISIT["date"] not in work
    assert 'name="f_visit' not in work and 'name="f_rows' not in work and 'name="f_reply"' in work
    agent.act(agent.task(waiting["ticket_id"], "handle")["id"], "submit", {"f_reply": "已上门"})
    read = browser.text(path)
    assert TOLD in read and VISIT["date"] not in read and "已上门" in read
