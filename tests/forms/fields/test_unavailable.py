"""A field whose type is not installed: the form works on without it, and what was answered stays exactly as it is."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.catalog import Catalog
from app.core.errors import Finding, Invalid
from app.core.expressions import ExprError
from app.forms import trial
from app.forms.access import resolve
from app.forms.base import Asking
from app.forms.check import check_form
from app.forms.fields import register
from app.forms.fields.rating import Rating
from app.forms.initial import initial
from app.forms.schema import Form, load_form
from app.forms.upgrade import Upgraded, upgrade
from app.forms.view import FormView, build
from tests.forms.kit import CATALOG, ENV, PORTS, Ports, codes, definition, faults, judged, small

STORED = {"date": "2026-11-05", "slot": "09:00-10:30"}
GONE = {"id": "f_gone", "type": "hologram", "label": "全息图", "depth": 3, "options": "?", "choices": [1],
        "formula": "1 +", "lookup": 5, "source": "x", "default": {"a": 1}, "required": True, "hint": "提示"}
NAME = {"id": "f_name", "type": "text", "label": "姓名"}


class Visitor(Ports):
    """A customer."""

    def me(self) -> str | None:
        return None


def page(form: Any, values: dict[str, Any], ports: Ports, level: str = "edit") -> FormView:
    return build(form, values, access=resolve(form, {"*": level}), env=ENV, scope={}, locale="zh-CN", ports=ports)


def test_a_published_form_works_on_and_asks_nobody_for_it() -> None:
    form = small(GONE, NAME)
    assert not form.fields["f_gone"].installed and form.fields["f_name"].installed
    assert resolve(form, {"*": "required"}) == {"f_gone": "read", "f_name": "required"}
    found = judged(form, {"f_name": "王"}, current={"f_gone": STORED})
    assert found.problems == [] and found.values == {"f_gone": STORED, "f_name": "王"}
    assert judged(form, {"f_name": "王"}).values == {"f_name": "王"}  # neither required nor given its default
    assert initial(form, access=resolve(form, {"*": "edit"}), scope={}, env=ENV, ports=PORTS, link={}) == {}


@pytest.mark.parametrize("value", [STORED, "text", ["a", {"b": [1]}], True, 0, "12.5", {"$x": None}])
def test_whatever_was_stored_stays(value: Any) -> None:
    form = small(GONE, NAME)
    found = judged(form, {"f_name": "王"}, current={"f_gone": value})
    assert found.values["f_gone"] == value and "f_gone" not in found.changed
    field = form.fields["f_gone"]
    assert field.type.cell_in(field, field.type.cell_out(field, value, "zh-CN", PORTS), PORTS) == value
    assert field.type.clean(field, value, Asking(ENV, PORTS)) == value


def test_nobody_may_send_an_answer_to_it() -> None:
    form = small(GONE, NAME)
    for sent in ({"date": "2026-11-06"}, None, ""):
        found = judged(form, {"f_gone": sent}, current={"f_gone": STORED})
        assert codes(found) == {"f_gone": "field_readonly"} and found.values["f_gone"] == STORED


def test_rules_neither_hide_it_nor_stop_anybody_for_it() -> None:
    acts = [{"do": do, "target": "f_gone", **more} for do, more in (
        ("show", {}), ("require", {}), ("readonly", {}), ("set", {"value": 5}), ("options", {"options": ["o_a"]}),
        ("error", {"message": "不行"}))]
    rules = [{"id": f"r_{n}", "when": {"ref": "form.f_name", "op": "eq", "value": "王"}, "then": [act]}
             for n, act in enumerate(acts)]
    rules.append({"id": "r_s", "when": {"ref": "form.f_name", "op": "eq", "value": "李"},
                  "then": [{"do": "show", "target": "s_more"}, {"do": "require", "target": "f_name"}]})
    form = small({**GONE, "section": "s_more", "active": {"from": "2020-01-01", "to": "2020-01-02"}}, NAME, rules=rules,
                 sections=[{"id": "s_more", "title": "更多"}])
    for name in ("王", "李", "赵"):
        found = judged(form, {"f_name": name}, current={"f_gone": STORED})
        assert found.problems == [] and found.dropped == [] and found.values["f_gone"] == STORED


def test_what_reads_it_works_on_as_far_as_it_can() -> None:
    """Equal is equal, whatever the type was; what cannot be told does what docs/forms.md says: it shows, or nothing."""
    fields = [{"id": f"f_{n}", "type": "text"} for n in "abcd"]
    asks: list[dict[str, Any]] = [
        {"ref": "form.f_gone.slot", "op": "eq", "value": "09:00-10:30"}, {"ref": "form.f_gone", "op": "not_empty"},
        {"ref": "form.f_gone.date", "op": "lt", "value": {"rel": "today"}},
        {"ref": "form.f_gone", "op": "eq", "value": "x"}]
    rules = [{"id": f"r_{n}", "when": ask, "then": [{"do": "show", "target": f"f_{n}"}]}
             for n, ask in zip("abcd", asks, strict=True)]
    rules.append({"id": "r_e", "when": asks[2], "then": [{"do": "error", "target": "f_name", "message": "不行"}]})
    text = {"id": "f_text", "type": "computed", "result": "text", "formula": "{{form.f_gone.slot}} & \"!\""}
    form = small(GONE, NAME, *fields, text, rules=rules)
    found = judged(form, {"f_name": "王", "f_a": "1", "f_b": "2", "f_c": "3", "f_d": "4"}, current={"f_gone": STORED})
    assert found.problems == []
    assert found.values == {"f_gone": STORED, "f_name": "王", "f_a": "1", "f_b": "2", "f_c": "3",
                            "f_text": "09:00-10:30!"}
    assert found.dropped == ["f_d"]


def test_a_flow_may_ask_for_its_parts() -> None:
    asked = {"when": {"ref": "form.f_gone.date", "op": "not_empty"}}
    assert small(GONE, NAME).types(asked) == {"form.f_gone": "any", "form.f_name": "text", "form.f_gone.date": "any"}
    assert "form.f_trip.nowhere" not in small({"id": "f_trip", "type": "daterange"}).types(
        {"ref": "form.f_trip.nowhere"})


def test_a_table_with_such_a_column_is_only_read() -> None:
    """Its rows have no identity: whoever changed one could not say which of the kept cells belongs to it."""
    table = {"id": "f_rows", "type": "subtable", "fields": [NAME, {"id": "f_cell", "type": "hologram", "label": "图"}],
             "required": True}
    form, rows = small(table), [{"f_name": "a", "f_cell": STORED}, {"f_name": "b"}]
    assert resolve(form, {"*": "required"}) == {"f_rows": "read"}
    found = judged(form, {"f_rows": [{"f_name": "c"}]}, current={"f_rows": rows})
    assert codes(found) == {"f_rows": "field_readonly"} and found.values == {"f_rows": rows}
    for ports, cells in ((PORTS, ["f_name", "f_cell"]), (Visitor(), ["f_name"])):
        (drawn,) = page(form, {"f_rows": rows}, ports).fields()
        assert [[cell.id for cell in row.fields] for row in drawn.rows] == [cells, cells]


def test_a_customer_may_still_be_filled_in_from() -> None:
    fill = {"id": "f_c", "type": "customer", "lookup": {"fill": {"f_gone": "customer.name", "f_name": "customer.name"}}}
    found = judged(small(fill, GONE, NAME), {"f_c": "c_1"}, scope={"customer": {"id": "c_1", "name": "李女士"}})
    assert found.problems == [] and found.values == {"f_c": "c_1", "f_name": "李女士"}


@pytest.mark.parametrize("level", ["edit", "read", "masked"])
def test_colleagues_are_told_and_customers_are_not_bothered(level: str) -> None:
    form = small(GONE, NAME)
    told = [field for field in page(form, {"f_gone": STORED}, PORTS, level).fields() if field.id == "f_gone"]
    assert [(field.type, field.settings, field.value, field.editable) for field in told] == [
        ("unavailable", {"missing": "hologram", "unfit": False}, None, False)]
    assert "2026-11-05" not in str(told[0])
    assert [field.id for field in page(form, {"f_gone": STORED}, Visitor(), level).fields()] == ["f_name"]


def test_publishing_is_refused_with_the_field_and_what_to_do() -> None:
    table = {"id": "f_rows", "type": "subtable", "fields": [{"id": "f_cell", "type": "hologram", "label": "图"}]}
    found = check_form(definition(GONE, table), CATALOG)
    assert [(one.code, one.field, one.where) for one in found] == [
        ("form_type_unknown", "f_gone", "fields[0].type"), ("form_type_unknown", "f_cell", "fields[1].fields[0].type")]
    told = {locale: Finding.as_dict(found[0], locale)["message"] for locale in ("zh", "en")}
    assert all("全息图" in words and "hologram" in words for words in told.values())
    assert "装回" in told["zh"] and "删除" in told["zh"] and "Install" in told["en"] and "remove" in told["en"]
    with pytest.raises(Exception, match="form_invalid"):
        load_form(definition({**GONE, "fields": "no list"}), CATALOG)  # nobody knows what its columns would be
    assert faults(definition({"id": "f_x", "type": "unavailable"})) == {"fields[0].type": "form_type_unknown"}


def test_another_version_of_the_form_takes_it_over_if_it_is_the_same_type() -> None:
    one, same = small(GONE).fields["f_gone"], small({**GONE, "depth": 4}).fields["f_gone"]
    other = small({**GONE, "type": "other"}).fields["f_gone"]
    assert one.type.takes_over(one, same) and not one.type.takes_over(one, other)
    assert not one.type.takes_over(one, replace(one, type=CATALOG.fields.get("text")))


def test_an_upgrade_carries_it_along_or_sets_it_aside_as_it_was() -> None:
    def upgraded(new: Form) -> Upgraded:
        values = {"f_gone": STORED, "f_name": "王"}
        return upgrade(small(GONE, NAME), new, values, past={}, scope={}, env=ENV, ports=PORTS)

    kept = upgraded(small({**GONE, "depth": 4}, NAME, {"id": "f_more", "type": "text"}))
    assert kept.problems == [] and kept.values == {"f_gone": STORED, "f_name": "王"} and kept.retired == {}
    gone = upgraded(small(NAME))
    assert gone.problems == [] and gone.values == {"f_name": "王"} and gone.retired == {"f_gone": STORED}


def test_the_formula_editor_reads_it_too() -> None:
    content, src = definition(GONE, NAME), '{{form.f_gone.slot}} & "!"'
    found = trial.read(content, src, "", CATALOG, nulls_as_zero=False)
    last = trial.steps(content, found, "", CATALOG, {"form": {"f_gone": STORED}, "row": {}}, ENV)[-1]
    assert last.value == "09:00-10:30!"
    with pytest.raises(ExprError):
        trial.read(content, "{{form.f_name.slot}}", "", CATALOG, nulls_as_zero=False)


def test_another_version_of_a_plugin_that_cannot_read_the_form_is_as_good_as_none() -> None:
    catalog = Catalog()
    register(catalog)
    catalog.fields.add("hologram", Rating(), owner="holo")  # wants `max`, and has no parts
    old = definition({"id": "f_gone", "type": "hologram", "depth": 3}, NAME, {
        "id": "f_sum", "type": "computed", "formula": "{{form.f_gone.date}}", "result": "text"})
    form = load_form(old, catalog)
    assert judged(form, {"f_name": "王"}, current={"f_gone": STORED}).values == {
        "f_gone": STORED, "f_name": "王", "f_sum": "2026-11-05"}
    assert form.fields["f_gone"].settings == {"missing": "hologram", "unfit": True}
    assert {finding.code for finding in check_form(old, catalog)} == {"form_key_unknown"}
    fits = load_form(definition({"id": "f_gone", "type": "hologram", "max": 3}, NAME), catalog)
    assert fits.fields["f_gone"].type.type == "rating"
    with pytest.raises(Invalid) as caught:  # what is wrong with the rest of the form is told as ever
        wrong = {"id": "f_n", "type": "number", "label": "n", "step": 0}
        load_form({**old, "fields": [*old["fields"], wrong]}, catalog)
    assert {problem.code for problem in caught.value.problems} == {"form_key_unknown", "form_step"}
