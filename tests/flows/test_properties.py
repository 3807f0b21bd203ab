"""Whatever happens in whatever order, a ticket is never lost, never torn and never changed behind somebody's back."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Problem
from app.flows.engine import decide
from app.flows.model import Flow
from app.flows.sandbox import SandboxWorld
from tests.flows.kit import AGENTS, MINUTE, ORG, RESTAURANT, START, complaint, flow, node


def someone(*ports: str) -> dict[str, Any]:
    return {"assignee": AGENTS, "actions": [{"port": port} for port in ports], "may": ["transfer", "comment", "cc"]}


def knotted() -> Flow:
    """Blocks within blocks, returns out of them, every join, every approval, timers and jobs in branches."""
    return flow(
        node("start", "task.claim", {"candidates": AGENTS, "timeout": "PT10M"}),
        node("f", "branch.parallel", {"branches": [{"port": "a"}, {"port": "b"}, {"port": "c"}], "join": "j"}),
        node("g", "branch.parallel", {"branches": [{"port": "a"}, {"port": "b"}], "join": "k"}),
        node("x", "task.handle", someone("ok", "back", "out")),
        node("y", "wait.customer", {"fields": {"f_reply": "edit"}, "timeout": "PT5M"}),
        node("k", "branch.join", {"fork": "g", "mode": "any"}),
        node("p", "action.webhook", {"connector": "erp"}),
        node("all", "task.approval", {"approvers": AGENTS, "mode": "all", "may": ["transfer"]}),
        node("turn", "task.approval", {"approvers": AGENTS, "mode": "turn", "same_person": "pass"}),
        node("j", "branch.join", {"fork": "f", "mode": "n", "n": 2}),
        node("again", "flow.loop", {"max": 2, "avoid_previous_owner": True}),
        node("auto", "assign.auto", {"strategy": "round_robin", "candidates": AGENTS}),
        node(
            "n",
            "notify.staff",
            {
                "to": AGENTS,
                "template": "x",
                "ladder": [{"after": "PT1M", "via": "wecom"}, {"after": "PT2M", "if": "unread", "via": "voice"}],
            },
        ),
        node("last", "task.handle", someone("ok", "lost")),
        node(
            "sla",
            "timer.sla",
            {
                "due": "PT1H",
                "pause_on": ["wait.customer"],
                "levels": [{"port": "l1", "at": "10%"}, {"port": "l2", "at": "100%"}],
            },
            attach=["x", "all", "last"],
        ),
        node("up", "assign.escalate", {"to": [{"role": "boss", "of": "form.f_store"}]}),
        node("boss", "task.handle", someone("ok")),
        edges="t:out>start start:claimed>f start:timeout>auto auto:out>f f:a>g g:a>x g:b>y x:ok>k x:back>x x:out>start "
        "y:received>k y:timeout>k k:out>j f:b>p p:out>all p:error>all all:approved>j all:rejected>again f:c>turn "
        "turn:approved>j turn:rejected>end j:out>n n:out>last last:ok>end again:again>start again:exhausted>last "
        "sla:l1>up up:out>boss sla:l2>n",
    )


def choices(state: dict[str, Any], people: list[str], rng: Any) -> dict[str, Any]:
    """A signal: mostly one that makes sense now, sometimes one that does not."""
    person = rng(people)
    form = {
        **state["form"],
        "f_reply": rng(["a", "b", None]),
        "f_comp": rng(["1", "60000"]),
        "f_score": rng(["1", "5"]),
    }
    options: list[dict[str, Any]] = [
        {"kind": "timer", "timer": rng(["ghost:1:timeout", "sla:l1#99"])},
        {"kind": "job", "job": "ghost:1", "ok": True},
        {"kind": "comment", "by": person, "note": "n"},
        {"kind": "answer", "node": "ghost", "form": {}},
        {"kind": "act", "task": "ghost:1", "action": "claim", "by": person},
        {"kind": "retry", "node": "ghost", "by": person},
    ]
    for key, task in state["tasks"].items():
        for action in (
            "claim",
            "ok",
            "back",
            "out",
            "lost",
            "approve",
            "reject",
            "submit",
            "return",
            "reopen",
            "done",
            "transfer",
            "cc",
        ):
            by = task["assignee"] if task["assignee"] and rng([True, True, False]) else person
            options.append(
                {"kind": "act", "task": key, "action": action, "by": by, "form": form, "to": rng(people), "note": "n"}
            )
    options += [{"kind": "timer", "timer": key} for key in state["timers"]] * 2
    options += [{"kind": "job", "job": key, "ok": rng([True, False]), "result": {}} for key in state["jobs"]] * 3
    options += [{"kind": "answer", "node": name, "form": form} for name in state["answers"]] * 3
    options += [{"kind": "read", "message": key, "by": person} for key in state["messages"]]
    options += [{"kind": "act", "task": key, "action": "claim", "by": person} for key in state["done"]]
    if rng(list(range(25))) == 0:
        options = [{"kind": "withdraw", "by": None, "note": ""}]
    return rng(options)


def sound(played: Flow, state: dict[str, Any], effects: list[dict[str, Any]]) -> None:
    """The invariants of a state, and that the effects tell the same story."""
    assert json.loads(json.dumps(state)) == state
    tokens, tasks = state["tokens"], state["tasks"]
    waiting = {task["token"] for task in tasks.values()} | {job["token"] for job in state["jobs"].values()}
    waiting |= {token for tokens_asked in state["answers"].values() for token in tokens_asked}
    assert waiting <= set(tokens)
    for key in state["timers"]:
        name, visit, rest = ([*key.split(":"), ""] + [""])[:3]
        if not played.nodes[name].type.attaches and not rest.startswith("+"):
            mine = [token for token, entry in tokens.items() if (entry["node"], str(entry["visit"])) == (name, visit)]
            assert mine, f"the timer {key} belongs to nobody"
            waiting.add(mine[0])
    if state["status"] == "open":
        assert any(not token.get("side") for token in tokens.values())
        for key, token in tokens.items():
            assert key in waiting or token.get("parked") or token.get("arrived"), f"{token} waits for nothing"
            assert token["node"] in played.nodes
    else:
        assert tokens == tasks == state["timers"] == state["jobs"] == state["answers"] == {}
    opened = {effect["task"] for effect in effects if effect["do"] == "task.open"}
    closed = [effect["task"] for effect in effects if effect["do"] == "task.close"]
    assert len(closed) == len(set(closed))
    assert opened - set(closed) == set(tasks)
    armed = [effect["timer"] for effect in effects if effect["do"] == "timer.arm"]
    assert len(armed) == len(set(armed))
    assert set(state["timers"]) <= set(armed)
    gone = {effect["timer"] for effect in effects if effect["do"] == "timer.cancel"}
    assert gone.isdisjoint(state["timers"])
    assert gone <= set(armed)
    assert sum(effect["do"] == "ticket.close" for effect in effects) == (state["status"] != "open")
    sent = [effect["message"] for effect in effects if effect["do"] == "message"]
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize(
    ("played", "org", "trigger", "store"),
    [(complaint(), RESTAURANT, "t_mini", "st_hz1"), (knotted(), ORG, "t", "s1")],
    ids=["restaurant", "knotted"],
)
def test_no_sequence_of_signals_corrupts_a_ticket(played: Flow, org: dict[str, Any], trigger: str, store: str) -> None:
    people = [person["id"] for person in org["people"]] + ["ghost"]

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 2**32), st.integers(1, 40))
    def run(seed: int, length: int) -> None:
        rng = random.Random(seed).choice
        world = SandboxWorld(org)
        state: dict[str, Any] = {}
        effects: list[dict[str, Any]] = []
        now = START
        signal: dict[str, Any] = {
            "kind": "start",
            "trigger": trigger,
            "customer": {"id": "c"},
            "ticket": {},
            "form": {"f_store": store, "f_body": rng(["异物", "慢"])},
        }
        for _ in range(length):
            before = json.dumps(state, sort_keys=True)
            world.state = state
            try:
                decision = decide(played, state, signal, now, world)
            except Problem:
                assert json.dumps(state, sort_keys=True) == before
            else:
                assert json.dumps(state, sort_keys=True) == before
                if decision.ignored:
                    assert decision.state == state and not decision.effects and not decision.events
                else:
                    again = decide(played, json.loads(before), signal, now, world)
                    assert (again.state, again.effects, again.events) == (
                        decision.state,
                        decision.effects,
                        decision.events,
                    )
                    state = decision.state
                    effects += decision.effects
                    sound(played, state, effects)
            now += rng([0, 30_000, MINUTE, 20 * MINUTE])
            signal = choices(state, people, rng)

    run()
