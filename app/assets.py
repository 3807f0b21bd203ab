"""Layer 3: addresses of built scripts and styles that browsers may keep for ever."""
from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, url_for

DIST = Path(__file__).parent / "static" / "dist"


@lru_cache(maxsize=256)
def _version(name: str, changed_ns: int) -> str:
    return hashlib.sha256((DIST / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Address of a built file ("phone.css"), ending in its content's hash so that a new build is a new address."""
    path = DIST / name
    changed_ns = path.stat().st_mtime_ns if path.is_file() else 0
    return url_for("static", filename=f"dist/{name}", v=_version(name, changed_ns) if changed_ns else None)


def init_app(app: Flask) -> None:
    """Give templates `asset(name)`."""
    app.jinja_env.globals["asset"] = asset
