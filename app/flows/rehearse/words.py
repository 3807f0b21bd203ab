"""Lengths and shares as people say them, in both languages: what the texts of a rehearsal are filled with."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.errors import localized
from app.flows.rehearse.shape import Spread

Words = dict[str, str]
_UNITS = ((86_400_000, " 天", " d"), (3_600_000, " 小时", " h"), (60_000, " 分钟", " min"), (1_000, " 秒", " s"))


def length(ms: float, *, at_work: bool = False) -> Words:
    """「3.2 小时」, "3.2 h". Working time (`at_work`) has no days: nobody knows how long one is."""
    for unit, zh, en in _UNITS[at_work:]:
        if ms >= unit or unit == 1_000:
            count = ms / unit
            shown = f"{count:.1f}".removesuffix(".0") if count < 10 else f"{count:.0f}"
            return {"zh": shown + zh, "en": shown + en}
    raise AssertionError("the last unit always fits")


def lengths(spread: Spread) -> Words:
    """How long something takes: from – to, mostly; or on average."""
    if spread.kind == "mean":
        mean = length(spread.values[0])
        return {"zh": f"平均 {mean['zh']}", "en": f"{mean['en']} on average"}
    low, middle, high = (length(value) for value in (spread.values[0], *spread.at([0.5]), spread.values[-1]))
    if spread.kind == "range":
        middle = length(spread.values[1])
    if low == high:
        return low
    return {"zh": f"{low['zh']} 到 {high['zh']}，多数 {middle['zh']}",
            "en": f"{low['en']} to {high['en']}, mostly {middle['en']}"}


def few(names: Sequence[str], most: int = 6) -> Words:
    """「餐品、配送 等 9 种」."""
    more = len(names) > most
    return {"zh": "、".join(names[:most]) + (f" 等 {len(names)} 种" if more else ""),
            "en": ", ".join(names[:most]) + (f" and {len(names) - most} more" if more else "")}


def listed(pairs: Sequence[tuple[Any, int]]) -> Words:
    """「同意 85%、驳回 15%」."""
    total = sum(weight for _, weight in pairs) or 1
    parts = {"zh": "、", "en": ", "}
    return {locale: sign.join(f"{localized(name, locale)} {100 * weight / total:.0f}%" for name, weight in pairs)
            for locale, sign in parts.items()}
