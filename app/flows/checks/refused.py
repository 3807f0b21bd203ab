"""What the engine's loader refuses, said with the step's name: whatever passes the checks can be loaded."""
from __future__ import annotations

import json
import marshal
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

from app.core.catalog import Catalog
from app.core.errors import Finding, Invalid, Problem
from app.flows.checks.draft import Draft, Step, error
from app.flows.checks.facts import FormFacts
from app.flows.checks.walk import Place
from app.flows.config import ID, Condition, Property
from app.flows.schema import SCHEMA, load_flow

_PLACE = re.compile(r"nodes\[([0-9]{1,4})\]\.?(.*)", re.DOTALL)
_ITEM_ID = re.compile(r"(?:nodes|edges)\[[0-9]{1,4}\]\.id")
_FORM_REF = re.compile(r"(?:form|row)\.[a-z][a-z0-9_]{0,39}(?:\.[a-z][a-z0-9_]{0,39})?")
#: What the loader refuses in the drawing itself: the graph checks say it with the step's name and a repair.
_DRAWN = {"flow_unknown_node", "flow_no_input", "flow_unknown_port", "flow_fan_out"}
_ITEM = re.compile(r"^(nodes|edges)\[([0-9]{1,4})\]")
_UNKNOWN_REFS = {"E_REF": "path", "flow_unknown_ref": "ref", "flow_unknown_var": "ref"}

#: Keys of the nodes and edges that the loader has accepted, by catalogue: an edit then costs what it changed. Bounded;
#: losing it costs time only.
_ACCEPTED: WeakKeyDictionary[Catalog, set[bytes]] = WeakKeyDictionary()
MAX_ACCEPTED = 50_000
LONG = 200  # bytes: shorter items are their own key


def check(data: Any, draft: Draft, catalog: Catalog, form: FormFacts | None) -> Iterator[Finding]:
    """A finding for every refusal; `field` is the JSON path within the node, or within the flow."""
    form = form or _any_form(draft)
    problems = _refusals(data, catalog, form)
    steps = {step.index: step for step in draft.steps.values()}
    yield from (_worded(draft, steps, problem) for problem in problems)
    if any(_of_frame(problem) for problem in problems) and not any(p.where.startswith("vars") for p in problems):
        # The loader stopped at the frame and never read the settings: give it the same steps in a sound frame.
        sound = [step for step in draft.steps.values() if step.kind]
        frame = {"schema": SCHEMA, "key": "frame", "name": "", "vars": draft.data.get("vars", []), "edges": []}
        frame["nodes"] = [{"id": f"n{at}", "type": step.type, "tv": step.version, "name": "", "config": step.config}
                          for at, step in enumerate(sound)]
        numbered = dict(enumerate(sound))
        yield from (_worded(draft, numbered, problem)
                    for problem in _refusals(frame, catalog, form) if not _of_frame(problem))


def _refusals(data: Any, catalog: Catalog, form: FormFacts) -> list[Problem]:
    """What the loader refuses of `data`, reading only the nodes and edges that it has not accepted before."""
    nodes, edges = (data.get("nodes"), data.get("edges", [])) if isinstance(data, dict) else (None, None)
    if not isinstance(nodes, list) or not isinstance(edges, list) or not nodes:
        return _load(data, catalog, form)
    frame = blake2b(json.dumps([data.get("vars"), form.types, form.sources]).encode(), digest_size=16).digest()
    accepted = _ACCEPTED.setdefault(catalog, set())
    fresh = {name: _fresh(name, frame, items, accepted) for name, items in (("nodes", nodes), ("edges", edges))}
    outer = {key: value for key, value in data.items() if key not in ("nodes", "edges")}
    whole = _key(frame + b"frame", outer)
    if not fresh["nodes"] and not fresh["edges"] and whole in accepted:
        return []
    if not fresh["nodes"]:
        fresh["nodes"] = {0: b""}  # the loader wants one
    part = {**data, "nodes": [nodes[at] for at in fresh["nodes"]], "edges": [edges[at] for at in fresh["edges"]]}
    problems = [problem for problem in _load(part, catalog, form) if not _drawn(problem)]
    for problem in problems:
        problem.where = _ITEM.sub(lambda item: f"{item[1]}[{list(fresh[item[1]])[int(item[2])]}]", problem.where)
    if not any(_of_frame(problem) for problem in problems):
        if len(accepted) > MAX_ACCEPTED:
            accepted.clear()
        refused = {int(item[2]) for problem in problems if (item := _ITEM.match(problem.where))}
        accepted.add(whole)
        accepted.update(fresh["edges"].values(), (key for at, key in fresh["nodes"].items() if at not in refused))
    return problems


