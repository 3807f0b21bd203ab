"""Calls, messages, the customer, loops, escalation, missing types: every way out is taken."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Conflict, Denied, Invalid
from tests.flows.kit import AGENTS, MINUTE, ORG, START, Play, flow, node

BOSS = [{"role": "boss", "of": "form.f_store"}]


# ---- action.webhook -------------------------------------------------------------------------------------------------

WEBHOOK = flow(
    node(
        "pay",
        "action.webhook",
        {
            "connector": "erp",
            "path": "/orders/{{form.f_body}}",
            "body": {"n": "{{form.f_sum}}", "t": "总计 {{form.f_sum}} 元", "gone": "{{form.f_when}}", "fix": [1, True]},
            "retry": {"max": 5, "backoff": "PT1M"},
            "timeout": "PT10S",
        },
    ),
    node("h", "task.handle", {"assignee": [{"person": "ann"}], "actions": [{"port": "done"}]}),
    edges="t:out>pay pay:out>end pay:error>h h:done>end",
)


@pytest.mark.parametrize(("ok", "stands"), [(True, []), (False, ["h"])])
def test_a_call_goes_on_with_its_answer(ok: bool, stands: list[str]) -> None:
    play = Play(WEBHOOK, form={"f_body": "A1", "f_sum": "12.50"})
    assert play.did("job") == [
        {
            "do": "job",
            "job": "pay:1",
            "node": "pay",
            "name": "webhook",
            "args": {
                "connector": "erp",
                "method": "POST",
                "path": "/orders/A1",
                "body": {"n": "12.50", "t": "总计 12.50 元", "gone": None, "fix": [1, True]},
            },
            "retry": {"max": 5, "backoff_ms": MINUTE},
            "timeout_ms": 10_000,
        }
    ]
    play.send({"kind": "job", "job": "pay:1", "ok": ok, "result": {}, "error": "" if ok else "HTTP 500"}, at=1)
    assert play.at == stands
    assert play.send({"kind": "job", "job": "pay:1", "ok": ok, "result": {}, "error": ""}, at=2).ignored


def test_chips_are_replaced_and_never_evaluated() -> None:
    play = Play(WEBHOOK, form={"f_body": "x", "f_sum": "{{form.f_body}}{{7*7}} __class__"})
    assert play.did("job")[0]["args"]["body"]["t"] == "总计 {{form.f_body}}{{7*7}} __class__ 元"


@pytest.mark.parametrize(("said", "path"), [
    ("../../admin?all=1", "/orders/..%2F..%2Fadmin%3Fall%3D1"), ("%2e%2e/x#y", "/orders/%252e%252e%2Fx%23y"),
    ("订单 1", "/orders/%E8%AE%A2%E5%8D%95%201"), (7, "/orders/7"), ("", "/orders/"), (["a", "b"], "/orders/a%0Ab"),
])
def test_what_a_customer_wrote_is_one_part_of_the_path(said: object, path: str) -> None:
    play = Play(WEBHOOK, form={"f_body": said})
    assert play.did("job")[0]["args"]["path"] == path


@pytest.mark.parametrize(("config", "where"), [
    ({"path": "orders"}, "path"), ({"path": "//evil.example/"}, "path"), ({"path": "/a/../b"}, "path"),
    ({"path": "/%2e%2E/b"}, "path"), ({"path": "/a/./b"}, "path"), ({"path": "{{form.f_body}}"}, "path"),
    ({"timeout": "PT0S"}, "timeout"), ({"timeout": "PT31S"}, "timeout"), ({"timeout": "P1D"}, "timeout"),
])
def test_a_call_that_cannot_be_made_is_refused_when_the_flow_is_read(config: dict[str, str], where: str) -> None:
    with pytest.raises(Invalid) as caught:
        flow(node("pay", "action.webhook", {"connector": "erp", **config}), edges="t:out>pay pay:out>end pay:error>end")
    assert [problem.where for problem in caught.value.problems] == [f"nodes[1].config.{where}"]


def test_a_call_without_a_path_goes_to_the_connectors_own_address() -> None:
    play = Play(flow(node("pay", "action.webhook", {"connector": "erp"}),
                     edges="t:out>pay pay:out>end pay:error>end"))
    assert play.did("job")[0]["args"]["path"] == "/"


# ---- notify ---------------------------------------------------------------------------------------------------------

LADDER = flow(
    node(
        "n",
        "notify.staff",
        {
            "to": AGENTS,
            "template": "hot",
            "ladder": [
                {"after": "PT0M", "via": "wecom"},
                {"after": "PT5M", "if": "unread", "via": "mention"},
                {"after": "PT15M", "via": "voice"},
            ],
        },
    ),
    node("pool", "task.claim", {"candidates": AGENTS}),
    edges="t:out>n n:out>pool pool:claimed>end",
)


def test_the_ladder_rises_beside_the_flow_for_those_who_have_not_read() -> None:
    play = Play(LADDER)
    assert play.at == ["pool"]
    assert sorted(play.state["timers"].values()) == [START + 5 * MINUTE, START + 15 * MINUTE]
    first = play.did("message")[0]["message"]
    play.send({"kind": "read", "message": first, "by": "ann"}, at=1)
    assert play.send({"kind": "read", "message": first, "by": "ann"}, at=2).ignored
    play.timer("n:1:+1", at=5)
    assert [(m["to"]["person"], m["via"]) for m in play.last.effects if m["do"] == "message"] == [("bob", "mention")]
    play.timer("n:1:+2", at=15)
    assert [m["to"]["person"] for m in play.last.effects if m["do"] == "message"] == ["ann", "bob"]
    assert len({m["message"] for m in play.did("message")}) == 5


def test_the_ladder_ends_with_the_ticket() -> None:
    play = Play(LADDER)
    play.act("pool:1", "claim", "ann")
    assert play.state["timers"] == {}
    assert play.timer("n:1:+1", at=5).ignored


def test_a_notice_without_a_ladder_goes_by_wecom_and_to_nobody_is_told() -> None:
    told = Play(
        flow(node("n", "notify.staff", {"to": [{"person": "ann"}], "template": "x"}), edges="t:out>n n:out>end")
    )
    assert [(m["via"], m["to"]) for m in told.did("message")] == [("wecom", {"person": "ann"})]
    lost = Play(
        flow(node("n", "notify.staff", {"to": [{"role": "ghost"}], "template": "x"}), edges="t:out>n n:out>end")
    )
    assert lost.problems() == ["flow_nobody"]
    assert lost.state["status"] == "closed"


TELL = {"channels": ["mini_program", "sms"], "template": "result"}


def test_the_customer_is_told_on_every_channel_or_the_error_taken() -> None:
    wired = flow(
        node("n", "notify.customer", TELL),
        node("e", "flow.end", {"reason": "unreached"}),
        edges="t:out>n n:out>end n:error>e",
    )
    told = Play(wired)
    assert [(m["via"], m["to"]) for m in told.did("message")] == [
        ("mini_program", {"customer": True}),
        ("sms", {"customer": True}),
    ]
    unknown = Play(wired, customer={"id": None})
    assert unknown.state["reason"] == "unreached"
    loose = Play(flow(node("n", "notify.customer", TELL), edges="t:out>n n:out>end"), customer={"id": None})
    assert (loose.state["reason"], loose.problems()) == (None, ["flow_no_customer"])


# ---- wait.customer --------------------------------------------------------------------------------------------------

WAIT = flow(
    node("w", "wait.customer", {"fields": {"f_reply": "required"}, "timeout": "P3D", "channels": ["sms"]}),
    node("late", "flow.end", {"reason": "no_answer"}),
    edges="t:out>w w:received>end w:timeout>late",
)


def test_the_customer_answers() -> None:
    play = Play(WAIT)
    assert play.state["answers"] == {"w": ["1"]}
    assert play.did("message")[0]["template"] == "rate_invite"
    play.send({"kind": "answer", "node": "w", "form": {"f_store": "s1", "f_reply": "好"}}, at=1)
    assert (play.state["status"], play.state["reason"]) == ("closed", None)
    assert play.log[-1]["actor"]["type"] == "customer"
    with pytest.raises(Conflict, match="ticket_closed"):
        play.send({"kind": "answer", "node": "w", "form": {}}, at=2)


def test_the_customer_does_not_answer() -> None:
    play = Play(WAIT)
    with pytest.raises(Conflict, match="not_asked"):
        play.send({"kind": "answer", "node": "late", "form": {}})
    play.timer("w:1:timeout", at=3 * 24 * 60)
    assert play.state["reason"] == "no_answer"


# ---- flow.loop and assign.escalate ----------------------------------------------------------------------------------

LOOP = flow(
    node("pool", "task.claim", {"candidates": AGENTS}),
    node("again", "flow.loop", {"max": 2, "avoid_previous_owner": True}),
    edges="t:out>pool pool:claimed>again again:again>pool again:exhausted>end",
)


def test_a_loop_counts_and_asks_somebody_else() -> None:
    play = Play(LOOP)
    play.act("pool:1", "claim", "ann")
    assert play.state["ticket"]["owner"] is None
    with pytest.raises(Denied, match="task_avoided"):
        play.act("pool:2", "claim", "ann")
    play.act("pool:2", "claim", "bob")
    play.act("pool:3", "claim", "ann")
    assert (play.state["status"], play.state["visits"]["again"]) == ("closed", 3)


def test_who_is_alone_may_do_it_again() -> None:
    alone = {**ORG, "people": [ORG["people"][0]]}
    play = Play(LOOP, org=alone)
    play.act("pool:1", "claim", "ann")
    play.act("pool:2", "claim", "ann")


def escalation(**config: Any) -> Any:
    return flow(
        node("pool", "task.claim", {"candidates": AGENTS}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        node("sla", "timer.sla", {"due": "PT1H", "levels": [{"port": "l1", "at": "50%"}]}, attach=["h"]),
        node("up", "assign.escalate", {"to": BOSS, "set": {"vars.priority": "red"}, **config}),
        edges="t:out>pool pool:claimed>h h:done>end sla:l1>up",
    )


@pytest.mark.parametrize(("keep", "owner", "assignee"), [(True, "ann", "ann"), (False, "bob", "bob")])
def test_escalation_brings_the_superior_in(keep: bool, owner: str, assignee: str) -> None:
    play = Play(escalation(keep_old=keep))
    play.act("pool:1", "claim", "ann")
    play.timer("sla:l1#1", at=30)
    assert play.state["vars"]["priority"] == "red"
    assert play.did("message")[-1]["to"] == {"person": "bob"}
    assert (play.state["ticket"]["owner"], play.state["tasks"]["h:1"]["assignee"]) == (owner, assignee)
    assert play.events("escalated")[0]["delta"] == {"to": ["bob"], "from": "ann", "keep_old": keep}


def test_escalation_to_nobody_is_told_and_the_rest_is_done() -> None:
    play = Play(escalation(to=[{"role": "ghost"}]))
    play.act("pool:1", "claim", "ann")
    play.timer("sla:l1#1", at=30)
    assert play.problems() == ["flow_nobody"]
    assert (play.state["vars"]["priority"], play.state["ticket"]["owner"]) == ("red", "ann")


# ---- the rest -------------------------------------------------------------------------------------------------------


def test_a_missing_type_parks_visibly_and_can_be_retried() -> None:
    broken = flow(node("x", "acme.robot", {"a": 1}), edges="t:out>x x:out>end")
    play = Play(broken)
    assert play.state["status"] == "open"
    assert [entry["code"] for entry in play.state["parked"]] == ["flow_type_missing"]
    repaired = flow(node("x", "flow.loop", {}), edges="t:out>x x:again>end")
    play.flow = repaired
    play.send({"kind": "retry", "node": "x", "by": "adm"}, at=5)
    assert play.state["status"] == "closed"
