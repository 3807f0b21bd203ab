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
