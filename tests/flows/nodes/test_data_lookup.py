"""data.lookup: a row of a table, or an answer of another system; found, none and error, in the sandbox and live."""
from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.errors import Invalid
from app.core.principal import SYSTEM
from app.extensions import db
from app.org import masterdata
from app.org.finding import find
from app.org.models import Source
from tests.flows import kit
from tests.flows.nodes.kit import Live, definition, node, problems, simulated, ways
from tests.runtime.conftest import Erp

MAPPING = [{"from": "price", "to": "vars.count"}, {"from": "name", "to": "form.f_reply"}]
ENDS = "look:found>end look:none>other look:error>other"


def flow(**config: Any) -> dict[str, Any]:
    return definition(node("look", "data.lookup", {"retry": {"max": 0}, "mapping": MAPPING, **config}),
                      edges=f"t:out>look {ENDS}")


TABLE = flow(source="goods", by="code", key="{{form.f_what}}")
SYSTEM_FLOW = flow(**{"in": "system", "connector": "erp", "path": "/goods/{{form.f_what}}?full=1",
                      "at": "data.items.0"})


@pytest.fixture
def goods(desk: Flask) -> None:
    """A table with two rows, one of them called what no JSON path could be."""
    masterdata.save_source("goods", scope="good", title="商品", actor=SYSTEM,
                           own=[{"key": "code", "title": "货号", "type": "text"},
                                {"key": "price", "title": "价格", "type": "money"}])
    masterdata.save_rows("goods", [{"id": "g1", "name": "火锅底料", "code": "A-1", "price": "29.90"},
                                   {"id": "g2", "name": "没有价格", "code": "A-2"}], actor=SYSTEM)


@pytest.fixture
def connected(desk: Flask, erp: Erp) -> Erp:
    masterdata.save_connector("erp", name="ERP", base_url=erp.url, secret="y" * 32,
                              allow_hosts=[erp.url.split("/")[2]], actor=SYSTEM)
    return erp


@pytest.mark.parametrize("told", [TABLE, SYSTEM_FLOW], ids=["table", "system"])
@pytest.mark.parametrize("port", ["found", "none", "error"])
def test_every_way_out_simulated(told: dict[str, Any], port: str) -> None:
    assert ways(simulated(told, {"f_what": "A-1"}, mocks={"look": port}).events)[1:] == [f"look:{port}"]


def test_a_trial_run_has_something_in_every_part() -> None:
    simulated(TABLE, {"f_what": "A-1"}, expect={"vars": {"count": "1"}, "form": {"f_reply": "1"}, "status": "closed"})
    row = {"price": 12.5, "name": "甲"}
    simulated(TABLE, {"f_what": "A-1"}, mocks={"look": {"port": "found", "result": row}},
              expect={"vars": {"count": "12.5"}, "form": {"f_reply": "甲"}})
    simulated(SYSTEM_FLOW, {"f_what": "A-1"}, mocks={"look": {"port": "found", "result": {"data": {"items": [row]}}}},
              expect={"vars": {"count": "12.5"}})


def test_a_table_live(desk: Flask, goods: None) -> None:
    live = Live(desk, TABLE)
    ticket = live.open({"f_what": "A-1"})
    assert live.ways(ticket)[1:] == ["look:found"]
    assert (live.state(ticket)["vars"]["count"], live.state(ticket)["form"]["f_reply"]) == ("29.9", "火锅底料")
    assert live.ways(live.open({"f_what": "B-9"}))[1:] == ["look:none"]
    assert live.ways(live.open({}))[1:] == ["look:none"]
    lacking = live.open({"f_what": "A-2"})
    assert problems(live.events(lacking)) == ["flow_part_missing"]
    assert live.ways(lacking)[1:] == ["look:found"]
    db.session.delete(db.session.get_one(Source, "goods"))
    db.session.commit()
    assert live.ways(live.open({"f_what": "A-1"}))[1:] == ["look:error"]


