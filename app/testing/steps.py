"""A step of somebody's own type by itself, held to the contract, and in a small flow that is really played."""
from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.catalog import Catalog
from app.core.errors import Invalid, Problem, has_text, text
from app.core.expressions import Env
from app.flows import nodes
from app.flows.base import Answer, Ask, Go, NodeType, Outcome, Park, Wait
from app.flows.ctx import Ctx
from app.flows.model import Flow
from app.flows.sandbox import SandboxWorld
from app.flows.say import Names, Say
from app.flows.scenario import DEFAULT_AT, SCHEMA, Org, load_scenarios
from app.flows.schema import load_flow
from app.flows.simulate import Result, simulate
from app.plugins.nodes import SORTS

NOW = DEFAULT_AT  # Monday 2026-01-05 09:00 in Shanghai, epoch milliseconds
STEP = "step"


@dataclass(frozen=True)
class Played:
    """How a flow with one step of your type went. `port`: the way out it took last (None: it stands there), `vars` and
    `form` as they are then, `sent` the messages, `status` of the ticket, `result` everything else."""

    result: Result

    @property
    def port(self) -> str | None:
        left = [event for event in self.result.events if event["kind"] == "node.left" and event.get("node") == STEP]
        return left[-1]["port"] if left else None

    @property
    def vars(self) -> Mapping[str, Any]:
        return self.result.state["vars"]

    @property
    def form(self) -> Mapping[str, Any]:
        return self.result.state["form"]

    @property
    def sent(self) -> Sequence[Mapping[str, Any]]:
        return self.result.sent

    @property
    def status(self) -> str:
        return str(self.result.state["status"])

    @property
    def failures(self) -> list[str]:
        """What could not be done and why the ticket is stuck, in English."""
        return [*(problem.message("en") for problem in self.result.failures),
                *(text(stuck["code"], "en", stuck["params"]) for stuck in self.result.state.get("parked", ()))]

    def __repr__(self) -> str:
        """What a failed assertion shows."""
        shown = ("port", "status", "vars", "failures")
        return f"Played({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


#: What a test says of the flow and the form around a step, by the refusal that follows where it does not.
_SAY = {
    "flow_unknown_var": 'a test declares it: vars=[{"key": "due", "type": "date"}]',
    "flow_unknown_ref": 'a test says what there is: form={"f_day": "2026-05-01"}, or {"f_day": ""} '
                        'for a field left empty, vars=[{"key": "x", "type": "date"}]',
    "flow_ref_kind": 'a test says what kind it is: types={"form.f_day": "date"}',
}


def readable(problem: Problem, settings: str = "nodes[1].config") -> AssertionError:
    """What was refused, and where, for somebody at a terminal."""
    found = problem.problems if isinstance(problem, Invalid) else [problem]
    lines = []
    for one in found:
        place = one.where.replace(settings, "settings")
        say = f" ({_SAY[one.code]})" if one.code in _SAY else ""
        lines.append(f"{place}: {one.message('en')}{say}" if place else f"{one.message('en')}{say}")
    return AssertionError("\n".join(lines))


def flow_of(kind: type[NodeType], config: Mapping[str, Any], *, types: Mapping[str, str] | None = None,
            vars: Sequence[Mapping[str, Any]] = ()) -> Flow:
    """A public form, a step called "step", and an end behind each of its ways out. `types`: form fields by type of
    value ({"form.f_text": "text"}), `vars` as a flow declares them. Settings that are refused raise AssertionError:
    where, and why."""
    catalog = Catalog()
    nodes.register(catalog)
    catalog.nodes.add((kind.type, kind.version), kind(), owner="tests")
    ports = [port.id for port in kind().ports(dict(config))]
    drawn = {
        "schema": "danflow/flow/1", "key": "tried", "name": "tried", "form": "tried",
        "vars": [dict(var) for var in vars],
        "nodes": [
            {"id": "begin", "type": "trigger.public_form", "name": "begin"},
            {"id": STEP, "type": kind.type, "tv": kind.version, "name": "step", "config": copy.deepcopy(dict(config))},
            *({"id": f"end_{port}", "type": "flow.end", "name": port} for port in ports),
        ],
        "edges": [{"id": "e0", "from": "begin:out", "to": f"{STEP}:in"},
                  *({"id": f"e_{port}", "from": f"{STEP}:{port}", "to": f"end_{port}:in"} for port in ports)],
    }
    try:
        return load_flow(drawn, catalog, dict(types or {}))
    except Invalid as refused:
        raise readable(refused) from None


