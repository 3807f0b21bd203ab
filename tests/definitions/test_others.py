"""What a flow names of ticket types, its own among them, is known before it is published for the first time."""
from __future__ import annotations

import copy
from typing import Any

import pytest
from flask import Flask

from app.definitions import service, stock
from app.definitions.service import PublishBlocked
from app.extensions import db
from app.flows.checks.facts import Known
from tests.definitions.conftest import DESIGNER, NOW, RAW
from tests.flows.kit import definition, node

FORM: dict[str, Any] = {
    "schema": "danflow/form/1", "key": "lesson", "title": "试听", "locale": "zh-CN",
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [{"id": "f_day", "type": "date", "section": "s_a", "label": "试听日期"},
               {"id": "f_what", "type": "text", "section": "s_a", "label": "事项"}],
}
HERE = Known(ticket_types=())


def flow(field: str) -> dict[str, Any]:
    """After three days without a contract the flow opens another of its own tickets."""
    after = {"of": "field", "type": "lesson", "field": field, "moments": [{"length": "PT72H"}],
             "unless": [{"what": "ticket", "type": "lesson"}]}
    late = node("late", "trigger.schedule", {"by": "after", "after": after,
                                             "map": [{"to": "form.f_what", "take": "first.title"}]})
    made = definition(late, edges="t:out>end late:out>end")
    made["nodes"][0]["config"] = {"fields": {"*": "edit"}}
    return {**made, "key": "lesson", "form": "lesson", "vars": []}


def publish(kind: str, key: str, content: Any) -> None:
    rev = service.draft(kind, key)["rev"] if service.current_content(kind, key) else 0
    service.save_draft(kind, key, content, rev, actor=DESIGNER, now=NOW)
    service.publish(kind, key, actor=DESIGNER, now=NOW, known=HERE)


def test_a_flow_counts_from_its_own_tickets_from_the_first(inside: Flask) -> None:
    publish("form", "lesson", FORM)
    with pytest.raises(PublishBlocked) as blocked:
        publish("flow", "lesson", flow("f_what"))
    assert [one.code for one in blocked.value.findings if one.level == "error"] == ["check_other_field_no_date"]
    db.session.rollback()
    service.save_draft("flow", "lesson", flow("f_day"), 1, actor=DESIGNER, now=NOW)
    service.publish("flow", "lesson", actor=DESIGNER, now=NOW, known=HERE)
    assert stock.type_of("lesson", actor=DESIGNER, now=NOW, known=HERE).key == "lesson"
    db.session.commit()
    assert service.own_types("lesson") == ["lesson"]
    # A date that the form has just got: the type in force does not have it yet.
    form = copy.deepcopy(FORM)
    form["fields"].append({"id": "f_end", "type": "date", "section": "s_a", "label": "到期日"})
    publish("form", "lesson", form)
    publish("flow", "lesson", flow("f_end"))


def test_a_type_that_runs_on_another_flow_is_not_its_own(inside: Flask) -> None:
    publish("form", "lesson", FORM)
    publish("flow", "lesson", flow("f_day"))
    stock.type_of("lesson", actor=DESIGNER, now=NOW, known=HERE)
    db.session.commit()
    assert service.own_types("other") == ["other"]
    content = service.draft("ticket_type", "lesson")["content"]
    service.save_draft("ticket_type", "lesson", {**content, "flow": "other"}, 1, actor=DESIGNER, now=NOW)
    assert (service.own_types("other"), service.own_types("lesson")) == (["lesson"], [])


def test_what_a_sub_ticket_must_be_given_is_read_from_the_other_form(published: str) -> None:
    other = definition(node("s", "flow.subticket", {"ticket_type": "complaint", "values": [
        {"field": "f_phone", "value": "13800138000"}]}), edges="t:out>s s:done>end")
    found = [one.params["field_name"] for one in service.find_problems("flow", {**other, "form": "complaint"})
             if one.code == "check_other_field_needed"]
    labels = {field["id"]: field["label"] for field in RAW["form"]["fields"]}
    assert labels["f_store"] in found and labels["f_phone"] not in found
