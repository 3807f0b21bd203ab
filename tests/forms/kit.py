"""What the form tests share: a catalogue, ports over plain dicts, small forms."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app import plugins
from app.core.catalog import Catalog
from app.core.errors import Invalid, Problem
from app.core.expressions import Env
from app.forms.access import NOBODY, Reader, resolve
from app.forms.base import FieldType
from app.forms.fields import register
from app.forms.fields.lookup import matching
from app.forms.schema import Form, load_form
from app.forms.validate import Judged, judge
from app.forms.view import FormView, build
from app.settings import ROOT

DATA = Path(__file__).parents[1] / "data"
NOW = 1_793_581_200_000  # 2026-11-02T01:00:00Z, 09:00 in Shanghai
ENV = Env(NOW, [[0, 480]])
CATALOG = Catalog()
register(CATALOG)
PLUGINS = plugins.load(ROOT / "plugins", CATALOG)


class Ports:
    """Every store "st_…", every customer "c_…", every file but "lost"; "huge" is big."""

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        return {"id": row_id, "name": f"门店 {row_id}"} if row_id.startswith(("st_", "sample")) else None

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        kinds = {item: next((kind for kind in ("media", "file") if item.endswith(kind)), "image") for item in ids}
        return {item: {"kind": kinds[item], "size": 20 * 1024 * 1024 if item == "huge" else 1000, "mime": "",
                       "name": f"{item}.jpg", "field": "", "ms": None} for item in ids if item != "lost"}

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        return ({"id": customer_id, "name": "李女士", "level": "VIP"}
                if customer_id.startswith(("c_", "sample")) else None)

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]]:
        rows = [{"id": name, "name": f"门店 {name}"} for name in ("st_1", "st_2", "sample")]
        return matching(rows, words) if words else rows

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        found = {row["id"]: {**row, "active": True} for row in self.people(roles, department)}
        left = {"id": "p_left", "name": "赵离职", "active": False}
        return found.get(person_id, left if person_id == "p_left" else None)

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        staff = [{"id": "p_li", "name": "李客服"}, {"id": "p_wang", "name": "王店长"}, {"id": "sample", "name": "样例"}]
        return [row for row in staff if not roles or row["id"] == "p_wang"]

    def me(self) -> str | None:
        return "p_li"


PORTS = Ports()


class Posted(dict[str, list[str]]):
    """The controls of a page, as werkzeug's MultiDict gives them."""

    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])


def complaint() -> dict[str, Any]:
    """The example's definition, fresh."""
    data: dict[str, Any] = json.loads((DATA / "complaint.form.json").read_text(encoding="utf-8"))
    return data


def definition(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A small definition; labels are the ids where none is given."""
    return {"schema": "danflow/form/1", "key": "small", "title": "小表单",
            "fields": [{"label": field["id"], **field} for field in fields], **more}


def small(*fields: dict[str, Any], **more: Any) -> Form:
    """The form of such a definition."""
    return load_form(definition(*fields, **more), CATALOG)


def faults(data: Any) -> dict[str, str]:
    """`where` → code of what is wrong with a definition."""
    try:
        load_form(data, CATALOG, strict=True)
    except Invalid as invalid:
        return {problem.where: problem.code for problem in invalid.problems}
    return {}


def judged(form: Form, submitted: Any, *, spec: Mapping[str, str] | None = None,
           current: Mapping[str, Any] | None = None, scope: Mapping[str, Any] | None = None, env: Env = ENV,
           require: bool = True) -> Judged:
    """Judge with everything editable unless a spec says otherwise."""
    return judge(form, submitted, access=resolve(form, spec or {"*": "edit"}), current=current or {},
                 scope=scope or {}, env=env, ports=PORTS, require=require)


def codes(found: Judged) -> dict[str, str]:
    """`where` → code of a verdict's problems."""
    return {problem.where: problem.code for problem in found.problems}


def drawn(form: Form, values: Mapping[str, Any], *, spec: Mapping[str, str] | None = None, locale: str = "zh-CN",
          problems: Sequence[Problem] = (), scope: Mapping[str, Any] | None = None, env: Env = ENV,
          reader: Reader = NOBODY) -> FormView:
    """The page of a person who may edit everything, unless a spec says otherwise."""
    return build(form, values, access=resolve(form, spec or {"*": "edit"}), env=env, scope=scope or {}, locale=locale,
                 problems=problems, ports=PORTS, reader=reader)


def sample_field(kind: FieldType) -> dict[str, Any]:
    """A minimal field of any registered type, from what its settings require."""
    extra: dict[str, dict[str, Any]] = {
        "subtable": {"fields": [{"id": "f_cell", "type": "text", "label": "列"}]},
        "computed": {"formula": "1 + 1"}, "consent": {"policy": {"doc": "privacy", "version": "1"}},
        "reference": {"source": "stores"}, "notice": {"text": "一句说明"}, "hidden": {"from": "link.order_no"},
    }
    needs_options = "options" in kind.Settings().fields
    needed = [setting.data_key or name for name, setting in kind.Settings().fields.items() if setting.required]
    starter = {key: value for key, value in kind.starter().items() if key in needed}
    options = {"options": [{"id": "o_a", "label": {"zh-CN": "甲", "en": "A"}}, {"id": "o_b", "label": "乙"}]}
    return {"id": "f_it", "type": kind.type, "label": {"zh-CN": "字段", "en": "Field"},
            **starter, **(options if needs_options else {}), **extra.get(kind.type, {})}
