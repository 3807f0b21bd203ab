"""The flow designer's canvas: how soon a flow stands there, and what a drag costs the page's main thread."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import company
from tests.browsers import ARGUMENTS, Windows, executable
from tests.e2e.flow_page import Flow
from tests.e2e.many_steps import READY, drawn, take_hold
from tests.live_stories.company import served

SMALL_GOAL_MS, LARGE_GOAL_MS, DRAG_GOAL_MS = 1000, 3000, 25
DRAG_STEPS = 40


@dataclass(frozen=True, slots=True)
class Canvas:
    """Milliseconds: until 28 and 300 steps stand there, and of the main thread for each step of a drag among 300."""

    small: float
    large: float
    drag: float


def measure(folder: Path, database_url: str) -> Canvas:
    """Best of three loads each; the drag once, over DRAG_STEPS moves of the mouse. `folder`: the application's."""
    with company.company(folder, database_url) as app, served(app) as url, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        windows = Windows(browser)
        page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
        Flow.of(page, url, "restaurant_complaint")
        small = min(_load(page) for _ in range(3))
        flow = drawn(page, url)
        large = min(_load(page) for _ in range(3))
        drag = _drag(browser, page, flow)
        windows.close()
        browser.close()
    return Canvas(small, large, drag)


def _load(page: Page) -> float:
    """From the navigation until the flow is painted."""
    page.reload(wait_until="commit")
    page.wait_for_selector(".board .card")
    while page.evaluate("document.querySelectorAll('.map path').length") == 0:  # the page allows no waiting inside
        page.wait_for_timeout(5)
    return float(page.evaluate(READY))


def _drag(browser: Browser, page: Page, flow: Flow) -> float:
    across, down = take_hold(page, flow, "判断 3")
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    for step in range(DRAG_STEPS):
        page.mouse.move(across + step * 3, down + step)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.mouse.up()
    main = {(event["pid"], event["tid"]) for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"}
    tasks = [event for event in events
             if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main]
    return float(sum(event.get("tdur", 0) for event in tasks)) / 1000 / DRAG_STEPS
