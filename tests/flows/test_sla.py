"""One clock a ticket: started, paused, resumed, fired, in working time."""

from __future__ import annotations

from typing import Any

from app.flows.sandbox import SandboxWorld
from tests.flows.kit import AGENTS, HOUR, MINUTE, ORG, START, Play, flow, node


def covered(calendar: str = "always", due: str = "PT2H", **more: Any) -> Any:
    return flow(
        node("pool", "task.claim", {"candidates": AGENTS}),
        node(
            "h",
            "task.handle",
            {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "ask"}, {"port": "ok"}, {"port": "rest"}]},
        ),
        node("w", "wait.customer", {"fields": {"f_reply": "edit"}}),
        node("free", "task.claim", {"candidates": AGENTS}),
        node(
            "sla",
            "timer.sla",
            {
                "due": due,
                "calendar": calendar,
                "pause_on": ["wait.customer"],
                "levels": [{"port": "l1", "at": "50%"}, {"port": "l2", "at": "PT2H"}, {"port": "l3", "at": "150%"}],
                **more,
            },
            attach=["pool", "h"],
        ),
        node("tell", "notify.staff", {"to": [{"person": "max"}], "template": "late"}),
        node("boss", "task.handle", {"assignee": [{"person": "max"}], "actions": [{"port": "seen"}]}),
        node("stop", "flow.end", {"reason": "sla"}),
        edges="t:out>pool pool:claimed>h h:ask>w w:received>h h:rest>free free:claimed>h h:ok>end "
        "sla:l1>tell sla:l2>boss sla:l3>stop",
    )


def armed(play: Play) -> dict[str, float]:
    """Hours from the start."""
    return {key: (due - START) / HOUR for key, due in play.state["timers"].items()}


def test_it_runs_through_the_steps_it_covers() -> None:
    play = Play(covered())
    first = {"sla:l1#1": 1, "sla:l2#1": 2, "sla:l3#1": 3}
    assert armed(play) == first
    assert play.did("task.open")[0]["due"] == play.state["due"] == START + 2 * HOUR
    play.act("pool:1", "claim", "ann", at=30)
    assert armed(play) == first
    assert len(play.did("timer.arm")) == 3


def test_it_stands_while_the_customer_is_asked_and_goes_on_with_new_keys() -> None:
    play = Play(covered())
    play.act("pool:1", "claim", "ann", at=10)
    play.act("h:1", "ask", "ann", at=30)
    assert (armed(play), play.state["due"]) == ({}, None)
    assert play.state["sla"]["sla"]["used"] == 30 * MINUTE
    play.send({"kind": "answer", "node": "w", "form": {}}, at=600)
    assert armed(play) == {"sla:l1#2": 10.5, "sla:l2#2": 11.5, "sla:l3#2": 12.5}
    assert play.timer("sla:l1#1", at=601).ignored


def test_it_stands_outside_the_steps_it_covers() -> None:
    play = Play(covered())
    play.act("pool:1", "claim", "ann", at=10)
    play.act("h:1", "rest", "ann", at=60 + 59)
    play.act("free:1", "claim", "ann", at=600)
    assert armed(play)["sla:l2#2"] == 10 + 1 / 60


def test_each_level_fires_once_and_interrupts_nothing() -> None:
    play = Play(covered())
    play.act("pool:1", "claim", "ann")
    play.timer("sla:l1#1", at=60)
    assert play.timer("sla:l1#1", at=61).ignored
    assert (play.at, play.state["tasks"]["h:1"]["assignee"]) == (["h"], "ann")
    play.act("h:1", "ask", "ann", at=90)
    play.send({"kind": "answer", "node": "w", "form": {}}, at=100)
    assert set(armed(play)) == {"sla:l2#2", "sla:l3#2"}
    assert [event["port"] for event in play.events("timer.fired")] == ["l1"]
    assert play.path.count("tell") == 1


def test_a_side_path_may_wait_but_does_not_keep_the_ticket_open_or_end_it() -> None:
    play = Play(covered())
    play.act("pool:1", "claim", "ann")
    play.timer("sla:l2#1", at=120)
    assert play.at == ["boss", "h"]
    play.timer("sla:l3#1", at=180)
    assert (play.state["status"], play.at) == ("open", ["boss", "h"])
    play.act("h:1", "ok", "ann", at=200)
    assert (play.state["status"], play.state["reason"], play.state["tasks"], play.state["timers"]) == (
        "closed",
        None,
        {},
        {},
    )


def test_a_finished_side_path_vanishes() -> None:
    play = Play(covered())
    play.timer("sla:l2#1", at=120)
    play.act("boss:1", "seen", "max", at=130)
    assert (play.at, play.state["parked"]) == (["pool"], [])


def test_it_counts_working_hours() -> None:
    play = Play(covered("days", "PT24H"))
    assert armed(play) == {"sla:l1#1": 12, "sla:l2#1": 2, "sla:l3#1": 24 + 24 + 12}
    play.act("pool:1", "claim", "ann", at=6 * 60)
    play.act("h:1", "ask", "ann", at=15 * 60)
    assert play.state["sla"]["sla"]["used"] == 12 * HOUR


def test_an_unknown_or_impossible_calendar_does_not_stop_a_ticket() -> None:
    unknown = Play(covered("ghost"))
    assert unknown.problems() == ["flow_calendar_unknown"]
    assert armed(unknown)["sla:l1#1"] == 1
    rare = {**ORG, "calendars": [{"id": "days", "days": "mon", "hours": ["09:00-09:01"], "tz": "Asia/Shanghai"}]}
    beyond = Play(covered("days", "P3000D"), org=rare)
    assert beyond.problems() == ["calendar_beyond"]
    assert (armed(beyond), beyond.at) == ({}, ["pool"])


def test_what_is_wrong_with_a_clock_is_told_once() -> None:
    rare = {**ORG, "calendars": [{"id": "days", "days": "mon", "hours": ["09:00-09:01"], "tz": "Asia/Shanghai"}]}
    beyond = Play(covered("days", "P3000D"), org=rare)
    beyond.act("pool:1", "claim", "ann", at=10)
    beyond.act("h:1", "ask", "ann", at=30)
    beyond.send({"kind": "answer", "node": "w", "form": {}}, at=600)
    assert beyond.problems() == ["calendar_beyond"]
    assert armed(beyond) == {}
    gone = Play(covered("ghost"))
    gone.act("pool:1", "claim", "ann", at=10)
    gone.act("h:1", "ask", "ann", at=30)
    gone.send({"kind": "answer", "node": "w", "form": {}}, at=600)
    assert gone.problems() == ["flow_calendar_unknown"]
    assert gone.state["sla"]["sla"]["used"] == 30 * MINUTE, "it ran round the clock"


def test_a_clock_whose_calendar_comes_back_runs_in_it_and_may_complain_anew() -> None:
    play = Play(covered("ghost"))
    play.act("pool:1", "claim", "ann", at=10)
    world = play.world
    play.world = SandboxWorld({**ORG, "calendars": [{"id": "ghost", "days": "mon-sun", "hours": ["09:00-21:00"],
                                                 "tz": "Asia/Shanghai"}]})
    play.act("h:1", "ask", "ann", at=30)
    assert "told" not in play.state["sla"]["sla"]
    play.world = world
    play.send({"kind": "answer", "node": "w", "form": {}}, at=40)
    assert play.problems() == ["flow_calendar_unknown"] * 2
