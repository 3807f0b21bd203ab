"""A form definition: measured, read, checked with a JSON path for every fault, compiled once into a frozen Form."""
from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from app.core.catalog import Catalog
from app.core.errors import Invalid, Problem, TooLarge
from app.forms.keys import instance, problems
from app.forms.loader import Form, Loader
from app.forms.shapes import MAX_FIELDS, FormKeys
from app.forms.text import bad_characters

__all__ = ["Form", "check_size", "load_form"]

MAX_BYTES, MAX_DEPTH = 2 * 1024 * 1024, 40


def load_form(data: Any, catalog: Catalog, *, strict: bool = False) -> Form:
    """The form of a definition `danflow/form/1`.

    A field whose type is not installed gets a stand-in that keeps its answers (fields/unavailable.py); `strict`, for
    what is to be published: it is a fault. So does every plugin's field of a form that was published with another
    version of the plugin, which this one cannot read.

    Raises TooLarge (bytes, depth, number of fields) or Invalid with a Problem per fault, `where` = JSON path.
    """
    check_size(data)
    found = list(_unfit(data))
    if found:
        raise Invalid(found, "form_invalid")
    try:
        keys = instance(FormKeys).load(data)
    except ValidationError as error:
        raise Invalid(problems(error.messages, ""), "form_invalid") from None
    try:
        return Loader(keys, catalog, strict=strict).form()
    except Invalid as invalid:
        if strict:
            raise
        try:
            return Loader(keys, catalog, ours=True).form()
        except Invalid:
            raise invalid from None


def check_size(data: Any) -> None:
    """Raises TooLarge with the limit named (bytes, depth, number of fields), or Invalid for what is no JSON object."""
    if not isinstance(data, dict):
        raise Invalid([Problem("form_key_object")], "form_invalid")
    if _depth(data) > MAX_DEPTH:
        raise TooLarge("form_too_deep", max=MAX_DEPTH)
    try:
        size = len(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError):
        raise Invalid([Problem("form_not_json")], "form_invalid") from None
    if size > MAX_BYTES:
        raise TooLarge("form_too_large", max_mb=MAX_BYTES // 1024 // 1024)
    fields = data.get("fields")
    if isinstance(fields, list):
        count = len(fields) + sum(len(field["fields"]) for field in fields
                                  if isinstance(field, dict) and isinstance(field.get("fields"), list))
        if count > MAX_FIELDS:
            raise TooLarge("form_too_many_fields", where="fields", max=MAX_FIELDS, count=count)


def _depth(data: Any) -> int:
    """Levels of nesting, counted without recursion and no further than MAX_DEPTH + 1."""
    level, depth = [data], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for item in level
                 for inner in (item.values() if isinstance(item, dict) else item) if isinstance(inner, (dict, list))]
    return depth


def _unfit(data: Any, where: str = "") -> Iterator[Problem]:
    """Characters and numbers that no definition needs, with their place. Depth is bounded before."""
    if isinstance(data, str):
        if bad_characters(data):
            yield Problem("form_bad_characters", where=where)
    elif isinstance(data, float):
        if not math.isfinite(data):
            yield Problem("form_key_number", where=where, key=where)
    elif isinstance(data, dict):
        for key, inner in data.items():
            if not isinstance(key, str) or bad_characters(key):
                yield Problem("form_bad_characters", where=where)
            else:
                yield from _unfit(inner, f"{where}.{key[:60]}" if where else key[:60])
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from _unfit(inner, f"{where}[{index}]")
