"""Message texts as data. A template may name facts from a fixed list, in braces, and nothing else.

Plain substitution in one pass: a fact that itself contains braces is text, and there is no language in which a template
could ask for more than the caller put into `facts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).with_name("templates.json")
FACTS = frozenset(
    {
        "no",
        "waiting",
        "minutes",
        "title",
        "type",
        "priority",
        "step",
        "customer",
        "store",
        "level",
        "due",
        "owner",
        "note",
        "result",
        "reason",
        "progress",
    }
)
# What a customer may be told: not who works on it, not what colleagues wrote to each other.
CUSTOMER_FACTS = FACTS - {"owner", "note", "priority", "level", "reason", "progress", "waiting", "minutes"}
MAX_FACT = 300
MAX_TITLE = 120
MAX_BODY = 2000
PLACE = re.compile(r"\{([a-z_]+)\}")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Template:
    """One message text: `to` is "staff" or "customer"; `title` and `body` by language."""

    key: str
    to: str
    title: Mapping[str, str]
    body: Mapping[str, str]


def read_template(key: str, raw: Any) -> Template:
    """A template from its JSON; raises ValueError naming what is wrong with it."""
    if not isinstance(raw, dict) or set(raw) != {"to", "title", "body"} or raw["to"] not in ("staff", "customer"):
        raise ValueError(f"template {key!r}: expected to (staff | customer), title, body")
    allowed = FACTS if raw["to"] == "staff" else CUSTOMER_FACTS
    for part in ("title", "body"):
        texts = raw[part]
        if not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
            raise ValueError(f"template {key!r}: {part} needs both languages, zh and en")
        for words in texts.values():
            unknown = sorted(set(PLACE.findall(words)) - allowed)
            if unknown:
                raise ValueError(
                    f"template {key!r}: {part} names {unknown[0]!r}, which a {raw['to']} message may not hold"
                )
    return Template(key, raw["to"], raw["title"], raw["body"])


@lru_cache(maxsize=1)
def load_templates() -> Mapping[str, Template]:
    """The built-in templates by key."""
    raw = json.loads(LIBRARY.read_text(encoding="utf-8"))
    return {key: read_template(key, value) for key, value in raw.items()}


def render(template: Template, facts: Mapping[str, Any], locale: str) -> tuple[str, str]:
    """(title, body) in the reader's language. A line of the body whose facts are all missing is left out."""
    language = "zh" if locale.lower().startswith("zh") else "en"
    allowed = FACTS if template.to == "staff" else CUSTOMER_FACTS
    clean = {name: _clean(facts[name]) for name in allowed if facts.get(name) not in (None, "")}
    title = _filled(template.title[language], clean)
    lines = [
        _filled(line, clean)
        for line in template.body[language].split("\n")
        if not PLACE.search(line) or any(name in clean for name in PLACE.findall(line))
    ]
    return title[:MAX_TITLE], "\n".join(lines)[:MAX_BODY]


def _filled(text: str, facts: Mapping[str, str]) -> str:
    return re.sub(r" {2,}", " ", PLACE.sub(lambda match: facts.get(match[1], ""), text)).strip(" :：")


def _clean(value: Any) -> str:
    # One line, no control or direction-changing characters: a title must not be able to forge a second line.
    words = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return words[:MAX_FACT].strip()
