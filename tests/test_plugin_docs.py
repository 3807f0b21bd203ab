"""docs/plugins.md: its example works as it stands, and every name it uses is there."""
from __future__ import annotations

import inspect
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app import new_catalog, plugins, sdk, testing
from app.flows.base import Go, Job
from app.flows.say import Say
from app.plugins import fields
from app.plugins.base import icons

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")


def test_the_example_is_a_plugin(tmp_path: Path) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example and "NODE_TYPES" in example[1]
    (tmp_path / "acme.py").write_text(example[1], encoding="utf-8")
    catalog = new_catalog()
    (found,) = [plugin for plugin in plugins.load(tmp_path, catalog) if plugin.name == "acme"]
    assert not found.reason and found.types == ("acme.sms",)
    kind = type(catalog.nodes.get(("acme.sms", 1)))
    config = {"to": "{{form.f_phone}}", "text": "您好"}
    asked = testing.run_node(kind, config, form={"f_phone": "13800138000"})
    assert asked == Job("acme.sms.send", {"to": "13800138000", "text": "您好"})
    for ok, port in ((True, "out"), (False, "error")):
        went = testing.run_node(kind, config, sdk.Answer("job", ok=ok), form={"f_phone": ""})
        assert isinstance(went, Go) and went.port == port
    assert testing.play(kind, config, form={"f_phone": "1"}).port == "out"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_call_of_another_system_is_a_plugin(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("python") if "SystemCall" in block]
    (tmp_path / "acme.py").write_text(example, encoding="utf-8")
    kind = testing.load_plugin(tmp_path / "acme.py").Places
    config = {"connector": "crm", "at": "data.left", "to": "vars.left"}
    declared = [{"key": "left", "type": "number"}]
    testing.assert_contract(kind, config, vars=declared)
    for port in ("out", "full", "error"):
        assert testing.play(kind, config, vars=declared, mock=port).port == port
    went = testing.run_node(kind, config, sdk.Answer("job", result={"data": {"left": 2}}), vars=declared)
    told = sdk.Note("acme.places", {"texts": sdk.names("余位：{left}", "Places left: {left}"), "left": 2})
    assert went == Go("out", {"vars.left": "2"}, (told,))
    with pytest.raises(AssertionError, match=r"settings\.to: “vars.left” is a date; choose a number or text"):
        testing.run_node(kind, config, vars=[{"key": "left", "type": "date"}])


def test_outcomes_have_the_parts_it_names() -> None:
    told = PAGE.partition("Their parts are ")[2].partition("`asks(")[0]
    parts = {name: re.findall(r"`(\w+)`", rest) for name, rest in re.findall(r"`([A-Z]\w+)`: ([^;.]+)", told)}
    assert len(parts) == 9
    for name, listed in parts.items():
        assert set(listed) <= set(getattr(sdk, name).__dataclass_fields__), name


def test_the_field_type_and_its_test_work_as_they_stand(tmp_path: Path) -> None:
    made, test = [block for block in blocks("python") if "Plate" in block]
    write(tmp_path / "acme_plate", {"__init__.py": made, "acme_plate.html": blocks("html")[0],
                                    "tests/test_plate.py": test})
    run(tmp_path / "acme_plate" / "tests" / "test_plate.py")


def test_the_test_of_a_step_works_as_it_stands(tmp_path: Path) -> None:
    (test,) = [block for block in blocks("python") if "plugin.Heat" in block]
    write(tmp_path / "heat", {"__init__.py": (ROOT / "plugins" / "heat" / "__init__.py").read_text("utf-8"),
                              "tests/test_heat.py": test})
    run(tmp_path / "heat" / "tests" / "test_heat.py")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run(path: Path) -> None:
    """The test of a plugin, as pytest would run it."""
    room: dict[str, Any] = {"__file__": str(path), "__name__": path.stem}
    exec(compile(path.read_text("utf-8"), path, "exec"), room)  # noqa: S102
    room["test_it"]()


