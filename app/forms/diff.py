"""What changed between two versions of a form, in words: fields, sections, options, rules, and what else it says."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized, text
from app.forms.describe import describe_type

_COMMON = ("label", "type", "section", "hint", "required", "readonly", "default", "prefill", "active", "sensitive")


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: form | section | field | option | option_set | rule; `kind`: added | removed | changed | moved."""

    what: str
    kind: str
    id: str
    words: str  # the whole change as one sentence in the reader's language


def compare(old: Any, new: Any, catalog: Catalog, locale: str) -> list[Change]:
    """Every change from `old` to `new`; contents may be half made."""
    return list(_Compare(old, new, catalog, locale).changes())


class _Compare:
    def __init__(self, old: Any, new: Any, catalog: Catalog, locale: str) -> None:
        self.old = old if isinstance(old, dict) else {}
        self.new = new if isinstance(new, dict) else {}
        self.catalog, self.locale = catalog, locale

    def changes(self) -> Iterator[Change]:
        yield from self.plain()
        yield from self.listed("section", self.old.get("sections"), self.new.get("sections"), "title")
        yield from self.fields(self.old, self.new, "")
        for name in {**_dict(self.old.get("option_sets")), **_dict(self.new.get("option_sets"))}:
            before, after = (_dict(side.get("option_sets")).get(name) for side in (self.old, self.new))
            yield from self.options(before, after, name)
        yield from self.rules()

    def plain(self) -> Iterator[Change]:
        for key in ("title", "locales", "settings", "layout"):
            if self.old.get(key) != self.new.get(key):
                code = f"form_diff_{key}"
                yield Change("form", "changed", key, text(code, self.locale, {
                    "old": self.say(self.old.get(key)), "new": self.say(self.new.get(key))}))

    def listed(self, what: str, old: Any, new: Any, label: str) -> Iterator[Change]:
        """Things with an id and a label: added, removed, renamed, beginning a page, moved."""
        before, after = _by_id(old), _by_id(new)
        for key in before:
            if key not in after:
                yield self.change(what, "removed", key, name=self.called(before[key], label))
        for key, row in after.items():
            if key not in before:
                yield self.change(what, "added", key, name=self.called(row, label))
            elif row.get(label) != before[key].get(label):
                old_name, new_name = self.called(before[key], label), self.called(row, label)
                yield self.change(what, "renamed", key, old=old_name, new=new_name)
            if key in before and bool(row.get("page")) != bool(before[key].get("page")):
                yield self.change(what, "paged" if row.get("page") else "unpaged", key, name=self.called(row, label))
        moved = _moved(before, after)
        if moved:
            yield self.change(what, "moved", moved, name=self.called(after[moved], label))

    def fields(self, old: Mapping[str, Any], new: Mapping[str, Any], table: str) -> Iterator[Change]:
        before, after = _by_id(old.get("fields")), _by_id(new.get("fields"))
        for key, row in before.items():
            if key not in after:
                yield self.change("field", "removed", key, name=self.name(row, table))
        for key, row in after.items():
            if key not in before:
                yield self.change("field", "added", key, name=self.name(row, table), type=self.type(row))
                continue
            was = before[key]
            parts = [self.part(prop, was.get(prop), row.get(prop), row) for prop in {**was, **row}
                     if was.get(prop) != row.get(prop) and prop not in ("options", "fields")]
            if parts:
                yield self.change("field", "changed", key, name=self.name(was, table),
                                  parts=text("form_diff_join", self.locale).join(parts))
            yield from self.options(was.get("options"), row.get("options"), self.name(row, table), key)
            yield from self.fields(was, row, self.name(row, table))
        moved = _moved(before, after)
        if moved:
            yield self.change("field", "moved", moved, name=self.name(after[moved], table))

    def options(self, old: Any, new: Any, owner: Any, field: str = "") -> Iterator[Change]:
        before, after = _by_id(old), _by_id(new)
        for key, row in before.items():
            if key not in after:
                yield self.change("option", "removed", field, name=self.called(row), owner=owner)
        for key, row in after.items():
            label = self.called(row)
            was = before.get(key)
            if was is None:
                yield self.change("option", "added", field, name=label, owner=owner)
                continue
            if row.get("label") != was.get("label"):
                yield self.change("option", "renamed", field, old=self.called(was), new=label, owner=owner)
            if bool(row.get("archived")) != bool(was.get("archived")):
                kind = "archived" if row.get("archived") else "restored"
                yield self.change("option", kind, field, name=label, owner=owner)

    def rules(self) -> Iterator[Change]:
        before, after = _by_id(self.old.get("rules")), _by_id(self.new.get("rules"))
        for key, row in before.items():
            if key not in after:
                yield self.change("rule", "removed", key, name=self.targets(row, self.old))
        for key, row in after.items():
            if key not in before:
                yield self.change("rule", "added", key, name=self.targets(row, self.new))
            elif row != before[key]:
                yield self.change("rule", "changed", key, name=self.targets(row, self.new))

    # ---- words ----

    def change(self, what: str, kind: str, key: str, **params: Any) -> Change:
        shown = kind if kind in ("added", "removed", "moved") else "changed"
        return Change(what, shown, key, text(f"form_diff_{what}_{kind}", self.locale, params))

    def called(self, row: Mapping[str, Any], label: str = "label") -> str:
        return self.say(row.get(label) or row["id"])

    def name(self, row: Mapping[str, Any], table: str = "") -> str:
        label = self.called(row)
        return f"{table} / {label}" if table else label

    def type(self, row: Mapping[str, Any]) -> str:
        kind = self.catalog.fields.find(row.get("type")) if isinstance(row.get("type"), str) else None
        return self.say({"zh-CN": kind.label["zh"], "en": kind.label["en"]}) if kind else str(row.get("type"))

    def part(self, prop: str, old: Any, new: Any, row: Mapping[str, Any]) -> str:
        """One setting of a field: 「必填：否 → 是」."""
        if prop == "type":
            old, new = self.type({"type": old}), self.type({"type": new})
        return text("form_diff_part", self.locale, {
            "name": self.setting(prop, row), "old": self.say(old), "new": self.say(new)})

    def setting(self, prop: str, row: Mapping[str, Any]) -> str:
        if prop in _COMMON:
            return text(f"form_diff_of_{prop}", self.locale)
        kind = self.catalog.fields.find(row.get("type")) if isinstance(row.get("type"), str) else None
        settings = describe_type(kind, "")["settings"] if kind else []
        return next((self.say(one["label"]) for one in settings if one["key"] == prop), prop)

    def targets(self, rule: Mapping[str, Any], content: Mapping[str, Any]) -> str:
        """A rule is known by its name, else by what it is about."""
        if rule.get("name"):
            return self.say(rule["name"])
        labels = {key: self.name(row) for key, row in _by_id(content.get("fields")).items()}
        labels |= {key: self.called(row, "title") for key, row in _by_id(content.get("sections")).items()}
        found = [str(action.get("target")) for action in rule.get("then", ()) if isinstance(action, dict)]
        return text("form_join_items", self.locale).join(labels.get(key, key) for key in dict.fromkeys(found))

    def say(self, value: Any) -> str:
        """A value of a definition, short."""
        if value is None or value == "":
            return text("form_diff_nothing", self.locale)
        if isinstance(value, bool):
            return text("form_word_yes" if value else "form_word_no", self.locale)
        if isinstance(value, Mapping) and value and all(isinstance(words, str) for words in value.values()):
            value = localized(value, self.locale)
        words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return words if len(words) <= 60 else words[:59] + "…"


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The first of those in both that stands elsewhere, or ""."""
    kept, order = [key for key in before if key in after], [key for key in after if key in before]
    return next((key for key, other in zip(order, kept, strict=True) if key != other), "")


def _by_id(rows: Any) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)} \
        if isinstance(rows, list) else {}
