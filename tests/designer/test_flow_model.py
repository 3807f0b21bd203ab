"""The flow designer's pure model in JavaScript: its own tests, run in Node."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from app.flows.nodes import TYPES
from app.settings import ROOT

HERE = Path(__file__).parent / "flow_model"


def test_the_model_in_javascript() -> None:
    node = shutil.which("node", path=os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")]))
    assert node, "Node.js is missing; `make setup` installs it."
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    assert files
    done = subprocess.run([node, "--test", *files], capture_output=True, text=True, timeout=120, cwd=ROOT)  # noqa: S603
    assert done.returncode == 0, done.stdout[-4000:]
    assert "# fail 0" in done.stdout or "ℹ fail 0" in done.stdout


def test_every_step_type_of_ours_has_a_drawing() -> None:
    drawn = json.loads((ROOT / "app" / "static" / "js" / "flow" / "icons.json").read_text("utf-8"))
    assert [kind.icon for kind in TYPES if kind.icon not in drawn] == []
