"""Sign-in and lists take whatever characters come; none is a failure of ours, on both databases."""
from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.conftest import Browser, browser_of
from tests.personas import AGENT, PASSWORD, Persona

__all__ = ["browser_of"]


@pytest.mark.parametrize("login", ["\x00", "agent\x00", "长" * 5000, "‮", ""])
def test_a_login_of_odd_characters_is_simply_wrong(browser_of: Callable[[Persona], Browser], login: str) -> None:
    browser = browser_of(AGENT)
    browser.post("/sign-out")
    for password in (PASSWORD, "\x00", "长" * 5000):
        assert browser.sign_in(login, password).status_code == 401


@pytest.mark.parametrize("path", [
    "/inbox?before=1.%00", "/inbox?before=%00", "/tickets?q=%00", "/tickets?before=%00", "/tickets?status=%00",
    "/sent?via=%00&before=1.%00",
])
def test_a_page_of_a_list_that_cannot_be(browser_of: Callable[[Persona], Browser], path: str) -> None:
    assert browser_of(AGENT).get(path).status_code in (200, 403, 422)
