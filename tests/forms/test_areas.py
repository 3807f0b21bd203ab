"""The list of regions: whole, numbered by the standard, and found again by its names."""
from __future__ import annotations

import pytest

from app.forms import areas
from app.forms.areas import AREAS, PROVINCES


def test_every_area_hangs_below_a_province_under_a_code_of_six_digits() -> None:
    assert {code for code, area in AREAS.items() if area.level == 1} == set(PROVINCES)
    assert len(AREAS) > 3000
    for code, area in AREAS.items():
        assert code == area.code and len(code) == 6 and code.isascii() and code.isdigit(), area
        assert areas.path(code)[0].code == f"{code[:2]}0000" and len(areas.path(code)) == area.level <= 3
        assert all(AREAS[child].parent == code for child in area.children)


def test_provinces_carry_the_names_of_the_list() -> None:
    assert all(AREAS[code].name == words["zh"] for code, words in PROVINCES.items())


@pytest.mark.parametrize(("code", "words"), [
    ("330106", "浙江省 杭州市 西湖区"), ("330100", "浙江省 杭州市"), ("110101", "北京市 东城区"),
    ("441900", "广东省 东莞市"),
    ("469023", "海南省 澄迈县"), ("810000", "香港特别行政区"), ("710000", "台湾省"),
    ("500105", "重庆市 500105"), ("999999", "999999"), ("", ""),
])
def test_words(code: str, words: str) -> None:
    assert areas.words(code) == words


def test_every_area_is_found_by_its_words() -> None:
    for code in AREAS:
        assert areas.find(areas.words(code)) == (code, "")
    assert areas.find("浙江省杭州市西湖区文三路 1 号") == ("330106", "文三路 1 号")
    assert areas.find("文三路 1 号") == ("", "文三路 1 号")


def test_what_a_browser_reads_of_a_province() -> None:
    found = areas.below("330000")
    assert found is not None
    hangzhou = next(row for row in found if row[0] == "330100")
    assert hangzhou[1] == "杭州市" and ["330106", "西湖区"] in hangzhou[2]
    assert areas.below("810000") == [] and areas.below("330100") is None and areas.below("x") is None
