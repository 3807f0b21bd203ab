"""A real browser for tests: phone and desktop, with and without JavaScript. Errors on the page fail the test."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

SIZES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1360, "height": 860}},
}
# Chromium as it can run anywhere: no sandbox (root, containers), and no calls home.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]


def executable() -> str:
    """The browser that tools/browser.sh found."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named
    note = Path(__file__).resolve().parent.parent / ".venv" / "browser"
    if not note.is_file():
        raise RuntimeError("No browser is set up: run `make test`, or `tools/browser.sh`, once.")
    return note.read_text(encoding="utf-8").strip()


class Windows:
    """Opens pages and remembers what went wrong on them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def open(
        self, url: str = "", size: str = "phone", javascript: bool = True, locale: str = "zh-CN", **more: Any
    ) -> Page:
        """A page of a new visitor (own cookies), at `url`. `size`: "phone" or "desktop"."""
        context = self._browser.new_context(
            **{**SIZES[size], "timezone_id": "Asia/Shanghai", **more}, locale=locale, java_script_enabled=javascript
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._line(page, line))
        if url:
            page.goto(url)
        return page

    def _line(self, page: Page, line: Any) -> None:
        # "Failed to load resource" repeats a status that the test itself looks at.
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.errors.append(f"{page.url}: {line.text}")

    def close(self) -> None:
        """Close everything; AssertionError if a page reported an error."""
        for context in self._contexts:
            context.close()
        assert self.errors == []


# Colours on their way from one to the other are no colours of ours; what turns for ever is not waited for.
STILL = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map((one) => one.finished.catch(() => {})))"""


def complaints(page: Page, part: str | None = None) -> list[str]:
    """What axe finds wrong with the page, or a part of it, for people who see, hear or move differently: [] is good."""
    page.evaluate(STILL)
    found = Axe().run(page, context=part)
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:120]}"
        for violation in found["violations"] for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window (a phone page must not scroll sideways)."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
