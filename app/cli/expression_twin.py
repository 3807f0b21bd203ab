"""The browser's evaluator inside Python, for holding the two against each other."""
from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.cli.javascript import JavaScript
from app.core.expressions import Env, Err, evaluate, to_json

BUNDLE = Path(__file__).resolve().parents[1] / "static" / "dist" / "expressions.js"
_RUN = """
function runAll(src) {
  return JSON.parse(src).map(function (one) {
    var value;
    try {
      value = expressions.evaluate(one.ast, one.types, one.ctx, one.env);
    } catch (error) {
      return { crash: String(error) };
    }
    return value && value.err ? { err: value.err } : { ok: expressions.toTagged(value) };
  });
}
"""


def in_python(ast: Any, types: dict[str, str], ctx: dict[str, Any], env: Env) -> dict[str, Any]:
    """`{"ok": tagged}` or `{"err": code}` from the server's evaluator."""
    value = evaluate(ast, types, ctx, env)
    return {"err": value.code} if isinstance(value, Err) else {"ok": to_json(value)}


class Twin:
    """The built bundle in a JavaScript of its own. Raises click.ClickException when it has not been built."""

    def __init__(self) -> None:
        if not BUNDLE.exists():
            raise click.ClickException("The JavaScript bundle is missing; build it with: npm run build")
        self._js = JavaScript(BUNDLE)
        self._js.eval(_RUN)

    def run(self, cases: Sequence[tuple[Any, dict[str, str], dict[str, Any], Env]]) -> list[dict[str, Any]]:
        """One `{"ok": tagged}`, `{"err": code}` or (a bug) `{"crash": text}` a case `(ast, types, ctx, env)`."""
        asked = [{"ast": ast, "types": types, "ctx": ctx, "env": {"now_ms": env.now_ms, "tz": env.tz}}
                 for ast, types, ctx, env in cases]
        answer: list[dict[str, Any]] = self._js.eval(f"runAll({json.dumps(json.dumps(asked))})")
        return answer