def _fresh(name: str, frame: bytes, items: list[Any], accepted: set[bytes]) -> dict[int, bytes]:
    """Place → key of the items that were never accepted in this frame (what settings are read against)."""
    found, begin = {}, frame + name.encode()
    for at, item in enumerate(items):
        key = _key(begin, item)
        if key not in accepted:
            found[at] = key
    return found


def _key(begin: bytes, item: Any) -> bytes:
    text = marshal.dumps(item, 2)  # version 2: the same bytes for the same value
    return begin + (text if len(text) < LONG else blake2b(text, digest_size=16).digest())


def _load(data: Any, catalog: Catalog, form: FormFacts) -> list[Problem]:
    try:
        load_flow(data, catalog, form.types, sources=form.sources)
    except Invalid as refused:
        return refused.problems
    return []


def _any_form(draft: Draft) -> FormFacts:
    """Without a form at hand every reference to it is taken to exist, of any type: the rest is checked all the same."""
    refs = set(_FORM_REF.findall(json.dumps([step.config for step in draft.steps.values()], ensure_ascii=False)))
    return FormFacts(dict.fromkeys(refs, "any"), dict.fromkeys(refs, "?"))


def _drawn(problem: Problem) -> bool:
    """Whether the graph checks say it."""
    return problem.code in _DRAWN or (problem.code == "flow_repeated" and _ITEM_ID.fullmatch(problem.where) is not None)


def _of_frame(problem: Problem) -> bool:
    """Whether the loader refuses the outer shape, which it does before it reads settings."""
    if problem.code in _DRAWN or problem.code == "flow_bad_var_value":
        return False
    place = _PLACE.fullmatch(problem.where)
    return not place or not re.match(r"config\b", place[2]) or place[2] == "config"


def _worded(draft: Draft, steps: Mapping[int, Step], problem: Problem) -> Finding:
    place = _PLACE.fullmatch(problem.where)
    step = steps.get(int(place[1])) if place else None
    if not place or not step:
        return error("check_definition", field=problem.where, place=problem.where or "–", reason=_reason(problem))
    where = place[2]
    prop = _property(draft.properties[step.id], where)
    said: dict[str, Any] = {"node": step.id, "port": _port(step, where), "field": where, "name": step.name}
    key = _UNKNOWN_REFS.get(problem.code)
    ref = str(problem.params.get(key))[:100] if key else ""
    if ref.startswith("vars."):
        var = ref.removeprefix("vars.")
        fix = {"do": "add_var", "var": {"key": var, "type": "text"}} if ID.fullmatch(var) else None
        return error("check_undefined_var", **said, var=var, fix=fix)
    if ref.startswith("form."):
        return error("check_missing_field", **said, field_name=ref)
    if problem.code == "flow_of_no_source":
        return error("check_of_no_source", **said, field_name=str(problem.params.get("ref"))[:100])
    if isinstance(prop, Condition) and problem.code == "E_REF" and not problem.params.get("path"):
        return error("check_condition_empty", **said)
    if isinstance(prop, Condition):
        return error("check_condition", **said, reason=_reason(problem))
    label = prop.metadata.get("label") if prop else None
    return error("check_config", **said, label=label or where or "–", reason=_reason(problem))


def _reason(problem: Problem) -> dict[str, str]:
    return {"en": problem.message("en"), "zh": problem.message("zh")}


def _property(places: list[Place], where: str) -> Property | None:
    """The innermost property that the place lies in."""
    holding = [(path, prop) for path, prop, _ in places
               if where.startswith(path) and where[len(path):len(path) + 1] in ("", ".", "[")]
    return max(holding, key=lambda place: len(place[0]))[1] if holding else None


def _port(step: Step, where: str) -> str:
    """The port that the place belongs to, where ports are rows of a setting."""
    if not step.kind or not step.kind.ports_from:
        return ""
    key, _, part = step.kind.ports_from.partition("[].")
    row = re.match(rf"config\.{re.escape(key)}\[([0-9]{{1,4}})\]", where)
    rows = step.config.get(key)
    if not row or not isinstance(rows, list) or int(row[1]) >= len(rows) or not isinstance(rows[int(row[1])], Mapping):
        return ""
    port = rows[int(row[1])].get(part)
    return port if isinstance(port, str) else ""
