"""The gap report: for whom a step finds nobody, and what to do, in a company with holes of every kind."""
from __future__ import annotations

import time
from typing import Any

import pytest

from app.core.errors import has_text
from app.flows.gaps import Around, Gap, gaps
from app.flows.model import Flow
from tests.flows.kit import RESTAURANT, complaint, flow, node

STORES = [{"id": f"s{n}", "name": f"{n} 店", "region": "east" if n < 4 else "west"} for n in range(1, 7)]


def company(*people: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Six shops in two regions, and these people."""
    source = {"scope": "store", "rows": STORES if rows is None else rows,
              "columns": [{"key": "region", "title": "区域"}]}
    return {"people": list(people), "sources": {"stores": source}}


def person(id: str, *roles: dict[str, Any] | str, active: bool = True) -> dict[str, Any]:
    """Somebody with roles, everywhere or for a part."""
    return {"id": id, "name": id.title(), "active": active,
            "roles": [{"role": role} if isinstance(role, str) else role for role in roles]}


def found(drawn: Flow, org: dict[str, Any], **around: Any) -> list[Gap]:
    """The gaps."""
    return gaps(drawn, Around(org, **around))


def work(**config: Any) -> Flow:
    """One step for a manager of the ticket's shop."""
    return flow(node("work", "task.handle", {"assignee": [{"role": "manager", "of": "form.f_store"}],
                                             "actions": [{"port": "done"}], **config}),
                edges="t:out>work work:done>end")


def test_a_company_that_can_carry_its_flow_has_no_gap() -> None:
    assert found(work(), company(person("ann", {"role": "manager", "region": "east"},
                                        {"role": "manager", "region": "west"}))) == []


def test_shops_without_anybody_are_named_by_what_they_share() -> None:
    (gap,) = found(work(), company(person("ann", {"role": "manager", "region": "east"})),
                   roles={"manager": {"zh": "店长", "en": "manager"}})
    assert (gap.level, gap.code, gap.node, gap.field) == ("error", "gap_nobody_rows", "work", "config.assignee")
    assert (gap.rows, gap.of) == (3, 6)
    said = gap.as_dict()
    assert said["message"] == "“work”有 3 个（共 6 个）没有人能处理：区域为 west 的全部 3 个没有店长"
    assert said["todo"].startswith("给它们指定店长")
    assert "all 3 with 区域 west have no manager" in gap.as_dict("en")["message"]


def test_shops_that_share_nothing_are_named_one_by_one() -> None:
    managers = [person(f"p{n}", {"role": "manager", "store": f"s{n}"}) for n in (1, 3, 4, 6)]
    (gap,) = found(work(), company(*managers))
    assert gap.params["which"]["zh"] == "2 店、5 店"


def test_people_who_left_are_not_nobody_but_told() -> None:
    (gap,) = found(work(), company(person("ann", "manager", active=False)))
    assert (gap.level, gap.code, gap.rows) == ("error", "gap_left_rows", 6)
    assert gap.params["people"]["zh"] == "Ann"


def test_who_stands_in_makes_it_a_warning() -> None:
    (gap,) = found(work(fallback=[{"role": "boss"}]), company(person("eve", "boss")))
    assert (gap.level, gap.code) == ("warning", "gap_stand_in_rows")
    assert gap.params["instead"]["zh"] == "boss"


def test_an_approval_s_stand_in_is_no_approver() -> None:
    drawn = flow(node("ok", "task.approval", {"approvers": [{"role": "lead"}], "if_nobody": [{"role": "boss"}]}),
                 edges="t:out>ok ok:approved>end ok:rejected>end")
    (gap,) = found(drawn, company(person("eve", "boss")))
    assert (gap.code, gap.field) == ("gap_stand_in", "config.approvers")
    assert found(drawn, company(person("ann", "lead"))) == []


def test_a_role_without_a_table_has_no_rows() -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "done"}]}),
                 edges="t:out>work work:done>end")
    (gap,) = found(drawn, company())
    assert (gap.code, gap.rows, gap.of) == ("gap_nobody", 1, 1)
    assert found(drawn, company(person("ann", "agent"))) == []


