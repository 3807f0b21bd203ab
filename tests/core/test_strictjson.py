import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import strictjson
from app.core.errors import Malformed, Problem, TooLarge

LIMIT = 10_000


@pytest.mark.parametrize(("text", "code"), [
    ('{"a": 1, "a": 2}', "json_duplicate_key"),
    ("[" * 5000 + "]" * 5000, "json_too_deep"),
    ('{"a": NaN}', "json_number"),
    ('{"a": -Infinity}', "json_number"),
    ("9" * 5000, "json_number"),
    ('{"a": }', "json_syntax"),
    ('"\\ud800"', "json_not_utf8"),
    (b"\xff\xfe", "json_not_utf8"),
])
def test_refuses_what_two_readers_may_understand_differently(text: str | bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        strictjson.loads(text, max_bytes=20_000)
    assert caught.value.code == code
    assert caught.value.message("zh") != code


def test_names_the_limit_before_parsing() -> None:
    with pytest.raises(TooLarge) as caught:
        strictjson.loads(b"[" * 2048, max_bytes=1024)
    assert "1 KB" in caught.value.message("en")


def test_brackets_inside_strings_are_text() -> None:
    assert strictjson.loads('"[[[[\\"[["', max_bytes=100, max_depth=1) == '[[[["[['


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=20))
def test_reads_what_json_writes(value: object) -> None:
    text = json.dumps(value)
    try:
        assert strictjson.loads(text, max_bytes=LIMIT * 100) == value
    except Problem as problem:
        assert problem.code in {"json_too_deep", "json_not_utf8"}


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_never_raises_anything_but_a_refusal(data: str | bytes) -> None:
    with contextlib.suppress(Problem):
        strictjson.loads(data, max_bytes=LIMIT)
