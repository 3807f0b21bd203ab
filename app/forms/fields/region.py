"""A province, city and county, chosen step by step and stored as one code."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem
from app.forms import areas, base
from app.forms.areas import AREAS
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names, ui
from app.forms.keys import Each, Int, Str

PARTS = ("p", "c", "d")  # names of the three lists, from the province down


class Settings(base.Settings):
    level = Int(min=2, max=3, load_default=3,
                metadata=ui("精确到第几级（2 市，3 区县）", "Levels (2 city, 3 county)", "number"))
    provinces = Each(Str(choices=areas.PROVINCES), most=len(areas.PROVINCES), load_default=list,
                     metadata=ui("可选省份（不选即全部）", "Provinces (none: all)", "multiselect",
                                 options=areas.PROVINCES))


class Region(FieldType):
    type = "region"
    label = names("省市区", "Region")
    group = "contact"
    icon = "region"
    operators = ("eq", "ne", "in", "not_in", "starts", "empty", "not_empty")
    in_rows = False
    coded = True
    Settings = Settings

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        return {**settings, "edition": areas.EDITION}

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        return check(field, raw, asking.current, asking.require)

    def offer(self, field: Field, value: Any, ports: FormPorts) -> Sequence[Mapping[str, Any]]:
        return offer(field, value)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return areas.words(str(value))

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return mask(str(value))

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        code, rest = areas.find(cell)
        return cell.strip() if rest else code

    def sample(self, field: Field) -> Any:
        return sample(field)

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        return chosen(posted, name)


def check(field: Field, raw: Any, current: Any, require: bool) -> str:
    """The code, if it may be answered and is as precise as the field asks (a draft need not be). Raises Problem."""
    if not isinstance(raw, str) or not 0 < len(raw) <= 20:
        raise Problem("answer_not_region")
    if raw == current:
        return raw  # also where the area was abolished since
    area = AREAS.get(raw)
    provinces = field.settings["provinces"]
    if area is None or area.level > field.settings["level"]:
        raise Problem("answer_not_region")
    if provinces and areas.path(raw)[0].code not in provinces:
        raise Problem("answer_region_elsewhere", region=areas.path(raw)[0].name)
    if require and area.level < field.settings["level"] and area.children:
        raise Problem("answer_region_above", region=area.name)
    return raw


def offer(field: Field, value: Any) -> list[Mapping[str, Any]]:
    """The lists as far as the choice made so far opens them: {"id", "name", "parent"} in order."""
    steps = areas.path(value) if isinstance(value, str) else ()
    lists = [("", field.settings["provinces"] or areas.PROVINCES)]
    lists += [(step.code, step.children) for step in steps[:field.settings["level"] - 1]]
    return [{"id": code, "name": AREAS[code].name, "parent": parent, "chosen": AREAS[code] in steps}
            for parent, codes in lists for code in codes]


def mask(code: str) -> str:
    """Only the province."""
    steps = areas.path(code)
    return f"{steps[0].name} ****" if steps else "****"


def sample(field: Field) -> str:
    """The first that is precise enough."""
    code: str = (field.settings["provinces"] or ["330000"])[0]
    while AREAS[code].level < field.settings["level"] and AREAS[code].children:
        code = AREAS[code].children[0]
    return code


def chosen(posted: Posted, name: str) -> str | None:
    """The most precise choice of the three lists; one that does not lie below the choice above it is an old page's."""
    found = ""
    for part in PARTS:
        code = (posted.getlist(f"{name}.{part}") or [""])[0]
        if code in AREAS and AREAS[code].parent != found:
            break
        if code:
            found = code
        if code not in AREAS:
            break
    return found or None
