"""The example company: complete, repeatable, and what the sandbox has proved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.customers import service as customers
from app.definitions import service as definitions
from app.demo.models import DemoRefund
from app.demo.seed import PASSWORD, TYPE_KEY, seed, summary
from app.extensions import db
from app.org.connectors import connector, sign
from app.org.models import Connector, Person, RoleGrant, SourceRow
from app.org.service import directory, known, principal, sign_in

NOW = 1_800_000_000_000
BASE = "http://127.0.0.1:8000"
PEOPLE = {
    "sup": "孙督导",
    "mgr": "马店长",
    "dlv": "丁组长",
    "a1": "安客服",
    "a2": "白客服",
    "lead": "林主管",
    "rm": "任区经",
    "hq": "何总部",
    "qa": "邱质检",
}


@pytest.fixture(autouse=True)
def demo(app: Flask) -> Iterator[None]:
    with app.app_context():
        seed(BASE, NOW)
        yield


def rows() -> list[int]:
    return [
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Person, RoleGrant, SourceRow, Connector)
    ]


def test_everybody_of_the_scenarios_is_there_and_signs_in() -> None:
    assert {id: directory().person(id)["name"] for id in PEOPLE} == PEOPLE  # type: ignore[index]
    signed = sign_in("an", PASSWORD, ip="127.0.0.1", agent="", now=NOW)
    found = principal(signed.token, NOW)
    assert found is not None and (found.id, found.reads) == ("a1", "own")
    boss = principal(sign_in("admin", PASSWORD, ip="127.0.0.1", agent="", now=NOW).token, NOW)
    assert boss is not None and boss.reads == "all" and boss.may("definitions.publish") and boss.may("api.use")


def test_every_store_has_everybody_whom_the_flow_calls() -> None:
    roles = ("region_supervisor", "store_manager", "delivery_lead", "region_manager")
    for store in directory().rows("stores"):
        for role in roles:
            selector = [{"role": role, "of": "form.f_store", "source": "stores"}]
            assert directory().people(selector, {"form": {"f_store": store["id"]}}), (store["name"], role)


def test_the_complaint_is_published_without_a_warning_that_matters() -> None:
    version = definitions.current_type(TYPE_KEY)
    bundle = definitions.bundle(version.id)
    assert (bundle.form.key, bundle.flow.key) == ("complaint", "restaurant_complaint")
    content = definitions.draft("flow", "restaurant_complaint")["content"]
    assert [f.as_dict("en") for f in definitions.find_problems("flow", content, known()) if f.level == "error"] == []


def test_again_changes_nothing_that_somebody_changed_meanwhile() -> None:
    before = rows()
    db.session.execute(Person.__table__.update().where(Person.id == "a1").values(name="安安"))  # type: ignore[attr-defined]
    db.session.execute(RoleGrant.__table__.delete().where(RoleGrant.person_id == "a2"))  # type: ignore[attr-defined]
    db.session.commit()
    versions = len(definitions.versions("flow", "restaurant_complaint"))
    links = summary(BASE).links
    seed(BASE, NOW + 1)
    assert rows() == [before[0], before[1] - 1, *before[2:]]
    assert db.session.scalar(select(Person.name).where(Person.id == "a1")) == "安安"
    assert len(definitions.versions("flow", "restaurant_complaint")) == versions
    assert summary(BASE).links == links


def test_the_erp_follows_our_address_and_keeps_nothing_else_open() -> None:
    seed("http://127.0.0.1:9000", NOW)
    found = connector("erp")
    assert found.base_url == "http://127.0.0.1:9000/demo/erp" and found.allow_hosts == ("127.0.0.1:9000",)


def test_a_newcomer_is_told_where_to_go_and_who_to_be() -> None:
    found = summary(BASE)
    assert found.password == PASSWORD and len(found.links) == 2
    assert all(address.startswith(f"{BASE}/f/") for _, address in found.links)
    assert {person.login for person in found.people} >= {"an", "bai", "lin", "ren", "admin"}
    assert next(person for person in found.people if person.login == "ma").roles == "店长"


def test_one_customer_is_a_vip() -> None:
    found = customers.find({"phone": "13912345678"})
    assert found is not None and found["level"] == "VIP"


# ---- the demo ERP ----------------------------------------------------------------------------------------------------


def refund(client: FlaskClient, body: Any, key: str = "k1", secret: str | None = None) -> tuple[int, Any]:
    data = json.dumps(body).encode()
    signature = sign(secret or connector("erp").secret, "POST", "/demo/erp/refunds", key, data)
    response = client.post(
        "/demo/erp/refunds", data=data, headers={"Idempotency-Key": key, "X-Danflow-Signature": signature}
    )
    return response.status_code, response.get_json()


def test_a_refund_is_paid_once_per_key(client: FlaskClient) -> None:
    first = refund(client, {"order_no": "A1001", "amount": "12.50"})
    assert first[0] == 200 and first[1]["status"] == "accepted"
    assert refund(client, {"order_no": "A1001", "amount": "12.50"}) == first
    assert refund(client, {"order_no": "A1001", "amount": "99"})[0] == 409
    assert refund(client, {"order_no": "A1001", "amount": "12.50"}, key="k2")[0] == 200
    assert db.session.scalar(select(func.count()).select_from(DemoRefund)) == 2


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"order_no": "A"},
        {"amount": "-1"},
        {"amount": "NaN"},
        {"amount": "1e99"},
        {"amount": {}},
        {"amount": "1", "order_no": "x" * 100},
    ],
)
def test_the_erp_refuses_what_it_cannot_pay(client: FlaskClient, body: Any) -> None:
    assert refund(client, body)[0] == 422


def test_nothing_to_pay_is_no_error(client: FlaskClient) -> None:
    assert refund(client, {"order_no": None, "amount": "0.00"})[0] == 200
    assert refund(client, {"order_no": "", "amount": None}, key="k2")[0] == 200


def test_the_erp_answers_only_whom_it_knows(client: FlaskClient) -> None:
    assert refund(client, {"amount": "1"}, secret="somebody else")[0] == 401
    assert client.post("/demo/erp/refunds", data=b"{").status_code == 401


def test_the_commands_print_what_a_newcomer_needs(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["demo", "seed"]).exit_code == 0
    printed = runner.invoke(args=["demo", "people"]).output
    assert PASSWORD in printed and "安客服" in printed and "/f/" in printed
