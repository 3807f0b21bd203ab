"""A public form whose list lives in another system: searched without scripts, sent, and what failure looks like."""
from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.principal import Principal
from app.extensions import clock, db
from app.org import live_sources, tables
from app.runtime import seals
from app.runtime.models import Ticket
from tests.entries.conftest import Guest
from tests.entries.kinds import publish
from tests.org.test_live import Company, connected

BOSS = Principal(id="bo", name="Bo", rights=frozenset({"sources.edit", "org.manage"}))


@pytest.fixture
def company(demo_app: Flask) -> Iterator[Company]:
    with connected(demo_app) as found:
        yield found


def door(app: Flask, outside: bool = True, **settings: Any) -> Guest:
    with app.app_context():
        key = tables.create("门店", actor=BOSS, now=clock.now_ms())
        wanted = {"connector": "pos", "path": "/stores?q={words}", "rows_at": "data.items", "id": "no", "name": "title",
                  "cells": {"c1": "city.name"}, "seconds": 60, "outside": outside}
        live_sources.save(key, wanted, columns_=[{"key": "c1", "title": "城市", "fill": True}], version=1, actor=BOSS,
                          now=clock.now_ms())
        db.session.remove()
    field = {"id": "f_s", "type": "reference", "source": key, "label": "门店", "prefill": "link.store",
             "lookup": {"fill": {"f_city": "row.c1"}}, **settings}
    return Guest(app, publish(app, field, {"id": "f_city", "type": "text", "label": "城市"}))


def answers(app: Flask) -> dict[str, Any]:
    with app.app_context():
        ticket = db.session.scalars(select(Ticket)).one()
        return dict(seals.unseal(ticket.id, ticket.data))


def test_searched_chosen_and_sent_without_scripts(demo_app: Flask, company: Company) -> None:
    guest = door(demo_app)
    assert guest.open().status_code == 200 and company.seen == []
    page = unescape(guest.post({"f_s.find": "店", "f_s.was": "", "_do": "render"}).text)
    assert "湖滨店" in page and "西溪店" in page
    assert guest.post({"f_s": "S2", "f_s.find": "店", "f_s.was": "店"}).status_code == 303
    assert answers(demo_app) == {"f_s": "S2", "f_city": "杭州"} and company.asked == ["店"]


def test_an_answer_that_the_other_system_does_not_know_is_refused(demo_app: Flask, company: Company) -> None:
    guest = door(demo_app)
    guest.open()
    assert guest.post({"f_s": "S9"}).status_code == 422 and "没有这一项" in guest.errors()["f_s"]


@pytest.mark.parametrize("if_away", ["refuse", "words"])
def test_while_it_is_away_the_field_says_so_and_words_may_stand_in(
    demo_app: Flask, company: Company, if_away: str
) -> None:
    guest = door(demo_app, if_away=if_away)
    guest.open()
    company.status = 500
    page = unescape(guest.post({"f_s.find": "湖滨", "_do": "render"}).text)
    assert "暂时查不到" in page and 'value="湖滨"' in page
    answer = guest.post({"f_s.find": "湖滨", "f_s.was": "湖滨", "f_city": "杭州"})
    if if_away == "refuse":
        assert answer.status_code == 422 and "暂时查不到" in guest.errors()["f_s"] and guest.value("f_city") == "杭州"
    else:
        assert answer.status_code == 303 and answers(demo_app) == {"f_s": "~湖滨", "f_city": "杭州"}
        assert "湖滨（未核对）" in unescape(guest.get(answer.location).text)


def test_a_link_names_the_row(demo_app: Flask, company: Company) -> None:
    guest = door(demo_app)
    page = unescape(guest.open("?store=S1").text)
    assert company.asked == ["S1"] and "湖滨店" in page and guest.value("f_city") == "杭州"
    company.answer = company.slow  # a page never waits long, and opens without the row
    assert guest.open("?store=S7").status_code == 200


def test_what_is_not_open_to_customers_is_not_asked_for_them(demo_app: Flask, company: Company) -> None:
    guest = door(demo_app, outside=False)
    guest.open("?store=S1")
    page = unescape(guest.post({"f_s.find": "湖滨", "_do": "render"}).text)
    assert "只有同事可以查询" in page and "湖滨店" not in page
    assert guest.post({"f_s": "S1"}).status_code == 422 and "湖滨店" not in unescape(guest.page)
    assert company.seen == []
