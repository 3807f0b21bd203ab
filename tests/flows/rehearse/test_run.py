"""What a rehearsal takes over from the flow and from the company: hours, branches, loops, votes, clocks, chance."""
from __future__ import annotations

from typing import Any

import pytest

from app.core.errors import Invalid, Problem
from app.flows.model import Flow
from app.flows.rehearse import Outcome, Past, Progress, load_plan, model_of, rehearse, with_more
from app.flows.rehearse.parts import Run
from app.flows.rehearse.report import Report, facts_of
from app.flows.rehearse.run import run
from tests.flows.kit import ORG, RESTAURANT, complaint, flow, node
from tests.flows.rehearse.kit import COUNTER, HOUR, MINUTE, company, counter

ALWAYS = {"calendar": "always"}
NOON = [0] * 12 + [1] + [0] * 11  # all tickets come between 12 and 13


def play(drawn: Flow, org: Any, seed: int = 1, past: Past | None = None, **plan: Any) -> tuple[Any, Run]:
    """One run, and its model."""
    model = model_of(drawn, org, load_plan({"tickets": 300, "seeds": 1, **plan}), past)
    return model, run(model, seed)


def at(model: Any, name: str) -> int:
    """The place of a step."""
    return next(place for place, step in enumerate(model.steps) if step.id == name)


def one_by_one(people: int = 1, **takes: Any) -> dict[str, Any]:
    """A counter's plan with fixed handling time."""
    return {"staff": {"role:agent": ALWAYS}, "steps": {"work": takes or {"likely": "PT30M"}}}


def test_the_same_seed_gives_the_same_run_and_another_seed_another_one() -> None:
    model = model_of(complaint(), RESTAURANT, load_plan({"tickets": 200}))
    first, again, other = run(model, 7), run(model, 7), run(model, 8)
    assert first == again
    assert first.spent != other.spent


@pytest.mark.parametrize("people", [1, 2, 3, 5])
def test_one_person_more_never_makes_a_single_queue_wait_longer(people: int) -> None:
    """Ticket by ticket: with the same chance, a longer row of counters only helps."""
    for seed in range(5):
        fewer = run(counter(3.5 * people, 4.0, people, days=5), seed)
        more = run(counter(3.5 * people, 4.0, people + 1, days=5), seed)
        assert facts_of_wait(more) <= facts_of_wait(fewer)
        assert sum(more.waits[1]) <= sum(fewer.waits[1])


def facts_of_wait(one: Run) -> int:
    """p95 of the waits at the counter."""
    return sorted(one.waits[1])[int(0.95 * len(one.waits[1]))]


@pytest.mark.parametrize("agents", [4, 8, 20, 40])
def test_one_agent_more_shortens_the_waiting_for_agents_in_the_example(agents: int) -> None:
    plan = load_plan({"tickets": 500, "seeds": 5, "staff": {"role:cs_agent": {"people": agents}}})
    place = 0
    reports = []
    for count in (agents, agents + 1):
        model = model_of(complaint(), RESTAURANT, with_more(plan, {"role:cs_agent": count}))
        reports.append(Report(model, [facts_of(model, run(model, seed)) for seed in range(5)]))
        place = next(number for number, team in enumerate(model.teams) if team.key == "role:cs_agent")
    before, after = (report.seen("team95", place).mean for report in reports)
    assert after <= before


def test_nobody_works_at_night_or_during_lunch() -> None:
    hours = {"hours": ["09:00-12:00", "13:00-18:00"], "days": "mon-sun"}
    model, one = play(COUNTER, company(1), tickets=1, curve=NOON, staff={"role:agent": hours},
                      steps={"work": {"likely": "PT6H"}})
    began = one.waits[1][0]
    assert 0 < began <= HOUR  # the ticket came during lunch
    # Six hours of work from 13:00: five until the evening, one the next morning.
    assert one.spent[0] - began == 5 * HOUR + 15 * HOUR + HOUR
    assert one.open[0] == 8 * HOUR
    assert one.busy[0] == 5 * HOUR  # of the day that is rehearsed


