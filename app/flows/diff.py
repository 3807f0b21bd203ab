"""What changed between two versions of a flow, in words: steps, lines, variables. Contents may be half made."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import localized, text

_PARTS = ("name", "type", "tv", "config", "attach")  # of a step, in the order in which they are told


def compare(old: Any, new: Any, locale: str) -> list[str]:
    """Every change from `old` to `new`, a sentence each, in the reader's language."""
    return list(_changes(_dict(old), _dict(new), locale))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], locale: str) -> Iterator[str]:
    def say(code: str, **params: Any) -> str:
        return text(f"flow_diff_{code}", locale, params)

    if old.get("name") != new.get("name"):
        yield say("name", old=_named(old, locale), new=_named(new, locale))
    if old.get("form") != new.get("form"):
        yield say("form", old=_short(old.get("form")), new=_short(new.get("form")))
    before, after = _by(old, "nodes", "id"), _by(new, "nodes", "id")
    for key in after:
        if key not in before:
            yield say("step_added", name=_named(after[key], locale))
    for key in before:
        if key not in after:
            yield say("step_removed", name=_named(before[key], locale))
    for key in after:
        changed = [part for part in _PARTS if key in before and before[key].get(part) != after[key].get(part)]
        if changed:
            parts = text("flow_diff_join", locale).join(say(f"of_{part}") for part in changed)
            yield say("step_changed", name=_named(after[key], locale), parts=parts)
    was, now = ({(str(edge.get("from")), str(edge.get("to"))) for edge in _by(side, "edges", "id").values()}
                for side in (old, new))
    if was != now:
        yield say("lines", added=len(now - was), removed=len(was - now))
    known, kept = _by(old, "vars", "key"), _by(new, "vars", "key")
    names = [key for key in {**known, **kept} if known.get(key) != kept.get(key)]
    if names:
        yield say("vars", names=text("flow_diff_join", locale).join(_short(name) for name in names))
    if old.get("layout") != new.get("layout"):
        yield say("layout")


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _by(side: Mapping[str, Any], part: str, key: str) -> dict[str, Mapping[str, Any]]:
    rows = side.get(part)
    found = (_dict(row) for row in (rows if isinstance(rows, list) else ()))
    return {str(row[key]): row for row in found if key in row}


def _named(row: Mapping[str, Any], locale: str) -> str:
    return _short(localized(row.get("name"), locale) or row.get("id") or row.get("key"))


def _short(value: Any) -> str:
    return str(value or "")[:60]
