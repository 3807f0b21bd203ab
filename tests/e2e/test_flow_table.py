"""A decision table drawn in the panel by mouse: what decides, its rows, and where the checks point."""
from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsers import Windows, complaints
from tests.e2e.flow_page import Flow


@pytest.mark.e2e
def test_a_table_is_made_of_dimensions_and_rows(url: str, windows: Windows) -> None:
    page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    flow = Flow.of(page, url, "restaurant_complaint")
    flow.select("无人抢单自动派给最闲")
    flow.panel.locator('[data-setting="config.ways"]').get_by_role("button", name="添加一项").click()
    flow.panel.get_by_label("先找谁").select_option(label="按派单表")
    table = flow.panel.locator('[data-setting="config.ways[0].table"]')
    for dimension in ("门店的区域", "客户等级"):
        table.get_by_label("再加一项条件").select_option(label=dimension)
    table.get_by_role("button", name="添加一行").click()
    row = table.locator('[data-setting="config.ways[0].table.rows[0]"]')
    row.get_by_role("combobox", name="第 1 行：门店的区域").select_option(label="华东")
    row.get_by_label("第 1 行：客户等级").fill("VIP，金卡，")
    row.get_by_role("button", name="选谁").click()
    row.get_by_label("第 1 项：谁").select_option(label="客服主管")
    table.get_by_role("button", name="添加一行").click()
    second = table.locator('[data-setting="config.ways[0].table.rows[1]"]')
    second.get_by_role("combobox", name="第 2 行：门店的区域").select_option(label="华东")
    second.get_by_label("第 2 行：客户等级").fill("VIP，")
    second.get_by_role("button", name="选谁").click()
    second.get_by_label("第 1 项：谁").select_option(label="客服")
    expect(second).to_contain_text("第 2 行永远轮不到")
    node = next(one for one in flow.content()["nodes"] if one["name"] == "无人抢单自动派给最闲")
    assert node["config"]["ways"] == [{"strategy": "table", "table": {
        "columns": [{"ref": "form.f_store", "attr": "region"}, {"ref": "customer.level"}],
        "rows": [{"is": [["华东"], ["VIP", "金卡"]], "to": [{"role": "cs_lead"}]},
                 {"is": [["华东"], ["VIP"]], "to": [{"role": "cs_agent"}]}]}}]
    table.get_by_role("button", name="去掉“第 1 项”").click()
    expect(table).not_to_contain_text("永远轮不到")
    assert complaints(page) == []
