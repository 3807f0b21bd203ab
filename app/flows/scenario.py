"""`danflow/scenarios/1`: what a scenario may say, and whether what happened is what it expects."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import marshmallow as ma

from app.core.calendar import Calendar
from app.core.errors import Invalid, Problem
from app.core.expressions.errors import Fail
from app.core.expressions.values import read_number
from app.flows.config import (
    Duration,
    Integer,
    Items,
    Json,
    Key,
    Part,
    PortId,
    Property,
    Rows,
    Schema,
    Select,
    Text,
    check_list,
    problems_of,
    refuse,
    shown,
)
from app.flows.model import Flow

SCHEMA = "danflow/scenarios/1"
MAX_SCENARIOS, MAX_SCRIPT = 500, 500
REAL = "company"
DEFAULT_AT = 1_767_574_800_000  # 2026-01-05T09:00:00+08:00, a Monday


class _Instant(Property):
    """ISO 8601 with an offset → epoch milliseconds."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo is None:
            raise refuse("sim_bad_instant", value=shown(value))
        return round(moment.timestamp() * 1000)


class _Map(Property):
    """{key: row}, each row by `schema`."""

    def __init__(self, schema: type[Schema], **more: Any) -> None:
        self.schema = schema
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict):
            raise refuse("flow_not_object")
        return {key: self.schema().load(row) for key, row in value.items()}


class _Object(Json):
    """Any JSON object."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict):
            raise refuse("flow_not_object")
        return value


class _Keyed(_Object):
    """An object that names something under `key`."""

    def __init__(self, key: str, **more: Any) -> None:
        self.key = key
        super().__init__(**more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        row = super()._deserialize(value, attr, data, **more)
        if not isinstance(row.get(self.key), str) or not 0 < len(row[self.key]) <= 80:
            raise ma.ValidationError({self.key: ["flow_not_text" if self.key in row else "flow_missing"]})
        return row


class _Hours(_Object):
    """Working hours, as core.calendar reads them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        spec = super()._deserialize(value, attr, data, **more)
        try:
            Calendar.from_spec(spec)
        except Problem as problem:
            raise ma.ValidationError({problem.where: [problem]} if problem.where else [problem]) from None
        return spec


class _Again(Property):
    """Rows like the one they stand in, for what a step asks later in the same visit; the last repeats."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        check_list(value, 0, 100)
        return [_MockRow(exclude=("again",)).load(row) for row in value]


class _MockRow(Schema):
    port = PortId(load_default=None, label={})
    leads = PortId(load_default=None, label={})  # as port for the answers; a step that asks nothing is left alone
    ok = Json(load_default=None, label={})
    result = Json(load_default=None, label={})
    error = Text(load_default="", label={}, max_length=2000)
    after = Duration(load_default=0, label={})
    again = _Again(load_default=list, label={})


class _Mocks(Property):
    """{node: "port" | {"port", "leads", "ok", "result", "error", "after", "again"}
    | a list of these, one a visit, the last repeats}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, dict):
            raise refuse("flow_not_object")
        out = {}
        for node, rows in value.items():
            rows = rows if isinstance(rows, list) else [rows]
            check_list(rows, 1, 100)
            out[node] = [_MockRow().load({"port": row} if isinstance(row, str) else row) for row in rows]
        return out


class _Doing(Schema):
    after = Duration(load_default=0, label={})
    as_ = Key(data_key="as", load_default=None, label={})
    do = Key(required=True, label={})
    form = _Object(load_default=dict, label={})
    note = Text(load_default="", max_length=2000, label={})
    to = Key(load_default=None, label={})
    when = Select(load_default="before", options={"before": "before", "after": "after"}, label={})


class _ScriptStep(_Doing):
    node = PortId(load_default=None, label={})


class _Sent(Schema):
    to = Text(load_default=None, label={}, max_length=80)
    via = Key(load_default=None, label={})
    at = Duration(load_default=None, label={})
    template = Key(load_default=None, label={})
    node = PortId(load_default=None, label={})


def _ids() -> Items:
    return Items(PortId(label={}), max=10_000, load_default=None, label={})


def _ports() -> Items:
    return Items(Text(label={}), max=1000, load_default=list, label={})


