"""The catalogue of node types as data, and what stands on the cards: for every registered type."""
from __future__ import annotations

import json
from typing import Any

import pytest

from app.cli._catalog import pure_catalog
from app.core.calendar import duration_ms, duration_text
from app.flows.base import NodeType, Port
from app.flows.conditions import SYSTEM_TYPES
from app.flows.config import (
    Access,
    Connector,
    Duration,
    FormField,
    Items,
    LocalText,
    People,
    Percent,
    PortId,
    Property,
    RefText,
    Rows,
    Schema,
    Select,
    Share,
    Template,
    counts,
    names,
    reader,
)
from app.flows.describe import describe, describe_type, starter
from app.flows.say import Names, Say
from app.flows.summaries import summaries
from tests.flows.breakages import EXAMPLE

CATALOG = pure_catalog()
TYPES: list[NodeType] = [kind for _, kind in CATALOG.nodes.items()]
PROPERTY = {"key", "widget", "label", "required", "default"}
EXAMPLES: dict[type, Any] = {  # what a person would choose
    People: [{"ref": "ticket.owner"}], Template: "complaint_red", Connector: "erp", FormField: "form.f_body",
}
NAMES = Names(
    roles={"region_manager": {"zh": "区域经理", "en": "Region manager"}, "cs_agent": {"zh": "客服", "en": "Agent"}},
    templates={"complaint_red": "重大投诉"}, channels={"sms": {"zh": "短信", "en": "SMS"}},
    calendars={"stores": "门店营业时间"}, connectors={"erp": "ERP"}, fields={"form.f_store": "门店"},
)


def described(one: dict[str, Any]) -> list[dict[str, Any]]:
    """A setting and those inside it."""
    inner = [*one.get("rows", ()), *one.get("keys", ())]
    return [one, *(found for part in inner for found in described(part))]


@pytest.mark.parametrize("kind", TYPES, ids=lambda one: one.type)
def test_every_type_describes_itself_in_both_languages(kind: NodeType) -> None:
    told = describe_type(kind)
    json.dumps(told)
    assert told["type"] == kind.type and told["tv"] == kind.version
    assert {"zh-CN", "en"} == told["label"].keys()
    for setting in told["config"]:
        for one in described(setting):
            assert one.keys() >= PROPERTY, one
            assert all(one["label"][locale] for locale in ("zh-CN", "en")), one
            assert all(option["label"].keys() == {"zh-CN", "en"} for option in one.get("options", ()))
            if one["widget"] == "list":
                assert one["item"]["widget"]
            if one["widget"] == "rows":
                assert one["rows"]


@pytest.mark.parametrize("kind", TYPES, ids=lambda one: one.type)
def test_a_new_step_is_complete_but_for_what_only_a_person_can_say(kind: NodeType) -> None:
    for locale in ("zh-CN", "en"):
        begun = starter(kind, locale)
        reader(kind.Config).load(filled(kind.Config, begun))
        if kind.ports_from:
            assert kind.ports(begun), "a new step shows its ways out"


def filled(schema: type[Schema], config: dict[str, Any]) -> dict[str, Any]:
    """The config with an example for whatever was left to be chosen."""
    out = dict(config)
    for name, prop in schema._declared_fields.items():
        assert isinstance(prop, Property)
        key = prop.data_key or name
        if isinstance(prop, Rows) and key in out:
            out[key] = [filled(prop.schema, row) for row in out[key]]
        elif (prop.required or prop.needed and counts(schema, prop, out)) and key not in out:
            assert prop.chosen or isinstance(prop, (PortId, Items)), f"{schema.__module__}.{name} could be guessed"
            out[key] = example(prop)
    return out


def example(prop: Property) -> Any:
    if isinstance(prop, Items):
        return [example(prop.item)]
    for kind, value in EXAMPLES.items():
        if isinstance(prop, kind):
            return value
    return {"condition": {"ref": "vars.x", "op": "empty"}, "field": "form.f_x", "channel": "sms",
            "dedupe_key": "customer", "target": "form.f_x"}.get(prop.widget, "other")


def test_the_defaults_are_told_as_they_are_written() -> None:
    webhook = next(one for one in describe(CATALOG)["nodes"] if one["type"] == "action.webhook")
    by_key = {one["key"]: one for one in webhook["config"]}
    assert list(by_key) == ["connector", "path", "method", "body", "retry", "timeout"], "its own before the usual ones"
    assert by_key["timeout"]["default"] == "PT10S"
    assert [one["key"] for one in by_key["retry"]["keys"]] == ["max", "backoff"]
    assert by_key["retry"]["keys"][1]["default"] == "PT1M"
    approval = next(one for one in describe(CATALOG)["nodes"] if one["type"] == "task.approval")
    ratio = next(one for one in approval["config"] if one["key"] == "ratio")
    assert ratio["default"] == "51%" and ratio["showIf"] == {"mode": "ratio"} and ratio["widget"] == "percent"
    assert {one["key"] for one in approval["config"]} >= {"fields", "same_person", "notice"}


@pytest.mark.parametrize("text", ["PT0M", "PT30M", "P1D", "P3DT4H", "PT1M30S", "PT23H59M59S"])
def test_a_length_is_written_as_it_is_read(text: str) -> None:
    assert duration_text(duration_ms(text)) == text


