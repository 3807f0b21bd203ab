"""trigger.keyword: words in a customer's message open one ticket, and further messages join it."""
from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.customers.models import Customer
from app.entries.messages import Heard, incoming_message
from app.extensions import clock, db
from app.flows.nodes.trigger_keyword import Keyword
from app.flows.say import Names, Say
from app.org import people
from app.runtime import queries
from tests.flows.nodes.triggers import answers, findings, openings, played, publish, republish, tickets
from tests.runtime import company

KIND = "trigger.keyword"
MAP = [{"to": "form.f_what", "take": "message.text"}, {"to": "form.f_phone", "take": "customer.phone"},
       {"to": "form.f_name", "take": "customer.name"}]
CONFIG: dict[str, Any] = {"words": ["投诉", "VIP"], "map": MAP}
LI = {"external_userid": "wm_li"}


def say(text: str, ident: str = "1", who: dict[str, str] | None = None, channel: str = "wecom") -> Heard | None:
    return incoming_message(who or LI, text, channel, message_id=ident, name="李女士", now=clock.now_ms())


def test_out_in_the_sandbox() -> None:
    result = played(KIND, CONFIG, {"f_what": "我要投诉", "f_name": "李女士"})
    assert result.ok, result.as_dict("en")
    assert result.state["ticket"]["channel"] == "chat"


def test_out_live(desk: Flask) -> None:
    publish(KIND, CONFIG)
    heard = say("你好，我要投诉，等了一个小时", who={**LI, "phone": "138 0013 8000"})
    assert heard is not None and (heard.state, heard.word) == ("opened", "投诉")
    (ticket,) = tickets()
    assert answers(ticket) == {"f_what": "你好，我要投诉，等了一个小时", "f_phone": "13800138000", "f_name": "李女士"}
    assert ticket.state["ticket"]["channel"] == "chat"
    assert ticket.state["ticket"]["chat_log"] == "你好，我要投诉，等了一个小时"
    assert ticket.customer_id == heard.received.customer_id
    task = company.open_task(ticket.id, "do")
    assert company.act("a1", task.id, "done", {"f_reply": "致歉"}).status == "closed"


@pytest.mark.parametrize("text", ["ｖｉｐ 客户", "我是Vip", "投诉"])
def test_words_are_compared_as_people_read_them(desk: Flask, text: str) -> None:
    publish(KIND, CONFIG)
    assert say(text) is not None


def test_what_names_no_word_is_nobodys_business(desk: Flask) -> None:
    publish(KIND, {**CONFIG, "unless": ["不投诉"], "only_from": ["wecom"]})
    assert say("谢谢") is None
    assert say("这次不投诉了") is None
    assert say("投诉", channel="sms") is None
    assert tickets() == openings() == []
    assert db.session.query(Customer).count() == 0


def test_ten_messages_open_one_ticket(desk: Flask) -> None:
    publish(KIND, CONFIG)
    heard: list[Heard | None] = []

    def tell(number: int) -> None:
        with desk.app_context():
            heard.append(say(f"投诉 {number}", str(number)))

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (ticket,) = tickets()
    assert sorted(one.state for one in heard if one) == ["joined"] * 9 + ["opened"]
    kinds = [event.kind for event in queries.events_of(ticket.id)]
    assert kinds.count("customer.repeated") == 9
    db.session.rollback()
    again = say("投诉 3", "3")
    assert again is not None and again.received.repeated and again.received.ticket_id == ticket.id
    assert [event.kind for event in queries.events_of(ticket.id)].count("customer.repeated") == 9


def test_another_customer_or_a_later_day_is_another_ticket(desk: Flask, advance: Callable[[int], None]) -> None:
    publish(KIND, {**CONFIG, "dedupe": {"by": ["customer"], "within": "PT30M"}})
    say("投诉", "1")
    say("投诉", "2", {"phone": "13900139000"})
    advance(31 * 60_000)
    say("还是要投诉", "3")
    assert len(tickets()) == 3
    assert len({ticket.customer_id for ticket in tickets()}) == 2


