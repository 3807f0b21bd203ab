"""Is the drawing a path? Triggers, ends, ports, edges, reachability and cycles that nobody stops."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.core.errors import Finding
from app.flows.checks.draft import Draft, Link, Step, components, error

END = {"type": "flow.end", "name": {"zh": "结束", "en": "End"}, "config": {"status": "closed"}}


def check(draft: Draft) -> Iterator[Finding]:
    """Every finding about nodes and edges; parallel blocks have a module of their own."""
    if not draft.triggers:
        yield error("check_no_trigger")
    if not draft.ends:
        yield error("check_no_end", fix={"do": "add_node", "node": END})
    yield from _edges(draft)
    yield from _ports(draft)
    yield from _attached(draft)
    if draft.triggers:
        yield from _unreachable(draft)
        if draft.ends:
            yield from _traps(draft)
    yield from _instant_cycles(draft)


def _edges(draft: Draft) -> Iterator[Finding]:
    for link in draft.links:
        remove = {"do": "remove_edge", "index": link.index}
        missing = [node for node in (link.source, link.target) if node not in draft.steps]
        if missing:
            node, port = (link.source, link.port) if link.source in draft.steps else (link.target, "")
            yield error("check_dangling_edge", node if node in draft.steps else "", port, fix=remove,
                        edge=link.id, missing=missing[0])
            continue
        source, target = draft.steps[link.source], draft.steps[link.target]
        if source.kind and link.port not in source.ports:
            yield error("check_unknown_port", source.id, link.port, fix=remove, name=source.name, wanted=link.port,
                        known=", ".join(source.ports) or "–")
        if target.kind and (link.entry != "in" or not target.kind.has_input):
            yield error("check_unknown_entry", target.id, link.entry, fix=remove, name=target.name, wanted=link.entry,
                        source=source.name)


def _ports(draft: Draft) -> Iterator[Finding]:
    for step in draft.steps.values():
        links, taken = draft.out[step.id], draft.taken[step.id]
        for port in dict.fromkeys(link.port for link in links) if len(taken) < len(links) else ():
            several = [link for link in links if link.port == port]
            if len(several) > 1:
                yield error("check_fan_out", step.id, port, fix={"do": "insert_fork", "from": f"{step.id}:{port}"},
                            name=step.name, label=draft.label(step.id, port), count=len(several),
                            targets=draft.titles((link.target for link in several), ", "))
        for way in step.ports.values():
            # An optional way out is taken once its setting of the same name is there ("timeout").
            if way.id not in taken and (not way.optional or step.config.get(way.id) is not None) and (
                    step.id not in draft.side or _covers(step)):
                yield _open_port(draft, step, way.id)


def _open_port(draft: Draft, step: Step, port: str) -> Finding:
    end = next((end.id for end in draft.ends), None)
    fix = {"do": "add_edge", "from": f"{step.id}:{port}", "to": f"{end}:in"} if end and not _covers(step) else None
    code = "check_no_else" if port == "else" else "check_open_port"
    return error(code, step.id, port, fix=fix, name=step.name, label=draft.label(step.id, port))


def _covers(step: Step) -> bool:
    """Whether it is a timer beside the flow."""
    return step.kind is not None and step.kind.attaches


def _attached(draft: Draft) -> Iterator[Finding]:
    for step in draft.steps.values():
        if not step.kind or not step.kind.attaches:
            continue
        good = [node for node in step.attach if node in draft.pausing]
        for node in step.attach:
            if node not in good:
                code = "check_attach_idle" if node in draft.steps else "check_attach_missing"
                yield error(code, step.id, field="attach", name=step.name, target=draft.title(node),
                            fix={"do": "set_attach", "node": step.id, "attach": good} if good else None)
        if not step.attach:
            tasks = [other.id for other in draft.steps.values() if other.kind and other.kind.group == "task"]
            yield error("check_attach_none", step.id, field="attach", name=step.name,
                        fix={"do": "set_attach", "node": step.id, "attach": tasks} if tasks else None)


def _unreachable(draft: Draft) -> Iterator[Finding]:
    """Only the heads: what merely follows an unreachable step would bury the one place to repair."""
    lost = [step.id for step in draft.steps.values()
            if step.id not in draft.main and step.id not in draft.side]
    inside = set(lost)
    for group in components(lost, lambda node: (link.target for link in draft.out[node] if link.target in inside)):
        if any(link.source in inside and link.source not in group for node in group for link in draft.into[node]):
            continue
        head = min(group, key=lambda node: draft.steps[node].index)
        others = len((draft.reach([head]) & inside) - {head})
        code, fix = ("check_unreachable_rest", None) if others else (
            "check_unreachable", {"do": "remove_node", "node": head})
        yield error(code, head, name=draft.title(head), count=others, fix=fix)


def _traps(draft: Draft) -> Iterator[Finding]:
    # An open port, a dangling edge or a type that is not installed is reported as such: here it counts as a way out.
    ways_out = {step.id for step in draft.steps.values()
                if step.kind is None or step.is_end
                or not step.ports.keys() <= draft.taken[step.id]}
    free = draft.reach_back(ways_out)
    trapped = [node for node in draft.steps if node in draft.main and node not in free]
    caught = set(trapped)
    for group in components(trapped, lambda node: (link.target for link in draft.out[node] if link.target in caught)):
        if any(link.target in caught and link.target not in group for node in group for link in draft.out[node]):
            continue  # its followers are the trap
        head = min(group, key=lambda node: draft.steps[node].index)
        yield error("check_no_way_to_end", head, name=draft.title(head),
                    path=draft.titles(sorted(group, key=lambda node: draft.steps[node].index)[:12]))


def _instant_cycles(draft: Draft) -> Iterator[Finding]:
    if len(draft.downstream) == len(draft.steps):
        return  # no circle at all
    running = [node for node in draft.steps if node not in draft.pausing]
    among = set(running)

    def following(node: str) -> Iterable[str]:
        return (link.target for link in draft.out[node] if link.target in among)

    for group in components(running, following):
        start = min(group, key=lambda node: draft.steps[node].index)
        path = _round_trip(draft, start, set(group))
        if path:
            yield error("check_instant_cycle", start, path[0].port, name=draft.title(start),
                        path=draft.titles([*(link.source for link in path), start]))


def _round_trip(draft: Draft, start: str, among: set[str]) -> list[Link]:
    """The shortest way from `start` back to itself within `among`, or []."""
    came: dict[str, Link] = {}
    todo = [start]
    for node in todo:
        for link in draft.out[node]:
            if link.target not in among or link.target in came:
                continue
            came[link.target] = link
            if link.target == start:
                path = [link]
                while path[0].source != start:
                    path.insert(0, came[path[0].source])
                return path
            todo.append(link.target)
    return []
