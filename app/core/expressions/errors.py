"""What can go wrong in an expression, and the limits that keep it cheap.

Two kinds of failure, never mixed: `ExprError` refuses a definition (a formula, a condition or a stored AST) when it is
saved, with a place and a hint; `Fail` carries a run-time code to the top of one evaluation, where it becomes an `Err`
value. Both are worded by `app/core/messages/expressions.json`, which the browser's twin reads too.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.core.errors import Problem, text

_TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "ops.json").read_text(encoding="utf-8"))

#: Ceilings (counts; `text` and `source` in code points), the same table as the browser's.
LIMITS: dict[str, int] = _TABLE["limits"]
#: Operator → (fewest, most) arguments.
ARITY: dict[str, tuple[int, int]] = {op: (span[0], span[1]) for op, span in _TABLE["ops"].items()}


class Fail(Exception):
    """A run-time error on its way to the top of one evaluation; `code` is what the result will hold."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ExprError(Problem):
    """A formula, condition or AST that cannot be saved.

    `code` is one of E_SYNTAX, E_NAME, E_ARITY, E_REF, E_TYPE, E_NUM, E_DATE, E_LIMIT, E_KEY, E_OP, E_VALUE, E_AST;
    `detail` names the wording when a code has several; `pos` is a 0-based code point in a formula's source (else None);
    `where` a path inside a condition (`all[1].value`); `suggestion` a word the author may have meant.
    """

    def __init__(self, code: str, *, detail: str = "", pos: int | None = None, where: str = "",
                 suggestion: str | None = None, **params: Any) -> None:
        super().__init__(code, where, **params)
        self.detail = detail or code
        self.pos = pos
        self.suggestion = suggestion

    def message(self, locale: str = "zh") -> str:
        """What is wrong and, where one is near, the word that was probably meant."""
        words = text(self.detail, locale, self.params)
        if self.suggestion:
            words += text("E_SUGGEST", locale, {"suggestion": self.suggestion})
        return words

    def as_dict(self, locale: str = "zh") -> dict[str, Any]:
        """The API's shape, with `pos` and `suggestion` where there are any."""
        out = super().as_dict(locale)
        if self.pos is not None:
            out["pos"] = self.pos
        if self.suggestion:
            out["suggestion"] = self.suggestion
        return out