def test_what_it_lists_is_all_there_is() -> None:
    for room, begin in (("flow", "`icon` one of"), ("designer", "`icon` is one of")):
        listed = PAGE.partition(begin)[2]
        assert set(re.findall(r"`([a-z- ]{40,})`", listed)[0].split()) == set(icons(room)), room
    wanted = {name for name in vars(Say) if not name.startswith("_")}
    told = PAGE.partition("`say` has")[2].partition("**Versions.**")[0]
    assert wanted == set(re.findall(r"`(\w+)\(", told))
    table = PAGE.partition("| a setting is | class | widget |")[2].partition("\n\n")[0]
    for kind, widgets in fields.WIDGETS.items():
        assert f"{kind.__name__}(" in table and all(f"`{widget}`" in table for widget in widgets), kind
    for line in PAGE.splitlines():
        for name, given in re.findall(r"`(\w+)\(self, ([\w, ]+)\)`", line):
            assert list(inspect.signature(getattr(sdk.FieldType, name)).parameters)[1:] == given.split(", "), name


def test_the_names_it_tells_exist() -> None:
    for line in re.findall(r"from app\.(sdk|testing) import ([\w, ]+)", PAGE):
        room = {"sdk": sdk, "testing": testing}[line[0]]
        assert all(hasattr(room, name) for name in re.findall(r"\w+", line[1])), line
    for name in re.findall(r"sdk\.(\w+)", PAGE):
        assert hasattr(sdk, name), name
    table = PAGE.partition("| a setting is | class |")[2].partition("\n\n")[0]
    told = set(re.findall(r"`([A-Z]\w+)\(", table))
    assert told == set(sdk.fields.__all__)
    asked = set(re.findall(r"`(Go|Wait|Job|Park|Timer|Task|Message|Owner|Note|Action|Answer)\(", PAGE))
    assert len(asked) == 11 and all(hasattr(sdk, name) for name in asked)
    assert set(re.findall(r"`(\w+_TYPES|CHANNELS|JOBS)`", PAGE)) == set(plugins.LISTS)


class Row(sdk.Schema):
    port = sdk.fields.PortId(required=True, label=sdk.names("出口", "Way out"))
    label = sdk.fields.LocalText(required=True, max_length=20, label=sdk.names("按钮", "Button"))


class Looks(sdk.Schema):
    who = sdk.fields.People(required=True, label=sdk.names("谁", "Who"))
    buttons = sdk.fields.Rows(Row, min=2, max=2, unique="port", required=True, label=sdk.names("按钮", "Buttons"))
    limit = sdk.fields.Duration(required=True, label=sdk.names("时限", "Time limit"))


class Look(sdk.NodeType):
    """Work for several people, ways out that the manager names, a time limit."""

    type, label = "acme.look", sdk.names("复核", "Second look")
    group, Config, ports_from, waits = "task", Looks, "buttons[].port", True
    outputs = (sdk.Port("timeout", sdk.names("超时", "Too late")),)

    def enter(self, ctx: Any, config: Any) -> sdk.Outcome:
        crowd = ctx.crowd(config.who)
        return sdk.Wait((sdk.Task("handle", groups=crowd.groups, people=crowd.named),
                         sdk.Timer("limit", ctx.now + config.limit)))

    def resume(self, ctx: Any, config: Any, answer: sdk.Answer) -> sdk.Outcome:
        return sdk.Go(answer.name if answer.kind == "act" else "timeout")

    def actions(self, config: Any) -> list[sdk.Action]:
        return [sdk.Action(row.port, row.label) for row in config.buttons]

    def rights(self, config: Any) -> dict[str, str]:
        return {"*": "read"}


LOOK = {"who": [{"person": "p1"}, {"person": "p2"}], "limit": "PT2H",
        "buttons": [{"port": "keep", "label": "维持"}, {"port": "change", "label": {"zh-CN": "改判", "en": "Change"}}]}


def test_work_for_several_people_goes_as_it_says() -> None:
    org = {"people": [{"id": "p1"}, {"id": "p2"}]}
    testing.assert_contract(Look, LOOK, org=org)
    for port in ("keep", "change"):
        assert testing.play(Look, LOOK, org=org, script=[{"as": "p2", "do": port}]).port == port
    late = testing.play(Look, LOOK, org=org, until="P1D")
    assert (late.port, late.status) == ("timeout", "closed")
    went = testing.run_node(Look, LOOK, sdk.Answer("act", name="keep", by="p1"))
    assert isinstance(went, sdk.Go) and went.port == "keep"


class Adds(sdk.Schema):
    day = sdk.fields.FieldRef(required=True, label=sdk.names("日期", "Day"))
    calendar = sdk.fields.CalendarRef(required=True, label=sdk.names("日历", "Calendar"))
    to = sdk.fields.WriteTo(required=True, label=sdk.names("存到", "Keep in"))


