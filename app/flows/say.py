"""A step's settings in plain words: how people, lengths of time, templates and references are told.

The names come from outside (`Names`); whatever has none is told by its key. A raw config may hold anything: what cannot
be read is told as "…", never refused.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.calendar import duration_ms
from app.core.errors import Problem, localized
from app.flows.config import CHIP, Items, Schema

_REFS: dict[str, Mapping[str, str]] = json.loads(
    (Path(__file__).parent / "describe.json").read_text(encoding="utf-8"))["refs"]
_UNITS = ((86_400_000, "天", "day"), (3_600_000, "小时", "hour"), (60_000, "分钟", "minute"), (1000, "秒", "second"))
LONGEST = 60  # code points of one name
NAMED = 3  # names of a list that are told; the rest is counted
Named = Mapping[str, Any]  # key → a text or {locale: text}


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the things that a flow names by key. `fields`: reference ("form.f_store") → label."""

    roles: Named = field(default_factory=dict)
    people: Named = field(default_factory=dict)
    departments: Named = field(default_factory=dict)
    templates: Named = field(default_factory=dict)
    channels: Named = field(default_factory=dict)
    calendars: Named = field(default_factory=dict)
    connectors: Named = field(default_factory=dict)
    sources: Named = field(default_factory=dict)
    fields: Named = field(default_factory=dict)
    nodes: Named = field(default_factory=dict)  # kinds of steps
    ticket_types: Named = field(default_factory=dict)


class Say:
    """Words for one reader."""

    def __init__(self, names: Names, locale: str = "zh") -> None:
        self.names = names
        self.locale = locale
        self.zh = locale.lower().startswith("zh")

    def words(self, zh: str, en: str) -> str:
        """The one in the reader's language."""
        return zh if self.zh else en

    def text(self, value: Any) -> str:
        """A text of the flow, which may be {locale: text}."""
        found = localized(value, self.locale)
        return found[:LONGEST] if isinstance(found, str) else ""

    def list(self, words: Iterable[str] | None) -> str:
        """Several in a row: the first few, and how many more there are."""
        known = [word for word in words or () if word and isinstance(word, str)]
        told = self.words("、", ", ").join(known[:NAMED])
        if len(known) <= NAMED:
            return told
        return told + self.words(f" 等 {len(known)} 项", f" and {len(known) - NAMED} more")

    def parts(self, *words: str | None) -> str:
        """The parts of a summary that say something."""
        return self.words("，", ", ").join(word for word in words if word and isinstance(word, str))

    def named(self, kind: str, key: Any) -> str:
        """What people call a thing: `kind` is one of the parts of `Names`."""
        return self.text(getattr(self.names, kind).get(key)) or str(key)[:LONGEST] if isinstance(key, str) else ""

    def each(self, kind: str, keys: Any) -> str:
        """Several of them."""
        return self.list(self.named(kind, key) for key in keys) if isinstance(keys, list) else ""

    def length(self, value: Any) -> str:
        """`PT24H` → 24 小时; "" for what is no length."""
        try:
            ms = duration_ms(value)
        except Problem:
            return ""
        unit = next((unit for unit in _UNITS if ms and ms % unit[0] == 0), _UNITS[-1])
        if unit[0] == 86_400_000 and ms == unit[0]:
            unit = _UNITS[1]  # one day is said as 24 hours: nobody wonders when it begins
        count = ms // unit[0]
        return self.words(f"{count} {unit[1]}", f"{count} {unit[2]}{'' if count == 1 else 's'}")

    def ref(self, path: Any) -> str:
        """What a reference names."""
        if not isinstance(path, str):
            return ""
        return self.text(self.names.fields.get(path)) or self.text(_REFS.get(path)) or path.partition(".")[2][:LONGEST]

    def filled(self, value: Any) -> str:
        """A text with its chips told by what they name: 「订单 “订单号”」."""
        return CHIP.sub(lambda chip: f"“{self.ref(chip[1])}”", self.text(value))

    def people(self, selectors: Any) -> str:
        """Selectors as words: 「区域经理（按门店）、李文」."""
        return self.list(self._selector(entry) for entry in selectors) if isinstance(selectors, list) else ""

    def _selector(self, entry: Any) -> str:
        if not isinstance(entry, Mapping):
            return "…"
        if "role" in entry:
            role = self.named("roles", entry["role"])
            by = self.ref(entry.get("of"))
            return self.words(f"{role}（按{by}）", f"{role} (by {by})") if by else role
        for kind, names in (("person", "people"), ("department", "departments")):
            if kind in entry:
                return self.named(names, entry[kind])
        if "leader_of" in entry:
            of = entry["leader_of"]
            whose = self.ref(of) if isinstance(of, str) and "." in of else self.named("departments", of)
            return self.words(f"{whose}的主管", f"leader of {whose}")
        return self.ref(entry.get("ref"))

    def choice(self, schema: type[Schema], key: str, config: Mapping[str, Any]) -> str:
        """The label of what is chosen of a Select, or of an Items of it; of its default where nothing is."""
        prop: Any = schema._declared_fields[key]
        value = config.get(prop.data_key or key, prop.load_default)
        if isinstance(prop, Items):
            options: Mapping[str, Any] = getattr(prop.item, "options", {})
            return self.list(self.text(options.get(one)) for one in value) if isinstance(value, list) else ""
        return self.text(prop.options.get(value)) if isinstance(value, str) else ""

    def labels(self, rows: Any, key: str = "label") -> str:
        """The labels of rows of a setting."""
        rows = rows if isinstance(rows, list) else []
        return self.list(self.text(row.get(key)) for row in rows if isinstance(row, Mapping))
