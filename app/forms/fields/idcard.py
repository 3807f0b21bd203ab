"""A Chinese resident identity number: 18 places, a day of birth, a check digit. Personal by nature."""
from __future__ import annotations

import re
from typing import Any

from app.core.errors import Problem
from app.core.expressions.dates import local_day, parse_day
from app.core.expressions.errors import Fail
from app.forms.base import Asking, Field, FieldType, Sensitive, names
from app.forms.text import clean_text, kind_ascii

_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_SPACES = re.compile(r"[\s-]+")
_CHECK = "10X98765432"  # by the weighted sum modulo 11; the weights are the powers of two modulo 11
_FIRST_BIRTH = "1850-01-01"


class IdCard(FieldType):
    type = "idcard"
    label = names("身份证号", "Identity number")
    group = "contact"
    icon = "idcard"
    usual_mask = "idcard"
    operators = ("eq", "ne", "in", "not_in", "starts", "empty", "not_empty")
    in_rows = False  # cells of a table are not sealed
    sensitive = Sensitive("idcard")

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        number = _SPACES.sub("", kind_ascii(clean_text(raw, max_length=60))).upper()
        if not number:
            return None
        if not _NUMBER.fullmatch(number):
            raise Problem("answer_not_idcard")
        if number[17] != check_digit(number[:17]) or not _born(number, asking):
            raise Problem("answer_idcard_wrong")
        return number

    def sample(self, field: Field) -> Any:
        return "11010519491231002X"


def check_digit(digits: str) -> str:
    """The eighteenth place of an identity number whose first seventeen are `digits`."""
    return _CHECK[sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits)) % 11]


def _born(number: str, asking: Asking) -> bool:
    """Whether the day of birth exists and is not to come."""
    try:
        born = parse_day(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except Fail:
        return False
    return parse_day(_FIRST_BIRTH) <= born <= local_day(asking.env.now_ms, asking.env.tz)
