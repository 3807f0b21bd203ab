"""Approval up the line: level by level, to whom it stops, and what a level without a leader does."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.flows.kit import ORG, Play, flow, node

PEOPLE = [{"id": id, "name": id, "department": department, "roles": [{"role": "agent"}]} for id, department in
          (("ann", "shop"), ("bob", "shop"), ("cai", "city"), ("dan", "region"), ("eve", "top"))]
ADM = {"id": "adm", "name": "管", "roles": [{"role": "admin"}]}


def org(**leaders: str | None) -> dict[str, Any]:
    """shop → city → region → top, each with its leader."""
    chain = {"shop": "bob", "city": "cai", "region": "dan", "top": "eve", **leaders}
    above = {"shop": "city", "city": "region", "region": "top", "top": None}
    return {**copy.deepcopy(ORG), "people": [*copy.deepcopy(PEOPLE), ADM],
            "departments": [{"id": id, "leader": leader, "parent": above[id]} for id, leader in chain.items()]}


def up(**config: Any) -> Any:
    return flow(node("a", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "ok"}]}),
                node("v", "task.approval", {"mode": "up", **config}),
                edges="t:out>a a:ok>v v:approved>end v:rejected>a")


def asked(play: Play) -> list[str]:
    """Approve as whoever is asked, to the end; who that was."""
    found = []
    while play.at == ["v"]:
        (key, task), = play.state["tasks"].items()
        found.append(task["assignee"] or str(task["groups"]))
        play.act(key, "approve", task["assignee"] or "adm")
    assert play.state["status"] == "closed"
    return found


def started(who: str, played: Any, company: dict[str, Any]) -> Play:
    play = Play(played, company)
    play.act("a:1", "ok", who)
    return play


@pytest.mark.parametrize(("who", "config", "leaders", "wanted"), [
    ("ann", {"levels": 1}, {}, ["bob"]),
    ("ann", {"levels": 3}, {}, ["bob", "cai", "dan"]),
    ("ann", {"levels": 10}, {}, ["bob", "cai", "dan", "eve"]),
    ("bob", {"levels": 2}, {}, ["cai", "dan"]),  # who leads the shop is led by the city
    ("ann", {"levels": 10, "until": [{"person": "cai"}]}, {}, ["bob", "cai"]),
    ("ann", {"levels": 10, "until": [{"leader_of": "region"}]}, {}, ["bob", "cai", "dan"]),
    ("ann", {"levels": 3}, {"city": None}, ["bob", "dan"]),
    ("ann", {"levels": 3, "vacant": "admin"}, {"city": "gone"}, ["bob", "['admin@']", "dan"]),
    ("ann", {"levels": 3, "vacant": "fallback", "if_nobody": [{"person": "eve"}]}, {"city": None},
     ["bob", "eve", "dan"]),
    ("ann", {"levels": 3, "vacant": "fallback"}, {"city": None}, ["bob", "['admin@']", "dan"]),
    ("ann", {"levels": 2}, {"city": "bob"}, ["bob"]),  # the same person is asked once
])
def test_who_is_asked(who: str, config: dict[str, Any], leaders: dict[str, Any], wanted: list[str]) -> None:
    assert asked(started(who, up(**config), org(**leaders))) == wanted


def test_whose_line_it_is() -> None:
    play = Play(up(line_of="opener"), org())
    play.state["ticket"]["opener"] = "dan"
    play.act("a:1", "ok", "ann")
    assert asked(play) == ["eve"]


def test_one_no_is_enough() -> None:
    play = started("ann", up(levels=3), org())
    play.act("v:1:1", "approve", "bob")
    play.act("v:1:2", "reject", "cai")
    assert play.at == ["a"]


def test_nobody_above_falls_back() -> None:
    play = started("eve", up(if_nobody=[{"person": "ann"}]), org())
    assert [task["assignee"] for task in play.state["tasks"].values()] == ["ann"]
    play = started("eve", up(), org())
    assert play.problems() == ["flow_nobody"]
    assert [task["groups"] for task in play.state["tasks"].values()] == [["admin@"]]
