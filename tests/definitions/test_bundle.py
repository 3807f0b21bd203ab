"""A form and a flow together: each step asks what the flow lets it ask, and nothing else counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.cli._catalog import pure_catalog
from app.core.errors import Problem
from app.definitions.bundle import Bundle
from tests.definitions.conftest import RAW

NOW = 1_793_581_200_000  # 2026-11-02 09:00 in Shanghai
STORES = {"st_hz1": {"id": "st_hz1", "name": "杭州湖滨店"}}


class Ports:
    """What forms ask: one store, any file is a photo, no customers."""

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        return STORES.get(row_id) if source == "stores" else None

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]]:
        return list(STORES.values())

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {id: {"kind": "image", "size": 1, "mime": "image/jpeg", "name": "a.jpg"} for id in ids}

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        return None

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        return []

    def me(self) -> str | None:
        return None

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        return None


PORTS = Ports()
COMPLAINT = {
    "f_phone": "13800138000",
    "f_store": "st_hz1",
    "f_order": "A1001",
    "f_kind": "o_svc",
    "f_item": "o_slow",
    "f_body": "上菜等了四十分钟",
    "f_ok": True,
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.load(RAW["form"], RAW["flow"], pure_catalog())


def codes(
    bundle: Bundle, node: str, submitted: Mapping[str, Any], state: Mapping[str, Any], **more: Any
) -> set[tuple[str, str]]:
    judged = bundle.judge(node, submitted, state, NOW, PORTS, **more)
    return {(problem.where, problem.code) for problem in judged.problems}


def handled(bundle: Bundle) -> dict[str, Any]:
    """The state of a ticket that waits at the handling step."""
    state = bundle.opening("t_menu", {"id": "c1", "name": "王女士", "level": ""})
    state["form"] = bundle.judge("t_menu", COMPLAINT, state, NOW, PORTS).values
    return state


def test_the_trigger_takes_the_complaint(bundle: Bundle) -> None:
    judged = bundle.judge("t_menu", COMPLAINT, bundle.opening("t_menu"), NOW, PORTS)
    assert judged.problems == []
    assert judged.values["f_phone"] == "13800138000" and judged.values["f_ok"]["accepted"] is True


@pytest.mark.parametrize("field", ["f_reply", "f_rate", "f_score", "f_comp", "f_level", "f_nothing", "__proto__"])
def test_fields_of_other_steps_are_refused_by_name(bundle: Bundle, field: str) -> None:
    found = codes(bundle, "t_menu", {**COMPLAINT, field: "1"}, bundle.opening("t_menu"))
    assert [where for where, _ in found] == [field]


def test_a_narrower_entry_asks_less(bundle: Bundle) -> None:
    found = codes(bundle, "t_mini", COMPLAINT, bundle.opening("t_mini"))
    assert {where for where, _ in found} == {"f_order"}
    assert bundle.access("t_mini")["f_order"] == "hidden" and bundle.access("t_menu")["f_order"] == "edit"


def test_handling_requires_its_answers_and_returning_does_not(bundle: Bundle) -> None:
    state = handled(bundle)
    assert {where for where, _ in codes(bundle, "handle", {}, state, action="submit")} >= {"f_reply"}
    assert codes(bundle, "handle", {}, state, action="return") == set()
    assert codes(bundle, "handle", {"f_reply": "已致歉", "f_rate": 0}, state, action="submit") == set()


def test_handling_does_not_rewrite_the_complaint(bundle: Bundle) -> None:
    found = codes(bundle, "handle", {"f_reply": "好", "f_rate": 0, "f_body": "改写"}, handled(bundle), action="submit")
    assert {where for where, _ in found} == {"f_body"}


def test_an_approver_changes_nothing(bundle: Bundle) -> None:
    assert {where for where, _ in codes(bundle, "approve", {"f_rate": 1}, handled(bundle), action="approve")} == {
        "f_rate"
    }
    assert codes(bundle, "approve", {}, handled(bundle), action="approve") == set()


def test_the_customer_answers_what_is_asked_and_sees_nothing_of_the_handling(bundle: Bundle) -> None:
    state = handled(bundle)
    assert {where for where, _ in codes(bundle, "rate", {}, state)} == {"f_score", "f_solved"}
    assert codes(bundle, "rate", {"f_score": 5, "f_solved": "o_yes"}, state) == set()
    view = bundle.view("rate", state["form"], state, NOW, PORTS, locale="zh-CN")
    assert {field.id for field in view.fields()} == {"f_score", "f_solved"}


def test_a_step_without_fields_takes_no_answers(bundle: Bundle) -> None:
    assert {where for where, _ in codes(bundle, "pool", {"f_body": "x"}, handled(bundle))} == {"f_body"}
    assert codes(bundle, "pool", {}, handled(bundle)) == set()


def test_an_unknown_step_is_a_refusal(bundle: Bundle) -> None:
    with pytest.raises(Problem) as caught:
        bundle.judge("nowhere", {}, {}, NOW, PORTS)
    assert caught.value.code == "flow_unknown_node"


def test_the_form_opens_with_what_the_link_brings(bundle: Bundle) -> None:
    opened = bundle.initial("t_menu", bundle.opening("t_menu"), NOW, PORTS, link={"order_no": "A1001", "f_reply": "x"})
    assert opened["f_order"] == "A1001" and "f_reply" not in {key for key, value in opened.items() if value}


def test_opening_tells_where_the_request_comes_from(bundle: Bundle) -> None:
    state = bundle.opening("t_mini")
    assert state["ticket"] == {"source": "t_mini", "channel": "mini_program"} and state["vars"] == {
        "priority": "normal"
    }
    assert bundle.scope("t_mini", state, "", None)["ctx"] == {"node": "t_mini", "role": "", "channel": "mini_program"}


def test_reading_shows_masks_and_edits_nothing(bundle: Bundle) -> None:
    state = handled(bundle)
    view = bundle.answers_view({"*": "edit", "f_phone": "masked"}, state, NOW, PORTS, locale="zh-CN")
    fields = {field.id: field for field in view.fields()}
    assert not any(field.editable for field in fields.values())
    assert fields["f_phone"].level == "masked" and "138001" not in fields["f_phone"].display


def test_a_campaign_follows_the_zone_of_the_company(bundle: Bundle) -> None:
    assert bundle.env(NOW).tz and bundle.env(NOW).now_ms == NOW
