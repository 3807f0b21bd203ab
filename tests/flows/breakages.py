"""The complaint example, what surrounds it, and every way to break it that the publish checks must find."""
import copy
import json
from pathlib import Path

import pytest

from app.cli._catalog import pure_catalog
from app.flows.check import FormFacts, check_flow
from app.forms.schema import load_form

DATA = Path(__file__).parents[1] / "data"
CATALOG = pure_catalog()
EXAMPLE = json.loads((DATA / "complaint.flow.json").read_text(encoding="utf-8"))
FORM = load_form(json.loads((DATA / "complaint.form.json").read_text(encoding="utf-8")), CATALOG)
FACTS = FormFacts.of(FORM)
PLACES = {
    "roles": dict.fromkeys(
        ("region_supervisor", "store_manager", "delivery_lead", "cs_agent", "cs_lead", "region_manager", "hq_ops",
         "quality"), 1),
    "templates": {"complaint_red", "complaint_result", "sla_remind", "sla_l2", "sla_l3"},
    "connectors": {"erp"}, "ticket_types": {"complaint"},
    "channels": {"wecom", "mention", "voice", "mini_program", "sms"},
    "calendars": {"stores"},
}


def checked(flow, **places):
    return check_flow(flow, CATALOG, **{"form": FACTS, **PLACES, **places})


def codes(findings, level="error"):
    return sorted(finding.code for finding in findings if finding.level == level)


class Flow:
    """The example, to be broken by hand."""

    def __init__(self):
        self.raw = copy.deepcopy(EXAMPLE)

    def node(self, id):
        return next(node for node in self.raw["nodes"] if node["id"] == id)

    def config(self, id):
        return self.node(id)["config"]

    def edge(self, source):
        return next(edge for edge in self.raw["edges"] if edge["from"] == source)

    def unlink(self, source):
        self.raw["edges"].remove(self.edge(source))

    def link(self, source, target):
        self.raw["edges"].append({"id": f"x{len(self.raw['edges'])}", "from": source, "to": target})

    def add(self, id, type, config, **more):
        self.raw["nodes"].append({"id": id, "type": type, "tv": 1, "name": id, "config": config, **more})

    def drop(self, id):
        self.raw["nodes"].remove(self.node(id))


NOTIFY = {"to": [{"role": "cs_lead"}], "template": "sla_l2"}
HANDLE = {"assignee": [{"role": "cs_lead"}], "fields": {"*": "read"}, "actions": [{"port": "done", "label": "完成"}]}

# (what a hand does, code, node, port, part of `field`, whether the repair must make it vanish)
BROKEN = []


def breaks(code, node="", port="", field="", fixed=True, **places):
    def keep(function):
        BROKEN.append(pytest.param(function, code, node, port, field, fixed, places, id=function.__name__))
        return function
    return keep


@breaks("check_no_trigger", fixed=False)
def no_trigger(flow):
    for id in ("t_chat", "t_menu", "t_mini"):
        flow.unlink(f"{id}:out")
        flow.drop(id)


@breaks("check_no_end")
def no_end(flow):
    for id in ("end_ok", "end_to"):
        flow.drop(id)
    flow.raw["edges"] = [edge for edge in flow.raw["edges"] if not edge["to"].startswith("end_")]


@breaks("check_duplicate_id", "join")
def duplicate_id(flow):
    flow.raw["nodes"].append(copy.deepcopy(flow.node("join")))


@breaks("check_duplicate_edge", "t_menu", "out")
def duplicate_edge_id(flow):
    flow.edge("t_menu:out")["id"] = "e1"


@breaks("check_dangling_edge", "tell", "out")
def dangling_target(flow):
    flow.edge("tell:out")["to"] = "gone:in"


@breaks("check_dangling_edge", "end_ok")
def dangling_source(flow):
    flow.link("gone:out", "end_ok:in")


@breaks("check_unknown_type", "tell", fixed=False)
def unknown_type(flow):
    flow.node("tell")["type"] = "acme.pigeon"


@breaks("check_unknown_version", "tell")
def unknown_version(flow):
    flow.node("tell")["tv"] = 99


@breaks("check_unknown_port", "tell", "sideways")
def unknown_port(flow):
    flow.link("tell:sideways", "end_ok:in")


@breaks("check_unknown_entry", "t_menu", "in")
def edge_into_trigger(flow):
    flow.edge("lt3:else")["to"] = "t_menu:in"


@breaks("check_unknown_entry", "end_ok", "side")
def unknown_entry(flow):
    flow.edge("lt3:else")["to"] = "end_ok:side"


@breaks("check_fan_out", "lt3", "else")
def fan_out(flow):
    flow.add("extra", "notify.staff", NOTIFY)
    flow.link("lt3:else", "extra:in")
    flow.link("extra:out", "end_ok:in")


@breaks("check_open_port", "approve", "rejected")
def open_port(flow):
    flow.unlink("approve:rejected")


