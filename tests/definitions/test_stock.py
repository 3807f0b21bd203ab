"""The stock flow is a flow like any other: it passes the checks with every form of the library, and can be played."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.flows import cli
from app.core.errors import Problem
from app.core.principal import SYSTEM
from app.definitions import service, stock
from app.definitions.models import Definition
from app.definitions.templates import templates
from app.extensions import db
from app.flows.checks.facts import Known

NOW = 1_700_000_000_000
KNOWN = Known(roles={"boss": 1, "nobody": 0})
FORM = {"schema": "danflow/form/1", "key": "booking", "locale": "zh-CN",
        "title": {"zh-CN": "宴会预订单", "en": "Banquet"},
        "fields": [{"id": "f_name", "type": "text", "label": "姓名", "required": True}]}


@pytest.mark.parametrize("key", [one.key for one in templates()])
def test_it_passes_the_checks_with_every_template(tmp_path: Path, key: str) -> None:
    form = next(one.content for one in templates() if one.key == key)
    staff = [field["id"] for field in form["fields"] if field["type"] in ("person", "customer")]
    flow = stock.stock_flow(key, key, form["title"], {"role": "boss"}, staff)
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    (tmp_path / "form.json").write_text(json.dumps(form))
    done = CliRunner().invoke(cli, ["check", str(tmp_path / "flow.json"), "--form", str(tmp_path / "form.json")])
    assert done.exit_code == 0, done.output


def publish(form: dict[str, object]) -> None:
    service.save_draft("form", str(form["key"]), form, 0, actor=SYSTEM, now=NOW)
    service.publish("form", str(form["key"]), actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("inside")
def test_the_type_is_named_as_its_form_and_nothing_is_kept_before_the_commit() -> None:
    publish(FORM)
    made = stock.make("booking", {"role": "boss"}, [], actor=SYSTEM, now=NOW, known=KNOWN)
    assert service.bundle(made.version_id).ticket_type["name"] == FORM["title"]
    db.session.rollback()
    assert service.list_definitions("flow") == [] and service.list_definitions("ticket_type") == []


@pytest.mark.usefixtures("inside")
def test_what_the_checks_refuse_is_refused() -> None:
    publish(FORM)
    with pytest.raises(service.PublishBlocked) as blocked:
        stock.make("booking", {"role": "nobody"}, [], actor=SYSTEM, now=NOW, known=KNOWN)
    assert [found.code for found in blocked.value.findings if found.level == "error"] == ["check_empty_role"]
    with pytest.raises(Problem, match="not_published"):
        service.save_draft("form", "other", {**FORM, "key": "other"}, 0, actor=SYSTEM, now=NOW)
        stock.make("other", {"role": "boss"}, [], actor=SYSTEM, now=NOW, known=KNOWN)


@pytest.mark.usefixtures("inside")
def test_a_key_that_is_taken_gets_a_number() -> None:
    publish(FORM)
    db.session.add(Definition(id="x", kind="flow", key="booking", title="x", draft={}, rev=1, current_version=0,
                              updated_at=NOW, updated_by="x"))
    assert stock.make("booking", {"role": "boss"}, [], actor=SYSTEM, now=NOW, known=KNOWN).key == "booking_2"
