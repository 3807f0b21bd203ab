"""Changes of two sides brought together: what holds for any of them, and the cases that people meet."""
from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.branch import GONE, merge, same
from tests.flows.breakages import EXAMPLE

STEPS = ["a", "b", "c", "d", "e"]
BASE: dict[str, Any] = {
    "schema": "danflow/flow/1", "key": "base", "name": "Complaint", "form": "complaint",
    "vars": [{"key": "tone", "type": "text"}, {"key": "score", "type": "number"}],
    "nodes": [*({"id": id, "type": "task.handle", "tv": 1, "name": id.upper(),
                 "config": {"due": "PT1H", "note": "x", "fields": {"*": "read", "f_1": "edit"}}} for id in STEPS),
              {"id": "clock", "type": "timer.sla", "tv": 1, "name": "Clock", "config": {}, "attach": ["a", "b"]}],
    "edges": [{"id": f"e_{one}", "from": f"{one}:out", "to": f"{other}:in"}
              for one, other in zip(STEPS, STEPS[1:], strict=False)],
    "layout": {"pos": {"a": {"x": 0, "y": 0}}, "pinned": ["a"]},
    "scenarios": {"schema": "danflow/scenarios/1", "flow": "base", "org": {"people": []},
                  "scenarios": [{"name": "calm"}, {"name": "angry"}]},
}

place = st.integers(0, 40)
word = st.sampled_from(["", "one", "two", "three"])
edit = st.tuples(st.sampled_from(["rename", "set", "right", "drop", "insert", "lead", "attach", "var", "more_var",
                                  "story", "flow", "move"]), place, place, word)


def changed(content: Any, edits: list[tuple[str, int, int, str]], side: str) -> Any:
    """What somebody makes of it; new things have ids of this side."""
    flow = copy.deepcopy(content)
    for n, (what, one, other, text) in enumerate(edits):
        nodes, edges, fresh = flow["nodes"], flow["edges"], f"{side}{n}"
        node = nodes[one % len(nodes)] if nodes else None
        if what == "rename" and node:
            node["name"] = text
        elif what == "set" and node:
            node["config"]["due" if other % 2 else "note"] = text
        elif what == "right" and node:
            node["config"].setdefault("fields", {})[f"f_{other % 3}"] = text
        elif what == "drop" and node:
            out = next((edge["to"] for edge in edges if edge["from"] == f"{node['id']}:out"), None)
            flow["nodes"] = [found for found in nodes if found is not node]
            flow["edges"] = [{**edge, "to": out} if edge["to"] == f"{node['id']}:in" else edge for edge in edges
                             if edge["from"] != f"{node['id']}:out" and (edge["to"] != f"{node['id']}:in" or out)]
            for found in flow["nodes"]:
                if "attach" in found:
                    found["attach"] = [id for id in found["attach"] if id != node["id"]]
        elif what == "insert" and edges:
            edge = edges[one % len(edges)]
            step = {"id": fresh, "type": "task.handle", "tv": 1, "name": text, "config": {}}
            nodes.insert(other % (len(nodes) + 1), step)
            edges.append({"id": f"e_{fresh}", "from": f"{fresh}:out", "to": edge["to"]})
            edge["to"] = f"{fresh}:in"
        elif what == "lead" and edges and nodes:
            edges[one % len(edges)]["to"] = f"{nodes[other % len(nodes)]['id']}:in"
        elif what == "attach" and node:
            for clock in (found for found in nodes if "attach" in found):
                clock["attach"] = [id for id in clock["attach"] if id != node["id"]] if node["id"] in clock["attach"] \
                    else [*clock["attach"], node["id"]]
        elif what == "var" and flow["vars"]:
            flow["vars"][one % len(flow["vars"])]["default"] = text
        elif what == "more_var":
            flow["vars"].append({"key": fresh, "type": "text"})
        elif what == "story":
            stories = flow["scenarios"]["scenarios"]
            if other % 3:
                stories.append({"name": fresh})
            elif stories:
                stories[one % len(stories)]["note"] = text
        elif what == "flow":
            flow["name" if other % 2 else "form"] = text
        elif what == "move" and node:
            flow["layout"]["pos"][node["id"]] = {"x": one, "y": other}
    return flow


