"""Each node type: every way out is taken, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Conflict, Denied, Problem
from tests.flows.kit import AGENTS, MINUTE, ORG, START, Play, flow, node

BOSS = [{"role": "boss", "of": "form.f_store"}]


# ---- data.classify --------------------------------------------------------------------------------------------------

CLASSIFY = flow(
    node(
        "c",
        "data.classify",
        {
            "source": ["form.f_body", "ticket.chat_log"],
            "rules": [
                {"any_of": ["异物", "Police"], "set": {"vars.priority": "red"}},
                {"any_of": ["退款"], "set": {"vars.priority": "urgent"}},
            ],
            "else": {"vars.priority": "normal"},
        },
    ),
    node("pool", "task.claim", {"candidates": AGENTS}),
    edges="t:out>c c:out>pool pool:claimed>end",
)


@pytest.mark.parametrize(
    ("body", "priority"),
    [
        ("汤里有异物，退款", "red"),
        ("我要退款", "urgent"),
        ("call the ＰＯＬＩＣＥ", "red"),
        ("上菜慢", "normal"),
        (None, "normal"),
        (["退", "款"], "normal"),
    ],
)
def test_classify_takes_the_first_rule_with_a_word(body: Any, priority: str) -> None:
    play = Play(CLASSIFY, form={"f_body": body})
    assert play.state["vars"]["priority"] == priority
    assert play.at == ["pool"]


# ---- branch.condition -----------------------------------------------------------------------------------------------

CONDITION = flow(
    node(
        "c",
        "branch.condition",
        {
            "cases": [
                {"port": "broken", "when": {"ref": "form.f_sum", "op": "gt", "value": {"formula": "1/{{vars.count}}"}}},
                {"port": "vip", "when": {"ref": "customer.level", "op": "eq", "value": "VIP"}},
            ]
        },
    ),
    node("a", "task.claim", {"candidates": AGENTS}),
    node("b", "task.claim", {"candidates": AGENTS}),
    node("d", "task.claim", {"candidates": AGENTS}),
    edges="t:out>c c:broken>a c:vip>b c:else>d a:claimed>end b:claimed>end d:claimed>end",
)
PLAIN = flow(
    node(
        "c",
        "branch.condition",
        {
            "cases": [
                {"port": "big", "when": {"ref": "form.f_sum", "op": "gt", "value": "5"}},
                {"port": "vip", "when": {"ref": "customer.level", "op": "eq", "value": "VIP"}},
            ]
        },
    ),
    node("a", "task.claim", {"candidates": AGENTS}),
    node("b", "task.claim", {"candidates": AGENTS}),
    node("d", "task.claim", {"candidates": AGENTS}),
    edges="t:out>c c:big>a c:vip>b c:else>d a:claimed>end b:claimed>end d:claimed>end",
)


@pytest.mark.parametrize(("total", "level", "stands"), [("9", "VIP", "a"), ("5", "VIP", "b"), (None, None, "d")])
def test_condition_takes_the_first_case_that_holds(total: str | None, level: str | None, stands: str) -> None:
    play = Play(PLAIN, form={"f_sum": total}, customer={"level": level})
    assert play.at == [stands]
    assert [event["delta"]["holds"] for event in play.events("condition.checked")][-1] is (stands != "d")


def test_a_broken_condition_takes_the_default_and_says_so() -> None:
    play = Play(CONDITION, form={"f_sum": "1"}, customer={"level": "VIP"})
    assert play.at == ["d"]
    assert play.problems() == ["flow_condition_failed"]
    assert play.events("problem")[0]["delta"]["params"] == {"case": "broken", "error": "E_DIV0"}


# ---- task.claim -----------------------------------------------------------------------------------------------------

CLAIM = flow(
    node("pool", "task.claim", {"candidates": AGENTS, "max_open_per_person": 2, "timeout": "PT30M", "notice": "new"}),
    node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
    node("late", "task.handle", {"assignee": [{"role": "admin"}], "actions": [{"port": "done"}]}),
    edges="t:out>pool pool:claimed>h pool:timeout>late h:done>end late:done>end",
)


def test_the_first_claim_wins_and_the_second_learns_who() -> None:
    play = Play(CLAIM)
    assert play.state["tasks"]["pool:1"]["groups"] == ["agent@"]
    play.act("pool:1", "claim", "ann", at=1)
    assert (play.at, play.state["ticket"]["owner"]) == (["h"], "ann")
    assert play.state["timers"] == {}
    assert play.state["tasks"]["h:1"]["assignee"] == "ann"
    with pytest.raises(Conflict) as caught:
        play.act("pool:1", "claim", "bob", at=2)
    assert (caught.value.code, caught.value.params) == ("task_taken", {"name": "安"})


def test_who_is_no_candidate_cannot_claim() -> None:
    play = Play(CLAIM)
    with pytest.raises(Denied, match="task_not_candidate"):
        play.act("pool:1", "claim", "max")
    with pytest.raises(Denied, match="actor_inactive"):
        play.act("pool:1", "claim", "gone")
    with pytest.raises(Denied, match="actor_inactive"):
        play.act("pool:1", "claim", "nobody")
    assert play.at == ["pool"]


def test_who_has_enough_cannot_claim() -> None:
    busy = {
        **ORG,
        "people": [{**person, "open_tasks": 2} if person["id"] == "ann" else person for person in ORG["people"]],
    }
    play = Play(CLAIM, org=busy)
    with pytest.raises(Conflict) as caught:
        play.act("pool:1", "claim", "ann")
    assert (caught.value.code, caught.value.params) == ("claim_limit", {"max": 2})
    play.act("pool:1", "claim", "bob")


def test_nobody_claims_in_time() -> None:
    play = Play(CLAIM)
    assert play.state["timers"] == {"pool:1:timeout": START + 30 * MINUTE}
    assert [message["to"] for message in play.did("message")] == [{"person": "ann"}, {"person": "bob"}]
    play.timer("pool:1:timeout", at=30)
    assert play.at == ["late"]
    assert play.events("timer.fired")[0]["port"] == "timeout"
    with pytest.raises(Conflict, match="task_cancelled"):
        play.act("pool:1", "claim", "ann", at=31)


def test_a_pool_without_anybody_is_seen_and_not_lost() -> None:
    empty = {**ORG, "people": []}
    play = Play(CLAIM, org=empty)
    assert play.problems() == ["flow_nobody"]
    assert play.state["tasks"]["pool:1"]["groups"] == ["agent@"]


# ---- assign.auto ----------------------------------------------------------------------------------------------------


def auto(strategy: str, edges: str = "", **config: Any) -> Any:
    return flow(
        node("auto", "assign.auto", {"strategy": strategy, "candidates": AGENTS, **config}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges=f"t:out>auto auto:out>h h:done>end {edges}",
    )


def test_the_least_loaded_gets_it_and_why_is_kept() -> None:
    busy = {
        **ORG,
        "people": [{**person, "open_tasks": 3} if person["id"] == "ann" else person for person in ORG["people"]],
    }
    play = Play(auto("least_loaded"), org=busy)
    assert play.state["ticket"]["owner"] == "bob"
    assert play.events("assign.decided")[0]["delta"] == {
        "strategy": "least_loaded",
        "candidates": ["ann", "bob"],
        "scores": {"ann": 3, "bob": 0},
        "chosen": "bob",
        "reason": "strategy",
        "avoided": [],
    }
    assert play.did("ticket.owner") == [{"do": "ticket.owner", "person": "bob"}]


def test_round_robin_asks_whose_turn_it_is() -> None:
    played = auto("round_robin")
    play = Play(played)
    assert play.state["ticket"]["owner"] == "ann"
    play.state = {}
    play.send({"kind": "start", "trigger": "t", "form": {}, "customer": {}, "ticket": {}})
    assert play.state["ticket"]["owner"] == "bob"
    assert play.events("assign.decided")[-1]["delta"]["scores"] == {"ann": 1, "bob": 0}
    play.state = {}
    play.send({"kind": "start", "trigger": "t", "form": {}, "customer": {}, "ticket": {}}, at=1)
    assert play.state["ticket"]["owner"] == "ann"


def test_nobody_there_falls_back() -> None:
    play = Play(auto("least_loaded", fallback=[{"role": "admin"}], candidates=[{"role": "ghost"}]))
    assert play.state["ticket"]["owner"] == "adm"
    assert play.events("assign.decided")[0]["delta"]["reason"] == "fallback"


def test_nobody_at_all_takes_the_way_none() -> None:
    play = Play(auto("least_loaded", edges="auto:none>end", candidates=[{"role": "ghost"}]))
    assert play.state["status"] == "closed"


def test_nobody_at_all_and_no_way_waits_in_the_pool_of_the_role() -> None:
    play = Play(auto("least_loaded", candidates=[{"role": "ghost"}]))
    assert play.problems() == ["flow_nobody"]
    assert play.state["tasks"]["auto:1"]["groups"] == ["ghost@"]
    hired = {**ORG, "people": [*ORG["people"], {"id": "new", "name": "新", "roles": [{"role": "ghost"}]}]}
    play.world = type(play.world)(hired)
    play.act("auto:1", "claim", "new")
    assert (play.at, play.state["ticket"]["owner"]) == (["h"], "new")


def test_where_no_role_is_named_the_administrators_get_it() -> None:
    play = Play(auto("least_loaded", candidates=[{"person": "gone"}]))
    assert play.state["tasks"]["auto:1"]["groups"] == ["admin@"]


# ---- task.handle ----------------------------------------------------------------------------------------------------

HANDLE = flow(
    node(
        "h",
        "task.handle",
        {
            "assignee": [{"role": "manager", "of": "form.f_store"}],
            "fields": {"*": "read", "f_reply": "required"},
            "actions": [{"port": "submit"}, {"port": "return"}, {"port": "drop", "requires": False}],
            "may": ["transfer", "comment", "cc"],
        },
    ),
    node("r", "task.claim", {"candidates": AGENTS}),
    node("dropped", "flow.end", {"status": "rejected", "reason": "spam"}),
    edges="t:out>h h:submit>end h:return>r r:claimed>end h:drop>dropped",
)


@pytest.mark.parametrize(
    ("action", "status", "reason"), [("submit", "closed", None), ("return", "open", None), ("drop", "rejected", "spam")]
)
def test_each_action_is_a_way_out(action: str, status: str, reason: str | None) -> None:
    play = Play(HANDLE)
    play.act("h:1", action, "max", form={"f_store": "s1", "f_reply": "好"})
    assert (play.state["status"], play.state["reason"]) == (status, reason)
    assert play.state["form"]["f_reply"] == "好"
    assert play.events("form.changed")[0]["delta"] == {"fields": ["f_reply"]}
    assert play.events("task.done")[0]["port"] == action


def test_only_its_person_may_do_a_task_and_only_what_it_offers() -> None:
    play = Play(HANDLE)
    with pytest.raises(Denied) as caught:
        play.act("h:1", "submit", "ann")
    assert (caught.value.code, caught.value.params) == ("task_not_yours", {"name": "马"})
    with pytest.raises(Problem, match="flow_unknown_action"):
        play.act("h:1", "explode", "max")
    assert play.at == ["h"]


def test_a_task_is_handed_over() -> None:
    play = Play(HANDLE)
    play.act("h:1", "transfer", "max", to="ann", note="休假")
    assert play.state["tasks"]["h:1"]["assignee"] == "ann"
    assert play.did("task.assign") == [{"do": "task.assign", "task": "h:1", "assignee": "ann", "reason": "transfer"}]
    with pytest.raises(Denied, match="task_not_yours"):
        play.act("h:1", "submit", "max")
    with pytest.raises(Conflict, match="transfer_to_same"):
        play.act("h:1", "transfer", "ann", to="ann")
    for nobody in ("gone", "ghost", None):
        with pytest.raises(Problem, match="flow_person_unknown"):
            play.act("h:1", "transfer", "ann", to=nobody)
    play.act("h:1", "submit", "ann")
    assert play.state["status"] == "closed"


def test_comment_and_copy_change_nothing_else() -> None:
    play = Play(HANDLE)
    play.act("h:1", "comment", "max", note="已致电")
    play.act("h:1", "cc", "max", to="bob", note="请知悉")
    assert play.at == ["h"]
    assert play.events("comment")[0]["delta"] == {"note": "已致电"}
    assert play.did("message")[-1]["to"] == {"person": "bob"}
    with pytest.raises(Problem, match="comment_length"):
        play.act("h:1", "comment", "max", note=" ")


def test_what_the_step_does_not_allow_is_refused() -> None:
    strict = flow(
        node("h", "task.handle", {"assignee": [{"person": "ann"}], "actions": [{"port": "done"}]}),
        edges="t:out>h h:done>end",
    )
    play = Play(strict)
    with pytest.raises(Problem, match="flow_unknown_action"):
        play.act("h:1", "transfer", "ann", to="bob")


def test_several_people_share_a_task_until_one_does_it() -> None:
    shared = flow(
        node("h", "task.handle", {"assignee": [*AGENTS, {"person": "max"}], "actions": [{"port": "done"}]}),
        edges="t:out>h h:done>end",
    )
    play = Play(shared)
    task = play.state["tasks"]["h:1"]
    assert (task["assignee"], task["groups"], task["people"]) == (None, ["agent@"], ["max"])
    with pytest.raises(Denied, match="task_not_candidate"):
        play.act("h:1", "done", "eve")
    play.act("h:1", "done", "max")
    assert play.state["status"] == "closed"


def test_handle_falls_back_and_then_waits_visibly() -> None:
    config = {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}
    second = Play(
        flow(node("h", "task.handle", {**config, "fallback": [{"person": "max"}]}), edges="t:out>h h:done>end")
    )
    assert second.state["tasks"]["h:1"]["assignee"] == "max"
    last = Play(flow(node("h", "task.handle", config), edges="t:out>h h:done>end"))
    assert last.problems() == ["flow_nobody"]
    last.act("h:1", "done", "adm")
    assert last.state["status"] == "closed"
