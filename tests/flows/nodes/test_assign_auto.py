"""assign.auto: every way of finding somebody, every limit, the relay, and the record that answers "why him?"."""
from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from app.core.errors import Conflict, Invalid
from tests.flows.kit import AGENTS, HOUR, MINUTE, ORG, Play, flow, node

ANN, BOB, MAX, ADM = "ann", "bob", "max", "adm"
DAY = 24 * HOUR // MINUTE


def org(**facts: dict[str, Any]) -> dict[str, Any]:
    """The company, with facts about people."""
    found = copy.deepcopy(ORG)
    found["people"] = [{**person, **facts.get(person["id"], {})} for person in found["people"]]
    return found


def auto(edges: str = "", **config: Any) -> Any:
    return flow(
        node("auto", "assign.auto", {"candidates": AGENTS, **config}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}],
                                  "may": ["transfer", "comment"]}),
        edges=f"t:out>auto auto:out>h h:done>end {edges}",
    )


def decided(play: Play) -> dict[str, Any]:
    return play.events("assign.decided")[-1]["delta"]


# ---- skill ----------------------------------------------------------------------------------------------------------

ENGLISH = {"strategy": "skill", "needs": [{"skill": "英语", "level": 3}]}


def test_only_who_has_the_skill_gets_it_and_the_others_are_told_what_they_lack() -> None:
    skilled = org(ann={"skills": {"英语": 2}}, bob={"skills": {"英语": 3}, "open_tasks": 9})
    play = Play(auto(ways=[ENGLISH]), org=skilled)
    assert play.state["ticket"]["owner"] == BOB
    assert decided(play) | {"scores": {}} == {
        "strategy": "skill", "candidates": [BOB], "scores": {}, "chosen": BOB, "reason": "strategy", "avoided": [],
        "passed": {ANN: ["skill", "英语"]}, "found": {"needs": {"英语": 3}},
    }


def test_among_the_skilled_the_rule_decides_or_the_best() -> None:
    both = org(ann={"skills": {"英语": 3}}, bob={"skills": {"英语": 5}, "open_tasks": 1})
    assert Play(auto(ways=[ENGLISH]), org=both).state["ticket"]["owner"] == ANN
    assert Play(auto(ways=[{**ENGLISH, "best": True}]), org=both).state["ticket"]["owner"] == BOB


def test_what_is_needed_may_come_from_an_answer_or_stand_under_a_condition() -> None:
    skilled = org(ann={"skills": {"退款": 1}}, bob={"skills": {"法语": 1}})
    asked = auto(ways=[{"strategy": "skill", "needs": [
        {"skill": "{{form.f_body}}"},
        {"skill": "退款", "when": {"ref": "form.f_sum", "op": "gt", "value": "100"}}]}])
    assert Play(asked, org=skilled, form={"f_body": "法语"}).state["ticket"]["owner"] == BOB
    assert Play(asked, org=skilled, form={"f_sum": "500"}).state["ticket"]["owner"] == ANN
    play = Play(asked, org=skilled)
    assert decided(play)["tried"] == [{"strategy": "skill", "why": "no_needs"}]
    play = Play(asked, org=skilled, form={"f_body": "法语", "f_sum": "500"})
    assert decided(play)["tried"] == [{"strategy": "skill", "why": "no_skilled", "found": {
        "needs": {"法语": 1, "退款": 1}}, "passed": {ANN: ["skill", "法语"], BOB: ["skill", "退款"]}}]


# ---- decision table -------------------------------------------------------------------------------------------------

TABLE = {
    "columns": [{"ref": "form.f_store", "attr": "region"}, {"ref": "customer.level"}, {"ref": "form.f_sum"}],
    "rows": [
        {"is": [["east"], ["VIP"], []], "to": [{"person": "max"}]},
        {"is": [["east", "north"], [], [">=5000"]], "to": [{"person": "adm"}]},
        {"is": [["east"], [], []], "to": [{"role": "boss", "of": "form.f_store"}]},
        {"is": [[], ["VIP"], ["1000~2000", "<10"]], "to": [{"department": "hz"}]},
    ],
}


@pytest.mark.parametrize(("form", "level", "owner", "row"), [
    ({"f_store": "s1"}, "VIP", "max", 1),
    ({"f_store": "s1", "f_sum": "5000"}, "", "adm", 2),
    ({"f_store": "s1", "f_sum": "4999.99"}, "", "bob", 3),
    ({"f_store": "s2", "f_sum": "2000"}, "VIP", "ann", 4),
    ({"f_store": "s2", "f_sum": "-3"}, "VIP", "ann", 4),
])
def test_the_first_row_that_fits_names_the_people(form: Any, level: str, owner: str, row: int) -> None:
    play = Play(auto(ways=[{"strategy": "table", "table": TABLE}]), form=form, customer={"level": level})
    assert play.state["ticket"]["owner"] == owner
    assert decided(play)["found"]["row"] == row


