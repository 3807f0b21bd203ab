"""Publish checks: the example is clean; every way to break it is found at its place, and its repair repairs it."""
import copy
import json
import re
from pathlib import Path

import pytest

from app.cli._catalog import pure_catalog
from app.core.errors import MESSAGES, Problem, text
from app.flows.check import apply_fix, blocks, check_flow, repair_words
from app.flows.schema import load_flow
from app.forms.schema import load_form
from tests.flows.breakages import (
    CATALOG,
    CAUTIONS,
    DATA,
    EXAMPLE,
    FORM,
    NOTIFY,
    Flow,
    FormFacts,
    checked,
    codes,
)
from tests.flows.breakages_nodes import BROKEN


def test_the_example_may_be_published():
    findings = checked(EXAMPLE)
    assert codes(findings) == [], [finding.as_dict("en") for finding in findings]
    # Both are true: neither the review nor the head office's case has a time limit.
    assert {(finding.code, finding.node) for finding in findings} == {
        ("check_task_no_sla", "review"), ("check_task_no_sla", "esc_hq")}
    assert not blocks(findings)


def test_the_example_may_be_checked_without_anything_around_it():
    assert codes(check_flow(EXAMPLE, CATALOG)) == []


def place(finding):
    return finding.code, finding.node, finding.port


def judge(flow, level, code, node, port, field, fixed, places):
    hits = [finding for finding in checked(flow.raw, **places) if place(finding) == (code, node, port)
            and finding.level == level and finding.field.startswith(field)]
    assert len(hits) == 1, [finding.as_dict("en") for finding in checked(flow.raw, **places)]
    (hit,) = hits
    for locale in ("zh", "en"):
        message = hit.as_dict(locale)["message"]
        assert not re.search(r"\{[a-z_]+\}|check_|flow_|None", message), message
    assert ("fix" in hit.as_dict()) == fixed
    if fixed:
        before = copy.deepcopy(flow.raw)
        repaired = apply_fix(flow.raw, hit.fix)
        assert flow.raw == before
        assert place(hit) not in {place(finding) for finding in checked(repaired, **places)}
        return repaired
    return None


@pytest.mark.parametrize(("break_it", "code", "node", "port", "field", "fixed", "places"), BROKEN)
def test_errors(break_it, code, node, port, field, fixed, places):
    flow = Flow()
    break_it(flow)
    judge(flow, "error", code, node, port, field, fixed, places)


@pytest.mark.parametrize(("break_it", "code", "node", "port", "field", "fixed"), CAUTIONS)
def test_warnings(break_it, code, node, port, field, fixed):
    flow = Flow()
    break_it(flow)
    assert codes(checked(flow.raw)) == []
    judge(flow, "warning", code, node, port, field, fixed, {})


@pytest.mark.parametrize("name", [
    "duplicate_edge_id", "unknown_version", "fan_out", "open_port", "no_else", "unreachable", "fork_without_join",
    "fork_forgot_its_join", "bypasses_join", "branch_that_ends", "enters_block", "enters_join", "leaves_block",
    "branches_mix", "attach_to_nothing", "attach_to_what_never_waits", "attach_empty", "missing_field_in_rights",
    "required_field_hidden", "computed_field_required"])
def test_a_one_click_repair_leaves_a_flow_that_may_be_published(name):
    parameters = next(parameter for parameter in BROKEN if parameter.id == name)
    break_it, code, node, port, field, fixed, places = parameters.values
    flow = Flow()
    break_it(flow)
    repaired = judge(flow, "error", code, node, port, field, fixed, places)
    assert codes(checked(repaired)) == []
    load_flow(repaired, CATALOG, FORM.types(), sources=FORM.sources())


def test_variables_are_checked_without_a_form_too():
    assert set(codes(check_flow({**EXAMPLE, "vars": []}, CATALOG))) == {"check_undefined_var"}


def test_an_older_version_of_a_step_is_pointed_out():
    class Newer(type(CATALOG.nodes.get(("notify.customer", 1)))):
        version = 2

    catalog = pure_catalog()
    catalog.nodes.add(("notify.customer", 2), Newer())
    findings = [finding for finding in check_flow(EXAMPLE, catalog) if finding.code == "check_old_version"]
    assert [(finding.level, finding.node, finding.fix) for finding in findings] == [("warning", "tell", None)]
    assert "2" in findings[0].as_dict("en")["message"]


def test_an_approval_that_leaves_the_submitter_out_is_no_risk():
    flow = Flow()
    flow.config("approve").update(approvers=[{"ref": "ticket.owner"}], same_person="skip")
    assert "check_self_approval" not in codes(checked(flow.raw), "warning")


def test_one_cause_is_said_once():
    flow = Flow()
    flow.unlink("classify:out")
    assert [place(finding) for finding in checked(flow.raw) if finding.level == "error"] == [
        ("check_open_port", "classify", "out"), ("check_unreachable_rest", "is_hot", "")]