EDITS = st.lists(edit, max_size=6)


def things(flow: Any) -> dict[str, Any]:
    """Every single thing that somebody may have changed, by its path."""
    found: dict[str, Any] = {key: flow[key] for key in ("name", "form") if key in flow}
    for node in flow["nodes"]:
        path = f"nodes/{node['id']}"
        found[path] = True
        for key, value in node.items():
            if key not in ("config", "attach"):
                found[f"{path}/{key}"] = value
        for key, value in node["config"].items():
            for field, right in value.items() if key == "fields" else ():
                found[f"{path}/config/fields/{field}"] = right
            if key != "fields":
                found[f"{path}/config/{key}"] = value
        found |= {f"{path}/attach/{id}": True for id in node.get("attach", ())}
    found |= {f"edges/{edge['from']}": edge["to"] for edge in flow["edges"]}
    found |= {f"vars/{row['key']}": row for row in flow["vars"]}
    found |= {f"scenarios/{row['name']}": row for row in flow["scenarios"]["scenarios"]}
    return found


def plain(flow: Any) -> Any:
    """A content whatever the order of its parts and the ids of its lines."""
    return {**things(flow), "layout": flow["layout"]["pos"]}


def told(base: Any, merged: Any, path: str) -> bool:
    """Whether a conflict speaks of this thing; of a step that is gone or kept, with the lines that led there and on."""
    steps = {one.id for one in merged.conflicts if one.part == "step"}
    if any(path == one.path or path.startswith(f"{one.path}/") for one in merged.conflicts):
        return True
    if path.startswith("edges/"):
        return path[6:].split(":")[0] in steps or any(
            edge["from"] == path[6:] and edge["to"].split(":")[0] in steps for edge in base["edges"])
    return path.partition("/attach/")[2] in steps


def lost(base: Any, side: Any, merged: Any) -> Iterator[str]:
    """The changes of a side that are neither there nor in a conflict."""
    was, now, then = things(base), things(side), things(merged.content)
    for path in {**was, **now}:
        if not same(was.get(path, GONE), now.get(path, GONE)) and not same(now.get(path, GONE), then.get(path, GONE)):
            gone = path.startswith("edges/") and now.get(path, ":").split(":")[0] not in {
                node["id"] for node in merged.content["nodes"]}
            known = any(told(one, merged, path) for one in (side, base, merged.content))
            if not known and not (gone and merged.conflicts):
                yield path


@settings(max_examples=60, deadline=None)
@given(EDITS, EDITS)
def test_no_change_is_lost(mine: Any, theirs: Any) -> None:
    ours, other = changed(BASE, mine, "o"), changed(BASE, theirs, "t")
    before = copy.deepcopy((BASE, ours, other))
    merged = merge(BASE, ours, other)
    assert (BASE, ours, other) == before, "nothing that came in was changed"
    assert list(lost(BASE, ours, merged)) == [] and list(lost(BASE, other, merged)) == []
    assert merged.open == tuple(one.path for one in merged.conflicts)
    assert len(set(merged.open)) == len(merged.open)
    ids = [edge["id"] for edge in merged.content["edges"]]
    assert len(set(ids)) == len(ids)
    again = merge(BASE, ours, other, dict.fromkeys(merged.open, "theirs"))
    assert not again.open, "one sitting decides everything"


@settings(max_examples=30, deadline=None)
@given(EDITS)
def test_what_only_one_side_changed_is_taken_as_it_is(edits: Any) -> None:
    side = changed(BASE, edits, "s")
    assert merge(BASE, side, BASE).content == side and not merge(BASE, side, BASE).conflicts
    assert merge(BASE, BASE, side).content == {**side, "key": "base"} and not merge(BASE, BASE, side).conflicts
    assert merge(BASE, side, copy.deepcopy(side)).content == side


@settings(max_examples=40, deadline=None)
@given(EDITS, EDITS)
def test_changes_that_do_not_meet_may_come_in_any_order(mine: Any, theirs: Any) -> None:
    ours, other = changed(BASE, mine, "o"), changed(BASE, theirs, "t")
    one, turned = merge(BASE, ours, other), merge(BASE, other, ours)
    assert {found.path for found in one.conflicts} == {found.path for found in turned.conflicts}
    if not one.conflicts:
        moved = [set(_moved(side)) for side in (ours, other)]
        first, second = plain(one.content), plain(turned.content)
        for id in moved[0] & moved[1]:  # the only thing that is nobody's loss
            first["layout"].pop(id, None), second["layout"].pop(id, None)
        assert first == second


