"""The ticket page: what is shown, what is done on it, what is refused and how calmly."""
from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.driver import statements
from app.extensions import db
from app.runtime.models import Ticket
from tests.desk.conftest import Browser, hidden, task_on
from tests.personas import ADMIN, AGENT, AGENT_TWO, DELIVERY, LEAD, QUALITY, Persona

People = Callable[[Persona], Browser]
Complain = Callable[..., str]
Claimed = Callable[..., tuple[str, str]]
SUBMIT = {"_action": "submit", "f_rate": "100", "f_reply": "已退款"}


def handle(browser: Browser, ticket: str, task: str, **data: object) -> object:
    """Send the task's form as the page has it."""
    version = hidden(browser.get(f"/tickets/{ticket}").text, "_version")
    return browser.post(f"/tickets/{ticket}/tasks/{task}", **{"_version": version, **data})


def test_claim_handle_done(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    page = agent.text(f"/tickets/{ticket}")
    for words in ("客服处理", "等了四十分钟", "提交处理", "退回抢单池", "为什么是我", "您自己抢的单", "安客服抢了单",
                  "还剩"):
        assert words in page, words
    answer = handle(agent, ticket, task, **SUBMIT)
    assert (answer.status_code, answer.location) == (303, "/todo?said=done&no=1")
    assert "没有待办" in agent.text("/?said=done&no=1") and "工单 1 这一步已完成" in agent.text("/?said=done&no=1")
    page = agent.text(f"/tickets/{ticket}")
    assert "已退款" in page and "安客服在「客服处理」选择了：提交处理" in page and 'name="_action"' not in page


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    answer = handle(agent, ticket, task, _action="submit", f_rate="abc", f_reply="", _note="给同事", _key="k" * 32)
    assert answer.status_code == 422
    assert 'id="problems"' in answer.text and 'href="#f_reply"' in answer.text and 'value="abc"' in answer.text
    assert "给同事" in answer.text
    assert hidden(answer.text, "_key") == "k" * 32
    assert agent.text(f"/tickets/{ticket}").count("给同事留个备注")


def test_a_return_needs_no_answers(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    assert handle(agent, ticket, task, _action="return").status_code == 303
    assert f"/tickets/{ticket}" in browser_of(AGENT_TWO).text("/pool")


def test_the_same_form_twice_acts_once(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent)
    version = hidden(agent.get(f"/tickets/{ticket}").text, "_version")
    sent = {"_key": "k" * 32, "_version": version, **SUBMIT}
    answers = [agent.post(f"/tickets/{ticket}/tasks/{task}", **sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert agent.text(f"/tickets/{ticket}").count("选择了：提交处理") == 1
    other = agent.post(f"/tickets/{ticket}/tasks/{task}", **{**sent, "_key": "other-key"})
    assert other.status_code == 409


def test_rows_are_added_and_removed_without_storing(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent, f_kind="o_food", f_item="o_cold", f_items=[{"f_dish": "水煮鱼", "f_price": "88"}])
    rows = {"f_items.0": "", "f_items.0.f_dish": "水煮鱼", "f_items.0.f_price": "66", "f_items.0.f_qty": "1"}
    more = handle(agent, ticket, task, _do="row+:f_items", f_reply="写了一半", **rows)
    assert more.status_code == 200
    assert 'name="f_items.1.f_dish"' in more.text and 'value="66.00"' in more.text and "写了一半" in more.text
    less = handle(agent, ticket, task, _do="row-:f_items:0", f_reply="写了一半", **rows)
    assert 'name="f_items.0.f_dish"' not in less.text.partition("<template>")[0]
    stored = agent.get(f"/tickets/{ticket}").text
    assert 'value="88.00"' in stored and "写了一半" not in stored


def test_acting_after_a_withdrawal_is_a_calm_409_that_keeps_the_words(browser_of: People, claimed: Claimed) -> None:
    agent, admin = browser_of(AGENT), browser_of(ADMIN)
    ticket, task = claimed(agent)
    version = hidden(agent.get(f"/tickets/{ticket}").text, "_version")
    assert admin.post(f"/tickets/{ticket}/withdraw", note="").status_code == 422
    assert admin.post(f"/tickets/{ticket}/withdraw", note="误报").status_code == 303
    answer = agent.post(f"/tickets/{ticket}/tasks/{task}", _version=version, **SUBMIT)
    assert answer.status_code == 409
    assert "工单已结束" in answer.text and "已撤回" in answer.text and "店务经理撤回了工单" in answer.text
    assert "您刚才填的内容没有保存" in answer.text and "已退款" in answer.text
    assert 'name="_action"' not in answer.text


def test_an_unknown_or_foreign_action_is_refused(browser_of: People, claimed: Claimed, complain: Complain) -> None:
    agent, other = browser_of(AGENT), browser_of(AGENT_TWO)
    ticket, task = claimed(agent)
    assert handle(agent, ticket, task, _action="explode").status_code == 422
    assert handle(agent, ticket, task, **SUBMIT, f_phone="13800000000").status_code == 422
    assert handle(agent, ticket, task, _version="x", **SUBMIT).status_code == 400
    assert other.post(f"/tickets/{ticket}/tasks/{task}", _version="1", **SUBMIT).status_code in (403, 409)
    second = complain()
    assert agent.post(f"/tickets/{second}/tasks/{task}", _version="1", **SUBMIT).status_code == 404
    assert "选择了" not in agent.text(f"/tickets/{ticket}")


def test_who_may_not_see_a_ticket_finds_nothing(browser_of: People, claimed: Claimed) -> None:
    ticket, task = claimed(browser_of(AGENT))
    stranger = browser_of(DELIVERY)
    none = "00000000-0000-4000-8000-000000000000"
    for place in (ticket, none):
        answers = [
            stranger.get(f"/tickets/{place}"), stranger.get(f"/tickets/{place}/files/{none}"),
            stranger.post(f"/tickets/{place}/tasks/{task}", _version="1", **SUBMIT),
            stranger.post(f"/tickets/{place}/comments", note="hallo"),
            stranger.post(f"/tickets/{place}/withdraw", note="hallo"),
            stranger.post(f"/tickets/{place}/retry", node="pool"),
            stranger.post(f"/tickets/{place}/tasks/{task}/transfer", to=DELIVERY.id),
            stranger.post(f"/tickets/{place}/tasks/{task}/uploads", field="f_photos"),
        ]
        assert [answer.status_code for answer in answers] == [404] * len(answers)
        assert "等了四十分钟" not in "".join(answer.text for answer in answers)


def test_personal_answers_stay_masked(browser_of: People, claimed: Claimed, settle: Callable[[], None]) -> None:
    agent = browser_of(AGENT)
    ticket, _ = claimed(agent)
    settle()
    for who in (AGENT, LEAD, ADMIN, QUALITY):
        for path in (f"/tickets/{ticket}", "/tickets", "/inbox"):
            assert "13912345678" not in browser_of(who).text(path)
    assert "139****5678" in browser_of(ADMIN).text(f"/tickets/{ticket}")


def test_before_the_claim_the_content_stays_closed(browser_of: People, complain: Complain) -> None:
    page = browser_of(AGENT).text(f"/tickets/{complain()}")
    assert "抢单后可以查看内容" in page and "等了四十分钟" not in page


BAD = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><script>", "{{ config }}"]


@pytest.mark.parametrize("text", BAD)
def test_what_people_type_is_text_everywhere(browser_of: People, claimed: Claimed, text: str) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent, f_body=text, f_name=text[:20])
    agent.post(f"/tickets/{ticket}/comments", note=text)
    pages = [agent.get(f"/tickets/{ticket}").text,
             handle(agent, ticket, task, _action="submit", f_reply=text, f_rate=text, _note=text).text,
             agent.post(f"/tickets/{ticket}/tasks/{task}/cc", to=text, note=text).text]
    handle(agent, ticket, task, _action="submit", f_reply=text, f_rate="1", _note=text)
    pages.append(agent.get(f"/tickets/{ticket}").text)
    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page and "</textarea><script>" not in page
        assert "SECRET_KEY" not in page


def test_remarks_copies_and_handing_over(browser_of: People, claimed: Claimed, settle: Callable[[], None]) -> None:
    agent, other = browser_of(AGENT), browser_of(AGENT_TWO)
    ticket, task = claimed(agent)
    place = f"/tickets/{ticket}"
    assert agent.post(f"{place}/comments", note="常客，请留意").location == f"{place}?said=commented"
    assert agent.post(f"{place}/comments", note="").status_code == 422
    assert agent.post(f"{place}/tasks/{task}/cc", to=LEAD.id, note="请知悉").location == f"{place}?said=copied"
    assert agent.post(f"{place}/tasks/{task}/transfer", to="").status_code == 422
    assert agent.post(f"{place}/tasks/{task}/transfer", to="nobody").status_code == 422
    assert agent.post(f"{place}/tasks/{task}/transfer", to=AGENT_TWO.id, note="我下班了").status_code == 303
    page = other.text(place)
    assert "常客，请留意" in page and "安客服转交给您的" in page and "我下班了" in page
    settle()
    assert "抄送给您" in browser_of(LEAD).text("/inbox") and "请知悉" in browser_of(LEAD).text("/inbox")
    assert 'name="_action"' not in agent.text(place)
    late = agent.post(f"{place}/tasks/{task}/transfer", to=LEAD.id)
    assert late.status_code == 403 and "由白客服负责" in late.text


def test_only_who_may_can_withdraw(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    ticket, _ = claimed(agent)
    assert "撤回工单" in agent.text(f"/tickets/{ticket}")
    lead = browser_of(QUALITY)
    assert "撤回工单" not in lead.text(f"/tickets/{ticket}")
    assert lead.post(f"/tickets/{ticket}/withdraw", note="x").status_code == 403
    assert agent.post(f"/tickets/{ticket}/withdraw", note="客户打错了").location == f"/tickets/{ticket}?said=withdrawn"
    page = agent.text(f"/tickets/{ticket}")
    assert "安客服撤回了工单" in page and "客户打错了" in page
    assert agent.post(f"/tickets/{ticket}/withdraw", note="again").status_code == 409


def test_the_history_speaks_plainly_and_can_be_filtered(
    browser_of: People, claimed: Claimed, settle: Callable[[], None]
) -> None:
    agent = browser_of(AGENT)
    ticket, task = claimed(agent, f_body="吃出异物，要报警")
    settle()
    place = f"/tickets/{ticket}"
    everything = agent.text(place)
    for words in ("客户从「公众号菜单「我的订单」投诉」提交", "优先级定为：红色预警", "通知 马店长（企业微信）",
                  "等人来抢", "是否红色预警：重大投诉"):
        assert words in everything, words
    told = "".join(re.findall(r'<ol class="time">.*?</ol>', agent.get(place).text, re.S))
    for code in ("task.", "node.", "pool", "handle", "n_sup", "o_slow", "f_body", "wecom", "vars.", "complaint_red"):
        assert code not in told, code
    people = agent.text(f"{place}?show=people")
    assert "安客服抢了单" in people and "通知 马店长" not in people
    assert "客户从" in agent.text(f"{place}?show=customer") and "抢了单" not in agent.text(f"{place}?show=customer")
    assert "通知 马店长" in agent.text(f"{place}?show=system")
    assert "安客服抢了单" in agent.text(f"{place}?show=nonsense")


def test_the_history_in_english_names_no_codes(browser_of: People, claimed: Claimed) -> None:
    agent = browser_of(AGENT)
    agent.post("/me/language", language="en")
    ticket, task = claimed(agent)
    handle(agent, ticket, task, **SUBMIT)
    page = agent.text(f"/tickets/{ticket}")
    assert "claimed the ticket" in page and "The customer sent this in" in page and "filled in:" in page


def test_opening_a_ticket_reads_its_messages(
    browser_of: People, complain: Complain, settle: Callable[[], None]
) -> None:
    agent = browser_of(AGENT)
    ticket = complain()
    task = task_on(agent, "/pool")
    agent.post(f"/tasks/{task}/claim")
    agent.post(f"/tickets/{ticket}/tasks/{task_on(agent, f'/tickets/{ticket}')}/cc", to=LEAD.id, note="看看")
    settle()
    lead = browser_of(LEAD)
    assert "1 条未读" in lead.text("/inbox")
    assert lead.post(f"/tickets/{ticket}/seen").json == {"read": 1}
    assert lead.post(f"/tickets/{ticket}/seen").json == {"read": 0}
    assert "条未读" not in lead.text("/inbox")
    assert "林主管看了消息" in lead.text(f"/tickets/{ticket}")


def test_what_a_ticket_costs(demo_app: Flask, browser_of: People, claimed: Claimed) -> None:
    agent, lead = browser_of(AGENT), browser_of(LEAD)
    ticket, task = claimed(agent)
    for browser in (agent, lead):
        browser.get(f"/tickets/{ticket}")
        before = statements.count
        assert browser.get(f"/tickets/{ticket}").status_code == 200
        assert statements.count - before <= 12


def test_a_stuck_step_is_seen_and_tried_again(demo_app: Flask, browser_of: People, claimed: Claimed) -> None:
    agent, admin = browser_of(AGENT), browser_of(ADMIN)
    ticket, _ = claimed(agent)
    place = f"/tickets/{ticket}"
    assert agent.post(f"{place}/retry", node="pay").status_code == 403
    assert admin.post(f"{place}/retry", node="pay").status_code == 409
    with demo_app.app_context():  # as the engine would leave a ticket whose step cannot go on
        row = db.session.scalars(select(Ticket).where(Ticket.id == ticket)).one()
        why = {"code": "flow_nobody", "params": {"node": "pay"}}
        tokens = {key: {**token, "node": "pay", "parked": why} for key, token in row.state["tokens"].items()}
        row.state = {**row.state, "tokens": tokens, "tasks": {}, "parked": [{"node": "pay", **why}]}
        db.session.commit()
        db.session.remove()
    page = admin.text(place)
    assert "「ERP 赔付」停住了" in page and "“ERP 赔付”找不到任何人" in page and "重试这一步" in page
    assert "停住了" in agent.text(place) and "重试这一步" not in agent.text(place)
    assert admin.post(f"{place}/retry", node="pay").location == f"{place}?said=retried"
    assert "停住了" not in admin.text(place)