def test_the_most_specific_row_wins_where_that_is_wanted() -> None:
    rows = [{"is": [["east"], [], []], "to": [{"person": "ann"}]},
            {"is": [["east"], ["VIP"], []], "to": [{"person": "max"}]}]
    best = {**TABLE, "rows": rows, "match": "best"}
    play = Play(auto(ways=[{"strategy": "table", "table": best}]), customer={"level": "VIP"})
    assert (play.state["ticket"]["owner"], decided(play)["found"]["values"]) == ("max", ["east", "VIP", ""])


def test_no_row_takes_the_last_line_or_the_next_way() -> None:
    table = {**TABLE, "otherwise": [{"person": "adm"}]}
    play = Play(auto(ways=[{"strategy": "table", "table": table}]), form={"f_store": "s2"})
    assert (play.state["ticket"]["owner"], decided(play)["found"]["row"]) == ("adm", 0)
    play = Play(auto(ways=[{"strategy": "table", "table": TABLE}]), form={"f_store": "s2"})
    assert play.state["ticket"]["owner"] == ANN
    assert decided(play)["tried"] == [{"strategy": "table", "why": "no_row", "found": {"values": ["west", "", ""]}}]


def test_a_row_whose_people_are_gone_is_told() -> None:
    table = {**TABLE, "rows": [{"is": [[], [], []], "to": [{"person": "gone"}]}]}
    play = Play(auto(ways=[{"strategy": "table", "table": table}]))
    assert decided(play)["tried"][0]["why"] == "row_empty"


