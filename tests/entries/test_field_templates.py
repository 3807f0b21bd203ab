"""What every field's template must keep; a new type, a plugin's too, is tested by being registered."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask, render_template_string
from lxml import html
from werkzeug.datastructures import MultiDict

from app import create_app
from app.core.errors import Problem
from app.forms.access import resolve
from app.forms.base import FieldType
from app.forms.schema import Form
from app.forms.validate import read_posted
from app.settings import load
from tests.conftest import SECRET, close
from tests.forms.kit import CATALOG, complaint, drawn, judged, sample_field, small

KINDS = [kind for _, kind in CATALOG.fields.items()]
PAGE = """{% import "form/macros.html" as form with context %}<form>{{ form.summary(view.problems) }}
{% for section in view.sections %}{{ form.section(section, "/u/") }}{% endfor %}
{{ form.answers(view.fields(), "/u/") if answers }}</form>"""
OTHER = {"id": "f_other", "type": "text", "label": "另一个"}
EVIL = '"><img src=x onerror=alert(1)>'
Draw = Callable[..., html.HtmlElement]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that never asks its database."""
    app = create_app(load({}, env="test", instance_dir=tmp_path_factory.mktemp("bare"), secret_key=SECRET))
    yield app
    close(app)


@pytest.fixture
def draw(bare: Flask) -> Draw:
    """The page of a form, parsed."""

    def page(form: Form, values: Mapping[str, Any], *, answers: bool = False, **more: Any) -> html.HtmlElement:
        with bare.test_request_context("/?lang=zh"):
            found = html.fromstring(render_template_string(PAGE, view=drawn(form, values, **more), answers=answers))
        ids = [node.get("id") for node in found.iter() if node.get("id")]
        assert len(ids) == len(set(ids)), "an id stands twice on the page"
        return found

    return page


def posted(page: html.HtmlElement) -> MultiDict[str, str]:
    """What a browser would send. (lxml says "on" for a ticked control whose value is empty.)"""
    empty = set(page.xpath(".//input[@checked and @value='']/@name"))
    return MultiDict((name, "" if value == "on" and name in empty else value) for name, value in page.form_values())


def markup(page: html.HtmlElement) -> str:
    return html.tostring(page, encoding="unicode")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
class TestEveryType:
    def test_it_is_drawn_with_its_label_at_every_level(self, kind: FieldType, draw: Draw) -> None:
        form = small({**sample_field(kind), "hint": "一句提示"})
        sample = {"f_it": judged(form, {"f_it": kind.sample(form.fields["f_it"])}).values["f_it"] if kind.asked
                  else kind.sample(form.fields["f_it"])}
        for level in ("edit", "required"):
            page = draw(small({**sample_field(kind), "hint": "一句提示"}, OTHER), sample, spec={"*": level})
            assert ("字段" in page.text_content()) == (kind.asked or kind.stands)
            assert not kind.asked or "一句提示" in page.text_content()
        shown = draw(form, sample, spec={"*": "read"}, answers=True)
        assert "字段" in shown.text_content()
        assert not shown.xpath(".//input[not(@type='hidden')] | .//select | .//textarea")
        assert draw(form, {}, spec={"*": "edit"}) is not None

    def test_every_control_has_a_name_that_people_hear(self, kind: FieldType, draw: Draw) -> None:
        page = draw(small(sample_field(kind)), {})
        for control in page.xpath(".//input[not(@type='hidden')] | .//select | .//textarea"):
            named = control.get("aria-label") or page.xpath(f".//label[@for='{control.get('id')}']")
            assert len(named) or control.xpath("ancestor::label"), markup(control)

    def test_what_the_page_sends_is_what_it_was_given(self, kind: FieldType, draw: Draw) -> None:
        form = small(sample_field(kind))
        before = judged(form, {"f_it": kind.sample(form.fields["f_it"])} if kind.asked else {}).values
        page = draw(form, before)
        sent = read_posted(form, posted(page), resolve(form, {"*": "edit"}))
        after = judged(form, sent, current=before)
        assert after.problems == [] and after.values == before

    def test_a_problem_stands_at_the_field_and_its_link_leads_there(self, kind: FieldType, draw: Draw) -> None:
        if not kind.asked:
            return
        form = small(sample_field(kind))
        page = draw(form, {}, problems=[Problem("answer_required", where="f_it", label="字段")])
        (link,) = page.xpath(".//*[@id='problems']//a")
        assert page.get_element_by_id(link.get("href")[1:]) is not None
        box = page.get_element_by_id("f_it-err")
        assert box.text_content().strip()
        described = " ".join(page.xpath(".//@aria-describedby"))
        assert "f_it-err" in described.split()

    def test_nothing_in_a_definition_is_markup(self, kind: FieldType, draw: Draw) -> None:
        given = {**sample_field(kind), "label": EVIL, "hint": EVIL}
        if "options" in given:
            given["options"] = [{"id": "o_a", "label": EVIL}, {"id": "o_b", "label": EVIL}]
        if "fields" in given:
            given["fields"] = [{"id": "f_cell", "type": "text", "label": EVIL}]
        form = small(given, title=EVIL)
        sample = judged(form, {"f_it": kind.sample(form.fields["f_it"])} if kind.asked else {}).values
        for spec in ("edit", "read", "masked"):
            page = draw(form, sample, spec={"*": spec}, answers=True,
                        problems=[Problem("answer_required", where="f_it", label=EVIL)])
            assert not page.xpath(".//img[@src='x'] | .//@onerror")
            words = "".join([*page.itertext(), *page.xpath(".//@label | .//@aria-label")])
            assert not kind.asked or EVIL in words


def test_the_whole_example_round_trips(draw: Draw) -> None:
    form = small(*complaint()["fields"], **{key: complaint()[key] for key in ("option_sets", "sections", "rules")})
    given = {
        "f_phone": "13800001111", "f_store": "st_1", "f_kind": "o_food", "f_item": "o_fb", "f_body": "第一行\n第二行",
        "f_hurt": ["o_sick", "o_money"], "f_star": "4", "f_photos": ["p1", "p2"], "f_ok": True,
        "f_items": [{"f_dish": "鱼", "f_price": "38.5", "f_qty": "2"}, {"f_dish": "虾", "f_price": "1,000"}],
        "f_where": {"lat": "30.25", "lng": "120.16", "text": "湖滨"},
    }
    before = judged(form, given)
    assert before.problems == []
    page = draw(form, before.values)
    access = resolve(form, {"*": "edit"})
    sent = read_posted(form, posted(page), access)
    after = judged(form, sent, current=before.values)
    assert after.problems == [] and after.changed == {}
    assert [group.get("label") for group in page.xpath(".//select[@id='f_item']/optgroup")] == ["菜品", "服务"]
