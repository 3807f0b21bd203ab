"""Every way out of assigning and claiming, in the sandbox and live, ways and limits included."""
from __future__ import annotations

from typing import Any

from flask import Flask

from app.org import profiles
from app.org.access import SYSTEM
from tests.flows.nodes.kit import HOUR, ORG, Live, definition, node, problems, simulated, ways

AGENTS = [{"role": "cs_agent"}]
TABLE = {"columns": [{"ref": "form.f_store", "attr": "region"}, {"ref": "form.f_sum"}],
         "rows": [{"is": [["hz", "华东"], [">=500"]], "to": [{"person": "a2"}]}]}
SKILLED = {**ORG, "people": [{**one, "skills": {"英语": 3}} if one["id"] == "a2" else one for one in ORG["people"]]}


def assigning(**config: Any) -> dict[str, Any]:
    """Somebody, who does it, or nobody."""
    return definition(
        node("auto", "assign.auto", {"candidates": AGENTS, **config}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges="t:out>auto auto:out>h auto:none>other h:done>end")


def test_an_assignment_finds_somebody(desk: Flask) -> None:
    flow = assigning(ways=[{"strategy": "skill", "needs": [{"skill": "英语"}]}, {"strategy": "table", "table": TABLE}])
    told = simulated(flow, org=SKILLED, expect={"owner": "a2", "waiting": ["h"]})
    assert ways(told.events) == ["t:out", "auto:out"]
    told = simulated(flow, {"f_store": "st_hz1", "f_sum": "600"}, expect={"owner": "a2"})
    assert ways(told.events)[-1] == "auto:out"
    profiles.save("a2", skills="英语", place="", shift="", actor=SYSTEM)
    live = Live(desk, flow)
    ticket = live.open()
    assert ways(live.events(ticket)) == ["t:out", "auto:out"]
    live.act(ticket, "a2", "h", "done")
    assert ways(live.events(ticket))[-1] == "h:done"


def test_an_assignment_goes_out_by_none_when_nobody_may_have_more(desk: Flask) -> None:
    nobody = assigning(candidates=[{"person": "a1"}], max_open_per_person=1, on_duty=True)
    busy = {**ORG, "people": [{**one, "open_tasks": 1} for one in ORG["people"]]}
    assert ways(simulated(nobody, org=busy, expect={"status": "cancelled"}).events)[-1] == "auto:none"
    live = Live(desk, nobody)
    assert ways(live.events(live.open())) == ["t:out", "auto:out"]
    late = live.open()
    assert ways(live.events(late)) == ["t:out", "auto:none"] and problems(live.events(late)) == []


def test_a_pool_is_claimed_from_or_waited_out(desk: Flask) -> None:
    flow = definition(
        node("pool", "task.claim", {"candidates": AGENTS, "timeout": "PT1H", "max_per_day": 1, "cool_down": "PT10M",
                                    "guard": {"waiting": 50, "how": "tell", "tell": AGENTS}}),
        edges="t:out>pool pool:claimed>end pool:timeout>other")
    claimed = simulated(flow, script=[{"as": "a1", "do": "claim"}], expect={"owner": "a1", "status": "closed"})
    assert ways(claimed.events)[-1] == "pool:claimed"
    assert ways(simulated(flow, until="PT2H", expect={"status": "cancelled"}).events)[-1] == "pool:timeout"
    live = Live(desk, flow)
    first, second = live.open(), live.open()
    live.act(first, "a1", "pool", "claim")
    assert ways(live.events(first))[-1] == "pool:claimed"
    live.later(HOUR)
    assert ways(live.events(second))[-1] == "pool:timeout"
