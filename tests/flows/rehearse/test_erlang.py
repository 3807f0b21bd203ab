"""The rehearsal of the simplest flow against the textbook: Erlang C for M/M/c, Little's law for any of them."""
from __future__ import annotations

from functools import cache
from math import factorial
from typing import Any

import pytest

from app.flows.rehearse.report import Report, Seen, facts_of
from app.flows.rehearse.run import run
from tests.flows.rehearse.kit import HOUR, counter

# λ and μ an hour, people: from a quiet counter to one that is nearly always busy
QUEUES = [(6.0, 4.0, 2), (8.0, 10.0, 1), (10.0, 4.0, 3), (8.5, 1.0, 10)]


def erlang_c(arrivals: float, served: float, people: int) -> tuple[float, float]:
    """(P(wait), mean wait in hours) of M/M/c."""
    load = arrivals / served
    waiting = load**people / factorial(people) * people / (people - load)
    wait = waiting / (sum(load**n / factorial(n) for n in range(people)) + waiting)
    return wait, wait / (people * served - arrivals)


@cache
def runs_of(arrivals: float, served: float, people: int) -> Any:
    """Twenty runs of a month at one counter."""
    model = counter(arrivals, served, people)
    return model, [run(model, seed) for seed in range(20)]


@pytest.mark.parametrize(("arrivals", "served", "people"), QUEUES)
def test_the_forecast_agrees_with_erlang_c(arrivals: float, served: float, people: int) -> None:
    model, runs = runs_of(arrivals, served, people)
    waits, mean_wait = erlang_c(arrivals, served, people)
    place = next(at for at, step in enumerate(model.steps) if step.id == "work")
    chance = Seen.of([sum(wait > 0 for wait in one.waits[place]) / len(one.waits[place]) for one in runs])
    seen = Report(model, [facts_of(model, one) for one in runs]).seen("waited", place)
    assert chance.low <= waits <= chance.high
    assert seen.low <= mean_wait * HOUR <= seen.high
    assert seen.mean == pytest.approx(mean_wait * HOUR, rel=0.08)
    assert chance.mean == pytest.approx(waits, rel=0.03)


@pytest.mark.parametrize(("arrivals", "served", "people"), QUEUES)
def test_how_busy_people_are_is_the_load_they_carry(arrivals: float, served: float, people: int) -> None:
    model, runs = runs_of(arrivals, served, people)
    busy = Report(model, [facts_of(model, one) for one in runs]).seen("busy", 0)
    assert busy.mean == pytest.approx(arrivals / served / people, rel=0.02)


@pytest.mark.parametrize(("arrivals", "served", "people"), QUEUES)
def test_little_s_law_holds(arrivals: float, served: float, people: int) -> None:
    """Mean number in the system = rate × mean time in it, counted two ways: over time and over tickets."""
    model, runs = runs_of(arrivals, served, people)
    for one in runs[:5]:
        inside = sum(one.spent)  # each ticket counts for as long as it was there
        rate = model.tickets / (model.ends - model.begins)
        number = inside / (model.ends - model.begins)
        assert number == pytest.approx(rate * sum(one.spent) / len(one.spent))
        at_work = sum(one.busy) / (model.ends - model.begins)
        waiting = sum(one.waits[1]) / (model.ends - model.begins)
        assert number == pytest.approx(at_work + waiting, rel=0.01)
