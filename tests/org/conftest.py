"""A small company: a support desk with two stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.org import masterdata, people
from app.org.access import RIGHTS, SYSTEM

NOW = 1_800_000_000_000
PASSWORD = "correct horse"


@pytest.fixture
def company(app: Flask) -> Iterator[Flask]:
    """Alice (support, everywhere), Bob (manager of store s1), Carol (administrator), inside an application context."""
    with app.app_context():
        people.save_role("support", name="Support", actor=SYSTEM)
        people.save_role("manager", name={"zh": "店长", "en": "Manager"}, actor=SYSTEM)
        people.save_role("admin", name="Admin", reads="all", rights=RIGHTS, actor=SYSTEM)
        masterdata.save_source("stores", scope="store", title="Stores", actor=SYSTEM)
        masterdata.save_rows(
            "stores",
            [{"id": "s1", "name": "First", "region": "east"}, {"id": "s2", "name": "Second", "region": "west"}],
            actor=SYSTEM,
        )
        for login, name in (("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")):
            people.create_person(id=login, login=login, name=name, password=PASSWORD, actor=SYSTEM, now=NOW)
        people.grant_role("alice", "support", actor=SYSTEM)
        people.grant_role("bob", "manager", {"store": "s1"}, actor=SYSTEM)
        people.grant_role("carol", "admin", actor=SYSTEM)
        yield app
