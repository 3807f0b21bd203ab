"""The one checker of forms: for the editor while somebody draws, for publishing, and for the command line.

Errors block publishing, warnings need a look, advice may be passed over. A finding's `where` is a JSON path, `field`
the id of the field it is about, `fix` a repair: `{"label": {locale: text}, "patch": [JSON Patch operations]}`.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Finding, Invalid, Problem
from app.core.expressions import ExprError
from app.forms.advice import advise
from app.forms.describe import label_at
from app.forms.lint import lint, without
from app.forms.paths import field_at, repair
from app.forms.schema import load_form

_SAID = {"form_key_required": "form_setting_missing", "form_key_null": "form_setting_missing",
         "form_key_pattern": "form_setting_pattern"}
_ADD_OPTION = {"id": "o_1", "label": {"zh-CN": "选项 1", "en": "Option 1"}}


def check_form(
    content: Any, catalog: Catalog, published: Any = None, sources: Collection[str] | None = None
) -> list[Finding]:
    """Everything there is to say of a form; whatever `content` is, the answer is findings.

    `published`: the content in force, which locks types and keeps options. `sources`: the company's tables; None = not
    known here, and then not checked.
    """
    try:
        form = load_form(content, catalog, strict=True)
    except Invalid as invalid:
        return [*(_error(problem, content, catalog) for problem in invalid.problems),
                *_despite(invalid, content, catalog)]
    except Problem as problem:
        return [_error(problem, content, catalog)]
    since = list(_since(content, published, catalog)) if published is not None else []
    return [*since, *lint(form, content, sources), *advise(form, content)]


def _despite(invalid: Invalid, content: Any, catalog: Catalog) -> list[Finding]:
    """Advice on a form of which only rules are unfinished."""
    if not all(problem.where.startswith("rules[") for problem in invalid.problems):
        return []
    bare = {**content, "rules": []}
    try:
        return advise(load_form(bare, catalog, strict=True), bare)
    except Problem:
        return []


def _error(problem: Problem, content: Any, catalog: Catalog) -> Finding:
    """A refusal in the words of whoever draws: settings are called what the property panel calls them."""
    code, where, params = problem.code, problem.where, problem.params
    named = label_at(content, where, catalog) if code.startswith("form_key_") else None
    if named:
        code, params = _SAID.get(code, code), {**params, "key": named}
    if isinstance(problem, ExprError):
        code = problem.detail  # what exactly is wrong with the formula, not only of which kind it is
    if code == "form_key_count" and where == "fields" and problem.params.get("count") == 0:
        code = "form_no_fields"
    return Finding("error", code, field=field_at(content, where), where=where, params=params,
                   fix=_repair(problem, content))


def _repair(problem: Problem, content: Any) -> dict[str, Any] | None:
    """What can be done about an error without knowing what its author wanted."""
    code, where = problem.code, problem.where
    place, _, last = where.rpartition(".")
    if code == "form_target_unknown" or (code == "form_option_unknown" and ".then[" in where):
        rule = content["rules"][int(where[6:where.index("]")])]
        if len(rule["then"]) < 2:
            return repair("删掉这条规则", "Remove the rule", ("remove", where.partition(".")[0]))
        return repair("删掉这个动作", "Remove the action", ("remove", place))
    if code == "E_REF" and where.startswith("rules[") and ".when" in where and last == "ref":
        return without(content, place)
    if code == "form_section_unknown":
        return repair("移到第一部分", "Take it out of the section", ("remove", where))
    if code == "form_default_bad" and last == "default":
        return repair("去掉默认值", "Remove the default", ("remove", where))
    if code == "form_field_unknown" and where.startswith("layout."):
        return repair("去掉多余的设置", "Remove the setting", ("remove", where))
    if code == "form_options_none" and last == "options":
        return repair("加一个选项", "Add an option", ("add", f"{where}[0]", _ADD_OPTION))
    if code == "form_key_unknown":
        return repair("去掉多余的设置", "Remove the setting", ("remove", where))
    return None


def _since(content: Mapping[str, Any], published: Mapping[str, Any], catalog: Catalog) -> Iterator[Finding]:
    """What answers that were given before forbid: another type that does not take them over, options that are gone, a
    column that is no column any more."""
    now, before = dict(_fields(content)), dict(_fields(published))
    for key, (old, _, table) in before.items():
        if key not in now:
            continue
        new, where, stands_in = now[key]
        if stands_in != table:
            yield Finding("error", "field_crossed_table", field=key, where=where, params={"label": new["label"]})
        kind, was = catalog.fields.find(new["type"]), catalog.fields.find(old["type"])
        if kind and was and old["type"] in kind.accepts:
            yield Finding("warning", "form_type_converted", field=key, where=f"{where}.type",
                          params={"label": new["label"], "old": dict(was.label), "new": dict(kind.label)})
        elif new["type"] != old["type"]:
            yield Finding("error", "field_type_locked", field=key, where=f"{where}.type",
                          params={"field": key, "old": old["type"], "new": new["type"]},
                          fix=repair("改回原来的类型", "Change it back", ("replace", f"{where}.type", old["type"])))
        if isinstance(new.get("options"), list):
            yield from _gone(new["options"], old.get("options") or [], f"{where}.options", key, new["label"])
    for name, rows in (content.get("option_sets") or {}).items():
        old_rows = (published.get("option_sets") or {}).get(name, [])
        yield from _gone(rows, old_rows, f"option_sets.{name}", "", name)


def _fields(content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Mapping[str, Any], str, str]]]:
    """id → (definition, JSON path, id of the sub-table or "") of every field and column."""
    for index, field in enumerate(content["fields"]):
        yield field["id"], (field, f"fields[{index}]", "")
        for number, column in enumerate(field.get("fields", ())):
            yield column["id"], (column, f"fields[{index}].fields[{number}]", field["id"])


def _gone(rows: list[Any], old_rows: list[Any], where: str, field: str, label: Any) -> Iterator[Finding]:
    kept = {row["id"] for row in rows}
    for row in old_rows:
        if row["id"] not in kept:
            yield Finding("warning", "form_option_removed", field=field, where=where,
                          params={"label": label, "option": row["label"]},
                          fix=repair("改为停用", "Archive it instead",
                                     ("add", f"{where}[{len(rows)}]", {**row, "archived": True})))
