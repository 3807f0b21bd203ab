"""A colleague opens a ticket: what is known of the customer is filled in, and nothing that they may not know."""
from __future__ import annotations

from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.entries.doors import ensure_entries
from app.entries.models import Entry
from app.extensions import clock, db
from app.runtime import queries, seals
from app.runtime.models import Ticket
from tests.desk.conftest import Browser
from tests.entries.conftest import Guest, jpeg
from tests.personas import ADMIN, AGENT, LEAD, QUALITY, Persona
from tests.runtime import company

People = Callable[[Persona], Browser]
KEY = "repair"
FIELDS: list[dict[str, Any]] = [
    {"id": "f_cust", "type": "customer", "label": "会员",
     "lookup": {"by": ["form.f_phone"], "fill": {"f_name": "customer.name"}}},
    {"id": "f_phone", "type": "phone", "label": "电话", "sensitive": {"mask": "phone"}},
    {"id": "f_name", "type": "text", "label": "称呼"},
    {"id": "f_address", "type": "text", "label": "地址", "prefill": "history.f_address"},
    {"id": "f_secret", "type": "text", "label": "密码", "prefill": "history.f_secret", "sensitive": {"mask": "all"}},
    {"id": "f_inside", "type": "text", "label": "内部备注", "prefill": "history.f_inside"},
    {"id": "f_from", "type": "text", "label": "来源", "default": "其他"},
    {"id": "f_photo", "type": "images", "label": "照片"},
]
ANSWERS = {"f_phone": "13912345678", "f_name": "王女士", "f_address": "西湖区 1 号", "f_secret": "8888", "f_from": "x"}


@pytest.fixture
def at(demo_app: Flask) -> str:
    """A repair ticket for colleagues and for the web; the colleague who handles it reads all but `f_inside`."""
    flow = company.small_flow() | {"key": KEY, "form": KEY}
    keep = {node["id"]: node for node in flow["nodes"] if node["id"] in ("start", "pool", "auto", "handle", "end")}
    ask = {"*": "edit", "f_inside": "hidden"}
    keep["start"]["config"] = {"channel": "web", "fields": ask, "defaults": {"f_from": "官网"}}
    desk = {"id": "desk", "type": "trigger.chat_sidebar", "tv": 1, "name": "客服建单",
            "config": {"fields": {"*": "edit"}, "defaults": {"f_from": "客服"}}}
    keep["handle"]["config"] |= {"fields": {"*": "read", "f_inside": "hidden"},
                                 "actions": [{"port": "submit", "label": "提交"}]}
    edges = [edge for edge in flow["edges"] if edge["from"] != "handle:return"
             and {edge["from"].split(":")[0], edge["to"].split(":")[0]} <= keep.keys()]
    edges += [{"id": "e_end", "from": "handle:submit", "to": "end:in"},
              {"id": "e_desk", "from": "desk:out", "to": "pool:in"}]
    form = {"schema": "danflow/form/1", "key": KEY, "title": "报修", "fields": FIELDS}
    with demo_app.app_context():
        company.publish(form, {**flow, "nodes": [*keep.values(), desk], "edges": edges}, KEY)
        ensure_entries(KEY, now=clock.now_ms())
        db.session.remove()
    return f"/new/{KEY}/desk"


def value(page: str, name: str) -> str:
    found = page.partition(f'name="{name}"')[2].partition(">")[0].partition('value="')[2].partition('"')[0]
    return unescape(found)


def test_known_customers_are_not_asked_twice(browser_of: People, at: str) -> None:
    lead = browser_of(LEAD)
    assert lead.post(at, **ANSWERS, f_inside="难缠").status_code == 303
    page = lead.text(f"{at}?phone=139 1234 5678")
    assert {name: value(page, name) for name in ("f_phone", "f_name", "f_address", "f_inside", "f_from")} == {
        "f_phone": "13912345678", "f_name": "王女士", "f_address": "西湖区 1 号", "f_inside": "难缠", "f_from": "客服"}
    assert "8888" not in page  # personal, masked on the ticket: it is not carried along
    assert "最近的工单" in page and "VIP" in page
    fresh = lead.text(f"{at}?phone=13900000000")
    assert "还没有这个号码" in fresh and value(fresh, "f_phone") == "13900000000" and value(fresh, "f_address") == ""
    assert "西湖区" not in lead.text(at) and "手机号" in lead.text(f"{at}?phone=hello")


