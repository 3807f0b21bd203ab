"""What the sandbox's player shows of one scenario: what waits for whom, what is to come, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.core.errors import Problem, localized, text
from app.definitions.bundle import Bundle
from app.flows.asks import SIDE
from app.flows.coverage import coverage
from app.flows.opinions import SIGN, actions
from app.flows.sandbox import CUSTOMER, Company
from app.flows.scenario import standing
from app.flows.simulate import Result
from app.flows.takeback import recalls
from app.flows.told import Teller
from app.flows.verbs import aside, customer_may, returns
from app.forms.base import Asking, FormPorts
from app.forms.describe import OPERATOR_WORDS, REF_WORDS
from app.forms.view import FieldView

PEOPLE = 30  # named beside one task
EVERYBODY = 2000  # named beside the events
MOST_SENT = 50  # in one expectation


def told(bundle: Bundle, ports: FormPorts, channels: Mapping[str, Any], locale: str) -> Teller:
    """The teller of a flow's scenarios. `channels`: key → label."""
    fields = bundle.form.fields

    def person(id: str) -> str:
        return str((ports.person(id) or {}).get("name") or id)

    def value(ref: str, found: Any) -> str:
        root, _, name = ref.partition(".")
        field = fields.get(name.partition(".")[0]) if root == "form" else None
        if field is not None and field.type.is_stored(field, found):
            return field.shown(found, locale, ports)
        if isinstance(found, bool):
            return text("told_yes" if found else "told_no", locale)
        return text("told_comma", locale).join(map(str, found)) if isinstance(found, list) else str(found)

    return Teller(
        bundle.flow, locale, person, lambda key: str(localized(channels.get(key, key), locale)),
        lambda key: str(localized(fields[key].label, locale)) if key in fields else key, value,
    )


