"""The panel, the problems and the windows of the flow designer, by mouse."""
from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from app.core.principal import Principal
from app.definitions import comments
from app.definitions import service as definitions
from app.extensions import clock
from tests.browsers import Windows, complaints, overflow
from tests.definitions.conftest import RAW
from tests.e2e.conftest import Site
from tests.e2e.flow_page import Flow
from tests.e2e.test_desk import enter
from tests.personas import ADMIN, LEAD, MARKETING

KEY = "restaurant_complaint"


@pytest.fixture
def page(windows: Windows) -> Iterator[Page]:
    yield windows.open(size="desktop", viewport={"width": 1440, "height": 900})


def spot(page: Page, path: str) -> Locator:
    return page.locator(f'.flow-panel [data-setting="{path}"]')


def opened(page: Page, url: str, name: str, key: str = KEY) -> Flow:
    """A flow with the panel of one step open."""
    flow = Flow.of(page, url, key)
    flow.view("大纲")
    page.locator(".tree-line.is-node").filter(has_text=name).first.dblclick()
    expect(flow.panel).to_be_visible()
    return flow


def config(flow: Flow, name: str) -> dict[str, object]:
    found: dict[str, object] = next(node for node in flow.content()["nodes"] if node["name"] == name)["config"]
    return found


def test_settings_read_as_sentences_and_are_kept_as_definitions(url: str, page: Page) -> None:
    flow = opened(page, url, "区域经理审批")
    expect(spot(page, "config.approvers").locator("select").nth(1)).to_have_value("region_manager")
    expect(spot(page, "config.ratio")).to_have_count(0)
    spot(page, "config.mode").locator("select").select_option(label="按比例")
    spot(page, "config.ratio").locator("input").fill("60")
    spot(page, "config.same_person").get_by_text("跳过此人").click()
    spot(page, "config.approvers").get_by_role("button", name="再加一项").click()
    spot(page, "config.approvers").get_by_label("第 2 项：按什么选").select_option(label="某个人")
    spot(page, "config.approvers").get_by_label("第 2 项：谁").select_option(label="林主管")
    now = config(flow, "区域经理审批")
    assert (now["mode"], now["ratio"], now["same_person"]) == ("ratio", "60%", "skip")
    assert now["approvers"] == [{"role": "region_manager", "of": "form.f_store"}, {"person": "lead"}]
    page.locator(".tree-line.is-node").filter(has_text="客诉抢单池").first.dblclick()
    spot(page, "config.timeout").locator("input").fill("2")
    spot(page, "config.timeout").locator("select").select_option(label="小时")
    assert config(flow, "客诉抢单池")["timeout"] == "PT2H"
    expect(page.locator(".tree-line.is-node").filter(has_text="客诉抢单池").first).to_contain_text("2 小时内没人抢")
    assert complaints(page) == []


def test_a_way_out_keeps_its_line_when_it_is_named_anew_and_takes_it_along_when_it_goes(url: str, page: Page) -> None:
    flow = opened(page, url, "客服处理")
    before = flow.lines()
    spot(page, "config.actions[1].label").locator("input").fill("还给大家")
    assert flow.lines() == before
    spot(page, "config.actions[0]").get_by_role("button", name="下移").click()
    assert flow.lines() == before
    assert [row["label"] for row in config(flow, "客服处理")["actions"]] == ["还给大家", "提交处理"]  # type: ignore
    spot(page, "config.actions[0]").get_by_role("button", name="去掉").click()
    expect(page.locator(".toast")).to_contain_text("“还给大家”已去掉，它的连线也一起去掉了")
    assert flow.lines() == before - {"客服处理:return>客诉抢单池"}
    page.locator(".toast").get_by_role("button", name="撤销").click()
    assert flow.lines() == before


def test_a_problem_opens_its_setting_and_is_repaired_in_one_step(url: str, page: Page) -> None:
    flow = opened(page, url, "客诉抢单池")
    spot(page, "config.candidates").get_by_role("button", name="去掉第 1 项").click()
    said = spot(page, "config.candidates").locator(".row-error")
    expect(said).to_contain_text("没有写“谁可以抢”")
    spot(page, "config.timeout").locator("input").fill("")
    page.locator(".problems").click()
    dock = page.locator(".dock")
    expect(dock.locator(".finding.error")).to_have_count(1)
    page.locator(".flow-panel").get_by_role("button", name="关闭").click()
    dock.locator(".finding-words").filter(has_text="谁可以抢").click()
    expect(spot(page, "config.candidates").get_by_role("button", name="选谁")).to_be_focused()
    dock.locator(".finding").filter(has_text="时限").get_by_role("button", name="最多等 3 天").click()
    expect(spot(page, "config.timeout").locator("input")).to_have_value("3")
    assert config(flow, "客诉抢单池")["timeout"] == "P3D"
    page.keyboard.press("Control+z")
    assert "timeout" not in config(flow, "客诉抢单池")


