"""Small companies and flows to rehearse."""
from __future__ import annotations

from typing import Any

from app.flows.rehearse import Model, load_plan, model_of
from tests.flows.kit import flow, node

MINUTE = 60_000
HOUR = 60 * MINUTE
COUNTER = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "done"}]}),
               edges="t:out>work work:done>end")


def company(people: int, role: str = "agent") -> dict[str, Any]:
    """So many people in one role."""
    return {"people": [{"id": f"p{n}", "roles": [{"role": role}]} for n in range(people)]}


def counter(arrivals: float, served: float, people: int, days: int = 31) -> Model:
    """One counter, open round the clock: `arrivals` and `served` an hour, exponential service."""
    plan = load_plan({
        "tickets": round(arrivals * 24 * days), "seeds": 1, "days": days, "curve": [1] * 24,
        "staff": {"role:agent": {"calendar": "always"}}, "steps": {"work": {"mean": f"PT{round(3600 / served)}S"}},
    })
    return model_of(COUNTER, company(people), plan)
