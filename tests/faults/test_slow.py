"""Callers who send one byte at a time take no thread from the others for long."""
from __future__ import annotations

import socket
import threading
import urllib.request
from contextlib import ExitStack

import pytest

from tests.live import Live

pytestmark = pytest.mark.faults
THREADS = 2

HEADERS = (
    "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 100000\r\n\r\nlogin="
)


def caller(port: int, begin: str, stop: threading.Event, stack: ExitStack) -> None:
    """Somebody who has begun a request and sends a letter now and then until they are cut off."""
    line = socket.create_connection(("127.0.0.1", port), timeout=5)
    stack.callback(line.close)
    line.sendall(begin.encode())

    def drip() -> None:
        while not stop.wait(0.2):
            try:
                line.sendall(b"a")
            except OSError:
                return  # cut off, as it should be

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    stack.callback(thread.join)
    stack.callback(stop.set)


@pytest.mark.parametrize("begin", [HEADERS, HEADERS.partition("Content-Length")[0]], ids=["body", "headers"])
def test_slow_callers_keep_nobody_waiting_for_long(live: Live, begin: str) -> None:
    live.web(WEB_THREADS=str(THREADS), REQUEST_SECONDS="1")
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            caller(live.port, begin, threading.Event(), stack)
        with urllib.request.urlopen(f"{live.url}/livez", timeout=60) as answer:
            assert answer.status == 200
