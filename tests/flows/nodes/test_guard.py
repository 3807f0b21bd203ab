"""The backlog guard: alarms once, brings help, goes back to normal by itself; at every step that has one."""
from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Denied, Invalid
from app.flows.config.assigning import GuardSchema
from app.flows.guard import OFF, ON, turns
from app.flows.world import Backlog, Tally
from tests.flows.kit import AGENTS, HOUR, ORG, Play, flow, node

BOSS = [{"person": "max"}]
GUARD = {"waiting": 10, "how": "borrow", "people": [{"person": "eve"}], "tell": BOSS}


def pool(**guard: Any) -> Any:
    return flow(
        node("pool", "task.claim", {"candidates": AGENTS, "guard": {**GUARD, **guard}}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges="t:out>pool pool:claimed>h h:done>end",
    )


def backed_up(node: str = "pool", waiting: int = 9, **more: Any) -> dict[str, Any]:
    return {**ORG, "backlog": {node: {"waiting": waiting, **more}}}


def again(play: Play, waiting: int, at: float = 1) -> Play:
    """The next ticket, with so many waiting."""
    play.world._backlog = {"pool": {"waiting": waiting}}
    play.state, play.log, play.effects = {}, [], []
    play.send({"kind": "start", "trigger": "t", "form": {}, "customer": {}, "ticket": {}}, at=at)
    return play


def kinds(play: Play) -> list[str]:
    return [event["kind"] for event in play.log if event["kind"].startswith("guard.")]


def test_it_alarms_once_lends_people_and_goes_back_by_itself() -> None:
    play = Play(pool(), org=backed_up(waiting=8))
    assert kinds(play) == []
    with pytest.raises(Denied):
        play.act("pool:1", "claim", "eve")
    again(play, 9)
    assert kinds(play) == ["guard.raised", "guard.helps"]
    assert [message["to"] for message in play.did("message")] == [{"person": "max"}]
    assert play.did("message")[0]["template"] == "backlog_raised"
    assert play.did("message")[0]["params"]["waiting"] == "10"
    play.act("pool:1", "claim", "eve")
    for waiting in (30, 6):  # more of it, and less but not little
        assert kinds(again(play, waiting)) == ["guard.helps"]
        assert play.did("message") == []
    again(play, 5)
    assert kinds(play) == ["guard.ended"]
    assert play.did("message")[0]["template"] == "backlog_over"
    with pytest.raises(Denied):
        play.act("pool:1", "claim", "eve")
    assert kinds(again(play, 8)) == []
    assert kinds(again(play, 9)) == ["guard.raised", "guard.helps"]


def test_new_tickets_go_elsewhere_or_somebody_is_only_told() -> None:
    play = Play(pool(how="divert"), org=backed_up())
    assert play.state["tasks"]["pool:1"]["people"] == ["eve"]
    with pytest.raises(Denied):
        play.act("pool:1", "claim", "ann")
    play = Play(pool(how="tell", people=[]), org=backed_up())
    assert kinds(play) == ["guard.raised"] and play.state["tasks"]["pool:1"]["groups"] == ["agent@"]


def test_a_long_wait_alarms_between_tickets() -> None:
    play = Play(pool(waiting=None, oldest="PT2H"))
    signal = {"kind": "guard", "node": "pool"}
    assert play.send(signal, at=119).ignored
    assert not play.send(signal, at=120).ignored
    assert kinds(play) == ["guard.raised"] and play.events("guard.raised")[0]["delta"]["minutes"] == 120
    assert play.send(signal, at=121).ignored
    play.act("pool:1", "claim", "ann", at=130)
    assert kinds(play) == ["guard.raised"]
    play.act("h:1", "done", "ann", at=131)
    assert not play.send(signal, at=140).ignored  # told on a ticket that is over
    assert kinds(play) == ["guard.raised", "guard.ended"] and play.state["status"] == "closed"
    assert play.send({"kind": "guard", "node": "h"}).ignored and play.send({"kind": "guard", "node": "none"}).ignored


def test_an_assignment_counts_where_it_leads_and_a_task_itself() -> None:
    guard = {**GUARD, "how": "divert"}
    played = flow(
        node("auto", "assign.auto", {"candidates": AGENTS, "guard": guard}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges="t:out>auto auto:out>h h:done>end")
    assert Play(played, org=backed_up("h")).state["ticket"]["owner"] == "eve"
    assert Play(played, org=backed_up("auto")).state["ticket"]["owner"] == "ann"
    task = flow(
        node("h", "task.handle", {"assignee": AGENTS, "actions": [{"port": "done"}], "guard": guard}),
        edges="t:out>h h:done>end")
    assert Play(task, org=backed_up("h")).state["tasks"]["h:1"]["assignee"] == "eve"
    assert Play(task).state["tasks"]["h:1"]["groups"] == ["agent@"]


@pytest.mark.parametrize(("guard", "where", "code"), [
    ({"waiting": None}, "waiting", "flow_guard_when"), ({"people": []}, "people", "flow_missing"),
    ({"normal": 10}, "normal", "flow_guard_normal"), ({"tell": []}, "tell", "flow_bad_count"),
])
def test_a_guard_that_makes_no_sense_is_refused(guard: Any, where: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        pool(**guard)
    assert [(one.where, one.code) for one in caught.value.problems] == [(f"nodes[1].config.guard.{where}", code)]


@pytest.mark.parametrize(("settings", "on", "waiting", "age_h", "change"), [
    ({"waiting": 10}, False, 9, 99, None), ({"waiting": 10}, False, 10, 0, ON), ({"waiting": 10}, True, 6, 0, None),
    ({"waiting": 10}, True, 5, 0, OFF), ({"waiting": 10, "normal": 8}, True, 8, 0, OFF),
    ({"oldest": "PT4H"}, False, 900, 3, None), ({"oldest": "PT4H"}, False, 1, 4, ON),
    ({"oldest": "PT4H"}, True, 1, 3, None), ({"oldest": "PT4H"}, True, 9, 2, OFF),
    ({"oldest": "PT4H"}, True, 0, None, OFF),
    ({"waiting": 10, "oldest": "PT4H"}, True, 2, 3, None), ({"waiting": 10, "oldest": "PT4H"}, False, 2, 4, ON),
])
def test_when_it_turns(settings: Any, on: bool, waiting: int, age_h: int | None, change: int | None) -> None:
    guard = GuardSchema().load({"tell": BOSS, "people": BOSS, **settings})
    now = 1_790_000_000_000
    backlog = Backlog(waiting, None if age_h is None else now - age_h * HOUR)
    assert turns(guard, Tally(n=int(on)), backlog, now) == change
