"""What changed between two versions of a flow, in words: steps, lines, variables. Contents may be half made."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized, text
from app.flows.checks.draft import find_type
from app.flows.checks.walk import properties

_PARTS = ("name", "type", "tv", "config", "attach", "comment")  # of a step, in the order in which they are told
MOST_LINES = 12  # told one by one; more are counted


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: flow | step | line | var | layout; `kind`: added | removed | changed | moved; `id`: of the step or line;
    `words`: the whole change as one sentence in the reader's language."""

    what: str
    kind: str
    id: str
    words: str


def compare(old: Any, new: Any, locale: str, catalog: Catalog | None = None) -> list[Change]:
    """Every change from `old` to `new`; with a catalogue the settings that changed have the names of the panel."""
    return list(_Comparison(_dict(old), _dict(new), locale, catalog).changes())


class _Comparison:
    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], locale: str, catalog: Catalog | None) -> None:
        self.old, self.new, self.locale, self.catalog = old, new, locale, catalog
        self.before, self.after = _by(old, "nodes", "id"), _by(new, "nodes", "id")

    def say(self, code: str, **params: Any) -> str:
        return text(f"flow_diff_{code}", self.locale, params)

    def changes(self) -> Iterator[Change]:
        old, new = self.old, self.new
        if old.get("name") != new.get("name"):
            yield Change("flow", "changed", "", self.say("name", old=self.named(old), new=self.named(new)))
        if old.get("form") != new.get("form"):
            words = self.say("form", old=_short(old.get("form")), new=_short(new.get("form")))
            yield Change("flow", "changed", "", words)
        yield from self.steps()
        yield from self.lines()
        known, kept = _by(old, "vars", "key"), _by(new, "vars", "key")
        names = [key for key in {**known, **kept} if known.get(key) != kept.get(key)]
        if names:
            yield Change("var", "changed", "", self.say("vars", names=self.join(_short(name) for name in names)))
        if old.get("layout") != new.get("layout"):
            yield Change("layout", "moved", "", self.say("layout"))

    def steps(self) -> Iterator[Change]:
        for key, node in self.after.items():
            if key not in self.before:
                yield Change("step", "added", key, self.say("step_added", name=self.named(node)))
        for key, node in self.before.items():
            if key not in self.after:
                yield Change("step", "removed", key, self.say("step_removed", name=self.named(node)))
        for key, node in self.after.items():
            was = self.before.get(key, node)
            changed = [part for part in _PARTS if was.get(part) != node.get(part)]
            if changed:
                parts = self.join(words for part in changed for words in self.part(part, was, node))
                yield Change("step", "changed", key, self.say("step_changed", name=self.named(node), parts=parts))

    def part(self, part: str, was: Mapping[str, Any], node: Mapping[str, Any]) -> list[str]:
        kind = find_type(self.catalog, str(node.get("type")), node.get("tv", 1)) if self.catalog else None
        if part != "config" or kind is None:
            return [self.say(f"of_{part}")]
        one, other = _dict(was.get("config")), _dict(node.get("config"))
        labels = {name: prop.metadata["label"] for name, prop in properties(kind.Config).items()}
        keys = [key for key in {**labels, **one, **other} if one.get(key) != other.get(key)]
        return [_short(localized(labels.get(key, key), self.locale)) for key in keys] or [self.say("of_config")]

    def lines(self) -> Iterator[Change]:
        was, now = ({(str(edge.get("from")), str(edge.get("to"))): str(edge["id"])
                     for edge in _by(side, "edges", "id").values()} for side in (self.old, self.new))
        added, removed = [ends for ends in now if ends not in was], [ends for ends in was if ends not in now]
        if len(added) + len(removed) > MOST_LINES:
            yield Change("line", "changed", "", self.say("lines", added=len(added), removed=len(removed)))
            return
        for kind, some, ids, nodes in (("added", added, now, self.after), ("removed", removed, was, self.before)):
            for source, target in some:
                start, _, port = source.partition(":")
                words = self.say(f"line_{kind}", start=self.called(nodes, start), port=self.port(nodes, start, port),
                                 end=self.called(nodes, target.partition(":")[0]))
                yield Change("line", kind, ids[source, target], words)

    def port(self, nodes: Mapping[str, Mapping[str, Any]], node: str, port: str) -> str:
        row = nodes.get(node, {})
        kind = find_type(self.catalog, str(row.get("type")), row.get("tv", 1)) if self.catalog else None
        found = next((one for one in kind.ports(row.get("config")) if one.id == port), None) if kind else None
        return _short(localized(found.label, self.locale) if found else "") or _short(port)

    def called(self, nodes: Mapping[str, Mapping[str, Any]], node: str) -> str:
        return self.named(nodes[node]) if node in nodes else _short(node)

    def named(self, row: Mapping[str, Any]) -> str:
        return _short(localized(row.get("name"), self.locale) or row.get("id") or row.get("key"))

    def join(self, words: Iterator[str]) -> str:
        return text("flow_diff_join", self.locale).join(words)


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _by(side: Mapping[str, Any], part: str, key: str) -> dict[str, Mapping[str, Any]]:
    rows = side.get(part)
    found = (_dict(row) for row in (rows if isinstance(rows, list) else ()))
    return {str(row[key]): row for row in found if key in row}


def _short(value: Any) -> str:
    return str(value or "")[:60]
