"""The promise to people on a slow connection: the whole form, scripts and styles included, in 30 KB."""
from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import pytest

from app.assets import DIST
from tests.entries.conftest import Guest

BUDGET = 30 * 1024


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_first_load_of_the_complaint_form_stays_within_its_budget(guest: Callable[..., Guest]) -> None:
    page = guest().open().data
    assets = set(re.findall(r'(?:src|href|data-core)="/static/dist/([a-z.]+)', page.decode()))
    assert assets == {"phone.css", "mobile.js", "live.js"}
    weights = {"page": len(gzip.compress(page, 6))}
    weights.update({name: len(gzip.compress((DIST / name).read_bytes(), 6)) for name in assets})
    assert sum(weights.values()) <= BUDGET, weights
