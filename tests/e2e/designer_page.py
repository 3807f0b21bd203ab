"""The form designer as a person uses it: by mouse, by keys alone, or with a finger."""
from __future__ import annotations

import json
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

from tests.e2e.hands import Hand, Mouse
from tests.e2e.test_desk import enter
from tests.personas import ADMIN

SAVED = "已保存"


class Designer:
    """One page of the designer. What is drawn is drawn by `hand`; `content` reads what the server keeps."""

    def __init__(self, page: Page, url: str, hand: Hand | None = None) -> None:
        self.page, self.url = page, url
        self.mouse = Mouse(page)
        self.hand = hand or self.mouse

    @classmethod
    def blank(cls, page: Page, url: str, title: str, hand: Hand | None = None) -> Self:
        """Sign in and make a new form."""
        page.goto(f"{url}/designer/new")
        enter(page, ADMIN)
        draw = cls(page, url, hand)
        draw.hand.write(page.locator("#title"), title)
        page.keyboard.press("Enter")
        page.wait_for_selector(".paper")
        return draw

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

    def named(self, group: Locator, label: str) -> Locator:
        """A tick box of a group."""
        return group.locator(".tick").filter(has=self.page.get_by_text(label, exact=True))

    def kind(self, name: str) -> Locator:
        return self.page.locator(".kind").filter(has_text=name).first

    # ---- drawing ----

    def add(self, kind: str, label: str) -> None:
        """Choose a type; its label is marked, so that typing names it."""
        self.hand.add(kind)
        self.name(kind, label)

    def name(self, kind: str, label: str) -> None:
        """Name the field of this type that was just added: its label is marked."""
        expect(self.panel.locator(".panel-head")).to_have_text(kind)
        name = self.panel.get_by_label("标题", exact=True)
        expect(name).to_be_focused()
        self.page.keyboard.type(label)
        expect(name).to_have_value(label)

    def drag(self, what: Locator, x: float, y: float) -> None:
        self.mouse.drag(what, x, y)

    def set(self, label: str, value: str) -> None:
        """Fill a property in the panel."""
        self.hand.write(self.panel.get_by_label(label, exact=True), value)

    def switch(self, label: str) -> None:
        self.hand.tick(self.panel.locator(".switch").filter(has_text=label).first)

    def button(self, name: str, within: Locator | None = None) -> None:
        self.hand.press((within or self.panel).get_by_role("button", name=name, exact=True))

    def options(self, *labels: str) -> None:
        """Replace the options of the selected field by typing over and adding lines."""
        self.set("选项 1", labels[0])
        self.set("选项 2", labels[1])
        for label in labels[2:]:
            self.page.keyboard.press("Enter")
            self.page.wait_for_timeout(50)
            self.page.keyboard.type(label)

    def rules_of(self, label: str) -> None:
        """Open the rules of a field."""
        self.hand.select(self.field(label))
        self.hand.tab(self.panel, "规则")

    def clause(self, index: int, field: str, operator: str, value: str = "", within: Locator | None = None) -> None:
        """Fill the n-th condition on show: field, comparison and, if it has one, its value by option or text."""
        line = (within or self.panel).locator(".rule.open .cond .clause").nth(index)
        self.hand.choose(line.get_by_label("看哪个字段"), field)
        self.hand.choose(line.get_by_label("比较方式"), operator)
        if not value:
            return
        control = line.get_by_label("值", exact=True)
        if control.evaluate("node => node.tagName") == "SELECT":
            self.hand.choose(control, value)
        elif control.get_attribute("role") == "group":
            for one in value.split("|"):
                self.hand.tick(self.named(control, one))
        else:
            self.hand.write(control, value)
