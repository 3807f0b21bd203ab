"""Rows of another system, from a real local server: what is laid out how, and what failure says."""
from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Denied, NotFound, Problem
from app.core.principal import SYSTEM, Principal
from app.org import masterdata, sheet_fetch
from app.sheets import Sheet
from tests.test_outbound import Server

BOSS = Principal(id="bo", name="Bo", rights=frozenset({"sources.edit", "org.manage"}))
KEEPER = Principal(id="kay", name="Kay", rights=frozenset({"sources.edit"}))


def answering(server: Server, body: Any, status: int = 200) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    server.answer = answer


@pytest.fixture
def school(app: Flask) -> Iterator[Server]:
    found = Server()
    with app.app_context():
        masterdata.save_connector("school", name="School", base_url=f"http://{found.host}/api",
                                  allow_hosts=[found.host], headers={"Authorization": "Bearer t0p"}, actor=SYSTEM)
        yield found
    found.stop()


def fetch(path: str = "/courses", rows_at: str = "data.items", most: int = 100, actor: Principal = BOSS) -> Sheet:
    return sheet_fetch.fetch("school", path, rows_at, most=most, actor=actor)


def refusal(**asked: Any) -> str:
    with pytest.raises(Problem) as caught:
        fetch(**asked)
    return caught.value.code


def test_rows_become_lines_and_paths_become_columns(school: Server) -> None:
    answering(school, {"data": {"items": [
        {"id": "EN1", "title": "英语", "price": {"amount": 12.5, "cny": True}, "tags": ["a"], "none": None},
        {"id": "MA1", "title": "数学", "room": "=1+1", "deep": {"a": {"b": {"c": {"d": 1}}}}}, "odd", 7,
    ]}})
    found = fetch("/courses?open=1")
    assert found.header == ["id", "title", "price.amount", "price.cny", "room"]
    assert [cells for _, cells in found.lines] == [
        ["EN1", "英语", "12.5", "true", ""], ["MA1", "数学", "", "", "=1+1"], [""] * 5, [""] * 5]
    method, path, headers, body = school.seen[0]
    assert (method, path, body) == ("GET", "/api/courses?open=1", b"") and headers["Authorization"] == "Bearer t0p"


def test_an_answer_may_be_the_list_itself(school: Server) -> None:
    answering(school, [{"name": "a\ud800"}])
    assert fetch(rows_at="").lines == [(1, ["a?"])]


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"data": {"items": []}}, 200, "fetch_no_list"), ({"data": [1]}, 200, "fetch_no_list"), ([1], 200, "fetch_no_list"),
    (b"<html>", 200, "fetch_no_list"), (b"", 200, "fetch_no_list"),
    ({}, 500, "fetch_refused"), ({}, 404, "fetch_refused"),
    ({"data": {"items": [{"a": "x" * 2001}]}}, 200, "sheet_cell"), (b" " * 70_000, 200, "fetch_large"),
    ({"data": {"items": [{"a": 1}] * 101}}, 200, "sheet_rows"),
    ({"data": {"items": [{str(number): 1 for number in range(61)}]}}, 200, "sheet_columns"),
])
def test_what_cannot_be_used_is_refused_in_words(school: Server, body: Any, status: int, code: str) -> None:
    answering(school, body, status)
    assert refusal() == code


def test_a_system_that_is_away_or_slow_is_told_as_such(school: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_fetch, "TIMEOUT_MS", 200)
    school.answer = lambda handler: time.sleep(1)
    assert refusal() == "fetch_failed"
    school.stop()
    assert refusal() == "fetch_failed"


def test_a_path_leads_nowhere_else(school: Server) -> None:
    for path in ("", "x", "//evil.example/", "/../admin", "@evil.example"):
        assert refusal(path=path) == "fetch_path"
    assert refusal(rows_at="..") == "fetch_no_list" and school.seen == []


def test_only_who_manages_connectors_may_use_one(school: Server) -> None:
    with pytest.raises(Denied):
        fetch(actor=KEEPER)
    with pytest.raises(NotFound):
        sheet_fetch.fetch("nothing", "/", "", most=1, actor=BOSS)
    assert school.seen == []