def test_several_faults_are_all_said_even_when_the_outer_shape_is_broken():
    flow = Flow()
    del flow.raw["name"]
    flow.config("pool")["timeout"] = "P1M"
    flow.edge("tell:out")["to"] = "gone:in"
    assert {"check_definition", "check_config", "check_dangling_edge"} <= set(codes(checked(flow.raw)))


def test_nested_parallel_blocks_are_no_fault():
    flow = Flow()
    flow.add("fork2", "branch.parallel", {"branches": [{"port": "b1"}, {"port": "b2"}], "join": "join2"})
    flow.add("join2", "branch.join", {"fork": "fork2", "mode": "all"})
    flow.add("n_extra", "notify.staff", NOTIFY)
    flow.edge("n_sup:out")["to"] = "fork2:in"
    flow.link("fork2:b1", "n_extra:in")
    flow.link("fork2:b2", "join2:in")
    flow.link("n_extra:out", "join2:in")
    flow.link("join2:out", "join:in")
    assert codes(checked(flow.raw)) == []


def test_repairs_that_no_longer_fit_are_refused():
    for fix, code in (({"do": "explode"}, "fix_unknown"), ({}, "fix_unknown"), ({"do": "remove_edge"}, "fix_stale"),
                      ({"do": "remove_edge", "index": 999}, "fix_stale"),
                      ({"do": "set_config", "node": "gone", "path": "x", "value": 1}, "fix_stale"),
                      ({"do": "set_config", "node": "pool", "path": "².x", "value": 1}, "fix_stale"),
                      ({"do": "insert_join", "fork": "gone"}, "fix_stale")):
        with pytest.raises(Problem) as caught:
            apply_fix(EXAMPLE, fix)
        assert caught.value.code == code


def test_every_code_is_worded_and_documented():
    worded = json.loads((MESSAGES / "checks.json").read_text(encoding="utf-8"))
    modules = (Path(check_flow.__code__.co_filename).parent / "checks").glob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in modules)
    used = set(re.findall(r'"((?:check|fix)_[a-z_]+)"', source)) | {"check_too_many_nodes", "check_too_many_edges"}
    assert used == set(worded)
    documented = (Path(__file__).parents[2] / "docs" / "flow-checks.md").read_text(encoding="utf-8")
    checks = {code for code in used if code.startswith("check_")}
    assert set(re.findall(r"^\| `(check_[a-z_]+)` \|", documented, re.MULTILINE)) == checks
    untested = checks - {parameter.values[1] for parameter in [*BROKEN, *CAUTIONS]}
    assert untested == {"check_too_deep", "check_too_large", "check_too_many_nodes", "check_too_many_edges",
                        "check_old_version",  # each has a test of its own, those below in test_check_assigning
                        "check_row_never", "check_row_swallowed", "check_skill_nobody", "check_table_column",
                        "check_other_field_needed"}  # and in test_check_others
    for code in worded:
        assert text(code, "zh") != text(code, "en")


def test_a_colleague_required_of_a_customer_is_told_even_with_a_default():
    data = json.loads((DATA / "complaint.form.json").read_text(encoding="utf-8"))
    data["fields"].append({"id": "f_who", "type": "person", "section": "s_who", "label": "接待人", "required": True,
                           "default": "me"})
    facts = FormFacts.of(load_form(data, CATALOG))
    found = [finding for finding in checked(Flow().raw, form=facts) if finding.code == "check_required_inside"]
    # The chat's form is a colleague's, and the mini program asks for less.
    assert [finding.node for finding in found] == ["t_menu"]
    assert all("接待人" in found[0].as_dict(locale)["message"] for locale in ("zh", "en"))
    repaired = apply_fix(Flow().raw, found[0].fix)
    assert all(finding.code != "check_required_inside" for finding in checked(repaired, form=facts))


def test_a_table_that_only_colleagues_may_look_into_is_not_required_of_customers():
    found = [finding for finding in checked(Flow().raw, inside={"stores"}) if finding.level == "error"]
    assert {(finding.code, finding.node) for finding in found} == {
        ("check_required_inside", "t_menu"), ("check_required_inside", "t_mini")}


def test_every_repair_has_words_for_its_button():
    said = set()
    for parameter in [*BROKEN, *CAUTIONS]:
        flow = Flow()
        parameter.values[0](flow)
        places = parameter.values[6] if len(parameter.values) > 6 else {}
        for finding in checked(flow.raw, **places):
            for locale in ("zh", "en"):
                words = repair_words(finding, locale)
                assert bool(words) == bool(finding.fix) and "repair_" not in words, finding.code
                said.add(words)
    assert {"否则就结束", "插入汇合", "改为并行"} <= said
