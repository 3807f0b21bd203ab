"""Drafts may be wrong, versions may not; two people at once never overwrite each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Conflict, Denied, NotFound, Problem, TooLarge
from app.core.principal import Principal
from app.definitions import service
from app.definitions.models import DefinitionVersion
from app.driver import statements
from app.extensions import db
from tests.definitions.conftest import DESIGNER, NOW

Raw = Callable[[str], Any]


def save(content: Any, rev: int, *, kind: str = "form", key: str = "complaint") -> int:
    return service.save_draft(kind, key, content, rev, actor=DESIGNER, now=NOW)


def publish(kind: str = "form", key: str = "complaint", **more: Any) -> service.Published:
    return service.publish(kind, key, actor=DESIGNER, now=NOW, **more)


def blocked(kind: str, key: str) -> list[str]:
    with pytest.raises(service.PublishBlocked) as caught:
        publish(kind, key)
    return [finding.code for finding in caught.value.findings if finding.level == "error"]


# ---- drafts ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_as_it_was_written_however_wrong(inside: Flask) -> None:
    content = {"schema": "danflow/form/1", "key": "complaint", "fields": "none yet"}
    assert save(content, 0) == 1
    assert service.draft("form", "complaint")["content"] == content
    assert blocked("form", "complaint")
    assert service.draft("form", "complaint")["current_version"] == 0


def test_a_change_based_on_an_old_revision_is_refused(inside: Flask, raw: Raw) -> None:
    save(raw("form"), 0)
    assert save(raw("form"), 1) == 2
    for stale in (1, 7):
        with pytest.raises(Conflict) as caught:
            save({"schema": "danflow/form/1", "key": "complaint"}, stale)
        assert caught.value.code == "draft_moved" and caught.value.params == {"rev": 2, "yours": stale}
    with pytest.raises(Conflict):
        save(raw("form"), 0)
    assert service.draft("form", "complaint")["content"] == raw("form")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ([], "definition_not_object"),
        ("text", "definition_not_object"),
        ({"schema": "danflow/form/1", "key": "complaint", "x": float("nan")}, "definition_not_object"),
        ({"schema": "danflow/form/1", "key": "complaint", "x": "a\x00b"}, "definition_not_object"),
        ({"schema": "danflow/form/1", "key": "complaint", "x": "\ud800"}, "definition_not_object"),
        ({"schema": "danflow/flow/1", "key": "complaint"}, "definition_schema"),
        ({"schema": "danflow/form/1", "key": "other"}, "definition_key_differs"),
        ({"schema": "danflow/form/1", "key": "__proto__"}, "key_bad"),
        ({"schema": "danflow/form/1"}, "key_bad"),
    ],
)
def test_what_is_no_form_at_all_is_no_draft_either(inside: Flask, content: Any, code: str) -> None:
    with pytest.raises(Problem) as caught:
        save(content, 0)
    assert caught.value.code == code
    assert service.list_definitions() == []


def test_a_backslash_before_u0000_is_text(inside: Flask) -> None:
    content = {"schema": "danflow/form/1", "key": "complaint", "x": "\\u0000"}
    save(content, 0)
    db.session.expire_all()
    assert service.draft("form", "complaint")["content"] == content


def test_twenty_megabytes_are_too_large(inside: Flask) -> None:
    with pytest.raises(TooLarge):
        save({"schema": "danflow/form/1", "key": "complaint", "x": "a" * 20_000_000}, 0)


def test_without_the_right_nothing_is_saved_or_published(inside: Flask, raw: Raw) -> None:
    nobody = Principal(id="n", name="N")
    with pytest.raises(Denied):
        service.save_draft("form", "complaint", raw("form"), 0, actor=nobody, now=NOW)
    save(raw("form"), 0)
    with pytest.raises(Denied):
        service.publish("form", "complaint", actor=nobody, now=NOW)


def test_unknown_kinds_and_keys_are_not_found(inside: Flask) -> None:
    with pytest.raises(NotFound):
        service.save_draft("report", "x", {}, 0, actor=DESIGNER, now=NOW)
    with pytest.raises(NotFound):
        publish("form", "nothing")
    with pytest.raises(NotFound):
        service.current_type("nothing")
    with pytest.raises(NotFound):
        service.bundle("nothing")
    with pytest.raises(NotFound):
        service.version_content("nothing")


# ---- publishing ------------------------------------------------------------------------------------------------------


def test_the_complaint_publishes_and_pins_what_it_was_published_with(published: str) -> None:
    (form,), (flow,), (kind,) = (
        service.versions(kind, key)
        for kind, key in (("form", "complaint"), ("flow", "restaurant_complaint"), ("ticket_type", "complaint"))
    )
    assert flow["uses"] == {"form": form["id"]}
    assert kind["uses"] == {"form": form["id"], "flow": flow["id"]} and kind["id"] == published
    assert service.current_type("complaint") == service.TypeVersion(published, "complaint", "餐饮客诉", 1)
    assert [found.key for found in service.current_types()] == ["complaint"]


def test_an_unchanged_draft_makes_no_new_version(published: str) -> None:
    again = publish("ticket_type", "complaint")
    assert again.repeated and again.version_id == published
    assert len(service.versions("ticket_type", "complaint")) == 1


def test_a_published_version_never_changes(published: str, raw: Raw) -> None:
    before = {row.id: (row.content, row.hash) for row in db.session.scalars(select(DefinitionVersion))}
    form = raw("form")
    form["title"] = "New title"
    save(form, 1)
    second = publish()
    assert second.version == 2
    db.session.expire_all()
    after = {row.id: (row.content, row.hash) for row in db.session.scalars(select(DefinitionVersion))}
    assert {key: after[key] for key in before} == before
    assert service.version_content(second.version_id)["title"] == "New title"
    assert service.bundle(published).form.title == raw("form")["title"]


def test_a_new_form_reaches_tickets_only_when_the_type_is_published_again(published: str, raw: Raw) -> None:
    form = raw("form")
    form["title"] = "New title"
    save(form, 1)
    publish()
    assert service.current_type("complaint").id == published
    second = publish("ticket_type", "complaint")
    assert not second.repeated and second.version == 2
    assert service.bundle(second.version_id).form.title == "New title"


def test_two_who_publish_at_once_make_one_version(inside: Flask, raw: Raw) -> None:
    save(raw("form"), 0)
    db.session.remove()
    barrier = threading.Barrier(4)
    won: list[str] = []
    lost: list[str] = []
    told: list[list[str]] = []

    def go() -> None:
        with inside.app_context():
            barrier.wait(5)
            try:
                found = publish()
                (lost if found.repeated else won).append(found.version_id)
            except Conflict as conflict:
                lost.append(conflict.code)
                told.append(conflict.as_dict("zh")["changes"])

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and len(lost) == 3
    assert set(lost) <= {"publish_moved", won[0]}
    assert all(any("手机号" in words for words in changes) for changes in told), "what came into force meanwhile"
    assert [row["version"] for row in service.versions("form", "complaint")] == [1]


def test_what_was_checked_is_what_is_pinned(inside: Flask, raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that is published while the flow that uses it is being checked."""
    save(raw("form"), 0)
    publish()
    drawn = raw("flow")
    save(drawn, 0, kind="flow", key=drawn["key"])
    check = service.find_problems

    def slowly(*args: Any) -> Any:
        monkeypatch.undo()
        found = check(*args)
        changed = raw("form")
        changed["title"] = "投诉单二"
        save(changed, 1)
        publish()
        return found

    monkeypatch.setattr(service, "find_problems", slowly)
    with pytest.raises(Conflict) as caught:
        publish("flow", drawn["key"])
    assert caught.value.code == "part_moved"
    assert publish("flow", drawn["key"]).version == 1


