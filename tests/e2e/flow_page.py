"""The flow designer as a person uses it by mouse: cards, the + between them, and what it offers."""
from __future__ import annotations

import json
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_desk import enter
from tests.personas import ADMIN

SAVED = "已保存"


class Flow:
    """One page of the flow designer. `content` reads what the server keeps."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    @classmethod
    def of(cls, page: Page, url: str, key: str) -> Self:
        """Sign in and open a flow."""
        page.goto(f"{url}/designer/flows/{key}")
        if page.locator("#login").count():
            enter(page, ADMIN)
        page.wait_for_selector(".flow-canvas")
        return cls(page, url)

    @classmethod
    def blank(cls, page: Page, url: str, title: str, form: str) -> Self:
        """Sign in and begin a flow for a form."""
        page.goto(f"{url}/designer/new-flow")
        if page.locator("#login").count():
            enter(page, ADMIN)
        if page.locator("select#form").count():
            page.select_option("#form", value=form)
        page.fill("#title", title)
        page.locator("#title").press("Enter")
        page.wait_for_selector(".flow-canvas")
        return cls(page, url)

    # ---- reading ----

    def content(self) -> dict[str, Any]:
        """The flow as it is stored: waits until everything is saved."""
        self.page.wait_for_timeout(100)
        expect(self.page.locator(".saved")).to_contain_text(SAVED)
        answer = self.page.context.request.get(self.page.url)
        boot = answer.text().partition('id="boot">')[2].partition("</script>")[0]
        found: dict[str, Any] = json.loads(boot)["content"]
        return found

    def lines(self) -> set[str]:
        """Every line by the names of its steps: "処理:done>結束" with the port between."""
        content = self.content()
        names = {node["id"]: node["name"] for node in content["nodes"]}
        ends = [(edge["from"].split(":"), edge["to"].split(":")[0]) for edge in content["edges"]]
        return {f"{names[source]}:{port}>{names[target]}" for (source, port), target in ends}

    def card(self, name: str) -> Locator:
        """A step on the canvas."""
        return self.page.locator(".board .card").filter(has=self.page.locator(".card-name", has_text=name)).first

    @property
    def palette(self) -> Locator:
        return self.page.locator(".flow-palette")

    @property
    def panel(self) -> Locator:
        return self.page.locator(".flow-panel")

    # ---- drawing ----

    def plus(self, what: str, port: str = "") -> None:
        """Press the + behind a step, at one of its ways out."""
        name = f"在“{what}”的“{port}”后面添加" if port else f"在“{what}”后面添加"
        spot = self.page.locator(f'.board [aria-label="{name}"]').first
        self.show(spot)
        spot.click()
        expect(self.palette).to_be_visible()

    def show(self, spot: Locator) -> None:
        """Bring a thing of the canvas into sight, as a person pans."""
        if self.panel.count():
            self.page.keyboard.press("Escape")
            if self.panel.count():
                self.panel.get_by_role("button", name="关闭", exact=True).first.click()
        for _ in range(12):
            box = spot.bounding_box()
            assert box
            across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            if 60 < across < 1380 and 100 < down < (780 if across < 1140 else 690):
                return
            self.page.mouse.move(700, 450)
            self.page.mouse.wheel(max(min(across - 700, 600), -600), max(min(down - 430, 600), -600))
            self.page.wait_for_timeout(60)
        raise AssertionError(f"cannot be brought into sight: {spot}")

    def choose(self, kind: str) -> None:
        """One type of the open palette."""
        self.palette.get_by_role("searchbox").fill(kind)
        self.palette.locator(".step-kind").get_by_text(kind, exact=True).first.click()
        expect(self.palette).to_have_count(0)

    def add(self, kind: str, after: str, port: str = "") -> None:
        self.plus(after, port)
        self.choose(kind)

    def lead(self, what: str, port: str, target: str) -> None:
        """Lead a way out to a step that is there."""
        self.plus(what, port)
        self.palette.get_by_role("button", name="连到已有节点").click()
        self.palette.get_by_role("searchbox").fill(target)
        self.palette.locator(".step-kind").get_by_text(target, exact=True).first.click()
        expect(self.palette).to_have_count(0)

    def select(self, name: str) -> None:
        card = self.card(name)
        self.show(card)
        card.click()

    def rename(self, name: str) -> None:
        """Name the step whose panel is open."""
        self.panel.locator('[data-setting="name"]').get_by_label("名称", exact=True).fill(name)

    def view(self, name: str) -> None:
        self.page.locator(".views").get_by_role("button", name=name).click()

    def drag(self, what: Locator, to: tuple[float, float]) -> None:
        """Carry the middle of something to a point of the window, in steps as a hand does."""
        box = what.bounding_box()
        assert box
        mouse = self.page.mouse
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2 + 8, steps=3)
        mouse.move(*to, steps=8)
        mouse.up()


def middle(what: Locator) -> tuple[float, float]:
    box = what.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