@breaks("check_open_port", "rate", "timeout")
def time_limit_that_leads_nowhere(flow):
    flow.unlink("rate:timeout")


@breaks("check_open_port", "sla", "l2", fixed=False)
def open_level(flow):
    flow.unlink("sla:l2")
    flow.drop("sl2")


@breaks("check_no_else", "lt3", "else")
def no_else(flow):
    flow.unlink("lt3:else")


@breaks("check_unreachable", "lone")
def unreachable(flow):
    flow.add("lone", "notify.staff", NOTIFY)
    flow.link("lone:out", "end_ok:in")


@breaks("check_unreachable_rest", "lone", fixed=False)
def unreachable_chain(flow):
    flow.add("lone", "notify.staff", NOTIFY)
    flow.add("behind", "notify.staff", NOTIFY)
    flow.link("lone:out", "behind:in")
    flow.link("behind:out", "lone:in")


@breaks("check_no_way_to_end", "esc_hq", fixed=False)
def trapped(flow):
    flow.edge("esc_hq:submit")["to"] = "esc_hq:in"


@breaks("check_fork_without_join", "fork", field="join")
def fork_without_join(flow):
    flow.drop("join")
    flow.unlink("join:out")
    for node in ("n_sup", "n_mgr", "n_dlv"):
        flow.edge(f"{node}:out")["to"] = "pool:in"
    del flow.config("fork")["join"]


@breaks("check_fork_without_join", "fork", field="join")
def fork_forgot_its_join(flow):
    del flow.config("fork")["join"]


@breaks("check_join_without_fork", "lonely", field="fork", fixed=False)
def join_without_fork(flow):
    flow.add("lonely", "branch.join", {"fork": "fork", "mode": "all"})
    flow.edge("lt3:else")["to"] = "lonely:in"
    flow.link("lonely:out", "end_ok:in")


@breaks("check_join_count", "join", field="config.n")
def join_waits_for_too_many(flow):
    flow.config("join").update(mode="n", n=4)


@breaks("check_bypasses_join", "fork", "b3")
def bypasses_join(flow):
    flow.edge("n_dlv:out")["to"] = "pool:in"


@breaks("check_bypasses_join", "fork", "b1")
def branch_that_ends(flow):
    flow.edge("n_sup:out")["to"] = "end_ok:in"


@breaks("check_enters_block", "lt3", "else")
def enters_block(flow):
    flow.edge("lt3:else")["to"] = "n_sup:in"


@breaks("check_enters_block", "lt3", "else")
def enters_join(flow):
    flow.edge("lt3:else")["to"] = "join:in"


@breaks("check_leaves_block", "ask", "timeout")
def leaves_block(flow):
    flow.add("ask", "wait.customer", {"fields": {"f_score": "edit"}, "timeout": "P1D"})
    flow.edge("n_sup:out")["to"] = "ask:in"
    flow.link("ask:received", "join:in")
    flow.link("ask:timeout", "pool:in")


@breaks("check_branches_mix", "n_sup", "out")
def branches_mix(flow):
    flow.edge("n_sup:out")["to"] = "n_mgr:in"


@breaks("check_instant_cycle", "classify", "out", fixed=False)
def instant_cycle(flow):
    flow.edge("is_hot:else")["to"] = "classify:in"


@breaks("check_attach_missing", "sla", field="attach")
def attach_to_nothing(flow):
    flow.node("sla")["attach"].append("gone")


@breaks("check_attach_idle", "sla", field="attach")
def attach_to_what_never_waits(flow):
    flow.node("sla")["attach"].append("big")


@breaks("check_attach_none", "sla", field="attach")
def attach_empty(flow):
    flow.node("sla")["attach"] = []


@breaks("check_no_assignee", "handle", field="config.assignee")
def empty_assignee(flow):
    flow.config("handle")["assignee"] = []


@breaks("check_no_assignee", "approve", field="config.approvers", fixed=False)
def missing_approvers(flow):
    del flow.config("approve")["approvers"]


@breaks("check_unknown_role", "pool", field="config.candidates[0].role")
def unknown_role(flow):
    flow.config("pool")["candidates"] = [{"role": "nobody_knows"}]


@breaks("check_empty_role", "review", field="config.assignee[0].role", fixed=False,
        roles={**PLACES["roles"], "quality": 0})
def empty_role(flow):
    pass


@breaks("check_missing_field", "big", "yes", "config.cases[0].when.all[0].ref", fixed=False)
def missing_field_in_condition(flow):
    flow.config("big")["cases"][0]["when"]["all"][0]["ref"] = "form.f_gone"


@breaks("check_missing_field", "handle", field="config.fields.f_gone")
def missing_field_in_rights(flow):
    flow.config("handle")["fields"]["f_gone"] = "edit"


@breaks("check_missing_field", "t_menu", field="config.defaults.f_gone")
def missing_field_in_defaults(flow):
    flow.config("t_menu")["defaults"] = {"f_order": "A1", "f_gone": "x"}