@pytest.mark.parametrize(("table", "where", "code"), [
    ({**TABLE, "rows": [{"is": [["east"]], "to": [{"person": "ann"}]}]}, "rows[0].is", "flow_table_cells"),
    ({**TABLE, "columns": [{"ref": "form.f_body", "attr": "region"}],
      "rows": [{"is": [[]], "to": [{"person": "ann"}]}]}, "columns[0].attr", "flow_of_no_source"),
    ({**TABLE, "columns": [{"ref": "form.f_nothing"}], "rows": [{"is": [[]], "to": [{"person": "ann"}]}]},
     "columns[0].ref", "flow_unknown_ref"),
    ({**TABLE, "rows": [{"is": [[], [], ["5~1"]], "to": [{"person": "ann"}]}]}, "rows[0].is[2]", "flow_table_range"),
    (None, "", "flow_missing"),
])
def test_a_table_that_cannot_be_read_is_refused_at_its_place(table: Any, where: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        auto(ways=[{"strategy": "table", "table": table}])
    place = "nodes[1].config.ways[0].table" + (f".{where}" if where else "")
    assert (place, code) in [(one.where, one.code) for one in caught.value.problems]


# ---- served before, VIP manager, nearest ----------------------------------------------------------------------------


def test_who_served_the_customer_last_gets_them_again() -> None:
    served = {"strategy": "served_before", "within": "P30D"}
    known = org(ann={"served": 20 * DAY * MINUTE}, bob={"served": 3 * DAY * MINUTE, "open_tasks": 8})
    play = Play(auto(ways=[served]), org=known)
    assert play.state["ticket"]["owner"] == BOB
    assert decided(play)["strategy"] == "served_before" and set(decided(play)["found"]["served"]) == {ANN, BOB}
    play = Play(auto(ways=[{**served, "within": "P1D"}]), org=known)
    assert (play.state["ticket"]["owner"], decided(play)["tried"][0]["why"]) == (ANN, "not_served")


def test_the_customers_own_manager_comes_first_where_the_condition_holds() -> None:
    way = {"strategy": "vip_manager", "when": {"ref": "customer.level", "op": "eq", "value": "VIP"}}
    played = auto(ways=[way])
    assert Play(played, customer={"level": "VIP", "manager": "eve"}).state["ticket"]["owner"] == "eve"
    play = Play(played, customer={"level": "普通", "manager": "eve"})
    assert play.state["ticket"]["owner"] == ANN
    assert decided(play)["tried"] == [{"strategy": "vip_manager", "why": "when"}]
    play = Play(played, customer={"level": "VIP", "manager": "gone"})
    assert decided(play)["tried"] == [{"strategy": "vip_manager", "why": "no_manager"}]


def test_the_nearest_is_found_by_their_place_or_their_stores() -> None:
    near = flow(
        node("auto", "assign.auto", {"candidates": [{"role": "manager"}],
                                     "ways": [{"strategy": "nearest", "place": "form.f_where", "km": 50}]}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        edges="t:out>auto auto:out>h h:done>end",
        types={"form.f_where": "any"},
    )
    company = org(max={"lat": "30.25", "lng": "120.17"})
    company["sources"]["stores"]["rows"][1] |= {"lat": "30.27", "lng": "120.16"}
    play = Play(near, org=company, form={"f_where": {"lat": "30.274", "lng": "120.155", "coord": "gcj02"}})
    assert play.state["ticket"]["owner"] == "eve"  # by the place of the store that she manages
    assert decided(play)["found"]["km"] == {"eve": 0.7, "max": 3.0}
    play = Play(near, org=company, form={"f_where": {"lat": "39.9", "lng": "116.4", "coord": "gcj02"}})
    assert decided(play)["tried"][0]["why"] == "nobody_near"
    assert decided(play)["tried"][0]["passed"]["max"][0] == "far"
    assert decided(Play(near, org=company))["tried"][0] == {"strategy": "nearest", "why": "no_place"}


def test_ways_are_tried_in_their_order_and_the_first_that_finds_somebody_decides() -> None:
    played = auto(ways=[{"strategy": "vip_manager"}, ENGLISH, {"strategy": "table", "table": TABLE}])
    play = Play(played, org=org(bob={"skills": {"英语": 5}, "open_tasks": 4}), customer={"level": "VIP"})
    assert play.state["ticket"]["owner"] == BOB
    assert [row["strategy"] for row in decided(play)["tried"]] == ["vip_manager"]
    play = Play(played, customer={"level": "VIP"})
    assert play.state["ticket"]["owner"] == "max"
    assert [row["strategy"] for row in decided(play)["tried"]] == ["vip_manager", "skill"]


# ---- limits ---------------------------------------------------------------------------------------------------------


def test_who_has_enough_is_passed_over() -> None:
    busy = org(ann={"open_tasks": 2}, bob={"open_tasks": 1})
    play = Play(auto(max_open_per_person=2), org=busy)
    assert (play.state["ticket"]["owner"], decided(play)["passed"]) == (BOB, {ANN: ["max_open", 2]})
    play = Play(auto(max_open_per_person=1, fallback=[{"role": "admin"}]), org=busy)
    assert (play.state["ticket"]["owner"], decided(play)["reason"]) == (ADM, "fallback")
    assert set(decided(play)["passed"]) == {ANN, BOB}


def test_a_shift_that_is_off_passes_people_over() -> None:
    early = org(ann={"shift": "days"}, bob={"shift": "nights"})
    early["calendars"].append({"id": "nights", "days": "mon-sun", "hours": ["21:00-06:00"], "tz": "Asia/Shanghai"})
    played = auto(on_duty=True, strategy="round_robin")
    play = Play(played, org=early)  # 09:00
    assert (play.state["ticket"]["owner"], decided(play)["passed"]) == (ANN, {BOB: ["off_duty"]})
    play.state = {}
    play.send({"kind": "start", "trigger": "t", "form": {}, "customer": {}, "ticket": {}}, at=13 * 60)
    assert (play.state["ticket"]["owner"], decided(play)["passed"]) == (BOB, {ANN: ["off_duty"]})


def again(play: Play, at: float) -> str | None:
    """Another ticket in the same company."""
    play.state = {}
    play.send({"kind": "start", "trigger": "t", "form": {}, "customer": {}, "ticket": {}}, at=at)
    return play.state["ticket"].get("owner")


def test_nobody_gets_more_than_so_many_a_day_and_tomorrow_is_another_day() -> None:
    played = auto(max_per_day=2, candidates=[{"person": "ann"}], fallback=[{"person": "adm"}])
    play = Play(played)
    assert [play.state["ticket"]["owner"], again(play, 1), again(play, 2)] == [ANN, ANN, ADM]
    assert decided(play)["passed"] == {ANN: ["max_day", 2]}
    assert again(play, 15 * 60 - 1) == ADM  # 23:59
    assert again(play, 15 * 60) == ANN  # 00:00


def test_after_a_ticket_people_are_left_alone_for_a_while() -> None:
    play = Play(auto(cool_down="PT10M"))
    assert [play.state["ticket"]["owner"], again(play, 5)] == [ANN, BOB]
    assert decided(play)["passed"] == {ANN: ["cool_down", 5]}
    assert again(play, 10) == ANN


def test_a_way_obeys_the_limits_and_says_whom_they_passed_over() -> None:
    skilled = org(bob={"skills": {"英语": 3}, "open_tasks": 5})
    play = Play(auto(ways=[ENGLISH], max_open_per_person=5), org=skilled)
    assert play.state["ticket"]["owner"] == ANN
    assert decided(play)["tried"][0]["passed"] == {ANN: ["skill", "英语"], BOB: ["max_open", 5]}


# ---- ways out, relay, reassignment ----------------------------------------------------------------------------------


def test_nobody_takes_the_way_none_or_opens_it_for_everybody() -> None:
    assert Play(auto("auto:none>end", candidates=[{"role": "ghost"}])).state["status"] == "closed"
    play = Play(auto(candidates=[{"role": "ghost"}]))
    assert play.problems() == ["flow_nobody"]
    assert play.state["tasks"]["auto:1"]["groups"] == ["ghost@"]


def test_who_does_nothing_hands_over_to_the_next_until_nobody_is_left() -> None:
    play = Play(auto(relay="PT30M"))
    assert play.state["timers"] == {"auto:1:+relay1": play.events("timer.armed")[0]["delta"]["due"]}
    play.timer("auto:1:+relay1", at=30)
    assert (play.state["ticket"]["owner"], play.state["tasks"]["h:1"]["assignee"]) == (BOB, BOB)
    assert decided(play)["reason"] == "relay"
    assert play.did("message")[-1]["to"] == {"person": BOB}
    play.timer("auto:1:+relay2", at=60)
    assert play.events("relay.ended")[0]["delta"] == {"people": [ANN, BOB]}
    assert (play.state["ticket"]["owner"], play.state["timers"]) == (BOB, {})


@pytest.mark.parametrize("does", ["comment", "transfer"])
def test_who_did_something_keeps_the_ticket(does: str) -> None:
    play = Play(auto(relay="PT30M"))
    play.act("h:1", does, ANN, at=20, note="在看", to="max")
    play.timer("auto:1:+relay1", at=30)
    assert play.state["tasks"]["h:1"]["assignee"] == (ANN if does == "comment" else "max")


def test_the_relay_keeps_to_its_calendar_and_ends_with_the_ticket() -> None:
    play = Play(auto(relay="P1D", relay_calendar="days"))
    (due,) = play.state["timers"].values()
    assert due == play.events("timer.armed")[0]["delta"]["due"]
    assert due - 1_767_574_800_000 == 36 * HOUR  # a day of twelve open hours and twelve of the next
    play.act("h:1", "done", ANN)
    assert play.state["timers"] == {}


def test_late_work_goes_to_somebody_idle() -> None:
    """F45: a level of the SLA leads to an assignment that takes over."""
    played = flow(
        node("auto", "assign.auto", {"candidates": AGENTS}),
        node("h", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
        node("sla", "timer.sla", {"due": "PT1H", "calendar": "always", "levels": [
            {"port": "late", "at": "100%"}, {"port": "later", "at": "200%"}]}, attach=["h"]),
        node("other", "assign.auto", {"candidates": AGENTS, "takes_over": True}),
        edges="t:out>auto auto:out>h h:done>end sla:late>other sla:later>other",
    )
    play = Play(played, org=org(bob={"open_tasks": 3}))
    assert play.state["ticket"]["owner"] == ANN
    play.timer("sla:late#1", at=60)
    assert (play.state["ticket"]["owner"], play.state["tasks"]["h:1"]["assignee"]) == (BOB, BOB)
    assert play.events("task.assigned")[0]["delta"]["reason"] == "reassigned"
    alone = Play(played, org={**ORG, "people": [one for one in ORG["people"] if one["id"] != "bob"]})
    alone.timer("sla:late#1", at=60)
    assert (alone.state["tasks"]["h:1"]["assignee"], alone.problems()) == (ANN, ["flow_nobody_else"])
    with pytest.raises(Conflict):
        alone.act("auto:1", "claim", BOB)


# ---- the record -----------------------------------------------------------------------------------------------------


def test_the_record_of_a_choice_among_hundreds_stays_small() -> None:
    crowd = org()
    crowd["people"] = [{"id": f"p{number:04}", "name": "某", "roles": [{"role": "agent"}],
                        "skills": {"英语": number % 2 * 5}, "open_tasks": 900 - number} for number in range(900)]
    play = Play(auto(ways=[ENGLISH], max_open_per_person=800), org=crowd)
    told = decided(play)
    assert (told["chosen"], told["more"], len(told["candidates"])) == ("p0899", 380, 20)
    assert "p0899" in told["candidates"]
    assert len(json.dumps(told, ensure_ascii=False)) < 2500