class Add(sdk.NodeType):
    """Three working days on."""

    type, label = "acme.add", sdk.names("加工作日", "Add working days")
    group, Config, outputs = "data", Adds, (sdk.Port("out", sdk.names("继续", "Next")),)

    def enter(self, ctx: Any, config: Any) -> sdk.Outcome:
        day = ctx.calendar(config.calendar).working_day(date.fromisoformat(ctx.value(config.day)), 3)
        return sdk.Go("out", {config.to.ref: config.to.fit(day.isoformat())})


def test_a_calendar_and_a_declared_variable_are_given_as_it_says() -> None:
    config = {"day": "form.f_day", "calendar": "office", "to": "vars.due"}
    about: dict[str, Any] = {
        "form": {"f_day": "2026-11-19"}, "types": {"form.f_day": "date"}, "vars": [{"key": "due", "type": "date"}],
        "org": {"calendars": [{"id": "office", "days": "mon-fri", "hours": ["09:00-18:00"], "tz": "Asia/Shanghai"}]}}
    testing.assert_contract(Add, config, **about)
    done = testing.play(Add, config, **about)
    assert (done.port, done.vars["due"]) == ("out", "2026-11-24")
    stuck = testing.play(Add, {**config, "calendar": "none"}, **about)
    assert stuck.port is None and stuck.failures == ["There is no calendar called “none”"]
    assert "no calendar called" in repr(stuck)


def test_settings_that_are_refused_say_where_and_why() -> None:
    with pytest.raises(AssertionError, match=r"settings\.limit: .* is not a duration; write PT30M"):
        testing.play(Look, {**LOOK, "limit": 7_200_000})
    with pytest.raises(AssertionError, match=r"settings\.who\[0\]: Name people in exactly one way"):
        testing.run_node(Look, {**LOOK, "who": [1]})
    with pytest.raises(AssertionError, match=r"scenarios\[0\]\.until"):
        testing.play(Look, LOOK, until=3)


def test_what_a_test_forgets_is_named() -> None:
    config = {"day": "form.f_day", "calendar": "office", "to": "vars.due"}
    forgets: tuple[tuple[str, dict[str, Any]], ...] = (
        (r"settings\.to: .* \(a test declares it: vars=\[", {"form": {"f_day": "2026-11-19"}}),
        (r"settings\.day: .* \(a test says what there is: form=", {"vars": [{"key": "due", "type": "date"}]}),
    )
    for told, given in forgets:
        for tried in (testing.run_node, testing.play, testing.assert_contract):
            with pytest.raises(AssertionError, match=told):
                tried(Add, config, **given)  # type: ignore[operator]
    with pytest.raises(AssertionError, match=r"mocks\.step.*Its ways out|mocks\.step"):
        testing.play(Look, LOOK, mock="nowhere")


class Odd(sdk.NodeType):
    """Goes where it has no way out."""

    type, label, group = "acme.odd", sdk.names("怪", "Odd"), "data"
    outputs = (sdk.Port("out", sdk.names("继续", "Next")),)

    def enter(self, ctx: Any, config: Any) -> sdk.Outcome:
        return sdk.Go("away")


def test_a_way_out_that_is_none_is_named() -> None:
    with pytest.raises(AssertionError, match="it goes 'away', which is none of its ways out: out"):
        testing.run_node(Odd, {})


def test_a_plugin_that_is_left_out_says_why_to_its_test(tmp_path: Path) -> None:
    write(tmp_path / "acme", {"__init__.py": "import nothing_like_it", "tests/test_acme.py": ""})
    with pytest.raises(AssertionError, match=r"acme is left out: .*ModuleNotFoundError.*line 1: import"):
        testing.load_plugin(tmp_path / "acme" / "tests" / "test_acme.py")


class Stops(sdk.NodeType):
    """Stops, with words or without; or tells the day."""

    type, label, group = "acme.stops", sdk.names("停", "Stop"), "data"
    outputs = (sdk.Port("out", sdk.names("继续", "Next")),)

    def enter(self, ctx: Any, config: Any) -> sdk.Outcome:
        if ctx.value("form.f_what"):
            return sdk.Park("acme_odd", {"texts": sdk.names("不对", "Odd")} if ctx.value("form.f_what") == "x" else {})
        return sdk.Go("out", {"form.f_what": ctx.today})


def test_what_stops_a_ticket_has_words() -> None:
    assert isinstance(testing.run_node(Stops, {}, form={"f_what": "x"}), sdk.Park)
    with pytest.raises(AssertionError, match="stops with 'acme_odd', which staff would read as it stands"):
        testing.run_node(Stops, {}, form={"f_what": "y"})


