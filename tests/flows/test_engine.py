"""Tokens: branches, joins, returns, loops that never stop, endings."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Conflict, Problem
from app.flows.base import NodeType, Port, Timer, Wait
from app.flows.ctx import Ctx
from app.flows.sandbox import SandboxWorld
from app.flows.schema import load_flow
from tests.flows.kit import AGENTS, ORG, SOURCES, TYPES, Play, catalog, complaint, definition, flow, node


def task(id: str, person: str = "ann", *ports: str, **more: Any) -> dict[str, Any]:
    return node(
        id,
        "task.handle",
        {"assignee": [{"person": person}], "actions": [{"port": port} for port in ports or ("ok",)], **more},
    )


def fork(*branches: str, join: str = "j", id: str = "f") -> dict[str, Any]:
    return node(id, "branch.parallel", {"branches": [{"port": branch} for branch in branches], "join": join})


def join(mode: str = "all", n: int = 1, id: str = "j", of: str = "f") -> dict[str, Any]:
    return node(id, "branch.join", {"fork": of, "mode": mode, "n": n})


def three(mode: str, n: int = 1) -> Play:
    return Play(
        flow(
            fork("a", "b", "c"),
            task("x"),
            task("y"),
            task("z"),
            join(mode, n),
            task("after"),
            edges="t:out>f f:a>x f:b>y f:c>z x:ok>j y:ok>j z:ok>j j:out>after after:ok>end",
        )
    )


@pytest.mark.parametrize(("mode", "n", "needed"), [("all", 1, 3), ("any", 1, 1), ("n", 2, 2), ("n", 20, 3)])
def test_a_join_goes_on_when_enough_have_come_and_cancels_the_rest(mode: str, n: int, needed: int) -> None:
    play = three(mode, n)
    assert play.at == ["x", "y", "z"]
    for done, name in enumerate(["y", "z", "x"], 1):
        assert "after" not in play.path
        play.act(f"{name}:1", "ok", "ann")
        if done == needed:
            break
    assert play.at == ["after"]
    assert list(play.state["tasks"]) == ["after:1"]
    assert play.path.count("j") == 1
    assert [token["scope"] for token in play.state["tokens"].values()] == [[]]
    assert len([effect for effect in play.did("task.close") if effect["outcome"] == "cancelled"]) == 3 - needed


def test_branches_are_walked_one_after_the_other() -> None:
    play = Play(complaint(), trigger="t_mini", form={"f_body": "异物"})
    assert play.path == ["t_mini", "classify", "is_hot", "fork", "n_sup", "n_mgr", "n_dlv", "join", "pool"]


def nested() -> Play:
    return Play(
        flow(
            fork("a", "b"),
            fork("c", "d", join="k", id="g"),
            task("x"),
            task("y"),
            task("z"),
            join("any", id="k", of="g"),
            join(),
            task("after"),
            edges="t:out>f f:a>g g:c>x g:d>y x:ok>k y:ok>k k:out>j f:b>z z:ok>j j:out>after after:ok>end",
        )
    )


def test_blocks_inside_blocks() -> None:
    play = nested()
    play.act("y:1", "ok", "ann")
    assert play.at == ["j", "z"]
    play.act("z:1", "ok", "ann")
    assert play.at == ["after"]
    assert play.path.count("k") == play.path.count("j") == 1


def test_a_return_out_of_a_block_cancels_the_other_branches() -> None:
    play = Play(
        flow(
            task("first"),
            fork("a", "b"),
            task("x", "ann", "ok", "back"),
            task("y"),
            join(),
            task("after"),
            edges="t:out>first first:ok>f f:a>x f:b>y x:ok>j x:back>first y:ok>j j:out>after after:ok>end",
        )
    )
    play.act("first:1", "ok", "ann")
    play.act("x:1", "back", "ann")
    assert play.at == ["first"]
    assert list(play.state["tasks"]) == ["first:2"]
    play.act("first:2", "ok", "ann")
    play.act("y:2", "ok", "ann")
    play.act("x:2", "ok", "ann")
    assert play.at == ["after"]


def test_a_return_inside_a_branch_leaves_the_others_alone() -> None:
    play = Play(
        flow(
            fork("a", "b"),
            task("x"),
            task("x2", "ann", "ok", "back"),
            task("y"),
            join(),
            edges="t:out>f f:a>x x:ok>x2 x2:ok>j x2:back>x f:b>y y:ok>j j:out>end",
        )
    )
    play.act("x:1", "ok", "ann")
    play.act("x2:1", "back", "ann")
    assert play.at == ["x", "y"]


def test_a_cancelled_branch_takes_its_timers_jobs_and_questions_along() -> None:
    play = Play(
        flow(
            fork("a", "b", "c", "d"),
            task("x"),
            node("w", "wait.customer", {"fields": {"f_reply": "edit"}, "timeout": "P1D"}),
            node("p", "action.webhook", {"connector": "erp"}),
            node("q", "task.claim", {"candidates": AGENTS, "timeout": "PT1H"}),
            join("any"),
            task("after"),
            edges="t:out>f f:a>x f:b>w f:c>p f:d>q x:ok>j w:received>j w:timeout>j p:out>j p:error>j q:claimed>j "
            "q:timeout>j "
            "j:out>after after:ok>end",
        )
    )
    play.act("x:1", "ok", "ann")
    for part in ("timers", "jobs", "answers"):
        assert play.state[part] == {}
    assert [effect["job"] for effect in play.did("job.cancel")] == ["p:1"]
    assert sorted(effect["timer"] for effect in play.did("timer.cancel")) == ["q:1:timeout", "w:1:timeout"]
    assert play.timer("w:1:timeout").ignored
    assert play.send({"kind": "job", "job": "p:1", "ok": True, "result": {}}).ignored


def test_two_branches_may_ask_the_customer_the_same() -> None:
    asked = node("w", "wait.customer", {"fields": {"f_reply": "edit"}})
    play = Play(flow(fork("a", "b"), asked, join(), edges="t:out>f f:a>w f:b>w w:received>j j:out>end"))
    assert (play.at, list(play.state["answers"])) == (["w", "w"], ["w"])
    play.send({"kind": "answer", "node": "w", "form": {"f_reply": "好"}})
    assert play.state["status"] == "closed"


def test_a_loop_that_waits_for_nobody_parks() -> None:
    play = Play(
        flow(
            node("l", "flow.loop", {}), node("m", "flow.loop", {}), edges="t:out>l l:again>m m:again>l l:exhausted>end"
        )
    )
    assert play.state["status"] == "open"
    assert [entry["code"] for entry in play.state["parked"]] == ["flow_too_many_steps"]
    assert len(play.log) < 2000


def test_a_way_out_that_leads_nowhere_parks() -> None:
    play = Play(flow(task("x", "ann", "ok", "oops"), edges="t:out>x x:ok>end"))
    play.act("x:1", "oops", "ann")
    assert play.state["parked"] == [{"node": "x", "code": "flow_open_port", "params": {"node": "x", "port": "oops"}}]
    assert play.state["tasks"] == {}
    play.send({"kind": "retry", "node": "x", "by": "adm"})
    assert play.state["parked"] == []
    play.act("x:2", "ok", "ann")
    with pytest.raises(Conflict, match="ticket_closed"):
        play.send({"kind": "retry", "node": "x", "by": "adm"})


@pytest.mark.parametrize("mistake", [
    KeyError("x"), TypeError("x"), ZeroDivisionError(), RuntimeError("x"), NotImplementedError(), AssertionError(),
    UnicodeDecodeError("utf-8", b"", 0, 1, "x"), None, "out",
], ids=repr)
def test_a_mistake_in_a_step_type_parks_the_ticket_there(mistake: Any) -> None:
    class Broken(NodeType):
        type, outputs = "acme.broken", (Port("out"),)

        def enter(self, ctx: Ctx, config: Any) -> Any:
            if isinstance(mistake, Exception):
                raise mistake
            return mistake

    known = catalog()
    known.nodes.add(("acme.broken", 1), Broken())
    drawn = definition(node("x", "acme.broken"), edges="t:out>x x:out>end")
    play = Play(load_flow(drawn, known, TYPES, sources=SOURCES))
    (parked,) = play.state["parked"]
    assert (parked["node"], parked["code"], parked["params"]["type"]) == ("x", "flow_step_broken", "acme.broken")
    assert play.problems() == ["flow_step_broken"]
    play.send({"kind": "withdraw", "by": "adm", "note": ""})
    assert play.state["status"] == "withdrawn"


def test_a_mistake_after_waiting_parks_the_ticket_too() -> None:
    class Broken(NodeType):
        type, outputs = "acme.broken", (Port("out"),)

        def enter(self, ctx: Ctx, config: Any) -> Any:
            return Wait((Timer("late", ctx.now + 60_000), Timer("word", ctx.now + 30_000, side=True)))

        def resume(self, ctx: Ctx, config: Any, answer: Any) -> Any:
            raise KeyError("x")

        def aside(self, ctx: Ctx, config: Any, name: str) -> Any:
            raise KeyError("y")

    known = catalog()
    known.nodes.add(("acme.broken", 1), Broken())
    drawn = definition(node("x", "acme.broken"), edges="t:out>x x:out>end")
    play = Play(load_flow(drawn, known, TYPES, sources=SOURCES))
    play.timer("x:1:+word", at=0.5)
    play.timer("x:1:late", at=1)
    # What stands beside the flow does not stop it; what the flow waits for does, where a person can see it.
    assert play.problems() == ["flow_step_broken", "flow_step_broken"]
    (parked,) = play.state["parked"]
    assert (parked["node"], parked["code"]) == ("x", "flow_step_broken")


def test_what_the_world_raises_is_no_mistake_of_the_step() -> None:
    class OutOfReach(Exception):
        """As database drivers raise it."""

    class World(SandboxWorld):
        def people(self, selectors: Any, state: Any) -> list[str]:
            raise OutOfReach

    play = Play(flow(task("x"), task("y"), edges="t:out>x x:ok>y y:ok>end"))
    play.world = World(ORG)
    with pytest.raises(OutOfReach):
        play.act("x:1", "ok", "ann")


def test_withdrawing_ends_everything_once() -> None:
    play = three("all")
    play.send({"kind": "withdraw", "by": None, "note": "点错了"})
    assert (play.state["status"], play.state["reason"]) == ("withdrawn", "点错了")
    assert play.state["tokens"] == play.state["tasks"] == play.state["timers"] == {}
    assert play.did("ticket.close") == [{"do": "ticket.close", "status": "withdrawn", "reason": "点错了"}]
    assert play.events("ticket.closed")[0]["actor"] == {"type": "customer", "id": ""}
    for signal in (
        {"kind": "withdraw", "by": None, "note": ""},
        {"kind": "act", "task": "x:1", "action": "ok", "by": "ann"},
        {"kind": "answer", "node": "x", "form": {}},
    ):
        with pytest.raises(Conflict, match="ticket_closed"):
            play.send(signal)
    play.send({"kind": "comment", "by": "ann", "note": "客户来电"})
    assert play.state["status"] == "withdrawn"


def test_what_makes_no_sense_is_refused() -> None:
    play = three("all")
    with pytest.raises(Problem, match="flow_unknown_signal"):
        play.send({"kind": "explode"})
    with pytest.raises(Conflict, match="ticket_started"):
        play.send({"kind": "start", "trigger": "t", "form": {}})
    with pytest.raises(Conflict, match="task_cancelled"):
        play.act("ghost:1", "ok", "ann")
    play.state = {}
    with pytest.raises(Problem, match="flow_not_a_trigger"):
        play.send({"kind": "start", "trigger": "x", "form": {}})
    with pytest.raises(Conflict, match="ticket_not_started"):
        play.act("x:1", "ok", "ann")


def test_every_event_says_who_and_every_key_is_used_once() -> None:
    play = Play(complaint(), trigger="t_mini", form={"f_body": "异物"}, org=None)
    play.timer("n_sup:1:+1", at=5)
    for event in play.log:
        assert set(event) <= {"kind", "node", "port", "edge", "token", "actor", "delta"}
        assert event["actor"]["type"] in ("person", "customer", "system", "timer")
    for do, key in (("task.open", "task"), ("timer.arm", "timer"), ("message", "message"), ("job", "job")):
        keys = [effect[key] for effect in play.did(do)]
        assert len(keys) == len(set(keys))
