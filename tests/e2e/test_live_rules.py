"""Everything that rules can do, in a browser, and the server of the same opinion."""
from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.entries.doors import ensure_entries
from app.entries.models import Entry
from app.extensions import clock, db
from tests.browsers import Windows
from tests.e2e.conftest import Site
from tests.e2e.test_public_form import field, send
from tests.runtime import company

YES_NO = [{"id": "o_y", "label": "是"}, {"id": "o_n", "label": "否"}]


def when(field_id: str, value: Any, op: str = "eq") -> dict[str, Any]:
    return {"all": [{"ref": f"form.{field_id}", "op": op, "value": value}]}


FORM = {
    "schema": "danflow/form/1", "key": "rules", "title": "规则",
    "sections": [{"id": "s_a", "title": "甲"}, {"id": "s_b", "title": "乙"}],
    "fields": [
        {"id": "f_more", "type": "radio", "section": "s_a", "label": "更多吗", "options": YES_NO},
        {"id": "f_size", "type": "select", "section": "s_a", "label": "尺寸",
         "options": [{"id": "o_s", "label": "小"}, {"id": "o_m", "label": "中"}, {"id": "o_l", "label": "大"}]},
        {"id": "f_count", "type": "number", "section": "s_a", "label": "数量"},
        {"id": "f_note", "type": "text", "section": "s_a", "label": "备注"},
        {"id": "f_total", "type": "computed", "section": "s_a", "label": "合计", "formula": "{{form.f_count}} * 3",
         "result": "number", "unit": "个"},
        {"id": "f_why", "type": "textarea", "section": "s_b", "label": "原因"},
        {"id": "f_deep", "type": "text", "section": "s_b", "label": "更深"},
    ],
    "rules": [
        {"id": "r_sec", "when": when("f_more", "o_y"), "then": [{"do": "show", "target": "s_b"}]},
        {"id": "r_deep", "when": when("f_why", None, "not_empty"), "then": [
            {"do": "show", "target": "f_deep"}, {"do": "require", "target": "f_deep"}]},
        {"id": "r_opt", "when": when("f_count", "10", "gte"), "then": [
            {"do": "options", "target": "f_size", "options": ["o_l"]}]},
        {"id": "r_set", "when": when("f_size", "o_l"), "then": [
            {"do": "set", "target": "f_note", "value": "大件", "policy": "if_empty"}]},
        {"id": "r_ro", "when": when("f_size", "o_s"), "then": [{"do": "readonly", "target": "f_note"}]},
        {"id": "r_err", "when": when("f_total", "300", "gt"), "then": [
            {"do": "error", "target": "f_count", "message": "最多 100 个"}]},
    ],
}
for _rule in FORM["rules"]:  # "not_empty" takes no value
    for _row in _rule["when"]["all"]:  # type: ignore[index]
        if _row["value"] is None:
            del _row["value"]


@pytest.fixture
def page(site: Site, windows: Windows) -> Page:
    flow = company.small_flow() | {"key": "rules", "form": "rules"}
    flow["nodes"][0]["config"]["fields"] = {"s_a": "edit", "s_b": "edit"}
    flow["nodes"] = [node for node in flow["nodes"] if node["id"] in ("start", "pool", "auto", "handle", "end")]
    flow["nodes"][3]["config"] |= {"fields": {"*": "read"}, "actions": [{"port": "submit", "label": "提交"}]}
    names = {node["id"] for node in flow["nodes"]}
    flow["edges"] = [edge for edge in flow["edges"] if {edge["from"].split(":")[0], edge["to"].split(":")[0]} <= names]
    flow["edges"] = [edge for edge in flow["edges"] if edge["from"] != "handle:return"]
    flow["edges"].append({"id": "e_end", "from": "handle:submit", "to": "end:in"})
    with site.app.app_context():
        company.publish(FORM, flow, "rules")
        ensure_entries("rules", now=clock.now_ms())
        token = db.session.scalars(select(Entry.token).where(Entry.type_key == "rules")).one()
        db.session.rollback()
    return windows.open(f"{site.url}/f/{token}")


def options(page: Page) -> list[str]:
    return page.locator("#f_size option").all_text_contents()


def test_a_section_comes_and_what_hangs_on_it(page: Page, site: Site) -> None:
    section = page.locator(".section", has_text="乙")
    expect(section).to_be_hidden()
    page.get_by_text("是", exact=True).click()
    expect(section).to_be_visible()
    expect(field(page, "f_deep")).to_be_hidden()
    page.fill("[name=f_why]", "因为")
    expect(field(page, "f_deep").locator("[data-req]")).to_be_visible()
    page.get_by_text("否", exact=True).click()
    expect(section).to_be_hidden()
    send(page)  # what is hidden is neither wanted nor kept
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert site.answers() == {"f_more": "o_n"}


def test_choices_shrink_and_a_value_is_set_once(page: Page, site: Site) -> None:
    assert options(page) == ["请选择", "小", "中", "大"]
    page.select_option("#f_size", "o_m")
    page.fill("[name=f_count]", "12")
    expect(page.locator("#f_total")).to_have_text("36 个")
    expect(page.locator("#f_size")).to_have_value("")
    assert options(page) == ["请选择", "大"]
    page.select_option("#f_size", "o_l")
    expect(page.locator("[name=f_note]")).to_have_value("大件")
    page.fill("[name=f_note]", "我的字")
    page.fill("[name=f_count]", "13")
    expect(page.locator("[name=f_note]")).to_have_value("我的字")
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert site.answers() == {"f_size": "o_l", "f_count": "13", "f_note": "我的字", "f_total": "39"}


def test_a_field_closes_and_a_wrong_sum_is_said_at_once(page: Page) -> None:
    note = page.locator("[name=f_note]")
    page.select_option("#f_size", "o_s")
    expect(note).to_be_disabled()
    page.select_option("#f_size", "o_m")
    expect(note).to_be_enabled()
    page.fill("[name=f_count]", "101")
    expect(page.locator("#f_count-err")).to_have_text("最多 100 个")
    send(page)
    expect(page.locator("#problems")).to_contain_text("最多 100 个")
    page.fill("[name=f_count]", "99")
    expect(page.locator("#f_count-err")).to_be_empty()


def test_the_button_waits_for_files(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    page.route("**/uploads", lambda route: None)  # never answered
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + b"0" * 100}
    page.set_input_files("#f_photos", photo)
    page.click("#submit")
    expect(page.locator("#state")).to_contain_text("还有 1 个文件正在上传")
    assert page.url == site.door
