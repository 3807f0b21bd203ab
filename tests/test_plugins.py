"""A folder of plugins: what fits is there, what does not is left out, whole and with a reason; the product starts."""
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from app import create_app, new_catalog, plugins
from app.core.errors import Problem
from tests.conftest import close, make_settings

GOOD = """
from app.sdk import Asking, Field, FieldType, Problem, Settings, Str, names, ui
{extra}
class Own(Settings):
    tone = Str(max_length=9, load_default="", metadata=ui("语气", "Tone"))

class Kind(FieldType):
    type = "{type}"
    label = names("样例", "Example")
    Settings = Own
    {more}
    def clean(self, field, raw, asking):
        if not isinstance(raw, str):
            raise Problem("kind_bad", texts=names("“{{label}}”不行", "“{{label}}” will not do"))
        return raw

    def sample(self, field):
        return "x"

FIELD_TYPES = (Kind,)
"""
TEMPLATE = "{% macro edit(f, at) %}<b>{{ words({'zh': '好', 'en': 'Well'}) }}</b>{% endmacro %}" \
           "{% macro read(f, at) %}{{ f.display }}{% endmacro %}"


def other(part: str, instead: str) -> str:
    """The good plugin with a part of it replaced."""
    return GOOD.replace(part, instead).format(type="kind", more="", extra="")


def write(folder: Path, name: str, source: str = "", template: str | None = TEMPLATE, **parts: str) -> Path:
    """A plugin as a folder."""
    made = folder / name
    made.mkdir(parents=True)
    parts = {"type": name, "more": "", "extra": "", **parts}
    (made / "__init__.py").write_text(source or GOOD.format(**parts), encoding="utf-8")
    if template is not None:
        (made / f"{parts['type']}.html").write_text(template, encoding="utf-8")
    return made


def reason(folder: Path, name: str = "kind") -> str:
    """Why it was left out; nothing of it may be in the catalogue."""
    catalog = new_catalog()
    before = set(catalog.fields)
    (found,) = [plugin for plugin in plugins.load(folder, catalog) if plugin.name == name]
    assert found.state == "left out" and found.types == () and set(catalog.fields) == before
    return found.reason


def test_a_folder_and_a_file_are_plugins(tmp_path: Path) -> None:
    write(tmp_path, "kind")
    (tmp_path / "single.py").write_text(GOOD.format(type="other", more="", extra=""), encoding="utf-8")
    (tmp_path / "other.html").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "README.md").write_text("no plugin")
    for name in ("_drafts", ".git", "__pycache__"):
        (tmp_path / name).mkdir()
    catalog = new_catalog()
    found = plugins.load(tmp_path, catalog)
    assert [(one.name, one.state, one.types) for one in found] == [
        ("kind", "installed", ("kind",)), ("single", "installed", ("other",))]
    assert [catalog.fields.owner(key) for key in ("text", "kind", "other")] == ["core", "kind", "single"]


def test_a_plugin_may_have_several_modules_and_each_application_its_own(tmp_path: Path) -> None:
    made = [write(tmp_path / side, "kind", extra="from .more import NAME", more="icon = NAME")
            for side in ("date", "time")]
    for side, folder in zip(("date", "time"), made, strict=True):
        (folder / "more.py").write_text(f"NAME = {side!r}")
    one, other, bare = new_catalog(), new_catalog(), new_catalog()
    plugins.load(tmp_path / "date", one)
    plugins.load(tmp_path / "time", other)
    assert [kept.fields.get("kind").icon for kept in (one, other)] == ["date", "time"] and "kind" not in bare.fields


