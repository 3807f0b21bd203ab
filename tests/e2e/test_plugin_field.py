"""A plugin's field in the designer: drawn, set up and asked about like one of ours, with nothing written for it."""
from __future__ import annotations

from playwright.sync_api import expect

from tests.browsers import Windows, complaints
from tests.e2e.designer_page import Designer


def test_a_manager_draws_an_appointment(url: str, windows: Windows) -> None:
    page = windows.open(size="desktop")
    draw = Designer.blank(page, url, "上门维修")
    draw.add("预约时段", "上门时间")
    times = draw.panel.get_by_label("可约时段", exact=True)
    expect(times).to_have_accessible_description("例如 09:00-10:30，写好一个按回车")
    for taken in ("14:00-15:30", "15:30-17:00"):
        draw.button(f"去掉“{taken}”")
    times.fill("19:00-20:00")
    times.press("Enter")
    times.fill("8:00~9:00")
    times.press("Enter")
    draw.named(draw.panel, "周日").click()
    draw.set("最多提前几天", "7")
    draw.add("单行文本", "夜间联系人")
    draw.rules_of("夜间联系人")
    draw.button("什么时候显示")
    draw.clause(0, "上门时间的时段", "等于", "19:00-20:00")
    assert complaints(page) == []
    content = draw.content()
    (visit, night), (rule,) = content["fields"], content["rules"]
    assert visit == {
        "id": visit["id"], "type": "timeslot", "label": "上门时间", "closed": ["sun"], "min_days": 1, "max_days": 7,
        "slots": ["09:00-10:30", "10:30-12:00", "19:00-20:00", "8:00~9:00"]}
    assert rule["when"] == {"all": [{"ref": f"form.{visit['id']}.slot", "op": "eq", "value": "19:00-20:00"}]}
    assert rule["then"] == [{"do": "show", "target": night["id"]}]
    page.get_by_role("button", name="手机预览").click()
    phone = page.frame_locator("iframe")
    expect(phone.locator("select option")).to_have_text(
        ["请选择", "08:00-09:00", "09:00-10:30", "10:30-12:00", "19:00-20:00"])
    draw.hand.select(draw.field("上门时间"))
    draw.hand.tab(draw.panel, "属性")
    times.fill("傍晚")
    times.press("Enter")
    page.locator("button", has_text="问题 1").click()
    expect(page.get_by_text("“傍晚”不是时段，请写成 09:00-10:30 这样。").first).to_be_visible()
