"""Rows that live in another system, asked of a real local server: what is kept, what failure says, what it costs."""
from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.errors import Problem
from app.core.principal import SYSTEM, Principal
from app.extensions import db
from app.forms.access import resolve
from app.forms.fields.reference import UNCHECKED
from app.forms.loader import Form
from app.forms.validate import Judged, judge
from app.forms.view import FieldView, build
from app.org import live, live_answers, live_sources, masterdata, tables
from app.org.columns import Column
from app.org.directory import directory
from app.org.lists import Lists
from app.org.live import Live
from app.org.models import SourceAnswer, SourceRow
from app.runtime.ports import StaffPorts
from tests.forms.kit import ENV, small
from tests.test_outbound import Server

BOSS = Principal(id="bo", name="Bo", rights=frozenset({"sources.edit", "org.manage"}))
NOW = 1_700_000_000_000
PATH = "/stores?q={words}"
STORES = [{"no": "S1", "title": "湖滨店", "city": {"name": "杭州"}, "rent": "many"},
          {"no": "S2", "title": "西溪店", "city": {"name": "杭州"}, "rent": 12.5},
          {"no": "", "title": "无号店"}, "odd", {"no": "~1", "title": "x"}]


class Company(Server):
    """The other system: finds stores by the letters of code and title; `body` and `status` replace what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.body: bytes | None = None
        self.status = 200
        self.rows: list[Any] = list(STORES)
        self.answer = self.said

    def said(self, handler: BaseHTTPRequestHandler) -> None:
        words = parse_qs(urlsplit(handler.path).query).get("q", [""])[0]
        rows = [row for row in self.rows if not isinstance(row, dict) or words in row["no"] + row["title"]]
        data = self.body if self.body is not None else json.dumps({"data": {"items": rows}}).encode()
        handler.send_response(self.status)
        if 300 <= self.status < 400:
            handler.send_header("Location", f"http://{self.host}/other")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def slow(self, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(4)
        self.said(handler)

    @property
    def asked(self) -> list[str]:
        return [parse_qs(urlsplit(path).query).get("q", [""])[0] for _, path, _, _ in self.seen]


@contextmanager
def connected(app: Flask) -> Iterator[Company]:
    """Another system that the demo company has a connector to."""
    found = Company()
    with app.app_context():
        masterdata.save_connector("pos", name="门店系统", base_url=f"http://{found.host}",
                                  allow_hosts=[found.host], actor=SYSTEM)
    yield found
    found.stop()


@pytest.fixture
def company(app: Flask) -> Iterator[Company]:
    found = Company()
    with app.app_context():
        masterdata.save_connector("pos", name="门店系统", base_url=f"http://{found.host}/api",
                                  allow_hosts=[found.host], headers={"Authorization": "Bearer t0p"}, actor=SYSTEM)
        yield found
    found.stop()


@pytest.fixture
def stores(company: Company) -> str:
    return made()


def made(**changes: Any) -> str:
    key = tables.create("门店", actor=BOSS, now=NOW)
    save(key, **changes)
    return key


def save(key: str, **changes: Any) -> None:
    columns = [{"key": "c1", "title": "城市", "fill": True},
               {"key": "c2", "title": "租金", "type": "money", "fill": True}, {"key": "c3", "title": "内部"}]
    wanted = {"connector": "pos", "path": PATH, "rows_at": "data.items", "id": "no", "name": "title",
              "cells": {"c1": "city.name", "c2": "rent", "c3": "title"}, "seconds": 60, "outside": True, **changes}
    version = db.session.scalar(select(tables.Source.version).where(tables.Source.key == key)) or 0
    live_sources.save(key, wanted, columns_=columns, version=version, actor=BOSS, now=NOW)


def form(source: str, **settings: Any) -> Form:
    return small({"id": "f_s", "type": "reference", "source": source, "label": "门店", **settings},
                 {"id": "f_city", "type": "text", "label": "城市"})


def ask(source: str, raw: Any, *, now: int = NOW, outside: bool = False, keep: bool = True, **settings: Any) -> Judged:
    """What becomes of an answer, as an edge has it judged."""
    asked = form(source, lookup={"fill": {"f_city": "row.c1"}}, **settings)
    live_answers.prepare(asked, {"f_s": raw}, now=now, outside=outside, keep=keep)
    return judge(asked, {"f_s": raw}, access=resolve(asked, {"*": "edit"}), current={}, scope={}, env=ENV,
                 ports=StaffPorts(directory(), "", None))


def drawn(source: str, raw: Any, *, now: int = NOW, **settings: Any) -> FieldView:
    asked = form(source, **settings)
    live_answers.prepare(asked, {"f_s": raw}, now=now)
    return build(asked, {"f_s": raw}, access=resolve(asked, {"*": "edit"}), env=ENV, scope={}, locale="zh-CN",
                 ports=StaffPorts(directory(), "", None)).fields()[0]


def codes(found: Judged) -> list[str]:
    return [problem.code for problem in found.problems]


def test_what_is_typed_is_asked_and_the_chosen_row_stays(stores: str, company: Company) -> None:
    assert drawn(stores, None).many and company.seen == []  # a page asks nobody
    found = drawn(stores, {"find": "店"})
    assert [(row.id, row.label) for row in found.options] == [("S1", "湖滨店"), ("S2", "西溪店")]
    method, path, headers, _ = company.seen[0]
    assert (method, path, headers["Authorization"]) == ("GET", "/api/stores?q=%E5%BA%97", "Bearer t0p")
    judged = ask(stores, "S1")
    assert judged.values == {"f_s": "S1", "f_city": "杭州"} and company.asked == ["店"]  # it was shown a moment ago
    company.stop()
    db.session.execute(SourceAnswer.__table__.delete())
    db.session.commit()
    assert drawn(stores, "S1").display == "湖滨店" and ask(stores, "S1").values["f_s"] == "S1"


def test_only_cells_that_forms_may_copy_leave_and_cells_that_do_not_fit_are_empty(stores: str) -> None:
    ask(stores, {"find": "店"})
    row = Lists(directory()).row(stores, "S1")
    assert row == {"id": "S1", "name": "湖滨店", "c1": "杭州"}
    assert Lists(directory()).row(stores, "S2") == {"id": "S2", "name": "西溪店", "c1": "杭州", "c2": "12.50"}


def test_words_that_mean_one_row_choose_it_and_others_say_so(stores: str) -> None:
    assert ask(stores, {"find": "湖滨"}).values["f_s"] == "S1" and db.session.get(SourceRow, (stores, "S1"))
    assert codes(ask(stores, {"find": "店"})) == ["answer_find_many"]
    assert codes(ask(stores, {"find": "火星"})) == ["answer_find_none"]
    assert codes(ask(stores, "S9")) == codes(ask(stores, "~湖滨")) == codes(ask(stores, "无号店")) == [
        "answer_not_reference"]


def test_an_answer_is_used_for_its_time(stores: str, company: Company) -> None:
    for now in (NOW, NOW + 59_000, NOW + 61_000):
        drawn(stores, {"find": "湖滨"}, now=now)
    drawn(stores, {"find": " 湖滨\x00 "}, now=NOW + 61_000)
    assert company.asked == ["湖滨", "湖滨"]


def test_answers_do_not_pile_up(stores: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_answers, "MOST_ANSWERS", 3)
    for number in range(6):
        live_answers.remember(stores, f"w{number}", [], now=NOW + number)
    assert db.session.scalar(select(func.count()).select_from(SourceAnswer)) == 3
    live_answers.remember(stores, "later", [], now=NOW + live_answers.KEEP_MS + 10)
    assert db.session.scalars(select(SourceAnswer.words)).all() == ["later"]


def test_a_row_named_without_a_search_is_asked_for_by_its_code(stores: str, company: Company) -> None:
    assert ask(stores, "S2").values["f_s"] == "S2" and company.asked == ["S2"]
    company.rows = []
    db.session.execute(SourceAnswer.__table__.delete())
    db.session.commit()
    assert codes(ask(stores, "S2")) == ["answer_not_reference"]  # it is gone over there
    assert drawn(stores, "S2").display == "西溪店" and not db.session.get_one(SourceRow, (stores, "S2")).active
    company.rows = list(STORES)
    assert ask(stores, "S2", now=NOW + 90_000).values["f_s"] == "S2"


def test_nothing_is_kept_for_a_page_that_is_only_drawn(stores: str) -> None:
    ask(stores, "S1", keep=False)
    assert db.session.scalar(select(func.count()).select_from(SourceRow)) == 0


FAILURES = {
    "live_status": (500, None), "live_moved": (302, None), "live_not_json": (200, b"<html>busy</html>"),
    "live_no_list": (200, b'{"data": {"items": "none"}}'), "live_large": (200, b" " * 70_000),
}


@pytest.mark.parametrize("code", FAILURES)
def test_a_failure_is_told_at_the_field_and_to_who_set_it_up(stores: str, company: Company, code: str) -> None:
    company.status, company.body = FAILURES[code]
    with pytest.raises(live.Away) as caught:
        live.call(*wanted(stores), "湖滨")
    assert caught.value.problem.code == code and "{" not in caught.value.problem.message("zh").replace('{"', "")
    assert codes(ask(stores, {"find": "湖滨"})) == ["source_away"]
    assert "没有回应" in drawn(stores, {"find": "湖滨"}).notice
    assert {path for _, path, _, _ in company.seen} == {"/api/stores?q=%E6%B9%96%E6%BB%A8"}  # nobody was led elsewhere


def wanted(source: str) -> tuple[Live, tuple[Column, ...]]:
    found = live_answers.of(directory(), source)
    assert found
    return found


def test_the_manager_may_let_words_stand_in_while_the_system_is_away(stores: str, company: Company) -> None:
    company.status = 503
    answer = ask(stores, {"find": " 湖滨银泰店 "}, if_away="words")
    assert answer.values == {"f_s": UNCHECKED + "湖滨银泰店"} and "直接提交" in drawn(
        stores, {"find": "湖滨银泰店"}, if_away="words").notice
    later = drawn(stores, UNCHECKED + "湖滨银泰店", if_away="words")
    assert later.display == "湖滨银泰店（未核对）" and [row.selected for row in later.options] == [True]
    company.status = 200
    assert codes(ask(stores, {"find": "火星"}, if_away="words", now=NOW + 1)) == ["answer_find_none"]


def test_what_was_answered_before_helps_while_the_system_is_away(stores: str, company: Company) -> None:
    drawn(stores, {"find": "湖滨"})
    company.status = 500
    assert [row.id for row in drawn(stores, {"find": "湖滨"}, now=NOW + 3_600_000).options] == ["S1"]


def test_after_some_failures_nobody_asks_for_a_while(
    stores: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.status = 500
    for number in range(6):
        drawn(stores, {"find": f"w{number}"})
    assert len(company.seen) == live.FAILURES
    company.status = 200
    monkeypatch.setattr(live, "REST_S", 0.0)
    assert drawn(stores, {"find": "湖滨"}).options and drawn(stores, {"find": "西溪"}).options


def test_a_slow_system_takes_few_threads_and_little_time(
    app: Flask, stores: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TIMEOUT_MS", 2000)
    monkeypatch.setattr(live, "PATIENCE_S", 0.05)
    company.answer = company.slow
    how = wanted(stores)
    said: list[str] = []

    def one(words: str) -> None:
        with app.app_context():
            try:
                live.ask(stores, *how, words)
            except live.Away as away:
                said.append(away.problem.code)

    db.session.rollback()
    begun = time.monotonic()
    threads = [threading.Thread(target=one, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun < 4
    assert len(company.seen) == live.AT_ONCE and sorted(set(said)) == ["live_busy", "live_slow"]


def test_a_form_with_many_searches_waits_for_a_slow_system_once(
    stores: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "TIMEOUT_MS", 300)
    company.answer = company.slow
    asked = small(*({"id": f"f_{n}", "type": "reference", "source": stores, "label": str(n)} for n in range(5)))
    begun = time.monotonic()
    live_answers.prepare(asked, {f"f_{n}": {"find": f"w{n}"} for n in range(5)}, now=NOW)
    assert time.monotonic() - begun < 4 and len(company.seen) == 1


def test_no_transaction_is_open_while_another_system_is_asked(
    app: Flask, stores: str, company: Company
) -> None:
    said = company.answer

    def writing(handler: BaseHTTPRequestHandler) -> None:
        with app.app_context():  # another request writes meanwhile
            live_answers.remember(stores, "meanwhile", [], now=NOW)
        said(handler)

    company.answer = writing
    db.session.execute(select(SourceRow))  # as a request that has read what it needs
    assert drawn(stores, {"find": "湖滨"}).options


def test_people_outside_ask_only_what_is_open_to_them(company: Company) -> None:
    inside = made(outside=False)
    asked = form(inside)
    live_answers.prepare(asked, {"f_s": {"find": "湖滨"}}, now=NOW, outside=True)
    assert company.seen == []
    live_answers.prepare(asked, {"f_s": "S1"}, now=NOW, keep=True)
    theirs = Lists(directory(), outside=True)
    assert theirs.row(inside, "S1") is None and Lists(directory()).row(inside, "S1")
    with pytest.raises(Problem) as caught:
        theirs.rows(inside, "湖滨")
    assert caught.value.code == "source_inside" and theirs.rows(inside) is None


def test_one_thing_may_be_asked_for_by_its_number(company: Company) -> None:
    orders = made(path="/orders/{words}", rows_at="data")
    company.body = b'{"data": {"no": "A1", "title": "A1"}}'
    assert ask(orders, "A1").values["f_s"] == "A1" and company.seen[0][1] == "/api/orders/A1"
    company.body = b'{"data": null}'
    assert codes(ask(orders, "A2")) == ["answer_not_reference"]
    company.status = 404
    assert codes(ask(orders, {"find": "A3"})) == ["answer_find_none"]
    before = len(company.seen)
    assert codes(ask(orders, {"find": ".."})) == codes(ask(orders, {"find": "../admin"})) == ["answer_find_none"]
    assert len(company.seen) == before


@pytest.mark.parametrize(("change", "code"), [
    ({"path": "/stores"}, "live_words"), ({"path": "/{words}/{x}"}, "live_words"), ({"id": "a..b"}, "live_json_path"),
    ({"id": ""}, "live_json_path"), ({"rows_at": " "}, "live_json_path"), ({"seconds": -1}, "live_seconds"),
    ({"path": "//evil.example/{words}"}, "fetch_path"), ({"path": "/../{words}"}, "fetch_path"),
    ({"connector": "none"}, "connector_unknown"), ({"cells": {"c9": "x"}}, "column_unknown"),
])
def test_what_cannot_work_is_refused_when_it_is_set_up(company: Company, change: dict[str, Any], code: str) -> None:
    key = tables.create("门店", actor=BOSS, now=NOW)
    with pytest.raises(Problem) as caught:
        save(key, **change)
    assert caught.value.code == code and company.seen == []


def test_a_table_with_rows_stays_a_table_and_rows_of_others_are_not_edited(stores: str) -> None:
    own = tables.create("自己的", actor=BOSS, now=NOW)
    tables.save_rows(own, [tables.Edit(None, {"name": "a"})], actor=BOSS, now=NOW)
    for refused in (lambda: save(own),
                    lambda: tables.save_rows(stores, [tables.Edit(None, {"name": "a"})], actor=BOSS, now=NOW)):
        with pytest.raises(Problem) as caught:
            refused()
        assert caught.value.code in ("live_has_rows", "live_rows")
        db.session.rollback()


def test_who_may_set_it_up(company: Company) -> None:
    keeper = Principal(id="kay", name="Kay", rights=frozenset({"sources.edit"}))
    key = tables.create("门店", actor=keeper, now=NOW)
    with pytest.raises(Problem) as caught:
        live_sources.save(key, {}, columns_=[], version=1, actor=keeper, now=NOW)
    assert caught.value.status == 403
