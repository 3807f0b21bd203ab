"""Fields with scripts of their own, on a phone."""
from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.core.principal import SYSTEM
from app.extensions import db
from app.org import masterdata
from tests.browsers import Windows, complaints, overflow
from tests.desk.test_lookup_page import hire
from tests.e2e.conftest import Site
from tests.e2e.test_desk import enter
from tests.e2e.test_public_form import SMALLEST, TOO_SMALL, send
from tests.entries.conftest import jpeg
from tests.entries.kinds import publish
from tests.forms.test_codes import photo, png, qr
from tests.personas import AGENT

RECEIVED = "已收到您的提交"


def well_made(page: Page) -> None:
    """Nothing for axe to complain of, nothing that scrolls sideways, nothing too small for a thumb."""
    assert complaints(page) == [] and overflow(page) == 0
    assert page.evaluate(TOO_SMALL, SMALLEST) == []


# ---- province, city, county ----------------------------------------------------------------------------------------


def lists(page: Page, name: str) -> list[str]:
    """What each list says."""
    return [page.locator(f"[name='{name}.{part}'] option:checked").inner_text() for part in "pcd"]


def test_lower_lists_follow_the_upper_ones(site: Site, windows: Windows) -> None:
    path = publish(site.app, {"id": "f_r", "type": "region", "label": "所在地区"}, {"id": "f_a", "type": "address"})
    page = windows.open(site.url + path)
    city, county = page.locator("[name='f_r.c']"), page.locator("[name='f_r.d']")
    expect(city).to_be_disabled()
    expect(page.get_by_role("button", name="显示下一级")).to_have_count(0)  # not for those with scripts
    well_made(page)
    page.select_option("#f_r", label="浙江省")
    page.select_option("[name='f_r.c']", label="杭州市")
    page.select_option("[name='f_r.d']", label="西湖区")
    page.select_option("#f_r", label="广东省")
    expect(county).to_be_disabled()
    assert lists(page, "f_r") == ["广东省", "城市", "区县"]
    page.select_option("[name='f_r.c']", label="东莞市")
    expect(county).to_be_hidden()  # a city without counties
    page.select_option("#f_r", label="北京市")
    page.select_option("[name='f_r.c']", label="东城区")
    page.select_option("#f_a", label="香港特别行政区")
    expect(page.locator("[name='f_a.c']")).to_be_hidden()
    page.fill("[name='f_a.text']", "弥敦道 1 号")
    send(page)
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    assert site.answers() == {"f_r": "110101", "f_a": {"region": "810000", "text": "弥敦道 1 号"}}


def test_a_draft_and_a_rule_choose_areas_too(site: Site, windows: Windows) -> None:
    rules = [{"id": "r_set", "when": {"ref": "form.f_t", "op": "eq", "value": "总部"},
              "then": [{"do": "set", "target": "f_r", "value": "330106"}]},
             {"id": "r_show", "when": {"ref": "form.f_r", "op": "starts", "value": ["3205"]},
              "then": [{"do": "show", "target": "f_more"}]}]
    path = publish(site.app, {"id": "f_r", "type": "region"}, {"id": "f_t", "type": "text"},
                   {"id": "f_more", "type": "text", "label": "苏州专用"}, rules=rules)
    page = windows.open(site.url + path)
    expect(page.get_by_label("苏州专用")).to_be_hidden()
    page.select_option("#f_r", label="江苏省")
    page.select_option("[name='f_r.c']", label="苏州市")
    page.select_option("[name='f_r.d']", label="昆山市")
    expect(page.get_by_label("苏州专用")).to_be_visible()
    page.wait_for_timeout(600)  # the draft is written when nobody has typed for a moment
    page.reload()
    expect(page.locator("[name='f_r.d'] option:checked")).to_have_text("昆山市")
    expect(page.get_by_label("苏州专用")).to_be_visible()
    page.fill("[name=f_t]", "总部")
    expect(page.locator("[name='f_r.d'] option:checked")).to_have_text("西湖区")
    assert lists(page, "f_r") == ["浙江省", "杭州市", "西湖区"]


def test_without_the_lists_the_button_leads_on(site: Site, windows: Windows) -> None:
    path = publish(site.app, {"id": "f_r", "type": "region"})
    page = windows.open()
    page.route("**/regions/*", lambda route: route.abort())
    page.goto(site.url + path)
    page.select_option("#f_r", label="浙江省")
    expect(page.get_by_text("没有取到地区列表")).to_be_visible()
    page.get_by_role("button", name="显示下一级").click()
    expect(page.locator("[name='f_r.c'] option")).to_have_count(12)


