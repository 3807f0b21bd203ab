"""The demo company on a port of this machine, for a browser."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.entries.models import Entry
from app.extensions import db
from app.runtime import seals
from app.runtime.models import Ticket
from tests.live_stories.company import served


class Site:
    """The company and its address."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app, self.url = app, url

    @property
    def door(self) -> str:
        """Address of the complaint form of the menu."""
        with self.app.app_context():
            token = db.session.scalars(select(Entry.token).where(Entry.trigger == "t_menu")).one()
            db.session.rollback()
        return f"{self.url}/f/{token}"

    def tickets(self) -> int:
        with self.app.app_context():
            found = db.session.scalar(select(func.count()).select_from(Ticket)) or 0
            db.session.rollback()
        return found

    def answers(self) -> dict[str, Any]:
        """Of the only ticket."""
        with self.app.app_context():
            row = db.session.scalars(select(Ticket)).one()
            found = seals.unseal(row.id, row.data)
            db.session.rollback()
        return found


@pytest.fixture
def backend() -> str:
    """What a browser does does not depend on the database."""
    return "sqlite"


@pytest.fixture
def site(demo_app: Flask) -> Iterator[Site]:
    with served(demo_app) as url:
        yield Site(demo_app, url)


@pytest.fixture
def url(site: Site) -> str:
    return site.url
