"""The complaint template as raw material."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import app.definitions
from app.core.principal import Principal
from app.definitions import service

NOW = 1_800_000_000_000
LIBRARY = Path(app.definitions.__file__).parent / "library" / "restaurant_complaint"
DESIGNER = Principal(id="dora", name="Dora", rights=frozenset({"definitions.edit", "definitions.publish"}))
TYPE = {
    "schema": "danflow/ticket_type/1",
    "key": "complaint",
    "name": "餐饮客诉",
    "form": "complaint",
    "flow": "restaurant_complaint",
}
RAW = {
    "form": json.loads((LIBRARY / "form.json").read_text("utf-8")),
    "flow": json.loads((LIBRARY / "flow.json").read_text("utf-8")),
    "ticket_type": TYPE,
}
KEYS = {"form": "complaint", "flow": "restaurant_complaint", "ticket_type": "complaint"}


@pytest.fixture
def raw() -> Callable[[str], Any]:
    """A fresh copy of the complaint's form, flow or ticket type."""
    return lambda kind: copy.deepcopy(RAW[kind])


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """An application context on a fresh database."""
    with app.app_context():
        yield app


@pytest.fixture
def published(inside: Flask) -> str:
    """The complaint, published; the id of its ticket type version."""
    for kind, key in KEYS.items():
        service.save_draft(kind, key, RAW[kind], 0, actor=DESIGNER, now=NOW)
        found = service.publish(kind, key, actor=DESIGNER, now=NOW)
    return found.version_id