# ---- signatures ----------------------------------------------------------------------------------------------------


def sign(page: Page, *, dot: bool = False) -> None:
    """Two strokes on the sheet, or a dot."""
    sheet = page.locator("canvas")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box is not None
    for part in (0.2, 0.5):
        x, y = box["x"] + box["width"] * part, box["y"] + box["height"] * 0.3
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(0 if dot else 12):
            page.mouse.move(x + 6 * step, y + 40 * (step % 2) + step)
        page.mouse.up()
        if dot:
            break


def ink(page: Page) -> int:
    """How many pixels of the sheet are dark."""
    return int(page.evaluate("""() => {
        const sheet = document.querySelector('canvas');
        const { data } = sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height);
        return data.filter((value, index) => index % 4 === 0 && value < 128).length; }"""))


SIGNATURE = {"id": "f_s", "type": "signature", "label": "客户签名", "required": True}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_signature_goes_up_with_the_form(site: Site, windows: Windows, theme: str) -> None:
    page = windows.open(site.url + publish(site.app, SIGNATURE, {"id": "f_t", "type": "text"}), color_scheme=theme)
    expect(page.locator("canvas")).to_be_visible()
    well_made(page)
    assert ink(page) == 0
    sign(page)
    undo = page.get_by_role("button", name="撤销")
    undo.click()
    assert ink(page) > 0  # the first of the two strokes
    undo.click()
    assert ink(page) == 0
    expect(undo).to_be_disabled()
    sign(page)
    page.get_by_role("button", name="清除").click()
    assert ink(page) == 0
    sign(page)
    page.set_viewport_size({"width": 700, "height": 390})  # the phone is turned
    page.wait_for_function("document.querySelector('canvas').offsetWidth > 500")
    assert ink(page) > 0
    send(page)
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    assert len(site.answers()["f_s"]) == 1


def test_a_dot_is_no_signature_and_another_try_is(site: Site, windows: Windows) -> None:
    page = windows.open(site.url + publish(site.app, SIGNATURE))
    sign(page, dot=True)
    page.click("#submit")
    expect(page.get_by_text("没有看到笔迹")).to_be_visible()
    assert site.tickets() == 0
    page.get_by_role("button", name="移除").click()
    page.get_by_role("button", name="清除").click()
    send(page)
    expect(page.locator("#problems")).to_contain_text("客户签名")
    sign(page)
    send(page)
    expect(page.get_by_text(RECEIVED)).to_be_visible()


# ---- codes ---------------------------------------------------------------------------------------------------------


def test_a_code_is_photographed(site: Site, windows: Windows) -> None:
    path = publish(site.app, {"id": "f_c", "type": "scan", "label": "设备编号", "hint": "铭牌上的二维码"},
                   {"id": "f_items", "type": "subtable", "fields": [{"id": "f_no", "type": "scan", "label": "配件"}]})
    page = windows.open(site.url + path)
    well_made(page)
    page.set_input_files("[name='f_c.photo']", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator("#f_c-err")).to_contain_text("没有找到")
    code = {"name": "a.png", "mimeType": "image/png", "buffer": png(photo(qr("SN-2026-17")))}
    page.set_input_files("[name='f_c.photo']", code)
    expect(page.locator("#f_c")).to_have_value("SN-2026-17")
    expect(page.locator("#f_c-err")).to_be_empty()
    page.get_by_role("button", name="添加一行").click()
    page.set_input_files("[name='f_items.0.f_no.photo']", code)
    expect(page.locator("[name='f_items.0.f_no']")).to_have_value("SN-2026-17")
    send(page)
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    assert site.answers() == {"f_c": "SN-2026-17", "f_items": [{"f_no": "SN-2026-17"}]}


# ---- long lists ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shops(site: Site) -> str:
    """A door that asks for one of 300 shops, and for others in a table."""
    rows = [{"id": f"sh_{n:03}", "name": f"湖滨 {n:03} 店" if n < 250 else f"西溪 {n} 店"} for n in range(300)]
    with site.app.app_context():
        masterdata.save_source("shops", scope="shop", title={"zh": "店", "en": "Shops"}, actor=SYSTEM)
        masterdata.save_rows("shops", rows, actor=SYSTEM)
        db.session.remove()
    column = {"id": "f_no", "type": "reference", "source": "shops", "label": "分店"}
    return site.url + publish(
        site.app, {"id": "f_s", "type": "reference", "source": "shops", "label": "门店", "required": True},
        {"id": "f_items", "type": "subtable", "fields": [column]}, {"id": "f_t", "type": "text", "label": "西溪专用"},
        rules=[{"id": "r_1", "when": {"ref": "form.f_s", "op": "eq", "value": "sh_251"},
                "then": [{"do": "show", "target": "f_t"}]}])


