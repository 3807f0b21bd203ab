"""What changed between two versions of a form, in words: fields, sections, options, rules, and what else it says."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import text
from app.forms.describe import describe_columns
from app.forms.diff_words import Words, language

MOST_MOVES = 5  # told one by one
_TOLD = ("id", "options", "fields")  # of a field: told apart
_SHOWN = {"added": "added", "removed": "removed", "moved": "moved", "moved_first": "moved", "reordered": "moved"}


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: form | section | field | option | option_set | rule; `kind`: added | removed | changed | moved."""

    what: str
    kind: str
    id: str
    words: str  # the whole change as one sentence in the reader's language


def compare(old: Any, new: Any, catalog: Catalog, locale: str, names: Mapping[str, str] | None = None) -> list[Change]:
    """Every change from `old` to `new`; contents may be half made. `names`: what ids of the company mean (roles, …)."""
    return list(_Compare(old, new, catalog, locale, names or {}).changes())


class _Compare:
    def __init__(self, old: Any, new: Any, catalog: Catalog, locale: str, names: Mapping[str, str]) -> None:
        self.old, self.new, self.locale = _dict(old), _dict(new), locale
        main = self.new.get("locale")
        labels = _labels(self.old) | _labels(self.new)
        self.words = Words(catalog, locale, main if isinstance(main, str) else "zh-CN", labels, names)

    def changes(self) -> Iterator[Change]:
        yield from self.plain()
        yield from self.sections()
        yield from self.fields(self.old, self.new, "")
        for name in {**_dict(self.old.get("option_sets")), **_dict(self.new.get("option_sets"))}:
            before, after = (_dict(side.get("option_sets")).get(name) for side in (self.old, self.new))
            yield from self.options(before, after, name)
        yield from self.rules()

    def plain(self) -> Iterator[Change]:
        """What the form says of itself: name, languages, settings, layout."""
        called = text("form_diff_of_title", self.locale)
        for words in self.words.languages(called, self.old.get("title"), self.new.get("title")):
            yield Change("form", "changed", "title", words)
        before, after = (_texts(side.get("locales")) or [side.get("locale", "zh-CN")] for side in (self.old, self.new))
        for code, found in (("added", [one for one in after if one not in before]),
                            ("removed", [one for one in before if one not in after])):
            for one in found:
                yield self.change("locale", code, one, name=language(one))
        for key, words in self.words.of_form(self.old.get("settings"), self.new.get("settings")):
            yield Change("form", "changed", key, words)
        was, now = (_dict(_dict(side.get("layout")).get("desktop")) for side in (self.old, self.new))
        for words in self.words.of(describe_columns(), was.get("columns"), now.get("columns")):
            yield Change("form", "changed", "columns", words)
        spans = [(key, _dict(was.get("span")).get(key, 1), _dict(now.get("span")).get(key, 1))
                 for key in {**_dict(was.get("span")), **_dict(now.get("span"))}]
        for key, _, count in [one for one in spans if one[1] != one[2] and one[0] in _labels(self.new)]:
            yield self.change("field", "span", key, name=self.words.called(key), count=count)

    def sections(self) -> Iterator[Change]:
        before, after = _by_id(self.old.get("sections")), _by_id(self.new.get("sections"))
        for key in before:
            if key not in after:
                yield self.change("section", "removed", key, name=self.called(before[key], "title"))
        for key, row in after.items():
            if key not in before:
                yield self.change("section", "added", key, name=self.called(row, "title"))
                continue
            parts = list(self.words.of_section(before[key], row))
            if parts:
                yield self.change("section", "changed", key, name=self.called(before[key], "title"),
                                  parts=text("form_diff_join", self.locale).join(parts))
        yield from self.moves("section", before, after, "")

    def moves(self, what: str, before: Mapping[str, Any], after: Mapping[str, Any], table: str) -> Iterator[Change]:
        """What stands behind something else than before; one sentence where much was put in order."""
        order = [key for key in after if key in before]
        moved = _moved([key for key in before if key in after], order)
        if len(moved) > MOST_MOVES:
            yield self.change(what, "reordered", moved[0], count=len(moved))
            return
        for key in moved:
            index = list(after).index(key)
            name = self.words.called(key)
            if index == 0:
                yield self.change(what, "moved_first", key, name=f"{table} / {name}" if table else name)
            else:
                yield self.change(what, "moved", key, name=f"{table} / {name}" if table else name,
                                  after=self.words.called(list(after)[index - 1]))

    def fields(self, old: Mapping[str, Any], new: Mapping[str, Any], table: str) -> Iterator[Change]:
        before, after = _by_id(old.get("fields")), _by_id(new.get("fields"))
        for key, row in before.items():
            if key not in after:
                yield self.change("field", "removed", key, name=self.name(row, table))
        for key, row in after.items():
            if key not in before:
                kind = self.words.type(row.get("type"))
                yield self.change("field", "added", key, name=self.name(row, table), type=kind)
                continue
            was = before[key]
            parts = [words for prop in {**was, **row} if was.get(prop) != row.get(prop) and prop not in _TOLD
                     for words in self.words.parts(prop, was.get(prop), row.get(prop), row.get("type"))]
            if parts:
                yield self.change("field", "changed", key, name=self.name(was, table),
                                  parts=text("form_diff_join", self.locale).join(parts))
            yield from self.options(was.get("options"), row.get("options"), self.name(row, table), key)
            yield from self.fields(was, row, self.name(row, table))
        yield from self.moves("field", before, after, table)

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
            called = text("form_diff_option", self.locale, {"name": self.called(was)})
            for words in self.words.languages(called, was.get("label"), row.get("label")):
                yield self.change("option", "renamed", field, words=words, owner=owner)
            if bool(row.get("archived")) != bool(was.get("archived")):
                kind = "archived" if row.get("archived") else "restored"
                yield self.change("option", kind, field, name=label, owner=owner)

    def rules(self) -> Iterator[Change]:
        before, after = _by_id(self.old.get("rules")), _by_id(self.new.get("rules"))
        for key, row in before.items():
            if key not in after:
                yield self.change("rule", "removed", key, name=self.targets(row))
        for key, row in after.items():
            if key not in before:
                yield self.change("rule", "added", key, name=self.targets(row))
            elif row != before[key]:
                yield self.change("rule", "changed", key, name=self.targets(row))

    # ---- words ----

    def change(self, what: str, kind: str, key: str, **params: Any) -> Change:
        return Change("form" if what == "locale" else what, _SHOWN.get(kind, "changed"), key,
                      text(f"form_diff_{what}_{kind}", self.locale, params))

    def called(self, row: Mapping[str, Any], label: str = "label") -> str:
        return self.words.say(row.get(label) or row["id"])

    def name(self, row: Mapping[str, Any], table: str = "") -> str:
        label = self.called(row)
        return f"{table} / {label}" if table else label

    def targets(self, rule: Mapping[str, Any]) -> str:
        """A rule is known by its name, else by what it is about."""
        if rule.get("name"):
            return self.words.say(rule["name"])
        found = [str(action.get("target")) for action in rule.get("then", ()) if isinstance(action, dict)]
        return text("form_join_items", self.locale).join(self.words.called(key) for key in dict.fromkeys(found))


def _moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Those that changed their place among the others, in their new order."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {index for block in blocks for index in range(block.b, block.b + block.size)}
    return [key for index, key in enumerate(after) if index not in stayed]


def _labels(content: Mapping[str, Any]) -> dict[str, Any]:
    """id → label of every field, column and section."""
    fields = _by_id(content.get("fields"))
    columns = {key: row for field in fields.values() for key, row in _by_id(field.get("fields")).items()}
    sections = _by_id(content.get("sections"))
    return {key: row.get("label") or row.get("title") or key for key, row in {**fields, **columns, **sections}.items()}


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _by_id(rows: Any) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)} \
        if isinstance(rows, list) else {}
