"""Spreadsheets of others: what is read, what is refused unread, and that nothing in them is taken for a formula."""
from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from app import sheets
from app.core.errors import Problem, TooLarge
from app.sheets import read, write_csv

ROWS: list[list[Any]] = [
    ["编号", "名称", "价格", "日期"], ["S1", "杭州店", 12.5, date(2026, 9, 1)], [],
    ["S2", True, 3, datetime.combine(date(2026, 9, 1), time(8, 30))],
]


def xlsx(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, text: str) -> bytes:
    """The same workbook with one part replaced."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return out.getvalue()


def refusal(data: bytes, name: str = "x.xlsx", most: int = 100) -> str:
    with pytest.raises(Problem) as caught:
        read(data, name, most=most)
    return caught.value.code


def test_a_workbook_gives_its_cells_as_people_would_type_them() -> None:
    sheet = read(xlsx(ROWS), "店.xlsx", most=2)
    assert sheet.header == ["编号", "名称", "价格", "日期"]
    assert sheet.lines == [(2, ["S1", "杭州店", "12.5", "2026-09-01"]), (4, ["S2", "TRUE", "3", "2026-09-01 08:30"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_text_file_is_read_as_chinese_programs_write_it(encoding: str, mark: str) -> None:
    text = f"编号{mark}名称\r\nS1{mark}\"杭州{mark}店\"\r\n\r\nS2{mark}宁波\r\n"
    sheet = read(text.encode(encoding), "x.CSV", most=9)
    assert (sheet.header, sheet.lines) == (["编号", "名称"], [(2, ["S1", f"杭州{mark}店"]), (4, ["S2", "宁波"])])


def test_a_formula_is_data() -> None:
    book = xlsx([["a", "b"], ["=1+1", "=cmd|' /C calc'!A0"], ["x", "y"]])
    assert read(book, "x.xlsx", most=9).lines == [(3, ["x", "y"])]  # never computed: it has no value yet
    assert read(b"a,b\n=1+1,@x\n", "x.csv", most=9).lines == [(2, ["=1+1", "@x"])]


def test_what_we_write_is_no_formula_and_comes_back_as_it_was() -> None:
    lines = [["a", "b"], ["=HYPERLINK(\"x\")", "+86 138"], ["-12.5", "@x"], ["'y", "12"], ["逗,号", "引\"号"]]
    data = write_csv(lines)
    text = data.decode("utf-8-sig")
    assert "'=HYPERLINK" in text and "'+86" in text and "'@x" in text and "\n-12.5," in text.replace("\r", "")
    assert [cells for _, cells in read(data, "x.csv", most=9).lines] == lines[1:]


def test_limits_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(xlsx([["a"]] + [["x"]] * 101)) == "sheet_rows"
    assert refusal(b"a\n" + b"x\n" * 101, "x.csv") == "sheet_rows"
    assert refusal(b"a" * (sheets.MAX_BYTES + 1), "x.csv") == "sheet_large"
    assert refusal(xlsx([["x"] * 61])) == refusal(("a," * 60 + "b").encode(), "x.csv") == "sheet_columns"
    assert refusal(xlsx([["a"], ["x" * 2001]])) == "sheet_cell"
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 1000)
    assert refusal(xlsx(ROWS)) == "sheet_unpacked"


def test_a_bomb_is_not_unpacked() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (sheets.MAX_UNPACKED + 1))
    with pytest.raises(TooLarge) as caught:
        read(out.getvalue(), "x.xlsx", most=9)
    assert caught.value.code == "sheet_unpacked" and len(out.getvalue()) < 1024 * 1024


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
CELL = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>x</t></is></c></row>'
PART = "xl/worksheets/sheet1.xml"


def test_lines_that_are_far_apart_do_not_keep_us_counting() -> None:
    book = xlsx([["a"]])
    far = changed(book, PART, SHEET.format(CELL.format(1) + CELL.format(1_048_576)))
    assert read(far, "x.xlsx", most=9).lines == [(1_048_576, ["x"])]
    assert refusal(changed(book, PART, SHEET.format(CELL.format(1) + CELL.format(999_999_999_999)))) == "sheet_broken"


def test_entities_are_refused() -> None:
    cell = CELL.format(1).replace(">x<", ">&b;<")
    dtd = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + SHEET.format(cell)
    assert refusal(changed(xlsx([["a"]]), PART, dtd)) == "sheet_broken"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "x.csv", "sheet_empty"), (b"\n\n", "x.csv", "sheet_empty"), (b"PK\x03\x04 no", "x.xlsx", "sheet_broken"),
        (b"\xd0\xcf\x11\xe0 old", "x.xls", "sheet_kind"), (b"%PDF-1.7", "x.pdf", "sheet_kind"),
        (b"a\0b", "x.csv", "sheet_kind"), (b"a,b\n\xff\xff\xff", "x.csv", "sheet_letters"),
        (b'a\n"' + b"x" * 140_000 + b'"', "x.csv", "sheet_broken"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(data: bytes, name: str, code: str) -> None:
    assert refusal(data, name) == code


def test_a_broken_workbook_is_refused_in_words() -> None:
    book = xlsx(ROWS)
    for part in ("xl/workbook.xml", PART, "[Content_Types].xml"):
        assert refusal(changed(book, part, "<nothing/>")) in ("sheet_broken", "sheet_empty")
        assert refusal(changed(book, part, "<not xml")) == "sheet_broken"
