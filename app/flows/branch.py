"""Two people's changes to one flow brought together: a merge of three contents by the ids of what stands in them.

`base` is what both began with, `ours` and `theirs` what became of it. Whatever only one side changed is taken over;
where both changed the same thing in different ways, that is a conflict for a person. What counts as one thing: a
property of the flow, a step's name, a setting of a step (a field's right of its own), what a clock covers item by item,
the line of a way out, a variable, a saved scenario. Where steps stand on the canvas is no conflict: `ours` counts.

Contents may be half made: a list whose entries have no ids of their own is one thing as a whole.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

OURS, THEIRS, BOTH = "ours", "theirs", "both"
CHOICES = (OURS, THEIRS, BOTH)
GONE: Any = object()  # there is none on this side
KEPT = ("schema", "key")  # of the flow that is merged into
_TYPED = ("type", "tv", "config")  # settings belong to their type: where a side changed it they are one thing


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed the same thing; `base`, `ours`, `theirs` may be GONE.

    `path` names it for the person's decision; `part`: flow | var | step | setting | right | line | story | company;
    `id`: of the step, variable or scenario (of a line: the step it leaves); `key`: the property, setting, field or way
    out. `used`: one side deleted the step, the other did not change it but works with it. `chain`: both lines can be
    had, one side's steps behind the other's.
    """

    path: str
    part: str
    id: str
    key: str
    base: Any
    ours: Any
    theirs: Any
    used: bool = False
    chain: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """`content` with the decisions carried out; a conflict without one stays as `ours` has it and is in `open`."""

    content: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    open: tuple[str, ...]


