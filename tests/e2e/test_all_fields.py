"""A form with every registered field type, in a browser: filled in, sent, and worked on by a colleague.

A new type, a plugin's too, is in it by being registered. SCREENSHOTS=<folder> keeps pictures of every page, to look at.
"""
from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from app.forms import areas
from app.forms.base import Asking, Field, FieldType
from app.forms.schema import Form
from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.e2e.test_desk import enter
from tests.e2e.test_public_form import SMALLEST, TOO_SMALL, field, send
from tests.entries.kinds import publish
from tests.forms.kit import CATALOG, ENV, PORTS, sample_field, small
from tests.personas import AGENT

KINDS: list[FieldType] = [kind for _, kind in CATALOG.fields.items()]
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + b"\x00" * 100


def photo() -> bytes:
    """White paper with strokes of a pen: a photograph, and a signature as well."""
    sheet, out = Image.new("RGB", (640, 480), "white"), BytesIO()
    ImageDraw.Draw(sheet).line([(80, 300), (200, 120), (260, 330), (380, 150), (560, 260)], "black", 9)
    sheet.save(out, "JPEG")
    return out.getvalue()


FILES = {
    "image": {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": photo()},
    "media": {"name": "录音.wav", "mimeType": "audio/wav", "buffer": WAV},
    "file": {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"},
}
SIZES = {"phone": {"viewport": {"width": 375, "height": 812}}, "desktop": {}}
GROUPS = {"basic": "基础", "choice": "选择", "contact": "联系与身份", "media": "图片与文件", "layout": "版面",
          "advanced": "高级"}
MORE: dict[str, dict[str, Any]] = {  # settings under which a type shows what it can do
    "multiselect": {"options": [{"id": f"o_{n}", "label": f"门店 {n} 号，{'西湖区' if n % 2 else '滨江区'}"}
                                for n in range(24)]},
    "scale": {"low_label": "完全不会推荐", "high_label": "一定会推荐"}, "number": {"unit": "件"},
    "notice": {"text": "营业时间 9:00–21:00。\n节假日照常，急事请直接拨打门店电话。", "tone": "warn"},
    "subtable": {"fields": [{"id": f"f_c_{kind}", "type": kind, "label": kind}
                            for kind in ("text", "date", "switch", "time")]},
}


def definition(kind: FieldType) -> dict[str, Any]:
    """A field of the type, named after it."""
    return {**sample_field(kind), "id": f"f_{kind.type}", "label": {"zh-CN": kind.label["zh"], "en": kind.label["en"]},
            "section": f"s_{kind.group}", **MORE.get(kind.type, {})}


ALL = [definition(kind) for kind in KINDS]
FORM: Form = small(*ALL, sections=[{"id": f"s_{key}", "title": title} for key, title in GROUPS.items()])


@pytest.fixture
def address(site: Site) -> str:
    """The public form; its colleague may change everything."""
    sections = [{"id": f"s_{key}", "title": title} for key, title in GROUPS.items()]
    return site.url + publish(site.app, *ALL, sections=sections, work={"*": "edit"})


def keep(page: Page, name: str) -> None:
    """A picture for whoever asked for pictures."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def well_made(page: Page, javascript: bool, *, thumb: bool = True) -> None:
    """Nothing scrolls sideways, nothing is too small for a thumb, axe finds nothing."""
    assert overflow(page) == 0
    assert not thumb or page.evaluate(TOO_SMALL, SMALLEST) == []
    if javascript:
        assert complaints(page) == []


def fill(page: Page, asked: Field, javascript: bool) -> None:
    """Answer one field with its type's sample, through whatever controls it has."""
    box = field(page, asked.id)
    if asked.type.uploads:
        box.locator("input[type=file]").set_input_files(FILES[asked.type.uploads])
        if javascript:
            expect(box.locator("input[type=hidden]").first).to_be_attached()
        return
    sample = asked.type.sample(asked)
    lists = box.locator("[data-region] select")
    if lists.count():
        code = sample if isinstance(sample, str) else sample["region"]
        for step, place in enumerate(areas.path(code)):
            if step and not javascript:
                box.get_by_role("button").first.click()
                page.wait_for_load_state()
            lists.nth(step).select_option(place.code)
        if isinstance(sample, dict):
            box.locator("input").fill(sample["text"])
    elif asked.columns:
        if not box.locator("[data-row]").count():
            box.locator("[data-add]").click()
            page.wait_for_load_state()
        for key, value in sample[0].items():
            put(box, f"{asked.id}.0.{key}", value)
    elif box.locator("select").count() and asked.settings.get("source"):
        box.locator("select").select_option(index=1)
    elif isinstance(sample, dict):
        for part, value in sample.items():
            control = box.locator(f'[name="{asked.id}.{part}"]')
            if control.count() and control.get_attribute("type") != "hidden":
                put(box, f"{asked.id}.{part}", value)
    else:
        for value in sample if isinstance(sample, list) else [sample]:
            put(box, asked.id, value)


def put(box: Locator, name: str, value: Any) -> None:
    """One value into the control or controls of this name."""
    controls = box.locator(f'[name="{name}"]:not([type=hidden])')
    kind = controls.first.evaluate("node => node.type")
    if kind == "radio" or (kind == "checkbox" and not isinstance(value, bool)):
        name = str(box.locator(f'[name="{name}"][value="{value}"]').get_attribute("id"))
        around = box.locator(f'label:has(input[id="{name}"])')
        (around if around.count() else box.locator(f'label[for="{name}"]')).click()
    elif kind == "checkbox":
        controls.set_checked(value)
    elif kind == "select-one":
        controls.select_option(value)
    else:
        controls.fill(str(value)[:16] if kind == "datetime-local" else str(value))


def expected(asked: Field) -> Any:
    """What the type's sample is stored as."""
    return asked.type.clean(asked, asked.type.sample(asked), Asking(ENV, PORTS, None, asked.type.allowed(asked, None)))


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_every_field_type_is_filled_in_sent_and_worked_on(
    site: Site, address: str, windows: Windows, size: str, theme: str, javascript: bool
) -> None:
    name = f"{size}-{theme}-{'js' if javascript else 'nojs'}"
    more: dict[str, Any] = {**SIZES[size], "color_scheme": theme}
    page = windows.open(address, size=size, javascript=javascript, **more)
    well_made(page, javascript)
    keep(page, f"{name}-1-empty")
    asked = [found for key, found in FORM.fields.items() if found.type.asked and field(page, key).count()]
    assert {kind.type for kind in KINDS if kind.asked} - {found.type.type for found in asked} <= {"customer", "person"}
    for found in asked:
        fill(page, found, javascript)
    keep(page, f"{name}-2-filled")
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    keep(page, f"{name}-3-received")
    answers = site.answers()
    assert {found.id for found in asked} <= answers.keys()
    for found in asked:
        looked_up = found.type.uploads or found.settings.get("source") or found.type.type in ("consent", "location")
        if not looked_up:
            assert answers[found.id] == expected(found), found.id
    agent = enter(windows.open(f"{site.url}/pool", size=size, javascript=javascript, **more), AGENT)
    agent.locator("[data-primary]").first.click()
    agent.wait_for_load_state()
    if size == "phone":
        agent.locator("label[for=tab-do]").click()
    well_made(agent, javascript, thumb=size == "phone")
    expect(field(agent, "f_multiselect").locator("[type=search]")).to_have_count(1 if javascript else 0)
    keep(agent, f"{name}-4-desk")
    ticket = agent.url.partition("?")[0]
    agent.locator(".act .btn.primary").click()
    agent.wait_for_load_state()
    expect(agent.get_by_text("这一步已完成")).to_be_visible()
    assert site.answers() == answers, "what the colleague did not touch stayed as it was"
    agent.goto(ticket)
    well_made(agent, javascript, thumb=size == "phone")
    keep(agent, f"{name}-5-answers")


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "nojs"])
def test_what_is_wrong_is_said_at_every_type(site: Site, windows: Windows, javascript: bool) -> None:
    """All required, none answered: each says so, in order, on the smallest phone."""
    required = [{**one, "required": True} for one, kind in zip(ALL, KINDS, strict=True)
                if kind.asked and kind.type not in ("switch", "customer", "person")]
    sections = [{"id": f"s_{key}", "title": title} for key, title in GROUPS.items()]
    page = windows.open(site.url + publish(site.app, *required, sections=sections), javascript=javascript,
                        viewport={"width": 320, "height": 640})
    assert overflow(page) == 0
    send(page)
    links = page.locator("#problems a").evaluate_all("all => all.map((link) => link.hash.slice(1))")
    assert sorted(links) == sorted(one["id"] for one in required)
    well_made(page, javascript)
    keep(page, f"small-{'js' if javascript else 'nojs'}-required")
