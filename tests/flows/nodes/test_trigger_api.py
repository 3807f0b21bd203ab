"""trigger.api: another system opens tickets in its own words, once for each of its numbers."""
from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.principal import SYSTEM
from app.entries import news
from app.extensions import clock
from app.flows.nodes.trigger_api import Api
from app.flows.say import Names, Say
from app.org import people
from tests.flows.nodes.triggers import answers, findings, openings, played, publish, republish, tickets
from tests.runtime import company

KIND = "trigger.api"
MAP = [{"to": "form.f_what", "take": "order.title"}, {"to": "form.f_sum", "take": "order.sum"},
       {"to": "form.f_phone", "take": "buyer.0.phone"}, {"to": "form.f_kind", "take": "kind"}]
CONFIG: dict[str, Any] = {"map": MAP, "key": "order.no", "defaults": {"f_name": "网店客人"}}
BODY = {"order": {"no": "N-1", "title": "少发一件", "sum": 12.5, "lines": [1, 2]}, "buyer": [{"phone": "13800138000"}],
        "kind": "o_new", "else": None}
Tell = Callable[..., TestResponse]


@pytest.fixture
def tell(desk: Flask) -> Tell:
    """Sends a body with the token "shop" of a person who may open tickets."""
    people.save_role("system", name="API", rights=["api.use", "tickets.create"], actor=SYSTEM)
    people.grant_role("a1", "system", actor=SYSTEM)
    token = people.create_token("a1", name="shop", rights=["tickets.create"], actor=SYSTEM, now=clock.now_ms())

    def send(body: Any, key: str = "", path: str = "triggers/call/t", locale: str = "en") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": locale}
        return desk.test_client().post(f"/api/v1/{path}", data=json.dumps(body), content_type="application/json",
                                       headers=headers | ({"Idempotency-Key": key} if key else {}))

    return send


def test_out_in_the_sandbox() -> None:
    result = played(KIND, CONFIG, {"f_what": "少发一件", "f_sum": "12.5"})
    assert result.ok, result.as_dict("en")
    assert result.state["ticket"]["channel"] == "api"


def test_out_live_in_the_senders_own_words(tell: Tell) -> None:
    publish(KIND, CONFIG)
    got = tell(BODY)
    assert got.status_code == 201, got.text
    (ticket,) = tickets()
    assert (ticket.id, ticket.source) == (got.json["id"], "t")
    assert answers(ticket) == {"f_what": "少发一件", "f_sum": "12.50", "f_phone": "13800138000", "f_kind": "o_new",
                               "f_name": "网店客人"}
    assert ticket.customer_id
    task = company.open_task(ticket.id, "do")
    assert company.act("a1", task.id, "done", {"f_reply": "补发"}).status == "closed"
    assert [(row.state, row.ticket_id) for row in openings()] == [("opened", ticket.id)]


def test_the_same_number_opens_no_second_ticket_whatever_else_changed(tell: Tell) -> None:
    publish(KIND, CONFIG)
    first = tell(BODY).json
    again = tell({**BODY, "kind": "o_old"}).json
    assert (again["id"], again["repeated"]) == (first["id"], True)
    assert len(tickets()) == len(openings()) == 1
    assert tell({**BODY, "order": {**BODY["order"], "no": 2}}).json["id"] != first["id"]


def test_without_a_number_the_header_counts(tell: Tell) -> None:
    publish(KIND, {"map": MAP})
    assert (got := tell(BODY)).status_code == 422 and got.json["where"] == "Idempotency-Key"
    key = uuid.uuid4().hex
    first = tell(BODY, key).json
    assert tell(BODY, key).json["id"] == first["id"]
    assert tell({**BODY, "kind": "o_old"}, key).status_code == 422, "the same key for something else"
    assert len(tickets()) == 1


def test_refusals_name_the_senders_place_and_the_field(tell: Tell) -> None:
    publish(KIND, CONFIG)
    got = tell({**BODY, "buyer": [{"phone": "12"}], "kind": "o_gone"})
    assert got.status_code == 422
    assert {problem["where"] for problem in got.json["problems"]} == {"buyer.0.phone", "kind"}
    assert "电话" in got.json["problems"][0]["message"]
    assert tell({"order": {"no": "N-2"}}).json["problems"][0]["where"] == "order.title"
    assert (got := tell({"order": {"title": "x"}})).status_code == 422 and got.json["where"] == "order.no"
    assert tell({**BODY, "order": "?"}).status_code == 422
    assert tell([1]).status_code == 400
    assert tickets() == []


