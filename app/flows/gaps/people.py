"""Steps with nobody to act, and the rows of a table for which that is so."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import localized
from app.flows.dimensions import say
from app.flows.directory import Directory
from app.flows.gaps.facts import MAX_SHOWN, Around, Gap
from app.flows.model import Flow, Node
from app.flows.whom import Named, doers, goes_up, named, some, works

MAX_SORTS = 2_000  # sorts of rows looked at for one step
_RIGHTS = ("approved", "rejected")


@dataclass(frozen=True, slots=True)
class Case:
    """One combination that a step can meet: what the ticket says, and the rows that are alike (none: it names none)."""

    state: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Look:
    """The company as it is, and as it would be if everybody came back."""

    flow: Flow
    around: Around
    now: Directory = field(init=False)
    back: Directory = field(init=False)
    cut: dict[str, int] = field(default_factory=dict)  # table → how many rows it has, where not all were looked at

    def __post_init__(self) -> None:
        people = self.around.org.get("people", ())
        self.now = Directory(self.around.org)
        self.back = Directory({**self.around.org, "people": [{**person, "active": True} for person in people]})

    # ---- combinations ----

    def cases(self, selectors: Sequence[Mapping[str, Any]]) -> list[Case]:
        """What the selectors can be asked about: each row of the table that they read, or one case without any."""
        found = next((selector for selector in selectors if selector.get("source")), None)
        if found is None or found["source"] not in self.around.org.get("sources", {}):
            return [Case({})]
        rows = self.now.rows(found["source"])
        alike = self.alike(rows, found["source"], {selector.get("role") for selector in selectors})
        if len(alike) > MAX_SORTS:
            self.cut[found["source"]] = len(rows)
        return [Case(say({found["of"]: same[0]["id"]}), tuple(same)) for same in some(alike, MAX_SORTS)] or [Case({})]

    def alike(self, rows: Sequence[Mapping[str, Any]], source: str, roles: Collection[str | None]) -> list[list[Any]]:
        """The rows, those together that no grant of these roles tells apart."""
        scope = self.around.org["sources"][source]["scope"]
        keys = sorted({key for person in self.around.org.get("people", ()) for grant in person.get("roles", ())
                       if grant["role"] in roles for key in grant if key != "role"})
        alike: dict[tuple[str, ...], list[Any]] = {}
        for row in rows:
            alike.setdefault(tuple(str(row["id"] if key == scope else row.get(key)) for key in keys), []).append(row)
        return list(alike.values())

    # ---- words ----

    def who(self, selectors: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """The selectors as people say them: 「区域经理、总部运营」."""
        said = {"zh": [], "en": []}  # type: dict[str, list[str]]
        for selector in selectors:
            for locale, words in said.items():
                words.append(self._said(selector, locale))
        return {locale: ("、" if locale == "zh" else ", ").join(dict.fromkeys(words)) for locale, words in said.items()}

    def _said(self, selector: Mapping[str, Any], locale: str) -> str:
        if "role" in selector:
            return str(localized(self.around.roles.get(selector["role"]) or selector["role"], locale))
        if "person" in selector:
            return self.name(selector["person"])
        if "department" in selector:
            known = {row["id"]: row.get("name") for row in self.around.org.get("departments", ())}
            return str(known.get(selector["department"]) or selector["department"])
        if "leader_of" in selector:
            return "上级" if locale == "zh" else "the superior"
        return "工单负责人" if locale == "zh" else "the ticket's owner"

    def name(self, person: str) -> str:
        """A person's name."""
        return str((self.back.person(person) or {"name": person})["name"])

    def names(self, people: Sequence[str]) -> dict[str, str]:
        """A few names and how many there are."""
        return _few([self.name(person) for person in people])

    def rows(self, rows: Sequence[Mapping[str, Any]], every: Sequence[Mapping[str, Any]],
             source: str) -> dict[str, str]:
        """Which rows: all, all with a certain value of a column, or some by name."""
        if len(rows) == len(every) and len(rows) > 1:
            return {"zh": f"全部 {len(rows)} 个", "en": f"all {len(rows)}"}
        missing = {row["id"] for row in rows}
        for column in (self.around.org.get("sources", {}).get(source) or {}).get("columns") or ():
            key = column["key"]
            values = {str(row.get(key)) for row in rows}
            same = [row for row in every if str(row.get(key)) in values]
            if len(rows) > 1 and len(same) == len(missing) and len(values) <= MAX_SHOWN and "None" not in values:
                told, title = "、".join(sorted(values)), column.get("title") or key
                return {"zh": f"{localized(title, 'zh')}为 {told} 的全部 {len(rows)} 个",
                        "en": f"all {len(rows)} with {localized(title, 'en')} {told}"}
        return _few([str(row.get("name") or row["id"]) for row in rows])


