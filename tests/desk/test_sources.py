"""The tables' pages: grid, columns, import, export, history; who may, what is refused, what it costs."""
from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.core.principal import SYSTEM
from app.driver import statements
from app.extensions import db
from app.org import masterdata, people, table_queries
from tests.desk.conftest import Browser, hidden
from tests.org.test_sheet_fetch import answering
from tests.personas import ADMIN, AGENT, LEAD, Persona
from tests.test_outbound import Server

People = Callable[[Persona], Browser]


@pytest.fixture
def admin(browser_of: People) -> Browser:
    return browser_of(ADMIN)


def made(browser: Browser, title: str = "课程") -> str:
    """A new table's address."""
    answer = browser.post("/sources/", title=title, do="columns")
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/columns")


def inputs(browser: Browser, at: str) -> dict[str, str]:
    """Every control of a grid as a browser without scripts would send it back."""
    page = browser.get(at).text
    grid = page[page.index("data-grid"):]
    found = {unescape(name): unescape(value) for name, value in
             re.findall(r'name="((?:[vcn]\.[^"]+|_key))"[^>]*?value="([^"]*)"', grid)}
    for name, options in re.findall(r'<select class="input" name="([^"]+)".*?>(.*?)</select>', grid, re.S):
        chosen = re.search(r"<option selected>([^<]*)", options)
        found[unescape(name)] = unescape(chosen[1]) if chosen else ""
    return found


def save(browser: Browser, at: str, shown: dict[str, str], do: str = "save", **more: str) -> TestResponse:
    return browser.post(f"{at}/rows", **{**shown, "do": do, **more})


def filled(browser: Browser, *names: str) -> str:
    """A table with rows R0, R1… of these names."""
    at = made(browser)
    for number, name in enumerate(names):
        answer = save(browser, at, inputs(browser, at) | {"n.0.id": f"R{number}", "n.0.name": name})
        assert answer.status_code == 303, answer.text
    return at


def cells(app: Flask, at: str) -> dict[str, Any]:
    with app.app_context():
        rows, _ = table_queries.page(at.rsplit("/", 1)[1], words_="", active=True, number=1)
        db.session.remove()
        return {row.id: {"name": row.label, **row.attrs} for row in rows}


def test_a_table_from_nothing_to_its_first_rows(demo_app: Flask, admin: Browser) -> None:
    assert "还没有" not in admin.text("/sources/") and "门店" in admin.text("/sources/")
    at = made(admin)
    page = admin.text(f"{at}/columns")
    answer = admin.post(f"{at}/columns", **{
        "version": hidden(page, "version"), "title": "课程表", "k.0": "id", "t.0": "课号", "k.1": "name", "t.1": "课程",
        "k.2": "", "t.2": "价格", "y.2": "money", "f.2": "1",
        "t.3": "校区", "y.3": "choice", "o.3": "东\r\n西\r\n", "s.3": "1",
    })
    assert (answer.status_code, answer.location) == (303, f"{at}?said=table")
    page = admin.text(at)
    assert all(words in page for words in ("课程表", "课号", "价格", "校区", "<option>东"))
    answer = save(admin, at, inputs(admin, at) | {
        "n.0.id": "EN1", "n.0.name": "英语", "n.0.c1": "1,200", "n.0.c2": "东", "n.1.name": "数学"})
    assert answer.status_code == 303 and "已保存 2 行" in admin.text(answer.location)
    rows = cells(demo_app, at)
    assert rows.pop("EN1") == {"name": "英语", "c1": "1200.00", "c2": "东"}
    assert list(rows.values()) == [{"name": "数学"}]
    found = admin.text(f"{at}?q=东 英")
    assert "英语" in found and "数学" not in found


def test_a_refusal_keeps_what_was_typed_and_saves_nothing(demo_app: Flask, admin: Browser) -> None:
    at = filled(admin, "甲", "乙")
    shown = inputs(admin, at) | {"c.R0.name": "甲改", "c.R1.name": " ", "n.0.name": "丙", "n.0.id": "坏 编号"}
    answer = save(admin, at, shown)
    page = unescape(answer.text)
    assert answer.status_code == 422 and "还没有保存" in page
    assert 'value="甲改"' in page and 'value="坏 编号"' in page and "请填写名称" in page and "坏 编号" in page
    assert page.count('aria-invalid="true"') == 2
    assert cells(demo_app, at) == {"R0": {"name": "甲"}, "R1": {"name": "乙"}}


