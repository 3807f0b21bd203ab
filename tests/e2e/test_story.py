"""The whole story as people live it: `flask up`, a customer's phone, an agent's screen, and a worker that is killed.

A customer sends a complaint, an agent signs in, claims and handles it, the worker dies at that moment and the
supervisor starts another; the ERP pays once, the customer rates, the ticket closes. Screenshots of every page lie in
the folder that each test prints.
"""
from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import create_app
from app.demo.models import DemoRefund
from app.extensions import db
from app.runtime.models import Ticket, Worker
from app.settings import load
from tests.browsers import Windows, complaints, overflow
from tests.conftest import close
from tests.live import ROOT, SECRET
from tests.people import photo
from tests.personas import AGENT, PASSWORD
from tests.servers import PYTHON, Process, free_port, wait_for

pytestmark = pytest.mark.e2e

START_S = 90
WORK_S = 30  # from a dead worker to a paid refund: restart, import, poll


class Product:
    """`flask up` on an empty folder: what `make run` starts after its installation."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.env = {
            "DANFLOW_ENV": "test", "SECRET_KEY": SECRET, "INSTANCE_DIR": str(folder), "PORT": str(port),
            "BASE_URL": self.url, "DATABASE_URL": "", "REDIS_URL": "", "LOG_JSON": "true", "PYTHONPATH": str(ROOT),
        }
        self._log = folder / "up.log"
        self.process = self._run("up")
        wait_for(lambda: "Danflow runs on" in self.said() or not self.process.running(), START_S, "`flask up`")
        assert self.process.running(), self.said()[-3000:]
        self.app: Flask = create_app(load(self.env))

    def _run(self, *command: str) -> Process:
        return Process([PYTHON, "-m", "flask", "--app", "wsgi", *command], self.env, self._log, ROOT)

    def said(self) -> str:
        """What the supervisor and its processes have printed."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def door(self) -> str:
        """The address of the menu's form, as `flask up` prints it."""
        found = wait_for(lambda: re.findall(r"http://\S+/f/\S{22}", self.said()), 20, "the addresses to be printed")
        return str(found[0])

    def worker(self) -> int:
        """Process id of the worker that drains."""
        with self.app.app_context():
            rows = db.session.scalars(select(Worker).where(Worker.roles != "relay").order_by(Worker.started_at)).all()
            return rows[-1].pid if rows else 0

    def ticket(self, link: str) -> tuple[str, str, int]:
        """(id, status, number) of the ticket behind a customer's link."""
        with self.app.app_context():
            row = db.session.execute(select(Ticket.id, Ticket.status, Ticket.no)
                                     .where(Ticket.token == link.partition("/t/")[2].partition("?")[0])).one()
            return row.id, row.status, row.no

    def refunds(self, ticket_id: str) -> list[tuple[str, str]]:
        """(key, amount) of what the ERP paid for a ticket."""
        with self.app.app_context():
            return [(row.idem_key, row.amount) for row in db.session.scalars(
                select(DemoRefund).where(DemoRefund.idem_key.startswith(ticket_id)))]

    def doctor(self) -> str:
        """What `flask doctor` says."""
        process = self._run("doctor")
        process.popen.wait(60)
        process.stop()
        return self.said()

    def stop(self) -> None:
        """As Ctrl-C would, but with SIGTERM."""
        close(self.app)
        assert self.process.stop(40) == 0, self.said()[-3000:]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    found = Product(tmp_path_factory.mktemp("up"))
    yield found
    found.stop()


class Album:
    """Looks at pages: nothing too wide, nothing that axe finds, a picture of each."""

    def __init__(self, folder: Path, javascript: bool) -> None:
        self.folder, self.javascript = folder, javascript
        print(f"screenshots: {folder}")

    def look(self, page: Page, name: str) -> None:
        """Take the picture."""
        page.wait_for_load_state()
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        assert overflow(page) == 0, name
        if self.javascript:
            assert complaints(page) == [], name


def press(page: Page, what: str) -> None:
    """Press a button that leads to another page."""
    page.get_by_role("button", name=what, exact=True).click()
    page.wait_for_load_state()


