"""Every text is worded in both languages, and the catalogues are what code and translations say."""
from __future__ import annotations

from flask import Flask
from flask_babel import force_locale, gettext, ngettext

from tools import i18n


def test_every_text_has_its_chinese() -> None:
    assert i18n.findings() == []


def test_the_catalogues_reach_the_reader(app: Flask) -> None:
    with app.test_request_context("/"):
        assert gettext("Please sign in") == "请先登录"
        with force_locale("en"):
            assert gettext("Please sign in") == "Please sign in"
            assert ngettext("%(num)s file", "%(num)s files", 2) == "2 files"