def test_what_a_plugins_own_type_says_nothing_about_is_guessed() -> None:
    class Row(Schema):
        port = PortId(required=True, label=names("出口", "Port"))
        label = LocalText(required=True, label=names("名称", "Label"))

    class Config(Schema):
        to = People(required=True, label=names("给谁", "To"))
        text = RefText(required=True, label=names("内容", "Text"))
        after = Duration(required=True, label=names("多久", "After"), min=60_000, max=600_000)
        part = Percent(required=True, label=names("比例", "Share"))
        at = Share(load_default=("%", 50), label=names("何时", "At"))
        how = Select(required=True, options={"a": names("甲", "A")}, label=names("怎样", "How"))
        rows = Rows(Row, min=2, required=True, label=names("出口", "Ports"))
        access = Access(required=True, label=names("权限", "Rights"))

    class Made(NodeType):
        type, label = "acme.made", names("做", "Make")
        ports_from = "rows[].port"
        outputs = (Port("out"),)

    Made.Config = Config
    begun = starter(Made())
    assert begun == {"text": "", "after": "PT10M", "part": "50%", "how": "a", "access": {"*": "read"},
                     "rows": [{"label": "", "port": "p1"}, {"label": "", "port": "p2"}]}
    reader(Config).load({**begun, "to": [{"person": "p"}]})
    assert next(one for one in describe_type(Made())["config"] if one["key"] == "at")["default"] == "50%"


def test_every_reference_has_a_name_and_every_group_a_colour() -> None:
    told = describe(CATALOG)
    assert {one["ref"] for one in told["flow_refs"]} == set(SYSTEM_TYPES)
    assert {one["group"] for one in told["nodes"]} <= {one["id"] for one in told["node_groups"]}
    assert told["flow_limits"]["nodes"] == 1000


def test_the_cards_of_the_example_read_as_sentences() -> None:
    zh = summaries(EXAMPLE, CATALOG, Say(NAMES, "zh"))
    assert zh["approve"] == "区域经理（按门店），或签：一人决定"
    assert zh["pool"] == "客服，30 分钟内没人抢就往下走"
    assert zh["sla"] == "24 小时，门店营业时间，3 级"
    assert zh["rate"] == "最多等 3 天"
    assert zh["is_hot"] == "重大投诉，否则普通客诉"
    assert zh["n_sup"].endswith("3 级触达")
    assert zh["tell"] == "mini_program、短信，complaint_result"
    en = summaries(EXAMPLE, CATALOG, Say(NAMES, "en"))
    assert en["approve"] == "Region manager (by 门店), Any one decides"
    assert en["pool"] == "Agent, goes on after 30 minutes"
    silent = {node["type"] for node in EXAMPLE["nodes"] if node["id"] not in zh}
    assert silent <= {"trigger.public_form"}, "nearly every card says what it does"


@pytest.mark.parametrize("rubbish", [None, [], "x", {"nodes": "x"}, {"nodes": [None, {"id": "a"}]}])
def test_a_broken_flow_has_fewer_lines_and_no_error(rubbish: Any) -> None:
    assert summaries(rubbish, CATALOG, Say(NAMES)) == {}


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], [{}], [{"role": 1}], {"within": 3}])
def test_a_half_made_step_is_told_as_far_as_it_goes(value: Any) -> None:
    for kind in TYPES:
        config = {one["key"]: value for one in describe_type(kind)["config"]}
        flow = {"nodes": [{"id": "n", "type": kind.type, "tv": kind.version, "name": "n", "config": config}]}
        line = summaries(flow, CATALOG, Say(NAMES, "en")).get("n", "")
        assert "None" not in line and len(line) <= 80, (kind.type, line)


def test_lengths_are_told_as_people_say_them() -> None:
    zh, en = Say(Names(), "zh"), Say(Names(), "en")
    assert [zh.length(text) for text in ("PT24H", "P3D", "PT90M", "PT1H", "PT10S", "x", None)] == [
        "24 小时", "3 天", "90 分钟", "1 小时", "10 秒", "", ""]
    assert en.length("PT1H") == "1 hour" and en.length("PT2H") == "2 hours"
    assert zh.people([{"role": "a"}, {"person": "b"}, {"leader_of": "form.f_x"}, {"department": "d"}]) == (
        "a、b、f_x的主管 等 4 项")


def test_a_summary_may_say_what_nobody_has_set() -> None:
    class Config(Schema):
        mode = Select(options={"a": names("甲", "A")}, label=names("方式", "How"))

    for locale in ("zh", "en"):
        say = Say(Names(), locale)
        for nothing in (None, [], {}, 3, True):
            parts = [say.text(nothing), say.list(None), say.parts(None), say.ref(nothing), say.filled(nothing),
                     say.length(nothing), say.people(nothing if nothing != [] else None),
                     say.choice(Config, "mode", {"mode": nothing}), say.choice(Config, "mode", {}), say.labels(nothing),
                     say.named("people", nothing), say.each("people", nothing)]
            assert parts == [""] * len(parts), nothing
        assert say.list(["", None, 3, "x"]) == "x"  # type: ignore[list-item]
