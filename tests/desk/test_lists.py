"""To-do, claim pool, list of tickets: who sees what, how it reads, what it costs."""
from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.driver import statements
from app.extensions import db
from app.runtime import queries
from tests.desk.conftest import Browser, task_on
from tests.personas import ADMIN, AGENT, AGENT_TWO, DELIVERY, LEAD, QUALITY, Persona

HOUR = 3_600_000
People = Callable[[Persona], Browser]
Complain = Callable[..., str]


def advance(app: Flask, ms: int) -> None:
    file = app.extensions["danflow"].settings.clock_file
    file.write_text(str((int(file.read_text()) if file.exists() else 0) + ms))


def test_empty_lists_say_what_to_do_next(browser_of: People, complain: Complain) -> None:
    agent = browser_of(AGENT)
    assert "没有待办" in agent.text("/") and "现在没有可抢的工单" in agent.text("/pool")
    assert "还没有工单" in agent.text("/tickets") and "没有消息" in agent.text("/inbox")
    complain()
    assert "还有 1 张工单等人来抢" in agent.text("/todo")


def test_claim_from_the_row_and_handle(browser_of: People, complain: Complain) -> None:
    agent, ticket = browser_of(AGENT), complain(f_body="要求退款")
    pool = agent.text("/pool")
    assert "服务 · 上菜慢" in pool and "紧急" in pool and "还剩" in pool
    answer = agent.post(f"/tasks/{task_on(agent, '/pool')}/claim")
    assert (answer.status_code, answer.location) == (303, f"/tickets/{ticket}?said=claimed&no=1")
    assert "现在没有可抢的工单" in agent.text("/pool")
    todo = agent.text("/")
    assert "客服处理" in todo and f"/tickets/{ticket}" in todo


def test_the_second_to_claim_learns_who_was_faster(browser_of: People, complain: Complain) -> None:
    complain(), complain()
    agent, other = browser_of(AGENT), browser_of(AGENT_TWO)
    task = task_on(agent, "/pool")
    assert agent.post(f"/tasks/{task}/claim").status_code == 303
    answer = other.post(f"/tasks/{task}/claim")
    assert answer.status_code == 409
    assert "已被安客服抢走" in answer.text
    assert task not in answer.text and "/claim" in answer.text  # the list is fresh: the other ticket is still there


def test_claiming_twice_with_one_form_is_one_claim(browser_of: People, complain: Complain) -> None:
    complain()
    agent = browser_of(AGENT)
    task = task_on(agent, "/pool")
    answers = [agent.post(f"/tasks/{task}/claim", _key="k" * 32) for _ in range(2)]
    assert [answer.location for answer in answers] == [answers[0].location] * 2
    assert agent.post(f"/tasks/{task}/claim", _key="no good").status_code == 400


def test_of_many_at_once_one_wins(demo_app: Flask, browser_of: People, complain: Complain) -> None:
    complain()
    browsers = [browser_of(who) for who in (AGENT, AGENT_TWO) * 3]
    task, tokens = task_on(browsers[0], "/pool"), [browser.csrf for browser in browsers]
    ready = threading.Barrier(len(browsers))

    def claim(number: int) -> int:
        ready.wait()
        browser = browsers[number]
        sent = {"csrf_token": tokens[number], "_key": f"key-{number:08}"}
        return browser.client.post(f"/tasks/{task}/claim", data=sent).status_code

    with ThreadPoolExecutor(len(browsers)) as threads:
        codes = sorted(threads.map(claim, range(len(browsers))))
    assert codes == [303] + [409] * (len(browsers) - 1)


def test_too_many_at_hand_is_said_calmly(browser_of: People, complain: Complain) -> None:
    agent = browser_of(AGENT)
    for _ in range(6):
        complain()
    codes = [agent.post(f"/tasks/{task_on(agent, '/pool')}/claim").status_code for _ in range(6)]
    assert codes == [303] * 5 + [409]


def test_what_is_overdue_says_by_how_much(demo_app: Flask, browser_of: People, complain: Complain) -> None:
    complain()
    agent = browser_of(AGENT)
    agent.post(f"/tasks/{task_on(agent, '/pool')}/claim")
    advance(demo_app, 10 * 24 * HOUR)
    agent = browser_of(AGENT)  # the session is idle for too long
    todo = agent.text("/")
    assert "超时" in todo and "天" in todo
    assert "还剩" not in todo


