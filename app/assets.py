"""Layer 3: addresses of built scripts and styles that browsers may keep for ever; what goes out compressed."""
from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

DIST = Path(__file__).parent / "static" / "dist"
LEAST = 1000  # bytes; less is one packet either way
PAGE_LEVEL = 5  # of gzip; 6 to 9 take twice the time for one byte in a hundred


@lru_cache(maxsize=256)
def _version(name: str, changed_ns: int) -> str:
    return hashlib.sha256((DIST / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Address of a built file ("phone.css"), ending in its content's hash so that a new build is a new address."""
    path = DIST / name
    changed_ns = path.stat().st_mtime_ns if path.is_file() else 0
    return url_for("static", filename=f"dist/{name}", v=_version(name, changed_ns) if changed_ns else None)


@lru_cache(maxsize=64)
def _squeezed(name: str, changed_ns: int) -> bytes:
    return gzip.compress((DIST / name).read_bytes(), 9, mtime=0)


def squeeze(response: Response) -> Response:
    """A page, compressed for browsers that read gzip.

    Only for pages that whoever asks for them may know, or whose secrets are new in every answer: how well a page is
    compressed tells what stands in it twice. Pages behind a session are none.
    """
    if response.mimetype == "text/html":
        response.vary.add("Accept-Encoding")
        data = response.get_data()
        if len(data) >= LEAST and request.accept_encodings["gzip"]:
            _replace(response, gzip.compress(data, PAGE_LEVEL, mtime=0))
    return response


def _replace(response: Response, data: bytes) -> None:
    response.set_data(data)
    response.headers["Content-Encoding"] = "gzip"


def _squeeze_built(response: Response) -> Response:
    """Built scripts and styles: compressed once in a process, sent to all."""
    folder, _, name = (request.view_args or {}).get("filename", "").partition("/")
    if request.endpoint != "static" or folder != "dist" or not name.endswith((".js", ".css")):
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and request.accept_encodings["gzip"]:
        response.close()  # the file that would have been sent
        response.direct_passthrough = False
        _replace(response, _squeezed(name, (DIST / name).stat().st_mtime_ns))
        etag, _weak = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # the same content, other bytes
    return response


def init_app(app: Flask) -> None:
    """Give templates `asset(name)`, and browsers compressed scripts and styles."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_squeeze_built)
