"""Step types, channels and jobs of plugins: what fits is there, the rest is left out, taking one away stops nobody."""
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app, new_catalog, plugins
from app.flows.check import apply_fix, check_flow
from app.flows.engine import decide
from app.flows.schema import load_flow
from tests.conftest import close, make_settings
from tests.flows.kit import START, SandboxWorld, definition, node

GOOD = """
from app.sdk import *
{extra}
class Config(Schema):
    tone = fields.Text(load_default="", max_length=9, label=names("语气", "Tone"))

class Kind(NodeType):
    type = "acme.{name}"
    label = names("样例", "Example")
    group = "data"
    Config = Config
    outputs = (Port("out", names("继续", "Next")),)
    {more}
    def enter(self, ctx, config):
        return Go("out")

class Post(Channel):
    name = "{name}_post"
    label = names("信鸽", "Pigeon")
    def send(self, message):
        raise SendError("no_pigeon", permanent=True)

class Fetch(Effect):
    name = "acme.{name}.fetch"
    def run(self, work):
        return Result(True, {{}})

NODE_TYPES, CHANNELS, JOBS = (Kind,), (Post,), (Fetch,)
"""


ROWS = """
class Row(Schema):
    port = fields.PortId(required=True, label=names("出口", "Way out"))
    label = fields.LocalText(required=True, max_length=20, label=names("按钮", "Button"))
"""