def test_a_condition_asks_fields_customers_and_variables(url: str, page: Page) -> None:
    flow = opened(page, url, "是否红色预警")
    clause = spot(page, "config.cases[0].when").locator(".clause")
    expect(clause.first.get_by_label("看哪个字段").locator("option:checked")).to_have_text("priority")
    clause.first.get_by_label("值", exact=True).select_option(label="urgent")
    clause.nth(1).get_by_label("看哪个字段").select_option(label="投诉类型")
    clause.nth(1).get_by_label("值", exact=True).select_option(label="菜品")
    (case,) = config(flow, "是否红色预警")["cases"]  # type: ignore
    assert case["when"] == {"any": [{"ref": "vars.priority", "op": "eq", "value": "urgent"},
                                    {"ref": "form.f_kind", "op": "eq", "value": "o_food"}]}


def test_what_is_thrown_at_an_input_is_only_text(url: str, page: Page) -> None:
    flow = opened(page, url, "关闭")
    name = "<img src=x onerror=alert(1)>{{7*7}} constructor"
    flow.panel.get_by_label("名称", exact=True).fill(name)
    spot(page, "config.reason").locator("input").fill("__proto__")
    assert config(flow, name)["reason"] == "__proto__"
    expect(page.locator(".tree-line").filter(has_text="{{7*7}}").first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_two_who_draw_at_once_see_what_is_different(url: str, page: Page, windows: Windows) -> None:
    mine = opened(page, url, "客诉抢单池")
    other = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
    theirs = opened(other, url, "客服处理")
    theirs.panel.get_by_label("名称", exact=True).fill("专员处理")
    theirs.content()
    mine.panel.get_by_label("名称", exact=True).fill("大家的池子")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("有同事刚改过这个流程")
    expect(window.locator(".changes")).to_contain_text("“大家的池子”")
    expect(window.locator(".changes")).to_contain_text("“客服处理”")
    window.get_by_role("button", name="采用同事的").click()
    assert {"专员处理", "客诉抢单池"} <= {node["name"] for node in mine.content()["nodes"]}
    page.keyboard.press("Control+z")
    assert "大家的池子" in {node["name"] for node in mine.content()["nodes"]}


def test_a_department_draws_apart_and_the_owner_merges(url: str, page: Page, windows: Windows) -> None:
    """Marketing puts a coupon behind the handling, the owner at the same time something else: both are kept."""
    lu = windows.open(f"{url}/designer/flows/", size="desktop", viewport={"width": 1440, "height": 900})
    enter(lu, MARKETING)
    lu.goto(f"{url}/designer/flows/")
    lu.get_by_role("link", name="“餐饮客诉处理”的部门分支").click()
    lu.get_by_label("做什么用").fill("投诉后送券")
    lu.get_by_role("button", name="开分支").click()
    expect(lu.locator(".branch-banner")).to_contain_text("这是“市场部”的分支“投诉后送券”，不影响正在用的流程")
    expect(lu.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    theirs = Flow(lu, url)
    theirs.add("通知客户", "客服处理", "提交处理")
    theirs.rename("送优惠券")
    branch = theirs.content()
    assert complaints(lu) == []
    lu.keyboard.press("Escape")
    lu.get_by_role("button", name="提请合并").click()
    lu.get_by_label("改了什么").fill("春季活动")
    lu.get_by_role("button", name="提请", exact=True).click()
    expect(lu.locator(".branch-banner")).to_contain_text("你已提请合并：“春季活动”")

    mine = Flow.of(page, url, KEY)
    mine.add("等待一段时间", "客服处理", "提交处理")
    mine.rename("缓一缓")
    mine.content()
    page.get_by_role("link", name="部门分支").click()
    expect(page.get_by_text("陆市场提请合并：“春季活动”")).to_be_visible()
    page.get_by_role("link", name="并入主流程").click()
    window = page.get_by_role("dialog")
    expect(window.locator(".conflicts")).to_contain_text("节点“客服处理”的出口“提交处理”")
    merge = window.get_by_role("button", name="并入草稿")
    expect(merge).to_be_disabled()
    assert complaints(page) == []
    window.get_by_label("两个都要").check()
    expect(merge).to_be_enabled()
    window.get_by_role("button", name="在图上看").click()
    expect(page.locator(".board .card.cmp.added")).to_have_count(1)
    page.get_by_role("button", name="退出比较").click()
    expect(window.get_by_label("两个都要")).to_be_checked()
    merge.click()
    window.get_by_role("link", name="去主流程检查并发布").click()
    page.wait_for_selector(".flow-canvas")
    assert {"客服处理:submit>缓一缓", "缓一缓:out>送优惠券", "送优惠券:out>赔付是否大于5万"} <= mine.lines()
    names = {node["name"] for node in mine.content()["nodes"]}
    assert names == {node["name"] for node in branch["nodes"]} | {"缓一缓"}
    expect(page.locator(".standing.changed")).to_be_visible()


def test_a_version_comes_back(url: str, page: Page) -> None:
    flow = opened(page, url, "客诉抢单池")
    flow.panel.get_by_label("名称", exact=True).fill("大家的池子")
    flow.content()
    page.get_by_role("button", name="版本").click()
    window = page.get_by_role("dialog")
    window.locator(".versions button").first.click()
    expect(window.locator(".changes")).to_contain_text("节点“大家的池子”改了：名称")
    window.get_by_role("button", name="在流程图上比较").click()
    expect(page.locator(".board .card.cmp.changed")).to_have_count(1)
    page.get_by_role("button", name="退出比较").click()
    expect(page.locator(".board .card.cmp")).to_have_count(0)
    page.get_by_role("button", name="版本").click()
    window.locator(".versions button").first.click()
    window.get_by_role("button", name="恢复").click()
    assert flow.content() == RAW["flow"]


def test_an_imported_flow_points_at_what_is_not_known_here(url: str, page: Page, tmp_path: Path) -> None:
    flow = Flow.of(page, url, KEY)
    content = copy.deepcopy(RAW["flow"])
    next(node for node in content["nodes"] if node["id"] == "pool")["config"]["candidates"] = [
        {"role": "robots"}, {"role": "cs_agent"}]
    content["nodes"].append({"id": "far", "type": "acme.pigeon", "tv": 1, "name": "信鸽", "config": {"x": [1]}})
    file = tmp_path / "flow.json"
    file.write_text(json.dumps(content), "utf-8")
    page.goto(f"{url}/designer/new-flow")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="导入").click()
    page.wait_for_selector(".flow-canvas")
    page.locator(".problems").click()
    finding = page.locator(".dock .finding").filter(has_text="robots")
    finding.locator(".finding-words").click()
    expect(spot(page, "config.candidates").locator(".row-error").first).to_contain_text("请改选")
    finding.get_by_role("button", name="拿掉").click()
    expect(page.locator(".dock .finding").filter(has_text="robots")).to_have_count(0)
    page.locator(".dock .finding-words").filter(has_text="acme.pigeon").first.click()
    expect(flow.panel).to_contain_text("没有安装")
    kept = flow.content()
    assert next(node for node in kept["nodes"] if node["id"] == "far")["config"] == {"x": [1]}
    assert config(flow, "客诉抢单池")["candidates"] == [{"role": "cs_agent"}]


def test_on_a_phone_the_flow_is_a_list(url: str, windows: Windows) -> None:
    page = windows.open(size="phone")
    page.goto(f"{url}/designer/flows/{KEY}")
    enter(page, ADMIN)
    expect(page.locator(".tree-line.is-node")).to_have_count(28)
    assert overflow(page) == 0
    line = page.locator(".tree-line.is-node").filter(has_text="关键词与优先级").first
    line.locator("button[title='添加节点']").tap()
    page.locator(".flow-palette").get_by_text("通知同事", exact=True).first.tap()
    expect(page.locator(".tree-line.is-node")).to_have_count(29)
    expect(page.locator(".flow-panel header h2")).to_have_text("通知同事")
    assert overflow(page) == 0
    page.locator(".flow-panel").get_by_role("button", name="关闭").tap()
    assert complaints(page) == []


def test_comments_stand_beside_the_flow_and_lead_to_their_step(site: Site, page: Page) -> None:
    drawer = Principal(id=LEAD.id, name="林主管", rights=frozenset({"definitions.edit"}))
    with site.app.app_context():
        for step, name, text in (("pool", "客诉抢单池", "30 分钟够吗？"), ("n_gone", "旧步骤", "为什么删掉？")):
            comments.write(KEY, str(uuid4()), text, step=step, step_name=name, actor=drawer, now=clock.now_ms())
    flow = opened(page, site.url, "客服处理")
    page.get_by_role("button", name="评论，2 条未读").click()
    dock = page.locator(".dock")
    expect(dock.locator(".talk-group").last).to_contain_text("旧步骤 节点已删除")
    expect(page.locator('.tree-line[data-step="pool"] .badge.talk.unread')).to_have_text("1")
    dock.get_by_role("button", name="客诉抢单池").click()
    thread = flow.panel.locator(".thread")
    thread.get_by_role("button", name="回复").click()
    thread.get_by_label("回复").fill("周末改一小时")
    thread.get_by_label("回复").press("Control+Enter")
    expect(thread.locator(".said")).to_have_count(2)
    expect(page.locator(".badge.talk.unread")).to_have_count(0)  # read, for it stood there
    thread.get_by_role("button", name="标为已解决").click()
    expect(page.locator('.tree-line[data-step="pool"] .badge.talk')).to_have_count(0)
    flow.panel.get_by_label("写评论").fill("另外")
    flow.panel.get_by_role("button", name="发送").click()
    expect(thread).to_contain_text("另外")
    thread.get_by_role("button", name="删除这条评论").click()
    thread.get_by_role("button", name="确定删除？").click()
    expect(thread).to_have_count(0)
    with site.app.app_context():
        assert definitions.draft("flow", KEY)["rev"] == 1
    assert complaints(page) == []
