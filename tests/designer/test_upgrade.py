"""The pages on which open tickets are upgraded: what they promise, who may, and that what follows is what they said."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.principal import SYSTEM
from app.extensions import db
from app.org import people
from app.runtime.models import Ticket
from tests.designer.conftest import Editor, words
from tests.designer.upgrading import CHANGED, later, publish
from tests.personas import AGENT

ADDRESS = "/designer/forms/complaint"
Complain = Callable[..., str]
Drawer = Callable[..., Editor]


def versions(app: Flask) -> set[str]:
    """Of ticket types on which open tickets stand."""
    with app.app_context():
        found = set(db.session.scalars(db.select(Ticket.type_version_id).where(Ticket.status == "open")))
        db.session.remove()
    return found


def start(editor: Editor, to: str = "") -> Any:
    """Press the button of the page as it is now, or as it was."""
    return editor.post(f"{ADDRESS}/upgrade", to=to or shown(editor))


def shown(editor: Editor) -> str:
    """The version that the page would upgrade to."""
    page = editor.get(f"{ADDRESS}/upgrade").text
    return page.partition('name="to" value="')[2].partition('"')[0]


def test_from_the_list_of_versions_to_the_result(
    editor: Editor, demo_app: Flask, complain: Complain, settle: Callable[[], None]
) -> None:
    for number in range(3):
        complain(f_order=f"A{number}", f_star="4")
    assert "没有未结工单" not in editor.text(f"{ADDRESS}/published")
    publish(demo_app, later("f_star", **CHANGED))
    page = editor.text(f"{ADDRESS}/published")
    assert "3 张未结工单还在旧版本上" in page and "第 2 版" in page
    page = editor.text(f"{ADDRESS}/upgrade")
    for said in ("第 1 版 → 第 2 版", "“实际损失”（金额）", "“责任方”（单选）", "“订单号”：单行文本 → 多行文本",
                 "“本次体验”：不再填写", "后面没有节点会填它", "升级 3 张工单"):
        assert said in page, said
    before = versions(demo_app)
    assert editor.get(f"{ADDRESS}/upgrade").status_code == 200 and versions(demo_app) == before  # only looked
    begun = start(editor)
    assert begun.status_code == 303
    going = editor.text(begun.location)
    assert "正在进行" in going and 'http-equiv="refresh"' in going and "data-going" in going
    assert start(editor).location == begun.location  # a second tap shows the one that is going on
    settle()
    done = editor.text(begun.location)
    assert "已完成" in done and "http-equiv" not in done and '<b class="num">3</b> 已升级' in done
    assert len(versions(demo_app)) == 1 and versions(demo_app) != before
    assert "已升级 3 / 3" in editor.text(f"{ADDRESS}/published")
    assert "没有要升级的" in editor.text(f"{ADDRESS}/upgrade")


def test_tickets_that_cannot_are_told_before_and_after(
    editor: Editor, demo_app: Flask, complain: Complain, settle: Callable[[], None]
) -> None:
    fine, stuck = complain(f_order=""), complain(f_order="A1001")
    publish(demo_app, later("f_order"), later(f_order={"type": "email", "max_length": None, "pattern": None}))
    page = editor.text(f"{ADDRESS}/upgrade")
    assert "“订单号”：单行文本的内容变不成邮箱" in page
    assert "1 张工单会留在原来的版本" in page and f"/tickets/{stuck}" in page and "升级 1 张工单" in page
    assert "A1001" not in page
    begun = start(editor)
    settle()
    done = editor.text(begun.location)
    assert '<b class="num">1</b> 已升级' in done and '<b class="num">1</b> 没有升级' in done
    assert f"/tickets/{stuck}" in done and f"/tickets/{fine}" not in done
    assert len(versions(demo_app)) == 2


def test_a_flow_that_does_not_fit_keeps_its_tickets(editor: Editor, demo_app: Flask, complain: Complain) -> None:
    complain()
    publish(demo_app, later("f_comp"))
    page = editor.text(f"{ADDRESS}/upgrade")
    assert "这些工单不能升级" in page and "1 张未结工单都不能升级" in page and 'name="to"' not in page
    with demo_app.app_context():
        newest = editor_version()
    refused = start(editor, newest)
    assert refused.status_code == 409 and "没有需要升级的未结工单" in words(refused)


def editor_version() -> str:
    """Id of the form's version in force."""
    from_db = db.session.scalar(db.text(
        "SELECT v.id FROM definition_version v JOIN definition d ON d.id = v.definition_id"
        " WHERE d.key = 'complaint' AND d.kind = 'form' AND v.version = d.current_version"
    ))
    db.session.remove()
    return str(from_db)


def test_a_version_published_meanwhile_is_shown_first(editor: Editor, demo_app: Flask, complain: Complain) -> None:
    complain()
    publish(demo_app, later(f_body={"label": "经过"}))
    seen = shown(editor)
    publish(demo_app, later(f_body={"label": "详细经过"}))
    refused = start(editor, seen)
    assert refused.status_code == 409 and "第 3 版" in words(refused) and "升级 1 张工单" in words(refused)
    assert "没有增减" in words(refused)


def test_what_is_no_longer_protected_is_told(editor: Editor, demo_app: Flask, complain: Complain) -> None:
    complain()
    publish(demo_app, later(f_phone={"sensitive": None}))
    assert "不再按敏感信息保护，看得到工单的人会看到完整内容：手机号" in editor.text(f"{ADDRESS}/upgrade")


def test_only_who_may_publish_upgrades(demo_app: Flask, drawer: Drawer, complain: Complain) -> None:
    complain()
    publish(demo_app, later(f_body={"label": "经过"}))
    editor = drawer("definitions.edit")
    page = editor.text(f"{ADDRESS}/published")
    assert "有发布权限的同事可以升级它们" in page and f"{ADDRESS}/upgrade" not in page
    assert editor.get(f"{ADDRESS}/upgrade").status_code == 403
    assert start(editor, "x").status_code == 403
    assert editor.get(f"{ADDRESS}/upgrade/6f1c1f7e-0000-4000-8000-000000000000").status_code == 403
    with demo_app.app_context():
        people.save_role("drawer", name="Drawer", rights=["definitions.edit", "definitions.publish"], actor=SYSTEM)
        people.grant_role(AGENT.id, "drawer", actor=SYSTEM)
        db.session.remove()
    again = Editor(demo_app, AGENT)
    assert again.get(f"{ADDRESS}/upgrade/6f1c1f7e-0000-4000-8000-000000000000").status_code == 404
    assert start(again).status_code == 303


@pytest.mark.parametrize("path", ["published", "upgrade"])
def test_a_form_that_does_not_exist(editor: Editor, path: str) -> None:
    assert editor.get(f"/designer/forms/nothing/{path}").status_code == 404


def test_a_form_that_was_never_published(editor: Editor) -> None:
    key = editor.post("/designer/forms", template="service_survey").location.rpartition("/")[2]
    assert "还没有发布过" in editor.text(f"/designer/forms/{key}/published")
    assert editor.get(f"/designer/forms/{key}/upgrade").status_code == 422
