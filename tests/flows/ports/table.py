"""Small flows with scenarios that together take every way out drawn in them. A new type of step needs rows here.

A scenario is what the sandbox knows (danflow/scenarios/1). `given` is what the live company needs besides, for what the
sandbox is told by `mocks` and `org`: {"before": n} tickets that are already open, {"erp": [status, …]} what the other
system answers, {"group": "gone"} a chat group that is no more.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.flows.nodes.kit import ORG, definition, node

PHONE = "13800138000"
DEPARTMENTS: list[dict[str, Any]] = [
    {"id": "service", "parent": "company", "leader": "a2"}, {"id": "company", "leader": "hq"}]
CLERK: dict[str, Any] = {"id": "b1", "name": "毕", "department": "service", "roles": [{"role": "visitor"}]}
PEOPLE = [*ORG["people"], {"id": "hq", "name": "何", "roles": [{"role": "hq_ops"}]}, CLERK]
COMPANY = {**ORG, "people": PEOPLE, "departments": DEPARTMENTS}
BUSY = {**ORG, "people": [{**one, "open_tasks": int(one["id"] == "hq")} for one in PEOPLE]}
NOBODY = {"customer": {"id": ""}}
A1 = [{"person": "a1"}]


@dataclass(frozen=True)
class Row:
    """One flow and its scenarios, each with what it is given live."""

    name: str
    flow: dict[str, Any]
    scenarios: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)


def scenario(form: dict[str, Any] | None = None, *, given: dict[str, Any] | None = None,
             **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A scenario without its name, and what it is given live."""
    return {"form": form or {}, **more}, given or {}


def did(action: str, at: str, **more: Any) -> dict[str, Any]:
    """The first agent does something at a step."""
    return {"as": "a1", "node": at, "do": action, **more}


def handle(id: str, *ports: str) -> dict[str, Any]:
    """The first agent's work, left by any of these."""
    return node(id, "task.handle", {"assignee": A1, "actions": [{"port": port} for port in ports]})


def opened_by(kind: str, **config: Any) -> Row:
    """A ticket that this trigger opens."""
    flow = definition(edges="t:out>end")
    flow["nodes"][0].update(type=kind, config=config)
    return Row(kind, flow, [scenario({"f_what": "要续费"})])


def equals(ref: str, value: str) -> dict[str, Any]:
    """A condition."""
    return {"all": [{"ref": ref, "op": "eq", "value": value}]}


def answered(key: str) -> list[dict[str, Any]]:
    """What goes where, of what somebody tells."""
    return [{"to": "form.f_what", "take": key}]


#: What the sub-ticket is: over at once, or never where the matter is called slow.
CHILD = definition(
    node("b", "branch.condition", {"cases": [{"port": "slow", "when": equals("form.f_what", "慢")}]}),
    handle("fix", "done"), edges="t:out>b b:else>end b:slow>fix fix:done>end")

TRIGGERS = [  # the public form opens all the others
    opened_by("trigger.chat_sidebar", fields={"*": "edit"}),
    opened_by("trigger.api", map=answered("what")),
    opened_by("trigger.keyword", words=["续费"], map=answered("message.text")),
    opened_by("trigger.crm_event", event="tag_added", which=["要续费"], map=answered("event.name")),
    opened_by("trigger.schedule", times=[{"every": "day", "at": "09:00"}], defaults={"f_what": "要续费"}),
]

DATA = [
    Row("classify, condition", definition(
        node("c", "data.classify", {"source": ["form.f_what"], "else": {"vars.word": "cold"}, "rules": [
            {"any_of": ["异物"], "set": {"vars.word": "hot"}}, {"any_of": ["慢"], "set": {"vars.word": "warm"}}]}),
        node("b", "branch.condition", {"cases": [{"port": word, "when": equals("vars.word", word)}
                                                 for word in ("hot", "warm")]}),
        edges="t:out>c c:out>b b:hot>end b:warm>end b:else>other"),
        [scenario({"f_what": what}) for what in ("菜里有异物", "上菜慢", "你好")]),
    Row("set, parallel, join", definition(
        node("p", "branch.parallel", {"branches": [{"port": "a"}, {"port": "b"}], "join": "j"}),
        node("x", "data.set", {"set": [{"to": "vars.word", "value": "x"}]}),
        handle("h", "done"), node("j", "branch.join", {"fork": "p"}),
        edges="t:out>p p:a>x x:out>j p:b>h h:done>j j:out>end"),
        [scenario(script=[did("done", "h")])]),
    Row("lookup", definition(
        node("look", "data.lookup", {"in": "system", "connector": "erp", "path": "/goods/{{form.f_what}}",
                                     "retry": {"max": 0}}),
        edges="t:out>look look:found>end look:none>other look:error>other"),
        [scenario({"f_what": port}, mocks={"look": port}) for port in ("found", "none", "error")]),
    Row("dedupe", definition(
        node("d", "data.dedupe", {"by": ["form.f_what"], "within": "P1D"}), handle("h", "done"),
        edges="t:out>d d:new>h d:merged>other h:done>end"),
        [scenario({"f_what": "A1"}, script=[did("done", "h")]),
         scenario({"f_what": "A2"}, mocks={"d": "merged"}, given={"before": 1})]),
]