def test_the_owner_of_a_ticket_is_not_looked_for_in_the_company() -> None:
    drawn = flow(node("pool", "task.claim", {"candidates": [{"role": "agent"}]}),
                 node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
                 node("tell", "notify.staff", {"to": [{"ref": "ticket.owner"}, {"role": "nobody"}], "template": "x"}),
                 edges="t:out>pool pool:claimed>work work:done>tell tell:out>end")
    assert found(drawn, company(person("ann", "agent"))) == []


def test_an_escalation_to_nobody_is_a_warning_because_the_ticket_goes_on() -> None:
    drawn = flow(node("up", "assign.escalate", {"to": [{"role": "boss"}]}), edges="t:out>up up:out>end")
    (gap,) = found(drawn, company(person("eve", "boss", active=False)))
    assert (gap.level, gap.code) == ("warning", "gap_untold")


def test_a_message_that_reaches_nobody_is_a_warning() -> None:
    drawn = flow(node("tell", "notify.staff", {"to": [{"role": "boss", "of": "form.f_store"}], "template": "x"}),
                 edges="t:out>tell tell:out>end")
    (gap,) = found(drawn, company(person("eve", {"role": "boss", "store": "s1"})))
    assert (gap.level, gap.code, gap.rows) == ("warning", "gap_untold_rows", 5)


@pytest.mark.parametrize(("same", "code"), [
    ("ask", "gap_alone_rows"), ("pass", "gap_alone_passes_rows"), ("skip", "gap_alone_skipped_rows")])
def test_an_only_approver_who_hands_in_is_found(same: str, code: str) -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "manager", "of": "form.f_store"}],
                                              "actions": [{"port": "done"}]}),
                 node("ok", "task.approval", {"approvers": [{"role": "boss", "of": "form.f_store"}],
                                              "same_person": same}),
                 edges="t:out>work work:done>ok ok:approved>end ok:rejected>work")
    both = person("ann", {"role": "manager", "region": "east"}, {"role": "boss", "region": "east"})
    others = [person("bob", {"role": "manager", "region": "west"}), person("eve", {"role": "boss", "region": "west"})]
    (gap,) = found(drawn, company(both, *others))
    assert (gap.level, gap.code, gap.node, gap.rows) == ("warning", code, "ok", 3)
    second = person("max", {"role": "boss", "region": "east"})
    assert found(drawn, company(both, second, *others)) == []


def test_a_case_that_no_answer_can_meet_is_found() -> None:
    def branch(when: dict[str, Any]) -> Flow:
        return flow(node("which", "branch.condition", {"cases": [{"port": "a", "label": "大店", "when": when}]}),
                    edges="t:out>which which:a>end which:else>end")
    gone = {"ref": "form.f_store", "op": "eq", "value": "s9"}
    here = {"ref": "form.f_store", "op": "eq", "value": "s1"}
    (gap,) = found(branch({"all": [gone, here]}), company(), labels={"form.f_store": "门店"})
    assert gap.code == "gap_never"
    assert gap.as_dict()["message"] == "“which”的“大店”永远不会出现：门店没有“s9”这个值"
    assert found(branch({"any": [gone, here]}), company()) == []
    assert found(branch({"all": [{"ref": "form.f_body", "op": "eq", "value": "s9"}]}), company()) == []
    assert [gap.code for gap in found(branch({"all": [{"ref": "form.f_body", "op": "eq", "value": "o_x"}]}), company(),
                                      options={"form.f_body": ["o_a"]})] == ["gap_never"]


def table(*rows: tuple[list[list[str]], str], match: str = "first") -> Flow:
    """An assignment by region of the shop and sum."""
    ways = [{"strategy": "table", "table": {
        "columns": [{"ref": "form.f_store", "attr": "region"}, {"ref": "form.f_sum"}], "match": match,
        "rows": [{"is": cells, "to": [{"role": role}]} for cells, role in rows]}}]
    return flow(node("auto", "assign.auto", {"candidates": [{"role": "agent"}], "ways": ways}),
                node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
                edges="t:out>auto auto:out>work work:done>end")