def write(
    folder: Path, name: str = "step", more: str = "", extra: str = "", change: tuple[str, str] = ("", "")
) -> Path:
    """A plugin as a single file."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(GOOD.format(name=name, more=more, extra=extra).replace(*change), encoding="utf-8")
    return path


def test_steps_channels_and_jobs_come_with_a_plugin(tmp_path: Path) -> None:
    write(tmp_path)
    catalog = new_catalog()
    found = {plugin.name: plugin for plugin in plugins.load(tmp_path, catalog)}
    assert found["step"].types == ("acme.step", "step_post", "acme.step.fetch") and not found["step"].reason
    assert catalog.nodes.owner(("acme.step", 1)) == catalog.channels.owner("step_post") == "step"
    assert catalog.effects.owner("acme.step.fetch") == "step"


@pytest.mark.parametrize(("parts", "words"), [
    ({"change": ('"acme.step"', '"acme"')}, "begin with a word of your own"),
    ({"change": ('"acme.step"', '"task.step"')}, "begin with a word of your own"),
    ({"change": ('"acme.step"', '"task.handle"')}, "begin with a word of your own"),
    ({"more": "label = {}"}, "names(Chinese, English)"), ({"more": "group = 'trigger'"}, "group 'trigger'"),
    ({"more": "version = 0"}, "version"), ({"more": "icon = 'gift'"}, "icon 'gift' is not one of alarm-clock, "),
    ({"more": "has_input = False"}, "for the product's own steps"), ({"more": "outputs = ()"}, "no way out"),
    ({"more": "outputs = ('out',)"}, "is no Port"), ({"more": "outputs = (Port('out', 'x'),)"}, "'out'"),
    ({"more": "outputs = (Port('a', names('一', 'A')), Port('a', names('二', 'B')))"}, "two ways out"),
    ({"more": "ports_from = 'rows[].port'"}, "and port, in its rows, a fields.PortId"),
    ({"change": ("label=names(\"语气\", \"Tone\")", "")}, "'label' (step.py, line 5: tone = fields.Text("),
    ({"change": ("fields.Text", "fields.Line")}, "sdk.fields has no 'Line'; it has CalendarRef, "),
    ({"change": ("max_length=9,", 'show_if={"mode": "slow"},')}, "a show_if of 'mode', which is no setting beside it"),
    ({"extra": ROWS,
      "change": ("    tone", "    rows = fields.Rows(Row, unique='hours', label=names('行', 'Rows'))\n    tone")},
     "the setting 'rows' has unique='hours', and its rows have only port, label"),
    ({"change": ("(self, ctx, config)", "(self, config)")}, "write def enter(self, ctx, config)"),
    ({"change": ("(self, message)", "(self)")}, "write def send(self, message)"),
    ({"change": ("(self, work)", "(self)")}, "write def run(self, work)"),
    ({"more": "outputs = (Port('Out', names('一', 'A')),)"}, "no Port with an id of small letters"),
    ({"more": "Config = dict"}, "sdk.Schema"), ({"more": "waits = True"}, "resume() is missing"),
    ({"change": ("def enter", "def entre")}, "enter() is missing"),
    ({"change": ('names("语气", "Tone")', "{}")}, "'tone'"),
    ({"more": "def ports(self, config): raise KeyError('x')"}, "KeyError"),
    ({"more": "def __init__(self): raise SystemExit(2)"}, "SystemExit"),
    ({"change": ("(Kind,)", "(Kind, Kind)")}, "twice"), ({"change": ("(Kind,)", "Kind")}, "no tuple"),
    ({"change": ('"step_post"', '"inbox"')}, "the name 'inbox' is taken by 'core'"),
    ({"change": ("def send", "def sent")}, "send() is missing"),
    ({"change": ("def run", "def ran")}, "run() is missing"),
    ({"change": ('"acme.step.fetch"', '"webhook"')}, "taken by 'core'"),
    ({"change": ("(Post,)", "(int,)")}, "no subclass of Channel"),
], ids=lambda value: value[:24] if isinstance(value, str) else "")
def test_what_does_not_fit_is_left_out_whole(tmp_path: Path, parts: dict[str, Any], words: str) -> None:
    write(tmp_path, **parts)
    catalog = new_catalog()
    before = [set(registry) for registry in (catalog.nodes, catalog.channels, catalog.effects)]
    (found,) = [plugin for plugin in plugins.load(tmp_path, catalog) if plugin.name == "step"]
    assert words in found.reason and found.types == ()
    assert [set(registry) for registry in (catalog.nodes, catalog.channels, catalog.effects)] == before


def test_a_taken_type_stays_with_the_first_and_its_owner_may_bring_versions(tmp_path: Path) -> None:
    write(tmp_path, "a_first", change=("(Kind,)", "(Kind, type('Later', (Kind,), {'version': 2}))"))
    write(tmp_path, "b_second", change=('"acme.b_second"', '"acme.a_first"'))
    catalog = new_catalog()
    first, second = plugins.load(tmp_path, catalog)[:2]
    assert first.types[0] == "acme.a_first" and {("acme.a_first", 1), ("acme.a_first", 2)} <= set(catalog.nodes)
    assert "is taken by 'a_first'" in second.reason


def test_a_plugin_that_never_finishes_importing_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "IMPORT_S", 0.3)
    write(tmp_path, "a_loop", extra="while True: pass")
    write(tmp_path, "b_good")
    loop, good = plugins.load(tmp_path, new_catalog())[:2]
    assert "not done within" in loop.reason and not good.reason


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with an entry point."""
    (tmp_path / "acme_steps.py").write_text(GOOD.format(name="packed", more="", extra=""), encoding="utf-8")
    told = tmp_path / "acme_steps-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-steps\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[danflow.plugins]\npacked = acme_steps\ngone = acme_gone\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_an_installed_package_is_a_plugin(package: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    catalog = new_catalog()
    found = {plugin.name: plugin for plugin in plugins.load(tmp_path / "none", catalog)}
    assert found["packed"].types[0] == "acme.packed" and catalog.nodes.owner(("acme.packed", 1)) == "packed"
    assert "ModuleNotFoundError" in found["gone"].reason
    sys.modules.pop("acme_steps", None)


WAITING = """
from app.sdk import *
class Pause(NodeType):
    type, version = "acme.pause", {version}
    label = names("等一等", "Pause")
    group = "wait"
    outputs = (Port("out", names("继续", "Next")),)
    waits = True
    class Config(Schema):
        {setting} = fields.Duration(load_default=60000, label=names("多久", "How long"))
    def enter(self, ctx, config):
        return Wait((Timer("over", ctx.now + config.{setting}),))
    def resume(self, ctx, config, answer):
        return Go("out")
    def upgrade(self, config, from_version):
        return {{"length": config.get("time", "PT1M")}}
NODE_TYPES = (Pause,)
"""


def loaded(tmp_path: Path, name: str, source: str | None) -> Any:
    folder = tmp_path / name
    folder.mkdir()
    if source:
        (folder / "pause.py").write_text(source, encoding="utf-8")
    catalog = new_catalog()
    plugins.load(folder, catalog)
    return catalog


