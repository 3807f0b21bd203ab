"""Values that no form of ours sends: each is refused in words, none is a failure of ours, on both databases."""
from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import COMPLAINT, Program

FLOW: dict[str, Any] = {
    "schema": "danflow/flow/1", "key": "odd", "name": "怪", "form": "complaint",
    "nodes": [
        {"id": "door", "type": "trigger.public_form", "name": "门", "config": {"fields": {"*": "edit"}}},
        {"id": "stop", "type": "flow.end", "name": "完"},
    ],
    "edges": [{"id": "e1", "from": "door:out", "to": "stop:in"}],
}


@pytest.mark.parametrize("form", [5, {"a": 1}, ["complaint"], True, "no\x00thing"])
def test_a_flow_of_no_form_at_all_is_not_published(admin: Program, form: Any) -> None:
    stored = admin.call("PUT", "/flows/odd", {"content": FLOW | {"form": form}})
    assert stored.status_code in (200, 422), stored.text
    answer = admin.post("/flows/odd/publish")
    assert answer.status_code in (404, 422), answer.text


@pytest.mark.parametrize("part", ["form", "flow", "name"])
@pytest.mark.parametrize("value", [5, {"a": 1}, [1], {"zh": {"a": 1}}, "长" * 100_000])
def test_a_ticket_type_of_odd_parts_is_not_published(admin: Program, part: str, value: Any) -> None:
    content = {"schema": "danflow/ticket_type/1", "key": "odd", "name": "怪", "form": "complaint",
               "flow": "restaurant_complaint", part: value}
    stored = admin.call("PUT", "/ticket-types/odd", {"content": content})
    assert stored.status_code in (200, 422), stored.text
    answer = admin.post("/ticket-types/odd/publish")
    assert answer.status_code in (404, 422), answer.text


@pytest.mark.parametrize("path", [
    "/forms/a%00b", "/flows/%00", "/ticket-types/%00", "/tickets?type=%00", "/tickets?owner=%00&q=%00",
    "/tickets?q=%00", "/tickets?before=%00",
])
def test_no_character_in_an_address_is_a_failure_of_ours(admin: Program, path: str) -> None:
    assert admin.get(path).status_code in (404, 422)
    if "?" not in path:
        assert admin.post(f"{path}/publish").status_code in (404, 422)
        assert admin.call("PUT", path, {"content": FLOW}).status_code == 422


@pytest.mark.parametrize("field", sorted({*COMPLAINT, "f_cust", "f_photos", "f_av", "f_name", "f_items"}))
@pytest.mark.parametrize("value", ["a\x00b", ["\x00"], [{"f_dish": "\x00"}], {"\x00": "\x00"}, 1e308, "9" * 5000])
def test_no_answer_is_a_failure_of_ours(admin: Program, field: str, value: Any) -> None:
    answer = admin.complain(**{field: value})
    assert answer.status_code in (201, 422), answer.text


def test_a_number_beyond_all_numbers_is_refused(admin: Program) -> None:
    for body in ('{"content": {"schema": "danflow/form/1", "key": "a", "x": 1e400}}', '{"content": {"x": -1e999}}'):
        answer = admin.call("PUT", "/forms/a", body)
        assert (answer.status_code, answer.json["code"]) == (400, "json_number")


def test_all_that_happened_can_be_read_page_by_page(admin: Program) -> None:
    ticket = admin.complain().json["id"]
    everything = admin.get(f"/tickets/{ticket}/events").json
    assert [event["seq"] for event in everything] == list(range(1, len(everything) + 1)) and len(everything) > 5
    read: list[dict[str, Any]] = []
    while page := admin.get(f"/tickets/{ticket}/events?after={len(read)}&limit=2").json:
        assert len(page) <= 2
        read += page
    assert read == everything
    for wrong in ("after=-1", "after=x", "limit=0", "limit=501", "page=2"):
        assert admin.get(f"/tickets/{ticket}/events?{wrong}").status_code == 422


@pytest.mark.parametrize("key", ["a/b", "a b", "é", "x" * 71, "#1"])
def test_a_key_that_cannot_be_kept_says_what_one_looks_like(admin: Program, key: str) -> None:
    answer = admin.post("/tickets", {"type": "complaint", "trigger": "t_menu", "form": COMPLAINT}, key=key)
    assert answer.status_code == 422
    assert (answer.json["code"], answer.json["where"]) == ("api_idempotency_key", "Idempotency-Key")
