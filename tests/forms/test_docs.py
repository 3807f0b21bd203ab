"""The page for authors names every field type, and none that does not exist."""
from __future__ import annotations

import re
from pathlib import Path

from tests.forms.kit import CATALOG

PAGE = Path(__file__).parents[2] / "docs" / "forms.md"


def test_the_table_of_types_is_complete() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("### Types")[2].partition("\n\n| type |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE)
    told = [name for row in rows for name in row.split(", ")]
    assert sorted(told) == sorted(key for key in CATALOG.fields if CATALOG.fields.owner(key) == "core")
    assert len(told) == 36
