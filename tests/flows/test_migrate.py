"""A ticket under another version of its flow: what comes along, what ends, what is refused and why."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.core.errors import Invalid
from app.flows.engine import decide
from app.flows.migrate import misnamed, refusals
from app.flows.model import Flow
from app.flows.schema import load_flow
from tests.flows.kit import AGENTS, MINUTE, SOURCES, START, TYPES, Play, catalog, definition, node

Change = Callable[[dict[str, Any]], object]


def data() -> dict[str, Any]:
    """Claim, two branches (a task; a call of another system), a ladder, a vote; a clock over the task."""
    return definition(
        node("pool", "task.claim", {"candidates": AGENTS, "timeout": "PT10M"}),
        node("note", "notify.staff", {"to": AGENTS, "template": "x", "ladder": [{"after": "PT9H", "via": "wecom"}]}),
        node("fork", "branch.parallel", {"branches": [{"port": "a"}, {"port": "b"}], "join": "join"}),
        node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "ok"}],
                                     "may": ["add_sign", "recall"]}),
        node("call", "action.webhook", {"connector": "erp"}),
        node("join", "branch.join", {"fork": "fork", "mode": "all"}),
        node("vote", "task.approval", {"approvers": AGENTS, "mode": "all"}),
        node("sla", "timer.sla", {"due": "PT1H", "levels": [{"port": "l1", "at": "50%"}]}, attach=["work"]),
        edges="t:out>pool pool:claimed>note pool:timeout>end note:out>fork fork:a>work fork:b>call work:ok>join "
              "call:out>join call:error>join join:out>vote vote:approved>end vote:rejected>end",
    )


def load(raw: dict[str, Any]) -> Flow:
    return load_flow(raw, catalog(), TYPES, sources=SOURCES)


def renamed(raw: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The same flow with another id for a step."""
    raw = json.loads(json.dumps(raw))
    of(raw, old)["id"] = new
    text = json.dumps(raw).replace(f'"{old}:', f'"{new}:').replace(f'"join": "{old}"', f'"join": "{new}"')
    return dict(json.loads(text.replace(f'"attach": ["{old}"]', f'"attach": ["{new}"]')))


def of(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in raw["nodes"] if row["id"] == name)


def at_work() -> Play:
    """A ticket that ann has claimed: both branches are under way."""
    play = Play(load(data()))
    play.act("pool:1", "claim", "ann", 1)
    return play


def move(play: Play, raw: dict[str, Any], moves: dict[str, str] | None = None, at: float = 10) -> Play:
    new, old = load(raw), play.flow
    play.world.state = play.state
    signal = {"kind": "migrate", "by": "adm", "old": old, "moves": moves or {}, "delta": {}}
    play.last = decide(new, play.state, signal, START + round(at * MINUTE), play.world)
    play.flow, play.state = new, play.last.state
    return play


def test_what_stays_as_it_was_is_left_alone() -> None:
    play = at_work()
    before = {part: play.state[part] for part in ("tokens", "tasks", "timers", "jobs", "sla", "visits")}
    raw = data()
    raw["nodes"].append(node("extra", "task.handle", {"assignee": AGENTS, "actions": [{"port": "ok"}]}))
    raw["edges"].append({"id": "e99", "from": "extra:ok", "to": "end:in"})
    move(play, raw)
    assert {part: play.state[part] for part in before} == before
    assert [event["kind"] for event in play.last.events] == ["flow.upgraded"] and not play.last.effects


def test_a_renamed_step_keeps_its_people_opinions_and_clock() -> None:
    play = at_work()
    play.act("work:1", "add_sign", "ann", 2, to="bob", note="?", when="before")
    due = play.state["due"]
    move(play, renamed(data(), "work", "job"), {"work": "job"})
    task = play.state["tasks"]["job:2"]
    assert (task["assignee"], task["held"]) == ("ann", ["job:2:s1"])
    assert play.state["tasks"]["job:2:s1"]["asks"] == "job:2"
    assert play.state["due"] == due and play.state["sla"]["sla"]["used"] == 9 * MINUTE
    assert play.state["timers"]["sla:l1#2"] == START + 31 * MINUTE
    play.act("job:2:s1", "agree", "bob", 11)
    play.act("job:2", "ok", "ann", 12)
    assert play.at == ["call", "join"]


def test_a_clock_with_another_time_goes_on_from_what_it_used() -> None:
    raw = data()
    of(raw, "sla")["config"]["due"] = "PT20M"
    play = move(at_work(), raw)
    assert play.state["due"] == START + 21 * MINUTE
    del raw["nodes"][[row["id"] for row in raw["nodes"]].index("sla")]
    move(play, raw)
    assert play.state["sla"] == {} and play.state["due"] is None
    assert all(not timer.startswith("sla:") for timer in play.state["timers"])


