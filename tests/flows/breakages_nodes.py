"""More ways to break the example: what steps write, look up, wait for, whom they name; `breakages` has the rest."""
from tests.flows.breakages import BROKEN, breaks

__all__ = ["BROKEN"]


def insert(flow, type, config):
    """A step `extra` between the join and the way to the customer's message."""
    edge = flow.edge("tell:out")
    flow.add("extra", type, config)
    flow.link("extra:out", edge["to"])
    edge["to"] = "extra:in"


@breaks("check_set_computed", "extra", field="config.set[0].to", fixed=False)
def computed_field_set(flow):
    insert(flow, "data.set", {"set": [{"to": "form.f_comp", "value": "3"}]})


@breaks("check_missing_source", "extra", field="config.source", fixed=False, sources={"stores"})
def missing_table(flow):
    insert(flow, "data.lookup", {"source": "gone", "key": "x"})


def told(flow, map):
    """A trigger `t_api` that fills in what the example requires, and more."""
    rows = [{"to": f"form.{field}", "take": field} for field in ("f_phone", "f_store", "f_kind")]
    flow.add("t_api", "trigger.api", {"map": [*rows, *map], "defaults": {"f_ok": True}})
    flow.link("t_api:out", "classify:in")


@breaks("check_required_unfilled", "t_api", field="config.map", fixed=False)
def trigger_leaves_a_required_field_empty(flow):
    told(flow, [])
    del flow.config("t_api")["map"][1]


@breaks("check_fill_readonly", "t_api", field="config.map[3].to", fixed=False)
def trigger_fills_in_what_is_computed(flow):
    told(flow, [{"to": "form.f_comp", "take": "x"}])


@breaks("check_unknown_person", "pool", field="config.candidates[1].person", people={"ann"})
def person_of_another_company(flow):
    flow.config("pool")["candidates"] += [{"person": "gone"}, {"person": "ann"}]


@breaks("check_unknown_department", "pool", field="config.candidates[1].department", departments={"hz"})
def unknown_department(flow):
    flow.config("pool")["candidates"] += [{"department": "gone"}, {"department": "hz"}]


@breaks("check_unknown_department", "review", field="config.assignee[0].leader_of", departments={"hz"})
def leader_of_an_unknown_department(flow):
    flow.config("review")["assignee"] = [{"leader_of": "gone"}, {"leader_of": "hz"}]


@breaks("check_missing_template", "sl2", field="config.template")
def missing_template_that_is_not_needed(flow):
    flow.config("sl2")["template"] = "gone"


@breaks("check_missing_ticket_type", "extra", field="config.ticket_type", fixed=False)
def missing_ticket_type(flow):
    flow.add("extra", "flow.subticket", {"ticket_type": "gone"})
    flow.link("extra:done", flow.edge("tell:out")["to"])
    flow.edge("tell:out")["to"] = "extra:in"
@breaks("check_missing_token", "t_api", field="config.tokens[1]", fixed=False, tokens={"shop"})
def a_token_that_nobody_made(flow):
    told(flow, [])
    flow.config("t_api")["tokens"] = ["shop", "erp"]


def counted(flow, **after):
    """A trigger `t_after` that counts time from tickets of another type."""
    rows = [{"to": f"form.{field}", "take": "first.no"} for field in ("f_phone", "f_store", "f_kind")]
    base = {"of": "field", "type": "trial", "field": "f_day", "moments": [{"length": "P1D"}]}
    flow.add("t_after", "trigger.schedule", {"by": "after", "after": {**base, **after}, "map": rows,
                                             "defaults": {"f_ok": True}})
    flow.link("t_after:out", "classify:in")


OTHERS = {"trial": {"f_day": "date", "f_word": "text"}}


@breaks("check_missing_other_field", "t_after", field="config.after.field", fixed=False, type_fields=OTHERS)
def counts_from_a_field_that_is_not_there(flow):
    counted(flow, field="f_gone")


@breaks("check_other_field_no_date", "t_after", field="config.after.field", fixed=False, type_fields=OTHERS)
def counts_from_a_text(flow):
    counted(flow, field="f_word")


@breaks("check_missing_calendar", "sla", field="config.calendar")
def missing_calendar(flow):
    flow.config("sla")["calendar"] = "gone"


@breaks("check_required_inside", "t_menu", field="config.fields.f_cust")
def a_customer_must_look_up_customers(flow):
    flow.config("t_menu")["fields"]["f_cust"] = "required"


@breaks("check_required_inside", "rate", field="config.fields.f_cust")
def a_question_that_a_customer_cannot_answer(flow):
    flow.config("rate")["fields"]["f_cust"] = "required"
