"""Layer 3: spreadsheets that people send us and take home. A cell is text: nothing in it is ever computed or run.

Reading is bounded before it begins: bytes, unpacked bytes, rows, columns, length of a cell. Writing guards against
spreadsheet programs that take a cell for a formula.
"""
from __future__ import annotations

import csv
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from app.core.errors import Problem, TooLarge

MB = 1024 * 1024
MAX_BYTES = 10 * MB
MAX_UNPACKED = 64 * MB
MAX_PARTS = 2000
MAX_COLUMNS = 60
MAX_LINES = 1_048_576
MAX_CELL = 2000
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Sheet:
    """The first line that holds something, and the lines below it, each as wide as the heading.

    `lines[i]` is (its number in the file, counted from 1; its cells). Lines without any text are left out.
    """

    header: list[str]
    lines: list[tuple[int, list[str]]]


def read(data: bytes, name: str, *, most: int) -> Sheet:
    """The first sheet of a .xlsx or .csv file, at most `most` lines below the heading. Raises Problem or TooLarge."""
    if len(data) > MAX_BYTES:
        raise TooLarge("sheet_large", where="file", max=MAX_BYTES // MB)
    if not data:
        raise Problem("sheet_empty", where="file")
    rows = _xlsx(data) if data.startswith(b"PK") else _csv(data, name)
    header: list[str] = []
    lines: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise TooLarge("sheet_columns", where="file", max=MAX_COLUMNS, line=number)
        if not header:
            header = cells
            continue
        if len(lines) >= most:
            raise TooLarge("sheet_rows", where="file", max=most)
        lines.append((number, cells))
    if not header:
        raise Problem("sheet_empty", where="file")
    width = max([len(header), *(len(cells) for _, cells in lines)])
    header += [""] * (width - len(header))
    return Sheet(header, [(number, cells + [""] * (width - len(cells))) for number, cells in lines])


def _csv(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    if not name.lower().endswith((".csv", ".txt")) or b"\0" in data:
        raise Problem("sheet_kind", where="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what Excel writes on a Chinese Windows
        except UnicodeDecodeError:
            raise Problem("sheet_letters", where="file") from None
    first = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        for cells in reader:
            yield reader.line_num, [_unguarded(_fit(cell, reader.line_num)) for cell in cells]
    except csv.Error:
        raise Problem("sheet_broken", where="file") from None


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
        # A part is never unpacked beyond the size that the directory gives: zipfile stops there.
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise TooLarge("sheet_unpacked", where="file", max=MAX_UNPACKED // MB)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells of drawings and rules that it leaves out; only cells matter here
            book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                yield from _lines(book)
            finally:
                book.close()
    except Problem:
        raise
    except (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, SyntaxError, KeyError, ValueError, TypeError,
            AttributeError, IndexError, OSError, NotImplementedError, EOFError, OverflowError):
        # What a broken or hostile file makes the library say; parsers of XML call its faults SyntaxError.
        raise Problem("sheet_broken", where="file") from None


def _lines(book: Any) -> Iterator[tuple[int, list[str]]]:
    if not book.worksheets:
        raise Problem("sheet_empty", where="file")
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), 1):
        if number > MAX_LINES:  # no program writes more; a file that says so would keep us counting
            raise Problem("sheet_broken", where="file")
        if row.count(None) < len(row):
            yield number, [_fit(_words(value), number) for value in row]


def _words(value: Any) -> str:
    """A cell as its reader would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f") if abs(value) < 1e18 else repr(value)
    return str(value)


def _fit(cell: str, line: int) -> str:
    cell = cell.strip()
    if len(cell) > MAX_CELL:
        raise TooLarge("sheet_cell", where="file", max=MAX_CELL, line=line)
    return cell


def guarded(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula; numbers stay numbers."""
    return f"'{cell}" if cell.startswith(_RISKY) and not _PLAIN_NUMBER.fullmatch(cell) else cell


def _unguarded(cell: str) -> str:
    """What stood in a cell before `guarded`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RISKY) else cell


def write_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a mark, as spreadsheet programs expect it, every cell guarded."""
    out = StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")
