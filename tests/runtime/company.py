"""A small company for tests of the runtime: the people and places of the complaint template, and flows of its own."""
from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.core.principal import SYSTEM, Principal
from app.customers import service as customers
from app.definitions import service as definitions
from app.extensions import clock, db
from app.flows.base import World
from app.org import masterdata, people
from app.org.directory import directory
from app.org.models import Role, RoleGrant
from app.org.service import known
from app.runtime import queries, service, timers
from app.runtime.models import Task, Ticket
from app.runtime.stepping import Done, world_of

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY = ROOT / "app" / "definitions" / "library" / "restaurant_complaint"
NOW = 1_790_000_000_000

COMPLAINT = {
    "f_phone": "13800138000", "f_store": "st_hz1", "f_order": "A1001", "f_kind": "o_svc", "f_item": "o_slow",
    "f_body": "上菜等了四十分钟", "f_ok": {"accepted": True, "doc": "privacy", "version": "2026-10-01", "at": NOW},
}

SMALL_FORM = {
    "schema": "danflow/form/1", "key": "small", "title": "申请", "locale": "zh-CN", "locales": ["zh-CN", "en"],
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [
        {"id": "f_what", "type": "text", "section": "s_a", "label": "事项", "required": True},
        {"id": "f_sum", "type": "money", "section": "s_a", "label": "金额"},
        {"id": "f_phone", "type": "phone", "section": "s_a", "label": "电话",
         "sensitive": {"mask": "phone", "reveal": ["lead"], "encrypt": True}},
        {"id": "f_reply", "type": "textarea", "section": "s_a", "label": "答复"},
        {"id": "f_more", "type": "text", "section": "s_a", "label": "补充"},
    ],
}


def small_flow() -> dict[str, Any]:
    """Claim → handle (submit, return, ask) → a big sum is approved → end; asking the customer comes back."""
    nodes = [
        {"id": "start", "type": "trigger.public_form", "tv": 1, "name": "申请",
         "config": {"channel": "web", "fields": {"f_what": "required", "f_sum": "edit", "f_phone": "edit"},
                    "may": ["urge", "withdraw"]}},
        {"id": "pool", "type": "task.claim", "tv": 1, "name": "抢单",
         "config": {"candidates": [{"role": "cs_agent"}], "timeout": "PT30M"}},
        {"id": "auto", "type": "assign.auto", "tv": 1, "name": "派给最闲",
         "config": {"strategy": "least_loaded", "candidates": [{"role": "cs_agent"}],
                    "fallback": [{"role": "cs_lead"}]}},
        {"id": "handle", "type": "task.handle", "tv": 1, "name": "处理",
         "config": {"assignee": [{"ref": "ticket.owner"}], "fields": {"*": "read", "f_reply": "required"},
                    "actions": [{"port": "submit", "label": "提交"}, {"port": "return", "label": "退回"},
                                {"port": "ask", "label": "问客户"}],
                    "may": ["transfer", "comment"]}},
        {"id": "ask", "type": "wait.customer", "tv": 1, "name": "问客户",
         "config": {"fields": {"f_more": "required"}, "timeout": "P1D"}},
        {"id": "big", "type": "branch.condition", "tv": 1, "name": "大额",
         "config": {"cases": [{"port": "yes", "label": "> 1000",
                               "when": {"all": [{"ref": "form.f_sum", "op": "gt", "value": "1000"}]}}],
                    "else_label": "其余"}},
        {"id": "approve", "type": "task.approval", "tv": 1, "name": "审批",
         "config": {"approvers": [{"role": "hq_ops"}], "mode": "any", "fields": {"*": "read"}}},
        {"id": "end", "type": "flow.end", "tv": 1, "name": "结束", "config": {"status": "closed"}},
    ]
    edges = [
        ("start:out", "pool"), ("pool:claimed", "handle"), ("pool:timeout", "auto"), ("auto:out", "handle"),
        ("handle:submit", "big"), ("handle:return", "pool"), ("handle:ask", "ask"), ("ask:received", "handle"),
        ("ask:timeout", "handle"), ("big:yes", "approve"), ("big:else", "end"), ("approve:approved", "end"),
        ("approve:rejected", "handle"),
    ]
    return {
        "schema": "danflow/flow/1", "key": "small", "name": "小流程", "form": "small", "vars": [], "nodes": nodes,
        "edges": [{"id": f"e{n}", "from": source, "to": f"{to}:in"} for n, (source, to) in enumerate(edges, 1)],
    }


ROLES: dict[str, dict[str, Any]] = {
    "cs_agent": {"reads": "own", "rights": []}, "cs_lead": {"reads": "all", "rights": ["tickets.all"]},
    "store_manager": {"reads": "own", "rights": []}, "delivery_lead": {"reads": "own", "rights": []},
    "region_supervisor": {"reads": "own", "rights": []}, "region_manager": {"reads": "own", "rights": []},
    "hq_ops": {"reads": "own", "rights": []}, "quality": {"reads": "own", "rights": []},
    "visitor": {"reads": "own", "rights": []},
}