def test_two_managers_on_one_page_meet_only_on_one_row(demo_app: Flask, browser_of: People) -> None:
    first, second = browser_of(ADMIN), browser_of(ADMIN)
    at = filled(first, "甲", "乙")
    mine, theirs = inputs(first, at), inputs(second, at)
    assert save(second, at, theirs | {"c.R0.name": "甲二"}).status_code == 303
    assert save(first, at, mine | {"c.R1.name": "乙一"}).status_code == 303  # R0 was left alone: no quarrel
    assert cells(demo_app, at) == {"R0": {"name": "甲二"}, "R1": {"name": "乙一"}}
    answer = save(first, at, mine | {"c.R0.name": "甲一"})
    page = unescape(answer.text)
    assert answer.status_code == 422 and "甲二" in page and 'value="甲一"' in page
    assert cells(demo_app, at)["R0"] == {"name": "甲二"}
    again = {unescape(name): unescape(value) for name, value in
             re.findall(r'name="((?:[vcn]\.[^"]+|_key))"[^>]*?value="([^"]*)"', answer.text)}
    assert save(first, at, again).status_code == 303  # now they know
    assert cells(demo_app, at)["R0"] == {"name": "甲一"}


def test_archive_and_put_back_keep_what_else_was_typed(demo_app: Flask, admin: Browser) -> None:
    at = filled(admin, "甲", "乙")
    assert save(admin, at, inputs(admin, at) | {"c.R1.name": "乙改"}, do="archive:R0").status_code == 303
    assert cells(demo_app, at) == {"R1": {"name": "乙改"}}
    archived = f"{at}?state=archived"
    assert "甲" in admin.text(archived) and "n.0.name" not in admin.text(archived)
    assert save(admin, at, inputs(admin, archived), do="restore:R0", state="archived").status_code == 303
    assert set(cells(demo_app, at)) == {"R0", "R1"}


def test_a_page_sent_twice_adds_once(demo_app: Flask, admin: Browser) -> None:
    at = made(admin)
    shown = inputs(admin, at) | {"n.0.name": "甲"}
    assert save(admin, at, shown).status_code == 303 and save(admin, at, shown).status_code == 422
    assert len(cells(demo_app, at)) == 1


def test_strangers_and_tricks_are_refused(demo_app: Flask, browser_of: People, admin: Browser) -> None:
    at = filled(admin, "甲")
    agent = browser_of(AGENT)
    upload = "00000000-0000-4000-8000-000000000000"
    for path in ("/sources/", at, f"{at}/columns", f"{at}/history", f"{at}/export", f"{at}/import/",
                 f"{at}/import/{upload}"):
        assert agent.get(path).status_code == 403
        assert demo_app.test_client().get(path).status_code == 303
    for path in ("/sources/", f"{at}/rows", f"{at}/columns", f"{at}/import/", f"{at}/import/{upload}"):
        assert agent.post(path).status_code == 403
        assert admin.post(path, csrf_token="").status_code == 400
    assert "/sources/" not in agent.text("/") and "/sources/" in admin.text("/")
    for name in ("v.R0", "c.R0.zz", "c.R9.name"):
        bad = {"v.R0": "x.y"} if name == "v.R0" else {name: "x", "v.R9": "1.x"}
        assert save(admin, at, inputs(admin, at) | {"c.R0.name": "neu"} | bad).status_code in (400, 422)
    assert admin.get("/sources/nope").status_code == admin.get("/sources/%00").status_code == 404
    assert admin.get(f"{at}?page=999999999999&q=%25").status_code == 200
    assert cells(demo_app, at) == {"R0": {"name": "甲"}}


def test_scoped_tables_are_read_only_for_those_who_manage_no_people(demo_app: Flask, browser_of: People) -> None:
    page = browser_of(ADMIN).text("/sources/stores")
    assert "保存修改" in page and "杭州武林店" in page
    grant(demo_app, LEAD, "sources.edit")
    lead = browser_of(LEAD)
    page = lead.text("/sources/stores")
    assert "保存修改" not in page and "只有能管理人员的管理员" in page
    assert lead.post("/sources/stores/rows", **{"c.st_hz2.name": "x", "v.st_hz2": "1.x"}).status_code == 403


