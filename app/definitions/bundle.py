"""A form and a flow together: what may be asked and answered at each step. Pure: for live tickets and the sandbox.

Who may fill in what is written at the flow's nodes, what an answer must look like in the form; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.calendar import tz_table
from app.core.catalog import Catalog
from app.core.errors import Problem
from app.core.expressions import Env
from app.flows.model import Flow, Node
from app.flows.schema import load_flow
from app.forms.access import NOBODY, Reader, resolve
from app.forms.base import FormPorts
from app.forms.initial import initial
from app.forms.schema import Form, load_form
from app.forms.validate import Judged, judge
from app.forms.view import FormView, build

TIME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, eq=False)
class Bundle:
    """The published pair behind a ticket. Immutable, shared by threads.

    `state` is always the engine's state of the ticket, or `opening(…)` before there is one. `ticket_type` is the
    published type's JSON ("key", "name"), {} in the sandbox.
    """

    form: Form
    flow: Flow
    time_zone: str = TIME_ZONE
    ticket_type: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, form: Any, flow: Any, catalog: Catalog, ticket_type: Mapping[str, Any] | None = None) -> Bundle:
        """From the definitions' JSON; raises Invalid or TooLarge."""
        loaded = load_form(form, catalog)
        compiled = load_flow(flow, catalog, loaded.types(flow), sources=loaded.sources())
        return cls(loaded, compiled, ticket_type=ticket_type or {})

    def node(self, node_id: str) -> Node:
        """A step of the flow; raises Problem("flow_unknown_node")."""
        node = self.flow.nodes.get(node_id)
        if node is None:
            raise Problem("flow_unknown_node", where=node_id[:60], node=node_id[:60])
        return node

    def env(self, now: int) -> Env:
        """`now` and the zone table, for expressions."""
        return Env(now, tuple((row[0], row[1]) for row in tz_table(self.time_zone, now)))

    def access(self, node_id: str) -> dict[str, str]:
        """field id → level at this step."""
        return resolve(self.form, self.node(node_id).fields)

    def opening(self, trigger: str, customer: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What stands in for the state while the first form is being filled in."""
        config = self.node(trigger).config
        return {
            "form": {},
            "vars": {var.key: var.default for var in self.flow.vars.values()},
            "customer": dict(customer or {}),
            "ticket": {"source": trigger, "channel": getattr(config, "channel", None) or ""},
        }

    def judge(
        self,
        node: str,
        submitted: Mapping[str, Any],
        state: Mapping[str, Any],
        now: int,
        ports: FormPorts,
        *,
        action: str | None = None,
        link: Mapping[str, Any] | None = None,
        role: str = "",
    ) -> Judged:
        """Judge what was submitted at `node` against the ticket's answers; problems are returned, not raised.

        `action`: what the person wants to do; one that requires no answers (a return) leaves required fields alone.
        `link`: what a signed link brought along, for hidden and prefilled fields.
        """
        return judge(
            self.form,
            submitted,
            access=self.access(node),
            current=state.get("form") or {},
            scope=self.scope(node, state, role, link),
            env=self.env(now),
            ports=ports,
            require=action is None or self.flow.action_requires(node, action),
        )

    def initial(
        self,
        node: str,
        state: Mapping[str, Any],
        now: int,
        ports: FormPorts,
        *,
        link: Mapping[str, Any] | None = None,
        address: Mapping[str, Any] | None = None,
        history: Mapping[str, Any] | None = None,
        given: Mapping[str, Any] | None = None,
        role: str = "",
    ) -> dict[str, Any]:
        """The answers with which the form of `node` opens: defaults and what the link or the customer already tells.

        `link`: what the link carries signed; `address`: other parameters, which fill only what may be typed; `history`:
        earlier answers of the customer that this person may know; `given`: answers that are known already.
        """
        return initial(
            self.form,
            access=self.access(node),
            scope={**self.scope(node, state, role, link), "history": history or {}},
            env=self.env(now),
            ports=ports,
            link=address or {},
            given=given or {},
            defaults=getattr(self.node(node).config, "defaults", {}),
        )

    def view(
        self,
        node: str,
        values: Mapping[str, Any],
        state: Mapping[str, Any],
        now: int,
        ports: FormPorts,
        *,
        locale: str,
        problems: Sequence[Problem] = (),
        role: str = "",
        link: Mapping[str, Any] | None = None,
    ) -> FormView:
        """The form of `node` as this person sees it."""
        return self._build(self.access(node), values, self.scope(node, state, role, link), now, ports, locale, problems)

    def answers_view(
        self,
        access: Mapping[str, str],
        state: Mapping[str, Any],
        now: int,
        ports: FormPorts,
        *,
        locale: str,
        role: str = "",
        reader: Reader = NOBODY,
    ) -> FormView:
        """The stored answers under any access spec, for people who have no step to do: nothing is editable."""
        levels = {
            key: "read" if level in ("edit", "required") else level for key, level in resolve(self.form, access).items()
        }
        values = state.get("form") or {}
        return self._build(levels, values, self.scope("", state, role, None), now, ports, locale, (), reader)

    def scope(self, node: str, state: Mapping[str, Any], role: str, link: Mapping[str, Any] | None) -> dict[str, Any]:
        """What rules and formulas of the form may ask besides its own fields."""
        ticket = dict(state.get("ticket") or {})
        return {
            "vars": state.get("vars") or {},
            "customer": state.get("customer") or {},
            "ticket": ticket,
            "ctx": {"node": node, "role": role, "channel": ticket.get("channel") or ""},
            "link": dict(link or {}),
        }

    def _build(
        self,
        access: Mapping[str, str],
        values: Mapping[str, Any],
        scope: Mapping[str, Any],
        now: int,
        ports: FormPorts,
        locale: str,
        problems: Sequence[Problem],
        reader: Reader = NOBODY,
    ) -> FormView:
        return build(
            self.form,
            values,
            access=access,
            env=self.env(now),
            scope=scope,
            locale=locale,
            problems=problems,
            ports=ports,
            reader=reader,
        )
