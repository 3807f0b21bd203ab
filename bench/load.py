"""A closed-loop HTTP load generator: N keep-alive connections on one epoll, so little CPU that it may share the cores.

Each connection sends its next request as soon as the answer to the last one is complete. Requests are built before the
clock starts. Answers are counted by status; latency is taken from send to last byte.
"""
from __future__ import annotations

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

LOST = 599  # counted as this status: the server closed the connection instead of answering


@dataclass
class Tally:
    """What a run gave: seconds, statuses, latencies in ms (sorted when asked)."""

    seconds: float = 0.0
    statuses: Counter = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    first_error: str = ""

    @property
    def per_second(self) -> float:
        return sum(count for status, count in self.statuses.items() if 200 <= status < 400) / self.seconds

    @property
    def errors(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 400)

    def percentile(self, share: float) -> float:
        """Latency in ms that `share` (0–1) of the answers stayed under."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


class _Client:
    def __init__(self, address: tuple[str, int]) -> None:
        self.sock = socket.create_connection(address, timeout=10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        self.buffer = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.buffer, self.sent_at = b"", time.perf_counter()
        self.sock.send(request)

    def receive(self) -> tuple[int, bytes] | None:
        """(status, body) when the whole answer is here, else None."""
        chunk = self.sock.recv(65536)
        if not chunk:
            raise ConnectionError("server closed the connection")
        self.buffer += chunk
        head, sep, body = self.buffer.partition(b"\r\n\r\n")
        if not sep:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        return (int(head.split(b" ", 2)[1]), body) if len(body) >= length else None


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """The bytes of one HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run(address: tuple[str, int], requests: Iterable[bytes], clients: int, seconds: float) -> Tally:
    """Send `requests` over `clients` connections until they or the seconds run out."""
    todo, tally = deque(requests), Tally()
    chooser = selectors.DefaultSelector()
    started = time.perf_counter()
    for _ in range(min(clients, len(todo))):
        client = _Client(address)
        chooser.register(client.sock, selectors.EVENT_READ, client)
        client.send(todo.popleft())
    while chooser.get_map():
        for key, _ in chooser.select(timeout=10):
            client = key.data
            try:
                answer = client.receive()
            except ConnectionError as error:
                answer = LOST, str(error).encode()
            if answer is None:
                continue
            status, body = answer
            tally.statuses[status] += 1
            tally.latencies.append((time.perf_counter() - client.sent_at) * 1000)
            if status >= 400 and not tally.first_error:
                tally.first_error = body[:300].decode(errors="replace")
            if todo and status != LOST and time.perf_counter() - started < seconds:
                client.send(todo.popleft())
            else:
                chooser.unregister(client.sock)
                client.sock.close()
    tally.seconds = time.perf_counter() - started
    return tally
