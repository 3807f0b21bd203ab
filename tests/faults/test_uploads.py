"""A web server that dies while a file is coming costs at most the piece that was on its way."""
from __future__ import annotations

import json
import re
import socket
import time
import urllib.request
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from app import create_app
from app.settings import load
from tests.browsers import Windows
from tests.conftest import close
from tests.e2e.test_resuming import VIDEO, Line, half_way, item
from tests.live import SECRET, Live
from tests.people import Customer, Got, Sent, doors, over_http
from tests.recordings import mp4

pytestmark = pytest.mark.faults

PIECE = 300_000
FILM = mp4(5 * PIECE + 1000, seconds=20)


def door_of(live: Live) -> str:
    app = create_app(load({}, env="test", instance_dir=live.folder, secret_key=SECRET,
                          database_url=live.env["DATABASE_URL"]))
    with app.app_context():
        door = str(doors()["t_menu"])
    close(app)
    return door


class Sender:
    """A script of the page, over sockets."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.customer = Customer(over_http(live.url))
        self.path = door_of(live)
        found = re.search(r'name="_token" value="([^"]+)"', self.customer.see(self.path))
        assert found
        self.token = found[1]

    def request(self, piece: bytes, ident: str = "", **more: Any) -> Sent:
        """The request with a piece; the same object can be sent again."""
        file = FileStorage(stream=BytesIO(piece), filename="v.mp4")
        pairs = [("_token", self.token), ("field", "f_av"), *more.items(), ("file", file)]
        boundary, body = encode_multipart(MultiDict(pairs))
        return Sent("POST", f"{self.path}/uploads{ident and '/' + ident}", {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Cookie": self.customer.cookie,
            "Accept": "application/json",
        }, body)

    def send(self, sent: Sent) -> Got:
        return over_http(self.live.url)(sent)

    def half(self, sent: Sent) -> socket.socket:
        """Begin a request and send half of it; the socket stays open."""
        place = urlsplit(self.live.url)
        line = socket.create_connection((str(place.hostname), place.port), timeout=5)
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.headers.items())
        line.sendall(f"{sent.method} {sent.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(sent.body)}\r\n"
                     f"{head}\r\n".encode() + sent.body[:len(sent.body) // 2])
        return line


def test_a_server_that_dies_in_the_middle_of_a_piece(live: Live) -> None:
    web = live.web()
    sender = Sender(live)
    first = sender.send(sender.request(FILM[:PIECE], size=len(FILM)))
    assert first.status == 202, first.text
    ident, offset = first.json["id"], first.json["offset"]
    while True:
        piece = sender.request(FILM[offset:offset + PIECE], ident, offset=offset)
        with sender.half(piece):
            time.sleep(0.2)
            web.kill()
        web = live.web()
        got = sender.send(piece)
        if got.status == 201:
            break
        assert (got.status, got.json["offset"]) == (202, offset + PIECE)
        offset += PIECE
    assert got.json == {"id": ident, "name": "v.mp4", "size": len(FILM), "kind": "media"}
    request = urllib.request.Request(f"{live.url}/u/{ident}", headers={"Cookie": sender.customer.cookie})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.read() == FILM
    assert json.loads(live.flask("doctor").strip().splitlines()[-1]) == {"violations": 0}


@pytest.mark.parametrize("backend", ["sqlite"])
def test_whoever_sends_slowly_keeps_nobody_from_the_database(live: Live) -> None:
    live.web()
    sender = Sender(live)
    with sender.half(sender.request(FILM[:PIECE], size=len(FILM))):
        time.sleep(0.3)
        begun = time.monotonic()
        assert sender.send(sender.request(FILM[:PIECE], size=len(FILM))).status == 202
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_film_and_a_draft_outlive_the_server(live: Live, windows: Windows, tmp_path: Path) -> None:
    video = tmp_path / "现场.mp4"
    video.write_bytes(mp4(VIDEO, seconds=30))
    web = live.web()
    page = windows.open(live.url + door_of(live))
    line = Line(page)
    page.fill("[name=f_body]", "等了四十分钟")
    half_way(page, line, video)
    web.kill()
    expect(item(page)).to_contain_text("恢复后自动继续")
    line.set(50_000)
    live.web()
    page.evaluate("dispatchEvent(new Event('online'))")  # or at its own next try: whichever comes first
    expect(item(page).locator("small")).to_have_text("20.0 MB", timeout=60_000)
    page.wait_for_timeout(600)
    page.reload()
    expect(item(page)).to_contain_text("20.0 MB")
    assert page.input_value("[name=f_body]") == "等了四十分钟"
