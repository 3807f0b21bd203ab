"""A manager upgrades open tickets in a browser: the list of forms, the versions, what would change, the result."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from app.extensions import db
from app.runtime.drain import Drain
from tests.browsers import Windows
from tests.designer.upgrading import CHANGED, later, publish
from tests.desk.conftest import complain  # noqa: F401 - a fixture
from tests.e2e.conftest import Site
from tests.e2e.test_desk import enter, fine
from tests.e2e.test_public_form import WAYS
from tests.personas import ADMIN


@contextmanager
def worker(site: Site) -> Iterator[Drain]:
    """Somebody who does the work when told to."""
    with site.app.app_context():
        yield Drain("worker")
        db.session.remove()


@WAYS
def test_the_whole_story(
    site: Site, windows: Windows, complain: Callable[..., str], size: str, javascript: bool  # noqa: F811
) -> None:
    for number in range(3):
        complain(f_order=f"A{number}", f_star="4")
    fits = complain(f_order="A9", f_star="4", f_name="", f_phone="13900000009")
    publish(site.app, later("f_star", "f_name", "f_cust"),
            later("f_star", "f_cust", **CHANGED, f_name={"type": "email", "max_length": None}))
    page = enter(windows.open(f"{site.url}/sign-in?next=/designer/", size, javascript), ADMIN)
    page.get_by_role("link", name="“餐厅投诉单”的版本").click()
    expect(page.get_by_role("heading", name="4 张未结工单还在旧版本上")).to_be_visible()
    fine(page, javascript)
    page.get_by_role("link", name="升级未结工单").click()
    expect(page.get_by_text("“订单号”：单行文本 → 多行文本")).to_be_visible()
    expect(page.get_by_text("“本次体验”：不再填写")).to_be_visible()
    expect(page.get_by_role("heading", name="3 张工单会留在原来的版本")).to_be_visible()
    fine(page, javascript)
    page.get_by_role("button", name="升级 1 张工单").click()
    expect(page.get_by_role("heading", name="正在进行")).to_be_visible()
    fine(page, javascript)
    with worker(site) as somebody:
        somebody.lane("internal")
    expect(page.get_by_role("heading", name="已完成")).to_be_visible()  # the page looks by itself
    expect(page.get_by_role("heading", name="没有升级的")).to_be_visible()
    fine(page, javascript)
    page.goto(f"{site.url}/tickets/{fits}")
    expect(page.get_by_role("heading", name="已停用")).to_be_visible()
    expect(page.get_by_text("4 / 5")).to_be_visible()
    fine(page, javascript)