def _moved(side: Any) -> list[str]:
    was = BASE["layout"]["pos"]
    return [id for id, at in side["layout"]["pos"].items() if was.get(id) != at]


@settings(max_examples=30, deadline=None)
@given(EDITS, EDITS)
def test_a_branch_brought_up_to_date_merges_without_a_question(mine: Any, theirs: Any) -> None:
    main, branch = changed(BASE, mine, "m"), changed(BASE, theirs, "b")
    fresh = merge(BASE, branch, main)
    if not fresh.conflicts:
        merged = merge(main, main, fresh.content)  # what it was brought up to is what it begins with from now on
        assert not merged.conflicts and plain(merged.content) == plain(fresh.content)


# ---- cases that people meet -----------------------------------------------------------------------------------------


def flow(**steps: Any) -> Any:
    """The base with settings of some steps changed."""
    made = copy.deepcopy(BASE)
    for node in made["nodes"]:
        node["config"] |= steps.get(node["id"], {})
    return made


def conflicts(*sides: Any, **choose: str) -> dict[str, Any]:
    return {one.path: one for one in merge(BASE, *sides, choose).conflicts}


def test_two_settings_of_one_step_go_together_and_one_setting_is_a_question() -> None:
    merged = merge(BASE, flow(a={"due": "PT2H"}), flow(a={"note": "y"}))
    assert not merged.conflicts and merged.content["nodes"][0]["config"]["due"] == "PT2H"
    assert merged.content["nodes"][0]["config"]["note"] == "y"
    (one,) = merge(BASE, flow(a={"due": "PT2H"}), flow(a={"due": "PT3H"})).conflicts
    assert (one.path, one.part, one.id, one.key) == ("nodes/a/config/due", "setting", "a", "due")
    assert (one.base, one.ours, one.theirs) == ("PT1H", "PT2H", "PT3H")
    for choice, due in (("ours", "PT2H"), ("theirs", "PT3H")):
        done = merge(BASE, flow(a={"due": "PT2H"}), flow(a={"due": "PT3H"}), {one.path: choice})
        assert done.content["nodes"][0]["config"]["due"] == due and not done.open
    rights = merge(BASE, flow(a={"fields": {"*": "read", "f_1": "read"}}),
                   flow(a={"fields": {"*": "read", "f_1": "edit", "f_2": "edit"}}))
    assert rights.content["nodes"][0]["config"]["fields"] == {"*": "read", "f_1": "read", "f_2": "edit"}


def inserted(after: str, *ids: str) -> Any:
    """The base with steps put on the line behind a step."""
    made = copy.deepcopy(BASE)
    edge = next(edge for edge in made["edges"] if edge["from"] == f"{after}:out")
    goal = edge["to"]
    for id in ids:
        made["nodes"].append({"id": id, "type": "task.handle", "tv": 1, "name": id, "config": {}})
        edge["to"] = f"{id}:in"
        edge = {"id": f"e_{id}", "from": f"{id}:out", "to": goal}
        made["edges"].append(edge)
    return made


def way(content: Any, start: str = "a") -> list[str]:
    """The steps along the lines."""
    lines, found = {edge["from"]: edge["to"].split(":")[0] for edge in content["edges"]}, [start]
    while f"{found[-1]}:out" in lines:
        found.append(lines[f"{found[-1]}:out"])
    return found