def merge(base: Any, ours: Any, theirs: Any, choose: Mapping[str, str] | None = None) -> Merged:
    """Bring `theirs` into `ours`. `choose`: path of a conflict → ours | theirs | both (where it has `chain`).

    Contents are raw flows, with "scenarios" (a file of scenarios) if theirs are to be merged, too. None is changed.
    """
    work = _Merge(dict(choose or {}))
    content = work.flow(_dict(base), _dict(ours), _dict(theirs))
    return Merged(content, tuple(work.conflicts), tuple(one.path for one in work.conflicts if not work.decided(one)))


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are alike: 1, 1.0 and true are not."""
    return one is other or (GONE is not one and GONE is not other and one == other and _text(one) == _text(other))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


Merger = Callable[[str, Any, Any, Any], Any]  # id, base, ours, theirs → the merged item or GONE


class _Merge:
    def __init__(self, choose: dict[str, str]) -> None:
        self.choose = choose
        self.conflicts: list[Conflict] = []
        self.dropped: set[str] = set()  # steps that a decision deletes
        self.kept: dict[str, str] = {}  # step that a decision keeps → the side that has it, with its lines
        self.chains: list[str] = []

    def decided(self, one: Conflict) -> bool:
        choice = self.choose.get(one.path)
        return choice in (OURS, THEIRS) or (choice == BOTH and one.chain)

    def conflict(self, one: Conflict) -> Any:
        """Note it; what the decision makes of it."""
        self.conflicts.append(one)
        if self.choose.get(one.path) == BOTH and one.chain:
            self.chains.append(one.path)
        return one.theirs if self.choose.get(one.path) == THEIRS else one.ours

    def thing(self, path: str, part: str, id: str, key: str, base: Any, ours: Any, theirs: Any) -> Any:
        """One thing that has no parts."""
        if same(ours, theirs) or same(theirs, base):
            return ours
        if same(ours, base):
            return theirs
        return self.conflict(Conflict(path, part, id, key, base, ours, theirs))

    # ---- the flow ----

    def flow(self, base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
        # What a side works with that the other deleted is asked of the lines and clocks that it made.
        self.used = {id: _touched(base, side) for id, side in ((OURS, ours), (THEIRS, theirs))}
        parts: dict[str, Callable[[Any, Any, Any], Any]] = {
            "nodes": lambda *sides: self.rows("nodes", _by_id, self.step, sides, "step"),
            "edges": lambda *sides: self.lines(sides, base, ours, theirs),
            "vars": lambda *sides: self.rows("vars", _by_key, self.var, sides, "var"),
            "layout": _layout,
            "scenarios": self.stories,
        }
        merged: dict[str, Any] = {}
        for key in sorted({**ours, **theirs}, key="nodes".__ne__):  # lines follow what becomes of steps
            three = tuple(side.get(key, GONE) for side in (base, ours, theirs))
            if key in KEPT:
                found = three[1]
            elif key in parts:
                found = parts[key](*three)
            else:
                found = self.thing(key, "flow", "", key, *three)
            if found is not GONE:
                merged[key] = found
        merged = {key: merged[key] for key in {**ours, **theirs} if key in merged}
        return self.tidy(merged, base, ours, theirs)

    def rows(self, path: str, keyed: Callable[[Any], dict[str, Any] | None], item: Merger, sides: tuple[Any, ...],
             part: str) -> Any:
        """A list of things with ids; as one thing where a side's entries have none."""
        base, ours, theirs = sides
        follows = part == "line" and (self.dropped or self.kept)  # what a decision about steps says of their lines
        if not follows and (same(ours, theirs) or same(theirs, base)):
            return ours
        if not follows and same(ours, base):
            return theirs
        three = [keyed([] if side is GONE else side) for side in sides]
        if None in three:
            return self.thing(path, part, "", "", base, ours, theirs)
        was, mine, other = (side or {} for side in three)
        found = {id: item(id, was.get(id, GONE), mine.get(id, GONE), other.get(id, GONE))
                 for id in {**was, **mine, **other}}
        return [found[id] for id in _order(list(was), list(mine), list(other)) if found[id] is not GONE]

    def var(self, id: str, base: Any, ours: Any, theirs: Any) -> Any:
        return self.thing(f"vars/{id}", "var", id, "", base, ours, theirs)

    def step(self, id: str, base: Any, ours: Any, theirs: Any) -> Any:
        path = f"nodes/{id}"
        if base is GONE:  # new on both sides under one id: nobody can say what belongs to which
            return self.thing(path, "step", id, "", base, ours, theirs)
        if GONE in (ours, theirs):
            return self.gone(Conflict(path, "step", id, "", base, ours, theirs))
        merged: dict[str, Any] = {}
        typed = any(not same(base.get(key, GONE), side.get(key, GONE)) for side in (ours, theirs) for key in _TYPED[:2])
        if typed:
            three = [{key: side[key] for key in _TYPED if key in side} for side in (base, ours, theirs)]
            merged |= self.thing(f"{path}/type", "setting", id, "type", *three)
        for key in {**ours, **theirs}:
            sides = tuple(side.get(key, GONE) for side in (base, ours, theirs))
            if typed and key in _TYPED:
                continue
            if key == "config":
                found = self.config(path, id, *sides)
            elif key == "attach":
                found = self.covered(*sides)
            else:
                found = self.thing(f"{path}/{key}", "setting", id, key, *sides)
            if found is not GONE:
                merged[key] = found
        return merged

    def gone(self, one: Conflict) -> Any:
        """A step that one side deleted: the other may have changed it, or work with it."""
        if same(one.ours, one.theirs):
            return GONE
        left, kept = (one.ours, self.used[OURS]) if one.theirs is GONE else (one.theirs, self.used[THEIRS])
        changed = not same(left, one.base)
        if not changed and one.id not in kept:
            return GONE
        found = self.conflict(replace(one, used=not changed))
        if found is GONE:
            self.dropped.add(one.id)
        else:
            self.kept[one.id] = OURS if one.theirs is GONE else THEIRS
        return found

    def config(self, path: str, id: str, base: Any, ours: Any, theirs: Any) -> Any:
        if not all(isinstance(side, dict) for side in (base, ours, theirs)):
            return self.thing(f"{path}/config", "setting", id, "config", base, ours, theirs)
        merged = {}
        for key in {**ours, **theirs}:
            sides = tuple(side.get(key, GONE) for side in (base, ours, theirs))
            if key == "fields" and all(isinstance(side, dict) for side in sides):
                rights = {field: self.thing(f"{path}/config/fields/{field}", "right", id, field,
                                            *(side.get(field, GONE) for side in sides))
                          for field in {**sides[1], **sides[2]}}
                found: Any = {field: right for field, right in rights.items() if right is not GONE}
            else:
                found = self.thing(f"{path}/config/{key}", "setting", id, key, *sides)
            if found is not GONE:
                merged[key] = found
        return merged

    def covered(self, base: Any, ours: Any, theirs: Any) -> Any:
        """Lists that are sets: what either added is there, what either took away is not."""
        if same(ours, theirs) or same(theirs, base):
            return ours
        if same(ours, base):
            return theirs
        return _united(base, ours, theirs)

    # ---- lines ----

    def lines(self, sides: tuple[Any, ...], base: Any, ours: Any, theirs: Any) -> Any:
        """A way out has one line: that is what both may have changed, whatever the line's id."""
        chain = _Chain(base, ours, theirs)

        def line(place: str, was: Any, mine: Any, other: Any) -> Any:
            step, _, port = place.partition(":")
            if step in self.dropped:
                return GONE
            for side, has in ((OURS, mine), (THEIRS, other)):
                ends = {step} if has is GONE else {step, _node(has.get("to"))}
                if any(self.kept.get(end) == side for end in ends):
                    return has
            for has, left in ((mine, other), (other, mine)):
                if has is not GONE and _node(has.get("to")) in self.dropped:
                    return left
            if same(mine, other) or same(other, was):
                return mine
            if same(mine, was):
                return other
            if GONE in (mine, other):
                return self.conflict(Conflict(f"edges/{place}", "line", step, port, was, mine, other))
            merged = {}
            for key in {**mine, **other}:
                three = [GONE if side is GONE else side.get(key, GONE) for side in (was, mine, other)]
                if key == "to" and not any(same(three[a], three[b]) for a, b in ((0, 1), (0, 2), (1, 2))):
                    found = self.conflict(Conflict(f"edges/{place}", "line", step, port, was, mine, other,
                                                   chain=chain.fits(was, mine, other)))
                    found = found.get("to", GONE) if isinstance(found, Mapping) else found
                elif key == "id":
                    found = three[1]
                else:
                    found = self.thing(f"edges/{place}/{key}", "line", step, f"{port}/{key}", *three)
                if found is not GONE:
                    merged[key] = found
            return merged

        found = self.rows("edges", _by_port, line, sides, "line")
        if not isinstance(found, list):
            return found
        for path in self.chains:
            found = chain.linked(path.removeprefix("edges/"), found)
        return found

    def tidy(self, merged: dict[str, Any], *sides: dict[str, Any]) -> dict[str, Any]:
        """Without what leads to steps that a decision deleted, and with an id of its own for each line."""
        edges, decided = merged.get("edges"), self.dropped
        if decided and isinstance(merged.get("nodes"), list):
            merged["nodes"] = [{**node, "attach": [one for one in node["attach"] if one not in decided]}
                               if isinstance(node, dict) and isinstance(node.get("attach"), list) else node
                               for node in merged["nodes"]]
        if not isinstance(edges, list) or not (decided or all(edges is not side.get("edges") for side in sides)):
            return merged
        kept, ids = [], set()
        for edge in edges:
            if isinstance(edge, dict):
                if decided and {_node(edge.get("from")), _node(edge.get("to"))} & decided:
                    continue
                id, n = str(edge.get("id")), 1
                while id in ids:
                    n += 1
                    id = f"{edge.get('id')}_{n}"
                ids.add(id)
                edge = edge if id == str(edge.get("id")) else {**edge, "id": id}
            kept.append(edge)
        return {**merged, "edges": kept}

    # ---- scenarios ----

    def stories(self, base: Any, ours: Any, theirs: Any) -> Any:
        """A file of scenarios: each by its name, the made-up company by its parts."""
        if same(ours, theirs) or same(theirs, base):
            return ours
        if same(ours, base):
            return theirs
        was, mine, other = (_dict(side) for side in (base, ours, theirs))
        merged = {**other, **mine}
        rows = tuple(side.get("scenarios", GONE) for side in (was, mine, other))
        merged["scenarios"] = self.rows("scenarios", _by_name, self.story, rows, "story")
        orgs = [_dict(side.get("org")) for side in (was, mine, other)]
        org = {key: self.thing(f"org/{key}", "company", "", key, *(side.get(key, GONE) for side in orgs))
               for key in {**orgs[1], **orgs[2]}}
        org = {key: value for key, value in org.items() if value is not GONE}
        if org or "org" in merged:
            merged["org"] = org
        return merged

    def story(self, id: str, base: Any, ours: Any, theirs: Any) -> Any:
        return self.thing(f"scenarios/{id}", "story", id, "", base, ours, theirs)


