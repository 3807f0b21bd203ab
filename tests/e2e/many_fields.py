"""A form of two hundred fields in the designer, and what a person does with it: for a test that counts and a benchmark
that measures."""
from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.designer_page import Designer

FIELDS, SECTIONS = 200, 10
TYPES = ("text", "number", "radio", "textarea", "date", "phone", "select")
NAME = "a long name, typed quickly"
STORE = """async ({ content }) => {
  const boot = JSON.parse(document.getElementById('boot').textContent);
  const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': boot.csrf };
  const body = JSON.stringify({ rev: boot.rev, content });
  return (await fetch(boot.urls.draft, { method: 'PUT', headers, body })).status;
}"""
ORDER = "[...document.querySelectorAll('.fld')].map((node) => node.dataset.id)"


def drawn(page: Page, url: str) -> Designer:
    """The designer with the form on its canvas."""
    draw = Designer.blank(page, url, "很长的表单")
    assert page.evaluate(STORE, {"content": many_fields(draw.content())}) == 200
    page.reload()
    expect(page.locator(".fld")).to_have_count(FIELDS)
    page.wait_for_timeout(1000)
    return draw


def many_fields(content: dict[str, Any]) -> dict[str, Any]:
    """A form of FIELDS fields of common types."""
    options = [{"id": f"o_{n}", "label": f"选项 {n}"} for n in range(3)]
    fields = [
        {"id": f"f_x{n}", "type": TYPES[n % 7], "label": f"字段 {n}", "section": f"s_{n % SECTIONS}",
         **({"options": options} if TYPES[n % 7] in ("radio", "select") else {})}
        for n in range(FIELDS)
    ]
    sections = [{"id": f"s_{n}", "title": f"分组 {n}"} for n in range(SECTIONS)]
    return {**content, "fields": fields, "sections": sections}


def rename(draw: Designer, label: str) -> None:
    """Give a field another name, letter by letter."""
    draw.field(label).click()
    draw.page.locator(".panel").get_by_label("标题", exact=True).fill("")
    draw.page.keyboard.type(NAME, delay=15)
    draw.page.keyboard.press("Enter")


def carry(draw: Designer, label: str) -> None:
    """Drag a field over the whole canvas, which comes along at its lower edge."""
    page, held = draw.page, draw.field(label)
    box = page.locator(".canvas").bounding_box()
    held.scroll_into_view_if_needed()
    here = held.bounding_box()
    assert box and here
    page.mouse.move(here["x"] + 40, here["y"] + 14)
    page.mouse.down()
    page.mouse.move(here["x"] + 60, here["y"] + 60, steps=5)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 30, steps=30)
    page.wait_for_timeout(1200)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=10)
    page.mouse.up()
