"""Text as people and programs send it: what is kept, what is quietly removed, what is refused; and masks."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from app.core.errors import Problem

# Direction overrides and isolates make a text read differently from what is stored; the BOM and interlinear marks are
# never typed on purpose. Zero-width joiners stay: emoji and several scripts need them.
_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BREAKS = re.compile("\r\n|[\r\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\n\t]+")
# What a Chinese input method leaves in numbers, phones and dates. Spaces inside are dropped by their fields.
_KIND = {ord("。"): ".", ord("，"): ",", ord("－"): "-", ord("—"): "-", ord("–"): "-", ord("−"): "-", 0x3000: " "}


def clean_text(raw: Any, *, max_length: int, lines: bool = False) -> str:
    """Trimmed text of at most `max_length` code points without control or direction characters.

    `lines` keeps line breaks (as \\n) and tabs; otherwise they become one space. Raises Problem.
    """
    if not isinstance(raw, str):
        raise Problem("answer_not_text")
    if len(raw) > max_length * 4 + 1000:  # hopeless even after trimming: do not scan ten megabytes
        raise Problem("answer_too_long", max=max_length, length=len(raw))
    if _SURROGATE.search(raw):
        raise Problem("answer_bad_characters")
    text = _CONTROL.sub("", _BREAKS.sub("\n", _INVISIBLE.sub("", raw)))
    if not lines:
        text = _SPACE.sub(" ", text)
    text = text.strip()
    if len(text) > max_length:
        raise Problem("answer_too_long", max=max_length, length=len(text))
    return text


def brief(value: Any) -> str:
    """A value that was refused, for the refusal's text: short, printable, whatever it was."""
    if isinstance(value, str):
        return value[:60].encode("utf-8", "replace").decode()
    small = isinstance(value, (bool, float)) or (isinstance(value, int) and abs(value) < 10**18)
    return str(value) if small else type(value).__name__


def kind_ascii(raw: str) -> str:
    """Full-width digits, letters and punctuation as ASCII (１３８→138), trimmed: before a strict check, for people."""
    return unicodedata.normalize("NFKC", raw.translate(_KIND)).strip() if not raw.isascii() else raw.strip()


def bad_characters(text: str) -> bool:
    """Whether a text of a definition holds characters that no label needs (control, direction, lone surrogate)."""
    return bool(_SURROGATE.search(text) or _CONTROL.search(text) or _INVISIBLE.search(text))


def _mask_phone(text: str) -> str:
    digits = text.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"


def _mask_name(text: str) -> str:
    return text[:1] + "*" * min(max(len(text) - 1, 1), 2)


def _mask_email(text: str) -> str:
    name, at, domain = text.rpartition("@")
    return f"{name[:1]}***@{domain}" if at else "****"


def _mask_idcard(text: str) -> str:
    return f"{text[:1]}****************{text[-1:]}" if len(text) >= 8 else "****"


def _mask_tail(text: str) -> str:
    return f"****{text[-4:]}" if len(text) >= 8 else "****"


def _mask_all(text: str) -> str:
    return "****"


MASKS: dict[str, Callable[[str], str]] = {
    "phone": _mask_phone, "name": _mask_name, "email": _mask_email,
    "idcard": _mask_idcard, "tail4": _mask_tail, "all": _mask_all,
}
