"""A rehearsal's settings and sentences, in the reader's language."""
from __future__ import annotations

from typing import Any

from app.core.errors import localized, text
from app.flows.model import Flow
from app.flows.rehearse import Line, Model, Past
from app.flows.rehearse.model import LEAST_TICKETS
from app.flows.rehearse.shape import PASS, WAIT, WORK, Step
from app.flows.rehearse.words import lengths


def line(one: Line, locale: str) -> dict[str, str]:
    """A sentence: {"code", "node", "edit", "text"}."""
    return {"code": one.code, "node": one.node, "edit": one.edit, "text": text(one.code, locale, one.params)}


def settings(flow: Flow, model: Model, past: Past, locale: str) -> dict[str, Any]:
    """What may be changed, as it stands: {"tickets" a day, "teams", "steps", "branches", "starts", "assumptions"}."""
    return {
        "tickets": round(past.tickets / past.days) if past.tickets >= LEAST_TICKETS else None,
        "day": next(one.params["day"] for one in model.assumptions if one.code == "load_tickets"),
        "teams": [{"key": team.key, "name": localized(team.name, locale), "has": team.has, "people": team.people,
                   "hours": localized(team.hours, locale)} for team in model.teams],
        "steps": [_step(step, locale) for step in model.steps if step.kind in (WORK, WAIT)],
        "branches": [_branch(flow, step, model, locale) for step in model.steps
                     if len(step.ways) > 1 and step.kind in (PASS, WORK, WAIT)],
        "assumptions": [line(one, locale) for one in model.assumptions],
    }


def _step(step: Step, locale: str) -> dict[str, Any]:
    assert step.takes is not None
    return {"id": step.id, "name": localized(step.name, locale), "work": step.kind == WORK,
            "takes": {"kind": step.takes.kind, "ms": [round(value) for value in step.takes.values]},
            "words": localized(lengths(step.takes), locale),
            "answered": round(100 * step.answered) if step.kind == WAIT and step.timeout is not None else None}


def _branch(flow: Flow, step: Step, model: Model, locale: str) -> dict[str, Any]:
    labels = {port.id: port.label or port.id for port in flow.nodes[step.id].ports}
    before, ports = 0.0, []
    for until, _, port in step.ways:
        ports.append({"id": port, "label": localized(labels[port], locale), "share": round(100 * (until - before))})
        before = until
    said = next(one.code for one in model.assumptions if one.node == step.id and one.edit == f"ports.{step.id}")
    return {"id": step.id, "name": localized(step.name, locale), "ports": ports, "from": said.rpartition("_")[2]}