def test_only_what_a_colleague_may_read_is_carried_along(browser_of: People, at: str) -> None:
    assert browser_of(LEAD).post(at, **ANSWERS, f_inside="难缠").status_code == 303
    agent = browser_of(AGENT)
    page = agent.text(f"{at}?phone=13912345678")  # they may take it from the pool, and read no answer before
    assert (value(page, "f_name"), value(page, "f_address")) == ("王女士", "") and "难缠" not in page
    taken = agent.text("/pool").partition('action="/tasks/')[2].partition("/claim")[0]
    assert agent.post(f"/tasks/{taken}/claim").status_code == 303
    page = agent.text(f"{at}?phone=13912345678")  # now the ticket is theirs
    assert value(page, "f_address") == "西湖区 1 号" and "8888" not in page


def test_a_visitor_is_told_nothing_of_before(demo_app: Flask, browser_of: People, at: str) -> None:
    assert browser_of(LEAD).post(at, **ANSWERS).status_code == 303
    with demo_app.app_context():
        guest = Guest(demo_app, "/f/" + db.session.scalars(select(Entry.token).where(Entry.type_key == KEY)).one())
        db.session.remove()
    guest.open("?phone=13912345678&f_phone=13912345678&f_address=x&history.f_address=x")
    assert "西湖区" not in guest.page and guest.value("f_from") == "官网"
    assert guest.post({"f_phone": "13912345678", "_do": "render"}).status_code == 200 and "西湖区" not in guest.page


def test_the_ticket_is_the_customers_and_says_who_opened_it(demo_app: Flask, browser_of: People, at: str) -> None:
    lead = browser_of(LEAD)
    key = "k" * 32
    first = lead.post(at, **ANSWERS, _key=key)
    again = lead.post(at, **ANSWERS, _key=key)
    assert (first.status_code, again.status_code) == (303, 303) and first.location == again.location
    page = lead.text(first.location)
    assert "已建好" in page and "西湖区 1 号" in page
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.type_key == KEY)).one()
        assert ticket.customer_id and seals.unseal(ticket.id, ticket.data)["f_from"] == "x"
        assert queries.events_of(ticket.id)[0].actor_id == LEAD.id


def test_what_is_wrong_is_said_with_everything_kept(demo_app: Flask, browser_of: People, at: str) -> None:
    lead = browser_of(LEAD)
    page = unescape(lead.post(at, **{**ANSWERS, "f_phone": "12"}, _phone="13912345678").text)
    assert "problems" in page and value(page, "f_address") == "西湖区 1 号" and "王女士" in page
    assert lead.post(at, f_who="x").status_code == 422
    with demo_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket).where(Ticket.type_key == KEY)) == 0


def test_files_come_along(demo_app: Flask, browser_of: People, at: str) -> None:
    lead = browser_of(LEAD)
    sent = {"csrf_token": lead.csrf, "_key": "f" * 32, "f_photo.files": (BytesIO(jpeg()), "a.jpg")}
    answer = lead.client.post(at, data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    with demo_app.app_context():
        ticket = db.session.scalars(select(Ticket).where(Ticket.type_key == KEY)).one()
        assert len(seals.unseal(ticket.id, ticket.data)["f_photo"]) == 1
    body = {"csrf_token": lead.csrf, "field": "f_photo", "file": (BytesIO(jpeg()), "b.jpg")}
    stored = lead.client.post(f"{at}/uploads", data=body)
    assert stored.status_code == 201 and lead.get(f"/new/files/{stored.json['id']}").status_code == 200
    assert browser_of(ADMIN).get(f"/new/files/{stored.json['id']}").status_code == 404


def test_a_large_file_comes_in_pieces(browser_of: People, at: str) -> None:
    lead, data = browser_of(LEAD), jpeg()

    def piece(path: str, begin: int, end: int, **more: object) -> Any:
        body = {"csrf_token": lead.csrf, "field": "f_photo", "file": (BytesIO(data[begin:end]), "a.jpg"), **more}
        return lead.client.post(f"{at}/uploads{path}", data=body)

    begun = piece("", 0, 100, size=len(data))
    assert (begun.status_code, begun.json["offset"]) == (202, 100)
    done = piece(f"/{begun.json['id']}", 100, len(data), offset=100)
    assert done.status_code == 201 and lead.get(f"/new/files/{done.json['id']}").status_code == 200
    given_up = piece("", 0, 100, size=len(data)).json["id"]
    assert lead.client.delete(f"{at}/uploads/{given_up}", data={"csrf_token": lead.csrf}).status_code == 204


def test_who_may_and_where(browser_of: People, at: str) -> None:
    quality = browser_of(QUALITY)
    for path in ("/new/", at):
        assert quality.get(path).status_code == 403
    assert quality.post(at, **ANSWERS).status_code == 403
    assert "/new/" not in quality.text("/tickets")
    lead = browser_of(LEAD)
    assert "/new/" in lead.text("/tickets")
    which = lead.text("/new/")
    assert at in which and "/new/complaint/t_chat" in which
    for path in (f"/new/{KEY}/start", f"/new/{KEY}/none", "/new/none/desk"):
        assert lead.get(path).status_code == 404