@pytest.mark.parametrize(("parts", "words"), [
    ({"extra": "raise RuntimeError('no licence')"}, "RuntimeError: no licence"),
    ({"extra": "import nothing_like_it"}, "ModuleNotFoundError"), ({"extra": "raise SystemExit(3)"}, "SystemExit"),
    ({"extra": "def ("}, "SyntaxError"), ({"source": "x = 1"}, "it has no FIELD_TYPES"),
    ({"source": "FIELD_TYPES = (int,)"}, "no subclass of FieldType"),
    ({"source": "FIELD_TYPES = (3,)"}, "no subclass of FieldType"),
    ({"type": "text"}, "the type 'text' is taken by 'core'"), ({"type": "unavailable"}, "is no name"),
    ({"type": "Kind"}, "is no name"), ({"more": "label = {}"}, "names(Chinese, English)"),
    ({"more": "label = 3"}, "AttributeError"), ({"more": "Settings = dict"}, "sdk.Settings"),
    ({"more": "value_type = 'sound'"}, "value_type"), ({"more": "operators = ('sings',)"}, "comparison"),
    ({"more": "parts = {'day': 'date'}"}, "part_names"),
    ({"more": "def __init__(self): raise ValueError('odd')"}, "ValueError: odd"),
    ({"more": "def starter(self): return {'tone': 5}"}, "starter()"),
    ({"more": "def starter(self): return {'surprise': 5}"}, "surprise"),
    ({"more": "icon = 'school'"}, "icon 'school' is not one of address, "),
    ({"template": None}, "its template kind.html is missing"), ({"template": "{% if %}"}, "kind.html: "),
    ({"template": "hello"}, "needs the macros"),
    ({"template": "{% macro edit(f) %}{% endmacro %}"}, "needs the macros"),
    ({"source": other("tone =", "choices =")}, "'choices'"), ({"source": other("tone =", "label =")}, "'label'"),
    ({"source": other(', metadata=ui("语气", "Tone")', "")}, "'tone'"),
    ({"source": other("def sample", "def simple")}, "sample() is missing"),
    ({"source": other("(Kind,)", "(Kind, Kind)")}, "twice"),
    ({"source": other("def clean(self, field, raw, asking)", "def clean(self, value)")},
     "write def clean(self, field, raw, asking)"),
    ({"more": "def cell_out(self, value): return value"}, "write def cell_out(self, field, value, locale, ports)"),
    ({"source": other('return "x"', "return 7")}, "clean() refuses what sample() gives"),
    ({"source": other("return raw", "return raw + raw")}, "clean() changes what it stored itself: 'xx'"),
    ({"more": "value_type = 'list'"}, "write is_stored()"),
    ({"source": other("return raw", "return {{1}}")}, "TypeError"),
    ({"more": "def display(self, field, value, locale, ports): return ''"}, "display() says ''"),
    ({"more": "def cell_out(self, field, value, locale, ports): return 5"}, "cell_out() gives 5"),
    ({"more": "def cell_in(self, field, cell, ports): return 'other'"}, "do not read 'x' out of it again"),
    ({"source": other('"Tone")', '"Tone", "checkboxes")')}, "'checkboxes': use text or select or date or time"),
    ({"source": other('"Tone")', '"Tone", "select")')}, "the setting 'tone' lacks the choices of its widget"),
    ({"source": other("tone = Str(max_length=9", "tone = Each(Str()").replace("ui\n", "ui, Each\n")},
     "'text': use multiselect or tokens"),
    ({"source": other("tone = Str(max_length=9, ", "tone = Each(").replace("ui\n", "ui, Each\n")},
     "line 5: tone = Each("),
], ids=lambda value: value[:24] if isinstance(value, str) else "")
def test_a_plugin_that_does_not_fit_is_left_out(tmp_path: Path, parts: dict[str, str], words: str) -> None:
    write(tmp_path, "kind", **parts)
    assert words in reason(tmp_path)


