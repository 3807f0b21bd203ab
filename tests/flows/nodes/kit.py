"""One flow, told twice: in the sandbox and by the live product. Each test names the ways out that must be taken."""
from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask

from app.cli._catalog import pure_catalog
from app.core.principal import SYSTEM
from app.definitions.bundle import Bundle
from app.definitions.sandbox import play
from app.extensions import clock
from app.flows.scenario import load_scenarios
from app.flows.simulate import Result
from app.runtime import service
from app.runtime.queries import EventLine
from tests.flows import kit
from tests.live_stories.company import Company
from tests.runtime import company

node, MINUTE, HOUR = kit.node, kit.MINUTE, kit.HOUR

FORM: dict[str, Any] = {
    "schema": "danflow/form/1", "key": "steps", "title": "步骤", "locale": "zh-CN", "locales": ["zh-CN", "en"],
    "sections": [{"id": "s_a", "title": "内容"}],
    "fields": [
        {"id": "f_what", "type": "text", "section": "s_a", "label": "事项"},
        {"id": "f_sum", "type": "money", "section": "s_a", "label": "金额"},
        {"id": "f_day", "type": "date", "section": "s_a", "label": "日期"},
        {"id": "f_at", "type": "datetime", "section": "s_a", "label": "时间"},
        {"id": "f_store", "type": "reference", "source": "stores", "section": "s_a", "label": "门店"},
        {"id": "f_phone", "type": "phone", "section": "s_a", "label": "电话",
         "sensitive": {"mask": "phone", "reveal": ["cs_lead"], "encrypt": True}},
        {"id": "f_reply", "type": "textarea", "section": "s_a", "label": "答复"},
        {"id": "f_double", "type": "computed", "section": "s_a", "label": "两倍", "result": "number",
         "formula": "{{form.f_sum}} * 2"},
    ],
}
VARS = [
    {"key": "priority", "type": "choice", "values": ["normal", "urgent"], "default": "normal"},
    {"key": "count", "type": "number", "default": "0", "name": {"zh": "数量", "en": "Count"}},
    {"key": "word", "type": "text", "default": "old"},
    {"key": "day", "type": "date"},
    {"key": "flag", "type": "bool"},
]
ORG = {
    "people": [{"id": "a1", "name": "安", "roles": [{"role": "cs_agent"}]},
               {"id": "a2", "name": "白", "roles": [{"role": "cs_agent"}]}],
    "stores": [{"id": "st_hz1", "name": "杭州一店", "region": "hz"}],
}
_numbers = itertools.count(1)


def definition(*entries: dict[str, Any], edges: str) -> dict[str, Any]:
    """A flow over FORM with a trigger `t`, an end `end` and one more, `other`."""
    used = {part for edge in edges.split() for part in edge.replace(">", ":").split(":")}
    others = [node("other", "flow.end", {"status": "cancelled"})] if "other" in used else []
    made = kit.definition(*entries, *others, edges=edges)
    made["nodes"][0]["config"] = {"channel": "web", "fields": {"*": "edit"}}
    return {**made, "form": "steps", "vars": VARS}


def simulated(flow: Mapping[str, Any], form: Mapping[str, Any] | None = None, **scenario: Any) -> Result:
    """The sandbox's telling; anything unmet or refused fails."""
    told = {"name": "s", "form": dict(form or {}), **scenario}
    file = load_scenarios({"schema": "danflow/scenarios/1", "org": ORG, "scenarios": [told]})
    bundle = Bundle.load(FORM, flow, pure_catalog())
    one = file.scenarios[0]
    result = play(bundle, one, file.org)
    assert [problem.message("en") for problem in result.failures] == []
    return result


def ways(events: Iterable[Any]) -> list[str]:
    """The ways out that were taken, as `node:port`."""
    found = []
    for event in events:
        kind, at, port = ((event.kind, event.node, event.body.get("port")) if isinstance(event, EventLine)
                          else (event["kind"], event.get("node"), event.get("port")))
        if kind == "node.left":
            found.append(f"{at}:{port}")
    return found


def problems(events: Iterable[Any]) -> list[str]:
    """Codes of what somebody was told about."""
    return [(event.body if isinstance(event, EventLine) else event)["delta"]["code"] for event in events
            if (event.kind if isinstance(event, EventLine) else event["kind"]) == "problem"]


class Live:
    """Tickets of one flow, in the real runtime with a worker; the clock is the test's."""

    def __init__(self, app: Flask, flow: Mapping[str, Any]) -> None:
        self.company = Company(app, app.extensions["danflow"].settings.clock_file)
        self.type_key = f"steps{next(_numbers)}"  # of the form and the flow too: a test may have several
        self.version = company.publish({**FORM, "key": self.type_key},
                                       {**flow, "key": self.type_key, "form": self.type_key}, self.type_key)

    def open(self, form: Mapping[str, Any] | None = None, phone: str = "", **more: Any) -> str:
        """A ticket, with everything that is due done; its id."""
        ticket_id = company.submit(self.version, dict(form or {}), "t", phone=phone, **more).ticket_id
        self.company.settle()
        return ticket_id

    def later(self, ms: int) -> None:
        """Let time pass, then do what has come due."""
        self.company.go_to(clock.now_ms() + ms)
        self.company.settle()

    def act(self, ticket_id: str, person: str, at: str, action: str, form: Mapping[str, Any] | None = None) -> None:
        """Somebody does something at a step."""
        company.act(person, company.open_task(ticket_id, at).id, action, dict(form or {}))
        self.company.settle()

    def withdraw(self, ticket_id: str) -> None:
        """Somebody who reads every ticket takes it back."""
        service.withdraw(ticket_id, "", actor=SYSTEM, command_id=company.command())
        self.company.settle()

    def events(self, ticket_id: str) -> list[EventLine]:
        """What happened."""
        return self.company.events(ticket_id)

    def ways(self, ticket_id: str) -> list[str]:
        """The ways out that its ticket took."""
        return ways(self.events(ticket_id))

    def state(self, ticket_id: str) -> dict[str, Any]:
        """The engine's state, answers in clear."""
        return self.company.ticket(company.ticket(ticket_id).token)[1]


