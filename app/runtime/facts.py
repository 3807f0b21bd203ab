"""What messages and lists may say about a ticket: a few short facts, none of them a sensitive answer."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core.errors import localized
from app.definitions.bundle import Bundle
from app.flows.base import World
from app.forms.access import at_least
from app.forms.base import Field, FormPorts
from app.notify.templates import FACTS

LOCALE = "zh-CN"
CHOICES = frozenset({"radio", "select"})
TEXTS = frozenset({"textarea", "text"})
MAX_TITLE = 80
MAX_FACT = 300


def title_of(bundle: Bundle, values: Mapping[str, Any], ports: FormPorts) -> str:
    """A ticket's title: what was chosen in its first choices ("菜品 · 有异物"); of fewer than two, behind the flow's
    name: one word alone says little in a list."""
    chosen = []
    for field in bundle.form.fields.values():
        if field.type.type in CHOICES and values.get(field.id) and not field.sensitive:
            chosen.append(field.type.display(field, values[field.id], LOCALE, ports))
        if len(chosen) == 2:
            break
    if len(chosen) < 2:
        chosen.insert(0, str(localized(bundle.flow.name, LOCALE)))
    return " · ".join(chosen)[:MAX_TITLE]


def facts_of(
    bundle: Bundle, state: Mapping[str, Any], title: str, node: str, params: Mapping[str, Any], world: World,
    ports: FormPorts,
) -> dict[str, str]:
    """The facts for a message sent by `node`; the flow's `params` win. The number is added when it is sent."""
    customer, ticket, sent_by = state["customer"], state["ticket"], bundle.flow.nodes.get(node)
    owner = ticket.get("owner")
    found: dict[str, Any] = {
        "title": title,
        "type": localized(bundle.flow.name, LOCALE),
        "priority": state["vars"].get("priority"),
        "step": localized(sent_by.name, LOCALE) if sent_by else None,
        "customer": customer.get("name"),
        "level": customer.get("level"),
        "store": _store(bundle, state["form"], ports),
        "due": local_time(state.get("due"), bundle.time_zone),
        "owner": (world.person(owner) or {}).get("name") if owner else None,
        "result": _result(bundle, state),
    }
    found.update({key: value for key, value in params.items() if key in FACTS})
    return {key: str(value)[:MAX_FACT] for key, value in found.items() if value not in (None, "")}


def local_time(at: int | None, zone: str) -> str:
    """A moment as people read it, to the minute; "" for none."""
    if at is None:
        return ""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _store(bundle: Bundle, values: Mapping[str, Any], ports: FormPorts) -> str:
    """The first row of master data that the answers name: where it happened."""
    for field in bundle.form.fields.values():
        if field.type.type == "reference" and isinstance(values.get(field.id), str) and not field.sensitive:
            return field.type.display(field, values[field.id], LOCALE, ports)
    return ""


def _result(bundle: Bundle, state: Mapping[str, Any]) -> str:
    """What the person wrote who last completed a handling step: the first text that was theirs to fill in."""
    for key, (outcome, by) in reversed(state["done"].items()):
        node = bundle.flow.nodes.get(key.partition(":")[0])
        if by is not None and outcome != "cancelled" and node is not None and node.type.type == "task.handle":
            return _first_text(bundle, node.id, state["form"])
    return ""


def _first_text(bundle: Bundle, node: str, values: Mapping[str, Any]) -> str:
    levels = bundle.access(node)
    for field in bundle.form.fields.values():
        if _told(field) and at_least(levels[field.id], "edit") and values.get(field.id):
            return str(values[field.id])
    return ""


def _told(field: Field) -> bool:
    return field.type.type in TEXTS and not field.sensitive
