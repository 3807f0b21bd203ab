"""Publish checks never raise, stay within their limits."""
import copy
import json
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import Problem, TooLarge
from app.flows.check import FormFacts, apply_fix, blocks, check_flow
from app.flows.schema import load_flow
from tests.flows.breakages import CATALOG, EXAMPLE, FACTS, FORM, HANDLE, NOTIFY, PLACES, checked, codes


@pytest.mark.parametrize(("data", "code"), [
    ({"nodes": [{}] * 2001}, "check_too_many_nodes"),
    ({"edges": [{}] * 9000}, "check_too_many_edges"),
    ({"name": "长" * 2_000_001}, "check_too_large"),
    ([["x" * 1000] * 2100], "check_too_large"),
])
def test_sizes_beyond_the_limits_are_refused_by_name(data, code):
    with pytest.raises(TooLarge) as caught:
        check_flow(data, CATALOG)
    assert caught.value.code == code
    assert re.search("[0-9]", caught.value.message("zh"))


def test_depth_beyond_the_limit_is_refused_instead_of_exhausting_the_stack():
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    try:
        with pytest.raises(TooLarge) as caught:
            check_flow({"nodes": [{"id": "a", "type": "flow.end", "config": deep}]}, CATALOG)
        assert caught.value.code == "check_too_deep"
    finally:
        while isinstance(deep, list):  # taken apart by hand: freeing it at once would recurse
            deep = deep.pop()


