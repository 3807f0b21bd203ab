"""The form designer with two hundred fields: the longest task of its page while somebody types and drags."""
from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench import company
from tests.browsers import ARGUMENTS, Windows, executable
from tests.e2e.many_fields import carry, drawn, rename
from tests.live_stories.company import served

GOAL_MS = 50  # what a browser calls a long task


def longest_task(folder: Path, database_url: str) -> tuple[float, float]:
    """(processor time, wall time) in ms of the longest task of the page's main thread. `folder`: the application's."""
    with company.company(folder, database_url) as app, served(app) as url, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        windows = Windows(browser)
        page = windows.open(size="desktop", viewport={"width": 1440, "height": 900})
        draw = drawn(page, url)
        browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
        rename(draw, "字段 30")
        carry(draw, "字段 0")
        events = json.loads(browser.stop_tracing())["traceEvents"]
        windows.close()
        browser.close()
    main = {(event["pid"], event["tid"]) for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"}
    tasks = [event for event in events
             if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main]
    return max(event.get("tdur", 0) for event in tasks) / 1000, max(event.get("dur", 0) for event in tasks) / 1000
