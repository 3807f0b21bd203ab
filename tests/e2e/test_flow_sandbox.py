"""The sandbox in the dock: stories are played and run, a new one is recorded, and what a change breaks is named."""
from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import expect

from app.core.principal import SYSTEM
from app.definitions import scenarios
from app.definitions import service as definitions
from app.extensions import db
from tests.browsers import Windows, complaints, overflow
from tests.desk.conftest import complain
from tests.e2e.conftest import Site
from tests.e2e.sandbox_room import Room
from tests.e2e.test_desk import enter
from tests.e2e.test_form_designer import window
from tests.personas import ADMIN

__all__ = ["complain"]  # a fixture
KEY = "restaurant_complaint"


def test_the_five_stories_run_and_show_what_nobody_tries(site: Site, windows: Windows) -> None:
    page = window(windows)
    room = Room.of(page, site.url, KEY)
    expect(page.locator(".sb-list li")).to_have_count(5)
    room.all_pass(5)
    room.button("覆盖 84%").click()
    expect(page.locator(".sb-head")).to_contain_text("还有 6 个出口没有场景走过")
    room.scenario("普通客诉")
    expect(room.page.locator(".sb-pass")).to_have_text("通过")
    expect(room.story).to_contain_text("安客服在“客服处理”：提交处理")
    expect(room.story.locator(".sb-case").first).to_contain_text("优先级 等于 红色 实际 普通")
    expect(page.locator(".sb-messages")).to_contain_text("第 30 分钟 短信 → 客户")
    assert complaints(page, ".sb") == []


def test_a_story_is_played_step_by_step_and_dragged(site: Site, windows: Windows) -> None:
    page = window(windows)
    room = Room.of(page, site.url, KEY)
    room.scenario("大额赔付")
    expect(page.locator(".sb-clock")).to_contain_text("+2 小时 15 分钟")
    expect(room.card("等待客户评价")).to_have_class(re.compile("active"))
    room.button("回到开头").click()
    expect(page.locator(".card.lit")).to_have_count(0)
    room.button("到下一个等待").click()
    expect(room.story.locator("[aria-current=step]")).to_contain_text("客诉抢单池")
    expect(page.locator(".bubble")).to_have_text("等人抢单")
    room.button("下一步").click()
    expect(room.story.locator("[aria-current=step]")).to_contain_text("安客服抢单")
    page.get_by_label("时间线").press("End")
    expect(page.locator(".bubble")).to_have_text("等客户")


def test_a_new_scenario_is_recorded_by_doing_it(site: Site, windows: Windows) -> None:
    page = window(windows)
    room = Room.of(page, site.url, KEY)
    room.button("新场景").click()
    start = page.locator(".sb-start")
    expect(start).to_be_visible()
    start.get_by_label("从哪里开始").select_option(label="公众号菜单「我的订单」投诉")
    start.get_by_label("手机号").fill("13800138000")
    start.get_by_label("情况说明").fill("汤里有异物")
    expect(start.locator(".sb-wrong")).to_have_count(0)
    expect(room.button("开始演练")).to_be_enabled()
    page.wait_for_timeout(600)  # the server has judged what was typed last
    room.button("开始演练").click()
    expect(page.locator(".sb-messages")).to_contain_text("企业微信")
    expect(page.locator(".sb-wait h3")).to_have_text("客诉抢单池")
    page.get_by_label("以谁的身份").select_option(label="以白客服身份")
    page.get_by_label("过多久").first.fill("16")
    room.does("白客服", "抢单")
    expect(page.locator(".sb-clock")).to_contain_text("+16 分钟")
    expect(page.locator(".sb-messages")).to_contain_text("第 15 分钟")
    room.fills("处理结果", "已致歉")
    room.does("白客服", "提交处理")
    expect(page.locator(".sb-wait h3")).to_have_text("等待客户评价")
    room.button("撤销一步").click()
    expect(page.locator(".sb-wait h3")).to_have_text("客服处理")
    page.locator(".sb-more summary", has_text="加签（请同事给意见）").click()
    page.locator(".sb-more[open]").get_by_label("给谁").select_option(label="安客服")
    room.does("白客服", "加签（请同事给意见） 客服处理")
    expect(page.locator(".sb-wait").first).to_contain_text("先等安客服的意见")
    room.does("安客服", "同意")
    expect(room.story).to_contain_text("安客服同意“客服处理”")
    expect(page.locator(".sb-whole").get_by_role("button", name="客户：催办")).to_be_visible()
    room.fills("处理结果", "已致歉")
    room.does("白客服", "提交处理")
    page.locator(".sb-timers li", has_text="等待客户评价").get_by_role("button", name="等到这时").click()
    expect(page.locator(".sb-over")).to_have_text("工单已关闭")
    room.button("保存场景").click()
    page.get_by_label("场景名称").fill("异物，客户没有评价")
    expect(page.locator(".sb-save")).to_contain_text("最后工单是“已关闭”")
    page.locator(".sb-save .tick", has_text="依次走过").click()
    page.locator(".sb-save").get_by_role("button", name="保存场景").click()
    expect(page.locator(".sb-said")).to_have_text("已保存“异物，客户没有评价”")
    expect(page.locator(".sb-list li")).to_have_count(6)
    with site.app.app_context():
        kept = scenarios.saved(KEY).content["scenarios"][5]
        db.session.rollback()
    assert kept["script"][0] == {"after": "PT16M", "as": "a2", "do": "claim", "node": "pool"}
    assert {"as": "a2", "do": "add_sign", "node": "handle", "to": "a1"} in kept["script"]
    assert kept["expect"]["status"] == "closed" and "path" not in kept["expect"]
    room.all_pass(6)
    room.button("覆盖 86%").click()
    assert site.tickets() == 0


