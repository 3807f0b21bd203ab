"""CPU milliseconds of the pure parts: judging a form, checking and deciding a flow, working time, expressions."""
from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from app.cli._catalog import pure_catalog
from app.core.calendar import Calendar
from app.core.expressions import Env
from app.definitions.bundle import Bundle
from app.definitions.sandbox import play
from app.flows.check import check_flow
from app.flows.engine import decide
from app.flows.rehearse import load_plan, model_of
from app.flows.rehearse.report import facts_of
from app.flows.rehearse.run import run
from app.flows.sandbox import SandboxWorld
from app.flows.scenario import load_scenarios
from app.forms.access import resolve
from app.forms.schema import load_form
from app.forms.validate import judge
from bench.company import LIBRARY

HOUR = 3_600_000
NOW = 1_793_581_200_000
ROUND = "ROUND(COALESCE({{form.ONE}}, 0) * 1.13 + SUM({{form.TWO}}, 2), 2)"


class Nothing:
    """Form ports of a company that keeps no lists, files, customers or colleagues."""

    def reference(self, source: str, row_id: str) -> None:
        return None

    def choices(self, source: str, words: str = "") -> list[Any]:
        return []

    def attachments(self, ids: Any) -> dict[str, Any]:
        return {}

    def customer(self, customer_id: str) -> None:
        return None

    def person(self, person_id: str, roles: Any = (), department: str = "") -> None:
        return None

    def people(self, roles: Any, department: str) -> list[Any]:
        return []

    def me(self) -> None:
        return None


def best_ms(work: Callable[[], Any], times: int = 10) -> float:
    """The fastest of seven rounds, per call: what the work costs when nothing disturbs it."""
    rounds = []
    for _ in range(7):
        began = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - began) * 1000 / times)
    return min(rounds)


def _big_form() -> tuple[Any, dict[str, str]]:
    """Sixty fields, thirty formulas, fifty rules, and answers to them."""
    fields: list[dict[str, Any]] = [{"id": f"f_n{n}", "type": "number"} for n in range(30)]
    fields += [{"id": f"f_c{n}", "type": "computed", "result": "money",
                "formula": ROUND.replace("ONE", f"f_n{n}").replace("TWO", f"f_n{(n + 1) % 30}")} for n in range(30)]
    rules = []
    for n in range(50):
        either = [{"ref": f"form.f_n{n % 30}", "op": "not_empty"},
                  {"ref": f"form.f_n{(n + 7) % 30}", "op": "lt", "value": "5"}]
        action = {"do": "require"} if n % 2 else {"do": "error", "message": "太大"}
        rules.append({"id": f"r_{n}", "then": [{**action, "target": f"f_n{n % 30}"}],
                      "when": {"all": [{"ref": f"form.f_c{n % 30}", "op": "gt", "value": "10"}, {"any": either}]}})
    data = {"schema": "danflow/form/1", "key": "bench", "title": "Bench", "locale": "zh-CN", "locales": ["zh-CN"],
            "sections": [{"id": "s_all", "title": "All"}],
            "fields": [{"label": field["id"], "section": "s_all", **field} for field in fields], "rules": rules}
    return load_form(data, pure_catalog()), {f"f_n{n}": str(n) for n in range(30)}


def _long_flow(nodes: int) -> dict[str, Any]:
    """The example, its first way lengthened to `nodes` nodes by conditions in a row."""
    flow: dict[str, Any] = json.loads((LIBRARY / "flow.json").read_text("utf-8"))
    like = next(node for node in flow["nodes"] if node["id"] == "big")
    first = next(edge for edge in flow["edges"] if edge["from"] == "classify:out")
    target = first["to"]
    for n in range(nodes - len(flow["nodes"])):
        flow["nodes"].append({**like, "id": f"step{n}"})
        flow["edges"] += [{"id": f"y{n}", "from": f"step{n}:yes", "to": "pool:in"}]
        first["to"], first = f"step{n}:in", {"id": f"x{n}", "from": f"step{n}:else", "to": target}
        flow["edges"].append(first)
    return flow


def _longest_story() -> Callable[[], Any]:
    """The longest scenario of the example, as the sandbox plays it."""
    form, flow, stories = (json.loads((LIBRARY / f"{name}.json").read_text("utf-8"))
                           for name in ("form", "flow", "scenarios"))
    bundle, read = Bundle.load(form, flow, pure_catalog()), load_scenarios(stories)
    return lambda: play(bundle, read.scenarios[-1], read.org, watched=True)


def _restaurant() -> tuple[Any, dict[str, Any]]:
    """The example, loaded, and the company of its scenarios."""
    files = {name: json.loads((LIBRARY / f"{name}.json").read_text("utf-8")) for name in ("form", "flow", "scenarios")}
    bundle = Bundle.load(files["form"], files["flow"], pure_catalog())
    return bundle.flow, load_scenarios(files["scenarios"]).org


def _decide_ms(flow: Any, org: dict[str, Any]) -> float:
    """One decision of the example: an agent hands in a ticket that then goes through three steps."""
    world = SandboxWorld(org)
    start = {"kind": "start", "trigger": "t_menu", "form": {"f_store": "st_hz1", "f_body": "要求退款"},
             "customer": {"id": "c"}, "ticket": {}}
    opened = decide(flow, {}, start, NOW, world).state
    claimed = decide(flow, opened, {"kind": "act", "task": "pool:1", "action": "claim", "by": "a1"}, NOW, world).state
    submit = {"kind": "act", "task": "handle:1", "action": "submit", "by": "a1", "form": claimed["form"]}
    return best_ms(lambda: decide(flow, claimed, submit, NOW, world), 200)


def rehearsal_ms(flow: Any, org: dict[str, Any]) -> float:
    """5,000 tickets through the example, twenty times, by enough people in a shop's hours, with the SLA's clock."""
    staff = {"role:cs_agent": 250, "role:region_manager": 20, "role:quality": 40, "role:hq_ops": 20}
    model = model_of(flow, org, load_plan({
        "tickets": 5000, "staff": {team: {"people": people} for team, people in staff.items()}}))
    began = time.process_time()
    for seed in range(20):
        facts_of(model, run(model, seed))
    return (time.process_time() - began) * 1000


def measure() -> list[tuple[str, float, float]]:
    """(what, CPU ms, goal in ms)."""
    form, answers = _big_form()
    access, env, ports = resolve(form, {"*": "edit"}), Env(NOW, [[0, 480]]), Nothing()
    catalog, flow = pure_catalog(), _long_flow(300)
    shop = Calendar.from_spec({"id": "stores", "days": "mon-sun", "hours": ["09:00-21:00"], "tz": "Asia/Shanghai"})
    example, org = _restaurant()
    check_flow(flow, catalog)  # accepted nodes are remembered: an editor checks the same flow again and again
    return [
        ("judge 60 fields, 30 formulas, 50 rules",
         best_ms(lambda: judge(form, answers, access=access, current={}, scope={}, env=env, ports=ports)), 5.0),
        ("check a flow of 300 nodes again", best_ms(lambda: check_flow(flow, catalog), 3), 10.0),
        ("one scenario of 40 steps in the sandbox", best_ms(_longest_story(), 3), 50.0),
        ("decide: a ticket handed in, three steps on", _decide_ms(example, org), 0.3),
        ("load rehearsal: 5,000 tickets × 20 runs, calendars and SLA", rehearsal_ms(example, org), 10_000.0),
        ("24 working hours on a calendar", best_ms(lambda: shop.add(NOW, 24 * HOUR), 1000), 0.02),
    ]
