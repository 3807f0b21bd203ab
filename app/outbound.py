"""The one door for calls to other people's servers, so that a definition can never reach ours.

Every address that the host name resolves to must be public (or the host allow-listed by the operator), the connection
goes to the address that was vetted (a second DNS answer changes nothing), redirects are not followed, the answer is cut
off at 64 KB and the whole call, name look-up included, has one deadline.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_ANSWER = 64 * 1024
MAX_BODY = 1024 * 1024
MAX_HEADER = 4096
MAX_HEADERS = 40
MAX_URL = 2048
DEFAULT_TIMEOUT_S = 5.0
NAT64 = ipaddress.ip_network("64:ff9b::/96")

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
VISIBLE = re.compile(r"[\x20-\x7e\t]*\Z")
URL_CHARS = re.compile(r"[\x21-\x7e]+\Z")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})

Resolve = Callable[[str, int], list[str]]


class OutboundError(Exception):
    """The call was refused or failed. `permanent`: trying again cannot help. `code` is stable, `detail` for the log."""

    def __init__(self, code: str, detail: str, *, permanent: bool) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.permanent = permanent


@dataclass(frozen=True)
class Answer:
    """What the other side said: status, header names in lower case, at most 64 KB of body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Target:
    """A vetted place to call: the name for Host and TLS, and the addresses that may be connected to."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def system_resolve(host: str, port: int) -> list[str]:
    """Every address the operating system knows for `host`."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet; IPv4 wrapped in IPv6 is judged by the IPv4 inside."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def refused_host(url: str, allow_hosts: Collection[str] = ()) -> str | None:
    """Why `url` can never be called, judged without asking DNS (for the moment of saving); None when it may be.

    A literal address is judged as it stands, in any spelling the system accepts (decimal, hex, short forms).
    """
    try:
        scheme, host, port, _ = _split(url)
    except OutboundError as error:
        return error.code
    if _allowed(host, port, allow_hosts):
        return None
    literal = _literal(host)
    if literal is not None and not is_public(literal):
        return "outbound_private"
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return "outbound_private"
    return None


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    allow_hosts: Collection[str] = (),
    resolve: Resolve = system_resolve,
) -> Answer:
    """Call `url` once and return the answer whatever its status; raises OutboundError.

    `timeout_s` bounds the whole call. `allow_hosts` lists "host" or "host:port" that may be private.
    """
    deadline = time.monotonic() + timeout_s
    sent_headers = _checked_headers(headers or {})
    if method not in METHODS:
        raise OutboundError("outbound_method", method, permanent=True)
    if len(body) > MAX_BODY:
        raise OutboundError("outbound_body_large", f"{len(body)} bytes, at most {MAX_BODY}", permanent=True)
    target = vet(url, allow_hosts, resolve, deadline)
    last: OutboundError | None = None
    for address in target.addresses:
        try:
            raw = _connect(address, target.port, deadline)
        except OSError as error:
            last = OutboundError("outbound_connect", f"{target.host} ({address}): {error}", permanent=False)
            continue
        return _exchange(raw, target, method, body, sent_headers, deadline)
    raise last or OutboundError("outbound_timeout", target.host, permanent=False)


def vet(url: str, allow_hosts: Collection[str], resolve: Resolve, deadline: float) -> Target:
    """Resolve once and refuse unless every address is public or the host is allow-listed."""
    scheme, host, port, path = _split(url)
    addresses = tuple(dict.fromkeys(_resolve_within(resolve, host, port, deadline)))
    if not addresses:
        raise OutboundError("outbound_resolve", host, permanent=False)
    if not _allowed(host, port, allow_hosts):
        private = [address for address in addresses if not is_public(address)]
        if private:
            # One private address among public ones is refused too: which one is used must not be a matter of luck.
            raise OutboundError("outbound_private", f"{host} is {private[0]}", permanent=True)
    return Target(scheme, host, port, path, addresses)


