"""Fields of files judge what is sent by their own settings."""
from __future__ import annotations

import pytest

from app.core.errors import Problem, TooLarge
from tests.forms.kit import small

FORM = small({"id": "f_f", "type": "file", "accept": [".pdf"], "max_mb": 1},
             {"id": "f_m", "type": "media", "accept": ["audio/*"]},
             {"id": "f_i", "type": "images", "compress": {"max_edge": 320}})


def refusal(name: str, data: bytes, called: str) -> str:
    field = FORM.fields[name]
    with pytest.raises(Problem) as caught:
        field.type.accept(field, data, called)
    return caught.value.code


def test_a_kind_that_the_field_does_not_list_is_refused() -> None:
    assert refusal("f_f", b"a,b\n1,2\n", "a.csv") == "file_type_refused"
    field = FORM.fields["f_f"]
    assert field.type.accept(field, b"%PDF-1.7\n", "a.pdf").mime == "application/pdf"
    video = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(64)
    assert refusal("f_m", video, "a.mp4") == "file_not_media"


def test_what_is_larger_than_the_field_allows_is_refused() -> None:
    field = FORM.fields["f_f"]
    with pytest.raises(TooLarge):
        field.type.accept(field, b"%PDF-" + bytes(1024 * 1024), "a.pdf")