class _Chain:
    """Both sides put steps on one line: `ours` first, then `theirs`, then what the line led to."""

    def __init__(self, base: Any, ours: Any, theirs: Any) -> None:
        self.old = set(_by_id(base.get("nodes", [])) or ())
        self.ours, self.theirs = ours, theirs
        self.plan: dict[str, tuple[list[str], str]] = {}  # way out → (ways out of ours that led on, first of theirs)

    def fits(self, was: Any, mine: Any, other: Any) -> bool:
        if was is GONE:
            return False
        goal, first = was.get("to"), other.get("to")
        exits, passed = self._exits(self.ours, mine.get("to"), goal)
        leads_on, also = self._exits(self.theirs, first, goal)
        if not exits or not leads_on or passed & also:  # what both pass would lead back to itself
            return False
        self.plan[str(was.get("from"))] = (exits, first)
        return True

    def _exits(self, side: Any, first: Any, goal: Any) -> tuple[list[str], set[str]]:
        """The ways out by which steps that the side added lead from `first` to `goal`, and these steps."""
        edges = [edge for edge in side.get("edges", ()) if isinstance(edge, dict)]
        todo, found = [_node(first)], []
        seen: set[str] = set()
        while todo:
            step = todo.pop()
            if step in seen or step in self.old:
                continue
            seen.add(step)
            for edge in edges:
                if _node(edge.get("from")) == step:
                    if edge.get("to") == goal:
                        found.append(str(edge["from"]))
                    todo.append(_node(edge.get("to")))
        return found, seen

    def linked(self, place: str, edges: list[Any]) -> list[Any]:
        exits, first = self.plan[place]
        return [{**edge, "to": first} if edge.get("from") in exits else edge for edge in edges]