def test_what_a_person_took_over_comes_before_what_others_could_take() -> None:
    drawn = flow(node("pool", "task.claim", {"candidates": [{"role": "agent"}]}),
                 node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
                 edges="t:out>pool pool:claimed>work work:done>end")
    model, one = play(drawn, company(2), tickets=50, curve=NOON, staff={"role:agent": ALWAYS},
                      steps={"pool": {"likely": "PT1M"}, "work": {"likely": "PT10M"}})
    assert len(one.spent) == 50
    assert not any(one.waits[at(model, "work")])  # whoever claims begins at once
    assert one.longest[at(model, "pool")] > 10


def test_a_claim_that_nobody_takes_runs_out_of_time() -> None:
    drawn = flow(node("pool", "task.claim", {"candidates": [{"role": "agent"}], "timeout": "PT30M"}),
                 node("auto", "assign.auto", {"candidates": [{"role": "agent"}]}),
                 node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
                 edges="t:out>pool pool:claimed>work pool:timeout>auto auto:out>work work:done>end")
    model, one = play(drawn, company(1), tickets=30, curve=NOON, staff={"role:agent": ALWAYS},
                      steps={"work": {"likely": "PT20M"}})
    assert one.late[at(model, "pool")] == one.visits[at(model, "auto")] > 20
    assert max(one.waits[at(model, "pool")]) == 30 * MINUTE
    assert len(one.spent) == 30


def test_a_loop_ends_when_it_may_not_go_round_again() -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "bad"}]}),
                 node("again", "flow.loop", {"max": 3}),
                 edges="t:out>work work:bad>again again:again>work again:exhausted>end")
    model, one = play(drawn, company(1), tickets=10, **one_by_one())
    assert one.visits[at(model, "work")] == 40
    assert len(one.spent) == 10


def test_a_circle_that_nobody_breaks_is_told() -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "bad"},
                                                                                          {"port": "good"}]}),
                 edges="t:out>work work:bad>work work:good>end")
    _, one = play(drawn, company(1), tickets=3, ports={"work": {"bad": 1, "good": 0}}, **one_by_one(likely="PT1M"))
    assert one.endless == 3
    assert one.spent == []


@pytest.mark.parametrize(("mode", "more", "asked"), [
    ("any", {}, 1), ("all", {}, 4), ("ratio", {"ratio": "50%"}, 4), ("turn", {}, 4)])
def test_votes_ask_as_many_people_as_the_flow_does(mode: str, more: dict[str, str], asked: int) -> None:
    drawn = flow(node("ok", "task.approval", {"approvers": [{"role": "agent"}], "mode": mode, **more}),
                 edges="t:out>ok ok:approved>end ok:rejected>end")
    _, one = play(drawn, company(4), tickets=1, staff={"role:agent": ALWAYS}, steps={"ok": {"likely": "PT10M"}})
    assert len(one.waits[1]) == asked
    assert one.spent == [{"any": 1, "all": 1, "ratio": 1, "turn": 4}[mode] * 10 * MINUTE]


@pytest.mark.parametrize(("mode", "more", "hours"), [("all", {}, 3), ("any", {}, 1), ("n", {"n": 2}, 2)])
def test_branches_meet_as_the_join_says_and_the_rest_is_given_up(mode: str, more: dict[str, Any], hours: int) -> None:
    work = [node(f"w{n}", "task.handle", {"assignee": [{"role": f"r{n}"}], "actions": [{"port": "done"}]})
            for n in (1, 2, 3)]
    drawn = flow(node("fork", "branch.parallel", {"branches": [{"port": f"b{n}"} for n in (1, 2, 3)], "join": "join"}),
                 *work, node("join", "branch.join", {"fork": "fork", "mode": mode, **more}),
                 edges="t:out>fork fork:b1>w1 fork:b2>w2 fork:b3>w3 w1:done>join w2:done>join w3:done>join "
                       "join:out>end")
    org = {"people": [{"id": f"p{n}", "roles": [{"role": f"r{n}"}]} for n in (1, 2, 3)]}
    model, one = play(drawn, org, tickets=1, staff={f"role:r{n}": ALWAYS for n in (1, 2, 3)},
                      steps={f"w{n}": {"likely": f"PT{n}H"} for n in (1, 2, 3)})
    assert one.spent == [hours * HOUR]
    assert one.visits[at(model, "join")] == 1