def test_what_was_looked_at_is_what_is_published(inside: Flask, raw: Raw) -> None:
    save(raw("form"), 0)
    save(raw("form"), 1)
    with pytest.raises(Conflict) as caught:
        publish(rev=1)
    assert caught.value.code == "draft_moved"
    assert publish(rev=2).version == 1


# ---- what blocks -----------------------------------------------------------------------------------------------------


def test_a_published_field_keeps_its_type(published: str, raw: Raw) -> None:
    form = raw("form")
    name = next(field for field in form["fields"] if field["id"] == "f_name")
    name["type"] = "email"
    del name["max_length"]
    save(form, 1)
    assert blocked("form", "complaint") == ["field_type_locked"]
    form = raw("form")
    form["fields"] = [field for field in form["fields"] if field["id"] != "f_order"]
    save(form, 2)
    assert publish().version == 2


def test_a_published_field_may_become_what_takes_its_answers_over(published: str, raw: Raw) -> None:
    form = raw("form")
    next(field for field in form["fields"] if field["id"] == "f_order")["type"] = "textarea"
    save(form, 1)
    done = publish()
    assert done.version == 2
    assert [found.field for found in done.findings if found.code == "form_type_converted"] == ["f_order"]


def test_a_flow_needs_its_form_published(inside: Flask, raw: Raw) -> None:
    save(raw("flow"), 0, kind="flow", key="restaurant_complaint")
    with pytest.raises(Problem) as caught:
        publish("flow", "restaurant_complaint")
    assert caught.value.code == "not_published"


