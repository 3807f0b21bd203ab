"""What a scenario expects and where it went otherwise, in the words of those who drew the flow."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.calendar import duration_ms
from app.core.errors import Problem, has_text, localized, text
from app.flows.model import Flow
from app.flows.sandbox import CUSTOMER

MINUTE = 60_000
_STEP = re.compile(r"script\[(\d+)\]")
LISTED = 12  # names in one sentence; of more the first are told

Name = Callable[[str], str]


@dataclass(frozen=True)
class Teller:
    """`person`: id → name; `channel`: key → what it is called; `field`: "f_x" → label; `value`: a field's answer or a
    variable's value in words."""

    flow: Flow
    locale: str
    person: Name
    channel: Name
    field: Name
    value: Callable[[str, Any], str]

    # ---- names ----

    def node(self, id: str) -> str:
        """A step's name; of a step that is gone, its id."""
        known = self.flow.nodes.get(id)
        return str(localized(known.name, self.locale)) if known else id

    def end(self, end: str) -> str:
        """A step and one of its ways out."""
        node, _, port = end.partition(":")
        return self._say("told_end", node=self.node(node), port=self.port(node, port))

    def port(self, node: str, port: str) -> str:
        """What a way out is called."""
        known = self.flow.nodes.get(node)
        return str(next((localized(one.label, self.locale) for one in known.ports if one.id == port), "") if known
                   else "") or port

    def button(self, node: str, action: str) -> str:
        """What an action of a task is called; a way out that is none, by its own label."""
        known = self.flow.nodes.get(node)
        label = next((localized(one.label, self.locale) for one in known.type.actions(known.config)
                      if one.id == action), "") if known else ""
        return str(label) or self.port(node, action)

    def variable(self, key: str) -> str:
        """What a variable is called."""
        named = (row["name"] for row in self.flow.raw.get("vars") or () if row.get("key") == key and row.get("name"))
        known = f"told_var_{key}"
        return str(localized(next(named, self._say(known) if has_text(known) else key), self.locale))

    def setting(self, key: str, value: Any) -> str:
        """A variable's value."""
        known = f"told_{key}_{value}"
        return self._say(known) if has_text(known) else self.value(f"vars.{key}", value)

    def who(self, person: str | None) -> str:
        """Somebody who acts or is told something."""
        if person in (None, "any"):
            return self._say("told_anybody")
        return self._say("told_customer") if person == CUSTOMER else self.person(str(person))

    def length(self, ms: int) -> str:
        """A length of time, to the minute."""
        days, rest = divmod(ms // MINUTE, 24 * 60)
        hours, minutes = divmod(rest, 60)
        parts = [self._say(f"told_{unit}", n=n) for unit, n in (("days", days), ("hours", hours), ("minutes", minutes))
                 if n]
        return self._say("told_space").join(parts) or self._say("told_at_once")

    def moment(self, ms: int) -> str:
        """A moment, counted from the start."""
        return self._say("told_after", time=self.length(ms)) if ms >= MINUTE else self._say("told_at_once")

    def status(self, status: Any) -> str:
        """How a ticket stands."""
        code = f"told_status_{status}"
        return self._say(code) if has_text(code) else str(status)

    def message(self, wanted: Mapping[str, Any]) -> str:
        """A message as an expectation describes it: when (ms, or as written), by which channel, to whom, from
        which step."""
        found = {key: value for key, value in wanted.items() if value is not None}
        if isinstance(found.get("at"), str):
            found["at"] = duration_ms(found["at"])
        parts = [self.moment(found["at"]) if "at" in found else "",
                 self.channel(found["via"]) if "via" in found else "",
                 self._say("told_to", who=self.who(found["to"])) if "to" in found else "",
                 self._say("told_from", node=self.node(found["node"])) if "node" in found else ""]
        return " ".join(part for part in parts if part) or self._say("told_any_message")

    def nodes(self, ids: Sequence[str], between: str = " → ") -> str:
        """The names of several steps, in order."""
        names = [self.node(id) for id in ids]
        if len(names) > LISTED:
            names = [*names[: LISTED - 1], "…", names[-1]]
        return between.join(names) or self._say("told_nowhere")

    # ---- expectations ----

    def expectations(self, expect: Mapping[str, Any]) -> list[dict[str, Any]]:
        """[{"part", "key", "words"}]: one for each thing that a raw `expect` asks, in its order."""
        found: list[dict[str, Any]] = []
        for part, wanted in expect.items():
            if part in ("visits", "vars", "form"):
                found += [{"part": part, "key": key, "words": self._one(part, key, value)}
                          for key, value in wanted.items()]
            elif part in ("fired", "not_fired"):
                found += [{"part": part, "key": at, "words": self._say(f"told_expect_{part}", end=self.end(end))}
                          for at, end in enumerate(wanted)]
            elif part in ("sent", "not_sent"):
                code = f"told_expect_{part}"
                found += [{"part": part, "key": at, "words": self._say(code, message=self.message(row))}
                          for at, row in enumerate(wanted)]
            elif wanted is not None:
                found.append({"part": part, "key": None, "words": self._whole(part, wanted)})
        return found

    def _one(self, part: str, key: str, value: Any) -> str:
        if part == "visits":
            return self._say("told_expect_visits", node=self.node(key), n=value)
        return self._say("told_expect_value", name=self._value_name(part, key), value=self._value(part, key, value))

    def _whole(self, part: str, wanted: Any) -> str:
        told: dict[str, Callable[[Any], str]] = {
            "status": self.status, "owner": self.who, "reason": str, "path": self.nodes, "path_includes": self.nodes,
            "waiting": self._standing}
        return self._say(f"told_expect_{part}", what=told[part](wanted))

    def _standing(self, nodes: Sequence[str]) -> str:
        return self.nodes(nodes, self._say("told_comma"))

    def _value_name(self, part: str, key: str) -> str:
        return self.field(key) if part == "form" else self.variable(key)

    def _value(self, part: str, key: str, value: Any) -> str:
        if value in (None, "", [], {}):
            return self._say("told_empty")
        return self.setting(key, value) if part == "vars" else self.value(f"form.{key}", value)

    # ---- failures ----

    def failure(self, problem: Problem, scenario: Mapping[str, Any]) -> str:
        """Why a scenario failed; `scenario` as written."""
        place, _, rest = problem.where.partition(".")
        if place == "expect" and "raw" in problem.params:
            return self._differs(rest, problem)
        if problem.code in ("sim_not_fired", "sim_fired"):
            return self._say(f"told_{problem.code}", end=self.end(problem.params["timer"]))
        place, _, field = problem.where.partition(": ")
        said = problem.message(self.locale)
        if problem.code == "sim_not_waiting":
            said = self._say("told_not_waiting", node=self.node(str(problem.params["node"])))
        elif problem.code == "flow_unknown_node":
            said = self._say("told_gone", node=problem.params["node"])
        elif problem.code == "sim_no_trigger":
            return self._say("told_no_start")
        elif problem.code == "sim_nobody":
            said = self._say("told_nobody", node=self.node(str(problem.params["node"])))
        label = self.field(field.partition("[")[0].partition(".")[0])
        if field and label not in said:
            said = self._say("told_in_field", field=label, said=said)
        step = _STEP.match(place)
        if step:
            at = int(step[1])
            return self._say("told_script", n=at + 1, what=self.doing(scenario["script"][at]), said=said)
        if place.startswith("default_actors."):
            return self._say("told_default", node=self.node(place.partition(".")[2]), said=said)
        return self._say("told_start", said=said) if place == "form" else said

    def doing(self, step: Mapping[str, Any]) -> str:
        """What a step of a script does: who, what, where."""
        node = self.flow.nodes.get(str(step.get("node")))
        do = str(step.get("do"))
        what = self._say(f"told_do_{do}") if has_text(f"told_do_{do}") else do
        if node and (label := self.button(node.id, do)) != do:
            what = label
        who = self.who(step.get("as") or (CUSTOMER if do in ("answer", "withdraw") else None))
        return self._say("told_doing" if node else "told_doing_alone", who=who, what=what,
                         node=self.node(node.id) if node else "")

    def _differs(self, part: str, problem: Problem) -> str:
        part, _, key = part.partition(".")
        if part in ("sent", "not_sent"):
            return self._say(f"told_{problem.code}", message=self.message(problem.params["raw"]))
        wanted, got = problem.params["raw"]
        if part == "path":
            return self._path(wanted, got)
        if part == "visits":
            return self._say("told_visits", node=self.node(key), wanted=wanted, got=got)
        if part in ("vars", "form"):
            return self._say("told_value", name=self._value_name(part, key), wanted=self._value(part, key, wanted),
                             got=self._value(part, key, got))
        told: dict[str, Callable[[Any], str]] = {
            "status": self.status, "owner": self._owner, "waiting": self._standing, "path_includes": self.nodes}
        name = told.get(part) or (lambda value: str(value or ""))
        return self._say(f"told_{part}", wanted=name(wanted), got=name(got))

    def _owner(self, person: Any) -> str:
        return self.who(person) if person else self._say("told_nobody_at_all")

    def _path(self, wanted: Sequence[str], got: Sequence[str]) -> str:
        same = next((at for at, (one, other) in enumerate(zip(wanted, got, strict=False)) if one != other),
                    min(len(wanted), len(got)))
        before = self.node(got[same - 1]) if same else self._say("told_the_start")
        if same == len(got):
            return self._say("told_path_stopped", before=before, wanted=self.node(wanted[same]))
        if same == len(wanted):
            return self._say("told_path_further", before=before, got=self.node(got[same]))
        return self._say("told_path", before=before, wanted=self.node(wanted[same]), got=self.node(got[same]))

    def _say(self, code: str, **params: Any) -> str:
        return text(code, self.locale, params)