@pytest.mark.parametrize(("by", "key"), [("id", "g1"), ("name", "火锅底料"), ("code", "A-1")])
def test_a_row_is_found_by_code_name_or_column(desk: Flask, goods: None, by: str, key: str) -> None:
    live = Live(desk, flow(source="goods", by=by, key=key))
    assert live.state(live.open())["vars"]["count"] == "29.9"


def test_words_of_a_customer_are_words(desk: Flask, goods: None) -> None:
    live = Live(desk, TABLE)
    for nasty in ("' OR 1=1 --", "%", "{{form.f_what}}", "A" * 500, "g1"):
        assert live.ways(live.open({"f_what": nasty}))[1:] == ["look:none"]
    assert find("goods", "code", "A-1\x00") is None
    assert find("goods", "no_such_column", "A-1") is None


def test_a_system_live(desk: Flask, connected: Erp) -> None:
    connected.pages["/erp/goods/A%2F1?full=1"] = (200, {"data": {"items": [{"price": 12.5, "name": "甲"}]}})
    connected.pages["/erp/goods/odd?full=1"] = (200, {"data": {"items": [{"price": "soon", "name": ["x", {"y": 1}]}]}})
    connected.pages["/erp/goods/empty?full=1"] = (200, {"data": {"items": []}})
    connected.pages["/erp/goods/ill?full=1"] = (500, {})
    connected.pages["/erp/goods/no?full=1"] = (403, {})
    live = Live(desk, SYSTEM_FLOW)
    ticket = live.open({"f_what": "A/1"})
    assert live.ways(ticket)[1:] == ["look:found"]
    assert (live.state(ticket)["vars"]["count"], live.state(ticket)["form"]["f_reply"]) == ("12.5", "甲")
    assert {call["path"] for call in connected.calls} == {"/erp/goods/A%2F1?full=1"}
    odd = live.open({"f_what": "odd"})
    assert problems(live.events(odd)) == ["flow_value_unfit", "flow_value_unfit"]
    assert live.state(odd)["vars"]["count"] == "0"
    assert live.ways(live.open({"f_what": "empty"}))[1:] == ["look:none"]
    assert live.ways(live.open({"f_what": "gone"}))[1:] == ["look:none"]
    assert live.ways(live.open({"f_what": "ill"}))[1:] == ["look:error"]
    assert live.ways(live.open({"f_what": "no"}))[1:] == ["look:error"]


def test_what_a_list_answers_is_gone_into_by_numbers(desk: Flask, connected: Erp) -> None:
    connected.pages["/erp/"] = (200, [{"price": 3, "name": "a"}, {"price": 4, "name": "b"}])
    live = Live(desk, flow(**{"in": "system", "connector": "erp", "path": "/", "at": "1"}))
    assert live.state(live.open())["vars"]["count"] == "4"


@pytest.mark.parametrize(("config", "where", "code"), [
    ({"key": "x"}, "source", "flow_missing"),
    ({"source": "goods"}, "key", "flow_missing"),
    ({"in": "system"}, "connector", "flow_missing"),
    ({"in": "system", "connector": "erp", "path": "//evil.example"}, "path", "flow_bad_path"),
    ({"in": "system", "connector": "erp", "path": "/a/../b"}, "path", "flow_bad_path"),
    ({"source": "goods", "key": "{{form.f_nope}}"}, "key", "flow_unknown_ref"),
    ({"source": "goods", "key": "x", "mapping": [{"from": "a..b", "to": "vars.count"}]}, "mapping[0].from",
     "flow_bad_json_path"),
])
def test_refusals_name_their_place(config: dict[str, Any], where: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        kit.flow(node("look", "data.lookup", config), edges=f"t:out>look {ENDS.replace('other', 'end')}")
    assert [(one.where, one.code) for one in refused.value.problems] == [(f"nodes[1].config.{where}", code)]
