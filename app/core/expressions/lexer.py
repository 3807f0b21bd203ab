"""Formula source → tokens. Full-width punctuation reads as usual, but for texts and references."""
from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.expressions.errors import ExprError

_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_WIDTH |= {0x3000: " ", 0x00D7: "*", 0x00F7: "/", 0x2212: "-", 0x2265: "≥", 0x2264: "≤", 0x2260: "≠"}
_QUOTES = {'"': '"', "“": "”", "”": "”", "＂": "＂"}
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_NAME = re.compile(r"[A-Za-z_\u3400-\u9fff][A-Za-z0-9_.\u3400-\u9fff]*")
_SYMBOLS = ("<>", "<=", ">=", "!=", "==", "≤", "≥", "≠", "<", ">", "=", "+", "-", "*", "/", "&", "%", "(", ")", ",")
_SAME = {"≤": "<=", "≥": ">=", "≠": "<>", "!=": "<>", "==": "="}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: number, text, ref, name, an operator itself, or end; `start`/`end` are code points in the source."""

    kind: str
    value: str
    start: int
    end: int


def tokens(src: str) -> list[Token]:
    """All tokens and an `end`. Raises ExprError E_SYNTAX with the place of what cannot be read."""
    folded = src.translate(_WIDTH)  # one code point for one, so that places stay true
    out: list[Token] = []
    at = 0
    while at < len(src):
        if folded[at].isspace():
            at += 1
            continue
        token = _token(src, folded, at)
        out.append(token)
        at = token.end
    out.append(Token("end", "", len(src), len(src)))
    return out


def _token(src: str, folded: str, at: int) -> Token:
    if src[at] in _QUOTES:
        return _text(src, at)
    if folded.startswith("{{", at):
        end = folded.find("}}", at)
        if end < 0:
            raise ExprError("E_SYNTAX", detail="E_SYNTAX_REF", pos=at)
        return Token("ref", src[at + 2:end].strip(), at, end + 2)
    for kind, pattern in (("number", _NUMBER), ("name", _NAME)):
        found = pattern.match(folded, at)
        if found:
            return Token(kind, found[0], at, found.end())
    for symbol in _SYMBOLS:
        if folded.startswith(symbol, at):
            return Token(_SAME.get(symbol, symbol), symbol, at, at + len(symbol))
    raise ExprError("E_SYNTAX", detail="E_SYNTAX_CHAR", pos=at, char=src[at])


def _text(src: str, at: int) -> Token:
    """A quoted text; the closing quote doubled stands for itself."""
    close = _QUOTES[src[at]]
    parts: list[str] = []
    start = at + 1
    while (end := src.find(close, start)) >= 0:
        parts.append(src[start:end])
        if not src.startswith(close, end + 1):
            return Token("text", "".join(parts), at, end + 1)
        parts.append(close)
        start = end + 2
    raise ExprError("E_SYNTAX", detail="E_SYNTAX_QUOTE", pos=at)
