"""The sandbox: the example's scenarios, and everything a scenario may say."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli._catalog import pure_catalog
from app.cli.flows import cli
from app.core.errors import Invalid, has_text
from app.definitions import sandbox
from app.definitions.bundle import Bundle
from app.flows.scenario import DEFAULT_AT, load_scenarios
from app.flows.simulate import Result
from tests.flows.kit import LIBRARY, MINUTE, START

FILES = {
    name: json.loads((LIBRARY / f"{name}.json").read_text(encoding="utf-8")) for name in ("form", "flow", "scenarios")
}
BUNDLE = Bundle.load(FILES["form"], FILES["flow"], pure_catalog())
SLOW = {"f_phone": "13800138000", "f_store": "st_hz1", "f_kind": "o_svc", "f_body": "上菜慢", "f_ok": True}
CLAIM = {"after": "PT5M", "as": "a1", "do": "claim", "node": "pool"}
SUBMIT = {"after": "PT5M", "as": "a1", "do": "submit", "node": "handle", "form": {"f_reply": "致歉", "f_rate": 0}}
RATE = {"after": "PT1H", "as": "customer", "do": "answer", "node": "rate", "form": {"f_score": 5, "f_solved": "o_yes"}}


def play(expect: dict[str, Any] | None = None, script: list[Any] | None = None, **more: Any) -> Result:
    scenario = {"name": "s", "trigger": "t_menu", "form": SLOW, "script": script or [], "expect": expect or {}, **more}
    data = load_scenarios({**FILES["scenarios"], "scenarios": [scenario]})
    loaded = data.scenarios[0]
    return sandbox.play(BUNDLE, loaded, data.org)


def failures(result: Result) -> list[tuple[str, str]]:
    assert all(has_text(problem.code) for problem in result.failures)
    return [(problem.where, problem.code) for problem in result.failures]


@pytest.mark.parametrize("scenario", FILES["scenarios"]["scenarios"], ids=lambda scenario: scenario["name"][:8])
def test_the_example_passes(scenario: dict[str, Any]) -> None:
    data = load_scenarios({**FILES["scenarios"], "scenarios": [scenario]})
    result = sandbox.play(BUNDLE, data.scenarios[0], data.org)
    assert failures(result) == []
    assert [event["seq"] for event in result.events] == list(range(1, len(result.events) + 1))
    assert [event["t"] for event in result.events] == sorted(event["t"] for event in result.events)


def test_the_story_of_somebody_else_each_time() -> None:
    result = simulate_named("差评")
    claims = [event["actor"]["id"] for event in result.events if event["kind"] == "task.claimed"]
    assert claims == ["a1", "a2", "a1", "a2"]


def test_levels_of_the_sla_fire_in_working_time() -> None:
    result = simulate_named("无人抢单")
    hours = {
        event["port"]: (event["t"] - result.events[0]["t"]) / 3_600_000
        for event in result.events
        if event["kind"] == "timer.fired"
    }
    assert hours == {"timeout": 0.5, "l1": 12, "l2": 36, "l3": 60}


def simulate_named(begin: str) -> Result:
    data = load_scenarios(FILES["scenarios"])
    scenario = next(one for one in data.scenarios if one.name.startswith(begin))
    return sandbox.play(BUNDLE, scenario, data.org)


PASSING: list[tuple[dict[str, Any], list[Any], dict[str, Any]]] = [
    (
        {"status": "open", "waiting": ["pool"], "visits": {"pool": 1, "handle": 0}, "vars": {"priority": "normal"}},
        [],
        {},
    ),
    ({"waiting": ["handle"], "owner": "a1", "not_fired": ["pool:timeout"]}, [CLAIM], {}),
    ({"fired": ["pool:timeout"], "waiting": ["handle"]}, [], {"until": "PT31M"}),
    ({"not_fired": ["pool:timeout"]}, [], {"until": "PT29M"}),
    ({"status": "closed", "reason": "survey_timeout", "fired": ["rate:timeout"]}, [CLAIM, SUBMIT], {"until": "P4D"}),
    (
        {"path_includes": ["handle", "pay", "handle"], "waiting": ["handle"], "visits": {"handle": 2}},
        [CLAIM, SUBMIT],
        {"mocks": {"pay": {"port": "error"}}},
    ),
    ({"waiting": ["rate"], "visits": {"pay": 2}}, [CLAIM, SUBMIT, SUBMIT], {"mocks": {"pay": ["error", "out"]}}),
    ({"visits": {"handle": 2}}, [CLAIM, SUBMIT], {"mocks": {"pay": {"ok": False, "error": "HTTP 500"}}}),
    (
        {"waiting": ["rate"], "path_includes": ["pay", "tell", "rate"]},
        [CLAIM, SUBMIT],
        {"mocks": {"tell": {"port": "error"}}},
    ),
    ({"status": "closed", "reason": "survey_timeout"}, [CLAIM, SUBMIT], {"mocks": {"rate": "timeout"}}),
    ({"vars": {"priority": "normal"}, "path_includes": ["fork", "join"]}, [], {"customer": {"level": "VIP"}}),
    ({"status": "closed", "form": {"f_score": 5, "f_comp": 0, "f_reply": "致歉"}}, [CLAIM, SUBMIT, RATE], {}),
    ({"waiting": ["pool"], "visits": {"pool": 2}}, [CLAIM, {"as": "a1", "do": "return", "node": "handle"}], {}),
    (
        {"waiting": ["handle"]},
        [
            CLAIM,
            {"as": "a1", "do": "transfer", "to": "a2"},
            {**SUBMIT, "as": "a2", "form": {"f_reply": "x"}},
        ],
        {"mocks": {"pay": "error"}},
    ),
    ({"status": "withdrawn"}, [{"as": "customer", "do": "withdraw", "note": "误投"}], {}),
    (
        {
            "sent": [{"to": "customer", "via": "sms", "template": "complaint_result", "node": "tell"}],
            "not_sent": [{"via": "voice"}],
        },
        [CLAIM, SUBMIT],
        {},
    ),
    (
        {"status": "closed"},
        [],
        {
            "default_actors": {
                "pool": {"after": "PT5M", "do": "claim"},
                "handle": {"do": "submit", "form": {"f_reply": "x", "f_rate": 0}},
                "rate": {"after": "P1D", "do": "answer", "form": {"f_score": 5, "f_solved": "o_yes"}},
            }
        },
    ),
    (
        {"waiting": ["rate"]},
        [CLAIM],
        {
            "default_actors": {
                "handle": {"after": "PT1H", "do": "submit", "as": "a1", "form": {"f_reply": "x", "f_rate": 0}}
            }
        },
    ),
    (
        {"owner": "solo"},
        [{"as": "any", "do": "claim"}],
        {
            "org": {
                "people": [{"id": "solo", "roles": [{"role": "cs_agent"}]}],
                "stores": FILES["scenarios"]["org"]["stores"],
                "calendars": FILES["scenarios"]["org"]["calendars"],
            }
        },
    ),
]


@pytest.mark.parametrize(("expect", "script", "more"), PASSING)
def test_what_comes_as_expected_passes(expect: dict[str, Any], script: list[Any], more: dict[str, Any]) -> None:
    assert failures(play(expect, script, **more)) == []


@pytest.mark.parametrize(
    ("expect", "script", "wanted"),
    [
        ({"status": "closed"}, [], ("expect.status", "sim_differs")),
        ({"path": ["t_menu"]}, [], ("expect.path", "sim_differs")),
        ({"path_includes": ["pool", "classify"]}, [], ("expect.path_includes", "sim_path_lacks")),
        ({"visits": {"pool": 2}}, [], ("expect.visits.pool", "sim_differs")),
        ({"vars": {"priority": "red"}}, [], ("expect.vars.priority", "sim_differs")),
        ({"form": {"f_body": "x"}}, [], ("expect.form.f_body", "sim_differs")),
        ({"waiting": []}, [], ("expect.waiting", "sim_differs")),
        ({"waiting": ["pool", "handle"]}, [], ("expect.waiting", "sim_differs")),
        ({"fired": ["pool:timeout"]}, [], ("expect.fired", "sim_not_fired")),
        ({"sent": [{"to": "sup"}]}, [], ("expect.sent", "sim_not_sent")),
        ({"owner": "a2"}, [CLAIM], ("expect.owner", "sim_differs")),
        ({"visits": {"ghost": 1}}, [], ("expect.visits", "flow_unknown_node")),
        ({"not_fired": ["pool:tiemout"]}, [], ("expect.not_fired", "flow_unknown_port")),
        ({}, [SUBMIT], ("script[0]", "sim_not_waiting")),
        ({}, [{**CLAIM, "as": "mgr"}], ("script[0]", "task_not_candidate")),
        ({}, [{**CLAIM, "as": "ghost"}], ("script[0]", "actor_inactive")),
        ({}, [{**CLAIM, "do": "approve"}], ("script[0]", "flow_unknown_action")),
        ({}, [{**CLAIM, "form": {"f_reply": "x"}}], ("script[0]", "sim_no_form")),
        ({}, [CLAIM, {**SUBMIT, "as": "a2"}], ("script[1]", "task_not_yours")),
        ({}, [CLAIM, {**SUBMIT, "form": {}}], ("script[1]: f_reply", "field_required")),
        ({}, [CLAIM, {**SUBMIT, "form": {"f_reply": "x", "f_body": "y"}}], ("script[1]: f_body", "field_readonly")),
    ],
)
def test_what_comes_otherwise_is_told(expect: dict[str, Any], script: list[Any], wanted: tuple[str, str]) -> None:
    assert wanted in failures(play(expect, script))


def test_the_same_message_twice_must_be_sent_twice() -> None:
    sms = {"via": "sms"}
    assert failures(play({"sent": [sms]}, [CLAIM, SUBMIT])) == []
    assert failures(play({"sent": [sms, sms]}, [CLAIM, SUBMIT])) == [("expect.sent", "sim_not_sent")] * 2


def test_a_ladder_stops_for_who_has_read() -> None:
    hot = {**SLOW, "f_body": "有异物"}
    read = {"after": "PT2M", "as": "sup", "do": "read", "node": "n_sup"}
    result = play(
        {"not_sent": [{"to": "sup", "via": "mention"}], "sent": [{"to": "sup", "via": "wecom", "at": "PT0M"}]},
        [read],
        form=hot,
        until="PT20M",
    )
    assert failures(result) == []


def test_refused_answers_at_the_start() -> None:
    result = play(form={"f_body": "x", "f_nope": 1})
    assert ("form: f_nope", "field_unknown") in failures(result)
    assert result.events == []


def test_a_story_without_end_is_stopped() -> None:
    endless = play(default_actors={"pool": {"do": "claim"}, "handle": {"do": "return"}})
    assert ("", "sim_endless") in failures(endless)


def test_the_clock_stops_with_the_last_step() -> None:
    result = play({}, [CLAIM], at="2026-01-05T09:00:00+08:00")
    assert result.events[-1]["t"] == START + 5 * MINUTE
    assert DEFAULT_AT == START


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        (("wat",), 1, "wat", "flow_unknown_key"),
        (("scenarios", 0, "expekt"), {}, "scenarios[0].expekt", "flow_unknown_key"),
        (("scenarios", 0, "expect", "pathh"), [], "scenarios[0].expect.pathh", "flow_unknown_key"),
        (("scenarios", 0, "script", 0, "moment"), 1, "scenarios[0].script[0].moment", "flow_unknown_key"),
        (("scenarios", 0, "script", 0, "after"), "10m", "scenarios[0].script[0].after", "duration_bad"),
        (("scenarios", 0, "at"), "2026-11-02T09:00:00", "scenarios[0].at", "sim_bad_instant"),
        (("scenarios", 0, "at"), 5, "scenarios[0].at", "sim_bad_instant"),
        (("scenarios", 0, "name"), None, "scenarios[0].name", "flow_missing"),
        (("scenarios", 0, "mocks"), {"pay": {"prot": "x"}}, "scenarios[0].mocks.prot", "flow_unknown_key"),
        (("scenarios", 1, "expect", "sent", 0, "too"), "x", "scenarios[1].expect.sent[0].too", "flow_unknown_key"),
        (("org", "peple"), [], "org.peple", "flow_unknown_key"),
        (("schema",), "x", "schema", "flow_not_an_option"),
        (("org", "people", 0, "roles"), [{}], "org.people[0].roles[0].role", "flow_missing"),
        (("org", "people", 0, "roles"), [{"role": 5}], "org.people[0].roles[0].role", "flow_not_text"),
        (("org", "stores"), [{"name": "x"}], "org.stores[0].id", "flow_missing"),
        (("org", "sources"), {"s": {"scope": "x", "rows": [{"id": ""}]}}, "org.sources.rows[0].id", "flow_not_text"),
        (("org", "calendars"), [{}], "org.calendars[0]", "calendar_bad"),
        (("org", "calendars", 0, "tz"), "Mars/Base", "org.calendars[0].tz", "calendar_tz"),
    ],
)
def test_what_a_scenario_cannot_say(path: tuple[Any, ...], value: Any, where: str, code: str) -> None:
    data: Any = copy.deepcopy(FILES["scenarios"])
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(Invalid) as caught:
        load_scenarios(data)
    assert (where, code) in [(problem.where, problem.code) for problem in caught.value.problems]


def run(*arguments: str) -> tuple[int, list[str], str]:
    result = CliRunner().invoke(cli, ["simulate", *arguments])
    return result.exit_code, result.stdout.splitlines(), result.stderr


def test_the_command_prints_events_verdicts_and_how_many_passed(tmp_path: Any) -> None:
    flow, form = ["--flow", str(LIBRARY / "flow.json")], ["--form", str(LIBRARY / "form.json")]
    code, lines, _ = run(str(LIBRARY / "scenarios.json"), *flow, *form)
    assert (code, lines[-1]) == (0, "5 of 5 passed")
    printed = [json.loads(line) for line in lines[:-1]]
    assert [entry["ok"] for entry in printed if "ok" in entry] == [True] * 5
    assert {"seq", "t", "kind", "actor", "delta", "scenario"} <= set(printed[0])
    wrong = copy.deepcopy(FILES["scenarios"])
    wrong["scenarios"][0]["expect"]["status"] = "open"
    path = tmp_path / "s.json"
    path.write_text(json.dumps(wrong), encoding="utf-8")
    code, lines, _ = run(str(path), *flow, *form, "--locale", "en")
    assert (code, lines[-1]) == (1, "4 of 5 passed")
    verdict = next(json.loads(line) for line in lines[:-1] if '"ok": false' in line)
    assert verdict["failures"] == [
        {"code": "sim_differs", "message": "expected open, got closed", "where": "expect.status"}
    ]
    wrong["scenarios"][0]["oops"] = 1
    path.write_text(json.dumps(wrong), encoding="utf-8")
    code, lines, errors = run(str(path), *flow, *form)
    assert (code, lines) == (2, [])
    assert "scenarios[0].oops" in errors
    path.write_text("{", encoding="utf-8")
    assert run(str(path), *flow, *form)[0] == 2
    path.write_text(json.dumps({**FILES["scenarios"], "flow": "other"}), encoding="utf-8")
    assert run(str(path), *flow, *form)[0] == 2