class Expect(Schema):
    """What should have happened; every part may be left out."""

    status = Key(load_default=None, label={})
    reason = Text(load_default=None, label={})
    owner = Key(load_default=None, label={})
    path = _ids()
    path_includes = _ids()
    visits = _Object(load_default=dict, label={})
    vars = _Object(load_default=dict, label={})
    form = _Object(load_default=dict, label={})
    waiting = _ids()
    fired = _ports()
    not_fired = _ports()
    sent = Rows(_Sent, max=1000, load_default=list, label={})
    not_sent = Rows(_Sent, max=1000, load_default=list, label={})


class _Person(Schema):
    id = Key(required=True, label={})
    name = Text(load_default=None, label={})
    active = Json(load_default=True, label={})
    department = Key(load_default=None, label={})
    open_tasks = Integer(load_default=0, label={})
    skills = _Object(load_default=dict, label={})
    lat = Text(load_default=None, label={})
    lng = Text(load_default=None, label={})
    shift = Key(load_default=None, label={})
    served = Duration(load_default=None, label={})
    roles = Items(_Keyed("role", label={}), max=100, load_default=list, label={})


class _Source(Schema):
    scope = PortId(required=True, label={})
    rows = Items(_Keyed("id", label={}), max=10_000, required=True, label={})


class _Department(Schema):
    id = Key(required=True, label={})
    name = Text(load_default=None, label={})
    parent = Key(load_default=None, label={})
    leader = Key(load_default=None, label={})


class _Backlog(Schema):
    waiting = Integer(load_default=0, max=1_000_000, label={})
    oldest = Duration(load_default=None, label={})


class Org(Schema):
    """The company a scenario plays in; `stores` is short for the source of that name."""

    people = Rows(_Person, max=10_000, unique="id", load_default=list, label={})
    stores = Items(_Keyed("id", label={}), max=10_000, load_default=list, label={})
    sources = _Map(_Source, load_default=dict, label={})
    calendars = Items(_Hours(label={}), max=100, load_default=list, label={})
    departments = Rows(_Department, max=1000, unique="id", load_default=list, label={})
    tz = Text(load_default="Asia/Shanghai", label={})
    backlog = _Map(_Backlog, load_default=dict, label={})

    @ma.post_load
    def _namespace(self, data: Any, **more: Any) -> Any:
        data = SimpleNamespace(**data)
        sources = {key: vars(source) for key, source in data.sources.items()}
        if data.stores:
            sources["stores"] = {"scope": "store", "rows": data.stores}
        return {"people": [vars(person) for person in data.people], "sources": sources, "calendars": data.calendars,
                "departments": [vars(row) for row in data.departments], "tz": data.tz,
                "backlog": {node: vars(row) for node, row in data.backlog.items()}}


