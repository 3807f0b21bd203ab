"""Settings of a form in words, as the property panel names them: for telling what changed, in the reader's language."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import localized, text
from app.forms.describe import describe_common, describe_form, describe_section, describe_type

LANGUAGES = {"zh-CN": {"zh": "中文", "en": "Chinese"}, "en": {"zh": "英文", "en": "English"}}
MOST = 60  # characters of a value that are told
_REF = re.compile(r"\{\{\s*(?:form|row)\.(?P<id>f_[a-z0-9_]+)(?:\.[a-z0-9_]+)?\s*\}\}")
_PATH = re.compile(r"(?:form|row)\.(?P<id>f_[a-z0-9_]+)")
Setting = Mapping[str, Any]  # as `describe` tells it: key, label, widget, kind, options, default, keys


class Words:
    """How the settings of one comparison read. `names`: what ids mean that no form holds: roles, departments."""

    def __init__(self, catalog: Catalog, locale: str, main: str, labels: Mapping[str, str], names: Mapping[str, str]):
        self.catalog, self.locale, self.main = catalog, locale, main
        self.labels, self.names = labels, names
        self._known: dict[str, list[Setting]] = {}

    def settings(self, kind: Any) -> list[Setting]:
        """The settings of a field of this type, those that every field has among them."""
        key = kind if isinstance(kind, str) else ""
        if key not in self._known:
            found = self.catalog.fields.find(key) if key else None
            self._known[key] = [*describe_common(), *(describe_type(found, "")["settings"] if found else ())]
        return self._known[key]

    def parts(self, key: str, old: Any, new: Any, kind: Any) -> Iterator[str]:
        """What changed in one setting of a field: 「必填：否 → 是」, one text for each of its own settings."""
        if key == "type":
            yield self.change(text("form_diff_of_type", self.locale), self.type(old), self.type(new))
        elif key == "section":
            yield self.change(text("form_diff_of_section", self.locale), self.called(old), self.called(new))
        else:
            known = next((one for one in self.settings(kind) if one["key"] == key), None)
            yield from self.of(known, old, new) if known else self.touched(key)

    def of_form(self, old: Any, new: Any) -> Iterator[tuple[str, str]]:
        """(key, words) of what changed in the settings of the form itself."""
        for known in describe_form():
            before, after = (side.get(known["key"]) if isinstance(side, Mapping) else None for side in (old, new))
            if before != after:
                yield from ((known["key"], words) for words in self.of(known, before, after))

    def of_section(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        """What changed in a section."""
        for known in describe_section():
            if old.get(known["key"]) != new.get(known["key"]):
                yield from self.of(known, old.get(known["key"]), new.get(known["key"]))

    def of(self, known: Setting, old: Any, new: Any) -> Iterator[str]:
        """What changed in a setting that the catalogue describes."""
        name = self.say(known["label"])
        if known["kind"] == "words":
            yield from self.languages(name, old, new)
        elif "keys" in known and known["kind"] == "object":
            yield from self.keys(name, known["keys"], old, new)
        else:
            say = self.reader(known)
            before, after = (say(known["default"] if side is None else side) for side in (old, new))
            if before is None or after is None:
                yield from self.touched(name)
            elif before != after:
                yield self.change(name, before, after)

    def keys(self, name: str, keys: list[Setting], old: Any, new: Any) -> Iterator[str]:
        """A setting that has settings: whether it is there at all, and each of its own that differs."""
        if not isinstance(old, Mapping) or not isinstance(new, Mapping):
            code = "form_diff_off" if not isinstance(new, Mapping) else "form_diff_on"
            yield text(code, self.locale, {"name": name})
        before, after = (side if isinstance(side, Mapping) else {} for side in (old, new))
        for key in keys if isinstance(new, Mapping) else ():
            if before.get(key["key"]) != after.get(key["key"]):
                told = self.of(key, before.get(key["key"]), after.get(key["key"])) if "label" in key else ()
                yield from (text("form_diff_within", self.locale, {"name": name, "words": words}) for words in told)

    def languages(self, name: str, old: Any, new: Any) -> Iterator[str]:
        """A text, language by language: 「标题（英文）：（无）→ Name」."""
        before, after = ({self.main: side} if isinstance(side, str) else side if isinstance(side, Mapping) else {}
                         for side in (old, new))
        for locale in {**before, **after}:
            was, now = before.get(locale) or "", after.get(locale) or ""
            if was != now:
                called = name if locale == self.main else text(
                    "form_diff_language", self.locale, {"name": name, "language": language(locale)})
                yield self.change(called, self.say(was), self.say(now))

    def touched(self, name: str) -> Iterator[str]:
        """For what no few words would say."""
        yield text("form_diff_touched", self.locale, {"name": name})

    def change(self, name: str, old: str, new: str) -> str:
        """「必填：否 → 是」"""
        return text("form_diff_part", self.locale, {"name": name, "old": old, "new": new})

    # ---- values ----

    def reader(self, known: Setting) -> Callable[[Any], str | None]:
        """How the values of a setting read; None for what no few words say."""
        readers: dict[str, Callable[[Any], str | None]] = {"bound": self.bound, "formula": self.formula}
        if known["widget"] in readers:
            return readers[known["widget"]]
        options = known["options"] or {}

        def say(value: Any) -> str | None:
            if isinstance(value, str) and (value in options or value in self.names):
                return self.say(options.get(value) or self.names[value])
            if isinstance(value, list) and all(isinstance(one, str) for one in value):
                return self.say(text("form_join_items", self.locale).join(say(one) or "" for one in value))
            if isinstance(value, str) and (found := _PATH.fullmatch(value)):
                return self.called(found["id"])
            return None if isinstance(value, (list, Mapping)) else self.say(value)
        return say

    def bound(self, value: Any) -> str | None:
        """A day, or one that moves: 「今天之后 3 天」."""
        if not isinstance(value, Mapping):
            return self.say(value)
        unit = "minutes" if value.get("rel") == "now" else "days"
        count = value.get(unit, 0)
        if not isinstance(count, int):
            return None
        when = "at" if not count else "after" if count > 0 else "before"
        return text(f"form_diff_{unit}_{when}", self.locale, {"count": abs(count)})

    def formula(self, value: Any) -> str | None:
        """A formula with labels in the place of ids."""
        if not isinstance(value, str):
            return self.say(None)
        return self.say(_REF.sub(lambda found: self.labels.get(found["id"], found["id"]), value))

    def called(self, ident: Any) -> str:
        """A field's or section's label."""
        return self.say(self.labels.get(ident, ident) if isinstance(ident, str) else None)

    def type(self, key: Any) -> str:
        """A field type's name."""
        kind = self.catalog.fields.find(key) if isinstance(key, str) else None
        return self.say(kind.label if kind else str(key))

    def say(self, value: Any) -> str:
        """One value, short."""
        if value is None or value == "":
            return text("form_diff_nothing", self.locale)
        if isinstance(value, bool):
            return text("form_word_yes" if value else "form_word_no", self.locale)
        words = str(localized(value, self.locale))
        return words if len(words) <= MOST else words[:MOST - 1] + "…"


def language(locale: str) -> Any:
    """A language's name in both languages; its code where we have none."""
    return LANGUAGES.get(locale, locale)