def large(count):
    flow = {"schema": "danflow/flow/1", "key": "large", "name": "大流程", "form": "complaint", "vars": EXAMPLE["vars"],
            "nodes": [copy.deepcopy(EXAMPLE["nodes"][1])],
            "edges": [{"id": "first", "from": "t_menu:out", "to": "n0a:in"}]}
    when = {"all": [{"ref": "form.f_comp", "op": "gt", "value": "50000"}]}
    for number in range((count - 2) // 3):
        flow["nodes"] += [
            {"id": f"n{number}a", "type": "branch.condition", "tv": 1, "name": "金额", "config": {
                "cases": [{"port": "yes", "label": "大", "when": when}]}},
            {"id": f"n{number}b", "type": "task.handle", "tv": 1, "name": "处理", "config": HANDLE},
            {"id": f"n{number}c", "type": "notify.staff", "tv": 1, "name": "通知", "config": NOTIFY}]
        after = f"n{number + 1}a:in" if number + 1 < (count - 2) // 3 else "end:in"
        for source, port, target in (("a", "yes", f"n{number}b:in"), ("a", "else", f"n{number}c:in"),
                                     ("b", "done", f"n{number}c:in"), ("c", "out", after)):
            flow["edges"].append({"id": f"{number}{source}{port}", "from": f"n{number}{source}:{port}", "to": target})
    flow["nodes"].append({"id": "end", "type": "flow.end", "tv": 1, "name": "结束", "config": {"status": "closed"}})
    return flow


def test_three_hundred_nodes_pass():
    assert codes(checked(large(300))) == []


def test_what_was_accepted_before_is_judged_anew_where_it_matters():
    assert codes(checked(EXAMPLE)) == []
    smaller = FormFacts({key: kind for key, kind in FACTS.types.items() if key != "form.f_comp"}, FACTS.sources,
                        FACTS.fields, FACTS.sections)
    assert codes(checked(EXAMPLE, form=smaller)) == ["check_missing_field", "check_missing_field"]
    without = {**EXAMPLE, "vars": []}
    assert set(codes(checked(without))) == {"check_undefined_var"}
    swapped = {**EXAMPLE, "edges": [*EXAMPLE["edges"], EXAMPLE["nodes"][0]]}
    assert "check_definition" in codes(checked(swapped))
    faulty = copy.deepcopy(EXAMPLE)
    faulty["nodes"][10]["config"]["timeout"] = "P1M"
    for _ in range(2):
        assert [finding.node for finding in checked(faulty) if finding.level == "error"] == ["pool"]
    assert codes(checked(EXAMPLE)) == []


def play(flow, choose):
    """Tokens through the drawing, every way out as likely as the next; what goes wrong in words, or None.

    Knows nothing of the checker: a fork opens a token a branch, a join waits for one of each, an end takes the last.
    """
    nodes = {node["id"]: node for node in flow["nodes"]}
    ways = {}
    for edge in flow["edges"]:
        ways.setdefault(edge["from"].partition(":")[0], []).append(edge)
    triggers = [node for node in nodes if nodes[node]["type"].startswith("trigger")]
    moving, arrived = [(triggers[choose(len(triggers))], ())], {}
    for _ in range(120):
        if not moving:
            return f"waits for ever at {sorted(arrived)}" if arrived else None
        node, inside = moving.pop(choose(len(moving)))
        kind, config = nodes[node]["type"], nodes[node]["config"]
        if kind == "flow.end":
            return f"ends inside {inside}" if inside else None
        if kind == "branch.join":
            if not inside or inside[-1][0] != config["fork"]:
                return f"came to {node} from outside"
            *outer, (fork, branch) = inside
            here = arrived.setdefault((node, tuple(outer)), set())
            if branch in here:
                return f"twice at {node} by {branch}"
            here.add(branch)
            if len(here) < len(nodes[fork]["config"]["branches"]):
                continue
            del arrived[node, tuple(outer)]
            inside = tuple(outer)
        out = ways.get(node, [])
        if not out:
            return f"stuck at {node}"
        for edge in out if kind == "branch.parallel" else [out[choose(len(out))]]:
            branch = ((node, edge["from"]),) if kind == "branch.parallel" else ()
            moving.append((edge["to"].partition(":")[0], (*inside, *branch)))
    return None


NESTED = copy.deepcopy(EXAMPLE)
NESTED["nodes"] += [
    {"id": "fork2", "type": "branch.parallel", "name": "两路",
     "config": {"branches": [{"port": "b1"}, {"port": "b2"}], "join": "join2"}},
    {"id": "join2", "type": "branch.join", "name": "汇合", "config": {"fork": "fork2"}},
    {"id": "task2", "type": "task.handle", "name": "区域处理", "config": {
        **HANDLE, "actions": [{"port": "done", "label": "完成"}, {"port": "again", "label": "重来"}]}}]
NESTED["edges"] = [edge for edge in NESTED["edges"] if edge["from"] != "n_sup:out"] + [
    {"id": f"x{number}", "from": source, "to": target} for number, (source, target) in enumerate([
        ("n_sup:out", "fork2:in"), ("fork2:b1", "task2:in"), ("fork2:b2", "join2:in"), ("task2:done", "join2:in"),
        ("task2:again", "task2:in"), ("join2:out", "join:in")])]
TARGETS = [node["id"] for node in NESTED["nodes"] if not node["type"].startswith(("trigger", "timer"))]
MAIN = [at for at, edge in enumerate(NESTED["edges"]) if not edge["from"].startswith("sl")]


def test_a_ticket_cannot_get_stuck_in_a_drawing_that_passes():
    chance, passed = random.Random(20261102), 0
    for _ in range(600):
        flow = copy.deepcopy(NESTED)
        for _ in range(chance.choice((1, 1, 2))):
            flow["edges"][chance.choice(MAIN)]["to"] = f"{chance.choice(TARGETS)}:in"
        if not blocks(checked(flow)):
            passed += 1
            for _ in range(20):
                assert play(flow, chance.randrange) is None
    assert passed > 50


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["in", "id", "type", "flow.end", "a:out", "a:in", "branch.parallel", "vars.x", "form.f_x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(max_size=4)
        | st.sampled_from(["nodes", "edges", "id", "type", "config", "from", "to", "attach", "vars"]),
        inner, max_size=5),
    max_leaves=25)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_any_json_gets_findings_and_no_exception(data):
    findings = check_flow(data, CATALOG, form=FACTS, **PLACES)
    assert blocks(findings)
    json.dumps([finding.as_dict() for finding in findings])


def paths(value, here=()):
    yield here
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[key], (*here, key))


PATHS = [path for path in paths(EXAMPLE) if path]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.none() | JSON), min_size=1, max_size=4), st.data())
def test_any_mutation_gets_findings_and_whatever_passes_can_be_loaded(changes, data):
    flow = copy.deepcopy(EXAMPLE)
    for path, value in changes:
        holder = flow
        try:
            for key in path[:-1]:
                holder = holder[key]
            if data.draw(st.booleans()):
                holder[path[-1]] = value
            else:
                del holder[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    findings = checked(flow)
    for finding in findings:
        json.dumps(finding.as_dict("en"))
        if finding.fix:
            try:
                checked(apply_fix(flow, finding.fix))
            except Problem as problem:
                assert problem.code == "fix_stale"
    if not blocks(findings):
        load_flow(flow, CATALOG, FORM.types(), sources=FORM.sources())