def test_a_ticket_outlives_the_plugin_it_waits_in(tmp_path: Path) -> None:
    raw = definition(node("rest", "acme.pause", {"time": "PT5M"}), edges="t:out>rest rest:out>end")
    there = loaded(tmp_path, "there", WAITING.format(version=1, setting="time"))
    world = SandboxWorld({})
    state = decide(load_flow(raw, there), {}, {"kind": "start", "trigger": "t"}, START, world).state
    bare = load_flow(raw, loaded(tmp_path, "bare", None))
    parked = decide(bare, state, {"kind": "timer", "timer": "rest:1:over"}, START + 300_000, world).state
    assert parked["status"] == "open"
    missing = {"type": "acme.pause", "version": 1}
    assert parked["parked"] == [{"node": "rest", "code": "flow_type_missing", "params": missing}]
    errors = [finding.code for finding in check_flow(raw, new_catalog()) if finding.level == "error"]
    assert errors == ["check_unknown_type"]
    again = decide(load_flow(raw, there), parked, {"kind": "retry", "node": "rest"}, START + 400_000, world).state
    done = decide(load_flow(raw, there), again, {"kind": "timer", "timer": "rest:2:over"}, START + 700_000, world).state
    assert done["status"] == "closed"


def test_a_newer_version_is_offered_with_its_settings_carried_over(tmp_path: Path) -> None:
    raw = definition(node("rest", "acme.pause", {"time": "PT5M"}), edges="t:out>rest rest:out>end")
    both = WAITING.format(version=1, setting="time").replace("NODE_TYPES = (Pause,)", "Old = Pause") \
        + WAITING.format(version=2, setting="length").replace("(Pause,)", "(Old, Pause)")
    catalog = loaded(tmp_path, "both", both)
    (old,) = [finding for finding in check_flow(raw, catalog) if finding.code == "check_old_version"]
    assert old.fix
    repaired = apply_fix(raw, old.fix)
    assert (repaired["nodes"][1]["tv"], repaired["nodes"][1]["config"]) == (2, {"length": "PT5M"})
    assert raw["nodes"][1]["config"] == {"time": "PT5M"}
    assert not [finding for finding in check_flow(repaired, catalog) if finding.code == "check_old_version"]


def test_a_step_that_ends_the_process_stops_only_its_ticket(tmp_path: Path) -> None:
    source = WAITING.format(version=1, setting="time").replace("return Wait((Timer", "raise SystemExit(1); (Timer") \
        .replace("config.time),))", "config.time),)")
    raw = definition(node("rest", "acme.pause"), edges="t:out>rest rest:out>end")
    flow = load_flow(raw, loaded(tmp_path, "exits", source))
    state = decide(flow, {}, {"kind": "start", "trigger": "t"}, START, SandboxWorld({})).state
    assert [(one["code"], one["params"]["error"]) for one in state["parked"]] == [("flow_step_broken", "SystemExit")]


@pytest.fixture
def start(tmp_path: Path) -> Callable[[Path], Flask]:
    """An application with these plugins that never asks its database; `close` it."""
    return lambda folder: create_app(make_settings(tmp_path / "instance", plugins_dir=folder))


def test_new_plugins_work_at_once(tmp_path: Path, start: Callable[[Path], Flask]) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    app = start(folder)
    new = app.test_cli_runner().invoke(args=["plugin", "new", "urgent_words"])
    assert new.exit_code == 0 and "test_urgent_words.py" in new.output
    new = app.test_cli_runner().invoke(args=["plugin", "new", "member_no", "--field"])
    assert new.exit_code == 0 and "member_no.html" in new.output
    refused = [app.test_cli_runner().invoke(args=["plugin", "new", name]) for name in ("urgent_words", "Big", "../x")]
    assert [one.exit_code for one in refused] == [1, 1, 1] and "is there already" in refused[0].output
    close(app)
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", str(folder)]
    tried = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "11 passed" in tried.stdout
    app = start(folder)
    listed = json.loads(app.test_cli_runner().invoke(args=["catalog", "--json"]).output)
    assert [one["owner"] for one in listed["nodes"] if one["type"] == "urgent_words.find"] == ["urgent_words"]
    assert [one["owner"] for one in listed["fields"] if one["type"] == "member_no"] == ["member_no"]
    close(app)