def test_a_flow_is_checked_against_what_exists(published: str, raw: Raw) -> None:
    flow = raw("flow")
    next(node for node in flow["nodes"] if node["id"] == "tell")["config"]["template"] = "no_such_text"
    save(flow, 1, kind="flow", key="restaurant_complaint")
    assert blocked("flow", "restaurant_complaint")
    finding = next(finding for finding in service.find_problems("flow", flow) if finding.level == "error")
    assert finding.node == "tell" and "no_such_text" in str(finding.as_dict("en"))


def test_roles_and_connectors_come_from_the_organisation(published: str, raw: Raw) -> None:
    known = service.Known(roles={"cs_agent": 0}, connectors=set(), calendars={"stores"})
    found = {finding.node for finding in service.find_problems("flow", raw("flow"), known) if finding.level == "error"}
    assert {"pool", "pay", "n_sup"} <= found


def test_a_type_is_checked_as_it_will_run(published: str, raw: Raw) -> None:
    form = raw("form")
    form["fields"] = [field for field in form["fields"] if field["id"] != "f_score"]
    save(form, 1)
    publish()
    assert blocked("ticket_type", "complaint")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"colour": "red"}, "definition_unknown_key"),
        ({"name": ""}, "definition_missing"),
    ],
)
def test_a_type_has_its_five_parts_and_no_more(published: str, raw: Raw, change: dict[str, Any], code: str) -> None:
    save({**raw("ticket_type"), **change}, 1, kind="ticket_type")
    assert blocked("ticket_type", "complaint") == [code]


def test_a_type_and_its_flow_agree_on_the_form(published: str, raw: Raw) -> None:
    form = {**raw("form"), "key": "other"}
    save(form, 0, key="other")
    publish(key="other")
    save({**raw("ticket_type"), "form": "other"}, 1, kind="ticket_type")
    assert blocked("ticket_type", "complaint") == ["type_form_differs"]


# ---- cost ------------------------------------------------------------------------------------------------------------


def test_a_bundle_is_loaded_once_per_process(published: str) -> None:
    first = service.bundle(published)
    before = statements.count
    assert service.bundle(published) is first
    assert statements.count == before


def test_the_type_in_force_is_one_query(published: str) -> None:
    db.session.remove()
    db.session.connection()
    before = statements.count
    service.current_type("complaint")
    assert statements.count - before == 1