def test_buttons_that_changed_open_the_task_anew() -> None:
    raw = data()
    of(raw, "work")["config"]["actions"].append({"port": "no"})
    raw["edges"].append({"id": "e98", "from": "work:no", "to": "join:in"})
    play = move(at_work(), raw)
    opened = next(effect for effect in play.last.effects if effect["do"] == "task.open")
    assert [button["port"] for button in opened["actions"]] == ["ok", "no"] and opened["assignee"] == "ann"
    play.act("work:2", "no", "ann", 11)
    assert play.at == ["call", "join"]


def test_a_timer_keeps_its_time() -> None:
    play = move(Play(load(data())), renamed(data(), "pool", "grab"), {"pool": "grab"}, at=4)
    assert play.state["timers"] == {"grab:2:timeout": START + 10 * MINUTE}
    play.timer("grab:2:timeout", 10)
    assert play.state["status"] == "closed"


def test_variables_come_and_go() -> None:
    raw = data()
    raw["vars"] = [{"key": "priority", "type": "number", "default": 5},
                   {"key": "fresh", "type": "text", "default": "x"}]
    play = move(at_work(), raw)
    assert play.state["vars"] == {"priority": 5, "fresh": "x"}
    assert play.state["apart"] == {"count": "0", "priority": "normal"}
    move(play, data())
    assert (play.state["vars"], play.state["apart"]) == (
        {"priority": "normal", "count": "0"}, {"fresh": "x", "priority": 5})


def test_reminders_of_a_step_that_is_gone_end() -> None:
    play = at_work()
    assert any(timer.startswith("note:") for timer in play.state["timers"])
    move(play, renamed(data(), "note", "tell"))
    assert not any(timer.startswith("note:") for timer in play.state["timers"])


def test_what_is_parked_stays_parked_wherever_it_is_put() -> None:
    raw = data()
    raw["edges"] = [edge for edge in raw["edges"] if edge["from"] != "pool:timeout"]
    play = Play(load(raw))
    play.timer("pool:1:timeout", 10)
    assert [row["node"] for row in play.state["parked"]] == ["pool"]
    fixed = data()
    move(play, fixed, {"pool": "vote"}, at=11)
    assert [row["node"] for row in play.state["parked"]] == ["vote"] and not play.state["tasks"]
    play.send({"kind": "retry", "node": "vote", "by": "adm"}, 12)
    assert sorted(play.state["tasks"]) == ["vote:3:1", "vote:3:2"]


def _gone(raw: dict[str, Any]) -> None:
    raw.update(renamed(raw, "work", "job"))


def _other_kind(raw: dict[str, Any]) -> None:
    of(raw, "call").update(type="notify.staff", config={"to": AGENTS, "template": "x"})
    raw["edges"] = [edge for edge in raw["edges"] if edge["from"] != "call:error"]


def _other_branches(raw: dict[str, Any]) -> None:
    of(raw, "fork")["config"]["branches"] = [{"port": "a"}, {"port": "c"}]
    next(edge for edge in raw["edges"] if edge["from"] == "fork:b")["from"] = "fork:c"


@pytest.mark.parametrize(("change", "moves", "code", "where"), [
    (_gone, {}, "migrate_gone", "work"),
    (_other_kind, {}, "migrate_type", "call"),
    (_other_branches, {}, "migrate_block", "fork"),
    (lambda raw: raw.update(renamed(raw, "join", "meet")), {"join": "meet"}, "migrate_block", "fork"),
    (lambda raw: raw.update(renamed(raw, "call", "ring")), {"call": "ring"}, "migrate_job", "call"),
    (lambda raw: raw.update(renamed(raw, "note", "tell")), {"note": "tell"}, "migrate_reminders", "note"),
])
def test_what_cannot_come_along_is_refused(change: Change, moves: dict[str, str], code: str, where: str) -> None:
    play, raw = at_work(), data()
    change(raw)
    before = play.state
    with pytest.raises(Invalid) as refused:
        move(play, raw, moves)
    found = [(problem.code, problem.where) for problem in refused.value.problems]
    assert found == [(code, where)] and play.state is before
    for locale in ("zh", "en"):
        assert "{" not in refused.value.problems[0].message(locale)


def test_a_vote_that_is_under_way_keeps_its_rule() -> None:
    play = at_work()
    play.act("work:1", "ok", "ann", 2)
    play.send({"kind": "job", "job": "call:1", "ok": True, "result": {}}, 3)
    raw = data()
    of(raw, "vote")["config"]["mode"] = "any"
    assert [problem.code for problem in refusals(play.flow, load(raw), play.state, {})] == ["migrate_settings"]


def test_a_map_names_steps_that_exist_and_no_chain() -> None:
    old = load(data())
    found = misnamed([old], old, {"ghost": "pool", "pool": "nowhere", "work": "pool"})
    assert {(problem.code, problem.where) for problem in found} == {
        ("migrate_unknown", "ghost"), ("migrate_no_target", "pool"), ("migrate_chain", "ghost"),
        ("migrate_chain", "work")}