def grant(app: Flask, who: Persona, right: str) -> None:
    with app.app_context():
        people.save_role("keeper", name="Keeper", rights=[right], reads="own", actor=SYSTEM)
        people.grant_role(who.id, "keeper", actor=SYSTEM)
        db.session.remove()


def upload(browser: Browser, at: str, data: bytes, name: str = "课程.csv") -> TestResponse:
    boundary, body = encode_multipart({"csrf_token": browser.csrf, "file": FileStorage(BytesIO(data), name)})
    return browser.client.post(f"{at}/import/", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_a_sheet_becomes_a_table(demo_app: Flask, admin: Browser) -> None:
    answer = admin.post("/sources/", title="商品", do="sheet")
    at = answer.location.removesuffix("/import/")
    sent = upload(admin, at, "SKU编号,商品名称,价格\nA1,可乐,3.5\nA2,雪碧,3\n".encode("gb18030"))
    assert sent.status_code == 303
    page = admin.text(sent.location)
    assert "2</b> 新增" in page and "课程.csv" in page and cells(demo_app, at) == {}
    preview = f"{sent.location}?to=id&to=name&to=%2Bmoney"
    page = admin.text(preview)
    done = admin.post(sent.location, version=hidden(page, "version"), to=["id", "name", "+money"])
    assert done.status_code == 303 and "已导入 2 行" in admin.text(done.location)
    assert cells(demo_app, at) == {"A1": {"name": "可乐", "c1": "3.50"}, "A2": {"name": "雪碧", "c1": "3.00"}}
    assert admin.get(sent.location).status_code == 404  # imported: the file is gone
    export = admin.get(f"{at}/export")
    assert export.mimetype == "text/csv" and "%E5%95%86%E5%93%81.csv" in export.headers["Content-Disposition"]
    again = upload(admin, at, export.data)
    assert "表里已经有这些内容" in admin.text(again.location)


def test_bad_lines_are_shown_with_their_reason_and_nothing_is_half_saved(demo_app: Flask, admin: Browser) -> None:
    at = filled(admin, "甲")
    sent = upload(admin, at, "编号,名称\nR0,甲改\n坏 号,乙\nR2,\nR3,丙\n".encode())
    page = admin.text(sent.location)
    assert re.search(r'<th scope="row" class="num">3</th><td>坏 号 · 乙</td>', page) and "请填写名称" in page
    fields: dict[str, Any] = {"version": hidden(page, "version"), "to": ["id", "name"]}
    refused = admin.post(sent.location, **fields)
    assert refused.status_code == 422 and "有 2 行不能导入" in unescape(refused.text)
    assert cells(demo_app, at) == {"R0": {"name": "甲"}}
    assert admin.post(sent.location, **fields, skip="1").status_code == 303
    assert cells(demo_app, at) == {"R0": {"name": "甲改"}, "R3": {"name": "丙"}}


def test_a_preview_that_is_old_is_refused(demo_app: Flask, admin: Browser) -> None:
    at = filled(admin, "甲")
    sent = upload(admin, at, "编号,名称\nR0,甲改\n".encode())
    version = hidden(admin.text(sent.location), "version")
    save(admin, at, inputs(admin, at) | {"c.R0.name": "别的"})
    answer = admin.post(sent.location, version=version, to=["id", "name"])
    assert answer.status_code == 409 and "有人改过这张表" in unescape(answer.text)
    assert cells(demo_app, at) == {"R0": {"name": "别的"}}


@pytest.mark.parametrize(("data", "status", "words"), [
    (b"", 422, "文件里没有内容"), (b"%PDF\0", 422, "只能导入"), (b"PK\x03\x04", 422, "已损坏"),
    (b"a" * (10 * 1024 * 1024 + 1), 413, "最多 10 MB"), (b"a\n" + b"x\n" * 20_001, 413, "20000"),
], ids=["empty", "other", "broken", "large", "long"])
def test_files_that_cannot_be_taken(admin: Browser, data: bytes, status: int, words: str) -> None:
    answer = upload(admin, "/sources/stores", data)
    assert (answer.status_code, words in unescape(answer.text)) == (status, True)


def test_a_cell_that_looks_like_a_formula_leaves_as_text(admin: Browser) -> None:
    at = filled(admin, "=HYPERLINK(1)")
    assert "R0,'=HYPERLINK(1)" in admin.get(f"{at}/export").data.decode("utf-8-sig")


def test_the_history_says_who_changed_what(admin: Browser) -> None:
    at = filled(admin, "甲")
    save(admin, at, inputs(admin, at) | {"c.R0.name": "乙"})
    save(admin, at, inputs(admin, at), do="archive:R0")
    page = admin.text(f"{at}/history")
    assert "名称：甲 → 乙" in page and "已归档" in page and "店务经理" in page and "新建了这张表" in page
    rows = "编号,名称\n" + "".join(f"X{number},x{number}\n" for number in range(60))
    sent = upload(admin, at, rows.encode())
    admin.post(sent.location, version=hidden(admin.text(sent.location), "version"), to=["id", "name"])
    more = re.search(r'href="(/sources/[^"]+version=\d+)"', admin.get(f"{at}/history").text)
    assert more
    first = admin.text(unescape(more[1]))
    assert first.count("已添加") == 50 and admin.text(unescape(more[1]) + "&page=2").count("已添加") == 10


def test_what_the_pages_cost(admin: Browser) -> None:
    at = filled(admin, "甲")
    rows = "编号,名称\n" + "".join(f"X{number},x{number}\n" for number in range(120))
    sent = upload(admin, at, rows.encode())
    admin.post(sent.location, version=hidden(admin.text(sent.location), "version"), to=["id", "name"])
    assert "第 1 页，共 3 页" in admin.text(at) and len(re.findall(r'name="c\.', admin.get(f"{at}?page=2").text)) == 50
    for path, most in ((at, 7), (f"{at}?q=x1", 7), ("/sources/", 5), (f"{at}/history", 7), (f"{at}/export", 3)):
        admin.get(path)  # people are read once in a process
        before = statements.executed
        assert admin.get(path).status_code == 200
        assert statements.executed - before <= most, path


def test_the_designer_is_told_which_columns_forms_may_copy(demo_app: Flask, admin: Browser) -> None:
    with demo_app.app_context():
        stores = next(source for source in masterdata.sources() if source["key"] == "stores")
        db.session.remove()
    assert [column["key"] for column in stores["fills"]] == ["name", "region", "city"]


def test_rows_from_another_system_go_through_the_same_preview(demo_app: Flask, browser_of: People) -> None:
    school = Server()
    answering(school, {"list": [{"code": "EN1", "name": "英语", "price": {"amount": "12.50"}}, {"code": "MA1"}]})
    with demo_app.app_context():
        masterdata.save_connector("school", name="教务", base_url=f"http://{school.host}", allow_hosts=[school.host],
                                  actor=SYSTEM)
        db.session.remove()
    admin = browser_of(ADMIN)
    at = made(admin)
    assert "教务" in admin.text(f"{at}/import/")
    asked = {"connector": "school", "address": "/courses", "rows_at": "list"}
    sent = admin.post(f"{at}/import/fetch", **asked)
    page = admin.text(sent.location)
    assert "price.amount" in page and "请填写名称" in page and "1</b> 新增" in page and cells(demo_app, at) == {}
    refused = admin.post(f"{at}/import/fetch", **asked | {"rows_at": "nothing"})
    assert refused.status_code == 422 and "没有找到列表" in unescape(refused.text) and 'value="nothing"' in refused.text
    assert admin.post(f"{at}/import/fetch", **asked | {"connector": "nope"}).status_code == 404
    assert admin.post(f"{at}/import/fetch", csrf_token="", **asked).status_code == 400
    answering(school, {}, 503)
    assert "状态码 503" in unescape(admin.post(f"{at}/import/fetch", **asked).text)
    school.stop()
    away = admin.post(f"{at}/import/fetch", **asked)
    assert away.status_code == 422 and "暂时查不到" in unescape(away.text) and 'value="/courses"' in away.text
    grant(demo_app, LEAD, "sources.edit")
    lead = browser_of(LEAD)
    assert "教务" not in lead.text(f"{at}/import/") and lead.post(f"{at}/import/fetch", **asked).status_code == 403