def _split(url: str) -> tuple[str, str, int, str]:
    if len(url) > MAX_URL or not URL_CHARS.match(url):
        raise OutboundError(
            "outbound_url", "too long, or with characters that do not belong in an address", permanent=True
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise OutboundError("outbound_url", str(error), permanent=True) from error
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
        raise OutboundError("outbound_url", "http(s)://host/… without a user name is expected", permanent=True)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def _allowed(host: str, port: int, allow_hosts: Collection[str]) -> bool:
    return host in allow_hosts or f"{host}:{port}" in allow_hosts


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # not a plain address: perhaps one of the old spellings below
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    if len(headers) > MAX_HEADERS:
        raise OutboundError("outbound_header", f"{len(headers)} headers, at most {MAX_HEADERS}", permanent=True)
    for name, value in headers.items():
        if not TOKEN.match(name) or not VISIBLE.match(value) or len(value) > MAX_HEADER:
            raise OutboundError("outbound_header", f"header {name[:40]!r} holds what a header may not", permanent=True)
        if name.lower() in ("host", "content-length", "transfer-encoding", "connection"):
            raise OutboundError("outbound_header", f"header {name!r} is ours to set", permanent=True)
    return dict(headers)


def _resolve_within(resolve: Resolve, host: str, port: int, deadline: float) -> list[str]:
    # getaddrinfo takes no timeout, so it runs beside us; a look-up that hangs is left to die with its thread.
    answer: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(resolve(host, port))
        except Exception as error:  # noqa: BLE001 - handed over to the waiting caller
            answer.set_exception(error)

    threading.Thread(target=look_up, name="outbound-resolve", daemon=True).start()
    try:
        return answer.result(max(0.0, deadline - time.monotonic()))
    except TimeoutError as error:
        raise OutboundError("outbound_timeout", f"looking up {host}", permanent=False) from error
    except (OSError, UnicodeError) as error:
        raise OutboundError("outbound_resolve", f"{host}: {error}", permanent=False) from error


def _connect(address: str, port: int, deadline: float) -> socket.socket:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no time left to connect")
    return socket.create_connection((address, port), timeout=left)


class _Pinned(http.client.HTTPConnection):
    """An HTTP connection over a socket that is already open to the vetted address."""

    def __init__(self, target: Target, sock: socket.socket) -> None:
        super().__init__(target.host, target.port)
        self._ready = sock
        self.default_port = 443 if target.scheme == "https" else 80

    def connect(self) -> None:
        self.sock = self._ready


def _exchange(
    raw: socket.socket, target: Target, method: str, body: bytes, headers: Mapping[str, str], deadline: float
) -> Answer:
    # A peer that sends one byte a second never trips a socket timeout: the watchdog cuts the line at the deadline.
    cut = threading.Event()

    def hang_up() -> None:
        cut.set()
        try:
            raw.shutdown(socket.SHUT_RDWR)
        except OSError:
            raw.close()  # already half closed by the other side

    watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), hang_up)
    watchdog.daemon = True
    watchdog.start()
    sock: socket.socket = raw
    try:
        if target.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)
        connection = _Pinned(target, sock)
        connection.request(method, target.path, body=body or None, headers={**headers, "Connection": "close"})
        with closing(connection.getresponse()) as response:
            data = response.read(MAX_ANSWER + 1)
        if cut.is_set():
            raise TimeoutError("the deadline passed")
        if len(data) > MAX_ANSWER:
            raise OutboundError("outbound_answer_large", f"{target.host} sent more than 64 KB", permanent=True)
        return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, data)
    except ssl.SSLCertVerificationError as error:
        raise OutboundError("outbound_tls", f"{target.host}: {error}", permanent=True) from error
    except (OSError, http.client.HTTPException) as error:
        code = "outbound_timeout" if cut.is_set() or isinstance(error, TimeoutError) else "outbound_broken"
        raise OutboundError(code, f"{target.host}: {error}", permanent=False) from error
    finally:
        watchdog.cancel()
        sock.close()
        raw.close()
