"""No text makes a pattern of ours think for long: looked at in the patterns themselves, so that no clock is needed."""
from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from app import new_catalog
from app.core.errors import Invalid
from app.forms.schema import load_form
from app.logs import hide


def found(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """Patterns in a module's names and in what they hold."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for inner in value.values():
            yield from found(inner, depth + 1)
    elif depth < 4 and isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from found(inner, depth + 1)
    elif depth < 4 and isinstance(value, type) and value.__module__.startswith("app."):
        for name, inner in vars(value).items():
            if name == "_declared_fields":  # of marshmallow schemas
                yield from (field.pattern for field in inner.values() if isinstance(field, object)
                            and isinstance(getattr(field, "pattern", None), re.Pattern))
            else:
                yield from found(inner, depth + 1)


def delimited(body: Any) -> bool:
    """Whether a repeated part begins with a letter that it cannot hold otherwise: there is one way to read it."""
    while len(body) == 1 and body[0][0] is sre.SUBPATTERN:
        body = body[0][1][-1]
    if not len(body) or body[0][0] is not sre.LITERAL:
        return False
    mark, rest = body[0][1], list(body)[1:]
    return all(op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and len(argument[2]) == 1 and argument[2][0][0] is sre.IN
               and not any(what is sre.NEGATE or what is sre.CATEGORY or (what is sre.LITERAL and value == mark)
                           or (what is sre.RANGE and value[0] <= mark <= value[1]) for what, value in argument[2][0][1])
               for op, argument in rest)


def nested(tokens: Any, inside: bool = False) -> bool:
    """Whether something repeated without end holds something repeated without end: (a+)+ takes 2ⁿ steps."""
    for op, argument in tokens:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            endless = argument[1] is sre.MAXREPEAT
            if (endless and inside) or nested(argument[2], inside or (endless and not delimited(argument[2]))):
                return True
        elif op is sre.SUBPATTERN:
            if nested(argument[-1], inside):
                return True
        elif op is sre.BRANCH:
            if any(nested(branch, inside) for branch in argument[1]):
                return True
        elif op in (sre.ASSERT, sre.ASSERT_NOT) and nested(argument[1], inside):
            return True
    return False


def test_the_check_knows_a_bad_pattern_when_it_sees_one() -> None:
    assert nested(parser.parse("(a+)+b")) and nested(parser.parse("(?:x|(y*z)*)"))
    assert nested(parser.parse(r"(\.[a-z.]+)*")) and not nested(parser.parse(r"(\.[a-z]+)*"))
    assert not nested(parser.parse("(a{1,3})+b+")) and not nested(parser.parse("(?:-[a-z]+)?x*"))


def test_no_pattern_repeats_a_repetition() -> None:
    new_catalog()
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "app"]
    patterns = {pattern for module in modules for value in list(vars(module).values()) for pattern in found(value)}
    assert len(patterns) > 40
    assert [pattern.pattern for pattern in patterns if nested(parser.parse(pattern.pattern, pattern.flags))] == []


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", ".*", "digits|letters_digits"])
def test_nobody_brings_a_pattern_of_their_own(pattern: str) -> None:
    form = {"schema": "danflow/form/1", "key": "a", "title": "a",
            "fields": [{"id": "f_a", "type": "text", "label": "a", "pattern": pattern}]}
    with pytest.raises(Invalid) as caught:
        load_form(form, new_catalog())
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("form_key_choice", "fields[0].pattern")]


@pytest.mark.parametrize("text", ["a", "a.", "x@", "x@a", "://", "1", "?key=", "/f/", "-"])
def test_a_long_text_in_the_log_is_read_once(text: str) -> None:
    long = text * (1_000_000 // len(text))  # would take hours if each letter were looked at from each letter on
    assert len(hide(long)) > 0
