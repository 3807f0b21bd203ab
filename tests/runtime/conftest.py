"""Fixtures of the runtime: an application with the small company, on both databases."""
from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.extensions import clock, db
from app.org import masterdata
from app.org.access import SYSTEM
from app.runtime.verify import verify
from app.settings import Settings
from tests.runtime import company

NOBODY_WORKS = ("I4_late", "I5_late", "I5_lease")  # tests move the clock without any worker running


@pytest.fixture
def desk(app: Flask) -> Iterator[Flask]:
    """The application, its context pushed, the company founded. Afterwards every invariant must hold."""
    with app.app_context():
        company.found()
        yield app
        db.session.rollback()
        settings: Settings = app.extensions["danflow"].settings
        found = [wrong for wrong in verify(clock.now_ms(), settings.uploads) if wrong.code not in NOBODY_WORKS]
        assert [(wrong.code, wrong.detail) for wrong in found] == []
        db.session.remove()


@pytest.fixture
def complaint(desk: Flask, erp: Erp) -> str:
    """Version id of the complaint template, whose ERP is the test's."""
    masterdata.save_connector(
        "erp", name={"zh": "ERP", "en": "ERP"}, base_url=erp.url, secret="y" * 32,
        allow_hosts=[erp.url.split("/")[2]], actor=SYSTEM,
    )
    return company.publish_complaint()


@pytest.fixture
def small(desk: Flask) -> str:
    """Version id of the small flow."""
    return company.publish_small()


@pytest.fixture
def advance(settings: Settings) -> Callable[[int], None]:
    """Moves the clock ahead by so many more milliseconds."""
    file = settings.clock_file
    assert file is not None

    def move(ms: int) -> None:
        before = int(file.read_text()) if file.exists() else 0
        file.write_text(str(before + ms))

    return move


class Erp:
    """A server that other companies' systems stand for: answers as told, remembers what it was sent."""

    def __init__(self) -> None:
        self.answers: list[int] = []  # statuses to give, then 200
        self.delays: list[float] = []  # seconds to wait before each answer, then none
        self.calls: list[dict[str, object]] = []
        self.pages: dict[str, tuple[int, object]] = {}  # what is found at an address: status, JSON; else 404
        erp = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                erp.calls.append({"path": self.path, "key": self.headers["Idempotency-Key"], "body": json.loads(body)})
                time.sleep(erp.delays.pop(0) if erp.delays else 0)
                status = erp.answers.pop(0) if erp.answers else 200
                try:
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(b'{"refund": "r1"}')
                except BrokenPipeError:
                    return  # the caller was killed meanwhile

            def do_GET(self) -> None:
                erp.calls.append({"path": self.path, "key": self.headers["Idempotency-Key"]})
                status, found = erp.pages.get(self.path, (404, {"error": "unknown"}))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(found).encode())

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/erp"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def erp() -> Iterator[Erp]:
    """Another company's system."""
    server = Erp()
    yield server
    server.close()