def test_a_change_that_breaks_a_story_is_named_in_plain_words(site: Site, windows: Windows) -> None:
    page = window(windows)
    with site.app.app_context():
        row = definitions.draft("flow", KEY)
        content = json.loads(json.dumps(row["content"]))
        big = next(node for node in content["nodes"] if node["id"] == "big")
        big["config"]["cases"][0]["when"]["all"][0]["value"] = "500000"
        definitions.save_draft("flow", KEY, content, row["rev"], actor=SYSTEM, now=1)
    room = Room.of(page, site.url, KEY)
    room.button("全部运行").click()
    expect(page.locator(".sb-result")).to_have_text("4 / 5 通过")
    failing = page.locator(".sb-list li", has_text="大额赔付")
    expect(failing).to_contain_text("第 3 步“任区经在“区域经理审批”驳回”做不了：这时没有在等“区域经理审批”")
    room.scenario("大额赔付")
    expect(page.locator(".sb-failures")).to_contain_text("第 3 步")


def test_a_scenario_is_taken_away_and_brought_back(site: Site, windows: Windows) -> None:
    page = window(windows)
    room = Room.of(page, site.url, KEY)
    page.locator(".sb-list li", has_text="差评").hover()
    room.button("删除“差评：复盘、重新打开换人、三次后转总部”").click()
    expect(page.locator(".sb-list li")).to_have_count(4)
    page.locator(".sb-said").get_by_role("button", name="恢复").click()
    expect(page.locator(".sb-list li")).to_have_count(5)


def test_by_keys_alone_and_on_a_phone(site: Site, windows: Windows) -> None:
    page = windows.open()
    room = Room.of(page, site.url, KEY)
    page.locator(".sb-list .sb-one").first.focus()
    page.keyboard.press("Enter")
    expect(room.story.locator("li").first).to_be_visible()
    page.get_by_role("button", name="上一步", exact=True).focus()
    page.keyboard.press("Enter")
    expect(room.story.locator(".ahead").first).to_be_visible()
    assert overflow(page) <= 0


def test_last_months_tickets_are_told_again(site: Site, windows: Windows, complain: Callable[..., str]) -> None:
    complain(f_phone="13700137000")
    with site.app.app_context():
        row = definitions.draft("flow", KEY)
        content = json.loads(json.dumps(row["content"]))
        edge = next(one for one in content["edges"] if one["from"] == "is_hot:else")
        edge["to"] = "auto:in"
        definitions.save_draft("flow", KEY, content, row["rev"], actor=SYSTEM, now=1)
    room = Room.of(window(windows), site.url, KEY)
    room.button("用上个月的工单走一遍").click()
    expect(room.page.locator(".sb-replay")).to_contain_text("一样 0，不同 1，没有比较 0")
    told = "“是否红色预警”之后：当时到“客诉抢单池”，新流程会到“无人抢单自动派给最闲”"
    expect(room.page.locator(".sb-replay tbody")).to_contain_text(told)


def test_publishing_stops_at_a_failing_story_and_leads_to_it(site: Site, windows: Windows) -> None:
    with site.app.app_context():
        row = definitions.draft("flow", KEY)
        content = json.loads(json.dumps(row["content"]))
        big = next(node for node in content["nodes"] if node["id"] == "big")
        big["config"]["cases"][0]["when"]["all"][0]["value"] = "500000"
        definitions.save_draft("flow", KEY, content, row["rev"], actor=SYSTEM, now=1)
    page = window(windows)
    page.goto(f"{site.url}/designer/flows/{KEY}")
    enter(page, ADMIN)
    page.wait_for_selector(".card")
    page.locator(".top").get_by_role("button", name="发布").click()
    dialog = page.locator("dialog")
    for tick in dialog.locator("input[type=checkbox]").all():
        tick.check()
    dialog.locator(".window-foot .btn.primary").click()
    finding = page.get_by_role("button", name=re.compile("场景“大额赔付：区域经理驳回后再批”没有通过"))
    finding.click()
    expect(page.locator(".sb-list .current")).to_contain_text("大额赔付")
    expect(page.locator(".sb-failures")).to_contain_text("做不了：这时没有在等“区域经理审批”")
    page.locator(".sb-list .current").hover()
    page.locator(".sb-list .current .tool").click()
    expect(page.locator(".sb-list li")).to_have_count(4)
    expect(page.locator(".problems")).to_have_text("问题 2")  # without it, nothing stands in the way
    with site.app.app_context():
        assert definitions.draft("flow", KEY)["current_version"] == 1
        db.session.rollback()
