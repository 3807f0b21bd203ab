"""Large files and half-filled forms on a bad line: what came stays, what is missing follows, nothing is sent twice."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, Route, expect
from sqlalchemy import select

from app.extensions import db
from app.runtime.models import Upload
from tests.browsers import Windows, complaints, overflow
from tests.e2e.conftest import Site
from tests.e2e.test_kinds import ink, sign
from tests.e2e.test_public_form import field, fill, send
from tests.entries.conftest import jpeg
from tests.entries.kinds import publish
from tests.recordings import mp4

PIECE = 480 * 1024
VIDEO = 20 * 1024 * 1024
WAITS = "网络断开，恢复后自动继续"


class Line:
    """The phone's connection."""

    def __init__(self, page: Page) -> None:
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("Network.enable")

    def set(self, kilobytes: int) -> None:
        """So many a second upwards; 0: none at all."""
        self._devtools.send("Network.emulateNetworkConditions", {
            "offline": not kilobytes, "latency": 0, "downloadThroughput": -1, "uploadThroughput": kilobytes * 1024,
        })


@contextmanager
def watched(page: Page) -> Iterator[list[str]]:
    """The addresses of all uploads that begin inside."""
    found: list[str] = []

    def note(request: Any) -> None:
        if "/uploads" in request.url:
            found.append(request.url)

    page.on("request", note)
    yield found
    page.remove_listener("request", note)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 MB, 30 seconds."""
    path = tmp_path_factory.mktemp("video") / "现场.mp4"
    path.write_bytes(mp4(VIDEO, seconds=30))
    return path


def item(page: Page) -> Locator:
    return field(page, "f_av").locator(".file")


def percent(page: Page) -> int:
    found = re.search(r"(\d+)%", item(page).inner_text())
    return int(found[1]) if found else 0


def half_way(page: Page, line: Line, video: Path) -> None:
    """Choose the film and wait until some of it has gone."""
    line.set(6000)
    page.set_input_files("#f_av", video)
    expect(item(page)).to_contain_text(re.compile(r"[3-9]\d%"))


def stored(site: Site) -> tuple[int, bool]:
    """(size, whether it belongs to a ticket) of the only file."""
    with site.app.app_context():
        row = db.session.scalars(select(Upload)).one()
        found = row.size, row.ticket_id is not None
        db.session.rollback()
    return found


def test_a_lost_connection_stops_a_film_only_for_as_long_as_it_lasts(site: Site, windows: Windows, video: Path) -> None:
    page = windows.open(site.door)
    line = Line(page)
    fill(page)
    with watched(page) as sent:
        half_way(page, line, video)
        line.set(0)
        expect(item(page)).to_contain_text(WAITS)
        assert percent(page) >= 30 and item(page).get_by_role("button", name="重试").is_visible()
        assert item(page).locator("progress").get_attribute("aria-label") == "现场.mp4"
        assert complaints(page) == [] and overflow(page) == 0
        page.click("#submit")
        expect(page.locator("#state")).to_contain_text("没有网络")
        line.set(50_000)
        expect(item(page).locator("small")).to_have_text("20.0 MB")
    # Every piece once, and those again whose answers were lost.
    assert VIDEO // PIECE <= len(sent) <= VIDEO // PIECE + 5
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert site.tickets() == 1 and stored(site) == (VIDEO, True)


def test_a_reload_goes_on_with_the_same_file(site: Site, windows: Windows, video: Path) -> None:
    page = windows.open(site.door)
    line = Line(page)
    half_way(page, line, video)
    page.reload()
    expect(item(page)).to_contain_text("再选一次这个文件，会接着传")
    assert complaints(page) == [] and overflow(page) == 0
    share = percent(page)
    fill(page)  # one may write meanwhile, and send without it: it is no longer waited for
    line.set(50_000)
    with watched(page) as sent, page.expect_file_chooser() as chooser:
        item(page).get_by_role("button", name="选择文件").click()
        chooser.value.set_files(video)
        expect(item(page).locator("small")).to_have_text("20.0 MB")
    assert share >= 25 and len(sent) <= VIDEO // PIECE * (100 - share) // 100 + 5, (share, len(sent))
    expect(item(page)).to_have_count(1)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert stored(site) == (VIDEO, True)


def test_another_file_of_the_same_name_begins_anew(site: Site, windows: Windows, video: Path, tmp_path: Path) -> None:
    page = windows.open(site.door)
    half_way(page, Line(page), video)
    page.reload()
    expect(item(page)).to_contain_text("会接着传")
    other = tmp_path / video.name
    other.write_bytes(mp4(1_000_000, seconds=10))
    page.set_input_files("#f_av", other)
    expect(item(page)).to_have_count(2)
    expect(item(page).nth(1)).to_contain_text("977 KB")
    item(page).first.get_by_role("button", name="移除").click()
    expect(item(page)).to_have_count(1)


def test_a_film_that_is_given_up_leaves_nothing(site: Site, windows: Windows, video: Path) -> None:
    page = windows.open(site.door)
    half_way(page, Line(page), video)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as gone:
        item(page).get_by_role("button", name="移除").click()
    assert gone.value.status == 204
    expect(item(page)).to_have_count(0)
    assert not [path for path in site.app.extensions["danflow"].settings.uploads.rglob("*") if path.is_file()]


def test_a_film_that_is_too_long_or_too_large_says_so(site: Site, windows: Windows, tmp_path: Path) -> None:
    page = windows.open(site.door)
    long = tmp_path / "long.mp4"
    long.write_bytes(mp4(2_000_000, seconds=95))
    page.set_input_files("#f_av", long)
    expect(page.locator(".file.failed")).to_contain_text("最长 60 秒，这个有 95 秒")
    large = tmp_path / "large.mp4"
    large.write_bytes(b"\0" * (51 * 1024 * 1024))
    page.set_input_files("#f_av", large)
    expect(page.locator(".file.failed").nth(1)).to_contain_text("50 MB")


def test_a_busy_server_is_asked_again(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    answers = [503]

    def busy(route: Route) -> None:
        if answers:
            route.fulfill(status=answers.pop(0), json={"code": "too_many", "message": "…"})
        else:
            route.continue_()

    page.route("**/uploads", busy)
    page.set_input_files("#f_photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator(".file.waiting")).to_contain_text("稍后自动继续")
    expect(field(page, "f_photos").locator("img")).to_be_visible()
    assert answers == []


# ---- drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_keeps_files_rows_and_what_rules_show(site: Site, windows: Windows, video: Path) -> None:
    page = windows.open(site.door)
    fill(page)
    page.get_by_text("菜品", exact=True).first.click()  # a rule shows the table
    field(page, "f_items").get_by_role("button", name="添加一行").click()
    page.locator("[data-row] input[type=text]").first.fill("鱼")
    page.set_input_files("#f_photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    page.set_input_files("#f_av", video)
    expect(item(page).locator("small")).to_have_text("20.0 MB")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.get_by_text("已恢复上次没有提交的内容")).to_be_visible()
    expect(field(page, "f_photos").locator("img")).to_be_visible()
    expect(item(page)).to_contain_text("20.0 MB")
    assert page.input_value('[name="f_items.0.f_dish"]') == "鱼" and field(page, "f_items").is_visible()
    # Sent without a line: told, kept, sent once by the next tap.
    fill(page)
    page.get_by_text("菜品", exact=True).first.click()
    page.select_option("[name=f_item]", index=1)
    page.context.set_offline(True)
    for _ in range(2):
        page.click("#submit")
        expect(page.locator("#state")).to_contain_text("没有网络")
    page.context.set_offline(False)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    found = site.answers()
    assert site.tickets() == 1 and len(found["f_photos"]) == len(found["f_av"]) == 1
    assert [row["f_dish"] for row in found["f_items"]] == ["鱼"]
    page.goto(site.door)
    expect(page.locator(".file")).to_have_count(0)


def test_a_draft_keeps_what_was_signed(site: Site, windows: Windows) -> None:
    path = publish(site.app, {"id": "f_t", "type": "text", "label": "一句话"},
                   {"id": "f_s", "type": "signature", "label": "签名", "required": True})
    page = windows.open(site.url + path)
    page.fill("[name=f_t]", "好")
    sign(page)
    before = ink(page)
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator(".sign.signed")).to_be_visible()
    assert page.input_value("[name=f_t]") == "好" and abs(ink(page) - before) < before / 5
    page.context.set_offline(True)
    page.click("#submit")
    expect(page.locator("#state")).to_contain_text("没有网络")
    page.context.set_offline(False)
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert len(site.answers()["f_s"]) == 1


def test_files_that_the_server_no_longer_has_are_told(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    page.set_input_files("#f_photos", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(field(page, "f_photos").locator("img")).to_be_visible()
    page.wait_for_timeout(600)
    page.context.clear_cookies()  # as after a day: to this browser the file is not there
    page.reload()
    expect(field(page, "f_photos").locator(".failed")).to_contain_text("文件已过期，请重新添加")
    assert field(page, "f_photos").locator("input[type=hidden]").count() == 0


def test_a_server_that_is_away_is_told_before_the_page_is_left(site: Site, windows: Windows) -> None:
    page = windows.open(site.door)
    fill(page)
    page.route("**/livez", lambda route: route.abort())
    page.click("#submit")
    expect(page.locator("#state")).to_contain_text("暂时连不上服务器")
    assert page.input_value("[name=f_body]") == "等了四十分钟" and page.locator("#submit").is_enabled()
    page.unroute("**/livez")
    send(page)
    expect(page.get_by_text("已收到您的提交")).to_be_visible()
    assert site.tickets() == 1
