"""Send back, ask somebody, have it done, take back, urge: each where it applies, each refused where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Conflict, Denied, Problem, has_text
from app.flows.scenario import load_scenarios
from app.flows.simulate import simulate
from app.flows.takeback import recallable
from app.flows.verbs import returns
from tests.flows.kit import AGENTS, HOUR, MINUTE, START, Play, flow, node

MAY = ["transfer", "delegate", "add_sign", "return_to", "recall", "comment", "cc"]
ANN, BOB = [{"person": "ann"}], [{"person": "bob"}]


def work(id: str, who: Any = ANN, *ports: str, **more: Any) -> dict[str, Any]:
    rows = [{"port": port} for port in ports or ("ok",)]
    return node(id, "task.handle", {"assignee": who, "actions": rows, "may": MAY, **more})


def vote(id: str, mode: str, who: Any = AGENTS, **more: Any) -> dict[str, Any]:
    return node(id, "task.approval", {"approvers": who, "mode": mode, "may": MAY, **more})


def refused(kind: type[Problem], code: str, call: Any) -> None:
    with pytest.raises(kind) as got:
        call()
    assert got.value.code == code
    assert has_text(code)


def three() -> Play:
    """a (ann) → b (bob) → c (ann), which is open."""
    play = Play(flow(work("a"), work("b", BOB), work("c"), edges="t:out>a a:ok>b b:ok>c c:ok>end"))
    play.act("a:1", "ok", "ann")
    play.act("b:1", "ok", "bob")
    return play


def blocks() -> Play:
    """Before → (x → y | z) → after; y and z are open."""
    play = Play(flow(
        work("before"), node("f", "branch.parallel", {"branches": [{"port": "l"}, {"port": "r"}], "join": "j"}),
        work("x"), work("y"), work("z", BOB), node("j", "branch.join", {"fork": "f"}), work("after"),
        edges="t:out>before before:ok>f f:l>x x:ok>y y:ok>j f:r>z z:ok>j j:out>after after:ok>end",
    ))
    play.act("before:1", "ok", "ann")
    play.act("x:1", "ok", "ann")
    return play


class TestReturn:
    def test_any_step_that_somebody_did(self) -> None:
        play = three()
        assert returns(play.flow, play.state, "c:1") == ["a", "b"]
        play.act("c:1", "return_to", "ann", to="a", note="金额不对")
        assert play.at == ["a"]
        assert play.state["done"]["c:1"] == ["return_to", "ann"]
        told = play.events("task.returned")[0]
        assert told["delta"] == {"task": "c:1", "to": "a", "note": "金额不对"}
        for key, who in (("a:2", "ann"), ("b:2", "bob"), ("c:2", "ann")):
            play.act(key, "ok", who)
        assert play.state["status"] == "closed"

    def test_whoever_did_it_gets_it_again(self) -> None:
        play = Play(flow(work("a", AGENTS), work("b", [{"person": "max"}]), edges="t:out>a a:ok>b b:ok>end"))
        play.act("a:1", "ok", "bob")
        play.act("b:1", "return_to", "max", to="a", note="补照片")
        assert play.state["tasks"]["a:2"]["assignee"] == "bob"

    def test_it_is_refused_without_a_reason_to_nowhere_and_to_what_was_not_passed(self) -> None:
        play = three()
        refused(Problem, "return_reason", lambda: play.act("c:1", "return_to", "ann", to="a", note="  "))
        refused(Conflict, "return_where", lambda: play.act("c:1", "return_to", "ann", to="c", note="x"))
        refused(Conflict, "return_where", lambda: play.act("c:1", "return_to", "ann", to="end", note="x"))
        refused(Conflict, "return_where", lambda: play.act("c:1", "return_to", "ann", note="x"))
        refused(Denied, "task_not_yours", lambda: play.act("c:1", "return_to", "bob", to="a", note="x"))
        fresh = Play(flow(work("a"), edges="t:out>a a:ok>end"))
        refused(Conflict, "return_nowhere", lambda: fresh.act("a:1", "return_to", "ann", to="a", note="x"))

    def test_only_where_the_step_allows_it(self) -> None:
        play = Play(flow(work("a"), work("b", may=[]), edges="t:out>a a:ok>b b:ok>end"))
        play.act("a:1", "ok", "ann")
        refused(Problem, "flow_unknown_action", lambda: play.act("b:1", "return_to", "ann", to="a", note="x"))

    def test_within_its_branch_the_other_branches_go_on(self) -> None:
        play = blocks()
        assert returns(play.flow, play.state, "y:1") == ["before", "x"]
        play.act("z:1", "ok", "bob")
        assert returns(play.flow, play.state, "y:1") == ["before", "x"]  # z is another branch's
        play.act("y:1", "return_to", "ann", to="x", note="再查")
        assert play.at == ["j", "x"]
        play.act("x:2", "ok", "ann")
        play.act("y:2", "ok", "ann")
        assert play.at == ["after"]

    def test_out_of_the_block_the_other_branches_are_cancelled(self) -> None:
        play = blocks()
        play.act("y:1", "return_to", "ann", to="before", note="整单重来")
        assert play.at == ["before"]
        assert play.state["done"]["z:1"] == ["cancelled", None]
        play.act("before:2", "ok", "ann")
        assert play.at == ["x", "z"]

    def test_into_a_block_that_is_over_only_that_branch_runs_again(self) -> None:
        play = blocks()
        play.act("y:1", "ok", "ann")
        play.act("z:1", "ok", "bob")
        assert returns(play.flow, play.state, "after:1") == ["before", "x", "y", "z"]
        play.act("after:1", "return_to", "ann", to="z", note="z 的结果不对")
        assert play.at == ["z"]
        play.act("z:2", "ok", "bob")
        assert play.at == ["after"]

    def test_never_to_a_step_that_only_a_clock_leads_to(self) -> None:
        """The way from there may end without an end: a ticket brought there stood, and each retry left it there."""
        play = Play(flow(
            work("a"), work("b", BOB), work("boss"), node("up", "assign.escalate", {"to": BOB}),
            node("sla", "timer.sla", {"due": "PT1H", "levels": [{"port": "late", "at": "100%"}]}, attach=["b"]),
            edges="t:out>a a:ok>b b:ok>end sla:late>boss boss:ok>up"))
        play.act("a:1", "ok", "ann")
        play.timer("sla:late#1", 60)
        play.act("boss:1", "ok", "ann", 61)
        assert returns(play.flow, play.state, "b:1") == ["a"]
        refused(Conflict, "return_where", lambda: play.act("b:1", "return_to", "bob", to="boss", note="x"))

    def test_votes_of_others_end_with_it(self) -> None:
        play = Play(flow(work("a"), vote("v", "all"), edges="t:out>a a:ok>v v:approved>end v:rejected>end"))
        play.act("a:1", "ok", "ann")
        play.act("v:1:2", "return_to", "bob", to="a", note="缺发票")
        assert play.at == ["a"]
        assert list(play.state["tasks"]) == ["a:2"]

    def test_timers_of_the_step_end_ladders_go_on_and_the_sla_keeps_what_it_used(self) -> None:
        play = Play(flow(
            work("a"), node("n", "notify.staff", {"to": BOB, "template": "x", "ladder": [
                {"after": "PT0S", "via": "wecom"}, {"after": "PT2H", "if": "unread", "via": "voice"}]}),
            work("b"), node("sla", "timer.sla", {"due": "PT4H", "levels": [{"port": "late", "at": "100%"}]},
                            attach=["b"]),
            edges="t:out>a a:ok>n n:out>b b:ok>end",
        ))
        play.act("a:1", "ok", "ann")
        assert set(play.state["timers"]) == {"n:1:+1", "sla:late#1"}
        play.act("b:1", "return_to", "ann", 60, to="a", note="x")
        assert set(play.state["timers"]) == {"n:1:+1"}
        assert play.state["sla"]["sla"]["used"] == HOUR
        play.act("a:2", "ok", "ann", 90)
        assert play.state["timers"]["sla:late#2"] == START + 90 * MINUTE + 3 * HOUR


class TestSign:
    def test_before_me_it_comes_back_with_what_they_said(self) -> None:
        play = three()
        play.act("c:1", "add_sign", "ann", to="bob", note="价格合适吗")
        sign = play.state["tasks"]["c:1"]["held"][0]
        assert sign == "c:1:s1"
        assert play.did("task.open")[-1]["actions"][0]["port"] == "agree"
        refused(Conflict, "task_held", lambda: play.act("c:1", "ok", "ann"))
        refused(Denied, "task_not_yours", lambda: play.act(sign, "agree", "ann"))
        refused(Problem, "sign_reason", lambda: play.act(sign, "disagree", "bob"))
        play.act(sign, "disagree", "bob", note="太贵")
        assert play.events("sign.given")[0]["delta"] == {
            "task": sign, "asks": "c:1", "action": "disagree", "note": "太贵"}
        assert [message["template"] for message in play.did("message")] == ["sign_asked", "sign_given"]
        play.act("c:1", "ok", "ann")  # the decision stays with whoever asked
        assert play.state["status"] == "closed"

    def test_all_who_are_asked_must_have_answered(self) -> None:
        play = three()
        play.act("c:1", "add_sign", "ann", to="bob")
        play.act("c:1", "add_sign", "ann", to="max")
        play.act("c:1:s1", "agree", "bob")
        refused(Conflict, "task_held", lambda: play.act("c:1", "ok", "ann"))
        play.act("c:1:s2", "agree", "max")
        play.act("c:1", "ok", "ann")
        assert play.state["status"] == "closed"

    def test_after_me_agreement_lets_it_go_on(self) -> None:
        play = three()
        play.act("c:1", "add_sign", "ann", to="max", when="after", note="请过目")
        assert "c:1:s1" not in play.state["tasks"]
        play.act("c:1", "ok", "ann", note="已办")
        assert sorted(play.state["tasks"]) == ["c:1", "c:1:s1"]
        refused(Conflict, "task_held", lambda: play.act("c:1", "ok", "ann"))
        play.act("c:1:s1", "agree", "max")
        assert play.state["status"] == "closed"
        assert play.state["done"]["c:1"] == ["ok", "ann"]
        assert play.events("task.done")[-1]["delta"]["note"] == "已办"

    def test_after_me_disagreement_brings_it_back(self) -> None:
        play = three()
        for person in ("max", "bob"):
            play.act("c:1", "add_sign", "ann", to=person, when="after")
        play.act("c:1", "ok", "ann")
        play.act("c:1:s1", "disagree", "max", note="没说清")
        assert list(play.state["tasks"]) == ["c:1"]
        play.act("c:1", "ok", "ann")
        assert play.state["status"] == "closed"

    def test_a_voter_may_ask_too_and_the_vote_stays_theirs(self) -> None:
        play = Play(flow(vote("v", "all"), edges="t:out>v v:approved>end v:rejected>end"))
        play.act("v:1:1", "add_sign", "ann", to="max")
        play.act("v:1:2", "approve", "bob")
        play.act("v:1:s1", "agree", "max")
        play.act("v:1:1", "approve", "ann")
        assert play.state["status"] == "closed"

    def test_it_is_refused_to_oneself_twice_and_without_end(self) -> None:
        play = three()
        refused(Conflict, "sign_self", lambda: play.act("c:1", "add_sign", "ann", to="ann"))
        refused(Problem, "flow_person_unknown", lambda: play.act("c:1", "add_sign", "ann", to="gone"))
        refused(Problem, "flow_not_an_option", lambda: play.act("c:1", "add_sign", "ann", to="bob", when="never"))
        play.act("c:1", "add_sign", "ann", to="bob")
        refused(Conflict, "sign_twice", lambda: play.act("c:1", "add_sign", "ann", to="bob", when="after"))

    def test_who_asked_may_take_the_question_back(self) -> None:
        play = three()
        play.act("c:1", "add_sign", "ann", to="bob")
        play.act("c:1", "add_sign", "ann", to="max", when="after")
        assert recallable(play.state, "ann") == ["c:1"]
        play.act("c:1", "recall", "ann")
        assert list(play.state["tasks"]) == ["c:1"]
        play.act("c:1", "ok", "ann")
        assert play.state["status"] == "closed"

    def test_one_of_many_who_asks_has_the_task(self) -> None:
        play = Play(flow(work("a", AGENTS), edges="t:out>a a:ok>end"))
        play.act("a:1", "add_sign", "bob", to="max")
        assert play.state["tasks"]["a:1"]["assignee"] == "bob"


class TestDelegate:
    def test_somebody_does_it_for_me_and_history_says_so(self) -> None:
        play = three()
        play.act("c:1", "delegate", "ann", to="max", note="出差")
        refused(Denied, "task_not_yours", lambda: play.act("c:1", "ok", "ann"))
        play.act("c:1", "ok", "max")
        assert play.events("task.done")[-1]["delta"]["for"] == "ann"
        assert play.events("task.done")[-1]["actor"]["id"] == "max"

    def test_a_vote_given_for_me_counts_as_mine(self) -> None:
        play = Play(flow(vote("v", "all"), edges="t:out>v v:approved>end v:rejected>end"))
        play.act("v:1:1", "delegate", "ann", to="bob")
        play.act("v:1:1", "approve", "bob")
        play.act("v:1:2", "approve", "bob")
        assert play.state["status"] == "closed"

    def test_it_stays_mine_however_often_it_is_passed_on(self) -> None:
        play = three()
        play.act("c:1", "delegate", "ann", to="max")
        play.act("c:1", "delegate", "max", to="eve")
        assert play.state["tasks"]["c:1"]["behalf"] == "ann"
        assert recallable(play.state, "ann") == ["c:1"]
        play.act("c:1", "recall", "ann")
        assert play.state["tasks"]["c:1"]["assignee"] == "ann"
        assert "behalf" not in play.state["tasks"]["c:1"]

    def test_back_to_me_it_is_for_nobody(self) -> None:
        play = three()
        play.act("c:1", "delegate", "ann", to="max")
        play.act("c:1", "delegate", "max", to="ann")
        assert "behalf" not in play.state["tasks"]["c:1"]
        refused(Conflict, "transfer_to_same", lambda: play.act("c:1", "delegate", "ann", to="ann"))

    def test_handed_over_it_is_somebody_elses_own(self) -> None:
        play = three()
        play.act("c:1", "delegate", "ann", to="max")
        play.act("c:1", "transfer", "max", to="eve")
        play.act("c:1", "ok", "eve")
        assert "for" not in play.events("task.done")[-1]["delta"]


class TestRecall:
    def test_while_nobody_has_acted_the_step_is_mine_again(self) -> None:
        play = three()
        assert recallable(play.state, "bob") == ["b:1"]
        play.act("b:1", "recall", "bob")
        assert play.at == ["b"]
        assert play.state["done"]["c:1"] == ["cancelled", None]
        assert play.state["tasks"] == {"b:1#2": {
            "node": "b", "token": "1", "kind": "handle", "n": 0, "assignee": "bob", "groups": [], "people": []}}
        play.act("b:1#2", "ok", "bob")
        play.act("c:2", "ok", "ann")
        assert play.state["status"] == "closed"

    def test_once_somebody_has_acted_it_is_too_late(self) -> None:
        play = three()
        refused(Conflict, "recall_late", lambda: play.act("a:1", "recall", "ann"))
        refused(Denied, "recall_not_yours", lambda: play.act("b:1", "recall", "ann"))
        refused(Conflict, "recall_nothing", lambda: play.act("c:1", "recall", "ann"))
        refused(Denied, "recall_not_yours", lambda: play.act("ghost:1", "recall", "ann"))
        play.act("c:1", "ok", "ann")
        refused(Conflict, "recall_late", lambda: play.act("c:1", "recall", "ann"))

    def test_a_handed_over_or_commented_task_has_not_been_acted_on(self) -> None:
        play = three()
        play.act("c:1", "comment", "ann", note="看了")
        play.act("c:1", "transfer", "ann", to="max")
        play.act("b:1", "recall", "bob")
        assert play.at == ["b"]

    def test_out_of_a_fork_all_branches_come_back_together(self) -> None:
        play = blocks()
        assert recallable(play.state, "ann") == ["x:1"]
        fresh = Play(play.flow)
        fresh.act("before:1", "ok", "ann")
        fresh.act("before:1", "recall", "ann")
        assert fresh.at == ["before"]
        fresh.act("before:1#2", "ok", "ann")
        assert fresh.at == ["x", "z"]
        fresh.act("z:2", "ok", "bob")
        refused(Conflict, "recall_late", lambda: fresh.act("before:1#2", "recall", "ann"))

    def test_what_waits_in_the_join_comes_out_again(self) -> None:
        play = blocks()
        play.act("z:1", "ok", "bob")
        play.act("z:1", "recall", "bob")
        assert play.at == ["y", "z"]
        play.act("z:1#2", "ok", "bob")
        play.act("y:1", "ok", "ann")
        assert play.at == ["after"]
        refused(Conflict, "recall_late", lambda: play.act("y:1", "recall", "ann"))  # the others are gone

    def test_a_vote_is_given_anew_and_those_of_others_stand(self) -> None:
        play = Play(flow(vote("v", "all"), edges="t:out>v v:approved>end v:rejected>end"))
        play.act("v:1:1", "approve", "ann")
        play.act("v:1:1", "recall", "ann")
        assert sorted(play.state["tasks"]) == ["v:1:1#2", "v:1:2"]
        play.act("v:1:2", "approve", "bob")
        refused(Denied, "recall_not_yours", lambda: play.act("v:1:1", "recall", "bob"))
        play.act("v:1:1#2", "approve", "ann")
        assert play.state["status"] == "closed"

    def test_the_vote_that_decided_can_be_taken_back_with_the_others_standing(self) -> None:
        play = Play(flow(vote("v", "all"), work("last"), edges="t:out>v v:approved>last v:rejected>end last:ok>end"))
        play.act("v:1:2", "approve", "bob")
        play.act("v:1:1", "approve", "ann")
        assert play.at == ["last"]
        play.act("v:1:1", "recall", "ann")
        assert list(play.state["tasks"]) == ["v:1:1#2"]
        play.act("v:1:1#2", "reject", "ann")
        assert play.state["status"] == "closed"

    def test_in_turn_the_next_one_is_not_asked_any_more(self) -> None:
        play = Play(flow(vote("v", "turn"), edges="t:out>v v:approved>end v:rejected>end"))
        play.act("v:1:1", "approve", "ann")
        assert list(play.state["tasks"]) == ["v:1:2"]
        play.act("v:1:1", "recall", "ann")
        assert list(play.state["tasks"]) == ["v:1:1#2"]
        play.act("v:1:1#2", "approve", "ann")
        assert [task["assignee"] for task in play.state["tasks"].values()] == ["bob"]
        play.act(next(iter(play.state["tasks"])), "approve", "bob")
        assert play.state["status"] == "closed"

    def test_not_when_another_system_was_asked(self) -> None:
        play = Play(flow(work("a"), node("pay", "action.webhook", {"connector": "erp"}), work("b"),
                         edges="t:out>a a:ok>pay pay:out>b pay:error>b b:ok>end"))
        play.act("a:1", "ok", "ann")
        assert recallable(play.state, "ann") == []
        refused(Conflict, "recall_called", lambda: play.act("a:1", "recall", "ann"))
        play.send({"kind": "job", "job": "pay:1", "ok": True})
        refused(Conflict, "recall_late", lambda: play.act("a:1", "recall", "ann"))

    def test_the_customers_answer_and_a_timer_make_it_too_late(self) -> None:
        asked = flow(work("a"), node("w", "wait.customer", {"fields": {"f_reply": "edit"}, "timeout": "PT5M"}),
                     work("b"), edges="t:out>a a:ok>w w:received>b w:timeout>b b:ok>end")
        for signal in ({"kind": "answer", "node": "w", "form": {}}, {"kind": "timer", "timer": "w:1:timeout"}):
            play = Play(asked)
            play.act("a:1", "ok", "ann")
            play.send(signal)
            refused(Conflict, "recall_late", lambda play=play: play.act("a:1", "recall", "ann"))
        play = Play(asked)
        play.act("a:1", "ok", "ann")
        play.act("a:1", "recall", "ann")
        assert play.state["timers"] == play.state["answers"] == {}

    def test_the_owner_is_who_it_was(self) -> None:
        play = Play(flow(node("pool", "task.claim", {"candidates": AGENTS}), work("a", [{"ref": "ticket.owner"}]),
                         node("up", "assign.escalate", {"to": [{"person": "max"}]}), work("b", [{"person": "max"}]),
                         edges="t:out>pool pool:claimed>a a:ok>up up:out>b b:ok>end"))
        play.act("pool:1", "claim", "bob")
        play.act("a:1", "ok", "bob")
        assert play.state["ticket"]["owner"] == "max"
        play.act("a:1", "recall", "bob")
        assert play.state["ticket"]["owner"] == "bob"

    def test_a_return_can_be_taken_back_unless_it_cancelled_others(self) -> None:
        play = three()
        play.act("c:1", "return_to", "ann", to="b", note="x")
        play.act("c:1", "recall", "ann")
        assert list(play.state["tasks"]) == ["c:1#2"]
        play = blocks()
        play.act("y:1", "return_to", "ann", to="before", note="x")
        refused(Conflict, "recall_late", lambda: play.act("y:1", "recall", "ann"))

    def test_a_step_that_does_not_allow_it_keeps_nothing(self) -> None:
        play = Play(flow(work("a", may=["transfer"]), work("b"), edges="t:out>a a:ok>b b:ok>end"))
        play.act("a:1", "ok", "ann")
        assert play.state["back"] == {}
        refused(Conflict, "recall_late", lambda: play.act("a:1", "recall", "ann"))


def test_a_script_says_each_of_them() -> None:
    def do(who: str, what: str, at: str = "", **more: Any) -> dict[str, Any]:
        return {"after": "PT31M", "as": who, "do": what, **({"node": at} if at else {}), **more}

    script = [
        do("ann", "ok", "a"), do("bob", "ok", "b"), do("bob", "recall"), do("bob", "ok", "b"),
        do("ann", "return_to", "c", to="a", note="再看看"), do("ann", "ok", "a"), do("bob", "delegate", "b", to="max"),
        do("max", "add_sign", "b", to="eve", note="行吗"), do("eve", "agree", "b"), do("max", "ok", "b"),
        do("ann", "add_sign", "c", to="max", when="after"), do("customer", "urge", note="急"), do("ann", "ok", "c"),
        do("max", "disagree", "c", note="不行"), do("ann", "ok", "c"),
    ]
    expect = {"status": "closed", "path": ["t", "a", "b", "c", "c", "a", "b", "c", "end"],
              "sent": [{"to": "ann", "template": "urged"}, {"to": "max", "template": "task_delegated"}]}
    data = {"schema": "danflow/scenarios/1", "org": {"people": [
        {"id": id, "roles": [{"role": "agent"}]} for id in ("ann", "bob", "max", "eve")]},
        "scenarios": [{"name": "s", "script": script, "expect": expect}]}
    loaded = load_scenarios(data)
    played = simulate(three().flow, loaded.scenarios[0], loaded.org, lambda *_: {})
    assert [(problem.where, problem.code, problem.params) for problem in played.failures] == []