def test_lists_show_only_what_somebody_may_see(browser_of: People, complain: Complain) -> None:
    complain()
    stranger, everything = browser_of(DELIVERY), browser_of(QUALITY)
    assert "共 0 张" in stranger.text("/tickets") and "/tickets/" not in stranger.text("/pool")
    assert "服务 · 上菜慢" not in stranger.text("/tickets?q=服务")
    assert "共 1 张" in everything.text("/tickets")


def test_filters_search_and_pages(browser_of: People, complain: Complain) -> None:
    for number in range(23):
        complain(f_kind="o_food" if number == 3 else "o_svc", f_item="o_cold" if number == 3 else "o_slow",
                 f_order=f"A{number}")
    lead = browser_of(LEAD)
    first = lead.text("/tickets")
    assert "共 23 张" in first and "#23" in first and "#4<" in first and "#3<" not in first
    second = lead.text("/tickets?before=4")
    assert "#3<" in second and "回到第一页" in second and "下一页" not in second
    assert "#4<" in lead.text("/tickets?q=菜品") and "共 1 张" in lead.text("/tickets?q=菜品")
    assert "共 1 张" in lead.text("/tickets?q=7")
    assert "没有找到" in lead.text("/tickets?status=closed")
    assert "共 23 张" in lead.text("/tickets?status=open")
    for bad in ("/tickets?status=strange", "/tickets?before=x", "/inbox?before=x"):
        answer = lead.get(bad)
        assert answer.status_code == 422 and "回到待办" in answer.text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(no)s"])
def test_what_people_type_is_text(browser_of: People, complain: Complain, text: str) -> None:
    complain()
    page = browser_of(AGENT).get("/tickets", Accept="text/html")
    assert page.status_code == 200
    found = browser_of(AGENT).client.get("/tickets", query_string={"q": text, "status": "open"})
    assert text not in found.text or "<" not in text
    assert "<script>alert" not in found.text and "<img" not in found.text
    assert "49" not in found.text.split('id="q"')[1][:200]
    said = browser_of(AGENT).client.get("/", query_string={"said": text, "no": text})
    assert "<script>alert" not in said.text and "<img" not in said.text


def test_what_lists_cost(demo_app: Flask, browser_of: People, complain: Complain) -> None:
    for number in range(22):
        complain(f_order=f"A{number}")
    agent, lead = browser_of(AGENT), browser_of(LEAD)
    for _ in range(3):
        agent.post(f"/tasks/{task_on(agent, '/pool')}/claim")
    for browser, path, most in ((agent, "/", 6), (agent, "/pool", 6), (lead, "/tickets", 6), (agent, "/tickets", 6),
                                (agent, "/inbox", 6), (lead, "/sent", 6)):
        browser.get(path)  # what a process loads once
        before = statements.count
        assert browser.get(path).status_code == 200
        assert statements.count - before <= most, path


def test_counts_stop_at_many(demo_app: Flask, browser_of: People, complain: Complain, monkeypatch: pytest.MonkeyPatch,
                             ) -> None:
    monkeypatch.setattr(queries, "MANY", 2)
    for _ in range(3):
        complain()
    assert "超过 2 张" in browser_of(ADMIN).text("/tickets")
    with demo_app.app_context():
        db.session.remove()


def test_public_links_have_a_code_to_scan(browser_of: People) -> None:
    page = browser_of(DELIVERY).text("/links")
    assert page.count("<svg") > 2 and "公众号菜单" in page and "/f/" in page


@pytest.mark.parametrize("path", ["/", "/todo", "/pool", "/tickets", "/inbox", "/sent", "/me", "/links"])
def test_every_page_asks_to_sign_in_first(demo_app: Flask, path: str) -> None:
    answer = Browser(demo_app).get(path)
    assert answer.status_code == 303 and answer.location.startswith("/sign-in")


def test_english_pages_are_english(browser_of: People, complain: Complain) -> None:
    complain()
    agent = browser_of(AGENT)
    agent.post("/me/language", language="en")
    for path in ("/", "/pool", "/tickets", "/inbox", "/links", "/me"):
        page = agent.text(path)
        menu = page.partition("<nav")[2].partition("</nav>")[0]
        assert "To do" in menu and not any("\u4e00" <= letter <= "\u9fff" for letter in menu)