def _few(names: Sequence[str]) -> dict[str, str]:
    shown, more = names[:MAX_SHOWN], len(names) - MAX_SHOWN
    return {"zh": "、".join(shown) + (f" 等 {len(names)} 个" if more > 0 else ""),
            "en": ", ".join(shown) + (f" and {more} more" if more > 0 else "")}


def find(look: Look) -> Iterator[Gap]:
    """The gaps of every step that names people."""
    for node in look.flow.nodes.values():
        lists = named(look.flow, node)
        if not lists and not goes_up(node):
            continue
        main, backup = doers(look.flow, node)
        if works(node):
            if not by_rules(node):
                yield from _of_work(look, node, lists, main, backup)
            yield from _of_rows(look, node, [one for one in lists if "[" in one.path])
        else:
            for one in lists:
                yield from _untold(look, node, one)


def by_rules(node: Node) -> bool:
    """Whether an assignment looks for people in ways of its own: whom it finds depends on more than a row."""
    return bool(getattr(node.config, "ways", None)) and hasattr(node.config, "candidates")


def _known(selectors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether who is meant can be told from the company: not where a ticket's owner or an answer names them."""
    return not any("ref" in selector or "." in str(selector.get("leader_of", "")) for selector in selectors)


def _of_work(look: Look, node: Node, lists: Sequence[Named], main: Sequence[Mapping[str, Any]],
             backup: Sequence[Mapping[str, Any]]) -> Iterator[Gap]:
    """Nobody at all; nobody but those who left; nobody but those who stand in; nobody but who handed it in."""
    if goes_up(node):
        yield from _leaderless(look, node, backup)
        return
    if not _known(main) or not main:
        return
    cases = look.cases(main)
    where = next((one.path for one in lists if one.required), lists[0].path)
    source = next((selector["source"] for selector in main if selector.get("source")), "")
    covered = bool(backup) and not _known(backup)
    sorts: dict[str, list[Case]] = {"gap_nobody": [], "gap_left": [], "gap_stand_in": []}
    left: list[str] = []
    for case in cases:
        if look.now.people(main, case.state):
            continue
        if covered or (backup and look.now.people(backup, case.state)):
            sorts["gap_stand_in"].append(case)
        elif gone := look.back.people([*main, *backup], case.state):
            left += gone
            sorts["gap_left"].append(case)
        else:
            sorts["gap_nobody"].append(case)
    for code, found in sorts.items():
        if found:
            level = "warning" if code == "gap_stand_in" else "error"
            yield _gap(look, level, code, node, where, found, cases, source, {
                "who": look.who(main), "instead": look.who(backup), "people": look.names(list(dict.fromkeys(left)))})
    yield from _alone(look, node, where, main, cases, source)


def _leaderless(look: Look, node: Node, backup: Sequence[Mapping[str, Any]]) -> Iterator[Gap]:
    """People who could come before an approval up the line, and have nobody above them."""
    before = [doers(look.flow, other)[0] for other in _before(look.flow, node.id)
              if works(other) and not goes_up(other)]
    people = list(dict.fromkeys(person for selectors in before if _known(selectors)
                                for case in look.cases(selectors) for person in look.now.people(selectors, case.state)))
    alone = [person for person in people if not any(look.now.line(person)[:node.config.levels])]
    if alone:
        yield Gap("warning" if backup else "error", "gap_no_line_else" if backup else "gap_no_line", node.id,
                  "config.line_of", len(alone), len(people), {
                      "name": node.name, "people": look.names(alone), "rows": len(alone), "of": len(people),
                      "instead": look.who(backup)})


def _alone(look: Look, node: Node, where: str, main: Sequence[Mapping[str, Any]], cases: Sequence[Case],
           source: str) -> Iterator[Gap]:
    """An approval with one person who also does a step before it: who hands in decides on it, or nobody does."""
    if not set(_RIGHTS) <= {port.id for port in node.ports}:
        return
    before = [other for other in _before(look.flow, node.id)
              if works(other) and not set(_RIGHTS) <= {port.id for port in other.ports}]
    earlier = [selectors for other in before if _known(selectors := doers(look.flow, other)[0])]
    found, alone = [], list[str]()
    for case in cases:
        people = look.now.people(main, case.state)
        if len(people) == 1 and any(people[0] in look.now.people(selectors, case.state) for selectors in earlier):
            found.append(case)
            alone += people
    if found:
        mode = getattr(node.config, "same_person", "ask")
        code = {"pass": "gap_alone_passes", "skip": "gap_alone_skipped"}.get(mode, "gap_alone")
        yield _gap(look, "warning", code, node, where, found, cases, source,
                   {"who": look.who(main), "people": look.names(list(dict.fromkeys(alone)))})


def _of_rows(look: Look, node: Node, lists: Sequence[Named]) -> Iterator[Gap]:
    """A row of an assignment table that names nobody."""
    for one in lists:
        if _known(one.selectors) and not any(look.now.people(one.selectors, case.state)
                                             for case in look.cases(one.selectors)):
            yield Gap("warning", "gap_row_nobody", node.id, one.path, 1, 1,
                      {"name": node.name, "who": look.who(one.selectors), "row": _row_number(one.path)})


def _row_number(path: str) -> int:
    """`config.ways[0].table.rows[4].to` → 5: the last number, counted from one."""
    return int(path.rpartition("[")[2].partition("]")[0]) + 1


def _untold(look: Look, node: Node, one: Named) -> Iterator[Gap]:
    """A message that reaches nobody."""
    known = [selector for selector in one.selectors if _known([selector])]
    if len(known) < len(one.selectors):
        return  # the owner, or whoever an answer names, is told in any case
    cases = look.cases(known)
    found = [case for case in cases if not look.now.people(known, case.state)]
    source = next((selector["source"] for selector in known if selector.get("source")), "")
    if found:
        yield _gap(look, "warning", "gap_untold", node, one.path, found, cases, source, {"who": look.who(known)})


def _gap(look: Look, level: str, code: str, node: Node, where: str, found: Sequence[Case], cases: Sequence[Case],
         source: str, params: Mapping[str, Any]) -> Gap:
    rows = [row for case in found for row in case.rows]
    if not rows:
        return Gap(level, code, node.id, where, 1, 1, {"name": node.name, **params})
    every = [row for case in cases for row in case.rows]
    return Gap(level, f"{code}_rows", node.id, where, len(rows), len(every), {
        "name": node.name, "rows": len(rows), "of": len(every), "which": look.rows(rows, every, source), **params})


def _before(flow: Flow, node: str) -> list[Node]:
    """The steps from which a ticket can come to this one."""
    back: dict[str, list[str]] = {}
    for edge in flow.edges:
        back.setdefault(edge.target, []).append(edge.source)
    seen, todo = set[str](), [node]
    while todo:
        for other in back.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return [flow.nodes[id] for id in flow.nodes if id in seen and id != node]