@dataclass(frozen=True)
class Stage:
    """One scenario as it was played. `raw`: the scenario as written; `loaded`: as it was read."""

    bundle: Bundle
    result: Result
    raw: Mapping[str, Any]
    loaded: Any
    company: Company
    teller: Teller

    @property
    def ports(self) -> FormPorts:
        """What the scenario's forms ask."""
        ports: FormPorts = self.company.ports(self.loaded.customer)
        return ports

    def as_dict(self) -> dict[str, Any]:
        """All that the player draws, as JSON."""
        result, state = self.result, self.result.state
        ports, came = self.ports, happened(self.bundle, self.result)
        return {
            "name": result.name, "ok": result.ok, "at": result.at, "start": self.loaded.at,
            "failures": failures(self.teller, result, self.raw),
            "expected": self.teller.expectations(self.raw.get("expect") or {}),
            "events": [self._event(event) for event in result.events],
            "names": self._names(),
            "opening": self._opening(ports),
            "waiting": list(self._waiting(ports)) if state else [],
            "recalls": self._recalls(), "also": self._also(),
            "timers": self._timers(), "sent": [self._message(row) for row in result.sent],
            "unread": self._unread(), "parked": self._parked(),
            "sla": self._clocks(), "jobs": self._jobs(),
            "vars": [{"key": key, "name": self.teller.variable(key), "value": self._value(f"vars.{key}", value)}
                     for key, value in (state.get("vars") or {}).items()],
            "status": state.get("status"), "reason": state.get("reason"), "owner": self._owner(),
            "standing": standing(state) if state else [],
            "happened": came, "happened_words": self.teller.expectations(came),
            "taken": coverage(self.bundle.flow, [result.events]).taken,
        }

    def _owner(self) -> str:
        owner = (self.result.state.get("ticket") or {}).get("owner")
        return self.teller.person(owner) if owner else ""

    # ---- what happened ----

    def _event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """With what its way out is called ("label"), and what conditions saw in words."""
        more: dict[str, Any] = {}
        if event.get("port"):
            more["label"] = self.teller.button(event["node"], event["port"])
        if "checked" in event:
            more["checked"] = [self._case(event["node"], case) for case in event["checked"]]
        return {**event, **more}

    def _case(self, node: str, case: Mapping[str, Any]) -> dict[str, Any]:
        return {"port": case["port"], "label": self.teller.port(node, case["port"]), "holds": case["holds"],
                "any": case["any"],
                "clauses": [{"words": self._clause(clause), "got": self._value(clause["ref"], clause["got"]),
                             "ok": clause["ok"]} for clause in case["clauses"]]}

    def _clause(self, clause: Mapping[str, Any]) -> str:
        ref, locale = clause["ref"], self.teller.locale
        operator = OPERATOR_WORDS.get(clause["op"]) or {"label": clause["op"], "value": "one"}
        name = self._ref(ref)
        said = str(localized(operator["label"], locale))
        if operator["value"] == "none":
            return text("told_clause_bare", locale, {"name": name, "op": said})
        wanted = clause["value"]
        items = wanted if isinstance(wanted, list) else [wanted]
        words = text("told_comma", locale).join(
            text("told_something", locale) if isinstance(one, dict) else self._value(ref, one) for one in items)
        return text("told_clause", locale, {"name": name, "op": said, "value": words})

    def _ref(self, ref: str) -> str:
        root, _, name = ref.partition(".")
        if root == "form":
            return self.teller.field(name.partition(".")[0])
        if root == "vars":
            return self.teller.variable(name)
        return str(localized(REF_WORDS[ref], self.teller.locale)) if ref in REF_WORDS else name

    def _value(self, ref: str, value: Any) -> str:
        if value in (None, "", [], {}):
            return text("told_empty", self.teller.locale)
        if isinstance(value, list) and any(isinstance(row, dict) for row in value):
            return text("told_rows", self.teller.locale, {"n": len(value)})
        field = self.bundle.form.fields.get(ref.removeprefix("form."))
        if field is not None and isinstance(value, str) and value in field.settings.get("choices", {}):
            return str(localized(field.settings["choices"][value].label, self.teller.locale))
        root, _, name = ref.partition(".")
        return self.teller.setting(name, value) if root == "vars" else self.teller.value(ref, value)

    def _message(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**row, "who": self.teller.who(row["to"]), "channel": self.teller.channel(row["via"]),
                "after": self.teller.moment(row["at"])}

    def _names(self) -> dict[str, str]:
        world = self.result.world
        known = [world.person(id) for id in world.everybody[:EVERYBODY]] if world else []
        return {str(person["id"]): str(person["name"]) for person in known if person}

    # ---- what is to come ----

    def _timers(self) -> list[dict[str, Any]]:
        found = [{"key": key, "due": due, "node": key.partition(":")[0], "words": self._timer(key)}
                 for key, due in (self.result.state.get("timers") or {}).items()]
        return sorted(found, key=lambda timer: (timer["due"], timer["key"]))

    def _timer(self, key: str) -> str:
        node, *rest = key.split(":")
        if self.bundle.flow.nodes[node].type.attaches:
            label = self.teller.port(node, rest[0].partition("#")[0])
            return text("told_timer_level", self.teller.locale, {"node": self.teller.node(node), "port": label})
        code = "told_timer_next" if rest[-1].startswith(SIDE) else "told_timer_wait"
        return text(code, self.teller.locale, {"node": self.teller.node(node)})

    def _clocks(self) -> list[dict[str, Any]]:
        return [{"node": node, "name": self.teller.node(node), "due": clock["due"], "paused": clock["since"] is None,
                 "fired": [self.teller.port(node, port) for port in clock["fired"]]}
                for node, clock in (self.result.state.get("sla") or {}).items()]

    def _unread(self) -> list[dict[str, Any]]:
        rows = {(message["to"], key.partition(":")[0]) for key, message in
                (self.result.state.get("messages") or {}).items() if message["to"] and message["read"] is None}
        return [{"person": person, "name": self.teller.person(person), "node": node} for person, node in sorted(rows)]

    def _parked(self) -> list[dict[str, Any]]:
        return [{"node": row["node"], "words": text(row["code"], self.teller.locale, row.get("params"))}
                for row in self.result.state.get("parked") or ()]

    def _jobs(self) -> list[dict[str, Any]]:
        """The steps that asked another system, and what it could have answered."""
        asked = dict.fromkeys(event["node"] for event in self.result.events if event["kind"] == "job.queued")
        return [{"node": node, "name": self.teller.node(node),
                 "ports": [{"id": port.id, "label": self.teller.port(node, port.id)}
                           for port in self.bundle.flow.nodes[node].ports]} for node in asked]

    # ---- who may do what ----

    def _waiting(self, ports: FormPorts) -> Iterable[dict[str, Any]]:
        state, flow = self.result.state, self.bundle.flow
        for key, task in sorted(state["tasks"].items()):
            node = flow.nodes[task["node"]]
            people = self._may(task)
            yield {
                "node": node.id, "name": self.teller.node(node.id), "task": key, "kind": task["kind"],
                "people": [{"id": id, "name": self.teller.person(id)} for id in people[:PEOPLE]],
                "more": max(0, len(people) - PEOPLE),
                "actions": [{"id": action.id, "label": str(localized(action.label, self.teller.locale)) or action.id,
                             "requires": action.requires} for action in actions(node, task)],
                "may": aside(flow, state, key),
                "returns": [{"id": way, "name": self.teller.node(way)} for way in returns(flow, state, key)],
                "held": [self.teller.person(state["tasks"][sign]["assignee"]) for sign in task.get("held", ())],
                "later": [self.teller.person(row[0]) for row in task.get("later", ())],
                "asks": self._asker(task), "behalf": self._named(task.get("behalf")),
                "fields": [] if task["kind"] == SIGN else self._asked(node.id, state["form"], state, ports),
            }
        for name in sorted(state["answers"]):
            label = text("told_do_answer", self.teller.locale)
            yield {
                "node": name, "name": self.teller.node(name), "task": None, "kind": "customer",
                "people": [{"id": CUSTOMER, "name": self.teller.who(CUSTOMER)}], "more": 0, "may": [],
                "actions": [{"id": "answer", "label": label, "requires": True}],
                "fields": self._asked(name, state["form"], state, ports),
            }

        for key, listen in sorted(state["listens"].items()):
            if listen["token"] is not None:
                label = text("told_do_event", self.teller.locale)
                yield {
                    "node": listen["node"], "name": self.teller.node(listen["node"]), "task": key, "kind": "event",
                    "people": [], "more": 0, "may": [], "fields": [],
                    "actions": [{"id": "event", "label": label, "requires": False}],
                }

    def _named(self, person: str | None) -> str:
        return self.teller.person(person) if person else ""

    def _asker(self, task: Mapping[str, Any]) -> str:
        """Who wants an opinion, "" of other tasks."""
        return self._named(self.result.state["tasks"][task["asks"]]["assignee"]) if "asks" in task else ""

    def _recalls(self) -> list[dict[str, Any]]:
        """What somebody could take back: `kind` is done, lent (a delegation) or asked (opinions)."""
        tasks = self.result.state.get("tasks") or {}
        return [{"person": person, "name": self.teller.person(person), "node": key.partition(":")[0],
                 "step": self.teller.node(key.partition(":")[0]),
                 "kind": "done" if key not in tasks else "lent" if tasks[key]["assignee"] != person else "asked"}
                for person, key in recalls(self.result.state)]

    def _also(self) -> dict[str, list[dict[str, str]]]:
        """Who may urge, and who may withdraw: {"urge" | "withdraw": [{"id", "name"}]}; the customer where the way in
        lets them, who opened the ticket, and whose it is."""
        state, found = self.result.state, dict[str, list[str]](urge=[], withdraw=[])
        if state.get("status") == "open":
            ticket, allowed = state["ticket"], customer_may(self.bundle.flow, state)
            staff = [person for person in dict.fromkeys([ticket.get("opener"), ticket.get("owner")]) if person]
            found = {what: [*([CUSTOMER] if what in allowed else []), *staff] for what in found}
            others = {task["assignee"] for task in state["tasks"].values()}
            found["urge"] = [person for person in found["urge"] if others - {person}]
        return {what: [{"id": id, "name": self.teller.who(id)} for id in people] for what, people in found.items()}

    def _may(self, task: Mapping[str, Any]) -> list[str]:
        if task["assignee"] is not None:
            return [task["assignee"]]
        world = self.result.world
        assert world is not None  # it was played
        return [id for id in world.everybody if world.may(id, task["groups"], task["people"])
                and id not in task.get("avoid", ())]

    def _opening(self, ports: FormPorts) -> list[dict[str, Any]]:
        """The fields of the trigger's form, with what the scenario fills in."""
        triggers = self.bundle.flow.triggers()
        trigger = self.loaded.trigger or (triggers[0].id if len(triggers) == 1 else None)
        if trigger not in {node.id for node in triggers}:
            return []
        state = self.bundle.opening(trigger, {"id": CUSTOMER, **self.loaded.customer})
        return self._asked(trigger, self.loaded.form, state, ports)

    def _asked(self, node: str, values: Mapping[str, Any], state: Mapping[str, Any],
               ports: FormPorts) -> list[dict[str, Any]]:
        if not self.bundle.flow.nodes[node].fields:
            return []
        view = self.bundle.view(node, values, state, self.result.at, ports, locale=self.teller.locale)
        return [self._field(field, ports) for field in view.fields() if field.editable]

    def _field(self, field: FieldView, ports: FormPorts) -> dict[str, Any]:
        limits = {key: str(field.settings[key]) for key in ("min", "max", "step") if
                  isinstance(field.settings.get(key), (int, str, Decimal))}
        return {
            "id": field.id, "type": field.type, "label": field.label, "hint": field.hint, "value": field.value,
            "display": field.display, "required": field.required, "visible": field.visible,
            "only": field.condition_text, "many": field.many, **limits,
            "options": [{"id": option.id, "label": option.label, "group": option.parent_label}
                        for option in field.options if not option.archived],
            "columns": [self._field(column, ports) for column in field.columns if column.editable],
            "sample": self._sample(field, ports),
        }

    def _sample(self, view: FieldView, ports: FormPorts) -> dict[str, Any] | None:
        """{"value": a raw answer that would do, "words"}; None where none is known."""
        fields = self.bundle.form.fields
        field = fields.get(view.id) or next((table.columns[view.id] for table in fields.values()
                                             if view.id in table.columns), None)
        if field is None:
            return None
        allowed = frozenset(option.id for option in view.options) or None
        asking = Asking(self.bundle.env(self.result.at), ports, None, allowed)
        first = [option.id for option in view.options[:1]]
        for raw in (*first, *([first] if first else ()), field.type.sample(field), CUSTOMER):
            try:
                clean = field.type.clean(field, raw, asking)
            except Problem:
                continue
            words = (text("told_sample_file", self.teller.locale) if field.type.uploads
                     else field.shown(clean, self.teller.locale, ports))
            return {"value": raw, "words": words}
        return None


