"""What a customer's first visit transfers: the page of a form of twenty fields with rules, its styles and scripts."""
from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.entries.kinds import publish

BUDGET = 30 * 1024  # bytes, compressed as they travel
_PARTS = re.compile(r'(?:src|href|data-core|data-script)="(/static/dist/[^"]+)"')
Fetch = Callable[[str], tuple[str | None, bytes]]  # path → Content-Encoding, body as it was transferred


def _options(*labels: str) -> list[dict[str, str]]:
    return [{"id": f"o_{n}", "label": label} for n, label in enumerate(labels, 1)]


FIELDS: list[dict[str, Any]] = [
    {"id": "f_name", "type": "text", "label": "称呼", "section": "s_who", "required": True},
    {"id": "f_phone", "type": "phone", "label": "手机号", "section": "s_who", "required": True},
    {"id": "f_mail", "type": "email", "label": "邮箱", "section": "s_who"},
    {"id": "f_store", "type": "select", "label": "购买门店", "section": "s_who",
     "options": _options("西湖店", "滨江店", "余杭店", "萧山店", "线上商城")},
    {"id": "f_order", "type": "text", "label": "订单号", "section": "s_what", "hint": "在小票或订单详情里"},
    {"id": "f_day", "type": "date", "label": "购买日期", "section": "s_what", "required": True},
    {"id": "f_kind", "type": "radio", "label": "想怎么处理", "section": "s_what", "required": True,
     "options": _options("退货", "换货", "维修", "其他")},
    {"id": "f_fault", "type": "checkbox", "label": "遇到的问题", "section": "s_what",
     "options": _options("外观破损", "不能开机", "少了配件", "声音异常")},
    {"id": "f_goods", "type": "text", "label": "商品名称", "section": "s_what", "required": True},
    {"id": "f_price", "type": "money", "label": "单价", "section": "s_what"},
    {"id": "f_count", "type": "number", "label": "数量", "section": "s_what", "unit": "件"},
    {"id": "f_sum", "type": "computed", "label": "合计", "section": "s_what", "result": "money",
     "formula": "ROUND({{form.f_price}} * {{form.f_count}}, 2)"},
    {"id": "f_swap", "type": "text", "label": "想换成什么", "section": "s_what"},
    {"id": "f_urgent", "type": "switch", "label": "急着用", "section": "s_how"},
    {"id": "f_until", "type": "date", "label": "最晚哪天要", "section": "s_how"},
    {"id": "f_visit", "type": "time", "label": "方便联系的时间", "section": "s_how"},
    {"id": "f_body", "type": "textarea", "label": "经过", "section": "s_how", "required": True, "max_length": 500},
    {"id": "f_photos", "type": "images", "label": "照片", "section": "s_how"},
    {"id": "f_star", "type": "rating", "label": "对客服的印象", "section": "s_how"},
    {"id": "f_ok", "type": "consent", "label": "我已阅读并同意隐私政策", "section": "s_how", "required": True,
     "policy": {"doc": "privacy", "version": "1"}},
]
SECTIONS = [{"id": "s_who", "title": "您的信息"}, {"id": "s_what", "title": "商品"}, {"id": "s_how", "title": "情况"}]


def _rule(number: int, field: str, op: str, value: Any, **action: Any) -> dict[str, Any]:
    when = {"ref": f"form.{field}", "op": op, **({"value": value} if value is not None else {})}
    return {"id": f"r_{number}", "when": when, "then": [action]}


RULES = [
    _rule(1, "f_kind", "eq", "o_2", do="show", target="f_swap"),
    _rule(2, "f_kind", "eq", "o_2", do="require", target="f_swap"),
    _rule(3, "f_urgent", "eq", True, do="show", target="f_until"),
    _rule(4, "f_fault", "has_any", ["o_1"], do="require", target="f_photos"),
    _rule(5, "f_sum", "gt", "5000", do="require", target="f_order"),
    _rule(6, "f_day", "gt", {"rel": "today"}, do="error", target="f_day", message="购买日期不能晚于今天。"),
]


def door(app: Flask) -> str:
    """Publish the form and return the path of its door."""
    return publish(app, *FIELDS, sections=SECTIONS, rules=RULES)


def transferred(fetch: Fetch, path: str) -> dict[str, int]:
    """Bytes of the page at `path` and of everything it loads at once, by file name ("page" for itself)."""
    encoding, body = fetch(path)
    page = gzip.decompress(body) if encoding == "gzip" else body
    parts = {"page": body} | {part.split("?")[0].rpartition("/")[2]: fetch(part)[1]
                              for part in set(_PARTS.findall(page.decode()))}
    return {name: len(data) for name, data in parts.items()}
