"""Plays a scenario of the table in the real runtime: worker, database and clock are real, people act by themselves."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.principal import SYSTEM
from app.customers import events as customer_events
from app.customers import service as customers
from app.entries import customer_events as told_events
from app.entries import news, schedules
from app.entries.messages import incoming_message
from app.extensions import clock, db
from app.runtime import events, service
from tests.flows.nodes.kit import Live
from tests.flows.nodes.triggers import tickets
from tests.flows.ports.table import PHONE
from tests.live_stories.player import Player
from tests.runtime import company

Form = dict[str, Any]
Door = Callable[[Live, Form, str], None]


def _submitted(live: Live, form: Form, phone: str) -> None:
    company.submit(live.version, form, "t", phone=phone)


def _told(live: Live, form: Form, _: str) -> None:
    heard = news.News(["number", company.command()], {"what": form["f_what"]})
    assert not news.open_from(news.way(live.type_key, "t", "trigger.api"), heard, now=clock.now_ms()).problems


def _heard(_: Live, form: Form, phone: str) -> None:
    incoming_message({"phone": phone}, form["f_what"], "wecom", message_id=company.command(), now=clock.now_ms())


def _tagged(_: Live, form: Form, phone: str) -> None:
    who = customers.find_or_create({"phone": phone}, now=clock.now_ms(), name="王女士")
    db.session.commit()
    told_events.tell_new(clock.now_ms())
    customer_events.add_tag(who["id"], form["f_what"], now=clock.now_ms())
    db.session.commit()
    told_events.tell_new(clock.now_ms())


def _came_round(live: Live, _form: Form, _phone: str) -> None:
    schedules.run_due(clock.now_ms())
    moment = next(at for way, at in schedules.coming(clock.now_ms()) if way.type.key == live.type_key)
    assert moment is not None
    live.company.go_to(moment)
    schedules.run_due(clock.now_ms())


#: How a ticket comes in by each type of trigger.
DOORS: dict[str, Door] = {
    "trigger.public_form": _submitted, "trigger.chat_sidebar": _submitted, "trigger.api": _told,
    "trigger.keyword": _heard, "trigger.crm_event": _tagged, "trigger.schedule": _came_round,
}


class _Visitor:
    """Brings what the scenario says to the door of the flow."""

    def __init__(self, live: Live, phone: str) -> None:
        self._live, self._phone = live, phone

    def complain(self, door: str, form: Form) -> str:
        """Open a ticket; its link's token."""
        DOORS[door](self._live, form, self._phone)
        opened = tickets(self._live.type_key)
        assert opened, f"nothing came in by {door}"
        return str(opened[-1].token)


class Teller(Player):
    """One scenario under way, without pages: straight into the runtime."""

    def __init__(self, live: Live, scenario: Any) -> None:
        scenario.at = clock.now_ms()
        phone = "" if scenario.customer.get("id") == "" else PHONE
        super().__init__(live.company, _Visitor(live, phone), {}, scenario)  # type: ignore[arg-type]

    def _do(self, step: Any, node: str) -> None:
        self.company.go_to(self.clock)
        if step.do == "answer":
            service.answer(self.token, node, step.form, command_id=company.command())
        elif step.do == "event":
            listen = next(row for row in self._state()["listens"].values() if row["node"] == node)
            events.receive(listen["name"], listen["subject"], step.form, command_id=company.command(), actor=SYSTEM,
                           now=clock.now_ms())
        else:
            task = company.open_task(self.story.ticket_id, node)
            company.act(step.as_, task.id, step.do, dict(step.form), note=step.note)
        self._settle()
