"""The pages on which open tickets are moved to the newest version of their flow: what they promise, who may, and that
what follows is what they said."""
from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.principal import SYSTEM
from app.definitions import scenarios
from app.definitions import service as definitions
from app.definitions.spread import bring_to_types
from app.extensions import clock, db
from app.org import service as org
from app.runtime.models import Ticket
from tests.designer.conftest import Editor, words

FLOW = "restaurant_complaint"
PAGE = f"/designer/flows/{FLOW}/move"
pytestmark = pytest.mark.parametrize("backend", ["sqlite"])  # what the pages stand on is tested on both
Complain = Callable[..., str]


def republish(app: Flask) -> None:
    """A version of the complaint flow in which the pool is another step of the same kind, without its stories."""
    with app.app_context():
        now, found = clock.now_ms(), definitions.draft("flow", FLOW)
        text = json.dumps(found["content"], ensure_ascii=False)
        flow = json.loads(text.replace('"pool"', '"grab"').replace('"pool:', '"grab:'))
        next(node for node in flow["nodes"] if node["id"] == "grab")["name"] = "大家抢"
        stories = scenarios.saved(FLOW)
        scenarios.save(FLOW, {**stories.content, "scenarios": []}, stories.rev, actor=SYSTEM, now=now)
        definitions.save_draft("flow", FLOW, flow, found["rev"], actor=SYSTEM, now=now)
        definitions.publish("flow", FLOW, actor=SYSTEM, now=now, known=org.known())
        assert all(one.version for one in bring_to_types("flow", FLOW, actor=SYSTEM, now=now, known=org.known()))
        db.session.remove()


def versions(app: Flask) -> int:
    """On how many versions of their type tickets stand."""
    with app.app_context():
        found = len(set(db.session.scalars(select(Ticket.type_version_id))))
        db.session.remove()
    return found


def test_from_the_list_of_flows_to_the_result(
    editor: Editor, demo_app: Flask, complain: Complain, settle: Callable[[], None]
) -> None:
    idents = [complain() for _ in range(3)]
    assert PAGE in editor.text("/designer/flows/") and "没有要换的工单" in editor.text(PAGE)
    republish(demo_app)
    page = editor.text(PAGE)
    for said in ("第 1 版 → 第 2 版", "3 张未结工单", "「客诉抢单池」，3 张工单", "大家抢", "3 张工单会留在原来的版本",
                 f"/tickets/{idents[0]}", "3 张未结工单都不能换到新版", "新增节点“大家抢”"):
        assert said in page, said
    chosen = editor.text(f"{PAGE}?to.pool=grab")
    assert "把 3 张工单换到新版" in chosen and 'name="to.pool" value="grab"' in chosen and "会留在" not in chosen
    assert versions(demo_app) == 1, "only looked"
    stale = editor.post(PAGE, **{"version": "1", "to.pool": "grab"})
    assert stale.status_code == 409 and "第 2 版" in words(stale)
    assert editor.post(PAGE, **{"version": "2", "to.pool": "nowhere"}).status_code == 422
    begun = editor.post(PAGE, **{"version": "2", "to.pool": "grab"})
    assert begun.status_code == 303 and "data-going" in editor.text(begun.location)
    assert editor.post(PAGE, **{"version": "2", "to.pool": "grab"}).location == begun.location
    settle()
    assert '<b class="num">3</b> 已换好' in editor.text(begun.location)
    page = editor.text(PAGE)
    assert "没有要换的工单" in page and "已换 3 / 3" in page
    assert "把工单换到流程第 2 版（原为第 1 版）" in editor.text(f"/tickets/{idents[0]}")


def test_only_who_may_publish_moves(
    demo_app: Flask, drawer: Callable[..., Editor], complain: Complain
) -> None:
    complain()
    editor = drawer("definitions.edit")
    assert PAGE not in editor.text("/designer/flows/") and editor.get(PAGE).status_code == 403
    assert editor.post(PAGE, version="1").status_code == 403
    assert editor.get(f"{PAGE}/6f1c1f7e-0000-4000-8000-000000000000").status_code == 403
