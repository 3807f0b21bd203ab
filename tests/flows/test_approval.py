"""Approval: one count decides every mode."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Conflict, Denied
from tests.flows.kit import ORG, Play, flow, node

THREE = [{"person": "ann"}, {"person": "bob"}, {"person": "max"}]


def approval(**config: Any) -> Any:
    return flow(
        node("h", "task.handle", {"assignee": [{"person": "bob"}], "actions": [{"port": "ask"}]}),
        node("a", "task.approval", {"approvers": THREE, **config}),
        node("no", "flow.end", {"reason": "rejected"}),
        edges="t:out>h h:ask>a a:approved>end a:rejected>no",
    )


def begin(org: dict[str, Any] | None = None, **config: Any) -> Play:
    play = Play(approval(**config), org=org)
    play.act("h:1", "ask", "bob")
    return play


def vote(play: Play, *votes: tuple[str, str]) -> tuple[str, Any]:
    """Each votes on the task that is theirs."""
    for person, action in votes:
        key = next(key for key, task in play.state["tasks"].items() if task["assignee"] in (person, None))
        play.act(key, action, person)
    return play.state["status"], play.state["reason"]


YES, NO, STILL = ("closed", None), ("closed", "rejected"), ("open", None)


@pytest.mark.parametrize(
    ("config", "votes", "outcome"),
    [
        ({"mode": "any"}, [("max", "approve")], YES),
        ({"mode": "any"}, [("ann", "reject")], NO),
        ({"mode": "all"}, [("ann", "approve"), ("max", "approve")], STILL),
        ({"mode": "all"}, [("ann", "approve"), ("max", "approve"), ("bob", "approve")], YES),
        ({"mode": "all"}, [("ann", "approve"), ("max", "reject")], NO),
        ({"mode": "ratio", "ratio": "51%"}, [("ann", "approve"), ("bob", "approve")], YES),
        ({"mode": "ratio", "ratio": "51%"}, [("ann", "approve"), ("bob", "reject")], STILL),
        ({"mode": "ratio", "ratio": "51%"}, [("ann", "reject"), ("bob", "reject")], NO),
        ({"mode": "ratio", "ratio": "34%"}, [("ann", "reject"), ("bob", "approve")], STILL),
        ({"mode": "ratio", "ratio": "33%"}, [("ann", "approve")], YES),
        ({"mode": "turn"}, [("ann", "approve"), ("bob", "approve"), ("max", "approve")], YES),
        ({"mode": "turn"}, [("ann", "approve"), ("bob", "reject")], NO),
    ],
)
def test_votes_decide(config: dict[str, Any], votes: list[tuple[str, str]], outcome: tuple[str, Any]) -> None:
    play = begin(**config)
    assert vote(play, *votes) == outcome
    if outcome != STILL:
        assert play.state["tasks"] == {}
        assert {effect["task"] for effect in play.did("task.open")} == {
            effect["task"] for effect in play.did("task.close")
        }


def test_any_is_one_task_for_all_and_all_is_one_for_each() -> None:
    assert [(task["assignee"], task["people"]) for task in begin(mode="any").state["tasks"].values()] == [
        (None, ["ann", "bob", "max"])
    ]
    assert [task["assignee"] for task in begin(mode="all").state["tasks"].values()] == ["ann", "bob", "max"]


def test_in_turn_only_the_next_is_asked() -> None:
    play = begin(mode="turn")
    assert list(play.state["tasks"]) == ["a:1:1"]
    with pytest.raises(Denied, match="task_not_yours"):
        play.act("a:1:1", "approve", "bob")
    play.act("a:1:1", "approve", "ann")
    assert [(key, task["assignee"]) for key, task in play.state["tasks"].items()] == [("a:1:2", "bob")]
    with pytest.raises(Conflict) as caught:
        play.act("a:1:1", "approve", "ann")
    assert (caught.value.code, caught.value.params["name"]) == ("task_done", "安")


def test_a_vote_handed_over_still_counts_once() -> None:
    play = begin(mode="all", may=["transfer"])
    play.act("a:1:1", "transfer", "ann", to="eve")
    assert vote(play, ("eve", "approve"), ("bob", "approve"), ("max", "approve")) == YES


@pytest.mark.parametrize(
    ("config", "waiting"),
    [
        ({"same_person": "ask", "mode": "all"}, ["ann", "bob", "max"]),
        ({"same_person": "pass", "mode": "all"}, ["ann", "max"]),
        ({"same_person": "skip", "mode": "all"}, ["ann", "max"]),
        ({"same_person": "pass", "mode": "turn"}, ["ann"]),
    ],
)
def test_who_submitted_it(config: dict[str, Any], waiting: list[str]) -> None:
    assert [task["assignee"] for task in begin(**config).state["tasks"].values()] == waiting


def test_who_submitted_it_passes_by_itself_where_one_vote_is_enough() -> None:
    play = begin(mode="any", same_person="pass")
    assert play.state["status"] == "closed"
    assert play.events("approval.passed")[0]["delta"] == {"by": "bob", "reason": "same_person"}


def test_left_out_means_left_out_of_the_shared_task_too() -> None:
    play = begin(mode="any", same_person="skip")
    with pytest.raises(Denied):
        play.act("a:1", "approve", "bob")
    role = begin(mode="any", same_person="skip", approvers=[{"role": "agent"}, {"person": "max"}])
    with pytest.raises(Denied, match="task_avoided"):
        role.act("a:1", "approve", "bob")
    role.act("a:1", "approve", "ann")


def test_nobody_to_approve() -> None:
    second = begin(approvers=[{"role": "ghost"}], if_nobody=[{"role": "admin"}])
    assert [task["assignee"] for task in second.state["tasks"].values()] == ["adm"]
    nobody = begin(approvers=[{"role": "ghost"}], mode="all")
    assert (nobody.problems(), nobody.at) == (["flow_nobody"], ["a"])
    hired = {**ORG, "people": [*ORG["people"], {"id": "new", "name": "新", "roles": [{"role": "ghost"}]}]}
    nobody.world = type(nobody.world)(hired)
    nobody.act("a:1", "approve", "new")
    assert nobody.state["status"] == "closed"


def test_an_approval_after_a_withdrawal_is_refused() -> None:
    play = begin(mode="all")
    play.send({"kind": "withdraw", "by": None, "note": "算了"})
    with pytest.raises(Conflict, match="ticket_closed"):
        play.act("a:1:1", "approve", "ann")