def test_two_who_put_a_step_on_the_same_line_can_have_both() -> None:
    ours, theirs = inserted("a", "check"), inserted("a", "coupon", "thanks")
    (one,) = merge(BASE, ours, theirs).conflicts
    assert (one.path, one.part, one.id, one.key, one.chain) == ("edges/a:out", "line", "a", "out", True)
    both = merge(BASE, ours, theirs, {"edges/a:out": "both"})
    assert way(both.content) == ["a", "check", "coupon", "thanks", "b", "c", "d", "e"] and not both.open
    assert way(merge(BASE, ours, theirs, {"edges/a:out": "theirs"}).content)[:4] == ["a", "coupon", "thanks", "b"]
    again = merge(BASE, theirs, both.content).conflicts  # one side has the other's steps already
    assert [(one.path, one.chain) for one in again] == [("edges/a:out", False)]
    elsewhere = merge(BASE, ours, inserted("c", "coupon"))
    assert not elsewhere.conflicts
    assert way(elsewhere.content) == ["a", "check", "b", "c", "coupon", "d", "e"]
    other = copy.deepcopy(BASE)
    other["edges"][0]["to"] = "d:in"
    (one,) = merge(BASE, ours, other).conflicts
    assert not one.chain and merge(BASE, ours, other, {one.path: "both"}).open == (one.path,)


def without(id: str) -> Any:
    return changed(BASE, [("drop", [node["id"] for node in BASE["nodes"]].index(id), 0, "")], "x")


def test_a_step_that_one_deletes_and_the_other_works_with_is_a_question() -> None:
    gone = without("b")
    (one,) = merge(BASE, flow(b={"due": "PT9H"}), gone).conflicts
    assert (one.path, one.theirs, one.used) == ("nodes/b", GONE, False)
    kept = merge(BASE, flow(b={"due": "PT9H"}), gone, {"nodes/b": "ours"})
    assert way(kept.content) == ["a", "b", "c", "d", "e"]
    assert way(merge(BASE, flow(b={"due": "PT9H"}), gone, {"nodes/b": "theirs"}).content) == ["a", "c", "d", "e"]
    found = conflicts(gone, inserted("a", "coupon"))
    assert found["nodes/b"].used and set(found) == {"nodes/b", "edges/a:out"}
    assert merge(BASE, gone, flow(c={"due": "PT9H"})).conflicts == ()


def test_a_step_of_another_type_is_one_thing_with_its_settings() -> None:
    other = copy.deepcopy(BASE)
    other["nodes"][0] |= {"type": "task.approval", "config": {"mode": "all"}}
    (one,) = merge(BASE, flow(a={"due": "PT2H"}), other).conflicts
    assert one.path == "nodes/a/type"
    done = merge(BASE, flow(a={"due": "PT2H"}), other, {one.path: "theirs"}).content["nodes"][0]
    assert (done["type"], done["config"]) == ("task.approval", {"mode": "all"})


def test_a_new_step_under_a_taken_id_is_a_question() -> None:
    ours, theirs = inserted("a", "n"), inserted("c", "n")
    theirs["nodes"][-1]["name"] = "other"
    assert "nodes/n" in {one.path for one in merge(BASE, ours, theirs).conflicts}


def test_half_made_contents_are_merged_too() -> None:
    for broken in ({}, [], None, {"nodes": 3, "edges": [1], "vars": {}}, {"nodes": [{}, {"id": "a"}, {"id": "a"}]},
                   {"layout": 7, "scenarios": []}, {"nodes": [{"id": "a", "config": 3, "attach": "b"}]}):
        for sides in ((BASE, broken), (broken, BASE), (broken, flow(a={"due": ""}))):
            assert isinstance(merge(BASE, *sides).content, dict)
            assert isinstance(merge(broken, *sides).content, dict)


def test_the_complaint_flow_with_a_coupon_step() -> None:
    coupon = copy.deepcopy(EXAMPLE)
    line = next(edge for edge in coupon["edges"] if edge["from"].startswith("handle:"))
    coupon["nodes"].append({"id": "coupon", "type": "notify.customer", "tv": 1, "name": "补偿券", "config": {}})
    coupon["edges"].append({"id": "e_coupon", "from": "coupon:out", "to": line["to"]})
    line["to"] = "coupon:in"
    main = copy.deepcopy(EXAMPLE)
    next(node for node in main["nodes"] if node["id"] == "pool")["config"]["timeout"] = "PT10M"
    merged = merge(EXAMPLE, main, coupon)
    assert not merged.conflicts
    assert {node["id"] for node in merged.content["nodes"]} == {node["id"] for node in coupon["nodes"]}
    assert next(node for node in merged.content["nodes"] if node["id"] == "pool")["config"]["timeout"] == "PT10M"
