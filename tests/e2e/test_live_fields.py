"""Rules and formulas over every kind of control: what the browser reads there is what the server will store."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.e2e.test_all_fields import keep
from tests.e2e.test_desk import enter
from tests.e2e.test_public_form import field, send
from tests.entries.kinds import publish
from tests.personas import ADMIN

ASKED: list[dict[str, Any]] = [
    {"id": "f_switch", "type": "switch", "label": "要发票吗"},
    {"id": "f_scale", "type": "scale", "label": "推荐吗"},
    {"id": "f_many", "type": "multiselect", "label": "门店",
     "options": [{"id": f"o_{n}", "label": f"门店 {n} 号" if n % 2 else f"ＡＢ仓库 {n} 号"} for n in range(20)]},
    {"id": "f_date", "type": "date", "label": "日期"},
    {"id": "f_when", "type": "datetime", "label": "时刻"},
    {"id": "f_time", "type": "time", "label": "时间"},
    {"id": "f_trip", "type": "daterange", "label": "行程"},
    {"id": "f_mail", "type": "email", "label": "邮箱"},
    {"id": "f_ok", "type": "consent", "label": "同意", "policy": {"doc": "privacy", "version": "1"}},
    {"id": "f_rows", "type": "subtable", "label": "明细", "fields": [
        {"id": "f_day", "type": "date", "label": "哪天"}, {"id": "f_gift", "type": "switch", "label": "赠品"}]},
]
CONDITIONS: dict[str, dict[str, Any]] = {  # a note that shows while the condition holds
    "switch": {"ref": "form.f_switch", "op": "eq", "value": True},
    "off": {"ref": "form.f_switch", "op": "eq", "value": False},
    "scale": {"ref": "form.f_scale", "op": "lte", "value": "6"},
    "many": {"ref": "form.f_many", "op": "has_any", "value": ["o_7"]},
    "date": {"ref": "form.f_date", "op": "gt", "value": {"rel": "today", "days": 2}},
    "when": {"ref": "form.f_when", "op": "lt", "value": {"rel": "today"}},
    "time": {"ref": "form.f_time", "op": "eq", "value": "09:30"}, "trip": {"ref": "form.f_trip", "op": "not_empty"},
    "ok": {"ref": "form.f_ok", "op": "not_empty"},
    "mail": {"ref": "form.f_mail", "op": "has_any", "value": ["@qq.com"]},
    "rows": {"ref": "form.f_rows", "op": "row_any", "where": {"all": [
        {"ref": "row.f_gift", "op": "eq", "value": True},
        {"ref": "row.f_day", "op": "eq", "value": {"rel": "today"}}]}},
}
FORMULAS = {
    "f_days": "{{form.f_trip.to}} - {{form.f_trip.from}} + 1", "f_more": "{{form.f_scale}} * 2",
    "f_hours": 'DATEDIF({{form.f_date}}, {{form.f_when}}, "h")',
    "f_gifts": "COUNTROWS({{form.f_rows}}, {{row.f_gift}})",
}
FIELDS = [
    *ASKED, *({"id": f"f_n_{name}", "type": "notice", "label": f"提示 {name}", "text": name} for name in CONDITIONS),
    *({"id": name, "type": "computed", "label": name, "formula": source} for name, source in FORMULAS.items()),
    *({"id": f"f_set_{name}", "type": kind, "label": f"填入 {name}"} for name, kind in (
        ("when", "datetime"), ("day", "date"), ("switch", "switch"), ("trip", "daterange"), ("scale", "scale"))),
]
RULES = [*({"id": f"r_{name}", "when": when, "then": [{"do": "show", "target": f"f_n_{name}"}]}
           for name, when in CONDITIONS.items()),
         {"id": "r_set", "when": CONDITIONS["ok"], "then": [
             {"do": "set", "target": "f_set_when", "formula": "ADDMINUTES({{form.f_date}}, 90)"},
             {"do": "set", "target": "f_set_day", "formula": "{{form.f_date}} + 1"},
             {"do": "set", "target": "f_set_switch", "value": True},
             {"do": "set", "target": "f_set_scale", "formula": "3 + 4"},
             {"do": "set", "target": "f_set_trip", "value": {"from": "2030-01-01", "to": "2030-01-05"}}]}]


def shown(page: Page) -> set[str]:
    """Names of the notes in sight."""
    return {name for name in CONDITIONS if field(page, f"f_n_{name}").is_visible()}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])  # of the phone; the company's is Shanghai
def test_the_browser_reads_each_control_as_the_server_does(site: Site, windows: Windows, zone: str) -> None:
    page = windows.open(site.url + publish(site.app, *FIELDS, rules=RULES), size="desktop", timezone_id=zone)
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    later = today + timedelta(days=3)
    expect(field(page, "f_n_off")).to_be_visible()
    assert shown(page) == {"off"}
    page.locator("#f_switch").check()
    page.locator('label[for="f_scale-3"]').click()
    page.fill("#f_date", later.isoformat())
    page.fill("#f_when", f"{today}T00:00")
    page.fill("#f_time", "09:30")
    page.fill("[name='f_trip.from']", "2030-02-27")
    page.fill("[name='f_trip.to']", "2030-03-02")
    page.fill("#f_mail", "li@qq.com")
    field(page, "f_many").get_by_text("门店 7 号", exact=True).click()
    field(page, "f_rows").get_by_role("button", name="添加一行").click()
    page.fill('[name="f_rows.0.f_day"]', today.isoformat())
    page.locator('[name="f_rows.0.f_gift"][type=checkbox]').check()
    expect(field(page, "f_n_rows")).to_be_visible()
    page.locator("#f_ok").check()
    expect(field(page, "f_n_ok")).to_be_visible()
    assert shown(page) == {"switch", "scale", "many", "date", "time", "trip", "mail", "rows", "ok"}
    sums = {name: page.locator(f"#{name}").inner_text() for name in FORMULAS}
    assert sums == {"f_days": "4", "f_more": "6", "f_hours": "-72", "f_gifts": "1"}
    expect(page.locator("#f_set_when")).to_have_value(f"{later}T01:30")
    expect(page.locator("#f_set_day")).to_have_value((later + timedelta(days=1)).isoformat())
    expect(page.locator("#f_set_switch")).to_be_checked()
    expect(page.locator("[name='f_set_trip.to']")).to_have_value("2030-01-05")
    expect(page.locator("[name=f_set_scale]:checked")).to_have_value("7")
    page.fill("#f_when", f"{today - timedelta(days=1)}T23:59")
    expect(field(page, "f_n_when")).to_be_visible()
    page.fill("[name='f_trip.to']", "")
    page.fill("[name='f_trip.to']", "2030-02-28")
    expect(page.locator("#f_days")).to_have_text("2")
    assert complaints(page) == []
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    stored = site.answers()
    assert {name: stored[name] for name in FORMULAS} == {
        "f_days": "2", "f_more": "6", "f_hours": "-72", "f_gifts": "1"}
    assert stored["f_set_when"] == f"{later}T01:30+08:00" and stored["f_set_switch"] is True
    assert stored["f_rows"] == [{"f_day": today.isoformat(), "f_gift": True}]


def test_a_long_list_is_searched(site: Site, windows: Windows) -> None:
    page = windows.open(site.url + publish(site.app, *ASKED[2:3]))
    box = field(page, "f_many")
    rows = box.locator(".opt:visible")
    expect(rows).to_have_count(20)
    box.get_by_text("门店 3 号", exact=True).click()
    search = box.get_by_role("searchbox", name="搜索选项")
    search.fill("ab仓库")
    expect(rows).to_have_count(10)
    expect(box.get_by_role("status")).to_have_text("找到 10 项")
    search.press("Enter")
    assert site.tickets() == 0, "searching is not sending"
    box.get_by_text("ＡＢ仓库 4 号", exact=True).click()
    search.fill("没有这一项")
    expect(rows).to_have_count(0)
    assert complaints(page) == []
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert site.answers() == {"f_many": ["o_3", "o_4"]}


def test_what_is_half_typed_is_said_and_not_lost_in_silence(site: Site, windows: Windows) -> None:
    page = windows.open(site.url + publish(site.app, {"id": "f_d", "type": "date", "label": "日期"},
                                           {"id": "f_m", "type": "email", "label": "邮箱"},
                                           {"id": "f_i", "type": "idcard", "label": "证件号"}), size="desktop")
    page.locator("#f_d").press("1")
    page.locator("#f_m").fill("li@")
    page.locator("#f_i").fill("1234")
    page.locator("#f_m").focus()
    expect(page.locator("#f_d-err")).to_have_text("“日期”没有填完整。")
    expect(page.locator("#f_i-err")).to_contain_text("18 位身份证号")
    page.locator("#f_d").focus()
    expect(page.locator("#f_m-err")).to_contain_text("不像是邮箱")
    page.wait_for_timeout(600)
    assert "1234" not in page.evaluate("() => JSON.stringify(localStorage)"), "personal: no draft of it"


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_link_with_values_is_made_on_the_page_of_links(site: Site, windows: Windows, size: str) -> None:
    page = enter(windows.open(f"{site.url}/links", size=size), ADMIN)
    box = page.locator(".door", has_text="公众号菜单")
    box.get_by_text("预填链接").click()
    box.get_by_label("订单号").fill("A1001")
    assert complaints(page) == [] and overflow(page) == 0
    box.get_by_role("button", name="生成链接").click()
    page.wait_for_load_state()
    expect(box.get_by_text("途中没有人能改动")).to_be_visible()
    assert complaints(page) == [] and overflow(page) == 0
    keep(page, f"links-{size}")
    path = str(box.locator(".address a").get_attribute("href")).partition("/f/")[2]
    customer = windows.open(f"{site.url}/f/{path}")
    assert customer.input_value("[name=f_order]") == "A1001"