def run_node(kind: type[NodeType], config: Mapping[str, Any], answer: Answer | None = None, *,
             form: Mapping[str, Any] | None = None,
             vars: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
             customer: Mapping[str, Any] | None = None, memo: Mapping[str, Any] | None = None,
             org: Mapping[str, Any] | None = None, now: int = NOW, types: Mapping[str, str] | None = None) -> Outcome:
    """What a step answers when a ticket enters it or, with `answer`, when what it waited for has come.

    `org`: people and calendars as in scenarios; `memo`: what it kept. Types of values follow from `form` where `types`
    says nothing; `vars` are values, or declared as for flow_sim.
    """
    form = dict(form or {})
    if vars is None or isinstance(vars, Mapping):
        vars = dict(vars or {})
        declared = [{"key": key, "type": _sort(value)} for key, value in vars.items()]
    else:
        declared = [dict(var) for var in vars]
        vars = {var["key"]: var.get("default") for var in declared}
    known = {**{f"form.{key}": _sort(value) for key, value in form.items()}, **(types or {})}
    node = flow_of(kind, config, types=known, vars=declared).nodes[STEP]
    state = {"status": "open", "form": form, "vars": vars, "customer": dict(customer or {}), "messages": {},
             "ticket": {"owner": None, "source": "begin", "opened": now}, "tasks": {}, "visits": {STEP: 1}}
    world = SandboxWorld(_company(org))
    ctx = Ctx(node, 1, state, now, world, Env(now, world.tz(now)), memo)
    outcome = node.type.enter(ctx, node.config) if answer is None else node.type.resume(ctx, node.config, answer)
    if isinstance(outcome, Go) and not node.has_port(outcome.port):
        ways = ", ".join(port.id for port in node.ports)
        raise AssertionError(f"it goes {outcome.port!r}, which is none of its ways out: {ways}")
    if isinstance(outcome, Park) and not (outcome.params.get("texts") or has_text(outcome.code)):
        raise AssertionError(f"it stops with {outcome.code!r}, which staff would read as it stands; give it words: "
                             f'Park({outcome.code!r}, {{"texts": names(Chinese, English)}})')
    return outcome


def asks(outcome: Outcome, sort: type[Ask]) -> list[Any]:
    """The asks of one sort that came with an outcome: `asks(outcome, Timer)`."""
    return [ask for ask in getattr(outcome, "do", ()) if isinstance(ask, sort)]


def _company(org: Mapping[str, Any] | None) -> Any:
    """The company as a scenario has it read."""
    return Org().load(dict(org or {}))


def _sort(value: Any) -> str:
    return "bool" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else \
        "list" if isinstance(value, list) else "text"


def assert_step(kind: type[NodeType], *configs: Mapping[str, Any], **state: Any) -> None:
    """See assert_contract."""
    catalog = Catalog()
    nodes.register(catalog)
    made = SORTS[0].made(kind, catalog, "tests")
    for config in configs:
        assert json.loads(json.dumps(config)) == config, "settings are JSON"
        first = run_node(kind, config, **state)
        assert first == run_node(kind, config, **state), "enter() must answer the same when it is asked again"
        assert isinstance(first, Outcome), f"enter() answered {first!r}"
        assert not isinstance(first, Wait) or made.waits, "a step that waits says so: waits = True"
        for locale in ("zh", "en"):
            assert isinstance(made.summary(config, Say(Names(), locale)), str), "summary() gives words"
            made.summary({}, Say(Names(), locale))  # a draft says nothing yet
    drafts: tuple[Any, ...] = (None, {}, [], {"cases": 3}, {"port": {}})
    for strange in drafts:
        assert all(isinstance(port.id, str) for port in made.ports(strange)), "ports() must stand any draft"


FlowSim = Callable[..., Played]


@pytest.fixture
def flow_sim() -> FlowSim:
    """`play`, as a fixture."""
    return play


def play(kind: type[NodeType], config: Mapping[str, Any], *, form: Mapping[str, Any] | None = None,
         vars: Sequence[Mapping[str, Any]] = (), types: Mapping[str, str] | None = None,
         now: int = NOW, **scenario: Any) -> Played:
    """Play a small flow with one step: `play(Kind, config, form=…, vars=…, mock=…, script=…)`.

    `script`, `default_actors`, `until`, `org` as in scenarios (docs/flow-engine.md); the step is called "step", and
    `mock=` is short for its mocks. AssertionError: what the test says that cannot be played.
    """
    form = dict(form or {})
    known = {f"form.{key}": _sort(value) for key, value in form.items()}
    flow = flow_of(kind, config, types={**known, **(types or {})}, vars=vars)
    scenario.setdefault("at", datetime.fromtimestamp(now / 1000, UTC).isoformat())
    mocks = scenario.pop("mock", None)
    if mocks is not None:
        scenario["mocks"] = {STEP: mocks}
    try:
        file = load_scenarios({"schema": SCHEMA, "scenarios": [{"name": "tried", "form": form, **scenario}]})
    except Invalid as refused:
        raise readable(refused) from None
    story = file.scenarios[0]

    def judge(node: str, action: str | None, sent: Mapping[str, Any], state: Mapping[str, Any], now: int) -> Any:
        return {**state["form"], **sent}

    try:
        result = simulate(flow, story, story.org or file.org, judge)
    except Problem as problem:
        raise readable(problem) from problem
    if not result.state:  # it never began: the test names what is not there
        raise readable(Invalid(result.failures))
    return Played(result)