def test_of_several_flows_the_first_by_order_takes_it(desk: Flask) -> None:
    publish(KIND, CONFIG, "slow")
    publish(KIND, {**CONFIG, "order": 5}, "fast")
    heard = say("投诉")
    assert heard is not None and heard.way.type.key == "fast"
    assert (len(tickets("fast")), len(tickets("slow"))) == (1, 0)


def test_a_long_message_is_cut_for_its_field_and_whole_for_the_flow(desk: Flask) -> None:
    publish(KIND, CONFIG)
    text = "投诉" + "很慢" * 300
    say(text)
    (ticket,) = tickets()
    assert answers(ticket)["f_what"] == text[:199] + "…"
    assert ticket.state["ticket"]["chat_log"] == text


def test_what_cannot_become_a_ticket_is_told(desk: Flask) -> None:
    publish(KIND, {**CONFIG, "map": [{"to": "form.f_what", "take": "customer.phone"}]})
    heard = say("投诉")
    assert heard is not None and heard.state == "refused"
    (row,) = openings()
    assert (row.state, row.problems[0]["where"]) == ("refused", "f_what") and row.customer_id
    republish(KIND, CONFIG)
    assert say("投诉").state == "opened"  # type: ignore[union-attr]


def test_characters_that_nobody_types_are_left_out(desk: Flask) -> None:
    publish(KIND, CONFIG)
    say("投\u0000诉\u202e了\n真的", who={"phone": "13800138000"})
    (ticket,) = tickets()
    assert ticket.state["ticket"]["chat_log"] == "投诉了\n真的"
    assert say("\u0000 ") is None


def test_over_the_api(desk: Flask) -> None:
    publish(KIND, CONFIG)
    people.save_role("gate", name="API", rights=["api.use", "tickets.create"], actor=SYSTEM)
    people.grant_role("a1", "gate", actor=SYSTEM)
    token = people.create_token("a1", name="gate", rights=["tickets.create"], actor=SYSTEM, now=clock.now_ms())

    def post(body: Any) -> Any:
        return desk.test_client().post("/api/v1/messages", data=json.dumps(body), content_type="application/json",
                                       headers={"Authorization": f"Bearer {token}"})

    body = {"id": "m1", "text": "我要投诉", "customer": {"phone": "13800138000", "name": "李女士"}}
    first = post(body)
    assert first.status_code == 200, first.text
    (ticket,) = tickets()
    assert first.json == {"state": "opened", "type": "call", "trigger": "t", "word": "投诉", "ticket_id": ticket.id,
                          "no": ticket.no, "repeated": False}
    assert post(body).json["repeated"] is True
    assert post({**body, "id": "m2", "text": "你好"}).json == {"state": "none"}
    for wrong in ({**body, "id": ""}, {**body, "customer": {}}, {**body, "customer": {"shoe": "1"}},
                  {**body, "text": "x" * 10_001}, {**body, "more": 1}):
        assert post(wrong).status_code == 422, wrong
    assert post({**body, "id": "m4", "customer": {"phone": "\n"}}).status_code == 422
    assert len(tickets()) == 1


def test_the_card_names_the_words() -> None:
    assert Keyword().summary(CONFIG, Say(Names(fields={"form.f_what": "事项"}))).startswith("提到“投诉、VIP”，填写事项")


@pytest.mark.parametrize(("change", "code", "field"), [
    ({"words": []}, "check_config", "config.words"),
    ({"map": []}, "check_required_unfilled", "config.map"),
    ({"map": [MAP[1]]}, "check_required_unfilled", "config.map"),
    ({"map": [*MAP, {"to": "form.f_gone", "take": "message.text"}]}, "check_missing_field", "config.map[3].to"),
    ({"map": [{"to": "form.f_what", "take": "message.price"}]}, "check_config", "config.map[0].take"),
    ({"order": 0}, "check_config", "config.order"),
])
def test_mistakes_are_found_before_publishing(change: dict[str, Any], code: str, field: str) -> None:
    assert findings(KIND, CONFIG) == []
    assert (code, "t", field) in findings(KIND, {**CONFIG, **change})
