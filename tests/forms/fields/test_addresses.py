"""E-mail and web addresses: what people type, and what a click must never run."""
from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.forms.access import resolve
from tests.forms.kit import codes, drawn, judged, small

EMAIL = small({"id": "f_m", "type": "email"})
URL = small({"id": "f_u", "type": "url"})


@pytest.mark.parametrize(("raw", "stored"), [
    ("Li.Ming+vip@Example.COM", "Li.Ming+vip@example.com"), (" ｌｉ＠ｑｑ．ｃｏｍ ", "li@qq.com"),
    ("a@b.cn", "a@b.cn"), ("1234567@qq。com", "1234567@qq.com"),
])
def test_an_email_is_kept_in_one_spelling(raw: str, stored: str) -> None:
    assert judged(EMAIL, {"f_m": raw}).values == {"f_m": stored}


@pytest.mark.parametrize("raw", [
    "li", "li@", "@qq.com", "li@qq", "li@@qq.com", "li@qq..com", "li@-qq.com", "li@qq-.com", ".li@qq.com", "li.@qq.com",
    "l i@qq.com", "li@qq.c", "li@127.0.0.1", "a" * 65 + "@qq.com", "李 <li@qq.com>", "li@qq.com,wang@qq.com", 5,
])
def test_what_is_no_email_is_refused(raw: object) -> None:
    assert codes(judged(EMAIL, {"f_m": raw})) in ({"f_m": "answer_not_email"}, {"f_m": "answer_not_text"})


def test_an_email_is_masked() -> None:
    assert EMAIL.fields["f_m"].masked("liming@qq.com", "zh-CN", None) == "l***@qq.com"  # type: ignore[arg-type]


@pytest.mark.parametrize(("raw", "stored"), [
    ("https://example.com/a?b=1#c", "https://example.com/a?b=1#c"), ("HTTP://Example.COM", "http://example.com"),
    ("example.com/订单", "https://example.com/订单"), ("example.com:8080", "https://example.com:8080"),
    ("http://192.168.1.20:8000/x", "http://192.168.1.20:8000/x"), ("https://例子.公司/", "https://xn--fsqu00a.xn--55qx5d/"),
    ("www.qq.com", "https://www.qq.com"),
])
def test_an_address_is_kept(raw: str, stored: str) -> None:
    assert judged(URL, {"f_u": raw}).values == {"f_u": stored}


@pytest.mark.parametrize("raw", [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)//", "data:text/html,x", "ftp://example.com", "file:///etc/passwd",
    "http:example.com", "https:///x", "https://", "http://user:pass@example.com", "https://example.com@evil.com/",
    "https://exa mple.com", "https://example.com\\@evil.com", "https://localhost", "https://256.1.1.1", "mailto:a@b.cn",
    "https://example.com:99999", "//example.com", "https://ex<script>.com", "https://example.com/\"onclick=x", "x", 7,
    "vbscript:x", "\tjava\nscript:alert(1)", "https://.com", "https://a..com", "1.2.3",
])
def test_what_is_no_web_address_is_refused(raw: object) -> None:
    assert codes(judged(URL, {"f_u": raw})) in ({"f_u": "answer_not_url"}, {"f_u": "answer_not_text"})


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.from_regex(r"\A(https?://)?[a-z@:/\\.?#\u4e00-\u4e10 0-9-]{0,40}\Z"),
                 st.from_regex(r"\A[a-z]{2,10}:[a-z/.]{0,20}\Z")))
def test_whatever_is_stored_is_one_plain_web_address(raw: str) -> None:
    found = judged(URL, {"f_u": raw}).values.get("f_u")
    if found:
        parts = urlsplit(found)
        assert parts.scheme in ("http", "https") and parts.hostname and "." in parts.hostname
        assert parts.username is None and parts.hostname.isascii() and not set(found) & set('<>"\\\n\t ')
        assert judged(URL, {"f_u": found}).values == {"f_u": found}


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=40), st.emails()))
def test_an_email_stored_is_one_mailbox(raw: str) -> None:
    found = judged(EMAIL, {"f_m": raw}).values.get("f_m")
    if found:
        assert found.isascii() and found.count("@") >= 1 and not set(found) & set(' ,;<>"()')
        assert judged(EMAIL, {"f_m": found}).values == {"f_m": found}


def test_old_data_that_is_no_address_never_becomes_a_link() -> None:
    page = drawn(URL, {"f_u": "javascript:alert(1)"}, spec={"*": "read"})
    assert page.fields()[0].value is None
    assert resolve(URL, {"*": "read"}) == {"f_u": "read"}
