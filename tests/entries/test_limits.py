"""How often a browser may ask: looking things up does not use up the right to send the form."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.settings import Settings
from tests.conftest import make_settings
from tests.entries.conftest import Guest


@pytest.fixture
def backend() -> str:
    """How often does not depend on the database."""
    return "sqlite"


@pytest.fixture
def anna(guest: Callable[..., Guest], demo_app: Flask, make_app: Callable[[Settings], Flask]) -> Guest:
    """A browser at a form that counts."""
    given = demo_app.extensions["danflow"].settings
    found = guest(app=make_app(make_settings(given.instance_dir, database_url=given.database_url, rate_limits=True)))
    found.open()
    return found


def test_a_form_drawn_again_seventy_times_can_still_be_sent(anna: Guest) -> None:
    assert {anna.post({"_do": "render"}).status_code for _ in range(70)} == {200}
    assert anna.send().status_code == 303


def test_what_is_refused_counts_like_what_is_sent(anna: Guest) -> None:
    answers = [anna.post({"_do": "render", "_token": "forged"}).status_code for _ in range(61)]
    assert answers == [400] * 60 + [429]


def test_drawing_again_has_its_limit_too(anna: Guest) -> None:
    assert [anna.post({"_do": "render"}).status_code for _ in range(241)] == [200] * 240 + [429]