def test_a_name_that_is_taken_stays_with_the_first(tmp_path: Path) -> None:
    write(tmp_path, "a_first", type="kind")
    write(tmp_path, "b_second", type="kind")
    assert "is taken by 'a_first'" in reason_of(plugins.load(tmp_path, new_catalog()), "b_second")
    (tmp_path / "a_first.py").write_text(GOOD.format(type="other", more="", extra=""), encoding="utf-8")
    (tmp_path / "other.html").write_text(TEMPLATE, encoding="utf-8")
    twin = plugins.load(tmp_path, new_catalog())[1]
    assert (twin.path.name, twin.reason) == ("a_first.py", "another plugin is called 'a_first'")
    (tmp_path / "c_empty").mkdir()
    (tmp_path / "Not a name.py").write_text("")
    (tmp_path / "core.py").write_text("")
    found = plugins.load(tmp_path, new_catalog())
    assert "no __init__.py" in reason_of(found, "c_empty")
    assert "is no name" in reason_of(found, "core") and "is no name" in reason_of(found, "Not a name")


def reason_of(found: list[plugins.Plugin], name: str) -> str:
    return next(plugin.reason for plugin in found if plugin.name == name)


@pytest.fixture
def start(tmp_path: Path) -> Callable[[Path], Flask]:
    """An application with these plugins that never asks its database; `close` it."""
    return lambda folder: create_app(make_settings(tmp_path / "instance", plugins_dir=folder))


def test_the_product_starts_and_says_what_is_missing(
    tmp_path: Path, start: Callable[[Path], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "plugins", "kind")
    write(tmp_path / "plugins", "broken", extra="raise RuntimeError('no licence')")
    app = start(tmp_path / "plugins")
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in logged if line["event"] == "plugin_left_out"]
    assert line["plugin"] == "broken" and "no licence" in line["reason"]
    assert line["file"] == str(tmp_path / "plugins" / "broken" / "__init__.py")
    told = app.test_cli_runner().invoke(args=["plugins"]).output.splitlines()
    assert told[0].startswith("broken\tleft out\t") and "no licence" in told[0] and "__init__.py" in told[1]
    assert told[2] == "kind\tinstalled\tkind"
    listed = json.loads(app.test_cli_runner().invoke(args=["catalog", "--json"]).output)
    owners = {entry["type"]: entry["owner"] for entry in listed["fields"]}
    assert len([owner for owner in owners.values() if owner == "core"]) == 36 and owners["kind"] == "kind"
    assert [(one["name"], one["state"]) for one in listed["plugins"]] == [("broken", "left out"), ("kind", "installed")]
    close(app)


def test_a_folder_that_is_not_there_is_said(
    tmp_path: Path, start: Callable[[Path], Flask], capsys: pytest.CaptureFixture[str]
) -> None:
    app = start(tmp_path / "nowhere")
    assert "plugins_dir_missing" in capsys.readouterr().err
    assert app.test_cli_runner().invoke(args=["plugins"]).output == ""
    close(app)


def test_its_template_is_found_behind_ours_and_speaks_both_languages(
    tmp_path: Path, start: Callable[[Path], Flask]
) -> None:
    made = write(tmp_path / "plugins", "kind")
    (made / "text.html").write_text("stolen", encoding="utf-8")
    app = start(tmp_path / "plugins")
    page = "{% import 'fields/kind.html' as kind %}{{ kind.edit(0, 0) }}{% import 'fields/text.html' as text %}"
    for locale, word in (("zh", "好"), ("en", "Well")):
        with app.test_request_context(f"/?lang={locale}"):
            assert render_template_string(page) == f"<b>{word}</b>"
    assert "stolen" not in app.jinja_env.get_template("fields/text.html").render()
    close(app)


def test_its_refusals_bring_their_words_along() -> None:
    problem = Problem("kind_bad", texts={"zh": "“{label}”不行", "en": "“{label}” will not do"}, label="口味")
    assert problem.message("zh-CN") == "“口味”不行" and problem.message("en") == "“口味” will not do"
    assert problem.as_dict("en") == {"code": "kind_bad", "message": "“口味” will not do", "where": ""}
