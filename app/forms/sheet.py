"""A spreadsheet's header row → a draft form. Types are guessed from the words above and the cells below them."""
from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.core.errors import Problem
from app.forms.text import clean_text

MAX_ROWS, HEAD = 500, 10
MAX_OPTIONS, MAX_OPTION = 12, 30
#: Words in a header → the type that fits, if this installation has it. The more telling come first.
WORDS: tuple[tuple[str, str], ...] = (
    (r"手机|mobile|cell ?phone", "phone"),
    (r"电话|联系方式|phone|tel\b", "phone"),
    (r"邮箱|电子邮件|e-?mail", "email"),
    (r"身份证|证件号|id card", "idcard"),
    (r"签名|签字|signature", "signature"),
    (r"照片|图片|截图|拍照|photo|picture|image", "images"),
    (r"附件|文件|attachment", "file"),
    (r"网址|链接|url|website", "url"),
    (r"评分|满意度|星级|rating|stars", "rating"),
    (r"是否|yes/no", "switch"),
    (r"金额|价格|单价|费用|价款|赔付|付款|price|amount|cost|fee", "money"),
    (r"数量|件数|人数|年龄|次数|面积|quantity|qty|count|age\b", "number"),
    (r"时间|time\b", "datetime"),
    (r"日期|生日|期限|\bdate|birthday", "date"),
    (r"地址|address", "address"),
    (r"备注|说明|描述|原因|经过|情况|意见|建议|remark|note|description|reason|comment", "textarea"),
)
_REQUIRED = re.compile(r"[*＊]|[（(]\s*(?:必填|required)\s*[)）]", re.IGNORECASE)
_COUNTING = re.compile(r"序号|no\.?|#|编号|行号", re.IGNORECASE)
_YES_NO = {"是", "否", "有", "无", "yes", "no", "y", "n", "true", "false"}
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_DAY = r"[0-9]{4}[-/年.][0-9]{1,2}[-/月.][0-9]{1,2}日?"
#: What the cells of a type look like.
_SHAPES = {
    "phone": re.compile(r"[+0-9][0-9 ()-]{6,19}"), "email": re.compile(r"\S+@\S+"), "money": _NUMBER, "number": _NUMBER,
    "rating": re.compile(r"[0-9]"), "date": re.compile(_DAY), "datetime": re.compile(rf"{_DAY}( [0-9:]{{4,8}})?"),
}
_LONG = 40  # characters from which an answer wants more than a line


def form_of_sheet(lines: Sequence[Sequence[str]], title: str, locale: str, types: Collection[str]) -> dict[str, Any]:
    """A draft `danflow/form/1` with a field for each column. `lines`: a sheet's cells as text; `types`: what there is.

    Raises Problem("sheet_no_header").
    """
    head = lines[:HEAD]
    widest = max((_width(line) for line in head), default=0)
    # A title above the header is one cell; the header names most columns.
    at = next((index for index, line in enumerate(head) if _width(line) * 2 > widest), 0)
    rows = lines[at + 1:at + 1 + MAX_ROWS]
    fields: list[dict[str, Any]] = []
    for index, words in enumerate(head[at] if head else ()):
        cells = [text for row in rows if index < len(row) and (text := _text(row[index]))]
        field = _field(len(fields) + 1, _text(words), cells, types)
        if field:
            fields.append(field)
    if not fields:
        raise Problem("sheet_no_header")
    return {"schema": "danflow/form/1", "key": "form", "locale": locale, "title": title, "fields": fields}


def _width(line: Sequence[str]) -> int:
    return sum(_text(cell) != "" for cell in line)


def _text(cell: str) -> str:
    """A cell on one line, without what no label may hold."""
    try:
        return " ".join(clean_text(cell[:300], max_length=300, lines=True).split())
    except Problem:
        return ""  # half a character: nothing that could be a label


def _field(number: int, words: str, cells: Sequence[str], types: Collection[str]) -> dict[str, Any] | None:
    """A field for one column; None for a column that only counts rows."""
    label = _REQUIRED.sub("", words).strip()[:100]
    if not label or (_COUNTING.fullmatch(label) and all(_NUMBER.fullmatch(cell) for cell in cells)):
        return None
    kind, settings = _guess(label, cells, types)
    required = {"required": True} if _REQUIRED.search(words) else {}
    return {"id": f"f_{number}", "type": kind, "label": label, **required, **settings}


def _guess(label: str, cells: Sequence[str], types: Collection[str]) -> tuple[str, Mapping[str, Any]]:
    for pattern, kind in WORDS:
        if kind in types and re.search(pattern, label, re.IGNORECASE) and _fits(kind, cells):
            return kind, {}
    for kind in ("date", "datetime", "switch", "number"):
        if cells and kind in types and _fits(kind, cells):
            return kind, {}
    options = list(dict.fromkeys(cells))
    if len(cells) >= 6 and 2 <= len(options) <= min(MAX_OPTIONS, len(cells) // 2) and \
            all(len(text) <= MAX_OPTION for text in options):
        rows = [{"id": f"o_{number}", "label": text} for number, text in enumerate(options, 1)]
        return ("radio" if len(rows) <= 5 else "select"), {"options": rows}
    return ("textarea" if any(len(text) > _LONG for text in cells) else "text"), {}


def _fits(kind: str, cells: Sequence[str]) -> bool:
    """Whether no cell speaks against a kind; empty columns never do."""
    if kind == "switch":
        return {text.lower() for text in cells} <= _YES_NO
    pattern = _SHAPES.get(kind)
    return pattern is None or all(pattern.fullmatch(text.replace(",", "").lstrip("¥￥$")) for text in cells)
