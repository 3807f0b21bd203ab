"""Rules that choose people, played as live: tables, turns, limits a person, guards; by the flow's own step types."""
from __future__ import annotations

from typing import Any

import pytest

from app.flows.model import Flow
from app.flows.rehearse import Past, load_plan, model_of
from app.flows.rehearse.report import Report, facts_of
from app.flows.rehearse.run import run
from tests.flows.kit import flow, node
from tests.flows.rehearse.kit import HOUR, company

ALWAYS = {"calendar": "always"}
NOON = [0] * 12 + [1] + [0] * 11
AGENTS = [{"role": "agent"}]
HANDLE = node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]})


def assigned(**config: Any) -> Flow:
    """Assigned, then handled by whoever has it."""
    return flow(node("give", "assign.auto", {"candidates": AGENTS, **config}), HANDLE,
                edges="t:out>give give:out>work work:done>end")


def claimed(**config: Any) -> Flow:
    """Claimed, then handled by whoever did."""
    return flow(node("pool", "task.claim", {"candidates": AGENTS, **config}), HANDLE,
                edges="t:out>pool pool:claimed>work work:done>end")


def play(drawn: Flow, org: Any, past: Past | None = None, **plan: Any) -> tuple[Any, Any]:
    """A day of 60 tickets that come around noon, people at work round the clock."""
    staff = {"role:agent": ALWAYS, "role:helper": ALWAYS}
    model = model_of(drawn, org, load_plan({"tickets": 60, "seeds": 1, "curve": NOON, "staff": staff,
                                            "steps": {"work": {"likely": "PT5M"}, "pool": {"likely": "PT1S"}}, **plan}),
                     past)
    return model, run(model, 3)


def worked(model: Any, found: Any) -> dict[str, int]:
    """Person → ms of work."""
    return {worker.id: busy for worker, busy in zip(model.people, found.busy, strict=True) if busy}


# ---- whom a ticket goes to -------------------------------------------------------------------------------------------


def table(**more: Any) -> dict[str, Any]:
    return {"strategy": "table", "table": {
        "columns": [{"ref": "customer.level"}],
        "rows": [{"is": [["VIP"]], "to": [{"person": "p9"}]}, {"is": [["gold"]], "to": [{"person": "p1"}]}], **more}}


def test_a_decision_table_gives_each_ticket_to_the_people_of_its_row() -> None:
    org = company(3)
    org["people"].append({"id": "p9", "roles": []})
    drawn = assigned(ways=[table()])
    only = Past(values={"customer.level": ["VIP"]})
    model, found = play(drawn, org, only)
    assert set(worked(model, found)) == {"p9"}
    model, found = play(drawn, org, Past(values={"customer.level": ["gold", "none"]}))
    busy = worked(model, found)
    assert "p9" not in busy and busy["p1"] > busy["p0"] > 0  # p1 has their row's, and their share of the rest
    model, found = play(drawn, org)  # nothing known of levels: those of the table, and none of them, as often
    assert set(worked(model, found)) == {"p0", "p1", "p2", "p9"}
    (line,) = [one for one in model.assumptions if one.code == "load_values"]
    assert line.params["values"]["zh"] == "VIP、gold" and line.params["field"]["zh"] == "客户等级"


def test_what_is_drawn_for_a_ticket_decides_its_rows_and_its_people_alike() -> None:
    rows = [{"id": f"s{n}", "name": f"S{n}", "region": "E" if n else "W"} for n in range(4)]
    org = {**company(2), "sources": {"stores": {"scope": "store", "rows": rows}}}
    org["people"] = [{"id": "p0", "roles": [{"role": "agent", "store": "s0"}]},
                     {"id": "p1", "roles": [{"role": "agent", "store": f"s{n}"} for n in range(1, 4)]}]
    way = {"strategy": "table", "table": {"columns": [{"ref": "form.f_store", "attr": "region"}],
                                          "rows": [{"is": [["W"]], "to": [{"role": "agent", "of": "form.f_store"}]}]}}
    drawn = flow(node("give", "assign.auto", {"candidates": [{"person": "p1"}], "ways": [way]}), HANDLE,
                 edges="t:out>give give:out>work work:done>end")
    busy = worked(*play(drawn, org))
    assert 0 < busy["p0"] < busy["p1"]


