"""Who may change whom: nobody hands out more than they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import Conflict, Denied, NotFound, Problem
from app.extensions import db
from app.org import epoch, people
from app.org.access import SYSTEM, Principal
from app.org.models import Person, RoleGrant
from tests.org.conftest import NOW

STRANGER = Principal(id="alice", name="Alice")
CLERK = Principal(id="clerk", name="Clerk", rights=frozenset({"org.manage"}))


def code(error: type[Problem], call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(error) as caught:
        call(*args, **more)
    db.session.rollback()
    return caught.value.code


def test_without_the_right_nothing_changes(company: Flask) -> None:
    for call, args in (
        (people.create_person, {"login": "dave", "name": "Dave", "now": NOW}),
        (people.save_role, {"key": "x", "name": "X"}),
        (people.set_active, {"person_id": "bob", "active": False}),
        (people.set_password, {"person_id": "bob", "password": "long enough"}),
        (people.grant_role, {"person_id": "alice", "role_key": "admin"}),
        (people.revoke_role, {"person_id": "carol", "role_key": "admin"}),
        (people.save_department, {"department_id": "d", "name": "D"}),
        (people.create_token, {"person_id": "carol", "name": "t", "rights": [], "now": NOW}),
    ):
        assert code(Denied, call, actor=STRANGER, **args) == "right_missing"  # type: ignore[operator]


def test_a_department_must_exist_and_a_roles_key_fit_into_its_groups(company: Flask) -> None:
    person = {"login": "dave", "name": "Dave", "now": NOW, "actor": SYSTEM}
    assert code(NotFound, people.create_person, department_id="nowhere", **person) == "department_unknown"
    assert code(Problem, people.save_role, "r" * 39, name="R", actor=SYSTEM) == "role_key_long"
    people.save_role("r" * 38, name="R", actor=SYSTEM)


def test_a_role_above_ones_own_cannot_be_granted_made_or_widened(company: Flask) -> None:
    assert code(Denied, people.grant_role, "alice", "admin", actor=CLERK) == "grant_above"
    assert code(Denied, people.save_role, "support", name="S", rights=["api.use"], actor=CLERK) == "grant_above"
    assert code(Denied, people.save_role, "support", name="S", reads="all", actor=CLERK) == "grant_above"
    assert code(Denied, people.save_role, "admin", name="Weak", actor=CLERK) == "grant_above"
    people.save_role("support", name="S", rights=["org.manage"], actor=CLERK)


def test_somebody_above_cannot_be_locked_out_or_taken_over(company: Flask) -> None:
    assert code(Denied, people.set_password, "carol", "long enough", actor=CLERK) == "grant_above"
    assert code(Denied, people.set_active, "carol", False, actor=CLERK) == "grant_above"
    people.set_password("bob", "long enough", actor=CLERK)


def test_a_token_never_holds_more_than_its_person_or_its_maker(company: Flask) -> None:
    assert code(Denied, people.create_token, "bob", name="t", rights=[], actor=SYSTEM, now=NOW) == "right_missing"
    weak = replace(CLERK, rights=frozenset({"org.manage", "api.use"}))
    assert (
        code(Denied, people.create_token, "carol", name="t", rights=["tickets.all"], actor=weak, now=NOW)
        == "grant_above"
    )


def test_tokens_of_others_do_not_exist(company: Flask) -> None:
    people.create_token("carol", name="t", rights=[], actor=SYSTEM, now=NOW)
    from_db = db.session.execute(select(people.ApiToken.id)).scalar_one()
    assert code(NotFound, people.revoke_token, from_db, actor=STRANGER) == "token_unknown"


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"login": "a b"}, "login"),
        ({"login": ""}, "login"),
        ({"login": "x" * 200}, "login"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"password": "short"}, "password"),
        ({"id": "A!"}, "id"),
    ],
)
def test_impossible_people_are_refused_with_the_place(company: Flask, given: dict[str, str], where: str) -> None:
    with pytest.raises(Problem) as caught:
        people.create_person(**{"login": "dave", "name": "Dave", "actor": SYSTEM, "now": NOW, **given})  # type: ignore[arg-type]
    assert caught.value.where == where
    db.session.rollback()
    assert people.find_person("dave") is None


def test_a_login_is_taken_once(company: Flask) -> None:
    assert code(Conflict, people.create_person, login="BOB", name="B", actor=SYSTEM, now=NOW) == "person_exists"


def test_a_grant_has_one_scope_and_again_changes_nothing(company: Flask) -> None:
    people.grant_role("bob", "manager", {"store": "s1"}, actor=SYSTEM)
    people.grant_role("bob", "manager", {"store": "s2"}, actor=SYSTEM)
    scopes = db.session.scalars(
        select(RoleGrant.scope).where(RoleGrant.person_id == "bob").order_by(RoleGrant.scope_key)
    )
    assert scopes.all() == [{"store": "s1"}, {"store": "s2"}]
    for scope, expected in (
        ({"store": "s1", "region": "e"}, "scope_one"),
        ({"store": "a@b"}, "scope_value"),
        ({"S": "x"}, "key_bad"),
    ):
        assert code(Problem, people.grant_role, "bob", "manager", scope, actor=SYSTEM) == expected
    assert code(NotFound, people.grant_role, "bob", "nothing", actor=SYSTEM) == "role_unknown"
    assert code(NotFound, people.grant_role, "nobody", "manager", actor=SYSTEM) == "person_unknown"


def test_a_phone_is_sealed_where_it_lies(company: Flask) -> None:
    person_id = people.create_person(login="dave", name="Dave", phone="13800138000", actor=SYSTEM, now=NOW)
    stored = db.session.scalar(select(Person.phone).where(Person.id == person_id))
    assert stored is not None and "138" not in stored
    assert people.person_phone(person_id) == "13800138000"
    assert people.person_phone("bob") == ""


def test_every_change_moves_the_epoch(company: Flask) -> None:
    marks = [epoch.current()]
    for change in (
        lambda: people.grant_role("alice", "manager", {"store": "s2"}, actor=SYSTEM),
        lambda: people.revoke_role("alice", "manager", {"store": "s2"}, actor=SYSTEM),
        lambda: people.set_active("alice", False, actor=SYSTEM),
        lambda: people.save_department("d1", name="East", leader_id="bob", actor=SYSTEM),
    ):
        change()
        marks.append(epoch.current())
    assert len(set(marks)) == len(marks)
