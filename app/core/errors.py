"""Refusals as data: what is wrong, where, and with which parameters.

A refusal is raised where it is noticed and worded where it is shown, so that the same `Problem` serves a phone page,
the API and the command line in either language. Texts live in `app/core/messages/*.json` (code → {"zh", "en"}).
"""
from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

MESSAGES = Path(__file__).parent / "messages"


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(MESSAGES.glob("*.json")):
        for code, entry in json.loads(path.read_text(encoding="utf-8")).items():
            if code in texts:
                raise ValueError(f"message code {code!r} stands in two catalogues (second: {path.name})")
            texts[code] = entry
    return texts


def has_text(code: str) -> bool:
    """Whether the catalogues word this code in both languages."""
    return {"zh", "en"} <= set(_texts().get(code, ()))


def text(code: str, locale: str = "zh", params: Mapping[str, Any] | None = None) -> str:
    """The message for `code` in `locale` ("zh…" or anything else for English), `{name}` filled from `params`.

    A refusal that no catalogue words (a plugin's) brings its words along: `params["texts"]` = {"zh", "en"}.
    """
    entry = (params or {}).get("texts") or _texts().get(code)
    if entry is None:
        return code
    words = entry["zh" if locale.lower().startswith("zh") else "en"]
    try:
        return words.format_map({key: localized(value, locale) for key, value in (params or {}).items()})
    except (KeyError, IndexError):
        return words


def localized(value: Any, locale: str) -> Any:
    """A label that may be `{locale: text}` in the reader's language, else the value itself.

    Exact locale first, then the same language, then any: a form translated halfway still reads.
    """
    if not isinstance(value, Mapping):
        return value
    if locale in value:
        return value[locale]
    language = locale.replace("_", "-").split("-")[0]
    for key, words in value.items():
        if str(key).replace("_", "-").split("-")[0] == language:
            return words
    return next(iter(value.values()), "")


class Problem(Exception):
    """A refusal for a person: `code` (stable), `where` (field, node, JSON path or ""), `params` for the text."""

    status = 422

    def __init__(self, code: str, where: str = "", **params: Any) -> None:
        super().__init__(code, where, params)
        self.code = code
        self.where = where
        self.params = params

    def message(self, locale: str = "zh") -> str:
        """The text in the reader's language."""
        return text(self.code, locale, self.params)

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        """`{code, message, where}`, the API's shape."""
        return {"code": self.code, "message": self.message(locale), "where": self.where}


class Malformed(Problem):
    """The request cannot be read at all."""

    status = 400


class Denied(Problem):
    """The person may not do this."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or none that this person may know of."""

    status = 404


class Conflict(Problem):
    """The thing has moved on since the person looked."""

    status = 409


class TooLarge(Problem):
    """A size limit, named in the text."""

    status = 413


class Invalid(Problem):
    """Several problems at once, each at its place (a form's fields, a definition's keys)."""

    def __init__(self, problems: Iterable[Problem], code: str = "invalid", where: str = "") -> None:
        self.problems = list(problems)
        super().__init__(code, where, count=len(self.problems))

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        return {**super().as_dict(locale), "problems": [problem.as_dict(locale) for problem in self.problems]}


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a publish check has to say: errors block, warnings need a tick (shape of flows.md and forms.md)."""

    level: str  # "error" | "warning" | "advice"
    code: str
    node: str = ""
    port: str = ""
    field: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    fix: Mapping[str, Any] | None = None
    where: str = ""  # JSON path in the definition

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        """JSON shape: level, code, message, and where, node, port, field, fix where they apply."""
        out: dict[str, Any] = {"level": self.level, "code": self.code}
        out.update({key: value for key in ("where", "node", "port", "field") if (value := getattr(self, key))})
        out["message"] = text(self.code, locale, self.params)
        if self.fix:
            out["fix"] = dict(self.fix)
        return out
