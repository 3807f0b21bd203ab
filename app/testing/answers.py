"""A field of somebody's own type: one answer to it, and the contract."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Invalid
from app.core.expressions import Env
from app.flows.sandbox import SandboxPorts, SandboxWorld
from app.flows.scenario import Org
from app.forms.access import resolve
from app.forms.base import FieldType
from app.forms.schema import Form, load_form
from app.forms.validate import judge
from app.plugins.fields import SORT
from app.testing.steps import NOW, readable

LOCALES = ("zh", "en")
IT = "f_it"
#: What anybody may send instead of an answer.
STRANGE: tuple[Any, ...] = (
    True, 0, -1, 1.5, 10**400, "", " ", "\x00", "\u202ex", "x" * 100_000, [], [[]], [None], [{}], {}, {"a": {"b": 1}},
    {"": ""}, None, ["o_a", 1], "1e400", "-0", "０",
)


@dataclass(frozen=True)
class Filled:
    """What came of one answer. `value`: as it is stored (None: nothing, or refused); `refused`: the refusal's code, ""
    if there is none; `words`: the value, or else the refusal, as people read it, by language ("zh", "en"); `cell`: the
    value in a spreadsheet."""

    value: Any
    refused: str
    words: Mapping[str, str]
    cell: str


class _Page(dict[str, list[str]]):
    """What a page sends, as Posted."""

    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])


def fill(kind: type[FieldType], settings: Mapping[str, Any], raw: Any = None, *,
         posted: Mapping[str, str] | None = None, cell: str | None = None, before: Any = None, now: int = NOW,
         org: Mapping[str, Any] | None = None) -> Filled:
    """Answer a field with these settings: with `raw`, the JSON that a program sends; or as a page does it, `posted`
    by the name of the control behind that of the field ({"": "x"}, {".date": "2026-05-01"}); or with the text of a
    spreadsheet's cell.

    `before`: what is stored there already. `org`: rows of tables and people, as in scenarios. AssertionError: settings
    that are refused, where and why.
    """
    form = _form(kind, settings)
    field = form.fields[IT]
    ports = SandboxPorts(SandboxWorld(Org().load(dict(org or {}))), {})
    if posted is not None:
        raw = field.type.from_form(field, _Page({IT + name: [text] for name, text in posted.items()}), IT)
    elif cell is not None:
        raw = field.type.cell_in(field, cell, ports)
    found = judge(form, {IT: raw}, access=resolve(form, {"*": "edit"}),
                  current={} if before is None else {IT: before}, scope={}, env=Env(now, [[0, 480]]), ports=ports)
    if found.problems:
        problem = found.problems[0]
        return Filled(None, problem.code, {locale: problem.message(locale) for locale in LOCALES}, "")
    value = found.values.get(IT)
    if value is None:
        return Filled(None, "", dict.fromkeys(LOCALES, ""), "")
    shown = {locale: field.shown(value, locale, ports) for locale in LOCALES}
    return Filled(value, "", shown, field.type.cell_out(field, value, "zh-CN", ports))


def assert_field(kind: type[FieldType], *settings: Mapping[str, Any]) -> None:
    """See assert_contract."""
    made: FieldType = SORT.made(kind, Catalog(), "tests")
    for chosen in settings or (made.starter(),):
        for raw in STRANGE:
            found = fill(kind, chosen, raw)
            assert all(found.words[locale] for locale in LOCALES) or found.value is None, f"no words for {raw!r}"
            again = fill(kind, chosen, found.value, before=found.value)
            assert again.value == found.value, f"clean() stores {found.value!r}, and later refuses or changes it"
        assert fill(kind, chosen, posted={}).value is None, "from_form() makes an answer of a page that sends none"


def _form(kind: type[FieldType], settings: Mapping[str, Any]) -> Form:
    catalog = Catalog()
    catalog.fields.add(kind.type, kind())
    drawn = {"id": IT, "type": kind.type, "label": {"zh-CN": "字段", "en": "Field"}, **settings}
    try:
        return load_form({"schema": "danflow/form/1", "key": "tried", "title": "tried", "fields": [drawn]}, catalog)
    except Invalid as refused:
        raise readable(refused, "fields[0]") from None