def test_what_was_refused_is_told_and_can_be_tried_again(tell: Tell, desk: Flask) -> None:
    publish(KIND, CONFIG)
    late = {**BODY, "order": {"no": "N-3", "name": "改了名的项目"}}
    assert tell(late).status_code == 422
    assert tell(late).status_code == 422
    (row,) = openings()
    assert (row.state, row.tries, row.ticket_id) == ("refused", 2, None)
    assert row.problems[0]["where"] == "f_what" and row.problems[0]["params"]["label"] == "事项"
    assert "改了名" not in (row.news or "") + json.dumps(row.problems)
    republish(KIND, {**CONFIG, "map": [{"to": "form.f_what", "take": "order.name"}, *MAP[1:]]})
    done = news.again(row.id, actor=SYSTEM, now=clock.now_ms())
    (ticket,) = tickets()
    assert done.ticket_id == ticket.id and answers(ticket)["f_what"] == "改了名的项目"
    (row,) = openings()
    assert (row.state, row.ticket_id, row.news, row.problems) == ("opened", ticket.id, None, [])
    assert tell(late).json["id"] == ticket.id


def test_only_the_named_tokens_are_taken(tell: Tell) -> None:
    people.create_token("a1", name="erp", rights=["tickets.create"], actor=SYSTEM, now=clock.now_ms())
    publish(KIND, {**CONFIG, "tokens": ["erp"], "fields": {"f_what": "edit"}})
    assert tell(BODY).status_code == 403
    assert tell({"type": "call", "form": {"f_what": "x"}}, "a-key-of-its-own", "tickets").status_code == 403
    republish(KIND, {**CONFIG, "tokens": ["erp", "shop"], "fields": {"f_what": "edit"}})
    assert tell(BODY).status_code == 201
    assert tell({"type": "call", "form": {"f_what": "x"}}, "a-key-of-its-own", "tickets").status_code == 201


def test_repeated_requests_join(tell: Tell) -> None:
    publish(KIND, {**CONFIG, "dedupe": {"by": ["form.f_phone"], "within": "PT1H"}})
    first = tell(BODY).json
    second = tell({**BODY, "order": {**BODY["order"], "no": "N-9", "title": "又少一件"}})
    assert second.json["id"] == first["id"]
    assert [row.state for row in openings()] == ["opened", "joined"]


def test_there_is_no_such_way_in(tell: Tell) -> None:
    publish("trigger.public_form", {"fields": {"*": "edit"}})
    assert tell(BODY).status_code == 404
    assert tell(BODY, path="triggers/nothing/t").status_code == 404
    assert tell(BODY, path="triggers/call/do").status_code == 404
    assert tell(BODY, path="triggers/a%00b/t").status_code == 404
    assert tell(BODY, path="triggers/call/%00").status_code == 404


def test_characters_that_cannot_be_stored_are_no_failure(tell: Tell) -> None:
    publish(KIND, CONFIG)
    odd = {"order": {"no": "N\u0000", "title": "少\u0000发", "sum": "1\u0000"}, "buyer": [{"phone": "\u0000"}],
           "\u0000": 1}
    assert tell(odd).status_code == 422
    assert tell({"order": {"no": "N\u0000", "title": "少\u0000发"}}).status_code == 201
    assert answers(tickets()[0])["f_what"] == "少发"


def test_the_card_says_what_it_fills_in() -> None:
    say = Say(Names(fields={"form.f_what": "事项"}))
    assert Api().summary({"map": MAP[:1], "tokens": ["shop"]}, say) == "shop，填写事项"
    assert Api().summary({"map": "?", "tokens": 5}, say) == ""


@pytest.mark.parametrize(("change", "code", "field"), [
    ({"map": []}, "check_required_unfilled", "config.map"),
    ({"map": [*MAP, {"to": "form.f_gone", "take": "x"}]}, "check_missing_field", "config.map[4].to"),
    ({"map": [*MAP, {"to": "vars.x", "take": "x"}]}, "check_config", "config.map[4].to"),
    ({"map": [*MAP, {"to": "form.f_name", "take": "a b"}]}, "check_config", "config.map[4].take"),
    ({"map": [*MAP, MAP[0]]}, "check_config", "config.map[4].to"),
    ({"map": [MAP[0], {"to": "form.f_name"}]}, "check_config", "config.map[1].take"),
    ({"key": ""}, "check_config", "config.key"),
    ({"tokens": [5]}, "check_config", "config.tokens[0]"),
    ({"defaults": {"f_gone": 1}}, "check_missing_field", "config.defaults.f_gone"),
])
def test_mistakes_are_found_before_publishing(change: dict[str, Any], code: str, field: str) -> None:
    assert findings(KIND, CONFIG) == []
    assert (code, "t", field) in findings(KIND, {**CONFIG, **change})