def test_in_turn_everybody_gets_as_many() -> None:
    model, found = play(assigned(strategy="round_robin"), company(3), days=1)
    assert sorted(worked(model, found).values()) == [20 * 300_000] * 3


def test_when_everybody_has_enough_whoever_is_free_takes_it_from_the_pool() -> None:
    model, found = play(assigned(max_open_per_person=1), company(2))
    give = next(place for place, step in enumerate(model.steps) if step.id == "give")
    assert found.longest[give] > 5
    assert len(found.spent) == 60
    full = play(assigned(max_per_day=10, fallback=[{"role": "helper"}]),
                {"people": [*company(2)["people"], {"id": "h", "roles": [{"role": "helper"}]}]})
    assert worked(*full) == {"p0": 10 * 300_000, "p1": 10 * 300_000, "h": 40 * 300_000}


# ---- limits of those who claim ---------------------------------------------------------------------------------------


def test_nobody_claims_more_than_a_day_allows_and_goes_on_the_next_day() -> None:
    model, found = play(claimed(max_per_day=10), company(2), days=1)
    assert found.closed_in_time == 20
    assert len(found.spent) == 60  # the rest on the days after, 20 a day
    assert max(found.spent) > 34 * HOUR


def test_a_pause_after_each_ticket_is_kept() -> None:
    _, found = play(claimed(cool_down="PT30M"), company(1), tickets=5)
    assert max(found.spent) >= HOUR  # the fifth two hours after the first, and all came within one
    _, without = play(claimed(), company(1), tickets=5)
    assert max(without.spent) < HOUR


def test_a_limit_of_open_tasks_never_stops_somebody_who_has_none() -> None:
    assert play(claimed(max_open_per_person=1), company(2))[1].spent == play(claimed(), company(2))[1].spent


# ---- guards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["borrow", "divert", "tell"])
def test_a_backlog_calls_for_help_and_tells_once(how: str) -> None:
    guard = {"waiting": 10, "normal": 2, "how": how, "tell": [{"role": "helper"}],
             **({"people": [{"role": "helper"}]} if how != "tell" else {})}
    org = {"people": [*company(1)["people"], {"id": "h", "roles": [{"role": "helper"}]}]}
    pool = flow(node("pool", "task.claim", {"candidates": AGENTS, "guard": guard}),
                edges="t:out>pool pool:claimed>end")
    slow = {"pool": {"likely": "PT5M"}}
    model, found = play(pool, org, steps=slow)
    assert sum(found.alarms) == 1
    busy = worked(model, found)
    assert ("h" in busy) == (how != "tell") and busy["p0"] > 0
    calm = play(pool, org, steps={"pool": {"likely": "PT1S"}})[1]
    assert sum(calm.alarms) == 0
    (line,) = [one for one in Report(model, [facts_of(model, found)]).lines() if one.code == "load_alarms"]
    assert line.params["count"] == 1


def test_the_guard_of_an_assignment_counts_what_waits_where_it_leads() -> None:
    guard = {"waiting": 4, "how": "divert", "tell": AGENTS, "people": [{"role": "helper"}]}
    org = {"people": [*company(1)["people"], {"id": "h", "roles": [{"role": "helper"}]}]}
    busy = worked(*play(assigned(guard=guard), org))
    assert busy["h"] > busy["p0"] / 10 > 0


def test_the_same_seed_gives_the_same_run() -> None:
    drawn = assigned(ways=[table()], strategy="round_robin", max_per_day=15)
    assert play(drawn, company(4))[1] == play(drawn, company(4))[1]
