"""More ways to break the example: what steps write, look up and wait for. `BROKEN` has those of `breakages` too."""
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
