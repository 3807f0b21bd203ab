"""Forms that are no longer used: out of the list, their links closed, open tickets going on; and back again."""
from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import archive
from app.extensions import clock
from tests.designer.conftest import Editor
from tests.desk.conftest import Browser, claimed, complain
from tests.personas import AGENT

__all__ = ["claimed", "complain"]  # fixtures


def address(editor: Editor) -> str:
    """The path of a public link of the complaint."""
    found = re.search(r"/f/[A-Za-z0-9_-]{22}", editor.text("/links"))
    assert found
    return found[0]


def test_an_archived_form_is_out_of_the_way_and_its_links_say_so(
    editor: Editor, demo_app: Flask, claimed: Callable[..., tuple[str, str]]
) -> None:
    agent = Browser(demo_app)
    agent.sign_in(AGENT.login)
    ticket, task = claimed(agent)
    link, customer = address(editor), demo_app.test_client()
    assert customer.get(link).status_code == 200
    assert "已归档" not in editor.text("/designer/")
    assert editor.post("/designer/forms/complaint/archive").headers["Location"].endswith("said=archived")
    page = editor.text("/designer/?said=archived")
    assert "餐厅投诉单" not in page and "已归档（1）" in page and "没处理完的工单照常处理" in page
    assert "餐厅投诉单" in editor.text("/designer/?archived=1")
    for answer in (customer.get(link), customer.post(link, data={"f_phone": "13800138000"})):
        assert answer.status_code == 410 and "已停用" in answer.text and "照常处理" in answer.text
    assert link not in editor.text("/links")
    assert agent.get("/new/complaint/t_chat").status_code == 409, "colleagues open nothing new either"
    assert customer.get("/f/" + "x" * 22).status_code == 404, "a guessed link is told nothing"
    done = agent.post(f"/tickets/{ticket}/tasks/{task}", _action="submit", _version="2", f_rate="0", f_reply="已致歉")
    assert done.status_code == 303, "what was open goes on"
    assert editor.post("/designer/forms/complaint/bring-back").status_code == 303
    assert customer.get(link).status_code == 200 and link in editor.text("/links")
    assert "餐厅投诉单" in editor.text("/designer/") and "没有已归档的表单" in editor.text("/designer/?archived=1")


def test_who_may_not_publish_archives_nothing(drawer: Callable[..., Editor]) -> None:
    someone = drawer("definitions.edit")
    for what in ("archive", "bring-back"):
        assert someone.post(f"/designer/forms/complaint/{what}").status_code == 403
    assert "归档这张表单" not in someone.text("/designer/")
    assert someone.post("/designer/forms/complaint/archive", csrf_token=None).status_code == 400


def test_twice_is_as_once_and_an_unknown_form_is_told(editor: Editor, demo_app: Flask) -> None:
    for _ in range(2):
        assert editor.post("/designer/forms/complaint/archive").status_code == 303
    with demo_app.app_context():
        for _ in range(2):
            archive.bring_back("complaint", actor=SYSTEM)
        archive.archive("complaint", actor=SYSTEM, now=clock.now_ms())
    assert editor.post("/designer/forms/nothing/archive").status_code == 404