PEOPLES = [
    Row("assign", definition(
        node("auto", "assign.auto", {"candidates": [{"person": "hq"}], "max_open_per_person": 1}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges="t:out>auto auto:out>h auto:none>other h:done>end"),
        [scenario(script=[{**did("done", "h"), "as": "hq"}]), scenario(org=BUSY, given={"before": 1})]),
    Row("claim", definition(
        node("pool", "task.claim", {"candidates": [{"role": "cs_agent"}], "timeout": "PT1H"}),
        edges="t:out>pool pool:claimed>end pool:timeout>other"),
        [scenario(script=[did("claim", "pool")]), scenario(until="PT2H")]),
    Row("handle, loop", definition(
        handle("h", "done", "return", "give_up"), node("again", "flow.loop", {"max": 1}),
        edges="t:out>h h:done>end h:return>again again:again>h again:exhausted>other h:give_up>other"),
        [scenario(script=[did("return", "h"), did("return", "h")]), scenario(script=[did("done", "h")]),
         scenario(script=[did("give_up", "h")])]),
    Row("approval", definition(
        node("ask", "task.approval", {"approvers": A1}), edges="t:out>ask ask:approved>end ask:rejected>other"),
        [scenario(script=[did("approve", "ask")]), scenario(script=[did("reject", "ask", note="不行")])]),
    Row("approval up the line", definition(
        node("h", "task.handle", {"assignee": [{"person": "b1"}], "actions": [{"port": "done"}]}),
        node("ask", "task.approval", {"mode": "up", "levels": 3}),
        edges="t:out>h h:done>ask ask:approved>end ask:rejected>other"),
        [scenario(script=[{**did("done", "h"), "as": "b1"}, {**did("approve", "ask"), "as": "a2"},
                          {**did(last, "ask", note="n"), "as": "hq"}]) for last in ("approve", "reject")]),
    Row("sla, escalate", definition(
        handle("h", "done"),
        node("sla", "timer.sla", {"due": "PT2H", "levels": [
            {"port": "half", "at": "50%"}, {"port": "all", "at": "PT2H"}, {"port": "late", "at": "150%"},
        ]}, attach=["h"]),
        node("tell", "notify.staff", {"to": A1, "template": "sla_remind"}),
        node("up", "assign.escalate", {"to": [{"person": "a2"}], "keep_old": True}),
        node("more", "notify.staff", {"to": A1, "template": "sla_remind"}),
        edges="t:out>h h:done>end sla:half>tell sla:all>up up:out>more sla:late>more"),
        [scenario(script=[did("done", "h", after="PT4H")])]),
]

OUTSIDE = [
    Row("notify staff and customer", definition(
        node("s", "notify.staff", {"to": A1, "template": "complaint_red"}),
        node("c", "notify.customer", {"channels": ["sms"], "template": "complaint_result"}),
        edges="t:out>s s:out>c c:out>end c:error>other"), [scenario(), scenario(**NOBODY)]),
    Row("notify group", definition(
        node("n", "notify.group", {"group": "华东客诉群", "note": "有新单"}), edges="t:out>n n:out>end n:error>other"),
        [scenario(), scenario(mocks={"n": "error"}, given={"group": "gone"})]),
    Row("delay", definition(node("d", "timer.delay", {"for": "PT1H"}), edges="t:out>d d:out>end"),
        [scenario(until="PT2H")]),
    Row("wait for the customer", definition(
        node("w", "wait.customer", {"fields": {"f_reply": "required"}, "timeout": "PT1H"}),
        edges="t:out>w w:received>end w:timeout>other"),
        [scenario(script=[{"node": "w", "do": "answer", "form": {"f_reply": "好"}}]), scenario(until="PT2H")]),
    Row("wait for an event", definition(
        node("w", "wait.event", {"event": "order.paid", "key": "{{form.f_what}}", "timeout": "PT1H"}),
        edges="t:out>w w:received>end w:timeout>other"),
        [scenario({"f_what": "N1"}, script=[{"node": "w", "do": "event", "form": {"sum": "1"}}]),
         scenario({"f_what": "N2"}, until="PT2H")]),
    Row("call a system", definition(
        node("w", "action.webhook", {"connector": "erp", "path": "/pay", "body": {"sum": "1"}, "retry": {"max": 0}}),
        edges="t:out>w w:out>end w:error>other"),
        [scenario(), scenario(mocks={"w": "error"}, given={"erp": [500]})]),
    Row("change the customer", definition(
        node("c", "action.crm", {"changes": [{"do": "tag", "value": "来过"}]}),
        edges="t:out>c c:out>end c:error>other"),
        [scenario(), scenario(**NOBODY)]),
    Row("sub-ticket", definition(
        node("s", "flow.subticket", {"ticket_type": "child", "timeout": "PT1H",
                                     "values": [{"field": "f_what", "value": "{{form.f_what}}"}]}),
        edges="t:out>s s:done>end s:timeout>other"),
        [scenario({"f_what": "快"}, mocks={"s": "done"}),
         scenario({"f_what": "慢"}, mocks={"s": "timeout"}, until="PT2H")]),
]

TABLE = [*TRIGGERS, *DATA, *PEOPLES, *OUTSIDE]
