"""Times as people say them, in both languages."""
from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from app.desk.words import when

NOV_22 = 1_795_320_000_000  # 2026-11-22 12:00 in Shanghai
DAY = 86_400_000
pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.mark.parametrize(("back", "zh", "en"), [
    (0, "今天 12:00", "today 12:00"), (1, "昨天 12:00", "yesterday 12:00"), (5, "11月17日 12:00", "Nov 17 12:00"),
    (400, "2025年10月18日 12:00", "Oct 18, 2025 12:00"),
])
def test_moments(app: Flask, back: int, zh: str, en: str) -> None:
    for locale, words in (("zh_CN", zh), ("en", en)):
        with app.test_request_context("/"), force_locale(locale):
            assert when(NOV_22 - back * DAY, NOV_22) == words