def test_what_is_typed_is_found(site: Site, shops: str, windows: Windows) -> None:
    page = windows.open(shops)
    assert "湖滨" not in page.content()
    well_made(page)
    page.fill("#f_s", "西溪")
    expect(page.locator("[data-f=f_s] .opt")).to_have_count(50)
    well_made(page)
    page.fill("#f_s", "湖滨")
    expect(page.get_by_text("还有更多")).to_be_visible()
    page.fill("#f_s", "没有")
    expect(page.get_by_text("没有找到")).to_be_visible()
    page.fill("#f_s", "西溪 25")
    page.press("#f_s", "Enter")  # looks, and does not send the form
    expect(page.locator("[data-f=f_s] .opt")).to_have_count(10)
    expect(page.get_by_label("西溪专用")).to_be_hidden()
    page.get_by_text("西溪 251 店", exact=True).click()
    expect(page.get_by_label("西溪专用")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="添加一行").click()
    page.locator("[data-row='0'] [data-drop]").click()
    page.fill("[name='f_items.1.f_no.find']", "湖滨 00")
    page.get_by_text("湖滨 003 店", exact=True).click()
    send(page)
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    assert site.answers() == {"f_s": "sh_251", "f_items": [{"f_no": "sh_003"}]}


def test_without_scripts_the_button_finds(site: Site, shops: str, windows: Windows) -> None:
    page = windows.open(shops, javascript=False)
    page.fill("#f_s", "西溪 25")
    page.locator("[data-f=f_s]").get_by_role("button", name="查询").click()
    page.get_by_text("西溪 252 店", exact=True).click()
    page.get_by_role("button", name="添加一行").click()
    expect(page.get_by_label("西溪 252 店")).to_be_checked()
    page.fill("[name='f_items.0.f_no.find']", "湖滨 017")
    page.locator("[data-f='f_items.0.f_no']").get_by_role("button", name="查询").click()
    expect(page.get_by_label("湖滨 017 店")).to_be_checked()  # the only one
    send(page)
    expect(page.get_by_text(RECEIVED)).to_be_visible()
    assert site.answers() == {"f_s": "sh_252", "f_items": [{"f_no": "sh_017"}]}


# ---- on the ticket page --------------------------------------------------------------------------------------------


def test_a_colleague_signs_scans_and_names_another(site: Site, windows: Windows) -> None:
    path = publish(
        site.app, {"id": "f_t", "type": "text"}, {"id": "f_p", "type": "person", "label": "负责人"}, SIGNATURE,
        {"id": "f_c", "type": "scan", "label": "编号"}, {"id": "f_r", "type": "region", "label": "地区"},
        ask={"f_t": "edit"}, work={"f_t": "read", "f_p": "required", "f_s": "edit", "f_c": "edit", "f_r": "edit"})
    customer = windows.open(site.url + path)
    customer.fill("[name=f_t]", "漏水")
    send(customer)
    expect(customer.get_by_text(RECEIVED)).to_be_visible()
    hire(site.app, 201)
    page = enter(windows.open(f"{site.url}/pool", size="desktop"), AGENT)
    page.get_by_role("button", name="抢工单 1").click()
    page.wait_for_load_state()
    page.fill("#f_p", "新员工007")
    expect(page.get_by_label("新员工007")).to_be_checked()  # the only one
    code = {"name": "a.png", "mimeType": "image/png", "buffer": png(photo(qr("SN-2026-17")))}
    page.set_input_files("[name='f_c.photo']", code)
    expect(page.locator("#f_c")).to_have_value("SN-2026-17")
    page.select_option("#f_r", label="北京市")
    page.select_option("[name='f_r.c']", label="东城区")
    sign(page)
    assert complaints(page) == [] and overflow(page) == 0
    page.locator(".act").get_by_role("button", name="提交").click()  # uploads the signature, then goes on
    expect(page).to_have_url(re.compile("said=done"))
    answers = site.answers()
    assert len(answers.pop("f_s")) == 1
    assert answers == {"f_t": "漏水", "f_p": "n7", "f_c": "SN-2026-17", "f_r": "110101"}
