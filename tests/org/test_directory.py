"""The organisation as flows see it: rebuilt when it changes, otherwise one query."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask

from app.core.errors import Denied, NotFound, Problem
from app.driver import statements
from app.extensions import db
from app.flows.world import Backlog, Tally
from app.org import masterdata, people
from app.org.access import SYSTEM, Principal
from app.org.directory import LiveWorld, directory, known
from tests.org.conftest import NOW

STATE = {"form": {"f_store": "s1"}, "ticket": {"owner": "alice"}, "vars": {}, "customer": {}}
MANAGERS = [{"role": "manager", "of": "form.f_store", "source": "stores"}]


def test_a_scoped_role_means_whoever_holds_it_for_that_row(company: Flask) -> None:
    people.create_person(id="dave", login="dave", name="Dave", actor=SYSTEM, now=NOW)
    people.grant_role("dave", "manager", {"store": "s2"}, actor=SYSTEM)
    people.grant_role("dave", "support", {"region": "east"}, actor=SYSTEM)
    assert directory().people(MANAGERS, STATE) == ["bob"]
    support = [{"role": "support", "of": "form.f_store", "source": "stores"}]
    assert directory().people(support, STATE) == ["alice", "dave"]
    other = {**STATE, "form": {"f_store": "s2"}}
    assert directory().people(MANAGERS, other) == ["dave"] and directory().people(support, other) == ["alice"]


def test_a_person_may_do_what_their_session_groups_say(company: Flask) -> None:
    groups = directory().groups(MANAGERS, STATE)
    assert "manager@store=s1" in groups
    assert directory().may("bob", groups, []) and not directory().may("alice", groups, [])


def test_leavers_are_found_no_more(company: Flask) -> None:
    people.set_active("bob", False, actor=SYSTEM)
    assert directory().people(MANAGERS, STATE) == []
    assert directory().person("bob") == {"id": "bob", "name": "Bob", "active": False}


def test_while_nothing_changes_it_costs_one_query_and_any_change_shows_at_once(company: Flask) -> None:
    first = directory()
    before = statements.count
    assert directory() is first
    assert statements.count - before == 1
    masterdata.save_rows("stores", [{"id": "s3", "name": "Third"}], actor=SYSTEM)
    assert [row["id"] for row in directory().rows("stores")] == ["s1", "s2", "s3"]


def test_a_change_that_is_rolled_back_is_not_seen_later(company: Flask) -> None:
    first = directory()
    db.session.add(people.Person(id="x", login="x", name="X", created_at=NOW))
    people.changed()
    assert directory().person("x") is not None
    db.session.rollback()
    assert directory() is first and directory().person("x") is None


def test_an_organisation_without_any_change_is_empty(app: Flask) -> None:
    with app.app_context():
        assert directory().people([{"role": "manager"}], STATE) == []


def test_checks_know_roles_with_holders_connectors_and_calendars(company: Flask) -> None:
    people.grant_role("bob", "manager", {"store": "s2"}, actor=SYSTEM)
    people.set_active("alice", False, actor=SYSTEM)
    masterdata.save_calendar("shop", {"days": "mon-sat", "hours": ["09:00-18:00"], "tz": "Asia/Shanghai"}, actor=SYSTEM)
    found = known()
    assert found.roles == {"admin": 1, "manager": 1, "support": 0}
    assert set(found.calendars or ()) == {"always", "shop"} and set(found.connectors or ()) == set()


class Counted:
    """What a runtime would know."""

    def counted(self, people: Sequence[str], keys: Sequence[str]) -> tuple[dict[str, int], dict[str, Tally]]:
        return {person: len(person) for person in people}, {key: Tally(1) for key in keys}

    def served(self, people: Sequence[str], customer: str, before: int) -> dict[str, int | None]:
        return {person: before - len(customer) for person in people}

    def backlog(self, node: str) -> Backlog:
        return Backlog(len(node))


def test_the_live_world_answers_from_the_directory_and_the_task_list(company: Flask) -> None:
    masterdata.save_calendar("shop", {"days": "mon-sat", "hours": ["09:00-18:00"], "tz": "Asia/Shanghai"}, actor=SYSTEM)
    world = LiveWorld(directory(), Counted())
    assert world.people(MANAGERS, STATE) == ["bob"]
    assert world.counted(["bob", "alice"], ["k"]) == ({"bob": 3, "alice": 5}, {"k": Tally(1)})
    assert world.calendar("shop").is_open(NOW) in (True, False)
    assert world.person("nobody") is None
    assert world.fact("on_duty", ["bob"], STATE, NOW) == {"bob": True}
    assert world.fact("served", ["bob"], {"customer": {"id": "c"}, "ticket": {"opened": 5}}, NOW) == {"bob": 4}
    assert world.backlog("pool") == Backlog(4)
    assert world.row("stores", "s1") and world.row("stores", "none") is None
    assert world.tz(NOW)[-1][1] == 480
    with pytest.raises(Problem):
        world.calendar("unknown")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"id": "", "name": "X"}, "rows[0].id"),
        ({"id": "a b", "name": "X"}, "rows[0].id"),
        ({"id": "s9"}, "rows[0].name"),
        ({"id": "s9", "name": "X", "region": {"a": 1}}, "rows[0].region"),
        ({"id": "s9", "name": "X", "__class__": "y"}, "rows[0]"),
    ],
)
def test_impossible_rows_are_refused_and_nothing_is_kept(company: Flask, row: dict[str, object], where: str) -> None:
    with pytest.raises(Problem) as caught:
        masterdata.save_rows("stores", [row, {"id": "s8", "name": "Y"}], actor=SYSTEM)
    assert caught.value.where == where
    db.session.rollback()
    assert len(directory().rows("stores")) == 2


def test_master_data_needs_its_right_and_its_source(company: Flask) -> None:
    nobody = Principal(id="alice", name="Alice")
    with pytest.raises(Denied):
        masterdata.save_rows("stores", [], actor=nobody)
    with pytest.raises(Denied):
        masterdata.save_source("x", scope="x", title="X", actor=nobody)
    with pytest.raises(Denied):
        masterdata.save_calendar("x", {}, actor=nobody)
    with pytest.raises(Problem):
        masterdata.save_calendar("x", {"days": "never"}, actor=SYSTEM)
    with pytest.raises(NotFound):
        masterdata.save_rows("planets", [], actor=SYSTEM)