def test_a_step_knows_the_day_of_the_company() -> None:
    late = testing.NOW + 14 * 3_600_000  # 23:00 in Shanghai, still the fifth
    for now, day in ((late, "2026-01-05"), (late + 3_600_000, "2026-01-06")):
        assert testing.run_node(Stops, {}, now=now) == Go("out", {"form.f_what": day})
        assert testing.play(Stops, {}, form={"f_what": ""}, now=now).form["f_what"] == day


class Asks(sdk.SystemCall):
    at = sdk.fields.JsonPath(required=True, label=sdk.names("位置", "Where"))


class Asked(sdk.NodeType):
    """Asks another system."""

    type, label = "acme.asked", sdk.names("查询", "Ask")
    group, Config, waits = "data", Asks, True
    outputs = (sdk.Port("out", sdk.names("继续", "Next")), sdk.Port("error", sdk.names("失败", "Failed")))

    def enter(self, ctx: Any, config: Any) -> sdk.Outcome:
        return sdk.call_system(ctx, config, "GET")

    def resume(self, ctx: Any, config: Any, answer: sdk.Answer) -> sdk.Outcome:
        return sdk.Go("out" if answer.ok else "error")


def test_a_call_needs_no_more_settings_than_its_own() -> None:
    config = {"connector": "crm", "path": "/check?phone={{customer.phone}}", "at": "listed"}
    testing.assert_contract(Asked, config)
    job = testing.run_node(Asked, config, customer={"phone": "1 3"})
    assert isinstance(job, Job) and (job.args["path"], job.timeout_ms) == ("/check?phone=1%203", 10_000)
    assert [testing.play(Asked, config, mock=port).port for port in ("out", "error")] == ["out", "error"]
    assert (job.retry, job.timeout_ms) == ({"max": 3, "backoff_ms": 60_000}, 10_000)
    with pytest.raises(AssertionError, match=r"settings\.retry: This must be a JSON object; it may hold max, backoff"):
        testing.run_node(Asked, {**config, "retry": 3})
    own = testing.run_node(Asked, {**config, "retry": {"max": 0, "backoff": "PT5S"}, "timeout": "PT30S"})
    assert isinstance(own, Job) and (own.retry, own.timeout_ms) == ({"max": 0, "backoff_ms": 5_000}, 30_000)


class Part(sdk.Schema):
    share = sdk.fields.Decimal(min="0.01", max=1, required=True, label=sdk.names("比例", "Share"))
    of = sdk.fields.FieldRef(kinds=("number",), required=True, label=sdk.names("金额", "Amount"))
    to = sdk.fields.WriteTo(required=True, label=sdk.names("存到", "Keep in"))


class Share(sdk.NodeType):
    """A part of an amount, or nothing of nothing."""

    type, label, group, Config = "acme.share", sdk.names("分成", "Share"), "data", Part
    outputs = (sdk.Port("out", sdk.names("继续", "Next")),)

    def enter(self, ctx: Any, config: Any) -> sdk.Outcome:
        amount = ctx.value(config.of)
        return sdk.Go("out", {config.to.ref: config.to.fit(Decimal(amount) * config.share if amount else None)})


def test_numbers_with_decimals_and_references_of_a_kind() -> None:
    config = {"share": "0.15", "of": "form.f_sum", "to": "vars.part"}
    about: dict[str, Any] = {"types": {"form.f_sum": "number"},
                             "vars": [{"key": "part", "type": "number", "default": "7"}]}
    testing.assert_contract(Share, config, form={"f_sum": "10"}, **about)
    for amount, kept in (("10.5", "1.575"), ("", None)):
        assert testing.play(Share, config, form={"f_sum": amount}, **about).vars["part"] == kept
    assert testing.play(Share, {**config, "share": 0.5}, form={"f_sum": "3"}, **about).vars["part"] == "1.5"
    with pytest.raises(AssertionError, match=r"settings\.share: “1.5” cannot be used; enter a number from 0.01 to 1"):
        testing.play(Share, {**config, "share": "1.5"}, form={"f_sum": "3"}, **about)
    with pytest.raises(AssertionError, match=r"settings\.of: “form.f_sum” is a text; choose a number \(a test says"):
        testing.play(Share, config, form={"f_sum": "3"}, vars=about["vars"])
