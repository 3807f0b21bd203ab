"""The guarded door outward, against real local servers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.outbound import OutboundError, is_public, refused_host, request


class Server:
    """A local HTTP server that answers as told and remembers what it was sent."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = self.plain
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.seen.append((self.command, self.path, dict(self.headers), body))
                try:
                    outer.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the caller hung up, as it should

            do_GET = do_POST = handle_any

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.httpd.daemon_threads = True
        self.port = self.httpd.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @staticmethod
    def plain(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    def stop(self) -> None:
        self.httpd.shutdown()
        self.httpd.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.stop()


def refused(call: Callable[[], Any]) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        call()
    return caught.value


def test_a_listed_host_is_called_with_method_body_and_headers(server: Server) -> None:
    answer = request(
        "POST",
        f"http://{server.host}/refunds?x=1",
        body=b'{"a":1}',
        headers={"Idempotency-Key": "k1"},
        allow_hosts=[server.host],
    )
    assert (answer.status, answer.body) == (200, b"ok")
    method, path, headers, body = server.seen[0]
    assert (method, path, body) == ("POST", "/refunds?x=1", b'{"a":1}')
    assert headers["Idempotency-Key"] == "k1"
    assert headers["Host"] == server.host


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "10.0.0.8",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "[::]",
    ],
)
def test_private_addresses_are_refused_when_saved_and_when_called(server: Server, host: str) -> None:
    url = f"http://{host}:{server.port}/"
    assert refused_host(url) == "outbound_private"
    error = refused(lambda: request("GET", url))
    assert error.permanent and error.code == "outbound_private"
    assert server.seen == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "http://user:pw@example.com/",
        "http://exa mple.com/",
        "http://example.com/\r\nX: y",
        "http://example.com:99999/",
        "http://ex\u00e4mple.com/",
        "http://e.com/" + "a" * 3000,
    ],
)
def test_odd_addresses_are_refused(url: str) -> None:
    assert refused_host(url) == "outbound_url"
    assert refused(lambda: request("GET", url)).code == "outbound_url"


def test_a_name_that_also_resolves_to_a_private_address_is_refused(server: Server) -> None:
    error = refused(
        lambda: request(
            "GET", f"http://mixed.example:{server.port}/", resolve=lambda host, port: ["8.8.8.8", "127.0.0.1"]
        )
    )
    assert error.code == "outbound_private"
    assert server.seen == []


def test_the_vetted_address_is_used_even_if_dns_changes_its_mind(server: Server) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) > 1 else ["127.0.0.1"]

    # The first answer is vetted (the host is listed here) and is the one connected to; nobody asks again.
    answer = request("GET", f"http://rebind.example:{server.port}/", allow_hosts=["rebind.example"], resolve=rebinding)
    assert answer.status == 200 and asked == ["rebind.example"]
    assert server.seen[0][2]["Host"] == f"rebind.example:{server.port}"

    # The attack itself: public when vetted, private afterwards. The connection goes to the public one and finds nobody.
    asked.clear()
    first_public = iter([["203.0.114.1"], ["127.0.0.1"]])
    error = refused(
        lambda: request(
            "GET", f"http://rebind.example:{server.port}/", timeout_s=0.4, resolve=lambda host, port: next(first_public)
        )
    )
    assert error.code in ("outbound_connect", "outbound_timeout")
    assert len(server.seen) == 1


def test_redirects_are_not_followed(server: Server) -> None:
    def away(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answer = away
    assert request("GET", f"http://{server.host}/", allow_hosts=[server.host]).status == 302
    assert len(server.seen) == 1


def test_an_endless_answer_is_cut_at_64_kb(server: Server) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(b"x" * 65_536)

    server.answer = endless
    error = refused(lambda: request("GET", f"http://{server.host}/", allow_hosts=[server.host]))
    assert error.code == "outbound_answer_large"


@pytest.mark.parametrize("part", ["status", "header", "body"])
def test_one_byte_at_a_time_does_not_outlive_the_deadline(server: Server, part: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        if part == "header":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        elif part == "body":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1200):
            handler.wfile.write(b"H")
            handler.wfile.flush()
            time.sleep(0.05)
        ended.set()

    ended = threading.Event()
    server.answer = drip
    error = refused(lambda: request("GET", f"http://{server.host}/", timeout_s=0.5, allow_hosts=[server.host]))
    assert error.code == "outbound_timeout" and not error.permanent
    assert not ended.is_set()  # a minute of drops was to come


def test_a_name_server_that_hangs_does_not_outlive_the_deadline() -> None:
    gate, found = threading.Event(), threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        gate.wait(60)
        found.set()
        return ["8.8.8.8"]

    error = refused(lambda: request("GET", "http://slow.example/", timeout_s=0.3, resolve=hanging))
    assert error.code == "outbound_timeout" and not found.is_set()
    gate.set()


def test_nobody_listening_is_worth_another_try() -> None:
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        port = spare.getsockname()[1]
    error = refused(lambda: request("GET", f"http://127.0.0.1:{port}/", allow_hosts=[f"127.0.0.1:{port}"]))
    assert error.code == "outbound_connect" and not error.permanent


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-B: 2"},
        {"X-A": "1\nX"},
        {"X A": "1"},
        {"X-A:": "1"},
        {"X-A": "\u00e4"},
        {"Host": "a.example"},
        {"Content-Length": "3"},
        {"X-A": "a" * 5000},
    ],
)
def test_headers_that_could_carry_more_than_a_value_are_refused(server: Server, headers: dict[str, str]) -> None:
    error = refused(lambda: request("GET", f"http://{server.host}/", headers=headers, allow_hosts=[server.host]))
    assert error.code == "outbound_header" and server.seen == []


def test_the_allow_list_is_about_one_port_if_it_says_so(server: Server) -> None:
    error = refused(lambda: request("GET", f"http://{server.host}/", allow_hosts=["127.0.0.1:1"]))
    assert error.code == "outbound_private"
    assert request("GET", f"http://{server.host}/", allow_hosts=["127.0.0.1"]).status == 200