def complain(page: Page, album: Album) -> str:
    """Fill in the public form; returns the link of the ticket."""
    album.look(page, "1 empty form")
    page.fill("[name=f_phone]", "13800138000")
    page.fill("[name=f_name]", "王女士")
    page.select_option("[name=f_store]", "st_hz1")
    page.fill("[name=f_order]", "A1001")
    page.get_by_text("菜品", exact=True).first.click()
    page.get_by_role("button", name="添加一行").click()
    page.wait_for_load_state()
    page.fill('[name="f_items.0.f_dish"]', "水煮鱼")
    page.fill('[name="f_items.0.f_price"]', "88")
    page.fill("[name=f_body]", "鱼是凉的")
    page.set_input_files("#f_photos", {"name": "fish.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    if album.javascript:
        expect(page.locator('[data-f="f_photos"] img')).to_be_visible()
    page.get_by_text("我已阅读并同意").click()
    album.look(page, "2 filled in")
    page.click("#submit")
    page.wait_for_url("**/t/**")
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    album.look(page, "3 received")
    return page.url.partition("?")[0]


def claim(page: Page, no: int, album: Album) -> None:
    """Sign in and take the ticket from the pool."""
    album.look(page, "4 sign in")
    page.fill("#login", AGENT.login)
    page.fill("#password", PASSWORD)
    press(page, "登录")
    album.look(page, "5 pool")
    press(page, f"抢工单 {no}")
    expect(page.get_by_text("抢到了")).to_be_visible()
    album.look(page, "6 claimed")


def handle(page: Page, size: str, album: Album, meanwhile: Callable[[], None]) -> None:
    """Write what was done and send it; something happens just before the button is pressed."""
    if size == "phone":
        page.locator("label[for=tab-do]").click()
    page.fill("[name=f_reply]", "已致歉，菜品全额退款")
    page.fill("[name=f_rate]", "100")
    album.look(page, "7 handling")
    meanwhile()
    page.locator(".act .btn.primary").click()
    page.wait_for_load_state()
    expect(page.get_by_text("这一步已完成")).to_be_visible()
    album.look(page, "8 handled")


def rate(page: Page, link: str, album: Album) -> None:
    """The customer looks again until there is a question, and answers it."""
    def asked() -> bool:
        page.goto(link)
        return page.locator("[name=f_solved]").count() > 0

    wait_for(asked, WORK_S, "the customer to be asked")
    album.look(page, "9 asked")
    page.get_by_text("5 星").click(force=True)
    page.get_by_text("已解决", exact=True).click()
    page.click("#submit")
    page.wait_for_load_state()
    expect(page.get_by_text("感谢您的回答")).to_be_visible()
    album.look(page, "10 rated")


@pytest.mark.parametrize(("size", "javascript"), [("phone", True), ("phone", False), ("desktop", True)])
def test_from_the_form_to_the_rating_though_the_worker_is_killed(
    product: Product, windows: Windows, tmp_path: Path, size: str, javascript: bool
) -> None:
    album = Album(tmp_path, javascript)
    customer = windows.open(product.door(), size=size, javascript=javascript)
    link = complain(customer, album)
    ticket_id, _, no = product.ticket(link)
    agent = windows.open(f"{product.url}/pool", size=size, javascript=javascript)
    claim(agent, no, album)
    killed = wait_for(product.worker, 20, "a worker")
    handle(agent, size, album, lambda: os.kill(killed, signal.SIGKILL))
    rate(customer, link, album)
    assert product.worker() not in (0, killed)
    assert "worker ended unexpectedly (killed by SIGKILL)" in product.said()
    assert product.ticket(link)[1] == "closed"
    assert product.refunds(ticket_id) == [(f"{ticket_id}:pay:1", "88.00")]
    agent.goto(f"{product.url}/tickets/{ticket_id}")
    expect(agent.get_by_text("已完成", exact=True).first).to_be_visible()
    album.look(agent, "11 closed")
    customer.goto(link)
    album.look(customer, "12 closed for the customer")


def test_nothing_is_left_undone(product: Product) -> None:
    assert json.loads(product.doctor().splitlines()[-1]) == {"violations": 0}
