from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Problem
from app.flows.directory import Directory, grant_group
from tests.flows.kit import ORG

DIRECTORY = Directory(ORG)
STATE = {
    "form": {"f_store": "s1", "f_list": ["s1", "s2"], "f_who": "max", "f_odd": 5},
    "ticket": {"owner": "ann"},
    "vars": {},
}


def of(role: str, field: str = "f_store") -> dict[str, Any]:
    return {"role": role, "of": f"form.{field}", "source": "stores"}


@pytest.mark.parametrize(
    ("selectors", "people"),
    [
        ([{"role": "agent"}], ["ann", "bob"]),
        ([of("boss")], ["bob"]),
        ([of("boss", "f_list")], ["bob", "eve"]),
        ([of("manager")], ["max"]),
        ([of("agent")], ["ann", "bob"]),
        ([{"role": "boss"}], ["bob", "eve"]),
        ([of("boss", "f_none")], []),
        ([of("boss", "f_odd")], []),
        ([{**of("boss"), "source": None}], []),
        ([{"role": "ghost"}], []),
        ([{"ref": "ticket.owner"}], ["ann"]),
        ([{"ref": "form.f_who"}], ["max"]),
        ([{"ref": "form.f_none"}], []),
        ([{"ref": "ticket.owner.deeper"}], []),
        ([{"person": "gone"}], []),
        ([{"person": "ghost"}], []),
        ([{"department": "hz"}], ["ann", "bob"]),
        ([{"department": "top"}], ["ann", "bob", "max"]),
        ([{"leader_of": "hz"}], ["bob"]),
        ([{"leader_of": "ticket.owner"}], ["bob"]),
        ([{"person": "bob"}, {"role": "agent"}], ["bob", "ann"]),
        ([], []),
    ],
)
def test_whom_selectors_mean(selectors: list[dict[str, Any]], people: list[str]) -> None:
    assert DIRECTORY.people(selectors, STATE) == people


def test_who_leads_is_led_by_the_next_one_up() -> None:
    assert DIRECTORY.people([{"leader_of": "ticket.owner"}], {"ticket": {"owner": "bob"}}) == ["max"]
    assert DIRECTORY.people([{"leader_of": "ticket.owner"}], {"ticket": {"owner": "max"}}) == []


@pytest.mark.parametrize(
    ("selectors", "groups"),
    [
        ([{"role": "agent"}], ["agent@"]),
        ([of("boss")], ["boss@", "boss@region=east", "boss@store=s1"]),
        ([{"role": "boss"}], ["boss@", "boss@region=east", "boss@region=west"]),
        ([{"role": "ghost"}], ["ghost@"]),
        ([{"person": "ann"}], []),
    ],
)
def test_the_groups_that_may_act(selectors: list[dict[str, Any]], groups: list[str]) -> None:
    assert sorted(DIRECTORY.groups(selectors, STATE)) == groups


def test_groups_admit_exactly_whom_selectors_mean() -> None:
    for selector in (
        {"role": "agent"},
        {"role": "boss"},
        of("boss"),
        of("manager"),
        of("manager", "f_list"),
        of("ghost"),
    ):
        groups = DIRECTORY.groups([selector], STATE)
        admitted = [person["id"] for person in ORG["people"] if DIRECTORY.may(person["id"], groups, [])]
        assert admitted == DIRECTORY.people([selector], STATE), selector


def test_who_is_gone_may_nothing() -> None:
    assert DIRECTORY.groups_of("gone") == frozenset()
    assert not DIRECTORY.may("gone", ["agent@"], ["gone"])
    assert DIRECTORY.person("gone") == {"id": "gone", "name": "离", "active": False}
    assert DIRECTORY.person("ghost") is None


def test_single_things() -> None:
    assert grant_group("boss", {"region": "east"}) == "boss@region=east"
    assert DIRECTORY.row("stores", "s1") == {"id": "s1", "name": "一店", "region": "east"}
    assert DIRECTORY.row("stores", "s9") is DIRECTORY.row("ghosts", "s1") is None
    assert DIRECTORY.calendar("always").add(0, 5) == 5
    with pytest.raises(Problem, match="flow_calendar_unknown"):
        DIRECTORY.calendar("ghost")