def failures(teller: Teller, result: Result, raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Why a scenario (`raw`: as written) does not pass: [{"code", "where", "message"}]."""
    return [{"code": one.code, "where": one.where, "message": teller.failure(one, raw)} for one in result.failures]


def happened(bundle: Bundle, result: Result) -> dict[str, Any]:
    """An `expect` that says what came of it: where it went, how it stands, what was sent, which clocks struck."""
    state = result.state
    if not state:
        return {}
    defaults = {var.key: var.default for var in bundle.flow.vars.values()}
    fired = [f"{event['node']}:{event['port']}" for event in result.events
             if event["kind"] == "timer.fired" and event.get("port")]
    found: dict[str, Any] = {
        "status": state["status"],
        "path": [event["node"] for event in result.events if event["kind"] == "node.entered"],
        "waiting": standing(state) if state["status"] == "open" else None,
        "vars": {key: value for key, value in state["vars"].items() if value != defaults.get(key)},
        "fired": list(dict.fromkeys(fired)),
        "sent": [{"to": row["to"], "via": row["via"], "node": row["node"], "at": f"PT{row['at'] // 1000}S"}
                 for row in result.sent[:MOST_SENT] if row["at"] % 1000 == 0],
    }
    return {part: wanted for part, wanted in found.items() if wanted not in (None, {}, [])}


def percent(bundle: Bundle, runs: Sequence[Result]) -> dict[str, Any]:
    """What scenarios try of a flow: {"percent", "taken": {"node:port": times}}."""
    found = coverage(bundle.flow, [run.events for run in runs])
    return {"percent": found.percent, "taken": dict(found.taken)}