def test_a_row_that_names_nobody_is_found_with_its_number() -> None:
    (gap,) = found(table(([["east"], []], "agent"), ([["west"], []], "boss")), company(person("ann", "agent")))
    assert (gap.code, gap.params["row"]) == ("gap_row_nobody", 2)
    assert gap.field == "config.ways[0].table.rows[1].to"


@pytest.mark.parametrize(("more", "level", "code"), [
    ({}, "error", "gap_no_line"), ({"if_nobody": [{"role": "boss"}]}, "warning", "gap_no_line_else")])
def test_people_with_nobody_above_them_are_named(more: dict[str, Any], level: str, code: str) -> None:
    drawn = flow(node("work", "task.handle", {"assignee": [{"role": "agent"}], "actions": [{"port": "done"}]}),
                 node("ok", "task.approval", {"mode": "up", **more}),
                 edges="t:out>work work:done>ok ok:approved>end ok:rejected>work")
    org = company({**person("ann", "agent"), "department": "shop"}, {**person("bob", "agent"), "department": "lost"},
                  person("eve", "boss"))
    org["departments"] = [{"id": "shop", "leader": "eve"}, {"id": "lost"}]
    (gap,) = found(drawn, org)
    assert (gap.level, gap.code, gap.rows, gap.of) == (level, code, 1, 2)
    assert gap.params["people"]["zh"] == "Bob"


def test_whoever_decides_sees_what_brought_the_ticket_there() -> None:
    drawn = flow(node("big", "branch.condition", {"cases": [
                     {"port": "yes", "when": {"all": [{"ref": "form.f_sum", "op": "gt", "value": "5"}]}}]}),
                 node("ok", "task.approval", {"approvers": [{"role": "boss"}]}),
                 edges="t:out>big big:yes>ok big:else>end ok:approved>end ok:rejected>end")
    org = company(person("eve", "boss"))
    assert found(drawn, org, levels={"ok": {"f_sum": "read"}}) == []
    (gap,) = found(drawn, org, levels={"ok": {"f_sum": "hidden", "f_body": "read"}})
    assert (gap.code, gap.field) == ("gap_unseen", "config.fields.f_sum")
    (gap,) = found(drawn, org, levels={"ok": {"f_sum": "hidden"}})
    assert gap.code == "gap_blind"


def test_a_long_table_is_looked_at_in_samples_and_that_is_said() -> None:
    rows = [{"id": f"s{n}", "name": f"{n} 店", "region": f"r{n % 50}"} for n in range(5_000)]
    (gap,) = found(work(), company(*(person(f"p{n}", {"role": "manager", "region": f"r{n}"}) for n in range(49)),
                                   rows=rows))
    assert (gap.rows, gap.of) == (100, 5_000)  # shops of one region are alike: all are counted
    own = [person(f"p{n}", {"role": "manager", "store": f"s{n}"}) for n in range(4_000)]
    began = time.process_time()
    gap, cut = found(work(), company(*own, rows=rows))
    assert time.process_time() - began < 10
    assert gap.of == 2_000 and 350 < gap.rows < 450
    assert (cut.level, cut.of) == ("advice", 5_000)


def test_the_example_s_company_carries_the_example() -> None:
    assert [gap.code for gap in found(complaint(), RESTAURANT)] == []


def test_every_gap_has_words_in_both_languages() -> None:
    sorts = ["nobody", "left", "stand_in", "alone", "alone_passes", "alone_skipped", "untold"]
    codes = [f"gap_{sort}{rows}" for sort in sorts for rows in ("", "_rows")]
    codes += ["gap_no_line", "gap_no_line_else", "gap_row_nobody", "gap_never", "gap_blind", "gap_unseen", "gap_cut"]
    assert all(has_text(code) and has_text(f"{code}_do") for code in codes)


# ---- combinations ----------------------------------------------------------------------------------------------------


def assigned(rows: list[dict[str, Any]], columns: list[dict[str, Any]], edges: str = "", **config: Any) -> Flow:
    """An assignment by a decision table."""
    way = {"strategy": "table", "table": {"columns": columns, "rows": rows}}
    return flow(node("give", "assign.auto", {"candidates": [{"role": "nobody"}], "ways": [way], **config}),
                node("work", "task.handle", {"assignee": [{"ref": "ticket.owner"}], "actions": [{"port": "done"}]}),
                edges=f"t:out>give give:out>work work:done>end {edges}")