def test_a_clock_counts_working_time_and_stands_while_the_customer_thinks() -> None:
    drawn = flow(node("ask", "wait.customer", {"fields": {"f_body": "edit"}}),
                 node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "done"}]}),
                 node("sla", "timer.sla", {"due": "PT2H", "calendar": "days", "pause_on": ["wait.customer"],
                                           "levels": [{"port": "l1", "at": "50%"}, {"port": "l2", "at": "100%"}]},
                      attach=["ask", "work"]),
                 node("told", "notify.staff", {"to": [{"role": "agent"}], "template": "x"}),
                 edges="t:out>ask ask:received>work work:done>end sla:l1>told sla:l2>told told:out>end")
    for takes, levels in (("PT1H", [1, 0]), ("PT2H", [1, 1]), ("PT30M", [0, 0])):
        model, one = play(drawn, {**ORG, "people": company(1)["people"]}, tickets=1, curve=NOON,
                          staff={"role:agent": ALWAYS}, steps={"ask": {"likely": "P2D"}, "work": {"likely": takes}})
        assert one.levels == [levels]
        assert one.breached[at(model, "work")] == one.overdue[0] == levels[1]


def test_a_step_for_one_shop_waits_for_the_people_of_that_shop() -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "manager", "of": "form.f_store"}],
                                              "actions": [{"port": "done"}]}), edges="t:out>work work:done>end")
    org = {**ORG, "people": [{"id": "max", "roles": [{"role": "manager", "store": "s1"}]}]}
    _, one = play(drawn, org, tickets=400, staff={"role:manager": ALWAYS}, steps={"work": {"likely": "PT1M"}})
    assert 150 < one.stuck[1] < 250  # the other shop has no manager
    assert len(one.spent) + one.stuck[1] == 400


def test_shares_come_from_the_plan_then_from_the_past_then_from_a_rule_that_is_said() -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}],
                                              "actions": [{"port": "done"}, {"port": "back"}]}),
                 edges="t:out>work work:done>end work:back>work")
    past = Past(ports={"work": {"done": 60, "back": 40}}, takes={"work": [MINUTE, 2 * MINUTE]})
    for plan, given, code in (({"ports": {"work": {"done": 1, "back": 0}}}, past, "load_ways_plan"),
                              ({}, past, "load_ways_history"), ({}, None, "load_ways_usual")):
        model, _ = play(drawn, company(1), past=given, **plan)
        assert code in [line.code for line in model.assumptions]
    model, _ = play(drawn, company(1), past=past)
    assert model.steps[1].ways[0][0] == pytest.approx(0.6)


def test_a_delay_takes_the_time_that_is_drawn() -> None:
    drawn = flow(node("rest", "timer.delay", {"for": "PT5H"}), edges="t:out>rest rest:out>end")
    _, one = play(drawn, company(1), tickets=3)
    assert one.spent == [5 * HOUR] * 3


def test_a_calendar_of_the_flow_that_is_gone_does_not_stop_a_rehearsal() -> None:
    model, _ = play(complaint(), {"people": []}, tickets=3)
    assert "load_clock_always" in [line.code for line in model.assumptions]
    assert {team.people for team in model.teams} == {0}


def test_a_shift_of_a_person_comes_before_the_hours_of_the_team() -> None:
    org = {"people": [{"id": "p", "roles": [{"role": "agent"}], "shift": "night"}],
           "calendars": [{"id": "night", "days": "mon-sun", "hours": ["22:00-06:00"], "tz": "Asia/Shanghai"},
                         {"id": "day", "days": "mon-sun", "hours": ["09:00-18:00"], "tz": "Asia/Shanghai"}]}
    _, one = play(COUNTER, org, tickets=1, curve=NOON, steps={"work": {"likely": "PT1M"}})
    assert 9 * HOUR < one.waits[1][0] <= 10 * HOUR
    _, one = play(COUNTER, org, tickets=1, curve=NOON, steps={"work": {"likely": "PT1M"}},
                  staff={"role:agent": {"calendar": "day"}})
    assert one.waits[1][0] == 0


