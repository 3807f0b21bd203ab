"""What every registered field type must keep; a new type, a plugin's too, is tested by being registered."""
from __future__ import annotations

from pathlib import Path

import pytest

from app.core.catalog import Catalog
from app.core.errors import Problem
from app.core.expressions import OPERATORS
from app.core.expressions.values import READERS
from app.forms.base import Asking, Field, FieldType, Settings
from app.forms.keys import instance
from tests.forms.kit import CATALOG, ENV, PLUGINS, PORTS, Posted, definition, faults, judged, sample_field, small

KINDS = [kind for _, kind in CATALOG.fields.items()]
TEMPLATES = Path(__file__).parents[3] / "app" / "templates" / "fields"
pytestmark = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)


def the(kind: FieldType) -> Field:
    return small(sample_field(kind)).fields["f_it"]


def asking(field: Field) -> Asking:
    return Asking(ENV, PORTS, None, field.type.allowed(field, None))


def test_is_named_in_both_languages(kind: FieldType) -> None:
    assert kind.label["zh"] and kind.label["en"]
    assert any("\u4e00" <= char <= "\u9fff" for char in kind.label["zh"])
    assert kind.label["en"].isascii()


def test_every_setting_is_labelled_for_the_panel(kind: FieldType) -> None:
    assert issubclass(kind.Settings, Settings)
    for name, setting in instance(kind.Settings).fields.items():
        assert setting.metadata.get("widget"), name
        assert set(setting.metadata["label"]) == {"zh", "en"}, name
        assert all(setting.metadata["label"].values()), name


def test_unknown_setting_is_refused_by_name(kind: FieldType) -> None:
    assert faults(definition({**sample_field(kind), "surprise": 1})) == {"fields[0].surprise": "form_key_unknown"}


def test_value_type_is_one_that_expressions_read(kind: FieldType) -> None:
    field = the(kind)
    assert field.value_type in READERS
    assert set(kind.operators) <= {op for ops in OPERATORS.values() for op in ops}
    if field.value_type != "any" and kind.type != "computed":
        assert set(kind.operators) <= set(OPERATORS[field.value_type])


def test_sample_is_accepted_and_cleaning_is_stable(kind: FieldType) -> None:
    field = the(kind)
    if kind.asked:
        stored = kind.clean(field, kind.sample(field), asking(field))
        assert stored not in (None, "", [], {})
        assert kind.clean(field, stored, asking(field)) == stored


def test_sample_is_stored_by_a_form(kind: FieldType) -> None:
    form = small(sample_field(kind))
    if kind.asked:
        found = judged(form, {"f_it": kind.sample(form.fields["f_it"])})
        assert not found.problems
        assert "f_it" in found.values


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_shows_and_masks_in_words(kind: FieldType, locale: str) -> None:
    field = the(kind)
    value = kind.clean(field, kind.sample(field), asking(field)) if kind.asked else kind.sample(field)
    shown, masked = field.shown(value, locale, PORTS), field.masked(value, locale, PORTS)
    assert isinstance(shown, str) and shown and "\n" not in shown
    assert isinstance(masked, str) and masked


def test_survives_a_spreadsheet(kind: FieldType) -> None:
    field = the(kind)
    if kind.asked:
        stored = kind.clean(field, kind.sample(field), asking(field))
        for locale in ("zh-CN", "en"):
            cell = kind.cell_out(field, stored, locale, PORTS)
            assert isinstance(cell, str)
            assert kind.clean(field, kind.cell_in(field, cell, PORTS), asking(field)) == stored


def test_nothing_posted_means_empty(kind: FieldType) -> None:
    field = the(kind)
    if kind.asked:
        assert kind.from_form(field, Posted(), "f_it") is None


@pytest.mark.parametrize("raw", [
    True, 0, -1, 1.5, float("nan"), float("inf"), 10**400, 10**5000, "", " ", "\x00", "\ud800", "\u202ex",
    "x" * 100_000, [], [[]], [None], [{}], [[[[1]]]], {}, {"a": {"b": 1}}, {"": ""}, None, ["o_a", 1], [{"f_cell": {}}],
    {"lat": [], "lng": {}}, {"lat": "91", "lng": "0"}, {"lat": 1}, "1e400", "-0", "０", "o_a", b"bytes",
    (1,), {"accepted": 1},
], ids=lambda raw: ascii(raw)[:30] if raw != 10**5000 else "10**5000")
def test_any_json_is_judged_without_an_accident(kind: FieldType, raw: object) -> None:
    form = small(sample_field(kind))
    if kind.asked:
        found = judged(form, {"f_it": raw})
        assert all(isinstance(problem.message(locale), str) for problem in found.problems for locale in ("zh", "en"))
        if not found.problems and found.values:
            assert judged(form, {"f_it": found.values["f_it"]}, current=found.values).values == found.values


def test_has_a_template(kind: FieldType) -> None:
    name = f"fields/{kind.type}.html"
    brought = next((plugin.templates[name] for plugin in PLUGINS if name in plugin.templates), None)
    template = (brought or TEMPLATES / f"{kind.type}.html").read_text(encoding="utf-8")
    assert "macro edit(f, at)" in template and "macro read(f, at)" in template


def test_where_it_may_be_a_column(kind: FieldType) -> None:
    table = {"id": "f_rows", "type": "subtable", "fields": [sample_field(kind)]}
    if kind.in_rows:
        assert small(table).fields["f_rows"].columns["f_it"].type is kind
    else:
        assert faults(definition(table)) == {"fields[0].fields[0].type": "form_type_not_in_rows"}


def test_is_registered_once(kind: FieldType) -> None:
    catalog = Catalog()
    catalog.fields.add(kind.type, kind)
    with pytest.raises(Problem) as caught:
        catalog.fields.add(kind.type, kind)
    assert caught.value.code == "catalog_duplicate"