LEVELS = [{"ref": "customer.level"}]
REGIONS = [{"ref": "form.f_store", "attr": "region"}, *LEVELS]
ANN = [{"person": "ann"}]


def test_customers_of_a_level_that_no_row_takes_are_named() -> None:
    drawn = assigned([{"is": [["gold"]], "to": ANN}, {"is": [["VIP"]], "to": [{"role": "vip"}]}], LEVELS)
    (gap,) = [one for one in found(drawn, company(person("ann"))) if one.level == "error"]
    assert (gap.code, gap.node, gap.field, gap.rows, gap.of) == ("gap_nobody_when", "give", "config.ways", 2, 3)
    assert gap.as_dict()["message"] == "“give”有 2 种情况（共 3 种）没有人能处理：客户等级：VIP 或 其他"
    assert "Customer's level: VIP or anything else" in gap.as_dict("en")["message"]
    assert found(drawn, company(person("ann"), person("v", "vip"), person("n", "nobody"))) == []


def test_a_level_counts_wherever_the_flow_compares_it() -> None:
    branch = node("hot", "branch.condition", {"cases": [
        {"port": "vip", "label": "VIP", "when": {"ref": "customer.level", "op": "in", "value": ["VIP", "black"]}}]})
    give = node("give", "assign.auto", {"candidates": [{"role": "nobody"}], "ways": [
        {"strategy": "table", "table": {"columns": LEVELS, "rows": [{"is": [["VIP"]], "to": ANN}]}}]})
    drawn = flow(branch, give, edges="t:out>hot hot:vip>give hot:else>give give:out>end")
    (gap,) = [one for one in found(drawn, company(person("ann"))) if one.code == "gap_nobody_when"]
    assert gap.params["which"]["zh"] == "客户等级：black 或 其他"


def test_regions_and_levels_are_told_together() -> None:
    rows = [{"is": [["east"], []], "to": ANN}, {"is": [[], ["VIP"]], "to": ANN}]
    (gap,) = [one for one in found(assigned(rows, REGIONS), company(person("ann"))) if one.level == "error"]
    assert (gap.rows, gap.of) == (1, 4)
    assert gap.params["which"]["zh"] == "form.f_store：区域为 west 的全部 3 个，客户等级：其他"
    (advice,) = [one for one in found(assigned(rows, REGIONS, "give:none>end"), company(person("ann")))
                 if one.code == "gap_nobody_when"]
    assert advice.level == "warning"  # the ticket goes on by 「没有人」


def test_who_stands_in_for_a_combination_makes_it_a_warning() -> None:
    drawn = assigned([{"is": [["VIP"]], "to": ANN}], LEVELS, fallback=[{"person": "bob"}])
    gaps_found = found(drawn, company(person("ann"), person("bob")))
    assert [(one.level, one.code, one.rows) for one in gaps_found] == [("warning", "gap_stand_in_when", 1)]


def test_limits_and_shifts_make_no_gaps() -> None:
    drawn = assigned([{"is": [["VIP"]], "to": ANN}], LEVELS, candidates=ANN, max_per_day=1, on_duty=True)
    org = company({**person("ann"), "shift": "night"})
    org["calendars"] = [{"id": "night", "days": "mon-sun", "hours": ["22:00-23:00"], "tz": "Asia/Shanghai"}]
    assert found(drawn, org) == []


def test_of_very_many_combinations_some_are_looked_at_and_that_is_said() -> None:
    rows = [{"is": [[f"a{n}"], [f"b{n}"], [f"c{n}"]], "to": ANN} for n in range(20)]
    began = time.process_time()
    drawn = assigned(rows, [*LEVELS, {"ref": "form.f_body"}, {"ref": "form.f_reply"}])
    gaps_found = found(drawn, company(person("ann")))
    assert time.process_time() - began < 3
    assert {one.code for one in gaps_found} >= {"gap_nobody_when", "gap_cut_when"}
