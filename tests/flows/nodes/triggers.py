"""A short flow behind any trigger that opens tickets by itself, to be played in the sandbox and run in the company."""
from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.cli._catalog import pure_catalog
from app.core.errors import Finding
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.definitions.checks import flow_findings
from app.definitions.sandbox import play
from app.definitions.service import NOTHING_KNOWN
from app.entries.models import Opening
from app.extensions import clock, db
from app.flows.checks.facts import Known
from app.flows.scenario import load_scenarios
from app.flows.simulate import Result
from app.runtime.models import Ticket
from app.runtime.seals import unseal
from tests.runtime import company

CATALOG = pure_catalog()
ORG = {"people": [{"id": "a1", "name": "客服甲", "roles": [{"role": "cs_agent"}]}]}


def form(key: str = "call") -> dict[str, Any]:
    """What is known of a request: the subject is required."""
    return {
        "schema": "danflow/form/1", "key": key, "title": "请求", "locale": "zh-CN", "locales": ["zh-CN"],
        "sections": [{"id": "s_a", "title": "内容"}],
        "fields": [
            {"id": "f_what", "type": "text", "section": "s_a", "label": "事项", "required": True},
            {"id": "f_sum", "type": "money", "section": "s_a", "label": "金额"},
            {"id": "f_phone", "type": "phone", "section": "s_a", "label": "电话"},
            {"id": "f_name", "type": "text", "section": "s_a", "label": "称呼"},
            {"id": "f_kind", "type": "select", "section": "s_a", "label": "类别",
             "options": [{"id": "o_new", "label": "新单"}, {"id": "o_old", "label": "老单"}]},
            {"id": "f_when", "type": "date", "section": "s_a", "label": "日期"},
            {"id": "f_reply", "type": "textarea", "section": "s_a", "label": "答复"},
        ],
    }


def flow(trigger: str, config: dict[str, Any], key: str = "call") -> dict[str, Any]:
    """`trigger` → somebody handles it → end."""
    return {
        "schema": "danflow/flow/1", "key": key, "name": "回应", "form": key, "vars": [],
        "nodes": [
            {"id": "t", "type": trigger, "tv": 1, "name": "触发", "config": config},
            {"id": "do", "type": "task.handle", "tv": 1, "name": "处理",
             "config": {"assignee": [{"role": "cs_agent"}], "fields": {"*": "read", "f_reply": "required"},
                        "actions": [{"port": "done", "label": "完成"}]}},
            {"id": "end", "type": "flow.end", "tv": 1, "name": "结束", "config": {}},
        ],
        "edges": [{"id": "e1", "from": "t:out", "to": "do:in"}, {"id": "e2", "from": "do:done", "to": "end:in"}],
    }


def publish(trigger: str, config: dict[str, Any], key: str = "call") -> str:
    """Publish form, flow and ticket type in the small company; returns the type's version id."""
    return company.publish(form(key), flow(trigger, config, key), key, now=clock.now_ms())


def findings(trigger: str, config: dict[str, Any], known: Known = NOTHING_KNOWN) -> list[tuple[str, str, str]]:
    """(code, node, field) of every error."""
    found: list[Finding] = flow_findings(flow(trigger, config), form(), CATALOG, known)
    return [(one.code, one.node, one.field) for one in found if one.level == "error"]


def played(trigger: str, config: dict[str, Any], answers: dict[str, Any]) -> Result:
    """A scenario that begins with the trigger: the ticket is filled in so, a colleague deals with it."""
    bundle = Bundle.load(form(), flow(trigger, config), CATALOG)
    story = load_scenarios({"schema": "danflow/scenarios/1", "org": ORG, "scenarios": [{
        "name": "触发", "trigger": "t", "form": answers,
        "script": [{"as": "a1", "do": "done", "form": {"f_reply": "好的"}}],
        "expect": {"status": "closed", "path": ["t", "do", "end"], "form": answers},
    }]})
    scenario = story.scenarios[0]
    return play(bundle, scenario, story.org)


def tickets(type_key: str = "call") -> list[Ticket]:
    """The tickets of a type, oldest first."""
    rows = list(db.session.scalars(select(Ticket).where(Ticket.type_key == type_key).order_by(Ticket.no)))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def answers(ticket: Ticket) -> dict[str, Any]:
    """Its answers in clear, empty ones left out."""
    return {name: value for name, value in unseal(ticket.id, ticket.data).items() if value is not None}


def openings() -> list[Opening]:
    """What the triggers' record says, oldest first."""
    rows = list(db.session.scalars(select(Opening).order_by(Opening.id)))
    db.session.expunge_all()
    db.session.rollback()
    return rows


def republish(trigger: str, config: dict[str, Any], key: str = "call") -> None:
    """Publish another version of the flow, and the type with it."""
    kept = definitions.draft("ticket_type", key)["content"]
    for kind, content in (("flow", flow(trigger, config, key)), ("ticket_type", kept)):
        rev = definitions.draft(kind, key)["rev"]
        definitions.save_draft(kind, key, content, rev, actor=company.SYSTEM, now=clock.now_ms())
        definitions.publish(kind, key, actor=company.SYSTEM, now=clock.now_ms(), known=company.known())
    db.session.rollback()
