"""One decision under way: tokens move over the working copy of the state until each waits, is parked or is gone."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core.errors import Problem
from app.flows.asks import perform
from app.flows.base import Answer, End, Go, Job, Merge, Outcome, Park, Split, Wait
from app.flows.model import Flow, Node
from app.flows.work import SIDE, Work
from app.flows.world import World

#: What a mistake in a step type raises, and its wish to end the process; errors of databases and networks are none of
#: these.
MISTAKES = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RuntimeError, SystemExit, TypeError,
    ValueError,
)
KEPT = ("scope", "by", "side", "after")  # what a token takes along from step to step
MAX_MOVES = 500  # transitions of one decision; more is a loop that waits for nobody


class Step(Work):
    """The moves of one decision."""

    def __init__(self, flow: Flow, state: Mapping[str, Any], now: int, world: World, actor: Mapping[str, Any]) -> None:
        super().__init__(flow, state, now, world, actor)
        self._queue: list[tuple[str, str]] = []  # (token, node it goes to), the next one last
        self._moves = 0

    def token_at(self, node: str, visit: int) -> str | None:
        """The token of a visit, if it is still there."""
        for key, token in self.tokens.items():
            if token["node"] == node and token["visit"] == visit:
                return key
        return None

    def spawn(self, node: str, visit: int, scope: Sequence[str] = (), **kept: Any) -> str:
        """A new token that stands, for now, at the node it comes from; `kept`: what it takes along (`KEPT`)."""
        number = self.state["made"] = self.state.get("made", 0) + 1
        key = str(number)
        self.tokens[key] = {"node": node, "visit": visit, "by": None, **kept, "scope": list(scope)}
        return key

    def go_to(self, token: str, node: str) -> None:
        """Queue the token's arrival."""
        self._queue.append((token, node))

    def run(self) -> None:
        """Move tokens until each of them waits, is parked or is gone."""
        while self._queue:
            token, node = self._queue.pop()
            if token in self.tokens:
                self._moves += 1
                if self._moves > MAX_MOVES:
                    self._stand(token, node)
                    self.park(token, "flow_too_many_steps", {"max": MAX_MOVES})
                else:
                    self._arrive(token, node)

    def _stand(self, token: str, node: str, visit: int = 0) -> dict[str, Any]:
        self.tokens[token] = {"node": node, "visit": visit, **_kept(self.tokens[token])}
        return self.tokens[token]

    def _arrive(self, token: str, node_id: str) -> None:
        node = self.flow.nodes[node_id]
        self._leave_blocks(token, node_id)
        if node.type.gathers and not self._gathered(token, node):
            return
        visit = self.state["visits"][node_id] = self.state["visits"].get(node_id, 0) + 1
        entry = self._stand(token, node_id, visit)
        self.event("node.entered", node_id, token, delta={"visit": visit})
        self.apply(token, self.safely(node, lambda: node.type.enter(self.ctx(node, visit, entry), node.config)))

    def safely(self, node: Node, ask: Callable[[], Any]) -> Outcome:
        """What a node answers when nobody stands behind it who could be refused: what cannot go on parks.

        A mistake in a step type stops this ticket at this step, visibly. What the world raises (a database that is out
        of reach) passes: trying again is right then.
        """
        try:
            outcome = ask()
        except Problem as problem:
            return Park(problem.code, problem.params)
        except MISTAKES as error:
            return Park("flow_step_broken", {"type": node.type.type, "error": type(error).__name__})
        if isinstance(outcome, Outcome):
            return outcome
        return Park("flow_step_broken", {"type": node.type.type, "error": type(outcome).__name__})

    def apply(self, token: str, outcome: Outcome) -> None:
        """Do what a node answered."""
        entry = self.tokens[token]
        node = self.flow.nodes[entry["node"]]
        if isinstance(outcome, Job):
            outcome = Wait((outcome,))
        if isinstance(outcome, Go):
            self.assign_values(node.id, outcome.set)
            perform(self, node, entry["visit"], token, outcome.do)
            self._leave(token, outcome.port)
        elif isinstance(outcome, Wait):
            if outcome.keep is not None:
                self.tokens[token] = {**entry, "memo": dict(outcome.keep)}
            perform(self, node, entry["visit"], token, outcome.do)
        elif isinstance(outcome, Split):
            self._split(token, outcome.ports)
        elif isinstance(outcome, Merge):
            self._leave(token, "out")
        elif isinstance(outcome, End):
            if entry.get("side"):
                self.drop(token)
            else:
                self.close(outcome.status, outcome.reason)
        else:
            self.park(token, outcome.code, outcome.params)

    def park(self, token: str, code: str, params: Mapping[str, Any]) -> None:
        """Stay where nothing more can happen until somebody retries."""
        entry = self.tokens[token]
        self.release(token)
        self.tokens[token] = {**entry, "parked": {"code": code, "params": dict(params)}}
        self.problem(entry["node"], code, params, token)

    def _leave(self, token: str, port: str) -> None:
        entry = self.tokens[token]
        edge = self.flow.nodes[entry["node"]].outs.get(port)
        if edge is None and not entry.get("side"):
            self.park(token, "flow_open_port", {"node": entry["node"], "port": port})
            return
        self.release(token)
        self.event("node.left", entry["node"], token, port=port, edge=edge.id if edge else None)
        if edge is None:
            self.moved_on(token)
            del self.tokens[token]
        else:
            self.go_to(token, edge.target)

    def _split(self, token: str, ports: Sequence[str]) -> None:
        entry = self.tokens.pop(token)
        node = self.flow.nodes[entry["node"]]
        arrivals = []
        for port in ports:
            scope = [*entry["scope"], f"{node.id}:{entry['visit']}:{port}"]
            child = self.spawn(node.id, entry["visit"], **{**_kept(entry), "scope": scope})
            edge = node.outs.get(port)
            if edge is None:
                self.park(child, "flow_open_port", {"node": node.id, "port": port})
            else:
                self.event("node.left", node.id, child, port=port, edge=edge.id)
                arrivals.append((child, edge.target))
        self._queue += reversed(arrivals)

    def _leave_blocks(self, token: str, node: str) -> None:
        """A token that leaves a parallel block by another way than its join (a return) cancels the other branches."""
        scope = self.tokens[token]["scope"]
        while scope:
            fork = scope[-1].split(":")[0]
            if node == self.flow.joins.get(fork) or node in self.flow.blocks.get(fork, ()):
                return
            self._cancel_rest(token, len(scope) - 1)
            scope = scope[:-1]
            self.tokens[token] = {**self.tokens[token], "scope": scope}

    def _branches(self, token: str, depth: int) -> dict[str, str]:
        """Tokens (this one too) of the same run through the fork at `depth` of the scope → their branch."""
        scope = self.tokens[token]["scope"]
        run = scope[depth].rpartition(":")[0] + ":"
        return {key: other["scope"][depth] for key, other in sorted(self.tokens.items())
                if len(other["scope"]) > depth and other["scope"][:depth] == scope[:depth]
                and other["scope"][depth].startswith(run)}

    def _cancel_rest(self, token: str, depth: int) -> None:
        others = [key for key in self._branches(token, depth) if key != token]
        for key in others:
            self.drop(key)
        if others:
            self.moved_on(token)  # what was cancelled cannot be brought back

    def _gathered(self, token: str, node: Node) -> bool:
        """Whether the join may go on with this token; else the token waits there for the other branches."""
        merge = node.type.enter(self.ctx(node, 0, self.tokens[token]), node.config)
        assert isinstance(merge, Merge)
        scope = self.tokens[token]["scope"]
        depth = next((at for at in range(len(scope) - 1, -1, -1) if scope[at].startswith(f"{merge.fork}:")), None)
        if depth is None:
            return True  # no fork behind it: nothing to wait for
        self._stand(token, node.id)["arrived"] = True
        self.event("branch.arrived", node.id, token, delta={"branch": scope[depth].rpartition(":")[2]})
        branches = self._branches(token, depth)
        total = len(set(branches.values()))
        arrived = {branch for key, branch in branches.items() if self.tokens[key].get("arrived")}
        if len(arrived) < min(merge.need or total, total):
            return False
        self._cancel_rest(token, depth)
        self.tokens[token] = {**self.tokens[token], "scope": scope[:depth]}
        return True

    def drop(self, token: str) -> None:
        """The token is gone and with it all that it waited for."""
        entry = self.tokens[token]
        self.moved_on(token)
        self.release(token)
        del self.tokens[token]
        if not entry.get("arrived"):
            self.event("token.cancelled", entry["node"], token)

    def moved_on(self, token: str) -> None:
        """Something was done with the token: what had brought it here can no longer be taken back."""
        after = self.tokens[token].get("after")
        if after is not None:
            self.state["back"].pop(after, None)
            self.tokens[token] = {key: value for key, value in self.tokens[token].items() if key != "after"}

    def release(self, token: str) -> None:
        """Cancel what the token waits for: its tasks, timers, jobs, events and question. Side timers go on."""
        entry = self.tokens[token]
        node, begin = entry["node"], f"{entry['node']}:{entry['visit']}:"
        for key in [key for key, task in sorted(self.tasks.items()) if task["token"] == token]:
            self.close_task(key, "cancelled")
        for key in [key for key in sorted(self.timers) if key.startswith(begin) and key[len(begin)] != SIDE]:
            self.cancel_timer(key, node)
        for key in [key for key, job in sorted(self.state["jobs"].items()) if job["token"] == token]:
            self.cancel_job(key)
        for key in [key for key, listen in sorted(self.state["listens"].items()) if listen["token"] == token]:
            self.stop_listening(key)
        others = [other for other in self.state["answers"].pop(node, ()) if other != token]
        if others:
            self.state["answers"][node] = others

    def close(self, status: str, reason: str | None) -> None:
        """The ticket is over: everything that is open ends with it."""
        self._queue.clear()
        if status == "closed" and "merged_into" in self.ticket:
            status = "merged"
        for token in sorted(self.tokens):
            self.release(token)
        for key in sorted(self.state["listens"]):
            self.stop_listening(key)
        self.tokens.clear()
        for key in sorted(self.timers):
            self.cancel_timer(key, key.partition(":")[0])
        self.state["back"].clear()
        self.state["sla"] = {name: {**clock, "since": None} for name, clock in self.state["sla"].items()}
        self.state["status"], self.state["reason"] = status, reason
        self.effect("ticket.close", status=status, reason=reason)
        self.event("ticket.closed", delta={"status": status, "reason": reason})
        if self.ticket.get("parent"):
            self.effect("parent.tell", parent=self.ticket["parent"], ended=self._wanted(status, reason))

    def _wanted(self, status: str, reason: str | None) -> dict[str, Any]:
        """How the ticket ended, with those of its variables and answers that its parent asked for."""
        told: dict[str, Any] = {"status": status, "reason": reason}
        for path in self.ticket["parent"].get("want", ()):
            root, _, name = path.partition(".")
            if root in ("vars", "form") and name in self.state[root]:
                told.setdefault(root, {})[name] = self.state[root][name]
        return told

    def resume(self, token: str, answer: Answer) -> Outcome:
        """Ask the node again. Refusals (Conflict, Denied) pass to the caller, whose signal is then void."""
        entry = self.tokens[token]
        node = self.flow.nodes[entry["node"]]
        return node.type.resume(self.ctx(node, entry["visit"], entry), node.config, answer)


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a token takes along from step to step."""
    return {key: entry[key] for key in KEPT if key in entry}