class _Place(Part):
    """The company of one scenario: an organisation of its own, or "company": the real one, where there is one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        return value if value == REAL else super()._deserialize(value, attr, data, **more)


class Scenario(Schema):
    """One story: who brings what, who does what when, and what should come of it."""

    name = Text(required=True, label={})
    trigger = PortId(load_default=None, label={})
    at = _Instant(load_default=DEFAULT_AT, label={})
    form = _Object(load_default=dict, label={})
    customer = _Object(load_default=dict, label={})
    ticket = _Object(load_default=dict, label={})
    org = _Place(Org, load_default=None, label={})
    script = Rows(_ScriptStep, max=MAX_SCRIPT, load_default=list, label={})
    default_actors = _Map(_Doing, load_default=dict, label={})
    mocks = _Mocks(load_default=dict, label={})
    until = Duration(load_default=None, label={})
    expect = Part(Expect, load_default=lambda: Expect().load({}), label={})


class ScenarioFile(Schema):
    """A file of scenarios with the company they share."""

    schema = Select(required=True, options={SCHEMA: SCHEMA}, label={})
    flow = PortId(load_default=None, label={})
    org = Part(Org, load_default=lambda: Org().load({}), label={})
    scenarios = Rows(Scenario, max=MAX_SCENARIOS, required=True, label={})


def load_scenarios(data: Any) -> Any:
    """`.flow`, `.org` (data of a Directory) and `.scenarios`; Invalid names what cannot be read with its JSON path."""
    try:
        return ScenarioFile().load(data)
    except ma.ValidationError as error:
        raise Invalid(problems_of(error.messages)) from None


def unknown_names(flow: Flow, scenario: Any) -> list[Problem]:
    """Steps and ways out that a scenario names and the flow lacks: a typing error must not look like success."""
    expect = scenario.expect
    nodes = [("trigger", scenario.trigger), *(("default_actors", node) for node in scenario.default_actors),
             *(("mocks", node) for node in scenario.mocks), *(("expect.visits", node) for node in expect.visits),
             *((f"script[{at}].node", step.node) for at, step in enumerate(scenario.script)),
             *((f"expect.{part}", node) for part in ("path", "path_includes", "waiting")
               for node in getattr(expect, part) or ())]
    found = [Problem("flow_unknown_node", where, node=node) for where, node in nodes
             if node is not None and node not in flow.nodes]
    ports = [(f"expect.{part}", end) for part in ("fired", "not_fired") for end in getattr(expect, part)]
    ports += [(f"mocks.{node}", f"{node}:{row.port}") for node, rows in scenario.mocks.items() if node in flow.nodes
              for row in rows if row.port]
    for where, end in ports:
        name, _, port = end.partition(":")
        known = flow.nodes.get(name)
        if known is None:
            found.append(Problem("flow_unknown_node", where, node=name))
        elif not known.has_port(port):
            found.append(Problem("flow_unknown_port", where, node=name, port=port,
                                 ports=", ".join(other.id for other in known.ports)))
    return found


def unmet(expect: Any, state: Mapping[str, Any], events: Sequence[Mapping[str, Any]],
          sent: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """What was expected and did not come. `sent`: {to, via, template, node, at (ms from the start)}."""
    path = [event["node"] for event in events if event["kind"] == "node.entered"]
    fired = {f"{event['node']}:{event['port']}" for event in events
             if event["kind"] == "timer.fired" and event.get("port")}
    found: list[Problem] = []

    def check(part: str, wanted: Any, got: Any) -> None:
        if not _same(wanted, got):
            found.append(Problem("sim_differs", f"expect.{part}", wanted=_words(wanted), got=_words(got),
                                 raw=[wanted, got]))

    outcome = {"status": state["status"], "reason": state["reason"], "owner": state["ticket"].get("owner")}
    for part, got in outcome.items():
        if getattr(expect, part) is not None:
            check(part, getattr(expect, part), got)
    if expect.path is not None:
        check("path", expect.path, path)
    if expect.path_includes is not None and not _in_order(expect.path_includes, path):
        found.append(Problem("sim_path_lacks", "expect.path_includes", wanted=_words(expect.path_includes),
                             got=_words(path), raw=[expect.path_includes, path]))
    for part, now in (("visits", state["visits"]), ("vars", state["vars"]), ("form", state["form"])):
        for key, wanted in getattr(expect, part).items():
            check(f"{part}.{key}", wanted, now.get(key, 0 if part == "visits" else None))
    if expect.waiting is not None:
        check("waiting", sorted(set(expect.waiting)), standing(state))
    found += [Problem("sim_not_fired", "expect.fired", timer=end) for end in expect.fired if end not in fired]
    found += [Problem("sim_fired", "expect.not_fired", timer=end) for end in expect.not_fired if end in fired]
    for wanted in expect.sent:
        if sum(_matches(wanted, message) for message in sent) < expect.sent.count(wanted):
            found.append(Problem("sim_not_sent", "expect.sent", message=_message(wanted), raw=vars(wanted)))
    found += [Problem("sim_sent", "expect.not_sent", message=_message(wanted), raw=vars(wanted))
              for wanted in expect.not_sent if any(_matches(wanted, message) for message in sent)]
    return found


def standing(state: Mapping[str, Any]) -> list[str]:
    """The steps where the ticket stands, by name; branches that wait in a join for the others do not count."""
    return sorted({token["node"] for token in state["tokens"].values() if not token.get("arrived")})


def _in_order(wanted: Sequence[str], path: Sequence[str]) -> bool:
    ahead = iter(path)
    return all(any(node == other for other in ahead) for node in wanted)


def _same(wanted: Any, got: Any) -> bool:
    if wanted == got and isinstance(wanted, bool) == isinstance(got, bool):
        return True
    return _number(wanted) is not None and _number(wanted) == _number(got)


def _number(value: Any) -> Decimal | None:
    try:
        return None if isinstance(value, bool) else read_number(value)
    except Fail:
        return None


def _matches(wanted: Any, message: Mapping[str, Any]) -> bool:
    return all(value is None or message[key] == value for key, value in vars(wanted).items())


def _message(wanted: Any) -> str:
    return ", ".join(f"{key}={value}" for key, value in vars(wanted).items() if value is not None)


def _words(value: Any) -> str:
    text = " → ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 1000 else text[:1000] + "…"
