"""The page on which a manager has a table asked for in another system, and the forms that ask it."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.extensions import db
from app.org import people
from tests.desk.conftest import Browser, hidden
from tests.org.test_live import Company, connected
from tests.personas import ADMIN, AGENT, Persona

People = Callable[[Persona], Browser]
ASKED = {"connector": "pos", "path": "/stores?q={words}", "rows_at": "data.items", "id": "no", "name": "title",
         "seconds": "60", "t.0": "城市", "p.0": "city.name", "y.0": "text", "f.0": "1"}


@pytest.fixture
def company(demo_app: Flask) -> Iterator[Company]:
    with connected(demo_app) as found:
        yield found


def made(browser: Browser) -> str:
    """A new table's page of settings."""
    return str(browser.post("/sources/", title="门店", do="live").location)


def send(browser: Browser, at: str, do: str, **more: Any) -> Any:
    return browser.post(at, version=hidden(browser.get(at).text, "version"), do=do, **{**ASKED, **more})


def test_a_manager_tries_it_out_and_saves_it(browser_of: People, company: Company) -> None:
    admin = browser_of(ADMIN)
    at = made(admin)
    tried = unescape(send(admin, at, "try", words="湖滨").text)
    assert "查到 1 行" in tried and "湖滨店" in tried and "杭州" in tried and "city.name" in tried
    assert 'value="湖滨"' in tried and company.asked == ["湖滨"]
    assert "已选用 0 行" not in admin.text("/sources/")  # nothing was saved
    answer = send(admin, at, "save", outside="1")
    assert answer.status_code == 303, answer.text
    page = admin.text(at)
    assert 'value="city.name"' in page and 'name="outside" value="1" checked' in page
    assert "已选用 0 行" in admin.text("/sources/")
    assert admin.get(at.removesuffix("/live/")).status_code == 302  # there is no grid of rows that are elsewhere


@pytest.mark.parametrize(("status", "changes", "words"), [
    (500, {}, "状态码 500"), (200, {"rows_at": "nothing"}, "没有找到列表"), (200, {"path": "/stores"}, "{words}"),
    (200, {"path": "//evil.example/?q={words}"}, "路径以一个 / 开头"), (200, {"seconds": "x"}, "秒"),
    (200, {"p.0": "a..b"}, "位置"), (200, {"y.0": "gold"}, "gold"), (200, {"connector": "none"}, "none"),
])
def test_what_went_wrong_is_said_and_what_was_typed_stays(
    browser_of: People, company: Company, status: int, changes: dict[str, str], words: str
) -> None:
    admin = browser_of(ADMIN)
    at = made(admin)
    company.status = status
    answer = send(admin, at, "try", words="湖滨", **changes)
    page = unescape(answer.text)
    assert answer.status_code in (404, 422) and words in page and 'value="湖滨"' in page
    assert "Traceback" not in page and 'value="city.name"' in page or "p.0" in changes


def test_it_ends_when_the_manager_says_so(browser_of: People, company: Company) -> None:
    admin = browser_of(ADMIN)
    at = made(admin)
    send(admin, at, "save")
    assert send(admin, at, "stop").status_code == 303
    assert admin.get(at.removesuffix("/live/")).status_code == 200


def test_who_may(demo_app: Flask, browser_of: People, company: Company) -> None:
    at = made(browser_of(ADMIN))
    agent = browser_of(AGENT)
    assert agent.get(at).status_code == 403
    with demo_app.app_context():
        people.save_role("keeper", name="Keeper", reads="own", rights=["sources.edit"], actor=SYSTEM)
        people.grant_role(AGENT.id, "keeper", actor=SYSTEM)
        db.session.remove()
    page = agent.text(at)
    assert "只有能管理连接器的管理员" in page and 'value="try"' not in page
    assert 'value="live"' not in agent.text("/sources/")
    assert agent.post(at, version="1", do="try", words="x", **ASKED).status_code == 403
    assert agent.post(at, version="1", do="save", **ASKED).status_code == 403
    assert agent.post(at, version="1", do="stop").status_code == 403 and company.seen == []
