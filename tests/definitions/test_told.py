"""What a scenario expects, and why it failed, in the words of those who drew the flow."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from app.cli._catalog import pure_catalog
from app.definitions.bundle import Bundle
from app.definitions.sandbox import company_of, play
from app.definitions.stage import Stage, told
from app.flows.scenario import load_scenarios
from tests.flows.kit import LIBRARY

FILES = {name: json.loads((LIBRARY / f"{name}.json").read_text("utf-8")) for name in ("form", "flow", "scenarios")}
BUNDLE = Bundle.load(FILES["form"], FILES["flow"], pure_catalog())
CHANNELS = {"voice": {"zh": "电话", "en": "Voice call"}}
CLAIM = {"as": "a1", "do": "claim", "node": "pool"}


def stage(changes: dict[str, Any], locale: str = "zh", story: int = 0) -> Stage:
    """The first story of the example, changed."""
    raw = {**copy.deepcopy(FILES["scenarios"]["scenarios"][story]), **changes}
    read = load_scenarios({**FILES["scenarios"], "scenarios": [raw]})
    scenario = read.scenarios[0]
    company = company_of(scenario, read.org, None)
    teller = told(BUNDLE, company.ports(scenario.customer), CHANNELS, locale)
    return Stage(BUNDLE, play(BUNDLE, scenario, read.org, watched=True), raw, scenario, company, teller)


@pytest.mark.parametrize(("expect", "zh", "en"), [
    ({"status": "withdrawn"}, "最后应“已撤回”，实际“已关闭”", "In the end it should be withdrawn, and is closed"),
    ({"owner": "a2"},
     "最后负责人应是白客服，实际是安客服",
     "In the end it should belong to 白客服, and belongs to 安客服"),
    ({"path": ["t_menu", "classify", "pool"]}, "“关键词与优先级”之后应到“客诉抢单池”，实际到了“是否红色预警”",
     "After “关键词与优先级” it should come to “客诉抢单池”, and came to “是否红色预警”"),
    ({"path": ["t_menu"]}, "应在“公众号菜单「我的订单」投诉”为止，实际又到了“关键词与优先级”",
     "It should end at “公众号菜单「我的订单」投诉”, and went on to “关键词与优先级”"),
    ({"visits": {"handle": 2}}, "“客服处理”应走 2 次，实际 1 次", "“客服处理” should be passed 2 times; it was 1"),
    ({"vars": {"priority": "red"}}, "“优先级”应是“红色”，实际是“普通”", "“Priority” should be “red”, and is “normal”"),
    ({"form": {"f_reply": "好"}}, "“处理结果”应是“好”，实际是“已致歉并补偿小菜”",
     "“Outcome” should be “好”, and is “已致歉并补偿小菜”"),
    ({"waiting": ["rate"]}, "最后应停在“等待客户评价”，实际停在“没有任何节点”",
     "In the end it should stand at “等待客户评价”, and stands at “no step”"),
    ({"fired": ["pool:timeout"]}, "应该到点的计时没有到点：客诉抢单池：无人抢单",
     "The clock should have struck and did not: 客诉抢单池: Nobody claimed"),
    ({"sent": [{"to": "sup", "via": "voice", "at": "PT15M"}]}, "应发出的消息没有发：第 15 分钟 电话 → 孙督导",
     "A message that should have been sent was not: after 15 min: Voice call → 孙督导"),
])
def test_what_came_otherwise_is_said_in_plain_words(expect: dict[str, Any], zh: str, en: str) -> None:
    for locale, words in (("zh", zh), ("en", en)):
        assert [row["message"] for row in stage({"expect": expect}, locale).as_dict()["failures"]] == [words]


@pytest.mark.parametrize(("script", "words"), [
    ([CLAIM, {"as": "a1", "do": "submit", "node": "handle"}],
     "第 2 步“安客服在“客服处理”提交处理”做不了：请填写“处理结果”。"),
    ([{"as": "rm", "do": "approve", "node": "approve"}],
     "第 1 步“任区经在“区域经理审批”同意”做不了：这时没有在等“区域经理审批”"),
    ([{"as": "customer", "do": "answer", "node": "rate"}],
     "第 1 步“客户在“等待客户评价”填写”做不了：这时没有在等“等待客户评价”"),
])
def test_a_step_that_cannot_be_done_names_itself(script: list[Any], words: str) -> None:
    assert words in [row["message"] for row in stage({"script": script, "expect": {}}).as_dict()["failures"]]


def test_steps_that_are_gone_are_told_wherever_they_are_named() -> None:
    gone = {"trigger": "t_old", "script": [{**CLAIM, "node": "old"}], "default_actors": {"older": {"do": "claim"}},
            "mocks": {"oldest": "out"}, "expect": {"path": ["t_menu", "old"], "visits": {"old": 1}, "fired": ["old:x"]}}
    said = [row["message"] for row in stage(gone).as_dict()["failures"]]
    assert "第 1 步“安客服：抢单”做不了：流程里已经没有这个节点了（old）" in said
    assert len(said) == 7 and all("已经没有这个节点" in one for one in said)
    assert stage({"trigger": None}).as_dict()["failures"][0]["message"] == "流程里没有它开始的地方了，请另选一个开头"


def test_a_story_is_played_though_what_it_expects_is_gone() -> None:
    shown = stage({"expect": {"path": ["t_menu", "old"]}}).as_dict()
    assert shown["failures"][0]["message"] == "流程里已经没有这个节点了（old）"
    assert shown["status"] == "closed" and shown["happened"]["path"][-1] == "end_ok"


def test_what_is_expected_reads_as_sentences() -> None:
    expected = stage({}, story=3).as_dict()["expected"]
    assert [row["words"] for row in expected] == [
        "先后经过：区域经理审批 → 客服处理 → 区域经理审批 → ERP 赔付 → 告知客户处理结果", "“赔付金额”是“¥50,960.00”",
        "最后停在：等待客户评价",
    ]


def test_what_happened_is_an_expectation_that_holds() -> None:
    for story in range(5):
        happened = stage({}, story=story).as_dict()["happened"]
        again = stage({"expect": happened}, story=story).as_dict()
        assert again["ok"], again["failures"]


def test_a_wait_shows_who_may_do_what_with_which_fields() -> None:
    shown = stage({"script": [], "expect": {}}).as_dict()
    (wait,) = shown["waiting"]
    assert [person["name"] for person in wait["people"]] == ["安客服", "白客服"]
    assert [action["label"] for action in wait["actions"]] == ["抢单"]
    shown = stage({"script": [CLAIM], "expect": {}}).as_dict()
    (wait,) = shown["waiting"]
    assert [action["label"] for action in wait["actions"]] == ["提交处理", "退回抢单池"]
    assert {field["id"]: field["required"] for field in wait["fields"]} == {
        "f_items": False, "f_rate": True, "f_reply": True}
    assert [timer["words"] for timer in shown["timers"]][0] == "24 小时 SLA：提醒处理人与店长"


def test_samples_of_a_step_are_answers_it_takes() -> None:
    fields = stage({"script": [CLAIM], "expect": {}}).as_dict()["waiting"][0]["fields"]
    answers = {field["id"]: field["sample"]["value"] for field in fields}
    done = stage({"script": [CLAIM, {"as": "a1", "do": "submit", "node": "handle", "form": answers}], "expect": {}})
    assert done.as_dict()["ok"], done.as_dict()["failures"]


def test_a_condition_shows_each_clause_with_its_value() -> None:
    events = stage({}).as_dict()["events"]
    case = next(event["checked"][0] for event in events if event.get("node") == "is_hot" and "checked" in event)
    assert (case["label"], case["holds"], case["any"]) == ("重大投诉", False, True)
    assert case["clauses"] == [{"words": "优先级 等于 红色", "got": "普通", "ok": False},
                               {"words": "客户等级 等于 VIP", "got": "（空）", "ok": False}]


def test_a_scenario_of_the_real_company_needs_one() -> None:
    assert [row["code"] for row in stage({"org": "company"}).as_dict()["failures"]] == ["sim_real_company"]


def test_a_wait_for_an_event_can_be_ended_by_it() -> None:
    flow = copy.deepcopy(FILES["flow"])
    rate = next(node for node in flow["nodes"] if node["id"] == "rate")
    rate |= {"type": "wait.event", "config": {"event": "order.paid", "key": "{{form.f_order}}", "timeout": "P3D"}}
    bundle = Bundle.load(FILES["form"], flow, pure_catalog())
    raw = {**copy.deepcopy(FILES["scenarios"]["scenarios"][0]), "expect": {}}
    raw["script"] = raw["script"][:2]
    read = load_scenarios({**FILES["scenarios"], "scenarios": [raw]})
    company = company_of(read.scenarios[0], read.org, None)
    teller = told(bundle, company.ports({}), CHANNELS, "zh")
    shown = Stage(bundle, play(bundle, read.scenarios[0], read.org), raw, read.scenarios[0], company, teller).as_dict()
    (wait,) = shown["waiting"]
    assert (wait["node"], wait["kind"], [action["label"] for action in wait["actions"]]) == (
        "rate", "event", ["事情发生了"])
    raw["script"].append({"do": "event", "node": "rate"})
    again = load_scenarios({**FILES["scenarios"], "scenarios": [raw]})
    assert play(bundle, again.scenarios[0], again.org).state["status"] == "closed"
