"""One person, one customer, whichever way they come."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.errors import NotFound, Problem
from app.customers.models import Customer, CustomerIdentity
from app.customers.service import contact, find, find_or_create, get, set_level
from app.driver import statements
from app.extensions import db

NOW = 1_800_000_000_000


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


def test_the_same_number_is_the_same_customer_however_it_is_written() -> None:
    first = find_or_create({"phone": "13800138000"}, now=NOW, name="王女士")
    for spelling in ("138 0013 8000", "+8613800138000", "138-0013-8000"):
        assert find_or_create({"phone": spelling}, now=NOW) == first
    assert find({"phone": "13800138000"}) == first == {"id": first["id"], "name": "王女士", "level": ""}
    assert count() == 1


def test_known_customers_cost_one_query() -> None:
    find_or_create({"phone": "13800138000"}, now=NOW)
    db.session.commit()
    db.session.begin()
    db.session.execute(select(1))
    before = statements.count
    assert find({"phone": "13800138000"}) is not None
    assert statements.count - before == 1


def test_a_stranger_costs_three_statements() -> None:
    db.session.execute(select(1))
    before = statements.count
    find_or_create({"phone": "13800138000", "openid": "o-1"}, now=NOW, name="王女士")
    assert statements.count - before == 3


def test_a_second_identity_leads_to_the_same_customer() -> None:
    first = find_or_create({"phone": "13800138000"}, now=NOW)
    find_or_create({"phone": "13800138000", "openid": "o-1"}, now=NOW)
    assert find({"openid": "o-1"}) == first
    assert count() == 1


def test_the_stronger_identity_wins_and_nobody_is_merged_in_silence() -> None:
    by_phone = find_or_create({"phone": "13800138000"}, now=NOW)
    by_openid = find_or_create({"openid": "o-1"}, now=NOW)
    assert find_or_create({"phone": "13800138000", "openid": "o-1"}, now=NOW) == by_openid
    assert find({"phone": "13800138000"}) == by_phone


def test_a_name_is_filled_in_once_and_never_replaced() -> None:
    nameless = find_or_create({"phone": "13800138000"}, now=NOW)
    assert nameless["name"] == ""
    assert find_or_create({"phone": "13800138000"}, now=NOW, name=" 李\u202e先生\n ")["name"] == "李先生"
    assert find_or_create({"phone": "13800138000"}, now=NOW, name="黑客")["name"] == "李先生"
    assert get(nameless["id"])["name"] == "李先生"


def test_a_dump_of_the_table_shows_no_number() -> None:
    customer = find_or_create({"phone": "13800138000"}, now=NOW)
    row = db.session.scalars(select(CustomerIdentity)).one()
    assert "13800138000" not in "|".join([row.value, row.value_hash, row.customer_id])
    assert contact(customer["id"], "phone") == "13800138000"
    assert contact(customer["id"], "email") == ""


def test_a_level_is_what_flows_read() -> None:
    customer = find_or_create({"phone": "13800138000"}, now=NOW, level="VIP")
    assert customer["level"] == "VIP"
    set_level(customer["id"], "SVIP", now=NOW)
    found = find({"phone": "13800138000"})
    assert found is not None and found["level"] == "SVIP"
    with pytest.raises(NotFound):
        set_level("nobody", "VIP", now=NOW)


@pytest.mark.parametrize(
    ("identities", "code"),
    [
        ({}, "identity_missing"),
        ({"phone": ""}, "identity_missing"),
        ({"phone": " "}, "identity_value"),
        ({"shoe_size": "44"}, "identity_kind"),
        ({"openid": "x" * 200}, "identity_value"),
        ({"openid": "a\x00b"}, "identity_value"),
    ],
)
def test_impossible_identities_are_refused(identities: dict[str, str], code: str) -> None:
    with pytest.raises(Problem) as caught:
        find_or_create(identities, now=NOW)
    assert caught.value.code == code
    assert count() == 0


def test_nothing_is_kept_unless_the_caller_commits() -> None:
    find_or_create({"phone": "13800138000"}, now=NOW)
    db.session.rollback()
    assert find({"phone": "13800138000"}) is None


def test_the_same_stranger_through_many_doors_at_once_becomes_one_customer(app: Flask) -> None:
    db.session.remove()
    barrier = threading.Barrier(6)
    ids: list[str] = []

    def come() -> None:
        with app.app_context():
            barrier.wait(5)
            customer = find_or_create({"phone": "13800138000"}, now=NOW, name="王女士")
            db.session.commit()
            ids.append(customer["id"])

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6 and len(set(ids)) == 1
    assert count() == 1