def _dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _node(end: Any) -> str:
    return str(end).partition(":")[0]


def _keyed(rows: Any, key: str) -> dict[str, Any] | None:
    """id → row; None where some have none, or the same."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get(key), str) for row in rows):
        return None
    found = {row[key]: row for row in rows}
    return found if len(found) == len(rows) else None


def _by_id(rows: Any) -> dict[str, Any] | None:
    return _keyed(rows, "id")


def _by_key(rows: Any) -> dict[str, Any] | None:
    return _keyed(rows, "key")


def _by_name(rows: Any) -> dict[str, Any] | None:
    return _keyed(rows, "name")


def _by_port(rows: Any) -> dict[str, Any] | None:
    return _keyed(rows, "from")


def _order(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """All ids in the order of the side that changed it, else of `ours`, each new one behind the one it follows."""
    if ours == base:
        ours, theirs = theirs, ours
    order = list(ours)
    for side in (theirs, base):
        for place, id in enumerate(side):
            if id not in order:
                before = next((one for one in reversed(side[:place]) if one in order), None)
                order.insert(0 if before is None else order.index(before) + 1, id)
    return order


def _layout(base: Any, ours: Any, theirs: Any) -> Any:
    """Where steps stand: each by itself; where both moved one, `ours` counts."""
    if same(ours, theirs) or same(theirs, base):
        return ours
    if same(ours, base):
        return theirs
    was, mine, other = (_dict(side) for side in (base, ours, theirs))
    merged = {**other, **mine}
    pos = [_dict(side.get("pos")) for side in (was, mine, other)]
    if any(pos[1:]):
        places = {id: _place(id, *pos) for id in {**pos[1], **pos[2]}}
        merged["pos"] = {id: place for id, place in places.items() if place is not GONE}
    if "pinned" in merged:
        merged["pinned"] = _united(*(side.get("pinned") for side in (was, mine, other)))
    return merged


def _united(base: Any, ours: Any, theirs: Any) -> list[str]:
    was, mine, other = ([one for one in side if isinstance(one, str)] if isinstance(side, list) else []
                        for side in (base, ours, theirs))
    kept = [one for one in mine if one in other or one not in was]
    return kept + [one for one in other if one not in was and one not in kept]


def _place(id: str, *sides: Mapping[str, Any]) -> Any:
    base, ours, theirs = (side.get(id, GONE) for side in sides)
    return theirs if same(ours, base) else ours


def _touched(base: dict[str, Any], side: dict[str, Any]) -> set[str]:
    """The steps that lines and clocks name which this side made or changed."""
    old_lines = {(str(edge.get("from")), str(edge.get("to"))) for edge in _rows(base.get("edges"))}
    old_steps = _by_id(base.get("nodes", [])) or {}
    found: set[str] = set()
    for edge in _rows(side.get("edges")):
        if (str(edge.get("from")), str(edge.get("to"))) not in old_lines:
            found |= {_node(edge.get("from")), _node(edge.get("to"))}
    for node in _rows(side.get("nodes")):
        attach, was = node.get("attach"), _dict(old_steps.get(str(node.get("id")))).get("attach")
        if isinstance(attach, list):
            found |= {str(one) for one in attach} - {str(one) for one in (was if isinstance(was, list) else ())}
    return found


def _rows(value: Any) -> Iterable[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
