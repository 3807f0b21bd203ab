"""The sandbox in the dock of a flow, as a person uses it, and what the canvas shows of a path."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_desk import enter
from tests.personas import ADMIN

LIT = """() => ({
    steps: [...document.querySelectorAll('.card.lit')].map((one) =>
        one.dataset.step + (one.querySelector('.visits')?.textContent || '')).sort(),
    lines: [...document.querySelectorAll('.line.lit .line-reach')].map((one) => one.dataset.edge).sort(),
})"""


def lit(page: Page) -> dict[str, list[str]]:
    """What the canvas lights: steps (with how often, where it was more than once) and lines, by their ids."""
    found: dict[str, list[str]] = page.evaluate(LIT)
    return found


class Room:
    """The sandbox of a flow, on the page of its designer."""

    def __init__(self, page: Page, press: Callable[[Locator], None] = Locator.click) -> None:
        self.page, self.press = page, press
        press(page.locator(".top").get_by_role("button", name="沙盘"))
        expect(page.locator(".sb-list")).to_be_visible()

    @classmethod
    def of(cls, page: Page, url: str, key: str) -> Self:
        """Sign in, open a flow and its sandbox."""
        page.goto(f"{url}/designer/flows/{key}")
        enter(page, ADMIN)
        page.wait_for_selector(".card, .outline")
        return cls(page)

    def bring(self, file: Path) -> None:
        """The five scenarios of a file, here."""
        with self.page.expect_file_chooser() as chooser:
            self.press(self.button("从文件带入"))
        chooser.value.set_files(file)
        expect(self.page.locator(".sb-said")).to_have_text("已带入 5 个场景")

    def all_pass(self, n: int) -> None:
        """Run all of them."""
        self.press(self.button("全部运行"))
        expect(self.page.locator(".sb-result")).to_have_text(f"{n} / {n} 通过")

    def scenario(self, name: str) -> None:
        self.page.locator(".sb-list .sb-one", has_text=name).click()
        expect(self.page.locator(".sb-list .current")).to_contain_text(name)
        expect(self.page.locator(".sb-story li").first).to_be_visible()

    def button(self, name: str) -> Locator:
        return self.page.locator(".sb").get_by_role("button", name=name, exact=True)

    def does(self, who: str, what: str) -> None:
        """Somebody does something at a wait."""
        button = self.page.get_by_role("button", name=f"{who}：{what}", exact=True)
        button.click()
        expect(button).to_have_count(0)

    def fills(self, label: str, value: str) -> None:
        self.page.locator(".sb-wait, .sb-start").get_by_label(label).first.fill(value)

    @property
    def story(self) -> Locator:
        return self.page.locator(".sb-story")

    def card(self, name: str) -> Locator:
        return self.page.locator(".card", has_text=name)


def story_of(file: Any, start: str) -> Any:
    """The scenario of a file whose name begins so."""
    return next(one for one in file["scenarios"] if one["name"].startswith(start))
