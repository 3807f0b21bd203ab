"""Rules about the code itself that no linter knows."""
from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from app.core import errors
from app.security import policy_of

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("app", "plugins", "tests", "tools", "bench")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
MAX_LINES = 450
# Where Flask may be imported, besides the root and the edge packages: what draws pages and reads requests.
EDGE_PACKAGES = ("api", "worker", "wecom", "cli", "desk")
EDGE_FILES = ("routes.py", "pages.py", "visitor.py", "carried.py", "addresses.py", "taking.py", "upgrade_pages.py",
              "drafts.py", "flow_pages.py", "flow_routes.py", "flow_sandbox.py", "flow_load.py", "flow_comments.py",
              "move_pages.py", "branch_pages.py", "branch_routes.py")


@pytest.fixture
def backend() -> str:
    return "sqlite"


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_file_is_two_rooms(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", [path for path in SOURCES if ROOT / "app" in path.parents], ids=name)
def test_no_import_hides_in_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [node.lineno for function in functions for node in ast.walk(function)
              if isinstance(node, ast.Import | ast.ImportFrom)]
    assert hidden == []


@pytest.mark.parametrize("room", ["core", "forms", "flows"])
def test_the_pure_rooms_hide_no_circle_behind_type_hints(room: str) -> None:
    """What two files need of each other stands in a third one below both."""
    paths = [path for path in SOURCES if ROOT / "app" / room in path.parents]
    assert paths
    assert [name(path) for path in paths if "TYPE_CHECKING" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", [path for path in SOURCES if ROOT / "app" in path.parents], ids=name)
def test_flask_stays_at_the_edges(path: Path) -> None:
    """Flask below the edge would bring `current_user` and the request with it."""
    parts = path.relative_to(ROOT / "app").parts
    if len(parts) == 1 or parts[0] in EDGE_PACKAGES or parts[-1] in EDGE_FILES:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        # flask_babel words texts; it knows the reader's language, not the person.
        assert not [found for found in names if found.split(".")[0] in ("flask", "flask_login", "flask_wtf")]


def test_every_view_says_who_may_call_it(app: Flask) -> None:
    bare = [rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None]
    assert bare == []


def test_views_that_change_something_answer_no_get(app: Flask) -> None:
    """A link, a prefetch or an image must never change anything."""
    for rule in app.url_map.iter_rules():
        assert not ({"POST", "PUT", "PATCH", "DELETE"} <= (rule.methods or set())), rule


def test_every_message_has_both_languages() -> None:
    for path in sorted(errors.MESSAGES.glob("*.json")):
        for code in errors._texts():
            assert errors.has_text(code), f"{path.name}: {code}"


def test_committed_files_hold_for_every_machine() -> None:
    """No path of this checkout, and no download address in a lock file."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for relative in filter(None, files.split("\0")):
        text = (ROOT / relative).read_text(encoding="utf-8", errors="replace")
        assert f"{ROOT}/" not in text, f"{relative} names {ROOT}"
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert "://" not in (ROOT / "constraints.txt").read_text("utf-8")
