"""Our browser scripts outside a browser: a Node.js process that evaluates what it is sent."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import weakref
from pathlib import Path
from typing import Any

import click

from app.settings import ROOT

# One JSON text a line: code in, {"ok": value} or {"crash": text} out.
_RUNNER = """
const vm = require('vm'), world = vm.createContext({});
vm.runInContext(require('fs').readFileSync(process.argv[1], 'utf8'), world);
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  let answer;
  try {
    answer = { ok: vm.runInContext(JSON.parse(line), world) };
  } catch (error) {
    answer = { crash: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\\n');
});
"""


class JavaScriptError(Exception):
    """The code threw something."""


class JavaScript:
    """A world of its own in which `script` has run. Raises click.ClickException without Node.js."""

    def __init__(self, script: Path) -> None:
        node = shutil.which("node", path=os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")]))
        if node is None:
            raise click.ClickException("Node.js is missing; `make setup` installs it.")
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [node, "-e", _RUNNER, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        weakref.finalize(self, _end, self._process)

    def eval(self, code: str) -> Any:
        """The value of `code` as JSON can carry it; JavaScriptError for what it throws."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "crash" in answer:
            raise JavaScriptError(answer["crash"])
        return answer.get("ok")


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
