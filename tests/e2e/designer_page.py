"""The form designer as a person at a desk uses it: by mouse, or by keys alone."""
from __future__ import annotations

import json
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_desk import enter
from tests.personas import ADMIN

SAVED = "已保存"


class Designer:
    """One page of the designer. `draw` methods work as a person does; `content` reads what the server keeps."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    @classmethod
    def blank(cls, page: Page, url: str, title: str) -> Self:
        """Sign in and make a new form."""
        page.goto(f"{url}/designer/new")
        enter(page, ADMIN)
        page.fill("#title", title)
        page.keyboard.press("Enter")
        page.wait_for_selector(".paper")
        return cls(page, url)

    @classmethod
    def of(cls, page: Page, url: str, key: str) -> Self:
        """Sign in and open a form."""
        page.goto(f"{url}/designer/forms/{key}")
        enter(page, ADMIN)
        page.wait_for_selector(".paper")
        return cls(page, url)

    # ---- reading ----

    def content(self) -> dict[str, Any]:
        """The form as it is stored: waits until everything is saved."""
        self.page.wait_for_timeout(100)
        expect(self.page.locator(".saved")).to_contain_text(SAVED)
        answer = self.page.context.request.get(self.page.url)
        boot = answer.text().partition('id="boot">')[2].partition("</script>")[0]
        found: dict[str, Any] = json.loads(boot)["content"]
        return found

    def field(self, label: str) -> Locator:
        """A field on the canvas."""
        return self.page.locator(f'.fld[aria-label^="{label}、"]')

    @property
    def panel(self) -> Locator:
        return self.page.locator(".panel")

    # ---- by mouse ----

    def add(self, kind: str, label: str) -> None:
        """Click a type; its label is marked, so that typing names it."""
        self.page.locator(".kind").get_by_text(kind, exact=True).click()
        self.name(kind, label)

    def name(self, kind: str, label: str) -> None:
        """Name the field of this type that was just added: its label is marked."""
        expect(self.panel.locator(".panel-head")).to_have_text(kind)
        name = self.panel.get_by_label("标题", exact=True)
        expect(name).to_be_focused()
        self.page.keyboard.type(label)
        expect(name).to_have_value(label)

    def drag(self, what: Locator, x: float, y: float) -> None:
        """Carry the middle of something to a point of the window, in steps as a hand does."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        assert box
        mouse = self.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 18))
        mouse.down()
        mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + 22, steps=3)
        mouse.move(x, y, steps=8)
        mouse.move(x, y)
        self.page.wait_for_timeout(60)
        mouse.up()

    def kind(self, name: str) -> Locator:
        return self.page.locator(".kind").filter(has_text=name).first

    def set(self, label: str, value: str) -> None:
        """Fill a property in the panel."""
        self.panel.get_by_label(label, exact=True).fill(value)

    def switch(self, label: str) -> None:
        self.panel.locator(".switch").filter(has_text=label).first.click()

    def options(self, *labels: str) -> None:
        """Replace the options of the selected field by typing over and adding lines."""
        self.panel.get_by_label("选项 1", exact=True).fill(labels[0])
        self.panel.get_by_label("选项 2", exact=True).fill(labels[1])
        for label in labels[2:]:
            self.page.keyboard.press("Enter")
            self.page.wait_for_timeout(50)
            self.page.keyboard.type(label)

    def rules_of(self, label: str) -> None:
        """Open the rules of a field."""
        self.field(label).locator(".fld-head").first.click()
        self.panel.get_by_role("tab", name="规则").click()

    def clause(self, index: int, field: str, operator: str, value: str = "", within: Locator | None = None) -> None:
        """Fill the n-th condition on show: field, comparison and, if it has one, its value by option or text."""
        line = (within or self.panel).locator(".rule.open .cond .clause").nth(index)
        line.get_by_label("看哪个字段").select_option(label=field)
        line.get_by_label("比较方式").select_option(label=operator)
        if not value:
            return
        control = line.get_by_label("值", exact=True)
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(label=value)
        elif control.get_attribute("role") == "group":
            for one in value.split("|"):
                control.get_by_text(one, exact=True).click()
        else:
            control.fill(value)