def test_an_approval_up_the_line_asks_the_leaders_of_who_worked_on_it() -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "done"}]}),
                 node("ok", "task.approval", {"mode": "up", "levels": 2, "if_nobody": [{"role": "agent"}]}),
                 edges="t:out>work work:done>ok ok:approved>end ok:rejected>end")
    org = {"people": [{"id": "ann", "roles": [{"role": "agent"}], "department": "shop"}, {"id": "eve"}, {"id": "max"}],
           "departments": [{"id": "shop", "leader": "eve", "parent": "top"}, {"id": "top", "leader": "max"}],
           "calendars": [{"id": "days", "days": "mon-sun", "hours": ["00:00-24:00"], "tz": "Asia/Shanghai"}]}
    model, one = play(drawn, org, tickets=1, steps={"work": {"likely": "PT1M"}, "ok": {"likely": "PT10M"}}, curve=NOON,
                      start="2026-11-11")
    assert [worker.id for worker in model.people] == ["ann", "eve", "max"]
    assert len(one.waits[at(model, "ok")]) == 2  # one after the other
    assert len(one.spent) == 1


def test_a_peak_brings_its_tickets_at_its_hour() -> None:
    model = model_of(COUNTER, company(1), load_plan({
        "tickets": 1000, "curve": [1] * 24, "peak": {"from": 20, "to": 22, "times": 11}}))
    begins = model.begins
    times = model.arrive([n / 1000 for n in range(1000)])
    inside = sum(20 * HOUR <= time - begins < 22 * HOUR for time in times)
    assert inside == pytest.approx(500, abs=2)


def test_the_bottleneck_is_named_and_proved_with_one_person_more() -> None:
    plan = load_plan({"tickets": 60, "seeds": 4, "curve": NOON, **one_by_one(likely="PT5M")})
    steps = list(rehearse(COUNTER, company(1), plan))
    assert [step.done for step in steps if isinstance(step, Progress)] == list(range(1, 9))
    outcome = steps[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.more is not None
    assert outcome.report.as_dict()["bottleneck"] == "work"
    line = outcome.report.lines(outcome.more)[0]
    assert line.code == "load_worst_more"
    assert line.params["team"] == "agent"
    half = outcome.more.seen("team95", 0).mean / outcome.report.seen("team95", 0).mean
    assert half < 0.6  # two people finish the heap in half the time


def test_where_nobody_waits_no_bottleneck_is_made_up() -> None:
    outcome = list(rehearse(COUNTER, company(50), load_plan({"tickets": 50, "seeds": 2, **one_by_one()})))[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.more is None
    assert outcome.report.lines()[0].code == "load_no_queue"


@pytest.mark.parametrize("plan", [
    {"tickets": 0}, {"tickets": 20_001}, {"seeds": 21}, {"days": 0}, {"curve": [1] * 23}, {"curve": [0] * 24},
    {"tickets": 20_000, "seeds": 20}, {"peak": {"from": 5, "to": 5, "times": 2}}, {"unknown": 1}, [], None, "x",
    {"staff": {"role:agent": {"people": -1}}}, {"staff": {"role:agent": {"hours": ["25:00-26:00"]}}},
    {"steps": {"work": {"least": "PT2H", "likely": "PT1H"}}}, {"steps": {"work": {"most": "PT2H"}}},
    {"ports": {"work": {"done": -1}}}, {"ports": {"work": 3}}, {"start": "11.11."}, {"staff": {"../x": {}}},
])
def test_a_plan_that_makes_no_sense_is_refused_with_its_place(plan: Any) -> None:
    with pytest.raises(Invalid) as refused:
        load_plan(plan)
    assert refused.value.problems


def test_a_calendar_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Problem, match="flow_calendar_unknown"):
        model_of(COUNTER, company(1), load_plan({"staff": {"role:agent": {"calendar": "moon"}}}))
