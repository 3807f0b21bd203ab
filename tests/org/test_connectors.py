"""Calling another system through a connector, against a real local server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Denied, NotFound, Problem
from app.extensions import db
from app.org import masterdata
from app.org.access import SYSTEM, Principal
from app.org.connectors import call, connector, sign
from app.org.models import Connector
from app.outbound import OutboundError
from tests.test_outbound import Server

ADMIN = Principal(id="carol", name="Carol", rights=frozenset({"org.manage"}))


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.stop()


@pytest.fixture
def erp(app: Flask, server: Server) -> Iterator[Server]:
    """The connector "erp" leading to the local server, inside an application context."""
    with app.app_context():
        masterdata.save_connector(
            "erp",
            name="ERP",
            base_url=f"http://{server.host}/api/",
            headers={"Authorization": "Bearer t0p"},
            secret="s3cret",
            allow_hosts=[server.host],
            actor=SYSTEM,
        )
        yield server


def test_a_call_carries_key_signature_and_our_headers(erp: Server) -> None:
    done = call(
        connector("erp"), "POST", "/refunds?x=1", {"amount": "1.00", "名": "王"}, {"X-Trace": "1"}, 2000, "t:pay:1"
    )
    assert (done.ok, done.status, done.result) == (True, 200, {"text": "ok"})
    method, path, headers, body = erp.seen[0]
    assert (method, path) == ("POST", "/api/refunds?x=1")
    assert json.loads(body) == {"amount": "1.00", "名": "王"}
    assert headers["Idempotency-Key"] == "t:pay:1" and headers["X-Trace"] == "1"
    assert headers["X-Danflow-Signature"] == sign("s3cret", "POST", "/api/refunds?x=1", "t:pay:1", body)


def test_a_retry_is_the_same_request(erp: Server) -> None:
    for _ in range(2):
        call(connector("erp"), "POST", "/refunds", {"b": 1, "a": 2}, {}, 2000, "k")
    assert erp.seen[0] == erp.seen[1]


def test_a_flow_cannot_replace_the_credentials(erp: Server) -> None:
    call(connector("erp"), "POST", "/x", None, {"Authorization": "mine", "Idempotency-Key": "mine"}, 2000, "k")
    assert erp.seen[0][2]["Authorization"] == "Bearer t0p" and erp.seen[0][2]["Idempotency-Key"] == "k"


@pytest.mark.parametrize(
    "path",
    [
        "", "x", "//evil.example/", "@evil.example", "/../admin", "/a/../../admin", "/%2e%2E/admin", "/a/%2e./%2e%2e/b",
        "/./a", "/a\\..\\b", "/" + "x" * 2000,
    ],
)
def test_a_path_cannot_lead_elsewhere(erp: Server, path: str) -> None:
    with pytest.raises(OutboundError) as caught:
        call(connector("erp"), "GET", path, None, {}, 2000, "k")
    assert caught.value.permanent and erp.seen == []


def test_what_a_customer_wrote_into_the_path_stays_one_path(erp: Server) -> None:
    call(connector("erp"), "GET", "/orders/订单 1\r\nX: y#z", None, {}, 2000, "k")
    assert erp.seen[0][1] == "/api/orders/%E8%AE%A2%E5%8D%95%201%0D%0AX:%20y%23z"


def test_answers_become_objects(erp: Server) -> None:
    for body, expected in (
        (b'{"a":1}', {"a": 1}),
        (b"[1]", {"value": [1]}),
        (b"\xff", {"text": "\ufffd"}),
        (b"", {"text": ""}),
    ):

        def answer(handler: object, body: bytes = body) -> None:
            handler.send_response(500)  # type: ignore[attr-defined]
            handler.send_header("Content-Length", str(len(body)))  # type: ignore[attr-defined]
            handler.end_headers()  # type: ignore[attr-defined]
            handler.wfile.write(body)  # type: ignore[attr-defined]

        erp.answer = answer
        assert call(connector("erp"), "GET", "/", None, {}, 2000, "k") == (False, 500, expected)


def test_secrets_are_not_in_the_table(erp: Server) -> None:
    row = db.session.scalars(select(Connector)).one()
    assert "s3cret" not in row.secret and "t0p" not in row.headers
    assert "s3cret" not in repr(connector("erp")) and "t0p" not in repr(connector("erp"))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/", "http://169.254.169.254/", "http://2130706433/", "http://[::1]/"]
)
def test_an_address_inside_is_refused_when_it_is_saved(app: Flask, address: str) -> None:
    with app.app_context():
        with pytest.raises(Problem) as caught:
            masterdata.save_connector("in", name="In", base_url=address, actor=ADMIN)
        assert (caught.value.code, caught.value.where) == ("outbound_private", "base_url")
        with pytest.raises(Problem):
            masterdata.save_connector("in", name="In", base_url="ftp://x.example", actor=ADMIN)


def test_only_the_operator_of_the_machine_opens_the_inside(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(Denied):
            masterdata.save_connector(
                "in", name="In", base_url="http://127.0.0.1", allow_hosts=["127.0.0.1"], actor=ADMIN
            )
        with pytest.raises(NotFound):
            connector("in")
