"""The page of plugins: what is there, what is left out and why; only for those who look after the installation."""
from __future__ import annotations

from flask import Flask

from app.plugins import Plugin
from tests.desk.conftest import Browser
from tests.personas import ADMIN, AGENT


def test_it_names_what_is_there_and_what_is_left_out(demo_app: Flask, browser_of: Browser) -> None:
    folder = demo_app.extensions["danflow"].settings.plugins_dir
    broken = Plugin("acme", folder / "acme.py", reason="RuntimeError: no licence")
    demo_app.extensions["plugins"] = [*demo_app.extensions["plugins"], broken]
    page = browser_of(ADMIN).text("/plugins")
    assert page.index("acme") < page.index("timeslot") and "RuntimeError: no licence" in page and "未加载" in page
    assert "等天气" in page and "换算汇率" in page and "预约时段" in page
    assert '等天气 <code lang="en">weather.delay</code>' in page  # two labels may be the same, types never are
    assert browser_of(AGENT).get("/plugins").status_code == 403
