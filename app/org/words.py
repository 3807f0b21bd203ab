"""What keys, names and labels may look like; each function returns the clean value or raises Problem."""

from __future__ import annotations

import re
from typing import Any

from app.core.errors import Problem

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*\Z")
MAX_NAME = 80


def key(value: Any, where: str = "key") -> str:
    """An identifier: small letters, digits, underscores."""
    if not isinstance(value, str) or not KEY.match(value):
        raise Problem("key_bad", where=where, value=str(value)[:60])
    return value


def name(value: Any, where: str = "name", most: int = MAX_NAME) -> str:
    """One line of text for people to read."""
    clean = value.strip() if isinstance(value, str) else ""
    if not clean or len(clean) > most or not clean.isprintable():
        raise Problem("name_bad", where=where, max=most)
    return clean


def label(value: Any, where: str = "name") -> Any:
    """A name, or one per language: {"zh": …, "en": …}."""
    if isinstance(value, dict) and 0 < len(value) <= 10:
        for locale in value:
            if not isinstance(locale, str) or not LOCALE.match(locale):
                raise Problem("key_bad", where=where, value=str(locale)[:60])
        return {locale: name(text, f"{where}.{locale}") for locale, text in value.items()}
    return name(value, where)