def found(erp: str = "http://127.0.0.1:9/erp") -> None:
    """Make the company: people without passwords, one more agent, one stranger, the complaint's connector."""
    org = json.loads((LIBRARY / "scenarios.json").read_text(encoding="utf-8"))["org"]
    for key, role in ROLES.items():
        people.save_role(key, name={"zh": key, "en": key}, actor=SYSTEM, **role)
    masterdata.save_source("stores", scope="store", title={"zh": "门店", "en": "Stores"}, actor=SYSTEM)
    masterdata.save_rows("stores", org["stores"], actor=SYSTEM)
    for calendar in org["calendars"]:
        masterdata.save_calendar(calendar["id"], calendar, actor=SYSTEM)
    more = [{"id": "a3", "name": "蔡客服", "roles": [{"role": "cs_agent"}]},
            {"id": "guest", "name": "外人", "roles": [{"role": "visitor"}]}]
    for person in [*org["people"], *more]:
        people.create_person(
            id=person["id"], login=f"{person['id']}.test", name=person["name"], password="", phone="13700000001",
            actor=SYSTEM, now=NOW,
        )
        for grant in person["roles"]:
            scope = {key: value for key, value in grant.items() if key != "role"}
            people.grant_role(person["id"], grant["role"], scope, actor=SYSTEM)
    masterdata.save_connector(
        "erp", name={"zh": "ERP", "en": "ERP"}, base_url=erp, secret="x" * 32,
        allow_hosts=[erp.split("/")[2]], actor=SYSTEM,
    )


def publish(form: Mapping[str, Any], flow: Mapping[str, Any], key: str, now: int = NOW) -> str:
    """Publish a ticket type; returns its version id."""
    ticket_type = {"schema": "danflow/ticket_type/1", "key": key, "name": key, "form": form["key"], "flow": flow["key"]}
    for kind, content in (("form", form), ("flow", flow), ("ticket_type", ticket_type)):
        definitions.save_draft(kind, str(content["key"]), content, 0, actor=SYSTEM, now=now)
        definitions.publish(kind, str(content["key"]), actor=SYSTEM, now=now, known=known())
    version = definitions.current_type(key).id
    db.session.rollback()
    return version


def publish_complaint() -> str:
    """The complaint template, as the product ships it."""
    form, flow = (json.loads((LIBRARY / f"{name}.json").read_text(encoding="utf-8")) for name in ("form", "flow"))
    return publish(form, flow, "complaint")


def publish_small() -> str:
    """The small flow."""
    return publish(SMALL_FORM, small_flow(), "small")


def principal(person_id: str) -> Principal:
    """A colleague as they act, as org.service.principal would say."""
    grants = db.session.execute(
        select(Role.key, Role.reads, Role.rights).join(RoleGrant, RoleGrant.role == Role.key)
        .where(RoleGrant.person_id == person_id)
    ).all()
    people_now = directory()
    found_person = Principal(
        id=person_id, name=person_id, roles=tuple(sorted({row.key for row in grants})),
        groups=tuple(sorted(people_now.groups_of(person_id))),
        rights=frozenset(right for row in grants for right in row.rights),
        reads="all" if any(row.reads == "all" for row in grants) else "own",
    )
    db.session.rollback()
    return found_person


def command() -> str:
    """A new command id."""
    return uuid.uuid4().hex


def submit(version: str, values: Mapping[str, Any], trigger: str, *, phone: str = "", **more: Any) -> Done:
    """Open a ticket for the customer with this phone number (or for nobody)."""
    customer = customers.find_or_create({"phone": phone}, now=clock.now_ms(), name="王女士") if phone else None
    more.setdefault("command_id", command())
    return service.submit(version, trigger, values, customer=customer, ticket={"channel": "web"}, **more)


def act(person: str, task: str, action: str, submitted: Mapping[str, Any] | None = None, **more: Any) -> Done:
    """Let somebody act."""
    more.setdefault("command_id", command())
    return service.act(task, action, submitted, actor=principal(person), **more)


def open_task(ticket_id: str, node: str) -> Task:
    """The open task of a node; there must be one."""
    task = db.session.scalars(
        select(Task).where(Task.ticket_id == ticket_id, Task.node == node, Task.status == "open")
    ).one()
    db.session.expunge(task)
    db.session.rollback()
    return task


def ticket(ticket_id: str) -> Ticket:
    """The ticket's row."""
    row = db.session.scalars(select(Ticket).where(Ticket.id == ticket_id)).one()
    db.session.expunge(row)
    db.session.rollback()
    return row


def kinds(ticket_id: str) -> list[str]:
    """Kinds of its events, in order."""
    found_kinds = [event.kind for event in queries.events_of(ticket_id)]
    db.session.rollback()
    return found_kinds


def world() -> World:
    """The live world."""
    return world_of(directory(), "")


def timers_until_quiet() -> None:
    """Fire whatever is due."""
    while timers.fire_due():
        pass


def to_payment(version: str) -> str:
    """A complaint up to where the ERP is asked to pay; returns the ticket's id."""
    done = submit(version, COMPLAINT, "t_menu", phone="13800138000")
    act("a1", open_task(done.ticket_id, "pool").id, "claim")
    act("a1", open_task(done.ticket_id, "handle").id, "submit", {"f_reply": "已致歉", "f_rate": "0"})
    return done.ticket_id