@breaks("check_missing_field", "n_mgr", field="config.to[0].of", fixed=False)
def missing_field_of_role(flow):
    flow.config("n_mgr")["to"][0]["of"] = "form.f_gone"


@breaks("check_missing_field", "pay", field="config.body", fixed=False)
def missing_field_in_text(flow):
    flow.config("pay")["body"]["amount"] = "{{form.f_gone}}"


@breaks("check_of_no_source", "n_mgr", field="config.to[0].of", fixed=False)
def role_of_a_field_without_source(flow):
    flow.config("n_mgr")["to"][0]["of"] = "form.f_body"


@breaks("check_condition_empty", "big", "yes", "config.cases[0].when.all[0].ref", fixed=False)
def condition_without_a_field(flow):
    flow.config("big")["cases"][0]["when"]["all"][0]["ref"] = ""


@breaks("check_condition", "big", "yes", "config.cases[0].when.all[0].op", fixed=False)
def wrong_operator(flow):
    flow.config("big")["cases"][0]["when"]["all"][0]["op"] = "has_any"


@breaks("check_condition", "big", "yes", "config.cases[0].when.all[0].value", fixed=False)
def wrong_type(flow):
    flow.config("big")["cases"][0]["when"]["all"][0]["value"] = "很多"


@breaks("check_undefined_var", "is_hot", "hot", "config.cases[0].when.any[0].ref")
def undefined_var_in_condition(flow):
    flow.config("is_hot")["cases"][0]["when"]["any"][0]["ref"] = "vars.mood"


@breaks("check_undefined_var", "classify", field="config.else")
def undefined_var_set(flow):
    flow.config("classify")["else"] = {"vars.mood": "calm"}


@breaks("check_config", "classify", field="config.else", fixed=False)
def value_the_variable_cannot_have(flow):
    flow.config("classify")["else"] = {"vars.priority": "purple"}


@breaks("check_config", "pool", field="config.timeout", fixed=False)
def bad_duration(flow):
    flow.config("pool")["timeout"] = "P1M"


@breaks("check_config", "tell", field="config.colour", fixed=False)
def unknown_setting(flow):
    flow.config("tell")["colour"] = "red"


@breaks("check_definition", field="name", fixed=False)
def flow_without_name(flow):
    del flow.raw["name"]


@breaks("check_config", "classify", field="name", fixed=False)
def node_without_name(flow):
    del flow.raw["nodes"][3]["name"]


@breaks("check_required_hidden", "t_mini", field="config.fields.f_store")
def required_field_hidden(flow):
    del flow.config("t_mini")["fields"]["f_store"]


@breaks("check_required_readonly", "handle", field="config.fields.f_comp")
def computed_field_required(flow):
    flow.config("handle")["fields"]["f_comp"] = "required"


@breaks("check_missing_template", "sl1", field="config.template", fixed=False)
def missing_template(flow):
    flow.config("sl1")["template"] = "gone"


@breaks("check_missing_connector", "pay", field="config.connector", fixed=False)
def missing_connector(flow):
    flow.config("pay")["connector"] = "gone"


@breaks("check_missing_channel", "n_sup", field="config.ladder[1].via", fixed=False)
def missing_channel_in_ladder(flow):
    flow.config("n_sup")["ladder"][1]["via"] = "pigeon"


@breaks("check_missing_channel", "tell", field="config.channels[0]", fixed=False)
def missing_channel(flow):
    flow.config("tell")["channels"] = ["pigeon"]


CAUTIONS = []


def cautions(code, node="", port="", field="", fixed=True):
    def keep(function):
        CAUTIONS.append(pytest.param(function, code, node, port, field, fixed, id=function.__name__))
        return function
    return keep


@cautions("check_wait_no_timeout", "rate", "timeout", "config.timeout")
def wait_without_timeout(flow):
    del flow.config("rate")["timeout"]


@cautions("check_task_no_sla", "handle")
def task_without_sla(flow):
    flow.node("sla")["attach"].remove("handle")


@cautions("check_loop_no_max", "again", field="config.max")
def loop_without_max(flow):
    del flow.config("again")["max"]


@cautions("check_self_approval", "approve")
def same_person_submits_and_approves(flow):
    flow.config("approve")["approvers"] = [{"ref": "ticket.owner"}]


@cautions("check_case_swallowed", "big", "huge", "config.cases[1].when", fixed=False)
def swallowed_case(flow):
    flow.config("big")["cases"].append(
        {"port": "huge", "label": "> 100000", "when": {"all": [{"ref": "form.f_comp", "op": "gt", "value": "100000"}]}})
    flow.link("big:huge", "approve:in")


@cautions("check_burst", "n3", fixed=False)
def burst(flow):
    for number in (1, 2, 3):
        flow.add(f"n{number}", "notify.staff", NOTIFY)
    flow.edge("lt3:else")["to"] = "n1:in"
    flow.link("n1:out", "n2:in")
    flow.link("n2:out", "n3:in")
    flow.link("n3:out", "end_ok:in")
